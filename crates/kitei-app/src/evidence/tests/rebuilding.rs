//! HOUSE property 4: the canonical dump of each projection can be rebuilt from the log.

use kitei_rules::{run::command::Command, value::Value};
use kitei_store::{
    db::{Db, Engine, Options},
    records,
    testing::{each_engine, migrated_postgres, migrated_sqlite},
};

use super::{House, force, values};
use crate::evidence::rebuild::{canonical_bytes, dump};

async fn fresh(engine: Engine, directory: &std::path::Path) -> Db {
    match engine {
        Engine::Sqlite => migrated_sqlite(directory, Options::default()).await,
        Engine::Postgres => migrated_postgres(Options::default()).await,
    }
}

/// A bit of everything that the kernel writes.
pub(super) async fn busy_house(db: Db) -> House {
    let house = House::new(db).await;
    let person = house.person("山田 太郎").await;
    let leaver = house.person("退職 次郎").await;
    let case = house.case("紛失", "鞄を電車に置き忘れた", &["鈴木 花子", "佐藤 三郎"]).await;
    let fields = values([
        ("persons", Value::Int(2)),
        ("about", Value::Record(person)),
        ("story", Value::Text("見つかった".to_owned())),
    ]);
    house.perform(Command::Change { record: case, fields }).await;
    let fields = values([("name", Value::Text("高橋 四郎".to_owned()))]);
    house.perform(Command::AddLine { record: case, list: "principals".to_owned(), fields }).await;
    let line = {
        let mut reader = house.installation.db.reader().await.unwrap();
        kitei_store::lines::of_record(&mut reader, house.organization.id, case).await.unwrap().swap_remove(1).id
    };
    let fields = values([("name", Value::Text("佐藤 三郎（訂正）".to_owned()))]);
    house.perform(Command::ChangeLine { record: case, list: "principals".to_owned(), line, fields }).await;
    let fields = values([("words", Value::Text("電話で知らせた".to_owned()))]);
    house.perform(Command::Act { record: case, act: "tell".to_owned(), fields }).await;
    house.perform(Command::Erase { record: case, line: Some(("principals".to_owned(), line)) }).await;
    house.perform(Command::Erase { record: leaver, line: None }).await;
    house.perform(Command::Close { record: case }).await;
    house.installation.renew_tokens(&house.organization).await.unwrap();
    house.sign().await;
    house
}

#[tokio::test]
async fn projections_are_what_the_log_says() {
    each_engine(async |db| {
        let engine = db.engine();
        let house = busy_house(db).await;
        let directory = tempfile::tempdir().unwrap();
        let other = fresh(engine, directory.path()).await;
        let rebuilt = house.installation.rebuild(&house.organization, &other).await.unwrap();
        assert_eq!(rebuilt.differences, Vec::<String>::new(), "{rebuilt:#?}");
        assert_eq!(rebuilt.records, 3);
        assert!(rebuilt.lacks.is_empty(), "events say everything: {:?}", rebuilt.lacks);
        let live = dump(&house.installation, &house.organization, &house.installation.db).await.unwrap();
        let again = dump(&house.installation, &house.organization, &other).await.unwrap();
        assert_eq!(canonical_bytes(&live).unwrap(), canonical_bytes(&again).unwrap());
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_projection_that_was_tampered_with_differs() {
    each_engine(async |db| {
        let engine = db.engine();
        let house = busy_house(db).await;
        let case = {
            let mut reader = house.installation.db.reader().await.unwrap();
            records::by_number(&mut reader, house.organization.id, "case", "CASE-2026-001").await.unwrap().unwrap().id
        };
        force(
            &house.installation.db,
            house.organization.id,
            "update record set state = 'open' where register = 'case'",
        )
        .await;
        force(
            &house.installation.db,
            house.organization.id,
            "update record_value set number_value = 1 where field = 'persons'",
        )
        .await;
        let directory = tempfile::tempdir().unwrap();
        let other = fresh(engine, directory.path()).await;
        let rebuilt = house.installation.rebuild(&house.organization, &other).await.unwrap();
        assert!(rebuilt.differences.contains(&format!("/{case}/state")), "{rebuilt:#?}");
        assert!(rebuilt.differences.iter().any(|path| path.starts_with(&format!("/{case}/values"))), "{rebuilt:#?}");
        other.close().await;
    })
    .await;
}
