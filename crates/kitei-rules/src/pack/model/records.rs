//! Acts, registers with their fields and lines, ready-made answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Choice, Kind, Literal, Meta, Source, Text};

/// A deed. Acts of `office` are shared; others are private to their pack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// Common part.
    pub meta: Meta,
    /// Id, for instance `report-ppc-final`.
    pub id: String,
    /// What people read, as a task's title.
    pub title: Text,
    /// Plain words for staff.
    pub help: Option<Text>,
    /// Facts about the deed itself that the form asks for.
    pub fields: Vec<Field>,
}

/// A register, or an addition to one that another pack defines (`extends = true`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Common part.
    pub meta: Meta,
    /// Id, for instance `incident`.
    pub id: String,
    /// This adds to a register defined elsewhere.
    pub extends: bool,
    /// What people read.
    pub title: Option<Text>,
    /// What belongs here and how to begin.
    pub help: Option<Text>,
    /// Prefix of the running number, for instance `INC`.
    pub prefix: Option<String>,
    /// Exactly one record (the organisation's own).
    pub single: bool,
    /// Field that names a record in lists and links.
    pub named_by: Option<String>,
    /// Who keeps it: [`super::Who`] expressions.
    pub owner: Vec<String>,
    /// Who reads it, beside owner and writers. Empty: every member of staff.
    pub read: Vec<String>,
    /// Who enters and changes records.
    pub write: Vec<String>,
    /// Read only what concerns one's own department (field of kind department).
    pub department_field: Option<String>,
    /// How long records are kept.
    pub retention: Option<Retention>,
    /// Fields.
    pub fields: Vec<Field>,
    /// Child records.
    pub lists: Vec<LineList>,
}

/// Retention as an interval from a date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retention {
    /// Keep at least this long (ISO 8601 period, or a parameter key).
    pub at_least: Option<String>,
    /// Dispose when this has passed.
    pub at_most: Option<String>,
    /// Date it runs from.
    pub from: Option<Source>,
    /// A named rule of law instead (`retention.contract` …).
    pub rule: Option<String>,
}

/// When a field must be filled, in order of strictness: whoever demands it earlier is the stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Never demanded by itself (a step may still need it).
    #[default]
    Never,
    /// Before closing.
    Close,
    /// Before the record counts as complete; it may be saved with a gap that is listed (不足あり).
    Complete,
    /// On saving.
    Save,
}

/// A field of a register, of a line list or of an act.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Common part.
    pub meta: Meta,
    /// Id, snake_case, for instance `noticed_at`.
    pub id: String,
    /// Kind; absent when the field only adds to one defined elsewhere.
    pub kind: Option<Kind>,
    /// What people read.
    pub title: Option<Text>,
    /// Explanation under the label.
    pub help: Option<Text>,
    /// Plain question for a form that asks rather than labels.
    pub ask: Option<Text>,
    /// From which stage it must be filled.
    pub required: Stage,
    /// … but only when this holds.
    pub required_when: Option<Source>,
    /// Shown only when this holds.
    pub shown_when: Option<Source>,
    /// Choices.
    pub choices: Vec<Choice>,
    /// The choices that this regulation permits, and no others (a closed list); empty: it closes nothing.
    pub only: Vec<String>,
    /// Register that a link leads to.
    pub to: Option<String>,
    /// Stored in clear although it is text (nothing personal in it).
    pub open: bool,
    /// Detectors whose finds are refused, for instance `my-number`.
    pub refuse: Vec<String>,
    /// Detectors whose finds are warned of.
    pub warn: Vec<String>,
    /// Headers that an import accepts.
    pub aliases: Vec<String>,
    /// Unit.
    pub unit: Option<Text>,
    /// Proposed when a record is opened.
    pub default: Option<Source>,
    /// Computed, never typed.
    pub value: Option<Source>,
    /// Only these see it ([`super::Who`] expressions).
    pub read: Vec<String>,
    /// A column of the list page.
    pub column: bool,
    /// Lists filter on it.
    pub filter: bool,
    /// Least value (number).
    pub least: Option<i64>,
    /// Most value.
    pub most: Option<i64>,
}

/// Child records of a register, each with its own key: the principals of an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineList {
    /// Common part.
    pub meta: Meta,
    /// Id, snake_case, for instance `principals`.
    pub id: String,
    /// What people read.
    pub title: Option<Text>,
    /// Fields of a line.
    pub fields: Vec<Field>,
    /// Lines that every record begins with.
    pub start: Vec<BTreeMap<String, Literal>>,
    /// Only these see it.
    pub read: Vec<String>,
}

/// A ready-made answer: choosing it fills fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// Values it fills.
    pub set: BTreeMap<String, Literal>,
}
