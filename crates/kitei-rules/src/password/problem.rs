//! What can be wrong with a password, in words that say what would be right.
//!
//! Invariant: the words depend on the rule alone; they never repeat a part of the password.

use super::facts::Fact;
use super::policy::{AccountKind, keys};

/// The four classes of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// 英大文字.
    Upper,
    /// 英小文字.
    Lower,
    /// 数字.
    Digit,
    /// 記号 (a space counts as one).
    Symbol,
}

impl Class {
    /// The class of a character; letters outside A to Z have none.
    #[must_use]
    pub fn of(letter: char) -> Option<Self> {
        match letter {
            'A'..='Z' => Some(Self::Upper),
            'a'..='z' => Some(Self::Lower),
            '0'..='9' => Some(Self::Digit),
            ' '..='~' => Some(Self::Symbol),
            _ => None,
        }
    }

    /// The class that a pack names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "upper" => Some(Self::Upper),
            "lower" => Some(Self::Lower),
            "digit" => Some(Self::Digit),
            "symbol" => Some(Self::Symbol),
            _ => None,
        }
    }

    /// Its name in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Upper => "英大文字（A〜Z）",
            Self::Lower => "英小文字（a〜z）",
            Self::Digit => "数字（0〜9）",
            Self::Symbol => "記号（! # $ など）",
        }
    }

    /// Its name in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Upper => "an upper-case letter (A to Z)",
            Self::Lower => "a lower-case letter (a to z)",
            Self::Digit => "a digit (0 to 9)",
            Self::Symbol => "a symbol (such as ! # $)",
        }
    }
}

/// A simple pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// The same few characters again and again.
    Repetition,
    /// Letters or digits in order, or keys that lie side by side.
    Walk,
}

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Fewer characters than its kind of account needs.
    TooShort {
        /// Kind of account.
        kind: AccountKind,
        /// How many it needs.
        least: usize,
        /// How many it has.
        has: usize,
    },
    /// More characters than Kitei takes.
    TooLong {
        /// How many it takes.
        most: usize,
    },
    /// It holds a line break or another control character, which no keyboard types again.
    ControlCharacter,
    /// A class that must occur does not.
    MissingClass(Class),
    /// Too few of the four classes occur.
    TooFewClasses {
        /// How many must.
        least: usize,
        /// How many do.
        has: usize,
    },
    /// It contains a fact of the person that others can guess.
    PersonalFact(Fact),
    /// It is built on a word of the list.
    DictionaryWord,
    /// It is built on a simple pattern.
    Pattern(Pattern),
    /// It was in use within the period in which it may not come back.
    Reused,
}

impl Problem {
    /// The key of the parameter that it comes from; the parameter's basis names the clauses. `None` for the limits of
    /// the program itself.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        match self {
            Self::TooShort { kind: AccountKind::Privileged, .. } => Some(keys::LENGTH_PRIVILEGED),
            Self::TooShort { kind: AccountKind::General, .. } => Some(keys::LENGTH_GENERAL),
            Self::TooLong { .. } | Self::ControlCharacter => None,
            Self::MissingClass(_) => Some(keys::CLASSES),
            Self::TooFewClasses { .. } => Some(keys::CLASSES_LEAST),
            Self::PersonalFact(_) | Self::Pattern(_) => Some(keys::GUESSABLE),
            Self::DictionaryWord => Some(keys::DICTIONARY),
            Self::Reused => Some(keys::REUSE),
        }
    }

    /// What is wrong and what would be right, in Japanese.
    #[must_use]
    pub fn ja(self) -> String {
        match self {
            Self::TooShort { least, has, .. } => format!("{least}文字以上にしてください（いまは{has}文字）。"),
            Self::TooLong { most } => format!("{most}文字以内にしてください。"),
            Self::ControlCharacter => {
                "改行などの制御文字は使えません。キーボードで打てる文字にしてください。".to_owned()
            }
            Self::MissingClass(class) => format!("{}を1文字以上入れてください。", class.ja()),
            Self::TooFewClasses { least, has } => {
                format!("英大文字・英小文字・数字・記号のうち{least}種類以上を使ってください（いまは{has}種類）。")
            }
            Self::PersonalFact(fact) => {
                format!("{}が含まれています。ほかの人が推測できないものにしてください。", fact.ja())
            }
            Self::DictionaryWord => {
                "辞書に載っている語が元になっています。単語を使わない並びにしてください。".to_owned()
            }
            Self::Pattern(Pattern::Repetition) => {
                "同じ文字の繰り返しでできています。繰り返しのない並びにしてください。".to_owned()
            }
            Self::Pattern(Pattern::Walk) => {
                "連続した文字や、キーボードの並び順が元になっています。順番のない並びにしてください。".to_owned()
            }
            Self::Reused => "最近使ったパスワードです。まだ使っていないものにしてください。".to_owned(),
        }
    }

    /// What is wrong and what would be right, in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::TooShort { least, has, .. } => format!("Use at least {least} characters (it has {has})."),
            Self::TooLong { most } => format!("Use at most {most} characters."),
            Self::ControlCharacter => {
                "It holds a line break or another control character. Use characters that a keyboard types.".to_owned()
            }
            Self::MissingClass(class) => format!("Add {}.", class.en()),
            Self::TooFewClasses { least, has } => format!(
                "Use at least {least} of upper-case letters, lower-case letters, digits and symbols (it has {has})."
            ),
            Self::PersonalFact(fact) => {
                format!("It contains {}. Choose something that others cannot guess.", fact.en())
            }
            Self::DictionaryWord => "It is built on a dictionary word. Choose letters that make no word.".to_owned(),
            Self::Pattern(Pattern::Repetition) => {
                "It repeats the same characters. Choose characters that do not repeat.".to_owned()
            }
            Self::Pattern(Pattern::Walk) => {
                "It follows the alphabet, a count or the keys of the keyboard. Choose characters in no order."
                    .to_owned()
            }
            Self::Reused => "You used this password recently. Choose one that you have not used yet.".to_owned(),
        }
    }
}
