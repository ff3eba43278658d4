//! SQLite: a few connections to one file, and statements run on them.
//!
//! A statement runs where it is asked for, without another thread in between: finding a page in memory takes less time than
//! telling somebody else to. The writer has a thread of its own ([`super::writer`]), so that waiting for the disk holds up
//! nobody who reads.
//!
//! Invariant: a connection goes back to the others without an open transaction, or not at all.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{
    CachedStatement, Connection, OpenFlags,
    types::{Null, ToSqlOutput, Value as Stored, ValueRef},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    CACHED_STATEMENTS,
    error::{StoreError, StoreErrorKind},
    statement::Statement,
    value::{Bind, Value},
};

/// How long a caller waits for a connection, and how long SQLite waits for another program that writes.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(5));

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Read a file that nobody changes through this program.
    ReadOnly,
    /// Read while another connection of this program writes.
    Reader,
    /// Write; the file is made if it is not there.
    Writer,
}

/// Connections of one mode.
pub(crate) struct Pool {
    file: PathBuf,
    mode: Mode,
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    size: u32,
}

impl Pool {
    /// Of so many connections at most, each opened when it is first needed.
    pub(super) fn new(file: &Path, mode: Mode, size: u32) -> Arc<Self> {
        let size = size.max(1);
        let permits = usize::try_from(size).unwrap_or(1);
        let free = Arc::new(Semaphore::new(permits));
        Arc::new(Self { file: file.to_owned(), mode, idle: Mutex::default(), free, size })
    }

    /// A connection, once one is free.
    pub(super) async fn acquire(self: &Arc<Self>) -> Result<Lite, StoreError> {
        let waited = tokio::time::timeout(PATIENCE.0, Arc::clone(&self.free).acquire_owned()).await;
        let permit = match waited {
            Ok(Ok(permit)) => permit,
            Ok(Err(_closed)) => return Err(StoreError::new(StoreErrorKind::Closed, "connection")),
            Err(_elapsed) => {
                return Err(StoreError::new(StoreErrorKind::Busy, "connection").with_detail("no free connection"));
            }
        };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open().map_err(|error| StoreError::from_sqlite("open", &error))?,
        };
        Ok(Lite { connection: Some(connection), is_open: false, pool: Arc::clone(self), _permit: permit })
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = match self.mode {
            Mode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Mode::Reader => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Mode::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let connection = Connection::open_with_flags(&self.file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE.1)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        // Deleted rows are overwritten where they lie.
        connection
            .execute_batch("pragma foreign_keys = on; pragma temp_store = memory; pragma secure_delete = fast;")?;
        connection.execute_batch(match self.mode {
            Mode::ReadOnly => "pragma cache_size = -8192;",
            Mode::Reader => "pragma query_only = on; pragma cache_size = -8192;",
            Mode::Writer => "pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384;",
        })?;
        Ok(connection)
    }

