//! Deeds: what was done in a case, by act, line and round. One deed serves every track that names its act.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, Tx};
use crate::{binds, statements};

statements! {
    /// Keeps a deed, in place of its earlier state.
    PUT = "insert into deed (org, record, act, line, round, status, actor, happened_at, recorded_at, doc)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (org, record, act, line, round) do update set status = excluded.status, actor = excluded.actor,
            happened_at = excluded.happened_at, recorded_at = excluded.recorded_at, doc = excluded.doc";
    /// One deed.
    LOAD = "select record, act, line, round, status, actor, happened_at, recorded_at, doc from deed
        where org = $1 and record = $2 and act = $3 and line = $4 and round = $5";
    /// A record's deeds in the order in which they were recorded.
    OF_RECORD = "select record, act, line, round, status, actor, happened_at, recorded_at, doc from deed
        where org = $1 and record = $2 order by recorded_at, act, line, round";
}

/// Which deed or task: never its due time, so that a deadline that moves is still the same task.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeedId {
    /// The record.
    pub record: Uuid,
    /// The act, by its id in the packs.
    pub act: String,
    /// The line; nil when the deed is about the record as a whole.
    pub line: Uuid,
    /// The round, from 0; reopening begins another.
    pub round: i64,
}

/// A deed.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// Which.
    pub id: DeedId,
    /// Where it stands; the words are the caller's.
    pub status: String,
    /// Who did it.
    pub actor: Option<Uuid>,
    /// When it happened, as somebody said.
    pub happened_at: Option<Instant>,
    /// When the server recorded it.
    pub recorded_at: Instant,
    /// Fields, approvals, reason.
    pub doc: Json,
}

fn read(row: &Row) -> Result<Deed, StoreError> {
    Ok(Deed {
        id: DeedId {
            record: row.get("record")?,
            act: row.get("act")?,
            line: row.get("line")?,
            round: row.get("round")?,
        },
        status: row.get("status")?,
        actor: row.maybe("actor")?,
        happened_at: row.maybe("happened_at")?,
        recorded_at: row.get("recorded_at")?,
        doc: row.get("doc")?,
    })
}

/// Keeps a deed, in place of its earlier state (its history is in the log).
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn put(tx: &mut Tx, org: Uuid, deed: &Deed) -> Result<(), StoreError> {
    let Deed { id: DeedId { record, act, line, round }, status, actor, happened_at, recorded_at, doc } = deed;
    let binds = binds![org, *record, act, *line, *round, status, *actor, *happened_at, *recorded_at, doc];
    tx.execute(&PUT, binds).await?;
    Ok(())
}

/// The deed, if there is one.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, id: &DeedId) -> Result<Option<Deed>, StoreError> {
    let DeedId { record, act, line, round } = id;
    reader.fetch_optional(&LOAD, binds![org, *record, act, *line, *round]).await?.as_ref().map(read).transpose()
}

/// A record's deeds in the order in which they were recorded.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Vec<Deed>, StoreError> {
    reader.fetch_all(&OF_RECORD, binds![org, record]).await?.iter().map(read).collect()
}
