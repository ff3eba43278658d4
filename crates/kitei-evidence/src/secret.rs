//! Thirty-two secret bytes that never show themselves and vanish when they are dropped.
//!
//! Invariant: no `Display`, no `Clone`, no serialisation; `Debug` is redacted; the memory is overwritten on drop.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret of 256 bits: a seed, a key, or fresh randomness on its way to become one.
///
/// The bytes live on the heap, so that moving a `Secret` (between tree nodes, out of a map) moves a pointer and
/// leaves no stray copy of the bytes behind.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret(Box<[u8; 32]>);

impl Secret {
    /// Takes 32 bytes from a cryptographic random source (or from a derivation) and overwrites the caller's copy.
    #[must_use]
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let mut kept = Box::new([0_u8; 32]);
        kept.copy_from_slice(bytes.as_slice());
        bytes.zeroize();
        Self(kept)
    }

    /// The bytes. Only this crate may look.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}
