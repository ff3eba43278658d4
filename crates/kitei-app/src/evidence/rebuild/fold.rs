//! The fold: from the bytes of events to records.
//!
//! Invariant: nothing but the log, the keys and the adopted rulebooks is looked at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kitei_evidence::event::Event;
use kitei_rules::{
    run::{
        apply::{apply, blank},
        command::{Attached, Change, Values},
    },
    world::Record,
};
use kitei_store::{
    db::{Instant, Reader},
    imports, log,
};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::super::{EvidenceError, bundle::sealed_leaves};
use crate::kernel::{
    Fault, Installation, Organization, attach,
    codec::{At, Codec},
    project::Leaves,
};

/// Something that events do not say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "lack", rename_all = "kebab-case")]
pub enum Lack {
    /// The key leaf of a record none of whose events holds a sealed value.
    RecordLeaf {
        /// Record.
        record: Uuid,
    },
    /// The key leaf of a line none of whose events holds a sealed value.
    LineLeaf {
        /// Record.
        record: Uuid,
        /// Line.
        line: Uuid,
    },
    /// The version of the rulebook that a record follows; that of the day of the event was taken.
    Rulebook {
        /// Record.
        record: Uuid,
    },
}

/// What came out of a log.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// Events that were read.
    pub events: u64,
    /// Records.
    pub records: BTreeMap<Uuid, Record>,
    /// Their key leaves.
    pub leaves: BTreeMap<Uuid, Leaves>,
    /// When each last changed.
    pub changed_at: BTreeMap<Uuid, Instant>,
    /// What events do not say.
    pub lacks: Vec<Lack>,
}

/// Events read at a time.
const PAGE: u32 = 1000;

pub(super) async fn fold(installation: &Installation, organization: &Organization) -> Result<Folded, EvidenceError> {
    let mut reader = installation.db.snapshot().await?;
    let mut folded = Folded::default();
    let (mut from, mut known) = (0, BTreeSet::new());
    loop {
        let page = log::range(&mut reader, organization.id, from, PAGE).await?;
        let Some(last) = page.last() else { break };
        from = last.seq + 1;
        for stored in page {
            folded.events += 1;
            let Some(id) = stored.subject else { continue };
            let damaged = || Fault::Damaged(format!("event {}", stored.seq));
            let event = Event::parse(&stored.bytes).map_err(|_| damaged())?;
            let day = organization.today(stored.at.timestamp());
            let book = installation.book_of(&mut reader, organization, day).await?;
            let environment = &*installation.environment;
            if matches!(event.kind(), "import.completed" | "import.undone") {
                imported(installation, organization, &mut reader, (id, event.kind()), &mut folded, &mut known).await?;
                continue;
            }
            organization.with_keys(|keys| {
                let codec = Codec { organization: organization.id.to_string(), book: &book, keys, environment };
                let reading = Reading { codec: &codec, body: event.body(), id, at: stored.at };
                reading.take(event.kind(), &mut folded, &mut known).map_err(|fault| match fault {
                    Fault::Damaged(what) => Fault::Damaged(format!("event {}: {what}", stored.seq)),
                    other => other,
                })
            })?;
        }
    }
    let mut lacks: BTreeSet<Lack> = std::mem::take(&mut folded.lacks).into_iter().collect();
    for (id, record) in &folded.records {
        if !known.contains(&(*id, Uuid::nil())) {
            lacks.insert(Lack::RecordLeaf { record: *id });
        }
        let lines = record.lines.values().flatten().filter(|line| !known.contains(&(*id, line.id)));
        lacks.extend(lines.map(|line| Lack::LineLeaf { record: *id, line: line.id }));
    }
    folded.lacks = lacks.into_iter().collect();
    Ok(folded)
}

