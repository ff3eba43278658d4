//! The sealed world in which a template runs.
//!
//! Invariant: a template sees four virtual files (itself, `kitei.typ`, `data.json` and the frame's `meta.json`) and the
//! loaded fonts; no disk, no network, no package, no clock of its own.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use super::error::PaperError;
use super::fonts::Fonts;

/// Identities of the virtual files. The compiler interns them for ever, so they are made once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileIds {
    pub(crate) main: FileId,
    pub(crate) paper: FileId,
    pub(crate) kitei: FileId,
    data: FileId,
    meta: FileId,
}

impl FileIds {
    /// Interns the five names.
    pub(crate) fn new() -> Result<Self, PaperError> {
        let id = |name: &str| {
            let path = VirtualPath::new(name).map_err(|_| PaperError::internal(format!("bad virtual path {name}")))?;
            Ok::<_, PaperError>(RootedPath::new(VirtualRoot::Project, path).intern())
        };
        Ok(Self {
            main: id("main.typ")?,
            paper: id("paper.typ")?,
            kitei: id("kitei.typ")?,
            data: id("data.json")?,
            meta: id("meta.json")?,
        })
    }
}

/// Everything one rendering may see.
pub(crate) struct PaperWorld<'a> {
    pub(crate) library: &'a LazyHash<Library>,
    pub(crate) fonts: &'a Fonts,
    pub(crate) ids: FileIds,
    pub(crate) main: Source,
    pub(crate) paper: Source,
    pub(crate) kitei: Source,
    pub(crate) data: Bytes,
    pub(crate) meta: Bytes,
    pub(crate) today: Datetime,
}

impl World for PaperWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.ids.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.paper, &self.kitei]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id {
            _ if id == self.ids.data => Ok(self.data.clone()),
            _ if id == self.ids.meta => Ok(self.meta.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Some(self.today)
    }
}
