//! Signed notes (C2SP signed-note): a text, an empty line, and one line per signature; and the keys that make them.
//!
//! Only Ed25519 (algorithm byte 0x01) is made and checked; lines of other keys are carried along untouched, as the
//! specification asks.
//!
//! Invariant: [`SignedNote::parse`] takes bytes from outside; it is bounded in length and lines and never panics.
//! Invariant: a secret key is never displayed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;

use crate::{Digest, Secret};

/// The longest note that is read, in bytes.
pub const MAX_NOTE: usize = 64 * 1024;

/// The most signature lines that are read.
pub const MAX_SIGNATURES: usize = 16;

/// The longest name of a key, in bytes.
pub const MAX_KEY_NAME: usize = 256;

const ED25519: u8 = 0x01;
const DASH: &str = "\u{2014} ";

/// Why a key or a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The name of a key breaks the rules of C2SP signed-note.
    #[error("the name of a key must have 1 to {MAX_KEY_NAME} bytes and neither spaces, control characters nor '+'")]
    KeyName,
    /// A verifier key is not of the form `name+hash+key`.
    #[error("a verifier key has the form name+hash+base64: {reason}")]
    VerifierKey {
        /// Which part is wrong and what would be right.
        reason: &'static str,
    },
    /// The note is not well formed.
    #[error("the signed note is malformed: {reason}")]
    Malformed {
        /// What is wrong and what would be right.
        reason: &'static str,
    },
    /// No line is by this key.
    #[error("the note carries no signature by {name}")]
    NotSigned {
        /// Name of the key that was looked for.
        name: String,
    },
    /// A line claims to be by this key and is not.
    #[error("the signature by {name} does not belong to this text and key")]
    WrongSignature {
        /// Name of the key.
        name: String,
    },
}

const fn malformed(reason: &'static str) -> NoteError {
    NoteError::Malformed { reason }
}

/// The key that signs checkpoints. Its name is public, its seed is not.
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// The public half of a [`SigningKey`], in the text form that outsiders keep: `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: ed25519_dalek::VerifyingKey,
}

impl SigningKey {
    /// The key of this name from a 256-bit random seed (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// [`NoteError::KeyName`].
    pub fn new(name: &str, seed: &Secret) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), key: ed25519_dalek::SigningKey::from_bytes(seed.bytes()) })
    }

    /// The public half.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// Signs a text of one or more lines.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] when `text` could not be the text of a note: it must end with a line break and hold
    /// no other control characters.
    pub fn sign(&self, text: String) -> Result<SignedNote, NoteError> {
        check_text(&text)?;
        let signature = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        let line = Signature { name: self.name.clone(), hash: self.verifier_key().hash(), signature };
        Ok(SignedNote { text, signatures: vec![line] })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({}, redacted)", self.name)
    }
}

impl VerifierKey {
    /// The name, which stands in each signature line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name ‖ line break ‖ 0x01 ‖ key), which tell keys of one name apart.
    #[must_use]
    pub fn hash(&self) -> [u8; 4] {
        let input = [self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes().as_slice()].concat();
        let [first, second, third, fourth, ..] = *Digest::of(&input).as_bytes();
        [first, second, third, fourth]
    }

    /// Reads `name+hash+base64`.
    ///
    /// # Errors
    /// [`NoteError`] naming the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let wrong = |reason| NoteError::VerifierKey { reason };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("three parts are joined by '+'"));
        };
        check_name(name)?;
        let key = STANDARD.decode(key).map_err(|_| wrong("the third part must be base64 with padding"))?;
        let Some((&ED25519, key)) = key.split_first() else {
            return Err(wrong("the key must begin with the algorithm byte 0x01 (Ed25519)"));
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| wrong("an Ed25519 key has 32 bytes"))?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(key)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or_else(|| wrong("the 32 bytes are no usable Ed25519 key"))?;
        let parsed = Self { name: name.to_owned(), key };
        if hex::encode(parsed.hash()) != hash {
            return Err(wrong(
                "the second part must be the hash of name and key, eight lower-case hexadecimal characters",
            ));
        }
        Ok(parsed)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(formatter, "{}+{}+{}", self.name, hex::encode(self.hash()), STANDARD.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifierKey({self})")
    }
}

/// A text with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    hash: [u8; 4],
    signature: Vec<u8>,
}

impl SignedNote {
    /// The signed text, its last line break included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads a note: its form only; [`SignedNote::verify`] says whether to believe it.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(note: &[u8]) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(malformed("it is longer than 64 KiB"));
        }
        let note = str::from_utf8(note).map_err(|_| malformed("it must be UTF-8"))?;
        let blank = note.rfind("\n\n").ok_or_else(|| malformed("an empty line must stand before the signatures"))?;
        let (text, after) = note.split_at(blank + 1);
        check_text(text)?;
        let lines = after
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or_else(|| malformed("the last signature line must end with a line break"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(malformed("it has more than 16 signature lines"));
            }
            signatures.push(Signature::parse(line)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Checks that the text is signed by `key` (RFC 8032, strict verification).
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] without a line by this key, [`NoteError::WrongSignature`] when such a line is wrong.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        let hash = key.hash();
        let mut signed = false;
        for line in self.signatures.iter().filter(|line| line.name == key.name && line.hash == hash) {
            ed25519_dalek::Signature::from_slice(&line.signature)
                .and_then(|signature| key.key.verify_strict(self.text.as_bytes(), &signature))
                .map_err(|_| NoteError::WrongSignature { name: key.name.clone() })?;
            signed = true;
        }
        if signed { Ok(()) } else { Err(NoteError::NotSigned { name: key.name.clone() }) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        for line in &self.signatures {
            let bytes = [line.hash.as_slice(), line.signature.as_slice()].concat();
            writeln!(formatter, "{DASH}{} {}", line.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

impl Signature {
    fn parse(line: &str) -> Result<Self, NoteError> {
        let (name, encoded) = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.split_once(' '))
            .ok_or_else(|| malformed("a signature line is '\u{2014} name base64'"))?;
        check_name(name)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| malformed("a signature must be base64 with padding"))?;
        let (hash, signature) = bytes
            .split_first_chunk::<4>()
            .filter(|(_, signature)| !signature.is_empty())
            .ok_or_else(|| malformed("a signature must hold more than the four bytes of its key's hash"))?;
        Ok(Self { name: name.to_owned(), hash: *hash, signature: signature.to_vec() })
    }
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let allowed = |character: char| !character.is_whitespace() && !character.is_control() && character != '+';
    if (1..=MAX_KEY_NAME).contains(&name.len()) && name.chars().all(allowed) { Ok(()) } else { Err(NoteError::KeyName) }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_NOTE {
        return Err(malformed("its text is longer than 64 KiB"));
    }
    if !text.ends_with('\n') {
        return Err(malformed("its text must end with a line break"));
    }
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(malformed("its text may hold no control character but the line break"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
