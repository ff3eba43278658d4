//! From the bytes of a file to a workbook of cells.
//!
//! Serves .xlsx (ECMA-376), .xls (MS-XLS), .ods (OASIS ODF 1.2), and .csv / .tsv (RFC 4180 as people stretch it) in UTF-8,
//! UTF-16 and CP932. What a file is, is told by its content; its name is only a hint.
//!
//! Invariant: no more memory than the [`Limits`] allow, whatever the file claims about itself. (The exception is a
//! hostile .xls: its reader spreads each sheet over the rectangle of its cells before we see it.)

mod cell;
mod hidden;
mod package;
mod spreadsheet;
mod text;

use std::fmt;

use thiserror::Error;

use super::Label;

pub use self::cell::{Cell, Region, Sheet};
pub(super) use self::text::needs_guard;

/// What a file was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Excel 2007 and later.
    Xlsx,
    /// Excel 97 to 2003.
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// Text with separators.
    Text {
        /// How the text was encoded.
        encoding: TextEncoding,
        /// The separator found: a comma, a tab or a semicolon.
        separator: char,
    },
}

/// How a text file was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little endian, with a byte order mark (Excel's "Unicode text").
    Utf16Le,
    /// UTF-16, big endian, with a byte order mark.
    Utf16Be,
    /// CP932, which Windows calls Shift_JIS.
    Cp932,
}

/// A file's sheets, in the order of the file.
#[derive(Clone)]
pub struct Workbook {
    /// What the file was recognised as.
    pub kind: FileKind,
    /// The sheets. Chart and macro sheets are left out.
    pub sheets: Vec<Sheet>,
    /// Whether serial dates count from 1904 (old Excel for Macintosh).
    pub epoch_1904: bool,
}

impl fmt::Debug for Workbook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Workbook").field("kind", &self.kind).field("sheets", &self.sheets.len()).finish()
    }
}

/// How much a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, in bytes.
    pub bytes: u64,
    /// Size of a packed file (.xlsx, .ods) once unpacked, in bytes.
    pub unpacked_bytes: u64,
    /// Cells of all sheets together, counting the empty ones left of a filled one.
    pub cells: u64,
    /// Number of sheets.
    pub sheets: usize,
}

impl Default for Limits {
    /// Room for 100,000 rows of 40 columns, and for no more than a server can bear.
    fn default() -> Self {
        Self { bytes: 64 << 20, unpacked_bytes: 768 << 20, cells: 4_000_000, sheets: 200 }
    }
}

/// Why a file cannot be read, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The file is empty.
    #[error("the file is empty; choose a file that holds a table")]
    Empty,
    /// The file is protected by a password.
    #[error("the file is protected by a password; remove the password in Excel and save it again")]
    Encrypted,
    /// The file is broken or cut short.
    #[error("the file is damaged ({part}); open it in Excel, save it under a new name, and choose that file")]
    Damaged {
        /// Which part of the file could not be read.
        part: String,
    },
    /// The file is too large in one respect.
    #[error("the file is too large: {what} must not exceed {limit}; split it, or remove what is not part of the table")]
    TooLarge {
        /// What there is too much of.
        what: TooMuch,
        /// The limit, in the unit of `what`.
        limit: u64,
    },
    /// The file is of a kind that holds no table we can read.
    #[error("a file of this kind ({found}) cannot be imported; save the table as .xlsx or as CSV")]
    Unsupported {
        /// What the file seems to be.
        found: &'static str,
    },
    /// The text is in none of the encodings that we know.
    #[error("the text is neither UTF-8 nor Shift_JIS (line {line}); save it as “CSV UTF-8” in Excel")]
    UnknownEncoding {
        /// The first line that fits neither, counted from one.
        line: u64,
    },
    /// A quotation mark that opens a cell is never closed.
    #[error("a quotation mark opened in row {row} is never closed; close it, or save the table again as CSV")]
    OpenQuotation {
        /// The row, counted from one.
        row: u64,
    },
}

