//! What another choice of packs and settings would bring: packs, values and elements that come, go or change.
//!
//! Invariant: pure and symmetric: what comes in one direction goes in the other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Said, Sayings, Setting};
use crate::{
    pack::model::{Choice, Text},
    value::Value,
};

/// A rulebook as it is chosen: what packs say, and the organisation's answers.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// What the packs say together.
    pub sayings: &'a Sayings,
    /// The organisation's answers.
    pub settings: &'a BTreeMap<String, Setting>,
}

/// What changes from one choice to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// Titles of packs that come.
    pub packs_added: Vec<Text>,
    /// Titles of packs that go.
    pub packs_removed: Vec<Text>,
    /// Packs that stay in another edition: title, edition before, edition after.
    pub editions: Vec<(Text, String, String)>,
    /// Values that change.
    pub values: Vec<ValueChange>,
    /// Elements by kind that come and go.
    pub elements: Vec<ElementChange>,
}

/// A parameter whose value in force changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueChange {
    /// Key.
    pub key: String,
    /// Title.
    pub title: Text,
    /// Before; `None` when it has no value.
    #[serde(skip)]
    pub before: Option<Value>,
    /// After.
    #[serde(skip)]
    pub after: Option<Value>,
    /// What its values may be chosen from.
    #[serde(skip)]
    pub choices: Vec<Choice>,
}

/// Elements of a kind that come and go, by their titles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ElementChange {
    /// Kind, as pages call it.
    pub kind: Text,
    /// What comes.
    pub added: Vec<Text>,
    /// What goes.
    pub removed: Vec<Text>,
}

impl Change {
    /// What changes from `before` to `after`.
    #[must_use]
    pub fn between(before: Chosen<'_>, after: Chosen<'_>) -> Self {
        let (old, new) = (before.sayings, after.sayings);
        let missing = |from: &Sayings, of: &Sayings| {
            let gone = of.packs.values().filter(|pack| !from.packs.contains_key(&pack.id));
            gone.map(|pack| pack.title.clone()).collect()
        };
        let editions = new.packs.values().filter_map(|pack| {
            let former = old.packs.get(&pack.id).filter(|former| former.edition != pack.edition)?;
            Some((pack.title.clone(), former.edition.clone(), pack.edition.clone()))
        });
        Self {
            packs_added: missing(old, new),
            packs_removed: missing(new, old),
            editions: editions.collect(),
            values: values(before, after),
            elements: elements(old, new),
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn values(before: Chosen<'_>, after: Chosen<'_>) -> Vec<ValueChange> {
    let in_force = |chosen: Chosen<'_>, key: &str| {
        chosen.sayings.parameter(key).and_then(|rule| rule.in_force(chosen.settings.get(key)))
    };
    let keys: std::collections::BTreeSet<&String> =
        before.sayings.parameters.keys().chain(after.sayings.parameters.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let (old, new) = (in_force(before, key), in_force(after, key));
            let rule = after.sayings.parameter(key).or_else(|| before.sayings.parameter(key))?;
            let change =
                ValueChange { key: key.clone(), title: rule.title, before: old, after: new, choices: rule.choices };
            (change.before != change.after).then_some(change)
        })
        .collect()
}

/// Titles of the elements of one kind that a pack other than `office` says.
fn titles<K: Ord + Clone, T>(map: &BTreeMap<K, Said<T>>, title: impl Fn(&K, &T) -> Option<Text>) -> BTreeMap<K, Text> {
    let in_force = map.iter().filter(|(_, said)| said.in_force());
    in_force
        .filter_map(|(key, said)| Some((key.clone(), said.iter().find_map(|(_, item)| title(key, item))?)))
        .collect()
}

fn elements(old: &Sayings, new: &Sayings) -> Vec<ElementChange> {
    let mut out = Vec::new();
    let kind = |ja: &str, en: &str| Text { ja: ja.to_owned(), en: en.to_owned() };
    macro_rules! compare {
        ($field:ident, $ja:literal, $en:literal, |$sayings:ident, $key:pat_param, $item:pat_param| $title:expr) => {{
            let of = |$sayings: &Sayings| titles(&$sayings.$field, |$key, $item| $title);
            let (before, after) = (of(old), of(new));
            let only = |these: &BTreeMap<_, Text>, those: &BTreeMap<_, Text>| -> Vec<Text> {
                let mut found: Vec<Text> =
                    these.iter().filter(|(key, _)| !those.contains_key(*key)).map(|(_, title)| title.clone()).collect();
                found.sort();
                found.dedup();
                found
            };
            let (added, removed) = (only(&after, &before), only(&before, &after));
            if !added.is_empty() || !removed.is_empty() {
                out.push(ElementChange { kind: kind($ja, $en), added, removed });
            }
        }};
    }
    let named = |title: &Text| (!title.ja.is_empty()).then(|| title.clone());
    compare!(registers, "台帳", "Registers", |sayings, _, item| item.title.as_ref().and_then(named));
    compare!(roles, "役割", "Roles", |sayings, _, item| item.title.as_ref().and_then(named));
    compare!(bodies, "委員会", "Committees", |sayings, _, item| item.title.as_ref().and_then(named));
    compare!(tracks, "手順", "Procedures", |sayings, _, item| named(&item.title));
    compare!(duties, "定期の業務", "Recurring duties", |sayings, (act, _), item| {
        let own = item.title.as_ref().and_then(named);
        own.or_else(|| sayings.act(act).map(|act| act.title))
    });
    compare!(gates, "断る・確かめる定め", "Refusals and questions", |sayings, _, item| named(&item.message));
    compare!(papers, "様式", "Papers", |sayings, _, item| named(&item.title));
    compare!(compares, "照合", "Comparisons", |sayings, _, item| named(&item.title));
    compare!(views, "表", "Tables", |sayings, _, item| named(&item.title));
    compare!(rules, "手引きの定め", "Rules of the handbook", |sayings, _, item| named(&item.text));
    out
}
