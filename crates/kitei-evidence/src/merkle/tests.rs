use std::cell::RefCell;
use std::collections::HashMap;

use proptest::prelude::*;
use tlog_tiles::tlog;

use super::{
    Frontier, FrontierError, ProofError, Subtree, consistency_proof, consistency_proof_from, empty_root,
    inclusion_proof, inclusion_proof_from, leaf_hash, verify_consistency, verify_inclusion,
};
use crate::Digest;

/// The eight leaves that the tests of certificate transparency have used since RFC 6962.
const CT_LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const CT_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn ct_leaves() -> Vec<Vec<u8>> {
    CT_LEAVES.iter().map(|text| hex::decode(text).unwrap()).collect()
}

/// The oracle's storage: a flat list in its own order.
struct Oracle(RefCell<Vec<tlog::Hash>>);

impl tlog::HashReader for Oracle {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let stored = self.0.borrow();
        Ok(indexes.iter().map(|index| stored[usize::try_from(*index).unwrap()]).collect())
    }
}

fn oracle(leaves: &[Vec<u8>]) -> Oracle {
    let oracle = Oracle(RefCell::default());
    for (position, leaf) in leaves.iter().enumerate() {
        let hashes = tlog::stored_hashes(position as u64, leaf, &oracle).unwrap();
        oracle.0.borrow_mut().extend(hashes);
    }
    oracle
}

fn ours(hashes: &[tlog::Hash]) -> Vec<Digest> {
    hashes.iter().map(|hash| Digest::from_bytes(hash.0)).collect()
}

fn numbered(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|position| format!("leaf {position}").into_bytes()).collect()
}

