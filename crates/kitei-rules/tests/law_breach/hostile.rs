//! Facts that cannot be so: wrong types, missing, too large, out of every calendar. Each is refused at its field.

use std::collections::BTreeSet;

use kitei_rules::law::breach::{Facts, FactsError};

fn read(json: &str) -> Result<Facts, FactsError> {
    let value: serde_json::Value = serde_json::from_str(json).expect("the case is JSON");
    Facts::try_from(&value)
}

/// `…` stands for a day of knowing and an act, so that nothing else is wrong.
const CASES: &[(&str, &str)] = &[
    ("[]", "facts"),
    ("5", "facts"),
    ("null", "facts"),
    (r#""leak""#, "facts"),
    (r#"{"act": "leak"}"#, "known_on"),
    (r#"{"known_on": null, "act": "leak"}"#, "known_on"),
    (r#"{"known_on": 20261102, "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "2026-02-30", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "2026-2-3", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "02/11/2026", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "0000-01-01", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "9999-12-31", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "2026-11-02T25:00:00+09:00", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "２０２６－１１－０２", "act": "leak"}"#, "known_on"),
    (r#"{"known_on": "2026-11-02"}"#, "act"),
    (r#"{"known_on": "2026-11-02", "act": []}"#, "act"),
    (r#"{"known_on": "2026-11-02", "act": {"leak": true}}"#, "act"),
    (r#"{"known_on": "2026-11-02", "act": ["leak", 1]}"#, "act"),
    (r#"{…, "persons": -1}"#, "persons"),
    (r#"{…, "persons": 1.5}"#, "persons"),
    (r#"{…, "persons": 1e30}"#, "persons"),
    (r#"{…, "persons": 18446744073709551616}"#, "persons"),
    (r#"{…, "persons": "1000"}"#, "persons"),
    (r#"{…, "persons": [1]}"#, "persons"),
    (r#"{…, "persons": {"min": 5, "max": 2}}"#, "persons"),
    (r#"{…, "persons": {"min": 5, "mox": 9}}"#, "persons"),
    (r#"{…, "persons": {"min": -5}}"#, "persons"),
    (r#"{…, "data": "plian"}"#, "data"),
    (r#"{…, "data": [["plain"]]}"#, "data"),
    (r#"{…, "data": {"plain": true}}"#, "data"),
    (r#"{…, "operator": null}"#, "operator"),
    (r#"{…, "operator": "unknown"}"#, "operator"),
    (r#"{…, "operator": ["business"]}"#, "operator"),
    (r#"{…, "encrypted": "maybe"}"#, "encrypted"),
    (r#"{…, "encrypted": 1}"#, "encrypted"),
    (r#"{…, "stage": true}"#, "stage"),
    (r#"{…, "system": "theirs"}"#, "system"),
    (r#"{…, "pmark_kinds": "leak"}"#, "pmark_kinds"),
    (r#"{…, "pmark_kinds": [0]}"#, "pmark_kinds"),
    (r#"{…, "pmark_kinds": [10]}"#, "pmark_kinds"),
    (r#"{…, "pmark_kinds": [18446744073709551615]}"#, "pmark_kinds"),
    (r#"{…, "entrusted": "unknown"}"#, "entrusted"),
    (r#"{…, "occurred_on": "2026-12-01"}"#, "occurred_on"),
    (r#"{…, "occurred_on": "9999-12-31"}"#, "occurred_on"),
    (r#"{…, "occurred_on": "-009999-01-01"}"#, "occurred_on"),
    (r#"{…, "client_told_on": "2026-11-03"}"#, "client_told_on"),
    (r#"{…, "client_told_on": "2026-11-01", "entrusted": "entrusted-to-us"}"#, "client_told_on"),
    // A day beyond every calendar would have relieved for good.
    (r#"{…, "client_told_on": "9999-12-31", "entrusted": "entrusted-to-us"}"#, "client_told_on"),
    (r#"{…, "history": {}}"#, "history"),
    (r#"{…, "history": "2026-11-01"}"#, "history"),
    (r#"{…, "history": [1]}"#, "history[0]"),
    (r#"{…, "history": [{}]}"#, "history[0].known_at"),
    (
        r#"{…, "history": [{"known_at": "2026-11-01"}, {"known_at": "2026-11-01", "persons": -1}]}"#,
        "history[1].persons",
    ),
    (r#"{…, "history": [{"known_at": "2027-01-01"}]}"#, "history[0].known_at"),
    (r#"{…, "history": [{"known_at": "9999-12-31"}]}"#, "history[0].known_at"),
    (r#"{…, "history": [{"known_at": "2026-11-01", "known_on": "2026-11-01"}]}"#, "history[0].known_on"),
    (r#"{…, "history": [{"known_at": "2026-11-01", "history": []}]}"#, "history[0].history"),
    (r#"{…, "Persons": 1}"#, "Persons"),
    (r#"{…, "__proto__": {}}"#, "__proto__"),
];

#[test]
fn hostile_facts_are_refused_at_their_field() {
    for (json, field) in CASES {
        let json = json.replace('…', r#""known_on": "2026-11-02", "act": "leak""#);
        let error = read(&json).expect_err(&json);
        let fields: Vec<&str> = error.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, [*field], "{json}");
        for problem in &error.problems {
            assert!(!problem.text.ja.is_empty() && !problem.text.en.is_empty(), "{json}");
        }
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let json = r#"{"known_on": "soon", "act": 1, "persons": -1, "encrypted": "maybe", "history": [{"x": 1}]}"#;
    let fields: Vec<String> =
        read(json).expect_err("refused").problems.into_iter().map(|problem| problem.field).collect();
    // The order is that in which the facts stand, which not every map keeps.
    let fields: BTreeSet<&str> = fields.iter().map(String::as_str).collect();
    let expected = ["act", "encrypted", "persons", "known_on", "history[0].x", "history[0].known_at"];
    assert_eq!(fields, BTreeSet::from(expected));
}

#[test]
fn a_history_and_a_key_have_a_longest_form() {
    let entries = vec![r#"{"known_at": "2026-11-01"}"#; 1001].join(",");
    let json = format!(r#"{{"known_on": "2026-11-02", "act": "leak", "history": [{entries}]}}"#);
    assert_eq!(read(&json).expect_err("refused").problems[0].field, "history");
    let long = "x".repeat(100_000);
    let json = format!(r#"{{"known_on": "2026-11-02", "act": "leak", "{long}": 1}}"#);
    assert_eq!(read(&json).expect_err("refused").problems[0].field.len(), 80, "the key is shortened");
}

#[test]
fn the_largest_numbers_are_answered() {
    for persons in [r#"18446744073709551615"#, r#"{"min": 0, "max": 18446744073709551615}"#, "0"] {
        let json = format!(r#"{{"known_on": "2099-06-30", "act": "leak", "persons": {persons}}}"#);
        let facts = read(&json).expect("facts");
        let answer = kitei_rules::law::breach::triage(&kitei_rules::law::book::LawBook::default(), &facts);
        assert!(answer.pmark.reportable || persons == "0", "{persons}");
    }
}
