//! Adopted packs, by the hash of their bytes, and the rulebooks made of them, by version and day.
//!
//! Invariant: a rulebook is never changed; a new one takes its place from a day on.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Day, Instant, Reader, Row, StoreError, Tx};
use crate::{binds, statements};

statements! {
    /// Keeps a pack's bytes once.
    PUT = "insert into pack (org, hash, bytes) values ($1, $2, $3) on conflict (org, hash) do nothing";
    /// A pack's bytes.
    GET = "select bytes from pack where org = $1 and hash = $2";
    /// A new rulebook.
    ADOPT = "insert into rulebook (org, version, effective_from, adopted_at, doc) values ($1, $2, $3, $4, $5)";
    /// One rulebook.
    LOAD = "select version, effective_from, adopted_at, doc from rulebook where org = $1 and version = $2";
    /// The rulebook in force on a day: of those that had begun, the one adopted last.
    ON = "select version, effective_from, adopted_at, doc from rulebook where org = $1 and effective_from <= $2
        order by effective_from desc, version desc limit 1";
    /// All rulebooks.
    LIST = "select version, effective_from, adopted_at, doc from rulebook where org = $1 order by version";
}

/// A rulebook as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRulebook {
    /// Its version, from 1.
    pub version: i64,
    /// The first day on which it counts.
    pub effective_from: Day,
    /// When it was adopted.
    pub adopted_at: Instant,
    /// Packs by hash, and the choices made at adoption.
    pub doc: Json,
}

fn read(row: &Row) -> Result<StoredRulebook, StoreError> {
    Ok(StoredRulebook {
        version: row.get("version")?,
        effective_from: row.get("effective_from")?,
        adopted_at: row.get("adopted_at")?,
        doc: row.get("doc")?,
    })
}

/// Keeps a pack's bytes under their hash; the same bytes are kept once.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn put(tx: &mut Tx, org: Uuid, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
    tx.execute(&PUT, binds![org, hash, bytes]).await?;
    Ok(())
}

/// The bytes of an adopted pack.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn get(reader: &mut Reader, org: Uuid, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    reader.fetch_optional(&GET, binds![org, hash]).await?.map(|row| row.get("bytes")).transpose()
}

/// Keeps a new rulebook.
///
/// # Errors
/// `Unique` when the version is taken.
pub async fn adopt(tx: &mut Tx, org: Uuid, rulebook: &StoredRulebook) -> Result<(), StoreError> {
    let StoredRulebook { version, effective_from, adopted_at, doc } = rulebook;
    tx.execute(&ADOPT, binds![org, *version, *effective_from, *adopted_at, doc]).await?;
    Ok(())
}

/// The rulebook of a version.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn rulebook(reader: &mut Reader, org: Uuid, version: i64) -> Result<Option<StoredRulebook>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, version]).await?.as_ref().map(read).transpose()
}

/// The rulebook in force on a day.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn rulebook_on(reader: &mut Reader, org: Uuid, day: Day) -> Result<Option<StoredRulebook>, StoreError> {
    reader.fetch_optional(&ON, binds![org, day]).await?.as_ref().map(read).transpose()
}

/// Every rulebook, by version.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn rulebooks(reader: &mut Reader, org: Uuid) -> Result<Vec<StoredRulebook>, StoreError> {
    reader.fetch_all(&LIST, binds![org]).await?.iter().map(read).collect()
}
