//! Composing what packs say of one field.
//!
//! A field is defined once (the saying with a `kind`) and referred to by others. Requirements unite and the stricter
//! stage holds; those who may see it intersect; detectors that refuse unite. Choices that packs offer unite, closed lists
//! of permitted ones (`only`) intersect.

use std::collections::{BTreeMap, BTreeSet};

use crate::pack::model::{Choice, Field, Kind, Source, Stage, Text};

/// When a field must be filled, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// From which stage.
    pub stage: Stage,
    /// Only when this holds.
    pub when: Option<Source>,
    /// The pack that says so.
    pub pack: String,
    /// Its clauses.
    pub basis: Vec<String>,
}

/// Choices offered.
pub type Choices = Vec<Choice>;

/// A composed field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldRule {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: Kind,
    /// Kinds that other packs give it, if they clash.
    pub clashing: Vec<(String, Kind)>,
    /// Title.
    pub title: Text,
    /// Explanation.
    pub help: Option<Text>,
    /// Question.
    pub ask: Option<Text>,
    /// Requirements.
    pub required: Vec<Requirement>,
    /// Shown only when one of these holds; empty: always.
    pub shown_when: Vec<Source>,
    /// Choices that every closed list permits.
    pub choices: Choices,
    /// Link target.
    pub to: Option<String>,
    /// Stored in clear.
    pub open: bool,
    /// Detectors that refuse.
    pub refuse: BTreeMap<String, Vec<String>>,
    /// Detectors that warn.
    pub warn: BTreeMap<String, Vec<String>>,
    /// Headers an import accepts.
    pub aliases: Vec<String>,
    /// Unit.
    pub unit: Option<Text>,
    /// Proposed value.
    pub default: Option<Source>,
    /// Computed value.
    pub value: Option<Source>,
    /// Who sees it: every inner list must be met by one of its members; empty: whoever reads the record.
    pub read: Vec<Vec<String>>,
    /// List column.
    pub column: bool,
    /// List filter.
    pub filter: bool,
    /// Least.
    pub least: Option<i64>,
    /// Most.
    pub most: Option<i64>,
    /// Clauses.
    pub basis: Vec<String>,
    /// A pack other than `office` names it.
    pub in_force: bool,
}

impl FieldRule {
    /// The strictest stage that is demanded without a condition.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.required.iter().filter(|r| r.when.is_none()).map(|r| r.stage).max().unwrap_or_default()
    }
}

/// Composes the fields that several packs give, in the order in which they first appear.
pub(super) fn merge_all<'a>(
    sayings: impl Iterator<Item = (&'a str, &'a [Field])>,
    inert_alone: bool,
) -> Vec<FieldRule> {
    let mut order = Vec::new();
    let mut by_id: BTreeMap<&str, Vec<(&str, &Field)>> = BTreeMap::new();
    for (pack, fields) in sayings {
        for field in fields {
            if !by_id.contains_key(field.id.as_str()) {
                order.push(field.id.as_str());
            }
            by_id.entry(&field.id).or_default().push((pack, field));
        }
    }
    order.into_iter().filter_map(|id| by_id.get(id).and_then(|said| merge(id, said, inert_alone))).collect()
}

fn merge(id: &str, said: &[(&str, &Field)], inert_alone: bool) -> Option<FieldRule> {
    let definer = said.iter().find(|(_, field)| field.kind.is_some())?.1;
    let kind = definer.kind?;
    let first = |pick: fn(&Field) -> Option<Text>| said.iter().find_map(|(_, field)| pick(field));
    Some(FieldRule {
        id: id.to_owned(),
        kind,
        clashing: said
            .iter()
            .filter_map(|(pack, field)| field.kind.filter(|other| *other != kind).map(|k| ((*pack).to_owned(), k)))
            .collect(),
        title: first(|field| field.title.clone()).unwrap_or_default(),
        help: first(|field| field.help.clone()),
        ask: first(|field| field.ask.clone()),
        required: requirements(said),
        shown_when: if said.iter().any(|(_, field)| field.kind.is_some() && field.shown_when.is_none()) {
            Vec::new()
        } else {
            said.iter().filter_map(|(_, field)| field.shown_when.clone()).collect()
        },
        choices: choices(definer, said),
        to: said.iter().find_map(|(_, field)| field.to.clone()),
        open: said.iter().filter(|(_, field)| field.kind.is_some()).all(|(_, field)| field.open),
        refuse: detectors(said, |field| &field.refuse),
        warn: detectors(said, |field| &field.warn),
        aliases: united(said, |field| &field.aliases),
        unit: first(|field| field.unit.clone()),
        default: said.iter().find_map(|(_, field)| field.default.clone()),
        value: said.iter().find_map(|(_, field)| field.value.clone()),
        read: said.iter().filter(|(_, field)| !field.read.is_empty()).map(|(_, field)| field.read.clone()).collect(),
        column: said.iter().any(|(_, field)| field.column),
        filter: said.iter().any(|(_, field)| field.filter),
        least: said.iter().filter_map(|(_, field)| field.least).max(),
        most: said.iter().filter_map(|(_, field)| field.most).min(),
        basis: united(said, |field| &field.meta.basis),
        in_force: !inert_alone || said.iter().any(|(pack, _)| *pack != super::OFFICE),
    })
}

fn requirements(said: &[(&str, &Field)]) -> Vec<Requirement> {
    said.iter()
        .filter(|(_, field)| field.required != Stage::Never || field.required_when.is_some())
        .map(|(pack, field)| Requirement {
            stage: if field.required == Stage::Never { Stage::Save } else { field.required },
            when: field.required_when.clone(),
            pack: (*pack).to_owned(),
            basis: field.meta.basis.clone(),
        })
        .collect()
}

/// The definer's choices, or those of them that referring packs name, if any names some.
fn choices(definer: &Field, said: &[(&str, &Field)]) -> Choices {
    let named: BTreeSet<&str> = said
        .iter()
        .filter(|(_, field)| field.kind.is_none())
        .flat_map(|(_, field)| field.choices.iter().map(|choice| choice.id.as_str()))
        .collect();
    let mut out: Choices = definer
        .choices
        .iter()
        .filter(|choice| named.is_empty() || named.contains(choice.id.as_str()))
        .cloned()
        .collect();
    for (_, field) in said.iter().filter(|(_, field)| field.kind.is_none()) {
        for choice in &field.choices {
            match out.iter_mut().find(|known| known.id == choice.id) {
                Some(known) => known.aliases.extend(choice.aliases.iter().cloned()),
                None => out.push(choice.clone()),
            }
        }
    }
    out.retain(|choice| said.iter().all(|(_, field)| field.only.is_empty() || field.only.contains(&choice.id)));
    for choice in &mut out {
        choice.aliases.sort();
        choice.aliases.dedup();
    }
    out
}

fn detectors(said: &[(&str, &Field)], pick: fn(&Field) -> &Vec<String>) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, field) in said {
        for detector in pick(field) {
            out.entry(detector.clone()).or_default().extend(field.meta.basis.iter().cloned());
        }
    }
    out
}

fn united(said: &[(&str, &Field)], pick: fn(&Field) -> &Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    said.iter().flat_map(|(_, field)| pick(field)).filter(|item| seen.insert(*item)).cloned().collect()
}
