//! The law book: rows by date, and what makes rows a book.

use jiff::civil::date;

use super::{LawBook, LawBookError, Row, Rule, TurnsOn, Value};
use crate::law::{
    breach::{Facts, triage},
    calendar::Calendar,
    deadline::Days,
};

fn rows() -> Vec<Row> {
    LawBook::default().rows().to_vec()
}

fn book(rows: Vec<Row>) -> Result<LawBook, LawBookError> {
    LawBook::from_rows(rows, Vec::new(), Calendar::default())
}

#[test]
fn the_shipped_rows_make_a_book() {
    assert!(book(rows()).is_ok());
    assert_eq!(rows().len(), 29, "every rule has a row");
    assert_eq!(LawBook::default().pending().len(), 12);
    assert!(LawBook::default().pending().iter().all(|pending| pending.law == "令和8年法律第56号"));
}

#[test]
fn a_row_holds_from_its_first_day() {
    let book = LawBook::default();
    let cases = [
        (Rule::AppiReport, date(2022, 3, 31), date(2022, 4, 1)),
        (Rule::AppiReportPublicBody, date(2023, 3, 31), date(2023, 4, 1)),
        (Rule::AppiPlannedData, date(2024, 3, 31), date(2024, 4, 1)),
        (Rule::MyNumberReport, date(2022, 3, 31), date(2022, 4, 1)),
    ];
    for (rule, before, first) in cases {
        assert!(book.at(rule, before).is_none(), "{rule:?}");
        assert!(book.at(rule, first).is_some(), "{rule:?}");
    }
    assert_eq!(Rule::AppiPlannedData.turns_on(), TurnsOn::Event);
    assert_eq!(Rule::AppiReport.turns_on(), TurnsOn::Knowing);
    assert_eq!(Rule::RetentionEach.turns_on(), TurnsOn::Document);
}

#[test]
fn an_amendment_is_a_new_row() {
    let mut rows = rows();
    for row in &mut rows {
        if row.rule == Rule::AppiPersonsOver {
            row.effective_to = Some(date(2029, 12, 31));
        }
    }
    rows.push(Row {
        rule: Rule::AppiPersonsOver,
        article: "改正後の7条4号".into(),
        effective_from: date(2030, 1, 1),
        effective_to: None,
        value: Value::PersonsOver(500),
    });
    let book = book(rows).expect("a book");
    for (known, reportable) in [("2029-12-31", false), ("2030-01-01", true)] {
        let facts = serde_json::json!({"known_on": known, "act": "leak", "persons": 501, "data": ["plain"]});
        let facts = Facts::try_from(&facts).expect("facts");
        assert_eq!(triage(&book, &facts).appi.reportable, reportable, "{known}");
    }
}

#[test]
fn no_event_is_thought_to_lie_after_its_knowing() {
    let mut rows = rows();
    for row in &mut rows {
        if row.rule == Rule::AppiPlannedData {
            row.effective_from = date(2028, 1, 1);
            row.effective_to = Some(date(2029, 12, 31));
        }
    }
    let book = book(rows).expect("a book");
    for (known, items) in [("2026-11-22", vec![]), ("2028-01-01", vec![3]), ("2030-06-01", vec![3])] {
        let facts = serde_json::json!({
            "known_on": known, "act": "leak", "persons": 1, "improper_purpose": true, "stage": "planned-personal-data",
        });
        let facts = Facts::try_from(&facts).expect("facts");
        assert_eq!(triage(&book, &facts).appi.items, items, "{known}");
    }
}

#[test]
fn rows_that_make_no_book_are_refused_by_name() {
    let mut unit = rows();
    unit[0].value = Value::Years(1);
    assert!(matches!(book(unit), Err(LawBookError::Unit { rule: Rule::AppiReport, expected: "in-force", .. })));

    let mut reversed = rows();
    reversed[0].effective_to = Some(date(2020, 1, 1));
    assert!(matches!(book(reversed), Err(LawBookError::Reversed { rule: Rule::AppiReport, .. })));

    let mut overlap = rows();
    overlap.push(overlap[3].clone());
    assert!(matches!(book(overlap), Err(LawBookError::Overlap { rule: Rule::AppiPersonsOver, .. })));

    let mut missing = rows();
    missing.retain(|row| row.rule != Rule::MyNumberFinalImproper);
    let expected = LawBookError::Missing {
        duty: Rule::MyNumberReport,
        missing: Rule::MyNumberFinalImproper,
        on: date(2022, 4, 1),
    };
    assert_eq!(book(missing).err(), Some(expected));
}

#[test]
fn rows_are_data() {
    let json = serde_json::to_string(&rows()).expect("JSON");
    let read: Vec<Row> = serde_json::from_str(&json).expect("rows");
    assert_eq!(read, rows());
    assert!(serde_json::from_str::<Value>(r#"{"days":0}"#).is_err());
    let days: Value = serde_json::from_str(r#"{"days":30}"#).expect("a value");
    assert_eq!(days, Value::Days(Days::THIRTY));
}
