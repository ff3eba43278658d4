//! The limits of the preliminary and the final report.
//!
//! Serves APPI Enforcement Rules article 8 (and 44), the Rules No. 5 of 2015 article 3, PMK500
//! article 12, and the counting rule of the general guideline 3-5-3-4: the day on which any
//! department knew is day 1; every day counts; if the last day is a closed day of administrative
//! organs, the next open day is the limit.
//!
//! Invariant: a limit is never a closed day, never before the counted day, and no open day is skipped.
//! Invariant: preliminary and P-mark dates never move; they are safe readings and carry the label 目安.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

use super::{
    Wording,
    calendar::{Calendar, next},
};

/// The first day that can be counted from: the calendar is vouched for since 2007.
pub const FIRST_DAY: Date = date(2007, 1, 1);
/// The last day that can be counted from: the longest period and its closed days still end in 2099.
pub const LAST_DAY: Date = date(2099, 6, 30);

/// The day of knowing: day 1 of every period here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct KnownOn(Date);

/// A date for which the calendar cannot be vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the date must lie between {FIRST_DAY} and {LAST_DAY}")]
pub struct DateOutOfRange;

impl KnownOn {
    /// A day of knowing.
    ///
    /// # Errors
    /// [`DateOutOfRange`] before [`FIRST_DAY`] or after [`LAST_DAY`].
    pub fn new(date: Date) -> Result<Self, DateOutOfRange> {
        if (FIRST_DAY..=LAST_DAY).contains(&date) { Ok(Self(date)) } else { Err(DateOutOfRange) }
    }

    /// The day itself.
    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }
}

/// A period of days in which day 1 counts: 1 to 120.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Days(u16);

/// A number of days outside 1 to 120.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a period has 1 to 120 days")]
pub struct DaysOutOfRange;

impl Days {
    /// 30 days: the final report in general.
    pub const THIRTY: Self = Self(30);
    /// 60 days: the final report where an improper purpose is possible.
    pub const SIXTY: Self = Self(60);

    /// The number of days.
    #[must_use]
    pub fn count(self) -> u16 {
        self.0
    }

    /// The last day of the period that begins with `known` as day 1.
    #[must_use]
    pub fn last_day(self, known: KnownOn) -> Date {
        known.0.saturating_add((i64::from(self.0) - 1).days())
    }
}

impl TryFrom<u16> for Days {
    type Error = DaysOutOfRange;

    fn try_from(days: u16) -> Result<Self, DaysOutOfRange> {
        if (1..=120).contains(&days) { Ok(Self(days)) } else { Err(DaysOutOfRange) }
    }
}

impl From<Days> for u16 {
    fn from(days: Days) -> Self {
        days.0
    }
}

/// A closed day between the counted day and the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedDay {
    /// The day.
    pub date: Date,
    /// Why administrative organs are closed, in Japanese: `日・憲法記念日`.
    pub reason: String,
    /// The same in English.
    pub en: String,
}

/// When a final report is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FinalLimit {
    /// Day 1.
    pub known: KnownOn,
    /// The length of the period.
    pub days: Days,
    /// The last day of the period as counted.
    pub raw: Date,
    /// The limit: the end of this day, Japanese time.
    pub limit: Date,
    /// The closed days in between, in order.
    pub skipped: Vec<SkippedDay>,
    /// `目安` where no authority has published how the days are counted (P-mark).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Wording>,
}

/// The limit of the final report (general guideline 3-5-3-4 with its notes; Rules No. 5 of 2015, annex 2 E).
#[must_use]
pub fn final_limit(calendar: &Calendar, known: KnownOn, days: Days) -> FinalLimit {
    let raw = days.last_day(known);
    let mut limit = raw;
    let mut skipped = Vec::new();
    while let Some(reason) = calendar.closed(limit) {
        skipped.push(SkippedDay { date: limit, reason: reason.ja.into_owned(), en: reason.en.into_owned() });
        limit = next(limit);
    }
    FinalLimit { known, days, raw, limit, skipped, label: None }
}

/// The date of a P-mark final report: the last day as counted, without moving it.
///
/// PMK500 does not say how the days are counted; D+29 and D+59 are the strict reading and labelled 目安.
#[must_use]
pub fn pmark_limit(known: KnownOn, days: Days) -> FinalLimit {
    let raw = days.last_day(known);
    FinalLimit { known, days, raw, limit: raw, skipped: Vec::new(), label: Some(SAFE_READING) }
}

/// The two dates of 速報, "promptly, about three to five days" (guideline 3-5-3-3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preliminary {
    /// The third day: when the report should be out.
    pub target: Date,
    /// The fifth day: the end of what counts as prompt.
    pub limit: Date,
    /// `目安`: the Rules give no number, the guideline does.
    pub label: Wording,
}

/// The window of the preliminary report; weekends and holidays count and nothing moves it.
#[must_use]
pub fn preliminary(known: KnownOn, target: Days, limit: Days) -> Preliminary {
    Preliminary { target: target.last_day(known), limit: limit.last_day(known), label: SAFE_READING }
}

/// The label of a date that is a safe reading and not a figure of law.
const SAFE_READING: Wording = Wording::fixed("目安", "safe reading");

#[cfg(test)]
mod tests;
