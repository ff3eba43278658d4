//! Proposed changes of approved records; the old version stays in force until a proposal takes effect.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Day, Instant, Reader, Row, StoreError, StoreErrorKind, Tx};
use crate::{binds, statements};

statements! {
    /// A new proposal.
    CREATE = "insert into proposal (org, id, record, kind, state, doc, created_at, effective_from, decided_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Moves a proposal on, if it still is where the caller believes.
    MOVE = "update proposal set state = $4, doc = $5, effective_from = $6, decided_at = $7
        where org = $1 and id = $2 and state = $3";
    /// One proposal.
    LOAD = "select id, record, kind, state, doc, created_at, effective_from, decided_at from proposal
        where org = $1 and id = $2";
    /// A record's proposals, newest first.
    OF_RECORD = "select id, record, kind, state, doc, created_at, effective_from, decided_at from proposal
        where org = $1 and record = $2 order by created_at desc, id desc";
    /// Those of a state whose day has come.
    DUE = "select id, record, kind, state, doc, created_at, effective_from, decided_at from proposal
        where org = $1 and state = $2 and effective_from <= $3 order by effective_from, id limit $4";
}

/// A proposal.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Its id.
    pub id: Uuid,
    /// The record to be changed.
    pub record: Uuid,
    /// What sort of change; the words are the caller's.
    pub kind: String,
    /// Where it stands; the words are the caller's.
    pub state: String,
    /// The change, its sealed parts sealed.
    pub doc: Json,
    /// When it was made.
    pub created_at: Instant,
    /// The day on which it takes effect, once known.
    pub effective_from: Option<Day>,
    /// When it was approved or refused.
    pub decided_at: Option<Instant>,
}

fn read(row: &Row) -> Result<Proposal, StoreError> {
    Ok(Proposal {
        id: row.get("id")?,
        record: row.get("record")?,
        kind: row.get("kind")?,
        state: row.get("state")?,
        doc: row.get("doc")?,
        created_at: row.get("created_at")?,
        effective_from: row.maybe("effective_from")?,
        decided_at: row.maybe("decided_at")?,
    })
}

/// Keeps a new proposal.
///
/// # Errors
/// `Unique` when the id is taken.
pub async fn create(tx: &mut Tx, org: Uuid, proposal: &Proposal) -> Result<(), StoreError> {
    let Proposal { id, record, kind, state, doc, created_at, effective_from, decided_at } = proposal;
    tx.execute(&CREATE, binds![org, *id, *record, kind, state, doc, *created_at, *effective_from, *decided_at]).await?;
    Ok(())
}

/// Replaces state, document and dates of a proposal that is still in the state `from`.
///
/// # Errors
/// `Stale` when it is not.
pub async fn advance(tx: &mut Tx, org: Uuid, from: &str, proposal: &Proposal) -> Result<(), StoreError> {
    let Proposal { id, state, doc, effective_from, decided_at, .. } = proposal;
    match tx.execute(&MOVE, binds![org, *id, from, state, doc, *effective_from, *decided_at]).await? {
        0 => Err(StoreError::new(StoreErrorKind::Stale, MOVE.name())),
        _ => Ok(()),
    }
}

/// The proposal, if there is one with this id.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, id: Uuid) -> Result<Option<Proposal>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, id]).await?.as_ref().map(read).transpose()
}

/// A record's proposals, newest first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Vec<Proposal>, StoreError> {
    reader.fetch_all(&OF_RECORD, binds![org, record]).await?.iter().map(read).collect()
}

/// Proposals of a state that take effect on the day or before.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn due(
    reader: &mut Reader,
    org: Uuid,
    state: &str,
    day: Day,
    limit: u32,
) -> Result<Vec<Proposal>, StoreError> {
    reader.fetch_all(&DUE, binds![org, state, day, limit]).await?.iter().map(read).collect()
}
