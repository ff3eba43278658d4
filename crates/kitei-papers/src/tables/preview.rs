//! What an import would bring, row by row, before anything is written: values, what is missing, and every problem at its cell.
//!
//! Serves the import of ledgers: people see the preview, correct the matching or the file, and only then take it in.
//!
//! Invariant: rows are made one at a time; a caller that stages them need not hold them all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fold::many_lines;
use super::problem::shortened;
use super::read::{Cell, Region, Sheet, Workbook};
use super::shape::{ColumnMatch, Overrides, Shape, ShapeError, SkipReason, SkippedRow, find_shape};
use super::value::{Value, read_value};
use super::{CellAddress, ColumnId, ExpectedColumn, Label, Problem, ProblemKind, Severity};

/// A row of the table as it would be taken in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowPreview {
    /// Its row in the sheet, counted from one.
    pub row_number: u32,
    /// Whether Excel hides the row.
    pub hidden: bool,
    /// The values of matched columns, in the order of the sheet.
    pub values: Vec<(ColumnId, Value)>,
    /// What the other columns hold, by header.
    pub unknown: Unknown,
    /// What is wrong, or worth knowing.
    pub problems: Vec<Problem>,
    /// Required columns that are empty, in the order expected.
    pub missing_required: Vec<ColumnId>,
}

/// The content of columns that were not expected, by header. `Debug` shows the headers only.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Unknown(pub Vec<(Label, String)>);

impl std::fmt::Debug for Unknown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|(header, _)| header)).finish()
    }
}

impl RowPreview {
    /// The value of a column.
    #[must_use]
    pub fn value(&self, id: &str) -> Option<&Value> {
        self.values.iter().find(|(column, _)| column.as_str() == id).map(|(_, value)| value)
    }

    /// Whether a cell was not understood.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// How many rows are how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of data.
    pub rows: u32,
    /// Rows with nothing missing and no error.
    pub ready: u32,
    /// Rows without an error in which a required column is empty (不足あり).
    pub incomplete: u32,
    /// Rows with a cell that was not understood.
    pub with_errors: u32,
    /// Rows of data that Excel hides.
    pub hidden: u32,
    /// Errors, warnings and notes, each counted.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
    /// Notes.
    pub notes: u32,
}

impl Counts {
    /// Counts one more row.
    pub fn add(&mut self, row: &RowPreview) {
        self.rows += 1;
        self.hidden += u32::from(row.hidden);
        match (row.has_error(), row.missing_required.is_empty()) {
            (true, _) => self.with_errors += 1,
            (false, false) => self.incomplete += 1,
            (false, true) => self.ready += 1,
        }
        for problem in &row.problems {
            match problem.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Note => self.notes += 1,
            }
        }
    }
}

/// The whole preview.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// Where the table is and how its columns were matched.
    pub shape: Shape,
    /// The rows.
    pub rows: Vec<RowPreview>,
    /// Problems of the table as a whole; those of cells are at their rows.
    pub problems: Vec<Problem>,
    /// How many rows are how.
    pub counts: Counts,
}

/// Makes the whole preview at once. For large tables [`Previewer`] gives the rows one by one.
///
/// # Errors
///
/// [`ShapeError`] when no sheet has cells, or when an override asks for what does not exist.
pub fn preview(workbook: &Workbook, expected: &[ExpectedColumn], overrides: &Overrides) -> Result<Preview, ShapeError> {
    let previewer = Previewer::new(workbook, expected, overrides)?;
    let rows: Vec<RowPreview> = previewer.rows().collect();
    let mut counts = Counts::default();
    for row in &rows {
        counts.add(row);
    }
    let problems = previewer.table_problems();
    Ok(Preview { shape: previewer.into_shape(), rows, problems, counts })
}

/// A table whose place is known and whose rows can be read.
#[derive(Debug)]
pub struct Previewer<'a> {
    sheet: &'a Sheet,
    epoch_1904: bool,
    expected: &'a [ExpectedColumn],
    shape: Shape,
    /// For each column of the shape, the expected column it was matched with.
    matched: Vec<Option<&'a ExpectedColumn>>,
    unmatched_required: Vec<ColumnId>,
}

