//! HOUSE property 4: whoever changes, leaves out, adds or cuts is named, or the smallest span is.

use kitei_evidence::{
    Digest,
    checkpoint::{Checkpoint, SignedCheckpoint},
    merkle::leaf_hash,
    verify::Finding,
};
use kitei_rules::{run::command::Command, value::Value};
use kitei_store::{
    db::{Engine, Instant},
    log,
    testing::each_engine,
};

use super::{House, force, values};
use crate::evidence::verify::{Against, KeyReport, Trouble, Verification};

/// Twenty events: signed after the sixth, after the tenth, and after all but some.
async fn signed_house(db: kitei_store::db::Db) -> House {
    let house = House::new(db).await;
    for number in 0..3 {
        house.person(&format!("従業者 {number}")).await;
    }
    house.sign().await;
    for number in 0..2 {
        house.person(&format!("派遣社員 {number}")).await;
    }
    house.sign().await;
    house.case("紛失", "鞄を電車に置き忘れた", &["山田", "鈴木"]).await;
    house
}

async fn verify(house: &House) -> Verification {
    house.installation.verify(Against::default()).await.unwrap()
}

fn hex(bytes: &[u8], engine: Engine) -> String {
    match engine {
        Engine::Sqlite => format!("x'{}'", hex::encode(bytes)),
        Engine::Postgres => format!("'\\x{}'::bytea", hex::encode(bytes)),
    }
}

#[tokio::test]
async fn a_sound_log_holds_and_says_how_far_it_is_signed() {
    each_engine(async |db| {
        let house = signed_house(db).await;
        let found = verify(&house).await;
        assert!(found.ok, "{found:?}");
        let [report] = found.logs.as_slice() else { panic!("{found:?}") };
        assert_eq!((report.log.checkpoints_held, report.log.signed_until), (2, 10));
        assert!(report.log.events > 10 && report.log.unsigned == report.log.events - 10, "{report:?}");
        assert!(matches!(report.keys, KeyReport::Readable { generation: 0, seeds: 1 }));
        let words = found.text();
        assert_eq!(words.last().unwrap().ja, "異常はありません。");
        serde_json::to_string(&found).unwrap();
    })
    .await;
}

#[tokio::test]
async fn whatever_is_done_to_a_log_is_named() {
    type Right = fn(&Verification) -> bool;
    let cases: [(&str, Right); 10] = [
        ("altered", |found| found.first_wrong() == Some(3)),
        ("altered with a line break inside", |found| {
            // Its neighbours are not taken for altered.
            found.logs[0].log.findings == [Finding::EventAltered { seq: 3 }]
        }),
        ("replaced with its hash", |found| found.first_wrong().is_none() && found.span() == Some((0, 6))),
        ("a later one replaced with its hash", |found| found.first_wrong().is_none() && found.span() == Some((6, 10))),
        ("left out", |found| found.logs[0].log.findings.contains(&Finding::Missing { from: 4, to: 5 })),
        ("cut before what was signed", |found| {
            found.logs[0].log.findings.contains(&Finding::Truncated { events: 9, signed: 10 })
        }),
        ("cut after what was signed", |found| {
            matches!(found.logs[0].troubles.as_slice(), [Trouble::Head { events: 11, .. }])
        }),
        ("a hash of another length", |found| found.first_wrong() == Some(5)),
        ("two swapped", |found| found.first_wrong() == Some(1)),
        ("a checkpoint's column", |found| {
            matches!(found.logs[0].troubles.as_slice(), [Trouble::CheckpointColumns { size: 6 }])
        }),
    ];
    each_engine(async |db| {
        drop(db);
        for (what, right) in cases {
            for engine in [Engine::Sqlite, Engine::Postgres] {
                let directory = tempfile::tempdir().unwrap();
                let options = kitei_store::db::Options::default();
                let db = match engine {
                    Engine::Sqlite => kitei_store::testing::migrated_sqlite(directory.path(), options).await,
                    Engine::Postgres => kitei_store::testing::migrated_postgres(options).await,
                };
                let house = signed_house(db).await;
                for sql in tampering(&house, what).await {
                    force(&house.installation.db, house.organization.id, &sql).await;
                }
                let found = verify(&house).await;
                assert!(!found.ok && right(&found), "{what} on {engine:?}: {found:#?}");
                house.installation.db.close().await;
            }
        }
    })
    .await;
}

