//! Which rows are the header: the ones whose texts are the names of most expected columns.
//!
//! A header has one to three rows. A cell merged downwards counts once; a cell merged sideways, or a group's name left of
//! blank cells, counts for each column under it.

use super::ShapeError;
use super::matching::{HeaderText, Matcher};
use crate::tables::fold::{fold, one_line};
use crate::tables::read::{Cell, Region, Sheet};

/// The rows of a header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HeaderPlace {
    /// First row, counted from zero.
    pub(super) top: u32,
    /// How many rows.
    pub(super) height: u32,
    /// How well it fits, in columns.
    pub(super) score: f64,
    /// How many expected columns it has.
    pub(super) matched: usize,
    /// Whether it was recognised, and not merely guessed.
    pub(super) found: bool,
}

impl HeaderPlace {
    /// The row below the header, counted from zero.
    pub(super) fn bottom(&self) -> u32 {
        self.top + self.height
    }
}

/// How far down a header is looked for, how high it may be, and how wide a sheet is looked at.
const SEARCHED_ROWS: u32 = 60;
const MOST_HEIGHT: u32 = 3;
const MOST_COLUMNS: u32 = 512;

/// From this score on the header counts as recognised: two columns.
const RECOGNISED: f64 = 1.3;

/// The best place for a header, or a guess if no row fits.
pub(super) fn find(sheet: &Sheet, matcher: &Matcher) -> HeaderPlace {
    let mut best: Option<HeaderPlace> = None;
    for top in 0..sheet.row_count().min(SEARCHED_ROWS) {
        if sheet.row(top).iter().all(Cell::is_blank) {
            continue;
        }
        for height in 1..=MOST_HEIGHT.min(sheet.row_count() - top) {
            if cuts_a_merged_cell(sheet, top, height) || sheet.row(top + height - 1).iter().all(Cell::is_blank) {
                continue;
            }
            let place = rate(sheet, top, height, matcher);
            if best.is_none_or(|known| place.score > known.score) {
                best = Some(place);
            }
        }
    }
    match best {
        Some(place) if place.score >= RECOGNISED => HeaderPlace { found: true, ..place },
        _ => guess(sheet),
    }
}

/// The header that a person chose.
pub(super) fn place_at(sheet: &Sheet, row: u32, rows: u32, matcher: &Matcher) -> Result<HeaderPlace, ShapeError> {
    let end = row.saturating_add(rows);
    if row == 0 || rows == 0 || rows > MOST_HEIGHT || end > sheet.row_count() + 1 {
        return Err(ShapeError::HeaderOutOfSheet { row, rows: sheet.row_count() });
    }
    Ok(HeaderPlace { found: true, ..rate(sheet, row - 1, rows, matcher) })
}

fn rate(sheet: &Sheet, top: u32, height: u32, matcher: &Matcher) -> HeaderPlace {
    let headers = texts(sheet, top, height);
    let hits: Vec<u8> = matcher.assign(&headers, |_, _| false).into_iter().flatten().map(|hit| hit.score).collect();
    let figures = (top..top + height)
        .flat_map(|row| sheet.row(row))
        .filter(|cell| matches!(cell, Cell::Number(_) | Cell::DateTime(_) | Cell::Bool(_)))
        .count();
    let fit: f64 = hits.iter().map(|score| f64::from(*score) / 100.0).sum();
    let score = fit - 0.3 * figures as f64 - 0.5 * f64::from(height - 1);
    HeaderPlace { top, height, score, matched: hits.len(), found: false }
}

/// Without any recognised name: the first row that has as many texts as any of the first twenty.
fn guess(sheet: &Sheet) -> HeaderPlace {
    let texts_in =
        |row: u32| sheet.row(row).iter().filter(|cell| matches!(cell, Cell::Text(_)) && !cell.is_blank()).count();
    let rows = 0..sheet.row_count().min(20);
    let most = rows.clone().map(texts_in).max().unwrap_or(0);
    let mut rows = rows;
    let top = rows.find(|row| texts_in(*row) == most).unwrap_or(0);
    HeaderPlace { top, height: 1, score: 0.0, matched: 0, found: false }
}

