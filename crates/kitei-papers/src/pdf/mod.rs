//! Papers as PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1), set by Typst in a sealed world.
//!
//! A [`Paper`] is a Typst template and the data it prints; a [`Renderer`] turns it into bytes. Templates belong to packs
//! and may be edited by an organisation, so they are not trusted: they see nothing but their data and the shared library
//! `kitei.typ`. The registers' own forms need no template, see [`form`]. A template that may be hostile is rendered in a
//! child process with a time limit, see [`request`].
//!
//! Invariant: the same paper and the same fonts give the same bytes, so the hash of a paper can go into the evidence log.
//! Invariant: a paper whose data cannot be printed completely is refused, never printed with holes.

pub mod form;
pub mod letterhead;
pub mod request;

mod coverage;
mod diagnosis;
mod error;
mod fonts;
mod world;

use std::sync::Arc;

use jiff::civil;
use serde_json::{Value, json};
use typst::comemo;
use typst::foundations::{Bytes, Datetime, Smart};
use typst::syntax::Source;
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use self::diagnosis::{archival_error, place, template_error};
pub use self::error::{FontError, MissingGlyph, PaperError};
use self::fonts::BODY_FAMILY;
pub use self::fonts::Fonts;
use self::world::{FileIds, PaperWorld};

/// The frame around every template: metadata, language and fonts.
const MAIN: &str = include_str!("main.typ");

/// The shared library that templates import as `kitei.typ`.
const KITEI: &str = include_str!("kitei.typ");

/// Japan Standard Time, in minutes east of UTC; Japan has had no other since 1951.
const JAPAN_OFFSET_MINUTES: i32 = 9 * 60;

/// How many renderings an unused memoised result survives. Parsed fonts and the shared library are used by each
/// rendering and stay; what is left of a paper's content goes soon.
const CACHE_GENERATIONS: usize = 3;

/// One paper to be set.
#[derive(Clone, Copy)]
pub struct Paper<'a> {
    /// Typst source. It reads its data with `json("data.json")` and may import `kitei.typ`.
    pub template: &'a str,
    /// What it prints.
    pub data: &'a Value,
    /// Title in the metadata and wherever the template calls `title()`; PDF/UA-1 demands one.
    pub title: &'a str,
    /// Author in the metadata: the organisation, as a rule; may be empty.
    pub author: &'a str,
    /// Creation date, Japan Standard Time; also what a template sees as today.
    pub date: civil::DateTime,
    /// A name of the document that stays the same when the document is set again; its hash becomes the PDF's id.
    pub ident: &'a str,
}

/// How large a paper may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the data as JSON.
    pub data_bytes: usize,
    /// Bytes of the template.
    pub template_bytes: usize,
    /// Pages of the result.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { data_bytes: 16 * 1024 * 1024, template_bytes: 512 * 1024, pages: 2_000 }
    }
}

/// The standards a rendered paper keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conformance {
    /// PDF/A-2a and PDF/UA-1: for archives and for screen readers.
    ArchivalAndAccessible,
    /// PDF/A-2a only; [`Rendered::notes`] says what PDF/UA-1 lacked.
    Archival,
}

/// A finished paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The PDF file.
    pub bytes: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// What it conforms to.
    pub conformance: Conformance,
    /// Remarks of the compiler for whoever keeps the template; never values of the data.
    pub notes: Vec<String>,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Rendered")
            .field("bytes", &self.bytes.len())
            .field("pages", &self.pages)
            .field("conformance", &self.conformance)
            .field("notes", &self.notes)
            .finish()
    }
}

/// Turns papers into PDF. Keep one for the life of the program and share it; it is `Send + Sync`.
pub struct Renderer {
    fonts: Arc<Fonts>,
    library: LazyHash<Library>,
    ids: FileIds,
    main: Source,
    kitei: Source,
    limits: Limits,
}

impl Renderer {
    /// Prepares a renderer with these fonts and the default [`Limits`].
    ///
    /// # Errors
    /// [`PaperError::Internal`] when the program was built wrongly.
    pub fn new(fonts: Arc<Fonts>) -> Result<Self, PaperError> {
        let ids = FileIds::new()?;
        // Row headers of tables (`pdf.header-cell`) are behind this feature; PDF/UA readers need them.
        let features = [Feature::A11yExtras].into_iter().collect();
        Ok(Self {
            fonts,
            library: LazyHash::new(Library::builder().with_features(features).build()),
            ids,
            main: Source::new(ids.main, MAIN.to_owned()),
            kitei: Source::new(ids.kitei, KITEI.to_owned()),
            limits: Limits::default(),
        })
    }

    /// The same renderer with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The fonts it prints with.
    #[must_use]
    pub fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// Sets the paper.
    ///
    /// # Errors
    /// [`PaperError`]: too large, a character without glyph, a mistake in the template, or a broken rule of PDF/A.
    pub fn render(&self, paper: &Paper<'_>) -> Result<Rendered, PaperError> {
        let world = self.world(paper)?;
        let result = guarded(|| self.compile(&world, paper));
        comemo::evict(CACHE_GENERATIONS);
        result
    }

    /// Drops everything that earlier papers left in the process-wide cache, including their words. The next paper is
    /// slower. For use after an erasure.
    pub fn forget(&self) {
        comemo::evict(0);
    }

