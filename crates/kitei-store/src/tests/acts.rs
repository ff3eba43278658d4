//! Group commit: what is acknowledged is there, what failed is not, whatever happens to the others.

use std::time::Duration;

use super::{ORG, OTHER, Refusal, act, at, event, id, with_organizations};
use crate::db::{Db, Options, Statement, StoreError, StoreErrorKind};
use crate::testing::{each_engine, each_engine_with, migrated_postgres, migrated_sqlite};
use crate::{binds, log, settings};

/// Puts a setting and then succeeds, fails or panics, by its number.
async fn one_act(db: &Db, writer: u32, number: u32) -> Result<(), Refusal> {
    db.act(ORG, move |tx| {
        Box::pin(async move {
            settings::put(tx, ORG, &format!("{writer}/{number}"), &serde_json::json!(number)).await?;
            log::append(tx, ORG, event(i64::from(number))).await?;
            match number % 10 {
                3 => Err(Refusal::OnPurpose),
                // An error inside the database, which on PostgreSQL makes the whole transaction unusable but for the
                // savepoint.
                7 => Ok(crate::organizations::create(tx, ORG, "first", "", "", at(0)).await?),
                _ => Ok(()),
            }
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_of_two_hundred_acts_lose_and_invent_nothing() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let db = db.clone();
                tokio::spawn(async move {
                    let mut kept = 0_usize;
                    for number in 0..200 {
                        match one_act(&db, writer, number).await {
                            Ok(()) => kept += 1,
                            Err(Refusal::OnPurpose) => assert_eq!(number % 10, 3),
                            Err(Refusal::Store(error)) => {
                                assert_eq!((error.kind(), number % 10), (StoreErrorKind::Unique, 7), "{error}");
                            }
                        }
                    }
                    kept
                })
            })
            .collect();
        let mut kept = 0;
        for writer in writers {
            kept += writer.await.unwrap();
        }
        assert_eq!(kept, 8 * 160);
        let mut reader = db.reader().await.unwrap();
        let stored = settings::list(&mut reader, ORG).await.unwrap();
        assert_eq!(stored.len(), kept);
        assert!(stored.iter().all(|(_, number)| !matches!(number.as_u64().unwrap() % 10, 3 | 7)));
        // The log has one event for each act that was kept, without a gap, and its edge agrees with its leaves.
        let head = log::head(&mut reader, ORG).await.unwrap();
        assert_eq!(head.size(), kept as u64);
        let mut again = kitei_evidence::merkle::Frontier::new();
        for stored in log::range(&mut reader, ORG, 0, 10_000).await.unwrap() {
            again.append(kitei_evidence::merkle::leaf_hash(&stored.bytes));
        }
        assert_eq!(again.root(), head.root());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_loses_only_its_own_act() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let acts: Vec<_> = (0..30)
            .map(|number| {
                let db = db.clone();
                tokio::spawn(async move {
                    let outcome: Result<(), StoreError> = db
                        .act(ORG, move |tx| {
                            Box::pin(async move {
                                settings::put(tx, ORG, &number.to_string(), &number.into()).await?;
                                assert!(number % 3 != 0, "on purpose");
                                Ok(())
                            })
                        })
                        .await;
                    (number, outcome.map_err(|error| error.kind()))
                })
            })
            .collect();
        for act in acts {
            let (number, outcome) = act.await.unwrap();
            assert_eq!(outcome, if number % 3 == 0 { Err(StoreErrorKind::Panicked) } else { Ok(()) });
        }
        let mut reader = db.reader().await.unwrap();
        assert_eq!(settings::list(&mut reader, ORG).await.unwrap().len(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_neither_stops_its_act_nor_its_neighbors() {
    each_engine(async |db| {
        with_organizations(&db).await;
        for number in 0..10 {
            let act = db.act::<_, StoreError, _>(ORG, move |tx| {
                Box::pin(async move {
                    settings::put(tx, ORG, &number.to_string(), &number.into()).await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok(())
                })
            });
            // Queued within the time, and given up long before it is done.
            assert!(tokio::time::timeout(Duration::from_millis(2), act).await.is_err());
        }
        act!(db, ORG, |tx| settings::put(tx, ORG, "last", &1.into())).unwrap();
        let mut reader = db.reader().await.unwrap();
        assert_eq!(settings::list(&mut reader, ORG).await.unwrap().len(), 11);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_takes_too_long_is_undone_and_the_writer_goes_on() {
    let options = Options { act_limit: Duration::from_millis(50), ..Options::default() };
    each_engine_with(options, async |db| {
        with_organizations(&db).await;
        let error = db
            .act::<(), StoreError, _>(ORG, |tx| {
                Box::pin(async move {
                    settings::put(tx, ORG, "slow", &1.into()).await?;
                    std::future::pending().await
                })
            })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Busy);
        act!(db, ORG, |tx| settings::put(tx, ORG, "quick", &1.into())).unwrap();
        let mut reader = db.reader().await.unwrap();
        let stored = settings::list(&mut reader, ORG).await.unwrap();
        assert_eq!(stored.len(), 1);
    })
    .await;
}

static HANG_UP: Statement =
    Statement::new("kitei_store::tests::HANG_UP", "select pg_terminate_backend(pg_backend_pid())", &[]);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_server_hangs_up_nobody_is_told_of_success_and_the_next_act_goes_on() {
    let db = migrated_postgres(Options { batch_time: Duration::from_secs(5), ..Options::default() }).await;
    with_organizations(&db).await;
    let first = {
        let db = db.clone();
        tokio::spawn(async move {
            db.act::<_, StoreError, _>(ORG, |tx| {
                Box::pin(async move {
                    settings::put(tx, ORG, "first", &1.into()).await?;
                    // Long enough for the second to queue behind it, so that they share a transaction.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok(())
                })
            })
            .await
        })
    };
    tokio::time::sleep(Duration::from_millis(30)).await;
    let second = db
        .act::<_, StoreError, _>(ORG, |tx| {
            Box::pin(async move {
                tx.fetch_all(&HANG_UP, binds![]).await?;
                Ok(())
            })
        })
        .await;
    let (first, second) = (first.await.unwrap().unwrap_err(), second.unwrap_err());
    assert_eq!((first.kind(), second.kind()), (StoreErrorKind::Io, StoreErrorKind::Io), "{first}; {second}");
    act!(db, ORG, |tx| settings::put(tx, ORG, "third", &1.into())).unwrap();
    let mut reader = db.reader().await.unwrap();
    let stored = settings::list(&mut reader, ORG).await.unwrap();
    assert_eq!(stored.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), ["third"]);
    drop(reader);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_never_wait_for_a_writer_and_a_snapshot_stays_as_it_was() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (go_on, may_go_on) = tokio::sync::oneshot::channel::<()>();
        let writer = {
            let db = db.clone();
            tokio::spawn(async move {
                db.act::<_, StoreError, _>(ORG, move |tx| {
                    Box::pin(async move {
                        settings::put(tx, ORG, "key", &1.into()).await?;
                        begun.send(()).unwrap();
                        may_go_on.await.unwrap();
                        Ok(())
                    })
                })
                .await
            })
        };
        has_begun.await.unwrap();
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(settings::get(&mut snapshot, ORG, "key").await.unwrap(), None);
        go_on.send(()).unwrap();
        writer.await.unwrap().unwrap();
        assert_eq!(settings::get(&mut snapshot, ORG, "key").await.unwrap(), None, "the snapshot stays");
        drop(snapshot);
        let mut reader = db.reader().await.unwrap();
        assert_eq!(settings::get(&mut reader, ORG, "key").await.unwrap(), Some(1.into()));
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_takes_no_acts_and_a_read_only_one_refuses_them() {
    each_engine(async |db| {
        with_organizations(&db).await;
        db.close().await;
        let error = act!(db, ORG, |tx| settings::put(tx, ORG, "key", &1.into())).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Closed);
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let db = migrated_sqlite(directory.path(), Options::default()).await;
    with_organizations(&db).await;
    let read_only = Options { read_only: true, ..Options::default() };
    let url = format!("sqlite://{}", db.sqlite_file().unwrap().display());
    let seen = Db::open(&url, read_only).await.unwrap();
    let mut reader = seen.reader().await.unwrap();
    assert_eq!(crate::organizations::list(&mut reader).await.unwrap().len(), 2);
    let error = act!(seen, ORG, |tx| settings::put(tx, ORG, "key", &1.into())).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly);
}

#[tokio::test]
async fn a_reader_cannot_write_even_by_mistake() {
    each_engine(async |db| {
        for mut reader in [db.reader().await.unwrap(), db.snapshot().await.unwrap()] {
            let error = reader.fetch_all(&settings::PUT, binds![ORG, "key", serde_json::json!(1)]).await.err().unwrap();
            assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
        }
    })
    .await;
}

#[tokio::test]
async fn organizations_do_not_see_each_other() {
    each_engine(async |db| {
        with_organizations(&db).await;
        act!(db, ORG, |tx| settings::put(tx, ORG, "key", &1.into())).unwrap();
        act!(db, OTHER, |tx| settings::put(tx, OTHER, "key", &2.into())).unwrap();
        let mut reader = db.reader().await.unwrap();
        assert_eq!(settings::get(&mut reader, ORG, "key").await.unwrap(), Some(1.into()));
        assert_eq!(settings::get(&mut reader, OTHER, "key").await.unwrap(), Some(2.into()));
        assert_eq!(settings::get(&mut reader, id(9), "key").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_address_is_refused_without_being_repeated() {
    for url in ["mysql://root:secret@host/db", "sqlite://", "kitei.db", "postgres://user:secret@host:notaport/db"] {
        let error = Db::open(url, Options::default()).await.err().unwrap().to_string();
        assert!(error.contains("database.url") && !error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_called_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kitei.db");
    std::fs::write(&file, vec![b'x'; 8192]).unwrap();
    let error = Db::open(&format!("sqlite://{}", file.display()), Options::default()).await.err().unwrap();
    let crate::db::OpenError::Store(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
}
