//! Settings of an organization, by key.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Reader, StoreError, Tx};
use crate::{binds, statements};

statements! {
    /// One setting.
    GET = "select doc from setting where org = $1 and key = $2";
    /// All settings.
    LIST = "select key, doc from setting where org = $1 order by key";
    /// Sets or replaces one.
    PUT = "insert into setting (org, key, doc) values ($1, $2, $3)
        on conflict (org, key) do update set doc = excluded.doc";
    /// Takes one away.
    REMOVE = "delete from setting where org = $1 and key = $2";
}

/// The setting, if it was ever set.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn get(reader: &mut Reader, org: Uuid, key: &str) -> Result<Option<Json>, StoreError> {
    reader.fetch_optional(&GET, binds![org, key]).await?.map(|row| row.get("doc")).transpose()
}

/// Every setting, by key.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn list(reader: &mut Reader, org: Uuid) -> Result<Vec<(String, Json)>, StoreError> {
    let rows = reader.fetch_all(&LIST, binds![org]).await?;
    rows.iter().map(|row| Ok((row.get("key")?, row.get("doc")?))).collect()
}

/// Sets or replaces a setting.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn put(tx: &mut Tx, org: Uuid, key: &str, doc: &Json) -> Result<(), StoreError> {
    tx.execute(&PUT, binds![org, key, doc]).await?;
    Ok(())
}

/// Takes a setting away, so that its default counts again; false when it was not set.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn remove(tx: &mut Tx, org: Uuid, key: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE, binds![org, key]).await? > 0)
}
