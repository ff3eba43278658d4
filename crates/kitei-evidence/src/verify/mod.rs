//! The offline verifier: do these events, in this order, lead to the roots that were signed?
//!
//! It takes events one by one, hashes each once, keeps the right edge of the tree only, and so checks a log of any
//! length in constant memory. The JSON is not parsed; organisation and position are read from its end.
//!
//! What it names: an event whose bytes are not those of its stored leaf hash, by its `seq`; gaps, repetitions and
//! reordering, by `seq`; where both bytes and leaf hash were replaced, the smallest span between two signed
//! checkpoints; a log that is shorter than what was signed; events that nobody signed yet; checkpoints that are
//! forged, or that contradict each other.
//!
//! What it cannot know: a log rewritten whole together with its checkpoints by whoever holds the signing key. Against
//! that stands an older checkpoint kept outside ([`Expected::against`]).
//!
//! Invariant: [`Report::ok`] is true only without findings.

mod report;

use crate::Digest;
use crate::checkpoint::SignedCheckpoint;
use crate::event::locate;
use crate::merkle::{Frontier, leaf_hash};
use crate::note::VerifierKey;

pub use report::{Finding, MAX_FINDINGS, Report};

/// An event as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredLeaf<'a> {
    /// Position under which it is stored.
    pub seq: u64,
    /// Its canonical bytes.
    pub bytes: &'a [u8],
    /// The leaf hash stored beside it, if any.
    pub leaf_hash: Option<Digest>,
}

/// Whether events after the last checkpoint are in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Yes: in a live log the next checkpoint comes within a minute.
    Allowed,
    /// No: the events must end with the last checkpoint, as in a bundle.
    Refused,
}

/// What the events are to be held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Identifier of the organisation whose log this is.
    pub organisation: &'a str,
    /// Origin that its checkpoints carry.
    pub origin: &'a str,
    /// The key they must be signed with, from a source that is trusted.
    pub key: &'a VerifierKey,
    /// The stored checkpoints as they are, in any order.
    pub checkpoints: &'a [&'a [u8]],
    /// An older checkpoint that was kept elsewhere: the log must be its continuation.
    pub against: Option<&'a SignedCheckpoint>,
    /// Whether unsigned events may follow.
    pub tail: Tail,
}

/// A size at which the root is known from a signature.
struct Mark {
    size: u64,
    root: Digest,
    old: bool,
}

/// The running verification.
pub struct Verifier {
    organisation: Vec<u8>,
    marks: Vec<Mark>,
    next_mark: usize,
    frontier: Frontier,
    next_seq: u64,
    taken: u64,
    /// False once an event is missing or out of order: from there no root can be told.
    connected: bool,
    good_until: u64,
    held: u64,
    in_wrong_span: bool,
    old_held: bool,
    tail: Tail,
    findings: Vec<Finding>,
    further: u64,
}

/// The checkpoints of a log as they are read one by one, so that no more than size and root of each is kept.
pub struct Heads {
    verifier: Verifier,
    origin: String,
    key: VerifierKey,
    against: Option<SignedCheckpoint>,
    position: usize,
}

impl Heads {
    /// Begins with those that are at hand.
    #[must_use]
    pub fn new(expected: &Expected<'_>) -> Self {
        let verifier = Verifier {
            organisation: expected.organisation.as_bytes().to_vec(),
            marks: Vec::with_capacity(expected.checkpoints.len() + 1),
            next_mark: 0,
            frontier: Frontier::new(),
            next_seq: 0,
            taken: 0,
            connected: true,
            good_until: 0,
            held: 0,
            in_wrong_span: false,
            old_held: false,
            tail: expected.tail,
            findings: Vec::new(),
            further: 0,
        };
        let (origin, key) = (expected.origin.to_owned(), expected.key.clone());
        let mut heads = Self { verifier, origin, key, against: expected.against.cloned(), position: 0 };
        for note in expected.checkpoints {
            heads.take(note);
        }
        heads
    }

    /// Takes a stored checkpoint: checks its form and its signature.
    pub fn take(&mut self, note: &[u8]) {
        match SignedCheckpoint::parse(note) {
            Ok(signed) => self.mark(&signed, false),
            Err(error) => self.verifier.find(Finding::checkpoint(self.position, &error)),
        }
        self.position += 1;
    }

    /// All of them were taken: now come the events.
    #[must_use]
    pub fn ready(mut self) -> Verifier {
        if let Some(old) = self.against.take() {
            self.mark(&old, true);
        }
        let mut verifier = self.verifier;
        verifier.marks.sort_by_key(|mark| mark.size);
        let split = verifier.marks.windows(2).find_map(|pair| match pair {
            [left, right] if left.size == right.size && left.root != right.root => Some(left.size),
            _ => None,
        });
        if let Some(size) = split {
            verifier.find(Finding::SplitView { size });
        }
        verifier.compare();
        verifier
    }

