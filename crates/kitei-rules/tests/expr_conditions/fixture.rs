//! A small organisation for tests of conditions: its rulebook's names, and one incident whose facts a row of a table sets.
//!
//! Facts are written `field=value` joined by `;`: `?` is unknown, `10..20` and `10..` are counts, `a,b` lists,
//! `@name` a record. `field=value@instant` says when it was known, `was field=value@instant` an earlier value,
//! `principals+accepted=yes,shares=3` adds a line, `do ACT STATUS INSTANT [field=value]` a deed, `now=instant` the time.

use std::{collections::BTreeMap, rc::Rc};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kitei_rules::{
    expr::{
        Actor, Evaluation, EvaluationError, Facts, NameKind, NameType, Options, Origin, Outcome, Schema, Scope,
        Signature, Type, evaluate,
    },
    pack::model::Kind,
    value::Value,
    world::{Approval, Deed, DeedStatus, Holding, Line, Moment, Person, Record, Snapshot, State, Stored},
};
use uuid::Uuid;

pub(crate) const KIND: [&str; 3] = ["leak", "loss", "virus"];
pub(crate) const KINDS: [&str; 3] = ["leakage", "loss", "damage"];

/// Register or `register.list` → its fields: name, kind, choices, register that it links to.
type FieldRow = (&'static str, Kind, &'static [&'static str], &'static str);

const INCIDENT: [FieldRow; 21] = [
    ("kind", Kind::Choice, &KIND, ""),
    ("second_kind", Kind::Choice, &KIND, ""),
    ("kinds", Kind::Choices, &KINDS, ""),
    ("persons", Kind::Count, &[], ""),
    ("records", Kind::Number, &[], ""),
    ("amount", Kind::Yen, &[], ""),
    ("noticed_at", Kind::Time, &[], ""),
    ("found_on", Kind::Date, &[], ""),
    ("due_on", Kind::Date, &[], ""),
    ("month_of", Kind::YearMonth, &[], ""),
    ("title", Kind::Text, &[], ""),
    ("note", Kind::LongText, &[], ""),
    ("outside", Kind::YesNo, &[], ""),
    ("personal", Kind::YesNo, &[], ""),
    ("urgent", Kind::YesNo, &[], ""),
    ("kept", Kind::Period, &[], ""),
    ("agreement", Kind::Link, &[], "agreement"),
    ("entries", Kind::Links, &[], "personal-ledger"),
    ("department", Kind::Department, &[], ""),
    ("owner", Kind::Person, &[], ""),
    ("reviewers", Kind::Persons, &[], ""),
];
const PRINCIPALS: [FieldRow; 4] = [
    ("accepted", Kind::YesNo, &[], ""),
    ("notified_on", Kind::Date, &[], ""),
    ("shares", Kind::Number, &[], ""),
    ("affected", Kind::Count, &[], ""),
];
const AGREEMENT: [FieldRow; 4] = [
    ("night_phone", Kind::Phone, &[], ""),
    ("strict", Kind::YesNo, &[], ""),
    ("ends_on", Kind::Date, &[], ""),
    ("manager", Kind::Person, &[], ""),
];
const LEDGER: [FieldRow; 4] = [
    ("department", Kind::Department, &[], ""),
    ("purpose", Kind::Text, &[], ""),
    ("size", Kind::Number, &[], ""),
    ("special_care", Kind::YesNo, &[], ""),
];
const SMALL: [(&str, FieldRow); 8] = [
    ("department", ("head", Kind::Person, &[], "")),
    ("department", ("name", Kind::Text, &[], "")),
    ("person", ("department", Kind::Department, &[], "")),
    ("contractor", ("checked_on", Kind::Date, &[], "")),
    ("contractor", ("active", Kind::YesNo, &[], "")),
    ("organization", ("pmark", Kind::YesNo, &[], "")),
    ("organization", ("staff", Kind::Number, &[], "")),
    ("agreement.contacts", ("phone", Kind::Phone, &[], "")),
];
const FACTS: [(&str, &str, Kind); 4] = [
    ("incident", "level", Kind::Number),
    ("incident", "reportable", Kind::YesNo),
    ("incident", "limit", Kind::Date),
    ("agreement", "active", Kind::YesNo),
];
const LISTS: [(&str, &str); 2] = [("incident", "principals"), ("agreement", "contacts")];
const REGISTERS: [&str; 8] =
    ["incident", "agreement", "personal-ledger", "department", "person", "contractor", "organization", "access-right"];
const ACTS: [&str; 3] = ["decide", "report", "tell-client"];
const ROLES: [&str; 5] = ["privacy-manager", "top-management", "audit-manager", "department-head", "record-keeper"];
const PARAMETERS: [(&str, Kind); 4] = [
    ("tell-client.within", Kind::Period),
    ("limit.persons", Kind::Number),
    ("mode", Kind::Choice),
    ("unset", Kind::Number),
];

/// The fields of a register or of a list.
pub(crate) fn fields(place: &str) -> Vec<FieldRow> {
    match place {
        "incident" => INCIDENT.to_vec(),
        "incident.principals" => PRINCIPALS.to_vec(),
        "agreement" => AGREEMENT.to_vec(),
        "personal-ledger" => LEDGER.to_vec(),
        other => SMALL.iter().filter(|(place, _)| *place == other).map(|(_, row)| *row).collect(),
    }
}

/// The rulebook.
pub(crate) struct Book;

impl Schema for Book {
    fn name(&self, scope: &Scope, name: &str) -> Option<NameType> {
        let place = match &scope.list {
            Some(list) => format!("{}.{list}", scope.register),
            None => scope.register.clone(),
        };
        if let Some((_, kind, choices, to)) = fields(&place).into_iter().find(|(field, ..)| *field == name) {
            let kind = Type::of_kind(kind, &Options::new(choices.iter().copied()), Some(to));
            return Some(NameType { kind, origin: Origin::Field });
        }
        if scope.list.is_some() {
            return None;
        }
        if let Some((_, _, kind)) = FACTS.iter().find(|(register, fact, _)| *register == place && *fact == name) {
            let kind = Type::of_kind(*kind, &Options::new::<&str>([]), None);
            return Some(NameType { kind, origin: Origin::Fact });
        }
        let (register, list) = LISTS.iter().find(|(register, list)| *register == place && *list == name)?;
        let line = Type::Line { register: (*register).to_owned(), list: (*list).to_owned() };
        Some(NameType { kind: Type::list(line), origin: Origin::Lines })
    }

    fn act(&self, act: &str) -> bool {
        ACTS.contains(&act)
    }

    fn act_field(&self, act: &str, field: &str) -> Option<Type> {
        match (act, field) {
            ("decide", "result") => Some(Type::Choice(Options::new(["notify", "wait"]))),
            ("decide", "agreement") => Some(Type::Record("agreement".into())),
            ("report", "pages") => Some(Type::Int),
            _ => None,
        }
    }

    fn parameter(&self, key: &str) -> Option<Type> {
        let (_, kind) = PARAMETERS.iter().find(|(parameter, _)| *parameter == key)?;
        Some(Type::of_kind(*kind, &Options::new(["soft", "hard"]), None))
    }

    fn role(&self, role: &str) -> bool {
        ROLES.contains(&role)
    }

    fn register(&self, register: &str) -> bool {
        REGISTERS.contains(&register)
    }

    fn link_field(&self, register: &str, field: &str) -> Option<String> {
        let (_, kind, _, to) = fields(register).into_iter().find(|(name, ..)| *name == field)?;
        match kind {
            Kind::Link | Kind::Links => Some(to.to_owned()),
            Kind::Department => Some("department".to_owned()),
            Kind::Person | Kind::Persons => Some("person".to_owned()),
            _ => None,
        }
    }

    fn rule(&self, name: &str) -> Option<Signature> {
        (name == "double").then(|| Signature { parameters: vec![Type::Int], result: Type::Int })
    }

    fn names(&self, kind: NameKind, scope: &Scope) -> Vec<String> {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match kind {
            NameKind::Name | NameKind::LinkField => {
                let place = match &scope.list {
                    Some(list) => format!("{}.{list}", scope.register),
                    None => scope.register.clone(),
                };
                let facts = FACTS.iter().filter(|(register, ..)| *register == place).map(|(_, fact, _)| *fact);
                let lists = LISTS.iter().filter(|(register, _)| *register == place).map(|(_, list)| *list);
                let fields = fields(&place);
                fields.iter().map(|(name, ..)| *name).chain(facts).chain(lists).map(ToOwned::to_owned).collect()
            }
            NameKind::Act => of(&ACTS),
            NameKind::ActField => of(&["result", "agreement", "pages"]),
            NameKind::Parameter => PARAMETERS.iter().map(|(key, _)| (*key).to_owned()).collect(),
            NameKind::Role => of(&ROLES),
            NameKind::Register => of(&REGISTERS),
            NameKind::Rule => of(&["double"]),
            _ => Vec::new(),
        }
    }
}

/// Parameters, named rules, and facts whose values a row sets.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) facts: BTreeMap<String, Value>,
}

