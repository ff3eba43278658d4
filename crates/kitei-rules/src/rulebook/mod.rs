//! Composition: many packs, one rulebook.
//!
//! Composing keeps **who said what** and computes the result from it. [`Said`] is a map from pack to what it says;
//! joining two of them is the union of maps, so composition is commutative, associative and idempotent by construction.
//! What needs proof (and has it, in `tests/compose_properties/`) is that the computed results never weaken when a
//! pack is added: nothing required is lost, no permission widened, no deadline lengthened.
//!
//! Invariant: only `law-jp` supersedes; everything else only adds.
//! Invariant: elements of `office` are inert: they define words and count for nothing until another pack refers to them.

mod change;
mod conflict;
mod duty;
mod explain;
mod field;
mod parameter;
mod role;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use change::{Change, Chosen, ElementChange, ValueChange};
pub use conflict::{Conflict, ConflictKind};
pub use duty::{DutyRule, period as duty_period};
pub use explain::{Explanation, Voice, words as explain_words};
pub use field::{Choices, FieldRule, Requirement};
pub use parameter::{ParameterRule, ParameterVoice, Setting, less, literal};
pub use role::RoleRule;

use crate::pack::model::{
    Act, Body, Choice, Clause, Effect, Exclusive, Fact, Field, Flag, Gate, Hit, Kind, LawRow, LineList, Pack, Paper,
    Parameter, PendingLaw, Propose, Question, Register, Retention, Role, Row, Rule, Section, Source, Supersede, Term,
    Text, Track, View,
};
use crate::pack::model::{Binding, Compare, Duty, Preset};

/// The pack that holds the shared vocabulary.
pub const OFFICE: &str = "office";
/// The pack that holds the law by date.
pub const LAW: &str = "law-jp";

/// What packs say about one thing: pack id → its sayings, in file order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Said<T>(pub BTreeMap<String, Vec<T>>);

impl<T> Default for Said<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Said<T> {
    /// Every saying, `office` first, then `law-jp`, then by pack id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        let rank = |id: &str| match id {
            OFFICE => 0,
            LAW => 1,
            _ => 2,
        };
        let mut packs: Vec<_> = self.0.iter().collect();
        packs.sort_by_key(|(id, _)| rank(id));
        packs.into_iter().flat_map(|(id, items)| items.iter().map(move |item| (id.as_str(), item)))
    }

    /// Whether a pack other than `office` says something.
    #[must_use]
    pub fn in_force(&self) -> bool {
        self.0.keys().any(|id| id != OFFICE)
    }

    fn add(&mut self, pack: &str, item: T) {
        self.0.entry(pack.to_owned()).or_default().push(item);
    }
}

/// Head of an adopted pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackHead {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Edition.
    pub edition: String,
    /// Remark for those who adopt it.
    pub notice: Option<Text>,
}

/// Who says what, over all adopted packs. The composed rules are read through its methods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sayings {
    /// Adopted packs.
    pub packs: BTreeMap<String, PackHead>,
    /// Clauses by id (ids are unique over all packs).
    pub clauses: BTreeMap<String, (String, Clause)>,
    /// Glossary by term id.
    pub terms: BTreeMap<String, Said<Term>>,
    /// Parameters by key.
    pub parameters: BTreeMap<String, Said<Parameter>>,
    /// Roles by id.
    pub roles: BTreeMap<String, Said<Role>>,
    /// Pairs by id.
    pub exclusives: BTreeMap<String, Said<Exclusive>>,
    /// Committees by id.
    pub bodies: BTreeMap<String, Said<Body>>,
    /// Deeds by id.
    pub acts: BTreeMap<String, Said<Act>>,
    /// Registers by id.
    pub registers: BTreeMap<String, Said<Register>>,
    /// Presets by register and id.
    pub presets: BTreeMap<(String, String), Said<Preset>>,
    /// Facts by register and id.
    pub facts: BTreeMap<(String, String), Said<Fact>>,
    /// Bindings by rule and register.
    pub bindings: BTreeMap<(String, String), Said<Binding>>,
    /// Procedures by pack and id: they stay apart and all run.
    pub tracks: BTreeMap<(String, String), Said<Track>>,
    /// Gates by pack and id.
    pub gates: BTreeMap<(String, String), Said<Gate>>,
    /// Flags by pack and id.
    pub flags: BTreeMap<(String, String), Said<Flag>>,
    /// Effects by pack and id.
    pub effects: BTreeMap<(String, String), Said<Effect>>,
    /// Proposals by pack and id.
    pub proposals: BTreeMap<(String, String), Said<Propose>>,
    /// Duties by act and object.
    pub duties: BTreeMap<(String, String), Said<Duty>>,
    /// Comparisons by pack and id.
    pub compares: BTreeMap<(String, String), Said<Compare>>,
    /// Views by pack and id.
    pub views: BTreeMap<(String, String), Said<View>>,
    /// Papers by id.
    pub papers: BTreeMap<String, Said<Paper>>,
    /// Handbook rules by pack and id.
    pub rules: BTreeMap<(String, String), Said<Rule>>,
    /// Questions by pack and id.
    pub questions: BTreeMap<(String, String), Said<Question>>,
    /// Supersessions by clause and article.
    pub supersedes: BTreeMap<(String, String), Said<Supersede>>,
    /// Rows of law by rule and article.
    pub laws: BTreeMap<(String, String), Said<LawRow>>,
    /// Law not in force by Act and subject.
    pub pending: BTreeMap<(String, String), Said<PendingLaw>>,
}

