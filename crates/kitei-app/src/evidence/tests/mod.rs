//! Evidence on both engines, with a real database, real files, real keys.
//!
//! Each test works on a house of its own: an organisation under a small rulebook, with staff and cases.

mod bundles;
mod erasure;
mod outsiders;
mod performance;
mod rebuilding;
mod restoring;
mod verifying;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use kitei_evidence::Digest;
use kitei_rules::{
    expr::Actor,
    pack::PackFiles,
    run::command::{Circumstances, Command, Values},
    value::Value,
};
use kitei_store::{blobs::Blobs, db::Db, keys::KeyFiles};
use uuid::Uuid;

use crate::kernel::{Environment, Installation, Organization, perform::Request, shelf::Shelf};

/// A clock that is set by hand and randomness that is the same in each run.
#[derive(Debug)]
pub(super) struct Fixed {
    now: Mutex<Timestamp>,
    drawn: AtomicU64,
    seed: u64,
}

impl Fixed {
    fn new(seed: u64) -> Arc<Self> {
        let now = "2026-04-01T09:00:00+09:00".parse().unwrap();
        Arc::new(Self { now: Mutex::new(now), drawn: AtomicU64::new(0), seed })
    }

    fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now += jiff::SignedDuration::from_secs(seconds);
    }
}

impl Environment for Fixed {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn random(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, Ordering::Relaxed);
            let drawn = Digest::of(format!("{} {number}", self.seed).as_bytes());
            part.copy_from_slice(&drawn.as_bytes()[..part.len()]);
        }
    }
}

const REGISTERS: &str = r#"
[[register]]
id = "person"
title = { ja = "従業者", en = "Staff" }
prefix = "P"
named_by = "name"
write = ["staff"]

[[register.field]]
id = "name"
kind = "text"
title = { ja = "氏名", en = "Name" }
required = "save"

[[register]]
id = "case"
title = { ja = "案件", en = "Cases" }
prefix = "CASE"
named_by = "title"
write = ["staff"]

[[register.field]]
id = "title"
kind = "text"
title = { ja = "件名", en = "Title" }
open = true
column = true

[[register.field]]
id = "story"
kind = "long-text"
title = { ja = "経緯", en = "Story" }

[[register.field]]
id = "persons"
kind = "number"
title = { ja = "人数", en = "Persons" }
column = true

[[register.field]]
id = "about"
kind = "person"
title = { ja = "本人", en = "About" }

[[register.list]]
id = "principals"
title = { ja = "本人", en = "Principals" }

[[register.list.field]]
id = "name"
kind = "text"
title = { ja = "氏名", en = "Name" }

[[act]]
id = "tell"
title = { ja = "知らせる", en = "Tell" }

[[act.field]]
id = "words"
kind = "text"
title = { ja = "内容", en = "Words" }
"#;

const TRACKS: &str = r#"
[[track]]
id = "telling"
on = "case"
title = { ja = "知らせる", en = "Telling" }

[[track.step]]
act = "tell"
by = ["staff"]
"#;

const PACK: &str = r#"
id = "office"
title = { ja = "共通の語彙", en = "Shared vocabulary" }
edition = "1"
effective_from = "2000-01-01"
"#;

fn shelf() -> Arc<Shelf> {
    let files = [("pack.toml", PACK), ("registers/all.toml", REGISTERS), ("tracks/all.toml", TRACKS)];
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let mut shelf = Shelf::default();
    shelf.add(PackFiles { id: "office".to_owned(), files });
    let mistakes: Vec<String> = shelf.iter().flat_map(|(_, pack)| &pack.mistakes).map(|m| format!("{m:?}")).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    Arc::new(shelf)
}

/// An organisation at work.
pub(super) struct House {
    pub(super) directory: tempfile::TempDir,
    pub(super) installation: Arc<Installation>,
    pub(super) organization: Arc<Organization>,
    pub(super) environment: Arc<Fixed>,
}

/// A place for blobs and keys beside a database, with nobody in it yet.
pub(super) fn empty_house(db: Db, seed: u64) -> (tempfile::TempDir, Arc<Installation>, Arc<Fixed>) {
    let directory = tempfile::tempdir().unwrap();
    for name in ["blobs", "keys"] {
        std::fs::create_dir(directory.path().join(name)).unwrap();
    }
    let environment = Fixed::new(seed);
    let installation = installation(&directory, db, &environment);
    (directory, installation, environment)
}

