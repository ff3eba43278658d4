//! Arithmetic on numbers, counts, dates, instants and periods.
//!
//! Invariant: what lies outside the calendar or the range of numbers is unknown, never wrapped around and never a panic.

use std::borrow::Cow;

use jiff::{SignedDuration, Span, Timestamp, civil::Date, tz::TimeZone};

use super::{Held, Machine, drift::Step};
use crate::{
    expr::tree::{CountPart, Node, Operator, Unit},
    value::{Period, Value},
};

/// Longest text that `+` makes, in bytes.
const LONGEST_TEXT: usize = 20_000;

/// The period backwards.
pub(super) fn negated(period: Period) -> Period {
    Period {
        months: period.months.saturating_neg(),
        days: period.days.saturating_neg(),
        seconds: period.seconds.saturating_neg(),
    }
}

fn span(period: Period) -> Option<Span> {
    Span::new().try_months(period.months).and_then(|span| span.try_days(period.days)).ok()
}

/// A date, a period later. Hours and minutes do not count.
pub(super) fn add_to_date(day: Date, period: Period) -> Option<Date> {
    // Months and days of different sign cannot stand in one span.
    let months = day.checked_add(span(Period { days: 0, seconds: 0, ..period })?).ok()?;
    months.checked_add(span(Period { months: 0, seconds: 0, ..period })?).ok()
}

/// An instant, a period later: months and days on the calendar of the zone, the rest as elapsed time.
pub(super) fn add_to_time(at: Timestamp, period: Period, zone: &TimeZone) -> Option<Timestamp> {
    let on_calendar = if period.months == 0 && period.days == 0 {
        at
    } else {
        let local = at.to_zoned_datetime(zone.clone());
        let day = add_to_date(local.date(), Period { seconds: 0, ..period })?;
        day.to_datetime(local.time()).to_zoned_datetime(zone.clone()).ok()?.timestamp()
    };
    on_calendar.checked_add(SignedDuration::from_secs(period.seconds)).ok()
}

fn add_periods(one: Period, other: Period) -> Option<Period> {
    Some(Period {
        months: one.months.checked_add(other.months)?,
        days: one.days.checked_add(other.days)?,
        seconds: one.seconds.checked_add(other.seconds)?,
    })
}

/// The least and most of a number or count; no most means no bound.
pub(super) fn bounds(value: &Value) -> Option<(i64, Option<i64>)> {
    match value {
        Value::Int(number) => Some((*number, Some(*number))),
        Value::Count { least, most, .. } => Some((*least, *most)),
        _ => None,
    }
}

/// The sum of two numbers or counts, as a count.
pub(super) fn add_counts(one: &Value, other: &Value) -> Option<Value> {
    let ((least, most), (other_least, other_most)) = (bounds(one)?, bounds(other)?);
    let most = match (most, other_most) {
        (Some(most), Some(other)) => Some(most.checked_add(other)?),
        _ => None,
    };
    let rough = |value: &Value| matches!(value, Value::Count { approximate: true, .. });
    Some(Value::Count { least: least.checked_add(other_least)?, most, approximate: rough(one) || rough(other) })
}

fn calculate(sign: Operator, left: i64, right: i64) -> Option<i64> {
    match sign {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        Operator::Remainder => left.checked_rem(right),
    }
}

/// The period of so many units.
fn period(unit: Unit, number: i64) -> Option<Period> {
    let small = i32::try_from(number).ok();
    let seconds = |each: i64| number.checked_mul(each).map(|seconds| Period { seconds, ..Period::default() });
    match unit {
        Unit::Months => small.map(|months| Period { months, ..Period::default() }),
        Unit::Days => small.map(|days| Period { days, ..Period::default() }),
        Unit::Hours => seconds(3600),
        Unit::Minutes => seconds(60),
    }
}

