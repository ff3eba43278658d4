//! Records of every register, with the open values that lists filter and sort by and the links between records.
//!
//! Invariants: a record is changed only by somebody who has read its present version; `record_value` and `link` are
//! made anew from the record's document by the same act that changes the document, so they never lag behind.

mod list;
#[cfg(test)]
pub(crate) mod tests;
mod values;

use std::collections::HashMap;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Bind as _, Instant, Reader, Row, StoreError, StoreErrorKind, Tx, Value};
use crate::{binds, statements};

pub use list::{Filter, ListQuery, Page, Sort, count, list};
pub use values::{IndexValue, Link, links_from, links_to, links_to_any, values_of};

statements! {
    /// A new record.
    INSERT = "insert into record (org, id, register, number, state, version, leaf, doc, known_at, created_at,
            updated_at, closed_at, erased_at, rulebook, valid_until)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// The next version of a record.
    UPDATE = "update record set number = $4, state = $5, version = version + 1, leaf = $6, doc = $7, known_at = $8,
            updated_at = $9, closed_at = $10, erased_at = $11, rulebook = $12, valid_until = $13
        where org = $1 and id = $2 and version = $3";
    /// When the tasks of a record have to be computed again.
    SET_VALID_UNTIL = "update record set valid_until = $2 where org = $1 and id = $3";
    /// One record.
    LOAD = "select id, register, number, state, version, leaf, doc, known_at, created_at, updated_at, closed_at,
            erased_at, rulebook, valid_until from record where org = $1 and id = $2";
    /// One record by its number.
    BY_NUMBER = "select id, register, number, state, version, leaf, doc, known_at, created_at, updated_at, closed_at,
            erased_at, rulebook, valid_until from record where org = $1 and register = $2 and number = $3";
    /// Records with a number, whatever their register: prefixes of registers differ, so there is one.
    WITH_NUMBER = "select id from record where org = $1 and number = $2 order by register limit 1";
    /// A register's records after a number, for exports and rebuilding.
    AFTER = "select id, register, number, state, version, leaf, doc, known_at, created_at, updated_at, closed_at,
            erased_at, rulebook, valid_until from record
        where org = $1 and register = $2 and number > $3 order by number limit $4";
    /// Records of a register in a state, by number.
    IN_STATE = "select id, register, number, state, version, leaf, doc, known_at, created_at, updated_at, closed_at,
            erased_at, rulebook, valid_until from record
        where org = $1 and register = $2 and state = $3 order by number limit $4";
    /// How many records of a register are in a state.
    COUNT_IN_STATE = "select count(*) as total from record where org = $1 and register = $2 and state = $3";
    /// Records whose tasks have to be computed again.
    DUE = "select id, valid_until from record where org = $1 and valid_until <= $2 order by valid_until limit $3";
    /// A new open value.
    INSERT_VALUE = "insert into record_value (org, record, field, position, register, text_value, number_value)
        values ($1, $2, $3, $4, $5, $6, $7)";
    /// Another open value in its place.
    UPDATE_VALUE = "update record_value set text_value = $5, number_value = $6
        where org = $1 and record = $2 and field = $3 and position = $4";
    /// Takes an open value away.
    DELETE_VALUE = "delete from record_value where org = $1 and record = $2 and field = $3 and position = $4";
    /// The open values of a record.
    VALUES = "select field, position, text_value, number_value from record_value
        where org = $1 and record = $2 order by field, position";
    /// A new link.
    INSERT_LINK = "insert into link (org, source, field, target) values ($1, $2, $3, $4)
        on conflict (org, source, field, target) do nothing";
    /// Takes a link away.
    DELETE_LINK = "delete from link where org = $1 and source = $2 and field = $3 and target = $4";
    /// Links out of a record.
    LINKS_FROM = "select source, field, target from link where org = $1 and source = $2 order by field, target";
    /// Links into a record.
    LINKS_TO = "select source, field, target from link where org = $1 and target = $2 order by field, source";
}

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: Uuid,
    /// Its register.
    pub register: String,
    /// Its running number, as people see it.
    pub number: String,
    /// Where it stands; the words are the caller's.
    pub state: String,
    /// Which version this is, from 1.
    pub version: i64,
    /// The key leaf that its sealed values belong to.
    pub leaf: i64,
    /// Its fields, sealed ones sealed.
    pub doc: Json,
    /// When what it reports became known, as somebody said.
    pub known_at: Option<Instant>,
    /// When it was recorded.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// When its personal values were erased.
    pub erased_at: Option<Instant>,
    /// The version of the rulebook that it goes by.
    pub rulebook: i64,
    /// Until when its computed tasks are right; none when no passing of time changes them.
    pub valid_until: Option<Instant>,
}

/// A record with everything that is kept beside it.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// The record; its version is 1.
    pub record: Record,
    /// The open values that lists filter and sort by.
    pub values: Vec<IndexValue>,
    /// Links to other records.
    pub links: Vec<Link>,
}

