//! The right edge of a growing tree: one hash per complete subtree, at most one per bit of the size.
//!
//! Invariant: `peaks` holds exactly one hash per set bit of `size`, the largest subtree first.

use serde::{Deserialize, Serialize};

use super::{empty_root, node_hash};
use crate::Digest;

/// A complete subtree: `2^level` leaves, of which it is the `index`-th group from the left.
///
/// Level 0 is the leaves; the subtree covers leaves `index << level` up to, not including, `(index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subtree {
    /// Height above the leaves.
    pub level: u8,
    /// Position among the subtrees of this level, from 0.
    pub index: u64,
}

/// The state from which a tree can be continued and its root be told at any time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

/// Why stored bytes are not a frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The number of hashes does not fit the size.
    #[error("a tree of {size} leaves has {expected} complete subtrees at its edge, not {found}")]
    Peaks {
        /// Leaves.
        size: u64,
        /// Hashes that this size needs.
        expected: u32,
        /// Hashes given.
        found: usize,
    },
    /// A size that no log reaches.
    #[error("a tree of {size} leaves is beyond the limit of 2^60")]
    Size {
        /// Leaves.
        size: u64,
    },
    /// The byte form is cut or has a tail.
    #[error("a stored tree edge is 8 bytes of size and then 32 bytes per subtree; {found} bytes are not")]
    Length {
        /// Bytes given.
        found: usize,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The state with `size` leaves and the given complete subtrees, the largest first.
    ///
    /// # Errors
    /// [`FrontierError`] when the number of hashes does not fit `size`.
    pub fn from_parts(size: u64, peaks: Vec<Digest>) -> Result<Self, FrontierError> {
        if size > 1 << 60 {
            return Err(FrontierError::Size { size });
        }
        if size.count_ones() as usize != peaks.len() {
            return Err(FrontierError::Peaks { size, expected: size.count_ones(), found: peaks.len() });
        }
        Ok(Self { size, peaks })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash, in O(log n) worst and O(1) amortised time.
    pub fn append(&mut self, leaf: Digest) {
        self.append_each(leaf, |_, _| ());
    }

    /// Appends a leaf and reports each complete subtree that this finishes, the leaf itself first.
    ///
    /// What `store` is given, in order of arrival, is all that the `_from` proofs will ever ask for.
    pub fn append_each(&mut self, leaf: Digest, mut store: impl FnMut(Subtree, Digest)) {
        let mut hash = leaf;
        let mut level = 0_u8;
        store(Subtree { level, index: self.size }, hash);
        while (self.size >> level) & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            store(Subtree { level, index: self.size >> level }, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree as it stands (RFC 6962 section 2.1).
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut from_right = self.peaks.iter().rev();
        let Some(smallest) = from_right.next() else { return empty_root() };
        from_right.fold(*smallest, |right, left| node_hash(left, &right))
    }

    /// Bytes to store: the size as eight big-endian bytes, then the hashes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 32 * self.peaks.len());
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for peak in &self.peaks {
            bytes.extend_from_slice(peak.as_bytes());
        }
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`FrontierError`] when the bytes are cut, have a tail, or do not fit together.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrontierError> {
        let wrong = FrontierError::Length { found: bytes.len() };
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(wrong)?;
        let (peaks, tail) = rest.as_chunks::<32>();
        if !tail.is_empty() {
            return Err(wrong);
        }
        Self::from_parts(u64::from_be_bytes(*size), peaks.iter().copied().map(Digest::from_bytes).collect())
    }
}

impl TryFrom<Stored> for Frontier {
    type Error = FrontierError;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Self::from_parts(stored.size, stored.peaks)
    }
}

impl From<Frontier> for Stored {
    fn from(frontier: Frontier) -> Self {
        Self { size: frontier.size, peaks: frontier.peaks }
    }
}
