//! National holidays and the days on which administrative organs are closed.
//!
//! Serves the Act on National Holidays (昭和23年法律178号, articles 2 and 3) in its wording since 2007
//! and article 1 of the Act on Holidays of Administrative Organs (昭和63年法律91号), on which the
//! limit of the final report turns (APPI Enforcement Rules article 8(2)).
//!
//! Invariant: holidays are computed from the rules; what a special Act or the gazette moved is data
//! ([`Gazetted`]), never a branch.
//! Invariant: the answer is vouched for from 2007 to 2099 only; callers bound their dates.

mod table;

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use serde::{Deserialize, Serialize};

use super::Wording;
use table::{GAZETTE, On, RULES};

/// First year for which the rules of the Act hold as implemented.
pub const FIRST_YEAR: i16 = 2007;
/// Last year for which the approximation of the equinoxes is vouched for.
pub const LAST_YEAR: i16 = 2099;

/// A day that a special Act or the gazette added to, or took from, the national holidays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gazetted {
    /// The day.
    pub date: Date,
    /// The holiday's name if the day became a holiday, `None` if the day ceased to be one.
    pub name: Option<Wording>,
}

/// A national holiday or another day off under the Act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// Its name as people write it; for a substitute, `憲法記念日 振替休日`.
    pub name: Wording,
    /// Under which rule of the Act it is off.
    pub kind: HolidayKind,
}

/// The three ways in which article 3 of the Act makes a day a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolidayKind {
    /// A named holiday (article 2; article 3(1)).
    National,
    /// 振替休日: the next day that is no national holiday after one on a Sunday (article 3(2)).
    Substitute,
    /// 国民の休日: a day between two national holidays (article 3(3)).
    Between,
}

/// The calendar of closed days: the rules of the Act together with what the gazette changed.
#[derive(Debug, Clone)]
pub struct Calendar {
    gazette: Vec<Gazetted>,
}

impl Default for Calendar {
    fn default() -> Self {
        let fixed = GAZETTE
            .iter()
            .map(|row| Gazetted { date: row.date, name: row.name.map(|(ja, en)| Wording::fixed(ja, en)) });
        Self { gazette: fixed.collect() }
    }
}

impl Calendar {
    /// The same calendar with further gazetted days; a later entry for a day overrides an earlier one.
    #[must_use]
    pub fn with_gazette(mut self, days: impl IntoIterator<Item = Gazetted>) -> Self {
        for day in days {
            self.gazette.retain(|row| row.date != day.date);
            self.gazette.push(day);
        }
        self
    }

    /// The national holidays and other days off of a year under the Act, in order.
    #[must_use]
    pub fn holidays(&self, year: i16) -> Vec<Holiday> {
        let Ok(first) = Date::new(year, 1, 1) else { return Vec::new() };
        first.series(1.day()).take_while(|date| date.year() == year).filter_map(|date| self.holiday(date)).collect()
    }

    /// The holiday on a day, if it is one (Act on National Holidays articles 2 and 3).
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<Holiday> {
        if let Some(name) = self.national(date) {
            return Some(Holiday { date, name, kind: HolidayKind::National });
        }
        if let Some(name) = self.substituted(date) {
            let name = Wording::composed(format!("{} 振替休日", name.ja), format!("{} (substitute holiday)", name.en));
            return Some(Holiday { date, name, kind: HolidayKind::Substitute });
        }
        let between = self.national(previous(date)).is_some() && self.national(next(date)).is_some();
        between.then(|| Holiday {
            date,
            name: Wording::fixed("国民の休日", "Citizens' Holiday"),
            kind: HolidayKind::Between,
        })
    }

    /// Why administrative organs are closed on a day, or `None` if they are open
    /// (Act on Holidays of Administrative Organs article 1: Saturdays, Sundays, holidays, 29 December to 3 January).
    ///
    /// Several reasons are joined by `・`, in the order weekday, holiday, year end: `土・元日・年末年始`.
    #[must_use]
    pub fn closed(&self, date: Date) -> Option<Wording> {
        let weekday = match date.weekday() {
            Weekday::Saturday => Some(Wording::fixed("土", "Saturday")),
            Weekday::Sunday => Some(Wording::fixed("日", "Sunday")),
            _ => None,
        };
        let holiday = self.holiday(date).map(|holiday| holiday.name);
        let year_end = year_end(date).then(|| Wording::fixed("年末年始", "year-end and New Year closing"));
        let reasons: Vec<Wording> = [weekday, holiday, year_end].into_iter().flatten().collect();
        if reasons.is_empty() {
            return None;
        }
        let ja: Vec<&str> = reasons.iter().map(|reason| reason.ja.as_ref()).collect();
        let en: Vec<&str> = reasons.iter().map(|reason| reason.en.as_ref()).collect();
        Some(Wording::composed(ja.join("・"), en.join(", ")))
    }

    /// Whether administrative organs are closed on a day.
    #[must_use]
    pub fn is_closed(&self, date: Date) -> bool {
        self.closed(date).is_some()
    }

    /// The name of the national holiday of article 2 on a day, the gazette before the rules.
    fn national(&self, date: Date) -> Option<Wording> {
        if let Some(row) = self.gazette.iter().find(|row| row.date == date) {
            return row.name.clone();
        }
        let rule = RULES.iter().find(|rule| {
            (rule.from..=rule.to).contains(&date.year())
                && rule.on.day_in(date.year(), date.month()) == Some(date.day())
        })?;
        Some(Wording::fixed(rule.ja, rule.en))
    }

    /// The holiday that a day stands in for: walk back through national holidays to one on a Sunday.
    fn substituted(&self, date: Date) -> Option<Wording> {
        let mut day = previous(date);
        // Holidays never stand in an unbroken row longer than a week, so eight steps suffice.
        for _ in 0..8 {
            let name = self.national(day)?;
            if day.weekday() == Weekday::Sunday {
                return Some(name);
            }
            day = previous(day);
        }
        None
    }
}

impl On {
    /// The day of the month on which the rule falls in a month of a year, if it falls in that month.
    fn day_in(self, year: i16, month: i8) -> Option<i8> {
        match self {
            Self::Fixed(rule_month, day) => (rule_month == month).then_some(day),
            Self::Monday(rule_month, nth) => {
                if rule_month != month {
                    return None;
                }
                let first = Date::new(year, month, 1).ok()?;
                let monday = first.nth_weekday_of_month(nth, Weekday::Monday).ok()?;
                Some(monday.day())
            }
            Self::VernalEquinox => (month == 3).then(|| equinox(year, 20_843_100)),
            Self::AutumnalEquinox => (month == 9).then(|| equinox(year, 23_248_800)),
        }
    }
}

/// The day of an equinox by the usual approximation for 1980 to 2099, in millionths of a day.
fn equinox(year: i16, base: i64) -> i8 {
    let years = i64::from(year) - 1980;
    let day = (base + 242_194 * years).div_euclid(1_000_000) - years.div_euclid(4);
    i8::try_from(day).unwrap_or(0)
}

/// 29 December to 3 January.
fn year_end(date: Date) -> bool {
    matches!((date.month(), date.day()), (12, 29..=31) | (1, 1..=3))
}

/// The day after; at the end of time the day itself, which no bounded caller reaches.
pub(crate) fn next(date: Date) -> Date {
    date.saturating_add(1.day())
}

/// The day before; at the beginning of time the day itself, which no bounded caller reaches.
pub(crate) fn previous(date: Date) -> Date {
    date.saturating_sub(1.day())
}

#[cfg(test)]
mod tests;
