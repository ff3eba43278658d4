//! Hidden rows and columns, and the merged cells of OpenDocument: what the spreadsheet reader does not tell.
//!
//! Sources: ECMA-376 part 1, 18.3.1.73 (row) and 18.3.1.13 (col); ODF 1.2 part 1, 19.749 (table:visibility),
//! 19.676 and 19.678 (spans).
//!
//! Invariant: a part that does not parse yields nothing here; whether it is damaged is decided by the reader of cells.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use super::cell::{Budget, Region};
use super::package::{Archive, MarkedPart};

/// What is hidden or merged in a sheet.
#[derive(Default, Clone)]
pub(super) struct Marks {
    pub(super) hidden_rows: BTreeSet<u32>,
    pub(super) hidden_columns: BTreeSet<u32>,
    pub(super) merged: Vec<Region>,
}

/// Columns beyond Excel's last one are not looked at.
const MOST_COLUMNS: u32 = 16_384;

/// Rows beyond Excel's last one are not looked at.
const MOST_ROWS: u32 = 1_048_576;

/// The marks of the given worksheet parts of an Excel file, by sheet name. The cells themselves are gone through again
/// only where something is hidden.
pub(super) fn excel_marks(archive: &mut Archive<'_>, parts: &[MarkedPart]) -> HashMap<String, Marks> {
    let mut marks = HashMap::new();
    if parts.is_empty() {
        return marks;
    }
    for (sheet, part) in sheet_parts(archive) {
        let Some(marked) = parts.iter().find(|marked| marked.name.eq_ignore_ascii_case(&part)) else { continue };
        let mut found = Marks::default();
        if marked.hides {
            each_element(archive, &marked.name, |element| read_excel_mark(element, &mut found));
        }
        let mut reader = Reader::from_reader(marked.merges.as_slice());
        reader.config_mut().check_end_names = false;
        walk(reader, |element| {
            if element.local_name().as_ref() == "mergeCell" {
                found.merged.extend(attribute(element, "ref").and_then(|area| region_of(&area)));
            }
        });
        marks.insert(sheet, found);
    }
    marks
}

/// The rectangle that `A1:C3` names.
fn region_of(area: &str) -> Option<Region> {
    let (from, to) = area.split_once(':')?;
    let ((top, left), (bottom, right)) = (place_of(from)?, place_of(to)?);
    Some(Region { top, left, bottom, right })
}

/// Row and column of `C12`, counted from zero.
fn place_of(address: &str) -> Option<(u32, u32)> {
    let plain = address.replace('$', "");
    let (letters, digits) = plain.split_at(plain.find(|character: char| character.is_ascii_digit())?);
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let value = letter.is_ascii_alphabetic().then(|| u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        column.checked_mul(26)?.checked_add(value)
    })?;
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// The name of each sheet and of the part that holds it.
fn sheet_parts(archive: &mut Archive<'_>) -> Vec<(String, String)> {
    let mut targets = HashMap::new();
    each_element(archive, "xl/_rels/workbook.xml.rels", |element| {
        if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) {
            let full = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            targets.insert(id, full);
        }
    });
    let mut sheets = Vec::new();
    each_element(archive, "xl/workbook.xml", |element| {
        if element.local_name().as_ref() == "sheet"
            && let (Some(name), Some(id)) = (attribute(element, "name"), attribute(element, "id"))
            && let Some(part) = targets.get(&id)
        {
            sheets.push((name, part.clone()));
        }
    });
    sheets
}

fn read_excel_mark(element: &BytesStart<'_>, marks: &mut Marks) {
    let is_hidden =
        |element: &BytesStart<'_>| attribute(element, "hidden").is_some_and(|value| value == "1" || value == "true");
    match element.local_name().as_ref() {
        "row" if is_hidden(element) => {
            if let Some(row) = number(element, "r") {
                marks.hidden_rows.insert(row.saturating_sub(1));
            }
        }
        "col" if is_hidden(element) => {
            if let (Some(first), Some(last)) = (number(element, "min"), number(element, "max")) {
                let last = last.min(MOST_COLUMNS);
                marks.hidden_columns.extend(first.saturating_sub(1)..last);
            }
        }
        _ => {}
    }
}

