//! What an event of the log says of a change: values sealed as their pack asks, keys named by their leaves.
//!
//! Invariant: nothing personal stands in a body in clear; a reader without the keys learns what was done, not about whom.

use std::collections::BTreeMap;

use kitei_rules::{
    run::command::{Attached, Change},
    value::Value,
    world::Record,
};
use kitei_store::db::Instant;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{
    Fault,
    attach_rows::goes,
    codec::{At, Codec},
    project::{Leaves, leaf},
};

/// The key leaves that go with an erasure of a record, or of one of its lines.
pub(super) fn erased_leaves(leaves: Option<&Leaves>, line: Option<Uuid>) -> Vec<i64> {
    let Some(leaves) = leaves else { return Vec::new() };
    let files = leaves.files.iter().filter(|file| goes(file, line)).map(|file| file.leaf);
    match line {
        Some(line) => leaves.lines.get(&line).copied().into_iter().chain(files).collect(),
        None => std::iter::once(leaves.record).chain(leaves.lines.values().copied()).chain(files).collect(),
    }
}

/// What an event says of a file.
fn attached(codec: &Codec<'_>, record: &Record, line: Option<&(String, Uuid)>, file: &Attached) -> Result<Json, Fault> {
    Ok(json!({
        "attachment": file.id.to_string(),
        "line": line.map(|(list, id)| json!([list, id.to_string()])),
        "name": codec.attachment_name(record, file)?,
        "media_type": file.media_type,
        "bytes": file.bytes,
        "blob": file.blob,
        "key": file.leaf,
    }))
}

/// The body of an event: what changed, personal values sealed.
pub(crate) fn event_body(
    codec: &Codec<'_>,
    record: &Record,
    change: &Change,
    leaves: &Leaves,
) -> Result<Map<String, Json>, Fault> {
    let at = At { register: &record.register, record: record.id, line: None };
    let own = leaf(leaves.record)?;
    let sealed = |reason: &Option<String>| match reason {
        Some(reason) => codec.seal(&at, own, "reason", reason).map(Json::String),
        None => Ok(Json::Null),
    };
    let values = |at: &At<'_>, act: Option<&str>, number: i64, fields: &BTreeMap<String, Value>| {
        let mut out = Map::new();
        for (field, value) in fields {
            out.insert(field.clone(), codec.write(at, act, leaf(number)?, field, value)?);
        }
        Ok::<_, Fault>(Json::Object(out))
    };
    let text = |id: &Option<Uuid>| id.map(|id| id.to_string());
    let body = match change {
        Change::Opened { register, by, .. } => json!({
            "register": register,
            "number": record.number,
            "by": text(by),
            "leaf": leaves.record,
            "rulebook": record.rulebook,
        }),
        Change::FieldsSet { fields, known_at, reason, act, .. } => json!({
            "fields": values(&at, None, leaves.record, fields)?,
            "known_at": Instant::from(*known_at).to_string(),
            "reason": sealed(reason)?,
            "act": act,
        }),
        Change::LineAdded { list, line, fields, known_at, .. } => {
            let at = At { line: Some((list, *line)), ..at };
            let number = leaves.lines.get(line).copied().unwrap_or(leaves.record);
            json!({
                "list": list,
                "line": line.to_string(),
                "leaf": number,
                "fields": values(&at, None, number, fields)?,
                "known_at": Instant::from(*known_at).to_string(),
            })
        }
        Change::LineSet { list, line, fields, known_at, reason, .. } => {
            let of_line = At { line: Some((list, *line)), ..at };
            let number = leaves.lines.get(line).copied().unwrap_or(leaves.record);
            json!({
                "list": list,
                "line": line.to_string(),
                "fields": values(&of_line, None, number, fields)?,
                "known_at": Instant::from(*known_at).to_string(),
                "reason": sealed(reason)?,
            })
        }
        Change::Deed { act, round, status, by, acting_for, happened_at, fields, reason, .. } => json!({
            "act": act,
            "round": round,
            "status": status,
            "by": text(by),
            "acting_for": text(acting_for),
            "happened_at": Instant::from(*happened_at).to_string(),
            "fields": values(&at, Some(act), leaves.record, fields)?,
            "reason": sealed(reason)?,
        }),
        Change::Approved { act, round, role, by, by_self, reason, complete, .. } => json!({
            "act": act,
            "round": round,
            "role": role,
            "by": by.to_string(),
            "by_self": by_self,
            "reason": sealed(reason)?,
            "complete": complete,
        }),
        Change::Closed { .. } => json!({}),
        Change::Attached { line, file, .. } => attached(codec, record, line.as_ref(), file)?,
        Change::Disposed { reason, how, .. } => {
            let at = At { register: "disposal", ..at };
            // How, when and who answers for it outlive the record; a text would be sealed with what goes.
            let how: BTreeMap<String, Value> = how
                .iter()
                .filter(|(f, value)| !codec.seals(&at, None, f, value))
                .map(|(f, v)| (f.clone(), v.clone()))
                .collect();
            json!({ "reason": sealed(reason)?, "how": values(&at, None, leaves.record, &how)? })
        }
        Change::Acknowledged { notice, .. } => json!({ "notice": notice.to_string() }),
        Change::RuleConfirmed { pack, rule, edition, .. } => {
            json!({ "pack": pack, "rule": rule, "edition": edition })
        }
        Change::Erased { line, .. } => {
            // The reason of an erasure outlives what is erased, so it must not name the person: it is not kept here.
            let leaves = erased_leaves(Some(leaves), line.as_ref().map(|(_, id)| *id));
            json!({ "line": line.as_ref().map(|(list, id)| json!([list, id.to_string()])), "leaves": leaves })
        }
    };
    match body {
        Json::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}
