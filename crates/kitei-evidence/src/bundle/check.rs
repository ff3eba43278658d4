//! Checking a bundle: signatures, every event against the signed root, every file against the manifest.
//!
//! Invariant: events are judged before the hashes of the files they stand in, so that an altered byte in an events
//! file names the event and not only the file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Attached, BundleError, Coverage, EventsFile, FORMAT, FileName, Listed, MAX_MANIFEST, Manifest, ProofLine};
use crate::Digest;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::event::locate;
use crate::merkle::{leaf_hash, verify_inclusion};
use crate::note::VerifierKey;
use crate::verify::{Expected, Finding, StoredLeaf, Tail, Verifier};

/// One thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "in", rename_all = "kebab-case")]
pub enum Problem {
    /// The manifest names another key than the one that is trusted.
    #[error("the bundle names another verifier key than the one given")]
    OtherKey,
    /// The manifest's key is no key.
    #[error("the verifier key of the bundle cannot be read: {reason}")]
    Key {
        /// Why.
        reason: String,
    },
    /// A bundle without a checkpoint that holds proves nothing.
    #[error("the bundle has no signed checkpoint that its events could be held against")]
    NoCheckpoint,
    /// A checkpoint is malformed or not signed.
    #[error("{file}: {reason}")]
    Checkpoint {
        /// The file.
        file: FileName,
        /// Why.
        reason: String,
    },
    /// Something about the events.
    #[error("{finding}")]
    Log {
        /// What.
        finding: Finding,
    },
    /// An event's proof does not lead to the signed root.
    #[error("event {seq} is not proven to be in the log: {reason}")]
    NotProven {
        /// The event.
        seq: u64,
        /// Why.
        reason: String,
    },
    /// A line of a proofs file is no proof.
    #[error("{file}, line {line}: this is not a proof")]
    ProofLine {
        /// The file.
        file: FileName,
        /// The line, from 1.
        line: u64,
    },
    /// An events file and its proofs file, or the manifest, disagree about how many or which events there are.
    #[error("{file} does not have the events that the manifest and the proofs say")]
    Count {
        /// The events file.
        file: FileName,
    },
    /// The number of events files differs from that of proofs files.
    #[error("each events file needs a proofs file; there are {events} and {proofs}")]
    Pairs {
        /// Events files.
        events: u64,
        /// Proofs files.
        proofs: u64,
    },
    /// A file is not there.
    #[error("{file} cannot be read")]
    Unreadable {
        /// The file.
        file: FileName,
    },
    /// A file differs from what the manifest says.
    #[error("{file} was altered: its SHA-256 is not that of the manifest")]
    FileAltered {
        /// The file.
        file: FileName,
    },
    /// A file is said to be recorded by an event that does not record it.
    #[error(
        "{file} is said to be recorded by event {event}, which is not in the bundle or does not record its SHA-256"
    )]
    NotRecorded {
        /// The file.
        file: FileName,
        /// The event.
        event: u64,
    },
}

/// The result of checking a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Identifier of the organisation.
    pub organisation: String,
    /// Which events are there.
    pub coverage: Coverage,
    /// Events checked.
    pub events: u64,
    /// Size of the last checkpoint.
    pub signed: u64,
    /// Whether the key came from elsewhere; otherwise it is the bundle's own word.
    pub key_is_trusted: bool,
    /// What is wrong, events first.
    pub problems: Vec<Problem>,
}

/// Checks the bundle with this manifest, whose files `read` gives; `trusted` is the verifier key known from elsewhere.
///
/// # Errors
/// [`BundleError::Manifest`] when there is nothing to begin with. All else that is wrong stands in the report.
pub fn verify<E>(
    manifest: &[u8],
    trusted: Option<&VerifierKey>,
    read: impl FnMut(&str) -> Result<Vec<u8>, E>,
) -> Result<BundleReport, BundleError> {
    let manifest = parse(manifest)?;
    let mut checker =
        Checker { manifest: &manifest, read, problems: Vec::new(), events: 0, unrecorded: BTreeMap::new() };
    let signed = checker.run(trusted);
    let problems = checker.problems;
    Ok(BundleReport {
        ok: problems.is_empty(),
        organisation: manifest.about.organisation.clone(),
        coverage: manifest.coverage,
        events: checker.events,
        signed,
        key_is_trusted: trusted.is_some(),
        problems,
    })
}

