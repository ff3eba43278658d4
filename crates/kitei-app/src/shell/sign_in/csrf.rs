//! Tokens that tie a form to the session for which it was made (against cross-site request forgery).
//!
//! They come beside the check of `Sec-Fetch-Site` and `Origin` that the router makes for every request.

use super::secret::MacKey;

/// Name of the hidden field.
pub const CSRF_FIELD: &str = "token";

/// The token for a form: HMAC-SHA-256 of the session's id and the form's name.
#[must_use]
pub fn csrf_token(session_id: &[u8], form: &str, key: &MacKey) -> String {
    key.text(&[b"form", session_id, form.as_bytes()])
}

/// Whether a token was made for this session and form; takes the same time whatever it is.
#[must_use]
pub fn csrf_matches(session_id: &[u8], form: &str, key: &MacKey, token: &str) -> bool {
    key.matches(&[b"form", session_id, form.as_bytes()], token)
}
