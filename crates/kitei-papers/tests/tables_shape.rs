//! Finding the table in a sheet, and what people correct about it.

#![expect(clippy::unwrap_used, reason = "a test fails where its files or its expectations are not there")]

mod tables_registers;

use kitei_papers::tables::preview::preview;
use kitei_papers::tables::read::{Cell, FileKind, Sheet, Workbook};
use kitei_papers::tables::shape::{MatchReason, Overrides, Shape, ShapeError, SkipReason, find_shape};
use kitei_papers::tables::{ColumnId, Label};

/// A workbook of one sheet from lines of cells separated by `|`.
fn book(lines: &[&str]) -> Workbook {
    book_of(&[("台帳", lines)])
}

fn book_of(sheets: &[(&str, &[&str])]) -> Workbook {
    let cell = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
    let sheets = sheets
        .iter()
        .map(|(name, lines)| {
            let rows = lines.iter().map(|line| line.split('|').map(cell).collect()).collect();
            Sheet::new(Label::from(*name), rows)
        })
        .collect();
    Workbook { kind: FileKind::Xlsx, sheets, epoch_1904: false }
}

fn shape(book: &Workbook, overrides: &Overrides) -> Shape {
    find_shape(book, &tables_registers::columns("personal"), overrides).unwrap()
}

fn skipped(shape: &Shape) -> Vec<(u32, SkipReason)> {
    shape.skipped_rows.iter().map(|row| (row.row_number, row.reason)).collect()
}

const LEDGER: &[&str] =
    &["個人情報の名称|利用目的|管理部門|件数", "従業員名簿|雇用管理|総務部|50", "顧客名簿|発送|営業部|90"];

#[test]
fn a_choice_of_header_sheet_and_matches_is_followed() {
    let workbook = book_of(&[("表紙", &["台帳"]), ("台帳", LEDGER), ("別表", &["件名|備考", "a|b"])]);
    let found = shape(&workbook, &Overrides::default());
    assert_eq!((&*found.sheet, found.header_rows.as_slice(), found.header_found), ("台帳", &[1][..], true));
    let other = shape(&workbook, &Overrides::default().with_sheet("別表"));
    assert_eq!((&*other.sheet, other.header_found), ("別表", false));
    let lower = shape(&workbook, &Overrides::default().with_header(2, 1));
    assert_eq!((lower.header_rows.as_slice(), lower.first_data_row), (&[2][..], 3));
    let overrides = Overrides::default().with_match("件 数", None).with_match("管理部門", Some("place"));
    let corrected = shape(&workbook, &overrides);
    let matches: Vec<_> = corrected.columns.iter().map(|column| (column.matched.clone(), column.reason)).collect();
    assert_eq!(
        matches,
        [
            (Some(ColumnId::from("name")), MatchReason::SameName),
            (Some(ColumnId::from("purpose")), MatchReason::SameName),
            (Some(ColumnId::from("place")), MatchReason::Chosen),
            (None, MatchReason::Refused),
        ]
    );
}

#[test]
fn an_override_that_asks_for_what_is_not_there_says_what_is() {
    let workbook = book(LEDGER);
    let expected = tables_registers::columns("personal");
    for (overrides, error) in [
        (
            Overrides::default().with_sheet("台帳2"),
            ShapeError::SheetNotFound { name: "台帳2".to_owned(), available: vec!["台帳".to_owned()] },
        ),
        (Overrides::default().with_header(9, 1), ShapeError::HeaderOutOfSheet { row: 9, rows: 3 }),
        (Overrides::default().with_header(0, 1), ShapeError::HeaderOutOfSheet { row: 0, rows: 3 }),
    ] {
        assert_eq!(find_shape(&workbook, &expected, &overrides), Err(error));
    }
    assert_eq!(find_shape(&book(&[]), &expected, &Overrides::default()), Err(ShapeError::NoSheet));
}

#[test]
fn a_full_row_is_data_whatever_it_says() {
    let workbook = book(&[
        "個人情報の名称|利用目的|管理部門|件数|備考",
        "合計残高試算表|会計|経理部|1|",
        "計|試験|総務部|2|控え",
        "※印の名簿|試験|総務部|3|控え",
        "【旧】名簿|試験|総務部|4|",
        "合計|||10|",
    ]);
    assert_eq!(skipped(&shape(&workbook, &Overrides::default())), [(6, SkipReason::Total)]);
}

#[test]
fn a_row_with_only_its_name_is_data_and_incomplete() {
    let workbook = book(&["個人情報の名称|利用目的|管理部門|件数", "従業員名簿|雇用|総務部|5", "株主名簿"]);
    let preview = preview(&workbook, &tables_registers::columns("personal"), &Overrides::default()).unwrap();
    assert_eq!((preview.counts.ready, preview.counts.incomplete), (1, 1));
    let missing: Vec<&str> = preview.rows[1].missing_required.iter().map(ColumnId::as_str).collect();
    assert_eq!(missing, ["purpose", "department"]);
}

#[test]
fn a_header_that_nobody_expected_is_guessed_and_said_to_be() {
    let workbook = book(&["台帳", "", "ア|イ|ウ", "1|2|3"]);
    let found = shape(&workbook, &Overrides::default());
    assert_eq!((found.header_rows.as_slice(), found.header_found), (&[3][..], false));
    assert!(found.columns.iter().all(|column| column.matched.is_none()));
}

#[test]
fn notes_below_the_table_are_no_data() {
    let workbook = book(&[
        "個人情報の名称|利用目的|管理部門|件数",
        "従業員名簿|雇用管理|総務部|50",
        "",
        "件数は毎年3月末に数える",
        "作成者|架空 一郎",
        "",
        "次の見直しは来年",
    ]);
    use SkipReason::{Blank, Note};
    let expected = [(3, Blank), (4, Note), (5, Note), (6, Blank), (7, Note)];
    assert_eq!(skipped(&shape(&workbook, &Overrides::default())), expected);
}
