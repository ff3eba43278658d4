//! The key state as bytes: `KTKS`, a version, the generation, the token key, the seeds, and a SHA-256 tag.
//!
//! The tag finds damage, not malice: whoever can write the state can also write its tag.
//!
//! Invariant: a state that is cut, lengthened, damaged or of another version is refused whole, never read in part.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::state::{KeyState, Node};
use super::{DEPTH, LeafId};
use crate::tokens::TokenKey;
use crate::{Digest, Secret};

const MAGIC: &[u8; 4] = b"KTKS";
const VERSION: u8 = 1;
const TAG: usize = 32;

/// Why stored bytes are not a key state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyStateError {
    /// Not such a file at all.
    #[error("this is not a key state: it must begin with KTKS")]
    NotAKeyState,
    /// Written by another version.
    #[error("the key state has version {found}; this program reads version {VERSION}")]
    Version {
        /// The version found.
        found: u8,
    },
    /// Cut, lengthened or damaged.
    #[error("the key state is damaged: its check sum does not fit; restore it from the recovery kit")]
    Damaged,
    /// The check sum fits, the content does not.
    #[error("the key state contradicts itself at seed {position}: {reason}")]
    Contradiction {
        /// Number of the seed, from 1; 0 for what stands before the seeds.
        position: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

impl KeyState {
    /// The bytes to store. They are secret: keep them outside the database and its backups.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Reserved at once, because a vector that grows leaves its former bytes behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(4 + 1 + 8 + 4 + 32 + 8 + self.seeds.len() * 39 + TAG));
        bytes.extend_from_slice(MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&self.token_key.epoch().to_be_bytes());
        bytes.extend_from_slice(self.token_key.secret().bytes());
        bytes.extend_from_slice(&(self.seeds.len() as u64).to_be_bytes());
        for (start, node) in &self.seeds {
            let [_, _, start @ ..] = start.to_be_bytes();
            // The whole tree begins at 0, so six bytes hold every first leaf.
            bytes.extend_from_slice(&start);
            bytes.push(node.height);
            bytes.extend_from_slice(node.seed.bytes());
        }
        let tag = Digest::of(&bytes);
        bytes.extend_from_slice(tag.as_bytes());
        bytes
    }

    /// Reads what [`KeyState::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyStateError`]; nothing of a damaged state is used.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyStateError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(KeyStateError::NotAKeyState)?;
        match rest.first() {
            Some(&VERSION) => {}
            Some(&found) => return Err(KeyStateError::Version { found }),
            None => return Err(KeyStateError::Damaged),
        }
        let (content, tag) = bytes.split_last_chunk::<TAG>().ok_or(KeyStateError::Damaged)?;
        if Digest::of(content).as_bytes() != tag {
            return Err(KeyStateError::Damaged);
        }
        let mut reader = Reader { rest: content.get(5..).ok_or(KeyStateError::Damaged)? };
        let generation = u64::from_be_bytes(*reader.take()?);
        let epoch = u32::from_be_bytes(*reader.take()?);
        let token_key = TokenKey::new(epoch, reader.secret()?);
        let count = u64::from_be_bytes(*reader.take()?);
        if reader.rest.len() as u64 != count.saturating_mul(39) {
            return Err(KeyStateError::Contradiction {
                position: 0,
                reason: "the number of seeds does not fit the length",
            });
        }
        Ok(Self { seeds: reader.seeds()?, generation, token_key, way: std::sync::Mutex::default() })
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], KeyStateError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(KeyStateError::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    fn secret(&mut self) -> Result<Secret, KeyStateError> {
        let mut copy = Zeroizing::new(*self.take::<32>()?);
        Ok(Secret::take(&mut copy))
    }

    fn seeds(&mut self) -> Result<BTreeMap<u64, Node>, KeyStateError> {
        let mut seeds = BTreeMap::new();
        let mut free_from = 0;
        while !self.rest.is_empty() {
            let wrong = |reason| KeyStateError::Contradiction { position: seeds.len() + 1, reason };
            let mut start = [0; 8];
            start[2..].copy_from_slice(self.take::<6>()?);
            let start = u64::from_be_bytes(start);
            let [height] = *self.take()?;
            if height > DEPTH || LeafId::new(start).is_err() {
                return Err(wrong("it stands higher than the tree"));
            }
            if start & ((1 << height) - 1) != 0 {
                return Err(wrong("its first leaf is no multiple of its size"));
            }
            if start < free_from {
                return Err(wrong("it covers leaves of the seed before it"));
            }
            free_from = start + (1 << height);
            let seed = self.secret()?;
            seeds.insert(start, Node { height, seed });
        }
        Ok(seeds)
    }
}
