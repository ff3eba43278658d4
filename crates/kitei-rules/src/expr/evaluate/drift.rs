//! Values that move with time, and when a comparison with one will turn.
//!
//! A value such as `date(now() + hours(3)) + months(1)` is now, put through steps each of which keeps order. So the
//! first instant at which it reaches a bound is found backwards, step by step, without trying instants one by one.
//!
//! Invariant: for every instant before [`Drift::first_at_least`] the value lies below the bound, and from it on it does not.

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::arithmetic::{add_to_date, add_to_time, negated};
use crate::{
    value::{Period, Value},
    world::Moment,
};

/// One step from the present instant to a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The civil date of the instant.
    Date,
    /// A period later (or earlier, if negative).
    Plus(Period),
}

/// The steps from the present instant to a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Drift {
    steps: Vec<Step>,
}

impl Drift {
    /// Today's date.
    pub(super) fn today() -> Self {
        Self { steps: vec![Step::Date] }
    }

    /// The same, one step on.
    pub(super) fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Whether it keeps a fixed distance from the present instant.
    pub(super) fn is_fixed_distance(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Plus(period) if period.months == 0 && period.days == 0))
    }

    /// The first instant at which the value is at least `bound`; absent if that lies outside the calendar.
    pub(super) fn first_at_least(&self, bound: &Value, moment: &Moment) -> Option<Timestamp> {
        let mut bound = bound.clone();
        for step in self.steps.iter().rev() {
            bound = match (step, bound) {
                (Step::Date, Value::Date(day)) => Value::Time(moment.start_of(day)),
                (Step::Plus(period), Value::Date(day)) => Value::Date(first_date(*period, day)?),
                (Step::Plus(period), Value::Time(at)) => Value::Time(first_time(*period, at, moment)?),
                _ => return None,
            };
        }
        match bound {
            Value::Time(at) => Some(at),
            _ => None,
        }
    }

    /// The first instant at which the value is greater than `bound`.
    pub(super) fn first_above(&self, bound: &Value, moment: &Moment) -> Option<Timestamp> {
        let next = match bound {
            Value::Date(day) => Value::Date(day.tomorrow().ok()?),
            Value::Time(at) => Value::Time(at.checked_add(SignedDuration::from_nanos(1)).ok()?),
            _ => return None,
        };
        self.first_at_least(&next, moment)
    }

    /// When the value is another than it is now.
    pub(super) fn next_change(&self, value: &Value, moment: &Moment) -> Option<Timestamp> {
        self.first_above(value, moment)
    }
}

/// The first day that, `period` later, is `bound` or after.
fn first_date(period: Period, bound: Date) -> Option<Date> {
    // Months of different length shift the way back by at most three days.
    let mut day =
        add_to_date(bound, negated(period)).and_then(|day| day.checked_sub(jiff::Span::new().days(4)).ok())?;
    for _ in 0..12 {
        if add_to_date(day, period)? >= bound {
            return Some(day);
        }
        day = day.tomorrow().ok()?;
    }
    Some(day)
}

/// The first instant that, `period` later, is `bound` or after.
fn first_time(period: Period, bound: Timestamp, moment: &Moment) -> Option<Timestamp> {
    let guess = add_to_time(bound, negated(period), &moment.zone)?;
    if period.months == 0 && period.days == 0 {
        return Some(guess);
    }
    let margin = SignedDuration::from_hours(24 * 5);
    let (mut below, mut above) = (guess.checked_sub(margin).ok()?, guess.checked_add(margin).ok()?);
    while above.duration_since(below) > SignedDuration::from_nanos(1) {
        let middle = below.checked_add(above.duration_since(below) / 2).ok()?;
        if add_to_time(middle, period, &moment.zone)? >= bound {
            above = middle;
        } else {
            below = middle;
        }
    }
    Some(above)
}
