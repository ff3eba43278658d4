//! One acknowledged, durable write through HTTP (event, projection, search row, tasks), by one writer and by eight.
//!
//! The baseline is a bare program that writes only an event and a record, in one transaction of the same durability.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use kitei_store::{
    binds,
    db::{Db, StoreError},
};
use uuid::Uuid;

use crate::{
    Arguments, Trouble,
    client::{Connection, request},
    load::{CLIENTS, to_f64},
    place::Place,
    rows::{Baseline, Must, Row, median},
};

/// Runs of which the median counts.
const RUNS: usize = 3;

kitei_store::statements! {
    /// A bare log.
    BARE_LOG = "create table bare_event (seq text primary key, bytes text not null)";
    /// Bare records.
    BARE_RECORDS = "create table bare_record (id text primary key, doc text not null)";
    /// An event.
    BARE_EVENT = "insert into bare_event (seq, bytes) values ($1, $2)";
    /// A record.
    BARE_RECORD = "insert into bare_record (id, doc) values ($1, $2)";
}

/// Rows of this subject.
pub(crate) async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let mut rows = Vec::new();
    for on in &arguments.on {
        let mut place = Place::open(*on).await?;
        let (db, org) = (place.installation.db.clone(), place.organization.id);
        db.act(org, move |tx| {
            Box::pin(async move {
                tx.execute(&BARE_LOG, binds![]).await?;
                tx.execute(&BARE_RECORDS, binds![]).await?;
                Ok::<(), StoreError>(())
            })
        })
        .await?;
        let token = place.browser.token("/registers/ledger/new").await?;
        let (address, cookie) = (place.server.address, place.browser.cookie());
        for (writers, share) in [(1, 0.25), (CLIENTS, 0.5)] {
            let lasts = Duration::from_secs(arguments.seconds);
            let (mut whole, mut bare) = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                whole.push(pages(address, &cookie, &token, writers, lasts).await?);
                bare.push(bare_program(&db, org, writers, lasts).await?);
            }
            let bare = median(bare);
            rows.push(Row {
                what: format!("durable write through HTTP, writers: {writers}"),
                on: Some(on.name()),
                value: median(whole),
                unit: "writes/s",
                must: Must::AtLeast(share * bare),
                baseline: Baseline { what: "event and record alone".to_owned(), value: bare },
            });
        }
    }
    Ok(rows)
}

/// Acknowledged writes a second through the form of the ledger.
async fn pages(
    address: SocketAddr,
    cookie: &str,
    token: &str,
    writers: usize,
    lasts: Duration,
) -> Result<f64, Trouble> {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (cookie, token) = (cookie.to_owned(), token.to_owned());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut count = 0_usize;
                while begun.elapsed() < lasts {
                    let key = unique();
                    // In letters: twelve digits could be an Individual Number, which the rulebook refuses.
                    let name: String = key.bytes().map(|byte| char::from(b'a' + byte % 26)).collect();
                    let fields = [
                        ("token", token.as_str()),
                        ("key", &key),
                        ("name", &name),
                        ("business", "計測"),
                        ("information_class", "none"),
                        ("confidentiality", "1"),
                        ("purpose", "計測のため"),
                    ];
                    send(&mut connection, "/registers/ledger/new", &cookie, &fields).await?;
                    count += 1;
                }
                Ok::<usize, Trouble>(count)
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    Ok(to_f64(count) / begun.elapsed().as_secs_f64())
}

/// Durable transactions a second of an event of 600 bytes and a record of 800.
async fn bare_program(db: &Db, org: Uuid, writers: usize, lasts: Duration) -> Result<f64, Trouble> {
    let begun = Instant::now();
    let (event, record): (Arc<str>, Arc<str>) = ("e".repeat(600).into(), "r".repeat(800).into());
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (db, event, record) = (db.clone(), Arc::clone(&event), Arc::clone(&record));
            tokio::spawn(async move {
                let mut count = 0_usize;
                while begun.elapsed() < lasts {
                    let (event, record) = (event.to_string(), record.to_string());
                    let act = db.act(org, move |tx| {
                        Box::pin(async move {
                            tx.execute(&BARE_EVENT, binds![unique(), event]).await?;
                            tx.execute(&BARE_RECORD, binds![unique(), record]).await?;
                            Ok::<(), StoreError>(())
                        })
                    });
                    act.await?;
                    count += 1;
                }
                Ok::<usize, StoreError>(count)
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await??;
    }
    Ok(to_f64(count) / begun.elapsed().as_secs_f64())
}

/// Writes one incident through its form.
pub(crate) async fn incident(connection: &mut Connection, cookie: &str, token: &str) -> Result<(), Trouble> {
    let key = unique();
    let fields = [("token", token), ("key", &key), ("title", "計測の間の事故")];
    send(connection, "/registers/incident/new", cookie, &fields).await
}

/// Sends a form that must be taken.
async fn send(connection: &mut Connection, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Result<(), Trouble> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    let answer = connection.exchange(&request("POST", path, &headers, &body)).await?;
    if answer.status == 303 {
        Ok(())
    } else {
        Err(format!("a write answered {}: {}", answer.status, answer.text()).into())
    }
}

fn unique() -> String {
    use kitei_app::kernel::Environment as _;
    crate::environment::SystemEnvironment.id().to_string()
}
