//! Values that facts have, their three-valued reading, and how they are written in JSON.
//!
//! Invariant: `Empty` (nobody has said anything) and `Unknown` (somebody has said "I do not know") stay apart in
//! storage and on pages; in conditions both count as unknown.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::pack::model::Kind;

/// Three-valued truth (Kleene).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Shown.
    Yes,
    /// Shown not to be.
    No,
    /// Neither; duties treat it as yes, exemptions as no.
    Unknown,
}

impl Truth {
    /// Whether a duty must reckon with it: yes or unknown.
    #[must_use]
    pub fn possible(self) -> bool {
        self != Self::No
    }

    /// Whether an exemption may rest on it: yes only.
    #[must_use]
    pub fn certain(self) -> bool {
        self == Self::Yes
    }
}

/// A period of whole months and whole seconds. ISO 8601 `P1Y`, `P3M`, `P30D`, `PT30M`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// Years and months, in months.
    pub months: i32,
    /// Weeks and days, in days: added on the calendar, not as 24 hours.
    pub days: i32,
    /// Hours, minutes and seconds.
    pub seconds: i64,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nobody has said anything.
    Empty,
    /// Somebody has said that it is not known.
    Unknown,
    /// Yes or no.
    Bool(bool),
    /// Whole number, yen.
    Int(i64),
    /// Text, choice id, web address, telephone number, mail address, attachment id, year and month (`2026-04`).
    Text(String),
    /// Civil date.
    Date(Date),
    /// Instant.
    Time(Timestamp),
    /// Period.
    Period(Period),
    /// A count between `least` and `most`; `most` absent means no upper bound is known.
    Count {
        /// At least.
        least: i64,
        /// At most.
        most: Option<i64>,
        /// Typed as 約.
        approximate: bool,
    },
    /// A person, department or other record.
    Record(Uuid),
    /// Several.
    List(Vec<Value>),
}

impl Value {
    /// Neither said nor known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Empty | Self::Unknown)
    }

    /// Nothing typed (an empty list counts).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            _ => false,
        }
    }

    /// Whether something was said for a field of a kind: no choice at all is an answer, "none of these".
    #[must_use]
    pub fn is_said(&self, kind: Kind) -> bool {
        !self.is_empty() || (kind == Kind::Choices && matches!(self, Self::List(_)))
    }

    /// The truth of a yes-no value.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match self {
            Self::Bool(true) => Truth::Yes,
            Self::Bool(false) => Truth::No,
            _ => Truth::Unknown,
        }
    }

    /// The value as it is stored and sent. Dates and times are ISO 8601 in UTC.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Empty => Json::Null,
            Self::Unknown => json!({ "unknown": true }),
            Self::Bool(value) => json!(value),
            Self::Int(value) => json!(value),
            Self::Text(value) => json!(value),
            Self::Date(value) => json!(value.to_string()),
            Self::Time(value) => json!(value.to_string()),
            Self::Period(value) => json!(value.to_string()),
            Self::Count { least, most, approximate } => {
                json!({ "least": least, "most": most, "approximate": approximate })
            }
            Self::Record(id) => json!(id.to_string()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
        }
    }

    /// Reads what [`Value::to_json`] wrote for a field of this kind.
    ///
    /// # Errors
    /// [`ValueError`] when the JSON is not a value of the kind.
    pub fn from_json(kind: Kind, json: &Json) -> Result<Self, ValueError> {
        let wrong = || ValueError { kind, problem: Problem::Shape };
        Ok(match json {
            Json::Null => Self::Empty,
            Json::Object(map) if map.get("unknown") == Some(&Json::Bool(true)) => Self::Unknown,
            Json::Object(map) if kind == Kind::Count => Self::Count {
                least: map.get("least").and_then(Json::as_i64).unwrap_or(0),
                most: map.get("most").and_then(Json::as_i64),
                approximate: map.get("approximate").and_then(Json::as_bool).unwrap_or(false),
            },
            Json::Array(items) => {
                let each = kind.of_list().ok_or_else(wrong)?;
                Self::List(items.iter().map(|item| Self::from_json(each, item)).collect::<Result<_, _>>()?)
            }
            Json::Bool(value) if kind == Kind::YesNo => Self::Bool(*value),
            Json::Number(number) if matches!(kind, Kind::Number | Kind::Yen) => {
                Self::Int(number.as_i64().ok_or_else(wrong)?)
            }
            Json::Number(number) if kind == Kind::Count => {
                let exact = number.as_i64().ok_or_else(wrong)?;
                Self::Count { least: exact, most: Some(exact), approximate: false }
            }
            Json::String(text) => Self::parse(kind, text)?,
            _ => return Err(wrong()),
        })
    }

    /// Reads a value in its plain text form (ISO 8601 for dates, times and periods; a choice by its id).
    ///
    /// # Errors
    /// [`ValueError`] says what would be right.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, ValueError> {
        let wrong = |problem| ValueError { kind, problem };
        if text.is_empty() {
            return Ok(Self::Empty);
        }
        Ok(match kind {
            Kind::YesNo => match text {
                "yes" | "true" => Self::Bool(true),
                "no" | "false" => Self::Bool(false),
                "unknown" => Self::Unknown,
                _ => return Err(wrong(Problem::YesNo)),
            },
            Kind::Number | Kind::Yen => Self::Int(text.parse().map_err(|_| wrong(Problem::Number))?),
            Kind::Count => {
                let exact: i64 = text.parse().map_err(|_| wrong(Problem::Number))?;
                Self::Count { least: exact, most: Some(exact), approximate: false }
            }
            Kind::Date => Self::Date(text.parse().map_err(|_| wrong(Problem::Date))?),
            Kind::Time => Self::Time(text.parse().map_err(|_| wrong(Problem::Time))?),
            Kind::Period => Self::Period(text.parse().map_err(|()| wrong(Problem::Period))?),
            Kind::YearMonth => {
                format!("{text}-01").parse::<Date>().map_err(|_| wrong(Problem::YearMonth))?;
                Self::Text(text.to_owned())
            }
            Kind::Person | Kind::Department | Kind::Link => {
                Self::Record(text.parse().map_err(|_| wrong(Problem::Record))?)
            }
            Kind::Choices | Kind::Persons | Kind::Links => {
                let each = kind.of_list().unwrap_or(Kind::Text);
                Self::List(vec![Self::parse(each, text)?])
            }
            _ => Self::Text(text.to_owned()),
        })
    }
}

