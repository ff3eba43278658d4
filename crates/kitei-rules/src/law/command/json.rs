//! JSON in which no key stands twice.
//!
//! The usual reading keeps the last of two: facts that name a day of knowing twice would be judged by one of them, and
//! nobody would be told which.

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::CommandError;
use crate::law::{
    Wording,
    breach::{FactProblem, FactsError},
};

/// Reads a text; a key that stands twice in an object is refused by its name.
///
/// # Errors
/// [`CommandError::Json`] where it is no JSON, [`CommandError::Facts`] for such a key.
pub(super) fn read(text: &str) -> Result<Value, CommandError> {
    let twice = RefCell::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Once { twice: &twice }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| match twice.into_inner() {
        Some(field) => {
            let text = Wording::fixed("二度書かれている。どちらか一つを書く。", "stands twice; give it once.");
            FactsError { problems: vec![FactProblem { field, text }] }.into()
        }
        None => CommandError::Json { line: error.line(), column: error.column() },
    })
}

#[derive(Clone, Copy)]
struct Once<'t> {
    /// The first key that stands twice, shortened.
    twice: &'t RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if out.contains_key(&key) {
                *self.twice.borrow_mut() = Some(key.chars().take(80).collect());
                return Err(A::Error::custom("a key stands twice"));
            }
            let value = members.next_value_seed(self)?;
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}
