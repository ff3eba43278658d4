//! What Kitei exports it imports again unchanged: .xlsx, CSV in UTF-8, CSV in CP932; and no cell ever runs as a formula.

#![expect(clippy::unwrap_used, reason = "a test fails where its files or its expectations are not there")]

mod tables_registers;

use std::io::Read;

use jiff::civil::{date, datetime};
use kitei_papers::tables::preview::{Preview, Unknown, preview};
use kitei_papers::tables::read::read;
use kitei_papers::tables::shape::{MatchReason, Overrides};
use kitei_papers::tables::value::{Period, Span, Value};
use kitei_papers::tables::write::{
    CsvEncoding, Layout, Row, Unmappable, WriteError, XlsxOptions, write_csv, write_xlsx,
};
use kitei_papers::tables::{ColumnId, ColumnKind, ExpectedColumn, Label};
use proptest::prelude::*;

fn every_kind() -> Vec<ExpectedColumn> {
    let mut columns = tables_registers::columns("personal");
    columns.push(ExpectedColumn::new("pages", &["頁数"], ColumnKind::Integer));
    columns.push(ExpectedColumn::new("fee", &["手数料"], ColumnKind::Yen));
    columns.push(ExpectedColumn::new("month", &["棚卸月"], ColumnKind::YearMonth));
    columns
}

fn xlsx(layout: Layout<'_>, rows: &[Row]) -> Vec<u8> {
    let scratch = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    let options = XlsxOptions {
        sheet_name: "個人情報管理台帳",
        created: datetime(2026, 4, 1, 9, 0, 0, 0),
        scratch: Some(scratch.path()),
    };
    write_xlsx(&mut bytes, layout, options, rows.iter().cloned()).unwrap();
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing stays in the scratch directory");
    bytes
}

fn csv(layout: Layout<'_>, rows: &[Row], encoding: CsvEncoding) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, layout, encoding, rows.iter().cloned())?;
    Ok(bytes)
}

fn import(bytes: &[u8], columns: &[ExpectedColumn]) -> Preview {
    preview(&read(bytes, "台帳.csv").unwrap(), columns, &Overrides::default()).unwrap()
}

/// The rows of a preview, each with its values in the order of the columns.
fn rows_of(preview: Preview) -> Vec<Row> {
    preview.rows.into_iter().map(Row::from).collect()
}

fn text() -> impl Strategy<Value = String> {
    // Starts that a spreadsheet would run, quotation marks, separators, letters of all planes.
    proptest::string::string_regex(
        "(=|\\+|-|@|'|''=|\"|,|_x000D_)?[ぁ-んァ-ヶ一-龠a-zA-Z0-9,;\"'=𠮷😀/()（）・%<>&]{1,12}",
    )
    .unwrap()
    .prop_filter("a cell that says 同上 or the like is taken for the value above", |text| text.chars().count() > 4)
}

fn period() -> impl Strategy<Value = Period> {
    let length = (0..50_u16, 0..12_u16, 0..30_u16)
        .prop_filter("a length is not nothing", |parts| *parts != (0, 0, 0))
        .prop_map(|(years, months, days)| Span::Length { years, months, days });
    let after = prop::option::of(prop::sample::select(vec!["契約終了", "退職", "本人の死亡"]));
    prop_oneof![
        (length, after.clone()).prop_map(|(span, after)| Period { span, after: after.map(str::to_owned) }),
        after.prop_map(|after| Period { span: Span::Permanent, after: after.map(str::to_owned) }),
        Just(Period { span: Span::While, after: Some("在職中".to_owned()) }),
    ]
}

fn value_of(kind: &ColumnKind) -> BoxedStrategy<Value> {
    let day = (1950..2100_i16, 1..=12_i8, 1..=28_i8);
    match kind {
        ColumnKind::Text => text().prop_map(|text| Value::Text { text }).boxed(),
        ColumnKind::LongText => {
            prop::collection::vec(text(), 1..3).prop_map(|lines| Value::Text { text: lines.join("\n") }).boxed()
        }
        ColumnKind::Integer => (-1_000_000_000_000_000..1_000_000_000_000_000_i64, any::<bool>())
            .prop_map(|(number, approximate)| Value::Integer { number, approximate })
            .boxed(),
        ColumnKind::Yen => (-1_000_000_000..1_000_000_000_i64, any::<bool>())
            .prop_map(|(amount, approximate)| Value::Yen { amount, approximate })
            .boxed(),
        ColumnKind::Count => (0..1_000_000_u64, prop::option::of(0..1_000_u64), any::<bool>())
            .prop_map(|(min, more, approximate)| Value::Count { min, max: more.map(|more| min + more), approximate })
            .boxed(),
        ColumnKind::Date => day.prop_map(|(year, month, day)| Value::Date { date: date(year, month, day) }).boxed(),
        ColumnKind::YearMonth => day.prop_map(|(year, month, _)| Value::YearMonth { year, month }).boxed(),
        ColumnKind::Period => period().prop_map(|period| Value::Period { period }).boxed(),
        ColumnKind::YesNo => any::<bool>().prop_map(|yes| Value::YesNo { yes }).boxed(),
        ColumnKind::Choice(options) => {
            let ids: Vec<Label> = options.iter().map(|option| option.id.clone()).collect();
            prop::sample::select(ids).prop_map(|id| Value::Choice { id }).boxed()
        }
        ColumnKind::People => prop::collection::vec("[一-龠]{1,3} [一-龠ぁ-ん]{1,3}", 1..4)
            .prop_map(|names| Value::People { names })
            .boxed(),
        ColumnKind::Phone => "0[1-9][0-9]-[0-9]{4}-[0-9]{4}".prop_map(|number| Value::Phone { number }).boxed(),
        ColumnKind::Email => {
            "[a-z][a-z0-9.+-]{0,8}@[a-z]{1,8}\\.jp".prop_map(|address| Value::Email { address }).boxed()
        }
    }
}

