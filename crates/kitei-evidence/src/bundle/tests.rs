use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    About, BundleBuilder, BundleError, BundleReport, Coverage, FileKind, FileName, MANIFEST, Problem, ProvenEvent,
    Scope, verify,
};
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::event::{Draft, Event, EventTime};
use crate::merkle::{Frontier, inclusion_proof, leaf_hash};
use crate::note::SigningKey;
use crate::verify::Finding;
use crate::{Digest, Secret};

const ORIGIN: &str = "kitei.example/acme";
const PAPER: &[u8] = b"%PDF-1.7 a report";

type Files = BTreeMap<String, Vec<u8>>;

fn key(seed: u8) -> SigningKey {
    SigningKey::new(ORIGIN, &Secret::take(&mut [seed; 32])).unwrap()
}

fn events() -> Vec<Vec<u8>> {
    (0..12)
        .map(|seq| {
            let mut body = Map::new();
            if seq == 5 {
                body.insert("sha256".into(), Value::from(Digest::of(PAPER).to_string()));
            }
            let at = EventTime::parse("2026-11-24T00:00:00.000000Z").unwrap();
            let draft = Draft { org: "acme", seq, at, kind: "k", subject: "s", actor: "a", body };
            Event::new(draft).unwrap().leaf_bytes().unwrap()
        })
        .collect()
}

fn signed(size: usize, seed: u8) -> SignedCheckpoint {
    let mut frontier = Frontier::new();
    events()[..size].iter().for_each(|bytes| frontier.append(leaf_hash(bytes)));
    let checkpoint = Checkpoint::new(ORIGIN, size as u64, frontier.root(), Vec::new()).unwrap();
    SignedCheckpoint::sign(checkpoint, &key(seed)).unwrap()
}

fn about() -> About {
    About {
        organisation: "acme".into(),
        organisation_name: "株式会社アクメ".into(),
        origin: ORIGIN.into(),
        made_at: "2026-11-24T01:00:00Z".into(),
        scope: Scope::Everything,
    }
}

fn proven(events: &[Vec<u8>], chosen: impl IntoIterator<Item = usize>, coverage: Coverage) -> Vec<ProvenEvent<'_>> {
    let leaves: Vec<Digest> = events.iter().map(|bytes| leaf_hash(bytes)).collect();
    let path = |index| match coverage {
        Coverage::Whole => Vec::new(),
        Coverage::Chosen => inclusion_proof(&leaves, index as u64).unwrap(),
    };
    chosen.into_iter().map(|index| ProvenEvent { bytes: &events[index], path: path(index) }).collect()
}

fn bundle(coverage: Coverage) -> Files {
    let mut builder = BundleBuilder::new(about(), coverage, &key(1).verifier_key());
    let mut files = vec![builder.checkpoint(&signed(7, 1)).unwrap(), builder.checkpoint(&signed(12, 1)).unwrap()];
    let events = events();
    let parts = match coverage {
        Coverage::Whole => [vec![0, 1, 2, 3, 4], vec![5, 6, 7, 8, 9, 10, 11]],
        Coverage::Chosen => [vec![2, 5], vec![11]],
    };
    for part in parts {
        files.extend(builder.events(proven(&events, part, coverage)).unwrap());
    }
    builder.file(FileKind::Paper, "papers/速報.pdf", "速報", Digest::of(PAPER), Some(5)).unwrap();
    builder.file(FileKind::Page, "index.html", "index", Digest::of(b"<p>"), None).unwrap();
    files.push(builder.finish().unwrap());
    let mut files: Files = files.into_iter().map(|file| (file.file.to_string(), file.bytes)).collect();
    files.insert("papers/速報.pdf".into(), PAPER.to_vec());
    files.insert("index.html".into(), b"<p>".to_vec());
    files
}

fn check(files: &Files) -> BundleReport {
    verify(&files[MANIFEST], None, |name| files.get(name).cloned().ok_or(())).unwrap()
}

#[test]
fn sound_bundles_hold() {
    for (coverage, events) in [(Coverage::Whole, 12), (Coverage::Chosen, 3)] {
        let report = check(&bundle(coverage));
        assert!(report.ok, "{report:?}");
        assert_eq!((report.events, report.signed, report.key_is_trusted), (events, 12, false));
    }
}

#[test]
fn an_altered_byte_of_any_file_but_the_manifest_is_noticed() {
    for coverage in [Coverage::Whole, Coverage::Chosen] {
        let sound = bundle(coverage);
        for (name, bytes) in sound.iter().filter(|(name, _)| *name != MANIFEST) {
            // Signatures are slow without optimisation, so every 41st byte stands for all.
            for position in (0..bytes.len()).step_by(41) {
                let mut files = sound.clone();
                files.get_mut(name).unwrap()[position] ^= 1;
                assert!(!check(&files).ok, "{coverage:?} {name} byte {position}");
            }
            let mut files = sound.clone();
            files.remove(name);
            let missing = Problem::Unreadable { file: FileName::parse(name).unwrap() };
            assert!(check(&files).problems.contains(&missing), "{name}");
        }
    }
}

#[test]
fn an_altered_event_is_named_first() {
    for coverage in [Coverage::Whole, Coverage::Chosen] {
        let mut files = bundle(coverage);
        let text = String::from_utf8(files["events-0002.jsonl"].clone()).unwrap();
        let altered = text.replace("\"seq\":11,\"subject\":\"s\"", "\"seq\":11,\"subject\":\"t\"");
        assert_ne!(text, altered);
        files.insert("events-0002.jsonl".into(), altered.into_bytes());
        let problems = check(&files).problems;
        let altered_file = Problem::FileAltered { file: FileName::parse("events-0002.jsonl").unwrap() };
        assert_eq!(problems, [Problem::Log { finding: Finding::EventAltered { seq: 11 } }, altered_file]);
    }
}