impl Facts for Known {
    fn fact(&self, _record: Uuid, name: &str, evaluation: &Evaluation<'_>) -> Option<Rc<Outcome>> {
        if name == "limit" {
            // A fact with conditions of its own: thirty days after it was found.
            let source = "found_on + days(30)";
            let compiled = kitei_rules::expr::compile(source, &Scope::record("incident"), &Book, Type::Date).ok()?;
            return evaluate(&compiled, evaluation).ok().map(Rc::new);
        }
        self.facts.get(name).cloned().map(Outcome::certain).map(Rc::new)
    }

    fn parameter(&self, key: &str) -> Value {
        match key {
            "tell-client.within" => Value::parse(Kind::Period, "PT60M").expect("a period"),
            "limit.persons" => Value::Int(1000),
            "mode" => Value::Text("hard".into()),
            _ => Value::Unknown,
        }
    }

    fn rule(&self, _name: &str, arguments: &[Value], _moment: &Moment) -> Value {
        match arguments {
            [Value::Int(number)] => Value::Int(number * 2),
            _ => Value::Unknown,
        }
    }
}

/// Ids by name, so that failures can be read.
const NAMES: [&str; 12] =
    ["incident", "city", "hr", "sales", "tanaka", "sato", "suzuki", "staff-list", "customers", "cleaner", "us", "gone"];

