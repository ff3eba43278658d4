//! Every configuration key, once: its name in the file gives its variable and its flag.
//!
//! Invariant: docs/configuration.md has a row for each (a test compares them).

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A path; in a file it is meant relative to that file's directory.
    Path,
    /// Yes or no.
    Switch,
    /// A whole number.
    Number,
}

impl Kind {
    /// What a value must look like in a file.
    pub(super) fn wanted(self) -> (&'static str, &'static str) {
        match self {
            Self::Text | Self::Path => ("引用符で囲んだ文字", "a text in quotation marks"),
            Self::Switch => ("true か false（引用符なし）", "true or false, without quotation marks"),
            Self::Number => ("数（引用符なし）", "a number, without quotation marks"),
        }
    }
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    /// Name in the file, such as `tls.cert`.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Whether there is a flag for it.
    pub(crate) flag: bool,
}

const fn key(name: &'static str, kind: Kind, flag: bool) -> Key {
    Key { name, kind, flag }
}

/// All keys.
pub(crate) const KEYS: &[Key] = &[
    key("data", Kind::Path, true),
    key("listen", Kind::Text, true),
    key("behind_proxy", Kind::Switch, true),
    key("public_url", Kind::Text, false),
    key("tls.cert", Kind::Path, true),
    key("tls.key", Kind::Path, true),
    key("database.url", Kind::Text, true),
    key("database.password_file", Kind::Path, false),
    key("packs", Kind::Path, true),
    key("fonts", Kind::Path, true),
    key("attachments.max_mb", Kind::Number, false),
    key("attachments.kinds", Kind::Text, false),
    key("mail.host", Kind::Text, false),
    key("mail.port", Kind::Number, false),
    key("mail.starttls", Kind::Switch, false),
    key("mail.ca", Kind::Path, false),
    key("mail.from", Kind::Text, false),
    key("mail.user", Kind::Text, false),
    key("mail.password_file", Kind::Path, false),
    key("log.format", Kind::Text, true),
    key("log.level", Kind::Text, true),
];

impl Key {
    /// The key of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Its environment variable, such as `KITEI_TLS_CERT`.
    pub(crate) fn variable(&self) -> String {
        format!("KITEI_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Its flag, such as `--tls-cert`, whether or not it has one.
    pub(crate) fn flag_name(&self) -> String {
        format!("--{}", self.name.replace(['.', '_'], "-"))
    }
}
