//! Named rules of law and arithmetic, as packs call them. Each computes; none knows a regulation.
//!
//! A fact says `rule = "family.path"`: the family is fed by a `[[binding]]`, the path picks one value of its answer.
//! Families: `breach` (APPI article 26, My Number Act article 29-4, P-mark; see `docs/law-command.md` for inputs and answer).
//! Functions for conditions are called as `rule("name", …)`.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::Kernel;
use crate::{
    book::BookBinding,
    expr::{Signature, Type},
    law::breach,
    mail,
    pack::model::{Kind, Text},
    value::{Truth, Value},
    world::{Moment, Record, Snapshot, Stored},
};

/// What a function for conditions takes and gives.
#[must_use]
pub fn signature(name: &str) -> Option<Signature> {
    match name {
        "contains-individual-number" | "mail.link-differs" => {
            Some(Signature { parameters: vec![Type::Text], result: Type::Bool })
        }
        "mail.signature-differs" | "mail.name-in-url" => {
            Some(Signature { parameters: vec![Type::Text, Type::Text], result: Type::Bool })
        }
        "text.folded" | "mail.foreign-characters" => {
            Some(Signature { parameters: vec![Type::Text], result: Type::Text })
        }
        _ => None,
    }
}

/// Calls a function for conditions.
#[must_use]
pub fn call(name: &str, arguments: &[Value]) -> Value {
    match (name, arguments) {
        ("contains-individual-number", [Value::Text(text)]) => {
            Value::Bool(crate::law::ident::contains_individual_number(text))
        }
        ("mail.link-differs", [Value::Text(body)]) => Value::Bool(mail::link_differs(body)),
        ("mail.signature-differs", [Value::Text(from), Value::Text(body)]) => {
            Value::Bool(mail::signature_differs(from, body))
        }
        ("mail.name-in-url", [Value::Text(_), Value::Empty]) => Value::Bool(false),
        ("mail.name-in-url", [Value::Text(body), Value::Text(names)]) => Value::Bool(mail::name_in_url(body, names)),
        ("text.folded", [Value::Text(text)]) => Value::Text(mail::folded(text)),
        ("mail.foreign-characters", [Value::Text(body)]) => {
            let found: Vec<String> = mail::foreign_characters(body).iter().map(char::to_string).collect();
            if found.is_empty() { Value::Empty } else { Value::Text(found.join("、")) }
        }
        _ => Value::Unknown,
    }
}

/// The kinds of accident under the P-mark by their choice in the register `incident`, numbered as in PMK500.
const ACCIDENT_KINDS: [(&str, u8); 9] = [
    ("leak", 1),
    ("lost", 2),
    ("destroyed", 3),
    ("falsified", 4),
    ("acquired", 5),
    ("out-of-purpose", 6),
    ("misused", 7),
    ("refused", 8),
    ("feared", 9),
];

/// What a rule family says of a record.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Its whole answer.
    Said(Json),
    /// These inputs are not stated yet, and without them there is no answer.
    Lacks(BTreeSet<String>),
    /// The inputs cannot be so, each with what would be right.
    Refused(Vec<(String, Text)>),
}

