//! Values of records: links, empty lists of choices, defaults of lines.

use std::collections::BTreeMap;

use kitei_rules::{run::command::Command, value::Value};

use crate::office::{Office, codes, fields, id, text, values};

const PLAIN: &str = "";

/// PM-J2-1-12: what a field names stands in the register that the field names, here and now.
#[test]
fn a_link_leads_to_its_own_register() {
    let mut office = Office::with(PLAIN);
    let thing = office.open(values([("title", text("一"))]));
    let cases = [
        ("owner", Value::Record(id("an")), None),
        ("owner", Value::Record(id("sales")), Some("owner")),
        ("owner", Value::Record(thing), Some("owner")),
        ("owner", Value::Record(id("nobody")), Some("owner")),
        ("keepers", Value::List(vec![Value::Record(id("an")), Value::Record(id("bo"))]), None),
        ("keepers", Value::List(vec![Value::Record(id("an")), Value::Record(id("sales"))]), Some("keepers")),
        ("department", Value::Record(id("sales")), None),
        ("department", Value::Record(id("an")), Some("department")),
        ("other", Value::Record(thing), None),
        ("other", Value::Record(id("us")), Some("other")),
    ];
    for (field, value, refused) in cases {
        let command = Command::Change { record: thing, fields: values([(field, value.clone())]) };
        let outcome = office.does("bo", &command);
        assert_eq!(fields(&outcome).first().map(String::as_str), refused, "{field} {value:?}");
        if refused.is_some() {
            assert_eq!(codes(&outcome).into_iter().collect::<Vec<_>>(), ["link"]);
            let message = &outcome.expect_err("refused").objections[0].message;
            assert!(
                message.ja.contains("記録を選んでください") && message.en.contains("Choose a record"),
                "{message:?}"
            );
        }
    }
}

#[test]
fn none_of_the_choices_is_an_answer() {
    let mut office = Office::with(
        r#"
[[register]]
id = "thing"
extends = true
basis = ["P-1"]
field = [{ id = "kinds", required = "save", basis = ["P-1"] }, { id = "keepers", required = "save", basis = ["P-1"] }]
[[fact]]
id = "is_a"
on = "thing"
kind = "yes-no"
title = "甲か"
value = '"a" in kinds'
basis = ["P-1"]
"#,
    );
    let command = |kinds: Option<Value>| {
        let mut fields = values([("keepers", Value::List(vec![Value::Record(id("an"))]))]);
        fields.extend(kinds.map(|kinds| ("kinds".to_owned(), kinds)));
        Command::Create { register: "thing".to_owned(), fields, lines: BTreeMap::new() }
    };
    assert_eq!(fields(&office.does("bo", &command(None))), ["kinds"]);
    let thing = office.does("bo", &command(Some(Value::List(Vec::new())))).expect("opened").record.expect("a record");
    assert_eq!(office.value(thing, "kinds"), Value::List(Vec::new()));
    let findings = office.kernel().findings(office.record(thing));
    assert_eq!(findings[0].value, Value::Bool(false), "not unknown");
    let words =
        office.kernel().words("thing", None, "kinds", &Value::List(Vec::new()), kitei_rules::run::paper::Lang::Ja);
    assert_eq!(words, "該当なし");
    // Nobody at all is no answer to "who keeps it".
    let nobody = Command::Change { record: thing, fields: values([("keepers", Value::List(Vec::new()))]) };
    assert_eq!(fields(&office.does("bo", &nobody)), ["keepers"]);
}

#[test]
fn a_new_line_takes_its_defaults() {
    let mut office = Office::with(PLAIN);
    let thing = office.open(values([("title", text("一"))]));
    let cases = [
        // A default reads what was typed, not another default.
        (values([("what", text("ねじ"))]), Value::Int(1), Value::Empty),
        (values([("what", text("ねじ")), ("amount", Value::Int(4))]), Value::Int(4), Value::Int(8)),
        (values([("amount", Value::Int(4)), ("double", Value::Int(9))]), Value::Int(4), Value::Int(9)),
        // What is taken back by hand stays empty.
        (values([("amount", Value::Empty)]), Value::Empty, Value::Empty),
    ];
    for (at, (typed, amount, double)) in cases.into_iter().enumerate() {
        let command = Command::AddLine { record: thing, list: "parts".to_owned(), fields: typed.clone() };
        office.does("bo", &command).expect("added");
        let line = &office.record(thing).lines["parts"][at];
        let value = |field: &str| line.fields.get(field).map_or(Value::Empty, |stored| stored.value.clone());
        assert_eq!((value("amount"), value("double")), (amount, double), "{typed:?}");
    }
    let lines = BTreeMap::from([("parts".to_owned(), vec![values([("what", text("板"))])])]);
    let command = Command::Create { register: "thing".to_owned(), fields: values([]), lines };
    let opened = office.does("bo", &command).expect("opened").record.expect("a record");
    assert_eq!(office.record(opened).lines["parts"][0].fields["amount"].value, Value::Int(1));
}
