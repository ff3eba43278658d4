//! Backups: one encrypted file of all tables, the same for both engines, and the attachments beside it by content.
//!
//! ```text
//! <target>/kitei-20261124T073800Z.backup   every table, encrypted with a passphrase
//! <target>/blobs/ab/abcd…                  attachments, sealed as they are; only new ones are copied
//! ```
//!
//! The file ([`cipher`] says how it is encrypted) holds lines of JSON: first a head (`format`, `made_at`, `schema`, and
//! each organisation with name, log size and verifier key), then, table by table, a line `{"table": …, "columns": …}`
//! and a line for each row, an array in the order of the columns; at last `{"end": {"rows": …}}`. A uuid, time or day is
//! its text, bytes are base64, a document is wrapped in an array so that an empty one is not mistaken for nothing.
//! It is read in one snapshot while work goes on. What is left out: sessions and counted sign-in failures.
//!
//! **Keys are never in it.** Whoever has a backup and its passphrase reads open fields and nothing sealed. The key state
//! is copied only when asked for, to another place ([`keys`]), because a copy that lies with the backup would reopen,
//! years later, what has been erased meanwhile.
//!
//! A backup is read again from the disk, decrypted and verified before it is called done. Restoring verifies it first,
//! writes into an empty database of either engine, verifies that, and appends an event to each log that says so. What
//! is restored differs from what was kept in two things: the next key leaf jumps far ahead, so that no leaf given out
//! after the backup is given out again; and unsent messages wait for a person, as they may have been sent meanwhile.
//!
//! Invariant: nothing is called done that has not been verified from what lies on the disk.

mod check;
mod cipher;
mod export;
pub mod keys;
mod reading;
mod restore;
mod table;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use kitei_store::blobs::Blobs;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{EvidenceError, verify::Verification};
use crate::kernel::Installation;

pub use check::{STATEMENTS, check};
pub use cipher::{Cost, MAGIC};
pub use restore::{Restore, Restored};

/// What `format` says in the head of this version.
pub const FORMAT: &str = "kitei-backup/1";

/// Why a backup cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// No passphrase worth the name.
    #[error("the passphrase file must hold at most 1024 bytes and at least {least} characters on its first line")]
    Passphrase {
        /// Least number of characters.
        least: usize,
    },
    /// Not a backup.
    #[error("this is not a backup of Kitei, or it is cut: it must begin with KTBK and its head")]
    NotABackup,
    /// Another version.
    #[error("the backup has version {found}; this program reads version {known}", known = cipher::VERSION)]
    Version {
        /// Version found.
        found: u8,
    },
    /// The cost of stretching the passphrase makes no sense.
    #[error("the cost of stretching the passphrase is out of range")]
    Cost,
    /// The passphrase is wrong or the file was altered.
    #[error("block {block} does not open: the passphrase is another one, or the file was altered or cut there")]
    DoesNotOpen {
        /// Block of 64 KiB, from 0.
        block: u64,
    },
    /// What was decrypted is not what a backup holds.
    #[error("line {line}: {expected}")]
    Line {
        /// Line, from 1.
        line: u64,
        /// What would be right.
        expected: &'static str,
    },
    /// Made by another state of the schema.
    #[error(
        "the backup was made at step {found} of the schema, this program is at {known}; restore it with that version and upgrade then"
    )]
    Schema {
        /// Step of the backup.
        found: i64,
        /// Step of this program.
        known: i64,
    },
    /// Verifying found something wrong.
    #[error("the backup does not verify ({} problem(s)); nothing is called done", .0.text().len().saturating_sub(2))]
    DoesNotVerify(Box<Verification>),
}

/// Fewest characters of a passphrase.
const LEAST_PASSPHRASE: usize = 12;

/// A passphrase.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(redacted)")
    }
}

impl Passphrase {
    /// Reads the first line of a file.
    ///
    /// # Errors
    /// The file cannot be read, or its first line is too short.
    pub fn read(path: &Path) -> Result<Self, EvidenceError> {
        let bytes = Zeroizing::new(std::fs::read(path).map_err(EvidenceError::io(path))?);
        Ok(Self::parse(&bytes)?)
    }

