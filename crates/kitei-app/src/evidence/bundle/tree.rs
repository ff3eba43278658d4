//! Inclusion proofs for many events at once, over the stored tree (RFC 6962, section 2.1.1).
//!
//! The store's own proofs read some 1,500 hashes each, which is right for one event. Here the kept levels are read once
//! (a 256th of the log) and the leaves one stretch of 256 at a time, so that the proofs of a year cost little more than
//! reading its events.

use std::collections::HashMap;

use kitei_evidence::{
    Digest,
    merkle::{self, Subtree},
};
use kitei_store::{
    binds,
    db::{Reader, StoreError, StoreErrorKind},
};
use uuid::Uuid;

use super::super::EvidenceError;
use super::{LEAVES, NODES};

/// Levels between those that are kept.
const STEP: u8 = 8;

pub(super) struct Tree {
    org: Uuid,
    size: u64,
    /// Hashes of subtrees of level 8 and higher.
    upper: HashMap<Subtree, Digest>,
    /// The stretches of leaves at hand: that of the event, and the last one.
    stretches: Vec<(u64, HashMap<Subtree, Digest>)>,
}

impl Tree {
    /// The tree of the first `size` events.
    pub(super) async fn load(reader: &mut Reader, org: Uuid, size: u64) -> Result<Self, EvidenceError> {
        let mut upper = HashMap::new();
        for row in reader.fetch_all(&NODES, binds![org]).await? {
            let (level, index): (i64, i64) = (row.get("level")?, row.get("position")?);
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            let index = u64::try_from(index).unwrap_or_default();
            upper.insert(Subtree { level, index }, Digest::from_bytes(row.get("hash")?));
        }
        let mut tree = Self { org, size, upper, stretches: Vec::new() };
        let last = size.saturating_sub(1) >> STEP;
        let edge = tree.stretch(reader, last).await?;
        tree.stretches.push((last, edge));
        Ok(tree)
    }

    /// The proof that an event is in the tree.
    pub(super) async fn proof(&mut self, reader: &mut Reader, seq: u64) -> Result<Vec<Digest>, EvidenceError> {
        let wanted = seq >> STEP;
        if !self.stretches.iter().any(|(number, _)| *number == wanted) {
            let stretch = self.stretch(reader, wanted).await?;
            self.stretches.truncate(1);
            self.stretches.push((wanted, stretch));
        }
        let proof = merkle::inclusion_proof_from(self.size, seq, |subtree| self.hash(subtree));
        proof.map_err(|error| {
            StoreError::new(StoreErrorKind::Corrupt, concat!(module_path!(), "::proof"))
                .with_detail(error.to_string())
                .into()
        })
    }

    fn hash(&self, subtree: Subtree) -> Option<Digest> {
        if subtree.level < STEP {
            let number = (subtree.index << subtree.level) >> STEP;
            let (_, stretch) = self.stretches.iter().find(|(known, _)| *known == number)?;
            return stretch.get(&subtree).copied();
        }
        if subtree.level.is_multiple_of(STEP)
            && let Some(kept) = self.upper.get(&subtree)
        {
            return Some(*kept);
        }
        if subtree.level == STEP {
            return None;
        }
        let child = |side| self.hash(Subtree { level: subtree.level - 1, index: subtree.index * 2 + side });
        Some(merkle::node_hash(&child(0)?, &child(1)?))
    }

    /// Every subtree below level 8 of a stretch of 256 leaves.
    async fn stretch(&self, reader: &mut Reader, number: u64) -> Result<HashMap<Subtree, Digest>, EvidenceError> {
        let from = number << STEP;
        let to = (from + (1 << STEP)).min(self.size);
        let bounds = [from, to].map(|place| i64::try_from(place).unwrap_or(i64::MAX));
        let rows = reader.fetch_all(&LEAVES, binds![self.org, bounds[0], bounds[1]]).await?;
        let mut hashes = HashMap::new();
        for (index, row) in (from..).zip(rows) {
            hashes.insert(Subtree { level: 0, index }, Digest::from_bytes(row.get("leaf_hash")?));
        }
        for level in 1..STEP {
            for index in (from >> level)..(to >> level) {
                let child = |side| hashes.get(&Subtree { level: level - 1, index: index * 2 + side }).copied();
                if let (Some(left), Some(right)) = (child(0), child(1)) {
                    hashes.insert(Subtree { level, index }, merkle::node_hash(&left, &right));
                }
            }
        }
        Ok(hashes)
    }
}
