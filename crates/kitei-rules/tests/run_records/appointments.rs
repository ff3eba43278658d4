//! Roles: who appoints, who holds one by office, and an appointment that is changed.

use std::collections::BTreeMap;

use kitei_rules::{
    run::command::{Command, Values},
    value::Value,
};

use crate::office::{Office, codes, day, fields, id, text, values};

fn appointment(fields: Values) -> Command {
    Command::Create { register: "appointment".to_owned(), fields, lines: BTreeMap::new() }
}

fn to(role: &str, person: &str) -> Values {
    values([("role", text(role)), ("person", Value::Record(id(person))), ("starts_on", Value::Date(day("2025-05-01")))])
}

#[test]
fn whoever_is_said_to_have_appointed_must_hold_the_role_that_appoints() {
    let mut office = Office::with(
        r#"
role = [{ id = "boss", basis = ["P-1"] }, { id = "manager", appointed_by = "boss", basis = ["P-1"] }]
"#,
    );
    let by = |person: &str| {
        let mut fields = to("manager", "chi");
        fields.insert("appointed_by".to_owned(), Value::Record(id(person)));
        appointment(fields)
    };
    let refused = office.does("bo", &by("bo"));
    assert_eq!(
        (codes(&refused).into_iter().collect::<Vec<_>>(), fields(&refused)),
        (vec!["appointed-by"], vec!["appointed_by".to_owned()])
    );
    let objection = &refused.expect_err("refused").objections[0];
    assert_eq!(
        (objection.message.ja.as_str(), objection.clauses.as_slice()),
        ("「管理者」を任命するのは「長」です。", ["P-1".to_owned()].as_slice())
    );
    office.does("bo", &by("an")).expect("the boss appoints");
    office.does("bo", &appointment(to("manager", "chi"))).expect("who appointed is not said yet");
}

#[test]
fn an_office_brings_its_role_where_nobody_is_appointed_by_name() {
    let pack = r#"
role = [
  { id = "boss", basis = ["P-1"] },
  { id = "clerk", basis = ["P-1"] },
  { id = "manager", by_office = "boss", required = true, single = true, basis = ["P-1"] },
  { id = "auditor", by_office = "manager", basis = ["P-1"] },
]
"#;
    let mut office = Office::with(pack);
    let holders = |office: &Office, role: &str, on: &str| -> Vec<_> {
        office.kernel().holders(role, None, day(on)).into_iter().collect()
    };
    assert_eq!(holders(&office, "manager", "2025-04-10"), [id("an")]);
    assert_eq!(holders(&office, "auditor", "2025-04-10"), [id("an")], "an office held by office");
    assert!(office.kernel().vacancies().is_empty());
    // One who is appointed by name takes its place for the term, and may be: the office is no second holder.
    office.does("bo", &appointment(to("manager", "chi"))).expect("appointed by name");
    office.appoint("a3", "manager", "chi", "2025-05-01", Some("2025-05-31"));
    for (on, holder) in [("2025-04-30", "an"), ("2025-05-01", "chi"), ("2025-05-31", "chi"), ("2025-06-01", "an")] {
        assert_eq!(holders(&office, "manager", on), [id(holder)], "{on}");
    }
    // A role that goes round in a circle is held by nobody, and nothing hangs.
    let circle = r#"role = [{ id = "manager", by_office = "auditor", basis = ["P-1"] }, { id = "auditor", by_office = "manager", basis = ["P-1"] }]"#;
    assert!(holders(&Office::with(circle), "manager", "2025-04-10").is_empty());
}

const APART: &str = r#"
role = [{ id = "manager", single = true, basis = ["P-1"] }, { id = "auditor", single = true, basis = ["P-1"] }]
[[exclusive]]
id = "apart"
roles = ["manager", "auditor"]
basis = ["P-1"]
"#;

#[test]
fn what_an_appointment_said_before_is_no_other_appointment() {
    let mut office = Office::with(APART);
    office.appoint("a3", "manager", "chi", "2025-01-01", None);
    // Entered under the wrong role: it may be corrected, for nobody will hold both.
    let fields = values([("role", text("auditor"))]);
    office.does("bo", &Command::Change { record: id("a3"), fields }).expect("the role is corrected");
}

#[test]
fn another_appointment_of_the_same_person_still_counts() {
    let mut office = Office::with(APART);
    office.appoint("a3", "manager", "chi", "2025-01-01", None);
    let refused = office.does("bo", &appointment(to("auditor", "chi")));
    assert_eq!(codes(&refused).into_iter().collect::<Vec<_>>(), ["exclusive"]);
    let refused = office.does("bo", &appointment(to("manager", "bo")));
    assert_eq!(codes(&refused).into_iter().collect::<Vec<_>>(), ["single"]);
}