/// A row as an import leaves it: the required text is there, the rest by chance.
fn row() -> impl Strategy<Value = Row> {
    let cells: Vec<BoxedStrategy<Option<(ColumnId, Value)>>> = every_kind()
        .into_iter()
        .map(|column| {
            let id = column.id.clone();
            let value = value_of(&column.kind).prop_map(move |value| (id.clone(), value));
            if column.required { value.prop_map(Some).boxed() } else { prop::option::of(value).boxed() }
        })
        .collect();
    (cells, prop::option::of(text())).prop_map(|(cells, memo)| Row {
        values: cells.into_iter().flatten().collect(),
        unknown: Unknown(memo.map(|memo| vec![(Label::from("社内メモ"), memo)]).unwrap_or_default()),
    })
}

/// CP932 has one form for characters that Unicode has two of.
fn has_only_cp932(rows: &[Row], layout: Layout<'_>) -> bool {
    csv(layout, rows, CsvEncoding::Cp932(Unmappable::Refuse)).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_is_imported_unchanged(rows in prop::collection::vec(row(), 1..6)) {
        let columns = every_kind();
        let unknown = [Label::from("社内メモ")];
        let layout = Layout { columns: &columns, unknown: &unknown };
        let mut files = vec![("xlsx", xlsx(layout, &rows)), ("utf8", csv(layout, &rows, CsvEncoding::Utf8WithMark).unwrap())];
        if has_only_cp932(&rows, layout) {
            files.push(("cp932", csv(layout, &rows, CsvEncoding::Cp932(Unmappable::Refuse)).unwrap()));
        }
        for (kind, bytes) in files {
            let preview = import(&bytes, &columns);
            prop_assert!(preview.problems.is_empty() && preview.counts.errors == 0, "{kind}: {:?}", preview.rows);
            let matched = preview.shape.columns.iter().all(|column| {
                column.reason == MatchReason::SameName || &*column.header_text == "社内メモ"
            });
            prop_assert!(matched, "{kind}: columns are matched by their own names");
            let again = rows_of(preview);
            prop_assert!(again == rows, "{kind}: {}\n{}", shown(&again), shown(&rows));
        }
    }
}

/// The values in words, for the message of a failed property (the data are invented).
fn shown(rows: &[Row]) -> String {
    rows.iter().map(|row| serde_json::to_string(&(&row.values, &row.unknown)).unwrap()).collect::<Vec<_>>().join("\n")
}

fn one_row(values: &[(&str, Value)]) -> Vec<Row> {
    let values = values.iter().map(|(id, value)| (ColumnId::from(*id), value.clone())).collect();
    vec![Row { values, unknown: Unknown::default() }]
}

fn text_value(text: &str) -> Value {
    Value::Text { text: text.to_owned() }
}

#[test]
fn no_cell_runs_as_a_formula() {
    let columns = tables_registers::columns("personal");
    let layout = Layout { columns: &columns, unknown: &[] };
    for attack in ["=HYPERLINK(\"http://x.example\",\"a\")", "+1+1", "-2+3", "@SUM(A1)", "'=1"] {
        let rows = one_row(&[
            ("name", text_value(attack)),
            ("purpose", text_value("連絡のため")),
            ("department", text_value("総務部")),
        ]);
        let bytes = csv(layout, &rows, CsvEncoding::Utf8WithMark).unwrap();
        let line = String::from_utf8(bytes).unwrap().lines().nth(1).unwrap().trim_matches('"').to_owned();
        assert!(line.starts_with('\''), "{line}");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(xlsx(layout, &rows))).unwrap();
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert!(!sheet.contains("<f>"), "an Excel cell holds a formula");
    }
}

