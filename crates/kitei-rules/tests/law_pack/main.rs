//! The pack `law-jp` as it is shipped: it reads, composes with `office`, compiles, and judges incidents as the law does.
//!
//! The incidents are those of the statutory specification, written as a person would answer the form. Expected limits were
//! counted by another program.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod act;
mod numbers_and_pmark;
#[path = "../pack_files/mod.rs"]
mod pack_files;
mod unknown;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};
use kitei_rules::{
    book::{Book, Compiler},
    law::book::LawBook,
    pack::{self, model::Pack},
    rulebook::Sayings,
    run::Kernel,
    value::Value,
    world::{Deed, DeedStatus, Line, Moment, Record, Snapshot, State, Stored},
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

fn packs() -> Vec<Pack> {
    let root = pack_files::repository().join("packs");
    let mut found = Vec::new();
    let packs: Vec<Pack> = ["office", "law-jp"]
        .iter()
        .map(|id| {
            let (pack, diagnostics) = pack::read(&pack_files::directory(&root, id));
            found.extend(diagnostics.iter().map(ToString::to_string));
            pack
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    packs
}

fn compiled(packs: &[Pack]) -> Book {
    let sayings = Sayings::compose(packs);
    let (book, errors) = Compiler::compile(&sayings, &BTreeMap::new(), 1);
    let errors: Vec<String> = errors
        .iter()
        .map(|error| {
            format!("{}:{} {} in {}", error.source.place.file, error.source.place.line, error.error, error.source.text)
        })
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    book
}

const INCIDENT: Uuid = Uuid::from_u128(1);
const ORGANIZATION: Uuid = Uuid::from_u128(2);
const AGREEMENT: Uuid = Uuid::from_u128(3);
const CONTRACTOR: Uuid = Uuid::from_u128(4);

/// A person's answers, all of them; a case changes some.
fn answers() -> Map<String, Json> {
    let answers = json!({
        "breach_types": ["leak"],
        "information": ["personal-data"],
        "stage": "personal-data",
        "special_care": false,
        "financial_damage": false,
        "individual_number": false,
        "improper_purpose": false,
        "open_to_public": false,
        "encryption": false,
        "recovered": false,
        "copy_exists": false,
        "pseudonymised": false,
        "persons": 1,
    });
    answers.as_object().cloned().unwrap_or_default()
}

/// An incident as it is told, and what must come of it.
struct Case {
    name: &'static str,
    /// When it was noticed, and when everything was said unless `said` has another day.
    noticed: &'static str,
    /// Answers that differ from the usual ones; null takes an answer away.
    told: Json,
    /// Days on which departments knew, in `knowings`.
    knowings: &'static [&'static str],
    /// Earlier answers: field, day on which the present one was given, earlier value.
    earlier: Option<(&'static str, &'static str, Json)>,
    /// When the client was told.
    client_told: Option<&'static str>,
    /// The organisation's own record.
    organization: Json,
    /// Facts by id.
    facts: Json,
    /// Acts that are asked for, with their limit (`null` when none is known yet); all others are not.
    tasks: Json,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "",
            noticed: "2026-11-22",
            told: json!({}),
            knowings: &[],
            earlier: None,
            client_told: None,
            organization: json!({ "pmark": false, "municipality": false }),
            facts: json!({}),
            tasks: json!({}),
        }
    }
}

fn at(day: &str) -> Timestamp {
    format!("{day}T09:00:00+09:00").parse().expect("a day")
}

fn stored(book: &Book, register: &str, list: Option<&str>, field: &str, json: &Json, day: &str) -> Stored {
    let kind = book.field(register, list, field).unwrap_or_else(|| panic!("{register}.{field} is a field")).kind;
    let value = Value::from_json(kind, json).unwrap_or_else(|error| panic!("{field}: {error}"));
    Stored { value, known_at: at(day), recorded_at: at(day) }
}

fn record(id: Uuid, register: &str, fields: BTreeMap<String, Stored>) -> Record {
    Record {
        id,
        register: register.to_owned(),
        number: String::new(),
        state: State::Open,
        version: 1,
        created_by: None,
        created_at: at("2020-01-01"),
        closed_at: None,
        erased_at: None,
        rulebook: 1,
        fields,
        history: Vec::new(),
        lines: BTreeMap::new(),
        deeds: Vec::new(),
    }
}

