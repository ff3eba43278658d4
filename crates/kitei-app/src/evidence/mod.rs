//! Evidence (証跡): showing that the history of an organisation is whole, taking it away, keeping it, and forgetting for good.
//!
//! * [`verify`]: a live database, a backup or a bundle, checked from the stored bytes; constant memory in events.
//! * [`bundle`]: what an auditor takes away for a record, a period or everything.
//! * [`checkpoints`]: signed heads that leave the house: on papers, by mail to named outsiders.
//! * [`backup`]: one portable, encrypted file for both engines, and back again.
//! * [`mend`]: what a crash left between an erasure and the destruction of its keys; copies of the key state.
//! * [`rebuild`]: projections made again from the log alone, and compared.
//!
//! Invariant: nothing here opens a sealed value unless the caller hands in what may be opened and how it is called.
//! Invariant: verifying writes nothing.

pub mod backup;
pub mod bundle;
pub mod checkpoints;
pub(crate) mod kinds;
pub mod mend;
pub mod rebuild;
pub mod verify;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use kitei_evidence::{bundle::BundleError, checkpoint::CheckpointError};
use kitei_store::db::{Statement, StoreError};
use uuid::Uuid;

use crate::kernel::Fault;

/// Why evidence could not be written, read or checked. What a check finds wrong is no error: it stands in its report.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The kernel or the store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A bundle cannot be made or read.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A checkpoint that was given cannot be read.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A file cannot be read or written.
    #[error("{}: {}", path.display(), source.kind())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Signatures cannot be checked without a key.
    #[error("organisation {organization}: its key file cannot be read ({problem}); give the verifier key with --key")]
    NoVerifierKey {
        /// Organisation.
        organization: Uuid,
        /// Why.
        problem: String,
    },
    /// Nothing has been signed yet.
    #[error("the log is empty: there is nothing to prove yet")]
    NothingSigned,
    /// The record does not exist.
    #[error("there is no such record")]
    NoRecord,
    /// A place that must be empty is not.
    #[error("{}: something is there already; give a place that is empty or does not exist", .0.display())]
    NotEmpty(PathBuf),
    /// The database to restore into holds something.
    #[error("the database to restore into already holds an organisation; give an empty one")]
    DatabaseNotEmpty,
    /// A backup is none, or is damaged.
    #[error("backup: {0}")]
    Backup(#[from] backup::BackupError),
    /// A zip file could not be written or read.
    #[error("{}: the zip file is damaged or cannot be written", .0.display())]
    Zip(PathBuf),
    /// A thread of the program ended early.
    #[error("the work stopped before its time")]
    Stopped,
}

impl From<StoreError> for EvidenceError {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

impl EvidenceError {
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Every named statement of this capability, for the test that prepares them all on both engines.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [verify::STATEMENTS, bundle::STATEMENTS, rebuild::STATEMENTS, backup::STATEMENTS].concat()
}