/// Adds each element of a pack under its key.
macro_rules! gather {
    ($into:expr, $pack:expr, $items:expr, |$item:ident| $key:expr) => {
        for $item in $items {
            $into.entry($key).or_default().add(&$pack.id, $item.clone());
        }
    };
}

/// Unites two maps of sayings: a pack that stands in both says the same in both.
macro_rules! unite {
    ($into:expr, $other:expr) => {
        for (key, said) in $other {
            $into.entry(key).or_default().0.extend(said.0);
        }
    };
}

impl Sayings {
    /// What one pack says.
    #[must_use]
    pub fn of(pack: &Pack) -> Self {
        let mut sayings = Self::default();
        let own = |id: &str| (pack.id.clone(), id.to_owned());
        sayings.packs.insert(
            pack.id.clone(),
            PackHead {
                id: pack.id.clone(),
                title: pack.title.clone(),
                edition: pack.edition.clone(),
                notice: pack.notice.clone(),
            },
        );
        for clause in &pack.clauses {
            sayings.clauses.insert(clause.id.clone(), (pack.id.clone(), clause.clone()));
        }
        gather!(sayings.terms, pack, &pack.terms, |item| item.id.clone());
        gather!(sayings.parameters, pack, &pack.parameters, |item| item.key.clone());
        gather!(sayings.roles, pack, &pack.roles, |item| item.id.clone());
        gather!(sayings.exclusives, pack, &pack.exclusives, |item| item.id.clone());
        gather!(sayings.bodies, pack, &pack.bodies, |item| item.id.clone());
        gather!(sayings.acts, pack, &pack.acts, |item| item.id.clone());
        gather!(sayings.registers, pack, &pack.registers, |item| item.id.clone());
        gather!(sayings.presets, pack, &pack.presets, |item| (item.on.clone(), item.id.clone()));
        gather!(sayings.facts, pack, &pack.facts, |item| (item.on.clone(), item.id.clone()));
        gather!(sayings.bindings, pack, &pack.bindings, |item| (item.rule.clone(), item.on.clone()));
        gather!(sayings.tracks, pack, &pack.tracks, |item| own(&item.id));
        gather!(sayings.gates, pack, &pack.gates, |item| own(&item.id));
        gather!(sayings.flags, pack, &pack.flags, |item| own(&item.id));
        gather!(sayings.effects, pack, &pack.effects, |item| own(&item.id));
        gather!(sayings.proposals, pack, &pack.proposals, |item| own(&item.id));
        gather!(sayings.duties, pack, &pack.duties, |item| (item.act.clone(), item.each.clone()));
        gather!(sayings.compares, pack, &pack.compares, |item| own(&item.id));
        gather!(sayings.views, pack, &pack.views, |item| own(&item.id));
        gather!(sayings.papers, pack, &pack.papers, |item| item.id.clone());
        gather!(sayings.rules, pack, &pack.rules, |item| own(&item.id));
        gather!(sayings.questions, pack, &pack.questions, |item| own(&item.id));
        gather!(sayings.supersedes, pack, &pack.supersedes, |item| (item.clause.clone(), item.meta.basis.join(",")));
        gather!(sayings.laws, pack, &pack.laws, |item| (item.rule.clone(), item.article.clone()));
        gather!(sayings.pending, pack, &pack.pending, |item| (item.law.clone(), item.subject.ja.clone()));
        sayings
    }

