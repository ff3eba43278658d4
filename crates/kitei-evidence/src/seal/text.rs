//! The text form of a sealed value, which stands in place of the value in records and events.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::{Nonce, Place, SealError, append_sealed, check_leaf, open, sealed_length};
use crate::keys::{LeafId, SealingKey};

const PREFIX: &str = "s1.";

/// A sealed value in the form `s1.<leaf>.<base64url>`, checked for its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedText {
    leaf: LeafId,
    body: Vec<u8>,
}

/// Seals `plain` for `place`.
///
/// # Errors
/// [`SealError::TooLong`].
pub fn seal_text(key: &SealingKey, place: &Place<'_>, nonce: &Nonce, plain: &str) -> Result<SealedText, SealError> {
    let mut body = Vec::with_capacity(sealed_length(plain.len()));
    append_sealed(key, b"text", place, nonce, plain.as_bytes(), &mut body)?;
    Ok(SealedText { leaf: key.leaf(), body })
}

impl SealedText {
    /// Reads the text form; each sealed value has one spelling only.
    ///
    /// # Errors
    /// [`SealError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let malformed = |reason| SealError::Malformed { reason };
        let (leaf, body) = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('.'))
            .ok_or_else(|| malformed("it has the form s1.<key leaf>.<base64url>"))?;
        let leaf = LeafId::parse(leaf)?;
        let body =
            URL_SAFE_NO_PAD.decode(body).map_err(|_| malformed("its third part must be base64url without padding"))?;
        Ok(Self { leaf, body })
    }

    /// The leaf whose key opens the value.
    #[must_use]
    pub const fn leaf(&self) -> LeafId {
        self.leaf
    }

    /// Opens the value.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(&self, key: &SealingKey, place: &Place<'_>) -> Result<Zeroizing<String>, SealError> {
        check_leaf(self.leaf, key)?;
        let mut plain = open(key, b"text", place, &self.body)?;
        // Only text is ever sealed in this form, so bytes that are none were not sealed here.
        let text = String::from_utf8(std::mem::take(&mut *plain)).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            SealError::DoesNotOpen
        })?;
        Ok(Zeroizing::new(text))
    }
}

impl fmt::Display for SealedText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}.{}", self.leaf, URL_SAFE_NO_PAD.encode(&self.body))
    }
}
