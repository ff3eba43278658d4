//! Attachments of records and lines: where their sealed bytes lie. The bytes themselves are in `blobs`.
//!
//! Invariant: a row stays when its content is erased, so that the history goes on saying that there was a file.

use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx};
use crate::{binds, statements};

statements! {
    /// A new attachment.
    CREATE = "insert into attachment (org, id, record, line, name, media_type, bytes, blob, leaf, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// One attachment.
    LOAD = "select id, record, line, name, media_type, bytes, blob, leaf, created_at, erased_at from attachment
        where org = $1 and id = $2";
    /// A record's attachments in the order in which they came.
    OF_RECORD = "select id, record, line, name, media_type, bytes, blob, leaf, created_at, erased_at from attachment
        where org = $1 and record = $2 order by created_at, id";
    /// Says that the content is gone.
    ERASE = "update attachment set name = $3, erased_at = $4 where org = $1 and id = $2 and erased_at is null";
    /// Whether anything that is not erased still needs a blob.
    USES = "select count(*) as uses from attachment where blob = $1 and erased_at is null";
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: Uuid,
    /// The record that it belongs to.
    pub record: Uuid,
    /// The line that it belongs to; nil when it is the record's own.
    pub line: Uuid,
    /// Its name, sealed if the caller seals names.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes before sealing.
    pub bytes: i64,
    /// The address of its sealed bytes in `blobs`.
    pub blob: String,
    /// The key leaf with which it is sealed.
    pub leaf: i64,
    /// When it came.
    pub created_at: Instant,
    /// When its content was erased.
    pub erased_at: Option<Instant>,
}

fn read(row: &Row) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: row.get("id")?,
        record: row.get("record")?,
        line: row.get("line")?,
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        bytes: row.get("bytes")?,
        blob: row.get("blob")?,
        leaf: row.get("leaf")?,
        created_at: row.get("created_at")?,
        erased_at: row.maybe("erased_at")?,
    })
}

/// Keeps a new attachment; its blob must be stored before.
///
/// # Errors
/// `Unique` when the id is taken.
pub async fn create(tx: &mut Tx, org: Uuid, new: &Attachment) -> Result<(), StoreError> {
    let Attachment { id, record, line, name, media_type, bytes, blob, leaf, created_at, erased_at: _ } = new;
    tx.execute(&CREATE, binds![org, *id, *record, *line, name, media_type, *bytes, blob, *leaf, *created_at]).await?;
    Ok(())
}

/// The attachment, if there is one with this id.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, id: Uuid) -> Result<Option<Attachment>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, id]).await?.as_ref().map(read).transpose()
}

/// A record's attachments in the order in which they came.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Vec<Attachment>, StoreError> {
    reader.fetch_all(&OF_RECORD, binds![org, record]).await?.iter().map(read).collect()
}

/// Notes that an attachment's content was erased and leaves `name` in place of its name.
///
/// # Errors
/// `Missing` when there is none, or it was erased before.
pub async fn erase(tx: &mut Tx, org: Uuid, id: Uuid, name: &str, now: Instant) -> Result<(), StoreError> {
    match tx.execute(&ERASE, binds![org, id, name, now]).await? {
        0 => Err(StoreError::new(StoreErrorKind::Missing, ERASE.name())),
        _ => Ok(()),
    }
}

/// How many attachments, of any organization, still need the blob.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn uses(reader: &mut Reader, blob: &str) -> Result<i64, StoreError> {
    reader.fetch_one(&USES, binds![blob]).await?.get("uses")
}
