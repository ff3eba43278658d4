//! Keys that can be destroyed one by one: a puncturable tree (Goldreich, Goldwasser, Micali) over HMAC-SHA-256.
//!
//! A tree of depth 48 has one leaf for each thing that may one day be erased alone: a record, a line, an attachment.
//! Each node's seed gives the seeds of its two children, and nothing leads back up. The state begins as the root seed.
//! Erasing a leaf replaces the seed above it by the seeds beside the way down to it: every other key stays derivable,
//! this one does not, even for whoever later holds the new state, the database, and all backups of the database.
//!
//! Depth 48 allows 2.8 * 10^14 leaves for each organisation, more than it can ever write; the state of an
//! organisation that erased `k` of its first `n` leaves has at most about `k * log2(n / k) + 48` seeds of 39 bytes,
//! far fewer when the erased leaves lie together, as they do when they were numbered in order of creation.
//!
//! What the caller must do: number leaves in order and never twice; keep the state outside the database and its
//! backups; after [`KeyState::puncture`] store the new bytes and destroy every copy of the old ones.
//!
//! Invariant: no seed in a state is an ancestor of, or equal to, the seed of a punctured leaf.
//! Invariant: seeds are overwritten in memory when they are replaced or dropped, and are never displayed.

mod format;
mod state;

use std::fmt;

use crate::{Secret, prf};

pub use format::KeyStateError;
pub use state::KeyState;

/// Depth of the tree: leaves are numbered 0 up to, not including, 2^48.
pub const DEPTH: u8 = 48;

/// The number of a leaf, given out in order within an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeafId(u64);

/// A number that is no leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key leaf is a number below 2^48")]
pub struct LeafIdError;

impl LeafId {
    /// The leaf of this number.
    ///
    /// # Errors
    /// [`LeafIdError`] from 2^48 on.
    pub const fn new(number: u64) -> Result<Self, LeafIdError> {
        if number >> DEPTH == 0 { Ok(Self(number)) } else { Err(LeafIdError) }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Reads a decimal number without leading zeros.
    ///
    /// # Errors
    /// [`LeafIdError`].
    pub fn parse(text: &str) -> Result<Self, LeafIdError> {
        let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        if !canonical {
            return Err(LeafIdError);
        }
        text.parse().map_err(|_| LeafIdError).and_then(Self::new)
    }
}

impl fmt::Display for LeafId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The key of one leaf. It is never used itself; keys for each purpose are derived from it.
pub struct LeafKey {
    leaf: LeafId,
    secret: Secret,
}

/// The key that seals values of one leaf ([`crate::seal`]).
pub struct SealingKey {
    leaf: LeafId,
    secret: Secret,
}

impl LeafKey {
    /// Which leaf.
    #[must_use]
    pub const fn leaf(&self) -> LeafId {
        self.leaf
    }

    /// The key for sealing values.
    #[must_use]
    pub fn sealing_key(&self) -> SealingKey {
        SealingKey { leaf: self.leaf, secret: prf::derive(&self.secret, &[b"kitei/leaf/sealing/1"]) }
    }

    /// The key for search tokens that are to die with this leaf alone, without a rotation of the register-wide key.
    #[must_use]
    pub fn token_key(&self) -> crate::tokens::TokenKey {
        crate::tokens::TokenKey::new(0, prf::derive(&self.secret, &[b"kitei/leaf/search-token/1"]))
    }
}

impl SealingKey {
    /// Which leaf.
    #[must_use]
    pub const fn leaf(&self) -> LeafId {
        self.leaf
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for LeafKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LeafKey({}, redacted)", self.leaf)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealingKey({}, redacted)", self.leaf)
    }
}

#[cfg(test)]
mod tests;