impl<'a> Previewer<'a> {
    /// Finds the table.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] when no sheet has cells, or when an override asks for what does not exist.
    pub fn new(
        workbook: &'a Workbook,
        expected: &'a [ExpectedColumn],
        overrides: &Overrides,
    ) -> Result<Self, ShapeError> {
        let shape = find_shape(workbook, expected, overrides)?;
        let sheet = workbook.sheets.get(shape.sheet_index).ok_or(ShapeError::NoSheet)?;
        let by_id: BTreeMap<&ColumnId, &ExpectedColumn> = expected.iter().map(|column| (&column.id, column)).collect();
        let matched =
            shape.columns.iter().map(|column| column.matched.as_ref().and_then(|id| by_id.get(id).copied())).collect();
        let unmatched_required = expected
            .iter()
            .filter(|column| column.required && shape.column_of(&column.id).is_none())
            .map(|column| column.id.clone())
            .collect();
        Ok(Self { sheet, epoch_1904: workbook.epoch_1904, expected, shape, matched, unmatched_required })
    }

    /// Where the table is.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Where the table is, when the rows have been read.
    #[must_use]
    pub fn into_shape(self) -> Shape {
        self.shape
    }

    /// Required columns that the table does not have.
    #[must_use]
    pub fn table_problems(&self) -> Vec<Problem> {
        self.expected
            .iter()
            .filter(|column| self.unmatched_required.contains(&column.id))
            .map(|column| Problem {
                sheet: self.sheet.name.clone(),
                cell: None,
                column: Some(column.id.clone()),
                header: Label::from(column.header()),
                kind: ProblemKind::ColumnMissing,
                severity: ProblemKind::ColumnMissing.severity(),
                raw: None,
            })
            .collect()
    }

    /// The rows of data, one by one.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        let first = self.shape.first_data_row.saturating_sub(1);
        let below: Vec<SkippedRow> =
            self.shape.skipped_rows.iter().copied().filter(|row| row.reason != SkipReason::AboveHeader).collect();
        Rows {
            previewer: self,
            next_row: first,
            skipped: below.into_iter().peekable(),
            origins: vec![None; self.shape.columns.len()],
            merged: MergedBelow::new(self.sheet, first),
        }
    }
}

/// The rows of data; see [`Previewer::rows`].
pub struct Rows<'a> {
    previewer: &'a Previewer<'a>,
    next_row: u32,
    skipped: std::iter::Peekable<std::vec::IntoIter<SkippedRow>>,
    /// For each column, the row from which the last row of data had its content, for 〃.
    origins: Vec<Option<u32>>,
    merged: MergedBelow<'a>,
}

impl Iterator for Rows<'_> {
    type Item = RowPreview;

    fn next(&mut self) -> Option<RowPreview> {
        while self.next_row < self.previewer.sheet.row_count() {
            let row = self.next_row;
            self.next_row += 1;
            if self.skipped.next_if(|skipped| skipped.row_number == row + 1).is_none() {
                return Some(self.read(row));
            }
        }
        None
    }
}

/// Where the content of a cell was found.
struct Source<'a> {
    cell: &'a Cell,
    remark: Option<ProblemKind>,
}

impl<'a> Rows<'a> {
    fn read(&mut self, row: u32) -> RowPreview {
        let previewer = self.previewer;
        self.merged.advance(row);
        let mut preview = RowPreview {
            row_number: row + 1,
            hidden: previewer.sheet.is_hidden_row(row),
            values: Vec::with_capacity(previewer.expected.len()),
            unknown: Unknown::default(),
            problems: Vec::new(),
            missing_required: previewer.unmatched_required.clone(),
        };
        for (place, (column, expected)) in previewer.shape.columns.iter().zip(&previewer.matched).enumerate() {
            let source = self.source(row, column.index, place);
            match expected {
                Some(expected) => self.read_expected(row, column, expected, &source, &mut preview),
                None => self.read_unknown(row, column, &source, &mut preview),
            }
        }
        if preview.missing_required.len() > 1 {
            let order = |id: &ColumnId| previewer.expected.iter().position(|column| column.id == *id);
            preview.missing_required.sort_by_key(order);
        }
        preview
    }

