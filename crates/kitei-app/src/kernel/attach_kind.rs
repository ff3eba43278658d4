//! What a file is, by its content: its name only has to agree.
//!
//! Issue part 4 (attachments: type limits). A page, a drawing with script or a program that calls itself a picture is
//! refused, because the content decides; what is kept is served as a download and never as a page (`web::attachments`).
//!
//! Invariant: a kind that a browser would run is not in the table.

use std::collections::BTreeSet;

use kitei_rules::pack::model::Text;

/// A kind of file that may be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the configuration.
    pub id: &'static str,
    /// Media type.
    pub media_type: &'static str,
    /// Endings that names may have.
    pub endings: &'static [&'static str],
    /// Whether the download may say its media type; others are plain bytes to a browser.
    pub named: bool,
}

const fn kind(id: &'static str, media_type: &'static str, endings: &'static [&'static str], named: bool) -> Kind {
    Kind { id, media_type, endings, named }
}

/// Every kind that can be told by its content.
pub const KINDS: &[Kind] = &[
    kind("pdf", "application/pdf", &["pdf"], true),
    kind("png", "image/png", &["png"], true),
    kind("jpeg", "image/jpeg", &["jpg", "jpeg"], true),
    kind("gif", "image/gif", &["gif"], true),
    kind("webp", "image/webp", &["webp"], true),
    kind("heic", "image/heic", &["heic", "heif"], false),
    kind("tiff", "image/tiff", &["tif", "tiff"], false),
    kind("video", "video/mp4", &["mp4", "mov", "m4v"], false),
    kind("word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], false),
    kind("excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], false),
    kind("powerpoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"], false),
    kind("opendocument", "application/vnd.oasis.opendocument", &["odt", "ods", "odp"], false),
    kind("old-office", "application/x-ole-storage", &["doc", "xls", "ppt", "msg"], false),
    kind("zip", "application/zip", &["zip"], false),
    kind("text", "text/plain", &["txt", "csv", "tsv", "log", "md", "eml", "json", "ics"], false),
];

/// How large a file may be, and which kinds are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one file.
    pub most: usize,
    /// Ids of [`KINDS`].
    pub kinds: BTreeSet<&'static str>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { most: 20 << 20, kinds: KINDS.iter().map(|kind| kind.id).collect() }
    }
}

impl Limits {
    /// Most bytes of any file, whatever is configured: files are sealed in memory.
    pub const HIGHEST: usize = kitei_evidence::seal::MAX_BYTES;

    /// Kinds from a list such as `pdf, png`.
    ///
    /// # Errors
    /// The first name that is no kind.
    pub fn kinds_of(list: &str) -> Result<BTreeSet<&'static str>, String> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        names
            .map(|name| KINDS.iter().find(|kind| kind.id == name).map(|kind| kind.id).ok_or_else(|| name.to_owned()))
            .collect()
    }

    /// The endings that are taken, in the order of the table.
    #[must_use]
    pub fn endings(&self) -> Vec<&'static str> {
        let taken = KINDS.iter().filter(|kind| self.kinds.contains(kind.id));
        taken.flat_map(|kind| kind.endings.iter().copied()).collect()
    }

    /// Sizes and kinds in words.
    #[must_use]
    pub fn words(&self) -> Text {
        let (size, endings) = (size_words(self.most), self.endings().join("、"));
        Text {
            ja: format!("1つ{size}まで。{endings}"),
            en: format!("Up to {size} each: {}", self.endings().join(", ")),
        }
    }

    /// The kind of a file, judged by its content.
    ///
    /// # Errors
    /// [`Unfit`] with what is wrong.
    pub fn judge(&self, name: &str, bytes: &[u8]) -> Result<&'static Kind, Unfit> {
        if bytes.is_empty() {
            return Err(Unfit::Empty);
        }
        if bytes.len() > self.most.min(Self::HIGHEST) {
            return Err(Unfit::TooLarge { most: self.most });
        }
        let Some(found) = by_content(bytes).filter(|kind| self.kinds.contains(kind.id)) else {
            return Err(Unfit::Kind { taken: self.endings() });
        };
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        if found.endings.contains(&ending.as_str()) {
            Ok(found)
        } else {
            Err(Unfit::OtherName { ending, found: found.endings })
        }
    }
}

