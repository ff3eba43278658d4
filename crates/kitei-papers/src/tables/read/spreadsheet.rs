//! Spreadsheet files: .xlsx, .xls and .ods, by calamine.
//!
//! Invariant: a formula counts by the result that the file holds; where it holds none, the cell says so.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{
    CellErrorType, Data, DataRef, Dimensions, ExcelDateTime, Ods, OdsError, Range, Reader, Sheet as SheetMetadata,
    SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError,
};
use jiff::civil::DateTime;

use super::super::Label;
use super::cell::{Budget, Cell, Grid, Region, Sheet};
use super::hidden::{self, Marks};
use super::package::{self, Package};
use super::{FileKind, Limits, ReadError, TooMuch, Workbook, contains};

/// Reads a ZIP archive that should be .xlsx or .ods.
pub(super) fn read_packed(bytes: &[u8], limits: Limits) -> Result<Workbook, ReadError> {
    let mut archive = package::open(bytes)?;
    match package::inspect(&mut archive, limits)? {
        Package::Xlsx(marked) => {
            let marks = hidden::excel_marks(&mut archive, &marked);
            read_xlsx(bytes, limits, marks)
        }
        Package::Ods => {
            let mut budget = Budget::new(limits.cells);
            let marks = hidden::document_marks(&mut archive, &mut budget)?;
            read_ods(bytes, limits, marks)
        }
    }
}

/// Reads an OLE2 compound file, which should be .xls.
pub(super) fn read_compound(bytes: &[u8], limits: Limits) -> Result<Workbook, ReadError> {
    // A protected .xlsx is a compound file that holds the encrypted archive as a stream of this name.
    if contains(bytes, &utf16("EncryptedPackage")) {
        return Err(ReadError::Encrypted);
    }
    if contains(bytes, &utf16("WordDocument")) {
        return Err(ReadError::Unsupported { found: "Word document" });
    }
    let mut file = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => ReadError::Encrypted,
        _ => damaged("xls"),
    })?;
    let epoch_1904 = file.has_1904_epoch();
    let mut budget = Budget::new(limits.cells);
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(file.sheets_metadata(), limits)? {
        let range = file.worksheet_range(&name).map_err(|_| damaged(&name))?;
        let mut sheet = Sheet::new(Label::from(name.as_str()), rows_of(&range, None, &mut budget)?);
        sheet.hidden = hidden;
        sheet.merged = regions(file.merge_cells_by_sheet_name(&name).unwrap_or_default());
        sheets.push(sheet);
    }
    Ok(Workbook { kind: FileKind::Xls, sheets, epoch_1904 })
}

fn read_xlsx(bytes: &[u8], limits: Limits, mut marks: HashMap<String, Marks>) -> Result<Workbook, ReadError> {
    let mut file = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => ReadError::Encrypted,
        _ => damaged("xlsx"),
    })?;
    let epoch_1904 = file.has_1904_epoch();
    let mut budget = Budget::new(limits.cells);
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(file.sheets_metadata(), limits)? {
        let rows = match stream_xlsx(&mut file, &name, &mut budget) {
            Ok(rows) => rows,
            Err(StreamError::NoWorksheet) => continue,
            Err(StreamError::Read(error)) => return Err(error),
        };
        let mut sheet = Sheet::new(Label::from(name.as_str()), rows);
        sheet.hidden = hidden;
        if let Some(found) = marks.remove(&name) {
            sheet.merged = sorted(found.merged);
            (sheet.hidden_rows, sheet.hidden_columns) = (found.hidden_rows, found.hidden_columns);
        }
        sheets.push(sheet);
    }
    Ok(Workbook { kind: FileKind::Xlsx, sheets, epoch_1904 })
}

/// Why a sheet's cells were not read.
enum StreamError {
    /// It is a chart or a dialogue, not a sheet of cells.
    NoWorksheet,
    /// It cannot be read.
    Read(ReadError),
}

/// Reads a sheet's cells one by one, so that no rectangle is ever allocated on the file's word.
fn stream_xlsx(file: &mut Xlsx<Cursor<&[u8]>>, name: &str, budget: &mut Budget) -> Result<Vec<Vec<Cell>>, StreamError> {
    let mut reader = file.worksheet_cells_reader(name).map_err(|error| match error {
        XlsxError::NotAWorksheet(_) => StreamError::NoWorksheet,
        _ => StreamError::Read(damaged(name)),
    })?;
    let mut grid = Grid::new(budget);
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(|_| StreamError::Read(damaged(name)))? {
        let cell = match record.value {
            DataRef::Empty if record.formula.is_some() => Cell::Uncached,
            DataRef::Empty => continue,
            DataRef::Int(number) => Cell::Number(number as f64),
            DataRef::Float(number) => Cell::Number(number),
            DataRef::String(text) => text_cell(&text),
            DataRef::SharedString(text) => text_cell(text),
            DataRef::Bool(flag) => Cell::Bool(flag),
            DataRef::DateTime(serial) => serial_cell(serial),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => iso_cell(&text),
            DataRef::Error(error) => Cell::Error(error_code(&error)),
        };
        if cell != Cell::Empty {
            grid.put(record.pos.0, record.pos.1, cell).map_err(StreamError::Read)?;
        }
    }
    Ok(grid.finish())
}