impl Kernel<'_> {
    /// The answer of a rule family on a record.
    pub(super) fn answer(&self, record: &Record, family: &str) -> Rc<Answer> {
        let key = (record.id, family.to_owned());
        if let Some(known) = self.answers.borrow().get(&key) {
            return Rc::clone(known);
        }
        let answer = Rc::new(match family {
            "breach" => self.triage(record),
            _ => Answer::Lacks(BTreeSet::from([family.to_owned()])),
        });
        self.answers.borrow_mut().insert(key, Rc::clone(&answer));
        answer
    }

    fn triage(&self, record: &Record) -> Answer {
        let bound = self.book.bindings.get(&record.register).into_iter().flatten();
        let bindings: Vec<&BookBinding> = bound.filter(|binding| binding.rule == "breach").collect();
        let mut facts = self.inputs(&bindings, record.id);
        let known_on = facts.get("known_on").and_then(Json::as_str).and_then(|text| text.parse::<Date>().ok());
        let Some(first) = known_on else {
            return Answer::Lacks(BTreeSet::from(["breach: known_on".to_owned()]));
        };
        let mut history: Vec<(Date, Map<String, Json>)> = Vec::new();
        let days = self.days_of_change(record);
        for day in days.iter().filter(|day| **day > first) {
            let before = self.as_of(record, *day, false);
            let then = Kernel::new(self.book, &before, self.moment);
            let stated = then.inputs(&bindings, record.id);
            // What was missing then is missing now: it is loaded, and the question asked again.
            self.snapshot.missing.borrow_mut().extend(before.missing.take());
            history.push((history.last().map_or(first, |_| previous(&days, first, *day)), stated));
        }
        if !history.is_empty() {
            let present = days.iter().copied().filter(|day| *day > first).max().unwrap_or(first);
            let stated = history.into_iter().map(|(day, mut stated)| {
                stated.remove("known_on");
                stated.remove("client_told_on");
                stated.insert("known_at".to_owned(), json!(day.to_string()));
                Json::Object(stated)
            });
            facts.insert("history".to_owned(), Json::Array(stated.collect()));
            facts.insert("known_on".to_owned(), json!(present.to_string()));
        }
        match breach::Facts::try_from(&Json::Object(facts)) {
            Ok(facts) => match serde_json::to_value(breach::triage(&self.book.law, &facts)) {
                Ok(answer) => Answer::Said(answer),
                Err(_) => Answer::Lacks(BTreeSet::from(["breach".to_owned()])),
            },
            Err(error) => {
                let problem = |problem: breach::FactProblem| {
                    let (ja, en) = (problem.text.ja, problem.text.en);
                    let text = Text { ja: format!("{}: {ja}", problem.field), en: format!("{}: {en}", problem.field) };
                    (format!("breach: {}", problem.field), text)
                };
                Answer::Refused(error.problems.into_iter().map(problem).collect())
            }
        }
    }

    fn inputs(&self, bindings: &[&BookBinding], record: Uuid) -> Map<String, Json> {
        let mut out = Map::new();
        for binding in bindings {
            for (name, compiled) in &binding.inputs {
                let value = self.ask(compiled, record, None).value;
                if let Some(json) = input(name, compiled.kind(), &value, self.moment) {
                    out.insert(name.clone(), json);
                }
            }
        }
        out
    }

    /// Days on which something about the record came to be known.
    fn days_of_change(&self, record: &Record) -> BTreeSet<Date> {
        let now = record.fields.values();
        let all = record.history.iter().map(|(_, stored)| stored).chain(now);
        all.map(|stored| self.moment.date_of(stored.known_at)).collect()
    }

    /// What is loaded, with the record as it was known before a day (or at its end).
    fn as_of(&self, record: &Record, day: Date, at_end: bool) -> Snapshot {
        let limit = if at_end { self.moment.end_of(day) } else { self.moment.start_of(day) };
        let mut earlier = record.clone();
        earlier.fields = fields_before(record, limit);
        let mut snapshot = Snapshot {
            records: self.snapshot.records.clone(),
            absent: self.snapshot.absent.clone(),
            reverse: self.snapshot.reverse.clone(),
            registers: self.snapshot.registers.clone(),
            closed: self.snapshot.closed.clone(),
            fresh: self.snapshot.fresh.clone(),
            people: self.snapshot.people.clone(),
            holdings: self.snapshot.holdings.clone(),
            organization: self.snapshot.organization,
            ..Snapshot::default()
        };
        snapshot.put(earlier);
        snapshot
    }

    /// One value of a family's answer, and the inputs whose being unknown matters.
    pub(super) fn picked(&self, record: &Record, family: &str, path: &str, kind: Kind) -> (Value, BTreeSet<String>) {
        let answer = self.answer(record, family);
        let answer = match &*answer {
            Answer::Said(answer) => answer,
            Answer::Lacks(inputs) => return (Value::Unknown, inputs.clone()),
            Answer::Refused(problems) => {
                return (Value::Unknown, problems.iter().map(|(input, _)| input.clone()).collect());
            }
        };
        let mut at = answer;
        for name in path.split('.') {
            at = at.get(name).unwrap_or(&Json::Null);
        }
        let head = path.split('.').next().and_then(|law| answer.get(law));
        let depends = head.and_then(|law| law.get("depends_on")).and_then(Json::as_array);
        let because = depends.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
        (read(kind, at), because)
    }

    /// The reasons that a family gives for a law (the first word of the path).
    pub(super) fn rule_reasons(&self, record: &Record, rule: &str) -> Vec<(Text, Truth, Vec<String>)> {
        let Some((family, path)) = rule.split_once('.') else { return Vec::new() };
        let answer = self.answer(record, family);
        let answer = match &*answer {
            Answer::Said(answer) => answer,
            Answer::Lacks(_) => return Vec::new(),
            // Why there is no answer is a reason too, or the fact would stay unknown and nobody could tell why.
            Answer::Refused(problems) => {
                return problems.iter().map(|(_, text)| (text.clone(), Truth::Unknown, Vec::new())).collect();
            }
        };
        let law = path.split('.').next().and_then(|law| answer.get(law));
        let reasons = law.and_then(|law| law.get("reasons")).and_then(Json::as_array);
        reasons
            .into_iter()
            .flatten()
            .map(|reason| {
                let word = |key: &str| reason.get(key).and_then(Json::as_str).unwrap_or_default();
                let text = |said: &str| format!("{}（{}）", said, word("article"));
                (Text { ja: text(word("ja")), en: text(word("en")) }, Truth::Yes, Vec::new())
            })
            .collect()
    }
}

