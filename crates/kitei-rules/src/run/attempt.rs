//! Somebody does something: whether it may be done, what changes, who is told.
//!
//! The order is the same for every command: permission → the values themselves → what the act needs → gates → changes →
//! effects in other records → notices. Every objection is collected before refusing, so that a person sees all at once.
//!
//! Invariant: a refusal leaves the snapshot as it was.
//! Invariant: nobody approves what they did themselves while somebody else of sufficient rank is left.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Kernel,
    apply::{apply, blank},
    command::{Change, Circumstances, Command, Notice, Objection, Plan, Refusal, Values},
    gate::Verdict,
    standing::{ActStanding, Status},
    validate::at_field,
    who::Target,
};
use crate::{
    book::Book,
    expr::Actor,
    pack::model::{Skip, Stage, Text},
    value::Value,
    world::{DeedStatus, Moment, Record, Snapshot, State},
};

/// Everything an attempt works with.
#[expect(missing_debug_implementations, reason = "it borrows a source of ids")]
pub struct Attempt<'a> {
    /// Rulebook.
    pub book: &'a Book,
    /// What is loaded; holds the records as they will be when the attempt succeeds.
    pub snapshot: &'a mut Snapshot,
    /// Now.
    pub moment: &'a Moment,
    /// Who is doing it; a person id of nobody (nil) for a report without sign-in.
    pub actor: &'a Actor,
    /// When it happened, reason, on whose behalf.
    pub circumstances: &'a Circumstances,
    /// Fresh ids, one for each record and line that is opened.
    pub ids: &'a mut dyn FnMut() -> Uuid,
    pub(super) plan: Plan,
    pub(super) verdict: Verdict,
    undo: Vec<(Uuid, Option<Record>)>,
    pub(super) depth: usize,
}

impl<'a> Attempt<'a> {
    /// Prepares an attempt.
    pub fn new(
        book: &'a Book,
        snapshot: &'a mut Snapshot,
        moment: &'a Moment,
        actor: &'a Actor,
        circumstances: &'a Circumstances,
        ids: &'a mut dyn FnMut() -> Uuid,
    ) -> Self {
        Self {
            book,
            snapshot,
            moment,
            actor,
            circumstances,
            ids,
            plan: Plan::default(),
            verdict: Verdict::default(),
            undo: Vec::new(),
            depth: 0,
        }
    }

    /// The organisation itself acts (sample data, effects of time): no permission is asked, everything else is.
    #[must_use]
    pub fn for_the_organization(mut self) -> Self {
        self.depth = 1;
        self
    }

    /// Carries a command through. On success the snapshot holds the new state and the plan what to write.
    ///
    /// # Errors
    /// [`Refusal`] with every objection; the snapshot is as before. When `snapshot.missing` is not empty afterwards the
    /// result must be thrown away, the missing things loaded, and the attempt made again.
    pub fn run(mut self, command: &Command) -> Result<Plan, Refusal> {
        self.dispatch(command);
        let asks = self.circumstances.reason.as_ref().is_none_or(|reason| reason.trim().is_empty());
        let asked = std::mem::take(&mut self.verdict.asked);
        let mut refused = std::mem::take(&mut self.verdict.refused);
        let only_reason = refused.is_empty() && asks && !asked.is_empty();
        if asks {
            refused.extend(asked);
        }
        if refused.is_empty() && self.snapshot.missing.borrow().is_empty() {
            self.plan.warnings = std::mem::take(&mut self.verdict.warned);
            return Ok(self.plan);
        }
        for (id, before) in self.undo.into_iter().rev() {
            match before {
                Some(record) => self.snapshot.records.insert(id, record),
                None => self.snapshot.records.remove(&id),
            };
        }
        Err(Refusal { objections: refused, asks_reason: only_reason })
    }

