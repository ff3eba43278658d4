//! Sessions of people who are signed in. The id in the table is the hash of what the browser holds.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, Tx};
use crate::{binds, statements};

statements! {
    /// A new session.
    CREATE = "insert into session (org, id, person, created_at, seen_at, expires_at, client, doc)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A session that has not run out.
    FIND = "select id, person, created_at, seen_at, expires_at, client, doc from session
        where org = $1 and id = $2 and expires_at > $3";
    /// A person's sessions, the last used first.
    OF_PERSON = "select id, person, created_at, seen_at, expires_at, client, doc from session
        where org = $1 and person = $2 order by seen_at desc";
    /// Notes that a session is in use and moves its idle end.
    TOUCH = "update session set seen_at = $3, expires_at = $4 where org = $1 and id = $2";
    /// Keeps what belongs to a session.
    UPDATE = "update session set doc = $3 where org = $1 and id = $2";
    /// Ends one session.
    REVOKE = "delete from session where org = $1 and id = $2";
    /// Ends a person's sessions but one.
    REVOKE_OTHERS = "delete from session where org = $1 and person = $2 and id <> $3";
    /// Forgets those that have run out.
    SWEEP = "delete from session where org = $1 and expires_at <= $2";
}

/// A session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The hash of what the browser holds.
    pub id: Vec<u8>,
    /// Who is signed in.
    pub person: Uuid,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used.
    pub seen_at: Instant,
    /// When it ends without use, or at the latest.
    pub expires_at: Instant,
    /// What is known of the browser, for the list of sessions.
    pub client: String,
    /// What else belongs to it (language, whether a second factor was shown).
    pub doc: Json,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the id nor the browser's words belong in a log.
        f.debug_struct("Session").field("person", &self.person).field("expires_at", &self.expires_at).finish()
    }
}

fn read(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.get("id")?,
        person: row.get("person")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
        expires_at: row.get("expires_at")?,
        client: row.get("client")?,
        doc: row.get("doc")?,
    })
}

/// Begins a session.
///
/// # Errors
/// `ForeignKey` when the person has no account.
pub async fn create(tx: &mut Tx, org: Uuid, session: &Session) -> Result<(), StoreError> {
    let Session { id, person, created_at, seen_at, expires_at, client, doc } = session;
    tx.execute(&CREATE, binds![org, id.as_slice(), *person, *created_at, *seen_at, *expires_at, client, doc]).await?;
    Ok(())
}

/// The session, if it exists and has not run out.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn find(reader: &mut Reader, org: Uuid, id: &[u8], now: Instant) -> Result<Option<Session>, StoreError> {
    reader.fetch_optional(&FIND, binds![org, id, now]).await?.as_ref().map(read).transpose()
}

/// A person's sessions, the last used first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_person(reader: &mut Reader, org: Uuid, person: Uuid) -> Result<Vec<Session>, StoreError> {
    reader.fetch_all(&OF_PERSON, binds![org, person]).await?.iter().map(read).collect()
}

/// Notes that a session is in use; false when it is gone.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn touch(
    tx: &mut Tx,
    org: Uuid,
    id: &[u8],
    seen_at: Instant,
    expires_at: Instant,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&TOUCH, binds![org, id, seen_at, expires_at]).await? > 0)
}

/// Keeps what belongs to a session; false when it is gone.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn update(tx: &mut Tx, org: Uuid, id: &[u8], doc: &Json) -> Result<bool, StoreError> {
    Ok(tx.execute(&UPDATE, binds![org, id, doc]).await? > 0)
}

/// Ends a session; false when it was gone already.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn revoke(tx: &mut Tx, org: Uuid, id: &[u8]) -> Result<bool, StoreError> {
    Ok(tx.execute(&REVOKE, binds![org, id]).await? > 0)
}

/// Ends every session of a person but `keep` (all, when `keep` is empty) and says how many.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn revoke_others(tx: &mut Tx, org: Uuid, person: Uuid, keep: &[u8]) -> Result<u64, StoreError> {
    tx.execute(&REVOKE_OTHERS, binds![org, person, keep]).await
}

/// Forgets the sessions that have run out and says how many.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn sweep(tx: &mut Tx, org: Uuid, now: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, binds![org, now]).await
}