/// The day on which the facts before a change had come to be known.
fn previous(days: &BTreeSet<Date>, first: Date, before: Date) -> Date {
    days.iter().copied().filter(|day| *day < before && *day > first).max().unwrap_or(first)
}

fn fields_before(record: &Record, limit: Timestamp) -> BTreeMap<String, Stored> {
    let mut out: BTreeMap<String, Stored> = BTreeMap::new();
    let now = record.fields.iter();
    let all = record.history.iter().map(|(field, stored)| (field, stored)).chain(now);
    for (field, stored) in all.filter(|(_, stored)| stored.known_at < limit) {
        let newer = out
            .get(field)
            .is_none_or(|known| (known.known_at, known.recorded_at) <= (stored.known_at, stored.recorded_at));
        if newer {
            out.insert(field.clone(), stored.clone());
        }
    }
    // What was never said earlier was already so when the first thing was said.
    for (field, stored) in record.history.iter().map(|(f, s)| (f, s)).chain(record.fields.iter()) {
        out.entry(field.clone()).or_insert_with(|| stored.clone());
    }
    out
}

/// Inputs whose being unknown the rule of law can be told. What is left out would be read as its usual value, which is
/// the lenient one.
const MAY_BE_UNKNOWN: [&str; 5] = ["occurred_on", "act", "data", "stage", "system"];

/// An input in the form of the command's JSON; `None` leaves it out.
fn input(name: &str, kind: &Type, value: &Value, moment: &Moment) -> Option<Json> {
    Some(match (kind, value) {
        (Type::Bool, value) => match value.truth() {
            Truth::Yes => json!(true),
            Truth::No => json!(false),
            Truth::Unknown => json!("unknown"),
        },
        (Type::Count, Value::Count { least, most: Some(most), .. }) => json!({ "min": least, "max": most }),
        (Type::Count, Value::Count { least, most: None, .. }) => json!({ "min": least }),
        (Type::Count, _) => json!("unknown"),
        (_, Value::Empty | Value::Unknown) if MAY_BE_UNKNOWN.contains(&name) => json!("unknown"),
        (_, Value::Empty | Value::Unknown) => return None,
        (_, Value::Time(instant)) => json!(moment.date_of(*instant).to_string()),
        // None of the kinds of data is an answer; no act and no kind of accident leave it to the other of the two.
        (_, Value::List(items)) if items.is_empty() && name != "data" => return None,
        (_, Value::List(items)) if name == "pmark_kinds" => {
            let number = |item: &Value| match item {
                Value::Text(id) => ACCIDENT_KINDS.iter().find(|(kind, _)| kind == id).map(|(_, number)| json!(number)),
                _ => None,
            };
            // A kind that is not known goes on as it is and is refused by name, instead of being dropped.
            Json::Array(items.iter().map(|item| number(item).unwrap_or_else(|| item.to_json())).collect())
        }
        (_, other) => other.to_json(),
    })
}

/// A value of an answer, read as the fact's kind.
fn read(kind: Kind, json: &Json) -> Value {
    match (kind, json) {
        (_, Json::Null) => Value::Empty,
        (Kind::Choices, Json::Array(items)) => {
            let text = |item: &Json| match item {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            Value::List(items.iter().map(|item| Value::Text(text(item))).collect())
        }
        (Kind::YesNo, Json::Bool(value)) => Value::Bool(*value),
        (_, other) => Value::from_json(kind, other).unwrap_or(Value::Unknown),
    }
}
