use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{MAX_TOKENS, TokenKey, bigrams};
use crate::Secret;

fn key() -> TokenKey {
    TokenKey::new(0, Secret::take(&mut [4; 32]))
}

#[test]
fn bigrams_of_texts() {
    let cases: [(&str, &[&str]); 5] = [
        ("", &[]),
        ("林", &["林"]),
        ("山田", &["山田"]),
        ("山田太郎", &["山田", "田太", "太郎"]),
        ("a𠮷b", &["a𠮷", "𠮷b"]),
    ];
    for (text, expected) in cases {
        assert_eq!(bigrams(text).collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn tokens_depend_on_key_register_field_and_text() {
    let token = key().tokens("contacts", "name", "山田");
    assert_eq!(token.len(), 1);
    assert_eq!(token, key().tokens("contacts", "name", "山田"));
    let others = [
        key().tokens("contact", "sname", "山田"),
        key().tokens("contacts", "kana", "山田"),
        key().tokens("staff", "name", "山田"),
        key().tokens("contacts", "name", "山口"),
        TokenKey::new(0, Secret::take(&mut [5; 32])).tokens("contacts", "name", "山田"),
    ];
    for other in others {
        assert_ne!(other, token);
    }
}

#[test]
fn after_rotation_the_old_tokens_cannot_be_made() {
    let mut key = key();
    let old = key.tokens("contacts", "name", "山田太郎");
    key.rotate(Secret::take(&mut [6; 32]));
    assert_eq!(key.epoch(), 1);
    let new: BTreeSet<_> = key.tokens("contacts", "name", "山田太郎").into_iter().collect();
    assert!(old.iter().all(|token| !new.contains(token)));
}

#[test]
fn a_long_text_is_bounded() {
    let text: String = (0x4e00..0x9000_u32).filter_map(char::from_u32).collect();
    assert_eq!(key().tokens("contacts", "note", &text).len(), MAX_TOKENS);
}

proptest! {
    #[test]
    fn a_part_of_two_characters_or_more_is_found(before in ".{0,6}", part in ".{2,6}", after in ".{0,6}") {
        let stored: BTreeSet<_> = key().tokens("r", "f", &format!("{before}{part}{after}")).into_iter().collect();
        prop_assert!(key().tokens("r", "f", &part).iter().all(|token| stored.contains(token)));
    }
}
