//! The envelope of every fact in the evidence log: who, when, about what, which kind, and the fact itself.
//!
//! An event is stored, hashed and sent as its canonical bytes ([`crate::canonical`]). Personal values in `body` are
//! sealed texts ([`crate::seal`]), so the bytes stay provable after their keys are gone.
//!
//! Invariant: an [`Event`] has exactly one byte form, and [`Event::parse`] accepts no other.
//! Invariant: `seq` is the position of the event in its organisation's tree: 0, 1, 2 and so on without gaps.

mod time;

use serde_json::{Map, Value};

use crate::canonical::{self, CanonicalError};

pub use time::{EventTime, EventTimeError};

/// The version of the envelope that this program writes and reads.
pub const VERSION: u64 = 1;

/// The longest event, in bytes; adopted packs are the largest there are.
pub const MAX_EVENT: usize = 16 * 1024 * 1024;

/// The longest identifier in the envelope, in bytes.
pub const MAX_IDENTIFIER: usize = 256;

/// The members of the envelope, in canonical order.
const MEMBERS: [&str; 8] = ["actor", "at", "body", "kind", "org", "seq", "subject", "v"];

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    org: Identifier,
    seq: u64,
    at: EventTime,
    kind: Identifier,
    subject: Identifier,
    actor: Identifier,
    body: Map<String, Value>,
}

/// A name in the envelope: 1 to 256 bytes without control characters, quotation marks and backslashes, so that it
/// stands in JSON as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

/// Why something is not an event. Names members, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Longer than [`MAX_EVENT`].
    #[error("an event of {length} bytes is too long; at most {MAX_EVENT} bytes are accepted")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Not JSON, or not an object.
    #[error("an event must be a JSON object (line {line}, column {column})")]
    NotAnObject {
        /// Line at which reading stopped, from 1.
        line: usize,
        /// Column at which reading stopped.
        column: usize,
    },
    /// A member that no envelope has.
    #[error("an event has the members actor, at, body, kind, org, seq, subject and v; it has another one")]
    UnknownMember,
    /// A member is missing or of the wrong type.
    #[error("the member `{member}` must be {expected}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// A version that this program does not know.
    #[error("the event has version {found}; this program reads version {VERSION}")]
    Version {
        /// The version found.
        found: u64,
    },
    /// The body has no canonical bytes.
    #[error("the event cannot be written: {0}")]
    Canonical(#[from] CanonicalError),
    /// Not the canonical spelling: members out of order, twice, or with spaces.
    #[error("the event is not written canonically: it differs from its canonical form at byte {position}")]
    NotCanonical {
        /// The first byte that differs, from 0.
        position: usize,
    },
}

impl Identifier {
    /// Reads an identifier; `member` is what the error calls it.
    ///
    /// # Errors
    /// [`EventError::Member`].
    pub fn parse(member: &'static str, text: &str) -> Result<Self, EventError> {
        let plain = |character: char| !character.is_control() && character != '"' && character != '\\';
        if (1..=MAX_IDENTIFIER).contains(&text.len()) && text.chars().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "a string of 1 to 256 bytes without control characters, quotation marks and backslashes";
        Err(EventError::Member { member, expected })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an event is made of, before it is checked.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Identifier of the organisation.
    pub org: &'a str,
    /// Position in the log, from 0.
    pub seq: u64,
    /// When the server recorded it.
    pub at: EventTime,
    /// Which kind of fact, `incident.opened` say.
    pub kind: &'a str,
    /// What it is about, `incident/0192…` say.
    pub subject: &'a str,
    /// Identifier of the account that acted, or of the program's part that did.
    pub actor: &'a str,
    /// The fact, with personal values sealed.
    pub body: Map<String, Value>,
}

impl Event {
    /// Checks a draft.
    ///
    /// # Errors
    /// [`EventError`] naming the member.
    pub fn new(draft: Draft<'_>) -> Result<Self, EventError> {
        if draft.seq > canonical::MAX_INTEGER {
            return Err(EventError::Member { member: "seq", expected: "an integer from 0 to 2^53 - 1" });
        }
        let event = Self {
            org: Identifier::parse("org", draft.org)?,
            seq: draft.seq,
            at: draft.at,
            kind: Identifier::parse("kind", draft.kind)?,
            subject: Identifier::parse("subject", draft.subject)?,
            actor: Identifier::parse("actor", draft.actor)?,
            body: draft.body,
        };
        // Checked now, so that an event that exists can be written.
        event.leaf_bytes()?;
        Ok(event)
    }

