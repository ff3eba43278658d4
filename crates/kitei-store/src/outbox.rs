//! Messages that leave the house, kept by the act that causes them and sent after it has committed.
//!
//! Invariants: a key is kept once, so an act that is repeated tells nobody twice; a message is claimed before it is
//! sent and comes back when its sender died, so none is lost. Between sending and `sent` a crash can repeat a message;
//! it is then repeated in the same letter as before, whose id goes with it, so that the receiver can tell.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Bind as _, Instant, Reader, Row, StoreError, Tx, Value};
use crate::{binds, statements};

statements! {
    /// Keeps a message once.
    ENQUEUE = "insert into outbox (org, id, key, kind, payload, next_at, attempts, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (org, key) do nothing";
    /// Organizations that have something to send.
    WAITING = "select distinct org from outbox where sent_at is null and failed_at is null and next_at <= $1";
    /// What is to be sent, the longest waiting first.
    DUE = "select id, key, kind, payload, letter, attempts, created_at from outbox
        where org = $1 and sent_at is null and failed_at is null and next_at <= $2 order by next_at, id limit $3";
    /// The rest of a letter that was claimed in part.
    REST = "select id, key, kind, payload, letter, attempts, created_at from outbox
        where org = $1 and letter = $2 and sent_at is null and failed_at is null";
    /// Puts a message into a letter.
    BIND = "update outbox set letter = $3 where org = $1 and id = $2 and letter is null";
    /// Takes a message until its sender must have finished.
    CLAIM = "update outbox set next_at = $3, attempts = attempts + 1 where org = $1 and id = $2";
    /// It was sent.
    SENT = "update outbox set sent_at = $3, error = null where org = $1 and id = $2 and sent_at is null";
    /// It is to be tried again.
    RETRY = "update outbox set next_at = $3, error = $4 where org = $1 and id = $2 and sent_at is null";
    /// It is given up.
    FAIL = "update outbox set failed_at = $3, error = $4 where org = $1 and id = $2 and sent_at is null";
    /// What was given up, newest first.
    FAILED = "select id, key, kind, payload, letter, attempts, created_at, failed_at, error from outbox
        where org = $1 and failed_at is not null order by failed_at desc, id limit $2";
    /// Lets what was given up be sent after all, in a new letter.
    REVIVE = "update outbox set failed_at = null, error = null, letter = null, attempts = 0, next_at = $3, created_at = $3
        where org = $1 and id = $2 and failed_at is not null";
    /// How many wait, since when the oldest does, and how many were sent or given up since an instant. That somebody has
    /// no address, or has left, is no trouble of sending.
    STATE = "select count(case when sent_at is null and failed_at is null then 1 end) as waiting,
            min(case when sent_at is null and failed_at is null then created_at end) as oldest,
            count(case when failed_at >= $2 and error not in ('no-address', 'left') then 1 end) as failed,
            count(case when sent_at >= $2 then 1 end) as sent
        from outbox where org = $1";
    /// How a message fares.
    ONE = "select sent_at, failed_at, error from outbox where org = $1 and key = $2";
    /// Forgets what was kept long ago and never sent.
    FORGET = "delete from outbox where org = $1 and kind = $2 and sent_at is null and created_at < $3";
    /// Forgets what was sent long ago.
    SWEEP = "delete from outbox where org = $1 and sent_at < $2";
}

/// A message to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Its id.
    pub id: Uuid,
    /// What it is about and to whom, so that the same cause tells once: `reminder/<record>/<act>/<person>/<day>`.
    pub key: String,
    /// How it is sent, such as `mail`.
    pub kind: String,
    /// What is sent; personal values are sealed, or ids to look them up by.
    pub payload: Json,
    /// When it may be sent.
    pub send_at: Instant,
}

/// A message that was claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// Its key.
    pub key: String,
    /// How it is sent.
    pub kind: String,
    /// What is sent.
    pub payload: Json,
    /// The letter it was put into when it was first claimed.
    pub letter: Option<Uuid>,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// When it was kept.
    pub created_at: Instant,
}

fn read(row: &Row) -> Result<Message, StoreError> {
    Ok(Message {
        id: row.get("id")?,
        key: row.get("key")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
        letter: row.maybe("letter")?,
        attempts: row.get("attempts")?,
        created_at: row.get("created_at")?,
    })
}

/// Keeps a message; false when its key was kept before.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn enqueue(tx: &mut Tx, org: Uuid, message: &NewMessage, now: Instant) -> Result<bool, StoreError> {
    Ok(enqueue_all(tx, org, std::slice::from_ref(message), now).await? > 0)
}

/// Keeps messages, in few statements; says how many there are whose key was not kept before.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn enqueue_all(tx: &mut Tx, org: Uuid, messages: &[NewMessage], now: Instant) -> Result<u64, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = messages
        .iter()
        .map(|message| {
            vec![
                Value::Uuid(Some(org)),
                Value::Uuid(Some(message.id)),
                Value::Text(Some(message.key.as_str().into())),
                Value::Text(Some(message.kind.as_str().into())),
                message.payload.value(),
                Value::Instant(Some(message.send_at)),
                Value::Integer(Some(0)),
                Value::Instant(Some(now)),
            ]
        })
        .collect();
    tx.insert_many(&ENQUEUE, &rows).await
}

