//! The database: it opens, its schema is this program's, its pages are whole; and every organisation has its keys.

use std::sync::Arc;

use kitei_app::kernel::shelf::Shelf;
use kitei_app::kernel::{Fault, Installation};
use kitei_rules::pack::model::Text;
use kitei_store::blobs::Blobs;
use kitei_store::db::{Db, Engine, Options, Reader, StoreError, StoreErrorKind};
use kitei_store::keys::KeyFiles;
use kitei_store::{binds, migrate, organizations, statements};

use super::outbox;
use super::report::{Check, Report};
use crate::config::Config;
use crate::environment::SystemEnvironment;
use crate::exit::{open_words, store_words};
use crate::installation::{Traces, fault_words, lost_database, migrate_words};
use crate::language::say;

statements! {
    /// The first damage that SQLite finds in its pages, or `ok`.
    @Sqlite QUICK_CHECK = "select quick_check as found from pragma_quick_check limit 1";
}

/// Examines it.
pub(super) async fn examine(config: &Config, report: &mut Report) {
    let file = config.data.join("kitei.db");
    let keys = KeyFiles::new(config.data.join("keys"));
    let url = match &config.postgres {
        Some(url) => url.reveal().to_owned(),
        None if file.exists() => format!("sqlite://{}", file.display()),
        None => {
            let has_keys = keys.organizations().is_ok_and(|organizations| !organizations.is_empty());
            report.add(if has_keys {
                Check::wrong("database", lost_database(&file), restore())
            } else {
                Check::note(
                    "database",
                    say("まだない。", "is not there yet."),
                    say("kitei serve を始めると作る。", "`kitei serve` makes it"),
                )
            });
            return;
        }
    };
    let options = Options { read_only: true, readers: 1, ..Options::default() };
    let traces = config.postgres.is_none().then(|| Traces::watch(&config.data)).flatten();
    match Db::open(&url, options).await {
        Ok(db) => {
            opened(&db, config, keys, report).await;
            db.close().await;
            if let Some(traces) = traces {
                traces.remove();
            }
        }
        Err(error) => {
            let mend = if config.postgres.is_some() {
                say(
                    "PostgreSQLが動いているか、database.url とパスワードを確かめる。",
                    "check that PostgreSQL runs, database.url and the password",
                )
            } else {
                restore()
            };
            report.add(Check::wrong("database", open_words(&error), mend));
        }
    }
}

fn restore() -> Text {
    say("データディレクトリをバックアップから戻す。", "restore the data directory from a backup")
}

async fn opened(db: &Db, config: &Config, keys: KeyFiles, report: &mut Report) {
    match migrate::check(db).await {
        Ok(()) => {}
        Err(migrate::MigrateError::Store(error)) if has_no_schema(&error) => {
            report.add(Check::note(
                "database",
                say("まだ何も入っていない。", "is empty."),
                say("kitei serve を始めると形を作る。", "`kitei serve` makes its schema"),
            ));
            return;
        }
        Err(error @ migrate::MigrateError::Behind { .. }) => {
            let mend = say(
                "kitei serve を始めると新しくなる。先にバックアップを取る。",
                "`kitei serve` brings it up to date; make a backup first",
            );
            report.add(Check::note("database", migrate_words(&error), mend));
            return;
        }
        Err(error) => {
            let mend = match &error {
                migrate::MigrateError::Newer { .. } => say("新しい版の kitei を入れる。", "install the newer kitei"),
                _ => restore(),
            };
            report.add(Check::wrong("database", migrate_words(&error), mend));
            return;
        }
    }
    match look(db).await {
        Ok((list, None)) => {
            let (engine, count) = (engine_name(db), list.len());
            let step = migrate::MIGRATIONS.len();
            report.add(Check::sound(
                "database",
                say(
                    format!("{engine}、形の版 {step}、組織 {count}"),
                    format!("{engine}, schema {step}, {count} organisations"),
                ),
            ));
            examine_keys(db, config, keys, &list, report).await;
            outbox::examine(db, config.mail.is_some(), &list, report).await;
        }
        Ok((_, Some(damage))) => report.add(Check::wrong("database", damage, restore())),
        Err(error) => report.add(Check::wrong("database", store_words(&error), restore())),
    }
}

/// The engine answers and knows no table of ours: `schema_migration` is the first that is made.
fn has_no_schema(error: &StoreError) -> bool {
    error.kind() == StoreErrorKind::Other && error.to_string().contains("schema_migration")
}

fn engine_name(db: &Db) -> &'static str {
    match db.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// The organisations, and damage if there is any.
async fn look(db: &Db) -> Result<(Vec<organizations::Organization>, Option<Text>), StoreError> {
    let mut reader = db.reader().await?;
    let damage = if db.engine() == Engine::Sqlite { damage(&mut reader).await? } else { None };
    Ok((organizations::list(&mut reader).await?, damage))
}

async fn damage(reader: &mut Reader) -> Result<Option<Text>, StoreError> {
    let found: String = reader.fetch_one(&QUICK_CHECK, binds![]).await?.get("found")?;
    Ok((found != "ok").then(|| say("データベースのファイルが壊れている。", "the database file is damaged.")))
}

async fn examine_keys(
    db: &Db,
    config: &Config,
    files: KeyFiles,
    list: &[organizations::Organization],
    report: &mut Report,
) {
    let on_disk = files.organizations().unwrap_or_default();
    let blobs = Blobs::new(config.data.join("blobs"));
    let installation =
        Installation::new(db.clone(), blobs, files, Arc::new(SystemEnvironment), Arc::new(Shelf::default()));
    let mut sound = true;
    for row in list {
        if let Err(fault) = installation.organization(row.org).await {
            sound = false;
            report.add(Check::wrong("keys", words(row.org, &fault), restore()));
        }
    }
    let strangers = on_disk.iter().filter(|org| !list.iter().any(|row| row.org == **org)).count();
    if strangers > 0 {
        sound = false;
        report.add(Check::note(
            "keys",
            say(
                format!("データベースにない組織の鍵が{strangers}件ある。"),
                format!("{strangers} key files belong to no organisation of this database."),
            ),
            say("データベースと鍵の組み合わせを確かめる。", "check that database and keys belong together"),
        ));
    }
    if sound {
        let count = list.len();
        report.add(Check::sound(
            "keys",
            say(format!("{count}組織分すべて読める。"), format!("all {count} organisations' keys can be read")),
        ));
    }
}

fn words(organization: uuid::Uuid, fault: &Fault) -> Text {
    let text = fault_words(fault);
    say(format!("{organization}: {}", text.ja), format!("{organization}: {}", text.en))
}
