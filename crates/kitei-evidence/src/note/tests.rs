use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signed_note::{Note, StandardVerifier, VerifierList};

use super::{MAX_SIGNATURES, NoteError, SignedNote, SigningKey, VerifierKey};
use crate::{Digest, Secret};

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::new(name, &Secret::take(&mut [seed; 32])).unwrap()
}

#[test]
fn c2sp_signed_note_agrees_with_the_oracle() {
    let key = key("kitei.example/log", 3);
    let note = key.sign("first\nsecond 証跡\n".into()).unwrap();
    let oracle_key = StandardVerifier::new(&key.verifier_key().to_string()).unwrap();
    let oracle = Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let (verified, unverified) = oracle.verify(&VerifierList::new(vec![Box::new(oracle_key)])).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    assert_eq!(oracle.text(), note.text().as_bytes());

    // And the other way round: what the oracle writes, we read the same.
    let read = SignedNote::parse(&oracle.to_bytes()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.verify(&key.verifier_key()), Ok(()));
}

#[test]
fn verifier_keys_have_one_form() {
    let verifier = key("kitei.example/log", 3).verifier_key();
    let text = verifier.to_string();
    assert_eq!(VerifierKey::parse(&text), Ok(verifier));
    let (name, rest) = text.split_once('+').unwrap();
    let (hash, encoded) = rest.split_once('+').unwrap();
    let wrong = [
        String::new(),
        name.to_owned(),
        format!("{name}+{hash}"),
        format!("+{hash}+{encoded}"),
        format!("two words+{hash}+{encoded}"),
        format!("{name}x+{hash}+{encoded}"),
        format!("{name}+{}+{encoded}", hash.to_uppercase()),
        format!("{name}+{hash}+{}", encoded.trim_end_matches('=')),
        format!("{name}+{hash}+{}", &encoded[4..]),
        format!("{text}\n"),
    ];
    for case in wrong.iter().filter(|case| **case != text) {
        assert!(VerifierKey::parse(case).is_err(), "{case:?}");
    }
    // The neutral element of the curve is a key under which anything verifies.
    let mut weak = [0; 33];
    (weak[0], weak[1]) = (1, 1);
    let hash = Digest::of(&[b"log\n".as_slice(), &weak].concat()).to_string();
    let weak = format!("log+{}+{}", &hash[..8], STANDARD.encode(weak));
    let expected = NoteError::VerifierKey { reason: "the 32 bytes are no usable Ed25519 key" };
    assert_eq!(VerifierKey::parse(&weak), Err(expected));
    assert!(SigningKey::new("a+b", &Secret::take(&mut [1; 32])).is_err());
    assert!(!format!("{:?}", key("name", 0x41)).contains("41"));
}

#[test]
fn a_foreign_or_altered_signature_is_told_apart() {
    let ours = key("log", 1);
    let note = ours.sign("text\n".into()).unwrap();
    assert_eq!(
        note.verify(&key("log", 2).verifier_key()),
        Err(NoteError::NotSigned { name: "log".into() }),
        "same name, other key"
    );
    let altered = note.to_string().replace("text", "Text");
    assert_eq!(
        SignedNote::parse(altered.as_bytes()).unwrap().verify(&ours.verifier_key()),
        Err(NoteError::WrongSignature { name: "log".into() })
    );
    // A witness's line beside ours changes nothing.
    let witness = key("witness", 9).sign("text\n".into()).unwrap().to_string();
    let (_, line) = witness.rsplit_once("\n\n").unwrap();
    let both = SignedNote::parse(format!("{note}{line}").as_bytes()).unwrap();
    assert_eq!(both.verify(&ours.verifier_key()), Ok(()));
    assert_eq!(both.verify(&key("witness", 9).verifier_key()), Ok(()));
}

#[test]
fn malformed_notes_are_refused() {
    let note = key("log", 1).sign("text\n".into()).unwrap().to_string();
    let (_, line) = note.rsplit_once("\n\n").unwrap();
    let cases: [(&str, String); 10] = [
        ("empty", String::new()),
        ("no signature", "text\n".into()),
        ("no line after the empty one", "text\n\n".into()),
        ("no line break at the end", note.trim_end().into()),
        ("hyphen for dash", note.replace('\u{2014}', "-")),
        ("control character", note.replace("text", "te\txt")),
        ("carriage return", note.replace('\n', "\r\n")),
        ("not base64", note.replace(line, "\u{2014} log ####\n")),
        ("hash only", note.replace(line, "\u{2014} log AAAAAA==\n")),
        ("too many lines", format!("{note}{}", line.repeat(MAX_SIGNATURES))),
    ];
    for (what, case) in cases {
        assert!(matches!(SignedNote::parse(case.as_bytes()), Err(NoteError::Malformed { .. })), "{what}");
    }
    assert!(SignedNote::parse(&vec![b'a'; super::MAX_NOTE + 1]).is_err());
    assert!(SignedNote::parse(b"\xff\n\n\xff\n").is_err());
    assert!(key("log", 1).sign("no line break".into()).is_err());
    // Whatever prefix arrives, nothing panics and nothing but the whole verifies.
    for length in 0..note.len() {
        assert!(SignedNote::parse(&note.as_bytes()[..length]).is_err(), "cut at {length}");
    }
}
