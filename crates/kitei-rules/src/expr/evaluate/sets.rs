//! Questions to sets: lines, linked records, records that link here, whole registers.
//!
//! Invariant: a set that is not loaded or not known gives an unknown answer, never that of an empty set.

use std::{borrow::Cow, cmp::Ordering};

use uuid::Uuid;

use super::{Because, Held, Machine, arithmetic::add_counts, earlier, records::Frame, relation::relation};
use crate::{
    expr::tree::{Aggregate, Comparison, Fold, Node, Set},
    value::{Truth, Value},
    world::Line,
};

/// The members of a set.
enum Members<'a> {
    Lines(Frame<'a>, &'a [Line]),
    Records(&'a [Uuid]),
    Values(Cow<'a, Value>),
    /// It is not known which, perhaps only because they are not loaded.
    Unknown {
        unloaded: bool,
    },
}

impl<'a> Machine<'a> {
    fn members(&mut self, set: &'a Set) -> Members<'a> {
        let snapshot = self.evaluation.snapshot;
        let (found, shown) = match set {
            Set::Lines(read) => match self.subject(&read.of) {
                Err(nowhere) => return Members::Unknown { unloaded: nowhere.unloaded },
                Ok(frame) => match frame.record {
                    Some(record) => {
                        let lines = record.lines.get(&read.name).map_or(&[][..], Vec::as_slice);
                        return Members::Lines(frame, lines);
                    }
                    None => {
                        self.because.push(Because::Name(read.shown.as_str()));
                        return Members::Unknown { unloaded: frame.unloaded };
                    }
                },
            },
            Set::Links(node) => {
                let held = self.value(node);
                return match &*held.value {
                    Value::List(_) => Members::Values(held.value),
                    _ => Members::Unknown { unloaded: held.unloaded },
                };
            }
            Set::Reverse { frame, register, field, shown } => {
                let frame = self.frame(*frame);
                let target = frame.record.map_or(frame.id, |record| record.id);
                (snapshot.linking(target, register, field), shown)
            }
            Set::Register { register, shown } => (snapshot.all(register), shown),
        };
        match found {
            Some(records) => Members::Records(records),
            None => {
                self.because.push(Because::Name(shown.as_str()));
                Members::Unknown { unloaded: true }
            }
        }
    }

    /// A set as a value: the ids of its records or lines.
    pub(super) fn set_value(&mut self, set: &'a Set) -> Held<'a> {
        match self.members(set) {
            Members::Lines(_, lines) => {
                self.spend(lines.len());
                Held::of(Value::List(lines.iter().map(|line| Value::Record(line.id)).collect()))
            }
            Members::Records(ids) => {
                self.spend(ids.len());
                Held::of(Value::List(ids.iter().copied().map(Value::Record).collect()))
            }
            Members::Values(value) => Held { value, drift: None, unloaded: false },
            Members::Unknown { unloaded: true } => Held::unloaded(),
            Members::Unknown { unloaded: false } => Held::of(Value::Unknown),
        }
    }

    pub(super) fn aggregate(&mut self, aggregate: &'a Aggregate) -> Held<'a> {
        if let (Set::Register { register, shown }, None) = (&aggregate.set, &aggregate.body) {
            return self.count_of(register, shown);
        }
        let members = self.members(&aggregate.set);
        let length = match &members {
            Members::Lines(_, lines) => lines.len(),
            Members::Records(ids) => ids.len(),
            Members::Values(value) => match &**value {
                Value::List(items) => items.len(),
                _ => 0,
            },
            Members::Unknown { unloaded } => {
                return if *unloaded { Held::unloaded() } else { Held::of(Value::Unknown) };
            }
        };
        let Some(body) = &aggregate.body else {
            return Held::of(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)));
        };
        let frames = (0..length).map_while(|index| match &members {
            Members::Lines(frame, lines) => lines.get(index).map(|line| Member::Line(*frame, line)),
            Members::Records(ids) => ids.get(index).map(|id| Member::Record(*id)),
            Members::Values(value) => match &**value {
                Value::List(items) => match items.get(index) {
                    Some(Value::Record(id)) => Some(Member::Record(*id)),
                    _ => Some(Member::Nobody),
                },
                _ => None,
            },
            Members::Unknown { .. } => None,
        });
        match aggregate.fold {
            Fold::Any => Held::truth(self.decide(frames, body, Truth::Yes)),
            Fold::All => Held::truth(self.decide(frames, body, Truth::No)),
            Fold::Count => self.count(frames, body),
            Fold::Sum => self.sum(frames, body, aggregate.ranged),
            Fold::Min => self.extreme(frames, body, Ordering::Less),
            Fold::Max => self.extreme(frames, body, Ordering::Greater),
        }
    }

    /// How many records a register has: they are counted where they lie.
    fn count_of(&mut self, register: &str, shown: &'a str) -> Held<'a> {
        match self.evaluation.snapshot.count(register) {
            Some(count) => Held::of(Value::Int(i64::try_from(count).unwrap_or(i64::MAX))),
            None => {
                self.because.push(Because::Name(shown));
                Held::unloaded()
            }
        }
    }

    /// Stands on a member of a set while `ask` is asked.
    fn inside<T>(&mut self, member: Member<'a>, ask: impl FnOnce(&mut Self) -> T) -> T {
        let frame = match member {
            Member::Line(frame, line) => Frame { id: line.id, line: Some(line), is_line: true, ..frame },
            Member::Record(id) => self.frame_of(id),
            Member::Nobody => Frame { id: Uuid::nil(), record: None, line: None, is_line: false, unloaded: false },
        };
        self.frames.push(frame);
        let answer = ask(self);
        self.frames.pop();
        answer
    }

    /// `any` (decided by yes) and `all` (decided by no).
    fn decide(&mut self, members: impl Iterator<Item = Member<'a>>, body: &'a Node, decides: Truth) -> Truth {
        let (mark, outer, mut until, mut unknown) = (self.because.len(), self.until.take(), None, false);
        for member in members {
            let truth = self.inside(member, |machine| machine.truth(body));
            let member_until = self.until.take();
            if truth == decides {
                self.because.truncate(mark);
                self.until = earlier(outer, member_until);
                return decides;
            }
            unknown |= truth == Truth::Unknown;
            until = earlier(until, member_until);
            if self.failed() {
                return Truth::Unknown;
            }
        }
        self.until = earlier(outer, until);
        if unknown {
            return Truth::Unknown;
        }
        self.because.truncate(mark);
        super::relation::not(decides)
    }

    /// How many: at least the sure ones, at most the possible ones too.
    fn count(&mut self, members: impl Iterator<Item = Member<'a>>, body: &'a Node) -> Held<'a> {
        let (mark, mut least, mut most) = (self.because.len(), 0, 0);
        for member in members {
            match self.inside(member, |machine| machine.truth(body)) {
                Truth::Yes => (least, most) = (least + 1, most + 1),
                Truth::Unknown => most += 1,
                Truth::No => {}
            }
            if self.failed() {
                return Held::of(Value::Unknown);
            }
        }
        if least == most {
            self.because.truncate(mark);
        }
        Held::of(Value::Count { least, most: Some(most), approximate: false })
    }

    fn sum(&mut self, members: impl Iterator<Item = Member<'a>>, body: &'a Node, ranged: bool) -> Held<'a> {
        let mut total = Some(Value::Count { least: 0, most: Some(0), approximate: false });
        for member in members {
            let value = self.inside(member, |machine| machine.settled(body));
            total = total.and_then(|total| add_counts(&total, &value));
            if self.failed() {
                return Held::of(Value::Unknown);
            }
        }
        Held::of(match total {
            Some(Value::Count { least, .. }) if !ranged => Value::Int(least),
            Some(total) => total,
            None => Value::Unknown,
        })
    }

    /// The least or greatest; empty for an empty set, unknown if one is unknown.
    fn extreme(&mut self, members: impl Iterator<Item = Member<'a>>, body: &'a Node, wanted: Ordering) -> Held<'a> {
        let sign = if wanted == Ordering::Less { Comparison::Less } else { Comparison::Greater };
        let (mut best, mut unknown): (Option<Cow<'a, Value>>, bool) = (None, false);
        for member in members {
            let value = self.inside(member, |machine| machine.settled(body));
            unknown |= value.is_unknown();
            if best.as_ref().is_none_or(|best| relation(sign, &value, best) == Truth::Yes) {
                best = Some(value);
            }
            if self.failed() {
                return Held::of(Value::Unknown);
            }
        }
        match best {
            _ if unknown => Held::of(Value::Unknown),
            Some(value) => Held { value, drift: None, unloaded: false },
            None => Held::of(Value::Empty),
        }
    }
}

/// A member of a set.
#[derive(Clone, Copy)]
enum Member<'a> {
    Line(Frame<'a>, &'a Line),
    Record(Uuid),
    /// An item that is not known.
    Nobody,
}
