//! Checking typed fields at the door: known, of the right kind, among the choices, within bounds, filled when they must be.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    Kernel,
    command::{Objection, Values},
};
use crate::{
    law::ident,
    pack::model::{Kind, Stage, Text},
    rulebook::FieldRule,
    value::{Truth, Value},
    world::Record,
};

/// An objection at a field.
pub(super) fn at_field(code: &str, field: &str, clauses: &[String], ja: String, en: String) -> Objection {
    Objection {
        code: code.to_owned(),
        field: Some(field.to_owned()),
        source: None,
        clauses: clauses.to_vec(),
        message: Text { ja, en },
    }
}

impl Kernel<'_> {
    /// Everything wrong with values for the fields of a register (or of a list, or of an act).
    pub(super) fn value_objections(
        &self,
        register: &str,
        rules: &[FieldRule],
        values: &Values,
    ) -> (Vec<Objection>, Vec<Objection>) {
        let (mut refused, mut warned) = (Vec::new(), Vec::new());
        for (id, value) in values {
            // A fact that a person may set counts as a field of its kind.
            if let Some(fact) =
                self.book.facts.get(register).and_then(|facts| facts.get(id)).filter(|fact| fact.overridable)
            {
                if !fits(fact.kind, value) {
                    refused.push(at_field(
                        "kind",
                        id,
                        &fact.basis,
                        format!("「{}」に入力できない種類の値です。", fact.title.ja),
                        format!("\"{}\" does not take this kind of value.", fact.title.en),
                    ));
                }
                continue;
            }
            let Some(rule) = rules.iter().find(|rule| rule.id == *id) else {
                refused.push(at_field(
                    "unknown-field",
                    id,
                    &[],
                    format!("項目「{id}」はありません。"),
                    format!("There is no field \"{id}\"."),
                ));
                continue;
            };
            if rule.value.is_some() {
                refused.push(at_field(
                    "computed",
                    id,
                    &rule.basis,
                    format!("「{}」は計算される項目で、入力できません。", rule.title.ja),
                    format!("\"{}\" is computed and cannot be typed.", rule.title.en),
                ));
                continue;
            }
            refused.extend(one_value(rule, value));
            refused.extend(self.stranger(rule, value));
            for (detectors, out) in [(&rule.refuse, &mut refused), (&rule.warn, &mut warned)] {
                for (detector, clauses) in detectors {
                    if detects(detector, value) {
                        out.push(detected(rule, detector, clauses));
                    }
                }
            }
        }
        (refused, warned)
    }

    /// A record that a field names and that does not exist here, or stands in another register than the field's.
    fn stranger(&self, rule: &FieldRule, value: &Value) -> Option<Objection> {
        let register = match rule.kind {
            Kind::Person | Kind::Persons => "person",
            Kind::Department => "department",
            Kind::Link | Kind::Links => rule.to.as_deref()?,
            _ => return None,
        };
        let items = if let Value::List(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
        let strange = |item: &Value| match item {
            Value::Record(id) => match self.snapshot.record(*id) {
                Some(record) => record.register != register,
                // What is only not loaded yet is asked for again.
                None => self.snapshot.absent.contains(id),
            },
            _ => false,
        };
        items.iter().any(strange).then(|| {
            let title = self.book.register(register).map(|register| register.title.clone()).unwrap_or_default();
            at_field(
                "link",
                &rule.id,
                &rule.basis,
                format!("「{}」には「{}」にある記録を選んでください。", rule.title.ja, title.ja),
                format!("Choose a record of \"{}\" for \"{}\".", title.en, rule.title.en),
            )
        })
    }

    /// Fields that must be filled up to a stage and are empty, of a record or of one of its lines.
    #[must_use]
    pub fn missing(&self, record: &Record, line: Option<(&str, Uuid)>, up_to: Stage) -> Vec<Objection> {
        let Some(register) = self.book.register(&record.register) else { return Vec::new() };
        let (rules, list) = match line {
            None => (register.fields.as_slice(), None),
            Some((list, _)) => match register.list(list) {
                Some(rule) => (rule.fields.as_slice(), Some(list)),
                None => return Vec::new(),
            },
        };
        let of_register = self.book.fields.get(&record.register);
        let of_list = of_register.and_then(|lists| lists.get(list.unwrap_or_default()));
        let stored = line.and_then(|(list, id)| record.lines.get(list)?.iter().find(|line| line.id == id));
        let mut out = Vec::new();
        for rule in rules {
            let Some(conditions) = of_list.and_then(|fields| fields.get(&rule.id)) else { continue };
            if conditions.required.is_empty() {
                continue;
            }
            let value = match (line, stored) {
                (None, _) => self.value(record, &rule.id),
                (Some(_), Some(line)) => line.fields.get(&rule.id).map_or(Value::Empty, |stored| stored.value.clone()),
                (Some(_), None) => Value::Empty,
            };
            if value.is_said(rule.kind) {
                continue;
            }
            let demanded: Vec<&(Stage, _, Vec<String>)> = conditions
                .required
                .iter()
                .filter(|(stage, when, _)| {
                    let asked =
                        || when.as_ref().map_or(Truth::Yes, |when| self.truth(when, record.id, line.map(|l| l.1)));
                    *stage != Stage::Never && at_or_before(*stage, up_to) && asked().possible()
                })
                .collect();
            if demanded.is_empty() || !self.is_shown(record, list, &rule.id) {
                continue;
            }
            let clauses: Vec<String> = demanded.iter().flat_map(|(_, _, basis)| basis.iter().cloned()).collect();
            out.push(at_field(
                "required",
                &rule.id,
                &clauses,
                format!("「{}」を入力してください。", rule.title.ja),
                format!("Fill in \"{}\".", rule.title.en),
            ));
        }
        out
    }

    /// Whether a field is shown: unknown conditions show it.
    #[must_use]
    pub fn is_shown(&self, record: &Record, list: Option<&str>, field: &str) -> bool {
        let Some(conditions) = self.book.conditions(&record.register, list, field) else { return true };
        conditions.shown.is_empty()
            || conditions.shown.iter().any(|shown| self.truth(shown, record.id, None).possible())
    }

    /// Values proposed for a new record, or for a new line that is on it already with what was typed.
    #[must_use]
    pub fn defaults(&self, record: &Record, line: Option<(&str, Uuid)>) -> Values {
        let Some(register) = self.book.register(&record.register) else { return Values::new() };
        let (rules, list) = match line {
            None => (register.fields.as_slice(), None),
            Some((list, _)) => match register.list(list) {
                Some(rule) => (rule.fields.as_slice(), Some(list)),
                None => return Values::new(),
            },
        };
        let of_register = self.book.fields.get(&record.register);
        let of_list = of_register.and_then(|lists| lists.get(list.unwrap_or_default()));
        let mut out = BTreeMap::new();
        for field in rules {
            let conditions = of_list.and_then(|fields| fields.get(&field.id));
            if let Some(default) = conditions.and_then(|conditions| conditions.default.as_ref()) {
                let value = self.ask(default, record.id, line.map(|(_, id)| id)).value;
                if !value.is_unknown() {
                    out.insert(field.id.clone(), value);
                }
            }
        }
        out
    }
}

