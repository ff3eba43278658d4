//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of the log, as a signed note that leaves the house.
//!
//! Invariant: [`Checkpoint`] can only hold a text that reads back as itself.
//! Invariant: reading takes bytes from outside: strict, bounded, without panics.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Digest;
use crate::note::{NoteError, SignedNote, SigningKey, VerifierKey};

/// The most extension lines a checkpoint may carry.
pub const MAX_EXTENSIONS: usize = 16;

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around the checkpoint is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A line of the checkpoint is wrong.
    #[error("line {line} of the checkpoint: {reason}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What would be right.
        reason: &'static str,
    },
}

const fn wrong(line: usize, reason: &'static str) -> CheckpointError {
    CheckpointError::Line { line, reason }
}

/// The head of a log: which log, how many events, and the root that commits to all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint of the log `origin` with `size` events.
    ///
    /// # Errors
    /// [`CheckpointError::Line`] when the origin or an extension is empty, too long or not one line.
    pub fn new(origin: &str, size: u64, root: Digest, extensions: Vec<String>) -> Result<Self, CheckpointError> {
        check_line(1, origin)?;
        if extensions.len() > MAX_EXTENSIONS {
            return Err(wrong(4 + MAX_EXTENSIONS, "at most 16 extension lines may follow the root"));
        }
        extensions.iter().enumerate().try_for_each(|(position, line)| check_line(4 + position, line))?;
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// The unique name of the log, by custom a URL without scheme.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many events the root covers: those with `seq` 0 up to, not including, `size`.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The RFC 6962 root.
    #[must_use]
    pub const fn root(&self) -> &Digest {
        &self.root
    }

    /// Further lines, opaque here.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Reads the text of a checkpoint, without signatures.
    ///
    /// # Errors
    /// [`CheckpointError::Line`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or_else(|| wrong(1, "the text must end with a line break"))?;
        let mut lines = body.split('\n');
        let origin = lines.next().unwrap_or_default();
        let size = parse_size(lines.next().unwrap_or_default())?;
        let root = lines.next().and_then(|line| STANDARD.decode(line).ok()).and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or_else(|| wrong(3, "the root must be 32 bytes in base64 with padding"))?;
        let extensions = lines.take(MAX_EXTENSIONS + 1).map(str::to_owned).collect();
        Self::new(origin, size, Digest::from_bytes(root), extensions)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root.as_bytes()))?;
        self.extensions.iter().try_for_each(|line| writeln!(formatter, "{line}"))
    }
}

/// A checkpoint with its signatures, as it is stored, printed and mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Signs `checkpoint`.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when its text cannot be signed, which [`Checkpoint::new`] already excludes but for length.
    pub fn sign(checkpoint: Checkpoint, key: &SigningKey) -> Result<Self, CheckpointError> {
        let note = key.sign(checkpoint.to_string())?;
        Ok(Self { checkpoint, note })
    }

    /// Reads the form; says nothing about who signed.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn parse(note: &[u8]) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// The checkpoint, if `key` signed it.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when it did not.
    pub fn verify(&self, key: &VerifierKey) -> Result<&Checkpoint, CheckpointError> {
        self.note.verify(key)?;
        Ok(&self.checkpoint)
    }

    /// The checkpoint as claimed, before its signature has been checked.
    #[must_use]
    pub const fn claimed(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(formatter)
    }
}

fn parse_size(line: &str) -> Result<u64, CheckpointError> {
    let number = line.bytes().all(|byte| byte.is_ascii_digit()) && (line == "0" || !line.starts_with('0'));
    let size = if number { line.parse().ok() } else { None };
    size.ok_or_else(|| wrong(2, "the size must be a decimal number without leading zeros"))
}

fn check_line(line: usize, text: &str) -> Result<(), CheckpointError> {
    if text.is_empty() || text.len() > 1024 || text.chars().any(char::is_control) {
        return Err(wrong(line, "it must be one line of 1 to 1024 bytes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