    /// The union of two.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.packs.extend(other.packs);
        self.clauses.extend(other.clauses);
        unite!(self.terms, other.terms);
        unite!(self.parameters, other.parameters);
        unite!(self.roles, other.roles);
        unite!(self.exclusives, other.exclusives);
        unite!(self.bodies, other.bodies);
        unite!(self.acts, other.acts);
        unite!(self.registers, other.registers);
        unite!(self.presets, other.presets);
        unite!(self.facts, other.facts);
        unite!(self.bindings, other.bindings);
        unite!(self.tracks, other.tracks);
        unite!(self.gates, other.gates);
        unite!(self.flags, other.flags);
        unite!(self.effects, other.effects);
        unite!(self.proposals, other.proposals);
        unite!(self.duties, other.duties);
        unite!(self.compares, other.compares);
        unite!(self.views, other.views);
        unite!(self.papers, other.papers);
        unite!(self.rules, other.rules);
        unite!(self.questions, other.questions);
        unite!(self.supersedes, other.supersedes);
        unite!(self.laws, other.laws);
        unite!(self.pending, other.pending);
        self
    }

    /// What several packs say together, without the elements that the law has put aside.
    #[must_use]
    pub fn compose<'a>(packs: impl IntoIterator<Item = &'a Pack>) -> Self {
        let packs: Vec<&Pack> = packs.into_iter().collect();
        let all = packs.iter().map(|pack| Self::of(pack)).fold(Self::default(), Self::join);
        let gone: Vec<(String, String)> = all.superseded().into_keys().collect();
        if gone.is_empty() {
            return all;
        }
        let reduced = packs.iter().map(|pack| {
            let of_pack = gone.iter().filter(|(owner, _)| *owner == pack.id);
            of_pack.fold((*pack).clone(), |pack, (_, element)| crate::pack::elements::without(&pack, element))
        });
        reduced.map(|pack| Self::of(&pack)).fold(Self::default(), Self::join)
    }

    /// Elements that the law has put aside: `(pack, element)`, named as [`crate::pack::elements`] does, with the article.
    #[must_use]
    pub fn superseded(&self) -> BTreeMap<(String, String), &Supersede> {
        let mut out = BTreeMap::new();
        for said in self.supersedes.values() {
            for (pack, supersede) in said.iter() {
                if pack != LAW {
                    continue;
                }
                let owner = self.clauses.get(&supersede.clause).map_or("", |(owner, _)| owner.as_str());
                if let Some(element) = &supersede.element {
                    out.insert((owner.to_owned(), element.clone()), supersede);
                }
            }
        }
        out
    }

    /// The same with every closed list of choices opened.
    #[must_use]
    pub(crate) fn open_lists(&self) -> Self {
        let mut open = Self { registers: self.registers.clone(), acts: self.acts.clone(), ..Self::default() };
        for register in open.registers.values_mut().flat_map(|said| said.0.values_mut()).flatten() {
            let lists = register.lists.iter_mut().flat_map(|list| &mut list.fields);
            register.fields.iter_mut().chain(lists).for_each(|field| field.only.clear());
        }
        for act in open.acts.values_mut().flat_map(|said| said.0.values_mut()).flatten() {
            act.fields.iter_mut().for_each(|field| field.only.clear());
        }
        open
    }

    /// Composed title of an act: the first that gives one, `office` before others.
    #[must_use]
    pub fn act(&self, id: &str) -> Option<ActRule> {
        let said = self.acts.get(id)?;
        let title = said.iter().map(|(_, act)| &act.title).find(|title| !title.ja.is_empty())?.clone();
        let help = said.iter().find_map(|(_, act)| act.help.clone());
        let basis = said.iter().flat_map(|(_, act)| act.meta.basis.iter().cloned()).collect();
        let fields = field::merge_all(said.iter().map(|(pack, act)| (pack, act.fields.as_slice())), true);
        Some(ActRule { id: id.to_owned(), title, help, basis, fields })
    }

    /// Composed register.
    #[must_use]
    pub fn register(&self, id: &str) -> Option<RegisterRule> {
        let said = self.registers.get(id)?;
        let definer = said.iter().map(|(_, register)| register).find(|register| !register.extends)?;
        let union = |pick: fn(&Register) -> &Vec<String>| -> Vec<String> {
            let mut seen = BTreeSet::new();
            said.iter().flat_map(|(_, register)| pick(register)).filter(|who| seen.insert(*who)).cloned().collect()
        };
        let mut lists: BTreeMap<String, Said<LineList>> = BTreeMap::new();
        let mut order = Vec::new();
        for (pack, register) in said.iter() {
            for list in &register.lists {
                if !lists.contains_key(&list.id) {
                    order.push(list.id.clone());
                }
                lists.entry(list.id.clone()).or_default().add(pack, list.clone());
            }
        }
        let lists = order.iter().filter_map(|id| lists.get(id).and_then(|said| list_rule(id, said))).collect();
        let fields = field::merge_all(said.iter().map(|(pack, register)| (pack, register.fields.as_slice())), true);
        Some(RegisterRule {
            id: id.to_owned(),
            title: definer.title.clone().unwrap_or_default(),
            help: definer.help.clone(),
            prefix: definer.prefix.clone().unwrap_or_else(|| id.to_uppercase()),
            single: said.iter().any(|(_, register)| register.single),
            named_by: definer.named_by.clone(),
            owner: union(|register| &register.owner),
            read: said.iter().map(|(_, r)| r.read.clone()).filter(|read| !read.is_empty()).collect(),
            write: union(|register| &register.write),
            department_field: said.iter().find_map(|(_, register)| register.department_field.clone()),
            retention: said.iter().filter_map(|(pack, r)| r.retention.clone().map(|r| (pack.to_owned(), r))).collect(),
            basis: said.iter().flat_map(|(_, register)| register.meta.basis.iter().cloned()).collect(),
            in_force: said.in_force(),
            places: fields.iter().enumerate().map(|(place, field)| (field.id.clone(), place)).collect(),
            fields,
            lists,
        })
    }

    /// Composed fact.
    #[must_use]
    pub fn fact(&self, on: &str, id: &str) -> Option<FactRule> {
        let said = self.facts.get(&(on.to_owned(), id.to_owned()))?;
        let definer = said.iter().map(|(_, fact)| fact).find(|fact| fact.kind.is_some())?;
        let rows = said
            .iter()
            .flat_map(|(pack, fact)| fact.rows.iter().map(move |row| (pack.to_owned(), row.clone())))
            .collect();
        Some(FactRule {
            on: on.to_owned(),
            id: id.to_owned(),
            title: definer.title.clone().unwrap_or_default(),
            kind: definer.kind.unwrap_or_default(),
            choices: definer.choices.clone(),
            hit: definer.hit,
            rows,
            value: definer.value.clone(),
            rule: definer.rule.clone(),
            // A permission: another pack that adds rows does not give it.
            overridable: definer.overridable,
            shown: said.iter().any(|(_, fact)| fact.shown),
            applies: definer.meta.applies.clone(),
            basis: said.iter().flat_map(|(_, fact)| fact.meta.basis.iter().cloned()).collect(),
            in_force: said.in_force(),
        })
    }

    /// Composed paper: sections unite, approvals unite.
    #[must_use]
    pub fn paper(&self, id: &str) -> Option<PaperRule> {
        let said = self.papers.get(id)?;
        let definer = said.iter().map(|(_, paper)| paper).find(|paper| !paper.title.ja.is_empty())?;
        Some(PaperRule {
            id: id.to_owned(),
            on: definer.on.clone(),
            title: definer.title.clone(),
            when: said.iter().filter_map(|(_, paper)| paper.when.clone()).collect(),
            template: said.iter().find_map(|(pack, paper)| Some((pack.to_owned(), paper.template.clone()?))),
            sections: said
                .iter()
                .flat_map(|(pack, paper)| paper.sections.iter().map(move |section| (pack.to_owned(), section.clone())))
                .collect(),
            approve: unite_approvals(said.iter().flat_map(|(_, paper)| paper.approve.iter())),
            watch: said.iter().any(|(_, paper)| paper.watch),
            basis: said.iter().flat_map(|(_, paper)| paper.meta.basis.iter().cloned()).collect(),
            in_force: said.in_force(),
        })
    }
}

