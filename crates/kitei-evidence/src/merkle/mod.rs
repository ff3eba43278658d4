//! The Merkle tree of the evidence log: hashing as in RFC 6962 section 2.1 (unchanged in RFC 9162).
//!
//! * [`Frontier`]: the right edge of the tree, all that is needed to append and to know the root.
//! * [`inclusion_proof`], [`consistency_proof`] and their `_from` forms over stored subtrees: making proofs.
//! * [`verify_inclusion`], [`verify_consistency`]: checking proofs, as a stranger would.
//!
//! Invariant: leaves and nodes are hashed with different first bytes (0x00 and 0x01), so neither can pass for the other.

mod frontier;
mod proof;

use sha2::{Digest as _, Sha256};

use crate::Digest;

pub use frontier::{Frontier, FrontierError, Subtree};
pub use proof::{
    ProofError, consistency_proof, consistency_proof_from, inclusion_proof, inclusion_proof_from, verify_consistency,
    verify_inclusion,
};

/// The hash of a leaf: SHA-256(0x00 ‖ bytes), RFC 6962 section 2.1.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(bytes);
    Digest::from_bytes(hasher.finalize().into())
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut input = [1_u8; 65];
    input[1..33].copy_from_slice(left.as_bytes());
    input[33..].copy_from_slice(right.as_bytes());
    Digest::of(&input)
}

/// The root of the tree without leaves: SHA-256 of nothing, RFC 6962 section 2.1.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

#[cfg(test)]
mod tests;
