//! The calendar of tasks as an iCalendar feed (RFC 5545, RFC 7986) for the calendars that people already use.
//!
//! Invariant: every entry carries its own UID and DTSTAMP, given by the caller; the feed of the same entries is the same
//! text. Invariant: no text can add a line of its own to the feed.

use icalendar::{Calendar, Component, Event, EventLike, Property};
use jiff::civil;
use jiff::{Timestamp, ToSpan};

/// The zone of timed entries.
const ZONE: &str = "Asia/Tokyo";

/// RFC 5545 section 3.6.5: who names a zone has to define it. Japan has had one offset and no summer time since 1951.
const ZONE_DEFINITION: &str = concat!(
    "BEGIN:VTIMEZONE\r\n",
    "TZID:Asia/Tokyo\r\n",
    "BEGIN:STANDARD\r\n",
    "DTSTART:19510909T000000\r\n",
    "TZNAME:JST\r\n",
    "TZOFFSETFROM:+0900\r\n",
    "TZOFFSETTO:+0900\r\n",
    "END:STANDARD\r\n",
    "END:VTIMEZONE\r\n",
);

/// The longest line, in octets, without its line end (RFC 5545 section 3.1).
const LINE_OCTETS: usize = 75;

/// When an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarWhen {
    /// The whole day: a due date.
    Day(civil::Date),
    /// At a time in Japan, for so many minutes.
    Time {
        /// The beginning, Japan Standard Time.
        start: civil::DateTime,
        /// How long it takes.
        minutes: u32,
    },
}

/// One entry of the calendar.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarEntry {
    /// Globally unique and stable, so that a changed entry replaces its older self (RFC 7986 section 5.3).
    pub uid: String,
    /// When it is.
    pub when: CalendarWhen,
    /// What it is, in one line.
    pub summary: String,
    /// More about it; empty for none.
    pub description: String,
    /// Where to do it: an absolute http or https address.
    pub url: Option<String>,
    /// Headings to sort by.
    pub categories: Vec<String>,
    /// Counts up with every change of the entry (RFC 5545 section 3.8.7.4).
    pub sequence: u32,
}

/// Why a feed could not be written. Entries are named by their UID, which holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// Two entries have the same UID, or one has none.
    #[error("calendar entry {uid:?}: the UID must be present and occur once")]
    Uid {
        /// The UID.
        uid: String,
    },
    /// The address is not one.
    #[error("calendar entry {uid:?}: the address must start with https:// or http:// and hold no space or line end")]
    Url {
        /// UID of the entry.
        uid: String,
    },
    /// The entry ends after the last day that can be written, or starts before the year 1.
    #[error("calendar entry {uid:?}: the date must lie in the years 1 to 9999")]
    Date {
        /// UID of the entry.
        uid: String,
    },
}

/// Writes the feed. `name` is what calendars show for it, `stamp` the moment of writing (DTSTAMP, RFC 5545 section
/// 3.8.7.2).
///
/// # Errors
/// [`CalendarError`] names the entry and what would be right.
pub fn feed(name: &str, entries: &[CalendarEntry], stamp: Timestamp) -> Result<String, CalendarError> {
    let mut calendar = Calendar::empty();
    let name = one_line(name);
    for (key, value) in [("VERSION", "2.0"), ("PRODID", "-//Kitei//Kitei//JA"), ("CALSCALE", "GREGORIAN")] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    // The crate escapes NAME only when told that it is a text.
    calendar.append_property(Property::new("NAME", &name).add_parameter("VALUE", "TEXT").done());
    calendar.append_property(Property::new("X-WR-CALNAME", &name));
    calendar.append_property(Property::new("X-WR-TIMEZONE", ZONE));

    let stamp = stamp.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut seen = std::collections::BTreeSet::new();
    for entry in entries {
        if entry.uid.trim().is_empty() || !seen.insert(&entry.uid) {
            return Err(CalendarError::Uid { uid: entry.uid.clone() });
        }
        calendar.push(event(entry, &stamp)?);
    }
    Ok(folded(&with_zone(&calendar.to_string())))
}

