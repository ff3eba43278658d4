//! What is read of records: fields, facts, deeds, and when the record was opened and closed.
//!
//! Invariant: a record that is not loaded is asked for through [`Snapshot`](crate::world::Snapshot), which notes it.

use std::borrow::Cow;

use uuid::Uuid;

use super::{Because, Evaluation, EvaluationError, FACT_DEPTH, Held, Machine, drift::Drift, earlier};
use crate::{
    expr::tree::{DeedQuestion, DeedRead, Read, StateQuestion, Subject},
    value::Value,
    world::{Deed, DeedStatus, Line, Record, State},
};

/// A record or line whose names can be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// Of the record, or of the line.
    pub(super) id: Uuid,
    pub(super) record: Option<&'a Record>,
    pub(super) line: Option<&'a Line>,
    pub(super) is_line: bool,
    /// The record is not loaded (rather than gone).
    pub(super) unloaded: bool,
}

impl<'a> Machine<'a> {
    /// A record as a frame.
    pub(super) fn frame_of(&self, id: Uuid) -> Frame<'a> {
        let snapshot = self.evaluation.snapshot;
        let record = snapshot.record(id);
        let unloaded = record.is_none() && !snapshot.absent.contains(&id);
        Frame { id, record, line: None, is_line: false, unloaded }
    }

    pub(super) fn frame(&self, index: usize) -> Frame<'a> {
        let missing = Frame { id: Uuid::nil(), record: None, line: None, is_line: false, unloaded: true };
        self.frames.get(index).copied().unwrap_or(missing)
    }

    /// The record around a frame.
    fn record_frame(&self, index: usize) -> Frame<'a> {
        let frame = self.frame(index);
        match frame.record {
            Some(record) if frame.is_line => Frame { id: record.id, line: None, is_line: false, ..frame },
            _ => frame,
        }
    }

    /// Whose name is read; or, where a link leads nowhere, what the name's value is then.
    pub(super) fn subject(&mut self, subject: &'a Subject) -> Result<Frame<'a>, Held<'a>> {
        match subject {
            Subject::Frame(index) => Ok(self.frame(*index)),
            Subject::RecordOf(index) => Ok(self.record_frame(*index)),
            Subject::Organization => match self.evaluation.snapshot.organization {
                Some(id) => Ok(self.frame_of(id)),
                None => {
                    self.because.push(Because::Name("organization"));
                    Err(Held::of(Value::Unknown))
                }
            },
            Subject::Linked(node) => {
                let held = self.value(node);
                match &*held.value {
                    Value::Record(id) => Ok(self.frame_of(*id)),
                    Value::Empty => Err(Held { drift: None, ..held }),
                    _ => Err(Held { value: Cow::Owned(Value::Unknown), drift: None, unloaded: held.unloaded }),
                }
            }
        }
    }

    /// Whether a frame is what the change is made to.
    fn is_target(&self, frame: Frame<'a>) -> bool {
        let target = self.frame(self.target);
        target.is_line == frame.is_line && target.id == frame.id
    }

    pub(super) fn field(&mut self, read: &'a Read) -> Held<'a> {
        match self.subject(&read.of) {
            Ok(frame) => self.field_of(frame, read, self.evaluation.change.is_some()),
            Err(nowhere) => nowhere,
        }
    }

    /// A field's value before the change.
    pub(super) fn before(&mut self, read: &'a Read) -> Held<'a> {
        match self.subject(&read.of) {
            Ok(frame) => self.field_of(frame, read, false),
            Err(nowhere) => nowhere,
        }
    }

    fn field_of(&mut self, frame: Frame<'a>, read: &'a Read, changed: bool) -> Held<'a> {
        let held = self.stored(frame, &read.name, changed);
        let vague = matches!(&*held.value, Value::Count { least, most, .. } if *most != Some(*least));
        if held.value.is_unknown() || vague {
            self.because.push(Because::Name(read.shown.as_str()));
        }
        held
    }

    fn stored(&mut self, frame: Frame<'a>, name: &str, changed: bool) -> Held<'a> {
        let past = self.as_of.filter(|(id, _)| !frame.is_line && *id == frame.id);
        if let Some((_, at)) = past {
            return self.as_it_stood(frame, name, at);
        }
        if changed && self.is_target(frame) {
            let new = self.evaluation.change.and_then(|change| change.get(name));
            if let Some(new) = new {
                return Held::borrowed(new);
            }
        }
        let fields = match (frame.is_line, frame.line, frame.record) {
            (true, Some(line), _) if line.erased => return Held::of(Value::Unknown),
            (true, Some(line), _) => &line.fields,
            // A line that is being added has nothing but what is being set.
            (true, None, Some(_)) => return Held::of(Value::Empty),
            (false, _, Some(record)) => &record.fields,
            (_, _, None) if frame.unloaded => return Held::unloaded(),
            (_, _, None) => return Held::of(Value::Unknown),
        };
        fields.get(name).map_or(Held::of(Value::Empty), |stored| Held::borrowed(&stored.value))
    }

    pub(super) fn fact(&mut self, read: &'a Read) -> Held<'a> {
        let frame = match self.subject(&read.of) {
            Ok(frame) => frame,
            Err(nowhere) => return nowhere,
        };
        if self.evaluation.depth >= FACT_DEPTH {
            self.fail(EvaluationError::TooDeep);
            return Held::of(Value::Unknown);
        }
        let record = if frame.is_line { frame.record.map_or(frame.id, |record| record.id) } else { frame.id };
        let own = record == self.evaluation.record && self.target == 0;
        let as_of = self.as_of.filter(|(id, _)| *id == record).map(|(_, at)| at);
        let evaluation = Evaluation {
            record,
            line: None,
            change: self.evaluation.change.filter(|_| own && as_of.is_none()),
            as_of,
            depth: self.evaluation.depth + 1,
            ..self.evaluation.clone()
        };
        let Some(outcome) = self.evaluation.facts.fact(record, &read.name, &evaluation) else {
            self.because.push(Because::Name(read.shown.as_str()));
            return Held { unloaded: frame.unloaded, ..Held::of(Value::Unknown) };
        };
        if as_of.is_none() {
            self.until = earlier(self.until, outcome.valid_until);
        }
        if outcome.value.is_unknown() {
            let prefix = read.shown.strip_suffix(read.name.as_str()).unwrap_or_default();
            if outcome.unknown_because.is_empty() {
                self.because.push(Because::Name(read.shown.as_str()));
            }
            let value = outcome.value.clone();
            if !outcome.unknown_because.is_empty() {
                self.because.push(Because::Fact(prefix, outcome));
            }
            return Held { unloaded: frame.unloaded, ..Held::of(value) };
        }
        Held { unloaded: frame.unloaded, ..Held::of(outcome.value.clone()) }
    }

    /// The record itself, as a value.
    pub(super) fn itself(&mut self, subject: &'a Subject) -> Held<'a> {
        match self.subject(subject) {
            Ok(frame) => Held::of(Value::Record(frame.id)),
            Err(nowhere) => nowhere,
        }
    }

    /// The present instant or day.
    pub(super) fn present(&mut self, day: bool) -> Held<'a> {
        let (value, drift) =
            if day { (Value::Date(self.today()), Drift::today()) } else { (Value::Time(self.now()), Drift::default()) };
        Held { value: Cow::Owned(value), drift: Some(Box::new(drift)), unloaded: false }
    }

    pub(super) fn state(&mut self, question: StateQuestion, frame: usize) -> Held<'a> {
        let frame = self.frame(frame);
        let Some(record) = frame.record else {
            return if frame.unloaded { Held::unloaded() } else { Held::of(Value::Unknown) };
        };
        let moment = self.evaluation.moment;
        let past = self.as_of.filter(|(id, _)| *id == record.id).map(|(_, at)| at);
        let closed = record.closed_at.filter(|closed| past.is_none_or(|at| *closed <= at));
        let value = match question {
            StateQuestion::OpenedAt => Value::Time(record.created_at),
            StateQuestion::OpenedOn => Value::Date(moment.date_of(record.created_at)),
            StateQuestion::ClosedOn => closed.map_or(Value::Empty, |at| Value::Date(moment.date_of(at))),
            StateQuestion::IsOpen => Value::Bool(record.state == State::Open || (past.is_some() && closed.is_none())),
        };
        if question == StateQuestion::ClosedOn {
            self.note(&value, || "closed_on()".to_owned());
        }
        Held::of(value)
    }

    pub(super) fn deed(&mut self, read: &'a DeedRead) -> Held<'a> {
        let frame = self.frame(read.frame);
        let Some(record) = frame.record else {
            return if frame.unloaded { Held::unloaded() } else { Held::of(Value::Unknown) };
        };
        self.spend(record.deeds.len() / 8);
        let past = self.as_of.filter(|(id, _)| *id == record.id).map(|(_, at)| at);
        let of_act = |deed: &&Deed| deed.act == read.act && past.is_none_or(|at| deed.happened_at <= at);
        // The latest round counts; within a round the last one recorded.
        let latest = |wanted: fn(DeedStatus) -> bool| {
            let deeds = record.deeds.iter().filter(of_act).filter(|deed| wanted(deed.status));
            deeds.max_by_key(|deed| (deed.round, deed.recorded_at))
        };
        let done = || latest(|status| status == DeedStatus::Done);
        let acted = || latest(|status| matches!(status, DeedStatus::Done | DeedStatus::Submitted));
        let moment = self.evaluation.moment;
        let value = match &read.question {
            DeedQuestion::Done => Value::Bool(done().is_some()),
            DeedQuestion::DoneAt => done().map_or(Value::Empty, |deed| Value::Time(deed.happened_at)),
            DeedQuestion::DoneBy => done().and_then(|deed| deed.by).map_or(Value::Empty, Value::Record),
            DeedQuestion::DoneOn => done().map_or(Value::Empty, |deed| Value::Date(moment.date_of(deed.happened_at))),
            DeedQuestion::Submitted => Value::Bool(acted().is_some()),
            DeedQuestion::Skipped => {
                Value::Bool(latest(|_| true).is_some_and(|deed| deed.status == DeedStatus::Skipped))
            }
            DeedQuestion::ApprovedBy(role) => {
                let approved = |deed: &Deed| {
                    let in_time = |at| past.is_none_or(|past| at <= past);
                    deed.approvals.iter().any(|approval| approval.role == *role && in_time(approval.at))
                };
                Value::Bool(acted().is_some_and(approved))
            }
            DeedQuestion::Field(field) => {
                acted().and_then(|deed| deed.fields.get(field)).cloned().unwrap_or(Value::Empty)
            }
        };
        if value.is_unknown() {
            self.because.push(Because::Name(read.shown.as_str()));
        }
        Held::of(value)
    }
}
