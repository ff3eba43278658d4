//! Where in a workbook the table is: which sheet, which rows are its header, which column is which, and which rows below
//! are no data (titles, notes, totals, headers repeated for printing …).
//!
//! The result is a proposal. People see it, correct it, and what they corrected comes back as [`Overrides`].
//!
//! Columns beyond the 512th are not looked at.
//!
//! Invariant: pure and deterministic; the same workbook, columns and overrides give the same shape.

mod header;
mod matching;
mod rows;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use thiserror::Error;

use self::header::HeaderPlace;
use self::matching::Matcher;
use super::fold::fold;
use super::read::{Sheet, Workbook};
use super::{ColumnId, ExpectedColumn, Label};

pub use self::rows::SkipReason;

/// Why a column was matched as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// The header is a name of the column, apart from widths, spaces and punctuation.
    SameName,
    /// The same after leaving out what stands in brackets.
    SameWithoutRemark,
    /// One line of a header of several rows is a name of the column.
    PartOfHeader,
    /// One contains the other.
    Contains,
    /// Most pairs of letters are the same.
    Similar,
    /// A person chose it, now or in an earlier import.
    Chosen,
    /// A person said that it is none of the expected columns.
    Refused,
    /// Nothing came close.
    NoMatch,
}

/// A column of the table and what it was matched with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnMatch {
    /// Its place in the sheet, counted from zero.
    pub index: u32,
    /// Its header, the rows of it joined by ／; its letters where it has none. No two columns have the same.
    pub header_text: Label,
    /// The expected column.
    pub matched: Option<ColumnId>,
    /// How sure the match is, 0 to 100.
    pub score: u8,
    /// Why.
    pub reason: MatchReason,
    /// Whether Excel hides the column.
    pub hidden: bool,
}

/// A row that is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SkippedRow {
    /// The row, counted from one.
    pub row_number: u32,
    /// Why it is no data.
    pub reason: SkipReason,
}

/// A sheet that could be read instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherSheet {
    /// Its name.
    pub name: Label,
    /// Whether Excel hides it.
    pub hidden: bool,
    /// How many of the expected columns its header seems to have.
    pub matched_columns: usize,
    /// How many rows it has, header and notes included.
    pub rows: u32,
}

/// Where the table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// The sheet's name.
    pub sheet: Label,
    /// The sheet's place in the workbook.
    #[serde(skip)]
    pub sheet_index: usize,
    /// Rows of the header, counted from one; empty if the sheet is empty.
    pub header_rows: Vec<u32>,
    /// Whether the header was recognised by the expected names, and not merely guessed.
    pub header_found: bool,
    /// First row below the header, counted from one.
    pub first_data_row: u32,
    /// The columns, from left to right.
    pub columns: Vec<ColumnMatch>,
    /// Rows that are no data.
    pub skipped_rows: Vec<SkippedRow>,
    /// The other sheets, the likeliest first.
    pub other_sheets: Vec<OtherSheet>,
}

impl Shape {
    /// The column matched with an expected one.
    #[must_use]
    pub fn column_of(&self, id: &ColumnId) -> Option<&ColumnMatch> {
        self.columns.iter().find(|column| column.matched.as_ref() == Some(id))
    }
}

/// What a person corrected, or what was remembered from an earlier import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Read this sheet.
    pub sheet: Option<String>,
    /// The header's first row, counted from one, and how many rows it has.
    pub header: Option<(u32, u32)>,
    /// Matches by header text; `None` says that the column is none of the expected ones.
    matches: BTreeMap<String, Option<ColumnId>>,
}

impl Overrides {
    /// Matches a header, however it is spaced or punctuated, with a column, or with none.
    #[must_use]
    pub fn with_match(mut self, header_text: &str, column: Option<&str>) -> Self {
        self.matches.insert(fold(header_text), column.map(ColumnId::from));
        self
    }

    /// Reads this sheet.
    #[must_use]
    pub fn with_sheet(mut self, name: &str) -> Self {
        self.sheet = Some(name.to_owned());
        self
    }