/// The rows of an import that an event reports, or takes back.
async fn imported(
    installation: &Installation,
    organization: &Organization,
    reader: &mut Reader,
    (batch, kind): (Uuid, &str),
    folded: &mut Folded,
    known: &mut BTreeSet<(Uuid, Uuid)>,
) -> Result<(), EvidenceError> {
    let mut from = 0;
    loop {
        let rows = imports::rows(reader, organization.id, batch, from, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        from = last.position + 1;
        for row in rows {
            // A change of a record that was there already is an event of its own.
            if row.kind != "new" {
                continue;
            }
            if kind == "import.undone" {
                folded.records.remove(&row.record);
                folded.leaves.remove(&row.record);
                folded.changed_at.remove(&row.record);
                continue;
            }
            let at = row_instant(&row.bytes)?;
            let book = installation.book_of(reader, organization, organization.today(at.timestamp())).await?;
            organization.with_keys(|keys| {
                let codec = Codec {
                    organization: organization.id.to_string(),
                    book: &book,
                    keys,
                    environment: &*installation.environment,
                };
                take_row(&codec, &row.bytes, folded, known)
            })?;
        }
    }
}

/// A row of an import as parsed.
fn row_json(bytes: &[u8]) -> Result<Json, Fault> {
    serde_json::from_slice(bytes).map_err(|_| Fault::Damaged("a row of an import".to_owned()))
}

/// When a row of an import was recorded.
pub(crate) fn row_instant(bytes: &[u8]) -> Result<Instant, Fault> {
    let row = row_json(bytes)?;
    let at = row.get("at").and_then(Json::as_str).and_then(|at| at.parse::<Timestamp>().ok());
    at.map(Into::into).ok_or_else(|| lacks("at"))
}

/// The record that a row of an import makes, with its key leaves.
pub(crate) fn row_record(codec: &Codec<'_>, bytes: &[u8]) -> Result<(Record, Leaves), Fault> {
    let (mut folded, mut known) = (Folded::default(), BTreeSet::new());
    take_row(codec, bytes, &mut folded, &mut known)?;
    let (id, record) = folded.records.pop_first().ok_or_else(|| lacks("record.opened"))?;
    Ok((record, folded.leaves.remove(&id).unwrap_or_default()))
}

fn take_row(
    codec: &Codec<'_>,
    bytes: &[u8],
    folded: &mut Folded,
    known: &mut BTreeSet<(Uuid, Uuid)>,
) -> Result<(), Fault> {
    let row = row_json(bytes)?;
    let id: Uuid =
        row.get("record").and_then(Json::as_str).and_then(|id| id.parse().ok()).ok_or_else(|| lacks("record"))?;
    let at = row_instant(bytes)?;
    for change in row.get("changes").and_then(Json::as_array).into_iter().flatten() {
        let kind = change.get("kind").and_then(Json::as_str).ok_or_else(|| lacks("kind"))?;
        let body = change.get("body").and_then(Json::as_object).ok_or_else(|| lacks("body"))?;
        Reading { codec, body, id, at }.take(kind, folded, known)?;
    }
    // A row names its leaves also where it holds nothing sealed.
    let leaves = folded.leaves.entry(id).or_default();
    leaves.record = row.get("leaf").and_then(Json::as_i64).ok_or_else(|| lacks("leaf"))?;
    known.insert((id, Uuid::nil()));
    for (line, leaf) in row.get("lines").and_then(Json::as_object).into_iter().flatten() {
        if let (Ok(line), Some(leaf)) = (line.parse(), leaf.as_i64()) {
            leaves.lines.insert(line, leaf);
            known.insert((id, line));
        }
    }
    Ok(())
}

/// One event.
struct Reading<'a> {
    codec: &'a Codec<'a>,
    body: &'a Map<String, Json>,
    id: Uuid,
    at: Instant,
}