pub(crate) fn id(name: &str) -> Uuid {
    let index = NAMES.iter().position(|known| *known == name).unwrap_or_else(|| panic!("no record {name}"));
    Uuid::from_u128(index as u128 + 1)
}

pub(crate) fn instant(text: &str) -> Timestamp {
    let text = if text.len() == 16 { format!("{text}:00+09:00") } else { text.to_owned() };
    text.parse().unwrap_or_else(|_| panic!("no instant {text}"))
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|_| panic!("no date {text}"))
}

pub(crate) fn opened() -> Timestamp {
    instant("2025-04-01T09:00")
}

/// A world with its time.
pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    pub(crate) moment: Moment,
    pub(crate) known: Known,
    pub(crate) change: BTreeMap<String, Value>,
    pub(crate) line: Option<Uuid>,
}

fn record(name: &str, register: &str, with: &str) -> Record {
    let mut record = Record {
        id: id(name),
        register: register.into(),
        number: String::new(),
        state: State::Open,
        version: 1,
        created_by: None,
        created_at: opened(),
        closed_at: None,
        erased_at: None,
        rulebook: 1,
        fields: BTreeMap::new(),
        history: Vec::new(),
        lines: BTreeMap::new(),
        deeds: Vec::new(),
    };
    for part in with.split(';').filter(|part| !part.is_empty()) {
        let (field, value) = part.split_once('=').expect(part);
        record.fields.insert(field.into(), stored(register, field, value));
    }
    record
}

fn stored(place: &str, field: &str, text: &str) -> Stored {
    let (text, known_at) = match text.rsplit_once('@') {
        Some((value, at)) if at.len() == 16 => (value, instant(at)),
        _ => (text, opened()),
    };
    Stored { value: value(place, field, text), known_at, recorded_at: known_at }
}

/// Reads a value in the notation of the tables.
pub(crate) fn value(place: &str, field: &str, text: &str) -> Value {
    let row = fields(place).into_iter().find(|(name, ..)| *name == field);
    let fact = FACTS.iter().find(|(register, name, _)| *register == place && *name == field);
    let kind = row.map(|(_, kind, ..)| kind).or(fact.map(|(_, _, kind)| *kind));
    let kind = kind.unwrap_or_else(|| panic!("no field {field} in {place}"));
    read(kind, text)
}

