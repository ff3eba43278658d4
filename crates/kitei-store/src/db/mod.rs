//! The façade: one `Db` over SQLite (the default, one file) and PostgreSQL 15, one text for each statement.
//!
//! Invariant: nothing outside this module sees a type of the drivers, and nothing writes except an act (`Db::act`).
//! On SQLite readers never wait for the writer (WAL); writes are durable when acknowledged (`synchronous = full`).

mod error;
mod reader;
mod row;
mod sqlite;
mod statement;
mod time;
mod value;
mod writer;

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgPool};
use uuid::Uuid;

pub use error::{OpenError, StoreError, StoreErrorKind};
pub use reader::{Reader, Tx};
pub use row::{Cell, Row};
pub use statement::Statement;
pub use time::{Day, Instant};
pub use value::{Bind, Column, Value};
pub use writer::{ActFuture, STATEMENTS};

use reader::Connection;
use sqlite::{Mode, Pool};
use writer::Writers;

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Bundled SQLite, one file.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections that read at the same time.
    pub readers: u32,
    /// Acts that share one commit at most.
    pub batch_acts: usize,
    /// How long a batch takes in further acts before it commits.
    pub batch_time: Duration,
    /// How long one act may take before it is undone (`Busy`).
    pub act_limit: Duration,
    /// Only read: a backup, or a live database seen from outside. `act` then answers `ReadOnly`.
    pub read_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 8,
            batch_acts: 64,
            batch_time: Duration::from_millis(20),
            act_limit: Duration::from_secs(60),
            read_only: false,
        }
    }
}

/// An open database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    writers: Writers,
    sqlite_file: Option<PathBuf>,
}

#[derive(Clone)]
pub(crate) enum Pools {
    Sqlite { read: Arc<Pool>, write: Arc<Pool> },
    Postgres { read: PgPool, write: PgPool },
}

const CACHED_STATEMENTS: usize = 512;

impl Db {
    /// Opens `sqlite:///path/to/kitei.db` (made if it is not there) or `postgres://user@host/database`.
    ///
    /// # Errors
    /// The address is wrong, or the engine refuses. The schema is not looked at: see `migrate::run`.
    pub async fn open(url: &str, options: Options) -> Result<Self, OpenError> {
        let (pools, sqlite_file) = if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() || path.contains(['?', '#']) {
                return Err(OpenError::Url { reason: "no path to a file after sqlite://" });
            }
            (open_sqlite(Path::new(path), &options).await?, Some(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            (open_postgres(url, &options).await?, None)
        } else {
            return Err(OpenError::Url { reason: "unknown kind of database" });
        };
        let writers = Writers::new(pools.clone(), options);
        Ok(Self { inner: Arc::new(Inner { pools, writers, sqlite_file }) })
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres { .. } => Engine::Postgres,
        }
    }

    /// The database file, on SQLite.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.inner.sqlite_file.as_deref()
    }

    /// A connection to read with; each statement sees what is committed when it runs.
    ///
    /// # Errors
    /// `Busy` when none is free in time, `Io` when the engine is gone.
    pub async fn reader(&self) -> Result<Reader, StoreError> {
        let connection = match &self.inner.pools {
            Pools::Sqlite { read, .. } => Connection::Sqlite(read.acquire().await?),
            Pools::Postgres { read, .. } => {
                let acquired = read.acquire().await.map_err(|error| StoreError::from_sqlx("reader", &error));
                Connection::Postgres(acquired?)
            }
        };
        Ok(Reader::new(connection))
    }

    /// A connection that sees one state of the database until it is dropped: for a page of several statements, an
    /// export, a proof.
    ///
    /// # Errors
    /// As `reader`.
    pub async fn snapshot(&self) -> Result<Reader, StoreError> {
        let connection = match &self.inner.pools {
            Pools::Sqlite { read, .. } => Connection::Sqlite(read.acquire().await?.begin("begin")?),
            Pools::Postgres { read, .. } => {
                let begun = read.begin_with("begin isolation level repeatable read, read only").await;
                Connection::PostgresTransaction(begun.map_err(|error| StoreError::from_sqlx("snapshot", &error))?)
            }
        };
        Ok(Reader::new(connection))
    }

    /// Runs an act: one transaction that commits when the act succeeds. Acts that wait at the same moment share a
    /// commit, each in its own savepoint, and every one is acknowledged after it. One organization's acts run one
    /// after the other on both engines.
    ///
    /// A caller that stops waiting does not stop its act: once queued it runs to its end.
    ///
    /// # Errors
    /// What the act returns, or the store's error when the act could not begin, panicked, took too long, or when the
    /// commit failed (then nothing of it was kept).
    pub async fn act<T, E, F>(&self, org: Uuid, act: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> ActFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.writers.act(org, act).await
    }

    /// Lets the engine count what is in its tables, so that it plans well; to be called after a large import.
    ///
    /// # Errors
    /// As `StoreErrorKind` says.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let script = match self.engine() {
            // A sample is enough and takes no time worth speaking of.
            Engine::Sqlite => "pragma analysis_limit = 1000; analyze;",
            Engine::Postgres => "analyze",
        };
        tx.script("analyze", script.to_owned()).await?;
        tx.commit().await
    }

    /// Lets queued acts finish, then closes every connection. On SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.inner.writers.finish().await;
        match &self.inner.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        self.inner.pools.begin().await
    }
}

impl Pools {
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let connection = match self {
            // Immediate: a transaction that begins as a reader and turns into a writer fails at once when another
            // program writes, whatever the busy time-out says.
            Self::Sqlite { write, .. } => Connection::Sqlite(write.acquire().await?.begin("begin immediate")?),
            Self::Postgres { write, .. } => {
                let begun = write.begin().await.map_err(|error| StoreError::from_sqlx("begin", &error));
                Connection::PostgresTransaction(begun?)
            }
        };
        Ok(Tx::new(connection))
    }
}

async fn open_sqlite(path: &Path, options: &Options) -> Result<Pools, StoreError> {
    let (reading, writing) =
        if options.read_only { (Mode::ReadOnly, Mode::ReadOnly) } else { (Mode::Reader, Mode::Writer) };
    let write = Pool::new(path, writing, 1);
    // A file that cannot be opened is told at once, and the first reader finds it made.
    drop(write.acquire().await?);
    Ok(Pools::Sqlite { read: Pool::new(path, reading, options.readers), write })
}

async fn open_postgres(url: &str, options: &Options) -> Result<Pools, OpenError> {
    let connect = PgConnectOptions::from_str(url)
        .map_err(|_| OpenError::Url { reason: "the PostgreSQL address cannot be read" })?
        .application_name("kitei")
        .statement_cache_capacity(CACHED_STATEMENTS)
        .disable_statement_logging()
        .options([("timezone", "UTC")]);
    let read_connect = connect.clone().options([("default_transaction_read_only", "on")]);
    // Two pools, so that many readers never keep the writers waiting for a connection.
    let pool = |connections| {
        PgPoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(10))
    };
    let failed = |error: sqlx::Error| StoreError::from_sqlx("open", &error);
    let write_connect = if options.read_only { read_connect.clone() } else { connect };
    let write = pool(POSTGRES_WRITERS).connect_with(write_connect).await.map_err(failed)?;
    let read = pool(options.readers.max(1)).connect_lazy_with(read_connect);
    Ok(Pools::Postgres { read, write })
}

/// Organizations that write at the same moment on PostgreSQL; more of them wait their turn.
const POSTGRES_WRITERS: u32 = 8;
