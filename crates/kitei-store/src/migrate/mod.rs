//! The schema, step by step.
//!
//! `migrations/NNNN_name.sql` holds what both engines share, in words that become each engine's types;
//! `NNNN_name.sqlite.sql` and `NNNN_name.postgres.sql` hold what cannot be shared and run after it.
//!
//! Invariants: forward only; all pending steps run in one transaction; a file that was applied never changes (its
//! SHA-256 is kept), and a database that a newer program has touched is refused.

#[cfg(test)]
mod tests;

use sha2::{Digest as _, Sha256};

use crate::binds;
use crate::db::{Db, Engine, Instant, StoreError, Tx};
use crate::statements;

statements! {
    /// What has been applied, in order.
    APPLIED = "select version, name, checksum from schema_migration order by version";
    /// Remembers an applied step.
    REMEMBER = "insert into schema_migration (version, name, checksum, applied_at) values ($1, $2, $3, $4)";
    /// Two programs that start at the same moment must not migrate at the same moment. SQLite locks the file anyway.
    @Postgres LOCK = "select pg_advisory_xact_lock(7521031846)";
}

/// One numbered step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, from 1, without gaps.
    pub version: i64,
    /// Its name, the file's without number and ending.
    pub name: &'static str,
    /// Statements for both engines.
    pub shared: &'static str,
    /// Statements for SQLite alone, after the shared ones.
    pub sqlite: &'static str,
    /// Statements for PostgreSQL alone, after the shared ones.
    pub postgres: &'static str,
}

/// Every step of this program.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "kernel",
        shared: include_str!("../../migrations/0001_kernel.sql"),
        sqlite: include_str!("../../migrations/0001_kernel.sqlite.sql"),
        postgres: include_str!("../../migrations/0001_kernel.postgres.sql"),
    },
    Migration {
        version: 2,
        name: "search",
        shared: "",
        sqlite: include_str!("../../migrations/0002_search.sqlite.sql"),
        postgres: include_str!("../../migrations/0002_search.postgres.sql"),
    },
    Migration {
        version: 3,
        name: "notices",
        shared: include_str!("../../migrations/0003_notices.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        version: 4,
        name: "import_row",
        shared: include_str!("../../migrations/0004_import_row.sql"),
        sqlite: "",
        postgres: "",
    },
];

/// Why the schema could not be brought up to date. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// An applied file reads differently now.
    #[error("migration {version:04}_{name} was changed after it had been applied; restore the file and add a new one")]
    Changed {
        /// The step's number.
        version: i64,
        /// The step's name.
        name: String,
    },
    /// The database knows a step that this program does not.
    #[error("the database is at step {found:04}_{name}, this program knows {known}; start a newer program")]
    Newer {
        /// The step that is unknown here.
        found: i64,
        /// Its name.
        name: String,
        /// The last step that this program knows.
        known: i64,
    },
    /// The schema lacks steps, and the database is only read.
    #[error("the database lacks {missing} step(s) of the schema; start `kitei serve` once to bring it up to date")]
    Behind {
        /// How many.
        missing: usize,
    },
    /// A step failed.
    #[error("migration {version:04}_{name}: {source}")]
    Failed {
        /// The step's number.
        version: i64,
        /// The step's name.
        name: &'static str,
        /// What the engine said.
        source: StoreError,
    },
    /// The engine refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings the schema up to date and says how many steps that took.
///
/// # Errors
/// `MigrateError`; then nothing was changed.
pub async fn run(db: &Db, now: Instant) -> Result<usize, MigrateError> {
    run_these(db, MIGRATIONS, now).await
}

/// Checks that the schema is exactly this program's, without changing anything.
///
/// # Errors
/// `Behind`, `Newer` or `Changed`, or the engine's refusal.
pub async fn check(db: &Db) -> Result<(), MigrateError> {
    let mut reader = db.reader().await?;
    let applied = read_applied(reader.fetch_all(&APPLIED, binds![]).await?)?;
    match pending(MIGRATIONS, &applied, db.engine())?.len() {
        0 => Ok(()),
        missing => Err(MigrateError::Behind { missing }),
    }
}

/// As `run`, with a list of one's own.
///
/// # Errors
/// As `run`.
pub async fn run_these(db: &Db, migrations: &[Migration], now: Instant) -> Result<usize, MigrateError> {
    let mut tx = db.begin().await?;
    let result = apply(&mut tx, migrations, now).await;
    match result {
        Ok(count) => {
            tx.commit().await?;
            Ok(count)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

const TABLE: &str = "create table if not exists schema_migration (
    version bigint not null primary key,
    name text not null,
    checksum text not null,
    applied_at {{timestamp}} not null
);";

async fn apply(tx: &mut Tx, migrations: &[Migration], now: Instant) -> Result<usize, MigrateError> {
    let engine = tx.engine();
    if engine == Engine::Postgres {
        tx.fetch_optional(&LOCK, binds![]).await?;
    }
    tx.script("schema_migration", words(TABLE, engine)).await?;
    let applied = read_applied(tx.fetch_all(&APPLIED, binds![]).await?)?;
    let pending = pending(migrations, &applied, engine)?;
    for migration in pending {
        let failed = |source| MigrateError::Failed { version: migration.version, name: migration.name, source };
        tx.script("migration", words(&migration.text(engine), engine)).await.map_err(failed)?;
        let checksum = migration.checksum(engine);
        tx.execute(&REMEMBER, binds![migration.version, migration.name, checksum, now]).await.map_err(failed)?;
    }
    Ok(pending.len())
}

struct Applied {
    version: i64,
    name: String,
    checksum: String,
}

fn read_applied(rows: Vec<crate::db::Row>) -> Result<Vec<Applied>, StoreError> {
    rows.into_iter()
        .map(|row| Ok(Applied { version: row.get("version")?, name: row.get("name")?, checksum: row.get("checksum")? }))
        .collect()
}

/// The steps that are still to run, after those that ran have been recognised.
fn pending<'m>(
    migrations: &'m [Migration],
    applied: &[Applied],
    engine: Engine,
) -> Result<&'m [Migration], MigrateError> {
    for (index, step) in applied.iter().enumerate() {
        let Some(migration) = migrations.get(index).filter(|known| known.version == step.version) else {
            let known = migrations.last().map_or(0, |last| last.version);
            return Err(MigrateError::Newer { found: step.version, name: step.name.clone(), known });
        };
        if migration.checksum(engine) != step.checksum {
            return Err(MigrateError::Changed { version: step.version, name: step.name.clone() });
        }
    }
    Ok(migrations.get(applied.len()..).unwrap_or_default())
}

impl Migration {
    fn text(&self, engine: Engine) -> String {
        let own = match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        };
        format!("{}\n{own}", self.shared)
    }

    fn checksum(&self, engine: Engine) -> String {
        hex::encode(Sha256::digest(self.text(engine)))
    }
}

/// The words that become types. This list and `db::Value` are the same set.
const WORDS: [(&str, &str, &str); 6] = [
    ("{{uuid}}", "blob", "uuid"),
    ("{{json}}", "text", "jsonb"),
    ("{{timestamp}}", "text", "timestamptz"),
    ("{{date}}", "text", "date"),
    ("{{bytes}}", "blob", "bytea"),
    // A narrow table that is its own primary key; PostgreSQL has no such thing.
    ("{{clustered}}", "without rowid", ""),
];

fn words(text: &str, engine: Engine) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (word, sqlite, postgres)| {
        text.replace(word, if engine == Engine::Sqlite { sqlite } else { postgres })
    })
}
