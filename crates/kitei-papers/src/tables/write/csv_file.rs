//! CSV files, in UTF-8 with a byte order mark (which Excel needs to see) or in CP932.
//!
//! Serves RFC 4180. The Encoding Standard's encoder would write what CP932 lacks as `&#…;`; here it is an error or 〓.
//!
//! Invariant: a cell that begins with `= + - @`, a tab or a carriage return is guarded by an apostrophe, which an import
//! takes away again.

use std::io::Write;

use csv::{Terminator, WriterBuilder};
use encoding_rs::{EncoderResult, SHIFT_JIS};
use unicode_normalization::UnicodeNormalization;

use super::super::read::needs_guard;
use super::{Layout, Row, WriteError, wording};

/// What becomes of a character that CP932 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmappable {
    /// The file is refused; the error names the cell and the character.
    Refuse,
    /// It is written as 〓, the printers' mark for a missing character.
    Replace,
}

/// How a CSV file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvEncoding {
    /// UTF-8 with a byte order mark.
    Utf8WithMark,
    /// CP932, for programs that know nothing else.
    Cp932(Unmappable),
}

/// Writes a table as CSV.
///
/// # Errors
///
/// [`WriteError`] when the encoding lacks a character and it is not to be replaced, or when the place to write to refuses.
pub fn write_csv<W: Write>(
    mut out: W,
    layout: Layout<'_>,
    encoding: CsvEncoding,
    rows: impl IntoIterator<Item = Row>,
) -> Result<(), WriteError> {
    if encoding == CsvEncoding::Utf8WithMark {
        out.write_all(b"\xEF\xBB\xBF")?;
    }
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(out);
    let headers: Vec<&str> = layout
        .columns
        .iter()
        .map(super::ExpectedColumn::header)
        .chain(layout.unknown.iter().map(|header| &**header))
        .collect();
    let mut number = 1;
    let mut write = |number: u64, cells: &[String]| -> Result<(), WriteError> {
        for (cell, header) in cells.iter().zip(&headers) {
            let bytes = encode(&guarded(cell), encoding).map_err(|code| WriteError::NoSuchCharacter {
                row: number,
                header: (*header).to_owned(),
                code,
            })?;
            writer.write_field(&bytes).map_err(csv_error)?;
        }
        writer.write_record(None::<&[u8]>).map_err(csv_error)
    };
    let titles: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    write(number, &titles)?;
    for row in rows {
        number += 1;
        write(number, &cells_of(&row, layout))?;
    }
    writer.flush()?;
    Ok(())
}

fn cells_of(row: &Row, layout: Layout<'_>) -> Vec<String> {
    let expected = layout.columns.iter().map(|column| row.value(&column.id).map(|value| wording(value, column)));
    let unknown = layout.unknown.iter().map(|header| row.unknown(header).map(str::to_owned));
    expected.chain(unknown).map(Option::unwrap_or_default).collect()
}

fn guarded(cell: &str) -> String {
    if needs_guard(cell) { format!("'{cell}") } else { cell.to_owned() }
}

fn encode(text: &str, encoding: CsvEncoding) -> Result<Vec<u8>, u32> {
    match encoding {
        CsvEncoding::Utf8WithMark => Ok(text.as_bytes().to_vec()),
        CsvEncoding::Cp932(unmappable) => encode_cp932(text, unmappable),
    }
}

/// Unicode has two characters for some of CP932's; these are the ones that CP932 does not decode to.
fn as_cp932_has_it(character: char) -> char {
    match character {
        '\u{301C}' => '\u{FF5E}', // 〜 wave dash → ～ full-width tilde
        '\u{2212}' => '\u{FF0D}', // − minus sign → － full-width hyphen-minus
        '\u{2016}' => '\u{2225}', // ‖ double line → ∥ parallel to
        '\u{2014}' => '\u{2015}', // — em dash → ― horizontal bar
        '\u{00A5}' => '\u{FFE5}', // ¥ would become a backslash
        '\u{203E}' => '\u{FFE3}', // ‾ would become a tilde
        '\u{00A2}' => '\u{FFE0}',
        '\u{00A3}' => '\u{FFE1}',
        '\u{00AC}' => '\u{FFE2}',
        '\u{00A0}' => ' ',
        other => other,
    }
}

/// Text in CP932, or the number of the first character that it does not have.
fn encode_cp932(text: &str, unmappable: Unmappable) -> Result<Vec<u8>, u32> {
    let text: String = text.nfc().map(as_cp932_has_it).collect();
    let mut encoder = SHIFT_JIS.new_encoder();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_str();
    loop {
        // No character of CP932 has more than two bytes.
        bytes.reserve(rest.len() * 2 + 2);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return Ok(bytes),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) if unmappable == Unmappable::Refuse => {
                return Err(u32::from(character));
            }
            EncoderResult::Unmappable(_) => bytes.extend_from_slice(b"\x81\xAC"), // 〓
        }
    }
}

fn csv_error(error: csv::Error) -> WriteError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => WriteError::Io(error),
        _ => WriteError::Io(std::io::Error::other("csv")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cp932_takes_its_own_form_of_characters_that_unicode_has_twice() {
        for (text, decoded) in [
            ("100〜200", "100～200"),
            ("−5", "－5"),
            ("‖", "∥"),
            ("—", "―"),
            ("¥100", "￥100"),
            ("‾", "￣"),
            ("か\u{3099}", "が"),
            ("髙﨑①㈱", "髙﨑①㈱"),
        ] {
            let bytes = encode_cp932(text, Unmappable::Refuse).unwrap();
            assert_eq!(SHIFT_JIS.decode_without_bom_handling(&bytes).0, decoded, "{text}");
        }
    }

    #[test]
    fn what_cp932_lacks_is_refused_or_replaced() {
        assert_eq!(encode_cp932("𠮷田", Unmappable::Refuse), Err(0x2_0BB7));
        let bytes = encode_cp932("𠮷田", Unmappable::Replace).unwrap();
        assert_eq!(SHIFT_JIS.decode_without_bom_handling(&bytes).0, "〓田");
    }
}
