//! Running statements: `Reader` reads, `Tx` also writes.
//!
//! A `Tx` is a `Reader` that can write, so a function that only reads takes `&mut Reader` and serves both: pages, which
//! read committed data without waiting for the writer, and acts, which read what they themselves wrote.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, Encode, PgConnection, Postgres, Transaction, Type};
use uuid::Uuid;

use super::Engine;
use super::error::{StoreError, StoreErrorKind};
use super::row::{Days, EngineRow, Microseconds, Row};
use super::sqlite::Lite;
use super::statement::Statement;
use super::value::{Bind, Value};

/// A connection to read with. Alone it sees each statement's own committed state; from `Db::snapshot` it sees one
/// state throughout.
pub struct Reader {
    connection: Connection,
}

pub(crate) enum Connection {
    Sqlite(Lite),
    Postgres(PoolConnection<Postgres>),
    PostgresTransaction(Transaction<'static, Postgres>),
}

enum Wire<'c> {
    Sqlite(&'c Lite),
    Postgres(&'c mut PgConnection),
}

impl Reader {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Which engine answers; only full-text search and tests need to know.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match &self.connection {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) | Connection::PostgresTransaction(_) => Engine::Postgres,
        }
    }

    fn wire(&mut self) -> Wire<'_> {
        match &mut self.connection {
            Connection::Sqlite(connection) => Wire::Sqlite(connection),
            Connection::Postgres(connection) => Wire::Postgres(connection),
            Connection::PostgresTransaction(connection) => Wire::Postgres(connection),
        }
    }

    /// Every row of the answer.
    ///
    /// # Errors
    /// As `StoreErrorKind` says.
    pub async fn fetch_all(&mut self, statement: &Statement, binds: &[&dyn Bind]) -> Result<Vec<Row>, StoreError> {
        let name = statement.name();
        let row = |inner| Row { statement: name, inner };
        match self.wire() {
            Wire::Sqlite(connection) => {
                let rows = connection.fetch(statement, binds, usize::MAX)?;
                Ok(rows.into_iter().map(|found| row(EngineRow::Sqlite(found))).collect())
            }
            Wire::Postgres(connection) => {
                let query = sqlx::query_with(statement.safe(), postgres_arguments(name, binds)?);
                let rows = query.fetch_all(connection).await.map_err(|error| StoreError::from_sqlx(name, &error))?;
                Ok(rows.into_iter().map(|found| row(EngineRow::Postgres(found))).collect())
            }
        }
    }

    /// Every row that a statement gives for any of several ids, in a few statements of several ids each. `column` is what
    /// the statement compares with its last place, which stands for one id; `binds` are its other values. Rows of one
    /// statement come in its order, those of the next after them.
    ///
    /// # Errors
    /// As `StoreErrorKind` says; `Other` when the statement compares no such column.
    pub async fn fetch_of(
        &mut self,
        statement: &Statement,
        column: &str,
        binds: &[&dyn Bind],
        ids: &[Uuid],
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for chunk in ids.chunks(TOGETHER) {
            let (several, binds) = of_several(statement, column, binds, chunk)?;
            rows.extend(self.fetch_all(&several, &binds).await?);
        }
        Ok(rows)
    }

    /// The first row of the answer, if there is one.
    ///
    /// # Errors
    /// As `StoreErrorKind` says.
    pub async fn fetch_optional(
        &mut self,
        statement: &Statement,
        binds: &[&dyn Bind],
    ) -> Result<Option<Row>, StoreError> {
        let name = statement.name();
        let found = match self.wire() {
            Wire::Sqlite(connection) => connection.fetch(statement, binds, 1)?.pop().map(EngineRow::Sqlite),
            Wire::Postgres(connection) => {
                let query = sqlx::query_with(statement.safe(), postgres_arguments(name, binds)?);
                let row =
                    query.fetch_optional(connection).await.map_err(|error| StoreError::from_sqlx(name, &error))?;
                row.map(EngineRow::Postgres)
            }
        };
        Ok(found.map(|inner| Row { statement: name, inner }))
    }

    /// The one row of the answer.
    ///
    /// # Errors
    /// `Missing` when there is none; else as `StoreErrorKind` says.
    pub async fn fetch_one(&mut self, statement: &Statement, binds: &[&dyn Bind]) -> Result<Row, StoreError> {
        let row = self.fetch_optional(statement, binds).await?;
        row.ok_or_else(|| StoreError::new(StoreErrorKind::Missing, statement.name()))
    }

    /// Asks the engine whether it understands a statement, without running it.
    ///
    /// # Errors
    /// `Other` with the engine's words when it does not.
    pub async fn prepare(&mut self, statement: &Statement) -> Result<(), StoreError> {
        use sqlx::Executor as _;
        match self.wire() {
            Wire::Sqlite(connection) => connection.prepare(statement),
            Wire::Postgres(connection) => {
                let prepared = connection.prepare(statement.safe()).await.map(drop);
                prepared.map_err(|error| StoreError::from_sqlx(statement.name(), &error))
            }
        }
    }

    async fn run(&mut self, statement: &Statement, binds: &[&dyn Bind]) -> Result<u64, StoreError> {
        let name = statement.name();
        match self.wire() {
            Wire::Sqlite(connection) => connection.execute(statement, binds),
            Wire::Postgres(connection) => {
                let query = sqlx::query_with(statement.safe(), postgres_arguments(name, binds)?);
                let done = query.execute(connection).await.map(|done| done.rows_affected());
                done.map_err(|error| StoreError::from_sqlx(name, &error))
            }
        }
    }
}

