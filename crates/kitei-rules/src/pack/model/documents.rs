//! What is shown and printed: comparisons, views, papers, handbook rules, questions.

use serde::{Deserialize, Serialize};

use super::{Meta, Source, Text};

/// Two sets held against each other; each difference is a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compare {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// What people read.
    pub title: Text,
    /// Left register.
    pub left: String,
    /// Expression on a left record: its key or list of keys.
    pub left_key: Source,
    /// Left records that count.
    pub left_when: Option<Source>,
    /// Right register.
    pub right: String,
    /// Its key.
    pub right_key: Source,
    /// Right records that count.
    pub right_when: Option<Source>,
    /// What is said of a key on the left only; absent: not a difference.
    pub only_left: Option<Text>,
    /// … on the right only.
    pub only_right: Option<Text>,
    /// Whose task a difference is.
    pub by: Vec<String>,
}

/// A list page with columns of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// Records shown.
    pub when: Option<Source>,
    /// Shows closed records as well as open ones.
    pub closed: bool,
    /// Columns: title and expression.
    pub columns: Vec<Column>,
    /// Who sees it; empty: whoever reads the register.
    pub read: Vec<String>,
}

/// A column of a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// What people read.
    pub title: Text,
    /// Expression.
    pub value: Source,
}

/// A document that Kitei makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register whose record it is made from; `organization` for the whole.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// Offered when this holds.
    pub when: Option<Source>,
    /// Typst template in `papers/`; absent: the general form.
    pub template: Option<String>,
    /// Sections of the general form.
    pub sections: Vec<Section>,
    /// It must be approved by these before it counts: sets of alternatives.
    pub approve: Vec<Vec<String>>,
    /// It says "revise" when the data behind it have changed since its last version.
    pub watch: bool,
}

/// A section of the general form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Common part.
    pub meta: Meta,
    /// Heading.
    pub title: Text,
    /// Field and fact ids shown as rows, or expressions with a title.
    pub rows: Vec<Column>,
    /// Line list or register shown as a table.
    pub table: Option<String>,
    /// Table rows that count (in the row's scope).
    pub table_when: Option<Source>,
    /// Table columns.
    pub columns: Vec<Column>,
    /// Running text.
    pub text: Option<Text>,
    /// The section must have content before the paper is ready.
    pub required: bool,
}

/// A handbook rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Chapter or situation.
    pub chapter: Option<Text>,
    /// What to do, in plain words.
    pub text: Text,
    /// Whom it concerns: [`super::Who`] expressions.
    pub who: Vec<String>,
}

/// A question of a check or audit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Checks it belongs to, for instance `operational-check`, `audit`, `january-check`.
    pub within: Vec<String>,
    /// The question.
    pub text: Text,
    /// Departments it concerns; absent: all.
    pub when: Option<Source>,
}
