//! Rows that come back, the same for both engines.

use serde_json::Value as Json;
use sqlx::postgres::{PgRow, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};
use uuid::Uuid;

use super::error::{StoreError, StoreErrorKind};
use super::time::{Day, Instant};
use super::value::Column;

/// One row of an answer.
pub struct Row {
    pub(crate) statement: &'static str,
    pub(crate) inner: EngineRow,
}

pub(crate) enum EngineRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of a column that is never null.
    ///
    /// # Errors
    /// `Decode`: there is no such column, it holds another type, or it is null.
    pub fn get<T: Column>(&self, name: &str) -> Result<T, StoreError> {
        self.maybe(name)?.ok_or_else(|| self.cell(name).wrong("a value, not null"))
    }

    /// The value of a column that may be null.
    ///
    /// # Errors
    /// `Decode`: there is no such column or it holds another type.
    pub fn maybe<T: Column>(&self, name: &str) -> Result<Option<T>, StoreError> {
        T::read(&self.cell(name))
    }

    fn cell<'r>(&'r self, name: &'r str) -> Cell<'r> {
        Cell { row: self, name }
    }
}

/// One column of one row, to be read as the type that the reader wants.
pub struct Cell<'r> {
    row: &'r Row,
    name: &'r str,
}

macro_rules! read {
    ($cell:expr, $type:ty) => {
        match &$cell.row.inner {
            EngineRow::Sqlite(row) => row.try_get_unchecked::<Option<$type>, _>($cell.name),
            EngineRow::Postgres(row) => row.try_get_unchecked::<Option<$type>, _>($cell.name),
        }
        .map_err(|error| StoreError::from_sqlx($cell.row.statement, &error))
    };
}

impl Cell<'_> {
    /// The identifier here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn uuid(&self) -> Result<Option<Uuid>, StoreError> {
        read!(self, Uuid)
    }

    /// The whole number here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn integer(&self) -> Result<Option<i64>, StoreError> {
        read!(self, i64)
    }

    /// The yes or no here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn boolean(&self) -> Result<Option<bool>, StoreError> {
        read!(self, bool)
    }

    /// The text here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn text(&self) -> Result<Option<String>, StoreError> {
        read!(self, String)
    }

    /// The bytes here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        read!(self, Vec<u8>)
    }

    /// The document here.
    ///
    /// # Errors
    /// No such column, or no JSON.
    pub fn json(&self) -> Result<Option<Json>, StoreError> {
        Ok(read!(self, sqlx::types::Json<Json>)?.map(|json| json.0))
    }

    /// The instant here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn instant(&self) -> Result<Option<Instant>, StoreError> {
        match &self.row.inner {
            EngineRow::Postgres(_) => Ok(read!(self, Microseconds)?.map(|at| Instant::from_postgres(at.0))),
            EngineRow::Sqlite(_) => match self.text()? {
                None => Ok(None),
                Some(text) => Instant::parse(&text).map(Some).ok_or_else(|| self.wrong("a time")),
            },
        }
    }

    /// The day here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn day(&self) -> Result<Option<Day>, StoreError> {
        match &self.row.inner {
            EngineRow::Postgres(_) => match read!(self, Days)? {
                None => Ok(None),
                Some(days) => Day::from_postgres(days.0).map(Some).ok_or_else(|| self.wrong("a day")),
            },
            EngineRow::Sqlite(_) => match self.text()? {
                None => Ok(None),
                Some(text) => Day::parse(&text).map(Some).ok_or_else(|| self.wrong("a day")),
            },
        }
    }

    /// The error that this cell holds something else than `expected`.
    #[must_use]
    pub fn wrong(&self, expected: &str) -> StoreError {
        StoreError::new(StoreErrorKind::Decode, self.row.statement)
            .with_detail(format!("column {} should hold {expected}", self.name))
    }
}

/// PostgreSQL's `timestamptz` on the wire: microseconds since 2000.
pub(crate) struct Microseconds(pub(crate) i64);
/// PostgreSQL's `date` on the wire: days since 2000.
pub(crate) struct Days(pub(crate) i32);

const TIMESTAMPTZ: Oid = Oid(1184);
const DATE: Oid = Oid(1082);

impl Type<Postgres> for Microseconds {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
}

impl Type<Postgres> for Days {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(DATE)
    }
}

fn binary<'r, const N: usize>(value: &PgValueRef<'r>) -> Result<[u8; N], sqlx::error::BoxDynError> {
    if value.format() != PgValueFormat::Binary {
        return Err("expected the binary format".into());
    }
    Ok(value.as_bytes()?.try_into()?)
}

impl<'r> Decode<'r, Postgres> for Microseconds {
    fn decode(value: PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Ok(Self(i64::from_be_bytes(binary(&value)?)))
    }
}

impl<'r> Decode<'r, Postgres> for Days {
    fn decode(value: PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Ok(Self(i32::from_be_bytes(binary(&value)?)))
    }
}

impl<'q> sqlx::Encode<'q, Postgres> for Microseconds {
    fn encode_by_ref(
        &self,
        buffer: &mut sqlx::postgres::PgArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <i64 as sqlx::Encode<'q, Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

impl<'q> sqlx::Encode<'q, Postgres> for Days {
    fn encode_by_ref(
        &self,
        buffer: &mut sqlx::postgres::PgArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <i32 as sqlx::Encode<'q, Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

// SQLite never meets these two, but one macro reads for both engines, so the types must exist there.
impl<'r> Decode<'r, Sqlite> for Microseconds {
    fn decode(_: sqlx::sqlite::SqliteValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Err("SQLite keeps times as text".into())
    }
}

impl<'r> Decode<'r, Sqlite> for Days {
    fn decode(_: sqlx::sqlite::SqliteValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        Err("SQLite keeps days as text".into())
    }
}
