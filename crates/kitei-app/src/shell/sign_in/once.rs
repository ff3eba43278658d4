//! Secrets that work once: the set-up code, links to set a password, break-glass codes.
//!
//! They lie among the settings under the hash of the secret. Invariant: whoever takes the row away has used it, and
//! the database lets one do that, however many try at the same moment.

use kitei_store::binds;
use kitei_store::db::{Instant, Reader, StoreError, StoreErrorKind, Tx};
use kitei_store::settings;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::secret::hash;
use super::sql;

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Making the first organisation and administrator.
    SetUp,
    /// Setting a password.
    Link,
    /// Getting in when nothing else helps.
    BreakGlass,
    /// Reading the own calendar from outside; it works until it is taken back.
    Feed,
}

impl Purpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::SetUp => "sign-in/set-up/",
            Self::Link => "sign-in/link/",
            Self::BreakGlass => "sign-in/break-glass/",
            Self::Feed => "sign-in/feed/",
        }
    }

    fn key(self, secret: &str) -> String {
        format!("{}{}", self.prefix(), hex::encode(hash(self.prefix(), secret)))
    }
}

/// What is kept with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Whose it is; the nil id for the set-up code.
    pub(super) person: Uuid,
    /// Until when it works; `None` for a code in an envelope.
    pub(super) expires_at: Option<Instant>,
}

impl Note {
    fn works(&self, now: Instant) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

/// Keeps a secret; earlier ones of the same person for the same purpose stop working.
pub(super) async fn issue(
    tx: &mut Tx,
    org: Uuid,
    purpose: Purpose,
    secret: &str,
    note: &Note,
) -> Result<(), StoreError> {
    void(tx, org, purpose, note.person).await?;
    let doc = json!({ "person": note.person, "expires_at": note.expires_at });
    settings::put(tx, org, &purpose.key(secret), &doc).await
}

/// What a secret is for, without using it.
pub(super) async fn peek(
    reader: &mut Reader,
    org: Uuid,
    purpose: Purpose,
    secret: &str,
    now: Instant,
) -> Result<Option<Note>, StoreError> {
    let Some(doc) = settings::get(reader, org, &purpose.key(secret)).await? else { return Ok(None) };
    Ok(Some(read(doc)?).filter(|note| note.works(now)))
}

/// Uses a secret; `None` when it is unknown, used or too old.
pub(super) async fn redeem(
    tx: &mut Tx,
    org: Uuid,
    purpose: Purpose,
    secret: &str,
    now: Instant,
) -> Result<Option<Note>, StoreError> {
    let Some(note) = peek(tx, org, purpose, secret, now).await? else { return Ok(None) };
    let mine = settings::remove(tx, org, &purpose.key(secret)).await?;
    Ok(mine.then_some(note))
}

/// Takes away every secret of a person for a purpose.
pub(super) async fn void(tx: &mut Tx, org: Uuid, purpose: Purpose, person: Uuid) -> Result<(), StoreError> {
    for (key, note) in all(tx, org, purpose).await? {
        if note.person == person {
            settings::remove(tx, org, &key).await?;
        }
    }
    Ok(())
}

/// Takes away what no longer works.
pub(super) async fn sweep(tx: &mut Tx, org: Uuid, now: Instant) -> Result<(), StoreError> {
    for purpose in [Purpose::SetUp, Purpose::Link, Purpose::BreakGlass] {
        for (key, note) in all(tx, org, purpose).await? {
            if !note.works(now) {
                settings::remove(tx, org, &key).await?;
            }
        }
    }
    Ok(())
}

/// Whose secrets for a purpose work now.
pub(super) async fn persons(
    reader: &mut Reader,
    org: Uuid,
    purpose: Purpose,
    now: Instant,
) -> Result<Vec<Uuid>, StoreError> {
    let all = all(reader, org, purpose).await?;
    Ok(all.into_iter().filter(|(_, note)| note.works(now)).map(|(_, note)| note.person).collect())
}

async fn all(reader: &mut Reader, org: Uuid, purpose: Purpose) -> Result<Vec<(String, Note)>, StoreError> {
    let pattern = format!("{}%", purpose.prefix());
    let rows = reader.fetch_all(&sql::SETTINGS_LIKE, binds![org, pattern]).await?;
    rows.iter().map(|row| Ok((row.get("key")?, read(row.get("doc")?)?))).collect()
}

fn read(doc: serde_json::Value) -> Result<Note, StoreError> {
    serde_json::from_value(doc).map_err(|_| StoreError::new(StoreErrorKind::Decode, "sign-in: one-time secret"))
}
