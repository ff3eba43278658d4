//! The style sheet and the script, built from `/ui` and carried in the program.
//!
//! Their addresses hold a hash of their content, so they may be cached for ever. `ui/check-dist.sh` fails when
//! the built files are not what their sources give.

/// The style sheet.
pub const STYLE: &str = include_str!("../../../../../ui/dist/kitei.css");
/// Address of the style sheet, with its content hash.
pub const STYLE_PATH: &str = concat!("/assets/kitei-", include_str!("../../../../../ui/dist/kitei.css.hash"), ".css");
/// The script: enhancements only, every page works without it.
pub const SCRIPT: &str = include_str!("../../../../../ui/dist/kitei.js");
/// Address of the script, with its content hash.
pub const SCRIPT_PATH: &str = concat!("/assets/kitei-", include_str!("../../../../../ui/dist/kitei.js.hash"), ".js");
/// The icon of the pages (SVG).
pub const ICON: &str = include_str!("../../../../../ui/dist/kitei.svg");
/// Address of the icon, with its content hash.
pub const ICON_PATH: &str = concat!("/assets/kitei-", include_str!("../../../../../ui/dist/kitei.svg.hash"), ".svg");

/// The Content-Security-Policy under which every page works.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";
