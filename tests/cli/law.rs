//! `kitei law`: the contract of docs/law-command.md from outside (every example there is run in `kitei-rules`).

use serde_json::{Value, json};

use crate::program::Place;

#[test]
fn questions_are_answered_as_json() {
    let place = Place::new();
    let cases: [(&[&str], &str, Value); 6] = [
        (&["final", "--days", "30", "--known", "2026-08-24"], "/limit", json!("2026-09-24")),
        (&["final", "--days", "60", "--known", "2026-11-24"], "/limit", json!("2027-01-22")),
        (&["preliminary", "--known", "2026-11-22"], "/limit", json!("2026-11-26")),
        (&["retention", "--by", "each", "--date", "2024-02-29"], "/dispose_from", json!("2027-03-01")),
        (&["retention", "--form", "dependants", "--year", "2018"], "/last", json!("2026-01-10")),
        (&["check", "my-number", "１２３４-５６７８-９０１８"], "/valid", json!(true)),
    ];
    for (question, pointer, wanted) in cases {
        let command = place.command(["law"].iter().chain(question)).output().unwrap();
        let ended = crate::program::Ended::of(&command);
        assert_eq!((ended.code, ended.json().pointer(pointer)), (0, Some(&wanted)), "{question:?}: {ended:?}");
        assert_eq!(ended.err, "", "{question:?}");
    }
}

#[test]
fn appi_rules_7_3_facts_from_standard_input_give_sixty_days() {
    let facts =
        r#"{"known_on": "2026-07-24", "act": "leak", "persons": 3, "data": ["plain"], "improper_purpose": true}"#;
    let ended = Place::new().run_with(["law", "breach"], facts);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.json().pointer("/appi/final/limit"), Some(&json!("2026-09-24")));
    assert_eq!(ended.json().pointer("/my_number/reportable"), Some(&json!(false)));
}

#[test]
fn bad_input_ends_with_code_2_and_names_the_field_without_repeating_what_was_typed() {
    let place = Place::new();
    let facts = r#"{"known_on": "2026-11-22", "act": "stolen", "colour": "red"}"#;
    let cases = [
        (place.run(["law", "final", "--days", "45", "--known", "2026-11-24"]), "--days"),
        (place.run(["law", "final", "--days", "30", "--known", "soon"]), "--known"),
        (place.run(["law", "check", "my-nunber", "123456789018"]), "KIND"),
        (place.run(["law", "weather"]), "law"),
        (place.run_with(["law", "breach"], "{"), "facts"),
        (place.run_with(["law", "breach"], facts), "act"),
    ];
    for (ended, field) in cases {
        assert_eq!(ended.code, 2, "{ended:?}");
        assert_eq!(ended.json().pointer("/error/0/field"), Some(&json!(field)), "{ended:?}");
        assert!(
            !ended.err.is_empty() && !ended.err.contains("soon") && !ended.err.contains("123456789018"),
            "{ended:?}"
        );
    }
}

#[test]
fn help_shows_every_question() {
    for help in [["law", "--help"], ["law", "-h"]] {
        let ended = Place::new().run(help);
        assert_eq!(ended.code, 0);
        for question in ["final", "preliminary", "retention", "check", "breach"] {
            assert!(ended.out.contains(&format!("kitei law {question}")), "{question}: {}", ended.out);
        }
    }
    assert_eq!(Place::new().run(["law", "final", "--help"]).code, 0);
}