fn incident(book: &Book, case: &Case) -> Record {
    let mut told = answers();
    told.extend(case.told.as_object().cloned().unwrap_or_default());
    told.insert("noticed_at".to_owned(), json!(at(case.noticed).to_string()));
    let given = |field: &String| match &case.earlier {
        Some((changed, day, _)) if changed == field => *day,
        _ => case.noticed,
    };
    let fields = told
        .iter()
        .filter(|(_, json)| !json.is_null())
        .map(|(field, json)| (field.clone(), stored(book, "incident", None, field, json, given(field))))
        .collect();
    let mut record = record(INCIDENT, "incident", fields);
    if let Some((field, _, value)) = &case.earlier {
        record.history.push(((*field).to_owned(), stored(book, "incident", None, field, value, case.noticed)));
    }
    let knowing = |(place, day): (usize, &&str)| Line {
        id: Uuid::from_u128(100 + place as u128),
        fields: BTreeMap::from([(
            "known_at".to_owned(),
            stored(book, "incident", Some("knowings"), "known_at", &json!(at(day).to_string()), case.noticed),
        )]),
        erased: false,
    };
    record.lines.insert("knowings".to_owned(), case.knowings.iter().enumerate().map(knowing).collect());
    if let Some(day) = case.client_told {
        record.deeds.push(Deed {
            act: "tell-client".to_owned(),
            round: 0,
            status: DeedStatus::Done,
            by: None,
            happened_at: at(day),
            recorded_at: at(day),
            fields: BTreeMap::new(),
            reason: None,
            approvals: Vec::new(),
        });
    }
    record
}

fn snapshot(book: &Book, case: &Case) -> Snapshot {
    let own = case.organization.as_object().cloned().unwrap_or_default();
    let own =
        own.iter().map(|(f, json)| (f.clone(), stored(book, "organization", None, f, json, "2020-01-01"))).collect();
    let records = [
        incident(book, case),
        record(ORGANIZATION, "organization", own),
        record(AGREEMENT, "agreement", BTreeMap::new()),
        record(CONTRACTOR, "contractor", BTreeMap::new()),
    ];
    Snapshot {
        records: records.into_iter().map(|record| (record.id, record.into())).collect(),
        organization: Some(ORGANIZATION),
        ..Snapshot::default()
    }
}

