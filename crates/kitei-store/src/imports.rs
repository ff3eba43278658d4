//! Import batches: what was read from a file and waits to be looked at, taken over or undone.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx};
use crate::{binds, statements};

statements! {
    /// A new batch.
    CREATE = "insert into import_batch (org, id, register, state, doc, created_at) values ($1, $2, $3, $4, $5, $6)";
    /// Moves a batch on, if it still is where the caller believes.
    MOVE = "update import_batch set state = $4, doc = $5 where org = $1 and id = $2 and state = $3";
    /// One batch.
    LOAD = "select id, register, state, doc, created_at from import_batch where org = $1 and id = $2";
    /// The batches of an organization, newest first.
    LIST = "select id, register, state, doc, created_at from import_batch where org = $1
        order by created_at desc, id desc limit $2";
}

/// A batch of imported rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportBatch {
    /// Its id.
    pub id: Uuid,
    /// The register that the rows go to.
    pub register: String,
    /// Where it stands; the words are the caller's.
    pub state: String,
    /// Columns, choices, counts and where the rows lie.
    pub doc: Json,
    /// When it was made.
    pub created_at: Instant,
}

fn read(row: &Row) -> Result<ImportBatch, StoreError> {
    Ok(ImportBatch {
        id: row.get("id")?,
        register: row.get("register")?,
        state: row.get("state")?,
        doc: row.get("doc")?,
        created_at: row.get("created_at")?,
    })
}

/// Keeps a new batch.
///
/// # Errors
/// `Unique` when the id is taken.
pub async fn create(tx: &mut Tx, org: Uuid, batch: &ImportBatch) -> Result<(), StoreError> {
    let ImportBatch { id, register, state, doc, created_at } = batch;
    tx.execute(&CREATE, binds![org, *id, register, state, doc, *created_at]).await?;
    Ok(())
}

/// Moves a batch from one state to the next.
///
/// # Errors
/// `Stale` when it is not in the state `from`.
pub async fn advance(tx: &mut Tx, org: Uuid, id: Uuid, from: &str, to: &str, doc: &Json) -> Result<(), StoreError> {
    match tx.execute(&MOVE, binds![org, id, from, to, doc]).await? {
        0 => Err(StoreError::new(StoreErrorKind::Stale, MOVE.name())),
        _ => Ok(()),
    }
}

/// The batch, if there is one with this id.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, id: Uuid) -> Result<Option<ImportBatch>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, id]).await?.as_ref().map(read).transpose()
}

/// The newest batches.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn list(reader: &mut Reader, org: Uuid, limit: u32) -> Result<Vec<ImportBatch>, StoreError> {
    reader.fetch_all(&LIST, binds![org, limit]).await?.iter().map(read).collect()
}
