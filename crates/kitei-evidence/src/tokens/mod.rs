//! Blind search tokens: finding a sealed text by its bigrams without keeping it, or its bigrams, in the clear.
//!
//! The scheme. For each pair of neighbouring characters of a sealed value the store keeps a row with
//! HMAC(token key, register, field, pair), cut to eight bytes. A search computes the tokens of the asked text and looks
//! for records that have all of them; the few that remain are opened and compared, so a chance collision
//! (eight bytes: one in 1.8 * 10^19 per pair of tokens) or a wrong order of pairs does no harm.
//!
//! How tokens die. One key serves a whole organisation, or a search would have to try each record's key. It lies in
//! the [`crate::keys::KeyState`], never in the database. On erasure the rows of the record are deleted; that leaves them
//! in old backups, free pages and the write-ahead log, where whoever holds the key could still test guesses against
//! them. Therefore the key is rotated with the erasure: [`TokenKey::rotate`] overwrites the previous key, the
//! `epoch` grows by one, and the rows of all remaining records are made anew in the background from their opened
//! values. After that no token of an earlier epoch can be computed by anybody. Rows carry their epoch; while the
//! background work runs, rows of the earlier epoch are not found, which the page has to say.
//!
//! What tokens leak to whoever sees the database without the key: how many different pairs a value has, and which
//! values of one field share pairs. They are meant for names and short texts, not for whole documents.
//!
//! Invariant: the caller normalises (width, case, spaces) before; the same text in gives the same tokens out.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Secret, prf};

/// How many different tokens of one value are kept; a longer text is searchable by its beginning only.
pub const MAX_TOKENS: usize = 2048;

/// A blind token: eight bytes that mean nothing without the token key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token([u8; 8]);

impl Token {
    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// The same bytes as a signed number, for a database that has no unsigned ones.
    #[must_use]
    pub const fn to_i64(self) -> i64 {
        i64::from_be_bytes(self.0)
    }
}

/// The key of all search tokens of an organisation, in its present epoch.
pub struct TokenKey {
    epoch: u32,
    secret: Secret,
}

impl TokenKey {
    pub(crate) const fn new(epoch: u32, secret: Secret) -> Self {
        Self { epoch, secret }
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// How often the key has been rotated.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Replaces the key by `fresh` randomness; the previous key is overwritten.
    pub(crate) fn rotate(&mut self, fresh: Secret) {
        // Assigning drops, and thereby overwrites, the previous secret.
        self.secret = fresh;
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// The tokens of `text` in `field` of `register`, sorted, each once: to be stored, or to be looked for.
    ///
    /// A text of a single character has the token of that character alone; it is found by that character only, as
    /// longer texts are found by two characters or more.
    #[must_use]
    pub fn tokens(&self, register: &str, field: &str, text: &str) -> Vec<Token> {
        let mut found = BTreeSet::new();
        for gram in bigrams(text) {
            if found.len() == MAX_TOKENS {
                break;
            }
            found.insert(self.token(register, field, gram));
        }
        found.into_iter().collect()
    }

    fn token(&self, register: &str, field: &str, gram: &str) -> Token {
        let label: &[u8] = b"kitei/search-token/1";
        let [a, b, c, d, e, f, g, h, ..] =
            prf::mac(&self.secret, &[label, register.as_bytes(), field.as_bytes(), gram.as_bytes()]);
        Token([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenKey(epoch {}, redacted)", self.epoch)
    }
}

/// Every two neighbouring characters of `text`, or its only one.
fn bigrams(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.char_indices().map(|(start, character)| start + character.len_utf8());
    let starts = text.char_indices().map(|(start, _)| start);
    let alone = (text.chars().nth(1).is_none() && !text.is_empty()).then_some(text);
    starts.zip(ends.skip(1)).filter_map(move |(start, end)| text.get(start..end)).chain(alone)
}

#[cfg(test)]
mod tests;
