//! Lines: the rows of a record's lists (a shared case's principals, say), each with its own state and its own key leaf.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Bind as _, Instant, Reader, Row, StoreError, StoreErrorKind, Tx, Value};
use crate::{binds, statements};

statements! {
    /// A new line.
    INSERT = "insert into line (org, record, list, id, position, leaf, doc, state, erased_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Everything of a line but its list.
    UPDATE = "update line set position = $5, leaf = $6, doc = $7, state = $8, erased_at = $9
        where org = $1 and record = $2 and list = $3 and id = $4";
    /// Takes a line away.
    REMOVE = "delete from line where org = $1 and record = $2 and list = $3 and id = $4";
    /// One line.
    LOAD = "select record, list, id, position, leaf, doc, state, erased_at from line
        where org = $1 and record = $2 and list = $3 and id = $4";
    /// Lines of a list from a place on.
    PAGE = "select record, list, id, position, leaf, doc, state, erased_at from line
        where org = $1 and record = $2 and list = $3 and position >= $4 order by position, id limit $5";
    /// All lines of a record.
    OF_RECORD = "select record, list, id, position, leaf, doc, state, erased_at from line
        where org = $1 and record = $2 order by list, position, id";
    /// How many lines of a list are in each state.
    COUNTS = "select state, count(*) as lines from line where org = $1 and record = $2 and list = $3
        group by state order by state";
    /// The place after the last line of a list.
    NEXT_POSITION = "select coalesce(max(position), -1) + 1 as position from line
        where org = $1 and record = $2 and list = $3";
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The record.
    pub record: Uuid,
    /// The list of the record.
    pub list: String,
    /// Its id.
    pub id: Uuid,
    /// Its place in the list.
    pub position: i64,
    /// The key leaf that its sealed values belong to; none when it has no sealed values of its own.
    pub leaf: Option<i64>,
    /// Its fields, sealed ones sealed.
    pub doc: Json,
    /// Where it stands; the words are the caller's.
    pub state: String,
    /// When its personal values were erased.
    pub erased_at: Option<Instant>,
}

fn read(row: &Row) -> Result<Line, StoreError> {
    Ok(Line {
        record: row.get("record")?,
        list: row.get("list")?,
        id: row.get("id")?,
        position: row.get("position")?,
        leaf: row.maybe("leaf")?,
        doc: row.get("doc")?,
        state: row.get("state")?,
        erased_at: row.maybe("erased_at")?,
    })
}

/// Keeps new lines, in few statements.
///
/// # Errors
/// `Unique` when an id is taken, `ForeignKey` when the record does not exist.
pub async fn insert(tx: &mut Tx, org: Uuid, lines: &[Line]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Value<'_>>> = lines
        .iter()
        .map(|line| {
            vec![
                Value::Uuid(Some(org)),
                Value::Uuid(Some(line.record)),
                Value::Text(Some(line.list.as_str().into())),
                Value::Uuid(Some(line.id)),
                Value::Integer(Some(line.position)),
                Value::Integer(line.leaf),
                line.doc.value(),
                Value::Text(Some(line.state.as_str().into())),
                Value::Instant(line.erased_at),
            ]
        })
        .collect();
    tx.insert_many(&INSERT, &rows).await?;
    Ok(())
}

/// Replaces everything of a line.
///
/// # Errors
/// `Missing` when there is no such line.
pub async fn update(tx: &mut Tx, org: Uuid, line: &Line) -> Result<(), StoreError> {
    let Line { record, list, id, position, leaf, doc, state, erased_at } = line;
    let changed =
        tx.execute(&UPDATE, binds![org, *record, list, *id, *position, *leaf, doc, state, *erased_at]).await?;
    if changed == 0 { Err(StoreError::new(StoreErrorKind::Missing, UPDATE.name())) } else { Ok(()) }
}

/// Takes a line away; false when it was not there.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn remove(tx: &mut Tx, org: Uuid, record: Uuid, list: &str, id: Uuid) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE, binds![org, record, list, id]).await? > 0)
}

/// The line, if there is one.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(
    reader: &mut Reader,
    org: Uuid,
    record: Uuid,
    list: &str,
    id: Uuid,
) -> Result<Option<Line>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, record, list, id]).await?.as_ref().map(read).transpose()
}

/// Lines of a list from a place on, in order: a page of fifty thousand principals.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn page(
    reader: &mut Reader,
    org: Uuid,
    record: Uuid,
    list: &str,
    from: i64,
    limit: u32,
) -> Result<Vec<Line>, StoreError> {
    reader.fetch_all(&PAGE, binds![org, record, list, from, limit]).await?.iter().map(read).collect()
}

/// Every line of a record, by list and place.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Vec<Line>, StoreError> {
    reader.fetch_all(&OF_RECORD, binds![org, record]).await?.iter().map(read).collect()
}

/// How many lines of a list are in each state.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn counts(
    reader: &mut Reader,
    org: Uuid,
    record: Uuid,
    list: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = reader.fetch_all(&COUNTS, binds![org, record, list]).await?;
    rows.iter().map(|row| Ok((row.get("state")?, row.get("lines")?))).collect()
}

/// The place after the last line of a list.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn next_position(reader: &mut Reader, org: Uuid, record: Uuid, list: &str) -> Result<i64, StoreError> {
    reader.fetch_one(&NEXT_POSITION, binds![org, record, list]).await?.get("position")
}

/// All lines of several records, in few statements; the lines of one record stand together, in order.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_records(reader: &mut Reader, org: Uuid, records: &[Uuid]) -> Result<Vec<Line>, StoreError> {
    let rows = reader.fetch_of(&OF_RECORD, "record", binds![org], records).await?;
    let mut out = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    // Rows come by list and place; together the lines of a record stand only after this, which keeps their order.
    out.sort_by_key(|line: &Line| line.record);
    Ok(out)
}
