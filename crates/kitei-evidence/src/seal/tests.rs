use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::{Place, SealError, SealedText, associated_data, leaf_of_bytes, open_bytes, seal_bytes, seal_text};
use crate::Secret;
use crate::keys::{KeyState, LeafId, SealingKey};

const PLACE: Place<'_> =
    Place { organisation: "org", register: "contacts", record: "r1", line: Some("l1"), field: "name" };

fn key(leaf: u64) -> SealingKey {
    let state = KeyState::new(Secret::take(&mut [1; 32]), Secret::take(&mut [2; 32]));
    state.derive(LeafId::new(leaf).unwrap()).unwrap().sealing_key()
}

#[test]
fn a_text_opens_at_its_own_place_only() {
    let sealed = seal_text(&key(12), &PLACE, &[9; 24], "山田太郎").unwrap();
    assert!(sealed.to_string().starts_with("s1.12."));
    assert_eq!(sealed.open(&key(12), &PLACE).unwrap().as_str(), "山田太郎");
    let elsewhere = [
        Place { organisation: "gro", ..PLACE },
        Place { register: "staff", ..PLACE },
        Place { record: "r2", ..PLACE },
        Place { line: Some("l2"), ..PLACE },
        Place { line: None, ..PLACE },
        Place { line: Some(""), ..PLACE },
        Place { field: "kana", ..PLACE },
        Place { register: "contactsr", record: "1", ..PLACE },
    ];
    for place in elsewhere {
        assert_eq!(sealed.open(&key(12), &place).unwrap_err(), SealError::DoesNotOpen, "{place:?}");
    }
    // A value of the record itself is not a value of a line without a name.
    let of_record = Place { line: None, ..PLACE };
    let sealed_in_record = seal_text(&key(12), &of_record, &[9; 24], "山田太郎").unwrap();
    let of_nameless_line = Place { line: Some(""), ..PLACE };
    assert_eq!(sealed_in_record.open(&key(12), &of_nameless_line).unwrap_err(), SealError::DoesNotOpen);
    let bound_to = |leaf| associated_data(b"text", LeafId::new(leaf).unwrap(), &PLACE);
    assert_ne!(bound_to(12), bound_to(13));
    assert_eq!(sealed.open(&key(13), &PLACE).unwrap_err(), SealError::OtherLeaf { sealed: 12, given: 13 });
    // The header is authenticated: with the leaf rewritten, not even the key of that leaf opens it.
    let moved = SealedText::parse(&sealed.to_string().replace("s1.12.", "s1.13.")).unwrap();
    assert_eq!(moved.open(&key(13), &PLACE).unwrap_err(), SealError::DoesNotOpen);
    assert_eq!(moved.open(&key(12), &PLACE).unwrap_err(), SealError::OtherLeaf { sealed: 13, given: 12 });
}

#[test]
fn every_altered_byte_is_noticed() {
    let sealed = seal_bytes(&key(3), &PLACE, &[9; 24], b"attachment").unwrap();
    assert_eq!(leaf_of_bytes(&sealed), Ok(LeafId::new(3).unwrap()));
    assert_eq!(open_bytes(&key(3), &PLACE, &sealed).unwrap().as_slice(), b"attachment");
    for position in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[position] ^= 0x40;
        assert!(open_bytes(&key(3), &PLACE, &altered).is_err(), "byte {position}");
        assert!(open_bytes(&key(3), &PLACE, &sealed[..position]).is_err(), "cut at {position}");
    }
    let longer = [sealed.as_slice(), &[0; 16]].concat();
    assert_eq!(open_bytes(&key(3), &PLACE, &longer).unwrap_err(), SealError::DoesNotOpen);
    // Sealed bytes do not pass for a sealed text, though key, place and nonce are the same.
    let as_text = format!("s1.3.{}", URL_SAFE_NO_PAD.encode(&sealed[12..]));
    assert_eq!(SealedText::parse(&as_text).unwrap().open(&key(3), &PLACE).unwrap_err(), SealError::DoesNotOpen);
}

#[test]
fn the_length_shows_in_steps_of_sixteen() {
    let length = |plain: &str| seal_text(&key(1), &PLACE, &[0; 24], plain).unwrap().to_string().len();
    assert_eq!(length(""), length("123456789012345"));
    assert_eq!(seal_bytes(&key(1), &PLACE, &[0; 24], &[1; 15]).unwrap().len(), 4 + 8 + 24 + 16 + 16);
    assert_eq!(seal_bytes(&key(1), &PLACE, &[0; 24], &[1; 16]).unwrap().len(), 4 + 8 + 24 + 32 + 16);
    assert_eq!(length("山田"), length("佐々木"));
}

#[test]
fn malformed_texts_are_refused() {
    let good = seal_text(&key(1), &PLACE, &[0; 24], "x").unwrap().to_string();
    let wrong = [
        String::new(),
        "s1.1".into(),
        good.replace("s1.", "s2."),
        good.replace("s1.1.", "s1.01."),
        good.replace("s1.1.", "s1.."),
        good.replace("s1.1.", "s1.281474976710656."),
        format!("{good}="),
        format!("{good} "),
        "s1.1.*".into(),
    ];
    for text in wrong {
        assert!(matches!(SealedText::parse(&text), Err(SealError::Malformed { .. })), "{text:?}");
    }
    let short = SealedText::parse("s1.1.AAAA").unwrap();
    assert!(matches!(short.open(&key(1), &PLACE), Err(SealError::Malformed { .. })));
    let too_long = vec![0; super::MAX_BYTES + 1];
    assert!(matches!(seal_bytes(&key(1), &PLACE, &[0; 24], &too_long), Err(SealError::TooLong { .. })));
}

proptest! {
    #[test]
    fn what_is_sealed_opens(plain in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..100), nonce in any::<[u8; 24]>()) {
        let sealed = seal_text(&key(5), &PLACE, &nonce, &plain).unwrap();
        let read = SealedText::parse(&sealed.to_string()).unwrap();
        prop_assert_eq!(&read, &sealed);
        let opened = read.open(&key(5), &PLACE).unwrap();
        prop_assert_eq!(opened.as_str(), plain.as_str());
        let sealed = seal_bytes(&key(5), &PLACE, &nonce, &bytes).unwrap();
        let opened = open_bytes(&key(5), &PLACE, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), bytes.as_slice());
    }
}
