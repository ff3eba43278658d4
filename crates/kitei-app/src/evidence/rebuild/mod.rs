//! Rebuilding: the projections of an organisation made again from its log alone, and compared with those in use.
//!
//! Each event of a record becomes the change that it reports ([`kitei_rules::run::command::Change`]) and is applied by
//! the same function that the kernel uses ([`kitei_rules::run::apply`]); values are decoded by the rulebook of the day of
//! the event. What results is written by the kernel's own projector into a fresh database, and both databases give their
//! canonical dump ([`dump`]), sealed values opened, since the same value sealed twice gives two texts.
//!
//! What a log must hold to be enough: events about records; the adopted packs' bytes and rulebooks are taken from their
//! tables (the log holds their hashes). Not part of it are accounts, sessions, settings and messages, which are no
//! projections.
//!
//! Invariant: rebuilding writes only into the database given for it, which must hold nothing of the organisation.

mod dump;
mod fold;

pub use dump::{STATEMENTS, dump};
pub use fold::{Folded, Lack};
pub(crate) use fold::{row_instant, row_record};

use std::sync::Arc;

use kitei_evidence::canonical;
use kitei_store::{
    db::{Db, Instant, Tx},
    organizations,
};
use serde::Serialize;
use serde_json::Value as Json;

use super::EvidenceError;
use crate::kernel::{
    Fault, Installation, Organization,
    project::{Leaves, Projector},
};

/// What rebuilding found.
#[derive(Clone, Debug, Serialize)]
pub struct Rebuilt {
    /// Events that were folded.
    pub events: u64,
    /// Records that came out.
    pub records: u64,
    /// What events do not say and had to be guessed.
    pub lacks: Vec<Lack>,
    /// Where the dumps differ, as paths; none when the projections are exactly what the log says.
    pub differences: Vec<String>,
}

/// Differences named at most.
const MOST_DIFFERENCES: usize = 100;

impl Installation {
    /// Makes the projections of an organisation again in a fresh, migrated database and compares.
    ///
    /// # Errors
    /// [`EvidenceError`] when the log cannot be read, or `fresh` holds the organisation already.
    pub async fn rebuild(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        fresh: &Db,
    ) -> Result<Rebuilt, EvidenceError> {
        let folded = fold::fold(self, organization).await?;
        let row = organizations::load(&mut self.db.reader().await?, organization.id).await?;
        let (org, records) = (organization.id, folded.records.len() as u64);
        let (installation, open) = (Arc::clone(self), Arc::clone(organization));
        let (events, lacks) = (folded.events, folded.lacks.clone());
        fresh
            .act(org, move |tx: &mut Tx| {
                Box::pin(async move {
                    organizations::create(tx, org, &row.slug, &row.name, &row.zone, row.created_at).await?;
                    write(&installation, &open, tx, &folded).await
                })
            })
            .await?;
        let live = dump(self, organization, &self.db).await?;
        let rebuilt = dump(self, organization, fresh).await?;
        let mut differences = Vec::new();
        compare("", &live, &rebuilt, &mut differences);
        Ok(Rebuilt { events, records, lacks, differences })
    }
}

async fn write(
    installation: &Installation,
    organization: &Organization,
    tx: &mut Tx,
    folded: &Folded,
) -> Result<(), Fault> {
    let today = organization.today(installation.environment.now());
    // The fresh database has no rulebooks: the book comes from the live one.
    let book = {
        let mut reader = installation.db.reader().await?;
        installation.book_of(&mut reader, organization, today).await?
    };
    for (id, record) in &folded.records {
        let at = folded.changed_at.get(id).copied().unwrap_or_else(|| Instant::from_microseconds(0));
        let projector = Projector { organization, book: &book, environment: &*installation.environment, now: at };
        let leaves = folded.leaves.get(id).cloned().unwrap_or_else(Leaves::default);
        projector.write(tx, record, &leaves, None).await?;
    }
    Ok(())
}

/// The canonical bytes of a dump: equal bytes, equal projections.
///
/// # Errors
/// [`Fault::Damaged`] when a stored document has no canonical form.
pub fn canonical_bytes(dump: &Json) -> Result<Vec<u8>, Fault> {
    canonical::bytes(dump).map_err(|error| Fault::Damaged(error.to_string()))
}

/// Names the paths at which two documents differ; never the values, which are opened here.
fn compare(path: &str, left: &Json, right: &Json, out: &mut Vec<String>) {
    if out.len() >= MOST_DIFFERENCES || left == right {
        return;
    }
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            let names: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                let of = |side: &serde_json::Map<String, Json>| side.get(name).cloned().unwrap_or(Json::Null);
                compare(&format!("{path}/{name}"), &of(left), &of(right), out);
            }
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{path}/{at}"), left, right, out);
            }
        }
        _ => out.push(path.to_owned()),
    }
}
