//! The evidence log of an organization in the database: appending, reading, proving, signing.
//!
//! Tree and envelope are `kitei_evidence`'s (RFC 6962, C2SP tlog-checkpoint); here is where their parts are kept.
//!
//! Invariants: an event is appended in the same transaction as what it reports; `log_frontier`, the nodes of level 8,
//! 16, … and the events move together; triggers refuse to change or delete an event or a checkpoint.

mod proof;
#[cfg(test)]
mod tests;

use kitei_evidence::Digest;
use kitei_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use kitei_evidence::event::{Draft, Event, EventTime};
use kitei_evidence::merkle::{self, Frontier};
use kitei_evidence::note::SigningKey;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx, Value};
use crate::{binds, statements};

pub use proof::{consistency, inclusion};

statements! {
    /// Where the log ends.
    HEAD = "select log_frontier from organization where org = $1";
    /// Moves the end of the log.
    MOVE_HEAD = "update organization set log_size = $2, log_frontier = $3 where org = $1";
    /// One more event.
    APPEND = "insert into event (org, seq, at, kind, subject, actor, bytes, leaf_hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A complete subtree.
    KEEP_NODE = "insert into merkle_node (org, level, position, hash) values ($1, $2, $3, $4)";
    /// Events by their place.
    RANGE = "select seq, at, kind, subject, actor, bytes, leaf_hash from event
        where org = $1 and seq >= $2 order by seq limit $3";
    /// Events about one thing, newest first, before a place.
    OF_SUBJECT = "select seq, at, kind, subject, actor, bytes, leaf_hash from event
        where org = $1 and subject = $2 and seq < $3 order by seq desc limit $4";
    /// Events of a kind, newest first, before a place.
    OF_KIND = "select seq, at, kind, subject, actor, bytes, leaf_hash from event
        where org = $1 and kind = $2 and seq < $3 order by seq desc limit $4";
    /// Events that somebody did, newest first, before a place.
    OF_ACTOR = "select seq, at, kind, subject, actor, bytes, leaf_hash from event
        where org = $1 and actor = $2 and seq < $3 order by seq desc limit $4";
    /// Events about one thing that somebody did, newest first, before a place.
    OF_SUBJECT_AND_ACTOR = "select seq, at, kind, subject, actor, bytes, leaf_hash from event
        where org = $1 and subject = $2 and actor = $3 and seq < $4 order by seq desc limit $5";
    /// Events, newest first, before a place.
    BEFORE = "select seq, at, kind, subject, actor, bytes, leaf_hash from event
        where org = $1 and seq < $2 order by seq desc limit $3";
    /// Leaf hashes of a span.
    LEAVES = "select seq, leaf_hash from event where org = $1 and seq >= $2 and seq < $3 order by seq";
    /// Nodes of a span of one level.
    NODES = "select position, hash from merkle_node
        where org = $1 and level = $2 and position >= $3 and position < $4 order by position";
    /// The newest checkpoint.
    LATEST = "select size, at, root, note from checkpoint where org = $1 order by size desc limit 1";
    /// The checkpoint of a size.
    AT_SIZE = "select size, at, root, note from checkpoint where org = $1 and size = $2";
    /// Checkpoints from a size on.
    CHECKPOINTS = "select size, at, root, note from checkpoint where org = $1 and size >= $2 order by size limit $3";
    /// The first checkpoint that covers an event.
    COVERING = "select size, at, root, note from checkpoint where org = $1 and size > $2 order by size limit 1";
    /// A new checkpoint.
    KEEP_CHECKPOINT = "insert into checkpoint (org, size, at, root, note) values ($1, $2, $3, $4, $5)";
}

/// Only the nodes of every eighth level are kept: with the leaves, 256 hashes lead from each to the next.
const LEVELS_A_TILE: u8 = 8;

/// A fact to be appended.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Which kind of fact, such as `incident.opened`.
    pub kind: String,
    /// What it is about, in the event's own words, such as `incident/0192…`.
    pub subject: String,
    /// The id by which the history of the subject is looked up (a record's).
    pub subject_id: Option<Uuid>,
    /// Who acted, in the event's own words: a person's id, or the part of the program that did.
    pub actor: String,
    /// The id of the person who acted.
    pub actor_id: Option<Uuid>,
    /// When the server recorded it.
    pub at: Instant,
    /// The fact; personal values are sealed already.
    pub body: Map<String, Json>,
}

