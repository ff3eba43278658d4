//! Erasure by puncturing: with the key state of after, nothing opens a value; with the state of before, everything did.

use kitei_evidence::Secret;
use kitei_evidence::keys::{KeyState, LeafId};
use kitei_evidence::seal::{Place, SealedText, open_bytes, seal_bytes, seal_text};

const PLACE: Place<'_> = Place { organisation: "acme", register: "contacts", record: "r1", line: None, field: "name" };

#[test]
fn what_is_erased_cannot_be_opened_with_anything_that_is_left() {
    let mut state = KeyState::new(Secret::take(&mut [11; 32]), Secret::take(&mut [12; 32]));
    let (erased, kept) = (LeafId::new(40).unwrap(), LeafId::new(41).unwrap());
    let key = |state: &KeyState, leaf| state.derive(leaf).map(|key| key.sealing_key());
    let text = seal_text(&key(&state, erased).unwrap(), &PLACE, &[1; 24], "山田太郎").unwrap().to_string();
    let blob = seal_bytes(&key(&state, erased).unwrap(), &PLACE, &[2; 24], b"scan of a letter").unwrap();
    let other = seal_text(&key(&state, kept).unwrap(), &PLACE, &[3; 24], "佐藤花子").unwrap();
    let tokens = state.token_key().tokens("contacts", "name", "山田太郎");
    let before = state.to_bytes().to_vec();

    assert!(state.puncture(erased));
    state.rotate_tokens(Secret::take(&mut [13; 32]));
    let after = state.to_bytes().to_vec();
    drop(state);

    // After: no key for the leaf, and no key of any other leaf opens it, even with the header rewritten.
    let state = KeyState::parse(&after).unwrap();
    assert!(key(&state, erased).is_none());
    for number in (0..200).filter(|number| *number != 40) {
        let key = key(&state, LeafId::new(number).unwrap()).unwrap();
        assert!(SealedText::parse(&text).unwrap().open(&key, &PLACE).is_err());
        let rewritten = SealedText::parse(&text.replace("s1.40.", &format!("s1.{number}."))).unwrap();
        assert!(rewritten.open(&key, &PLACE).is_err());
        assert!(open_bytes(&key, &PLACE, &blob).is_err());
    }
    let guessed = state.token_key().tokens("contacts", "name", "山田太郎");
    assert!(tokens.iter().all(|token| !guessed.contains(token)), "old tokens cannot be tested by a right guess");
    assert_eq!(other.open(&key(&state, kept).unwrap(), &PLACE).unwrap().as_str(), "佐藤花子");

    // Before: the same bytes open, so it is the state and nothing else that decides.
    let state = KeyState::parse(&before).unwrap();
    let key = key(&state, erased).unwrap();
    assert_eq!(SealedText::parse(&text).unwrap().open(&key, &PLACE).unwrap().as_str(), "山田太郎");
    assert_eq!(open_bytes(&key, &PLACE, &blob).unwrap().as_slice(), b"scan of a letter");
    assert_eq!(state.token_key().tokens("contacts", "name", "山田太郎"), tokens);
}