async fn tampering(house: &House, what: &str) -> Vec<String> {
    let mut reader = house.installation.db.reader().await.unwrap();
    let engine = reader.engine();
    let events = log::range(&mut reader, house.organization.id, 0, 100).await.unwrap();
    let set = |seq: usize, bytes: &[u8], hash: &Digest| {
        let (bytes, hash) = (hex(bytes, engine), hex(hash.as_bytes(), engine));
        format!("update event set bytes = {bytes}, leaf_hash = {hash} where seq = {seq}")
    };
    let altered = |seq: usize, to: &str| {
        let text = String::from_utf8(events[seq].bytes.clone()).unwrap().replacen("2026-04-01", to, 1).into_bytes();
        assert_ne!(text, events[seq].bytes);
        text
    };
    let forged = |seq: usize| {
        let bytes = altered(seq, "2026-04-02");
        vec![set(seq, &bytes, &leaf_hash(&bytes))]
    };
    match what {
        "altered" => vec![set(3, &altered(3, "2026-04-02"), &events[3].leaf_hash)],
        "altered with a line break inside" => vec![set(3, &altered(3, "2026\n04-01"), &events[3].leaf_hash)],
        "replaced with its hash" => forged(3),
        "a later one replaced with its hash" => forged(7),
        "left out" => vec!["delete from event where seq = 4".to_owned()],
        "cut before what was signed" => vec!["delete from event where seq >= 9".to_owned()],
        "cut after what was signed" => vec!["delete from event where seq >= 11".to_owned()],
        "a hash of another length" => {
            vec![format!("update event set leaf_hash = {} where seq = 5", hex(b"short", engine))]
        }
        "two swapped" => {
            vec![set(1, &events[2].bytes, &events[2].leaf_hash), set(2, &events[1].bytes, &events[1].leaf_hash)]
        }
        "a checkpoint's column" => {
            vec![format!("update checkpoint set root = {} where size = 6", hex(&[1; 32], engine))]
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_older_checkpoint_shows_a_log_that_was_written_anew() {
    each_engine(async |db| {
        let house = signed_house(db).await;
        let org = house.organization.id;
        let old = {
            let mut reader = house.installation.db.reader().await.unwrap();
            log::checkpoint(&mut reader, org, 6).await.unwrap().unwrap().note
        };
        let kept = SignedCheckpoint::parse(old.as_bytes()).unwrap();
        let against = |checkpoint| Against { checkpoint: Some(checkpoint), ..Against::default() };
        let found = house.installation.verify(against(&kept)).await.unwrap();
        assert!(found.ok && found.logs[0].log.continues == Some(true), "{found:?}");

        // Whoever holds the signing key writes another past of the same length.
        let other = Checkpoint::new(&crate::kernel::origin(org), 4, Digest::of(b"another past"), Vec::new()).unwrap();
        let other = SignedCheckpoint::sign(other, house.organization.signing()).unwrap();
        let found = house.installation.verify(against(&other)).await.unwrap();
        assert!(!found.ok && found.logs[0].log.continues == Some(false), "{found:?}");
        assert!(matches!(found.logs[0].log.findings.as_slice(), [Finding::NotTheContinuation { from: 0, to: 4 }]));

        let strange = Checkpoint::new("kitei/somebody-else", 4, Digest::of(b"x"), Vec::new()).unwrap();
        let strange = SignedCheckpoint::sign(strange, house.organization.signing());
        if let Ok(strange) = strange {
            let found = house.installation.verify(against(&strange)).await.unwrap();
            assert!(matches!(found.troubles.as_slice(), [Trouble::NoSuchLog { .. }]), "{found:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_file_that_is_damaged_or_missing_is_named() {
    each_engine(async |db| {
        let house = signed_house(db).await;
        let key = house.organization.signing().verifier_key();
        let file = house.key_file();
        let good = std::fs::read(&file).unwrap();
        let mut flipped = good.clone();
        flipped[40] ^= 1;
        for bad in [flipped, good[..20].to_vec(), Vec::new()] {
            std::fs::write(&file, &bad).unwrap();
            assert!(house.installation.verify(Against::default()).await.is_err(), "no key to check signatures with");
            let found = house.installation.verify(Against { key: Some(&key), ..Against::default() }).await.unwrap();
            assert!(!found.ok && found.logs[0].log.ok, "the log is sound all the same");
            assert!(matches!(found.logs[0].keys, KeyReport::Unreadable { .. }));
        }
    })
    .await;
}

#[tokio::test]
async fn attachments_are_read_and_held_against_their_address() {
    use kitei_store::attachments;
    each_engine(async |db| {
        let house = signed_house(db).await;
        let org = house.organization.id;
        let case = house.case("添付", "あり", &[]).await;
        let address = house.installation.blobs.put(b"sealed bytes".to_vec()).await.unwrap();
        let attachment = attachments::Attachment {
            id: uuid::Uuid::from_u128(99),
            record: case,
            line: uuid::Uuid::nil(),
            name: "s1.x".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: 3,
            blob: address.to_string(),
            leaf: 0,
            created_at: Instant::from_microseconds(0),
            erased_at: None,
        };
        house
            .installation
            .db
            .act(org, move |tx| Box::pin(async move { attachments::create(tx, org, &attachment).await }))
            .await
            .unwrap();
        assert_eq!(verify(&house).await.logs[0].attachments, 1);
        let path = house.installation.blobs.path(&address);
        std::fs::write(&path, b"other bytes!").unwrap();
        assert!(matches!(verify(&house).await.logs[0].troubles.as_slice(), [Trouble::AttachmentDamaged { .. }]));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(verify(&house).await.logs[0].troubles.as_slice(), [Trouble::AttachmentMissing { .. }]));
    })
    .await;
}

#[tokio::test]
async fn logs_of_many_answers_are_read_whole() {
    each_engine(async |db| {
        let house = House::new(db).await;
        let person = house.person("長い").await;
        for number in 0..2 {
            let fields = values([("name", Value::Text(format!("名前 {number}")))]);
            house.perform(Command::Change { record: person, fields }).await;
        }
        super::performance::fill(&house, 700).await;
        house.sign().await;
        let found = verify(&house).await;
        assert!(found.ok && found.logs[0].log.events > 700, "{found:?}");
        force(&house.installation.db, house.organization.id, "delete from event where seq = 400").await;
        assert_eq!(verify(&house).await.first_wrong(), Some(400));
    })
    .await;
}
