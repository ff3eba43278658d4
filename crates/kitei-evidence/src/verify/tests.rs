use super::{Expected, Finding, Report, StoredLeaf, Tail, verify};
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::event::{Draft, Event, EventTime};
use crate::merkle::{Frontier, leaf_hash};
use crate::note::SigningKey;
use crate::{Digest, Secret};

const ORIGIN: &str = "kitei.example/acme";

fn key(seed: u8) -> SigningKey {
    SigningKey::new(ORIGIN, &Secret::take(&mut [seed; 32])).unwrap()
}

fn event(seq: u64, kind: &str) -> Vec<u8> {
    let draft = Draft {
        org: "acme",
        seq,
        at: EventTime::parse("2026-11-24T00:00:00.000000Z").unwrap(),
        kind,
        subject: "incident/1",
        actor: "account/1",
        body: serde_json::Map::new(),
    };
    Event::new(draft).unwrap().leaf_bytes().unwrap()
}

#[derive(Clone)]
struct Log {
    rows: Vec<(u64, Vec<u8>, Digest)>,
    checkpoints: Vec<String>,
    against: Option<SignedCheckpoint>,
    tail: Tail,
}

fn signed(rows: &[(u64, Vec<u8>, Digest)], size: usize) -> SignedCheckpoint {
    let mut frontier = Frontier::new();
    rows[..size].iter().for_each(|(_, _, hash)| frontier.append(*hash));
    let checkpoint = Checkpoint::new(ORIGIN, size as u64, frontier.root(), Vec::new()).unwrap();
    SignedCheckpoint::sign(checkpoint, &key(1)).unwrap()
}

/// Thirty events, signed at 0, 7, 13, 20 and 28.
fn log() -> Log {
    let rows: Vec<_> = (0..30)
        .map(|seq| {
            let bytes = event(seq, "record.changed");
            let hash = leaf_hash(&bytes);
            (seq, bytes, hash)
        })
        .collect();
    let checkpoints = [20, 0, 7, 28, 13].map(|size| signed(&rows, size).to_string()).to_vec();
    Log { rows, checkpoints, against: None, tail: Tail::Allowed }
}

impl Log {
    fn verify(&self) -> Report {
        let key = key(1).verifier_key();
        let checkpoints: Vec<&[u8]> = self.checkpoints.iter().map(String::as_bytes).collect();
        let expected = Expected {
            organisation: "acme",
            origin: ORIGIN,
            key: &key,
            checkpoints: &checkpoints,
            against: self.against.as_ref(),
            tail: self.tail,
        };
        let leaves = self.rows.iter();
        verify(&expected, leaves.map(|(seq, bytes, hash)| StoredLeaf { seq: *seq, bytes, leaf_hash: Some(*hash) }))
    }

    /// Replaces an event so thoroughly that its leaf hash fits again.
    fn rewrite(&mut self, position: usize, bytes: Vec<u8>) {
        self.rows[position].2 = leaf_hash(&bytes);
        self.rows[position].1 = bytes;
    }
}

fn findings(change: impl Fn(&mut Log)) -> Vec<Finding> {
    let mut log = log();
    change(&mut log);
    let report = log.verify();
    assert_eq!(report.ok, report.findings.is_empty());
    report.findings
}

#[test]
fn a_sound_log_holds() {
    let report = log().verify();
    assert!(report.ok, "{report:?}");
    assert_eq!((report.events, report.checkpoints_held, report.signed_until, report.unsigned), (30, 5, 28, 2));
    assert_eq!((report.continues, report.first_wrong, report.checkpoints_not_compared), (None, None, 0));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["ok"], true);
    assert_eq!(json["root"], report.root.unwrap().to_string());
}

#[test]
fn every_altered_event_is_named() {
    for position in 0..30 {
        for byte in [0, 60, event(position, "record.changed").len() - 1] {
            let mut log = log();
            log.rows[usize::try_from(position).unwrap()].1[byte] ^= 1;
            let report = log.verify();
            assert_eq!(report.findings, [Finding::EventAltered { seq: position }]);
            assert_eq!((report.ok, report.first_wrong), (false, Some(position)));
        }
    }
}

#[test]
fn a_replaced_event_is_bracketed_by_two_checkpoints() {
    for (position, from, to) in [(0, 0, 7), (6, 0, 7), (7, 7, 13), (12, 7, 13), (19, 13, 20), (27, 20, 28)] {
        let found = findings(|log| log.rewrite(position, event(position as u64, "record.forged")));
        assert_eq!(found, [Finding::Span { from, to }], "event {position}");
    }
    // After the last checkpoint nothing is signed, which the report says.
    assert_eq!(findings(|log| log.rewrite(28, event(28, "record.forged"))), []);
}

