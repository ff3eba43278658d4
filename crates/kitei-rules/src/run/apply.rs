//! Applying a change to a record: the one place where an event becomes a state.
//!
//! Invariant: a projection is the fold of this function over the events, so it can be rebuilt from the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::command::{Change, Values};
use crate::{
    value::Value,
    world::{Approval, Deed, DeedStatus, Line, Record, State, Stored},
};

/// A record that was just opened.
#[must_use]
pub fn blank(id: Uuid, register: &str, by: Option<Uuid>, at: Timestamp, rulebook: i64) -> Record {
    Record {
        id,
        register: register.to_owned(),
        number: String::new(),
        state: State::Open,
        version: 0,
        created_by: by,
        created_at: at,
        closed_at: None,
        erased_at: None,
        rulebook,
        fields: BTreeMap::new(),
        history: Vec::new(),
        lines: BTreeMap::new(),
        deeds: Vec::new(),
    }
}

/// Applies a change that was recorded at an instant. `Opened` is [`blank`]'s work and changes nothing here.
pub fn apply(record: &mut Record, change: &Change, recorded_at: Timestamp) {
    record.version += 1;
    match change {
        // A file says nothing by itself; a field that names it is set by a change of its own.
        Change::Opened { .. } | Change::Attached { .. } => {}
        // What is confirmed stands beside the record.
        Change::Acknowledged { .. } | Change::RuleConfirmed { .. } => {}
        Change::FieldsSet { fields, known_at, .. } => {
            for (id, value) in fields {
                let stored = Stored { value: value.clone(), known_at: *known_at, recorded_at };
                if let Some(old) = record.fields.insert(id.clone(), stored) {
                    record.history.push((id.clone(), old));
                }
            }
        }
        Change::LineAdded { list, line, fields, known_at, .. } => {
            let fields = stored(fields, *known_at, recorded_at);
            record.lines.entry(list.clone()).or_default().push(Line { id: *line, fields, erased: false });
        }
        Change::LineSet { list, line, fields, known_at, .. } => {
            let lines = record.lines.entry(list.clone()).or_default();
            if let Some(line) = lines.iter_mut().find(|known| known.id == *line) {
                line.fields.extend(stored(fields, *known_at, recorded_at));
            }
        }
        Change::Deed { .. } => deed(record, change, recorded_at),
        Change::Approved { act, round, role, by, reason, complete, .. } => {
            if let Some(deed) = record.deeds.iter_mut().find(|deed| deed.act == *act && deed.round == *round) {
                let approval = Approval { role: role.clone(), person: *by, at: recorded_at, reason: reason.clone() };
                deed.approvals.push(approval);
                if *complete {
                    deed.status = DeedStatus::Done;
                }
            }
        }
        Change::Closed { .. } => {
            record.state = State::Closed;
            record.closed_at = Some(recorded_at);
        }
        Change::Disposed { .. } => record.state = State::Disposed,
        Change::Erased { line: None, .. } => {
            record.erased_at = Some(recorded_at);
            record.fields.values_mut().for_each(erase);
            record.history.clear();
            for line in record.lines.values_mut().flatten() {
                line.fields.values_mut().for_each(erase);
                line.erased = true;
            }
            for deed in &mut record.deeds {
                deed.fields.retain(|_, value| is_clear(value));
            }
        }
        Change::Erased { line: Some((list, id)), .. } => {
            let lines = record.lines.entry(list.clone()).or_default();
            for line in lines.iter_mut().filter(|line| line.id == *id) {
                line.fields.values_mut().for_each(erase);
                line.erased = true;
            }
        }
    }
}

fn stored(fields: &Values, known_at: Timestamp, recorded_at: Timestamp) -> BTreeMap<String, Stored> {
    fields.iter().map(|(id, value)| (id.clone(), Stored { value: value.clone(), known_at, recorded_at })).collect()
}

fn deed(record: &mut Record, change: &Change, recorded_at: Timestamp) {
    let Change::Deed { act, round, status, by, happened_at, fields, reason, .. } = change else { return };
    let deed = Deed {
        act: act.clone(),
        round: *round,
        status: *status,
        by: *by,
        happened_at: *happened_at,
        recorded_at,
        fields: fields.clone(),
        reason: reason.clone(),
        approvals: Vec::new(),
    };
    match record.deeds.iter_mut().find(|known| known.act == *act && known.round == *round) {
        // Sent back: what was done stays visible, the approvals no longer count.
        Some(known) if *status == DeedStatus::Returned => {
            known.status = DeedStatus::Returned;
            known.reason.clone_from(reason);
            known.approvals.clear();
        }
        Some(known) => *known = deed,
        None => record.deeds.push(deed),
    }
}

/// Numbers, dates, choices and links say nothing about a person by themselves; texts go.
fn is_clear(value: &Value) -> bool {
    match value {
        Value::Text(_) => false,
        Value::List(items) => items.iter().all(is_clear),
        _ => true,
    }
}

/// Whether a value goes with an erasure: texts, and choices, which are kept as texts.
#[must_use]
pub fn says_something(value: &Value) -> bool {
    !is_clear(value)
}

fn erase(stored: &mut Stored) {
    if !is_clear(&stored.value) {
        stored.value = Value::Empty;
    }
}