fn parse(bytes: &[u8]) -> Result<Manifest, BundleError> {
    let whole = |reason: &str| BundleError::Manifest { line: 0, column: 0, reason: reason.to_owned() };
    if bytes.len() > MAX_MANIFEST {
        return Err(whole("it is longer than 64 MiB"));
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| BundleError::Manifest {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })?;
    if manifest.format != FORMAT {
        return Err(whole("`format` must be \"kitei-bundle/1\""));
    }
    Ok(manifest)
}

struct Checker<'m, R> {
    manifest: &'m Manifest,
    read: R,
    problems: Vec<Problem>,
    events: u64,
    /// Files that wait for the event which records them.
    unrecorded: BTreeMap<u64, Vec<&'m Attached>>,
}

/// How events are held against the log.
enum Against {
    Root(Box<Verifier>),
    Proofs(Checkpoint),
}

impl<'m, E, R: FnMut(&str) -> Result<Vec<u8>, E>> Checker<'m, R> {
    /// Checks everything and returns the size of the last checkpoint.
    fn run(&mut self, trusted: Option<&VerifierKey>) -> u64 {
        let Some(key) = self.key(trusted) else { return 0 };
        let notes = self.checkpoints(&key);
        let Some((_, last)) = notes.last() else {
            self.problems.push(Problem::NoCheckpoint);
            return 0;
        };
        let signed = last.size();
        for attached in &self.manifest.files {
            if let Some(event) = attached.event {
                self.unrecorded.entry(event).or_default().push(attached);
            }
        }
        let mut against = match self.manifest.coverage {
            Coverage::Chosen => Against::Proofs(last.clone()),
            Coverage::Whole => {
                let checkpoints: Vec<&[u8]> = notes.iter().map(|(note, _)| note.as_slice()).collect();
                let about = &self.manifest.about;
                Against::Root(Box::new(Verifier::new(&Expected {
                    organisation: &about.organisation,
                    origin: &about.origin,
                    key: &key,
                    checkpoints: &checkpoints,
                    against: None,
                    tail: Tail::Refused,
                })))
            }
        };
        let (events, proofs) = (&self.manifest.events, &self.manifest.proofs);
        if events.len() != proofs.len() {
            self.problems.push(Problem::Pairs { events: events.len() as u64, proofs: proofs.len() as u64 });
        }
        let mut next = 0;
        for (events, proofs) in events.iter().zip(proofs) {
            self.events_file(events, proofs, &mut against, &mut next);
        }
        if let Against::Root(verifier) = against {
            self.problems.extend(verifier.finish().findings.into_iter().map(|finding| Problem::Log { finding }));
            // Files were found altered before the verifier was asked; events come first all the same.
            self.problems.sort_by_key(|problem| !matches!(problem, Problem::Log { .. }));
        }
        self.files();
        signed
    }

    fn key(&mut self, trusted: Option<&VerifierKey>) -> Option<VerifierKey> {
        match VerifierKey::parse(&self.manifest.verifier_key) {
            Err(error) => self.problems.push(Problem::Key { reason: error.to_string() }),
            Ok(key) if trusted.is_none_or(|trusted| *trusted == key) => return Some(key),
            Ok(_) => self.problems.push(Problem::OtherKey),
        }
        trusted.cloned()
    }

    fn checkpoints(&mut self, key: &VerifierKey) -> Vec<(Vec<u8>, Checkpoint)> {
        let mut good = Vec::new();
        for Listed { file, sha256 } in &self.manifest.checkpoints {
            let Some(note) = self.fetch(file) else { continue };
            let origin = &self.manifest.about.origin;
            let checked = SignedCheckpoint::parse(&note).and_then(|signed| signed.verify(key).cloned());
            let reason = match checked {
                Ok(checkpoint) if checkpoint.origin() == origin => {
                    self.compare(file, sha256, &note);
                    good.push((note, checkpoint));
                    continue;
                }
                Ok(_) => "it belongs to another log".to_owned(),
                Err(error) => error.to_string(),
            };
            self.problems.push(Problem::Checkpoint { file: file.clone(), reason });
        }
        good
    }