    fn dispatch(&mut self, command: &Command) {
        match command {
            Command::Create { register, fields, lines } => self.create(register, fields, lines),
            Command::Change { record, fields } => self.change(*record, fields),
            Command::AddLine { record, list, fields } => self.add_line(*record, list, fields),
            Command::ChangeLine { record, list, line, fields } => self.change_line(*record, list, *line, fields),
            Command::Act { record, act, fields } => self.act(*record, act, fields),
            Command::Skip { record, act } => self.skip(*record, act),
            Command::Approve { record, act } => self.approve(*record, act),
            Command::Return { record, act } => self.send_back(*record, act),
            Command::Duty { record, act, round, fields } => self.duty(*record, act, *round, fields),
            Command::Close { record } => self.close(*record),
            Command::Dispose { record } => self.dispose(*record),
            Command::Erase { record, line } => self.erase(*record, line.clone()),
        }
    }

    pub(super) fn kernel(&self) -> Kernel<'_> {
        Kernel::new(self.book, self.snapshot, self.moment).acting(self.actor)
    }

    pub(super) fn happened(&self) -> Timestamp {
        self.circumstances.happened_at.unwrap_or(self.moment.now)
    }

    fn doer(&self) -> Option<Uuid> {
        self.circumstances.done_by.or(Some(self.actor.person)).filter(|person| !person.is_nil())
    }

    pub(super) fn refuse(&mut self, code: &str, clauses: Vec<String>, ja: impl Into<String>, en: impl Into<String>) {
        self.verdict.refused.push(Objection {
            code: code.to_owned(),
            field: None,
            source: None,
            clauses,
            message: Text { ja: ja.into(), en: en.into() },
        });
    }

    fn take(&mut self, verdict: Verdict) {
        self.verdict.refused.extend(verdict.refused);
        self.verdict.asked.extend(verdict.asked);
        self.verdict.warned.extend(verdict.warned);
    }

    /// Writes a change into the plan and into the snapshot.
    pub(super) fn put(&mut self, change: Change) {
        let id = change.record();
        let before = self.snapshot.records.get(&id).cloned();
        let mut record = match (&change, &before) {
            (Change::Opened { register, by, .. }, None) => blank(id, register, *by, self.moment.now, self.book.version),
            (_, Some(record)) => record.clone(),
            (_, None) => return,
        };
        apply(&mut record, &change, self.moment.now);
        if before.is_none() {
            self.snapshot.fresh.insert(id);
        }
        self.undo.push((id, before));
        self.snapshot.records.insert(id, record);
        self.plan.changes.push(change);
    }

    /// A record that may be worked on, or an objection.
    fn open_record(&mut self, id: Uuid) -> Option<Record> {
        let record = self.snapshot.record(id).cloned();
        match record {
            None => {
                self.refuse("not-found", Vec::new(), "記録が見つかりません。", "There is no such record.");
                None
            }
            Some(record) if record.state != State::Open => {
                self.refuse(
                    "closed",
                    Vec::new(),
                    "終了した記録は変更できません。",
                    "A closed record cannot be changed.",
                );
                None
            }
            open => open,
        }
    }

    /// Whether the actor may write records of this register.
    fn may_write(&mut self, record: &Record) -> bool {
        let Some(register) = self.book.register(&record.register) else {
            self.refuse("not-found", Vec::new(), "台帳がありません。", "There is no such register.");
            return false;
        };
        let kernel = self.kernel();
        let mut targets = kernel.all_targets(record, &register.write);
        targets.extend(kernel.all_targets(record, &register.owner));
        // Whoever a step names may fill the fields of the record they work on.
        targets.extend(kernel.standing(record).into_iter().flat_map(|standing| standing.by));
        let allowed = kernel.is_meant(self.actor.person, &targets);
        if !allowed {
            self.refuse(
                "not-yours",
                register.basis.clone(),
                format!("「{}」に記入できる役割ではありません。", register.title.ja),
                format!("Your roles do not write \"{}\".", register.title.en),
            );
        }
        allowed
    }

    fn create(&mut self, register: &str, fields: &Values, lines: &BTreeMap<String, Vec<Values>>) {
        let Some(rule) = self.book.register(register).cloned() else {
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
        let mut values = self.kernel().defaults(&record);
        values.extend(fields.iter().map(|(field, value)| (field.clone(), value.clone())));
        values.retain(|_, value| !value.is_empty());
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
        for list in &rule.lists {
            for start in &list.start {
                let values = start
                    .iter()
                    .filter_map(|(field, literal)| {
                        let kind = list.fields.iter().find(|known| known.id == *field)?.kind;
                        Some((field.clone(), crate::rulebook::literal(kind, literal)?))
                    })
                    .collect();
                let line = (self.ids)();
                self.put(Change::LineAdded { record: id, list: list.id.clone(), line, fields: values, known_at });
            }
        }
        for (list, rows) in lines {
            for row in rows {
                self.line_in(id, list, row, known_at);
            }
        }
        if let Some(record) = self.snapshot.record(id).cloned() {
            let missing = self.kernel().missing(&record, None, Stage::Save);
            self.verdict.refused.extend(missing);
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
            let stored = crate::world::Stored { value: value.clone(), known_at: now, recorded_at: now };
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

    fn change(&mut self, id: Uuid, fields: &Values) {
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
    pub(super) fn set_fields(&mut self, record: &Record, values: Values, act: Option<&str>) {
        let Some(rule) = self.book.register(&record.register) else { return };
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
            let missing = self.kernel().missing(&after, None, Stage::Save);
            self.verdict.refused.extend(missing);
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

    fn add_line(&mut self, id: Uuid, list: &str, fields: &Values) {
        let Some(record) = self.open_record(id) else { return };
        if self.depth == 0 && !self.may_write(&record) {
            return;
        }
        let known_at = self.happened();
        self.line_in(id, list, fields, known_at);
        self.follow(id, "change");
    }

    pub(super) fn line_in(&mut self, id: Uuid, list: &str, fields: &Values, known_at: Timestamp) {
        let Some(record) = self.snapshot.record(id).cloned() else { return };
        let Some(rule) = self.book.list(&record.register, list).cloned() else {
            self.refuse(
                "not-found",
                Vec::new(),
                format!("明細「{list}」はありません。"),
                format!("There is no list \"{list}\"."),
            );
            return;
        };
        let values: Values =
            fields.iter().filter(|(_, v)| !v.is_empty()).map(|(f, v)| (f.clone(), v.clone())).collect();
        let (refused, warned) = self.kernel().value_objections("", &rule.fields, &values);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        let line = (self.ids)();
        self.put(Change::LineAdded { record: id, list: list.to_owned(), line, fields: values.clone(), known_at });
        self.check_line(id, list, line, &values);
    }

    fn check_line(&mut self, id: Uuid, list: &str, line: Uuid, values: &Values) {
        let Some(record) = self.snapshot.record(id).cloned() else { return };
        let kernel = self.kernel();
        let missing = kernel.missing(&record, Some((list, line)), Stage::Save);
        let verdict = kernel.gates(&record, &format!("line:{list}"), Some(line), values);
        self.verdict.refused.extend(missing);
        self.take(verdict);
    }

    fn change_line(&mut self, id: Uuid, list: &str, line: Uuid, fields: &Values) {
        let Some(record) = self.open_record(id) else { return };
        if !self.may_write(&record) {
            return;
        }
        let known =
            record.lines.get(list).is_some_and(|lines| lines.iter().any(|known| known.id == line && !known.erased));
        let Some(rule) = self.book.list(&record.register, list).cloned().filter(|_| known) else {
            self.refuse("not-found", Vec::new(), "明細が見つかりません。", "There is no such line.");
            return;
        };
        let (refused, warned) = self.kernel().value_objections("", &rule.fields, fields);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        let (known_at, reason) = (self.happened(), self.circumstances.reason.clone());
        let (list_id, fields) = (list.to_owned(), fields.clone());
        self.put(Change::LineSet { record: id, list: list_id, line, fields: fields.clone(), known_at, reason });
        self.check_line(id, list, line, &fields);
        self.follow(id, "change");
    }

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

    fn act(&mut self, id: Uuid, act: &str, fields: &Values) {
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
        let done = if standing.approvals.sets.is_empty() { DeedStatus::Done } else { DeedStatus::Submitted };
        self.deed(id, &standing, done, of_act);
        self.check_deed(id, act, &standing);
        if done == DeedStatus::Done {
            self.follow(id, &format!("approved:{act}"));
        }
        self.follow(id, &format!("act:{act}"));
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
            let asked = |when: &&(String, crate::expr::Compiled)| kernel.truth(&when.1, id, None).possible();
            let conditional = step.needs_when.iter().filter(asked).map(|(field, _)| field);
            for field in step.step.needs.iter().chain(conditional) {
                needs.entry(field).or_default().extend(step.step.meta.basis.iter().cloned());
            }
        }
        for (field, clauses) in needs {
            let in_act = deed.and_then(|deed| deed.fields.get(field));
            let value = in_act.cloned().unwrap_or_else(|| kernel.value(&after, field));
            let lines = after.lines.get(field).is_some_and(|lines| lines.iter().any(|line| !line.erased));
            if value.is_empty() && !lines {
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

    fn steps_asking(&self, act: &str, standing: &ActStanding) -> Vec<&'a crate::book::BookStep> {
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

    fn field_title(&self, register: &str, act: &str, field: &str) -> Text {
        let in_act = self.book.names.acts.get(act).and_then(|act| act.fields.iter().find(|known| known.id == field));
        let in_record = self.book.field(register, None, field);
        let list = self.book.list(register, field).map(|list| list.title.clone());
        in_act
            .or(in_record)
            .map(|field| field.title.clone())
            .or(list)
            .unwrap_or_else(|| Text { ja: field.to_owned(), en: field.to_owned() })
    }

    fn skip(&mut self, id: Uuid, act: &str) {
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

    fn approve(&mut self, id: Uuid, act: &str) {
        let Some(record) = self.open_record(id) else { return };
        let kernel = self.kernel();
        let Some(deed) = kernel.deed(&record, act).filter(|deed| deed.status == DeedStatus::Submitted).cloned() else {
            self.refuse("not-submitted", Vec::new(), "承認を待っていません。", "Nothing waits for approval.");
            return;
        };
        let standing = kernel.standing(&record).into_iter().find(|standing| standing.act == act);
        let (outstanding, clauses) = match &standing {
            Some(standing) => {
                let clauses = standing.basis().into_iter().map(str::to_owned).collect::<Vec<_>>();
                (standing.approvals.outstanding.clone(), clauses)
            }
            None => (self.duty_approvals(&record, act, &deed), Vec::new()),
        };
        let person = self.actor.person;
        let mut chosen = None;
        for set in &outstanding {
            let approvers = self.kernel().approvers(&record, set, deed.by);
            if let Some(approver) = approvers.into_iter().find(|approver| approver.persons.contains(&person)) {
                chosen = Some((set.clone(), approver));
                break;
            }
        }
        let Some((set, approver)) = chosen else {
            let own = deed.by == Some(person);
            let (ja, en) = if own {
                ("自分が行ったものは承認できません。", "Nobody approves what they did themselves.")
            } else {
                ("承認する役割ではありません。", "The approval is not yours to give.")
            };
            self.refuse("not-approver", clauses, ja, en);
            return;
        };
        let reason = self.circumstances.reason.clone();
        if approver.by_self && reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            self.verdict.asked.push(Objection {
                code: "self-approval".to_owned(),
                field: None,
                source: Some(act.to_owned()),
                clauses,
                message: Text {
                    ja: "ほかに承認できる人がいません。自己承認の理由を書いてください（監査に示されます）。".to_owned(),
                    en: "Nobody else can approve. Say why you approve your own act (the audit will see it).".to_owned(),
                },
            });
        }
        // A higher rank that stands in is kept under its own role and meets the set it stood in for.
        let role = if set.iter().any(|who| super::approve::role_of(who) == approver.role) {
            approver.role.clone()
        } else {
            set.first().map_or("", |who| super::approve::role_of(who)).to_owned()
        };
        let complete = self.completes(&record, &outstanding, &set, &role);
        self.put(Change::Approved {
            record: id,
            act: act.to_owned(),
            round: deed.round,
            role,
            by: person,
            by_self: approver.by_self,
            reason,
            complete,
        });
        if complete {
            self.follow(id, &format!("approved:{act}"));
        }
    }

    fn completes(&mut self, record: &Record, outstanding: &[Vec<String>], met: &[String], role: &str) -> bool {
        let _ = record;
        outstanding.iter().all(|set| set == met || set.iter().any(|who| super::approve::role_of(who) == role))
    }

    fn send_back(&mut self, id: Uuid, act: &str) {
        let Some(record) = self.open_record(id) else { return };
        let kernel = self.kernel();
        let Some(deed) = kernel.deed(&record, act).filter(|deed| deed.status == DeedStatus::Submitted).cloned() else {
            self.refuse("not-submitted", Vec::new(), "承認を待っていません。", "Nothing waits for approval.");
            return;
        };
        let standing = kernel.standing(&record).into_iter().find(|standing| standing.act == act);
        let sets = standing
            .map_or_else(|| self.duty_approvals(&record, act, &deed), |standing| standing.approvals.outstanding);
        let person = self.actor.person;
        let approves = sets
            .iter()
            .flat_map(|set| self.kernel().approvers(&record, set, deed.by))
            .any(|approver| approver.persons.contains(&person));
        if !approves {
            self.refuse("not-approver", Vec::new(), "差し戻す役割ではありません。", "Sending it back is not yours.");
        }
        if self.circumstances.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            self.verdict.asked.push(Objection {
                code: "return-reason".to_owned(),
                field: None,
                source: Some(act.to_owned()),
                clauses: Vec::new(),
                message: Text {
                    ja: "差し戻す理由を書いてください。".to_owned(),
                    en: "Say why it is sent back.".to_owned(),
                },
            });
        }
        self.put(Change::Deed {
            record: id,
            act: act.to_owned(),
            round: deed.round,
            status: DeedStatus::Returned,
            by: deed.by,
            acting_for: None,
            happened_at: self.happened(),
            fields: deed.fields,
            reason: self.circumstances.reason.clone(),
        });
        self.plan.notices.push(Notice {
            record: id,
            key: format!("returned:{id}:{act}:{}:{}", deed.round, self.moment.now),
            to: deed.by.map(Target::Person).into_iter().collect(),
            message: Text {
                ja: format!("「{}」が差し戻されました。", self.book.act_title(act).ja),
                en: format!("\"{}\" was sent back.", self.book.act_title(act).en),
            },
            receipt: false,
            basis: Vec::new(),
        });
    }

    fn close(&mut self, id: Uuid) {
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
    pub(super) fn close_by_itself(&mut self, id: Uuid) {
        self.close(id);
    }

    fn dispose(&mut self, id: Uuid) {
        let Some(record) = self.snapshot.record(id).cloned() else {
            self.refuse("not-found", Vec::new(), "記録が見つかりません。", "There is no such record.");
            return;
        };
        if !self.may_write(&record) {
            return;
        }
        let verdict = self.kernel().gates(&record, "dispose", None, &Values::new());
        self.take(verdict);
        let reason = self.circumstances.reason.clone();
        self.put(Change::Disposed { record: id, reason });
        self.follow(id, "dispose");
    }

    fn erase(&mut self, id: Uuid, line: Option<(String, Uuid)>) {
        let Some(record) = self.snapshot.record(id).cloned() else {
            self.refuse("not-found", Vec::new(), "記録が見つかりません。", "There is no such record.");
            return;
        };
        if !self.may_write(&record) {
            return;
        }
        let reason = self.circumstances.reason.clone();
        if reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            self.verdict.asked.push(Objection {
                code: "erase-reason".to_owned(),
                field: None,
                source: None,
                clauses: Vec::new(),
                message: Text {
                    ja: "消去の理由を書いてください。元に戻せません。".to_owned(),
                    en: "Say why it is erased. It cannot be undone.".to_owned(),
                },
            });
        }
        self.put(Change::Erased { record: id, line, reason });
    }

    /// Persons who hold any of the outstanding approvals of an act (for lists of what waits).
    #[must_use]
    pub fn waiting_for(kernel: &Kernel<'_>, record: &Record, standing: &ActStanding) -> BTreeSet<Uuid> {
        let doer = kernel.deed(record, &standing.act).and_then(|deed| deed.by);
        let sets = standing.approvals.outstanding.iter();
        sets.flat_map(|set| kernel.approvers(record, set, doer)).flat_map(|approver| approver.persons).collect()
    }
}

fn lines_left(step: &crate::book::BookStep, standing: &ActStanding) -> Option<Objection> {
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