    fn mark(&mut self, signed: &SignedCheckpoint, old: bool) {
        match signed.verify(&self.key) {
            Err(error) => self.verifier.find(Finding::checkpoint(self.position, &error)),
            Ok(checkpoint) if checkpoint.origin() != self.origin => {
                let (position, size) = (self.position as u64, checkpoint.size());
                self.verifier.find(Finding::OtherOrigin { position, size });
            }
            Ok(checkpoint) => {
                self.verifier.marks.push(Mark { size: checkpoint.size(), root: *checkpoint.root(), old });
            }
        }
    }
}

impl Verifier {
    /// Checks form and signature of every checkpoint that is at hand and waits for events.
    #[must_use]
    pub fn new(expected: &Expected<'_>) -> Self {
        Heads::new(expected).ready()
    }

    /// Takes the next event.
    pub fn push(&mut self, stored: &StoredLeaf<'_>) {
        let computed = leaf_hash(stored.bytes);
        let kept = stored.leaf_hash.unwrap_or(computed);
        if kept != computed {
            self.find(Finding::EventAltered { seq: stored.seq });
        } else {
            match locate(stored.bytes) {
                None => self.find(Finding::NotAnEvent { seq: stored.seq }),
                Some((org, _)) if org != self.organisation => self.find(Finding::OtherOrganisation { seq: stored.seq }),
                Some((_, inside)) if inside != stored.seq => self.find(Finding::OtherSeq { seq: stored.seq, inside }),
                Some(_) => {}
            }
        }
        self.taken += 1;
        if stored.seq < self.next_seq {
            self.connected = false;
            self.find(Finding::OutOfOrder { seq: stored.seq, expected: self.next_seq });
            return;
        }
        if stored.seq > self.next_seq {
            self.connected = false;
            self.find(Finding::Missing { from: self.next_seq, to: stored.seq });
        }
        self.next_seq = stored.seq.saturating_add(1);
        if self.connected {
            // The stored hash stands in for altered bytes, so that one altered event does not hide the state of the rest.
            self.frontier.append(kept);
            self.compare();
        }
    }

    /// Ends the verification.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let signed_size = self.marks.last().map_or(0, |mark| mark.size);
        if signed_size > self.next_seq {
            self.find(Finding::Truncated { events: self.next_seq, signed: signed_size });
        }
        let unsigned = self.next_seq.saturating_sub(signed_size);
        if unsigned > 0 && self.tail == Tail::Refused {
            self.find(Finding::Extra { from: signed_size, to: self.next_seq });
        }
        let against = self.marks.iter().find(|mark| mark.old).map(|mark| mark.size);
        Report {
            ok: self.findings.is_empty(),
            organisation: String::from_utf8_lossy(&self.organisation).into_owned(),
            events: self.taken,
            root: self.connected.then(|| self.frontier.root()),
            checkpoints_held: self.held,
            checkpoints_not_compared: (self.marks.len() - self.next_mark) as u64,
            signed_until: self.good_until,
            unsigned,
            continues: against.map(|_| self.old_held),
            first_wrong: self.findings.iter().filter_map(Finding::event).min(),
            findings: self.findings,
            further: self.further,
        }
    }

    /// Holds the root against every checkpoint of the present size.
    fn compare(&mut self) {
        let size = self.frontier.size();
        if self.marks.get(self.next_mark).is_none_or(|mark| mark.size != size) {
            return;
        }
        let root = self.frontier.root();
        while let Some(mark) = self.marks.get(self.next_mark).filter(|mark| mark.size == size) {
            let (holds, old) = (mark.root == root, mark.old);
            self.next_mark += 1;
            if holds {
                self.held += 1;
                self.good_until = size;
                self.in_wrong_span = false;
                self.old_held |= old;
            } else if old {
                self.find(Finding::NotTheContinuation { from: self.good_until, to: size });
            } else if !self.in_wrong_span {
                // Every later root is wrong as well; the span says where it began.
                self.in_wrong_span = true;
                self.find(Finding::Span { from: self.good_until, to: size });
            }
        }
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.further += 1;
        }
    }
}

/// Verifies events that are at hand one after the other.
pub fn verify<'a>(expected: &Expected<'_>, events: impl IntoIterator<Item = StoredLeaf<'a>>) -> Report {
    let mut verifier = Verifier::new(expected);
    for stored in events {
        verifier.push(&stored);
    }
    verifier.finish()
}

#[cfg(test)]
mod tests;
