//! Tables out: .xlsx and CSV, in the columns and under the names that an import expects, so that what goes out comes in
//! again unchanged.
//!
//! Invariant: no cell is ever written so that a spreadsheet would run it as a formula.
//!
//! Not carried over: white space around texts, control characters, and a cell that says nothing but 〃 or 同上 (an import
//! takes it for the value above).

mod csv_file;
mod wording;
mod xlsx_file;

use thiserror::Error;

use super::preview::RowPreview;
use super::value::Value;
use super::{ColumnId, ExpectedColumn, Label};

pub use self::csv_file::{CsvEncoding, Unmappable, write_csv};
pub use self::wording::wording;
pub use self::xlsx_file::{SheetOut, XlsxOptions, safe_name, write_xlsx, write_xlsx_sheets};

/// What a table looks like.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// The columns, in order; each is headed by its first name.
    pub columns: &'a [ExpectedColumn],
    /// Headers of columns that belong to no expected one, kept from an import; they follow the others.
    pub unknown: &'a [Label],
}

/// A row going out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// The values, in any order.
    pub values: Vec<(ColumnId, Value)>,
    /// What the unexpected columns hold, by header.
    pub unknown: super::preview::Unknown,
}

impl From<RowPreview> for Row {
    fn from(preview: RowPreview) -> Self {
        Self { values: preview.values, unknown: preview.unknown }
    }
}

impl Row {
    fn value(&self, id: &ColumnId) -> Option<&Value> {
        self.values.iter().find(|(column, _)| column == id).map(|(_, value)| value)
    }

    fn unknown(&self, header: &str) -> Option<&str> {
        self.unknown.0.iter().find(|(known, _)| **known == *header).map(|(_, text)| text.as_str())
    }
}

/// Why a table cannot be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Excel has no more rows.
    #[error("an Excel sheet has room for {limit} rows; write CSV, or fewer rows")]
    TooManyRows {
        /// Rows that there is room for, the header included.
        limit: u32,
    },
    /// Excel has no longer cells.
    #[error("row {row}, “{header}”: an Excel cell has room for 32,767 characters; shorten the text, or write CSV")]
    TextTooLong {
        /// The row of the sheet, counted from one.
        row: u64,
        /// The column's header.
        header: String,
    },
    /// A character that CP932 does not have.
    #[error(
        "row {row}, “{header}”: the character U+{code:04X} does not exist in Shift_JIS; write UTF-8, or let it be replaced by 〓"
    )]
    NoSuchCharacter {
        /// The row of the file, counted from one.
        row: u64,
        /// The column's header.
        header: String,
        /// The character's Unicode number.
        code: u32,
    },
    /// The place to write to refused.
    #[error("the table could not be written")]
    Io(#[from] std::io::Error),
    /// The Excel writer refused.
    #[error("the Excel file could not be made")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}