impl Reading<'_> {
    fn take(&self, kind: &str, folded: &mut Folded, known: &mut BTreeSet<(Uuid, Uuid)>) -> Result<(), Fault> {
        if kind == "record.opened" {
            let by = self.uuid("by");
            let said = self.body.get("rulebook").and_then(Json::as_i64);
            if said.is_none() {
                folded.lacks.push(Lack::Rulebook { record: self.id });
            }
            let version = said.unwrap_or(self.codec.book.version);
            let mut record = blank(self.id, self.text("register")?, by, self.at.timestamp(), version);
            self.text("number")?.clone_into(&mut record.number);
            folded.records.insert(self.id, record);
        }
        let Some(record) = folded.records.get_mut(&self.id) else { return Ok(()) };
        let Some(change) = self.change(kind, record)? else { return Ok(()) };
        apply(record, &change, self.at.timestamp());
        folded.changed_at.insert(self.id, self.at);
        let line = match &change {
            Change::LineAdded { line, .. } | Change::LineSet { line, .. } => Some(*line),
            _ => None,
        };
        let leaves = folded.leaves.entry(self.id).or_default();
        if let Some(number) = self.leaf() {
            match line {
                Some(line) => leaves.lines.insert(line, number),
                None => Some(std::mem::replace(&mut leaves.record, number)),
            };
            known.insert((self.id, line.unwrap_or(Uuid::nil())));
        }
        Ok(())
    }

    /// The key leaf, if the event names it or holds a value sealed with it.
    fn leaf(&self) -> Option<i64> {
        if let Some(named) = self.body.get("leaf").and_then(Json::as_i64) {
            return Some(named);
        }
        // A reason is sealed with the record's leaf, also where it is about a line.
        let values = self.body.get("fields").into_iter();
        let reason = self.body.get("reason").filter(|_| !self.body.contains_key("line"));
        let leaves = sealed_leaves(values.chain(reason));
        leaves.first().and_then(|leaf| i64::try_from(leaf.number()).ok())
    }

    fn change(&self, kind: &str, record: &Record) -> Result<Option<Change>, Fault> {
        let id = self.id;
        let at = At { register: &record.register, record: id, line: None };
        Ok(Some(match kind {
            "record.opened" => Change::Opened { record: id, register: record.register.clone(), by: self.uuid("by") },
            "record.fields-set" => Change::FieldsSet {
                record: id,
                fields: self.fields(&at, None)?,
                known_at: self.instant("known_at")?,
                reason: self.reason(&at)?,
                act: self.body.get("act").and_then(Json::as_str).map(str::to_owned),
            },
            "line.added" | "line.fields-set" => self.line_change(kind, at)?,
            "act.done" | "act.skipped" | "act.returned" => {
                let act = self.text("act")?;
                Change::Deed {
                    record: id,
                    act: act.to_owned(),
                    round: self.body.get("round").and_then(Json::as_i64).unwrap_or_default(),
                    status: serde_json::from_value(self.body.get("status").cloned().unwrap_or_default())
                        .map_err(|_| lacks("status"))?,
                    by: self.uuid("by"),
                    acting_for: self.uuid("acting_for"),
                    happened_at: self.instant("happened_at")?,
                    fields: self.fields(&at, Some(act))?,
                    reason: self.reason(&at)?,
                }
            }
            "act.approved" => Change::Approved {
                record: id,
                act: self.text("act")?.to_owned(),
                round: self.body.get("round").and_then(Json::as_i64).unwrap_or_default(),
                role: self.text("role")?.to_owned(),
                by: self.uuid("by").ok_or_else(|| lacks("by"))?,
                by_self: self.flag("by_self"),
                reason: self.reason(&at)?,
                complete: self.flag("complete"),
            },
            "record.closed" => Change::Closed { record: id },
            "record.disposed" => Change::Disposed { record: id, reason: self.reason(&at)?, how: Values::new() },
            "attachment.added" => Change::Attached { record: id, line: self.erased_line()?, file: self.file()? },
            "record.erased" => Change::Erased { record: id, line: self.erased_line()?, reason: None },
            _ => return Ok(None),
        }))
    }

    fn line_change(&self, kind: &str, at: At<'_>) -> Result<Change, Fault> {
        let (record, list) = (self.id, self.text("list")?.to_owned());
        let line = self.uuid("line").ok_or_else(|| lacks("line"))?;
        let reason = self.reason(&at)?;
        let at = At { line: Some((&list, line)), ..at };
        let (fields, known_at) = (self.fields(&at, None)?, self.instant("known_at")?);
        Ok(match kind {
            "line.added" => Change::LineAdded { record, list, line, fields, known_at },
            _ => Change::LineSet { record, list, line, fields, known_at, reason },
        })
    }

    fn erased_line(&self) -> Result<Option<(String, Uuid)>, Fault> {
        match self.body.get("line") {
            None | Some(Json::Null) => Ok(None),
            Some(line) => {
                let list = line.get(0).and_then(Json::as_str);
                let id = line.get(1).and_then(Json::as_str).and_then(|id| id.parse().ok());
                list.zip(id).map(|(list, id)| Some((list.to_owned(), id))).ok_or_else(|| lacks("line"))
            }
        }
    }

    fn file(&self) -> Result<Attached, Fault> {
        let at = At { register: attach::PLACE, record: self.id, line: None };
        let file = self.uuid("attachment").ok_or_else(|| lacks("attachment"))?;
        let number = |member| self.body.get(member).and_then(Json::as_i64).ok_or_else(|| lacks(member));
        let name = self.codec.open(&at, &attach::name_field(file), self.text("name")?)?;
        Ok(Attached {
            id: file,
            name: name.unwrap_or_default(),
            media_type: self.text("media_type")?.to_owned(),
            bytes: number("bytes")?,
            blob: self.text("blob")?.to_owned(),
            leaf: number("key")?,
        })
    }

    fn fields(&self, at: &At<'_>, act: Option<&str>) -> Result<Values, Fault> {
        let mut out = Values::new();
        for (field, json) in self.body.get("fields").and_then(Json::as_object).into_iter().flatten() {
            out.insert(field.clone(), self.codec.read(at, act, field, json)?);
        }
        Ok(out)
    }

    fn reason(&self, at: &At<'_>) -> Result<Option<String>, Fault> {
        match self.body.get("reason").and_then(Json::as_str) {
            Some(sealed) => self.codec.open(at, "reason", sealed),
            None => Ok(None),
        }
    }

    fn text(&self, member: &'static str) -> Result<&str, Fault> {
        self.body.get(member).and_then(Json::as_str).ok_or_else(|| lacks(member))
    }

    fn uuid(&self, member: &str) -> Option<Uuid> {
        self.body.get(member).and_then(Json::as_str).and_then(|id| id.parse().ok())
    }

    fn flag(&self, member: &str) -> bool {
        self.body.get(member).and_then(Json::as_bool).unwrap_or_default()
    }

    fn instant(&self, member: &'static str) -> Result<Timestamp, Fault> {
        self.text(member)?.parse().map_err(|_| lacks(member))
    }
}

fn lacks(member: &'static str) -> Fault {
    Fault::Damaged(format!("its body lacks {member}"))
}
