//! Text files: CSV and TSV, in the encodings and with the separators that people's programs write.
//!
//! Serves RFC 4180 and the Encoding Standard (its Shift_JIS is CP932).
//!
//! Invariant: the row numbers are those Excel would show, blank lines included.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_16BE, UTF_16LE};

use super::cell::{Budget, Cell, Grid, Sheet};
use super::{FileKind, Limits, ReadError, TextEncoding, Workbook, sheet_name};

/// Reads text with separators as a workbook of one sheet.
pub(super) fn read_text(bytes: &[u8], name: &str, limits: Limits) -> Result<Workbook, ReadError> {
    let (encoding, text) = decode(bytes)?;
    let text = if text.contains('\n') { text } else { text.replace('\r', "\n") };
    let separator = find_separator(&text, name);
    let mut budget = Budget::new(limits.cells);
    let rows = read_rows(&text, separator, &mut budget)?;
    if rows.is_empty() {
        return Err(ReadError::Empty);
    }
    let kind = FileKind::Text { encoding, separator: char::from(separator) };
    Ok(Workbook { kind, sheets: vec![Sheet::new(sheet_name(name), rows)], epoch_1904: false })
}

/// By byte order mark; else UTF-8 if it is valid; else CP932 if that is valid.
fn decode(bytes: &[u8]) -> Result<(TextEncoding, String), ReadError> {
    let strict = |encoding: &'static Encoding, bytes: &[u8]| {
        encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
    };
    if let Some(body) = bytes.strip_prefix(b"\xFF\xFE") {
        return strict(UTF_16LE, body)
            .map(|text| (TextEncoding::Utf16Le, text))
            .ok_or(ReadError::Damaged { part: "UTF-16".to_owned() });
    }
    if let Some(body) = bytes.strip_prefix(b"\xFE\xFF") {
        return strict(UTF_16BE, body)
            .map(|text| (TextEncoding::Utf16Be, text))
            .ok_or(ReadError::Damaged { part: "UTF-16".to_owned() });
    }
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if body.contains(&0) {
        return Err(ReadError::Unsupported { found: "binary file" });
    }
    let utf8_end = match std::str::from_utf8(body) {
        Ok(text) => return Ok((TextEncoding::Utf8, text.to_owned())),
        Err(error) => error.valid_up_to(),
    };
    if let Some(text) = strict(SHIFT_JIS, body) {
        return Ok((TextEncoding::Cp932, text));
    }
    Err(ReadError::UnknownEncoding { line: line_at(body, utf8_end.max(shift_jis_end(body))) })
}

/// How far the bytes are valid CP932, to the line.
fn shift_jis_end(body: &[u8]) -> usize {
    let mut end = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if SHIFT_JIS.decode_without_bom_handling_and_without_replacement(line).is_none() {
            break;
        }
        end += line.len();
    }
    end
}

fn line_at(body: &[u8], position: usize) -> u64 {
    let before = body.get(..position).unwrap_or(body);
    before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1
}

/// How many characters are looked at to find the separator, and how many records.
const SAMPLE: (usize, usize) = (1 << 16, 60);

/// The separator that cuts the first records into the most columns of the same number.
fn find_separator(text: &str, name: &str) -> u8 {
    let end = (0..=SAMPLE.0.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let sample = text.get(..end).unwrap_or_default();
    let tab_by_name = name.to_ascii_lowercase().ends_with(".tsv");
    let order = if tab_by_name { [b'\t', b',', b';'] } else { [b',', b'\t', b';'] };
    let mut best = (0, order[0]);
    for separator in order {
        let score = separator_score(sample, separator);
        if score > best.0 {
            best = (score, separator);
        }
    }
    best.1
}

fn separator_score(sample: &str, separator: u8) -> usize {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(sample.as_bytes());
    let widths: Vec<usize> = reader.records().flatten().take(SAMPLE.1).map(|record| record.len()).collect();
    let usual = widths
        .iter()
        .copied()
        .max_by_key(|width| (widths.iter().filter(|other| *other == width).count() * (*width - 1).min(50), *width));
    usual.map_or(0, |usual| widths.iter().filter(|width| **width == usual).count() * (usual - 1))
}

/// Longer than any cell that Excel can hold: only an open quotation mark makes such a cell.
const LONGEST_CELL: usize = 200_000;

fn read_rows(text: &str, separator: u8, budget: &mut Budget) -> Result<Vec<Vec<Cell>>, ReadError> {
    // A last line without its end would not be counted as one.
    let ended = text.as_bytes().chain(b"\n".as_slice());
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(ended);
    let mut grid = Grid::new(budget);
    let mut record = StringRecord::new();
    let mut row = 0_u64;
    loop {
        let before = reader.position().line();
        let more =
            reader.read_record(&mut record).map_err(|_| ReadError::Damaged { part: format!("row {}", row + 1) })?;
        if !more {
            return Ok(grid.finish());
        }
        // The parser steps over blank lines; each counts as a row, and a line break inside a cell does not.
        let lines = reader.position().line() - before;
        let inside: usize = record.iter().map(|field| field.matches('\n').count()).sum();
        row += lines.saturating_sub(inside as u64 + 1);
        for (column, field) in record.iter().enumerate() {
            if field.len() > LONGEST_CELL {
                return Err(ReadError::OpenQuotation { row: row + 1 });
            }
            if !field.is_empty() {
                let place = (u32::try_from(row).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
                grid.put(place.0, place.1, Cell::Text(Box::from(without_guard(field))))?;
            }
        }
        row += 1;
    }
}

/// Takes away the apostrophe that an export puts before a cell which a spreadsheet would run as a formula.
fn without_guard(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(rest) if needs_guard(rest) => rest,
        _ => field,
    }
}

/// Whether a spreadsheet might run the cell, or whether it would be mistaken for a guarded one.
pub(in crate::tables) fn needs_guard(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut budget = Budget::new(1_000);
        let rows = read_rows(text, b',', &mut budget).unwrap();
        rows.iter().map(|row| row.iter().map(Cell::text).collect()).collect()
    }

    #[test]
    fn rfc_4180_rows_are_numbered_as_excel_numbers_them() {
        assert_eq!(
            rows("a,b\r\n\r\n\"c\r\nd\",e\r\nf\r\n"),
            [
                vec!["a".to_owned(), "b".to_owned()],
                vec![],
                vec!["c\r\nd".to_owned(), "e".to_owned()],
                vec!["f".to_owned()],
            ]
        );
        assert_eq!(rows("\n\na").len(), 3);
    }

    #[test]
    fn separators_are_found_by_content() {
        for (text, name, separator) in [
            ("a,b\nc,d\n", "x.csv", b','),
            ("a\tb\n1,200\tc\n", "x.csv", b'\t'),
            ("a;b;c\n1;2;3\n", "x.csv", b';'),
            ("台帳\n\na,b,c\n1,2,3\n", "x.txt", b','),
            ("a\n", "x.tsv", b'\t'),
        ] {
            assert_eq!(find_separator(text, name), separator, "{text:?}");
        }
    }

    #[test]
    fn guarded_cells_lose_their_guard_and_others_keep_their_apostrophe() {
        for (field, text) in [("'=1+1", "=1+1"), ("''=1+1", "'=1+1"), ("'tis", "'tis"), ("=1", "=1"), ("'", "'")] {
            assert_eq!(without_guard(field), text);
        }
    }

    #[test]
    fn text_in_no_known_encoding_names_the_line() {
        assert_eq!(decode(b"a,b\n\xFF\xFF,\x81\n"), Err(ReadError::UnknownEncoding { line: 2 }));
    }
}