/// Why a file is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing in it.
    Empty,
    /// More bytes than are taken.
    TooLarge {
        /// Most bytes.
        most: usize,
    },
    /// No kind that is taken.
    Kind {
        /// Endings that are.
        taken: Vec<&'static str>,
    },
    /// It is not what its name says.
    OtherName {
        /// Ending of its name.
        ending: String,
        /// Endings that its content would have.
        found: &'static [&'static str],
    },
}

impl Unfit {
    /// What is wrong and what would be right.
    #[must_use]
    pub fn words(&self) -> Text {
        let (ja, en) = match self {
            Self::Empty => (
                "ファイルが空（0バイト）です。中身のあるファイルを選んでください。".to_owned(),
                "The file is empty (0 bytes); choose one that holds something.".to_owned(),
            ),
            Self::TooLarge { most } => {
                let size = size_words(*most);
                (
                    format!("ファイルが大きすぎます。{size}までのファイルにしてください。"),
                    format!("The file is too large; {size} at most."),
                )
            }
            Self::Kind { taken } => (
                format!("中身がこの種類のファイルではないので添付できません。添付できるもの：{}", taken.join("、")),
                format!("By its content it is no file that is taken: {}", taken.join(", ")),
            ),
            Self::OtherName { ending, found } => (
                format!("名前の末尾「{ending}」と中身が合いません。中身は {} です。", found.join("、")),
                format!("Its name ends in \"{ending}\", but by its content it is {}.", found.join(", ")),
            ),
        };
        Text { ja, en }
    }
}

/// A size as people write it.
#[must_use]
pub fn size_words(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MB", bytes.div_ceil(104_858) as f64 / 10.0),
    }
}

fn by_content(bytes: &[u8]) -> Option<&'static Kind> {
    let id = match bytes {
        _ if bytes.starts_with(b"%PDF-") => "pdf",
        _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => "png",
        _ if bytes.starts_with(b"\xff\xd8\xff") => "jpeg",
        _ if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") => "gif",
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => "webp",
        _ if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") => "tiff",
        _ if bytes.get(4..8) == Some(b"ftyp") => match bytes.get(8..12) {
            Some(b"heic" | b"heix" | b"heif" | b"mif1" | b"msf1") => "heic",
            _ => "video",
        },
        _ if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => "old-office",
        _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") => zipped(bytes),
        _ if is_text(bytes) => "text",
        _ => return None,
    };
    KINDS.iter().find(|kind| kind.id == id)
}

/// What a zip file holds: the names of its members stand in it in clear.
fn zipped(bytes: &[u8]) -> &'static str {
    let holds = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    match bytes {
        _ if holds(b"word/document.xml") => "word",
        _ if holds(b"xl/workbook.xml") || holds(b"xl/workbook.bin") => "excel",
        _ if holds(b"ppt/presentation.xml") => "powerpoint",
        _ if bytes.get(30..80).is_some_and(|head| head.starts_with(b"mimetypeapplication/vnd.oasis.opendocument")) => {
            "opendocument"
        }
        _ => "zip",
    }
}

/// Plain text in any encoding, and neither markup nor a program.
fn is_text(bytes: &[u8]) -> bool {
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    if !wide && body.iter().any(control) {
        return false;
    }
    // In both orders of UTF-16 a Latin letter is its byte and a zero.
    let letters: Vec<u8> =
        body.iter().skip(if wide { 2 } else { 0 }).copied().filter(|byte| *byte != 0).take(4096).collect();
    let start = letters.trim_ascii_start();
    !start.starts_with(b"<") && !start.starts_with(b"#!")
}

