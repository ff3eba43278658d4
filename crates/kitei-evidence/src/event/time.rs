//! Times in events: RFC 3339 in UTC with exactly six digits of fraction, so that text order is time order.

/// An instant as `2026-11-24T01:02:03.000004Z`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventTime(String);

/// Text that is no such instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time must be {expected}")]
pub struct EventTimeError {
    /// What would be right.
    pub expected: &'static str,
}

const PATTERN: &[u8; 27] = b"0000-00-00T00:00:00.000000Z";

impl EventTime {
    /// Reads the fixed form.
    ///
    /// # Errors
    /// [`EventTimeError`] for another form of RFC 3339, and for days and times that do not exist.
    pub fn parse(text: &str) -> Result<Self, EventTimeError> {
        let error = EventTimeError { expected: "an existing instant in the form 2026-01-31T23:59:59.000000Z" };
        let fits = |(byte, pattern): (u8, &u8)| if *pattern == b'0' { byte.is_ascii_digit() } else { byte == *pattern };
        if text.len() != PATTERN.len() || !text.bytes().zip(PATTERN).all(fits) {
            return Err(error);
        }
        let number = |from, to| text.get(from..to).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(u32::MAX);
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let exists = (1..=days_in(year, month)).contains(&day)
            && number(11, 13) < 24
            && number(14, 16) < 60
            && number(17, 19) < 60;
        if exists { Ok(Self(text.to_owned())) } else { Err(error) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Days of a month of the Gregorian calendar; 0 for a month that does not exist.
const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}
