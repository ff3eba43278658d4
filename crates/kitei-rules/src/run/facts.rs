//! Facts: what follows from the fields of a record, three-valued, with the rows and clauses that decided.
//!
//! Invariant: a fact that depends on itself is unknown, never a loop.

use std::{collections::BTreeSet, rc::Rc};

use uuid::Uuid;

use super::{Kernel, named};
use crate::{
    book::{BookFact, BookRow},
    expr::{Compiled, Evaluation, Facts, Outcome, evaluate},
    pack::model::{Hit, Kind, Text},
    value::{Truth, Value},
    world::{Moment, Record},
};

/// A fact with the reasons that decided it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Kind of its value.
    pub kind: Kind,
    /// Value that counts.
    pub value: Value,
    /// What the rows propose, when a person has set another.
    pub proposed: Option<Value>,
    /// Rows that hold or may hold: reason, whether it is certain, clauses.
    pub reasons: Vec<(Text, Truth, Vec<String>)>,
    /// Names whose being unknown matters.
    pub unknown_because: BTreeSet<String>,
    /// Clauses of the fact itself.
    pub basis: Vec<String>,
    /// Shown among the consequences.
    pub shown: bool,
    /// A person may set another value.
    pub overridable: bool,
}

impl Facts for Kernel<'_> {
    fn fact(&self, record: Uuid, name: &str, evaluation: &Evaluation<'_>) -> Option<Rc<Outcome>> {
        let record = self.snapshot.record(record)?;
        self.computed_in(record, name, evaluation)
    }

    fn parameter(&self, key: &str) -> Value {
        self.book.values.get(key).cloned().unwrap_or(Value::Unknown)
    }

    fn rule(&self, name: &str, arguments: &[Value], _: &Moment) -> Value {
        named::call(name, arguments)
    }
}

impl<'a> Kernel<'a> {
    /// The value of a fact or computed field; `None` when the name is neither.
    pub(super) fn computed(&self, record: &Record, name: &str) -> Option<Rc<Outcome>> {
        // Most names are stored; nothing is prepared for those.
        self.book.computed.get(&record.register)?.get(name)?;
        self.computed_in(record, name, &self.evaluation(record.id, None))
    }

    fn computed_in(&self, record: &Record, name: &str, evaluation: &Evaluation<'_>) -> Option<Rc<Outcome>> {
        let name = self.book.computed.get(&record.register)?.get(name)?.as_str();
        let plain = !evaluation.is_past();
        if plain && let Some(known) = self.facts.borrow().get(&record.id).and_then(|known| known.get(name)) {
            return Some(Rc::clone(known));
        }
        let fact = self.book.facts.get(&record.register).and_then(|facts| facts.get(name));
        let field = self.book.conditions(&record.register, None, name).and_then(|field| field.value.as_ref());
        let key = (record.id, name);
        if self.asking.borrow().contains(&key) {
            return Some(Rc::new(Outcome::certain(Value::Unknown)));
        }
        self.asking.borrow_mut().push(key);
        let outcome = match (fact, field) {
            (Some(fact), _) => self.decide(record, name, fact, evaluation),
            (None, Some(value)) => answer(value, evaluation),
            (None, None) => Outcome::certain(Value::Unknown),
        };
        let outcome = Rc::new(outcome);
        self.asking.borrow_mut().pop();
        if plain {
            self.facts.borrow_mut().entry(record.id).or_default().insert(name, Rc::clone(&outcome));
        }
        Some(outcome)
    }

    fn decide(&self, record: &Record, name: &str, fact: &'a BookFact, evaluation: &Evaluation<'_>) -> Outcome {
        if !self.awake(fact.applies.as_ref()) {
            return Outcome::certain(Value::Empty);
        }
        if fact.overridable
            && let Some(own) = self.overridden(record, name, fact.kind)
        {
            return Outcome::certain(own);
        }
        self.propose(record, fact, evaluation).0
    }

    /// A value that a person has set for an overridable fact.
    fn overridden(&self, record: &Record, name: &str, kind: Kind) -> Option<Value> {
        let set = self.change.and_then(|change| change.get(name)).cloned();
        let stored = || record.fields.get(name).map(|stored| stored.value.clone());
        set.or_else(stored).filter(|value| value.is_said(kind))
    }

