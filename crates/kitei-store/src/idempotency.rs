//! Keys of forms and requests that must take effect once, however often they arrive.
//!
//! Invariant: the key is kept by the act that does the work, so either both happened or neither.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, StoreError, Tx};
use crate::{binds, statements};

statements! {
    /// The outcome kept under a key.
    FIND = "select outcome from idempotency where org = $1 and key = $2";
    /// Keeps an outcome.
    KEEP = "insert into idempotency (org, key, outcome, at) values ($1, $2, $3, $4)";
    /// Forgets what nobody will repeat any more.
    SWEEP = "delete from idempotency where org = $1 and at < $2";
}

/// What came of the request with this key, if it was done before.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn find(reader: &mut Reader, org: Uuid, key: &str) -> Result<Option<Json>, StoreError> {
    reader.fetch_optional(&FIND, binds![org, key]).await?.map(|row| row.get("outcome")).transpose()
}

/// Keeps what came of the request. The outcome must not hold personal information: ids and numbers suffice.
///
/// # Errors
/// `Unique` when the key was used before.
pub async fn keep(tx: &mut Tx, org: Uuid, key: &str, outcome: &Json, now: Instant) -> Result<(), StoreError> {
    tx.execute(&KEEP, binds![org, key, outcome, now]).await?;
    Ok(())
}

/// Forgets the keys from before an instant and says how many.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn sweep(tx: &mut Tx, org: Uuid, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, binds![org, before]).await
}