#[test]
fn dates_and_numbers_are_real_ones_in_excel() {
    let columns = tables_registers::columns("personal");
    let layout = Layout { columns: &columns, unknown: &[] };
    let count = Value::Count { min: 5, max: Some(5), approximate: false };
    let rows =
        one_row(&[("name", text_value("名簿")), ("count", count), ("started", Value::Date { date: date(2026, 4, 1) })]);
    let book = read(&xlsx(layout, &rows), "x").unwrap();
    let kinds: Vec<String> =
        book.sheets[0].row(1).iter().map(|cell| format!("{cell:?}")).filter(|kind| kind != "Empty").collect();
    assert_eq!(kinds, ["Text(…)", "Number(…)", "DateTime(…)"]);
}

#[test]
fn what_cp932_lacks_names_its_cell_or_becomes_a_geta() {
    let columns = tables_registers::columns("personal");
    let layout = Layout { columns: &columns, unknown: &[] };
    let rows = one_row(&[
        ("name", text_value("𠮷田商店〜名簿")),
        ("purpose", text_value("連絡")),
        ("department", text_value("営業")),
    ]);
    match csv(layout, &rows, CsvEncoding::Cp932(Unmappable::Refuse)).unwrap_err() {
        WriteError::NoSuchCharacter { row: 2, header, code: 0x2_0BB7 } => assert_eq!(header, "個人情報の名称"),
        other => panic!("{other}"),
    }
    let bytes = csv(layout, &rows, CsvEncoding::Cp932(Unmappable::Replace)).unwrap();
    let preview = import(&bytes, &columns);
    assert_eq!(preview.rows[0].value("name"), Some(&text_value("〓田商店～名簿")));
}

#[test]
fn a_text_too_long_for_excel_names_its_cell() {
    let columns = tables_registers::columns("personal");
    let layout = Layout { columns: &columns, unknown: &[] };
    let rows = one_row(&[("name", text_value("名簿")), ("note", text_value(&"あ".repeat(32_768)))]);
    let options = XlsxOptions { sheet_name: "x", created: datetime(2026, 4, 1, 0, 0, 0, 0), scratch: None };
    let error = write_xlsx(Vec::new(), layout, options, rows).unwrap_err();
    assert!(matches!(error, WriteError::TextTooLong { row: 2, ref header } if header == "備考"), "{error}");
}

#[test]
fn twenty_thousand_rows_of_fifteen_columns_go_out_and_come_in() {
    let columns: Vec<ExpectedColumn> = tables_registers::columns("personal").into_iter().take(15).collect();
    let layout = Layout { columns: &columns, unknown: &[] };
    let row = |number: u64| Row {
        values: vec![
            (ColumnId::from("name"), text_value(&format!("名簿{number}"))),
            (ColumnId::from("principals"), text_value("顧客")),
            (ColumnId::from("items"), text_value("氏名\n住所")),
            (ColumnId::from("purpose"), text_value("商品の発送のため")),
            (ColumnId::from("acquired_by"), text_value("店頭で記入")),
            (ColumnId::from("count"), Value::Count { min: number, max: Some(number), approximate: false }),
            (ColumnId::from("place"), text_value("書庫")),
            (ColumnId::from("medium"), Value::Choice { id: Label::from("paper") }),
            (ColumnId::from("department"), text_value("営業部")),
            (ColumnId::from("owner"), Value::People { names: vec!["架空 一郎".to_owned()] }),
            (ColumnId::from("access"), Value::People { names: vec!["架空 一郎".to_owned(), "仮名 花子".to_owned()] }),
            (ColumnId::from("special_care"), Value::YesNo { yes: number.is_multiple_of(2) }),
            (ColumnId::from("entrusted"), Value::YesNo { yes: false }),
            (ColumnId::from("retention"), Value::Period { period: Period { span: Span::Permanent, after: None } }),
            (ColumnId::from("started"), Value::Date { date: date(2026, 4, 1) }),
        ],
        unknown: Unknown::default(),
    };
    let mut bytes = Vec::new();
    let options = XlsxOptions { sheet_name: "台帳", created: datetime(2026, 4, 1, 0, 0, 0, 0), scratch: None };
    write_xlsx(&mut bytes, layout, options, (0..20_000).map(row)).unwrap();
    let book = read(&bytes, "台帳.xlsx").unwrap();
    let previewer = kitei_papers::tables::preview::Previewer::new(&book, &columns, &Overrides::default()).unwrap();
    assert!(previewer.shape().skipped_rows.is_empty());
    let mut number = 0;
    for read in previewer.rows() {
        assert!(read.problems.is_empty() && read.missing_required.is_empty());
        assert!(Row::from(read) == row(number), "row {number}");
        number += 1;
    }
    assert_eq!(number, 20_000);
}