/// Where an event came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its place, from 0.
    pub seq: i64,
    /// The hash of its leaf.
    pub leaf_hash: Digest,
}

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place, from 0.
    pub seq: i64,
    /// When the server recorded it.
    pub at: Instant,
    /// Which kind of fact.
    pub kind: String,
    /// The id of what it is about.
    pub subject: Option<Uuid>,
    /// The id of the person who acted.
    pub actor: Option<Uuid>,
    /// Its canonical bytes (`kitei_evidence::event::Event::parse` reads them).
    pub bytes: Vec<u8>,
    /// The hash of its leaf, as stored.
    pub leaf_hash: Digest,
}

/// A signed head of the log as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many events it covers.
    pub size: i64,
    /// When it was signed.
    pub at: Instant,
    /// The root of the tree of so many events.
    pub root: Digest,
    /// The signed note.
    pub note: String,
}

fn read_event(row: &Row) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        seq: row.get("seq")?,
        at: row.get("at")?,
        kind: row.get("kind")?,
        subject: row.maybe("subject")?,
        actor: row.maybe("actor")?,
        bytes: row.get("bytes")?,
        leaf_hash: Digest::from_bytes(row.get("leaf_hash")?),
    })
}

fn read_checkpoint(row: &Row) -> Result<StoredCheckpoint, StoreError> {
    Ok(StoredCheckpoint {
        size: row.get("size")?,
        at: row.get("at")?,
        root: Digest::from_bytes(row.get("root")?),
        note: row.get("note")?,
    })
}

/// Appends one event.
///
/// # Errors
/// `Missing` when there is no such organization; `Other` when the event is none (the detail names the member).
pub async fn append(tx: &mut Tx, org: Uuid, event: NewEvent) -> Result<Appended, StoreError> {
    let mut appended = append_all(tx, org, vec![event]).await?;
    appended.pop().ok_or_else(|| StoreError::new(StoreErrorKind::Other, APPEND.name()))
}

/// Appends events one after the other; the head is read and moved once.
///
/// # Errors
/// As `append`.
pub async fn append_all(tx: &mut Tx, org: Uuid, events: Vec<NewEvent>) -> Result<Vec<Appended>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut frontier = head(tx, org).await?;
    let mut rows = Vec::with_capacity(events.len());
    let mut nodes = Vec::new();
    let mut appended = Vec::with_capacity(events.len());
    for new in events {
        let seq = signed(frontier.size());
        let NewEvent { kind, subject_id, actor_id, at, .. } = new.clone();
        let bytes = envelope(org, frontier.size(), new)?;
        let leaf_hash = merkle::leaf_hash(&bytes);
        frontier.append_each(leaf_hash, |subtree, hash| {
            if subtree.level > 0 && subtree.level.is_multiple_of(LEVELS_A_TILE) {
                nodes.push(vec![
                    Value::Uuid(Some(org)),
                    Value::Integer(Some(i64::from(subtree.level))),
                    Value::Integer(Some(signed(subtree.index))),
                    Value::Bytes(Some(hash.as_bytes().to_vec().into())),
                ]);
            }
        });
        rows.push(vec![
            Value::Uuid(Some(org)),
            Value::Integer(Some(seq)),
            Value::Instant(Some(at)),
            Value::Text(Some(kind.into())),
            Value::Uuid(subject_id),
            Value::Uuid(actor_id),
            Value::Bytes(Some(bytes.into())),
            Value::Bytes(Some(leaf_hash.as_bytes().to_vec().into())),
        ]);
        appended.push(Appended { seq, leaf_hash });
    }
    tx.insert_many(&APPEND, &rows).await?;
    tx.insert_many(&KEEP_NODE, &nodes).await?;
    tx.execute(&MOVE_HEAD, binds![org, signed(frontier.size()), frontier.to_bytes()]).await?;
    Ok(appended)
}

fn envelope(org: Uuid, seq: u64, new: NewEvent) -> Result<Vec<u8>, StoreError> {
    let wrong = |words: String| StoreError::new(StoreErrorKind::Other, APPEND.name()).with_detail(words);
    let at = EventTime::parse(&new.at.to_string()).map_err(|error| wrong(error.to_string()))?;
    let org = org.to_string();
    let NewEvent { kind, subject, actor, body, .. } = new;
    let draft = Draft { org: &org, seq, at, kind: &kind, subject: &subject, actor: &actor, body };
    // The words of these errors name members and never their values.
    let event = Event::new(draft).map_err(|error| wrong(error.to_string()))?;
    event.leaf_bytes().map_err(|error| wrong(error.to_string()))
}

