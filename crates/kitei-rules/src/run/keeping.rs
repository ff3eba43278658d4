//! How long a record is kept: at least until a day, at most until another, as packs say of its register.
//!
//! The bounds of several packs intersect: the latest least and the earliest most count. A period runs from the day that
//! the pack names (else from the day on which the record was closed), which is not counted itself; while that day is not
//! known, the period has not begun, and what must be kept is kept.
//!
//! Invariant: where least and most contradict each other, keeping comes first; disposing is the one thing that cannot be
//! made good.

use jiff::civil::Date;

use super::{Kernel, command::Objection};
use crate::{
    book::BookRetention,
    law::retention::{self, RecordMethod},
    pack::model::Text,
    value::Value,
    world::Record,
};

/// A bound of keeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The last day of it; none while its beginning is not known.
    pub last: Option<Date>,
    /// Pack that says it.
    pub pack: String,
    /// Clauses.
    pub basis: Vec<String>,
}

/// How long a record is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keeping {
    /// It is kept at least this long.
    pub least: Option<Bound>,
    /// It is kept at most this long.
    pub most: Option<Bound>,
}

/// What is to be done with a record on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The most has passed: it must go.
    Due,
    /// The least has passed: it may go.
    Free,
    /// It must be kept still.
    Kept,
}

impl Keeping {
    /// What is to be done on a day; nothing where no pack says how long.
    #[must_use]
    pub fn fate(&self, today: Date) -> Option<Fate> {
        if self.held(today).is_some() {
            return Some(Fate::Kept);
        }
        match (&self.least, &self.most) {
            (None, None) => None,
            (_, Some(most)) if most.last.is_some_and(|last| last < today) => Some(Fate::Due),
            (None, Some(_)) => Some(Fate::Kept),
            (Some(_), _) => Some(Fate::Free),
        }
    }

    /// The bound that forbids disposal on a day.
    #[must_use]
    pub fn held(&self, today: Date) -> Option<&Bound> {
        self.least.as_ref().filter(|least| least.last.is_none_or(|last| today <= last))
    }
}

impl Kernel<'_> {
    /// How long a record is kept.
    #[must_use]
    pub fn keeping(&self, record: &Record) -> Keeping {
        let mut out = Keeping::default();
        for said in self.book.retention.get(&record.register).into_iter().flatten() {
            let from = self.kept_from(record, said);
            let bound = |last: Option<Date>| Bound { last, pack: said.pack.clone(), basis: said.basis.clone() };
            if let Some(period) = said.least {
                out.least = later(out.least.take(), bound(from.map(|from| period.after_date(from))));
            }
            if let Some(method) = said.rule {
                // A day outside the calendar of the law is kept until somebody says otherwise.
                let of_law = from.and_then(|from| retention::of_record(&self.book.law, method, from).ok());
                out.least = later(out.least.take(), bound(of_law.map(|found| found.last)));
            }
            if let Some(period) = said.most {
                out.most = earlier(out.most.take(), bound(from.map(|from| period.after_date(from))));
            }
        }
        out
    }

    fn kept_from(&self, record: &Record, said: &BookRetention) -> Option<Date> {
        let Some(from) = &said.from else { return record.closed_at.map(|at| self.moment.date_of(at)) };
        match self.ask(from, record.id, None).value {
            Value::Date(day) => Some(day),
            Value::Time(instant) => Some(self.moment.date_of(instant)),
            _ => None,
        }
    }

    /// Why a record may not go today: its least period, in words.
    pub(super) fn kept_still(&self, record: &Record) -> Option<Objection> {
        let keeping = self.keeping(record);
        let bound = keeping.held(self.moment.today())?;
        let (ja, en) = match bound.last {
            Some(last) => (
                format!("保管期間が{last}まで続きます。廃棄や全体の消去は、その翌日からできます。"),
                format!("Its period of keeping runs until {last}; it may be disposed of or erased from the day after."),
            ),
            None => (
                "保管期間がまだ始まっていないので、廃棄や全体の消去はできません。".to_owned(),
                "Its period of keeping has not begun, so it may not be disposed of or erased.".to_owned(),
            ),
        };
        Some(Objection {
            code: "kept".to_owned(),
            field: None,
            source: Some(bound.pack.clone()),
            clauses: bound.basis.clone(),
            message: Text { ja, en },
        })
    }
}

/// The later bound; one that has not begun is later than any.
fn later(known: Option<Bound>, new: Bound) -> Option<Bound> {
    Some(match known {
        Some(known) if known.last.is_none() || new.last.is_some_and(|last| known.last >= Some(last)) => known,
        _ => new,
    })
}

/// The earlier bound; one that has not begun gives way.
fn earlier(known: Option<Bound>, new: Bound) -> Option<Bound> {
    Some(match known {
        Some(known) if known.last.is_some() && new.last.is_none_or(|last| known.last <= Some(last)) => known,
        _ => new,
    })
}

/// The name of a rule of law for keeping records of provision.
#[must_use]
pub fn rule_of_law(name: &str) -> Option<RecordMethod> {
    match name {
        "retention.contract" => Some(RecordMethod::Contract),
        "retention.batch" => Some(RecordMethod::Batch),
        "retention.each" => Some(RecordMethod::Each),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(last: Option<&str>) -> Bound {
        Bound { last: last.map(|day| day.parse().unwrap()), pack: "p".to_owned(), basis: Vec::new() }
    }

    #[test]
    fn the_latest_least_and_the_earliest_most_count() {
        let (early, late, never) = (bound(Some("2025-03-31")), bound(Some("2026-03-31")), bound(None));
        for (a, b) in [(&early, &late), (&late, &early)] {
            assert_eq!(later(Some(a.clone()), b.clone()).unwrap(), late);
            assert_eq!(earlier(Some(a.clone()), b.clone()).unwrap(), early);
        }
        for (a, b) in [(&never, &late), (&late, &never)] {
            assert_eq!(later(Some(a.clone()), b.clone()).unwrap(), never);
            assert_eq!(earlier(Some(a.clone()), b.clone()).unwrap(), late);
        }
    }

    #[test]
    fn fates_by_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let both = Keeping { least: Some(bound(Some("2025-03-31"))), most: Some(bound(Some("2026-03-31"))) };
        for (today, fate) in [
            ("2025-03-31", Fate::Kept),
            ("2025-04-01", Fate::Free),
            ("2026-03-31", Fate::Free),
            ("2026-04-01", Fate::Due),
        ] {
            assert_eq!(both.fate(day(today)), Some(fate), "{today}");
        }
        let unbegun = Keeping { least: Some(bound(None)), most: Some(bound(Some("2020-01-01"))) };
        assert_eq!(unbegun.fate(day("2025-01-01")), Some(Fate::Kept), "keeping comes first");
        assert_eq!(Keeping::default().fate(day("2025-01-01")), None);
        let only_most = Keeping { least: None, most: Some(bound(Some("2025-03-31"))) };
        assert_eq!(only_most.fate(day("2025-03-31")), Some(Fate::Kept));
        assert_eq!(only_most.fate(day("2025-04-01")), Some(Fate::Due));
    }
}
