//! What one pack sees: its own elements and those of `office`, `law-jp` and what it extends, by id.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::model::{Act, Body, Choice, Fact, Field, Kind, Pack, Paper, Parameter, Role, Track},
    LAW, OFFICE,
};

/// A field, fact or parameter as all visible packs together define it.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldView<'p> {
    pub(super) kind: Option<Kind>,
    pub(super) choices: Vec<&'p Choice>,
    pub(super) to: Option<&'p str>,
}

pub(super) type Fields<'p> = BTreeMap<&'p str, FieldView<'p>>;

/// A register as all visible packs together define it.
#[derive(Clone, Debug, Default)]
pub(super) struct RegisterView<'p> {
    /// Somebody defines it and does not only add to it.
    pub(super) defined: bool,
    /// Somebody keeps it.
    pub(super) owned: bool,
    /// Fields and facts.
    pub(super) fields: Fields<'p>,
    /// Line lists.
    pub(super) lists: BTreeMap<&'p str, Fields<'p>>,
}

/// What one pack sees.
pub(super) struct Index<'p> {
    pub(super) own: &'p Pack,
    /// The pack itself and the others, itself first.
    pub(super) visible: Vec<&'p Pack>,
    pub(super) clauses: BTreeSet<&'p str>,
    /// Defined roles (a mention without title does not define).
    pub(super) roles: BTreeMap<&'p str, &'p Role>,
    pub(super) bodies: BTreeMap<&'p str, &'p Body>,
    pub(super) acts: BTreeMap<&'p str, Fields<'p>>,
    pub(super) registers: BTreeMap<&'p str, RegisterView<'p>>,
    pub(super) parameters: BTreeMap<&'p str, &'p Parameter>,
    pub(super) tracks: BTreeMap<&'p str, &'p Track>,
    pub(super) papers: BTreeMap<&'p str, &'p Paper>,
}

impl<'p> Index<'p> {
    pub(super) fn new(own: &'p Pack, packs: &'p [Pack]) -> Self {
        let visible = visible(own, packs);
        let mut index = Self {
            own,
            clauses: visible.iter().flat_map(|pack| &pack.clauses).map(|clause| clause.id.as_str()).collect(),
            roles: BTreeMap::new(),
            bodies: BTreeMap::new(),
            acts: BTreeMap::new(),
            registers: BTreeMap::new(),
            parameters: BTreeMap::new(),
            tracks: BTreeMap::new(),
            papers: BTreeMap::new(),
            visible,
        };
        for pack in index.visible.clone() {
            index.add_names(pack);
            index.add_registers(pack);
        }
        // Fields come when every act is known: a pack may add to an act of a pack that is read after it.
        for pack in index.visible.clone() {
            index.add_act_fields(&pack.acts);
        }
        index
    }

    fn add_names(&mut self, pack: &'p Pack) {
        for role in pack.roles.iter().filter(|role| role.title.is_some()) {
            self.roles.entry(&role.id).or_insert(role);
        }
        for body in pack.bodies.iter().filter(|body| body.title.is_some()) {
            self.bodies.entry(&body.id).or_insert(body);
        }
        for parameter in &pack.parameters {
            self.parameters.entry(&parameter.key).or_insert(parameter);
        }
        for track in &pack.tracks {
            self.tracks.entry(&track.id).or_insert(track);
        }
        for paper in &pack.papers {
            self.papers.entry(&paper.id).or_insert(paper);
        }
        self.add_acts(&pack.acts);
    }

    fn add_acts(&mut self, acts: &'p [Act]) {
        for act in acts {
            if !act.title.ja.is_empty() {
                self.acts.entry(&act.id).or_default();
            }
        }
    }

    fn add_act_fields(&mut self, acts: &'p [Act]) {
        for act in acts {
            if let Some(fields) = self.acts.get_mut(act.id.as_str()) {
                join_fields(fields, &act.fields);
            }
        }
    }

    fn add_registers(&mut self, pack: &'p Pack) {
        for register in &pack.registers {
            let view = self.registers.entry(&register.id).or_default();
            view.defined |= !register.extends && (register.title.is_some() || !register.fields.is_empty());
            view.owned |= !register.owner.is_empty();
            join_fields(&mut view.fields, &register.fields);
            for list in &register.lists {
                join_fields(view.lists.entry(&list.id).or_default(), &list.fields);
            }
        }
        for fact in &pack.facts {
            join_fact(&mut self.registers.entry(&fact.on).or_default().fields, fact);
        }
    }

    /// A register that somebody defines.
    pub(super) fn register(&self, id: &str) -> Option<&RegisterView<'p>> {
        self.registers.get(id).filter(|view| view.defined)
    }

    /// Ids of the registers that somebody defines.
    pub(super) fn register_ids(&self) -> impl Iterator<Item = &'p str> + Clone {
        self.registers.iter().filter(|(_, view)| view.defined).map(|(id, _)| *id)
    }

    /// Follows `agreement.client.name` from a register; `None` when a part of it does not exist.
    pub(super) fn path(&self, register: &str, path: &str) -> Option<&FieldView<'p>> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let field = self.register(register)?.fields.get(name)?;
        match rest {
            None => Some(field),
            Some(rest) => self.path(field.target()?, rest),
        }
    }
}

impl<'p> FieldView<'p> {
    /// Register that the field leads to.
    pub(super) fn target(&self) -> Option<&'p str> {
        match self.kind? {
            Kind::Link | Kind::Links => self.to,
            Kind::Person | Kind::Persons => Some("person"),
            Kind::Department => Some("department"),
            _ => None,
        }
    }
}

fn join_fields<'p>(into: &mut Fields<'p>, fields: &'p [Field]) {
    for field in fields {
        let view = into.entry(&field.id).or_default();
        view.kind = view.kind.or(field.kind);
        view.to = view.to.or(field.to.as_deref());
        view.choices.extend(&field.choices);
    }
}

fn join_fact<'p>(into: &mut Fields<'p>, fact: &'p Fact) {
    let view = into.entry(&fact.id).or_default();
    view.kind = view.kind.or(fact.kind);
    view.choices.extend(&fact.choices);
}

/// The pack itself, `office`, `law-jp`, and what it extends, directly or through others.
fn visible<'p>(own: &'p Pack, packs: &'p [Pack]) -> Vec<&'p Pack> {
    let mut seen: Vec<&Pack> = vec![own];
    let mut wanted: Vec<&str> = own.extends.iter().map(String::as_str).collect();
    wanted.extend([LAW, OFFICE]);
    while let Some(id) = wanted.pop() {
        if seen.iter().any(|pack| pack.id == id) {
            continue;
        }
        if let Some(pack) = packs.iter().find(|pack| pack.id == id) {
            seen.push(pack);
            wanted.extend(pack.extends.iter().map(String::as_str));
        }
    }
    seen
}
