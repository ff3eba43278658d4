//! The packs that can be adopted: those built into the program and those in a directory of the organisation's own.
//!
//! Invariant: a pack is read, checked and hashed once; adopting takes exactly the bytes that were checked.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use kitei_evidence::digest::Digest;
use kitei_rules::{
    book::{BookError, Compiler, Names},
    pack::{self, Diagnostic, PackFiles, model::Pack},
    rulebook::Sayings,
};

/// A pack on the shelf.
#[derive(Clone, Debug)]
pub struct Shelved {
    /// What it says.
    pub pack: Pack,
    /// Its bytes in canonical form.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: String,
    /// Mistakes of reading.
    pub mistakes: Vec<Diagnostic>,
}

/// All packs at hand, by id.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    packs: BTreeMap<String, Shelved>,
}

/// A pack directory cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A file or directory cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Shelf {
    /// Reads every pack below a directory.
    ///
    /// # Errors
    /// [`ShelfError`] when a file cannot be read. Mistakes in packs are kept with them.
    pub fn read(directory: &Path) -> Result<Self, ShelfError> {
        let mut shelf = Self::default();
        for entry in entries(directory)? {
            if entry.is_dir() && entry.join("pack.toml").is_file() {
                shelf.add(files_of(&entry)?);
            }
        }
        Ok(shelf)
    }

    /// Puts a pack on the shelf, replacing one of the same id.
    pub fn add(&mut self, files: PackFiles) {
        let (pack, mistakes) = pack::read(&files);
        let bytes = pack::canonical(&files);
        let hash = Digest::of(&bytes).to_string();
        self.packs.insert(files.id, Shelved { pack, bytes, hash, mistakes });
    }

    /// A pack by id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Shelved> {
        self.packs.get(id)
    }

    /// Every pack, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Shelved)> {
        self.packs.iter().map(|(id, shelved)| (id.as_str(), shelved))
    }

    /// Puts what another shelf holds on this one.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.packs.extend(other.packs);
        self
    }

    /// Every mistake of some packs together with `office` and `law-jp`: of reading, of references, of conditions.
    #[must_use]
    pub fn check(&self, ids: &[String]) -> Vec<Diagnostic> {
        let packs: Vec<Pack> = self.with_bases(ids).into_iter().map(|shelved| shelved.pack.clone()).collect();
        let names = Names::of(&Sayings::compose(&packs));
        let mut out: Vec<Diagnostic> =
            self.with_bases(ids).iter().flat_map(|shelved| shelved.mistakes.iter().cloned()).collect();
        for id in ids {
            if let Some(shelved) = self.get(id) {
                out.extend(pack::check_pack(&shelved.pack, &packs, &names));
            }
        }
        out
    }

    /// Some packs with `office` and `law-jp`, each once.
    #[must_use]
    pub fn with_bases(&self, ids: &[String]) -> Vec<&Shelved> {
        let mut wanted: Vec<&str> = vec![kitei_rules::rulebook::OFFICE, kitei_rules::rulebook::LAW];
        wanted.extend(ids.iter().map(String::as_str).filter(|id| !matches!(*id, "office" | "law-jp")));
        wanted.into_iter().filter_map(|id| self.get(id)).collect()
    }

    /// Mistakes in the conditions of packs composed together.
    #[must_use]
    pub fn compile_errors(&self, ids: &[String]) -> Vec<BookError> {
        let sayings = Sayings::compose(self.with_bases(ids).into_iter().map(|shelved| &shelved.pack));
        Compiler::compile(&sayings, &BTreeMap::new(), 0).1
    }
}

/// The files of a pack directory.
///
/// # Errors
/// [`ShelfError`].
pub fn files_of(directory: &Path) -> Result<PackFiles, ShelfError> {
    let id = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut files = BTreeMap::new();
    let mut todo = vec![directory.to_path_buf()];
    while let Some(at) = todo.pop() {
        for entry in entries(&at)? {
            if entry.is_dir() {
                todo.push(entry);
                continue;
            }
            let wanted = entry.extension().is_some_and(|ending| ending == "toml" || ending == "typ");
            let Ok(relative) = entry.strip_prefix(directory) else { continue };
            if wanted {
                let bytes = std::fs::read(&entry).map_err(|source| ShelfError::Io { path: entry.clone(), source })?;
                files.insert(relative.to_string_lossy().replace('\\', "/"), bytes);
            }
        }
    }
    Ok(PackFiles { id, files })
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, ShelfError> {
    let wrong = |source| ShelfError::Io { path: directory.to_path_buf(), source };
    let mut out = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(wrong)? {
        out.push(entry.map_err(wrong)?.path());
    }
    out.sort();
    Ok(out)
}