fn event(entry: &CalendarEntry, stamp: &str) -> Result<Event, CalendarError> {
    let mut event = Event::new();
    event.uid(&one_line(&entry.uid));
    event.add_property("DTSTAMP", stamp);
    event.sequence(entry.sequence);
    event.summary(&one_line(&entry.summary));
    let (start, end) = span(entry)?;
    event.append_property(start);
    event.append_property(end);
    if !entry.description.is_empty() {
        event.description(&text(&entry.description));
    }
    if let Some(url) = &entry.url {
        event.url(checked_url(url).ok_or_else(|| CalendarError::Url { uid: entry.uid.clone() })?);
    }
    if !entry.categories.is_empty() {
        event.categories(entry.categories.iter().map(|category| one_line(category)));
    }
    if matches!(entry.when, CalendarWhen::Day(_)) {
        // A due date does not make anybody busy.
        event.add_property("TRANSP", "TRANSPARENT");
    }
    Ok(event.done())
}

/// Beginning and end of the entry. The end is the first moment after it (RFC 5545 section 3.8.2.2), so a day ends on
/// the next one.
fn span(entry: &CalendarEntry) -> Result<(Property, Property), CalendarError> {
    let refuse = || CalendarError::Date { uid: entry.uid.clone() };
    match entry.when {
        CalendarWhen::Day(day) if day.year() >= 1 => {
            let next = day.tomorrow().map_err(|_| refuse())?;
            let property = |key: &str, day: civil::Date| {
                Property::new(key, day.strftime("%Y%m%d").to_string()).add_parameter("VALUE", "DATE").done()
            };
            Ok((property("DTSTART", day), property("DTEND", next)))
        }
        CalendarWhen::Time { start, minutes } if start.year() >= 1 => {
            let end = start.checked_add(i64::from(minutes).minutes()).map_err(|_| refuse())?;
            let property = |key: &str, time: civil::DateTime| {
                Property::new(key, time.strftime("%Y%m%dT%H%M%S").to_string()).add_parameter("TZID", ZONE).done()
            };
            Ok((property("DTSTART", start), property("DTEND", end)))
        }
        CalendarWhen::Day(_) | CalendarWhen::Time { .. } => Err(refuse()),
    }
}

/// The text with line ends as LF, which the crate escapes, and without other control characters, which it would pass on.
fn text(value: &str) -> String {
    value
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

fn one_line(value: &str) -> String {
    text(value).replace('\n', " ")
}

/// URLs are written as they are (RFC 5545 section 3.3.13), so they have to be clean.
fn checked_url(url: &str) -> Option<&str> {
    let absolute = url.starts_with("https://") || url.starts_with("http://");
    (absolute && !url.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(url)
}

/// The crate has no zone definitions; they stand before the first event.
fn with_zone(calendar: &str) -> String {
    // With its line ends the mark cannot occur inside a text: those are folded with a space after each line end.
    match calendar.split_once("\r\nBEGIN:VEVENT\r\n") {
        Some((head, rest)) => format!("{head}\r\n{ZONE_DEFINITION}BEGIN:VEVENT\r\n{rest}"),
        None => calendar.to_owned(),
    }
}

/// The feed with no line over 75 octets (RFC 5545 section 3.1). The crate folds too, but lets the last piece of a line
/// have 76.
fn folded(calendar: &str) -> String {
    let mut text = String::with_capacity(calendar.len() + calendar.len() / 32);
    for line in calendar.replace("\r\n ", "").split_terminator("\r\n") {
        let mut octets = 0;
        for character in line.chars() {
            if octets + character.len_utf8() > LINE_OCTETS {
                text.push_str("\r\n ");
                octets = 1;
            }
            octets += character.len_utf8();
            text.push(character);
        }
        text.push_str("\r\n");
    }
    text
}
