//! The fonts of the papers: three built in, further ones for rare kanji from a configured directory.
//!
//! BIZ UDPGothic and BIZ UDPMincho hold all of CP932 and are part of the program (SIL Open Font License 1.1, see
//! `fonts/OFL.txt`). 𠮷 and its like, and the ideographic variation sequences of family-register names (UTS #37),
//! need Noto Sans CJK JP or IPAmj Mincho, which an operator installs.
//!
//! Invariant: the same directory content gives the same fonts in the same order, hence the same bytes of a PDF.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::text::{Font, FontBook, FontInstance, FontVariations};
use typst::utils::LazyHash;

use super::error::FontError;

/// Body, headings and serif text, in the order in which they are tried.
const BUILT_IN: [(&str, &[u8]); 3] = [
    ("BIZUDPGothic-Regular.ttf", include_bytes!("../../fonts/BIZUDPGothic-Regular.ttf")),
    ("BIZUDPGothic-Bold.ttf", include_bytes!("../../fonts/BIZUDPGothic-Bold.ttf")),
    ("BIZUDPMincho-Regular.ttf", include_bytes!("../../fonts/BIZUDPMincho-Regular.ttf")),
];

/// The family of running text.
pub(crate) const BODY_FAMILY: &str = "BIZ UDPGothic";

/// Families taken from a font directory, in order of preference. Other faces of a collection (Korean, Chinese) are
/// left out, so that a fallback never shows a kanji in a foreign shape.
const FALLBACK_FAMILIES: [&str; 3] = ["Noto Sans CJK JP", "Noto Sans JP", "IPAmjMincho"];

/// File names (lower case, without extension, by their beginning) looked for in a font directory. Other files are not
/// opened: a system font directory holds gigabytes.
const FALLBACK_FILES: [&str; 3] = ["notosanscjk", "notosansjp", "ipamjm"];

/// The largest font file read, in bytes. IPAmj Mincho, the largest expected, has 45 MB.
const FILE_LIMIT: u64 = 96 * 1024 * 1024;

/// Number of 64-bit words for one bit per Unicode code point.
const COVERAGE_WORDS: usize = 0x11_0000 / 64;

/// All fonts, parsed once and shared by every renderer.
pub struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    instances: Vec<FontInstance>,
    fallback: Vec<String>,
    coverage: Vec<u64>,
}

impl Fonts {
    /// Parses the built-in fonts and those found in `directories` (not below them).
    ///
    /// # Errors
    /// [`FontError`] when a directory cannot be read or a file with the name of a fallback font is none.
    pub fn new(directories: &[PathBuf]) -> Result<Arc<Self>, FontError> {
        let mut fonts = Vec::new();
        for (name, data) in BUILT_IN {
            fonts.push(Font::new(Bytes::new(data), 0).ok_or(FontError::BuiltIn { name })?);
        }
        for directory in directories {
            for file in fallback_files(directory)? {
                fonts.extend(read_fallback(&file)?);
            }
        }
        let fallback = FALLBACK_FAMILIES
            .iter()
            .filter(|family| fonts.iter().any(|font| font.info().family == **family))
            .map(ToString::to_string)
            .collect();
        Ok(Arc::new(Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            instances: fonts.iter().map(instantiate).collect(),
            coverage: coverage(&fonts),
            fallback,
            fonts,
        }))
    }

    /// Families found in the font directories, in order of preference.
    #[must_use]
    pub fn fallback_families(&self) -> &[String] {
        &self.fallback
    }

    /// Whether some font has a glyph for the character.
    #[must_use]
    pub fn covers(&self, character: char) -> bool {
        let point = character as usize;
        self.coverage.get(point / 64).is_some_and(|word| word & (1 << (point % 64)) != 0)
    }

    /// The first family with the glyph that the variation sequence asks for (UTS #37).
    #[must_use]
    pub fn variation_family(&self, base: char, selector: char) -> Option<&str> {
        self.instances
            .iter()
            .find(|font| font.ttf().glyph_variation_index(base, selector).is_some())
            .map(|font| font.info().family.as_str())
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

fn instantiate(font: &Font) -> FontInstance {
    font.clone().instantiate(font.info().variant, Abs::pt(10.0), &FontVariations::default())
}

fn coverage(fonts: &[Font]) -> Vec<u64> {
    let mut words = vec![0_u64; COVERAGE_WORDS];
    for point in fonts.iter().flat_map(|font| font.info().coverage.iter()) {
        if let Some(word) = words.get_mut(point as usize / 64) {
            *word |= 1 << (point % 64);
        }
    }
    words
}

/// The fallback fonts in a directory, sorted by name so that the order does not depend on the file system.
fn fallback_files(directory: &Path) -> Result<Vec<PathBuf>, FontError> {
    let refuse = |source| FontError::Read { path: directory.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        if is_fallback(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_fallback(path: &Path) -> bool {
    let lower = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().to_lowercase();
    let stem = lower(path.file_stem());
    matches!(lower(path.extension()).as_str(), "ttf" | "otf" | "ttc" | "otc")
        && FALLBACK_FILES.iter().any(|start| stem.starts_with(start))
}

fn read_fallback(path: &Path) -> Result<Vec<Font>, FontError> {
    let refuse = |source| FontError::Read { path: path.to_owned(), source };
    let size = fs::metadata(path).map_err(refuse)?.len();
    if size > FILE_LIMIT {
        return Err(FontError::TooLarge { path: path.to_owned(), size, limit: FILE_LIMIT });
    }
    let data = Bytes::new(fs::read(path).map_err(refuse)?);
    let fonts: Vec<Font> =
        Font::iter(data).filter(|font| FALLBACK_FAMILIES.contains(&font.info().family.as_str())).collect();
    if fonts.is_empty() {
        return Err(FontError::NotAFont { path: path.to_owned() });
    }
    Ok(fonts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_fonts_have_everything_a_business_document_needs() {
        let fonts = Fonts::new(&[]).expect("built-in fonts");
        for character in "個人情報保護漏えい等㈱㍾髙﨑①〜―□■○◎、。「」（）　 ABC123".chars()
        {
            assert!(fonts.covers(character), "{character}");
        }
        assert!(!fonts.covers('𠮷'), "U+20BB7 is outside CP932");
        assert!(fonts.fallback_families().is_empty());
    }

    #[test]
    fn font_directory_problems_name_the_path() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let missing = directory.path().join("none");
        assert!(
            matches!(Fonts::new(std::slice::from_ref(&missing)), Err(FontError::Read { path, .. }) if path == missing)
        );

        let broken = directory.path().join("NotoSansCJK-Regular.ttc");
        fs::write(&broken, b"not a font").expect("write");
        assert!(
            matches!(Fonts::new(&[directory.path().to_owned()]), Err(FontError::NotAFont { path }) if path == broken)
        );
    }
}
