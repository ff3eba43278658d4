//! What the walker leaves behind: an element whose keys are known and whose values have the form their key asks for.
//!
//! Invariant: a key whose value was wrong is absent here; its mistake has been reported already, so building never reports.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as PlainError};

use super::model::{Literal, Meta, Place, Source, Text};

/// A value of known form.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Text(Text),
    Texts(Vec<Text>),
    Word(String),
    Words(Vec<String>),
    Sets(Vec<Vec<String>>),
    Flag(bool),
    Number(i64),
    Date(Date),
    Source(Source),
    Sources(BTreeMap<String, Source>),
    Literal(Literal),
    Literals(BTreeMap<String, Literal>),
    Lines(Vec<BTreeMap<String, Literal>>),
    Nodes(Vec<Node>),
}

/// An element, or a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) items: BTreeMap<&'static str, Item>,
    /// Line of each key that was written.
    pub(super) lines: BTreeMap<String, u32>,
    /// Case steps only: verb and arguments.
    pub(super) words: BTreeMap<String, Literal>,
}

impl Node {
    /// Takes an item out when it has the form that `pick` accepts.
    fn take<T>(&mut self, key: &str, pick: impl FnOnce(Item) -> Option<T>) -> Option<T> {
        self.items.remove(key).and_then(pick)
    }

    pub(super) fn maybe_text(&mut self, key: &str) -> Option<Text> {
        self.take(key, |item| if let Item::Text(text) = item { Some(text) } else { None })
    }

    pub(super) fn text(&mut self, key: &str) -> Text {
        self.maybe_text(key).unwrap_or_default()
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<Text> {
        self.take(key, |item| if let Item::Texts(texts) = item { Some(texts) } else { None }).unwrap_or_default()
    }

    pub(super) fn maybe_word(&mut self, key: &str) -> Option<String> {
        self.take(key, |item| if let Item::Word(word) = item { Some(word) } else { None })
    }

    pub(super) fn word(&mut self, key: &str) -> String {
        self.maybe_word(key).unwrap_or_default()
    }

    pub(super) fn words(&mut self, key: &str) -> Vec<String> {
        self.take(key, |item| if let Item::Words(words) = item { Some(words) } else { None }).unwrap_or_default()
    }

    pub(super) fn sets(&mut self, key: &str) -> Vec<Vec<String>> {
        self.take(key, |item| if let Item::Sets(sets) = item { Some(sets) } else { None }).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        self.take(key, |item| if let Item::Flag(flag) = item { Some(flag) } else { None }).unwrap_or_default()
    }

    pub(super) fn number(&mut self, key: &str) -> Option<i64> {
        self.take(key, |item| if let Item::Number(number) = item { Some(number) } else { None })
    }

    pub(super) fn date(&mut self, key: &str) -> Option<Date> {
        self.take(key, |item| if let Item::Date(date) = item { Some(date) } else { None })
    }

    pub(super) fn maybe_source(&mut self, key: &str) -> Option<Source> {
        self.take(key, |item| if let Item::Source(source) = item { Some(source) } else { None })
    }

    /// A condition that had to be there; an empty one at the element's place when it was wrong.
    pub(super) fn source(&mut self, key: &str) -> Source {
        self.maybe_source(key).unwrap_or_else(|| Source::new(String::new(), self.place.clone()))
    }

    pub(super) fn sources(&mut self, key: &str) -> BTreeMap<String, Source> {
        self.take(key, |item| if let Item::Sources(sources) = item { Some(sources) } else { None }).unwrap_or_default()
    }

    pub(super) fn literal(&mut self, key: &str) -> Option<Literal> {
        self.take(key, |item| if let Item::Literal(literal) = item { Some(literal) } else { None })
    }

    pub(super) fn literals(&mut self, key: &str) -> BTreeMap<String, Literal> {
        self.take(key, |item| if let Item::Literals(literals) = item { Some(literals) } else { None })
            .unwrap_or_default()
    }

    pub(super) fn rows(&mut self, key: &str) -> Vec<BTreeMap<String, Literal>> {
        self.take(key, |item| if let Item::Lines(lines) = item { Some(lines) } else { None }).unwrap_or_default()
    }

    pub(super) fn nodes(&mut self, key: &str) -> Vec<Self> {
        self.take(key, |item| if let Item::Nodes(nodes) = item { Some(nodes) } else { None }).unwrap_or_default()
    }

    /// A word of a closed list as its type; `None` when it was absent or wrong.
    pub(super) fn one_of<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let word = self.maybe_word(key)?;
        let plain: serde::de::value::StrDeserializer<'_, PlainError> = word.as_str().into_deserializer();
        T::deserialize(plain).ok()
    }

    /// The part that every element carries.
    pub(super) fn meta(&mut self, pack: &str) -> Meta {
        Meta {
            pack: pack.to_owned(),
            basis: self.words("basis"),
            applies: self.maybe_source("applies"),
            note: self.maybe_text("note"),
            place: self.place.clone(),
            lines: std::mem::take(&mut self.lines).into(),
        }
    }
}