    /// Waits until every connection is back, and closes them.
    pub(super) async fn close(&self) {
        // It fails only when it was closed before.
        let all = self.free.acquire_many(self.size).await;
        self.free.close();
        drop(all);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A connection that somebody uses.
pub(crate) struct Lite {
    /// Absent only while it is dropped.
    connection: Option<Connection>,
    /// A transaction is open.
    is_open: bool,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lite {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.is_open && connection.execute_batch("rollback").is_err() {
            // Closing it rolls back too.
            return;
        }
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Lite {
    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(|| StoreError::new(StoreErrorKind::Closed, "connection"))
    }

    /// Begins a transaction by the engine's own words.
    pub(super) fn begin(mut self, words: &'static str) -> Result<Self, StoreError> {
        self.script("begin", words)?;
        self.is_open = true;
        Ok(self)
    }

    /// Ends the transaction by the engine's own words, `commit` or `rollback`.
    pub(super) fn end(mut self, words: &'static str) -> Result<(), StoreError> {
        self.script(words, words)?;
        self.is_open = false;
        Ok(())
    }

    /// Runs several statements without values.
    pub(super) fn script(&self, name: &'static str, sql: &str) -> Result<(), StoreError> {
        self.connection()?.execute_batch(sql).map_err(|error| StoreError::from_sqlite(name, &error))
    }

    /// Asks the engine whether it understands a statement.
    pub(super) fn prepare(&self, statement: &Statement) -> Result<(), StoreError> {
        let prepared = self.connection()?.prepare(statement.sql()).map(drop);
        prepared.map_err(|error| StoreError::from_sqlite(statement.name(), &error))
    }

    /// How many rows a statement changed.
    pub(super) fn execute(&self, statement: &Statement, binds: &[&dyn Bind]) -> Result<u64, StoreError> {
        let changed = self.bound(statement, binds).and_then(|mut bound| bound.raw_execute());
        let changed = changed.map_err(|error| StoreError::from_sqlite(statement.name(), &error))?;
        Ok(changed as u64)
    }

    /// The rows of an answer, at most so many.
    pub(super) fn fetch(
        &self,
        statement: &Statement,
        binds: &[&dyn Bind],
        most: usize,
    ) -> Result<Vec<LiteRow>, StoreError> {
        let fetched = self.bound(statement, binds).and_then(|mut bound| {
            let columns: Arc<[String]> = bound.column_names().into_iter().map(str::to_owned).collect();
            let (mut rows, mut out) = (bound.raw_query(), Vec::new());
            while out.len() < most
                && let Some(row) = rows.next()?
            {
                let cells = (0..columns.len()).map(|index| row.get(index)).collect::<Result<_, _>>()?;
                out.push(LiteRow { columns: Arc::clone(&columns), cells });
            }
            Ok(out)
        });
        fetched.map_err(|error| StoreError::from_sqlite(statement.name(), &error))
    }

    fn bound(&self, statement: &Statement, binds: &[&dyn Bind]) -> rusqlite::Result<CachedStatement<'_>> {
        let connection = self.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
        let mut prepared = connection.prepare_cached(statement.sql())?;
        for (place, number) in places(statement.sql(), prepared.parameter_count()).into_iter().enumerate() {
            let value = binds.get(number).map(|bind| bind.value());
            prepared.raw_bind_parameter(place + 1, sql_value(value)?)?;
        }
        Ok(prepared)
    }
}

/// Which bound value stands at each of SQLite's places. `$n` names the `n`th value; SQLite numbers the names in the order in
/// which it meets them. Places without a name (`?`) follow the values.
fn places(sql: &str, count: usize) -> Vec<usize> {
    let mut out: Vec<usize> = Vec::with_capacity(count);
    let mut quoted = false;
    for (at, byte) in sql.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'$' if !quoted => {
                let digits = sql.get(at + 1..).unwrap_or_default();
                let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
                let number = digits.get(..end).and_then(|digits| digits.parse::<usize>().ok());
                if let Some(number) = number.and_then(|number| number.checked_sub(1))
                    && !out.contains(&number)
                {
                    out.push(number);
                }
            }
            _ => {}
        }
    }
    if out.is_empty() { (0..count).collect() } else { out }
}

/// A value as SQLite keeps it.
fn sql_value(value: Option<Value<'_>>) -> rusqlite::Result<ToSqlOutput<'_>> {
    let null = || ToSqlOutput::from(Null);
    // A place without a value is a mistake of ours that must not become a null.
    let Some(value) = value else { return Err(rusqlite::Error::InvalidParameterCount(0, 1)) };
    Ok(match value {
        Value::Uuid(value) => value.map_or_else(null, |id| id.into_bytes().to_vec().into()),
        Value::Integer(value) => value.map_or_else(null, Into::into),
        Value::Boolean(value) => value.map_or_else(null, Into::into),
        Value::Text(Some(Cow::Borrowed(text))) => text.into(),
        Value::Text(value) => value.map_or_else(null, |text| text.into_owned().into()),
        Value::Json(value) => value.map_or_else(null, |json| json.to_string().into()),
        Value::Instant(value) => value.map_or_else(null, |at| at.to_string().into()),
        Value::Day(value) => value.map_or_else(null, |day| day.to_string().into()),
        Value::Bytes(Some(Cow::Borrowed(bytes))) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        Value::Bytes(value) => value.map_or_else(null, |bytes| bytes.into_owned().into()),
    })
}

/// A row of an answer.
pub(crate) struct LiteRow {
    columns: Arc<[String]>,
    cells: Vec<Stored>,
}

impl LiteRow {
    /// What stands in a column; nothing when there is no such column.
    pub(super) fn cell(&self, name: &str) -> Option<ValueRef<'_>> {
        let place = self.columns.iter().position(|column| column == name)?;
        self.cells.get(place).map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_their_numbers_say() {
        for (sql, count, expected) in [
            ("update t set a = $2 where b = $1 and c = $3", 3, vec![1, 0, 2]),
            ("select $1, $1, $2", 2, vec![0, 1]),
            ("insert into t values (?, ?), (?, ?)", 4, vec![0, 1, 2, 3]),
            ("select '$1', $1", 1, vec![0]),
            ("select 1", 0, vec![]),
        ] {
            assert_eq!(places(sql, count), expected, "{sql}");
        }
    }
}