    /// Takes these rows for the header: the first one, counted from one, and how many.
    #[must_use]
    pub fn with_header(mut self, first_row: u32, rows: u32) -> Self {
        self.header = Some((first_row, rows));
        self
    }

    /// What is said about a header.
    fn of_header(&self, header_text: &str) -> Option<&Option<ColumnId>> {
        if self.matches.is_empty() { None } else { self.matches.get(&fold(header_text)) }
    }
}

/// Why no shape can be found at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// The workbook has no sheet with cells.
    #[error("the workbook has no sheet with cells; choose a file that holds a table")]
    NoSheet,
    /// The sheet that was asked for does not exist.
    #[error("there is no sheet “{name}”; choose one of: {}", .available.join(", "))]
    SheetNotFound {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// The header row that was asked for does not exist.
    #[error(
        "row {row} cannot be the header: the sheet has {rows} rows; choose a row from 1 to {rows}, one to three rows high"
    )]
    HeaderOutOfSheet {
        /// The row that was asked for, counted from one.
        row: u32,
        /// How many rows the sheet has.
        rows: u32,
    },
}

impl fmt::Display for MatchReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SameName => "見出しが同じ",
            Self::SameWithoutRemark => "かっこ書きを除いて同じ",
            Self::PartOfHeader => "見出しの一部の行が同じ",
            Self::Contains => "見出しに含まれる",
            Self::Similar => "見出しが似ている",
            Self::Chosen => "選ばれた",
            Self::Refused => "対応なしとされた",
            Self::NoMatch => "対応する項目なし",
        })
    }
}

/// Finds the table.
///
/// # Errors
///
/// [`ShapeError`] when no sheet has cells, or when an override asks for what does not exist.
pub fn find_shape(
    workbook: &Workbook,
    expected: &[ExpectedColumn],
    overrides: &Overrides,
) -> Result<Shape, ShapeError> {
    let matcher = Matcher::new(expected);
    let (sheet_index, place, other_sheets) = choose_sheet(workbook, &matcher, overrides)?;
    let sheet = workbook.sheets.get(sheet_index).ok_or(ShapeError::NoSheet)?;
    let place = match overrides.header {
        Some((row, rows)) => header::place_at(sheet, row, rows, &matcher)?,
        None => place,
    };
    let columns = match_columns(sheet, &place, &matcher, overrides);
    let skipped_rows = rows::skipped(sheet, &place, &columns);
    Ok(Shape {
        sheet: sheet.name.clone(),
        sheet_index,
        header_rows: (place.top..place.bottom()).map(|row| row + 1).collect(),
        header_found: place.found,
        first_data_row: place.bottom() + 1,
        columns,
        skipped_rows,
        other_sheets,
    })
}

/// Names that say that a sheet holds an example or an old state, and not the ledger itself.
const SECONDARY_SHEETS: &[&str] = &[
    "記入例",
    "例",
    "サンプル",
    "sample",
    "見本",
    "凡例",
    "説明",
    "テンプレート",
    "原本",
    "旧",
    "old",
    "バックアップ",
    "コピー",
];