fn read_ods(bytes: &[u8], limits: Limits, mut marks: HashMap<String, Marks>) -> Result<Workbook, ReadError> {
    let mut file = Ods::new(Cursor::new(bytes)).map_err(|error| match error {
        OdsError::Password => ReadError::Encrypted,
        _ => damaged("ods"),
    })?;
    let mut budget = Budget::new(limits.cells);
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(file.sheets_metadata(), limits)? {
        let range = file.worksheet_range(&name).map_err(|_| damaged(&name))?;
        let formulas = file.worksheet_formula(&name).map_err(|_| damaged(&name))?;
        let mut sheet = Sheet::new(Label::from(name.as_str()), rows_of(&range, Some(&formulas), &mut budget)?);
        sheet.hidden = hidden;
        if let Some(found) = marks.remove(&name) {
            sheet.merged = sorted(found.merged);
            (sheet.hidden_rows, sheet.hidden_columns) = (found.hidden_rows, found.hidden_columns);
        }
        sheets.push(sheet);
    }
    Ok(Workbook { kind: FileKind::Ods, sheets, epoch_1904: false })
}

/// The names of the sheets that hold cells, and whether they are hidden.
fn worksheets(sheets: &[SheetMetadata], limits: Limits) -> Result<Vec<(String, bool)>, ReadError> {
    if sheets.len() > limits.sheets {
        return Err(ReadError::TooLarge { what: TooMuch::Sheets, limit: limits.sheets as u64 });
    }
    Ok(sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible))
        .collect())
}

fn rows_of(
    range: &Range<Data>,
    formulas: Option<&Range<String>>,
    budget: &mut Budget,
) -> Result<Vec<Vec<Cell>>, ReadError> {
    let mut grid = Grid::new(budget);
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, data) in range.used_cells() {
        let cell = data_cell(data);
        if cell != Cell::Empty {
            grid.put(first_row + index(row), first_column + index(column), cell)?;
        }
    }
    if let Some(formulas) = formulas
        && let Some((first_row, first_column)) = formulas.start()
    {
        for (row, column, _) in formulas.used_cells() {
            let (row, column) = (first_row + index(row), first_column + index(column));
            if range.get_value((row, column)).is_none_or(|data| *data == Data::Empty) {
                grid.put(row, column, Cell::Uncached)?;
            }
        }
    }
    Ok(grid.finish())
}

fn index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn data_cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) => text_cell(text),
        Data::Bool(flag) => Cell::Bool(*flag),
        Data::DateTime(serial) => serial_cell(*serial),
        Data::DateTimeIso(text) | Data::DurationIso(text) => iso_cell(text),
        Data::Error(error) => Cell::Error(error_code(error)),
    }
}

fn text_cell(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(Box::from(text)) }
}

/// A cell with a date format. Durations, and the day that exists in Excel only (1900-02-29), stay numbers.
fn serial_cell(serial: ExcelDateTime) -> Cell {
    let number = Cell::Number(serial.as_f64());
    if serial.is_duration() || serial.as_f64() < 1.0 {
        return number;
    }
    let (year, month, day, hour, minute, second, milli) = serial.to_ymd_hms_milli();
    let narrow = |value: u8| i8::try_from(value).unwrap_or(-1);
    i16::try_from(year)
        .ok()
        .and_then(|year| {
            let nanos = i32::from(milli) * 1_000_000;
            DateTime::new(year, narrow(month), narrow(day), narrow(hour), narrow(minute), narrow(second), nanos).ok()
        })
        .map_or(number, Cell::DateTime)
}

/// A date in ISO 8601, as OpenDocument has it; anything else stays text.
fn iso_cell(text: &str) -> Cell {
    text.parse::<DateTime>().map_or_else(|_| text_cell(text), Cell::DateTime)
}

fn error_code(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        _ => "#ERROR!",
    }
}

fn regions(dimensions: Vec<Dimensions>) -> Vec<Region> {
    let regions = dimensions.into_iter().map(|dimension| Region {
        top: dimension.start.0,
        left: dimension.start.1,
        bottom: dimension.end.0,
        right: dimension.end.1,
    });
    sorted(regions.collect())
}

fn sorted(mut regions: Vec<Region>) -> Vec<Region> {
    regions.retain(|region| {
        let (height, width) = (region.bottom.checked_sub(region.top), region.right.checked_sub(region.left));
        matches!((height, width), (Some(height), Some(width)) if height > 0 || width > 0)
    });
    regions.sort_unstable_by_key(|region| (region.top, region.left));
    regions
}

fn damaged(part: &str) -> ReadError {
    ReadError::Damaged { part: part.to_owned() }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