    fn world(&self, paper: &Paper<'_>) -> Result<PaperWorld<'_>, PaperError> {
        within("template", paper.template.len(), self.limits.template_bytes)?;
        let data = plain_lines(paper.data);
        let bytes = serde_json::to_vec(&data).map_err(PaperError::internal)?;
        within("data", bytes.len(), self.limits.data_bytes)?;
        self.check_glyphs(paper, &data)?;
        let families: Vec<&str> =
            std::iter::once(BODY_FAMILY).chain(self.fonts.fallback_families().iter().map(String::as_str)).collect();
        let variations: Vec<Value> = coverage::variations(&self.fonts, &data)
            .into_iter()
            .map(|(text, family)| json!({"text": text, "family": family}))
            .collect();
        let meta = json!({
            "title": paper.title,
            "author": [paper.author],
            "fonts": families,
            "variations": variations,
        });
        Ok(PaperWorld {
            library: &self.library,
            fonts: &self.fonts,
            ids: self.ids,
            main: self.main.clone(),
            paper: Source::new(self.ids.paper, paper.template.to_owned()),
            kitei: self.kitei.clone(),
            data: Bytes::new(bytes),
            meta: Bytes::new(serde_json::to_vec(&meta).map_err(PaperError::internal)?),
            today: typst_date(paper.date)?,
        })
    }

    fn check_glyphs(&self, paper: &Paper<'_>, data: &Value) -> Result<(), PaperError> {
        let mut glyphs = coverage::missing_in_data(&self.fonts, data);
        coverage::missing_in_text(&self.fonts, paper.title, "title", &mut glyphs);
        coverage::missing_in_text(&self.fonts, paper.author, "author", &mut glyphs);
        if glyphs.is_empty() { Ok(()) } else { Err(PaperError::MissingGlyphs { glyphs }) }
    }

    fn compile(&self, world: &PaperWorld<'_>, paper: &Paper<'_>) -> Result<Rendered, PaperError> {
        let compiled = typst::compile::<PagedDocument>(world);
        let document = compiled.output.map_err(|found| template_error(world, paper, &found))?;
        let pages = document.pages().len();
        if pages > self.limits.pages {
            return Err(PaperError::TooManyPages { pages, limit: self.limits.pages });
        }
        let mut notes: Vec<String> = compiled.warnings.iter().map(|found| place(world, paper, found).note()).collect();
        let both = [PdfStandard::A_2a, PdfStandard::Ua_1];
        let (bytes, conformance) = match typst_pdf::pdf(&document, &options(paper, &both)?) {
            Ok(bytes) => (bytes, Conformance::ArchivalAndAccessible),
            Err(found) => {
                notes.extend(found.iter().map(|found| place(world, paper, found).note()));
                let bytes = typst_pdf::pdf(&document, &options(paper, &[PdfStandard::A_2a])?)
                    .map_err(|found| archival_error(world, paper, &found))?;
                (bytes, Conformance::Archival)
            }
        };
        Ok(Rendered { bytes, pages, conformance, notes })
    }
}

/// Runs the compiler so that a panic in it costs one paper and not the thread that asked for it.
fn guarded<T>(work: impl FnOnce() -> Result<T, PaperError>) -> Result<T, PaperError> {
    // Nothing that the work borrows is changed by it: the world is read only, the caches replace whole entries.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(PaperError::internal("the compiler cannot handle this template")))
}

fn within(what: &str, size: usize, limit: usize) -> Result<(), PaperError> {
    if size > limit { Err(PaperError::TooLarge { what: what.to_owned(), size, limit }) } else { Ok(()) }
}

fn options(paper: &Paper<'_>, standards: &[PdfStandard]) -> Result<PdfOptions, PaperError> {
    Ok(PdfOptions {
        ident: Smart::Custom(paper.ident.to_owned()),
        creator: Smart::Custom(Some("Kitei".to_owned())),
        timestamp: Timestamp::new_local(typst_date(paper.date)?, JAPAN_OFFSET_MINUTES),
        standards: PdfStandards::new(standards).map_err(|found| PaperError::internal(found.message()))?,
        ..PdfOptions::default()
    })
}

fn typst_date(date: civil::DateTime) -> Result<Datetime, PaperError> {
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    (1..=9999)
        .contains(&date.year())
        .then(|| {
            Datetime::from_ymd_hms(
                i32::from(date.year()),
                part(date.month()),
                part(date.day()),
                part(date.hour()),
                part(date.minute()),
                part(date.second()),
            )
        })
        .flatten()
        .ok_or(PaperError::Date { year: date.year() })
}

/// The data with line ends as LF and tabs as spaces: no font has glyphs for the others.
fn plain_lines(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ")),
        Value::Array(items) => Value::Array(items.iter().map(plain_lines).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), plain_lines(field))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_compiler_becomes_an_error() {
        assert!(matches!(guarded::<()>(|| panic!("on purpose")), Err(PaperError::Internal { .. })));
        assert_eq!(guarded(|| Ok(1)), Ok(1));
    }

    #[test]
    fn years_outside_a_pdf_are_refused() {
        for (year, good) in [(-1, false), (0, false), (1, true), (2026, true), (9999, true)] {
            let date = civil::date(year, 2, 28).at(23, 59, 59, 0);
            assert_eq!(typst_date(date).is_ok(), good, "{year}");
        }
    }
}
