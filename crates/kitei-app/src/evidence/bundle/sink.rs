//! Where a bundle goes: a directory, or a zip file.
//!
//! Invariant: nothing that exists is written over.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::super::EvidenceError;
use super::is_zip;

/// Where a bundle goes.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A directory that does not exist or is empty.
    Directory(&'a Path),
    /// A zip file that does not exist.
    Zip(&'a Path),
}

impl<'a> Target<'a> {
    /// A zip file when the path ends so, else a directory.
    #[must_use]
    pub fn of(path: &'a Path) -> Self {
        if is_zip(path) { Self::Zip(path) } else { Self::Directory(path) }
    }
}

pub(super) enum Sink {
    Directory(PathBuf),
    Zip { path: PathBuf, writer: Box<ZipWriter<File>> },
}

impl Sink {
    pub(super) fn open(target: Target<'_>) -> Result<Self, EvidenceError> {
        match target {
            Target::Directory(path) => {
                let empty = std::fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
                if path.is_file() || !empty {
                    return Err(EvidenceError::NotEmpty(path.to_owned()));
                }
                let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
                made.map_err(EvidenceError::io(path))?;
                Ok(Self::Directory(path.to_owned()))
            }
            Target::Zip(path) => {
                if path.exists() {
                    return Err(EvidenceError::NotEmpty(path.to_owned()));
                }
                let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
                let writer = ZipWriter::new(file.map_err(EvidenceError::io(path))?);
                Ok(Self::Zip { path: path.to_owned(), writer: Box::new(writer) })
            }
        }
    }

    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), EvidenceError> {
        match self {
            Self::Directory(directory) => {
                let path = directory.join(name);
                if let Some(parent) = path.parent() {
                    std::fs::create_dir_all(parent).map_err(EvidenceError::io(parent))?;
                }
                let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
                file.and_then(|mut file| file.write_all(bytes)).map_err(EvidenceError::io(&path))
            }
            Self::Zip { path, writer } => {
                // Without the time of the machine, the same bundle gives the same bytes.
                let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
                writer.start_file(name, options).map_err(|_| EvidenceError::Zip(path.clone()))?;
                writer.write_all(bytes).map_err(EvidenceError::io(path))
            }
        }
    }

    pub(super) fn finish(self) -> Result<(), EvidenceError> {
        match self {
            Self::Directory(directory) => {
                File::open(&directory).and_then(|directory| directory.sync_all()).map_err(EvidenceError::io(&directory))
            }
            Self::Zip { path, writer } => {
                let file = writer.finish().map_err(|_| EvidenceError::Zip(path.clone()))?;
                file.sync_all().map_err(EvidenceError::io(&path))
            }
        }
    }
}
