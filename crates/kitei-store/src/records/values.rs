//! What is kept beside a record so that lists can find it: open values and links.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    DELETE_LINK, DELETE_VALUE, INSERT_LINK, INSERT_VALUE, LINKS_FROM, LINKS_TO, NewRecord, Record, UPDATE_VALUE, VALUES,
};
use crate::binds;
use crate::db::{Reader, Row, StoreError, Tx, Value};

/// One open value of a field. A field may have several; their order is that in which they are given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexValue {
    /// The field.
    pub field: String,
    /// Its text, to be equal to, or in order: a choice, a day as `2026-04-01`, a short open text.
    pub text: Option<String>,
    /// Its number, in order: a count, an amount in yen.
    pub number: Option<i64>,
}

/// A link from one record to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The field that holds it.
    pub field: String,
    /// The record that it leads to.
    pub target: Uuid,
}

type Place<'v> = (&'v str, i64);

/// Values by field and by their place within it.
fn placed(values: &[IndexValue]) -> BTreeMap<Place<'_>, (Option<&str>, Option<i64>)> {
    let mut places = BTreeMap::new();
    let mut next: BTreeMap<&str, i64> = BTreeMap::new();
    for IndexValue { field, text, number } in values {
        let position = next.entry(field).or_default();
        places.insert((field.as_str(), *position), (text.as_deref(), *number));
        *position += 1;
    }
    places
}

fn value_row<'v>(
    org: Uuid,
    record: &'v Record,
    (field, position): Place<'v>,
    (text, number): (Option<&'v str>, Option<i64>),
) -> Vec<Value<'v>> {
    vec![
        Value::Uuid(Some(org)),
        Value::Uuid(Some(record.id)),
        Value::Text(Some(field.into())),
        Value::Integer(Some(position)),
        Value::Text(Some(record.register.as_str().into())),
        Value::Text(text.map(Into::into)),
        Value::Integer(number),
    ]
}

pub(super) async fn insert(tx: &mut Tx, org: Uuid, new: &[NewRecord]) -> Result<(), StoreError> {
    let mut values = Vec::new();
    let mut links = Vec::new();
    for NewRecord { record, values: own, links: out } in new {
        values.extend(placed(own).into_iter().map(|(place, value)| value_row(org, record, place, value)));
        let out: BTreeSet<&Link> = out.iter().collect();
        links.extend(out.into_iter().map(|link| link_row(org, record.id, link)));
    }
    tx.insert_many(&INSERT_VALUE, &values).await?;
    tx.insert_many(&INSERT_LINK, &links).await?;
    Ok(())
}

fn link_row(org: Uuid, source: Uuid, link: &Link) -> Vec<Value<'_>> {
    vec![
        Value::Uuid(Some(org)),
        Value::Uuid(Some(source)),
        Value::Text(Some(link.field.as_str().into())),
        Value::Uuid(Some(link.target)),
    ]
}

/// Makes the stored values those given, touching only what differs.
pub(super) async fn replace(tx: &mut Tx, org: Uuid, record: &Record, values: &[IndexValue]) -> Result<(), StoreError> {
    let stored = tx.fetch_all(&VALUES, binds![org, record.id]).await?;
    let stored = stored.iter().map(read_placed).collect::<Result<Vec<_>, _>>()?;
    let mut wanted = placed(values);
    for (old, position) in &stored {
        match wanted.remove(&(old.field.as_str(), *position)) {
            None => {
                tx.execute(&DELETE_VALUE, binds![org, record.id, old.field, *position]).await?;
            }
            Some((text, number)) if (text, number) != (old.text.as_deref(), old.number) => {
                tx.execute(&UPDATE_VALUE, binds![org, record.id, old.field, *position, text, number]).await?;
            }
            Some(_) => {}
        }
    }
    let rows: Vec<_> = wanted.into_iter().map(|(place, value)| value_row(org, record, place, value)).collect();
    tx.insert_many(&INSERT_VALUE, &rows).await?;
    Ok(())
}

/// Makes the stored links those given, touching only what differs.
pub(super) async fn replace_links(tx: &mut Tx, org: Uuid, source: Uuid, links: &[Link]) -> Result<(), StoreError> {
    let mut wanted: BTreeSet<&Link> = links.iter().collect();
    let stored = links_from(tx, org, source).await?;
    for link in &stored {
        if !wanted.remove(link) {
            tx.execute(&DELETE_LINK, binds![org, source, link.field, link.target]).await?;
        }
    }
    let rows: Vec<_> = wanted.into_iter().map(|link| link_row(org, source, link)).collect();
    tx.insert_many(&INSERT_LINK, &rows).await?;
    Ok(())
}

/// The open values of a record, by field and place.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn values_of(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Vec<IndexValue>, StoreError> {
    let rows = reader.fetch_all(&VALUES, binds![org, record]).await?;
    rows.iter().map(|row| Ok(read_placed(row)?.0)).collect()
}

fn read_placed(row: &Row) -> Result<(IndexValue, i64), StoreError> {
    let (field, text, number) = (row.get("field")?, row.maybe("text_value")?, row.maybe("number_value")?);
    Ok((IndexValue { field, text, number }, row.get("position")?))
}

/// Links out of a record.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn links_from(reader: &mut Reader, org: Uuid, source: Uuid) -> Result<Vec<Link>, StoreError> {
    let rows = reader.fetch_all(&LINKS_FROM, binds![org, source]).await?;
    rows.iter().map(|row| Ok(Link { field: row.get("field")?, target: row.get("target")? })).collect()
}

/// Links into a record: the records that point at it, and by which field.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn links_to(reader: &mut Reader, org: Uuid, target: Uuid) -> Result<Vec<(Uuid, String)>, StoreError> {
    let links = links_to_any(reader, org, &[target]).await?;
    Ok(links.into_iter().map(|(source, link)| (source, link.field)).collect())
}

/// Links into any of several records, in few statements: the records that point at them, and how.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn links_to_any(reader: &mut Reader, org: Uuid, targets: &[Uuid]) -> Result<Vec<(Uuid, Link)>, StoreError> {
    let rows = reader.fetch_of(&LINKS_TO, "target", binds![org], targets).await?;
    let link = |row: &Row| Ok(Link { field: row.get("field")?, target: row.get("target")? });
    rows.iter().map(|row| Ok((row.get("source")?, link(row)?))).collect()
}
