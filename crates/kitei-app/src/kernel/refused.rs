//! What was refused and must not go unseen: readings of a record that somebody may not read, and attempts on registers that
//! not everybody reads.
//!
//! Such a refusal is an event: who, which record or register, when, and the clauses that refuse; never a value. Packs ask
//! for it where a clause says 「記録する」 (records that hold an Individual Number, for instance); that a register names its
//! readers is what marks it.
//!
//! Invariant: one person adds at most one such event an hour for a record, and few for a register, so that nobody can
//! flood the log.

use std::sync::Arc;

use jiff::SignedDuration;
use kitei_rules::{
    book::Book,
    expr::Actor,
    run::command::{Command, Refusal},
};
use kitei_store::{
    binds,
    db::{Instant, Tx},
    log, records,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Fault, Installation, Organization};

kitei_store::statements! {
    /// Refusals of one person on one record since an instant.
    ON_RECORD = "select count(*) as events from event
        where org = $1 and subject = $2 and actor = $3 and kind = $4 and at > $5";
    /// Refusals of one person, on no record, since an instant.
    ON_NONE = "select count(*) as events from event
        where org = $1 and kind = $2 and actor = $3 and subject is null and at > $4";
}

/// A reading of a record was refused.
pub const READING: &str = "reading.refused";
/// An attempt to change something was refused.
pub const ATTEMPT: &str = "attempt.refused";
/// How long one refusal of a person on a record stands for those that follow.
const SPAN: SignedDuration = SignedDuration::from_hours(1);
/// Refused attempts of a person to open records that are kept within that time.
const MOST: i64 = 10;

/// A refusal to be kept.
struct Kept {
    kind: &'static str,
    register: String,
    record: Option<Uuid>,
    person: Uuid,
    body: Map<String, Json>,
}

impl Installation {
    /// Keeps that somebody was refused the reading of a record.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn refused_reading(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        actor: &Actor,
        record: Uuid,
    ) -> Result<(), Fault> {
        let mut reader = self.db.reader().await?;
        let Some(stored) = records::load(&mut reader, organization.id, record).await? else { return Ok(()) };
        let today = organization.today(self.environment.now());
        let book = self.book_of(&mut reader, organization, today).await?;
        drop(reader);
        let clauses = book.register(&stored.register).map(|rule| rule.basis.clone()).unwrap_or_default();
        let body = object(json!({ "number": stored.number, "clauses": clauses }));
        let (kind, register) = (READING, stored.register);
        self.keep_refusal(organization, Kept { kind, register, record: Some(record), person: actor.person, body }).await
    }

    /// Keeps that somebody was refused a command on a register that names its readers: by right, or by a gate.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn refused_attempt(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        actor: &Actor,
        command: &Command,
        refusal: &Refusal,
    ) -> Result<(), Fault> {
        let weighty = |code: &str| matches!(code, "not-yours" | "gate");
        let objections: Vec<_> = refusal.objections.iter().filter(|objection| weighty(&objection.code)).collect();
        if objections.is_empty() || actor.person.is_nil() {
            return Ok(());
        }
        let mut reader = self.db.reader().await?;
        let today = organization.today(self.environment.now());
        let book = self.book_of(&mut reader, organization, today).await?;
        let (register, record, number) = match command {
            Command::Create { register, .. } => (register.clone(), None, None),
            other => {
                let Some(id) = other.record() else { return Ok(()) };
                let Some(stored) = records::load(&mut reader, organization.id, id).await? else { return Ok(()) };
                (stored.register, Some(id), Some(stored.number))
            }
        };
        drop(reader);
        if !names_readers(&book, &register) {
            return Ok(());
        }
        let clauses: Vec<&String> = objections.iter().flat_map(|objection| &objection.clauses).collect();
        let body = object(json!({ "number": number, "clauses": clauses }));
        self.keep_refusal(organization, Kept { kind: ATTEMPT, register, record, person: actor.person, body }).await
    }

    async fn keep_refusal(self: &Arc<Self>, organization: &Arc<Organization>, kept: Kept) -> Result<(), Fault> {
        let (org, now) = (organization.id, Instant::from(self.environment.now()));
        let since = Instant::from(now.timestamp().checked_sub(SPAN).unwrap_or(now.timestamp()));
        self.db.act(org, move |tx| Box::pin(async move { append(tx, org, now, since, kept).await })).await
    }
}

async fn append(tx: &mut Tx, org: Uuid, now: Instant, since: Instant, kept: Kept) -> Result<(), Fault> {
    let Kept { kind, register, record, person, body } = kept;
    let (known, most): (i64, i64) = match record {
        Some(record) => (tx.fetch_one(&ON_RECORD, binds![org, record, person, kind, since]).await?.get("events")?, 1),
        None => (tx.fetch_one(&ON_NONE, binds![org, kind, person, since]).await?.get("events")?, MOST),
    };
    if known >= most {
        return Ok(());
    }
    let subject = record.map_or_else(|| register.clone(), |record| format!("{register}/{record}"));
    let event = log::NewEvent {
        kind: kind.to_owned(),
        subject,
        subject_id: record,
        actor: person.to_string(),
        actor_id: Some(person),
        at: now,
        body,
    };
    log::append_all(tx, org, vec![event]).await?;
    Ok(())
}

/// Whether a register says who reads it.
fn names_readers(book: &Book, register: &str) -> bool {
    book.register(register).is_some_and(|rule| !rule.read.is_empty())
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
