//! Rows that come back, the same for both engines.

use rusqlite::types::ValueRef;
use serde_json::Value as Json;
use sqlx::postgres::{PgRow, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid};
use sqlx::{Decode, Postgres, Row as _, Type};
use uuid::Uuid;

use super::error::{StoreError, StoreErrorKind};
use super::sqlite::LiteRow;
use super::time::{Day, Instant};
use super::value::Column;

/// One row of an answer.
pub struct Row {
    pub(crate) statement: &'static str,
    pub(crate) inner: EngineRow,
}

pub(crate) enum EngineRow {
    Sqlite(LiteRow),
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

impl Cell<'_> {
    /// Reads the column as the type that PostgreSQL sends, or by `lite` what SQLite keeps.
    fn read<'c, T>(
        &'c self,
        lite: impl FnOnce(ValueRef<'c>) -> Result<T, &'static str>,
    ) -> Result<Option<T>, StoreError>
    where
        T: Decode<'c, Postgres> + Type<Postgres>,
    {
        match &self.row.inner {
            EngineRow::Postgres(row) => {
                let read = row.try_get_unchecked::<Option<T>, _>(self.name);
                read.map_err(|error| StoreError::from_sqlx(self.row.statement, &error))
            }
            EngineRow::Sqlite(row) => match row.cell(self.name) {
                None => Err(StoreError::new(StoreErrorKind::Decode, self.row.statement)
                    .with_detail(format!("no column {}", self.name))),
                Some(ValueRef::Null) => Ok(None),
                Some(value) => lite(value).map(Some).map_err(|expected| self.wrong(expected)),
            },
        }
    }

    /// The identifier here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn uuid(&self) -> Result<Option<Uuid>, StoreError> {
        self.read(|value| match value {
            ValueRef::Blob(bytes) => Uuid::from_slice(bytes).map_err(|_| "an id"),
            _ => Err("an id"),
        })
    }

    /// The whole number here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn integer(&self) -> Result<Option<i64>, StoreError> {
        self.read(whole)
    }

    /// The yes or no here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn boolean(&self) -> Result<Option<bool>, StoreError> {
        self.read(|value| whole(value).map(|number| number != 0))
    }

    /// The text here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn text(&self) -> Result<Option<String>, StoreError> {
        self.read(|value| {
            let bytes = octets(value).ok_or("a text")?;
            String::from_utf8(bytes.to_vec()).map_err(|_| "a text")
        })
    }

    /// The bytes here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|value| octets(value).map(<[u8]>::to_vec).ok_or("bytes"))
    }

    /// The document here.
    ///
    /// # Errors
    /// No such column, or no JSON.
    pub fn json(&self) -> Result<Option<Json>, StoreError> {
        let json = self.read(|value| {
            let bytes = octets(value).ok_or("a document")?;
            serde_json::from_slice(bytes).map(sqlx::types::Json).map_err(|_| "a document")
        })?;
        Ok(json.map(|json| json.0))
    }

    /// The instant here.
    ///
    /// # Errors
    /// No such column, or another type.
    pub fn instant(&self) -> Result<Option<Instant>, StoreError> {
        match &self.row.inner {
            EngineRow::Postgres(_) => {
                let at: Option<Microseconds> = self.read(|_| Err("a time"))?;
                Ok(at.map(|at| Instant::from_postgres(at.0)))
            }
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
            EngineRow::Postgres(_) => match self.read::<Days>(|_| Err("a day"))? {
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

/// A whole number as SQLite keeps it.
fn whole(value: ValueRef<'_>) -> Result<i64, &'static str> {
    if let ValueRef::Integer(number) = value { Ok(number) } else { Err("a whole number") }
}

/// What SQLite keeps as text or as bytes.
fn octets(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
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
