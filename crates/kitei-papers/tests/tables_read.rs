//! Files that are no table, or that claim too much: each is refused with what would be right, and nothing is allocated on
//! a file's word.

#![expect(clippy::unwrap_used, reason = "a test fails where its files or its expectations are not there")]

use std::io::{Cursor, Write};

use kitei_papers::tables::read::{Cell, FileKind, Limits, ReadError, TooMuch, read, read_within};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn archive(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn workbook(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/workbooks/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A compound file's signature and the name of the stream that Excel keeps an encrypted workbook in.
fn encrypted() -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(1024, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4096, 0);
    bytes
}

#[test]
fn what_is_no_table_is_refused_with_what_would_be_right() {
    let unsupported = |found| ReadError::Unsupported { found };
    let cut = |bytes: Vec<u8>, keep: usize| bytes[..keep].to_vec();
    let damaged = |part: &str| ReadError::Damaged { part: part.to_owned() };
    let cases: Vec<(&str, Vec<u8>, ReadError)> = vec![
        ("empty", Vec::new(), ReadError::Empty),
        ("blank", b" \r\n\r\n".to_vec(), ReadError::Empty),
        ("separators only", b",,,\r\n,,,\r\n".to_vec(), ReadError::Empty),
        ("encrypted", encrypted(), ReadError::Encrypted),
        ("pdf", b"%PDF-1.7 ...".to_vec(), unsupported("PDF")),
        (
            "html named .xls",
            b"<html><table><tr><td>1</td></tr></table></html>".to_vec(),
            unsupported("web page or XML"),
        ),
        ("word", archive(&[("word/document.xml", b"<w/>".to_vec())]), unsupported("Word document")),
        ("zip", archive(&[("a.txt", b"a".to_vec())]), unsupported("ZIP archive")),
        ("xlsb", archive(&[("xl/workbook.bin", vec![0; 9])]), unsupported("Excel binary workbook, .xlsb")),
        ("binary", b"abc\0\x01\x02".to_vec(), unsupported("binary file")),
        ("cut xlsx", cut(workbook("dates.xlsx"), 3000), damaged("zip")),
        ("cut xls", cut(workbook("old_excel.xls"), 700), damaged("xls")),
        ("xlsx without sheets", archive(&[("xl/workbook.xml", b"<workbook>".to_vec())]), damaged("xlsx")),
        ("mixed encodings", b"a,b\n\x82\xA0\xFF\xFF,\x81\n".to_vec(), ReadError::UnknownEncoding { line: 2 }),
    ];
    for (what, bytes, error) in cases {
        let found = read(&bytes, "台帳.xlsx").unwrap_err();
        assert_eq!(found, error, "{what}");
        assert!(!found.message_ja().is_empty() && !found.to_string().is_empty());
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_unpacked() {
    let limits = Limits { bytes: 100_000, unpacked_bytes: 1_000_000, cells: 100, sheets: 2 };
    let too_large = |what, limit| ReadError::TooLarge { what, limit };
    let bomb =
        archive(&[("xl/workbook.xml", b"<workbook/>".to_vec()), ("xl/worksheets/sheet1.xml", vec![b' '; 8_000_000])]);
    assert!(bomb.len() < 100_000, "the bomb is small on the outside");
    let many = (0..60).map(|row| format!("{row},b\n")).collect::<String>();
    for (what, bytes, error) in [
        ("bytes", vec![b'a'; 100_001], too_large(TooMuch::Bytes, 100_000)),
        ("zip bomb", bomb, too_large(TooMuch::UnpackedBytes, 1_000_000)),
        ("cells of a text", many.into_bytes(), too_large(TooMuch::Cells, 100)),
        ("sheets", workbook("several_sheets.xlsx"), too_large(TooMuch::Sheets, 2)),
    ] {
        assert_eq!(read_within(&bytes, "x", limits).unwrap_err(), error, "{what}");
    }
}

#[test]
fn a_zip_bomb_that_lies_about_its_size_is_still_counted() {
    let mut bomb = archive(&[("xl/workbook.xml", vec![b' '; 3_000_000])]);
    let claimed = 3_000_000_u32.to_le_bytes();
    let places: Vec<usize> = (0..bomb.len() - 4).filter(|start| bomb[*start..*start + 4] == claimed).collect();
    assert!(!places.is_empty(), "the size is written in the archive");
    for place in places {
        bomb[place..place + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let limits = Limits { unpacked_bytes: 1_000_000, ..Limits::default() };
    let error = read_within(&bomb, "x.xlsx", limits).unwrap_err();
    assert!(
        matches!(error, ReadError::TooLarge { what: TooMuch::UnpackedBytes, .. } | ReadError::Damaged { .. }),
        "{error}"
    );
}

#[test]
fn rows_repeated_in_an_opendocument_file_are_counted_before_they_are_made() {
    let content = r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x">
        <office:body><office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="1000000">
        <table:table-cell table:number-columns-repeated="1000" office:value-type="float" office:value="1"/>
        </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let manifest = r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="m"></manifest:manifest>"#;
    let file = archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml", manifest.as_bytes().to_vec()),
        ("content.xml", content.as_bytes().to_vec()),
    ]);
    assert!(matches!(read(&file, "x.ods").unwrap_err(), ReadError::TooLarge { what: TooMuch::Cells, .. }));
}

#[test]
fn the_content_and_not_the_name_says_what_a_file_is() {
    let book = read(&workbook("dates.xlsx"), "dates.csv").unwrap();
    assert_eq!(book.kind, FileKind::Xlsx);
    let text = read("名称,目的\nあ,い\n".as_bytes(), "本当はCSV.xlsx").unwrap();
    assert!(matches!(text.kind, FileKind::Text { separator: ',', .. }));
    assert_eq!(&*text.sheets[0].name, "本当はCSV");
    assert_eq!(*text.sheets[0].cell(1, 1), Cell::Text("い".into()));
}

#[test]
fn an_open_quotation_mark_is_named_by_its_row() {
    let mut text = "a,b\n1,\"never closed\n".to_owned();
    text.push_str(&"x,y\n".repeat(60_000));
    assert_eq!(read(text.as_bytes(), "x.csv").unwrap_err(), ReadError::OpenQuotation { row: 2 });
}

#[test]
fn nothing_shown_for_debugging_holds_a_cell() {
    let book = read("氏名\n架空 花子\n".as_bytes(), "x.csv").unwrap();
    assert!(!format!("{book:?}{:?}", book.sheets).contains("架空"));
}