/// A transaction that can write. Only `Db::act` hands it out; it commits when the act has succeeded and is undone
/// when the act fails, panics or takes too long.
pub struct Tx {
    reader: Reader,
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Tx {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { reader: Reader::new(connection) }
    }

    /// Runs a statement and says how many rows it changed.
    ///
    /// # Errors
    /// As `StoreErrorKind` says.
    pub async fn execute(&mut self, statement: &Statement, binds: &[&dyn Bind]) -> Result<u64, StoreError> {
        self.reader.run(statement, binds).await
    }

    /// Runs a statement for several ids; see [`Reader::fetch_of`].
    ///
    /// # Errors
    /// As there.
    pub async fn execute_of(
        &mut self,
        statement: &Statement,
        column: &str,
        binds: &[&dyn Bind],
        ids: &[Uuid],
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        for chunk in ids.chunks(TOGETHER) {
            let (several, binds) = of_several(statement, column, binds, chunk)?;
            changed += self.execute(&several, &binds).await?;
        }
        Ok(changed)
    }

    /// Runs a one-row `insert … values (…)` for many rows at once, in a few statements of several rows each.
    ///
    /// # Errors
    /// As `StoreErrorKind` says; the rows of earlier statements are then undone with the act.
    pub async fn insert_many(&mut self, insert: &Statement, rows: &[Vec<Value<'_>>]) -> Result<u64, StoreError> {
        let mut inserted = 0;
        let mut rest = rows;
        while !rest.is_empty() {
            // A few sizes only, so that few texts have to be prepared.
            let count = [64, 32, 16, 8, 4, 2].into_iter().find(|count| *count <= rest.len()).unwrap_or(1);
            let several = insert.repeated(count, self.engine());
            let (now, later) = rest.split_at(if several.is_some() { count } else { 1 });
            rest = later;
            let binds: Vec<&dyn Bind> = now.iter().flatten().map(|value| value as &dyn Bind).collect();
            inserted += self.execute(several.as_ref().unwrap_or(insert), &binds).await?;
        }
        Ok(inserted)
    }

    /// Runs a script of several statements without values; migrations alone need it.
    pub(crate) async fn script(&mut self, name: &'static str, sql: String) -> Result<(), StoreError> {
        match self.reader.wire() {
            Wire::Sqlite(connection) => connection.script(name, &sql),
            Wire::Postgres(connection) => {
                let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop);
                done.map_err(|error| StoreError::from_sqlx(name, &error))
            }
        }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let done = match self.reader.connection {
            Connection::Sqlite(transaction) => return transaction.end("commit"),
            Connection::PostgresTransaction(transaction) => transaction.commit().await,
            // A `Tx` is only made of transactions.
            Connection::Postgres(_) => Ok(()),
        };
        done.map_err(|error| StoreError::from_sqlx("commit", &error))
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        let done = match self.reader.connection {
            Connection::Sqlite(transaction) => return transaction.end("rollback"),
            Connection::PostgresTransaction(transaction) => transaction.rollback().await,
            Connection::Postgres(_) => Ok(()),
        };
        done.map_err(|error| StoreError::from_sqlx("rollback", &error))
    }
}

/// Ids of one statement at most.
const TOGETHER: usize = 64;

/// A statement for several ids, with all its values. There are few sizes, so that few texts have to be prepared: the last
/// id fills up.
fn of_several<'b>(
    statement: &Statement,
    column: &str,
    binds: &[&'b dyn Bind],
    ids: &'b [Uuid],
) -> Result<(Statement, Vec<&'b dyn Bind>), StoreError> {
    let size = ids.len().next_power_of_two();
    let several = statement
        .of_several(column, size)
        .ok_or_else(|| StoreError::new(StoreErrorKind::Other, statement.name()).with_detail("it is for one id only"))?;
    let filled = ids.iter().chain(std::iter::repeat_n(ids, size - ids.len()).filter_map(|ids| ids.last()));
    let binds = binds.iter().copied().chain(filled.map(|id| id as &dyn Bind)).collect();
    Ok((several, binds))
}

fn postgres_arguments(name: &'static str, binds: &[&dyn Bind]) -> Result<PgArguments, StoreError> {
    fn add<'q, T: Encode<'q, Postgres> + Type<Postgres>>(
        arguments: &mut PgArguments,
        value: T,
    ) -> Result<(), sqlx::error::BoxDynError> {
        arguments.add(value)
    }
    let mut arguments = PgArguments::default();
    for bind in binds {
        let value = bind.value();
        let added = match &value {
            Value::Uuid(value) => add(&mut arguments, *value),
            Value::Integer(value) => add(&mut arguments, *value),
            Value::Boolean(value) => add(&mut arguments, *value),
            Value::Text(value) => add(&mut arguments, value.as_deref()),
            Value::Json(value) => add(&mut arguments, value.as_deref().map(sqlx::types::Json)),
            Value::Instant(value) => add(&mut arguments, value.map(|at| Microseconds(at.to_postgres()))),
            Value::Day(value) => add(&mut arguments, value.map(|day| Days(day.to_postgres()))),
            Value::Bytes(value) => add(&mut arguments, value.as_deref()),
        };
        added.map_err(|_| StoreError::new(StoreErrorKind::Other, name).with_detail("a value could not be bound"))?;
    }
    Ok(arguments)
}
