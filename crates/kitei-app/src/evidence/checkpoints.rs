//! Signed heads that leave the house. Inside it they prove nothing against whoever holds the signing key.
//!
//! * Each minute with changes the kernel signs the head ([`Installation::sign`]).
//! * Papers carry the newest one as a line of text ([`Newest`]), bundles carry it whole.
//! * Named outsiders ([`WITNESSES`]: an auditor, counsel, the client) get the first checkpoint signed on each day by
//!   mail; it commits to everything before. Once a day and witness, because the message's key says so.
//!
//! Thinning ([`thin`]): no checkpoint is ever deleted, for the table is append-only and each is some 300 bytes. What is
//! thinned is what is handed out: all of the last day, the last of each hour for 31 days, the last of each day before.
//! Nothing is lost by that, because a later checkpoint commits to all that came before an earlier one.
//!
//! Invariant: a witness' address stands in the setting alone; message and event name the witness by id.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use kitei_rules::pack::model::Text;
use kitei_store::{
    db::{Instant, Reader, StoreError, Tx},
    log::{self, NewEvent, StoredCheckpoint},
    outbox::{self, NewMessage},
    settings,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::EvidenceError;
use crate::kernel::{Fault, Installation, Organization};

/// The setting that names those outside who receive checkpoints.
pub const WITNESSES: &str = "evidence.witnesses";
/// The kind of message that carries a checkpoint.
pub const MESSAGE: &str = "checkpoint";
/// Hexadecimal digits of the root that a paper shows.
const DIGITS: usize = 16;

/// Somebody outside who receives checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Mail address.
    pub mail: String,
}

/// The newest checkpoint, as papers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Newest {
    /// Events that it covers.
    pub size: u64,
    /// The first sixteen hexadecimal digits of the root.
    pub root: String,
    /// When it was signed.
    pub at: Timestamp,
}

impl Newest {
    fn of(stored: &StoredCheckpoint) -> Self {
        let root = stored.root.to_string().chars().take(DIGITS).collect();
        Self { size: u64::try_from(stored.size).unwrap_or_default(), root, at: stored.at.timestamp() }
    }

    /// The line for a paper.
    #[must_use]
    pub fn text(&self) -> Text {
        Text {
            ja: format!("証跡 {}件 {}", self.size, self.root),
            en: format!("Evidence: {} events, {}", self.size, self.root),
        }
    }
}

/// The newest checkpoint of an organisation, if anything was signed yet.
///
/// # Errors
/// [`Fault`].
pub async fn newest(reader: &mut Reader, organization: Uuid) -> Result<Option<Newest>, Fault> {
    Ok(log::latest_checkpoint(reader, organization).await?.as_ref().map(Newest::of))
}

/// Those who receive checkpoints.
///
/// # Errors
/// [`Fault::Damaged`] when the setting is none.
pub async fn witnesses(reader: &mut Reader, organization: Uuid) -> Result<Vec<Witness>, Fault> {
    match settings::get(reader, organization, WITNESSES).await? {
        Some(doc) => serde_json::from_value(doc).map_err(|_| Fault::Damaged(WITNESSES.to_owned())),
        None => Ok(Vec::new()),
    }
}

impl Installation {
    /// Names those who receive checkpoints from now on.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub async fn set_witnesses(
        &self,
        organization: &Organization,
        actor: Uuid,
        witnesses: &[Witness],
    ) -> Result<(), EvidenceError> {
        let (org, now) = (organization.id, self.environment.now().into());
        let doc = serde_json::to_value(witnesses).map_err(|_| EvidenceError::Stopped)?;
        let ids: Vec<String> = witnesses.iter().map(|witness| witness.id.to_string()).collect();
        let body = Map::from_iter([("witnesses".to_owned(), json!(ids))]);
        let mut event = own_event("evidence.witnesses-named", WITNESSES, now, body);
        if !actor.is_nil() {
            (event.actor, event.actor_id) = (actor.to_string(), Some(actor));
        }
        self.db
            .act(org, move |tx: &mut Tx| {
                Box::pin(async move {
                    settings::put(tx, org, WITNESSES, &doc).await?;
                    log::append(tx, org, event).await?;
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Queues today's checkpoint for every witness who has not had it. To be called after each signing; says how many
    /// messages were queued.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub async fn tell_witnesses(&self, organization: &Organization) -> Result<usize, EvidenceError> {
        let now = self.environment.now();
        let (org, today) = (organization.id, organization.today(now));
        let mut reader = self.db.reader().await?;
        let witnesses = witnesses(&mut reader, org).await?;
        let Some(newest) = log::latest_checkpoint(&mut reader, org).await? else { return Ok(0) };
        drop(reader);
        // A day without changes has nothing new to tell.
        if witnesses.is_empty() || organization.today(newest.at.timestamp()) != today {
            return Ok(0);
        }
        let messages: Vec<NewMessage> = witnesses
            .iter()
            .map(|witness| NewMessage {
                id: self.environment.id(),
                key: format!("checkpoint:{}:{today}", witness.id),
                kind: MESSAGE.to_owned(),
                payload: message(witness, &newest),
                send_at: now.into(),
            })
            .collect();
        let queued = self
            .db
            .act(org, move |tx: &mut Tx| {
                Box::pin(async move {
                    let mut queued = 0;
                    for message in &messages {
                        queued += usize::from(outbox::enqueue(tx, org, message, now.into()).await?);
                    }
                    Ok::<usize, StoreError>(queued)
                })
            })
            .await?;
        Ok(queued)
    }
}

fn message(witness: &Witness, newest: &StoredCheckpoint) -> Json {
    json!({
        "witness": witness.id.to_string(),
        "size": newest.size,
        "note": newest.note,
        "text": Newest::of(newest).text(),
    })
}

/// An event about evidence itself.
pub(super) fn own_event(kind: &str, subject: &str, at: Instant, body: Map<String, Json>) -> NewEvent {
    NewEvent {
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        subject_id: None,
        actor: "kitei".to_owned(),
        actor_id: None,
        at,
        body,
    }
}

/// Which checkpoints are handed out, of those given smallest first; the newest always is.
#[must_use]
pub fn thin(checkpoints: Vec<StoredCheckpoint>, now: Timestamp, zone: &TimeZone) -> Vec<StoredCheckpoint> {
    // The last of each stretch of time wins; the key keeps the order of stretches.
    let mut kept: BTreeMap<i64, StoredCheckpoint> = BTreeMap::new();
    for checkpoint in checkpoints {
        let at = checkpoint.at.timestamp();
        let age = now.as_second() - at.as_second();
        let local = at.to_zoned_datetime(zone.clone());
        let stretch = if age < 86_400 {
            at.as_second()
        } else if age < 31 * 86_400 {
            at.as_second() - i64::from(local.minute()) * 60 - i64::from(local.second())
        } else {
            local.start_of_day().map_or(at.as_second(), |day| day.timestamp().as_second())
        };
        kept.insert(stretch, checkpoint);
    }
    let mut kept: Vec<StoredCheckpoint> = kept.into_values().collect();
    kept.sort_by_key(|checkpoint| checkpoint.size);
    kept
}
