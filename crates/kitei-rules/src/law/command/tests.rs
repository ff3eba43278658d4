//! The command: what it answers and what it refuses.

use serde_json::{Value, json};

use super::{CommandError, run};

fn call(line: &str, stdin: &str) -> Result<Value, CommandError> {
    let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    run(&args, stdin)
}

fn answer(line: &str) -> Value {
    call(line, "").expect(line)
}

#[test]
fn final_and_preliminary() {
    let found = answer("final --days 30 --known 2026-08-24");
    assert_eq!(found["limit"], "2026-09-24");
    assert_eq!(found["raw"], "2026-09-22");
    assert_eq!(found["days"], 30);
    assert_eq!(found["skipped"][1], json!({"date": "2026-09-23", "reason": "秋分の日", "en": "Autumnal Equinox Day"}));
    assert_eq!(answer("final --known=2026-11-24 --days=60 --json")["skipped"], json!([]));
    let found = answer("preliminary --known 2026-11-22");
    assert_eq!((&found["target"], &found["limit"]), (&json!("2026-11-24"), &json!("2026-11-26")));
    assert_eq!(answer("preliminary --known 2019-11-22")["limit"], "2019-11-26");
}

#[test]
fn retention() {
    let found = answer("retention --by each --date 2024-02-29");
    assert_eq!(found["last"], "2027-02-28");
    assert_eq!(found["dispose_from"], "2027-03-01");
    let found = answer("retention --form dependants --year 2018");
    assert_eq!((&found["first"], &found["last"]), (&json!("2019-01-11"), &json!("2026-01-10")));
    assert_eq!(answer("retention --form wage-ledger --date 2026-03-31")["last"], "2029-03-31");
}

#[test]
fn check() {
    assert_eq!(answer("check my-number 1234-5678-9018")["valid"], true);
    assert_eq!(answer("check card 4111 1111 1111 1111")["normal"], "4111111111111111");
    assert_eq!(answer("check insurer 01130013")["valid"], false);
    assert_eq!(answer("check my-number 123456789018")["kind"], "my-number");
}

#[test]
fn breach() {
    let found = call(
        "breach",
        r#"{"known_on":"2026-07-24","act":"leak","persons":3,"data":["plain"],"improper_purpose":true}"#,
    )
    .expect("an answer");
    assert_eq!(found["appi"]["items"], json!([3]));
    assert_eq!(found["appi"]["final"]["limit"], "2026-09-24");
    assert_eq!(found["appi"]["reasons"][0]["article"], "個人情報保護法施行規則7条3号");
    assert_eq!(found["my_number"]["reportable"], false);
    assert_eq!(found["my_number"]["final"], Value::Null);
    assert_eq!(found["pmark"]["final"]["label"]["ja"], "目安");
}

#[test]
fn bad_input_names_the_option_and_what_would_be_right() {
    let cases = [
        ("", "law"),
        ("finale", "law"),
        ("final --days 30", "--known"),
        ("final --known 2026-11-22", "--days"),
        ("final --days 45 --known 2026-11-22", "--days"),
        ("final --days 30 --known 2026-02-29", "--known"),
        ("final --days 30 --known 2026-1-1", "--known"),
        ("final --days 30 --known 1999-01-01", "--known"),
        ("final --days 30 --known", "--known"),
        ("final --days 30 --days 60 --known 2026-11-22", "--days"),
        ("final --day 30 --known 2026-11-22", "--day"),
        ("final 30 2026-11-22", "argument 1"),
        ("preliminary --known 2099-12-31", "--known"),
        ("retention", "--by"),
        ("retention --by hand --date 2026-11-22", "--by"),
        ("retention --by each --year 2026", "--year"),
        ("retention --by each", "--date"),
        ("retention --form dependants --date 2026-11-22", "--date"),
        ("retention --form dependants --year twenty", "--year"),
        ("retention --form diary --year 2026", "--form"),
        ("retention --form wage-ledger --year 2026", "--year"),
        ("retention --by each --form dependants --year 2026", "--form (with --by)"),
        ("check", "KIND"),
        ("check shoe 42", "KIND"),
        ("check my-number", "VALUE"),
        ("breach now", "argument 1"),
    ];
    for (line, field) in cases {
        let error = call(line, "{}").expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        let problems = error.problems();
        assert_eq!(problems[0].field, field, "{line}");
        assert!(!problems[0].text.ja.is_empty() && !problems[0].text.en.is_empty());
        assert_eq!(error.to_json()["error"][0]["field"], field);
    }
    assert_eq!(call("breach", "{\n nonsense").expect_err("no JSON"), CommandError::Json { line: 2, column: 2 });
    assert_eq!(call("breach", "").expect_err("nothing").exit_code(), 2);
    let error = call("breach", r#"{"known_on":"2026-11-22","act":"leak","persons":"x"}"#).expect_err("a bad count");
    assert_eq!(error.problems()[0].field, "persons");
}

#[test]
fn a_mistyped_number_is_not_repeated() {
    let error = call("retention 123456789018", "").expect_err("an argument too many");
    assert!(!error.to_string().contains("1234"));
}

/// A key that stands twice is refused by its name, however deep it stands; the same key in two objects is none.
#[test]
fn no_key_stands_twice() {
    let cases = [
        (r#"{"known_on": "2026-11-02", "act": "leak", "known_on": "2026-11-03"}"#, Some("known_on")),
        (r#"{"known_on": "2026-11-02", "act": "leak", "persons": {"min": 1, "min": 2}}"#, Some("min")),
        (
            r#"{"known_on": "2026-11-02", "act": "leak", "history": [{"known_at": "2026-11-01"}, {"known_at": "2026-11-01"}]}"#,
            None,
        ),
    ];
    for (facts, field) in cases {
        match (call("breach", facts), field) {
            (Ok(_), None) => {}
            (Err(error), Some(field)) => {
                let problems = error.problems();
                assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), [field]);
                assert!(problems[0].text.en.contains("twice") && problems[0].text.ja.contains("二度"));
            }
            (found, _) => panic!("{facts}: {found:?}"),
        }
    }
    for (text, column) in [("{\"a\": 1", 7), ("nul", 3), ("{} {}", 4), ("1e999", 5)] {
        match call("breach", text) {
            Err(CommandError::Json { line: 1, column: found }) => assert_eq!(found, column, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}
