//! The one pseudo-random function of this crate: HMAC-SHA-256 (RFC 2104, FIPS 198-1).
//!
//! Invariant: every message is a list of parts, each preceded by its length, so that two different lists never give
//! the same input ("ab","c" is not "a","bc").

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::Secret;

/// HMAC-SHA-256 of the framed `parts` under `key`, as a new secret.
pub(crate) fn derive(key: &Secret, parts: &[&[u8]]) -> Secret {
    let mut output = mac(key, parts);
    Secret::take(&mut output)
}

/// HMAC-SHA-256 of the framed `parts` under `key`, as plain bytes for values that are meant to be seen.
pub(crate) fn mac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    // A key shorter than the block is padded with zeros by definition of HMAC; giving the whole block keeps the
    // constructor infallible.
    let mut block = [0_u8; 64];
    block[..32].copy_from_slice(key.bytes());
    let mut hmac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    for part in parts {
        hmac.update(&(part.len() as u64).to_be_bytes());
        hmac.update(part);
    }
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::{derive, mac};
    use crate::Secret;

    #[test]
    fn framing_keeps_lists_apart() {
        let key = Secret::take(&mut [7; 32]);
        assert_ne!(mac(&key, &[b"ab", b"c"]), mac(&key, &[b"a", b"bc"]));
        assert_ne!(mac(&key, &[b"ab"]), mac(&key, &[b"ab", b""]));
        assert_eq!(&mac(&key, &[b"ab"]), derive(&key, &[b"ab"]).bytes());
    }

    /// RFC 2104 defines a short key as zero-padded to the block; an independent construction of the same value.
    #[test]
    fn rfc_2104_definition() {
        use sha2::{Digest, Sha256};
        let key = [9_u8; 32];
        let mut inner = [0x36_u8; 64];
        let mut outer = [0x5c_u8; 64];
        for (position, byte) in key.iter().enumerate() {
            inner[position] ^= byte;
            outer[position] ^= byte;
        }
        let mut message = Vec::from(3_u64.to_be_bytes());
        message.extend_from_slice(b"abc");
        let inside = Sha256::new().chain_update(inner).chain_update(&message).finalize();
        let expected: [u8; 32] = Sha256::new().chain_update(outer).chain_update(inside).finalize().into();
        assert_eq!(mac(&Secret::take(&mut key.clone()), &[b"abc"]), expected);
    }
}
