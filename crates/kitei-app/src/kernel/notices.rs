//! Telling people: one notice a person and cause, in the application and by mail, never lost and never doubled.
//!
//! A notice is written three times in the transaction of its cause: as an event of the record (evidence of who was told
//! what and when), as a row for the page of notices, and as a message in the outbox that becomes a mail.
//!
//! Invariant: a notice's key makes a second one impossible, however often its cause is computed.
//! Invariant: a notice holds texts of packs, numbers and times; what is personal is looked up when somebody reads it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use kitei_rules::{
    pack::model::{ClockKind, Text},
    run::{Kernel, command::Notice, who::Target},
    world::Record,
};
use kitei_store::{
    db::{Instant, Reader, Tx},
    log::{self, NewEvent},
    notices::{self, Told},
    outbox::{self, NewMessage},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use uuid::Uuid;

use super::{Environment, Fault, project::Standings};

/// The kind of message that carries a notice.
pub const MESSAGE: &str = "notice";
/// What is due sooner than this goes out at once.
const SOON: SignedDuration = SignedDuration::from_hours(24);
/// Seconds for which mail that does not press is gathered, so that one person gets one mail.
const GATHERED: i64 = 300;

/// A notice with those it is for and the register of its record.
#[derive(Clone, Debug)]
pub struct Addressed {
    /// What is said.
    pub notice: Notice,
    /// To whom.
    pub people: BTreeSet<Uuid>,
    /// Register of the record.
    pub register: String,
}

/// What a notice says, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// What.
    #[serde(flatten)]
    pub message: Text,
    /// Clauses.
    #[serde(default)]
    pub basis: Vec<String>,
    /// It goes out alone and at once.
    #[serde(default)]
    pub urgent: bool,
    /// By when it is to be done.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

/// A notice as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Id, person, record, receipt, times.
    pub told: Told,
    /// What it says.
    pub said: Said,
}

impl Kept {
    /// Reads what is kept.
    ///
    /// # Errors
    /// [`Fault::Damaged`].
    pub fn of(told: Told) -> Result<Self, Fault> {
        let said =
            serde_json::from_value(told.doc.clone()).map_err(|_| Fault::Damaged(format!("notice {}", told.id)))?;
        Ok(Self { told, said })
    }
}

/// Everybody behind the targets of a notice, one by one. Staff are those who belong to the house today.
#[must_use]
pub fn recipients(kernel: &Kernel<'_>, targets: &[Target]) -> BTreeSet<Uuid> {
    let mut out = BTreeSet::new();
    for target in targets {
        match target {
            Target::Staff => {
                out.extend(kernel.snapshot.people.values().filter(|person| person.staff).map(|person| person.id));
            }
            Target::Outside(_) => {}
            other => out.extend(kernel.persons(other)),
        }
    }
    out
}

/// Notices of steps that are open and say whom to tell.
#[must_use]
pub fn of_open_steps(kernel: &Kernel<'_>, record: &Record, standings: &Standings) -> Vec<Notice> {
    let open = standings.steps.iter().filter(|standing| !standing.status.settled());
    open.filter(|standing| !standing.tell.is_empty() || standing.by.len() > 1)
        .map(|standing| {
            let due = standing.due().or_else(|| standing.target());
            let at_once = standing.clocks.iter().any(|clock| clock.kind == ClockKind::Immediately);
            Notice {
                record: record.id,
                key: format!("step:{}:{}:{}", record.id, standing.act, standing.round),
                to: standing.tell.iter().chain(standing.by.iter()).cloned().collect(),
                message: standing.title.clone(),
                receipt: standing.receipt,
                urgent: at_once || standing.receipt || due.is_some_and(|due| due < kernel.moment.now + SOON),
                due,
                basis: standing.basis().into_iter().map(str::to_owned).collect(),
            }
        })
        .collect()
}