/// `save` comes first, then `complete`, then `close`.
fn at_or_before(stage: Stage, up_to: Stage) -> bool {
    let order = |stage| match stage {
        Stage::Never => 0,
        Stage::Save => 1,
        Stage::Complete => 2,
        Stage::Close => 3,
    };
    order(stage) <= order(up_to)
}

fn one_value(rule: &FieldRule, value: &Value) -> Vec<Objection> {
    let mut out = Vec::new();
    let title = (&rule.title.ja, &rule.title.en);
    let wrong = |code: &str, ja: String, en: String| at_field(code, &rule.id, &rule.basis, ja, en);
    if !fits(rule.kind, value) {
        out.push(wrong(
            "kind",
            format!("「{}」に入力できない種類の値です。", title.0),
            format!("\"{}\" does not take this kind of value.", title.1),
        ));
        return out;
    }
    let items = if let Value::List(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
    if matches!(rule.kind, Kind::Choice | Kind::Choices) {
        let known = |value: &Value| match value {
            Value::Text(id) => rule.choices.iter().any(|choice| choice.id == *id),
            _ => true,
        };
        if !items.iter().all(known) {
            let list = rule.choices.iter().map(|choice| choice.title.ja.as_str()).collect::<Vec<_>>().join("、");
            let ids = rule.choices.iter().map(|choice| choice.id.as_str()).collect::<Vec<_>>().join(", ");
            out.push(wrong(
                "choice",
                format!("「{}」は次から選んでください: {list}", title.0),
                format!("Choose \"{}\" from: {ids}", title.1),
            ));
        }
    }
    let (low, high) = match value {
        Value::Int(number) => (*number, *number),
        Value::Count { least, most, .. } => (*least, most.unwrap_or(*least)),
        _ => return out,
    };
    if low > high || rule.least.is_some_and(|least| low < least) || rule.most.is_some_and(|most| high > most) {
        let range = format!(
            "{}〜{}",
            rule.least.map(|n| n.to_string()).unwrap_or_default(),
            rule.most.map(|n| n.to_string()).unwrap_or_default()
        );
        out.push(wrong(
            "range",
            format!("「{}」は {range} の範囲で入力してください。", title.0),
            format!("\"{}\" must lie within {range}.", title.1),
        ));
    }
    out
}

fn fits(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Empty | Value::Unknown)
        | (Kind::YesNo, Value::Bool(_))
        | (Kind::Number | Kind::Yen, Value::Int(_))
        | (Kind::Count, Value::Count { .. })
        | (Kind::Date, Value::Date(_))
        | (Kind::Time, Value::Time(_))
        | (Kind::Period, Value::Period(_))
        | (Kind::Person | Kind::Department | Kind::Link, Value::Record(_)) => true,
        (Kind::Text | Kind::LongText | Kind::Choice | Kind::YearMonth, Value::Text(_))
        | (Kind::Url | Kind::Phone | Kind::Email | Kind::File, Value::Text(_)) => true,
        (_, Value::List(items)) => kind.of_list().is_some_and(|each| items.iter().all(|item| fits(each, item))),
        _ => false,
    }
}

/// Whether a detector finds something in a value. Detectors are check digits of law, not patterns of a regulation.
fn detects(detector: &str, value: &Value) -> bool {
    match value {
        Value::Text(text) => match detector {
            "my-number" => ident::contains_individual_number(text),
            _ => false,
        },
        Value::Int(number) => detects(detector, &Value::Text(number.to_string())),
        Value::List(items) => items.iter().any(|item| detects(detector, item)),
        _ => false,
    }
}

fn detected(rule: &FieldRule, detector: &str, clauses: &[String]) -> Objection {
    let (what_ja, what_en) = match detector {
        "my-number" => {
            ("個人番号（検査用数字が合う12桁の数字）", "an Individual Number (12 digits whose check digit fits)")
        }
        _ => ("記載できない情報", "information that must not be written here"),
    };
    at_field(
        "detector",
        &rule.id,
        clauses,
        format!("「{}」に{what_ja}と見られる値があります。ここには書かないでください。", rule.title.ja),
        format!("\"{}\" seems to hold {what_en}. Do not write it here.", rule.title.en),
    )
}
