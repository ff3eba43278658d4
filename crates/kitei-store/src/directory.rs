//! The data directory: what lies where, and that one program at a time has it open.
//!
//! ```text
//! <data>/kitei.db     the database, when it is SQLite
//! <data>/blobs/       attachments, sealed
//! <data>/keys/        key state: left out of every backup of the rest
//! <data>/kitei.lock   held open by the running program
//! ```
//!
//! Invariant: only its owner may read it; it is made so, and is refused when others could read the keys.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::blobs::Blobs;
use crate::keys::KeyFiles;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another program has it open.
    #[error("{}: another kitei has this data directory open; stop it first, or choose another directory", .0.display())]
    InUse(PathBuf),
    /// Others than the owner may read the keys.
    #[error("{}: others may read the keys; run `chmod 700` on it", .0.display())]
    Open(PathBuf),
    /// It cannot be made or opened.
    #[error("{}: {}; it must be a directory that this program may write", path.display(), source.kind())]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// An open data directory. The lock is given back when this is dropped, or when the program ends, however it ends.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory if it is not there, and takes its lock.
    ///
    /// # Errors
    /// `DirectoryError`.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        for directory in [path.to_owned(), path.join(BLOBS), path.join(KEYS)] {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&directory);
            made.map_err(|source| DirectoryError::Io { path: directory, source })?;
        }
        let keys = path.join(KEYS);
        let metadata = keys.metadata().map_err(|source| DirectoryError::Io { path: keys.clone(), source })?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(DirectoryError::Open(keys));
        }
        let lock_path = path.join("kitei.lock");
        let failed = |source| DirectoryError::Io { path: lock_path.clone(), source };
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path);
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(DirectoryError::Io { path: lock_path, source }),
        }
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The address of the SQLite database in it, for `Db::open`.
    #[must_use]
    pub fn sqlite_url(&self) -> String {
        format!("sqlite://{}", self.path.join("kitei.db").display())
    }

    /// The attachments in it.
    #[must_use]
    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.path.join(BLOBS))
    }

    /// The key state in it.
    #[must_use]
    pub fn keys(&self) -> KeyFiles {
        KeyFiles::new(self.path.join(KEYS))
    }
}

const BLOBS: &str = "blobs";
const KEYS: &str = "keys";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_programs_never_open_one_directory() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        let first = DataDirectory::open(&path).unwrap();
        let error = DataDirectory::open(&path).unwrap_err();
        assert!(matches!(error, DirectoryError::InUse(_)), "{error}");
        drop(first);
        DataDirectory::open(&path).unwrap();
    }

    #[test]
    fn keys_that_others_could_read_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("data");
        drop(DataDirectory::open(&path).unwrap());
        std::fs::set_permissions(path.join(KEYS), std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = DataDirectory::open(&path).unwrap_err();
        assert!(matches!(error, DirectoryError::Open(_)), "{error}");
    }
}
