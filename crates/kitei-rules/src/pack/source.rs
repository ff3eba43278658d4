//! The files of a pack as bytes, their bounds, and the one canonical listing that is hashed and kept as evidence.
//!
//! Serves the rule that adopted pack bytes are in the log by content: two packs are the same exactly when their
//! canonical listings are.
//!
//! Invariant: no I/O here. The caller reads the directory and gives the bytes.
//! Invariant: `from_canonical(canonical(files)) == files`; a listing that was changed by one byte in its lengths is refused.

use std::collections::BTreeMap;

use super::{
    diagnostic::{Diagnostic, Spot, say},
    model::Text,
};

/// Largest file of a pack, in bytes (4 MiB).
pub const FILE_BYTES: usize = 4 << 20;
/// Largest pack, in bytes (32 MiB).
pub const PACK_BYTES: usize = 32 << 20;
/// Most files of a pack.
pub const PACK_FILES: usize = 2_000;

/// First line of the canonical listing; its number changes when the form does.
const HEAD: &[u8] = b"kitei-pack/1\n";

/// The files of one pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackFiles {
    /// Name of the pack's directory, which must be the `id` in `pack.toml`.
    pub id: String,
    /// Relative path with `/` → bytes.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl PackFiles {
    /// Mistakes of size: a file, the pack or the number of files beyond its bound.
    pub(super) fn bounds(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let whole = || Spot::file(&self.id, "pack.toml");
        if self.files.len() > PACK_FILES {
            found.push(whole().error(
                "pack-too-large",
                say(
                    format!("ファイルが{}個あります。", self.files.len()),
                    format!("the pack has {} files", self.files.len()),
                ),
                say(format!("{PACK_FILES}個までにする。"), format!("at most {PACK_FILES} files")),
            ));
        }
        let total: usize = self.files.values().map(Vec::len).sum();
        if total > PACK_BYTES {
            found.push(whole().error(
                "pack-too-large",
                say(format!("全体が{total}バイトあります。"), format!("the pack has {total} bytes")),
                say(format!("{PACK_BYTES}バイトまでにする。"), format!("at most {PACK_BYTES} bytes")),
            ));
        }
        for (path, bytes) in self.files.iter().filter(|(_, bytes)| bytes.len() > FILE_BYTES) {
            found.push(Spot::file(&self.id, path).error(
                "file-too-large",
                say(format!("{}バイトあります。", bytes.len()), format!("the file has {} bytes", bytes.len())),
                say(format!("{FILE_BYTES}バイトまでにする。"), format!("at most {FILE_BYTES} bytes")),
            ));
        }
        found
    }
}

/// The text of a file, or the mistake at the line where it stops being UTF-8.
pub(super) fn text_of<'f>(pack: &str, path: &str, bytes: &'f [u8]) -> Result<&'f str, Box<Diagnostic>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = u32::try_from(good.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap_or(u32::MAX);
        Box::new(Spot { line, ..Spot::file(pack, path) }.error(
            "not-utf8",
            Text { ja: "UTF-8の文字ではありません。".into(), en: "these bytes are not UTF-8".into() },
            Text { ja: "UTF-8で保存する。".into(), en: "save the file as UTF-8".into() },
        ))
    })
}

/// The pack as one run of bytes: every file in the order of its path, each with the lengths of path and content.
///
/// Hashing this names the pack by content. The directory's name is part of it.
#[must_use]
pub fn canonical(files: &PackFiles) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    write_part(&mut out, files.id.as_bytes());
    for (path, bytes) in &files.files {
        write_part(&mut out, path.as_bytes());
        write_part(&mut out, bytes);
    }
    out
}

fn write_part(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(format!("{}:", part.len()).as_bytes());
    out.extend_from_slice(part);
    out.push(b'\n');
}

/// Why a canonical listing could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// It does not begin as one.
    #[error("this is not a canonical pack listing (its first line must be `kitei-pack/1`)")]
    Head,
    /// A length or what follows it is not as it must be.
    #[error("the listing is damaged at byte {at}")]
    Damaged {
        /// Offset in bytes.
        at: usize,
    },
    /// Paths are not in rising order, so it was not written by [`canonical`].
    #[error("the paths are not in order at byte {at}")]
    Order {
        /// Offset in bytes.
        at: usize,
    },
}

/// Reads what [`canonical`] wrote.
///
/// # Errors
/// [`ListingError`] says where it is damaged. Only the exact bytes that [`canonical`] writes are accepted.
pub fn from_canonical(bytes: &[u8]) -> Result<PackFiles, ListingError> {
    let mut at = HEAD.len();
    if !bytes.starts_with(HEAD) {
        return Err(ListingError::Head);
    }
    let id = text_part(bytes, &mut at)?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while at < bytes.len() {
        let start = at;
        let path = text_part(bytes, &mut at)?;
        let content = read_part(bytes, &mut at)?.to_vec();
        if files.last_key_value().is_some_and(|(last, _)| *last >= path) {
            return Err(ListingError::Order { at: start });
        }
        files.insert(path, content);
    }
    Ok(PackFiles { id, files })
}

fn text_part(bytes: &[u8], at: &mut usize) -> Result<String, ListingError> {
    let start = *at;
    let part = read_part(bytes, at)?;
    std::str::from_utf8(part).map(str::to_owned).map_err(|_| ListingError::Damaged { at: start })
}

fn read_part<'b>(bytes: &'b [u8], at: &mut usize) -> Result<&'b [u8], ListingError> {
    let damaged = ListingError::Damaged { at: *at };
    let rest = bytes.get(*at..).ok_or(damaged)?;
    let colon = rest.iter().take(20).position(|byte| *byte == b':').ok_or(damaged)?;
    let digits = rest.get(..colon).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or(damaged)?;
    let length: usize = digits.parse().map_err(|_| damaged)?;
    if length.to_string() != digits {
        return Err(damaged);
    }
    let start = colon + 1;
    let end = start.checked_add(length).ok_or(damaged)?;
    let part = rest.get(start..end).ok_or(damaged)?;
    if rest.get(end) != Some(&b'\n') {
        return Err(damaged);
    }
    *at += end + 1;
    Ok(part)
}
