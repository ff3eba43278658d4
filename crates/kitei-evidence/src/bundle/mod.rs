//! The auditor's bundle: what somebody outside takes away and checks without Kitei, its database or its keys.
//!
//! A bundle is a directory. `manifest.json` names every other file with its SHA-256. Events stand one per line, as
//! their canonical bytes; beside each events file stands a proofs file with one line per event: its leaf hash and, in
//! a bundle of chosen events, its inclusion proof. A whole bundle has all events from the first, so their root is
//! computed again and held against every checkpoint. The format is documented at [`Manifest`]; `docs/verify.py` reads
//! it with nothing but Python's standard library.
//!
//! Papers and attachments are bound to the log where an event records their SHA-256: `event` then says which.
//!
//! What the signature covers: the events, and through them the files that events record. The manifest's other words
//! (titles, scope) are the sender's statement only.
//!
//! Invariant: nothing here touches a file; the caller writes what [`BundleBuilder`] returns and reads for [`verify()`].

mod build;
mod check;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::checkpoint::CheckpointError;
use crate::merkle::ProofError;

pub use build::{BundleBuilder, NamedFile, ProvenEvent};
pub use check::{BundleReport, Problem, verify};

/// What `format` says in the manifest of this version.
pub const FORMAT: &str = "kitei-bundle/1";

/// Name of the manifest's file.
pub const MANIFEST: &str = "manifest.json";

/// The longest manifest that is read, in bytes.
pub const MAX_MANIFEST: usize = 64 * 1024 * 1024;

/// The contents of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// What the bundle is about.
    pub about: About,
    /// The key that signs the log's checkpoints, `name+hash+base64`. Compare it with one from elsewhere.
    pub verifier_key: String,
    /// Which events are there.
    pub coverage: Coverage,
    /// Signed checkpoints; the last is the one that the proofs lead to.
    pub checkpoints: Vec<Listed>,
    /// Files of events, in order of `seq`.
    pub events: Vec<EventsFile>,
    /// Files of proofs: the first belongs to the first of events, and so on, line by line.
    pub proofs: Vec<Listed>,
    /// Papers, attachments and pages.
    pub files: Vec<Attached>,
}

/// What a bundle is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Identifier of the organisation, as it stands in each event.
    pub organisation: String,
    /// Name of the organisation.
    pub organisation_name: String,
    /// Origin of the log, as it stands in each checkpoint.
    pub origin: String,
    /// When the bundle was made, RFC 3339.
    pub made_at: String,
    /// What was asked for.
    pub scope: Scope,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scope {
    /// One record.
    Record {
        /// Identifier of the register.
        register: String,
        /// Identifier or running number of the record.
        record: String,
    },
    /// A period, both days included, `2026-04-01`.
    Period {
        /// The first day.
        from: String,
        /// The last day.
        to: String,
    },
    /// The whole log.
    Everything,
}

/// Which events a bundle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// All from the first up to the last checkpoint; the root is computed from them.
    Whole,
    /// Some, each with its inclusion proof.
    Chosen,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its path within the bundle.
    pub file: FileName,
    /// Its SHA-256.
    pub sha256: Digest,
}

/// A file of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsFile {
    /// Its path within the bundle.
    pub file: FileName,
    /// Its SHA-256.
    pub sha256: Digest,
    /// `seq` of its first event.
    pub first: u64,
    /// `seq` of its last event.
    pub last: u64,
    /// How many events it has.
    pub count: u64,
}

/// A file for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// Its path within the bundle.
    pub file: FileName,
    /// Its SHA-256.
    pub sha256: Digest,
    /// What it is.
    pub kind: FileKind,
    /// What it is called.
    pub title: String,
    /// The event of this bundle that records its SHA-256, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<u64>,
}

/// What a file for people is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A paper that Kitei made.
    Paper,
    /// A file that somebody attached.
    Attachment,
    /// The index or another page made for the bundle.
    Page,
}

/// A relative path that stays within the bundle: parts joined by `/`, none of them empty, `.` or `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

impl FileName {
    /// Checks a path.
    ///
    /// # Errors
    /// [`BundleError::FileName`].
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        let part = |part: &str| {
            let plain = |character: char| !character.is_control() && !matches!(character, '\\' | ':');
            !part.is_empty() && part != "." && part != ".." && part.chars().all(plain)
        };
        if text.len() <= 255 && text.split('/').all(part) {
            return Ok(Self(text.to_owned()));
        }
        Err(BundleError::FileName)
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FileName {
    type Error = BundleError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a bundle cannot be made, or its manifest not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// A path that could lead out of the bundle.
    #[error(
        "a file of a bundle has a relative path of at most 255 bytes, whose parts are neither empty nor '.' nor '..' \
         and hold no backslash, colon or control character"
    )]
    FileName,
    /// A path twice.
    #[error("the file {file} is listed twice")]
    ListedTwice {
        /// The path.
        file: FileName,
    },
    /// The manifest is not what this program reads.
    #[error("{MANIFEST} cannot be read (line {line}, column {column}): {reason}")]
    Manifest {
        /// Line, from 1; 0 for the whole.
        line: usize,
        /// Column.
        column: usize,
        /// What would be right.
        reason: String,
    },
    /// A checkpoint that does not fit.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No checkpoint was given before the events.
    #[error("a bundle needs a checkpoint before its events")]
    NoCheckpoint,
    /// The bytes given as an event are none of this log.
    #[error("the bytes given as event number {position} of the file are no event of this organisation")]
    NotAnEvent {
        /// Position in the file, from 0.
        position: u64,
    },
    /// Events must come in order.
    #[error("event {seq} is out of order; {expected}")]
    Order {
        /// The event.
        seq: u64,
        /// What would be right.
        expected: &'static str,
    },
    /// The proof given for an event does not hold.
    #[error("event {seq}: {error}")]
    Proof {
        /// The event.
        seq: u64,
        /// Why.
        error: ProofError,
    },
    /// An events file without events.
    #[error("an events file needs at least one event")]
    NoEvents,
    /// The bundle could not be written as JSON.
    #[error("the bundle cannot be written as JSON")]
    Writing,
}

/// A line of a proofs file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofLine {
    seq: u64,
    leaf: Digest,
    path: Vec<Digest>,
}

#[cfg(test)]
mod tests;