/// Whoever alters a file and the manifest with it is caught by the root.
fn relisted(mut files: Files, name: &str, bytes: Vec<u8>) -> Files {
    let manifest = String::from_utf8(files[MANIFEST].clone()).unwrap();
    let (old, new) = (Digest::of(&files[name]).to_string(), Digest::of(&bytes).to_string());
    files.insert(MANIFEST.into(), manifest.replace(&old, &new).into_bytes());
    files.insert(name.into(), bytes);
    files
}

#[test]
fn an_event_replaced_with_its_hashes_is_not_proven() {
    let forge = |files: &Files| {
        let text = String::from_utf8(files["events-0001.jsonl"].clone()).unwrap();
        let forged = text.replace("\"seq\":2,\"subject\":\"s\"", "\"seq\":2,\"subject\":\"t\"");
        let line = |text: &str| text.lines().find(|line| line.contains("\"seq\":2,")).unwrap().to_owned();
        let leaf = |text: &str| leaf_hash(line(text).as_bytes()).to_string();
        let proofs = String::from_utf8(files["proofs-0001.jsonl"].clone()).unwrap();
        let proofs = proofs.replace(&leaf(&text), &leaf(&forged));
        let files = relisted(files.clone(), "events-0001.jsonl", forged.into_bytes());
        relisted(files, "proofs-0001.jsonl", proofs.into_bytes())
    };
    let problems = check(&forge(&bundle(Coverage::Chosen))).problems;
    assert!(matches!(problems.as_slice(), [Problem::NotProven { seq: 2, .. }]), "{problems:?}");
    let problems = check(&forge(&bundle(Coverage::Whole))).problems;
    assert_eq!(problems, [Problem::Log { finding: Finding::Span { from: 0, to: 7 } }]);
}

#[test]
fn a_replaced_paper_is_not_recorded() {
    let files = relisted(bundle(Coverage::Chosen), "papers/速報.pdf", b"another paper".to_vec());
    // The event holds the old hash as well, and that cannot be replaced.
    let problems = check(&files).problems;
    assert!(matches!(problems.as_slice(), [Problem::NotRecorded { event: 5, .. }]), "{problems:?}");
}

#[test]
fn another_key_is_noticed() {
    let files = bundle(Coverage::Chosen);
    let read = |name: &str| files.get(name).cloned().ok_or(());
    let report = verify(&files[MANIFEST], Some(&key(1).verifier_key()), read).unwrap();
    assert_eq!((report.ok, report.key_is_trusted), (true, true));
    let report = verify(&files[MANIFEST], Some(&key(2).verifier_key()), read).unwrap();
    assert_eq!(report.problems.first(), Some(&Problem::OtherKey));
    assert!(report.problems.contains(&Problem::NoCheckpoint));
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let mut builder = BundleBuilder::new(about(), Coverage::Chosen, &key(1).verifier_key());
    let events = events();
    let proven = |index| proven(&events, [index], Coverage::Chosen);
    assert_eq!(builder.events(proven(0)).unwrap_err(), BundleError::NoCheckpoint);
    assert!(matches!(builder.checkpoint(&signed(12, 2)), Err(BundleError::Checkpoint(_))));
    builder.checkpoint(&signed(12, 1)).unwrap();
    assert_eq!(builder.events([]).unwrap_err(), BundleError::NoEvents);
    let wrong_path = ProvenEvent { bytes: &events[3], path: proven(4)[0].path.clone() };
    assert!(matches!(builder.events([wrong_path]), Err(BundleError::Proof { seq: 3, .. })));
    let no_event = ProvenEvent { bytes: b"{}", path: Vec::new() };
    assert_eq!(builder.events([no_event]).unwrap_err(), BundleError::NotAnEvent { position: 0 });
    builder.events(proven(6)).unwrap();
    assert!(matches!(builder.events(proven(6)), Err(BundleError::Order { seq: 6, .. })));
    builder.file(FileKind::Page, "a/b", "", Digest::of(b""), None).unwrap();
    for wrong in ["a/b", MANIFEST, "", "/a", "a//b", "../a", "a/..", "./a", "a\\b", "c:a", "a\nb"] {
        assert!(builder.file(FileKind::Page, wrong, "", Digest::of(b""), None).is_err(), "{wrong:?}");
    }

    let mut whole = BundleBuilder::new(about(), Coverage::Whole, &key(1).verifier_key());
    whole.checkpoint(&signed(12, 1)).unwrap();
    whole.events([ProvenEvent { bytes: &events[0], path: Vec::new() }]).unwrap();
    assert!(matches!(whole.finish(), Err(BundleError::Order { seq: 1, .. })));
}

#[test]
fn damaged_manifests_are_refused_with_line_and_column() {
    let manifest = String::from_utf8(bundle(Coverage::Chosen)[MANIFEST].clone()).unwrap();
    let cases = [
        String::new(),
        "{}".into(),
        manifest.replace("kitei-bundle/1", "kitei-bundle/2"),
        manifest.replace("index.html", "../index.html"),
        manifest.replace("\"title\"", "\"titel\""),
        manifest[..manifest.len() / 2].into(),
    ];
    for case in cases {
        let read = |_: &str| Err::<Vec<u8>, ()>(());
        assert!(matches!(verify(case.as_bytes(), None, read), Err(BundleError::Manifest { .. })), "{case}");
    }
}
