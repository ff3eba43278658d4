//! Organizations: separate in every table; their log's head and their key counter lie in their row.

use kitei_evidence::merkle::Frontier;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx};
use crate::{binds, statements};

statements! {
    /// Makes an organization with an empty log.
    CREATE = "insert into organization (org, slug, name, zone, created_at, log_size, log_frontier, next_leaf)
        values ($1, $2, $3, $4, $5, 0, $6, 0)";
    /// All of them.
    LIST = "select org, slug, name, zone, created_at, log_size, next_leaf from organization order by slug";
    /// One by its id.
    LOAD = "select org, slug, name, zone, created_at, log_size, next_leaf from organization where org = $1";
    /// One by its name in addresses.
    BY_SLUG = "select org, slug, name, zone, created_at, log_size, next_leaf from organization where slug = $1";
    /// Takes the next numbers of key leaves.
    TAKE_LEAVES = "update organization set next_leaf = next_leaf + $2 where org = $1 returning next_leaf";
    /// Gives it another name or zone.
    RENAME = "update organization set name = $2, zone = $3 where org = $1";
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub org: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its time zone, such as `Asia/Tokyo`.
    pub zone: String,
    /// When it was made.
    pub created_at: Instant,
    /// Events in its log.
    pub log_size: i64,
    /// The next key leaf that nobody has used.
    pub next_leaf: i64,
}

fn read(row: &Row) -> Result<Organization, StoreError> {
    Ok(Organization {
        org: row.get("org")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        zone: row.get("zone")?,
        created_at: row.get("created_at")?,
        log_size: row.get("log_size")?,
        next_leaf: row.get("next_leaf")?,
    })
}

/// Makes an organization with an empty log.
///
/// # Errors
/// `Unique` when the id or the slug is taken.
pub async fn create(
    tx: &mut Tx,
    org: Uuid,
    slug: &str,
    name: &str,
    zone: &str,
    now: Instant,
) -> Result<(), StoreError> {
    tx.execute(&CREATE, binds![org, slug, name, zone, now, Frontier::new().to_bytes()]).await?;
    Ok(())
}

/// Every organization, by slug.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn list(reader: &mut Reader) -> Result<Vec<Organization>, StoreError> {
    reader.fetch_all(&LIST, binds![]).await?.iter().map(read).collect()
}

/// The organization.
///
/// # Errors
/// `Missing` when there is none with this id.
pub async fn load(reader: &mut Reader, org: Uuid) -> Result<Organization, StoreError> {
    read(&reader.fetch_one(&LOAD, binds![org]).await?)
}

/// The organization with this name in addresses.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn by_slug(reader: &mut Reader, slug: &str) -> Result<Option<Organization>, StoreError> {
    reader.fetch_optional(&BY_SLUG, binds![slug]).await?.as_ref().map(read).transpose()
}

/// Gives the organization another name and zone.
///
/// # Errors
/// `Missing` when there is none with this id.
pub async fn rename(tx: &mut Tx, org: Uuid, name: &str, zone: &str) -> Result<(), StoreError> {
    match tx.execute(&RENAME, binds![org, name, zone]).await? {
        0 => Err(StoreError::new(StoreErrorKind::Missing, RENAME.name())),
        _ => Ok(()),
    }
}

/// Takes `count` key leaves for new records and lines and returns the first; each leaf is given out once only.
///
/// # Errors
/// `Missing` when there is no such organization.
pub async fn take_leaves(tx: &mut Tx, org: Uuid, count: u32) -> Result<i64, StoreError> {
    let next: i64 = tx.fetch_one(&TAKE_LEAVES, binds![org, count]).await?.get("next_leaf")?;
    Ok(next - i64::from(count))
}