/// A name without its path, without what cannot be seen, and no longer than names are.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| !hidden(*c)).collect();
    let plain = seen.trim().trim_matches('.').trim();
    if plain.is_empty() {
        return "file".to_owned();
    }
    if plain.chars().count() <= LONGEST {
        return plain.to_owned();
    }
    // The ending says what it is, so it stays.
    let ending = plain.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.len() <= 8);
    let kept: String = plain.chars().take(LONGEST - 10).collect();
    ending.map_or_else(|| kept.clone(), |ending| format!("{kept}….{ending}"))
}

/// Most characters of a name.
const LONGEST: usize = 150;

/// Control characters, and those that turn the direction of writing round (`exe.gnp` shown as `png.exe` backwards).
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn the_content_decides() {
        let limits = Limits::default();
        let found = |name: &str, bytes: &[u8]| limits.judge(name, bytes).map(|kind| kind.id);
        for (name, bytes, id) in [
            ("写真.PNG", PNG, "png"),
            ("a.pdf", b"%PDF-1.7\n".as_slice(), "pdf"),
            ("a.jpg", b"\xff\xd8\xff\xe0", "jpeg"),
            ("a.txt", "受付簿\r\n".as_bytes(), "text"),
            ("sjis.csv", b"\x8e\x81\x96\xbc,\x94\xd4\x8d\x86\r\n", "text"),
            ("utf16.txt", b"\xff\xfea\0b\0", "text"),
            ("a.docx", b"PK\x03\x04....word/document.xml", "word"),
            ("a.zip", b"PK\x03\x04....other", "zip"),
            ("a.eml", b"Received: from a\r\n\r\n<html>", "text"),
        ] {
            assert_eq!(found(name, bytes), Ok(id), "{name}");
        }
    }

    #[test]
    fn what_a_browser_would_run_is_refused() {
        let limits = Limits::default();
        for bytes in [
            "<!DOCTYPE html><script>alert(1)</script>",
            " \n<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
            "\u{feff}<html>",
            "<?xml version='1.0'?>",
            "#!/bin/sh\nrm -rf /",
        ] {
            for name in ["a.png", "a.txt", "a.svg", "a.html"] {
                assert!(matches!(limits.judge(name, bytes.as_bytes()), Err(Unfit::Kind { .. })), "{name} {bytes}");
            }
        }
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("<svg>".bytes().flat_map(|byte| [byte, 0])).collect();
        assert!(limits.judge("a.txt", &wide).is_err());
        assert!(limits.judge("a.exe", b"MZ\x90\0\x03").is_err());
        assert!(matches!(limits.judge("a.js", b"alert(1)"), Err(Unfit::OtherName { .. })));
        assert!(matches!(limits.judge("a.png", b"plain words"), Err(Unfit::OtherName { .. })));
        assert!(matches!(limits.judge("a.html", PNG), Err(Unfit::OtherName { .. })));
        assert_eq!(limits.judge("a.png", b""), Err(Unfit::Empty));
        let small = Limits { most: 4, ..Limits::default() };
        assert_eq!(small.judge("a.png", PNG), Err(Unfit::TooLarge { most: 4 }));
        let few = Limits { kinds: Limits::kinds_of("pdf, jpeg").unwrap(), ..Limits::default() };
        assert!(few.judge("a.png", PNG).is_err());
        assert_eq!(Limits::kinds_of("pdf, exe"), Err("exe".to_owned()));
    }

    #[test]
    fn names_lose_their_path_and_what_cannot_be_seen() {
        for (given, kept) in [
            ("C:\\Users\\花子\\写真.png", "写真.png"),
            ("../../etc/passwd", "passwd"),
            ("報告\r\n書\u{0}.pdf", "報告書.pdf"),
            ("gnp\u{202e}.exe", "gnp.exe"),
            ("  ", "file"),
            ("..", "file"),
        ] {
            assert_eq!(clean_name(given), kept, "{given}");
        }
        let long = clean_name(&format!("{}.pdf", "あ".repeat(500)));
        assert!(long.ends_with(".pdf") && long.chars().count() <= LONGEST, "{long}");
    }

    #[test]
    fn sizes_in_words() {
        assert_eq!(size_words(10), "10 B");
        assert_eq!(size_words(1025), "2 KB");
        assert_eq!(size_words(20 << 20), "20.0 MB");
    }
}