    /// Reads the canonical bytes of an event.
    ///
    /// # Errors
    /// [`EventError`] for everything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, EventError> {
        if bytes.len() > MAX_EVENT {
            return Err(EventError::TooLong { length: bytes.len() });
        }
        let mut members: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|error| EventError::NotAnObject { line: error.line(), column: error.column() })?;
        if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(EventError::UnknownMember);
        }
        match number(&members, "v")? {
            VERSION => {}
            found => return Err(EventError::Version { found }),
        }
        let time = EventTime::parse(text(&members, "at")?);
        let at = time.map_err(|EventTimeError { expected }| EventError::Member { member: "at", expected })?;
        let Some(Value::Object(body)) = members.get_mut("body").map(Value::take) else {
            return Err(EventError::Member { member: "body", expected: "an object" });
        };
        let event = Self {
            org: Identifier::parse("org", text(&members, "org")?)?,
            seq: number(&members, "seq")?,
            at,
            kind: Identifier::parse("kind", text(&members, "kind")?)?,
            subject: Identifier::parse("subject", text(&members, "subject")?)?,
            actor: Identifier::parse("actor", text(&members, "actor")?)?,
            body,
        };
        let canonical = event.leaf_bytes()?;
        if canonical != bytes {
            let position = canonical.iter().zip(bytes).take_while(|(left, right)| left == right).count();
            return Err(EventError::NotCanonical { position });
        }
        Ok(event)
    }

    /// The canonical bytes: what is stored, hashed as a leaf and shown to auditors.
    ///
    /// # Errors
    /// [`EventError`], which [`Event::new`] and [`Event::parse`] have excluded.
    pub fn leaf_bytes(&self) -> Result<Vec<u8>, EventError> {
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(b"{\"actor\":");
        canonical::append_string(self.actor.as_str(), &mut bytes)?;
        bytes.extend_from_slice(b",\"at\":");
        canonical::append_string(self.at.as_str(), &mut bytes)?;
        bytes.extend_from_slice(b",\"body\":");
        canonical::append_object(&self.body, "body", &mut bytes)?;
        bytes.extend_from_slice(b",\"kind\":");
        canonical::append_string(self.kind.as_str(), &mut bytes)?;
        bytes.extend_from_slice(b",\"org\":");
        canonical::append_string(self.org.as_str(), &mut bytes)?;
        bytes.extend_from_slice(format!(",\"seq\":{},\"subject\":", self.seq).as_bytes());
        canonical::append_string(self.subject.as_str(), &mut bytes)?;
        bytes.extend_from_slice(format!(",\"v\":{VERSION}}}").as_bytes());
        if bytes.len() > MAX_EVENT {
            return Err(EventError::TooLong { length: bytes.len() });
        }
        Ok(bytes)
    }

    /// Identifier of the organisation.
    #[must_use]
    pub fn org(&self) -> &str {
        self.org.as_str()
    }

    /// Position in the log, from 0.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// When the server recorded it.
    #[must_use]
    pub const fn at(&self) -> &EventTime {
        &self.at
    }

    /// Which kind of fact.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.as_str()
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.subject.as_str()
    }

    /// Who acted.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.actor.as_str()
    }

    /// The fact.
    #[must_use]
    pub const fn body(&self) -> &Map<String, Value> {
        &self.body
    }
}

/// Organisation and position of an event, read from the end of its canonical bytes without parsing the rest.
///
/// The last members of the envelope are `org`, `seq`, `subject` and `v`, and identifiers hold no quotation marks, so
/// the end of the bytes can be read backwards without doubt. `None` when the end is not that of an event.
#[must_use]
pub fn locate(bytes: &[u8]) -> Option<(&[u8], u64)> {
    let (before, _subject) = last_string(bytes.strip_suffix(b",\"v\":1}")?, b",\"subject\":")?;
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, digits) = before.split_at_checked(before.len() - digits)?;
    let (_, org) = last_string(before.strip_suffix(b",\"seq\":")?, b",\"org\":")?;
    let seq =
        digits.iter().try_fold(0_u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    (!digits.is_empty()).then_some((org, seq?))
}

/// Splits `…name"text"` into what stands before `name`, and `text`.
fn last_string<'a>(bytes: &'a [u8], name: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let inner = bytes.strip_suffix(b"\"")?;
    let opening = inner.iter().rposition(|byte| *byte == b'"')?;
    let (before, text) = inner.split_at_checked(opening + 1)?;
    Some((before.strip_suffix(b"\"")?.strip_suffix(name)?, text))
}

fn text<'a>(members: &'a Map<String, Value>, member: &'static str) -> Result<&'a str, EventError> {
    members.get(member).and_then(Value::as_str).ok_or(EventError::Member { member, expected: "a string" })
}

fn number(members: &Map<String, Value>, member: &'static str) -> Result<u64, EventError> {
    let number = members.get(member).and_then(Value::as_u64).filter(|number| *number <= canonical::MAX_INTEGER);
    number.ok_or(EventError::Member { member, expected: "an integer from 0 to 2^53 - 1" })
}

#[cfg(test)]
mod tests;
