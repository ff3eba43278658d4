//! Two sets held against each other: rights against the ledger, logs against registers.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Kernel, paper::Lang, who::Target};
use crate::{
    book::BookCompare,
    expr::Compiled,
    pack::model::Text,
    value::{Truth, Value},
};

/// A difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Comparison.
    pub compare: String,
    /// The key that stands on one side only.
    pub key: Value,
    /// The key in words.
    pub words: String,
    /// Records that have the key.
    pub records: BTreeSet<Uuid>,
    /// What is said of it.
    pub message: Text,
    /// Whose task it is.
    pub by: Vec<Target>,
    /// Clauses.
    pub basis: Vec<String>,
}

/// The rows of a view: record and its columns in words.
pub type ViewRows = Vec<(Uuid, Vec<String>)>;

impl Kernel<'_> {
    /// Every difference of every comparison.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let awake = self.book.compares.iter().filter(|compare| self.awake(compare.applies.as_ref()));
        awake.flat_map(|compare| self.difference(compare)).collect()
    }

    fn difference(&self, compare: &BookCompare) -> Vec<Difference> {
        let said = &compare.compare;
        let left = self.keys(&said.left, &compare.left_key, compare.left_when.as_ref());
        let right = self.keys(&said.right, &compare.right_key, compare.right_when.as_ref());
        let mut out = Vec::new();
        for (message, own, other) in [(&said.only_left, &left, &right), (&said.only_right, &right, &left)] {
            let Some(message) = message else { continue };
            for (key, (value, records)) in own.iter().filter(|(key, _)| !other.contains_key(*key)) {
                let first = records.iter().next().and_then(|id| self.snapshot.record(*id));
                let words = match value {
                    Value::Record(id) => self.name_of(*id),
                    _ => key.trim_matches('"').to_owned(),
                };
                out.push(Difference {
                    compare: said.id.clone(),
                    key: value.clone(),
                    words,
                    records: records.clone(),
                    message: message.clone(),
                    by: first.map(|record| self.all_targets(record, &said.by)).unwrap_or_default(),
                    basis: said.meta.basis.clone(),
                });
            }
        }
        out
    }

    /// Keys of the records of a register that count, with the records that have them.
    fn keys(
        &self,
        register: &str,
        key: &Compiled,
        when: Option<&Compiled>,
    ) -> BTreeMap<String, (Value, BTreeSet<Uuid>)> {
        let mut out: BTreeMap<String, (Value, BTreeSet<Uuid>)> = BTreeMap::new();
        for id in self.snapshot.all(register).unwrap_or_default() {
            if when.is_some_and(|when| self.truth(when, *id, None) != Truth::Yes) {
                continue;
            }
            let items = match self.ask(key, *id, None).value {
                Value::List(items) => items,
                single => vec![single],
            };
            for item in items.into_iter().filter(|item| !item.is_unknown()) {
                let entry = out.entry(item.to_json().to_string()).or_insert_with(|| (item, BTreeSet::new()));
                entry.1.insert(*id);
            }
        }
        out
    }

    /// The rows of a view: record and its columns in words.
    #[must_use]
    pub fn view(&self, register: &str, view: &str, lang: Lang) -> Option<(Text, ViewRows)> {
        let view = self.book.views.get(register)?.iter().find(|known| known.view.id == view)?;
        let shown = |id: &&Uuid| view.when.as_ref().is_none_or(|when| self.truth(when, **id, None) == Truth::Yes);
        let closed = if view.view.closed { self.snapshot.all_closed(register) } else { None };
        let open = self.snapshot.all(register).unwrap_or_default();
        let rows = open
            .iter()
            .chain(closed.unwrap_or_default())
            .filter(shown)
            .map(|id| (*id, view.columns.iter().map(|column| self.words_of(column, *id, None, lang)).collect()))
            .collect();
        Some((view.view.title.clone(), rows))
    }
}
