//! Telling people: one notice a person and cause, in the application and by mail, never lost and never doubled.
//!
//! Invariant: a notice is queued in the transaction of its cause; its key makes a second one impossible.

use std::collections::BTreeSet;

use kitei_rules::{
    run::{Kernel, command::Notice, who::Target},
    world::Record,
};
use kitei_store::{
    db::{Instant, Tx},
    outbox::{self, NewMessage},
};
use serde_json::json;
use uuid::Uuid;

use super::{Environment, Fault};

/// Everybody behind the targets of a notice, one by one.
#[must_use]
pub fn recipients(kernel: &Kernel<'_>, targets: &[Target]) -> BTreeSet<Uuid> {
    let mut out = BTreeSet::new();
    for target in targets {
        match target {
            Target::Staff => out.extend(kernel.snapshot.people.keys().copied()),
            Target::Outside(_) => {}
            other => out.extend(kernel.persons(other)),
        }
    }
    out
}

/// Notices of steps that are open and say whom to tell.
#[must_use]
pub fn of_open_steps(kernel: &Kernel<'_>, record: &Record) -> Vec<Notice> {
    let standing = kernel.standing(record).into_iter().filter(|standing| !standing.status.settled());
    standing
        .filter(|standing| !standing.tell.is_empty() || standing.by.len() > 1)
        .map(|standing| Notice {
            record: record.id,
            key: format!("step:{}:{}:{}", record.id, standing.act, standing.round),
            to: standing.tell.iter().chain(standing.by.iter()).cloned().collect(),
            message: standing.title.clone(),
            receipt: standing.receipt,
            basis: standing.basis().into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

/// Queues notices. Texts are those of packs; what is personal is looked up when the mail is written.
///
/// # Errors
/// [`Fault`].
pub async fn queue(
    tx: &mut Tx,
    org: Uuid,
    environment: &dyn Environment,
    notices: &[(Notice, BTreeSet<Uuid>)],
    now: Instant,
) -> Result<(), Fault> {
    for (notice, people) in notices {
        for person in people {
            let message = NewMessage {
                id: environment.id(),
                key: format!("{}:{person}", notice.key),
                kind: "notice".to_owned(),
                payload: json!({
                    "person": person.to_string(),
                    "record": notice.record.to_string(),
                    "ja": notice.message.ja,
                    "en": notice.message.en,
                    "receipt": notice.receipt,
                    "basis": notice.basis,
                }),
                send_at: now,
            };
            outbox::enqueue(tx, org, &message, now).await?;
        }
    }
    Ok(())
}

kitei_store::statements! {
    /// Notices, newest first.
    NOTICES = "select payload from outbox where org = $1 and kind = 'notice' order by created_at desc, id desc limit 1000";
}

/// A notice as it was queued.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub struct Queued {
    /// Who is told.
    pub person: Uuid,
    /// Record it is about.
    pub record: Uuid,
    /// What.
    #[serde(flatten)]
    pub message: kitei_rules::pack::model::Text,
    /// They must acknowledge.
    pub receipt: bool,
}

/// The newest notices of an organisation.
///
/// # Errors
/// [`Fault`].
pub async fn queued(reader: &mut kitei_store::db::Reader, org: Uuid) -> Result<Vec<Queued>, Fault> {
    let rows = reader.fetch_all(&NOTICES, kitei_store::binds![org]).await?;
    let read = |row: &kitei_store::db::Row| -> Result<Queued, Fault> {
        let payload: serde_json::Value = row.get("payload")?;
        serde_json::from_value(payload).map_err(|error| Fault::Damaged(error.to_string()))
    };
    rows.iter().map(read).collect()
}
