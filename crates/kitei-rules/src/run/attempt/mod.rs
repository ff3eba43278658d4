//! Somebody does something: whether it may be done, what changes, who is told.
//!
//! The order is the same for every command: permission → the values themselves → what the act needs → gates → changes →
//! effects in other records → notices. Every objection is collected before refusing, so that a person sees all at once.
//!
//! Invariant: a refusal leaves the snapshot as it was.

mod acknowledge;
mod approvals;
mod deeds;
mod keep;
mod lines;
mod records;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Kernel,
    apply::{apply, blank},
    command::{Attached, Change, Circumstances, Command, Objection, Plan, Refusal},
    gate::Verdict,
    who::Target,
};
use crate::{
    book::Book,
    expr::Actor,
    pack::model::Text,
    world::{Moment, Record, Snapshot, State},
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
    undo: Vec<(Uuid, Option<Arc<Record>>)>,
    files: Vec<Attached>,
    pub(super) depth: usize,
    gaps_allowed: bool,
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
            files: Vec::new(),
            depth: 0,
            gaps_allowed: false,
        }
    }

    /// A new record may lack required fields: a ledger comes in as it is and is filled later. What is lacking stands in
    /// [`Plan::gaps`].
    #[must_use]
    pub fn allowing_gaps(mut self) -> Self {
        self.gaps_allowed = true;
        self
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
        self.attach_files(command);
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
                Some(record) => self.snapshot.put(record),
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
            Command::Attach { record, line } => self.attach(*record, line.as_ref()),
            Command::Dispose { record, fields } => self.dispose(*record, fields),
            Command::Erase { record, line } => self.erase(*record, line.clone()),
            Command::Acknowledge { record, notice } => self.acknowledge(*record, *notice),
            Command::ConfirmRule { person, pack, rule } => self.confirm_rule(*person, pack, rule),
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
            (_, Some(record)) => Record::clone(record),
            (_, None) => return,
        };
        apply(&mut record, &change, self.moment.now);
        if before.is_none() {
            self.snapshot.fresh.insert(id);
        }
        self.undo.push((id, before));
        self.snapshot.put(record);
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
            Some(record) if record.erased_at.is_some() => {
                self.refuse(
                    "erased",
                    Vec::new(),
                    "個人の値が消去された記録には、もう書き込めません。新しい記録を作ってください。",
                    "Its personal values were erased for good, so nothing is written to it any more; open a new record.",
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
        let meant = |targets: &[Target]| kernel.is_meant(self.actor.person, targets);
        // Whoever a step names may fill the fields of the record they work on.
        let allowed = meant(&targets) || kernel.standing(record).iter().any(|standing| meant(&standing.by));
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
}
