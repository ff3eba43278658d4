//! The two languages in which the program speaks to people.

use clap::ValueEnum;
use kitei_rules::pack::model::Text;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Language {
    /// The language of the locale: Japanese when the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set says so.
    pub(crate) fn of_locale<'v>(variable: impl Fn(&str) -> Option<&'v str>) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
        if locale.is_some_and(|locale| locale.starts_with("ja")) { Self::Ja } else { Self::En }
    }

    /// The text in this language; a text that lacks it is given in the other.
    pub(crate) fn of(self, text: &Text) -> &str {
        let (first, other) = match self {
            Self::Ja => (&text.ja, &text.en),
            Self::En => (&text.en, &text.ja),
        };
        if first.is_empty() { other } else { first }
    }

    /// One of two words.
    pub(crate) fn pick(self, ja: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

/// A text in both languages.
pub(crate) fn say(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: en.into() }
}

/// The word nearest to a mistyped one, if any is near enough to be meant.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let wanted = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The question whether the nearest word was meant, to stand behind a message; empty when none is near.
pub(crate) fn did_you_mean<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Text {
    nearest(word, known).map_or_else(Text::default, |near| {
        say(format!("「{near}」ではありませんか。"), format!("; did you mean `{near}`?"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides() {
        let cases: [(&[(&str, &str)], Language); 5] = [
            (&[("LANG", "ja_JP.UTF-8")], Language::Ja),
            (&[("LANG", "C.UTF-8")], Language::En),
            (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "en_US.UTF-8")], Language::En),
            (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")], Language::Ja),
            (&[], Language::En),
        ];
        for (variables, wanted) in cases {
            let found = Language::of_locale(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| *value));
            assert_eq!(found, wanted, "{variables:?}");
        }
    }

    #[test]
    fn only_a_near_word_is_proposed() {
        let known = ["listen", "data", "tls.cert"];
        assert_eq!(nearest("listn", known), Some("listen"));
        assert_eq!(nearest("TLS.cert", known), Some("tls.cert"));
        assert_eq!(nearest("colour", known), None);
    }
}
