//! QR codes (JIS X 0510, ISO/IEC 18004) as SVG for pages and papers.
//!
//! Invariant: the same text gives the same image; the image carries its own quiet zone of four modules.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::chart::escape;

/// Width of the margin that readers need, in modules.
const QUIET_ZONE: usize = 4;

/// The text does not fit into a QR code: more than about 2,300 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text of {bytes} bytes does not fit into a QR code; shorten it, at best to a URL")]
pub struct QrError {
    /// Length of the text in bytes.
    pub bytes: usize,
}

/// A QR code as a square of modules, without its quiet zone.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    width: usize,
    modules: Vec<bool>,
}

impl Qr {
    /// Encodes the text with error correction level M: 15 % of a printed code may be damaged.
    ///
    /// # Errors
    /// [`QrError`] when the text is too long.
    pub fn encode(text: &str) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError { bytes: text.len() })?;
        Ok(Self {
            width: code.width(),
            modules: code.to_colors().into_iter().map(|color| color == Color::Dark).collect(),
        })
    }

    /// Modules per side.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The modules row by row; `true` is dark.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.modules.chunks(self.width)
    }

    /// The code as a stand-alone SVG; `title` says to screen readers where it leads. One unit is one module.
    #[must_use]
    pub fn svg(&self, title: &str) -> String {
        let side = self.width + 2 * QUIET_ZONE;
        let mut path = String::new();
        for (y, row) in self.rows().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|left, right| left == right) {
                if run.first() == Some(&true) {
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET_ZONE, y + QUIET_ZONE, run.len(), run.len());
                }
                x += run.len();
            }
        }
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" viewBox="0 0 {side} {side}" "#,
                r#"shape-rendering="crispEdges"><title>{title}</title>"#,
                r##"<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>"##
            ),
            side = side,
            title = escape(title),
            path = path
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_patterns_and_quiet_zone() {
        let code = Qr::encode("https://kitei.example/r/INC-2026-003").expect("short text");
        let rows: Vec<&[bool]> = code.rows().collect();
        assert_eq!(rows.len(), code.width());
        let finder = [true, true, true, true, true, true, true];
        let last = code.width() - 7;
        assert_eq!(rows[0][..7], finder, "top left");
        assert_eq!(rows[0][last..], finder, "top right");
        assert_eq!(rows[code.width() - 1][..7], finder, "bottom left");
        let svg = code.svg("記録を開く & 確かめる");
        assert!(svg.contains(&format!("viewBox=\"0 0 {0} {0}\"", code.width() + 8)));
        assert!(svg.contains("<title>記録を開く &amp; 確かめる</title>"));
        assert!(svg.contains(r##"fill="#000" d="M4 4h7v1h-7z"##), "the first finder begins after four light modules");
        assert!(!svg.contains("style="), "strict content security policy");
        assert_eq!(
            svg,
            Qr::encode("https://kitei.example/r/INC-2026-003").expect("short").svg("記録を開く & 確かめる")
        );
    }

    #[test]
    fn a_text_that_does_not_fit_is_refused() {
        let long = "x".repeat(3_000);
        assert_eq!(Qr::encode(&long).err(), Some(QrError { bytes: 3_000 }));
    }
}
