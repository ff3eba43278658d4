//! Sealing of single values and of attachments: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with keys that can be
//! destroyed ([`crate::keys`]).
//!
//! A sealed text is `s1.<leaf>.<base64url of nonce and ciphertext>`; sealed bytes are `KTS1`, the leaf in eight bytes,
//! the nonce and the ciphertext. The place of the value (organisation, register, record, line, field) and the leaf are
//! authenticated with it, so a ciphertext moved to another place does not open.
//!
//! Before encryption the value is padded with one byte 0x80 and zeros to the next multiple of sixteen bytes, so the
//! ciphertext tells the length of a value to within sixteen bytes only (five Japanese characters).
//!
//! Attachments are sealed whole in memory, up to [`MAX_BYTES`].
//!
//! Invariant: a value that does not open gives an error and not a byte of plaintext.
//! Invariant: the nonce comes from the caller: 24 random bytes, never the same twice under one leaf.

mod text;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use crate::keys::{LeafId, LeafIdError, SealingKey};

pub use text::{SealedText, seal_text};

/// The longest value that is sealed: 100 MiB.
pub const MAX_BYTES: usize = 100 * 1024 * 1024;

/// The multiple of bytes to which values are padded.
pub const BUCKET: usize = 16;

const BYTES_MAGIC: &[u8; 4] = b"KTS1";
const NONCE: usize = 24;
const TAG: usize = 16;

/// 192 random bits for one sealing.
pub type Nonce = [u8; NONCE];

/// Where a value stands. A sealed value opens only at its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Identifier of the organisation.
    pub organisation: &'a str,
    /// Identifier of the register.
    pub register: &'a str,
    /// Identifier of the record.
    pub record: &'a str,
    /// Identifier of the line within the record, for a value of a line.
    pub line: Option<&'a str>,
    /// Identifier of the field.
    pub field: &'a str,
}

/// Why a value was not sealed or not opened. Names no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Longer than [`MAX_BYTES`].
    #[error("a value of {length} bytes is too long to be sealed; at most {MAX_BYTES} bytes are")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// Not the form of a sealed value.
    #[error("this is not a sealed value: {reason}")]
    Malformed {
        /// What would be right.
        reason: &'static str,
    },
    /// Sealed with the key of another leaf.
    #[error("the value is sealed with key leaf {sealed}, not {given}")]
    OtherLeaf {
        /// Leaf in the header.
        sealed: u64,
        /// Leaf of the key given.
        given: u64,
    },
    /// Wrong key, wrong place, or altered.
    #[error("the sealed value does not open: it was altered, moved from another place, or sealed with another key")]
    DoesNotOpen,
}

impl From<LeafIdError> for SealError {
    fn from(_: LeafIdError) -> Self {
        Self::Malformed { reason: "the key leaf must be a decimal number below 2^48" }
    }
}

/// Seals `plain`, an attachment say, for `place`.
///
/// # Errors
/// [`SealError::TooLong`].
pub fn seal_bytes(key: &SealingKey, place: &Place<'_>, nonce: &Nonce, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut sealed = Vec::with_capacity(BYTES_MAGIC.len() + 8 + sealed_length(plain.len()));
    sealed.extend_from_slice(BYTES_MAGIC);
    sealed.extend_from_slice(&key.leaf().number().to_be_bytes());
    append_sealed(key, b"bytes", place, nonce, plain, &mut sealed)?;
    Ok(sealed)
}

/// The key leaf that sealed bytes name.
///
/// # Errors
/// [`SealError::Malformed`].
pub fn leaf_of_bytes(sealed: &[u8]) -> Result<LeafId, SealError> {
    Ok(split_bytes(sealed)?.0)
}

/// Opens what [`seal_bytes`] sealed.
///
/// # Errors
/// [`SealError`].
pub fn open_bytes(key: &SealingKey, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (leaf, body) = split_bytes(sealed)?;
    check_leaf(leaf, key)?;
    open(key, b"bytes", place, body)
}

fn split_bytes(sealed: &[u8]) -> Result<(LeafId, &[u8]), SealError> {
    let malformed = SealError::Malformed { reason: "sealed bytes begin with KTS1 and eight bytes of key leaf" };
    let (leaf, body) = sealed.strip_prefix(BYTES_MAGIC).and_then(<[u8]>::split_first_chunk::<8>).ok_or(malformed)?;
    Ok((LeafId::new(u64::from_be_bytes(*leaf))?, body))
}

fn check_leaf(sealed: LeafId, key: &SealingKey) -> Result<(), SealError> {
    if sealed == key.leaf() {
        return Ok(());
    }
    Err(SealError::OtherLeaf { sealed: sealed.number(), given: key.leaf().number() })
}

/// Length of nonce and ciphertext for a value of `plain` bytes.
const fn sealed_length(plain: usize) -> usize {
    NONCE + (plain / BUCKET + 1) * BUCKET + TAG
}

/// Appends nonce and ciphertext. The padded plaintext is encrypted in place, where it would otherwise be left behind.
fn append_sealed(
    key: &SealingKey,
    form: &[u8],
    place: &Place<'_>,
    nonce: &Nonce,
    plain: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), SealError> {
    if plain.len() > MAX_BYTES {
        return Err(SealError::TooLong { length: plain.len() });
    }
    let too_long = |_| SealError::TooLong { length: plain.len() };
    output.reserve_exact(sealed_length(plain.len()));
    output.extend_from_slice(nonce);
    let start = output.len();
    output.extend_from_slice(plain);
    output.push(0x80);
    output.resize(start + (plain.len() / BUCKET + 1) * BUCKET, 0);
    let aad = associated_data(form, key.leaf(), place);
    let (_, padded) = output.split_at_mut(start);
    let tag = cipher(key).encrypt_inout_detached(&(*nonce).into(), &aad, padded.into()).map_err(too_long)?;
    output.extend_from_slice(&tag);
    Ok(())
}

fn open(key: &SealingKey, form: &[u8], place: &Place<'_>, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let malformed = SealError::Malformed { reason: "nonce, padded value and tag make 24 + 16 n + 16 bytes, n from 1" };
    let (nonce, rest) = body.split_first_chunk::<NONCE>().ok_or(malformed)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(malformed)?;
    if ciphertext.is_empty() || ciphertext.len() % BUCKET != 0 {
        return Err(malformed);
    }
    let mut plain = Zeroizing::new(ciphertext.to_vec());
    let aad = associated_data(form, key.leaf(), place);
    cipher(key)
        .decrypt_inout_detached(&(*nonce).into(), &aad, plain.as_mut_slice().into(), &(*tag).into())
        .map_err(|_| SealError::DoesNotOpen)?;
    let length = plain.iter().rposition(|byte| *byte != 0).filter(|end| plain.get(*end) == Some(&0x80));
    plain.truncate(length.ok_or(SealError::DoesNotOpen)?);
    Ok(plain)
}

fn cipher(key: &SealingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.secret().bytes().into())
}

/// Each part with its length before it, so that no two places give the same bytes.
fn associated_data(form: &[u8], leaf: LeafId, place: &Place<'_>) -> Vec<u8> {
    let leaf = leaf.number().to_be_bytes();
    let has_line = [u8::from(place.line.is_some())];
    let parts: [&[u8]; 9] = [
        b"kitei/seal/1",
        form,
        &leaf,
        place.organisation.as_bytes(),
        place.register.as_bytes(),
        place.record.as_bytes(),
        &has_line,
        place.line.unwrap_or_default().as_bytes(),
        place.field.as_bytes(),
    ];
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests;
