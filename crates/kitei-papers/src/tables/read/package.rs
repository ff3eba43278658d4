//! What is inside a packed file (.xlsx, .ods are ZIP archives), found out before anything is parsed.
//!
//! Invariant: every part that the spreadsheet reader may open has been unpacked once, to nowhere, and counted against the
//! limit; the sizes written in the archive's directory are not believed.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{Limits, ReadError, TooMuch, contains};

/// What a packed file is.
pub(super) enum Package {
    /// Excel, with the worksheet parts in which something is hidden or merged.
    Xlsx(Vec<MarkedPart>),
    /// OpenDocument spreadsheet.
    Ods,
}

/// A worksheet part that says more than the contents of cells.
pub(super) struct MarkedPart {
    /// Its name, such as `xl/worksheets/sheet1.xml`.
    pub(super) name: String,
    /// Whether it hides a row or a column.
    pub(super) hides: bool,
    /// The end of its XML, from where its merged cells are listed; empty if there are none.
    pub(super) merges: Vec<u8>,
}

/// The archive of a packed file.
pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Opens the archive.
pub(super) fn open(bytes: &[u8]) -> Result<Archive<'_>, ReadError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::Damaged { part: "zip".to_owned() })
}

/// Tells what the archive is and checks what it unpacks to.
pub(super) fn inspect(archive: &mut Archive<'_>, limits: Limits) -> Result<Package, ReadError> {
    let names = part_names(archive)?;
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    let starts = |wanted: &str| names.iter().any(|name| name.starts_with(wanted));
    let is_excel = has("xl/workbook.xml");
    if !is_excel {
        if has("xl/workbook.bin") {
            return Err(ReadError::Unsupported { found: "Excel binary workbook, .xlsb" });
        }
        for (start, found) in [
            ("word/", "Word document"),
            ("ppt/", "PowerPoint presentation"),
            ("Index/", "Numbers, Pages or Keynote document"),
        ] {
            if starts(start) {
                return Err(ReadError::Unsupported { found });
            }
        }
        if !has("content.xml") || !is_spreadsheet(archive) {
            return Err(ReadError::Unsupported { found: "ZIP archive" });
        }
    }
    let marked = count_parts(archive, &names, limits.unpacked_bytes)?;
    Ok(if is_excel { Package::Xlsx(marked) } else { Package::Ods })
}

fn part_names(archive: &mut Archive<'_>) -> Result<Vec<String>, ReadError> {
    (0..archive.len())
        .map(|index| {
            let name = archive.name_for_index(index).and_then(Result::ok);
            name.map(|name| name.replace('\\', "/")).ok_or_else(|| ReadError::Damaged { part: "zip".to_owned() })
        })
        .collect()
}

fn is_spreadsheet(archive: &mut Archive<'_>) -> bool {
    let mut kind = String::new();
    archive.by_name("mimetype").is_ok_and(|part| part.take(100).read_to_string(&mut kind).is_ok())
        && kind.starts_with("application/vnd.oasis.opendocument.spreadsheet")
}

/// Unpacks each XML part once and counts its bytes; returns the worksheets in which something is hidden or merged.
fn count_parts(archive: &mut Archive<'_>, names: &[String], limit: u64) -> Result<Vec<MarkedPart>, ReadError> {
    let too_large = ReadError::TooLarge { what: TooMuch::UnpackedBytes, limit };
    if archive.decompressed_size().is_some_and(|claimed| claimed > u128::from(limit)) {
        return Err(too_large);
    }
    let mut left = limit;
    let mut marked = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        if !(lower.ends_with(".xml") || lower.ends_with(".rels")) {
            continue;
        }
        let damaged = || ReadError::Damaged { part: name.clone() };
        let mut part = archive.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(text) if text.contains("assword") => ReadError::Encrypted,
            _ => damaged(),
        })?;
        let mut watch = Watch::default();
        let mut buffer = vec![0_u8; 1 << 16];
        loop {
            let read = part.read(&mut buffer).map_err(|_| damaged())?;
            if read == 0 {
                break;
            }
            left = left.checked_sub(read as u64).ok_or(too_large.clone())?;
            if lower.starts_with("xl/worksheets/") {
                watch.see(buffer.get(..read).unwrap_or_default());
            }
        }
        if watch.hides || !watch.merges.is_empty() {
            marked.push(MarkedPart { name: name.clone(), hides: watch.hides, merges: watch.merges });
        }
    }
    Ok(marked)
}

/// The attribute that hides a row or a column in SpreadsheetML.
const HIDDEN: &[u8] = b"hidden=";

/// The element that lists merged cells, after all cells; with the prefix that Microsoft's own library writes, or without.
const MERGES: [&[u8]; 2] = [b"<mergeCells", b"<x:mergeCells"];

/// No sheet merges more than this says, in bytes of XML.
const MOST_MERGES: usize = 1 << 20;

/// Watches the bytes of a worksheet go by.
#[derive(Default)]
struct Watch {
    hides: bool,
    merges: Vec<u8>,
    /// The last bytes seen, so that a word cut in two is still found.
    tail: Vec<u8>,
}

impl Watch {
    fn see(&mut self, bytes: &[u8]) {
        if !self.merges.is_empty() {
            let room = MOST_MERGES.saturating_sub(self.merges.len()).min(bytes.len());
            self.merges.extend_from_slice(bytes.get(..room).unwrap_or_default());
            return;
        }
        let longest = MERGES.iter().map(|word| word.len()).max().unwrap_or(0);
        // Only the seam between two reads is looked at twice.
        let mut seam = std::mem::take(&mut self.tail);
        let before = seam.len();
        seam.extend_from_slice(bytes.get(..longest.min(bytes.len())).unwrap_or_default());
        self.hides = self.hides || contains(&seam, HIDDEN) || contains(bytes, HIDDEN);
        let in_seam = MERGES.iter().find_map(|word| memchr::memmem::find(&seam, word)).filter(|start| *start < before);
        if let Some(start) = in_seam {
            self.merges = seam.get(start..before).unwrap_or_default().to_vec();
            self.merges.extend_from_slice(bytes);
        } else if let Some(start) = MERGES.iter().find_map(|word| memchr::memmem::find(bytes, word)) {
            self.merges = bytes.get(start..).unwrap_or_default().to_vec();
        }
        seam.truncate(before);
        seam.extend_from_slice(bytes.get(bytes.len().saturating_sub(longest)..).unwrap_or_default());
        self.tail = seam.split_off(seam.len().saturating_sub(longest - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_the_reads_cut_them() {
        let xml =
            b"<row hidden=\"1\"/></sheetData><x:mergeCells count=\"1\"><x:mergeCell ref=\"A1:B2\"/></x:mergeCells>";
        let start = memchr::memmem::find(xml, b"<x:mergeCells").unwrap();
        for length in 1..xml.len() {
            let mut watch = Watch::default();
            for piece in xml.chunks(length) {
                watch.see(piece);
            }
            assert!(watch.hides, "pieces of {length}");
            assert_eq!(watch.merges, &xml[start..], "pieces of {length}");
        }
    }
}
