//! Instants and days as both engines keep them.
//!
//! SQLite has no type for time, so an instant is a text there. Invariant: the text has always the same width
//! (RFC 3339, UTC, six digits of fraction), because only then is the order of texts the order of times.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A point in time, to the microsecond, in the years 1 to 9999 of UTC (RFC 3339).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
const POSTGRES_EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
/// The day from which PostgreSQL counts.
const POSTGRES_EPOCH: Date = Date::constant(2000, 1, 1);
/// 0001-01-01T00:00:00Z.
const FIRST_MICROSECOND: i64 = -62_135_596_800_000_000;
/// The last microsecond of 9999 that a `Timestamp` holds with every offset (it ends at 9999-12-30T22:00Z).
const LAST_MICROSECOND: i64 = 253_402_207_200_000_000;

impl Instant {
    /// The instant of a timestamp, cut to the microsecond and kept within the years that both engines order alike.
    #[must_use]
    pub fn new(timestamp: Timestamp) -> Self {
        Self::from_microseconds(timestamp.as_microsecond())
    }

    /// The instant so many microseconds after 1970-01-01T00:00:00Z, kept within the years 1 to 9999.
    #[must_use]
    pub fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds.clamp(FIRST_MICROSECOND, LAST_MICROSECOND))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// The instant for computing with zones and spans.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        // Cannot fail within the clamped range; the epoch stands in where a type needs a value.
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// This instant and `seconds` more (fewer, if negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_microseconds(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Reads RFC 3339; `None` when the text is no time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(Self::new)
    }

    pub(crate) fn to_postgres(self) -> i64 {
        self.0 - POSTGRES_EPOCH_MICROSECONDS
    }

    pub(crate) fn from_postgres(microseconds: i64) -> Self {
        Self::from_microseconds(microseconds.saturating_add(POSTGRES_EPOCH_MICROSECONDS))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = TimeZone::UTC.to_datetime(self.timestamp());
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.subsec_nanosecond() / 1_000
        )
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self::new(timestamp)
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a time such as 2026-04-01T00:00:00Z"))
    }
}

/// A day of the calendar, without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Day(Date);

impl Day {
    /// The day; a year before 1 becomes 0001-01-01, because texts of negative years are not in order.
    #[must_use]
    pub fn new(date: Date) -> Self {
        if date.year() < 1 { Self(Date::constant(1, 1, 1)) } else { Self(date) }
    }

    /// The day for computing.
    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }

    /// Reads `2026-04-01`; `None` when the text is no day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Date>().ok().map(Self::new)
    }

    pub(crate) fn to_postgres(self) -> i32 {
        let days = self.0.duration_since(POSTGRES_EPOCH).as_hours() / 24;
        i32::try_from(days).unwrap_or(0)
    }

    pub(crate) fn from_postgres(days: i32) -> Option<Self> {
        let days = SignedDuration::from_hours(i64::from(days) * 24);
        POSTGRES_EPOCH.checked_add(days).ok().map(Self::new)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::new(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_3339_text_has_one_width() {
        for (given, written) in [
            ("2026-11-24T06:44:50Z", "2026-11-24T06:44:50.000000Z"),
            ("2026-11-24T06:44:50.5Z", "2026-11-24T06:44:50.500000Z"),
            ("2026-11-24T15:44:50.123456789+09:00", "2026-11-24T06:44:50.123456Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(Instant::parse(given).unwrap().to_string(), written);
        }
        assert_eq!(Instant::parse("yesterday"), None);
    }

    #[test]
    fn days_survive_both_engines() {
        for text in ["0001-01-01", "1999-12-31", "2000-01-01", "2000-02-29", "2026-04-01", "9999-12-31"] {
            let day = Day::parse(text).unwrap();
            assert_eq!(day.to_string(), text);
            assert_eq!(Day::from_postgres(day.to_postgres()), Some(day));
        }
    }

    proptest! {
        #[test]
        fn order_of_texts_is_order_of_times(a in FIRST_MICROSECOND..LAST_MICROSECOND, b in FIRST_MICROSECOND..LAST_MICROSECOND) {
            let (a, b) = (Instant::from_microseconds(a), Instant::from_microseconds(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(Instant::parse(&a.to_string()), Some(a));
            prop_assert_eq!(Instant::from_postgres(a.to_postgres()), a);
        }
    }
}
