//! Blobs: sealed attachments in a directory, each under the SHA-256 of its ciphertext.
//!
//! Invariants: a blob is on the disk before its address is given out; the address is checked whenever it is read, so a
//! damaged blob is reported and never served; nothing but ciphertext comes here, so the same file sealed twice is two
//! blobs and an address says nothing about the content.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use kitei_evidence::Digest;

use crate::db::{StoreError, StoreErrorKind};

/// A directory of blobs.
#[derive(Debug, Clone)]
pub struct Blobs {
    directory: PathBuf,
}

impl Blobs {
    /// The blobs in a directory that exists.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Keeps sealed bytes and returns their address.
    ///
    /// # Errors
    /// `Full`, `Io` and the like; then nothing is kept.
    pub async fn put(&self, sealed: Vec<u8>) -> Result<Digest, StoreError> {
        let directory = self.directory.clone();
        in_background("blobs::put", move || put(&directory, &sealed)).await
    }

    /// The sealed bytes at an address.
    ///
    /// # Errors
    /// `Missing` when there are none; `Corrupt` when they are not what the address says.
    pub async fn get(&self, address: Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.path(&address);
        let bytes = in_background("blobs::get", move || fs::read(path)).await?;
        if Digest::of(&bytes) != address {
            return Err(StoreError::new(StoreErrorKind::Corrupt, "blobs::get").with_detail("an attachment is damaged"));
        }
        Ok(bytes)
    }

    /// Removes a blob that nothing needs any more (`attachments::uses`); false when there is none.
    ///
    /// # Errors
    /// `Io` and the like.
    pub async fn remove(&self, address: Digest) -> Result<bool, StoreError> {
        let path = self.path(&address);
        in_background("blobs::remove", move || match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
        .await
    }

    /// Every address, sorted: for backups, and to find what nothing needs.
    ///
    /// # Errors
    /// `Io` and the like.
    pub async fn list(&self) -> Result<Vec<Digest>, StoreError> {
        let directory = self.directory.clone();
        in_background("blobs::list", move || list(&directory)).await
    }

    /// Addresses whose bytes came before an instant, sorted: of those, what nothing needs can be removed without taking
    /// away what is just being received.
    ///
    /// # Errors
    /// `Io` and the like.
    pub async fn older_than(&self, instant: SystemTime) -> Result<Vec<Digest>, StoreError> {
        let directory = self.directory.clone();
        in_background("blobs::older_than", move || {
            let mut old = Vec::new();
            for address in list(&directory)? {
                match fs::metadata(place(&directory, &address)) {
                    Ok(found) if found.modified()? < instant => old.push(address),
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(old)
        })
        .await
    }

    /// Where the bytes of an address lie, for backups.
    #[must_use]
    pub fn path(&self, address: &Digest) -> PathBuf {
        place(&self.directory, address)
    }
}

async fn in_background<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| StoreError::from_io(name, &error)),
        Err(_) => Err(StoreError::new(StoreErrorKind::Panicked, name)),
    }
}

/// 256 directories, so that none grows too long to list.
fn place(directory: &Path, address: &Digest) -> PathBuf {
    let name = address.to_string();
    directory.join(name.get(..2).unwrap_or_default()).join(name)
}

fn put(directory: &Path, sealed: &[u8]) -> std::io::Result<Digest> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let address = Digest::of(sealed);
    let path = place(directory, &address);
    if path.exists() {
        return Ok(address);
    }
    let parent = path.parent().unwrap_or(directory);
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = directory.join(format!("{address}.{}.{number}.part", std::process::id()));
    let written = write(&temporary, sealed).and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        // What could not be finished must not fill the disk further; a failure here changes nothing.
        let _removed = fs::remove_file(&temporary);
    }
    written?;
    File::open(parent)?.sync_all()?;
    File::open(directory)?.sync_all()?;
    Ok(address)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn list(directory: &Path) -> std::io::Result<Vec<Digest>> {
    let mut addresses = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(entry.path())? {
            let name = file?.file_name();
            addresses.extend(name.to_str().and_then(|name| Digest::parse(name).ok()));
        }
    }
    addresses.sort_unstable();
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_back_by_their_hash_and_damage_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path().to_owned());
        let address = blobs.put(b"sealed".to_vec()).await.unwrap();
        assert_eq!(blobs.put(b"sealed".to_vec()).await.unwrap(), address);
        assert_eq!(blobs.get(address).await.unwrap(), b"sealed");
        assert_eq!(blobs.list().await.unwrap(), [address]);
        let written = fs::metadata(blobs.path(&address)).unwrap().modified().unwrap();
        assert_eq!(blobs.older_than(written).await.unwrap(), []);
        let later = written + std::time::Duration::from_secs(1);
        assert_eq!(blobs.older_than(later).await.unwrap(), [address]);

        fs::write(blobs.path(&address), b"Sealed").unwrap();
        assert_eq!(blobs.get(address).await.unwrap_err().kind(), StoreErrorKind::Corrupt);

        assert!(blobs.remove(address).await.unwrap());
        assert!(!blobs.remove(address).await.unwrap());
        assert_eq!(blobs.get(address).await.unwrap_err().kind(), StoreErrorKind::Missing);
    }

    #[tokio::test]
    async fn what_cannot_be_written_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path().join("not there"));
        fs::write(directory.path().join("not there"), b"a file in the way").unwrap();
        assert!(blobs.put(b"sealed".to_vec()).await.is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
