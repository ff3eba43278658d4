//! Import batches: what was read from a file and waits to be looked at, taken over or undone; and their rows.
//!
//! Invariant: the rows of a batch that an event reports are never changed; only those of a batch that came to nothing go.

use kitei_evidence::Digest;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx, Value};
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
    /// Batches that the program goes on with by itself.
    RUNNING = "select id from import_batch
        where org = $1 and state in ('checking', 'staging', 'settling', 'indexing', 'undoing') order by id";
    /// One more row.
    ADD_ROW = "insert into import_row (org, batch, position, kind, record, bytes, leaf_hash)
        values ($1, $2, $3, $4, $5, $6, $7)";
    /// Rows of a batch from a position on.
    ROWS = "select position, kind, record, bytes, leaf_hash from import_row
        where org = $1 and batch = $2 and position >= $3 order by position limit $4";
    /// The row that a record came from.
    OF_RECORD = "select batch, position from import_row where org = $1 and record = $2 and kind = 'new'";
    /// Takes the rows of a batch that came to nothing away.
    REMOVE_ROWS = "delete from import_row where org = $1 and batch = $2";
    /// Records of a batch that were changed since, or are gone.
    CHANGED = "select i.record as record, r.number as number from import_row i
        left join record r on r.org = i.org and r.id = i.record
        where i.org = $1 and i.batch = $2 and i.kind = 'new' and (r.version is null or r.version > 1) order by i.position limit $3";
    /// Records outside a batch that name records of it.
    LINKED = "select distinct r.id as record, r.number as number from import_row i
        join link l on l.org = i.org and l.target = i.record
        join record r on r.org = l.org and r.id = l.source
        where i.org = $1 and i.batch = $2 and i.kind = 'new'
            and not exists (select 1 from import_row o where o.org = l.org and o.record = l.source and o.batch = $2)
        order by r.number limit $3";
    /// Takes the open values of a record away.
    FORGET_VALUES = "delete from record_value where org = $1 and record = $2";
    /// Takes the links of a record away.
    FORGET_LINKS = "delete from link where org = $1 and source = $2";
    /// Takes the lines of a record away.
    FORGET_LINES = "delete from line where org = $1 and record = $2";
    /// Takes a record away.
    FORGET = "delete from record where org = $1 and id = $2";
}

/// A row of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its place in the batch, from 0.
    pub position: i64,
    /// `new` where it makes a record, `change` where it changes one.
    pub kind: String,
    /// The record that it makes or changes.
    pub record: Uuid,
    /// Its canonical bytes; personal values are sealed.
    pub bytes: Vec<u8>,
    /// The hash of its leaf.
    pub leaf_hash: Digest,
}

/// A record as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub record: Uuid,
    /// Its number; absent when it is gone.
    pub number: Option<String>,
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

/// Batches that the program goes on with by itself, the oldest first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn running(reader: &mut Reader, org: Uuid) -> Result<Vec<Uuid>, StoreError> {
    reader.fetch_all(&RUNNING, binds![org]).await?.iter().map(|row| row.get("id")).collect()
}

fn row_values(org: Uuid, batch: Uuid, row: &ImportRow) -> Vec<Value<'_>> {
    vec![
        Value::Uuid(Some(org)),
        Value::Uuid(Some(batch)),
        Value::Integer(Some(row.position)),
        Value::Text(Some(row.kind.as_str().into())),
        Value::Uuid(Some(row.record)),
        Value::Bytes(Some(row.bytes.clone().into())),
        Value::Bytes(Some(row.leaf_hash.as_bytes().to_vec().into())),
    ]
}

/// Keeps rows of a batch.
///
/// # Errors
/// `Unique` when a position is taken.
pub async fn add_rows(tx: &mut Tx, org: Uuid, batch: Uuid, new: &[ImportRow]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Value<'_>>> = new.iter().map(|row| row_values(org, batch, row)).collect();
    tx.insert_many(&ADD_ROW, &rows).await?;
    Ok(())
}

/// Rows of a batch from a position on, in order.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn rows(
    reader: &mut Reader,
    org: Uuid,
    batch: Uuid,
    from: i64,
    limit: u32,
) -> Result<Vec<ImportRow>, StoreError> {
    let read = |row: &Row| {
        Ok(ImportRow {
            position: row.get("position")?,
            kind: row.get("kind")?,
            record: row.get("record")?,
            bytes: row.get("bytes")?,
            leaf_hash: Digest::from_bytes(row.get("leaf_hash")?),
        })
    };
    reader.fetch_all(&ROWS, binds![org, batch, from, limit]).await?.iter().map(read).collect()
}

/// The batch and the position in it that a record came from, if it was imported.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Option<(Uuid, i64)>, StoreError> {
    let row = reader.fetch_optional(&OF_RECORD, binds![org, record]).await?;
    row.map(|row| Ok((row.get("batch")?, row.get("position")?))).transpose()
}

/// Takes the rows of a batch away that no event reports.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn remove_rows(tx: &mut Tx, org: Uuid, batch: Uuid) -> Result<(), StoreError> {
    tx.execute(&REMOVE_ROWS, binds![org, batch]).await?;
    Ok(())
}

fn named(row: &Row) -> Result<Named, StoreError> {
    Ok(Named { record: row.get("record")?, number: row.maybe("number")? })
}

/// Records of a batch that were changed since they came, or are gone: some of them.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn changed(reader: &mut Reader, org: Uuid, batch: Uuid, limit: u32) -> Result<Vec<Named>, StoreError> {
    reader.fetch_all(&CHANGED, binds![org, batch, limit]).await?.iter().map(named).collect()
}

/// Records outside a batch that name records of it: some of them.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn linked(reader: &mut Reader, org: Uuid, batch: Uuid, limit: u32) -> Result<Vec<Named>, StoreError> {
    reader.fetch_all(&LINKED, binds![org, batch, limit]).await?.iter().map(named).collect()
}

/// Takes the projection of an imported record away; its evidence stays.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn forget(tx: &mut Tx, org: Uuid, record: Uuid) -> Result<(), StoreError> {
    crate::search::remove(tx, org, record).await?;
    crate::blind::remove(tx, org, record).await?;
    crate::tasks::replace(tx, org, &[record], &[]).await?;
    for statement in [&FORGET_VALUES, &FORGET_LINKS, &FORGET_LINES, &FORGET] {
        tx.execute(statement, binds![org, record]).await?;
    }
    Ok(())
}
