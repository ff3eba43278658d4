//! Comparisons of values, three-valued, and when time turns them.

use std::cmp::Ordering;

use super::{Held, Machine, arithmetic::bounds, drift::Drift};
use crate::{
    expr::tree::{Comparison, Node},
    value::{Period, Truth, Value},
};

/// Yes or no.
fn sure(holds: bool) -> Truth {
    if holds { Truth::Yes } else { Truth::No }
}

/// The opposite.
pub(super) fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Yes => Truth::No,
        Truth::No => Truth::Yes,
        Truth::Unknown => Truth::Unknown,
    }
}

/// The same comparison with its sides exchanged.
fn mirrored(sign: Comparison) -> Comparison {
    match sign {
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
        same => same,
    }
}

/// Whether a comparison holds.
pub(super) fn relation(sign: Comparison, left: &Value, right: &Value) -> Truth {
    if left.is_unknown() || right.is_unknown() {
        return Truth::Unknown;
    }
    match sign {
        Comparison::Equal => equal(left, right),
        Comparison::NotEqual => not(equal(left, right)),
        Comparison::Less => less(left, right),
        Comparison::Greater => less(right, left),
        Comparison::LessEqual => not(less(right, left)),
        Comparison::GreaterEqual => not(less(left, right)),
    }
}

/// Whether two known values are the same. Lists are sets: order and repetition do not count.
pub(super) fn equal(left: &Value, right: &Value) -> Truth {
    if left.is_unknown() || right.is_unknown() {
        return Truth::Unknown;
    }
    match (left, right) {
        (Value::List(one), Value::List(other)) => {
            let every = |items: &[Value], others: &[Value]| {
                items.iter().fold(Truth::Yes, |so_far, item| match (so_far, member(item, others)) {
                    (Truth::No, _) | (_, Truth::No) => Truth::No,
                    (Truth::Yes, Truth::Yes) => Truth::Yes,
                    _ => Truth::Unknown,
                })
            };
            match (every(one, other), every(other, one)) {
                (Truth::Yes, Truth::Yes) => Truth::Yes,
                (Truth::No, _) | (_, Truth::No) => Truth::No,
                _ => Truth::Unknown,
            }
        }
        (Value::Count { .. }, _) | (_, Value::Count { .. }) => match (bounds(left), bounds(right)) {
            (Some((least, most)), Some((other_least, other_most))) => {
                if most.is_some_and(|most| most < other_least) || other_most.is_some_and(|most| most < least) {
                    Truth::No
                } else if most == Some(least) && other_most == Some(other_least) {
                    Truth::Yes
                } else {
                    Truth::Unknown
                }
            }
            _ => Truth::Unknown,
        },
        (Value::Period(one), Value::Period(other)) => match compare_periods(*one, *other) {
            Some(order) => sure(order == Ordering::Equal),
            None => Truth::Unknown,
        },
        (one, other) => sure(one == other),
    }
}

/// Whether an item is in a list.
pub(super) fn member(item: &Value, list: &[Value]) -> Truth {
    let mut truth = Truth::No;
    for other in list {
        match equal(item, other) {
            Truth::Yes => return Truth::Yes,
            Truth::Unknown => truth = Truth::Unknown,
            Truth::No => {}
        }
    }
    truth
}

/// Whether one known value lies before another.
fn less(left: &Value, right: &Value) -> Truth {
    match (left, right) {
        (Value::Date(one), Value::Date(other)) => sure(one < other),
        (Value::Time(one), Value::Time(other)) => sure(one < other),
        (Value::Text(one), Value::Text(other)) => sure(one < other),
        (Value::Period(one), Value::Period(other)) => {
            compare_periods(*one, *other).map_or(Truth::Unknown, |order| sure(order == Ordering::Less))
        }
        _ => match (bounds(left), bounds(right)) {
            (Some((least, most)), Some((other_least, other_most))) => {
                if most.is_some_and(|most| most < other_least) {
                    Truth::Yes
                } else if other_most.is_some_and(|most| least >= most) {
                    Truth::No
                } else {
                    Truth::Unknown
                }
            }
            _ => Truth::Unknown,
        },
    }
}

/// The order of two periods, where it does not depend on the length of the months between.
fn compare_periods(one: Period, other: Period) -> Option<Ordering> {
    let months = i64::from(one.months) - i64::from(other.months);
    let days = i64::from(one.days) - i64::from(other.days);
    let seconds = one.seconds.saturating_sub(other.seconds).saturating_add(days * 86_400);
    let (short, long) = (months * 28 * 86_400, months * 31 * 86_400);
    let (low, high) = (short.min(long).saturating_add(seconds), short.max(long).saturating_add(seconds));
    match (low.cmp(&0), high.cmp(&0)) {
        (low, high) if low == high => Some(low),
        _ => None,
    }
}

impl<'a> Machine<'a> {
    pub(super) fn compare(&mut self, sign: Comparison, pair: &'a (Node, Node)) -> Truth {
        let mark = self.because.len();
        let (left, right) = (self.value(&pair.0), self.value(&pair.1));
        let truth = relation(sign, &left.value, &right.value);
        if truth == Truth::Unknown {
            if self.because.len() == mark {
                self.blame(&pair.0);
                self.blame(&pair.1);
            }
            return truth;
        }
        self.because.truncate(mark);
        match (&left.drift, &right.drift) {
            (None, None) => {}
            (Some(drift), None) => self.turns(sign, drift, &right.value),
            (None, Some(drift)) => self.turns(mirrored(sign), drift, &left.value),
            (Some(_), Some(_)) => self.both_move(left, right),
        }
        truth
    }

    /// Notes when a comparison of a moving value (on the left) with a fixed one will turn.
    fn turns(&mut self, sign: Comparison, drift: &Drift, fixed: &Value) {
        let moment = self.evaluation.moment;
        let reaches = !matches!(sign, Comparison::LessEqual | Comparison::Greater);
        let passes = !matches!(sign, Comparison::Less | Comparison::GreaterEqual);
        let turns = [
            reaches.then(|| drift.first_at_least(fixed, moment)).flatten(),
            passes.then(|| drift.first_above(fixed, moment)).flatten(),
        ];
        for instant in turns.into_iter().flatten() {
            self.flips_at(instant);
        }
    }

    /// Both sides move: equal distances never turn, others are looked at again when either changes.
    fn both_move(&mut self, left: Held<'a>, right: Held<'a>) {
        let fixed = |held: &Held<'a>| held.drift.as_ref().is_some_and(|drift| drift.is_fixed_distance());
        if fixed(&left) && fixed(&right) {
            return;
        }
        if let (Value::Time(_), Value::Time(_)) = (&*left.value, &*right.value) {
            let soon = self.now().checked_add(jiff::SignedDuration::from_mins(1));
            if let Ok(soon) = soon {
                self.flips_at(soon);
            }
            return;
        }
        self.settle(left);
        self.settle(right);
    }
}