/// The marks of an OpenDocument file, by sheet name; also counts the cells that its repetitions stand for.
pub(super) fn document_marks(
    archive: &mut Archive<'_>,
    budget: &mut Budget,
) -> Result<HashMap<String, Marks>, ReadError> {
    let mut walk = DocumentWalk::default();
    let mut result = Ok(());
    each_element(archive, "content.xml", |element| {
        if result.is_ok() {
            result = walk.visit(element, budget);
        }
    });
    result?;
    walk.end_row(budget)?;
    Ok(walk.marks)
}

/// Where in `content.xml` the walk is.
#[derive(Default)]
struct DocumentWalk {
    marks: HashMap<String, Marks>,
    sheet: String,
    row: u32,
    row_repeats: u32,
    column: u32,
    width: u32,
}

impl DocumentWalk {
    fn visit(&mut self, element: &BytesStart<'_>, budget: &mut Budget) -> Result<(), ReadError> {
        match element.name().as_ref() {
            "table:table" => {
                self.end_row(budget)?;
                self.sheet = attribute(element, "name").unwrap_or_default();
                (self.row, self.column) = (0, 0);
            }
            "table:table-column" => {
                let repeats = number(element, "number-columns-repeated").unwrap_or(1);
                let last = self.column.saturating_add(repeats).min(MOST_COLUMNS);
                if is_collapsed(element) {
                    let columns = self.column..last;
                    self.marks().hidden_columns.extend(columns);
                }
                self.column = last;
            }
            "table:table-row" => {
                self.end_row(budget)?;
                self.row_repeats = number(element, "number-rows-repeated").unwrap_or(1);
                if is_collapsed(element) {
                    let rows = self.row..self.row.saturating_add(self.row_repeats).min(MOST_ROWS);
                    self.marks().hidden_rows.extend(rows);
                }
                self.column = 0;
            }
            "table:table-cell" | "table:covered-table-cell" => self.visit_cell(element),
            _ => {}
        }
        Ok(())
    }

    fn visit_cell(&mut self, element: &BytesStart<'_>) {
        let repeats = number(element, "number-columns-repeated").unwrap_or(1);
        let (columns, rows) = (
            number(element, "number-columns-spanned").unwrap_or(1),
            number(element, "number-rows-spanned").unwrap_or(1),
        );
        if columns > 1 || rows > 1 {
            let region = Region {
                top: self.row,
                left: self.column,
                bottom: self.row.saturating_add(rows.max(1) - 1),
                right: self.column.saturating_add(columns.max(1) - 1),
            };
            self.marks().merged.push(region);
        }
        self.column = self.column.saturating_add(repeats).min(MOST_COLUMNS);
        if attribute(element, "value-type").is_some() || attribute(element, "formula").is_some() {
            self.width = self.column;
        }
    }

    /// Charges the row just left for the cells it stands for.
    fn end_row(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        budget.take(u64::from(self.width) * u64::from(self.row_repeats))?;
        self.row = self.row.saturating_add(self.row_repeats);
        (self.width, self.row_repeats) = (0, 0);
        Ok(())
    }

    fn marks(&mut self) -> &mut Marks {
        self.marks.entry(self.sheet.clone()).or_default()
    }
}

fn is_collapsed(element: &BytesStart<'_>) -> bool {
    attribute(element, "visibility").is_some_and(|value| value == "collapse" || value == "filter")
}

/// Calls `visit` for each start of an element of a part.
fn each_element(archive: &mut Archive<'_>, part: &str, visit: impl FnMut(&BytesStart<'_>)) {
    let Ok(part) = archive.by_name(part) else { return };
    walk(Reader::from_reader(BufReader::with_capacity(1 << 16, part)), visit);
}

/// Calls `visit` for each start of an element, up to the end or to what is no XML.
fn walk<R: BufRead>(mut reader: Reader<R>, mut visit: impl FnMut(&BytesStart<'_>)) {
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => visit(&element),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
        buffer.clear();
    }
}

/// The value of an attribute, by its name without prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name).map(|attribute| {
        quick_xml::escape::unescape(&attribute.value)
            .map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned)
    })
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_read_as_excel_writes_them() {
        let region = |top, left, bottom, right| Some(Region { top, left, bottom, right });
        for (area, expected) in [
            ("A1:C3", region(0, 0, 2, 2)),
            ("$AA$10:AB12", region(9, 26, 11, 27)),
            ("A1", None),
            ("A0:B1", None),
            ("1:2", None),
            ("あ1:B2", None),
        ] {
            assert_eq!(region_of(area), expected, "{area}");
        }
    }
}