fn read(kind: Kind, text: &str) -> Value {
    if text == "?" {
        return Value::Unknown;
    }
    if let (Kind::Count, Some((least, most))) = (kind, text.split_once("..")) {
        return Value::Count { least: least.parse().expect(text), most: most.parse().ok(), approximate: false };
    }
    if let Some(each) = kind.of_list() {
        let items = text.split(',').filter(|item| !item.is_empty());
        return Value::List(items.map(|item| read(each, item)).collect());
    }
    if let Some(name) = text.strip_prefix('@') {
        return Value::Record(id(name));
    }
    if kind == Kind::Time {
        return Value::Time(instant(text));
    }
    Value::parse(kind, text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn deed(words: &str) -> Deed {
    let mut words = words.split(' ');
    let act = words.next().expect("an act").to_owned();
    let (status, round) = match words.next().expect("a status") {
        "done" => (DeedStatus::Done, 0),
        "again" => (DeedStatus::Done, 1),
        "submitted" => (DeedStatus::Submitted, 0),
        "skipped" => (DeedStatus::Skipped, 0),
        _ => (DeedStatus::Returned, 0),
    };
    let at = instant(words.next().expect("an instant"));
    let (mut fields, mut approvals) = (BTreeMap::new(), Vec::new());
    for word in words {
        match word.split_once('=').expect(word) {
            ("approved", role) => {
                approvals.push(Approval { role: role.into(), person: id("tanaka"), at, reason: None });
            }
            ("agreement", name) => drop(fields.insert("agreement".into(), Value::Record(id(name)))),
            ("pages", number) => drop(fields.insert("pages".into(), Value::Int(number.parse().expect(number)))),
            (field, text) => drop(fields.insert(field.into(), Value::Text(text.into()))),
        }
    }
    Deed { act, round, status, by: None, happened_at: at, recorded_at: at, fields, reason: None, approvals }
}

fn add_line(incident: &mut Record, known: &mut Option<Uuid>, list: &str, words: &str) {
    let lines = incident.lines.entry(list.to_owned()).or_default();
    let line_id = Uuid::from_u128(1_000 + lines.len() as u128);
    let place = format!("incident.{list}");
    let mut line = Line { id: line_id, fields: BTreeMap::new(), erased: false };
    for word in words.split(',').filter(|word| !word.is_empty()) {
        match word.split_once('=') {
            Some((field, text)) => drop(line.fields.insert(field.into(), stored(&place, field, text))),
            None if word == "erased" => line.erased = true,
            None => *known = Some(line_id),
        }
    }
    lines.push(line);
}

impl World {
    /// The organisation, with the incident's facts set as `with` says.
    pub(crate) fn new(with: &str) -> Self {
        let mut incident = record("incident", "incident", "");
        let (mut known, mut change, mut line) = (Known::default(), BTreeMap::new(), None);
        let mut now = instant("2025-04-10T12:00");
        for part in with.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            if let Some(words) = part.strip_prefix("do ") {
                incident.deeds.push(deed(words));
            } else if let Some(words) = part.strip_prefix("was ") {
                let (field, text) = words.split_once('=').expect(words);
                incident.history.push((field.into(), stored("incident", field, text)));
            } else if let Some(words) = part.strip_prefix("set ") {
                let (field, text) = words.split_once('=').expect(words);
                let place = if line.is_some() { "incident.principals" } else { "incident" };
                change.insert(field.to_owned(), value(place, field, text));
            } else if let Some((list, words)) = part.split_once('+').filter(|(list, _)| *list == "principals") {
                add_line(&mut incident, &mut line, list, words);
            } else {
                match part.split_once('=').expect(part) {
                    ("now", text) => now = instant(text),
                    ("closed", text) => {
                        (incident.state, incident.closed_at) = (State::Closed, Some(instant(text)));
                    }
                    (fact, text) if FACTS.iter().any(|(_, name, _)| *name == fact) => {
                        let register = FACTS.iter().find(|(_, name, _)| *name == fact).map_or("", |row| row.0);
                        known.facts.insert(fact.into(), value(register, fact, text));
                    }
                    (field, text) => drop(incident.fields.insert(field.into(), stored("incident", field, text))),
                }
            }
        }
        let moment = Moment { now, zone: TimeZone::get("Asia/Tokyo").expect("the zone") };
        Self { snapshot: organization(incident), moment, known, change, line }
    }

    /// Who is acting in gates: Tanaka, as privacy manager.
    pub(crate) fn actor() -> Actor {
        Actor { person: id("tanaka"), roles: vec!["privacy-manager".into()] }
    }

    /// Compiles and evaluates.
    pub(crate) fn try_ask(&self, source: &str, scope: &Scope) -> Result<Outcome, EvaluationError> {
        let compiled = kitei_rules::expr::compile_any(source, scope, &Book)
            .unwrap_or_else(|errors| panic!("{source}: {}", errors[0]));
        let actor = Self::actor();
        let mut evaluation =
            Evaluation::new(&self.snapshot, id("incident"), &self.moment, &self.known).with_actor(&actor);
        if let Some(line) = self.line {
            evaluation = evaluation.with_line(line);
        }
        if !self.change.is_empty() {
            evaluation = evaluation.with_change(&self.change);
        }
        evaluate(&compiled, &evaluation)
    }

    /// Compiles and evaluates what costs little.
    pub(crate) fn ask(&self, source: &str, scope: &Scope) -> Outcome {
        self.try_ask(source, scope).unwrap_or_else(|error| panic!("{source}: {error}"))
    }
}

fn organization(mut incident: Record) -> Snapshot {
    let mut city = record("city", "agreement", "night_phone=03-0000-0000;strict=yes;ends_on=2026-03-31;manager=@sato");
    let phone = Stored { value: Value::Text("03".into()), known_at: opened(), recorded_at: opened() };
    let contact = Line { id: Uuid::from_u128(900), fields: BTreeMap::from([("phone".into(), phone)]), erased: false };
    city.lines.insert("contacts".into(), vec![contact]);
    incident.deeds.sort_by_key(|deed| deed.recorded_at);
    let records = [
        incident,
        city,
        record("hr", "department", "head=@tanaka;name=人事部"),
        record("sales", "department", "name=営業部"),
        record("tanaka", "person", "department=@hr"),
        record("sato", "person", "department=@sales"),
        record("staff-list", "personal-ledger", "department=@hr;purpose=給与;size=60;special_care=no"),
        record("customers", "personal-ledger", "department=@hr;purpose=発送;size=900;special_care=?"),
        record("cleaner", "contractor", "checked_on=2024-05-01;active=yes"),
        record("us", "organization", "pmark=yes;staff=60"),
    ];
    let holding =
        |role: &str, person: &str, department: Option<&str>, from: &str, until: Option<&str>, deputy| Holding {
            appointment: Uuid::nil(),
            office: None,
            role: role.into(),
            person: id(person),
            department: department.map(id),
            deputy,
            from: day(from),
            until: until.map(day),
        };
    Snapshot {
        records: records.into_iter().map(|record| (record.id, record.into())).collect(),
        absent: [id("gone")].into(),
        reverse: BTreeMap::from([
            ((id("hr"), "personal-ledger".into(), "department".into()), vec![id("staff-list"), id("customers")]),
            ((id("incident"), "access-right".into(), "incident".into()), vec![]),
        ]),
        registers: BTreeMap::from([
            ("contractor".into(), vec![id("cleaner")]),
            ("department".into(), vec![id("hr"), id("sales")]),
        ]),
        people: ["tanaka", "sato"]
            .map(|name| (id(name), Person { id: id(name), department: None, absent: name == "sato", staff: true }))
            .into(),
        holdings: vec![
            holding("privacy-manager", "tanaka", None, "2024-04-01", Some("2025-04-30"), Some(id("sato"))),
            holding("top-management", "sato", None, "2024-04-01", None, None),
            holding("audit-manager", "tanaka", None, "2025-05-01", None, None),
            holding("department-head", "tanaka", Some("hr"), "2024-04-01", None, None),
        ],
        organization: Some(id("us")),
        ..Snapshot::default()
    }
}

/// A value as the tables write it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Empty => "empty".into(),
        Value::Unknown => "unknown".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
        Value::Time(at) => at.to_string(),
        Value::Period(period) => period.to_string(),
        Value::Count { least, most, .. } => match most {
            Some(most) => format!("{least}..{most}"),
            None => format!("{least}.."),
        },
        Value::Record(id) => {
            let index = usize::try_from(id.as_u128()).unwrap_or(0);
            format!("@{}", NAMES.get(index.wrapping_sub(1)).copied().unwrap_or("line"))
        }
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
    }
}