    /// What rule, expression or rows propose, and the rows that hold or may hold.
    fn propose(
        &self,
        record: &Record,
        fact: &'a BookFact,
        evaluation: &Evaluation<'_>,
    ) -> (Outcome, Vec<(&'a BookRow, Truth)>) {
        if let Some((family, path)) = fact.rule.as_deref().and_then(|rule| rule.split_once('.')) {
            let (value, unknown_because) = self.picked(record, family, path, fact.kind);
            let valid_until = self.horizon.get();
            return (Outcome { value, unknown_because, valid_until }, Vec::new());
        }
        if let Some(value) = &fact.value {
            return (answer(value, evaluation), Vec::new());
        }
        let mut out = Outcome::certain(Value::Empty);
        let mut rows = Vec::new();
        for row in fact.rows.iter().filter(|row| self.awake(row.applies.as_ref())) {
            let asked = answer(&row.when, evaluation);
            out.unknown_because.extend(asked.unknown_because.iter().cloned());
            out.valid_until = [out.valid_until, asked.valid_until].into_iter().flatten().min();
            rows.push((row, asked.truth()));
            if fact.hit == Hit::First && asked.truth() == Truth::Yes {
                break;
            }
        }
        rows.retain(|(_, truth)| truth.possible() || fact.hit == Hit::Every);
        out.value = combine(fact.hit, &rows);
        (out, rows)
    }

    /// Every fact in force on a record, in order of id, with its reasons.
    #[must_use]
    pub fn findings(&self, record: &Record) -> Vec<Finding> {
        let Some(facts) = self.book.facts.get(&record.register) else { return Vec::new() };
        facts
            .iter()
            .filter(|(_, fact)| fact.in_force && self.awake(fact.applies.as_ref()))
            .map(|(id, fact)| self.finding(record, id, fact))
            .collect()
    }

    fn finding(&self, record: &Record, id: &str, fact: &'a BookFact) -> Finding {
        let (outcome, rows) = self.propose(record, fact, &self.evaluation(record.id, None));
        let own = if fact.overridable { self.overridden(record, id, fact.kind) } else { None };
        let mut reasons: Vec<_> =
            rows.iter().map(|(row, truth)| (row.title.clone(), *truth, row.basis.clone())).collect();
        if let Some(rule) = &fact.rule {
            reasons.extend(self.rule_reasons(record, rule));
        }
        Finding {
            id: id.to_owned(),
            title: fact.title.clone(),
            kind: fact.kind,
            proposed: own.as_ref().map(|_| outcome.value.clone()),
            value: own.unwrap_or(outcome.value),
            reasons,
            unknown_because: outcome.unknown_because,
            basis: fact.basis.clone(),
            shown: fact.shown,
            overridable: fact.overridable,
        }
    }
}

/// The answer of a condition; what costs too much to ask counts as unknown.
pub(super) fn answer(compiled: &Compiled, evaluation: &Evaluation<'_>) -> Outcome {
    evaluate(compiled, evaluation).unwrap_or_else(|_| Outcome::certain(Value::Unknown))
}

/// Combines the rows that hold or may hold.
fn combine(hit: Hit, rows: &[(&BookRow, Truth)]) -> Value {
    let possible = rows.iter().filter(|(_, truth)| truth.possible());
    match hit {
        Hit::First => match possible.clone().next() {
            None => Value::Empty,
            Some((row, Truth::Yes)) => row.value.clone(),
            // An earlier row may hold: which one is decided by what is still unknown, unless all agree.
            Some((row, _)) if possible.clone().all(|(other, _)| other.value == row.value) => row.value.clone(),
            Some(_) => Value::Unknown,
        },
        Hit::All => Value::List(possible.fold(Vec::new(), |mut values, (row, _)| {
            if !values.contains(&row.value) {
                values.push(row.value.clone());
            }
            values
        })),
        // The worst case stands first and shrinks as facts come.
        Hit::Max => possible.map(|(row, _)| &row.value).fold(Value::Empty, |best, value| match best {
            Value::Empty => value.clone(),
            best if crate::rulebook::less(&best, value) => value.clone(),
            best => best,
        }),
        Hit::Any => truth_value(rows.iter().map(|(_, truth)| *truth).fold(Truth::No, |all, one| match (all, one) {
            (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            _ => Truth::No,
        })),
        Hit::Every if rows.is_empty() => Value::Bool(false),
        Hit::Every => truth_value(rows.iter().map(|(_, truth)| *truth).fold(Truth::Yes, |all, one| match (all, one) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            _ => Truth::Yes,
        })),
    }
}

fn truth_value(truth: Truth) -> Value {
    match truth {
        Truth::Yes => Value::Bool(true),
        Truth::No => Value::Bool(false),
        Truth::Unknown => Value::Unknown,
    }
}
