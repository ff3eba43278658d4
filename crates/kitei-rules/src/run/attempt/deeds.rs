//! Doing and leaving out an act that a step asks for.
//!
//! Invariant: what a step needs, demands and gates is judged with the form's own answers in.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Attempt;
use crate::{
    book::{Book, BookStep},
    expr::Compiled,
    pack::model::{Skip, Text},
    rulebook::FieldRule,
    run::{
        apply::apply,
        command::{Change, Objection, Values},
        standing::{ActStanding, Asking, Status},
        validate::at_field,
    },
    value::Truth,
    world::{DeedStatus, Record},
};

impl<'a> Attempt<'a> {
    fn act_standing(&mut self, record: &Record, act: &str) -> Option<ActStanding> {
        let standing = self.kernel().standing(record).into_iter().find(|standing| standing.act == act);
        if standing.is_none() {
            let title = self.book.act_title(act);
            self.refuse(
                "not-asked",
                Vec::new(),
                format!("「{}」はこの記録では求められていません。", title.ja),
                format!("\"{}\" is not asked for on this record.", title.en),
            );
        }
        standing
    }

    fn may_do(&mut self, standing: &ActStanding) -> bool {
        let allowed = self.kernel().is_meant(self.actor.person, &standing.by);
        if !allowed {
            let clauses = standing.basis().into_iter().map(str::to_owned).collect();
            self.refuse(
                "not-yours",
                clauses,
                format!("「{}」を行う役割ではありません。", standing.title.ja),
                format!("\"{}\" is not for your roles.", standing.title.en),
            );
        }
        allowed
    }

    pub(super) fn act(&mut self, id: Uuid, act: &str, fields: &Values) {
        let Some(record) = self.open_record(id) else { return };
        let Some(standing) = self.act_standing(&record, act) else { return };
        if !self.may_do(&standing) || !self.may_begin(&standing) {
            return;
        }
        let own = self.book.names.acts.get(act).map(|rule| rule.fields.clone()).unwrap_or_default();
        let (of_act, of_record): (Values, Values) = fields
            .iter()
            .map(|(field, value)| (field.clone(), value.clone()))
            .partition(|(field, _)| own.iter().any(|known| known.id == *field));
        let (refused, warned) = self.kernel().value_objections("", &own, &of_act);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        if !of_record.is_empty() {
            self.set_fields(&record, of_record, Some(act));
        }
        let mut standing = standing;
        if !self.bind(id, &mut standing, &of_act) {
            return;
        }
        let done = if standing.approvals.sets.is_empty() { DeedStatus::Done } else { DeedStatus::Submitted };
        self.deed(id, &standing, done, of_act);
        self.check_deed(id, act, &standing);
        if done == DeedStatus::Done {
            self.follow(id, &format!("approved:{act}"));
        }
        self.follow(id, &format!("act:{act}"));
    }

    /// Judges which steps bind the deed with the form's own answers in. What an answer calls for binds as if it had been
    /// asked before, or a form could escape the approvals and demands of a track by the very answer that calls for it;
    /// what was asked for certain still binds, whatever the form says; what was asked only because nobody knew and is now
    /// known not to hold does not.
    ///
    /// `false` when a step that the form calls for cannot be done yet; the objection is noted.
    fn bind(&mut self, id: Uuid, standing: &mut ActStanding, fields: &Values) -> bool {
        let Some(before) = self.snapshot.records.get(&id).cloned() else { return false };
        let mut answered = Record::clone(&before);
        let deed = Change::Deed {
            record: id,
            act: standing.act.clone(),
            round: standing.round,
            status: DeedStatus::Submitted,
            by: self.doer(),
            acting_for: None,
            happened_at: self.happened(),
            fields: fields.clone(),
            reason: None,
        };
        apply(&mut answered, &deed, self.moment.now);
        self.snapshot.put(answered.clone());
        let after = self.kernel().standing(&answered).into_iter().find(|other| other.act == standing.act);
        self.snapshot.put(before);
        let same = |one: &Asking, other: &Asking| {
            (&one.pack, &one.track, one.position) == (&other.pack, &other.track, other.position)
        };
        let asked = |by: &[Asking], asking: &Asking| by.iter().any(|other| same(other, asking));
        let now = after.as_ref().map(|after| after.asked_by.as_slice()).unwrap_or_default();
        let turned_off = |asking: &Asking| !asked(now, asking);
        let escaped = standing.asked_by.iter().any(|asking| asking.truth == Truth::Yes && turned_off(asking));
        standing.asked_by.retain(|asking| asking.truth == Truth::Yes || !turned_off(asking));
        let woken: Vec<Asking> = now.iter().filter(|new| !asked(&standing.asked_by, new)).cloned().collect();
        let held_back =
            woken.iter().map(|asking| asking.status).find(|s| matches!(s, Status::Locked | Status::Blocked));
        standing.asked_by.extend(woken);
        let sets = after.as_ref().map(|after| after.approvals.sets.clone()).unwrap_or_default();
        if escaped {
            standing.approvals.sets.extend(sets);
        } else {
            standing.approvals.sets = sets;
        }
        let Some(after) = after else { return true };
        standing.lines = after.lines.or(standing.lines);
        let Some(status) = held_back else { return true };
        let waits = ActStanding { status, why: after.why, ..standing.clone() };
        self.may_begin(&waits)
    }