#[test]
fn rfc_6962_roots_of_the_known_leaves() {
    assert_eq!(empty_root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let mut frontier = Frontier::new();
    assert_eq!(frontier.root(), empty_root());
    for (leaf, root) in ct_leaves().iter().zip(CT_ROOTS) {
        frontier.append(leaf_hash(leaf));
        assert_eq!(frontier.root().to_string(), root, "size {}", frontier.size());
    }
}

#[test]
fn roots_and_proofs_agree_with_the_oracle() {
    for size in (1..=70_usize).chain([127, 128, 129, 255, 256, 257]) {
        let data = numbered(size);
        let oracle = oracle(&data);
        let leaves: Vec<Digest> = data.iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut frontier = Frontier::new();
        let stored = RefCell::new(HashMap::new());
        for leaf in &leaves {
            frontier.append_each(*leaf, |subtree, hash| {
                assert!(stored.borrow_mut().insert(subtree, hash).is_none(), "each subtree is finished once");
            });
        }
        let fetch = |subtree: Subtree| stored.borrow().get(&subtree).copied();
        let count = size as u64;
        let root = Digest::from_bytes(tlog::tree_hash(count, &oracle).unwrap().0);
        assert_eq!(frontier.root(), root, "size {size}");
        for index in 0..count {
            let expected = ours(&tlog::prove_record(count, index, &oracle).unwrap());
            let proof = inclusion_proof_from(count, index, fetch).unwrap();
            assert_eq!(proof, expected, "leaf {index} of {size}");
            assert_eq!(inclusion_proof(&leaves, index).unwrap(), expected, "leaf {index} of {size}");
            let leaf = &leaves[usize::try_from(index).unwrap()];
            assert_eq!(verify_inclusion(leaf, index, count, &proof, &root), Ok(()));
        }
        for old in 1..=count {
            let expected = ours(&tlog::prove_tree(count, old, &oracle).unwrap());
            let proof = consistency_proof_from(count, old, fetch).unwrap();
            assert_eq!(proof, expected, "{old} to {size}");
            assert_eq!(consistency_proof(&leaves, old).unwrap(), expected, "{old} to {size}");
            let old_root = Digest::from_bytes(tlog::tree_hash(old, &oracle).unwrap().0);
            assert_eq!(verify_consistency(old, &old_root, count, &root, &proof), Ok(()));
        }
    }
}

#[test]
fn a_wrong_proof_is_refused() {
    let leaves: Vec<Digest> = numbered(13).iter().map(|leaf| leaf_hash(leaf)).collect();
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.append(*leaf));
    let root = frontier.root();
    let proof = inclusion_proof(&leaves, 5).unwrap();
    let other = leaf_hash(b"other");
    assert_eq!(verify_inclusion(&other, 5, 13, &proof, &root), Err(ProofError::Root));
    assert_eq!(verify_inclusion(&leaves[5], 4, 13, &proof, &root), Err(ProofError::Root));
    assert_eq!(
        verify_inclusion(&leaves[5], 13, 13, &proof, &root),
        Err(ProofError::NoSuchLeaf { index: 13, size: 13 })
    );
    assert_eq!(verify_inclusion(&leaves[5], 5, 13, &proof[1..], &root), Err(ProofError::Length));
    let longer = [proof.as_slice(), &[other]].concat();
    assert_eq!(verify_inclusion(&leaves[5], 5, 13, &longer, &root), Err(ProofError::Length));
    for position in 0..proof.len() {
        let mut altered = proof.clone();
        altered[position] = other;
        assert_eq!(verify_inclusion(&leaves[5], 5, 13, &altered, &root), Err(ProofError::Root));
    }

    let mut past = Frontier::new();
    leaves[..6].iter().for_each(|leaf| past.append(*leaf));
    let proof = consistency_proof(&leaves, 6).unwrap();
    assert_eq!(verify_consistency(6, &past.root(), 13, &root, &proof), Ok(()));
    assert_eq!(verify_consistency(6, &other, 13, &root, &proof), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(6, &past.root(), 13, &other, &proof), Err(ProofError::Root));
    assert_eq!(verify_consistency(6, &past.root(), 13, &root, &proof[..2]), Err(ProofError::Length));
    assert_eq!(verify_consistency(6, &past.root(), 13, &root, &[]), Err(ProofError::Length));
    assert_eq!(verify_consistency(14, &root, 13, &root, &[]), Err(ProofError::NotThePast { old: 14, new: 13 }));
    assert_eq!(verify_consistency(0, &empty_root(), 13, &root, &[]), Ok(()));
    assert_eq!(verify_consistency(0, &root, 13, &root, &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(13, &root, 13, &root, &[]), Ok(()));
    assert_eq!(verify_consistency(13, &other, 13, &root, &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(13, &root, 13, &root, &[other]), Err(ProofError::Length));
}

#[test]
fn a_store_with_a_hole_is_named() {
    let hole = Subtree { level: 1, index: 0 };
    let leaves: Vec<Digest> = numbered(4).iter().map(|leaf| leaf_hash(leaf)).collect();
    let fetch = |subtree| (subtree != hole).then(|| leaves[0]);
    assert_eq!(inclusion_proof_from(4, 2, fetch), Err(ProofError::Missing(hole)));
    assert_eq!(inclusion_proof_from(4, 4, fetch), Err(ProofError::NoSuchLeaf { index: 4, size: 4 }));
    assert_eq!(consistency_proof_from(4, 5, fetch), Err(ProofError::NotThePast { old: 5, new: 4 }));
}

#[test]
fn damaged_frontiers_are_refused() {
    let mut frontier = Frontier::new();
    (0..5).for_each(|position| frontier.append(leaf_hash(&[position])));
    let bytes = frontier.to_bytes();
    assert_eq!(Frontier::parse(&bytes), Ok(frontier.clone()));
    for length in 0..bytes.len() {
        assert!(Frontier::parse(&bytes[..length]).is_err(), "cut at {length}");
    }
    let mut more = bytes;
    more[7] = 7;
    assert_eq!(Frontier::parse(&more), Err(FrontierError::Peaks { size: 7, expected: 3, found: 2 }));
    assert!(matches!(Frontier::parse(&[0xff; 8 + 64 * 32]), Err(FrontierError::Size { .. })));
    let json = serde_json::to_string(&frontier).unwrap();
    assert_eq!(serde_json::from_str::<Frontier>(&json).unwrap(), frontier);
    assert!(serde_json::from_str::<Frontier>(&json.replace("\"size\":5", "\"size\":7")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_stored_frontier_continues_the_same_tree(before in 0_usize..200, after in 0_usize..200) {
        let data = numbered(before + after);
        let mut whole = Frontier::new();
        data.iter().for_each(|leaf| whole.append(leaf_hash(leaf)));
        let mut first = Frontier::new();
        data[..before].iter().for_each(|leaf| first.append(leaf_hash(leaf)));
        let mut continued = Frontier::parse(&first.to_bytes()).unwrap();
        data[before..].iter().for_each(|leaf| continued.append(leaf_hash(leaf)));
        prop_assert_eq!(continued, whole);
    }

    #[test]
    fn no_proof_serves_another_place(size in 2_u64..200, index in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let leaves: Vec<Digest> = numbered(usize::try_from(size).unwrap()).iter().map(|leaf| leaf_hash(leaf)).collect();
        let mut frontier = Frontier::new();
        leaves.iter().for_each(|leaf| frontier.append(*leaf));
        let (index, other) = (index.index(leaves.len()), other.index(leaves.len()));
        prop_assume!(index != other);
        let proof = inclusion_proof(&leaves, index as u64).unwrap();
        prop_assert!(verify_inclusion(&leaves[index], other as u64, size, &proof, &frontier.root()).is_err());
    }
}
