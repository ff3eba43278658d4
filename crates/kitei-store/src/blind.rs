//! Blind search tokens of sealed fields (see `kitei_evidence::tokens`): finding a sealed value without keeping it.
//!
//! Invariants: a record's tokens are deleted with its erasure; a row carries the epoch of the key that made it, so that
//! after a rotation the rows of earlier epochs are known and can be made anew.

use kitei_evidence::tokens::Token;
use uuid::Uuid;

use crate::db::{Reader, Statement, StoreError, Tx, Value};
use crate::{binds, statements};

statements! {
    /// One token.
    INSERT = "insert into blind_token (org, register, field, token, record, epoch) values ($1, $2, $3, $4, $5, $6)
        on conflict (org, register, field, token, record) do nothing";
    /// Takes away the tokens of one field of a record.
    REMOVE_FIELD = "delete from blind_token where org = $1 and record = $2 and register = $3 and field = $4";
    /// Takes away every token of a record.
    REMOVE_RECORD = "delete from blind_token where org = $1 and record = $2";
    /// Takes away what earlier keys made, when everything has been made anew.
    REMOVE_OLD = "delete from blind_token where org = $1 and epoch < $2";
    /// Records that still have tokens of earlier keys.
    OLD = "select distinct record from blind_token where org = $1 and epoch < $2 order by record limit $3";
}

/// Where tokens belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenPlace<'p> {
    /// The register.
    pub register: &'p str,
    /// The field.
    pub field: &'p str,
    /// The record.
    pub record: Uuid,
}

/// Replaces the tokens of one field of a record by those of its new value.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn replace(
    tx: &mut Tx,
    org: Uuid,
    place: TokenPlace<'_>,
    epoch: u32,
    tokens: &[Token],
) -> Result<(), StoreError> {
    let TokenPlace { register, field, record } = place;
    tx.execute(&REMOVE_FIELD, binds![org, record, register, field]).await?;
    add(tx, org, place, epoch, tokens).await
}

/// Adds tokens to those of a field of a record (a field with several values, or the lines of a record).
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn add(
    tx: &mut Tx,
    org: Uuid,
    place: TokenPlace<'_>,
    epoch: u32,
    tokens: &[Token],
) -> Result<(), StoreError> {
    add_all(tx, org, epoch, &[(place, tokens.to_vec())]).await
}

/// As [`add`], for many fields and records in few statements.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn add_all(
    tx: &mut Tx,
    org: Uuid,
    epoch: u32,
    tokens: &[(TokenPlace<'_>, Vec<Token>)],
) -> Result<(), StoreError> {
    let row = |place: &TokenPlace<'_>, token: &Token| {
        let (register, field) = (place.register.to_owned(), place.field.to_owned());
        vec![
            Value::Uuid(Some(org)),
            Value::Text(Some(register.into())),
            Value::Text(Some(field.into())),
            Value::Integer(Some(token.to_i64())),
            Value::Uuid(Some(place.record)),
            Value::Integer(Some(i64::from(epoch))),
        ]
    };
    let rows: Vec<Vec<Value<'_>>> =
        tokens.iter().flat_map(|(place, tokens)| tokens.iter().map(move |token| row(place, token))).collect();
    tx.insert_many(&INSERT, &rows).await?;
    Ok(())
}

/// Takes away every token of a record and says how many there were.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn remove(tx: &mut Tx, org: Uuid, record: Uuid) -> Result<u64, StoreError> {
    tx.execute(&REMOVE_RECORD, binds![org, record]).await
}

/// Records whose tokens an earlier key made, to be made anew in the background.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn outdated(reader: &mut Reader, org: Uuid, epoch: u32, limit: u32) -> Result<Vec<Uuid>, StoreError> {
    let rows = reader.fetch_all(&OLD, binds![org, epoch, limit]).await?;
    rows.iter().map(|row| row.get("record")).collect()
}

/// Takes away the tokens of every earlier key and says how many there were.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn remove_outdated(tx: &mut Tx, org: Uuid, epoch: u32) -> Result<u64, StoreError> {
    tx.execute(&REMOVE_OLD, binds![org, epoch]).await
}

/// Records that have every one of the tokens in a field. The caller opens and compares them: a token may collide and
/// says nothing about order. No tokens, no records. Lists use `records::Filter::Tokens` instead.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn find(
    reader: &mut Reader,
    org: Uuid,
    register: &str,
    field: &str,
    tokens: &[Token],
) -> Result<Vec<Uuid>, StoreError> {
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let mut numbers: Vec<i64> = tokens.iter().map(|token| token.to_i64()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let places: Vec<String> = (0..numbers.len()).map(|index| format!("${}", index + 5)).collect();
    let statement = Statement::composed(
        concat!(module_path!(), "::FIND"),
        format!(
            "select record from blind_token where org = $1 and register = $2 and field = $3 and token in ({}) \
             group by record having count(*) = $4 order by record",
            places.join(", ")
        ),
    );
    let count = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
    let mut values: Vec<Value<'_>> = vec![
        Value::Uuid(Some(org)),
        Value::Text(Some(register.into())),
        Value::Text(Some(field.into())),
        Value::Integer(Some(count)),
    ];
    values.extend(numbers.into_iter().map(|number| Value::Integer(Some(number))));
    let binds: Vec<&dyn crate::db::Bind> = values.iter().map(|value| value as &dyn crate::db::Bind).collect();
    let rows = reader.fetch_all(&statement, &binds).await?;
    rows.iter().map(|row| row.get("record")).collect()
}
