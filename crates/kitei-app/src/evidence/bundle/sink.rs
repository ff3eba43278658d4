//! Where a bundle goes: a directory, a zip file, or a zip file handed on while it is made.
//!
//! Invariant: nothing that exists is written over.
//! Invariant: a bundle that is handed on needs no room: no more than one of its files is in memory.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tokio::sync::mpsc;
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::super::EvidenceError;
use super::is_zip;
use crate::kernel::lock;

/// Where a bundle goes.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A directory that does not exist or is empty.
    Directory(&'a Path),
    /// A zip file that does not exist.
    Zip(&'a Path),
    /// A zip file, its bytes handed on as they are made; it is cut short when nobody takes them any more.
    Stream(&'a mpsc::Sender<Vec<u8>>),
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
    Stream { made: Made, sender: mpsc::Sender<Vec<u8>>, writer: Box<ZipWriter<StreamWriter<Made>>> },
}

/// Bytes that were made and not handed on yet.
#[derive(Clone, Default)]
pub(super) struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *lock(&self.0))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
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
            Target::Stream(sender) => {
                let made = Made::default();
                let writer = Box::new(ZipWriter::new_stream(made.clone()));
                Ok(Self::Stream { made, sender: sender.clone(), writer })
            }
        }
    }

    pub(super) async fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), EvidenceError> {
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
                writer.start_file(name, options()).map_err(|_| EvidenceError::Zip(path.clone()))?;
                writer.write_all(bytes).map_err(EvidenceError::io(path))
            }
            Self::Stream { made, sender, writer } => {
                // Into memory, which is refused no byte.
                writer.start_file(name, options()).map_err(|_| EvidenceError::Stopped)?;
                writer.write_all(bytes).map_err(|_| EvidenceError::Stopped)?;
                hand_on(made, sender).await
            }
        }
    }

    pub(super) async fn finish(self) -> Result<(), EvidenceError> {
        match self {
            Self::Directory(directory) => {
                File::open(&directory).and_then(|directory| directory.sync_all()).map_err(EvidenceError::io(&directory))
            }
            Self::Zip { path, writer } => {
                let file = writer.finish().map_err(|_| EvidenceError::Zip(path.clone()))?;
                file.sync_all().map_err(EvidenceError::io(&path))
            }
            Self::Stream { made, sender, writer } => {
                writer.finish().map_err(|_| EvidenceError::Stopped)?;
                hand_on(&made, &sender).await
            }
        }
    }
}

/// Without the time of the machine, the same bundle gives the same bytes.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

async fn hand_on(made: &Made, sender: &mpsc::Sender<Vec<u8>>) -> Result<(), EvidenceError> {
    let bytes = made.take();
    if bytes.is_empty() {
        return Ok(());
    }
    sender.send(bytes).await.map_err(|_| EvidenceError::Stopped)
}
