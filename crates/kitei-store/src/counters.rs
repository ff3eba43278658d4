//! Running numbers by register and year (the `3` of `INC-2026-003`; how it is written is the caller's).
//!
//! Invariant: a number is given out inside the act that uses it, so an act that fails leaves no gap.

use uuid::Uuid;

use crate::db::{StoreError, Tx};
use crate::{binds, statements};

statements! {
    /// Takes the next numbers.
    TAKE = "insert into counter (org, register, year, next) values ($1, $2, $3, $4)
        on conflict (org, register, year) do update set next = counter.next + excluded.next
        returning next";
}

/// Takes the next running number of a register and year, from 1.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn next(tx: &mut Tx, org: Uuid, register: &str, year: i64) -> Result<i64, StoreError> {
    take(tx, org, register, year, 1).await
}

/// Takes `count` running numbers and returns the first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn take(tx: &mut Tx, org: Uuid, register: &str, year: i64, count: u32) -> Result<i64, StoreError> {
    let last: i64 = tx.fetch_one(&TAKE, binds![org, register, year, count]).await?.get("next")?;
    Ok(last - i64::from(count) + 1)
}
