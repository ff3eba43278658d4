//! Steps: a form cannot escape the track that its own answer calls for; a deed's choice is shown by its title.

use kitei_rules::{
    run::{command::Command, paper::Lang, standing::Status},
    value::Value,
    world::DeedStatus,
};
use uuid::Uuid;

use crate::office::{Office, codes, text, values};

/// Everything is checked; what is grave is also approved by the boss and explained.
const GRAVE: &str = r#"
role = [{ id = "boss", basis = ["P-1"] }, { id = "clerk", basis = ["P-1"] }]
[[track]]
id = "plain"
on = "thing"
title = "通常"
basis = ["P-1"]
[[track.step]]
act = "check-it"
by = ["clerk"]
[[track]]
id = "grave"
on = "thing"
title = "重大"
when = "WHEN"
basis = ["P-2"]
STEPS
[[track.step]]
act = "check-it"
by = ["clerk"]
approve = [["boss"]]
demands = [{ holds = '!empty(deed("check-it", "remarks"))', message = "所見が要ります。" }]
"#;

fn check(record: Uuid, fields: &[(&str, Value)]) -> Command {
    let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), value.clone())).collect();
    Command::Act { record, act: "check-it".to_owned(), fields }
}

fn status(office: &Office, record: Uuid) -> DeedStatus {
    office.kernel().deed(office.record(record), "check-it").expect("a deed").status
}

/// The answer stands in the record or in the deed itself: it binds the deed in whose form it is given.
#[test]
fn the_answer_that_calls_for_a_track_does_not_escape_it() {
    let ways = [
        ("grave == true", "grave", Value::Bool(true), Value::Bool(false)),
        (r#"deed('check-it', 'outcome') == 'bad'"#, "outcome", text("bad"), text("good")),
    ];
    for (when, field, grave, plain) in ways {
        let pack = GRAVE.replace("WHEN", when).replace("STEPS", "");
        let mut office = Office::with(&pack);
        let thing = office.open(values([("grave", Value::Bool(false))]));
        let refused = office.does("bo", &check(thing, &[(field, grave.clone())]));
        assert_eq!(codes(&refused).into_iter().collect::<Vec<_>>(), ["demand"], "{when}");
        office.does("bo", &check(thing, &[(field, grave), ("remarks", text("壊れた"))])).expect("done");
        assert_eq!(status(&office, thing), DeedStatus::Submitted, "{when}: the boss approves");
        let approve = Command::Approve { record: thing, act: "check-it".to_owned() };
        office.does("an", &approve).expect("approved");
        assert_eq!(status(&office, thing), DeedStatus::Done);

        let other = office.open(values([("grave", Value::Bool(false))]));
        office.does("bo", &check(other, &[(field, plain)])).expect("done");
        assert_eq!(status(&office, other), DeedStatus::Done, "{when}: nothing more is asked");
    }
}

/// Order binds inside the track that the answer calls for: what stands before comes first.
#[test]
fn a_track_called_for_by_the_form_keeps_its_order() {
    let before = "[[track.step]]\nact = \"prepare-it\"\nby = [\"clerk\"]";
    let mut office = Office::with(&GRAVE.replace("WHEN", "grave == true").replace("STEPS", before));
    let thing = office.open(values([("grave", Value::Bool(false))]));
    let form = check(thing, &[("grave", Value::Bool(true)), ("remarks", text("壊れた"))]);
    let refused = office.does("bo", &form);
    assert_eq!(codes(&refused).into_iter().collect::<Vec<_>>(), ["blocked"]);
    let message = &refused.expect_err("refused").objections[0].message;
    assert!(message.ja.contains("準備する"), "{}", message.ja);
    assert_eq!(office.value(thing, "grave"), Value::Bool(false), "nothing is half done");

    let known = Command::Change { record: thing, fields: values([("grave", Value::Bool(true))]) };
    office.does("bo", &known).expect("said");
    office.does("bo", &Command::Act { record: thing, act: "prepare-it".to_owned(), fields: values([]) }).expect("done");
    office.does("bo", &form).expect("done");
    let standing = office.kernel().standing(office.record(thing));
    let waiting = standing.iter().find(|standing| standing.act == "check-it").expect("the act");
    assert_eq!(waiting.status, Status::Submitted);
}

#[test]
fn a_choice_of_a_deed_is_shown_by_its_title() {
    let mut office = Office::with(&format!(
        r#"{}
[[paper]]
id = "report"
on = "thing"
title = "報告"
basis = ["P-1"]
[[paper.section]]
title = "結果"
rows = [
  {{ title = "結果", value = 'deed("check-it", "outcome")' }},
  {{ title = "又は", value = 'done("check-it") ? deed("check-it", "outcome") : "good"' }},
  {{ title = "所見", value = 'deed("check-it", "remarks")' }},
]
"#,
        GRAVE.replace("WHEN", "grave == true").replace("STEPS", "")
    ));
    let thing = office.open(values([("grave", Value::Bool(false))]));
    office.does("bo", &check(thing, &[("outcome", text("bad")), ("remarks", text("good"))])).expect("done");
    for (lang, title) in [(Lang::Ja, "悪い"), (Lang::En, "Bad")] {
        let kernel = office.kernel();
        let record = office.record(thing);
        let content = kernel.content(record, kernel.papers(record)[0], lang);
        let shown: Vec<&str> = content.sections[0].rows.iter().map(|(_, words)| words.as_str()).collect();
        // A text that happens to be spelt like a choice stays a text.
        assert_eq!(shown, [title, title, "good"]);
    }
}
