//! What can go wrong with a paper, said so that the person who has to mend it can.
//!
//! Invariant: no message repeats a value of the data. The one exception is a single character that no font has,
//! because nobody could find it otherwise.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// One character of the data that none of the loaded fonts can print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingGlyph {
    /// The character, with its variation selector if it has one.
    pub character: String,
    /// Its code points as `U+20BB7`, separated by a space.
    pub code_points: String,
    /// Where it stands, as a JSON Pointer into the data (RFC 6901), or `title` or `author`.
    pub path: String,
}

impl Display for MissingGlyph {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}) at {}", self.character, self.code_points, self.path)
    }
}

/// Why a paper could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PaperError {
    /// The template is wrong, or asks for something a paper may not have (a file, a package).
    #[error("{file} line {line}: {message}{}", list_hints(hints))]
    Template {
        /// `paper.typ` for the template given, `kitei.typ` for the shared library, `main.typ` for the frame around both.
        file: String,
        /// Line in that file, from 1; 0 when the problem has no place.
        line: usize,
        /// What is wrong.
        message: String,
        /// What would be right, as far as the compiler knows.
        hints: Vec<String>,
    },
    /// The data hold characters that no font has.
    #[error(
        "no font has {}; put Noto Sans CJK JP or IPAmj Mincho into the font directory, or write the name otherwise",
        list_glyphs(glyphs)
    )]
    MissingGlyphs {
        /// The first of them in document order, at most 20.
        glyphs: Vec<MissingGlyph>,
    },
    /// The data or the template are larger than a paper may be.
    #[error("the {what} has {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// `data` or `template`.
        what: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The paper has more pages than allowed.
    #[error("the paper has {pages} pages, at most {limit} are allowed")]
    TooManyPages {
        /// How many pages it has.
        pages: usize,
        /// The limit.
        limit: usize,
    },
    /// The pages were laid out but break a rule of PDF/A-2a (ISO 19005-2).
    #[error("the paper cannot be kept as PDF/A-2a: {file} line {line}: {message}{}", list_hints(hints))]
    NotArchivable {
        /// File of the element at fault, as in [`PaperError::Template`].
        file: String,
        /// Its line, from 1; 0 when unknown.
        line: usize,
        /// The rule broken.
        message: String,
        /// What would be right.
        hints: Vec<String>,
    },
    /// The date of the document lies outside the years a PDF can carry.
    #[error("the date of the document is in the year {year}; a PDF holds the years 1 to 9999")]
    Date {
        /// The year given.
        year: i16,
    },
    /// The text of the QR code does not fit into one.
    #[error("the text of the QR code has {bytes} bytes, more than a QR code holds")]
    QrText {
        /// Length of the text in bytes.
        bytes: usize,
    },
    /// A row of a table has more cells than the table has columns.
    #[error("row {row} of table {table} has {cells} cells for {columns} columns")]
    Row {
        /// The table, from 1.
        table: usize,
        /// The row, from 1.
        row: usize,
        /// Cells of the row.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// A request or response to the rendering process is not framed as it should be.
    #[error("the message to the renderer is not valid: {problem}")]
    Request {
        /// What is wrong with it.
        problem: String,
    },
    /// A fault of the program.
    #[error("fault in the renderer: {problem}")]
    Internal {
        /// What happened.
        problem: String,
    },
}

impl PaperError {
    pub(crate) fn internal(problem: impl Display) -> Self {
        Self::Internal { problem: problem.to_string() }
    }
}

fn list_hints(hints: &[String]) -> String {
    hints.iter().map(|hint| format!(" ({hint})")).collect()
}

fn list_glyphs(glyphs: &[MissingGlyph]) -> String {
    glyphs.iter().map(MissingGlyph::to_string).collect::<Vec<_>>().join(", ")
}

/// Why the fonts could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FontError {
    /// A configured font directory, or a font file in it, could not be read.
    #[error("font directory: cannot read {path}")]
    Read {
        /// The directory or file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A font file is larger than a font can sensibly be.
    #[error("font directory: {path} has {size} bytes, at most {limit} are read")]
    TooLarge {
        /// The file.
        path: std::path::PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A file with the name of a fallback font holds none of the families expected of it.
    #[error("font directory: {path} is not a readable Noto Sans CJK JP, Noto Sans JP or IPAmj Mincho font")]
    NotAFont {
        /// The file.
        path: std::path::PathBuf,
    },
    /// A font built into the program does not parse: the program was built wrongly.
    #[error("the built-in font {name} does not parse")]
    BuiltIn {
        /// Its file name.
        name: &'static str,
    },
}
