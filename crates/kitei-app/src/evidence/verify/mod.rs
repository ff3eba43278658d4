//! Verifying: recomputed from the stored bytes of every event, held against every signed checkpoint.
//!
//! A live database is read in one snapshot, many events to an answer, each hashed once, the next answer being fetched
//! meanwhile; memory does not grow with events (with checkpoints by some fifty bytes each). Beyond the log: the stored
//! head, the columns of checkpoints, the rows of imports, the key state, keys that an erasure should have destroyed,
//! attachments.
//!
//! Invariant: the first wrong event is named, or the smallest span between two checkpoints that were signed.
//! Invariant: [`Verification::ok`] is true only when nothing at all is wrong.

mod bundle;
mod database;
mod imports;
mod log;
mod report;
mod words;

pub use bundle::bundle;
pub(crate) use database::{blobs_of, erased_leaves};
pub use log::STATEMENTS;
pub(crate) use log::check_log;
pub use report::{KeyReport, LogReport, Subject, Trouble, Verification};
pub use words::finding_words;

use kitei_evidence::{checkpoint::SignedCheckpoint, note::VerifierKey};
use uuid::Uuid;

/// What is to be verified, and against what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against<'a> {
    /// One organisation only.
    pub organization: Option<Uuid>,
    /// The verifier key from elsewhere. Without it the installation's own key, or the backup's word for it, is used.
    pub key: Option<&'a VerifierKey>,
    /// An older checkpoint kept elsewhere: the log must be its continuation.
    pub checkpoint: Option<&'a SignedCheckpoint>,
}

impl Against<'_> {
    /// Whether an organisation is to be looked at: the one named, or the one whose log the key and the old checkpoint
    /// are of.
    pub(crate) fn concerns(&self, organization: Uuid) -> bool {
        let origin = crate::kernel::origin(organization);
        self.organization.is_none_or(|wanted| wanted == organization)
            && self.checkpoint.is_none_or(|old| old.claimed().origin() == origin)
            && self.key.is_none_or(|key| key.name() == origin)
    }

    /// The log that the old checkpoint or the key is of, when no log here is: then nothing was verified.
    pub(crate) fn missed(&self, found: bool) -> Option<Trouble> {
        let old = self.checkpoint.map(|old| old.claimed().origin());
        let origin = old.or_else(|| self.key.map(VerifierKey::name)).filter(|_| !found)?;
        Some(Trouble::NoSuchLog { origin: origin.to_owned() })
    }
}