    /// The cell that counts: the cell itself, the one above for 〃, the first one of cells merged downwards.
    fn source(&mut self, row: u32, column: u32, place: usize) -> Source<'a> {
        let sheet = self.previewer.sheet;
        let cell = sheet.cell(row, column);
        let known = self.origins.get(place).copied().flatten();
        let (origin, remark) = match cell {
            Cell::Text(text) if is_ditto(text) => match known {
                Some(origin) => (Some(origin), Some(ProblemKind::SameAsAbove)),
                None => (None, Some(ProblemKind::NothingAbove)),
            },
            Cell::Empty => match self.merged.top_of(row, column).filter(|top| !sheet.cell(*top, column).is_blank()) {
                Some(top) if top < row => (Some(top), Some(ProblemKind::MergedFill)),
                _ => (None, None),
            },
            filled if filled.is_blank() => (None, None),
            _ => (Some(row), None),
        };
        if let Some(slot) = self.origins.get_mut(place) {
            *slot = origin;
        }
        let cell = origin.map_or(&Cell::Empty, |origin| sheet.cell(origin, column));
        Source { cell, remark }
    }

    fn read_expected(
        &self,
        row: u32,
        column: &ColumnMatch,
        expected: &ExpectedColumn,
        source: &Source<'_>,
        preview: &mut RowPreview,
    ) {
        let reading = read_value(source.cell, &expected.kind, self.previewer.epoch_1904);
        let refused = reading.is_refused() || source.remark == Some(ProblemKind::NothingAbove);
        for kind in source.remark.iter().cloned().chain(reading.remarks) {
            let severity = kind.severity();
            let raw = (!expected.personal && severity > Severity::Note && !source.cell.is_blank())
                .then(|| shortened(&source.cell.text()))
                .filter(|raw| !raw.is_empty());
            preview.problems.push(self.problem(row, column, kind, raw));
        }
        match reading.value {
            Some(value) => preview.values.push((expected.id.clone(), value)),
            None if expected.required && !refused => preview.missing_required.push(expected.id.clone()),
            None => {}
        }
    }

    /// Keeps what an unexpected column holds. It may be personal: problems do not repeat it.
    fn read_unknown(&self, row: u32, column: &ColumnMatch, source: &Source<'_>, preview: &mut RowPreview) {
        let failure = match source.cell {
            Cell::Uncached => Some(ProblemKind::UncachedFormula),
            Cell::Error(code) => Some(ProblemKind::FormulaError { code }),
            _ => None,
        };
        let failed = failure.is_some();
        for kind in source.remark.iter().cloned().chain(failure) {
            preview.problems.push(self.problem(row, column, kind, None));
        }
        if !failed && !source.cell.is_blank() {
            preview.unknown.0.push((column.header_text.clone(), many_lines(&source.cell.text())));
        }
    }

    fn problem(&self, row: u32, column: &ColumnMatch, kind: ProblemKind, raw: Option<String>) -> Problem {
        Problem {
            sheet: self.previewer.sheet.name.clone(),
            cell: Some(CellAddress::new(row, column.index)),
            column: column.matched.clone(),
            header: column.header_text.clone(),
            severity: kind.severity(),
            kind,
            raw,
        }
    }
}

/// What people write for "the same as above". The text must say nothing else.
fn is_ditto(text: &str) -> bool {
    // Most cells are longer than any of the signs.
    text.len() <= 24
        && matches!(
            text.trim(),
            "〃" | "〃〃"
                | "″"
                | "”"
                | "\""
                | "''"
                | "''''"
                | "々"
                | "仝"
                | "同上"
                | "同じ"
                | "同"
                | "上に同じ"
                | "上と同じ"
                | "↑"
        )
}

/// Cells merged downwards, found again row by row.
struct MergedBelow<'a> {
    waiting: std::iter::Peekable<std::slice::Iter<'a, Region>>,
    active: Vec<&'a Region>,
}

impl<'a> MergedBelow<'a> {
    fn new(sheet: &'a Sheet, first_row: u32) -> Self {
        let start = sheet.merged.partition_point(|region| region.top < first_row);
        Self { waiting: sheet.merged.get(start..).unwrap_or_default().iter().peekable(), active: Vec::new() }
    }

    fn advance(&mut self, row: u32) {
        self.active.retain(|region| region.bottom >= row);
        while let Some(region) = self.waiting.next_if(|region| region.top <= row) {
            let is_new = self.active.iter().all(|known| known.left != region.left);
            if is_new && region.bottom >= row && region.bottom > region.top {
                self.active.push(region);
            }
        }
    }

    /// The first row of the merged cell here, if this is its first column.
    fn top_of(&self, row: u32, column: u32) -> Option<u32> {
        self.active.iter().find(|region| region.left == column && region.contains(row, column)).map(|region| region.top)
    }
}
