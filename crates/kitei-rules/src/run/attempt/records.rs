//! Opening, changing, closing, disposing of and erasing a record.
//!
//! Invariant: values are checked before they are set, and what must be filled is judged on the record with them in.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Attempt;
use crate::{
    pack::model::{Skip, Stage, Text},
    run::{
        Kernel,
        command::{Change, Objection, Values},
        validate::at_field,
    },
    value::Value,
    world::{Record, Stored},
};

impl Attempt<'_> {
    pub(super) fn create(&mut self, register: &str, fields: &Values, lines: &BTreeMap<String, Vec<Values>>) {
        let book = self.book;
        let Some(rule) = book.register(register) else {
            self.refuse(
                "not-found",
                Vec::new(),
                format!("台帳「{register}」はありません。"),
                format!("There is no register \"{register}\"."),
            );
            return;
        };
        let id = (self.ids)();
        self.put(Change::Opened { record: id, register: register.to_owned(), by: self.doer() });
        self.plan.record = Some(id);
        let Some(record) = self.snapshot.record(id).cloned() else { return };
        let mut values = self.kernel().defaults(&record, None);
        values.extend(fields.iter().map(|(field, value)| (field.clone(), value.clone())));
        let kind_of = |id: &str| rule.field(id).map(|field| field.kind).unwrap_or_default();
        values.retain(|field, value| value.is_said(kind_of(field)));
        let (refused, warned) = self.kernel().value_objections(&record.register, &rule.fields, &values);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        if !self.may_write_new(&rule.write, &rule.owner, &record, &values) {
            return;
        }
        let known_at = self.happened();
        let verdict = Kernel::new(self.book, self.snapshot, self.moment)
            .acting(self.actor)
            .changing(&values)
            .gates(&record, "create", None, &values);
        self.take(verdict);
        let reason = self.circumstances.reason.clone();
        self.put(Change::FieldsSet { record: id, fields: values, known_at, reason, act: None });
        // Whoever gives the lines of a list gives them all.
        for list in rule.lists.iter().filter(|list| !lines.contains_key(&list.id)) {
            for start in &list.start {
                let values: Values = start
                    .iter()
                    .filter_map(|(field, literal)| {
                        let kind = list.fields.iter().find(|known| known.id == *field)?.kind;
                        Some((field.clone(), crate::rulebook::literal(kind, literal)?))
                    })
                    .collect();
                let line = (self.ids)();
                let fields = self.with_defaults(id, list, line, values);
                self.put(Change::LineAdded { record: id, list: list.id.clone(), line, fields, known_at });
            }
        }
        for (list, rows) in lines {
            for row in rows {
                self.line_in(id, list, row, known_at);
            }
        }
        if let Some(record) = self.snapshot.record(id).cloned() {
            let missing = self.kernel().missing(&record, None, Stage::Save);
            if self.gaps_allowed {
                self.plan.gaps = missing;
            } else {
                self.verdict.refused.extend(missing);
            }
            self.judge_appointment(&record);
        }
        self.follow(id, "create");
    }

    /// Sets up an organisation without asking; a person's appointments are judged.
    fn judge_appointment(&mut self, record: &Record) {
        if self.depth == 0 {
            let verdict = self.kernel().appointment(record);
            self.take(verdict);
        }
    }

    fn may_write_new(&mut self, write: &[String], owner: &[String], record: &Record, values: &Values) -> bool {
        // Who may write can depend on the department that is being typed.
        let mut typed = record.clone();
        let now = self.moment.now;
        for (field, value) in values {
            let stored = Stored { value: value.clone(), known_at: now, recorded_at: now };
            typed.fields.insert(field.clone(), stored);
        }
        let kernel = self.kernel();
        let mut targets = kernel.all_targets(&typed, write);
        targets.extend(kernel.all_targets(&typed, owner));
        // An effect opens records for the organisation; a person needs the right.
        let allowed = self.depth > 0 || kernel.is_meant(self.actor.person, &targets);
        if !allowed {
            self.refuse(
                "not-yours",
                Vec::new(),
                "この台帳に登録できる役割ではありません。",
                "Your roles do not enter records here.",
            );
        }
        allowed
    }

    pub(super) fn change(&mut self, id: Uuid, fields: &Values) {
        let Some(record) = self.open_record(id) else { return };
        if self.depth == 0 && !self.may_write(&record) {
            return;
        }
        let changed: Values = fields
            .iter()
            .filter(|(field, value)| record.fields.get(*field).map_or(&Value::Empty, |stored| &stored.value) != *value)
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect();
        if changed.is_empty() {
            return;
        }
        if self.depth == 0 && self.through_application(&record, &changed) {
            return;
        }
        self.set_fields(&record, changed, None);
        self.follow(id, "change");
    }

    /// Checks and sets fields of a record.
    pub(in crate::run) fn set_fields(&mut self, record: &Record, values: Values, act: Option<&str>) {
        let Some(rule) = self.book.register(&record.register) else { return };
        let lacking = self.kernel().missing(record, None, Stage::Save);
        let (refused, warned) = self.kernel().value_objections(&record.register, &rule.fields, &values);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        let verdict = Kernel::new(self.book, self.snapshot, self.moment)
            .acting(self.actor)
            .changing(&values)
            .gates(record, "change", None, &values);
        self.take(verdict);
        self.overrides_need_reason(record, &values);
        let (known_at, reason) = (self.happened(), self.circumstances.reason.clone());
        let act = act.map(str::to_owned);
        self.put(Change::FieldsSet { record: record.id, fields: values, known_at, reason, act });
        if let Some(after) = self.snapshot.record(record.id).cloned() {
            // A record that came in with gaps is filled bit by bit: a change may not make a gap, but need not fill all.
            let missing = self.kernel().missing(&after, None, Stage::Save).into_iter();
            let made = missing.filter(|gap| lacking.iter().all(|known| known.field != gap.field));
            self.verdict.refused.extend(made);
            self.judge_appointment(&after);
        }
    }

    /// Setting another value than a fact proposes asks for a reason.
    fn overrides_need_reason(&mut self, record: &Record, values: &Values) {
        let Some(facts) = self.book.facts.get(&record.register) else { return };
        let overridden: Vec<(String, Text, Vec<String>)> = facts
            .iter()
            .filter(|(id, fact)| fact.overridable && values.contains_key(*id))
            .map(|(id, fact)| (id.clone(), fact.title.clone(), fact.basis.clone()))
            .collect();
        for (id, title, basis) in overridden {
            self.verdict.asked.push(at_field(
                "override",
                &id,
                &basis,
                format!("「{}」を提案と違う値にする理由を書いてください。", title.ja),
                format!("Say why \"{}\" differs from what is proposed.", title.en),
            ));
        }
    }
    pub(super) fn close(&mut self, id: Uuid) {
        let Some(record) = self.open_record(id) else { return };
        if self.depth == 0 && !self.may_write(&record) {
            return;
        }
        let kernel = self.kernel();
        let mut found = kernel.missing(&record, None, Stage::Close);
        for standing in kernel.standing(&record) {
            if standing.holds_open && !standing.status.settled() && standing.skip != Skip::Free {
                found.push(Objection {
                    code: "open-step".to_owned(),
                    field: None,
                    source: Some(standing.act.clone()),
                    clauses: standing.basis().into_iter().map(str::to_owned).collect(),
                    message: Text {
                        ja: format!(
                            "「{}」が済んでいません。行うか、該当しない理由を書いてください。",
                            standing.title.ja
                        ),
                        en: format!("\"{}\" is open: do it or say why it does not apply.", standing.title.en),
                    },
                });
            }
        }
        let verdict = kernel.gates(&record, "close", None, &Values::new());
        self.verdict.refused.extend(found);
        self.take(verdict);
        self.put(Change::Closed { record: id });
        self.follow(id, "close");
    }

    /// Closes a record as a consequence of a deed, under the same conditions as by hand.
    pub(in crate::run) fn close_by_itself(&mut self, id: Uuid) {
        self.close(id);
    }
}
