//! The state of the key tree: the seeds that cover exactly the leaves that are not punctured.
//!
//! Invariant: the subtrees of `seeds` are disjoint; a leaf outside all of them is punctured for ever.
//! Invariant: the way to a leaf that is kept to be used again is overwritten before a puncture is done.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::{DEPTH, LeafId, LeafKey};
use crate::tokens::TokenKey;
use crate::{Secret, prf};

/// The seed of a subtree.
pub(super) struct Node {
    /// Height above the leaves; the subtree has `2^height` leaves.
    pub(super) height: u8,
    pub(super) seed: Secret,
}

/// All secrets by which an organisation's sealed values are read and searched.
pub struct KeyState {
    /// By the first leaf of the subtree.
    pub(super) seeds: BTreeMap<u64, Node>,
    pub(super) generation: u64,
    pub(super) token_key: TokenKey,
    pub(super) way: Mutex<Way>,
}

/// The way down to the leaf that was derived last. Records of a page have neighbouring leaves, which share most of it.
#[derive(Default)]
pub(super) struct Way {
    /// First leaf and height of the subtree it begins in.
    from: Option<(u64, u8)>,
    leaf: u64,
    /// The seeds below that subtree's, downwards.
    seeds: Vec<Secret>,
}

impl KeyState {
    /// The state in which nothing is punctured yet, from two independent random secrets.
    #[must_use]
    pub fn new(root: Secret, tokens: Secret) -> Self {
        let seeds = BTreeMap::from([(0, Node { height: DEPTH, seed: root })]);
        Self { seeds, generation: 0, token_key: TokenKey::new(0, tokens), way: Mutex::default() }
    }

    /// How many times this state has changed since it was made, so that a stale copy can be told from the newest.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// How many seeds the state holds: its size.
    #[must_use]
    pub fn seed_count(&self) -> usize {
        self.seeds.len()
    }

    /// The key of `leaf`; `None` when the leaf is punctured.
    #[must_use]
    pub fn derive(&self, leaf: LeafId) -> Option<LeafKey> {
        let (start, node) = self.covering(leaf)?;
        let mut way = self.way.lock().unwrap_or_else(PoisonError::into_inner);
        if way.from == Some((start, node.height)) {
            // Below the highest bit in which the two leaves differ the way is another one.
            let differing = u64::BITS - (way.leaf ^ leaf.number()).leading_zeros();
            let shared = u32::from(node.height).saturating_sub(differing);
            way.seeds.truncate(usize::try_from(shared).unwrap_or_default());
        } else {
            *way = Way { from: Some((start, node.height)), ..Way::default() };
        }
        way.leaf = leaf.number();
        for height in (0..node.height).rev().skip(way.seeds.len()) {
            let parent = way.seeds.last().unwrap_or(&node.seed);
            let next = child(parent, (leaf.number() >> height) & 1 == 1);
            way.seeds.push(next);
        }
        let at_leaf = way.seeds.last().unwrap_or(&node.seed);
        Some(LeafKey { leaf, secret: prf::derive(at_leaf, &[b"kitei/leaf/1"]) })
    }

    /// Destroys the key of `leaf` in this state; `false` when it was destroyed before.
    ///
    /// The result does not depend on the order in which leaves are punctured.
    pub fn puncture(&mut self, leaf: LeafId) -> bool {
        let Some((start, _)) = self.covering(leaf) else { return false };
        // The way that is kept may lead to this very leaf; dropping it overwrites it.
        *self.way.get_mut().unwrap_or_else(PoisonError::into_inner) = Way::default();
        let Some(Node { mut height, mut seed }) = self.seeds.remove(&start) else { return false };
        let mut start = start;
        while height > 0 {
            height -= 1;
            let middle = start + (1 << height);
            let (left, right) = (child(&seed, false), child(&seed, true));
            // Assigning drops, and thereby overwrites, the seed above.
            if leaf.number() < middle {
                self.seeds.insert(middle, Node { height, seed: right });
                seed = left;
            } else {
                self.seeds.insert(start, Node { height, seed: left });
                seed = right;
                start = middle;
            }
        }
        self.generation += 1;
        true
    }

    /// Whether `leaf` has been punctured.
    #[must_use]
    pub fn is_punctured(&self, leaf: LeafId) -> bool {
        self.covering(leaf).is_none()
    }

    /// The key of the register-wide search tokens.
    #[must_use]
    pub const fn token_key(&self) -> &TokenKey {
        &self.token_key
    }

    /// Replaces the token key by `fresh` randomness; the previous one is overwritten and cannot be had again.
    ///
    /// To be done with an erasure; the tokens of all remaining rows are then to be made anew ([`crate::tokens`]).
    pub fn rotate_tokens(&mut self, fresh: Secret) {
        self.token_key.rotate(fresh);
        self.generation += 1;
    }

    fn covering(&self, leaf: LeafId) -> Option<(u64, &Node)> {
        let (start, node) = self.seeds.range(..=leaf.number()).next_back()?;
        (leaf.number() - start < 1 << node.height).then_some((*start, node))
    }
}

impl fmt::Debug for KeyState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KeyState")
            .field("generation", &self.generation)
            .field("seeds", &self.seeds.len())
            .field("token_epoch", &self.token_key.epoch())
            .finish_non_exhaustive()
    }
}

/// One step down the tree.
pub(super) fn child(seed: &Secret, right: bool) -> Secret {
    prf::derive(seed, &[b"kitei/key-tree/1", if right { b"1" } else { b"0" }])
}
