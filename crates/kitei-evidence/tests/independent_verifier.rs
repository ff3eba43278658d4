//! `docs/verify.py` checks bundles on its own, with the `cryptography` package and with the `openssl` command.
#![expect(clippy::unwrap_used, reason = "a test that cannot prepare its bundle should stop at once")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use kitei_evidence::bundle::{About, BundleBuilder, Coverage, FileKind, ProvenEvent, Scope};
use kitei_evidence::checkpoint::{Checkpoint, SignedCheckpoint};
use kitei_evidence::event::{Draft, Event, EventTime};
use kitei_evidence::merkle::{Frontier, inclusion_proof, leaf_hash};
use kitei_evidence::note::SigningKey;
use kitei_evidence::{Digest, Secret};
use serde_json::{Map, Value};

const ORIGIN: &str = "kitei.example/acme";
const PAPER: &[u8] = b"%PDF-1.7 a report";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify.py");

fn events() -> Vec<Vec<u8>> {
    (0..21)
        .map(|seq| {
            let mut body = Map::from_iter([("名前".to_owned(), Value::from("s1.3.AAAA"))]);
            if seq == 5 {
                body.insert("sha256".into(), Value::from(Digest::of(PAPER).to_string()));
            }
            let at = EventTime::parse("2026-11-24T00:00:00.000000Z").unwrap();
            let draft = Draft { org: "acme", seq, at, kind: "k", subject: "s", actor: "a", body };
            Event::new(draft).unwrap().leaf_bytes().unwrap()
        })
        .collect()
}

fn key() -> SigningKey {
    SigningKey::new(ORIGIN, &Secret::take(&mut [1; 32])).unwrap()
}

fn write_bundle(folder: &Path, coverage: Coverage) {
    let events = events();
    let leaves: Vec<Digest> = events.iter().map(|bytes| leaf_hash(bytes)).collect();
    let signed = |size: usize| {
        let mut frontier = Frontier::new();
        leaves[..size].iter().for_each(|leaf| frontier.append(*leaf));
        let checkpoint = Checkpoint::new(ORIGIN, size as u64, frontier.root(), vec!["extension".into()]).unwrap();
        SignedCheckpoint::sign(checkpoint, &key()).unwrap()
    };
    let about = About {
        organisation: "acme".into(),
        organisation_name: "株式会社アクメ".into(),
        origin: ORIGIN.into(),
        made_at: "2026-11-24T01:00:00Z".into(),
        scope: Scope::Record { register: "incidents".into(), record: "INC-2026-001".into() },
    };
    let mut builder = BundleBuilder::new(about, coverage, &key().verifier_key());
    let mut files = vec![builder.checkpoint(&signed(7)).unwrap(), builder.checkpoint(&signed(21)).unwrap()];
    let parts: [Vec<usize>; 2] = match coverage {
        Coverage::Whole => [(0..10).collect(), (10..21).collect()],
        Coverage::Chosen => [vec![2, 5], vec![16, 20]],
    };
    for part in parts {
        let proven = part.iter().map(|index| ProvenEvent {
            bytes: &events[*index],
            path: match coverage {
                Coverage::Whole => Vec::new(),
                Coverage::Chosen => inclusion_proof(&leaves, *index as u64).unwrap(),
            },
        });
        files.extend(builder.events(proven).unwrap());
    }
    builder.file(FileKind::Paper, "papers/速報.pdf", "速報", Digest::of(PAPER), Some(5)).unwrap();
    files.push(builder.finish().unwrap());
    fs::create_dir(folder.join("papers")).unwrap();
    fs::write(folder.join("papers/速報.pdf"), PAPER).unwrap();
    for file in files {
        fs::write(folder.join(file.file.as_str()), file.bytes).unwrap();
    }
}

