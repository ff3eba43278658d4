//! Which rows below a header are no data: blank rows, notes, totals, section headings, headers repeated for printing,
//! examples, rows that only bear their number.
//!
//! Invariant: a row in which most columns are filled is data, whatever it says — except a repeated header.

use std::collections::HashSet;

use serde::Serialize;

use super::ColumnMatch;
use super::header::HeaderPlace;
use crate::tables::fold::fold;
use crate::tables::read::{Cell, Sheet};

/// Why a row is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Above the header: a title, a date, an approval box.
    AboveHeader,
    /// Nothing in it.
    Blank,
    /// A note to the table, or what stands below it.
    Note,
    /// A total.
    Total,
    /// The header again.
    RepeatedHeader,
    /// A heading over the rows that follow.
    Section,
    /// An example of how to fill in the form.
    Example,
    /// The numbers of the columns.
    ColumnNumbers,
    /// A row that has its running number only.
    NumberOnly,
}

/// What is known of a row before it is judged.
struct RowFacts {
    filled: usize,
    first: String,
}

struct Judge<'a> {
    sheet: &'a Sheet,
    columns: &'a [ColumnMatch],
    header_lines: Vec<HashSet<String>>,
    /// How many columns a row of data usually fills.
    usual: usize,
    /// From how many filled columns on a row is full: more than half of the usual.
    full: usize,
    /// The last row, counted from zero, that is more than a note.
    last_full: u32,
    number_columns: Vec<u32>,
}

/// The rows of a sheet that are no data, from the top.
pub(super) fn skipped(sheet: &Sheet, place: &HeaderPlace, columns: &[ColumnMatch]) -> Vec<super::SkippedRow> {
    let mut found = Vec::new();
    for row in 0..place.top {
        if !sheet.row(row).iter().all(Cell::is_blank) {
            found.push((row, SkipReason::AboveHeader));
        }
    }
    let judge = Judge::new(sheet, place, columns);
    let mut after_blank = false;
    let mut in_notes = false;
    for row in place.bottom()..sheet.row_count() {
        let reason = judge.judge(row, row == place.bottom(), after_blank || in_notes);
        after_blank = reason == Some(SkipReason::Blank);
        in_notes = reason == Some(SkipReason::Note) || (in_notes && after_blank);
        if let Some(reason) = reason {
            found.push((row, reason));
        }
    }
    found.into_iter().map(|(row, reason)| super::SkippedRow { row_number: row + 1, reason }).collect()
}

/// Headers of columns that number the rows.
const NUMBER_HEADERS: &[&str] = &["no", "番号", "項番", "連番", "通番", "通し番号", "管理番号", "項", "行", "番", "id"];

/// What a total is called.
const TOTALS: &[&str] = &[
    "合計",
    "総計",
    "小計",
    "計",
    "総合計",
    "累計",
    "合計件数",
    "件数合計",
    "合計人数",
    "total",
    "subtotal",
    "grandtotal",
];

impl<'a> Judge<'a> {
    fn new(sheet: &'a Sheet, place: &HeaderPlace, columns: &'a [ColumnMatch]) -> Self {
        let header_lines = columns
            .iter()
            .map(|column| {
                let mut lines: HashSet<String> = (place.top..place.bottom())
                    .map(|row| sheet.cell(row, column.index).text().trim().to_owned())
                    .collect();
                lines.remove("");
                lines
            })
            .collect();
        let number_columns = columns
            .iter()
            .filter(|column| NUMBER_HEADERS.contains(&fold(&column.header_text).as_str()))
            .map(|column| column.index)
            .collect();
        let mut judge = Self { sheet, columns, header_lines, usual: 2, full: 2, last_full: 0, number_columns };
        judge.measure(place.bottom());
        judge
    }

    /// Finds out how many columns a usual row fills, and where the last row is that fills half as many.
    fn measure(&mut self, first_row: u32) {
        let counts: Vec<usize> = (first_row..self.sheet.row_count()).map(|row| self.filled(row)).collect();
        let mut sorted: Vec<usize> = counts.iter().copied().filter(|count| *count >= 2).collect();
        sorted.sort_unstable();
        self.usual = sorted.get(sorted.len() / 2).copied().unwrap_or(2);
        self.full = self.usual / 2 + 1;
        let last = counts.iter().rposition(|count| *count >= self.full).unwrap_or(0);
        self.last_full = first_row + u32::try_from(last).unwrap_or(u32::MAX);
    }

