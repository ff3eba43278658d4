//! Proofs over the stored tree (RFC 6962 sections 2.1.1 and 2.1.2).
//!
//! A proof asks for complete subtrees along the path of one leaf and along the right edge. On each kept level these lie
//! in at most two tiles of 256 hashes, so a proof over a million events reads at most some 1,500 hashes.

use std::collections::HashMap;

use kitei_evidence::Digest;
use kitei_evidence::merkle::{self, Subtree};
use uuid::Uuid;

use super::{LEAVES, LEVELS_A_TILE, NODES, signed};
use crate::binds;
use crate::db::{Reader, StoreError, StoreErrorKind};

/// The proof that the event at place `seq` is in the tree of the first `size` events.
///
/// # Errors
/// `Missing` when there is no such event; `Corrupt` when the stored tree has a gap. Read within `Db::snapshot`.
pub async fn inclusion(reader: &mut Reader, org: Uuid, seq: u64, size: u64) -> Result<Vec<Digest>, StoreError> {
    let hashes = load(reader, org, seq, size).await?;
    merkle::inclusion_proof_from(size, seq, |subtree| hashes.get(subtree)).map_err(proof_error)
}

/// The proof that the tree of the first `old` events is the past of the tree of the first `new`.
///
/// # Errors
/// As `inclusion`.
pub async fn consistency(reader: &mut Reader, org: Uuid, old: u64, new: u64) -> Result<Vec<Digest>, StoreError> {
    let hashes = load(reader, org, old.saturating_sub(1), new).await?;
    merkle::consistency_proof_from(new, old, |subtree| hashes.get(subtree)).map_err(proof_error)
}

fn proof_error(error: merkle::ProofError) -> StoreError {
    let kind = match error {
        merkle::ProofError::Missing(_) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Missing,
    };
    StoreError::new(kind, concat!(module_path!(), "::proof")).with_detail(error.to_string())
}

/// Stored hashes by subtree; those between the kept levels are computed.
struct Hashes {
    kept: HashMap<Subtree, Digest>,
}

impl Hashes {
    fn get(&self, subtree: Subtree) -> Option<Digest> {
        if subtree.level.is_multiple_of(LEVELS_A_TILE) {
            return self.kept.get(&subtree).copied();
        }
        let child = |side| self.get(Subtree { level: subtree.level - 1, index: subtree.index * 2 + side });
        Some(merkle::node_hash(&child(0)?, &child(1)?))
    }
}

async fn load(reader: &mut Reader, org: Uuid, leaf: u64, size: u64) -> Result<Hashes, StoreError> {
    let mut kept = HashMap::new();
    let mut level = 0_u8;
    while level < 64 && size >> level > 0 {
        let complete = size >> level;
        // The tile of the leaf's path, and the one that the right edge ends in.
        let mut tiles = vec![(leaf >> level) >> LEVELS_A_TILE, complete >> LEVELS_A_TILE];
        tiles.dedup();
        for tile in tiles {
            let (from, to) = (tile << LEVELS_A_TILE, ((tile + 1) << LEVELS_A_TILE).min(complete));
            load_span(reader, org, level, from, to, &mut kept).await?;
        }
        level += LEVELS_A_TILE;
    }
    Ok(Hashes { kept })
}

async fn load_span(
    reader: &mut Reader,
    org: Uuid,
    level: u8,
    from: u64,
    to: u64,
    kept: &mut HashMap<Subtree, Digest>,
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    let (rows, place, hash) = if level == 0 {
        (reader.fetch_all(&LEAVES, binds![org, signed(from), signed(to)]).await?, "seq", "leaf_hash")
    } else {
        (reader.fetch_all(&NODES, binds![org, i64::from(level), signed(from), signed(to)]).await?, "position", "hash")
    };
    for row in rows {
        let index: i64 = row.get(place)?;
        let index = u64::try_from(index).unwrap_or_default();
        kept.insert(Subtree { level, index }, Digest::from_bytes(row.get(hash)?));
    }
    Ok(())
}