/// `-S` hides installed packages, so the script has to use the `openssl` command.
fn run(folder: &Path, arguments: &[&str], hide_packages: bool) -> (bool, String) {
    let mut command = Command::new("python3");
    if hide_packages {
        command.arg("-S");
    }
    let Output { status, stdout, stderr } = command.arg(SCRIPT).arg(folder).args(arguments).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(!said.contains("Traceback"), "{said}");
    assert!(matches!(status.code(), Some(0 | 1)), "{said}");
    (status.success(), said)
}

/// Flips one byte of `file` at the first place of `text`, runs the script, and sets the byte right again.
fn run_with_flipped_byte(folder: &Path, file: &str, text: &str) -> String {
    let path = folder.join(file);
    let sound = fs::read(&path).unwrap();
    let position = sound.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let mut altered = sound.clone();
    altered[position] ^= 1;
    fs::write(&path, altered).unwrap();
    let (ok, said) = run(folder, &[], false);
    fs::write(&path, sound).unwrap();
    assert!(!ok, "{file}: {said}");
    said
}

#[test]
fn the_script_has_at_most_sixty_lines() {
    assert!(fs::read_to_string(SCRIPT).unwrap().lines().count() <= 60);
}

#[test]
fn sound_bundles_pass_and_one_flipped_byte_is_named() {
    for coverage in [Coverage::Whole, Coverage::Chosen] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write_bundle(folder, coverage);
        let verifier = key().verifier_key().to_string();
        for hide_packages in [false, true] {
            let (ok, said) = run(folder, &[], hide_packages);
            assert!(ok && said.starts_with("OK"), "{said}");
            let (ok, said) = run(folder, &[&verifier], hide_packages);
            assert!(ok, "{said}");
            let other = SigningKey::new(ORIGIN, &Secret::take(&mut [2; 32])).unwrap().verifier_key().to_string();
            let (ok, said) = run(folder, &[&other], hide_packages);
            assert!(!ok && said.contains("key"), "{said}");
        }

        let said = run_with_flipped_byte(folder, "events-0002.jsonl", "k\",\"org\":\"acme\",\"seq\":20,");
        assert!(said.contains("event 20 "), "{said}");
        let said = run_with_flipped_byte(folder, "events-0001.jsonl", "\"actor\"");
        assert!(said.contains(if coverage == Coverage::Whole { "event 0 " } else { "event 2 " }), "{said}");
        for (file, text) in [
            ("proofs-0001.jsonl", "\"leaf\":"),
            ("checkpoint-0001.txt", "\n7\n"),
            ("checkpoint-0002.txt", "extension"),
            ("papers/速報.pdf", "report"),
        ] {
            let said = run_with_flipped_byte(folder, file, text);
            assert!(said.contains("WRONG"), "{said}");
        }
        let (ok, _) = run(folder, &[], false);
        assert!(ok, "everything is as it was");

        fs::remove_file(folder.join("events-0001.jsonl")).unwrap();
        let (ok, said) = run(folder, &[], false);
        assert!(!ok && said.contains("events-0001.jsonl"), "{said}");
    }
}

#[test]
fn a_forged_signature_fails_with_both_ways_of_checking() {
    let folder = tempfile::tempdir().unwrap();
    write_bundle(folder.path(), Coverage::Chosen);
    // A checkpoint of another size under the old signature, with a manifest that agrees.
    let path = folder.path().join("checkpoint-0001.txt");
    let (sound, manifest) = (fs::read_to_string(&path).unwrap(), folder.path().join("manifest.json"));
    let forged = sound.replacen("\n7\n", "\n8\n", 1);
    let listed = fs::read_to_string(&manifest).unwrap();
    let relisted =
        listed.replace(&Digest::of(sound.as_bytes()).to_string(), &Digest::of(forged.as_bytes()).to_string());
    fs::write(&path, forged).unwrap();
    fs::write(&manifest, relisted).unwrap();
    for hide_packages in [false, true] {
        let (ok, said) = run(folder.path(), &[], hide_packages);
        assert!(!ok && said.contains("signature"), "{said}");
    }
}
