//! Inclusion and consistency proofs: making them (RFC 6962 sections 2.1.1 and 2.1.2) and checking them (RFC 9162
//! sections 2.1.3.2 and 2.1.4.2).
//!
//! Invariant: making a proof asks for complete subtrees only, at most some two per level, so a store that keeps
//! them serves a log of any length; nothing is ever recomputed from the leaves.

use super::{Frontier, Subtree, empty_root, node_hash};
use crate::Digest;

/// Why no proof could be made, or why one does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is not in a tree of this size.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    NoSuchLeaf {
        /// Position asked for, from 0.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The older tree is larger than the newer.
    #[error("a tree of {old} leaves cannot be the past of a tree of {new} leaves")]
    NotThePast {
        /// Leaves of the older tree.
        old: u64,
        /// Leaves of the newer tree.
        new: u64,
    },
    /// The store lacks a subtree that it should have.
    #[error("the stored tree lacks the subtree at level {} with index {}", .0.level, .0.index)]
    Missing(Subtree),
    /// The proof has more or fewer hashes than this place in this tree needs.
    #[error("the proof has the wrong number of hashes for this tree")]
    Length,
    /// The proof leads to another root than the older tree's.
    #[error("the proof does not lead to the root of the older tree")]
    OldRoot,
    /// The proof leads to another root.
    #[error("the proof does not lead to the root")]
    Root,
}

/// The inclusion proof of leaf `index` in the tree of the given leaf hashes.
///
/// # Errors
/// [`ProofError::NoSuchLeaf`].
pub fn inclusion_proof(leaves: &[Digest], index: u64) -> Result<Vec<Digest>, ProofError> {
    inclusion_proof_from(leaves.len() as u64, index, |subtree| hash_in_memory(leaves, subtree))
}

/// The proof that the tree of the first `old` leaf hashes is the past of the tree of all of them.
///
/// # Errors
/// [`ProofError::NotThePast`].
pub fn consistency_proof(leaves: &[Digest], old: u64) -> Result<Vec<Digest>, ProofError> {
    consistency_proof_from(leaves.len() as u64, old, |subtree| hash_in_memory(leaves, subtree))
}

/// The inclusion proof of leaf `index` in a tree of `size` leaves whose complete subtrees `fetch` gives.
///
/// # Errors
/// [`ProofError::NoSuchLeaf`], or [`ProofError::Missing`] when `fetch` has no answer.
pub fn inclusion_proof_from(
    size: u64,
    index: u64,
    fetch: impl Fn(Subtree) -> Option<Digest>,
) -> Result<Vec<Digest>, ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_root(middle, end, &fetch)?);
            end = middle;
        } else {
            path.push(range_root(start, middle, &fetch)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` leaves is the past of the tree of `new` leaves whose complete subtrees `fetch` gives.
///
/// # Errors
/// [`ProofError::NotThePast`], or [`ProofError::Missing`] when `fetch` has no answer.
pub fn consistency_proof_from(
    new: u64,
    old: u64,
    fetch: impl Fn(Subtree) -> Option<Digest>,
) -> Result<Vec<Digest>, ProofError> {
    if old > new {
        return Err(ProofError::NotThePast { old, new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut path = Vec::new();
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range_root(middle, end, &fetch)?);
            end = middle;
        } else {
            path.push(range_root(start, middle, &fetch)?);
            start = middle;
        }
    }
    // A subtree that begins at the first leaf is the older root itself, which whoever checks already holds.
    if start != 0 {
        path.push(range_root(start, end, &fetch)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks that the leaf with hash `leaf` stands at `index` in the tree of `size` leaves with this `root`.
///
/// # Errors
/// [`ProofError`] when it does not, or when the proof is malformed.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `old` leaves with `old_root` is the past of the tree of `new` leaves with `new_root`.
///
/// # Errors
/// [`ProofError`] when it is not, or when the proof is malformed.
pub fn verify_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::NotThePast { old, new });
    }
    if old == 0 || old == new {
        let expected = if old == 0 { empty_root() } else { *new_root };
        return match (proof.is_empty(), expected == *old_root) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::OldRoot),
            (true, true) => Ok(()),
        };
    }
    let (mut position, mut last) = (old - 1, new - 1);
    let shared = position.trailing_ones();
    position >>= shared;
    last >>= shared;
    let (start, rest) =
        if old.is_power_of_two() { (old_root, proof) } else { proof.split_first().ok_or(ProofError::Length)? };
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if position & 1 == 1 || position == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    match (last == 0, old_hash == *old_root, new_hash == *new_root) {
        (false, _, _) => Err(ProofError::Length),
        (true, false, _) => Err(ProofError::OldRoot),
        (true, true, false) => Err(ProofError::Root),
        (true, true, true) => Ok(()),
    }
}

/// The largest power of two smaller than `size`, which is at least 2 (RFC 6962 section 2.1).
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The root of the leaves `start..end`, where `start` is a multiple of every subtree size used, as in all RFC 6962 recursions.
fn range_root(start: u64, end: u64, fetch: &impl Fn(Subtree) -> Option<Digest>) -> Result<Digest, ProofError> {
    let mut peaks = Vec::new();
    let mut position = start;
    while position < end {
        let level = (end - position).ilog2();
        let subtree = Subtree { level: u8::try_from(level).unwrap_or(u8::MAX), index: position >> level };
        peaks.push(fetch(subtree).ok_or(ProofError::Missing(subtree))?);
        position += 1 << level;
    }
    Ok(peaks.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root))
}

fn hash_in_memory(leaves: &[Digest], subtree: Subtree) -> Option<Digest> {
    let width = 1_usize.checked_shl(subtree.level.into())?;
    let start = usize::try_from(subtree.index).ok()?.checked_mul(width)?;
    let mut frontier = Frontier::new();
    leaves.get(start..start.checked_add(width)?)?.iter().for_each(|leaf| frontier.append(*leaf));
    Some(frontier.root())
}
