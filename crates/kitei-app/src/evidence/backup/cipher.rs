//! The encryption of a backup: XChaCha20-Poly1305 in blocks, the key stretched from a passphrase by Argon2id (RFC 9106).
//!
//! ```text
//! KTBK  version u8  memory u32 (KiB)  passes u32  lanes u32  salt 16 bytes  prefix 19 bytes     big-endian
//! blocks of 65,536 bytes (the last one shorter), each followed by its tag of 16 bytes
//! ```
//!
//! The nonce of a block is the prefix, its number in four bytes, and one byte that is 1 for the last block only (the
//! STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015); the whole head is authenticated with each. So
//! blocks cannot be altered, moved, left out or cut off at the end without being noticed.
//!
//! Invariant: no byte of a block is handed on before the block has been authenticated.

use std::io::{self, BufRead, Read, Write};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, aead::AeadInOut as _};
use zeroize::{Zeroize as _, Zeroizing};

use super::{BackupError, Passphrase};

/// Version of the format.
pub(super) const VERSION: u8 = 1;
/// With these bytes a backup begins.
pub const MAGIC: &[u8; 4] = b"KTBK";
const HEAD: usize = 4 + 1 + 12 + 16 + 19;
const BLOCK: usize = 64 * 1024;
const TAG: usize = 16;
/// More than this no head may ask for, or a strange file could use up the machine: 1 GiB, passes, lanes.
const MOST: Cost = Cost { memory: 1024 * 1024, passes: 64, lanes: 16 };

/// What stretching the passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// 64 MiB, three passes, four lanes: the second recommendation of RFC 9106, section 4.
    fn default() -> Self {
        Self { memory: 64 * 1024, passes: 3, lanes: 4 }
    }
}

/// Randomness for one file: salt and nonce prefix.
pub(super) type Fresh = [u8; 16 + 19];

struct Blocks {
    cipher: XChaCha20Poly1305,
    head: [u8; HEAD],
    number: u32,
}

impl Blocks {
    fn new(head: [u8; HEAD], cost: Cost, passphrase: &Passphrase) -> Result<Self, BackupError> {
        let within = cost.memory <= MOST.memory && cost.passes <= MOST.passes && cost.lanes <= MOST.lanes;
        let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).ok().filter(|_| within);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.ok_or(BackupError::Cost)?);
        let salt = head.get(17..33).unwrap_or_default();
        let mut key = Zeroizing::new([0_u8; 32]);
        argon2.hash_password_into(&passphrase.0, salt, key.as_mut_slice()).map_err(|_| BackupError::Cost)?;
        let cipher = XChaCha20Poly1305::new((&*key).into());
        Ok(Self { cipher, head, number: 0 })
    }

    /// The nonce of the next block; nothing after 2^32 blocks (256 TiB).
    fn nonce(&mut self, last: bool) -> Option<[u8; 24]> {
        let mut nonce = [0_u8; 24];
        let (prefix, rest) = nonce.split_at_mut(19);
        prefix.copy_from_slice(self.head.get(33..)?);
        let (number, end) = rest.split_at_mut(4);
        number.copy_from_slice(&self.number.to_be_bytes());
        end.fill(u8::from(last));
        self.number = self.number.checked_add(1)?;
        Some(nonce)
    }
}

/// Encrypts what is written to it.
pub(super) struct Sealer<W> {
    output: W,
    blocks: Blocks,
    block: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Writes the head.
    pub(super) fn new(mut output: W, passphrase: &Passphrase, cost: Cost, fresh: &Fresh) -> io::Result<Self> {
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(MAGIC);
        head.push(VERSION);
        for number in [cost.memory, cost.passes, cost.lanes] {
            head.extend_from_slice(&number.to_be_bytes());
        }
        head.extend_from_slice(fresh);
        let head = <[u8; HEAD]>::try_from(head).map_err(|_| io::ErrorKind::InvalidInput)?;
        output.write_all(&head)?;
        let blocks = Blocks::new(head, cost, passphrase).map_err(io::Error::other)?;
        Ok(Self { output, blocks, block: Vec::with_capacity(BLOCK + TAG) })
    }

    fn flush_block(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.blocks.nonce(last).ok_or(io::ErrorKind::FileTooLarge)?;
        let sealed = self.blocks.cipher.encrypt_inout_detached(
            &nonce.into(),
            &self.blocks.head,
            self.block.as_mut_slice().into(),
        );
        let tag = sealed.map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.output.write_all(&self.block)?;
        self.output.write_all(&tag)?;
        self.block.clear();
        Ok(())
    }

    /// Writes the last block and gives the output back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush_block(true)?;
        self.output.flush()?;
        Ok(self.output)
    }

    /// Takes more to encrypt.
    pub(super) fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // A full block is written only when more follows, because the last one is marked.
            if self.block.len() == BLOCK {
                self.flush_block(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }
}

