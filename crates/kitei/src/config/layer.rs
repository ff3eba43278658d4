//! What the file, the environment and the flags say, before it is known whether it is right.
//!
//! Invariant: every value remembers where it was said, so that a mistake is shown there.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use kitei_rules::pack::model::Text;
use toml::de::{DeTable, DeValue};

use super::Flags;
use super::key::{KEYS, Key, Kind};
use crate::environment::Surroundings;
use crate::language::{did_you_mean, say};

/// Where a value was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In a file, at a line (from 1).
    File(PathBuf, usize),
    /// In an environment variable.
    Variable(String),
    /// In a flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value as it was said.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The value as text.
    pub(crate) text: String,
    /// Where.
    pub(crate) origin: Origin,
}

/// Values by key. A later layer goes over an earlier one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer(BTreeMap<&'static str, Given>);

/// Variables that belong to Kitei and are no keys.
const OTHER_VARIABLES: [&str; 2] = ["KITEI_CONFIG", "KITEI_LANG"];
/// Variables that an orchestrator sets for a service of the name `kitei`; they are not meant for us.
const FOREIGN_VARIABLES: [&str; 2] = ["KITEI_SERVICE_", "KITEI_PORT"];

impl Layer {
    /// What was said of a key.
    pub(crate) fn given(&self, key: &str) -> Option<&Given> {
        self.0.get(key)
    }

    /// This layer with another over it.
    pub(crate) fn under(mut self, over: Self) -> Self {
        self.0.extend(over.0);
        self
    }

    /// What the variables `KITEI_…` say.
    pub(crate) fn of_variables(surroundings: &Surroundings, problems: &mut Vec<Text>) -> Self {
        let mut layer = Self::default();
        let known: Vec<(String, &Key)> = KEYS.iter().map(|key| (key.variable(), key)).collect();
        for (name, value) in surroundings.variables.iter().filter(|(name, _)| name.starts_with("KITEI_")) {
            let Some((_, key)) = known.iter().find(|(variable, _)| variable == name) else {
                let foreign = FOREIGN_VARIABLES.iter().any(|start| name.starts_with(start));
                if !foreign && !OTHER_VARIABLES.contains(&name.as_str()) {
                    let near = did_you_mean(name, known.iter().map(|(variable, _)| variable.as_str()));
                    problems.push(say(
                        format!("{name}: この環境変数はない。{}", near.ja),
                        format!("{name}: no such environment variable{}", near.en),
                    ));
                }
                continue;
            };
            match value.to_str() {
                Some(text) => {
                    let origin = Origin::Variable(name.clone());
                    layer.0.insert(key.name, Given { text: text.to_owned(), origin });
                }
                None => problems.push(say(format!("{name}: UTF-8の文字ではない。"), format!("{name}: is not UTF-8"))),
            }
        }
        layer
    }

    /// What the flags say.
    pub(crate) fn of_flags(flags: &Flags) -> Self {
        let mut layer = Self::default();
        for (name, value) in flags.values() {
            if let (Some(key), Some(text)) = (Key::named(name).filter(|key| key.flag), value) {
                layer.0.insert(key.name, Given { text, origin: Origin::Flag(key.flag_name()) });
            }
        }
        layer
    }

    /// What a file says; every mistake of form is added to `problems`.
    pub(crate) fn of_file(path: &Path, text: &str, problems: &mut Vec<Text>) -> Self {
        let mut reading = Reading { path, text, layer: Self::default(), problems };
        match DeTable::parse(text) {
            Ok(table) => reading.table(table.get_ref(), ""),
            Err(error) => {
                let origin = reading.origin(error.span().map_or(0, |span| span.start));
                let said = error.message().replace('\n', " ");
                reading.problems.push(say(
                    format!("{origin}: TOMLとして読めない。（{said}）"),
                    format!("{origin}: is not TOML: {said}"),
                ));
            }
        }
        reading.layer
    }
}

struct Reading<'r> {
    path: &'r Path,
    text: &'r str,
    layer: Layer,
    problems: &'r mut Vec<Text>,
}

impl Reading<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        Origin::File(self.path.to_owned(), before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    fn table(&mut self, table: &DeTable<'_>, above: &str) {
        for (key, value) in table {
            let name = format!("{above}{}", key.get_ref());
            let origin = self.origin(key.span().start);
            let inside = format!("{name}.");
            let holds_keys = KEYS.iter().any(|key| key.name.starts_with(&inside));
            match (Key::named(&name), value.get_ref()) {
                (Some(key), value) => self.value(key, value, origin),
                (None, DeValue::Table(table)) if holds_keys => self.table(table, &inside),
                (None, _) if holds_keys => {
                    let first = KEYS.iter().find(|key| key.name.starts_with(&inside)).map_or("", |key| key.name);
                    self.problems.push(say(
                        format!("{origin}: `{name}` は [{name}] の下に書く（例：{first}）。"),
                        format!(
                            "{origin}: `{name}` holds keys of its own, such as `{first}`; write [{name}] above them"
                        ),
                    ));
                }
                (None, _) => self.unknown(&name, &origin),
            }
        }
    }

    fn unknown(&mut self, name: &str, origin: &Origin) {
        let near = did_you_mean(name, KEYS.iter().map(|key| key.name));
        self.problems.push(say(
            format!("{origin}: `{name}` という設定はない。{}", near.ja),
            format!("{origin}: `{name}` is no configuration key{}", near.en),
        ));
    }

    fn value(&mut self, key: &Key, value: &DeValue<'_>, origin: Origin) {
        let text = match (key.kind, value) {
            (Kind::Text, DeValue::String(text)) => text.to_string(),
            (Kind::Path, DeValue::String(text)) if text.is_empty() => String::new(),
            (Kind::Path, DeValue::String(text)) => {
                let directory = self.path.parent().unwrap_or(Path::new(""));
                directory.join(text.as_ref()).to_string_lossy().into_owned()
            }
            (Kind::Switch, DeValue::Boolean(on)) => on.to_string(),
            (Kind::Number, DeValue::Integer(number)) => number.to_string(),
            _ => {
                let (name, (ja, en)) = (key.name, key.kind.wanted());
                self.problems.push(say(
                    format!("{origin}: `{name}` は{ja}で書く。"),
                    format!("{origin}: `{name}` must be {en}"),
                ));
                return;
            }
        };
        self.layer.0.insert(key.name, Given { text, origin });
    }
}