/// The sheet that was asked for, or else the one whose header has most of the expected columns.
fn choose_sheet(
    workbook: &Workbook,
    matcher: &Matcher,
    overrides: &Overrides,
) -> Result<(usize, HeaderPlace, Vec<OtherSheet>), ShapeError> {
    let mut ranked: Vec<(usize, HeaderPlace, f64)> = workbook
        .sheets
        .iter()
        .enumerate()
        .filter(|(_, sheet)| sheet.row_count() > 0)
        .map(|(index, sheet)| {
            let place = header::find(sheet, matcher);
            let rank = sheet_rank(sheet, &place);
            (index, place, rank)
        })
        .collect();
    ranked.sort_by(|left, right| right.2.total_cmp(&left.2).then(left.0.cmp(&right.0)));
    let chosen = match &overrides.sheet {
        None => 0,
        Some(name) => ranked
            .iter()
            .position(|(index, ..)| workbook.sheets.get(*index).is_some_and(|sheet| *sheet.name == **name))
            .ok_or_else(|| ShapeError::SheetNotFound {
                name: name.clone(),
                available: workbook.sheets.iter().map(|sheet| sheet.name.to_string()).collect(),
            })?,
    };
    if ranked.is_empty() {
        return Err(ShapeError::NoSheet);
    }
    let (index, place, _) = ranked.remove(chosen);
    let others = ranked
        .iter()
        .filter_map(|(index, place, _)| {
            workbook.sheets.get(*index).map(|sheet| OtherSheet {
                name: sheet.name.clone(),
                hidden: sheet.hidden,
                matched_columns: place.matched,
                rows: sheet.row_count(),
            })
        })
        .collect();
    Ok((index, place, others))
}

fn sheet_rank(sheet: &Sheet, place: &HeaderPlace) -> f64 {
    let folded = fold(&sheet.name);
    let secondary = SECONDARY_SHEETS.iter().any(|name| folded.contains(&fold(name)));
    let data_rows = sheet.row_count().saturating_sub(place.bottom());
    // Rows only decide between sheets of the same header.
    let by_rows = f64::from(data_rows.min(1_000)) / 10_000.0;
    (place.score + by_rows) * if secondary { 0.6 } else { 1.0 } * if sheet.hidden { 0.5 } else { 1.0 }
}

fn match_columns(sheet: &Sheet, place: &HeaderPlace, matcher: &Matcher, overrides: &Overrides) -> Vec<ColumnMatch> {
    let headers = header::texts(sheet, place.top, place.height);
    let said: Vec<Option<&Option<ColumnId>>> =
        headers.iter().map(|header| overrides.of_header(&header.joined)).collect();
    let taken: Vec<&ColumnId> = said.iter().filter_map(|said| said.and_then(Option::as_ref)).collect();
    let assigned =
        matcher.assign(&headers, |header, id| said.get(header).is_some_and(Option::is_some) || taken.contains(&id));
    let data_columns = header::columns_with_data(sheet, place.bottom());
    let mut columns = Vec::new();
    let mut names = std::collections::HashSet::new();
    let mut chosen = std::collections::HashSet::new();
    for (index, header) in headers.iter().enumerate() {
        let has_data = data_columns.get(index).copied().unwrap_or(false);
        if !has_data && header.joined.is_empty() {
            continue;
        }
        let column_index = u32::try_from(index).unwrap_or(u32::MAX);
        let (matched, score, reason) = match (said.get(index).copied().flatten(), assigned.get(index)) {
            // Two headers of the same text can be chosen for one column; the left one has it.
            (Some(Some(id)), _) if chosen.insert(id.clone()) => (Some(id.clone()), 100, MatchReason::Chosen),
            (Some(_), _) => (None, 0, MatchReason::Refused),
            (None, Some(Some(hit))) => (Some(matcher.id(hit.column)), hit.score, hit.reason),
            (None, _) => (None, 0, MatchReason::NoMatch),
        };
        // A header cell merged over several columns has its data in one of them.
        if !has_data && matched.is_none() && header.repeats_left {
            continue;
        }
        let header_text = distinct(&header.joined, column_index, &mut names);
        columns.push(ColumnMatch {
            index: column_index,
            header_text,
            matched,
            score,
            reason,
            hidden: sheet.is_hidden_column(column_index),
        });
    }
    columns
}

/// The header, made distinct by a number, or the column's letters where there is none.
fn distinct(header: &str, column: u32, names: &mut std::collections::HashSet<String>) -> Label {
    let base = if header.is_empty() { super::column_letters(column) } else { header.to_owned() };
    let mut name = base.clone();
    let mut number = 2_u32;
    while !names.insert(name.clone()) {
        name = format!("{base} ({number})");
        number += 1;
    }
    Label::from(name)
}
