//! The mark by which a sample is known: pages say so, and the set-up code makes the account of its administrator.
//!
//! Invariant: the mark is set when the telling begins and names nobody until it has ended, so that half a sample is never taken for
//! a whole one. Both are events.

use std::sync::Arc;

use kitei_store::{
    db::{Instant, Reader, StoreError},
    log, settings,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::kernel::{Fault, Installation, Organization};

/// The setting that marks an organisation as a sample.
const MARK: &str = "sample";

/// What the mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// For whom the first account is made; nobody while the sample is not finished.
    pub administrator: Option<Uuid>,
}

/// The mark of an organisation, if it is a sample.
///
/// # Errors
/// [`Fault`].
pub async fn of(reader: &mut Reader, organization: Uuid) -> Result<Option<Sample>, Fault> {
    let Some(doc) = settings::get(reader, organization, MARK).await? else { return Ok(None) };
    serde_json::from_value(doc).map(Some).map_err(|_| Fault::Damaged(MARK.to_owned()))
}

pub(super) async fn begin(installation: &Arc<Installation>, organization: &Arc<Organization>) -> Result<(), Fault> {
    put(installation, organization, Sample { administrator: None }, "sample.begun").await
}

pub(super) async fn end(
    installation: &Arc<Installation>,
    organization: &Arc<Organization>,
    administrator: Uuid,
) -> Result<(), Fault> {
    put(installation, organization, Sample { administrator: Some(administrator) }, "sample.told").await
}

async fn put(
    installation: &Arc<Installation>,
    organization: &Arc<Organization>,
    sample: Sample,
    kind: &'static str,
) -> Result<(), Fault> {
    let (org, now): (Uuid, Instant) = (organization.id, installation.environment.now().into());
    let event = log::NewEvent {
        kind: kind.to_owned(),
        subject: MARK.to_owned(),
        subject_id: None,
        actor: "kitei".to_owned(),
        actor_id: None,
        at: now,
        body: Map::from_iter([("administrator".to_owned(), json!(sample.administrator))]),
    };
    installation
        .db
        .act(org, move |tx| {
            Box::pin(async move {
                settings::put(tx, org, MARK, &json!(sample)).await?;
                log::append(tx, org, event).await?;
                Ok::<(), StoreError>(())
            })
        })
        .await?;
    organization.becomes_sample();
    Ok(())
}
