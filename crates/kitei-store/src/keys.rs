//! Key state: one file for each organization, beside the database and never in it (`kitei_evidence::keys` says why).
//!
//! Invariants: a file is replaced as a whole and is on the disk before the replacement is reported; the state before it
//! is overwritten and then removed, also when the program died in between (`sweep` at the start finishes that). What an
//! erased record's key was derived from is then in no file. (A file system that copies on write, or a disk that moves
//! sectors, may keep old blocks: put the keys on a plain file system or on an encrypted one.)

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::db::{StoreError, StoreErrorKind};

/// The key files of a data directory.
#[derive(Debug, Clone)]
pub struct KeyFiles {
    directory: PathBuf,
}

/// The most that a key file may hold, in bytes; one that is longer is damaged.
const MAX_FILE: u64 = 256 * 1024 * 1024;

impl KeyFiles {
    /// The key files in a directory that exists and that only its owner may read.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn path(&self, org: Uuid, ending: &str) -> PathBuf {
        self.directory.join(format!("{org}.{ending}"))
    }

    /// The key state of an organization, as `KeyState::parse` reads it.
    ///
    /// # Errors
    /// `Missing` when there is no file: either the organization is new, or its keys are lost, which the caller must
    /// tell apart by whether anything is sealed with them.
    pub fn load(&self, org: Uuid) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let failed = |error: std::io::Error| StoreError::from_io("keys::load", &error);
        let file = File::open(self.path(org, "keys")).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length > MAX_FILE {
            return Err(StoreError::new(StoreErrorKind::Corrupt, "keys::load").with_detail("the key file is too long"));
        }
        // Room for everything at once: a buffer that grows leaves copies of keys behind in memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
        file.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }

    /// Keeps the first key state of an organization.
    ///
    /// # Errors
    /// `Unique` when there is one already: it is never overwritten this way.
    pub fn create(&self, org: Uuid, state: &[u8]) -> Result<(), StoreError> {
        if self.path(org, "keys").exists() {
            return Err(StoreError::new(StoreErrorKind::Unique, "keys::create"));
        }
        self.replace(org, state)
    }

    /// Keeps a key state in place of the one before, of which nothing remains afterwards.
    ///
    /// # Errors
    /// `Full`, `Io` and the like; then the state before is still there, unless only its removal failed.
    pub fn replace(&self, org: Uuid, state: &[u8]) -> Result<(), StoreError> {
        let failed = |error: std::io::Error| StoreError::from_io("keys::replace", &error);
        self.destroy_previous(org).map_err(failed)?;
        let (current, new, previous) = (self.path(org, "keys"), self.path(org, "new"), self.path(org, "previous"));
        destroy(&new).map_err(failed)?;
        write_new(&new, state).map_err(failed)?;
        // A second name keeps the old file within reach after the new one has taken its place.
        match fs::hard_link(&current, &previous) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        fs::rename(&new, &current).map_err(failed)?;
        sync_directory(&self.directory).map_err(failed)?;
        self.destroy_previous(org).map_err(failed)
    }

    /// Destroys the key state of an organization for good: nothing that it sealed can be read again.
    ///
    /// # Errors
    /// `Io` and the like.
    pub fn destroy(&self, org: Uuid) -> Result<(), StoreError> {
        let failed = |error: std::io::Error| StoreError::from_io("keys::destroy", &error);
        self.destroy_previous(org).map_err(failed)?;
        destroy(&self.path(org, "new")).map_err(failed)?;
        destroy(&self.path(org, "keys")).map_err(failed)?;
        sync_directory(&self.directory).map_err(failed)
    }

    /// Organizations that have a key file.
    ///
    /// # Errors
    /// `Io` and the like.
    pub fn organizations(&self) -> Result<Vec<Uuid>, StoreError> {
        let failed = |error: std::io::Error| StoreError::from_io("keys::organizations", &error);
        let mut organizations = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            if let (Some(org), Some("keys")) = (stem, path.extension().and_then(|ending| ending.to_str())) {
                organizations.push(org);
            }
        }
        organizations.sort_unstable();
        Ok(organizations)
    }

    /// Finishes what a program that died left half done: earlier states are destroyed. To be called at the start.
    ///
    /// # Errors
    /// `Io` and the like.
    pub fn sweep(&self) -> Result<(), StoreError> {
        let failed = |error: std::io::Error| StoreError::from_io("keys::sweep", &error);
        for org in self.organizations()? {
            self.destroy_previous(org).map_err(failed)?;
            destroy(&self.path(org, "new")).map_err(failed)?;
        }
        Ok(())
    }

    fn destroy_previous(&self, org: Uuid) -> std::io::Result<()> {
        let (current, previous) = (self.path(org, "keys"), self.path(org, "previous"));
        let Ok(old) = previous.metadata() else { return Ok(()) };
        // The program may have died between the second name and the rename: then both are the same file, and the
        // state in force must not be overwritten.
        if current.metadata().is_ok_and(|now| (now.dev(), now.ino()) == (old.dev(), old.ino())) {
            fs::remove_file(&previous)?;
            return sync_directory(&self.directory);
        }
        destroy(&previous)?;
        sync_directory(&self.directory)
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Overwrites a file with zeros, on the disk, and removes it.
fn destroy(path: &Path) -> std::io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut left = file.metadata()?.len();
    file.rewind()?;
    let zeros = [0_u8; 4096];
    while left > 0 {
        let now = usize::try_from(left.min(4096)).unwrap_or(4096);
        file.write_all(zeros.get(..now).unwrap_or(&zeros))?;
        left -= now as u64;
    }
    file.sync_all()?;
    fs::remove_file(path)
}

