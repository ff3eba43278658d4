use signed_note::{Note, StandardVerifier, VerifierList};

use super::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::note::{NoteError, SigningKey};
use crate::{Digest, Secret};

fn key() -> SigningKey {
    SigningKey::new("kitei.example/log", &Secret::take(&mut [5; 32])).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint::new("kitei.example/log", 20_852_163, Digest::of(b"root"), vec!["time 2026-11-24T00:00:00Z".into()])
        .unwrap()
}

#[test]
fn c2sp_tlog_checkpoint_agrees_with_both_oracles() {
    let signed = SignedCheckpoint::sign(checkpoint(), &key()).unwrap();
    let oracle_key = StandardVerifier::new(&key().verifier_key().to_string()).unwrap();
    let note = Note::from_bytes(signed.to_string().as_bytes()).unwrap();
    note.verify(&VerifierList::new(vec![Box::new(oracle_key)])).unwrap();
    let read = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((read.origin(), read.size()), (checkpoint().origin(), checkpoint().size()));
    assert_eq!(&read.hash().0, checkpoint().root().as_bytes());
    assert_eq!(read.extension(), "time 2026-11-24T00:00:00Z\n");
}

#[test]
fn a_checkpoint_reads_back() {
    let signed = SignedCheckpoint::sign(checkpoint(), &key()).unwrap();
    let read = SignedCheckpoint::parse(signed.to_string().as_bytes()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.verify(&key().verifier_key()), Ok(&checkpoint()));
    let other = SigningKey::new("kitei.example/log", &Secret::take(&mut [6; 32])).unwrap();
    let expected = NoteError::NotSigned { name: "kitei.example/log".into() };
    assert_eq!(read.verify(&other.verifier_key()), Err(CheckpointError::Note(expected)));
}

#[test]
fn every_altered_byte_is_noticed() {
    let text = SignedCheckpoint::sign(checkpoint(), &key()).unwrap().to_string().into_bytes();
    for position in 0..text.len() {
        let mut altered = text.clone();
        altered[position] ^= 1;
        let accepted = SignedCheckpoint::parse(&altered).and_then(|read| read.verify(&key().verifier_key()).cloned());
        assert!(accepted.is_err(), "byte {position}");
    }
}

#[test]
fn malformed_texts_name_the_line() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let cases = [
        (1, format!("\n1\n{root}\n")),
        (1, format!("log\n1\n{root}")),
        (2, format!("log\n01\n{root}\n")),
        (2, format!("log\n-1\n{root}\n")),
        (2, format!("log\n+1\n{root}\n")),
        (2, format!("log\n\n{root}\n")),
        (2, format!("log\n18446744073709551616\n{root}\n")),
        (2, "log\n".into()),
        (3, "log\n1\n".into()),
        (3, format!("log\n1\n{}\n", &root[..43])),
        (3, "log\n1\nAAAA\n".into()),
        (4, format!("log\n1\n{root}\n\n")),
        (5, format!("log\n1\n{root}\nextension\n\n")),
        (20, format!("log\n1\n{root}\n{}", "extension\n".repeat(17))),
    ];
    for (line, text) in cases {
        assert!(
            matches!(Checkpoint::parse(&text), Err(CheckpointError::Line { line: found, .. }) if found == line),
            "{text:?}: {:?}",
            Checkpoint::parse(&text)
        );
    }
    let largest = format!("log\n{}\n{root}\n", u64::MAX);
    assert_eq!(Checkpoint::parse(&largest).unwrap().to_string(), largest);
}
