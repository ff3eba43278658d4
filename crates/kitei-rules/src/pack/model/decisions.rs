//! Facts with their rows, and how a named rule of law is fed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Choice, Kind, Literal, Meta, Source, Text};

/// How rows of a fact combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hit {
    /// The first row that holds.
    #[default]
    First,
    /// All rows that hold: a list.
    All,
    /// The largest value.
    Max,
    /// True when any row holds (a duty's condition: OR).
    Any,
    /// True only when every row holds (an exemption's conditions: AND).
    Every,
}

/// A fact that follows from others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Common part.
    pub meta: Meta,
    /// Register it belongs to.
    pub on: String,
    /// Id, snake_case; read in conditions like a field.
    pub id: String,
    /// What people read; absent when the fact only adds rows to one defined elsewhere.
    pub title: Option<Text>,
    /// Kind of its value; absent when the fact only adds rows.
    pub kind: Option<Kind>,
    /// Choices, when the kind has them.
    pub choices: Vec<Choice>,
    /// How rows combine.
    pub hit: Hit,
    /// The rows.
    pub rows: Vec<Row>,
    /// A single expression instead of rows.
    pub value: Option<Source>,
    /// A named rule of law or arithmetic instead of rows, for instance `breach.appi-final-limit`.
    pub rule: Option<String>,
    /// A person may set another value, with a reason (the field of the same id stores it).
    pub overridable: bool,
    /// Shown among the consequences on the record's page.
    pub shown: bool,
}

/// A row of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Common part.
    pub meta: Meta,
    /// Id within the fact; the question or reason in words.
    pub id: String,
    /// What people read: the reason this row gives.
    pub title: Text,
    /// Condition.
    pub when: Source,
    /// Value when it holds (absent for `any` and `every`).
    pub value: Option<Literal>,
}

/// Inputs of a named rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// Common part.
    pub meta: Meta,
    /// Name of the rule family, for instance `breach`.
    pub rule: String,
    /// Register whose fields feed it.
    pub on: String,
    /// Input name → expression.
    pub inputs: BTreeMap<String, Source>,
}