fn list_rule(id: &str, said: &Said<LineList>) -> Option<ListRule> {
    let title = said.iter().find_map(|(_, list)| list.title.clone())?;
    Some(ListRule {
        id: id.to_owned(),
        title,
        fields: field::merge_all(said.iter().map(|(pack, list)| (pack, list.fields.as_slice())), false),
        start: said.iter().flat_map(|(_, list)| list.start.iter().cloned()).collect(),
        read: said.iter().map(|(_, list)| list.read.clone()).filter(|read| !read.is_empty()).collect(),
        basis: said.iter().flat_map(|(_, list)| list.meta.basis.iter().cloned()).collect(),
    })
}

/// Approvals of several steps together: all sets to be met, a set that contains another is met with it (absorption).
#[must_use]
pub fn unite_approvals<'a>(sets: impl Iterator<Item = &'a Vec<String>>) -> Vec<Vec<String>> {
    let all: BTreeSet<BTreeSet<&String>> = sets.map(|set| set.iter().collect()).collect();
    let least: Vec<_> =
        all.iter().filter(|set| !all.iter().any(|other| other != *set && other.is_subset(set))).collect();
    least.into_iter().map(|set| set.iter().map(|role| (*role).clone()).collect()).collect()
}

/// A composed act.
#[derive(Clone, Debug, PartialEq)]
pub struct ActRule {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Plain words.
    pub help: Option<Text>,
    /// Clauses.
    pub basis: Vec<String>,
    /// What its form asks for.
    pub fields: Vec<FieldRule>,
}

