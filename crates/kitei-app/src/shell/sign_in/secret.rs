//! Secrets: how they are drawn, shown once, written by hand, hashed and compared.
//!
//! Invariant: nothing here has a `Debug` or `Display` that shows a secret; memory is overwritten when it is dropped.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kitei_rules::password::spelling;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::context::{NoRandomness, Random};

/// A password as somebody typed it, in the one spelling that is checked and stretched (NFKC).
#[derive(Clone)]
pub struct Typed(Arc<Zeroizing<String>>);

impl Typed {
    /// Takes what was typed and overwrites the caller's copy.
    #[must_use]
    pub fn new(mut typed: String) -> Self {
        let spelled = spelling(&typed);
        typed.zeroize();
        Self(Arc::new(Zeroizing::new(spelled)))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(redacted)")
    }
}

/// A secret that is shown to a person, or given to a browser, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(Zeroizing<String>);

impl Shown {
    pub(super) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret: for the page, the terminal, the cookie or the mail that it belongs to, and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(redacted)")
    }
}

/// A key for message authentication codes (HMAC-SHA-256, RFC 2104).
pub struct MacKey(Zeroizing<[u8; 32]>);

impl MacKey {
    /// The key of an organisation's form tokens, known browsers and hidden login names.
    ///
    /// # Errors
    /// The organisation's own key cannot sign.
    pub fn of(organization: &crate::kernel::Organization) -> Result<Self, crate::kernel::Fault> {
        Ok(Self::take(&mut organization.secret("sign-in")?))
    }

    /// Takes 32 random bytes and overwrites the caller's copy.
    #[must_use]
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let key = Self(Zeroizing::new(*bytes));
        bytes.zeroize();
        key
    }

    /// The code of a list of parts; each is preceded by its length, so that different lists never read the same.
    pub(super) fn code(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut block = Zeroizing::new([0_u8; 64]);
        block[..32].copy_from_slice(self.0.as_slice());
        let mut mac = Hmac::<Sha256>::new(&(*block).into());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The code as text.
    pub(super) fn text(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.code(parts))
    }

    /// Whether the text is the code of the parts, in the same time whatever it is.
    pub(super) fn matches(&self, parts: &[&[u8]], text: &str) -> bool {
        same(self.text(parts).as_bytes(), text.as_bytes())
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(redacted)")
    }
}

/// Whether two byte strings are the same, in a time that depends on their lengths alone.
pub(super) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// So many random bytes.
pub(super) fn draw<const N: usize>(random: &Random) -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0_u8; N]);
    random(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// A secret of 256 bits for links and cookies.
pub(super) fn token(random: &Random) -> Result<Shown, NoRandomness> {
    Ok(Shown::new(URL_SAFE_NO_PAD.encode(draw::<32>(random)?.as_slice())))
}

/// The alphabet of codes that people copy by hand (Crockford): no I, L, O, U.
const BY_HAND: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The alphabet of RFC 4648, which authenticator programs read.
const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret of `N` bytes that people copy by hand, in groups of four.
pub(super) fn code_by_hand<const N: usize>(random: &Random) -> Result<Shown, NoRandomness> {
    let plain = Zeroizing::new(base32(draw::<N>(random)?.as_slice(), BY_HAND));
    Ok(Shown::new(groups(&plain)))
}

/// The text of bytes in the alphabet of RFC 4648, without padding.
pub(super) fn rfc_4648(bytes: &[u8]) -> String {
    base32(bytes, RFC_4648)
}

/// A text in groups of four characters.
pub(super) fn groups(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What somebody copied by hand in its one spelling: no separators, upper case, O is 0, I and L are 1.
pub(super) fn read_by_hand(typed: &str) -> Zeroizing<String> {
    let spelled = Zeroizing::new(spelling(typed));
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    Zeroizing::new(spelled.chars().filter(char::is_ascii_alphanumeric).map(letter).collect())
}

fn base32(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut waiting, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        waiting = (waiting << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(alphabet[(waiting >> bits & 31) as usize]));
        }
        waiting &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(alphabet[(waiting << (5 - bits) & 31) as usize]));
    }
    text
}

/// The hash under which a random secret is kept. A plain hash is enough: 80 bits or more cannot be guessed.
pub(super) fn hash(purpose: &str, secret: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((purpose.len() as u64).to_be_bytes());
    hash.update(purpose.as_bytes());
    hash.update(secret.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_section_10() {
        for (given, written) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(rfc_4648(given.as_bytes()), written);
        }
    }

    #[test]
    fn codes_are_read_as_people_copy_them() {
        let random: &Random = &|bytes| {
            bytes.fill(0x5A);
            Ok(())
        };
        let code = code_by_hand::<10>(random).unwrap();
        assert_eq!(code.reveal(), "B9D5-MPJT-B9D5-MPJT");
        for typed in ["B9D5-MPJT-B9D5-MPJT", " b9d5 mpjt b9d5 mpjt ", "ｂ９ｄ５－ｍｐｊｔ－ｂ９ｄ５－ｍｐｊｔ"]
        {
            assert_eq!(*read_by_hand(typed), "B9D5MPJTB9D5MPJT");
        }
        assert_eq!(*read_by_hand("oil-OIL"), "011011");
        assert_eq!(format!("{code:?} {:?}", Typed::new("secret".into())), "Shown(redacted) Typed(redacted)");
    }
}
