//! Twenty ledgers as small firms have them, each with the preview that an import should give (issue: ledgers and import).
//!
//! The expectations in `workbooks/*.expected.json` are written by hand. `make_workbooks.py` makes the workbooks.

#![expect(clippy::unwrap_used, reason = "a test fails where its files or its expectations are not there")]

mod tables_registers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kitei_papers::tables::preview::{Preview, RowPreview, preview};
use kitei_papers::tables::read::{FileKind, TextEncoding, read};
use kitei_papers::tables::shape::Overrides;
use kitei_papers::tables::value::Value;
use kitei_papers::tables::write::wording;
use kitei_papers::tables::{ExpectedColumn, Problem};
use serde_json::{Map, Value as Json, json};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workbooks")
}

#[test]
fn every_ugly_workbook_gives_its_expected_preview() {
    let mut covered = BTreeSet::new();
    let mut differences = Vec::new();
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".expected.json") {
            if !name.ends_with(".py") {
                all.insert(name);
            }
            continue;
        }
        let expected: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let file = expected["file"].as_str().unwrap();
        covered.insert(file.to_owned());
        let actual = preview_of(file, expected["register"].as_str().unwrap());
        if actual != expected {
            differences.push(difference(file, &expected, &actual));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(covered, all, "each workbook has its expectation and each expectation its workbook");
    assert_eq!(covered.len(), 20);
}

/// The preview of a workbook, in the short form of the expectations.
fn preview_of(file: &str, register: &str) -> Json {
    let bytes = std::fs::read(directory().join(file)).unwrap();
    let workbook = read(&bytes, file).unwrap();
    let columns = tables_registers::columns(register);
    let preview = preview(&workbook, &columns, &Overrides::default()).unwrap();
    for problem in preview.rows.iter().flat_map(|row| &row.problems) {
        let personal = columns.iter().any(|column| Some(&column.id) == problem.column.as_ref() && column.personal);
        assert!(!personal || problem.raw.is_none(), "{file}: a problem repeats a personal value");
    }
    short(file, register, &kind_name(workbook.kind), &preview, &columns)
}

fn kind_name(kind: FileKind) -> String {
    match kind {
        FileKind::Xlsx => "xlsx".to_owned(),
        FileKind::Xls => "xls".to_owned(),
        FileKind::Ods => "ods".to_owned(),
        FileKind::Text { encoding, separator } => {
            let encoding = match encoding {
                TextEncoding::Utf8 => "utf8",
                TextEncoding::Utf16Le => "utf16le",
                TextEncoding::Utf16Be => "utf16be",
                TextEncoding::Cp932 => "cp932",
            };
            format!("csv {encoding} {separator}")
        }
    }
}

fn short(file: &str, register: &str, kind: &str, preview: &Preview, columns: &[ExpectedColumn]) -> Json {
    let shape = &preview.shape;
    let mut json = json!({
        "file": file,
        "register": register,
        "kind": kind,
        "sheet": shape.sheet,
        "header_rows": shape.header_rows,
        "columns": shape.columns.iter().map(|column| (column.header_text.to_string(), json!(column.matched))).collect::<Map<_, _>>(),
        "rows": preview.rows.iter().map(|row| short_row(row, columns)).collect::<Vec<_>>(),
        "counts": {
            "rows": preview.counts.rows,
            "ready": preview.counts.ready,
            "incomplete": preview.counts.incomplete,
            "with_errors": preview.counts.with_errors,
        },
    });
    let mut put = |name: &str, value: Json, is_empty: bool| {
        if !is_empty {
            json[name] = value;
        }
    };
    let hidden: Vec<_> =
        shape.columns.iter().filter(|column| column.hidden).map(|column| &column.header_text).collect();
    put("hidden_columns", json!(hidden), hidden.is_empty());
    let skipped: Map<String, Json> =
        shape.skipped_rows.iter().map(|row| (row.row_number.to_string(), json!(row.reason))).collect();
    put("skipped", json!(skipped), skipped.is_empty());
    let others: Vec<String> = shape
        .other_sheets
        .iter()
        .map(|sheet| format!("{}{}", sheet.name, if sheet.hidden { " (hidden)" } else { "" }))
        .collect();
    put("other_sheets", json!(others), others.is_empty());
    let problems: Vec<String> = preview.problems.iter().map(short_problem).collect();
    put("problems", json!(problems), problems.is_empty());
    json
}

fn short_row(row: &RowPreview, columns: &[ExpectedColumn]) -> Json {
    let values: Map<String, Json> = row
        .values
        .iter()
        .map(|(id, value)| {
            let column = columns.iter().find(|column| column.id == *id).unwrap();
            (id.to_string(), short_value(value, column))
        })
        .collect();
    let mut json = json!({ "row": row.row_number, "values": values });
    if !row.unknown.0.is_empty() {
        json["unknown"] =
            Json::Object(row.unknown.0.iter().map(|(header, text)| (header.to_string(), json!(text))).collect());
    }
    if !row.problems.is_empty() {
        json["problems"] = json!(row.problems.iter().map(short_problem).collect::<Vec<_>>());
    }
    if !row.missing_required.is_empty() {
        json["missing"] = json!(row.missing_required);
    }
    if row.hidden {
        json["hidden"] = json!(true);
    }
    json
}

fn short_problem(problem: &Problem) -> String {
    // Every problem can say in both languages where it is and what would be right.
    let message = problem.message();
    assert!(message.ja.contains(&*problem.header) && message.en.contains(&*problem.header));
    match (&problem.cell, &problem.raw) {
        (Some(cell), Some(raw)) => format!("{cell} {}: {raw}", problem.kind.code()),
        (Some(cell), None) => format!("{cell} {}", problem.kind.code()),
        (None, _) => format!("{} {}", problem.kind.code(), problem.column.as_ref().unwrap()),
    }
}

fn short_value(value: &Value, column: &ExpectedColumn) -> Json {
    let about = |approximate: bool, number: Json| if approximate { json!({ "about": number }) } else { number };
    match value {
        Value::Integer { number, approximate } => about(*approximate, json!(number)),
        Value::Yen { amount, approximate } => about(*approximate, json!(amount)),
        Value::Count { min, max: Some(max), approximate } if min == max => about(*approximate, json!(min)),
        Value::Count { min, max, .. } => json!([min, max]),
        Value::YearMonth { year, month } => json!(format!("{year:04}-{month:02}")),
        Value::YesNo { yes } => json!(yes),
        Value::Choice { id } => json!(id),
        Value::People { names } => json!(names),
        other => json!(wording(other, column)),
    }
}

/// The parts that differ, so that the message can be read.
fn difference(file: &str, expected: &Json, actual: &Json) -> String {
    let mut lines = vec![format!("── {file}")];
    let (expected, actual) = (expected.as_object().unwrap(), actual.as_object().unwrap());
    let keys: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    for key in keys.into_iter().filter(|key| expected.get(*key) != actual.get(*key)) {
        match (key.as_str(), expected.get(key), actual.get(key)) {
            ("rows", Some(Json::Array(expected)), Some(Json::Array(actual))) => {
                for place in 0..expected.len().max(actual.len()) {
                    if expected.get(place) != actual.get(place) {
                        let line = |rows: &[Json]| rows.get(place).map_or("–".to_owned(), Json::to_string);
                        lines.push(format!("  expected {}\n  actual   {}", line(expected), line(actual)));
                    }
                }
            }
            (_, expected, actual) => {
                lines.push(format!("  {key}: expected {}\n  {key}: actual   {}", json!(expected), json!(actual)));
            }
        }
    }
    lines.join("\n")
}