/// The right edge of the tree: its size and root.
///
/// # Errors
/// `Missing` when there is no such organization; `Corrupt` when the stored edge is damaged.
pub async fn head(reader: &mut Reader, org: Uuid) -> Result<Frontier, StoreError> {
    let bytes: Vec<u8> = reader.fetch_one(&HEAD, binds![org]).await?.get("log_frontier")?;
    Frontier::parse(&bytes)
        .map_err(|error| StoreError::new(StoreErrorKind::Corrupt, HEAD.name()).with_detail(error.to_string()))
}

/// Events from a place on, in order.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn range(reader: &mut Reader, org: Uuid, from: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
    reader.fetch_all(&RANGE, binds![org, from, limit]).await?.iter().map(read_event).collect()
}

/// Events about one thing, newest first; `before` (a place) leads to older pages.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_subject(
    reader: &mut Reader,
    org: Uuid,
    subject: Uuid,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    reader.fetch_all(&OF_SUBJECT, binds![org, subject, before, limit]).await?.iter().map(read_event).collect()
}

/// Events about one thing, if one is given, that somebody did, if somebody is given, newest first; `before` (a place)
/// leads to older pages.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn search(
    reader: &mut Reader,
    org: Uuid,
    subject: Option<Uuid>,
    actor: Option<Uuid>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    let rows = match (subject, actor) {
        (Some(subject), Some(actor)) => {
            reader.fetch_all(&OF_SUBJECT_AND_ACTOR, binds![org, subject, actor, before, limit]).await?
        }
        (Some(subject), None) => reader.fetch_all(&OF_SUBJECT, binds![org, subject, before, limit]).await?,
        (None, Some(actor)) => reader.fetch_all(&OF_ACTOR, binds![org, actor, before, limit]).await?,
        (None, None) => reader.fetch_all(&BEFORE, binds![org, before, limit]).await?,
    };
    rows.iter().map(read_event).collect()
}

/// Events of a kind, newest first; `before` (a place) leads to older pages.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_kind(
    reader: &mut Reader,
    org: Uuid,
    kind: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    reader.fetch_all(&OF_KIND, binds![org, kind, before, limit]).await?.iter().map(read_event).collect()
}

/// Signs the head, if events came since the last checkpoint; once a minute is often enough.
///
/// # Errors
/// `Missing` when there is no such organization; `Other` when the origin cannot be signed.
pub async fn sign_checkpoint(
    tx: &mut Tx,
    org: Uuid,
    now: Instant,
    origin: &str,
    key: &SigningKey,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let frontier = head(tx, org).await?;
    let last = latest_checkpoint(tx, org).await?.map_or(0, |checkpoint| checkpoint.size);
    if signed(frontier.size()) <= last {
        return Ok(None);
    }
    let root = frontier.root();
    let wrong = |words: String| StoreError::new(StoreErrorKind::Other, KEEP_CHECKPOINT.name()).with_detail(words);
    let checkpoint =
        Checkpoint::new(origin, frontier.size(), root, Vec::new()).map_err(|error| wrong(error.to_string()))?;
    let checkpoint = SignedCheckpoint::sign(checkpoint, key).map_err(|error| wrong(error.to_string()))?;
    let size = signed(frontier.size());
    tx.execute(&KEEP_CHECKPOINT, binds![org, size, now, root.as_bytes().as_slice(), checkpoint.to_string()]).await?;
    Ok(Some(checkpoint))
}

/// The newest checkpoint.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn latest_checkpoint(reader: &mut Reader, org: Uuid) -> Result<Option<StoredCheckpoint>, StoreError> {
    reader.fetch_optional(&LATEST, binds![org]).await?.as_ref().map(read_checkpoint).transpose()
}

/// The checkpoint of exactly this size.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn checkpoint(reader: &mut Reader, org: Uuid, size: i64) -> Result<Option<StoredCheckpoint>, StoreError> {
    reader.fetch_optional(&AT_SIZE, binds![org, size]).await?.as_ref().map(read_checkpoint).transpose()
}

/// The first checkpoint that covers the event at a place.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn covering(reader: &mut Reader, org: Uuid, seq: i64) -> Result<Option<StoredCheckpoint>, StoreError> {
    reader.fetch_optional(&COVERING, binds![org, seq]).await?.as_ref().map(read_checkpoint).transpose()
}

/// Checkpoints from a size on, smallest first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn checkpoints(
    reader: &mut Reader,
    org: Uuid,
    from: i64,
    limit: u32,
) -> Result<Vec<StoredCheckpoint>, StoreError> {
    reader.fetch_all(&CHECKPOINTS, binds![org, from, limit]).await?.iter().map(read_checkpoint).collect()
}

/// A place in the log as the databases know it; `canonical` keeps places below 2^53.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
