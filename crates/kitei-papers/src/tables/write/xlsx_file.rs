//! Excel files.
//!
//! Invariant: text is written as text (never interpreted), dates as real dates, and rows leave memory as they are written.

use std::io::Write;
use std::path::Path;

use jiff::civil::DateTime;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet};

use super::super::value::Value;
use super::super::{ColumnKind, ExpectedColumn};
use super::{Layout, Row, WriteError, wording};

/// What an Excel file needs besides its table.
#[derive(Debug, Clone, Copy)]
pub struct XlsxOptions<'a> {
    /// The sheet's name; characters that Excel refuses are replaced.
    pub sheet_name: &'a str,
    /// When the file was made, UTC, for its properties.
    pub created: DateTime,
    /// A directory for the rows while they are written; the system's own if nothing is given. Nothing stays there.
    pub scratch: Option<&'a Path>,
}

/// Rows of an Excel sheet, and characters (UTF-16 units) of a cell.
const MOST_ROWS: u32 = 1_048_576;
const MOST_CHARACTERS: usize = 32_767;

/// A sheet to be written.
pub struct SheetOut<'a> {
    /// Its name; characters that Excel refuses are replaced.
    pub name: &'a str,
    /// Its columns.
    pub layout: Layout<'a>,
    /// Its rows, asked for one after the other.
    pub rows: Box<dyn Iterator<Item = Row> + 'a>,
}

impl std::fmt::Debug for SheetOut<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SheetOut").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Writes a table as an Excel file with one sheet.
///
/// # Errors
///
/// [`WriteError`] when a text or the table is too large for Excel, or when the place to write to refuses.
pub fn write_xlsx<'a, W: Write + Send>(
    out: W,
    layout: Layout<'a>,
    options: XlsxOptions<'a>,
    rows: impl IntoIterator<Item = Row> + 'a,
) -> Result<(), WriteError> {
    let sheet = SheetOut { name: options.sheet_name, layout, rows: Box::new(rows.into_iter()) };
    write_xlsx_sheets(out, options, vec![sheet])
}

/// Writes tables as the sheets of an Excel file, one after the other. `options.sheet_name` is not used.
///
/// # Errors
///
/// As [`write_xlsx`].
pub fn write_xlsx_sheets<W: Write + Send>(
    out: W,
    options: XlsxOptions<'_>,
    sheets: Vec<SheetOut<'_>>,
) -> Result<(), WriteError> {
    let mut workbook = Workbook::new();
    if let Some(scratch) = options.scratch {
        workbook.set_tempdir(scratch)?;
    }
    if let Some(created) = excel_moment(options.created) {
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    }
    let styles = Styles::new();
    for SheetOut { name, layout, rows } in sheets {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(safe_name(name))?;
        write_header(sheet, layout, &styles)?;
        let mut number = 0_u32;
        for row in rows {
            number += 1;
            if number >= MOST_ROWS {
                return Err(WriteError::TooManyRows { limit: MOST_ROWS });
            }
            write_row(sheet, number, layout, &row, &styles)?;
        }
        let width = layout.columns.len() + layout.unknown.len();
        if let Ok(last) = u16::try_from(width.saturating_sub(1)) {
            sheet.autofilter(0, 0, number, last)?;
        }
    }
    workbook.save_to_writer(out)?;
    Ok(())
}

struct Styles {
    header: Format,
    required: Format,
    text: Format,
    lines: Format,
    date: Format,
    number: Format,
}

impl Styles {
    fn new() -> Self {
        let base = || Format::new().set_align(FormatAlign::Top).set_font_name("Yu Gothic").set_font_size(10);
        let header = base().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
        Self {
            required: header.clone().set_background_color(0xFF_E9_C7),
            header: header.set_background_color(0xE6_EC_F2),
            text: base().set_num_format("@"),
            lines: base().set_text_wrap().set_num_format("@"),
            date: base().set_num_format("yyyy/mm/dd"),
            number: base().set_num_format("#,##0"),
        }
    }
}

