//! Canonical bytes of JSON: one value, one spelling, so that a hash of it means something.
//!
//! Follows RFC 8785 (JSON Canonicalization Scheme) with a narrower choice of numbers: integers of at most 53 bits only.
//! Floating point is refused because two programs may print it differently; amounts and rates are integers of a named unit.
//!
//! Invariant: strings are written as they are; no normalisation of Unicode takes place here.
//! Invariant: parsing the output and writing it again gives the same bytes.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

/// The greatest integer that every JSON implementation keeps exactly (RFC 8259 section 6): 2^53 - 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// How deep objects and arrays may nest.
pub const MAX_DEPTH: usize = 64;

/// Why a value has no canonical bytes.
///
/// `path` is a JSON pointer (RFC 6901); it holds names of members, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number with a fraction or an exponent, or minus zero.
    #[error("{path}: a number must be an integer; write a fraction as an integer of a smaller unit, or as a string")]
    NotAnInteger {
        /// Where.
        path: String,
    },
    /// An integer beyond ±(2^53 - 1).
    #[error(
        "{path}: an integer must lie within 53 bits (at most 9007199254740991 either way); write a greater one as a string"
    )]
    IntegerTooGreat {
        /// Where.
        path: String,
    },
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("{path}: nested deeper than {MAX_DEPTH} levels")]
    TooDeep {
        /// Where.
        path: String,
    },
    /// The text of a string could not be written.
    #[error("{path}: the text cannot be written as JSON")]
    Text {
        /// Where.
        path: String,
    },
}

/// Canonical bytes of `value`.
///
/// # Errors
/// [`CanonicalError`], naming the place in `value`.
pub fn bytes(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut output = Vec::with_capacity(256);
    Writer { output: &mut output, path: Vec::new() }.value(value)?;
    Ok(output)
}

/// Appends the canonical bytes of the object `members` to `output`; `name` is what errors call the object.
///
/// # Errors
/// [`CanonicalError`]; `output` may then hold a part of the object.
pub fn append_object(members: &Map<String, Value>, name: &str, output: &mut Vec<u8>) -> Result<(), CanonicalError> {
    Writer { output, path: vec![Cow::Borrowed(name)] }.object(members)
}

/// Appends `text` as a JSON string in canonical spelling.
///
/// # Errors
/// [`CanonicalError::Text`], which does not happen for text in memory.
pub fn append_string(text: &str, output: &mut Vec<u8>) -> Result<(), CanonicalError> {
    serde_json::to_writer(output, text).map_err(|_| CanonicalError::Text { path: String::new() })
}

struct Writer<'v, 'o> {
    output: &'o mut Vec<u8>,
    path: Vec<Cow<'v, str>>,
}

impl<'v> Writer<'v, '_> {
    fn value(&mut self, value: &'v Value) -> Result<(), CanonicalError> {
        match value {
            Value::Null => self.output.extend_from_slice(b"null"),
            Value::Bool(true) => self.output.extend_from_slice(b"true"),
            Value::Bool(false) => self.output.extend_from_slice(b"false"),
            Value::Number(number) => self.number(number)?,
            Value::String(text) => self.string(text)?,
            Value::Array(items) => self.array(items)?,
            Value::Object(members) => self.object(members)?,
        }
        Ok(())
    }

    fn number(&mut self, number: &serde_json::Number) -> Result<(), CanonicalError> {
        let magnitude = number
            .as_u64()
            .or_else(|| number.as_i64().map(i64::unsigned_abs))
            .ok_or_else(|| CanonicalError::NotAnInteger { path: self.pointer() })?;
        if magnitude > MAX_INTEGER {
            return Err(CanonicalError::IntegerTooGreat { path: self.pointer() });
        }
        self.output.extend_from_slice(number.to_string().as_bytes());
        Ok(())
    }

    fn string(&mut self, text: &str) -> Result<(), CanonicalError> {
        append_string(text, self.output).map_err(|_| CanonicalError::Text { path: self.pointer() })
    }

    fn array(&mut self, items: &'v [Value]) -> Result<(), CanonicalError> {
        self.output.push(b'[');
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.output.push(b',');
            }
            self.inside(Cow::Owned(position.to_string()), |writer| writer.value(item))?;
        }
        self.output.push(b']');
        Ok(())
    }

    fn object(&mut self, members: &'v Map<String, Value>) -> Result<(), CanonicalError> {
        let mut sorted: Vec<(&'v String, &'v Value)> = members.iter().collect();
        sorted.sort_unstable_by(|left, right| by_utf16(left.0, right.0));
        self.output.push(b'{');
        for (position, (name, item)) in sorted.into_iter().enumerate() {
            if position > 0 {
                self.output.push(b',');
            }
            self.string(name)?;
            self.output.push(b':');
            self.inside(Cow::Borrowed(name.as_str()), |writer| writer.value(item))?;
        }
        self.output.push(b'}');
        Ok(())
    }

    fn inside(
        &mut self,
        step: Cow<'v, str>,
        write: impl FnOnce(&mut Self) -> Result<(), CanonicalError>,
    ) -> Result<(), CanonicalError> {
        if self.path.len() >= MAX_DEPTH {
            return Err(CanonicalError::TooDeep { path: self.pointer() });
        }
        self.path.push(step);
        write(self)?;
        self.path.pop();
        Ok(())
    }

    fn pointer(&self) -> String {
        self.path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
    }
}

/// RFC 8785 section 3.2.3 sorts names by their UTF-16 code units, which differs from UTF-8 order beyond U+FFFF.
fn by_utf16(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() { left.cmp(right) } else { left.encode_utf16().cmp(right.encode_utf16()) }
}

#[cfg(test)]
mod tests;
