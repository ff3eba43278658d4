//! Facts at the door, and the algebra of the triage: what is unknown never relaxes anything.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Facts, triage};
use crate::law::book::LawBook;

fn problems(facts: &Value) -> Vec<String> {
    match Facts::try_from(facts) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.into_iter().map(|problem| problem.field).collect(),
    }
}

fn with(field: &str, value: Value) -> Value {
    let mut facts = json!({"known_on": "2026-11-22", "act": "leak"});
    facts[field] = value;
    facts
}

#[test]
fn every_mistake_is_named_at_once() {
    let facts = json!({
        "known_on": "2026-02-30", "act": "stolen", "persons": -1, "colour": "red", "encrypted": "perhaps",
        "history": [{"persons": 3}, {"known_at": "2026-01-01", "system": "cloud"}],
    });
    let expected = ["act", "persons", "colour", "encrypted", "known_on", "history[0].known_at", "history[1].system"];
    assert_eq!(problems(&facts), expected);
}

#[test]
fn values_that_are_refused() {
    let cases = [
        ("known_on", json!("22.11.2026")),
        ("known_on", json!("2099-12-31")),
        ("known_on", json!(20_261_122)),
        ("occurred_on", json!("2026-11-23")),
        ("operator", json!("unknown")),
        ("persons", json!(1.5)),
        ("persons", json!("many")),
        ("persons", json!({"min": 5, "max": 4})),
        ("persons", json!({"from": 5})),
        ("data", json!(["names"])),
        ("stage", json!("draft")),
        ("open_to_public", json!(1)),
        ("pmark_kinds", json!([0])),
        ("pmark_kinds", json!([10])),
        ("pmark_kinds", json!("漏えい")),
        ("pmark_kinds", json!(["②漏えい"])),
        ("act", json!([])),
        ("entrusted", json!("yes")),
        ("client_told_on", json!("2026-11-23")),
        ("history", json!({})),
    ];
    for (field, value) in cases {
        assert_eq!(problems(&with(field, value.clone())), [field], "{field} {value}");
    }
    assert_eq!(problems(&json!([])), ["facts"]);
    assert_eq!(problems(&json!({"known_on": "2026-11-22"})), ["act"]);
    assert_eq!(problems(&json!({"act": "leak"})), ["known_on"]);
    let later = with("history", json!([{"known_at": "2026-11-23"}]));
    assert_eq!(problems(&later), ["history[0].known_at"]);
    let told = json!({"known_on": "2026-11-22", "act": "leak", "entrusted": "entrusted-to-us", "client_told_on": "2026-11-21"});
    assert_eq!(problems(&told), ["client_told_on"]);
}

#[test]
fn what_was_typed_is_not_repeated() {
    let error = Facts::try_from(&with("data", json!(["山田太郎"]))).expect_err("no such data");
    assert!(!error.to_string().contains("山田") && error.to_string().contains("special-care"));
    assert!(!error.problems[0].text.ja.contains("山田"));
}

