//! Issue 2, sections 1 and 4: backup and restore, between both engines.

use std::path::Path;

use kitei_rules::value::Value;
use kitei_store::{
    db::{Db, Engine, Options},
    log, organizations, outbox,
    testing::{each_engine, migrated_postgres, migrated_sqlite},
};

use super::{House, empty_house, rebuilding::busy_house};
use crate::evidence::{
    EvidenceError,
    backup::{BackupError, Cost, Made, Order, Passphrase, Restore, Restored, check, keys},
    rebuild::dump,
    verify::Against,
};

fn passphrase() -> Passphrase {
    Passphrase::parse(b"correct horse battery staple\nand a second line").unwrap()
}

async fn backup(house: &House, target: &Path) -> Made {
    house.environment.pass(1);
    let cost = Cost { memory: 8, passes: 1, lanes: 1 };
    let order = Order { target, passphrase: &passphrase(), cost, with_keys: None };
    house.installation.backup(&order).await.unwrap()
}

/// A database of the other engine.
async fn other_engine(engine: Engine, directory: &Path) -> Db {
    match engine {
        Engine::Postgres => migrated_sqlite(directory, Options::default()).await,
        Engine::Sqlite => migrated_postgres(Options::default()).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_one_engine_is_restored_into_the_other() {
    each_engine(async |db| {
        let engine = db.engine();
        let house = busy_house(db).await;
        let org = house.organization.id;
        let message = outbox::NewMessage {
            id: uuid::Uuid::from_u128(5),
            key: "waiting".to_owned(),
            kind: "notice".to_owned(),
            payload: serde_json::json!({"n": null}),
            send_at: kitei_store::db::Instant::from_microseconds(0),
        };
        house
            .installation
            .db
            .act(org, move |tx| {
                let at = message.send_at;
                Box::pin(async move { outbox::enqueue(tx, org, &message, at).await.map(drop) })
            })
            .await
            .unwrap();
        let (place, kit) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let made = backup(&house, place.path()).await;
        assert!(made.verification.ok && made.rows > 30, "{made:?}");
        keys::copy(&house.installation, kit.path()).await.unwrap();
        let live = dump(&house.installation, &house.organization, &house.installation.db).await.unwrap();

        let directory = tempfile::tempdir().unwrap();
        let (data, restored, _) = empty_house(other_engine(engine, directory.path()).await, 2);
        let from = Restore { file: &made.file, passphrase: &passphrase(), key: None, keys: Some(kit.path()) };
        let done: Restored = restored.restore(&from).await.unwrap();
        assert!(done.verification.ok && done.without_keys.is_empty(), "{done:?}");
        assert!(done.held_messages >= 1, "{done:?}");
        let organization = restored.organization(org).await.unwrap();
        let again = dump(&restored, &organization, &restored.db).await.unwrap();
        assert_eq!(live, again);

        // The log says that it was restored, goes on, and no key leaf is given out twice.
        assert!(restored.verify(Against::default()).await.unwrap().ok);
        let mut reader = restored.db.reader().await.unwrap();
        assert_eq!(log::of_kind(&mut reader, org, "log.restored", None, 9).await.unwrap().len(), 1);
        assert_eq!(organizations::load(&mut reader, org).await.unwrap().next_leaf, 1 << 32);
        drop(reader);
        let again = restored.restore(&from).await;
        assert!(matches!(again, Err(EvidenceError::DatabaseNotEmpty)));
        let house = House { directory: data, installation: restored, organization, environment: house.environment };
        let person = house.person("復元後").await;
        assert_eq!(house.value(person, "name").await, Value::Text("復元後".to_owned()));
        house.installation.db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_keys_the_log_holds_and_nothing_sealed_opens() {
    each_engine(async |db| {
        let engine = db.engine();
        let house = busy_house(db).await;
        let place = tempfile::tempdir().unwrap();
        let made = backup(&house, place.path()).await;
        let directory = tempfile::tempdir().unwrap();
        let (_data, restored, _) = empty_house(other_engine(engine, directory.path()).await, 2);
        let key = house.organization.signing().verifier_key();
        let from = Restore { file: &made.file, passphrase: &passphrase(), key: Some(&key), keys: None };
        let done = restored.restore(&from).await.unwrap();
        assert_eq!(done.without_keys, [house.organization.id]);
        let found = restored.verify(Against { key: Some(&key), ..Against::default() }).await.unwrap();
        assert!(found.logs[0].log.ok && found.logs[0].key_is_trusted && !found.ok, "only the keys are missing");
        restored.db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_was_altered_or_whose_attachments_are_gone_is_refused() {
    each_engine(async |db| {
        let house = busy_house(db).await;
        let org = house.organization.id;
        let address = house.installation.blobs.put(b"sealed bytes".to_vec()).await.unwrap();
        let attachment = kitei_store::attachments::Attachment {
            id: uuid::Uuid::from_u128(99),
            record: uuid::Uuid::from_u128(1),
            line: uuid::Uuid::nil(),
            name: "s1.x".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: 3,
            blob: address.to_string(),
            leaf: 0,
            created_at: kitei_store::db::Instant::from_microseconds(0),
            erased_at: None,
        };
        house
            .installation
            .db
            .act(org, move |tx| Box::pin(async move { kitei_store::attachments::create(tx, org, &attachment).await }))
            .await
            .unwrap();
        let place = tempfile::tempdir().unwrap();
        let made = backup(&house, place.path()).await;
        assert_eq!((made.blobs_copied, made.verification.logs[0].attachments), (1, 1));
        assert_eq!(backup(&house, place.path()).await.blobs_copied, 0, "only new attachments are copied");

        let blobs = kitei_store::blobs::Blobs::new(place.path().join("blobs"));
        let look = |passphrase: Passphrase| {
            let (file, blobs) = (made.file.clone(), blobs.clone());
            async move { check(&file, &passphrase, Some(&blobs), Against::default()).await }
        };
        assert!(look(passphrase()).await.unwrap().ok);
        let other = look(Passphrase::parse(b"another passphrase").unwrap()).await.unwrap_err();
        assert!(matches!(other, EvidenceError::Backup(BackupError::DoesNotOpen { block: 0 })), "{other}");
        std::fs::remove_file(blobs.path(&address)).unwrap();
        assert!(!look(passphrase()).await.unwrap().ok);

        let mut bytes = std::fs::read(&made.file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&made.file, &bytes).unwrap();
        assert!(matches!(look(passphrase()).await, Err(EvidenceError::Backup(BackupError::DoesNotOpen { .. }))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_is_not_called_a_backup() {
    each_engine(async |db| {
        let house = busy_house(db).await;
        super::force(&house.installation.db, house.organization.id, "delete from event where seq = 2").await;
        let place = tempfile::tempdir().unwrap();
        let cost = Cost { memory: 8, passes: 1, lanes: 1 };
        let order = Order { target: place.path(), passphrase: &passphrase(), cost, with_keys: None };
        let error = house.installation.backup(&order).await.unwrap_err();
        assert!(matches!(error, EvidenceError::Backup(BackupError::DoesNotVerify(_))), "{error}");
        let left: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["blobs"], "a file that does not verify is not left lying about");
    })
    .await;
}
