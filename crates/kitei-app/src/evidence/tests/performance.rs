//! Verifying in bulk, and the figure of issue 2, section 8, measured by hand: `KITEI_EVENTS=1000000 cargo test …`.

use kitei_store::{db::Options, log, testing::migrated_sqlite};
use serde_json::{Map, json};

use super::House;
use crate::evidence::verify::Against;

/// Appends events of about 600 bytes.
pub(super) async fn fill(house: &House, count: usize) {
    let org = house.organization.id;
    for first in (0..count).step_by(1000) {
        let events = (first..count.min(first + 1000)).map(event).collect();
        house
            .installation
            .db
            .act(org, move |tx| Box::pin(async move { log::append_all(tx, org, events).await.map(drop) }))
            .await
            .unwrap();
    }
}

fn event(number: usize) -> log::NewEvent {
    let mut body = Map::new();
    body.insert("number".to_owned(), json!(number));
    body.insert("filling".to_owned(), json!("x".repeat(400)));
    log::NewEvent {
        kind: "test.filled".to_owned(),
        subject: format!("test/{number}"),
        subject_id: None,
        actor: "test".to_owned(),
        actor_id: None,
        at: kitei_store::db::Instant::from_microseconds(1_800_000_000_000_000),
        body,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verifying_keeps_up_with_hashing() {
    let count: usize = std::env::var("KITEI_EVENTS").ok().and_then(|count| count.parse().ok()).unwrap_or(2000);
    let directory = tempfile::tempdir().unwrap();
    let house = House::new(migrated_sqlite(directory.path(), Options::default()).await).await;
    fill(&house, count).await;
    house.sign().await;
    let begun = std::time::Instant::now();
    let found = house.installation.verify(Against::default()).await.unwrap();
    let took = begun.elapsed();
    assert!(found.ok, "{found:?}");
    assert_eq!(found.logs[0].log.events, count as u64);
    println!("{count} events verified in {took:?}");
}