/// What there can be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    /// Bytes of the file.
    Bytes,
    /// Bytes of the unpacked file.
    UnpackedBytes,
    /// Cells.
    Cells,
    /// Sheets.
    Sheets,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bytes => "its size in bytes",
            Self::UnpackedBytes => "its unpacked size in bytes",
            Self::Cells => "the number of its cells",
            Self::Sheets => "the number of its sheets",
        })
    }
}

impl ReadError {
    /// The error in Japanese, with what would be right.
    #[must_use]
    pub fn message_ja(&self) -> String {
        match self {
            Self::Empty => "ファイルが空です。表の入ったファイルを選んでください。".to_owned(),
            Self::Encrypted => {
                "パスワードがかかっています。Excelでパスワードを外して保存し直してから選んでください。".to_owned()
            }
            Self::Damaged { part } => {
                format!("ファイルが壊れています（{part}）。Excelで開き、別の名前で保存したものを選んでください。")
            }
            Self::TooLarge { what, limit } => format!(
                "ファイルが大きすぎます（{}の上限は{limit}）。分けるか、表でないものを除いてください。",
                match what {
                    TooMuch::Bytes => "バイト数",
                    TooMuch::UnpackedBytes => "展開後のバイト数",
                    TooMuch::Cells => "セルの数",
                    TooMuch::Sheets => "シートの数",
                }
            ),
            Self::Unsupported { found } => {
                format!("この種類のファイル（{found}）は取り込めません。.xlsx かCSVで保存してください。")
            }
            Self::UnknownEncoding { line } => format!(
                "文字コードがUTF-8でもShift_JISでもありません（{line}行目）。Excelで「CSV UTF-8」として保存してください。"
            ),
            Self::OpenQuotation { row } => {
                format!("{row}行目で始まる引用符が閉じていません。閉じるか、CSVで保存し直してください。")
            }
        }
    }
}

/// Reads a file within the usual limits; `name` is its name, used for the name of a text file's only sheet.
///
/// # Errors
///
/// [`ReadError`] when the file is empty, protected, damaged, too large, or no table.
pub fn read(bytes: &[u8], name: &str) -> Result<Workbook, ReadError> {
    read_within(bytes, name, Limits::default())
}

/// Reads a file within limits of the caller's choice.
///
/// # Errors
///
/// [`ReadError`] when the file is empty, protected, damaged, too large, or no table.
pub fn read_within(bytes: &[u8], name: &str, limits: Limits) -> Result<Workbook, ReadError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    if bytes.len() as u64 > limits.bytes {
        return Err(ReadError::TooLarge { what: TooMuch::Bytes, limit: limits.bytes });
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return spreadsheet::read_packed(bytes, limits);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return spreadsheet::read_compound(bytes, limits);
    }
    if let Some(found) = foreign_kind(bytes) {
        return Err(ReadError::Unsupported { found });
    }
    text::read_text(bytes, name, limits)
}

/// Kinds of file that people offer by mistake, by their first bytes.
fn foreign_kind(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"%PDF", "PDF"),
        (b"\x89PNG", "PNG image"),
        (b"\xFF\xD8\xFF", "JPEG image"),
        (b"GIF8", "GIF image"),
        (b"\x1F\x8B", "gzip archive"),
        (b"7z\xBC\xAF", "7-Zip archive"),
        (b"Rar!", "RAR archive"),
        (b"SQLite format 3", "SQLite database"),
        (b"{\\rtf", "rich text"),
        (b"MZ", "program"),
    ];
    if let Some((_, found)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Some(found);
    }
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let head = body.get(..body.len().min(512)).unwrap_or_default().to_ascii_lowercase();
    if head.starts_with(b"<?xml") || head.starts_with(b"<") && contains(&head, b"html") {
        return Some("web page or XML");
    }
    None
}

/// Whether `needle` occurs in `haystack`.
fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// The name of a text file's only sheet: the file's name without directories and ending.
fn sheet_name(file_name: &str) -> Label {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem).trim();
    Label::from(if stem.is_empty() { "CSV" } else { stem })
}
