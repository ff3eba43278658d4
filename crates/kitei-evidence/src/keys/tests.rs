use std::collections::BTreeSet;

use proptest::prelude::*;

use super::state::child;
use super::{DEPTH, KeyState, KeyStateError, LeafId, LeafKey};
use crate::{Digest, Secret};

fn state() -> KeyState {
    KeyState::new(Secret::take(&mut [1; 32]), Secret::take(&mut [2; 32]))
}

fn leaf(number: u64) -> LeafId {
    LeafId::new(number).unwrap()
}

fn bytes(key: &LeafKey) -> [u8; 32] {
    *key.secret.bytes()
}

const LAST: u64 = (1 << DEPTH) - 1;

#[test]
fn leaves_have_48_bits() {
    assert_eq!(LeafId::new(LAST).map(LeafId::number), Ok(LAST));
    assert!(LeafId::new(LAST + 1).is_err());
    assert_eq!(LeafId::parse("281474976710655"), Ok(leaf(LAST)));
    for wrong in ["", "00", "01", "-1", "+1", " 1", "281474976710656", "99999999999999999999999", "1a"] {
        assert!(LeafId::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn one_puncture_leaves_the_co_path() {
    for number in [0, 1, 5, 1 << 47, LAST] {
        let mut state = state();
        assert!(state.puncture(leaf(number)));
        assert!(!state.puncture(leaf(number)), "only once");
        assert_eq!((state.seed_count(), state.generation()), (usize::from(DEPTH), 1));
        assert!(state.derive(leaf(number)).is_none());
        assert!(state.is_punctured(leaf(number)));
    }
}

/// A way that is used again leads where a fresh one leads, whatever was derived or punctured in between.
#[test]
fn the_order_of_deriving_does_not_matter() {
    let mut used = state();
    let numbers = [0, 1, 2, 500, 501, 250, LAST, LAST - 1, 1 << 40, 0, 501, 501, 7, (1 << 40) + 3];
    for number in numbers {
        let fresh = state().derive(leaf(number)).unwrap();
        assert_eq!(bytes(&used.derive(leaf(number)).unwrap()), bytes(&fresh), "{number}");
    }
    assert!(used.puncture(leaf(501)));
    assert!(used.derive(leaf(501)).is_none());
    for number in numbers.into_iter().filter(|number| *number != 501) {
        let fresh = state().derive(leaf(number)).unwrap();
        assert_eq!(bytes(&used.derive(leaf(number)).unwrap()), bytes(&fresh), "{number} after a puncture");
    }
}

#[test]
fn clustered_erasures_keep_the_state_small() {
    let mut clustered = state();
    (4096..8192).for_each(|number| assert!(clustered.puncture(leaf(number))));
    assert_eq!(clustered.seed_count(), usize::from(DEPTH) - 12);
    let mut spread = state();
    (0..256_u64).for_each(|number| assert!(spread.puncture(leaf(number * 16))));
    assert!(spread.seed_count() <= 256 * 4 + usize::from(DEPTH), "{}", spread.seed_count());
}

#[test]
fn purposes_give_different_keys() {
    let key = state().derive(leaf(7)).unwrap();
    let sealing = *key.sealing_key().secret().bytes();
    let tokens = *key.token_key().secret().bytes();
    assert_ne!(sealing, tokens);
    assert_ne!(sealing, bytes(&key));
    assert_ne!(sealing, *state().derive(leaf(8)).unwrap().sealing_key().secret().bytes());
}

#[test]
fn nothing_secret_is_displayed() {
    let state = KeyState::new(Secret::take(&mut [0xab; 32]), Secret::take(&mut [0xab; 32]));
    let key = state.derive(leaf(0)).unwrap();
    let shown = format!("{state:?} {key:?} {:?} {:?}", key.sealing_key(), state.token_key());
    for secret in [[0xab; 32], bytes(&key), *key.sealing_key().secret().bytes()] {
        let decimal = format!("{secret:?}");
        assert!(!shown.contains(&hex::encode(secret)) && !shown.contains(&decimal[1..20]), "{shown}");
    }
    assert_eq!(format!("{:?}", Secret::take(&mut [0xab; 32])), "Secret(redacted)");
}

#[test]
fn a_damaged_state_is_refused_whole() {
    let mut state = state();
    [3, 4, 900].into_iter().for_each(|number| assert!(state.puncture(leaf(number))));
    let stored = state.to_bytes().to_vec();
    assert!(KeyState::parse(&stored).is_ok());
    for position in 0..stored.len() {
        let mut damaged = stored.clone();
        damaged[position] ^= 0x10;
        let error = KeyState::parse(&damaged).unwrap_err();
        let expected = match position {
            0..4 => KeyStateError::NotAKeyState,
            4 => KeyStateError::Version { found: 0x11 },
            _ => KeyStateError::Damaged,
        };
        assert_eq!(error, expected, "byte {position}");
        assert!(KeyState::parse(&stored[..position]).is_err(), "cut at {position}");
    }
    assert_eq!(KeyState::parse(&[stored.as_slice(), &[0]].concat()).unwrap_err(), KeyStateError::Damaged);
}

#[test]
fn a_contradiction_under_a_fitting_tag_is_named() {
    let first_seed = 4 + 1 + 8 + 4 + 32 + 8;
    let mut state = state();
    assert!(state.puncture(leaf(0)));
    let content = state.to_bytes()[..state.to_bytes().len() - 32].to_vec();
    let altered = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut content = content.clone();
        change(&mut content);
        let tag = Digest::of(&content);
        content.extend_from_slice(tag.as_bytes());
        KeyState::parse(&content).unwrap_err()
    };
    type Change<'a> = &'a dyn Fn(&mut Vec<u8>);
    let cases: [(usize, Change<'_>); 5] = [
        (1, &|content| content[first_seed + 6] = 1),
        (1, &|content| content[first_seed + 6] = 49),
        (2, &|content| content.copy_within(first_seed..first_seed + 39, first_seed + 39)),
        (0, &|content| content[first_seed - 1] += 1),
        (0, &|content| content.push(0)),
    ];
    for (position, change) in cases {
        let error = altered(change);
        assert!(
            matches!(error, KeyStateError::Contradiction { position: found, .. } if found == position),
            "{position}: {error}"
        );
    }
}

/// The seeds on the way from the root to the leaf, the leaf's own included: none may survive a puncture.
fn ancestors(number: u64) -> Vec<[u8; 32]> {
    let mut seed = Secret::take(&mut [1; 32]);
    let mut all = vec![*seed.bytes()];
    for height in (0..DEPTH).rev() {
        seed = child(&seed, (number >> height) & 1 == 1);
        all.push(*seed.bytes());
    }
    all
}

fn numbers() -> impl Strategy<Value = BTreeSet<u64>> {
    prop::collection::btree_set(prop_oneof![0..40_u64, 0..=LAST], 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn punctured_keys_are_gone_and_all_others_are_the_same(erased in numbers(), others in numbers()) {
        let before = state();
        let mut after = state();
        erased.iter().for_each(|number| assert!(after.puncture(leaf(*number))));
        let stored = after.to_bytes();
        let after = KeyState::parse(&stored).unwrap();
        for number in &erased {
            prop_assert!(after.derive(leaf(*number)).is_none());
            for seed in ancestors(*number) {
                prop_assert!(!stored.windows(32).any(|window| window == seed), "an ancestor of {number} is left");
            }
        }
        let neighbours = erased.iter().flat_map(|number| [number.saturating_sub(1), (number + 1).min(LAST)]);
        for number in others.iter().copied().chain(neighbours).filter(|number| !erased.contains(number)) {
            prop_assert_eq!(bytes(&after.derive(leaf(number)).unwrap()), bytes(&before.derive(leaf(number)).unwrap()));
        }
    }

    #[test]
    fn the_order_of_erasures_does_not_matter(erased in numbers()) {
        let (mut forward, mut backward) = (state(), state());
        erased.iter().for_each(|number| assert!(forward.puncture(leaf(*number))));
        erased.iter().rev().for_each(|number| assert!(backward.puncture(leaf(*number))));
        prop_assert_eq!(forward.to_bytes(), backward.to_bytes());
    }

    #[test]
    fn any_bytes_are_read_without_panic(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut tagged = [b"KTKS\x01".as_slice(), &content].concat();
        let tag = Digest::of(&tagged);
        tagged.extend_from_slice(tag.as_bytes());
        if let Ok(state) = KeyState::parse(&tagged) {
            prop_assert_eq!(state.to_bytes().to_vec(), tagged);
        }
    }
}
