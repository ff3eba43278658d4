//! Values that go into a statement and come out of a row, in one small set that both engines know.
//!
//! Invariant: the eight kinds here are the only column types of the schema (see `migrate`), so a value that goes in on
//! one engine comes out the same on the other.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value as Json;
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::time::{Day, Instant};

/// A value for one `$n` of a statement; `None` is null of that type.
#[derive(Clone, PartialEq)]
pub enum Value<'v> {
    /// An identifier.
    Uuid(Option<Uuid>),
    /// A whole number.
    Integer(Option<i64>),
    /// Yes or no.
    Boolean(Option<bool>),
    /// A text.
    Text(Option<Cow<'v, str>>),
    /// A document.
    Json(Option<Cow<'v, Json>>),
    /// A point in time.
    Instant(Option<Instant>),
    /// A day.
    Day(Option<Day>),
    /// Bytes.
    Bytes(Option<Cow<'v, [u8]>>),
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A bound value may be personal information, so only its type is shown.
        f.write_str(match self {
            Self::Uuid(_) => "<uuid>",
            Self::Integer(_) => "<integer>",
            Self::Boolean(_) => "<boolean>",
            Self::Text(_) => "<text>",
            Self::Json(_) => "<json>",
            Self::Instant(_) => "<instant>",
            Self::Day(_) => "<day>",
            Self::Bytes(_) => "<bytes>",
        })
    }
}

impl Value<'_> {
    /// The null of the same type.
    #[must_use]
    pub fn null(&self) -> Value<'static> {
        match self {
            Self::Uuid(_) => Value::Uuid(None),
            Self::Integer(_) => Value::Integer(None),
            Self::Boolean(_) => Value::Boolean(None),
            Self::Text(_) => Value::Text(None),
            Self::Json(_) => Value::Json(None),
            Self::Instant(_) => Value::Instant(None),
            Self::Day(_) => Value::Day(None),
            Self::Bytes(_) => Value::Bytes(None),
        }
    }

    /// The same value, owning what it held borrowed.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Uuid(value) => Value::Uuid(value),
            Self::Integer(value) => Value::Integer(value),
            Self::Boolean(value) => Value::Boolean(value),
            Self::Text(value) => Value::Text(value.map(|text| Cow::Owned(text.into_owned()))),
            Self::Json(value) => Value::Json(value.map(|json| Cow::Owned(json.into_owned()))),
            Self::Instant(value) => Value::Instant(value),
            Self::Day(value) => Value::Day(value),
            Self::Bytes(value) => Value::Bytes(value.map(|bytes| Cow::Owned(bytes.into_owned()))),
        }
    }
}

/// What can be bound to a statement. Newtypes of other crates implement it through the type inside.
pub trait Bind: Send + Sync {
    /// The value to bind.
    fn value(&self) -> Value<'_>;

    /// The null of this type, for `Option`.
    fn null() -> Value<'static>
    where
        Self: Sized;
}

macro_rules! bind_copy {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl Bind for $type {
            fn value(&self) -> Value<'_> { Value::$variant(Some((*self).into())) }
            fn null() -> Value<'static> { Value::$variant(None) }
        }
    )*};
}

bind_copy! {
    Uuid => Uuid, i64 => Integer, i32 => Integer, u32 => Integer, bool => Boolean, Instant => Instant,
    Timestamp => Instant, Day => Day, jiff::civil::Date => Day,
}

macro_rules! bind_borrowed {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl Bind for $type {
            fn value(&self) -> Value<'_> { Value::$variant(Some(Cow::Borrowed(self))) }
            fn null() -> Value<'static> { Value::$variant(None) }
        }
    )*};
}

bind_borrowed! { &str => Text, String => Text, Cow<'_, str> => Text, &[u8] => Bytes, Vec<u8> => Bytes, Json => Json }

impl<const N: usize> Bind for [u8; N] {
    fn value(&self) -> Value<'_> {
        Value::Bytes(Some(Cow::Borrowed(self)))
    }

    fn null() -> Value<'static> {
        Value::Bytes(None)
    }
}

impl Bind for &String {
    fn value(&self) -> Value<'_> {
        Value::Text(Some(Cow::Borrowed(self)))
    }

    fn null() -> Value<'static> {
        Value::Text(None)
    }
}

impl Bind for &Json {
    fn value(&self) -> Value<'_> {
        Value::Json(Some(Cow::Borrowed(self)))
    }

    fn null() -> Value<'static> {
        Value::Json(None)
    }
}

impl Bind for Value<'_> {
    fn value(&self) -> Value<'_> {
        self.clone()
    }

    fn null() -> Value<'static> {
        Value::Text(None)
    }
}

impl<T: Bind> Bind for Option<T> {
    fn value(&self) -> Value<'_> {
        match self {
            Some(inner) => inner.value(),
            None => T::null(),
        }
    }

    fn null() -> Value<'static> {
        T::null()
    }
}

/// The bound values of a statement, in the order of `$1`, `$2`, …: `binds![org, record.id, &record.doc]`.
#[macro_export]
macro_rules! binds {
    ($($value:expr),* $(,)?) => { &[$(&$value as &dyn $crate::db::Bind),*][..] };
}

/// What can be read from a column. Newtypes of other crates implement it through the type inside.
pub trait Column: Sized {
    /// Reads the cell; `None` is null.
    ///
    /// # Errors
    /// The cell holds another type, or there is no such column.
    fn read(cell: &Cell<'_>) -> Result<Option<Self>, StoreError>;
}

macro_rules! column {
    ($($type:ty => $read:ident),* $(,)?) => {$(
        impl Column for $type {
            fn read(cell: &Cell<'_>) -> Result<Option<Self>, StoreError> { cell.$read() }
        }
    )*};
}

column! {
    Uuid => uuid, i64 => integer, bool => boolean, String => text, Json => json, Instant => instant, Day => day,
    Vec<u8> => bytes,
}

impl Column for [u8; 32] {
    fn read(cell: &Cell<'_>) -> Result<Option<Self>, StoreError> {
        match cell.bytes()? {
            None => Ok(None),
            Some(bytes) => match <[u8; 32]>::try_from(bytes.as_slice()) {
                Ok(hash) => Ok(Some(hash)),
                Err(_) => Err(cell.wrong("32 bytes")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_bound_value() {
        let name = "山田太郎";
        let bound: &[&dyn Bind] = binds![name, Some(5_i64), None::<Uuid>];
        let shown = format!("{:?}", bound.iter().map(|bind| bind.value()).collect::<Vec<_>>());
        assert_eq!(shown, "[<text>, <integer>, <uuid>]");
    }
}