/// Organizations that have something to send.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn waiting(reader: &mut Reader, now: Instant) -> Result<Vec<Uuid>, StoreError> {
    reader.fetch_all(&WAITING, binds![now]).await?.iter().map(|row| row.get("org")).collect()
}

/// Takes messages to send; whoever does not report back by `until` loses them to the next who asks.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn claim(
    tx: &mut Tx,
    org: Uuid,
    now: Instant,
    until: Instant,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let rows = tx.fetch_all(&DUE, binds![org, now, limit]).await?;
    let mut messages = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    // A letter is sent again whole, or its id would stand for two different mails.
    for letter in messages.iter().filter_map(|message| message.letter).collect::<BTreeSet<_>>() {
        let rest = tx.fetch_all(&REST, binds![org, letter]).await?;
        for message in rest.iter().map(read) {
            let message = message?;
            if !messages.iter().any(|known| known.id == message.id) {
                messages.push(message);
            }
        }
    }
    for message in &mut messages {
        tx.execute(&CLAIM, binds![org, message.id, until]).await?;
        message.attempts += 1;
    }
    Ok(messages)
}

/// Puts messages into a letter, for now and for every time they are sent again.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn bind(tx: &mut Tx, org: Uuid, letter: Uuid, messages: &[Uuid]) -> Result<(), StoreError> {
    for message in messages {
        tx.execute(&BIND, binds![org, *message, letter]).await?;
    }
    Ok(())
}

/// Notes that a message was sent; false when that was known.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn sent(tx: &mut Tx, org: Uuid, id: Uuid, now: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&SENT, binds![org, id, now]).await? > 0)
}

/// Lets a message be tried again later. `error` must name no person: a reply code, not an address.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn retry(tx: &mut Tx, org: Uuid, id: Uuid, at: Instant, error: &str) -> Result<(), StoreError> {
    tx.execute(&RETRY, binds![org, id, at, error]).await?;
    Ok(())
}

/// Gives a message up; people see it among those that failed.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn fail(tx: &mut Tx, org: Uuid, id: Uuid, now: Instant, error: &str) -> Result<(), StoreError> {
    tx.execute(&FAIL, binds![org, id, now, error]).await?;
    Ok(())
}

/// A message that was given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// The message.
    pub message: Message,
    /// When.
    pub at: Instant,
    /// Why: a word or a reply code, no person.
    pub error: String,
}

/// Messages that were given up, newest first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn failed(reader: &mut Reader, org: Uuid, limit: u32) -> Result<Vec<Failed>, StoreError> {
    let rows = reader.fetch_all(&FAILED, binds![org, limit]).await?;
    let failed = |row: &Row| {
        Ok(Failed { message: read(row)?, at: row.get("failed_at")?, error: row.maybe("error")?.unwrap_or_default() })
    };
    rows.iter().map(failed).collect()
}

/// Lets a message that was given up be sent after all; false when it was not given up.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn revive(tx: &mut Tx, org: Uuid, id: Uuid, now: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&REVIVE, binds![org, id, now]).await? > 0)
}

/// How the sending of an organization's messages stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Messages that wait.
    pub waiting: i64,
    /// Since when the oldest of them does.
    pub oldest: Option<Instant>,
    /// Given up since the instant asked for.
    pub failed: i64,
    /// Sent since the instant asked for.
    pub sent: i64,
}

/// How the sending stands: what waits now, and what was sent or given up since an instant.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn standing(reader: &mut Reader, org: Uuid, since: Instant) -> Result<Standing, StoreError> {
    let row = reader.fetch_one(&STATE, binds![org, since]).await?;
    Ok(Standing {
        waiting: row.get("waiting")?,
        oldest: row.maybe("oldest")?,
        failed: row.get("failed")?,
        sent: row.get("sent")?,
    })
}

/// When the message of a key was sent, or when and why it was given up; `None` when there is no such message.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn fate(
    reader: &mut Reader,
    org: Uuid,
    key: &str,
) -> Result<Option<(Option<Instant>, Option<Instant>, Option<String>)>, StoreError> {
    let row = reader.fetch_optional(&ONE, binds![org, key]).await?;
    row.map(|row| Ok((row.maybe("sent_at")?, row.maybe("failed_at")?, row.maybe("error")?))).transpose()
}

/// Forgets messages of a kind that were kept before an instant and never sent, and says how many.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn forget(tx: &mut Tx, org: Uuid, kind: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&FORGET, binds![org, kind, before]).await
}

/// Forgets what was sent before an instant and says how much.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn sweep(tx: &mut Tx, org: Uuid, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, binds![org, before]).await
}