    fn may_begin(&mut self, standing: &ActStanding) -> bool {
        let clauses: Vec<String> = standing.basis().into_iter().map(str::to_owned).collect();
        let why = |pick: fn(&Text) -> &String| standing.why.iter().map(pick).cloned().collect::<Vec<_>>().join("。");
        let (title, ja, en) = (&standing.title, why(|text| &text.ja), why(|text| &text.en));
        match standing.status {
            Status::Open | Status::Returned => true,
            Status::Done | Status::Skipped | Status::Submitted => {
                self.refuse(
                    "done",
                    clauses,
                    format!("「{}」は済んでいます。", title.ja),
                    format!("\"{}\" is done.", title.en),
                );
                false
            }
            Status::Locked | Status::Blocked | Status::Waiting => {
                let code = if standing.status == Status::Waiting { "waiting" } else { "blocked" };
                self.refuse(
                    code,
                    clauses,
                    format!("「{}」はまだ行えません。{ja}", title.ja),
                    format!("\"{}\" cannot be done yet: {en}", title.en),
                );
                false
            }
        }
    }

    fn deed(&mut self, id: Uuid, standing: &ActStanding, status: DeedStatus, fields: Values) {
        let acting_for = self.kernel().acting_for(self.actor.person, &standing.by);
        self.put(Change::Deed {
            record: id,
            act: standing.act.clone(),
            round: standing.round,
            status,
            by: self.doer(),
            acting_for,
            happened_at: self.happened(),
            fields,
            reason: self.circumstances.reason.clone(),
        });
    }

    /// What a step needs once its form is in: filled fields, demands, gates, lines gone through.
    fn check_deed(&mut self, id: Uuid, act: &str, standing: &ActStanding) {
        let Some(after) = self.snapshot.record(id).cloned() else { return };
        let mut found = Vec::new();
        let kernel = self.kernel();
        let deed = kernel.deed(&after, act);
        let steps = self.steps_asking(act, standing);
        // What is needed under a condition is judged with the form's own answers in.
        let mut needs: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        for step in &steps {
            let asked = |when: &&(String, Compiled)| kernel.truth(&when.1, id, None).possible();
            let conditional = step.needs_when.iter().filter(asked).map(|(field, _)| field);
            for field in step.step.needs.iter().chain(conditional) {
                needs.entry(field).or_default().extend(step.step.meta.basis.iter().cloned());
            }
        }
        for (field, clauses) in needs {
            let in_act = deed.and_then(|deed| deed.fields.get(field));
            let value = in_act.cloned().unwrap_or_else(|| kernel.value(&after, field));
            let kind = self.field_rule(&after.register, act, field).map(|rule| rule.kind).unwrap_or_default();
            let lines = after.lines.get(field).is_some_and(|lines| lines.iter().any(|line| !line.erased));
            if !value.is_said(kind) && !lines {
                let title = self.field_title(&after.register, act, field);
                found.push(at_field(
                    "needs",
                    field,
                    &clauses,
                    format!("「{}」が必要です。", title.ja),
                    format!("\"{}\" is needed.", title.en),
                ));
            }
        }
        for step in steps {
            for (demand, holds) in &step.demands {
                if !kernel.truth(holds, id, None).certain() {
                    let basis = if demand.meta.basis.is_empty() { &step.step.meta.basis } else { &demand.meta.basis };
                    found.push(Objection {
                        code: "demand".to_owned(),
                        field: None,
                        source: Some(act.to_owned()),
                        clauses: basis.clone(),
                        message: demand.message.clone(),
                    });
                }
            }
            if let Some(objection) = lines_left(step, standing) {
                found.push(objection);
            }
        }
        let values = deed.map(|deed| deed.fields.clone()).unwrap_or_default();
        let verdict = kernel.gates(&after, &format!("act:{act}"), None, &values);
        self.verdict.refused.extend(found);
        self.take(verdict);
    }