    /// Takes the first line of some bytes.
    ///
    /// # Errors
    /// [`BackupError::Passphrase`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BackupError> {
        let line = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let characters = String::from_utf8_lossy(line).chars().count();
        if characters < LEAST_PASSPHRASE || bytes.len() > 1024 {
            return Err(BackupError::Passphrase { least: LEAST_PASSPHRASE });
        }
        Ok(Self(Zeroizing::new(line.to_vec())))
    }
}

/// The head of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The last step of the schema.
    pub schema: i64,
    /// Whose data it holds.
    pub organizations: Vec<Held>,
}

/// An organisation in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Id.
    pub org: Uuid,
    /// Name.
    pub name: String,
    /// Events in its log.
    pub size: i64,
    /// The key that signs its log; absent when its key file could not be read.
    pub verifier_key: Option<String>,
}

/// How a backup is to be made.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The directory that receives it.
    pub target: &'a Path,
    /// What it is encrypted with.
    pub passphrase: &'a Passphrase,
    /// What trying a passphrase shall cost.
    pub cost: Cost,
    /// Another directory, which receives the key state ([`keys`]).
    pub with_keys: Option<&'a Path>,
}

/// A backup that was made and verified.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// Rows in it.
    pub rows: u64,
    /// Attachments that were copied; the others were there already.
    pub blobs_copied: u64,
    /// What reading it again found.
    pub verification: Verification,
}

impl Installation {
    /// Makes a backup while work goes on, reads it again and verifies it.
    ///
    /// # Errors
    /// [`EvidenceError`]; a file that does not verify is removed.
    pub async fn backup(self: &Arc<Self>, order: &Order<'_>) -> Result<Made, EvidenceError> {
        let blobs = blobs_in(order.target)?;
        let now = self.environment.now();
        let name = format!("kitei-{}.backup", now.strftime("%Y%m%dT%H%M%SZ"));
        let file = order.target.join(name);
        if file.exists() {
            return Err(EvidenceError::NotEmpty(file));
        }
        let rows = export::write(self, order, &file, now).await?;
        let blobs_copied = copy_blobs(self, &blobs).await?;
        let verification = check(&file, order.passphrase, Some(&blobs), super::verify::Against::default()).await?;
        if !verification.ok {
            std::fs::remove_file(&file).map_err(EvidenceError::io(&file))?;
            return Err(BackupError::DoesNotVerify(Box::new(verification)).into());
        }
        if let Some(directory) = order.with_keys {
            keys::copy(self, directory).await?;
        }
        Ok(Made { file, rows, blobs_copied, verification })
    }
}

/// The attachments of a backup directory, which is made if it is not there.
fn blobs_in(target: &Path) -> Result<Blobs, EvidenceError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let directory = target.join("blobs");
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory);
    made.map_err(EvidenceError::io(&directory))?;
    Ok(Blobs::new(directory))
}

/// Copies attachments that are needed and not there yet.
async fn copy_blobs(installation: &Installation, target: &Blobs) -> Result<u64, EvidenceError> {
    let mut reader = installation.db.snapshot().await?;
    let mut copied = 0;
    for address in check::used_blobs(&mut reader).await? {
        if !target.path(&address).exists() {
            // A blob that is missing here is named when the backup is verified.
            if let Ok(sealed) = installation.blobs.get(address).await {
                target.put(sealed).await?;
                copied += 1;
            }
        }
    }
    Ok(copied)
}

#[cfg(test)]
pub(super) mod tests {
    use std::{fs::File, io::Read as _, path::Path};

    use super::{Passphrase, cipher::Opener};

    /// The plain text of a backup.
    pub(in crate::evidence) fn decrypted(file: &Path, passphrase: &Passphrase) -> Vec<u8> {
        let input = std::io::BufReader::new(File::open(file).unwrap());
        let mut plain = Vec::new();
        Opener::new(input, passphrase).unwrap().read_to_end(&mut plain).unwrap();
        plain
    }
}