impl Kind {
    /// The kind of the items of a list kind.
    #[must_use]
    pub fn of_list(self) -> Option<Self> {
        match self {
            Self::Choices => Some(Self::Choice),
            Self::Persons => Some(Self::Person),
            Self::Links => Some(Self::Link),
            _ => None,
        }
    }

    /// Whether its values say nothing about a person by themselves and are stored in clear unless the pack says otherwise.
    #[must_use]
    pub fn is_clear(self) -> bool {
        !matches!(self, Self::Text | Self::LongText | Self::Url | Self::Phone | Self::Email | Self::File)
    }
}

/// Why a value was refused. Never holds the value itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a value of kind {kind:?}: {problem:?}")]
pub struct ValueError {
    /// Kind that was expected.
    pub kind: Kind,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Another JSON shape.
    Shape,
    /// Not yes, no or unknown.
    YesNo,
    /// Not a whole number.
    Number,
    /// Not a date.
    Date,
    /// Not an instant.
    Time,
    /// Not a period.
    Period,
    /// Not a year and month.
    YearMonth,
    /// Not a record's id.
    Record,
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::default() {
            return f.write_str("P0D");
        }
        f.write_str("P")?;
        let (years, months) = (self.months / 12, self.months % 12);
        for (amount, unit) in [(years, 'Y'), (months, 'M'), (self.days, 'D')] {
            if amount != 0 {
                write!(f, "{amount}{unit}")?;
            }
        }
        if self.seconds != 0 {
            f.write_str("T")?;
            let (hours, minutes, seconds) = (self.seconds / 3600, self.seconds % 3600 / 60, self.seconds % 60);
            for (amount, unit) in [(hours, 'H'), (minutes, 'M'), (seconds, 'S')] {
                if amount != 0 {
                    write!(f, "{amount}{unit}")?;
                }
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for Period {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(())?;
        let (mut period, mut amount, mut timed) = (Self::default(), String::new(), false);
        for letter in rest.chars() {
            if letter.is_ascii_digit() && amount.len() < 6 {
                amount.push(letter);
                continue;
            }
            if letter == 'T' && amount.is_empty() && !timed {
                timed = true;
                continue;
            }
            let number: i32 = amount.parse().map_err(|_| ())?;
            amount.clear();
            let months =
                |of_one: i32| number.checked_mul(of_one).and_then(|more| period.months.checked_add(more)).ok_or(());
            let days =
                |of_one: i32| number.checked_mul(of_one).and_then(|more| period.days.checked_add(more)).ok_or(());
            let seconds = |of_one: i64| period.seconds.checked_add(i64::from(number) * of_one).ok_or(());
            match (timed, letter) {
                (false, 'Y') => period.months = months(12)?,
                (false, 'M') => period.months = months(1)?,
                (false, 'W') => period.days = days(7)?,
                (false, 'D') => period.days = days(1)?,
                (true, 'H') => period.seconds = seconds(3600)?,
                (true, 'M') => period.seconds = seconds(60)?,
                (true, 'S') => period.seconds = seconds(1)?,
                _ => return Err(()),
            }
        }
        if amount.is_empty() { Ok(period) } else { Err(()) }
    }
}

impl Period {
    /// The instant this period after `from`, months and days counted on the calendar of `zone`.
    #[must_use]
    pub fn after(self, from: Timestamp, zone: &jiff::tz::TimeZone) -> Timestamp {
        self.span()
            .and_then(|span| from.to_zoned_datetime(zone.clone()).checked_add(span).ok())
            .and_then(|day| day.timestamp().checked_add(SignedDuration::from_secs(self.seconds)).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// The instant this period before `end`, months and days counted on the calendar of `zone`.
    #[must_use]
    pub fn before(self, end: Timestamp, zone: &jiff::tz::TimeZone) -> Timestamp {
        self.span()
            .and_then(|span| end.to_zoned_datetime(zone.clone()).checked_sub(span).ok())
            .and_then(|day| day.timestamp().checked_sub(SignedDuration::from_secs(self.seconds)).ok())
            .unwrap_or(Timestamp::MIN)
    }

    /// The date this period after `from`; hours and minutes do not count.
    #[must_use]
    pub fn after_date(self, from: Date) -> Date {
        self.span().and_then(|span| from.checked_add(span).ok()).unwrap_or(Date::MAX)
    }

    /// Months and days; none when they are more than the calendar has.
    fn span(self) -> Option<jiff::Span> {
        jiff::Span::new().try_months(self.months).ok()?.try_days(self.days).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_and_write() {
        for (text, months, days, seconds) in [
            ("P1Y", 12, 0, 0),
            ("P1Y6M", 18, 0, 0),
            ("P30D", 0, 30, 0),
            ("PT30M", 0, 0, 1800),
            ("P3DT12H", 0, 3, 43_200),
            ("P0D", 0, 0, 0),
        ] {
            let period: Period = text.parse().expect(text);
            assert_eq!(period, Period { months, days, seconds }, "{text}");
            assert_eq!(period.to_string(), text);
        }
        for wrong in ["", "P", "30D", "P30", "PM", "PT3D", "P1.5Y", "P9999999D"] {
            assert_eq!(wrong.parse::<Period>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_period_beyond_the_calendar_ends_with_it() {
        let long: Period = "P999999M".parse().unwrap();
        assert_eq!(long.after_date("2026-01-01".parse().unwrap()), Date::MAX);
        assert_eq!(long.after(Timestamp::UNIX_EPOCH, &jiff::tz::TimeZone::UTC), Timestamp::MAX);
    }

    #[test]
    fn values_survive_storage() {
        let day: Date = "2026-04-01".parse().unwrap();
        for (kind, value) in [
            (Kind::YesNo, Value::Unknown),
            (Kind::YesNo, Value::Empty),
            (Kind::Date, Value::Date(day)),
            (Kind::Count, Value::Count { least: 1, most: None, approximate: true }),
            (Kind::Choices, Value::List(vec![Value::Text("leak".into())])),
            (Kind::Links, Value::List(vec![Value::Record(Uuid::from_u128(7))])),
        ] {
            assert_eq!(Value::from_json(kind, &value.to_json()), Ok(value));
        }
    }
}
