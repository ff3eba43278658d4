//! A mistake in a pack: where it stands, what is wrong, what would be right, in both languages.
//!
//! Invariant: the order of diagnostics is fixed (pack, file, line, column, …), so that two checks of the same bytes
//! print the same lines.
//! Invariant: a code, once published, keeps its meaning.

use super::model::{Place, Text};

/// How much a mistake matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The pack cannot be adopted.
    Error,
    /// It can, and somebody should look.
    Warning,
}

impl Severity {
    /// The word printed before the code.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Pack.
    pub pack: String,
    /// File inside the pack.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters; 0 when the whole element is meant.
    pub column: u32,
    /// How much it matters.
    pub severity: Severity,
    /// Stable code, for instance `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: Text,
    /// What would be right; empty when the message says it.
    pub expected: Text,
}

impl Diagnostic {
    /// Whether it keeps the pack from being adopted.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The line in Japanese, in the same form as `Display` prints in English.
    #[must_use]
    pub fn in_japanese(&self) -> String {
        self.written(&self.message.ja, &self.expected.ja, " ")
    }

    fn written(&self, message: &str, expected: &str, between: &str) -> String {
        let Self { pack, file, line, severity, code, .. } = self;
        let gap = if expected.is_empty() { "" } else { between };
        format!("packs/{pack}/{file}:{line}: {}[{code}]: {message}{gap}{expected}", severity.word())
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written(&self.message.en, &self.expected.en, "; expected: "))
    }
}

/// Where a mistake stands, before it is known what it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    pub(super) pack: String,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Spot {
    /// The first line of a file.
    pub(super) fn file(pack: &str, file: &str) -> Self {
        Self { pack: pack.to_owned(), file: file.to_owned(), line: 1, column: 0 }
    }

    /// The line of an element.
    pub(super) fn place(pack: &str, place: &Place) -> Self {
        Self { pack: pack.to_owned(), file: place.file.clone(), line: place.line, column: 0 }
    }

    pub(super) fn error(self, code: &'static str, message: Text, expected: Text) -> Diagnostic {
        self.made(Severity::Error, code, message, expected)
    }

    pub(super) fn warning(self, code: &'static str, message: Text, expected: Text) -> Diagnostic {
        self.made(Severity::Warning, code, message, expected)
    }

    fn made(self, severity: Severity, code: &'static str, message: Text, expected: Text) -> Diagnostic {
        let Self { pack, file, line, column } = self;
        Diagnostic { pack, file, line, column, severity, code, message, expected }
    }
}

/// A text in both languages.
pub(super) fn say(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: en.into() }
}

/// The word of a list that is nearest to a mistyped one, if any is near enough to be meant.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.replace('-', "_")), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(3) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// "Did you mean …" as the expectation, or the list of what is known when nothing is near.
pub(super) fn suggest<'w>(word: &str, known: impl IntoIterator<Item = &'w str> + Clone) -> Text {
    if let Some(near) = nearest(word, known.clone()) {
        return say(format!("「{near}」ではありませんか。"), format!("did you mean `{near}`?"));
    }
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    let cut = all.len() > 24;
    all.truncate(24);
    let list = all.join(", ");
    match (list.is_empty(), cut) {
        (true, _) => Text::default(),
        (false, true) => say(format!("次のどれか: {list} …"), format!("one of {list} …")),
        (false, false) => say(format!("次のどれか: {list}"), format!("one of {list}")),
    }
}