fn check(cases: &[Case]) {
    let book = compiled(&packs());
    let mut failures = Vec::new();
    for case in cases {
        let snapshot = snapshot(&book, case);
        let moment = Moment { now: at("2026-12-01"), zone: TimeZone::get("Asia/Tokyo").expect("a zone") };
        let kernel = Kernel::new(&book, &snapshot, &moment);
        let record = snapshot.record(INCIDENT).expect("the incident");
        for (id, expected) in case.facts.as_object().into_iter().flatten() {
            assert!(book.facts["incident"].contains_key(id), "{id} is a fact");
            let found = kernel.value(record, id).to_json();
            if found != *expected {
                failures.push(format!("{}: {id} is {found}, expected {expected}", case.name));
            }
        }
        let asked: Map<String, Json> = kernel
            .standing(record)
            .iter()
            .filter(|standing| standing.act != "notify-principals" && standing.act != "tell-client")
            .map(|standing| {
                let due = standing.due().map(|due| moment.date_of(due).to_string());
                (standing.act.clone(), json!(due))
            })
            .collect();
        if case.tasks != Json::Object(asked.clone()) {
            failures.push(format!("{}: asked for {}, expected {}", case.name, Json::Object(asked), case.tasks));
        }
        assert!(snapshot.missing.borrow().is_empty(), "{}: {:?}", case.name, snapshot.missing.borrow());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn both(preliminary: &str, last: &str) -> Json {
    json!({ "report-ppc-preliminary": preliminary, "report-ppc-final": last })
}

fn number(preliminary: &str, last: &str) -> Json {
    json!({ "report-number-preliminary": preliminary, "report-number-final": last })
}

#[test]
fn the_pack_reads_checks_and_compiles() {
    let packs = packs();
    let sayings = Sayings::compose(&packs);
    let (book, errors) = Compiler::compile(&sayings, &BTreeMap::new(), 1);
    assert!(errors.is_empty());
    let found: Vec<String> = pack::check(&packs, &book.names).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(sayings.conflicts(), []);
}

#[test]
fn every_superseded_clause_is_one_of_a_shipped_regulation() {
    let root = pack_files::repository().join("packs");
    let entries = std::fs::read_dir(&root).expect("packs").map(|entry| entry.expect("an entry").path());
    let ids = entries.filter(|path| path.join("pack.toml").is_file());
    let ids = ids.map(|path| path.file_name().expect("a name").to_string_lossy().into_owned());
    let all: Vec<Pack> = ids.map(|id| pack::read(&pack_files::directory(&root, &id)).0).collect();
    let clauses: BTreeSet<&str> = all.iter().flat_map(|pack| &pack.clauses).map(|clause| clause.id.as_str()).collect();
    let law = all.iter().find(|pack| pack.id == "law-jp").expect("law-jp");
    let unknown: Vec<&str> =
        law.supersedes.iter().map(|one| one.clause.as_str()).filter(|clause| !clauses.contains(clause)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
    assert!(law.supersedes.len() > 60);
}

#[test]
fn the_book_computes_with_the_rows_of_the_pack() {
    let mut packs = packs();
    let book = compiled(&packs);
    assert_eq!(book.law.rows().len(), LawBook::current().rows().len());
    for row in LawBook::current().rows() {
        assert!(book.law.rows().contains(row), "{row:?}");
    }
    assert_eq!(book.law.pending().len(), 12);
    let law = packs.iter_mut().find(|pack| pack.id == "law-jp").expect("law-jp");
    for row in law.laws.iter_mut().filter(|row| row.rule == "appi-persons-over") {
        row.value = Some(pack::model::Literal::Int(500));
    }
    let amended = compiled(&packs);
    let over = |book: &Book| {
        let rule = kitei_rules::law::book::Rule::AppiPersonsOver;
        book.law.at(rule, "2026-11-22".parse().expect("a day")).and_then(|row| row.value.persons_over())
    };
    assert_eq!((over(&book), over(&amended)), (Some(1000), Some(500)));
}

#[test]
fn rows_that_make_no_law_are_named_by_their_line() {
    let head = "id = \"law-jp\"\ntitle = \"法令\"\nedition = \"1\"\n";
    let clause = "[[clause]]\nid = \"A\"\nref = \"1\"\ntitle = \"題\"\nja = \"文\"\n";
    let row = |rule: &str, value: &str| {
        format!(
            "{clause}[[law]]\nrule = \"{rule}\"\narticle = \"1条\"\neffective_from = \"2022-04-01\"\nvalue = {value}\nbasis = [\"A\"]\n"
        )
    };
    let cases = [
        (row("appi-persons", "1000"), "packs/law-jp/x.toml:6: error[law-row]: there is no rule of law `appi-persons`"),
        (
            row("appi-persons-over", "\"P30D\""),
            "packs/law-jp/x.toml:6: error[law-row]: the value must be a whole number of principals",
        ),
        (
            row("appi-final", "30"),
            "packs/law-jp/x.toml:6: error[law-row]: the value must be a period of 1 to 120 days, \"P30D\"",
        ),
        (
            row("retention-each", "\"P3M\""),
            "packs/law-jp/x.toml:6: error[law-row]: the value must be a period of years, \"P3Y\"",
        ),
        (
            row("appi-report", "true"),
            "packs/law-jp/x.toml:6: error[law-row]: AppiReport begins on 2022-04-01, but AppiPersonsOver has no row for that day",
        ),
    ];
    for (text, expected) in cases {
        let (pack, read) = pack::read(&pack_files::inline("law-jp", &[("pack.toml", head), ("x.toml", &text)]));
        assert_eq!(read, []);
        let found: Vec<String> =
            pack::check(&[pack], &pack::NoConditionCheck).iter().map(ToString::to_string).collect();
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_final_report_that_says_all_serves_as_the_preliminary_one_and_principals_are_gone_through() {
    let book = compiled(&packs());
    let case = Case { told: json!({ "special_care": true }), ..Case::default() };
    let mut snapshot = snapshot(&book, &case);
    let record = Arc::make_mut(snapshot.records.get_mut(&INCIDENT).expect("the incident"));
    record.deeds.push(Deed {
        act: "report-ppc-final".to_owned(),
        round: 0,
        status: DeedStatus::Done,
        by: None,
        happened_at: at("2026-11-24"),
        recorded_at: at("2026-11-24"),
        fields: BTreeMap::new(),
        reason: None,
        approvals: Vec::new(),
    });
    let line = |id: u128, field: &str, value: Json| Line {
        id: Uuid::from_u128(id),
        fields: BTreeMap::from([(
            field.to_owned(),
            stored(&book, "incident", Some("principals"), field, &value, "2026-11-24"),
        )]),
        erased: false,
    };
    let lines = vec![
        line(201, "notified_on", json!("2026-11-24")),
        line(202, "substitute", json!("publication")),
        line(203, "name", json!("甲野")),
    ];
    record.lines.insert("principals".to_owned(), lines);
    let moment = Moment { now: at("2026-11-25"), zone: TimeZone::get("Asia/Tokyo").expect("a zone") };
    let kernel = Kernel::new(&book, &snapshot, &moment);
    let standing = kernel.standing(snapshot.record(INCIDENT).expect("the incident"));
    let of = |act: &str| standing.iter().find(|standing| standing.act == act).expect(act);
    assert!(of("report-ppc-preliminary").status.settled());
    assert!(of("report-ppc-final").status.settled() && !of("report-ppc-final").late());
    assert_eq!(of("notify-principals").lines, Some((2, 3)));
    assert!(!of("notify-principals").status.settled());
}
