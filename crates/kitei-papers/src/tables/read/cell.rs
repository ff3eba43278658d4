//! Cells and sheets as the readers leave them and everything after them uses them.
//!
//! Invariant: `Debug` shows the kind of a cell, never its content.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::DateTime;

use super::super::Label;
use super::{ReadError, TooMuch};

/// What a cell holds.
#[derive(Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as written.
    Text(Box<str>),
    /// A number without a date format.
    Number(f64),
    /// A date, with a time of day that is midnight where the file has none.
    DateTime(DateTime),
    /// True or false.
    Bool(bool),
    /// A formula that failed, with Excel's name of the error.
    Error(&'static str),
    /// A formula whose result the file does not hold.
    Uncached,
}

impl fmt::Debug for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "Empty",
            Self::Text(_) => "Text(…)",
            Self::Number(_) => "Number(…)",
            Self::DateTime(_) => "DateTime(…)",
            Self::Bool(_) => "Bool(…)",
            Self::Error(code) => code,
            Self::Uncached => "Uncached",
        })
    }
}

impl Cell {
    /// Whether there is nothing to read: no content, or white space only.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The content as a person would see it: whole numbers without a fraction, dates in ISO 8601.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty | Self::Uncached => String::new(),
            Self::Text(text) => text.to_string(),
            Self::Number(number) => number_text(*number),
            Self::DateTime(moment) if moment.time() == jiff::civil::Time::midnight() => moment.date().to_string(),
            Self::DateTime(moment) => format!("{} {}", moment.date(), moment.time()),
            Self::Bool(true) => "TRUE".to_owned(),
            Self::Bool(false) => "FALSE".to_owned(),
            Self::Error(code) => (*code).to_owned(),
        }
    }
}

/// A number as Excel's general format shows it, to fifteen digits: 0.1 + 0.2 is 0.3.
fn number_text(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    scientific.parse::<f64>().unwrap_or(number).to_string()
}

/// A rectangle of merged cells, both corners included, counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

impl Region {
    /// Whether the cell lies inside.
    #[must_use]
    pub fn contains(&self, row: u32, column: u32) -> bool {
        (self.top..=self.bottom).contains(&row) && (self.left..=self.right).contains(&column)
    }
}

/// One sheet. Rows end at their last filled cell; the sheet ends at its last filled row.
#[derive(Clone)]
pub struct Sheet {
    /// Its name.
    pub name: Label,
    /// Whether Excel hides the sheet.
    pub hidden: bool,
    /// Merged cells, by first row.
    pub merged: Vec<Region>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) hidden_rows: BTreeSet<u32>,
    pub(super) hidden_columns: BTreeSet<u32>,
}

impl fmt::Debug for Sheet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sheet")
            .field("hidden", &self.hidden)
            .field("rows", &self.rows.len())
            .field("merged", &self.merged.len())
            .finish_non_exhaustive()
    }
}

impl Sheet {
    /// A sheet of the given rows, without merged or hidden cells.
    #[must_use]
    pub fn new(name: Label, rows: Vec<Vec<Cell>>) -> Self {
        Self {
            name,
            hidden: false,
            merged: Vec::new(),
            rows,
            hidden_rows: BTreeSet::new(),
            hidden_columns: BTreeSet::new(),
        }
    }

    /// Number of rows, up to the last filled one.
    #[must_use]
    pub fn row_count(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// The cells of a row, up to its last filled one; empty for a row that does not exist.
    #[must_use]
    pub fn row(&self, row: u32) -> &[Cell] {
        self.rows.get(row as usize).map_or(&[], Vec::as_slice)
    }

    /// A cell; empty where the sheet has none.
    #[must_use]
    pub fn cell(&self, row: u32, column: u32) -> &Cell {
        static EMPTY: Cell = Cell::Empty;
        self.row(row).get(column as usize).unwrap_or(&EMPTY)
    }

    /// Whether Excel hides the row (also by a filter).
    #[must_use]
    pub fn is_hidden_row(&self, row: u32) -> bool {
        self.hidden_rows.contains(&row)
    }

    /// Whether Excel hides the column.
    #[must_use]
    pub fn is_hidden_column(&self, column: u32) -> bool {
        self.hidden_columns.contains(&column)
    }
}

/// Rows being filled, against a budget of cells shared by all sheets of a file.
pub(super) struct Grid<'a> {
    rows: Vec<Vec<Cell>>,
    budget: &'a mut Budget,
}

/// How many cells may still be taken.
pub(super) struct Budget {
    limit: u64,
    left: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, left: limit }
    }

    /// Takes `cells` from what is left.
    pub(super) fn take(&mut self, cells: u64) -> Result<(), ReadError> {
        self.left =
            self.left.checked_sub(cells).ok_or(ReadError::TooLarge { what: TooMuch::Cells, limit: self.limit })?;
        Ok(())
    }
}

/// Excel's own number of rows; a file that claims more is damaged.
const MOST_ROWS: u32 = 1_048_576;

impl<'a> Grid<'a> {
    pub(super) fn new(budget: &'a mut Budget) -> Self {
        Self { rows: Vec::new(), budget }
    }

    /// Puts a filled cell in its place. Empty cells are not to be put.
    pub(super) fn put(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), ReadError> {
        if row >= MOST_ROWS {
            return Err(ReadError::TooLarge { what: TooMuch::Cells, limit: self.budget.limit });
        }
        let (row, column) = (row as usize, column as usize);
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let usual_width = row.checked_sub(1).and_then(|above| self.rows.get(above)).map_or(0, Vec::len);
        let Some(cells) = self.rows.get_mut(row) else { return Ok(()) };
        if cells.len() <= column {
            self.budget.take((column + 1 - cells.len()) as u64)?;
            if cells.is_empty() {
                cells.reserve_exact(usual_width.max(column + 1));
            }
            cells.resize_with(column + 1, Cell::default);
        }
        if let Some(place) = cells.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    /// The finished rows.
    pub(super) fn finish(self) -> Vec<Vec<Cell>> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_excel_shows_them() {
        for (number, text) in [(12.0, "12"), (0.1 + 0.2, "0.3"), (-3.5, "-3.5"), (1e15, "1000000000000000")] {
            assert_eq!(Cell::Number(number).text(), text);
        }
    }

    #[test]
    fn a_far_cell_is_paid_for_by_the_cells_left_of_it() {
        let mut budget = Budget::new(100);
        let mut grid = Grid::new(&mut budget);
        assert!(grid.put(0, 98, Cell::Bool(true)).is_ok());
        assert_eq!(grid.put(1, 98, Cell::Bool(true)), Err(ReadError::TooLarge { what: TooMuch::Cells, limit: 100 }));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", Cell::Text("架空 花子".into())), "Text(…)");
    }
}