/// Keeps notices that were not kept before.
///
/// # Errors
/// [`Fault`].
pub async fn keep(
    tx: &mut Tx,
    org: Uuid,
    environment: &dyn Environment,
    addressed: &[Addressed],
    now: Instant,
) -> Result<(), Fault> {
    let told_of = addressed.iter().filter(|one| !one.people.is_empty()).map(|one| one.notice.record);
    let records: Vec<Uuid> = told_of.collect::<BTreeSet<_>>().into_iter().collect();
    let mut known = notices::keys(tx, org, &records).await?;
    let (mut told, mut messages, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for one in addressed {
        let notice = &one.notice;
        let fresh: Vec<(Uuid, Uuid, String)> = one
            .people
            .iter()
            .map(|person| (*person, format!("{}:{person}", notice.key)))
            .filter(|(_, key)| known.insert(key.clone()))
            .map(|(person, key)| (environment.id(), person, key))
            .collect();
        if fresh.is_empty() {
            continue;
        }
        events.push(event(one, &fresh, now));
        for (id, person, key) in fresh {
            messages.push(message(notice, (id, person, &key), now));
            told.push(row(notice, (id, person, key), now)?);
        }
    }
    notices::add(tx, org, &told).await?;
    outbox::enqueue_all(tx, org, &messages, now).await?;
    log::append_all(tx, org, events).await?;
    Ok(())
}

/// A notice to a person, for the page of notices.
fn row(notice: &Notice, (id, person, key): (Uuid, Uuid, String), now: Instant) -> Result<Told, Fault> {
    let said =
        Said { message: notice.message.clone(), basis: notice.basis.clone(), urgent: notice.urgent, due: notice.due };
    Ok(Told {
        id,
        key,
        record: notice.record,
        person,
        receipt: notice.receipt,
        doc: serde_json::to_value(&said).map_err(|_| Fault::Damaged(format!("notice {id}")))?,
        told_at: now,
        acknowledged_at: None,
    })
}

/// The same, to become a mail.
fn message(notice: &Notice, (id, person, key): (Uuid, Uuid, &str), now: Instant) -> NewMessage {
    NewMessage {
        id,
        key: key.to_owned(),
        kind: MESSAGE.to_owned(),
        payload: json!({ "person": person.to_string(), "urgent": notice.urgent }),
        send_at: if notice.urgent { now } else { gathered(now) },
    }
}

/// The end of the stretch of time whose mail goes out together.
fn gathered(now: Instant) -> Instant {
    let second = now.timestamp().as_second();
    let end = (second.div_euclid(GATHERED) + 1) * GATHERED;
    Timestamp::from_second(end).map_or(now, Into::into)
}

/// Who was told, as evidence: ids alone, and the words of the pack.
fn event(one: &Addressed, fresh: &[(Uuid, Uuid, String)], at: Instant) -> NewEvent {
    let notice = &one.notice;
    let to: Vec<_> =
        fresh.iter().map(|(id, person, _)| json!({ "notice": id.to_string(), "person": person.to_string() })).collect();
    let body = Map::from_iter([
        ("key".to_owned(), json!(notice.key)),
        ("to".to_owned(), json!(to)),
        ("message".to_owned(), json!({ "ja": notice.message.ja, "en": notice.message.en })),
        ("receipt".to_owned(), json!(notice.receipt)),
        ("basis".to_owned(), json!(notice.basis)),
    ]);
    NewEvent {
        kind: "notice.told".to_owned(),
        subject: format!("{}/{}", one.register, notice.record),
        subject_id: Some(notice.record),
        actor: "kitei".to_owned(),
        actor_id: None,
        at,
        body,
    }
}

/// The newest notices of an organisation.
///
/// # Errors
/// [`Fault`].
pub async fn newest(reader: &mut Reader, org: Uuid) -> Result<Vec<Kept>, Fault> {
    notices::newest(reader, org, 1000).await?.into_iter().map(Kept::of).collect()
}