#[test]
fn words_for_the_same_fact() {
    let same = [
        json!({"known_on": "2026-11-22", "act": "leak", "encrypted": true, "data": ["special-care"], "persons": 3}),
        json!({"known_on": "2026-11-22", "act": ["leak"], "encrypted": "yes", "data": "special-care", "persons": {"min": 3, "max": 3}}),
        json!({"known_on": "2026-11-22T09:00:00+09:00", "act": "leak", "encrypted": true, "data": ["plain", "special-care"], "persons": 3}),
        json!({"known_on": "2026-11-21T15:00:00Z", "act": "leak", "encrypted": true, "data": ["special-care"], "persons": 3, "history": []}),
        json!({"known_on": "2026-11-22T23:59:59", "act": "leak", "encrypted": true, "data": ["special-care"], "persons": 3, "client_told_on": null}),
    ];
    let read: Vec<Facts> = same.iter().map(|facts| Facts::try_from(facts).expect("facts")).collect();
    assert!(read.windows(2).all(|pair| pair[0] == pair[1]), "{read:#?}");
    let kinds = [json!([1, 9]), json!(["①漏えい", "⑨"]), json!(["leak", "possible"]), json!(["1", "おそれ"])];
    let read: Vec<Facts> =
        kinds.into_iter().map(|kinds| Facts::try_from(&with("pmark_kinds", kinds)).expect("facts")).collect();
    assert!(read.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn what_nobody_said_is_listed() {
    let answer = triage(&LawBook::default(), &Facts::try_from(&with("data", json!(["plain"]))).expect("facts"));
    assert!(answer.assumed.contains(&"encrypted") && answer.assumed.contains(&"persons"));
    assert!(!answer.assumed.contains(&"act") && !answer.assumed.contains(&"data"));
}

#[test]
fn an_open_malice_shows_the_longer_limit() {
    let facts = json!({"known_on": "2026-11-02", "act": "leak", "persons": 1, "data": ["special-care"], "improper_purpose": "unknown"});
    let answer = triage(&LawBook::default(), &Facts::try_from(&facts).expect("facts")).appi;
    let condition = answer.final_if_established.expect("a longer limit");
    assert_eq!(
        (condition.field, condition.final_report.limit.to_string()),
        ("improper_purpose", "2027-01-04".to_owned())
    );
    assert_eq!(answer.final_report.expect("a limit").limit.to_string(), "2026-12-01");
    assert_eq!(answer.possible_items, [3]);
}

const FIELDS: [&str; 6] =
    ["improper_purpose", "open_to_public", "encrypted", "recovered_unviewed", "copy_exists", "pseudonymised"];

/// Facts in which nothing is unknown.
fn settled() -> impl Strategy<Value = Value> {
    let acts = prop::sample::select(vec!["leak", "loss", "damage", "use", "provision"]);
    let data = prop::sample::subsequence(vec!["special-care", "financial-damage", "individual-number"], 0..=3);
    let stage = prop::sample::select(vec!["personal-data", "planned-personal-data", "not-planned"]);
    let system = prop::sample::select(vec!["own", "use-office", "information-network", "government-contractor"]);
    let operator = prop::sample::select(vec!["business", "municipality"]);
    let persons = prop::sample::select(vec![0_u64, 1, 100, 101, 1000, 1001]);
    let occurred = prop::sample::select(vec!["2024-03-31", "2024-04-01"]);
    (acts, data, stage, system, operator, persons, occurred, any::<[bool; 6]>()).prop_map(
        |(act, data, stage, system, operator, persons, occurred, answers)| {
            let mut facts = json!({
                "known_on": "2026-11-05", "act": act, "data": data, "stage": stage, "system": system,
                "operator": operator, "persons": persons, "occurred_on": occurred,
            });
            for (field, answer) in FIELDS.iter().zip(answers) {
                facts[*field] = json!(answer);
            }
            facts
        },
    )
}

proptest! {
    #[test]
    fn forgetting_a_fact_never_relaxes(facts in settled(), forgotten in prop::sample::subsequence(
        vec!["improper_purpose", "open_to_public", "encrypted", "recovered_unviewed", "copy_exists", "pseudonymised",
             "persons", "stage", "system", "act", "data", "occurred_on"], 1..=4)) {
        let book = LawBook::default();
        let mut vague = facts.clone();
        for field in &forgotten {
            vague[*field] = json!("unknown");
        }
        let exact = triage(&book, &Facts::try_from(&facts).expect("facts"));
        let vague = triage(&book, &Facts::try_from(&vague).expect("facts"));
        // "Unknown how many" still says that somebody is concerned; the exact case may be that nobody is.
        for (exact, vague) in [(&exact.appi, &vague.appi), (&exact.my_number, &vague.my_number), (&exact.pmark, &vague.pmark)] {
            prop_assert!(!exact.reportable || vague.reportable);
            prop_assert!(exact.items.iter().all(|item| vague.items.contains(item)));
            if let (Some(exact), Some(vague)) = (&exact.final_report, &vague.final_report) {
                prop_assert!(vague.limit <= exact.limit);
            }
            prop_assert!(exact.depends_on.is_empty());
            prop_assert!(vague.depends_on.iter().all(|field| forgotten.contains(field)));
        }
    }

    #[test]
    fn what_is_not_depended_on_may_be_settled_either_way(facts in settled(), forgotten in prop::sample::subsequence(FIELDS.to_vec(), 1..=3)) {
        let book = LawBook::default();
        let mut vague = facts;
        for field in &forgotten {
            vague[*field] = json!("unknown");
        }
        let before = triage(&book, &Facts::try_from(&vague).expect("facts"));
        for field in &forgotten {
            for answer in [true, false] {
                let mut settled = vague.clone();
                settled[*field] = json!(answer);
                let after = triage(&book, &Facts::try_from(&settled).expect("facts"));
                for (before, after) in [(&before.appi, &after.appi), (&before.my_number, &after.my_number), (&before.pmark, &after.pmark)] {
                    if !before.depends_on.contains(field) {
                        prop_assert_eq!(&before.items, &after.items);
                        prop_assert_eq!(&before.final_report, &after.final_report);
                    }
                }
            }
        }
    }
}