/// A composed register.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterRule {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What belongs here.
    pub help: Option<Text>,
    /// Prefix of running numbers.
    pub prefix: String,
    /// Exactly one record.
    pub single: bool,
    /// Field that names a record.
    pub named_by: Option<String>,
    /// Who keeps it.
    pub owner: Vec<String>,
    /// Who reads it beside those who keep and write it: every inner list must be met by one of its members; empty: staff.
    pub read: Vec<Vec<String>>,
    /// Who writes it.
    pub write: Vec<String>,
    /// Department field.
    pub department_field: Option<String>,
    /// Retention sayings by pack.
    pub retention: Vec<(String, Retention)>,
    /// Clauses.
    pub basis: Vec<String>,
    /// Whether a pack other than `office` refers to it.
    pub in_force: bool,
    /// Fields in order.
    pub fields: Vec<FieldRule>,
    /// Where each field stands in their order: registers have many, and they are asked for at every step.
    places: BTreeMap<String, usize>,
    /// Line lists in order.
    pub lists: Vec<ListRule>,
}

impl RegisterRule {
    /// A field by id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&FieldRule> {
        self.fields.get(*self.places.get(id)?)
    }

    /// A line list by id.
    #[must_use]
    pub fn list(&self, id: &str) -> Option<&ListRule> {
        self.lists.iter().find(|list| list.id == id)
    }
}

/// A composed line list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRule {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Fields.
    pub fields: Vec<FieldRule>,
    /// Lines to begin with.
    pub start: Vec<BTreeMap<String, crate::pack::model::Literal>>,
    /// Who sees it: every inner list must be met by one of its members; empty: whoever reads the record.
    pub read: Vec<Vec<String>>,
    /// Clauses.
    pub basis: Vec<String>,
}

/// A composed fact.
#[derive(Clone, Debug, PartialEq)]
pub struct FactRule {
    /// Register.
    pub on: String,
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Kind of its value.
    pub kind: Kind,
    /// Choices.
    pub choices: Vec<Choice>,
    /// How rows combine.
    pub hit: Hit,
    /// Rows with the pack that says them.
    pub rows: Vec<(String, Row)>,
    /// Expression.
    pub value: Option<Source>,
    /// Named rule.
    pub rule: Option<String>,
    /// A person may set another value with a reason.
    pub overridable: bool,
    /// Shown among the consequences.
    pub shown: bool,
    /// Dormant unless this holds.
    pub applies: Option<Source>,
    /// Clauses.
    pub basis: Vec<String>,
    /// Whether a pack other than `office` refers to it.
    pub in_force: bool,
}

/// A composed paper.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperRule {
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// Title.
    pub title: Text,
    /// Offered when any of these holds; empty: always.
    pub when: Vec<Source>,
    /// Pack and file of the template.
    pub template: Option<(String, String)>,
    /// Sections with the pack that says them.
    pub sections: Vec<(String, Section)>,
    /// Approvals.
    pub approve: Vec<Vec<String>>,
    /// Watches its data.
    pub watch: bool,
    /// Clauses.
    pub basis: Vec<String>,
    /// Whether a pack other than `office` refers to it.
    pub in_force: bool,
}

/// Keeps only what `office` defines of a field (used by the check).
#[must_use]
pub fn defines(field: &Field) -> bool {
    field.kind.is_some()
}
