//! Every column type goes in and comes out the same on both engines, and errors mean the same.

use serde_json::json;
use uuid::Uuid;

use super::{ORG, act, at, id, with_organizations};
use crate::db::{Day, Instant, Statement, StoreError, StoreErrorKind, Tx};
use crate::testing::each_engine;
use crate::{accounts, binds, organizations, sessions, settings};

static ROUND_TRIP: Statement = Statement::new(
    "kitei_store::tests::ROUND_TRIP",
    "select cast($1 as bigint) as number, cast($2 as text) as words",
    &[],
);

async fn round_trip(tx: &mut Tx) -> Result<(), StoreError> {
    let row = tx.fetch_one(&ROUND_TRIP, binds![i64::MIN, "𠮷野家と葛󠄀城市 \u{0}".trim_end_matches('\u{0}')]).await?;
    assert_eq!(row.get::<i64>("number")?, i64::MIN);
    assert_eq!(row.get::<String>("words")?, "𠮷野家と葛󠄀城市 ");
    let error = row.get::<Uuid>("words").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Decode);
    let error = row.get::<i64>("nothing").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Decode);
    Ok(())
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    each_engine(async |db| {
        with_organizations(&db).await;
        act!(db, ORG, |tx| round_trip(tx)).unwrap();
        let rulebook = crate::packs::StoredRulebook {
            version: 1,
            effective_from: Day::parse("2026-02-28").unwrap(),
            adopted_at: Instant::parse("2026-02-28T23:59:59.999999+09:00").unwrap(),
            doc: json!({"b": [1, null, true], "a": "漏えい等", "c": {"z": -1}}),
        };
        let adopted = rulebook.clone();
        act!(db, ORG, |tx| crate::packs::adopt(tx, ORG, &adopted)).unwrap();
        let bytes: Vec<u8> = (0..=255).collect();
        let kept = bytes.clone();
        act!(db, ORG, |tx| crate::packs::put(tx, ORG, "hash", &kept)).unwrap();
        let mut reader = db.reader().await.unwrap();
        assert_eq!(crate::packs::rulebook(&mut reader, ORG, 1).await.unwrap(), Some(rulebook));
        assert_eq!(crate::packs::get(&mut reader, ORG, "hash").await.unwrap(), Some(bytes));
    })
    .await;
}

fn account(person: u128, login: &str) -> accounts::Account {
    accounts::Account {
        person: id(person),
        login: login.to_owned(),
        password: Some("stretched".to_owned()),
        totp: None,
        state: "active".to_owned(),
        doc: json!({}),
        created_at: at(0),
        updated_at: at(0),
    }
}

#[tokio::test]
async fn errors_mean_the_same_on_both_engines_and_hold_no_value() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let first = account(1, "yamada.taro@example.jp");
        act!(db, ORG, |tx| accounts::create(tx, ORG, &first)).unwrap();
        let twice = account(2, "yamada.taro@example.jp");
        let unique = act!(db, ORG, |tx| accounts::create(tx, ORG, &twice)).unwrap_err();
        let session = sessions::Session {
            id: vec![1; 32],
            person: id(99),
            created_at: at(0),
            seen_at: at(0),
            expires_at: at(60),
            client: "秘密のブラウザー".to_owned(),
            doc: json!({}),
        };
        let foreign = act!(db, ORG, |tx| sessions::create(tx, ORG, &session)).unwrap_err();
        let check = db
            .act::<_, StoreError, _>(ORG, |tx| {
                Box::pin(async move {
                    tx.execute(&MINUS, binds![ORG]).await?;
                    Ok(())
                })
            })
            .await
            .unwrap_err();
        let missing = act!(db, ORG, |tx| async move { organizations::load(tx, id(5)).await }).unwrap_err();
        let null = db
            .act::<_, StoreError, _>(ORG, |tx| {
                Box::pin(async move {
                    tx.execute(&settings::PUT, binds![ORG, "秘密の鍵", None::<serde_json::Value>]).await?;
                    Ok(())
                })
            })
            .await
            .unwrap_err();
        for (error, kind) in [
            (unique, StoreErrorKind::Unique),
            (foreign, StoreErrorKind::ForeignKey),
            (check, StoreErrorKind::Check),
            (missing, StoreErrorKind::Missing),
            (null, StoreErrorKind::NotNull),
        ] {
            assert_eq!(error.kind(), kind, "{error}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("kitei_store::"), "{shown} names the statement");
            for value in ["yamada", "秘密", "stretched"] {
                assert!(!shown.contains(value), "{shown}");
            }
        }
    })
    .await;
}

static MINUS: Statement =
    Statement::new("kitei_store::tests::MINUS", "update organization set log_size = -1 where org = $1", &[]);

#[tokio::test]
async fn debug_of_accounts_and_sessions_shows_no_secret() {
    let shown = format!("{:?}", account(1, "yamada"));
    assert!(!shown.contains("yamada") && !shown.contains("stretched"), "{shown}");
}