/// Whether a cell that begins in these rows is merged beyond them: then they are not the whole header.
fn cuts_a_merged_cell(sheet: &Sheet, top: u32, height: u32) -> bool {
    let bottom = top + height;
    sheet.merged.iter().any(|region| {
        (top..bottom).contains(&region.top) && region.bottom >= bottom && region.bottom < top + MOST_HEIGHT
    })
}

/// The header texts of each column.
pub(super) fn texts(sheet: &Sheet, top: u32, height: u32) -> Vec<HeaderText> {
    let width = width(sheet, top);
    let merged: Vec<&Region> =
        sheet.merged.iter().filter(|region| region.top >= top && region.top < top + height).collect();
    let mut lines: Vec<Vec<String>> = (top..top + height)
        .map(|row| (0..width).map(|column| line_at(sheet, &merged, row, column)).collect())
        .collect();
    fill_groups(&mut lines);
    (0..width as usize).map(|column| header_of(&lines, &merged, top, column)).collect()
}

fn width(sheet: &Sheet, top: u32) -> u32 {
    let rows = top..sheet.row_count().min(top + 1_000);
    let widest = rows.map(|row| sheet.row(row).len()).max().unwrap_or(0);
    u32::try_from(widest).unwrap_or(u32::MAX).min(MOST_COLUMNS)
}

/// A header cell's text; for a merged cell that of its first cell, in its first row only.
fn line_at(sheet: &Sheet, merged: &[&Region], row: u32, column: u32) -> String {
    let cell = match merged.iter().find(|region| region.contains(row, column)) {
        Some(region) if region.top == row => sheet.cell(region.top, region.left),
        Some(_) => &Cell::Empty,
        None => sheet.cell(row, column),
    };
    one_line(&cell.text())
}

/// Files without merged cells (CSV, old exports) name a group once, left of blank cells; each column under it gets the name.
fn fill_groups(lines: &mut [Vec<String>]) {
    for upper in 0..lines.len().saturating_sub(1) {
        let (above, below) = lines.split_at_mut(upper + 1);
        let (Some(above), Some(below)) = (above.last_mut(), below.first()) else { return };
        for column in 1..above.len() {
            let has_lower = |column: usize| below.get(column).is_some_and(|text| !text.is_empty());
            let is_blank = above.get(column).is_some_and(String::is_empty);
            if is_blank
                && has_lower(column)
                && has_lower(column - 1)
                && let Some(group) = above.get(column - 1).cloned()
                && let Some(place) = above.get_mut(column)
            {
                *place = group;
            }
        }
    }
}

fn header_of(lines: &[Vec<String>], merged: &[&Region], top: u32, column: usize) -> HeaderText {
    let mut parts: Vec<&str> = Vec::new();
    for line in lines {
        let text = line.get(column).map_or("", String::as_str);
        if !text.is_empty() && parts.last().is_none_or(|last| fold(last) != fold(text)) {
            parts.push(text);
        }
    }
    let here = u32::try_from(column).unwrap_or(u32::MAX);
    let bottom_row = top + u32::try_from(lines.len()).unwrap_or(1).saturating_sub(1);
    HeaderText {
        joined: parts.join("／"),
        upper: parts.first().copied().unwrap_or_default().to_owned(),
        lower: parts.last().copied().unwrap_or_default().to_owned(),
        repeats_left: merged
            .iter()
            .any(|region| region.left < here && region.right >= here && region.bottom >= bottom_row),
    }
}

/// Which columns have anything below the header.
pub(super) fn columns_with_data(sheet: &Sheet, first_row: u32) -> Vec<bool> {
    let mut filled = Vec::new();
    for row in first_row..sheet.row_count() {
        for (column, cell) in sheet.row(row).iter().enumerate() {
            if column >= filled.len() {
                filled.resize(column + 1, false);
            }
            if let Some(place) = filled.get_mut(column)
                && !*place
            {
                *place = !cell.is_blank();
            }
        }
    }
    filled
}
