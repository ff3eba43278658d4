//! An installation at work, made through the application: an organisation with a person and two cases, its log signed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use kitei_app::coverage::TestClock;
use kitei_app::kernel::{Installation, perform::Request, shelf::Shelf};
use kitei_rules::{run::command::Command, value::Value};
use kitei_store::db::{Db, Engine, Options, Statement, StoreError};
use kitei_store::{directory::DataDirectory, log, migrate, testing};
use uuid::Uuid;

use crate::program::Place;

/// The organisation's name in addresses.
pub(crate) const SLUG: &str = "sample";

/// An installation at work.
pub(crate) struct House {
    pub(crate) place: Place,
    pub(crate) org: Uuid,
    /// A person, without an account.
    pub(crate) person: Uuid,
    /// The number of an incident.
    pub(crate) number: String,
    /// The verifier key.
    pub(crate) key: String,
    /// The newest checkpoint.
    pub(crate) checkpoint: String,
    url: String,
    runtime: tokio::runtime::Runtime,
}

impl House {
    /// One on SQLite.
    pub(crate) fn new() -> Self {
        Self::on(Engine::Sqlite)
    }

    /// One on each engine.
    pub(crate) fn each(story: impl Fn(Self)) {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            story(Self::on(engine));
        }
    }

    fn on(engine: Engine) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (place, url) = match engine {
            Engine::Sqlite => {
                let place = Place::new();
                let url = format!("sqlite://{}", place.path("data/kitei.db").display());
                (place, url)
            }
            Engine::Postgres => {
                let url = runtime.block_on(testing::postgres_address());
                (Place::new().with("KITEI_DATABASE_URL", &url), url)
            }
        };
        let directory = DataDirectory::open(&place.path("data")).unwrap();
        let made = runtime.block_on(Self::work(&url, &directory));
        let (org, person, number, key, checkpoint) = made;
        Self { place, org, person, number, key, checkpoint, url, runtime }
    }

    async fn work(url: &str, directory: &DataDirectory) -> (Uuid, Uuid, String, String, String) {
        let clock = Arc::new(TestClock::at(Timestamp::now()));
        let db = Db::open(url, Options::default()).await.unwrap();
        migrate::run(&db, Timestamp::now().into()).await.unwrap();
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
        let shelf = Arc::new(Shelf::read(&packs).unwrap());
        let installation = Arc::new(Installation::new(db, directory.blobs(), directory.keys(), clock, shelf));
        let organization = installation.found(SLUG, "見本株式会社", "Asia/Tokyo").await.unwrap();
        let create = |register: &str, fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned())));
            let (register, fields) = (register.to_owned(), fields.collect());
            let command = Command::Create { register, fields, lines: BTreeMap::new() };
            installation.perform(&organization, Request { own: true, ..Request::default() }, command)
        };
        let person = create("person", &[("name", "山田 太郎"), ("engagement", "regular"), ("position", "member")]);
        let person = person.await.unwrap().record.unwrap();
        let incident = create("incident", &[("title", "名簿の紛失")]).await.unwrap();
        create("incident", &[("title", "誤送信")]).await.unwrap();
        installation.sign(&organization).await.unwrap();
        let mut reader = installation.db.reader().await.unwrap();
        let checkpoint = log::latest_checkpoint(&mut reader, organization.id).await.unwrap().unwrap().note;
        drop(reader);
        installation.db.close().await;
        let key = organization.signing().verifier_key().to_string();
        (organization.id, person, incident.number.unwrap(), key, checkpoint)
    }

    /// Runs SQL as somebody with the database in hands would, past the triggers.
    pub(crate) fn tamper(&self, sql: &str) {
        let org = self.org;
        let on_event = match self.url.starts_with("sqlite") {
            true => ["event_no_update", "event_no_delete", "checkpoint_no_update", "checkpoint_no_delete"]
                .map(|name| format!("drop trigger if exists {name}"))
                .to_vec(),
            false => ["event", "checkpoint"]
                .map(|table| format!("drop trigger if exists {table}_append_only on {table}"))
                .to_vec(),
        };
        let statements: Vec<String> = on_event.into_iter().chain([sql.to_owned()]).collect();
        self.runtime.block_on(async {
            let db = Db::open(&self.url, Options::default()).await.unwrap();
            let done = db.act(org, move |tx| {
                Box::pin(async move {
                    for sql in statements {
                        tx.execute(&Statement::composed("tamper", sql), &[]).await?;
                    }
                    Ok::<(), StoreError>(())
                })
            });
            done.await.unwrap();
            db.close().await;
        });
    }

    /// What lies in the data directory.
    pub(crate) fn listing(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.place.path("data")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}
