//! Looking back: a record as it stood, when a field was last changed, since when something holds.
//!
//! A correction counts from the instant that it names as known, over what was recorded before it.

use jiff::Timestamp;

use super::{Held, Machine, records::Frame};
use crate::{
    expr::tree::{Node, Read},
    value::{Truth, Value},
    world::{Record, Stored},
};

/// What was ever stored in a field, the last recorded first.
fn versions<'a>(record: &'a Record, name: &str) -> impl Iterator<Item = &'a Stored> {
    let earlier = record.history.iter().rev().filter(move |(field, _)| field == name).map(|(_, stored)| stored);
    record.fields.get(name).into_iter().chain(earlier)
}

impl<'a> Machine<'a> {
    /// A field of a record as it stood at an instant.
    pub(super) fn as_it_stood(&mut self, frame: Frame<'a>, name: &str, at: Timestamp) -> Held<'a> {
        let Some(record) = frame.record else {
            return if frame.unloaded { Held::unloaded() } else { Held::of(Value::Unknown) };
        };
        self.spend(record.history.len() / 8);
        let earlier = record.history.iter().rev().filter(|(field, _)| field == name).map(|(_, stored)| stored);
        let mut versions = record.fields.get(name).into_iter().chain(earlier);
        let found = versions.find(|stored| stored.known_at <= at);
        found.map_or(Held::of(Value::Empty), |stored| Held::borrowed(&stored.value))
    }

    /// When a field was last changed after the record, or the line, was made. Empty if never.
    pub(super) fn changed_at(&mut self, read: &'a Read) -> Held<'a> {
        let frame = match self.subject(&read.of) {
            Ok(frame) => frame,
            Err(nowhere) => return nowhere,
        };
        let Some(record) = frame.record else {
            return if frame.unloaded { Held::unloaded() } else { Held::of(Value::Unknown) };
        };
        let changed = if let Some(line) = frame.line {
            let made = line.fields.values().map(|stored| stored.recorded_at).min();
            line.fields.get(&read.name).filter(|stored| Some(stored.recorded_at) > made)
        } else {
            self.spend(record.history.len() / 8);
            let past = self.as_of.filter(|(id, _)| *id == record.id).map(|(_, at)| at);
            let counts = |stored: &&Stored| {
                stored.recorded_at > record.created_at && past.is_none_or(|at| stored.known_at <= at)
            };
            versions(record, &read.name).find(counts)
        };
        Held::of(changed.map_or(Value::Empty, |stored| Value::Time(stored.known_at)))
    }

    /// The instant since which a condition holds of a record without a break. Unknown if it does not hold now.
    pub(super) fn since(&mut self, frame: usize, condition: &'a Node) -> Held<'a> {
        let mark = self.because.len();
        match self.truth(condition) {
            Truth::Yes => self.because.truncate(mark),
            Truth::No => {
                self.because.truncate(mark);
                return Held::of(Value::Unknown);
            }
            Truth::Unknown => return Held::of(Value::Unknown),
        }
        let Some(record) = self.frame(frame).record else { return Held::of(Value::Unknown) };
        let (before, until) = (self.as_of, self.until);
        let end = before.filter(|(id, _)| *id == record.id).map_or(self.now(), |(_, at)| at);
        let mut earliest = end;
        for instant in turning_points(record, end) {
            self.as_of = Some((record.id, instant));
            if self.truth(condition) != Truth::Yes || self.failed() {
                break;
            }
            earliest = instant;
        }
        // What was missing then, and when it might have turned, is not about the present.
        self.because.truncate(mark);
        (self.as_of, self.until) = (before, until);
        Held::of(Value::Time(earliest))
    }
}

/// The instants at which something about a record changed, the latest first.
fn turning_points(record: &Record, end: Timestamp) -> Vec<Timestamp> {
    let fields = record.fields.values().chain(record.history.iter().map(|(_, stored)| stored));
    let mut points: Vec<Timestamp> = fields.map(|stored| stored.known_at).collect();
    points.extend(record.deeds.iter().map(|deed| deed.happened_at));
    points.extend(record.deeds.iter().flat_map(|deed| deed.approvals.iter().map(|approval| approval.at)));
    points.extend([Some(record.created_at), record.closed_at].into_iter().flatten());
    points.retain(|point| *point <= end);
    points.sort_unstable_by(|one, other| other.cmp(one));
    points.dedup();
    points
}
