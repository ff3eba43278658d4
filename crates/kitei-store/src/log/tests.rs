//! The log in the database: proofs from stored nodes, checkpoints, and that it can only grow.

use kitei_evidence::Secret;
use kitei_evidence::checkpoint::SignedCheckpoint;
use kitei_evidence::event::Event;
use kitei_evidence::merkle::{verify_consistency, verify_inclusion};

use super::*;
use crate::db::Db;
use crate::testing::each_engine;
use crate::tests::{ORG, OTHER, act, at, event, id, with_organizations};

async fn append_many(db: &Db, from: i64, to: i64) {
    let events: Vec<NewEvent> = (from..to).map(event).collect();
    act!(db, ORG, |tx| append_all(tx, ORG, events)).unwrap();
}

async fn root_of(reader: &mut Reader, size: u64) -> Digest {
    let mut frontier = Frontier::new();
    for stored in range(reader, ORG, 0, u32::try_from(size).unwrap()).await.unwrap() {
        frontier.append(stored.leaf_hash);
    }
    assert_eq!(frontier.size(), size);
    frontier.root()
}

#[tokio::test]
async fn rfc_6962_proofs_come_from_stored_nodes() {
    each_engine(async |db| {
        with_organizations(&db).await;
        // 700 leaves: two complete tiles of 256 and a part of a third; a whole tile exactly; a single leaf.
        append_many(&db, 0, 1).await;
        append_many(&db, 1, 256).await;
        append_many(&db, 256, 700).await;
        let mut reader = db.snapshot().await.unwrap();
        let sizes = [1_u64, 2, 255, 256, 257, 511, 512, 513, 700];
        for size in sizes {
            let root = root_of(&mut reader, size).await;
            for seq in [0, 1, 127, 128, 255, 256, 511, 512, size - 1] {
                if seq >= size {
                    continue;
                }
                let proof = inclusion(&mut reader, ORG, seq, size).await.unwrap();
                let stored = range(&mut reader, ORG, i64::try_from(seq).unwrap(), 1).await.unwrap();
                verify_inclusion(&stored[0].leaf_hash, seq, size, &proof, &root)
                    .unwrap_or_else(|error| panic!("leaf {seq} of {size}: {error}"));
            }
            for old in sizes.into_iter().filter(|old| *old <= size) {
                let proof = consistency(&mut reader, ORG, old, size).await.unwrap();
                let old_root = root_of(&mut reader, old).await;
                verify_consistency(old, &old_root, size, &root, &proof)
                    .unwrap_or_else(|error| panic!("{old} to {size}: {error}"));
            }
        }
        let error = inclusion(&mut reader, ORG, 700, 700).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Missing);
    })
    .await;
}

#[tokio::test]
async fn only_every_eighth_level_is_stored() {
    each_engine(async |db| {
        with_organizations(&db).await;
        append_many(&db, 0, 600).await;
        let mut reader = db.reader().await.unwrap();
        let nodes = reader.fetch_all(&NODES, binds![ORG, 8_i64, 0_i64, 1000_i64]).await.unwrap();
        assert_eq!(nodes.len(), 2);
        for level in [1_i64, 4, 7, 9, 16] {
            assert!(reader.fetch_all(&NODES, binds![ORG, level, 0_i64, 1000_i64]).await.unwrap().is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn events_are_found_by_place_subject_and_kind() {
    each_engine(async |db| {
        with_organizations(&db).await;
        append_many(&db, 0, 5).await;
        let again = event(3);
        let appended = act!(db, ORG, |tx| append(tx, ORG, again)).unwrap();
        assert_eq!(appended.seq, 5);
        let mut reader = db.reader().await.unwrap();
        let about: Vec<i64> =
            of_subject(&mut reader, ORG, id(3), None, 10).await.unwrap().iter().map(|event| event.seq).collect();
        assert_eq!(about, [5, 3]);
        let older = of_subject(&mut reader, ORG, id(3), Some(5), 10).await.unwrap();
        assert_eq!(older.len(), 1);
        assert_eq!(of_kind(&mut reader, ORG, "test.happened", Some(3), 2).await.unwrap().len(), 2);
        let stored = range(&mut reader, ORG, 4, 1).await.unwrap().remove(0);
        let parsed = Event::parse(&stored.bytes).unwrap();
        assert_eq!(
            (parsed.seq(), parsed.org(), parsed.at().as_str()),
            (4, ORG.to_string().as_str(), stored.at.to_string().as_str())
        );
        assert_eq!(head(&mut reader, OTHER).await.unwrap().size(), 0, "each organization has its own log");
    })
    .await;
}

#[tokio::test]
async fn checkpoints_are_signed_only_when_something_happened() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let key = || SigningKey::new("kitei.example/first", &Secret::take(&mut [7; 32])).unwrap();
        let sign = async |db: &Db, seconds: i64| {
            act!(
                db,
                ORG,
                |tx| async move { sign_checkpoint(tx, ORG, at(seconds), "kitei.example/first", &key()).await }
            )
            .unwrap()
        };
        assert_eq!(sign(&db, 60).await, None, "an empty log is not signed");
        append_many(&db, 0, 3).await;
        let first = sign(&db, 120).await.unwrap();
        assert_eq!(sign(&db, 180).await, None);
        append_many(&db, 3, 300).await;
        sign(&db, 240).await.unwrap();
        let mut reader = db.reader().await.unwrap();
        let sizes: Vec<i64> =
            checkpoints(&mut reader, ORG, 0, 10).await.unwrap().iter().map(|stored| stored.size).collect();
        assert_eq!(sizes, [3, 300]);
        let stored = covering(&mut reader, ORG, 2).await.unwrap().unwrap();
        assert_eq!((stored.size, &stored.note), (3, &first.to_string()));
        assert_eq!(covering(&mut reader, ORG, 3).await.unwrap().unwrap().size, 300);
        assert_eq!(covering(&mut reader, ORG, 300).await.unwrap(), None);
        assert_eq!(latest_checkpoint(&mut reader, ORG).await.unwrap().unwrap().size, 300);
        let read = SignedCheckpoint::parse(stored.note.as_bytes()).unwrap();
        let checkpoint = read.verify(&key().verifier_key()).unwrap();
        assert_eq!((checkpoint.size(), *checkpoint.root()), (3, root_of(&mut reader, 3).await));
    })
    .await;
}

static CHANGES: [crate::db::Statement; 4] = [
    crate::db::Statement::new("update_event", "update event set kind = 'x' where org = $1", &[]),
    crate::db::Statement::new("delete_event", "delete from event where org = $1", &[]),
    crate::db::Statement::new("update_checkpoint", "update checkpoint set note = 'x' where org = $1", &[]),
    crate::db::Statement::new("delete_checkpoint", "delete from checkpoint where org = $1", &[]),
];

#[tokio::test]
async fn events_and_checkpoints_cannot_be_changed_or_deleted() {
    each_engine(async |db| {
        with_organizations(&db).await;
        append_many(&db, 0, 2).await;
        let key = SigningKey::new("kitei.example/first", &Secret::take(&mut [7; 32])).unwrap();
        act!(db, ORG, |tx| async move { sign_checkpoint(tx, ORG, at(1), "kitei.example/first", &key).await }).unwrap();
        for change in &CHANGES {
            let error = act!(db, ORG, |tx| tx.execute(change, binds![ORG])).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Evidence, "{}: {error}", change.name());
        }
    })
    .await;
}