    fn filled(&self, row: u32) -> usize {
        let cells = self.sheet.row(row);
        self.columns
            .iter()
            .filter(|column| cells.get(column.index as usize).is_some_and(|cell| !cell.is_blank()))
            .count()
    }

    fn judge(&self, row: u32, is_first: bool, after_gap: bool) -> Option<SkipReason> {
        let facts = self.facts(row);
        if facts.filled == 0 {
            // A cell outside the table's columns makes no row of data.
            return Some(if facts.first.is_empty() { SkipReason::Blank } else { SkipReason::Note });
        }
        if self.is_repeated_header(row, facts.filled) {
            return Some(SkipReason::RepeatedHeader);
        }
        if is_first && self.is_column_numbers(row, facts.filled) {
            return Some(SkipReason::ColumnNumbers);
        }
        if is_example(&facts.first) {
            return Some(SkipReason::Example);
        }
        if self.is_number_only(row, facts.filled) {
            return Some(SkipReason::NumberOnly);
        }
        if self.is_total(row, facts.filled) {
            return Some(SkipReason::Total);
        }
        if facts.filled >= self.full {
            return None;
        }
        if is_note(&facts.first) && facts.filled <= 2 || (after_gap && row > self.last_full && facts.filled <= 2) {
            return Some(SkipReason::Note);
        }
        if facts.filled == 1 && (is_section(&facts.first) || self.is_merged_across(row)) {
            return Some(SkipReason::Section);
        }
        None
    }

    fn facts(&self, row: u32) -> RowFacts {
        let first = self.sheet.row(row).iter().find(|cell| !cell.is_blank()).map(Cell::text).unwrap_or_default();
        RowFacts { filled: self.filled(row), first: first.trim().to_owned() }
    }

    fn is_repeated_header(&self, row: u32, filled: usize) -> bool {
        let same = self
            .columns
            .iter()
            .zip(&self.header_lines)
            .filter(|(column, lines)| match self.sheet.cell(row, column.index) {
                Cell::Text(text) => lines.contains(text.trim()),
                _ => false,
            })
            .count();
        same >= 2 && same * 10 >= filled * 6
    }

    /// A row under the header that reads ① ② ③ or (1) (2) (3).
    fn is_column_numbers(&self, row: u32, filled: usize) -> bool {
        let numbers: Vec<u32> = self
            .columns
            .iter()
            .filter_map(|column| fold(&self.sheet.cell(row, column.index).text()).parse().ok())
            .collect();
        numbers.len() >= 3
            && numbers.len() == filled
            && numbers.windows(2).all(|pair| matches!(pair, [a, b] if b == &(a + 1)))
    }

    fn is_number_only(&self, row: u32, filled: usize) -> bool {
        filled == 1
            && self.number_columns.iter().any(|column| match self.sheet.cell(row, *column) {
                Cell::Number(_) | Cell::Uncached => true,
                Cell::Text(text) => {
                    text.trim().chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
                }
                _ => false,
            })
    }

    /// One of the first cells says so, and the row is not filled like a row of data.
    fn is_total(&self, row: u32, filled: usize) -> bool {
        let says_total =
            self.sheet.row(row).iter().filter(|cell| !cell.is_blank()).take(3).any(
                |cell| matches!(cell, Cell::Text(text) if is_short(text) && TOTALS.contains(&fold(text).as_str())),
            );
        says_total && (filled < self.usual || filled <= 3)
    }

    fn is_merged_across(&self, row: u32) -> bool {
        let start = self.sheet.merged.partition_point(|region| region.top < row);
        let here = self.sheet.merged.iter().skip(start).take_while(|region| region.top == row);
        here.into_iter().any(|region| region.bottom == row && region.right.saturating_sub(region.left) >= 2)
    }
}

/// Whether a text is short enough to be one of the words below, even with spaces between its letters; saves folding the
/// others.
fn is_short(text: &str) -> bool {
    text.len() <= 36
}

fn is_example(first: &str) -> bool {
    is_short(first)
        && matches!(fold(first).as_str(), "例" | "記入例" | "記載例" | "入力例" | "例示" | "サンプル" | "見本")
}

fn is_note(first: &str) -> bool {
    first.starts_with(['※', '＊', '*', '注'])
        || ["備考：", "備考:", "(注", "（注", "以上", "凡例", "作成日", "更新日", "改訂"]
            .iter()
            .any(|start| first.starts_with(start))
}

fn is_section(first: &str) -> bool {
    first.starts_with(['【', '■', '◆', '●', '▼', '◇', '□', '〔', '＜', '<'])
}
