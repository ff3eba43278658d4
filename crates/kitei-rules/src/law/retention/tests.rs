//! Enforcement Rules articles 21, 25, 29 and the tax form of 所得税法施行規則76条の3, counted by the Civil Code.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Document, RecordMethod, Retention, RetentionError, Starts, of_completed, of_record, of_tax_form};
use crate::law::book::LawBook;

fn record(method: RecordMethod, text: &str) -> Retention {
    of_record(&LawBook::default(), method, text.parse().expect("a date")).expect("a period")
}

#[test]
fn rules_21_25_29_worked_examples() {
    use RecordMethod::{Batch, Contract, Each};
    let cases = [
        // R02 to R10 of the specification, and those between.
        (Contract, "2026-11-22", "2026-11-22", "2027-11-21"),
        (Contract, "2024-02-29", "2024-02-29", "2025-02-28"),
        (Contract, "2023-03-01", "2023-03-01", "2024-02-29"),
        (Contract, "2026-01-01", "2026-01-01", "2026-12-31"),
        (Batch, "2025-04-01", "2025-04-01", "2028-03-31"),
        (Batch, "2024-02-29", "2024-02-29", "2027-02-28"),
        (Batch, "2025-12-31", "2025-12-31", "2028-12-30"),
        (Batch, "2025-03-01", "2025-03-01", "2028-02-29"),
        (Each, "2024-02-29", "2024-03-01", "2027-02-28"),
        (Each, "2025-02-28", "2025-03-01", "2028-02-29"),
        (Each, "2024-02-28", "2024-02-29", "2027-02-28"),
        (Each, "2023-11-22", "2023-11-23", "2026-11-22"),
        (Each, "2025-12-31", "2026-01-01", "2028-12-31"),
    ];
    for (method, from, first, last) in cases {
        let period = record(method, from);
        assert_eq!(
            (period.first.to_string(), period.last.to_string()),
            (first.into(), last.into()),
            "{method:?} {from}"
        );
        assert_eq!(period.dispose_from, period.last.tomorrow().expect("a day"));
        assert!(period.note.is_none());
    }
}

#[test]
fn income_tax_rules_76_3_dependants() {
    let cases = [
        (2018, "2019-01-11", "2026-01-10", "2026-01-11"),
        (2019, "2020-01-11", "2027-01-10", "2027-01-11"),
        (2025, "2026-01-11", "2033-01-10", "2033-01-11"),
        (2027, "2028-01-11", "2035-01-10", "2035-01-11"),
    ];
    for (year, first, last, dispose) in cases {
        let period = of_tax_form(&LawBook::default(), Document::Dependants, year).expect("a period");
        assert_eq!(
            [period.first.to_string(), period.last.to_string(), period.dispose_from.to_string()],
            [first, last, dispose].map(str::to_owned)
        );
    }
}

#[test]
fn documents_of_completed_matters() {
    let completed = date(2026, 3, 31);
    let cases = [
        ("employment-insurance-insured", "2030-03-31"),
        ("employment-insurance-other", "2028-03-31"),
        ("health-and-pension", "2028-03-31"),
        ("workers-accident", "2029-03-31"),
        ("labor-insurance-collection", "2029-03-31"),
        ("property-formation", "2031-03-31"),
        ("wage-ledger", "2029-03-31"),
    ];
    for (name, last) in cases {
        let document = Document::named(name).expect("a document");
        assert_eq!(document.starts(), Starts::AfterCompletion);
        let period = of_completed(&LawBook::default(), document, completed).expect("a period");
        assert_eq!(period.last.to_string(), last, "{name}");
    }
    let forms = Document::NAMED.iter().filter(|(_, document)| document.starts() == Starts::AfterDueYear).count();
    assert_eq!(forms, 5);
}

#[test]
fn days_before_the_rule_say_so() {
    let period = record(RecordMethod::Each, "2016-02-29");
    assert_eq!(period.last.to_string(), "2019-02-28");
    assert!(period.note.is_some());
}

#[test]
fn dates_outside_the_calendar_are_refused() {
    let book = LawBook::default();
    assert_eq!(of_record(&book, RecordMethod::Batch, Date::MAX), Err(RetentionError::Date));
    assert_eq!(of_tax_form(&book, Document::Dependants, i16::MAX), Err(RetentionError::Date));
    assert_eq!(of_tax_form(&book, Document::Dependants, -5), Err(RetentionError::Date));
}

proptest! {
    #[test]
    fn a_batch_period_has_whole_years(year in 2018_i16..2100, day in 1_i16..=365) {
        let from = date(year, 1, 1).with().day_of_year(day).build().expect("a day");
        let period = of_record(&LawBook::default(), RecordMethod::Batch, from).expect("a period");
        // Day 1 to the last day is three years to the day, or to the month's end where the month lacks the day.
        let next = period.dispose_from;
        let leap_day = (from.month(), from.day()) == (2, 29);
        prop_assert_eq!(next.year(), from.year() + 3);
        prop_assert!(leap_day || (next.month(), next.day()) == (from.month(), from.day()));
        prop_assert!(!leap_day || (next.month(), next.day()) == (3, 1));
    }
}