impl<'a> Machine<'a> {
    pub(super) fn arithmetic(&mut self, sign: Operator, pair: &'a (Node, Node)) -> Held<'a> {
        let (left, right) = (self.value(&pair.0), self.value(&pair.1));
        let unloaded = left.unloaded || right.unloaded;
        if let (Value::Date(_) | Value::Time(_), Value::Period(period)) = (&*left.value, &*right.value) {
            let period = if sign == Operator::Subtract { negated(*period) } else { *period };
            return self.shift(left, period);
        }
        let (left, right) = (self.settle(left), self.settle(right));
        let result = match (&*left, &*right) {
            (Value::Int(left), Value::Int(right)) => calculate(sign, *left, *right).map(Value::Int),
            (Value::Period(left), Value::Period(right)) => {
                let right = if sign == Operator::Subtract { negated(*right) } else { *right };
                add_periods(*left, right).map(Value::Period)
            }
            (Value::Date(left), Value::Date(right)) => {
                right.until(*left).ok().map(|span| Value::Int(i64::from(span.get_days())))
            }
            (Value::Text(left), Value::Text(right)) if left.len() + right.len() <= LONGEST_TEXT => {
                Some(Value::Text(format!("{left}{right}")))
            }
            (left, right) => add_counts(left, right),
        };
        Held { value: Cow::Owned(result.unwrap_or(Value::Unknown)), drift: None, unloaded }
    }

    /// A date or instant, a period later, still moving with time if it did.
    fn shift(&mut self, held: Held<'a>, period: Period) -> Held<'a> {
        let moved = match &*held.value {
            Value::Date(day) => add_to_date(*day, period).map(Value::Date),
            Value::Time(at) => add_to_time(*at, period, &self.evaluation.moment.zone).map(Value::Time),
            _ => None,
        };
        match moved {
            Some(value) => {
                let drift = held.drift.map(|drift| Box::new(drift.then(Step::Plus(period))));
                Held { value: Cow::Owned(value), drift, unloaded: false }
            }
            None => Held::of(Value::Unknown),
        }
    }

    pub(super) fn period(&mut self, unit: Unit, number: &'a Node) -> Held<'a> {
        let held = self.value(number);
        let unloaded = held.unloaded;
        let value = match &*self.settle(held) {
            Value::Int(number) => period(unit, *number).map_or(Value::Unknown, Value::Period),
            _ => Value::Unknown,
        };
        Held { value: Cow::Owned(value), drift: None, unloaded }
    }

    pub(super) fn date_of(&mut self, node: &'a Node) -> Held<'a> {
        let held = self.value(node);
        match &*held.value {
            Value::Time(at) => {
                let day = self.evaluation.moment.date_of(*at);
                let drift = held.drift.map(|drift| Box::new(drift.then(Step::Date)));
                Held { value: Cow::Owned(Value::Date(day)), drift, unloaded: false }
            }
            _ => Held { drift: None, ..held },
        }
    }

    /// The year or month of a date or month. It stands until the year or month is over.
    pub(super) fn calendar_part(&mut self, node: &'a Node, year: bool) -> Held<'a> {
        let held = self.value(node);
        let unloaded = held.unloaded;
        let day = match &*held.value {
            Value::Date(day) => Some(*day),
            Value::Text(month) => format!("{month}-01").parse::<Date>().ok(),
            _ => None,
        };
        let Some(day) = day else {
            return Held { value: Cow::Owned(Value::Unknown), drift: None, unloaded };
        };
        if let Some(drift) = &held.drift {
            let first = if year { day.first_of_year() } else { day.first_of_month() };
            let months = if year { 12 } else { 1 };
            let next = first.checked_add(Span::new().months(months)).ok().map(Value::Date);
            let turn = next.and_then(|next| drift.first_at_least(&next, self.evaluation.moment));
            if let Some(turn) = turn {
                self.flips_at(turn);
            }
        }
        Held::of(Value::Int(i64::from(if year { day.year() } else { i16::from(day.month()) })))
    }

    pub(super) fn part(&mut self, part: CountPart, node: &'a Node) -> Held<'a> {
        let held = self.value(node);
        let value = match (&*held.value, part) {
            (Value::Count { least, .. }, CountPart::Least) => Value::Int(*least),
            (Value::Count { most: Some(most), .. }, CountPart::Most) => Value::Int(*most),
            (Value::Count { approximate, .. }, CountPart::Approximate) => Value::Bool(*approximate),
            (Value::Int(number), CountPart::Least | CountPart::Most) => Value::Int(*number),
            (Value::Int(_), CountPart::Approximate) => Value::Bool(false),
            _ => Value::Unknown,
        };
        Held { value: Cow::Owned(value), ..held }
    }

    /// A count as a number: unknown unless it is exact.
    pub(super) fn exact(&mut self, node: &'a Node) -> Held<'a> {
        let held = self.value(node);
        let value = match &*held.value {
            Value::Count { least, most: Some(most), .. } if least == most => Value::Int(*least),
            Value::Int(number) => Value::Int(*number),
            Value::Empty => Value::Empty,
            _ => Value::Unknown,
        };
        Held { value: Cow::Owned(value), ..held }
    }

    /// A number as a count.
    pub(super) fn range(&mut self, node: &'a Node) -> Held<'a> {
        let held = self.value(node);
        match *held.value {
            Value::Int(number) => Held::of(Value::Count { least: number, most: Some(number), approximate: false }),
            _ => held,
        }
    }
}
