//! A named rule of law on a record: what is unknown is said to be, none is an answer, and what cannot be so says why.

use std::collections::BTreeMap;

use kitei_rules::{
    run::command::{Command, Values},
    value::{Truth, Value},
};

use crate::office::{Office, day, text, values};

const INCIDENTS: &str = r#"
[[register]]
id = "incident"
title = "事故"
write = ["staff"]
basis = ["P-1"]
field = [
  { id = "known_on", kind = "date", title = "知った日" },
  { id = "act", kind = "choice", title = "事態", choices = [{ id = "leak", title = "漏えい" }] },
  { id = "persons", kind = "number", title = "人数" },
  { id = "data", kind = "choices", title = "データ", choices = [{ id = "special-care", title = "要配慮" }] },
  { id = "stage", kind = "choice", title = "段階", choices = [{ id = "personal-data", title = "個人データ" }] },
]
[[binding]]
rule = "breach"
on = "incident"
basis = ["P-1"]
inputs = { known_on = "known_on", act = "act", persons = "persons", data = "data", stage = "stage" }
[[fact]]
id = "report"
on = "incident"
kind = "yes-no"
title = "報告を要する"
rule = "breach.appi.reportable"
basis = ["P-1"]
"#;

/// The fact on an incident with these fields: its value, what it hangs on, and the reasons that are not certain.
fn report(fields: Values) -> (Value, Vec<String>, Vec<String>) {
    let mut office = Office::with(INCIDENTS);
    let command = Command::Create { register: "incident".to_owned(), fields, lines: BTreeMap::new() };
    let incident = office.does("bo", &command).expect("opened").record.expect("a record");
    let finding = office.kernel().findings(office.record(incident)).remove(0);
    let unsure = finding.reasons.iter().filter(|(_, truth, _)| *truth == Truth::Unknown);
    let unsure = unsure.map(|(text, ..)| text.en.clone()).collect();
    (finding.value, finding.unknown_because.into_iter().collect(), unsure)
}

fn leak() -> Values {
    values([
        ("known_on", Value::Date(day("2025-04-10"))),
        ("act", text("leak")),
        ("persons", Value::Int(1)),
        ("stage", text("personal-data")),
        ("data", Value::List(vec![text("special-care")])),
    ])
}

fn but(field: &str, value: Value) -> Values {
    let mut fields = leak();
    fields.insert(field.to_owned(), value);
    fields
}

#[test]
fn an_unknown_choice_takes_the_strict_side_and_is_named() {
    assert_eq!(report(leak()), (Value::Bool(true), vec![], vec![]));
    assert_eq!(report(but("stage", Value::Unknown)), (Value::Bool(true), vec!["stage".to_owned()], vec![]));
    // Nobody has said which data: any of them is possible.
    let (value, because, _) = report(but("data", Value::Empty));
    assert_eq!((value, because), (Value::Bool(true), vec!["data".to_owned()]));
}

#[test]
fn none_of_the_kinds_of_data_is_an_answer() {
    assert_eq!(report(but("data", Value::List(Vec::new()))), (Value::Bool(false), vec![], vec![]));
}

#[test]
fn facts_that_cannot_be_so_say_why() {
    let (value, because, reasons) = report(but("persons", Value::Int(-1)));
    assert_eq!((value, because), (Value::Unknown, vec!["breach: persons".to_owned()]));
    assert!(reasons[0].starts_with("persons: must be a whole number"), "{reasons:?}");
    assert_eq!(report(but("known_on", Value::Empty)), (Value::Unknown, vec!["breach: known_on".to_owned()], vec![]));
    let (value, because, reasons) = report(but("known_on", Value::Date(day("2150-01-01"))));
    assert_eq!((value, because), (Value::Unknown, vec!["breach: known_on".to_owned()]));
    assert!(reasons[0].contains("2099"), "{reasons:?}");
}
