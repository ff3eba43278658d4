//! A sentence in the two languages of the product.
//!
//! Invariant: both languages are always present; a sentence never holds a personal value.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A sentence for people, in Japanese and in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The Japanese text.
    pub ja: Cow<'static, str>,
    /// The English text.
    pub en: Cow<'static, str>,
}

impl Wording {
    /// A sentence known when the program is built.
    #[must_use]
    pub const fn fixed(ja: &'static str, en: &'static str) -> Self {
        Self { ja: Cow::Borrowed(ja), en: Cow::Borrowed(en) }
    }

    /// A sentence with figures or dates in it.
    #[must_use]
    pub fn composed(ja: String, en: String) -> Self {
        Self { ja: Cow::Owned(ja), en: Cow::Owned(en) }
    }
}
