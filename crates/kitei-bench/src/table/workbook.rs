//! The workbook that comes in, and what the libraries do alone.

use std::{collections::BTreeMap, io::Cursor, path::Path};

use calamine::{Data, Reader as _, Xlsx};
use kitei_rules::{book::Book, pack::model::Kind, rulebook::FieldRule, value::Value};
use rust_xlsxwriter::Workbook;

use crate::{Trouble, list::seed};

/// Columns of the workbook.
const COLUMNS: usize = 15;

/// What a cell holds.
enum Cell {
    Text(String),
    Number(f64),
}

/// A ledger of so many rows, in the columns that the composed register has.
pub(super) fn ledger(book: &Book, count: usize) -> Result<Vec<u8>, Trouble> {
    let rule = book.register("ledger").ok_or("no ledger")?;
    let known: Vec<&str> = seed::entry(0).into_iter().map(|(field, _)| field).collect();
    let usual = |field: &&FieldRule| known.contains(&field.id.as_str());
    let others = rule.fields.iter().filter(|field| !usual(field) && field.value.is_none() && can(field));
    // What must be filled comes first, so that most rows lack nothing.
    let (asked, free): (Vec<&FieldRule>, Vec<&FieldRule>) = others.partition(|field| !field.required.is_empty());
    let fields: Vec<&FieldRule> = rule.fields.iter().filter(usual).chain(asked).chain(free).take(COLUMNS).collect();
    if fields.len() < COLUMNS {
        return Err(format!("the ledger has only {} fields for columns", fields.len()).into());
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, field) in (0_u16..).zip(&fields) {
        sheet.write_string(0, column, &field.title.ja)?;
    }
    for (row, number) in (1_u32..).zip(0..count) {
        let entry: BTreeMap<&str, Value> = seed::entry(number).into_iter().collect();
        for (column, field) in (0_u16..).zip(&fields) {
            match cell(field, entry.get(field.id.as_str()), number) {
                Cell::Text(text) => sheet.write_string(row, column, text)?,
                Cell::Number(number) => sheet.write_number(row, column, number)?,
            };
        }
    }
    Ok(workbook.save_to_buffer()?)
}

fn can(field: &FieldRule) -> bool {
    matches!(
        field.kind,
        Kind::Text | Kind::LongText | Kind::YesNo | Kind::Choice | Kind::Number | Kind::Count | Kind::Yen | Kind::Date
    )
}

fn cell(field: &FieldRule, value: Option<&Value>, number: usize) -> Cell {
    let choice = |id: &str| {
        let title = field.choices.iter().find(|choice| choice.id == id).map(|choice| choice.title.ja.clone());
        title.unwrap_or_else(|| id.to_owned())
    };
    if field.id == "purpose" {
        // The rulebook refuses purposes that say nothing.
        return Cell::Text(format!("採用の可否を判断し、結果を応募者に知らせる {number}"));
    }
    let small = f64::from(u32::try_from(number % 997).unwrap_or_default());
    match (field.kind, value) {
        (Kind::Choice, Some(Value::Text(id))) => Cell::Text(choice(id)),
        (Kind::Choice, _) => {
            let at = number % field.choices.len().max(1);
            let title = field.choices.get(at).map(|choice| choice.title.ja.clone());
            Cell::Text(title.unwrap_or_default())
        }
        (Kind::YesNo, _) => Cell::Text("いいえ".to_owned()),
        (_, Some(Value::Text(text))) => Cell::Text(text.clone()),
        (Kind::Date, _) => Cell::Text(format!("2026年{}月{}日", number % 9 + 1, number % 28 + 1)),
        // Scales of numbers go from 0 or 1 to 2 or 3.
        (Kind::Number, _) => Cell::Number(f64::from(u8::from(number.is_multiple_of(2))) + 1.0),
        (Kind::Count | Kind::Yen, _) => Cell::Number(small + 1.0),
        _ => Cell::Text(format!("{}の記載 {number}", field.title.ja)),
    }
}

/// Every cell of the first sheet, as calamine alone reads it.
pub(super) fn read(bytes: &[u8]) -> Result<calamine::Range<Data>, Trouble> {
    let mut workbook = Xlsx::new(Cursor::new(bytes))?;
    Ok(workbook.worksheet_range_at(0).ok_or("no sheet")??)
}

/// Writes the cells and nothing else, in the same way (rows leave memory as they are written).
pub(super) fn write_alone(cells: &calamine::Range<Data>, path: &Path) -> Result<(), Trouble> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    for (row, values) in (0_u32..).zip(cells.rows()) {
        for (column, value) in (0_u16..).zip(values) {
            match value {
                Data::Empty => {}
                Data::Float(number) => {
                    sheet.write_number(row, column, *number)?;
                }
                other => {
                    sheet.write_string(row, column, other.to_string())?;
                }
            }
        }
    }
    workbook.save(path)?;
    Ok(())
}