pub(super) fn installation(directory: &tempfile::TempDir, db: Db, environment: &Arc<Fixed>) -> Arc<Installation> {
    let blobs = Blobs::new(directory.path().join("blobs"));
    let keys = KeyFiles::new(directory.path().join("keys"));
    let environment: Arc<dyn Environment> = Arc::<Fixed>::clone(environment);
    Arc::new(Installation::new(db, blobs, keys, environment, shelf()))
}

impl House {
    pub(super) async fn new(db: Db) -> Self {
        let (directory, installation, environment) = empty_house(db, 1);
        let organization = installation.found("acme", "株式会社アクメ", "Asia/Tokyo").await.unwrap();
        Self { directory, installation, organization, environment }
    }

    fn key_file(&self) -> PathBuf {
        self.directory.path().join("keys").join(format!("{}.keys", self.organization.id))
    }

    /// Carries a command out, a second later.
    pub(super) async fn perform(&self, command: Command) -> Uuid {
        self.environment.pass(1);
        let request = Request {
            actor: Actor { person: Uuid::from_u128(7), roles: Vec::new() },
            circumstances: Circumstances { reason: Some("理由".to_owned()), ..Circumstances::default() },
            ..Request::default()
        };
        let done = self.installation.perform(&self.organization, request, command).await.unwrap();
        done.record.unwrap()
    }

    pub(super) async fn person(&self, name: &str) -> Uuid {
        let fields = values([("name", Value::Text(name.to_owned()))]);
        self.perform(Command::Create { register: "person".to_owned(), fields, lines: BTreeMap::new() }).await
    }

    pub(super) async fn case(&self, title: &str, story: &str, principals: &[&str]) -> Uuid {
        let fields = values([("title", Value::Text(title.to_owned())), ("story", Value::Text(story.to_owned()))]);
        let lines = principals.iter().map(|name| values([("name", Value::Text((*name).to_owned()))])).collect();
        let lines = BTreeMap::from([("principals".to_owned(), lines)]);
        self.perform(Command::Create { register: "case".to_owned(), fields, lines }).await
    }

    pub(super) async fn sign(&self) {
        self.environment.pass(60);
        self.installation.sign(&self.organization).await.unwrap();
    }

    /// The value of a field as the rules see it now.
    pub(super) async fn value(&self, record: Uuid, field: &str) -> Value {
        let mut reader = self.installation.db.reader().await.unwrap();
        let today = self.organization.today(self.environment.now());
        let book = self.installation.book_of(&mut reader, &self.organization, today).await.unwrap();
        let environment = &*self.installation.environment;
        let loader = crate::kernel::load::Loader { organization: &self.organization, book: &book, environment };
        let record = loader.record(&mut reader, record).await.unwrap().unwrap();
        crate::kernel::load::field(&record, field)
    }
}

pub(super) fn values<const N: usize>(fields: [(&str, Value); N]) -> Values {
    fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Runs SQL that an attacker or a broken disk might, past every guard.
pub(super) async fn force(db: &Db, org: Uuid, sql: &str) {
    use kitei_store::db::{Engine, Statement, StoreError};
    let triggers = match db.engine() {
        Engine::Sqlite => {
            vec![
                "drop trigger if exists event_no_update",
                "drop trigger if exists event_no_delete",
                "drop trigger if exists checkpoint_no_update",
            ]
        }
        Engine::Postgres => {
            vec![
                "drop trigger if exists event_append_only on event",
                "drop trigger if exists checkpoint_append_only on checkpoint",
            ]
        }
    };
    let statements: Vec<String> = triggers.into_iter().chain([sql]).map(str::to_owned).collect();
    db.act(org, move |tx| {
        Box::pin(async move {
            for sql in statements {
                tx.execute(&Statement::composed("force", sql), &[]).await?;
            }
            Ok::<(), StoreError>(())
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn every_statement_is_understood_by_its_engine() {
    kitei_store::testing::each_engine(async |db| {
        let mut reader = db.reader().await.unwrap();
        let engine = reader.engine();
        for statement in super::statements().into_iter().filter(|statement| statement.is_for(engine)) {
            let count = (1..9).filter(|place| statement.sql().contains(&format!("${place}"))).count();
            // Preparing is what matters: a value of the wrong type is refused by PostgreSQL only after the text was read.
            let binds: Vec<&dyn kitei_store::db::Bind> =
                vec![&0_i64; count].into_iter().map(|bind| bind as _).collect();
            if let Err(error) = reader.fetch_all(statement, &binds).await {
                assert!(!error.to_string().contains("code 42601"), "{error}");
                assert!(!error.to_string().contains("42P01") && !error.to_string().contains("42703"), "{error}");
            }
        }
    })
    .await;
}