pub(crate) fn read(row: &Row) -> Result<Record, StoreError> {
    Ok(Record {
        id: row.get("id")?,
        register: row.get("register")?,
        number: row.get("number")?,
        state: row.get("state")?,
        version: row.get("version")?,
        leaf: row.get("leaf")?,
        doc: row.get("doc")?,
        known_at: row.maybe("known_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        closed_at: row.maybe("closed_at")?,
        erased_at: row.maybe("erased_at")?,
        rulebook: row.get("rulebook")?,
        valid_until: row.maybe("valid_until")?,
    })
}

/// Keeps a new record with its values and links.
///
/// # Errors
/// `Unique` when the id or the number is taken.
pub async fn insert(tx: &mut Tx, org: Uuid, new: &NewRecord) -> Result<(), StoreError> {
    insert_many(tx, org, std::slice::from_ref(new)).await
}

/// Keeps many new records, in few statements.
///
/// # Errors
/// As `insert`; then none of them is kept.
pub async fn insert_many(tx: &mut Tx, org: Uuid, new: &[NewRecord]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Value<'_>>> = new.iter().map(|new| record_row(org, &new.record)).collect();
    tx.insert_many(&INSERT, &rows).await?;
    values::insert(tx, org, new).await
}

fn record_row(org: Uuid, record: &Record) -> Vec<Value<'_>> {
    vec![
        Value::Uuid(Some(org)),
        Value::Uuid(Some(record.id)),
        Value::Text(Some(record.register.as_str().into())),
        Value::Text(Some(record.number.as_str().into())),
        Value::Text(Some(record.state.as_str().into())),
        Value::Integer(Some(record.version)),
        Value::Integer(Some(record.leaf)),
        record.doc.value(),
        Value::Instant(record.known_at),
        Value::Instant(Some(record.created_at)),
        Value::Instant(Some(record.updated_at)),
        Value::Instant(record.closed_at),
        Value::Instant(record.erased_at),
        Value::Integer(Some(record.rulebook)),
        Value::Instant(record.valid_until),
    ]
}

/// Keeps the next version of a record; `record.version` is the version that the caller has read. Returns the new one.
///
/// # Errors
/// `Stale` when somebody else changed it since; `Unique` when the number is taken.
pub async fn update(
    tx: &mut Tx,
    org: Uuid,
    record: &Record,
    values: &[IndexValue],
    links: &[Link],
) -> Result<i64, StoreError> {
    let Record { id, number, state, version, leaf, doc, known_at, updated_at, closed_at, erased_at, rulebook, .. } =
        record;
    let changed = tx
        .execute(
            &UPDATE,
            binds![
                org,
                *id,
                *version,
                number,
                state,
                *leaf,
                doc,
                *known_at,
                *updated_at,
                *closed_at,
                *erased_at,
                *rulebook,
                record.valid_until
            ],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::new(StoreErrorKind::Stale, UPDATE.name()));
    }
    values::replace(tx, org, record, values).await?;
    values::replace_links(tx, org, *id, links).await?;
    Ok(version + 1)
}

/// Notes until when the computed tasks of records are right. This is no new version: nobody did anything.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn set_valid_until(
    tx: &mut Tx,
    org: Uuid,
    records: &[Uuid],
    valid_until: Option<Instant>,
) -> Result<(), StoreError> {
    tx.execute_of(&SET_VALID_UNTIL, "id", binds![org, valid_until], records).await?;
    Ok(())
}

/// The record, if there is one with this id.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, id: Uuid) -> Result<Option<Record>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, id]).await?.as_ref().map(read).transpose()
}

/// The record of a register with this number.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn by_number(
    reader: &mut Reader,
    org: Uuid,
    register: &str,
    number: &str,
) -> Result<Option<Record>, StoreError> {
    reader.fetch_optional(&BY_NUMBER, binds![org, register, number]).await?.as_ref().map(read).transpose()
}

/// The id of the record with this number, in whatever register.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn with_number(reader: &mut Reader, org: Uuid, number: &str) -> Result<Option<Uuid>, StoreError> {
    reader.fetch_optional(&WITH_NUMBER, binds![org, number]).await?.map(|row| row.get("id")).transpose()
}

/// Those of the records that exist, in the order asked for.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load_many(reader: &mut Reader, org: Uuid, ids: &[Uuid]) -> Result<Vec<Record>, StoreError> {
    let rows = reader.fetch_of(&LOAD, "id", binds![org], ids).await?;
    let found =
        rows.iter().map(|row| read(row).map(|record| (record.id, record))).collect::<Result<HashMap<_, _>, _>>()?;
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// A register's records after a number, in the order of numbers: for walking through all of them.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn after(
    reader: &mut Reader,
    org: Uuid,
    register: &str,
    number: &str,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    reader.fetch_all(&AFTER, binds![org, register, number, limit]).await?.iter().map(read).collect()
}

/// Records of a register in a state, in the order of numbers, at most `limit`.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn in_state(
    reader: &mut Reader,
    org: Uuid,
    register: &str,
    state: &str,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    reader.fetch_all(&IN_STATE, binds![org, register, state, limit]).await?.iter().map(read).collect()
}

/// How many records of a register are in a state.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn count_in_state(reader: &mut Reader, org: Uuid, register: &str, state: &str) -> Result<i64, StoreError> {
    reader.fetch_one(&COUNT_IN_STATE, binds![org, register, state]).await?.get("total")
}

/// Records whose computed tasks are no longer right at `now`, the longest overdue first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn due(reader: &mut Reader, org: Uuid, now: Instant, limit: u32) -> Result<Vec<(Uuid, Instant)>, StoreError> {
    let rows = reader.fetch_all(&DUE, binds![org, now, limit]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("valid_until")?))).collect()
}
