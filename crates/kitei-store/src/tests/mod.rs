//! The store's tests: each runs on SQLite and on PostgreSQL.

mod acts;
mod kernel;
mod values;

use serde_json::Map;
use uuid::Uuid;

use crate::db::{Db, Instant, StoreError};
use crate::log::NewEvent;
use crate::organizations;

pub(crate) const ORG: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
pub(crate) const OTHER: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002);

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + number)
}

/// 2026-04-01T00:00:00 in Tokyo and so many seconds.
pub(crate) fn at(seconds: i64) -> Instant {
    Instant::parse("2026-04-01T00:00:00+09:00").unwrap().plus_seconds(seconds)
}

pub(crate) async fn with_organizations(db: &Db) {
    for (org, slug) in [(ORG, "first"), (OTHER, "second")] {
        db.act(org, move |tx| {
            Box::pin(async move { organizations::create(tx, org, slug, "名前", "Asia/Tokyo", at(0)).await })
        })
        .await
        .unwrap();
    }
}

pub(crate) fn event(number: i64) -> NewEvent {
    let mut body = Map::new();
    body.insert("number".to_owned(), number.into());
    NewEvent {
        kind: "test.happened".to_owned(),
        subject: format!("test/{number}"),
        subject_id: Some(id(number.unsigned_abs().into())),
        actor: "test".to_owned(),
        actor_id: None,
        at: at(number),
        body,
    }
}

/// Runs an act of one expression on `tx`.
macro_rules! act {
    ($db:expr, $org:expr, |$tx:ident| $body:expr) => {
        $db.act::<_, crate::db::StoreError, _>($org, move |$tx| Box::pin(async move { $body.await })).await
    };
}
pub(crate) use act;

/// An act that must fail, told apart from the store's own failures.
#[derive(Debug)]
pub(crate) enum Refusal {
    OnPurpose,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