    fn events_file(&mut self, events: &EventsFile, proofs: &Listed, against: &mut Against, next: &mut u64) {
        let (Some(lines), Some(proof_lines)) = (self.fetch(&events.file), self.fetch(&proofs.file)) else { return };
        let mut proof = proof_lines.split(|byte| *byte == b'\n');
        let body = lines.strip_suffix(b"\n").unwrap_or(&lines);
        let (mut count, mut first) = (0, None);
        for line in body.split(|byte| *byte == b'\n') {
            count += 1;
            let parsed = proof.next().and_then(|line| serde_json::from_slice::<ProofLine>(line).ok());
            let seq = match &parsed {
                Some(proof) => proof.seq,
                None => {
                    self.problems.push(Problem::ProofLine { file: proofs.file.clone(), line: count });
                    locate(line).map_or(*next, |(_, seq)| seq)
                }
            };
            first.get_or_insert(seq);
            self.event(line, seq, parsed, against, *next);
            *next = seq.saturating_add(1);
        }
        self.events += count;
        let remaining = proof.any(|line| !line.is_empty());
        let said = (events.count, Some(events.first), events.last.saturating_add(1));
        if remaining || said != (count, first, *next) {
            self.problems.push(Problem::Count { file: events.file.clone() });
        }
        self.compare(&events.file, &events.sha256, &lines);
        self.compare(&proofs.file, &proofs.sha256, &proof_lines);
    }

    fn event(&mut self, line: &[u8], seq: u64, proof: Option<ProofLine>, against: &mut Against, next: u64) {
        if let Some(files) = self.unrecorded.get_mut(&seq) {
            let text = String::from_utf8_lossy(line);
            files.retain(|attached| !text.contains(&attached.sha256.to_string()));
        }
        let leaf_hash_given = proof.as_ref().map(|proof| proof.leaf);
        let checkpoint = match against {
            Against::Root(verifier) => {
                return verifier.push(&StoredLeaf { seq, bytes: line, leaf_hash: leaf_hash_given });
            }
            Against::Proofs(checkpoint) => checkpoint,
        };
        let computed = leaf_hash(line);
        let organisation = self.manifest.about.organisation.as_bytes();
        let finding = match locate(line) {
            _ if leaf_hash_given.is_some_and(|given| given != computed) => Some(Finding::EventAltered { seq }),
            None => Some(Finding::NotAnEvent { seq }),
            Some((org, _)) if org != organisation => Some(Finding::OtherOrganisation { seq }),
            Some((_, inside)) if inside != seq => Some(Finding::OtherSeq { seq, inside }),
            Some(_) if seq < next => Some(Finding::OutOfOrder { seq, expected: next }),
            Some(_) => None,
        };
        if let Some(finding) = finding {
            self.problems.push(Problem::Log { finding });
        } else if let Some(proof) = proof {
            let proven = verify_inclusion(&computed, seq, checkpoint.size(), &proof.path, checkpoint.root());
            if let Err(error) = proven {
                self.problems.push(Problem::NotProven { seq, reason: error.to_string() });
            }
        }
    }

    fn files(&mut self) {
        for Attached { file, sha256, .. } in &self.manifest.files {
            if let Some(bytes) = self.fetch(file) {
                self.compare(file, sha256, &bytes);
            }
        }
        for (event, files) in std::mem::take(&mut self.unrecorded) {
            let missing = files.into_iter().map(|attached| Problem::NotRecorded { file: attached.file.clone(), event });
            self.problems.extend(missing);
        }
    }

    fn fetch(&mut self, file: &FileName) -> Option<Vec<u8>> {
        let bytes = (self.read)(file.as_str()).ok();
        if bytes.is_none() {
            self.problems.push(Problem::Unreadable { file: file.clone() });
        }
        bytes
    }

    fn compare(&mut self, file: &FileName, sha256: &Digest, bytes: &[u8]) {
        if Digest::of(bytes) != *sha256 {
            self.problems.push(Problem::FileAltered { file: file.clone() });
        }
    }
}