fn sync_directory(directory: &Path) -> std::io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: Uuid = Uuid::from_u128(7);

    fn files() -> (tempfile::TempDir, KeyFiles) {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyFiles::new(directory.path().to_owned());
        (directory, keys)
    }

    #[test]
    fn a_state_is_kept_replaced_and_never_created_twice() {
        let (directory, keys) = files();
        assert_eq!(keys.load(ORG).unwrap_err().kind(), StoreErrorKind::Missing);
        keys.create(ORG, b"first").unwrap();
        assert_eq!(keys.create(ORG, b"again").unwrap_err().kind(), StoreErrorKind::Unique);
        keys.replace(ORG, b"second").unwrap();
        assert_eq!(keys.load(ORG).unwrap().as_slice(), b"second");
        assert_eq!(keys.organizations().unwrap(), [ORG]);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing of the first state is left");
    }

    #[test]
    fn the_previous_state_is_overwritten_before_it_is_removed() {
        let (_directory, keys) = files();
        keys.create(ORG, b"seed that must die").unwrap();
        // Another name for the same bytes on the disk shows what became of them.
        let witness = keys.path(ORG, "witness");
        fs::hard_link(keys.path(ORG, "keys"), &witness).unwrap();
        keys.replace(ORG, b"punctured").unwrap();
        assert_eq!(fs::read(&witness).unwrap(), [0; 18]);
        assert_eq!(keys.load(ORG).unwrap().as_slice(), b"punctured");
    }

    #[test]
    fn a_program_that_died_in_between_loses_no_state_and_leaves_none() {
        // Died after the second name was made: the state in force survives.
        let (_directory, keys) = files();
        keys.create(ORG, b"in force").unwrap();
        fs::hard_link(keys.path(ORG, "keys"), keys.path(ORG, "previous")).unwrap();
        fs::write(keys.path(ORG, "new"), b"half").unwrap();
        keys.sweep().unwrap();
        assert_eq!(keys.load(ORG).unwrap().as_slice(), b"in force");
        assert!(!keys.path(ORG, "previous").exists() && !keys.path(ORG, "new").exists());
        // Died after the rename: the state before is destroyed at the next start.
        fs::write(keys.path(ORG, "previous"), b"old seed").unwrap();
        let witness = keys.path(ORG, "witness");
        fs::hard_link(keys.path(ORG, "previous"), &witness).unwrap();
        keys.sweep().unwrap();
        assert_eq!(fs::read(&witness).unwrap(), [0; 8]);
        assert_eq!(keys.load(ORG).unwrap().as_slice(), b"in force");
    }
}