fn write_header(sheet: &mut Worksheet, layout: Layout<'_>, styles: &Styles) -> Result<(), WriteError> {
    for (column, expected) in (0_u16..).zip(layout.columns) {
        let style = if expected.required { &styles.required } else { &styles.header };
        sheet.write_string_with_format(0, column, expected.header(), style)?;
        sheet.set_column_width(column, width_of(expected))?;
    }
    let first = u16::try_from(layout.columns.len()).unwrap_or(u16::MAX);
    for (column, header) in (first..).zip(layout.unknown) {
        sheet.write_string_with_format(0, column, &**header, &styles.header)?;
        sheet.set_column_width(column, 18)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Wide enough for usual values, and for a header of full-width letters on two lines.
fn width_of(column: &ExpectedColumn) -> f64 {
    let by_kind: f64 = match column.kind {
        ColumnKind::LongText => 40.0,
        ColumnKind::Text | ColumnKind::Email | ColumnKind::People => 24.0,
        ColumnKind::Period | ColumnKind::Phone | ColumnKind::Choice(_) => 16.0,
        _ => 12.0,
    };
    let letters = u32::try_from(column.header().chars().count().min(20)).unwrap_or(20);
    by_kind.max(f64::from(letters) + 2.0)
}

fn write_row(
    sheet: &mut Worksheet,
    number: u32,
    layout: Layout<'_>,
    row: &Row,
    styles: &Styles,
) -> Result<(), WriteError> {
    for (column, expected) in (0_u16..).zip(layout.columns) {
        let Some(value) = row.value(&expected.id) else { continue };
        match figure(value) {
            Some(Figure::Number(figure)) => {
                sheet.write_number_with_format(number, column, figure, &styles.number)?;
            }
            Some(Figure::Date(date)) => {
                sheet.write_datetime_with_format(number, column, &date, &styles.date)?;
            }
            None => {
                let words = wording(value, expected);
                let style = if words.contains('\n') { &styles.lines } else { &styles.text };
                write_text(sheet, (number, column), &words, expected.header(), style)?;
            }
        }
    }
    let first = u16::try_from(layout.columns.len()).unwrap_or(u16::MAX);
    for (column, header) in (first..).zip(layout.unknown) {
        if let Some(text) = row.unknown(header) {
            write_text(sheet, (number, column), text, header, &styles.lines)?;
        }
    }
    Ok(())
}

fn write_text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    header: &str,
    style: &Format,
) -> Result<(), WriteError> {
    if text.encode_utf16().count() > MOST_CHARACTERS {
        return Err(WriteError::TextTooLong { row: u64::from(row) + 1, header: header.to_owned() });
    }
    sheet.write_string_with_format(row, column, text, style)?;
    Ok(())
}

/// What Excel keeps as a number.
enum Figure {
    Number(f64),
    Date(ExcelDateTime),
}

/// The value as a number, where Excel keeps it exactly.
fn figure(value: &Value) -> Option<Figure> {
    let exact = |number: i64| {
        #[expect(clippy::cast_precision_loss, reason = "the guard keeps it below 10^15, which f64 holds exactly")]
        (number.unsigned_abs() < 1_000_000_000_000_000).then_some(Figure::Number(number as f64))
    };
    match value {
        Value::Integer { number, approximate: false } => exact(*number),
        Value::Yen { amount, approximate: false } => exact(*amount),
        Value::Count { min, max: Some(max), approximate: false } if min == max => exact(i64::try_from(*min).ok()?),
        Value::Date { date } => {
            // Excel's calendar begins in 1900 and has a day too many in its first year.
            let year = u16::try_from(date.year()).ok().filter(|year| *year > 1900)?;
            let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
            ExcelDateTime::from_ymd(year, month, day).ok().map(Figure::Date)
        }
        _ => None,
    }
}

fn excel_moment(moment: DateTime) -> Option<ExcelDateTime> {
    let narrow = |part: i8| u8::try_from(part).ok();
    let (year, month, day) = (u16::try_from(moment.year()).ok()?, narrow(moment.month())?, narrow(moment.day())?);
    let date = ExcelDateTime::from_ymd(year, month, day).ok()?;
    date.and_hms(u16::from(narrow(moment.hour())?), narrow(moment.minute())?, f64::from(narrow(moment.second())?)).ok()
}

/// A name that Excel takes: at most 31 UTF-16 units, none of `[]:*?/\`, no apostrophe at the ends.
#[must_use]
pub fn safe_name(name: &str) -> String {
    let mut safe = String::new();
    for character in name.trim().trim_matches('\'').chars() {
        let character = if "[]:*?/\\".contains(character) || character.is_control() { '_' } else { character };
        if safe.encode_utf16().count() + character.len_utf16() > 31 {
            break;
        }
        safe.push(character);
    }
    if safe.is_empty() { "台帳".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_such_as_excel_takes() {
        for (name, safe) in [
            ("個人情報管理台帳", "個人情報管理台帳"),
            ("2026/4 [案]", "2026_4 _案_"),
            ("''", "台帳"),
            (
                "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみ",
                "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほま",
            ),
        ] {
            assert_eq!(safe_name(name), safe);
        }
    }
}
