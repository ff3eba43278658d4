//! HOUSE property 4: checkpoints leave the house.

use jiff::{Timestamp, tz::TimeZone};
use kitei_evidence::Digest;
use kitei_store::{db::Instant, log::StoredCheckpoint, outbox, testing::each_engine};
use uuid::Uuid;

use super::House;
use crate::evidence::checkpoints::{Witness, newest, thin, witnesses};
use crate::kernel::Environment as _;

#[tokio::test]
async fn each_witness_gets_one_checkpoint_a_day_with_changes() {
    each_engine(async |db| {
        let house = House::new(db).await;
        let (installation, organization) = (&house.installation, &house.organization);
        let named = [("監査法人", "audit@example.jp"), ("弁護士", "counsel@example.jp")];
        let named: Vec<Witness> = named
            .into_iter()
            .enumerate()
            .map(|(at, (name, mail))| Witness {
                id: Uuid::from_u128(at as u128 + 1),
                name: name.to_owned(),
                mail: mail.to_owned(),
            })
            .collect();
        assert_eq!(installation.tell_witnesses(organization).await.unwrap(), 0, "nobody is named, nothing is signed");
        installation.set_witnesses(organization, Uuid::from_u128(7), &named).await.unwrap();
        assert_eq!(witnesses(&mut installation.db.reader().await.unwrap(), organization.id).await.unwrap(), named);
        house.sign().await;
        assert_eq!(installation.tell_witnesses(organization).await.unwrap(), 2);
        house.person("従業者").await;
        house.sign().await;
        assert_eq!(installation.tell_witnesses(organization).await.unwrap(), 0, "once a day");
        house.environment.pass(86_400);
        assert_eq!(installation.tell_witnesses(organization).await.unwrap(), 0, "a day without changes");
        house.person("もう一人").await;
        house.sign().await;
        assert_eq!(installation.tell_witnesses(organization).await.unwrap(), 2);

        let (org, now) = (organization.id, Instant::from(house.environment.now()));
        let messages: Vec<outbox::Message> = installation
            .db
            .act(org, move |tx| Box::pin(async move { outbox::claim(tx, org, now, now.plus_seconds(60), 9).await }))
            .await
            .unwrap();
        assert_eq!(messages.len(), 4);
        let text = serde_json::to_string(&messages[0].payload).unwrap();
        assert!(text.contains("witness") && !text.contains("example.jp"), "an address stands in the setting alone");
        let newest = newest(&mut installation.db.reader().await.unwrap(), org).await.unwrap().unwrap();
        assert_eq!(newest.text().ja, format!("証跡 {}件 {}", newest.size, newest.root));
        assert_eq!(newest.root.len(), 16);
    })
    .await;
}

#[test]
fn thinning_keeps_a_day_whole_a_month_by_hours_and_the_rest_by_days() {
    let now: Timestamp = "2026-07-01T00:00:00+09:00".parse().unwrap();
    let hours_ago = |hours: i64, minute: i64| now - jiff::SignedDuration::from_secs(hours * 3600 - minute * 60);
    let given = [
        hours_ago(24 * 60, 1),
        hours_ago(24 * 60 - 5, 2),
        hours_ago(24 * 60 - 30, 3),
        hours_ago(24 * 10, 1),
        hours_ago(24 * 10, 2),
        hours_ago(24 * 10 - 1, 1),
        hours_ago(3, 1),
        hours_ago(3, 2),
        hours_ago(3, 3),
    ];
    let checkpoints = given.iter().zip(1..).map(|(at, size)| StoredCheckpoint {
        size,
        at: Instant::from(*at),
        root: Digest::of(b""),
        note: String::new(),
    });
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let kept: Vec<i64> = thin(checkpoints.collect(), now, &zone).iter().map(|checkpoint| checkpoint.size).collect();
    assert_eq!(kept, [2, 3, 5, 6, 7, 8, 9]);
}
