//! The triage of breaches, article by article: facts in, items, periods, day 1 and limits out.
//!
//! The limits in the tables were counted by another program with another table of holidays.

#![expect(clippy::expect_used, reason = "a case that cannot be read fails the test by its name")]

mod calendar;
mod combinations;
mod decisions;
mod history;
mod hostile;
mod numbers;
mod pmark;
mod scenarios;
mod statute;
mod unknown;

use kitei_rules::law::{
    book::LawBook,
    breach::{Facts, Verdict, triage},
};

/// Facts, and what each law makes of them; `-` where no report is owed.
struct Case {
    name: &'static str,
    facts: &'static str,
    appi: &'static str,
    my_number: &'static str,
    pmark: &'static str,
    appi_depends_on: Option<&'static [&'static str]>,
    my_number_depends_on: Option<&'static [&'static str]>,
}

/// A verdict under an Act in the words of the tables.
fn statute_words(verdict: &Verdict) -> String {
    let items: Vec<String> = verdict.items.iter().map(u8::to_string).collect();
    let parts = if verdict.subitems.is_empty() { String::new() } else { format!(":{}", verdict.subitems.join(",")) };
    let items = format!("{}{parts}", items.join(","));
    if verdict.relieved {
        assert!(!verdict.reportable && verdict.final_report.is_none() && verdict.principal_notice.is_none());
        return format!("relieved {items}");
    }
    if !verdict.reportable {
        assert!(verdict.items.is_empty() && verdict.final_report.is_none() && verdict.preliminary.is_none());
        return "-".to_owned();
    }
    assert!(verdict.principal_notice.is_some(), "a report goes with a notice to principals");
    format!("{items} | {}", dates(verdict))
}

fn dates(verdict: &Verdict) -> String {
    let limit = verdict.final_report.as_ref().expect("a final report");
    let prompt = match &verdict.preliminary {
        Some(window) => format!("prompt {}..{}", window.target, window.limit),
        None => "no prompt".to_owned(),
    };
    format!("{} days from {} | {prompt} | final {}", limit.days.count(), limit.known.date(), limit.limit)
}

fn pmark_words(verdict: &Verdict) -> String {
    if verdict.reportable { dates(verdict) } else { "-".to_owned() }
}

fn check(cases: &[Case]) {
    let book = LawBook::default();
    let mut failures = Vec::new();
    for case in cases {
        let json: serde_json::Value = serde_json::from_str(case.facts).expect(case.name);
        let facts = Facts::try_from(&json).expect(case.name);
        let answer = triage(&book, &facts);
        let mut expect = |law: &str, expected: String, found: String| {
            if expected != found {
                failures.push(format!("{} ({law})\n  expected {expected}\n  found    {found}", case.name));
            }
        };
        expect("APPI", case.appi.to_owned(), statute_words(&answer.appi));
        expect("My Number Act", case.my_number.to_owned(), statute_words(&answer.my_number));
        expect("P-mark", case.pmark.to_owned(), pmark_words(&answer.pmark));
        if let Some(fields) = case.appi_depends_on {
            expect("APPI depends on", sorted(fields), sorted(&answer.appi.depends_on));
        }
        if let Some(fields) = case.my_number_depends_on {
            expect("My Number Act depends on", sorted(fields), sorted(&answer.my_number.depends_on));
        }
        for verdict in [&answer.appi, &answer.my_number, &answer.pmark] {
            assert!(!verdict.reasons.is_empty(), "{}: a verdict gives its reasons", case.name);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn sorted(fields: &[&str]) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields.join(", ")
}

#[test]
fn scenarios_of_the_specification() {
    check(scenarios::CASES);
}

#[test]
fn decision_table_of_the_specification() {
    check(decisions::CASES);
}

#[test]
fn enforcement_rules_article_7_and_43() {
    check(statute::CASES);
}

#[test]
fn my_number_rules_article_2_and_reliefs() {
    check(numbers::CASES);
}

#[test]
fn unknown_facts() {
    check(unknown::CASES);
}

#[test]
fn facts_that_change() {
    check(history::CASES);
}

#[test]
fn limits_across_holidays_and_years() {
    check(calendar::CASES);
}

#[test]
fn pmk500_article_12() {
    check(pmark::CASES);
}

#[test]
fn several_rules_at_once() {
    check(combinations::CASES);
}