#[test]
fn gaps_repetitions_and_reordering_are_named() {
    assert_eq!(findings(|log| drop(log.rows.remove(9))), [Finding::Missing { from: 9, to: 10 }]);
    assert_eq!(findings(|log| drop(log.rows.drain(..3))), [Finding::Missing { from: 0, to: 3 }]);
    let swapped = findings(|log| log.rows.swap(9, 10));
    assert_eq!(swapped, [Finding::Missing { from: 9, to: 10 }, Finding::OutOfOrder { seq: 9, expected: 11 }]);
    let repeated = findings(|log| log.rows.insert(10, log.rows[9].clone()));
    assert_eq!(repeated, [Finding::OutOfOrder { seq: 9, expected: 10 }]);
    // Rows that were exchanged under their old numbers give themselves away.
    let exchanged = findings(|log| {
        log.rows.swap(9, 10);
        log.rows[9].0 = 9;
        log.rows[10].0 = 10;
    });
    let expected = [
        Finding::OtherSeq { seq: 9, inside: 10 },
        Finding::OtherSeq { seq: 10, inside: 9 },
        Finding::Span { from: 7, to: 13 },
    ];
    assert_eq!(exchanged, expected);
}

#[test]
fn cut_and_lengthened_logs_are_named() {
    assert_eq!(findings(|log| log.rows.truncate(28)), []);
    assert_eq!(findings(|log| log.rows.truncate(27)), [Finding::Truncated { events: 27, signed: 28 }]);
    assert_eq!(findings(|log| log.rows.clear()), [Finding::Truncated { events: 0, signed: 28 }]);
    assert_eq!(findings(|log| log.tail = Tail::Refused), [Finding::Extra { from: 28, to: 30 }]);
    let inserted = findings(|log| {
        let bytes = event(5, "record.forged");
        let hash = leaf_hash(&bytes);
        log.rows.insert(5, (5, bytes, hash));
    });
    assert_eq!(inserted, [Finding::OutOfOrder { seq: 5, expected: 6 }]);
}

#[test]
fn foreign_content_is_named() {
    let foreign = String::from_utf8(event(3, "record.changed")).unwrap().replace("acme", "amce");
    let found = findings(|log| log.rewrite(3, foreign.clone().into_bytes()));
    assert_eq!(found, [Finding::OtherOrganisation { seq: 3 }, Finding::Span { from: 0, to: 7 }]);
    let found = findings(|log| log.rewrite(29, b"{}".to_vec()));
    assert_eq!(found, [Finding::NotAnEvent { seq: 29 }]);
}

#[test]
fn forged_and_contradicting_checkpoints_are_named() {
    let forged = |seed, origin, size| {
        let checkpoint = Checkpoint::new(origin, size, Digest::of(b"forged"), Vec::new()).unwrap();
        SignedCheckpoint::sign(checkpoint, &key(seed)).unwrap().to_string()
    };
    let found = findings(|log| log.checkpoints.push(forged(2, ORIGIN, 10)));
    assert!(matches!(found.as_slice(), [Finding::Checkpoint { position: 5, .. }]), "{found:?}");
    let found = findings(|log| log.checkpoints[1].push('x'));
    assert!(matches!(found.as_slice(), [Finding::Checkpoint { position: 1, .. }]), "{found:?}");
    let found = findings(|log| log.checkpoints.push(forged(1, "elsewhere", 10)));
    assert_eq!(found, [Finding::OtherOrigin { position: 5, size: 10 }]);
    let found = findings(|log| log.checkpoints.push(forged(1, ORIGIN, 13)));
    assert_eq!(found[0], Finding::SplitView { size: 13 });
    // A signed checkpoint that fits nothing is bracketed, and the log after it still holds.
    let mut log = log();
    log.checkpoints.push(forged(1, ORIGIN, 10));
    let report = log.verify();
    assert_eq!(report.findings, [Finding::Span { from: 7, to: 10 }]);
    assert_eq!((report.checkpoints_held, report.signed_until), (5, 28));
}

#[test]
fn an_older_checkpoint_catches_a_log_rewritten_whole() {
    let honest = log();
    let kept = signed(&honest.rows, 11);
    let mut same = honest.clone();
    same.against = Some(kept.clone());
    let report = same.verify();
    assert_eq!((report.ok, report.continues), (true, Some(true)));

    let mut rewritten = honest;
    rewritten.rewrite(4, event(4, "record.forged"));
    rewritten.checkpoints = vec![signed(&rewritten.rows, 7).to_string(), signed(&rewritten.rows, 28).to_string()];
    assert!(rewritten.verify().ok, "without the older checkpoint nothing shows");
    rewritten.against = Some(kept.clone());
    let report = rewritten.verify();
    assert_eq!(report.findings, [Finding::NotTheContinuation { from: 7, to: 11 }]);
    assert_eq!(report.continues, Some(false));

    let mut cut = log();
    cut.rows.truncate(9);
    cut.checkpoints.truncate(0);
    cut.against = Some(kept);
    assert_eq!(cut.verify().findings, [Finding::Truncated { events: 9, signed: 11 }]);
}

#[test]
fn findings_are_bounded_and_counted() {
    let mut log = log();
    log.checkpoints.clear();
    log.rows = (0..150).map(|seq| (seq, event(seq, "a"), Digest::of(b"other"))).collect();
    let report = log.verify();
    assert_eq!((report.findings.len(), report.further, report.ok), (100, 50, false));
}
