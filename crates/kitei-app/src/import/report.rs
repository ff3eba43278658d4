//! What was found in a table: its columns, its rows by count, and every problem at its cell.

use kitei_rules::value::Value;
use serde::{Deserialize, Serialize};

use super::same::Comparison;
use crate::kernel::project::KEPT;

/// What was found in a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The sheet that was read.
    pub sheet: String,
    /// Every sheet that could be read, the one that was read first.
    pub sheets: Vec<String>,
    /// Rows of the header, counted from 1.
    pub header_rows: Vec<u32>,
    /// Columns from left to right.
    pub columns: Vec<ColumnReport>,
    /// How many rows are how.
    pub counts: Counts,
    /// Rows below the header that are no data: blank, notes, totals.
    pub skipped: u64,
    /// How it stands to what is in the register.
    #[serde(default)]
    pub comparison: Comparison,
    /// What is wrong or worth knowing, errors first within a row.
    pub problems: Vec<CellProblem>,
    /// Problems that are not listed.
    pub left_out: u64,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Its letters: `A`, `B` …
    pub letters: String,
    /// Its header.
    pub header: String,
    /// The field it was matched with; none is kept as it is.
    pub field: Option<String>,
    /// Why, as a code of `kitei_papers::tables::shape::MatchReason`.
    pub reason: String,
    /// Some of its values.
    pub samples: Vec<String>,
}

/// How many rows are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows of data.
    pub rows: u64,
    /// Rows that can come in as they are.
    pub ready: u64,
    /// Rows that lack required fields or name what is not registered.
    pub incomplete: u64,
    /// Rows that cannot come in.
    pub wrong: u64,
    /// Rows that are in the register already, differ, and wait for a person's decision.
    #[serde(default)]
    pub same: u64,
    /// Rows that are in the register already and say the same.
    #[serde(default)]
    pub unchanged: u64,
    /// Rows that are in the register already and leave it as it is.
    #[serde(default)]
    pub kept: u64,
    /// Rows that change a record.
    #[serde(default)]
    pub changes: u64,
}

impl Counts {
    /// Rows that come in.
    #[must_use]
    pub fn coming(&self, gaps: bool) -> u64 {
        self.ready + self.changes + if gaps { self.incomplete } else { 0 }
    }

    /// Whether nothing stands in the way.
    #[must_use]
    pub fn is_ready(&self, gaps: bool) -> bool {
        self.wrong == 0 && self.same == 0 && (gaps || self.incomplete == 0) && self.coming(gaps) > 0
    }
}

/// Something at a cell, or about the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellProblem {
    /// Row of the sheet from 1; none where it is about the table.
    pub row: Option<u32>,
    /// The cell, such as `C7`.
    pub cell: Option<String>,
    /// The column's header, or the title of the field that is lacking.
    pub header: String,
    /// `error`, `gap`, `warning`, `note`.
    pub weight: Weight,
    /// Clauses it rests on.
    pub clauses: Vec<String>,
    /// What is wrong and what would be right.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The row cannot come in.
    Error,
    /// The row can come in as 「不足あり」.
    Gap,
    /// A person should look.
    Warning,
    /// How a cell was understood.
    Note,
}

/// What a row held that no field takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The column's header.
    #[serde(rename = "h")]
    pub header: String,
    /// What the cell held.
    #[serde(rename = "t")]
    pub text: String,
    /// The field that it was meant for, where it names what is not registered.
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What a record's row held that no field takes.
#[must_use]
pub fn kept(record: &kitei_rules::world::Record) -> Vec<Kept> {
    match record.fields.get(KEPT).map(|stored| &stored.value) {
        Some(Value::Text(json)) => serde_json::from_str(json).unwrap_or_default(),
        _ => Vec::new(),
    }
}
