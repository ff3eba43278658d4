//! Passwords that Kitei itself uses: they come from files or systemd credentials, never from flags or variables.
//!
//! Invariant: `Debug` shows nothing of a secret, and its memory is overwritten when it is dropped.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use kitei_rules::pack::model::Text;
use zeroize::Zeroizing;

use crate::language::say;

/// The longest password file, in bytes.
const LONGEST: u64 = 4096;

/// A secret text.
#[derive(Clone)]
pub(crate) struct SecretText(Zeroizing<String>);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl SecretText {
    /// Keeps a text as a secret.
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one who needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads a password file: one line, closed to others.
    ///
    /// # Errors
    /// What is wrong with the file and what would be right.
    pub(crate) fn from_file(path: &Path) -> Result<Self, Text> {
        let failed = |error: std::io::Error| {
            say(format!("読めない（{}）。", error.kind()), format!("cannot be read: {}", error.kind()))
        };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.permissions().mode() & 0o007 != 0 {
            return Err(say(
                "だれでも読めるファイルになっている。chmod 600 をする。",
                "anybody may read this file; run `chmod 600` on it",
            ));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST + 1).read_to_string(&mut text).map_err(failed)?;
        let line = text.trim_end_matches(['\n', '\r']);
        if line.is_empty() || line.contains(['\n', '\r', '\0']) || text.len() as u64 > LONGEST {
            return Err(say(
                "パスワードだけを一行で書いたファイルにする。",
                "the file must hold the password alone, in one line",
            ));
        }
        Ok(Self::new(line.to_owned()))
    }
}
