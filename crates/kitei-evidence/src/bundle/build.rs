//! Making a bundle from its parts.
//!
//! Invariant: a bundle that comes out of the builder verifies; parts that do not fit are refused here.

use std::collections::BTreeSet;

use super::{
    About, Attached, BundleError, Coverage, EventsFile, FORMAT, FileKind, FileName, Listed, MANIFEST, Manifest,
    ProofLine,
};
use crate::Digest;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::event::locate;
use crate::merkle::{leaf_hash, verify_inclusion};
use crate::note::VerifierKey;

/// A file for the caller to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Path within the bundle.
    pub file: FileName,
    /// Contents.
    pub bytes: Vec<u8>,
}

/// An event with the proof that it is in the log.
#[derive(Debug, Clone)]
pub struct ProvenEvent<'a> {
    /// Canonical bytes.
    pub bytes: &'a [u8],
    /// Inclusion proof in the tree of the last checkpoint; empty in a whole bundle.
    pub path: Vec<Digest>,
}

/// A bundle in the making: first the checkpoints, then events in order, and files at any time.
#[derive(Debug)]
pub struct BundleBuilder {
    manifest: Manifest,
    key: VerifierKey,
    last: Option<Checkpoint>,
    next_seq: u64,
    names: BTreeSet<FileName>,
}

impl BundleBuilder {
    /// Begins a bundle.
    #[must_use]
    pub fn new(about: About, coverage: Coverage, key: &VerifierKey) -> Self {
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            about,
            verifier_key: key.to_string(),
            coverage,
            checkpoints: Vec::new(),
            events: Vec::new(),
            proofs: Vec::new(),
            files: Vec::new(),
        };
        Self { manifest, key: key.clone(), last: None, next_seq: 0, names: BTreeSet::new() }
    }

    /// Adds a checkpoint, older ones first; the last is the one that proofs lead to.
    ///
    /// # Errors
    /// [`BundleError::Checkpoint`] when it is not signed by the bundle's key.
    pub fn checkpoint(&mut self, signed: &SignedCheckpoint) -> Result<NamedFile, BundleError> {
        self.last = Some(signed.verify(&self.key)?.clone());
        let number = self.manifest.checkpoints.len() + 1;
        let (file, listed) = self.list(&format!("checkpoint-{number:04}.txt"), signed.to_string().into_bytes())?;
        self.manifest.checkpoints.push(listed);
        Ok(file)
    }

    /// Adds a file of events, in order of `seq`, and its file of proofs.
    ///
    /// # Errors
    /// [`BundleError`] when an event is none, is out of order, or its proof does not hold.
    pub fn events<'a>(
        &mut self,
        events: impl IntoIterator<Item = ProvenEvent<'a>>,
    ) -> Result<[NamedFile; 2], BundleError> {
        let (mut lines, mut proofs) = (Vec::new(), Vec::new());
        let mut span = None;
        let mut count = 0;
        for event in events {
            let seq = self.check(&event, count)?;
            let (first, _) = span.unwrap_or((seq, seq));
            span = Some((first, seq));
            count += 1;
            self.next_seq = seq + 1;
            lines.extend_from_slice(event.bytes);
            lines.push(b'\n');
            let line = ProofLine { seq, leaf: leaf_hash(event.bytes), path: event.path };
            serde_json::to_writer(&mut proofs, &line).map_err(|_| BundleError::Writing)?;
            proofs.push(b'\n');
        }
        let (first, last) = span.ok_or(BundleError::NoEvents)?;
        let number = self.manifest.events.len() + 1;
        let (lines, Listed { file, sha256 }) = self.list(&format!("events-{number:04}.jsonl"), lines)?;
        self.manifest.events.push(EventsFile { file, sha256, first, last, count });
        let (proofs, listed) = self.list(&format!("proofs-{number:04}.jsonl"), proofs)?;
        self.manifest.proofs.push(listed);
        Ok([lines, proofs])
    }

    /// Lists a file for people; the caller writes it. `event` is the event of this bundle that records its SHA-256.
    ///
    /// # Errors
    /// [`BundleError::FileName`] and [`BundleError::ListedTwice`].
    pub fn file(
        &mut self,
        kind: FileKind,
        path: &str,
        title: &str,
        sha256: Digest,
        event: Option<u64>,
    ) -> Result<(), BundleError> {
        let file = self.name(path)?;
        self.manifest.files.push(Attached { file, sha256, kind, title: title.to_owned(), event });
        Ok(())
    }

    /// What the manifest holds so far, for an index page.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The manifest, to be written last.
    ///
    /// # Errors
    /// [`BundleError`] when a whole bundle does not reach its checkpoint, or without any checkpoint.
    pub fn finish(self) -> Result<NamedFile, BundleError> {
        let last = self.last.ok_or(BundleError::NoCheckpoint)?;
        if self.manifest.coverage == Coverage::Whole && self.next_seq != last.size() {
            let expected = "a whole bundle ends with the last event of its last checkpoint";
            return Err(BundleError::Order { seq: self.next_seq, expected });
        }
        let mut bytes = serde_json::to_vec_pretty(&self.manifest).map_err(|_| BundleError::Writing)?;
        bytes.push(b'\n');
        Ok(NamedFile { file: FileName::parse(MANIFEST)?, bytes })
    }

    fn check(&self, event: &ProvenEvent<'_>, position: u64) -> Result<u64, BundleError> {
        let last = self.last.as_ref().ok_or(BundleError::NoCheckpoint)?;
        let (_, seq) = locate(event.bytes)
            .filter(|(org, _)| *org == self.manifest.about.organisation.as_bytes())
            .ok_or(BundleError::NotAnEvent { position })?;
        match self.manifest.coverage {
            Coverage::Whole if seq != self.next_seq => {
                Err(BundleError::Order { seq, expected: "a whole bundle has every event from 0 on" })
            }
            Coverage::Chosen if seq < self.next_seq => {
                Err(BundleError::Order { seq, expected: "chosen events come in rising order, each once" })
            }
            Coverage::Whole => Ok(seq),
            Coverage::Chosen => {
                let leaf = leaf_hash(event.bytes);
                verify_inclusion(&leaf, seq, last.size(), &event.path, last.root())
                    .map_err(|error| BundleError::Proof { seq, error })?;
                Ok(seq)
            }
        }
    }

    fn name(&mut self, path: &str) -> Result<FileName, BundleError> {
        let file = FileName::parse(path)?;
        if path == MANIFEST || !self.names.insert(file.clone()) {
            return Err(BundleError::ListedTwice { file });
        }
        Ok(file)
    }

    fn list(&mut self, path: &str, bytes: Vec<u8>) -> Result<(NamedFile, Listed), BundleError> {
        let file = self.name(path)?;
        let listed = Listed { file: file.clone(), sha256: Digest::of(&bytes) };
        Ok((NamedFile { file, bytes }, listed))
    }
}