/// Decrypts while it is read.
pub(super) struct Opener<R> {
    input: R,
    blocks: Blocks,
    block: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R: BufRead> Opener<R> {
    /// Reads the head.
    pub(super) fn new(mut input: R, passphrase: &Passphrase) -> Result<Self, BackupError> {
        let mut head = [0_u8; HEAD];
        input.read_exact(&mut head).map_err(|_| BackupError::NotABackup)?;
        if head.get(..4) != Some(MAGIC.as_slice()) {
            return Err(BackupError::NotABackup);
        }
        match head.get(4) {
            Some(&VERSION) => {}
            found => return Err(BackupError::Version { found: found.copied().unwrap_or_default() }),
        }
        let number = |at: usize| {
            let bytes = head.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
            u32::from_be_bytes(bytes.unwrap_or_default())
        };
        let cost = Cost { memory: number(5), passes: number(9), lanes: number(13) };
        let blocks = Blocks::new(head, cost, passphrase)?;
        Ok(Self { input, blocks, block: Vec::new(), taken: 0, ended: false })
    }

    fn next_block(&mut self) -> io::Result<()> {
        self.block.zeroize();
        self.taken = 0;
        let wanted = (BLOCK + TAG) as u64;
        (&mut self.input).take(wanted).read_to_end(&mut self.block)?;
        self.ended = self.input.fill_buf()?.is_empty();
        let number = u64::from(self.blocks.number);
        let wrong = || io::Error::other(BackupError::DoesNotOpen { block: number });
        let nonce = self.blocks.nonce(self.ended).ok_or_else(wrong)?;
        let length = self.block.len().checked_sub(TAG).ok_or_else(wrong)?;
        let tag = <[u8; TAG]>::try_from(self.block.split_off(length)).map_err(|_| wrong())?;
        let Blocks { cipher, head, .. } = &self.blocks;
        let opened = cipher.decrypt_inout_detached(&nonce.into(), head, self.block.as_mut_slice().into(), &tag.into());
        if opened.is_err() {
            self.block.clear();
            return Err(wrong());
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Opener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.block.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_block()?;
        }
        let left = self.block.get(self.taken..).unwrap_or_default();
        let count = left.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), left.get(..count)) {
            to.copy_from_slice(from);
        }
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

    fn passphrase(words: &str) -> Passphrase {
        Passphrase::parse(words.as_bytes()).unwrap()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), &passphrase("correct horse battery"), CHEAP, &[7; 35]).unwrap();
        for part in plain.chunks(1000) {
            sealer.write_all(part).unwrap();
        }
        sealer.finish().unwrap()
    }

    fn opened(bytes: &[u8], words: &str) -> Result<Vec<u8>, String> {
        let mut opener = Opener::new(bytes, &passphrase(words)).map_err(|error| error.to_string())?;
        let mut plain = Vec::new();
        opener.read_to_end(&mut plain).map_err(|error| error.to_string())?;
        Ok(plain)
    }

    #[test]
    fn what_is_sealed_opens_at_every_length_around_a_block() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 5] {
            let plain: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            assert_eq!(opened(&sealed(&plain), "correct horse battery").unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn cut_moved_altered_or_strange_files_do_not_open() {
        let plain = vec![5; 2 * BLOCK + 100];
        let good = sealed(&plain);
        let (head, block) = (HEAD, BLOCK + TAG);
        let swapped = [
            &good[..head],
            &good[head + block..head + 2 * block],
            &good[head..head + block],
            &good[head + 2 * block..],
        ]
        .concat();
        let mut flipped = good.clone();
        flipped[head + 10] ^= 1;
        let mut dearer = good.clone();
        dearer[5] = 0xff;
        for (what, bytes, problem) in [
            ("cut at a block", good[..head + block].to_vec(), "block 0"),
            ("cut within a block", good[..good.len() - 1].to_vec(), "block 2"),
            ("moved", swapped, "block 0"),
            ("altered", flipped, "block 0"),
            ("a head that asks for too much", dearer, "out of range"),
            ("longer", [good.as_slice(), b"x"].concat(), "block 2"),
            ("no backup", b"SQLite format 3, and more than a head of bytes, which is fifty-two".to_vec(), "KTBK"),
            ("nothing", Vec::new(), "KTBK"),
        ] {
            let error = opened(&bytes, "correct horse battery").unwrap_err();
            assert!(error.contains(problem), "{what}: {error}");
        }
        assert!(opened(&good, "another passphrase").unwrap_err().contains("block 0"));
        assert!(Passphrase::parse(b"short\nlonger second line").is_err());
    }

    /// What a stranger may send: a head changed anywhere, and a file cut anywhere.
    #[test]
    fn no_changed_head_and_no_cut_file_opens() {
        let good = sealed(b"plain");
        for at in 0..HEAD {
            for change in [1, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[at] ^= change;
                assert!(opened(&bytes, "correct horse battery").is_err(), "{at} {change}");
            }
        }
        for length in 0..good.len() {
            assert!(opened(&good[..length], "correct horse battery").is_err(), "{length}");
        }
    }
}