    fn steps_asking(&self, act: &str, standing: &ActStanding) -> Vec<&'a BookStep> {
        let book: &'a Book = self.book;
        let mut out = Vec::new();
        for tracks in book.tracks.values() {
            for track in tracks {
                let asked = |position: usize| {
                    standing.asked_by.iter().any(|asking| {
                        asking.track == track.track.id
                            && asking.pack == track.track.meta.pack
                            && asking.position == position
                    })
                };
                let steps = track.steps.iter().enumerate().filter(|(at, step)| step.step.act == act && asked(*at));
                out.extend(steps.map(|(_, step)| step));
            }
        }
        out
    }

    /// A field of the act's form: of the act itself, else of the record.
    fn field_rule(&self, register: &str, act: &str, field: &str) -> Option<&FieldRule> {
        let in_act = self.book.names.acts.get(act).and_then(|act| act.fields.iter().find(|known| known.id == field));
        in_act.or_else(|| self.book.field(register, None, field))
    }

    fn field_title(&self, register: &str, act: &str, field: &str) -> Text {
        let list = || self.book.list(register, field).map(|list| list.title.clone());
        self.field_rule(register, act, field)
            .map(|field| field.title.clone())
            .or_else(list)
            .unwrap_or_else(|| Text { ja: field.to_owned(), en: field.to_owned() })
    }

    pub(super) fn skip(&mut self, id: Uuid, act: &str) {
        let Some(record) = self.open_record(id) else { return };
        let Some(standing) = self.act_standing(&record, act) else { return };
        if !self.may_do(&standing) {
            return;
        }
        let clauses: Vec<String> = standing.basis().into_iter().map(str::to_owned).collect();
        if standing.status.settled() {
            self.refuse("done", clauses, "もう済んでいます。", "It is settled already.");
            return;
        }
        match standing.skip {
            Skip::Never => self.refuse(
                "skip",
                clauses,
                format!("「{}」は省けません。", standing.title.ja),
                format!("\"{}\" cannot be left out.", standing.title.en),
            ),
            Skip::Reason if self.circumstances.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) => {
                self.verdict.asked.push(Objection {
                    code: "skip-reason".to_owned(),
                    field: None,
                    source: Some(act.to_owned()),
                    clauses,
                    message: Text {
                        ja: format!("「{}」が該当しない理由を書いてください。", standing.title.ja),
                        en: format!("Say why \"{}\" does not apply.", standing.title.en),
                    },
                });
            }
            Skip::Reason | Skip::Free => {}
        }
        let verdict = self.kernel().gates(&record, &format!("skip:{act}"), None, &Values::new());
        self.take(verdict);
        self.deed(id, &standing, DeedStatus::Skipped, Values::new());
        self.follow(id, &format!("skip:{act}"));
    }
}

fn lines_left(step: &BookStep, standing: &ActStanding) -> Option<Objection> {
    let (done, all) = standing.lines?;
    (step.step.each.is_some() && step.until.is_some() && done < all).then(|| Objection {
        code: "lines-left".to_owned(),
        field: step.step.each.clone(),
        source: Some(standing.act.clone()),
        clauses: step.step.meta.basis.clone(),
        message: Text {
            ja: format!("{all}件のうち{}件が残っています。", all - done),
            en: format!("{} of {all} lines are left.", all - done),
        },
    })
}
