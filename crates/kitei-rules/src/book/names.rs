//! The names a rulebook has, as the condition compiler asks for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    expr::{NameKind, NameType, Options, Origin, Schema, Scope, Signature, Type},
    pack::model::{Choice, Field, Kind, Register},
    rulebook::{ActRule, FieldRule, RegisterRule, Sayings},
    run::named,
};

/// All names of a composed rulebook with their types.
#[derive(Debug, Default)]
pub struct Names {
    /// Registers.
    pub registers: BTreeMap<String, RegisterRule>,
    /// Acts.
    pub acts: BTreeMap<String, ActRule>,
    facts: BTreeMap<(String, String), Type>,
    parameters: BTreeMap<String, Type>,
    roles: BTreeSet<String>,
    /// Every choice of the fields whose list some pack closes: `register`, `register.list` or `act:ID`, and field.
    closed: BTreeMap<(String, String), Vec<Choice>>,
}

impl Names {
    /// The names of what packs say together.
    #[must_use]
    pub fn of(sayings: &Sayings) -> Self {
        let mut names = Self::default();
        for id in sayings.registers.keys() {
            names.registers.extend(sayings.register(id).map(|rule| (id.clone(), rule)));
        }
        for id in sayings.acts.keys() {
            names.acts.extend(sayings.act(id).map(|rule| (id.clone(), rule)));
        }
        for (on, id) in sayings.facts.keys() {
            if let Some(fact) = sayings.fact(on, id) {
                names.facts.insert((on.clone(), id.clone()), type_of(fact.kind, &fact.choices, None));
            }
        }
        for key in sayings.parameters.keys() {
            if let Some(rule) = sayings.parameter(key) {
                names.parameters.insert(key.clone(), type_of(rule.kind, &rule.choices, None));
            }
        }
        names.roles = sayings.roles.keys().cloned().collect();
        names.closed = closed(sayings);
        names
    }

    /// The type of a field. A condition may ask for a choice that another pack's closed list rules out: it is never so.
    fn type_of_field(&self, of: &str, field: &FieldRule) -> Type {
        let key = (of.to_owned(), field.id.clone());
        let choices = self.closed.get(&key).map_or(field.choices.as_slice(), Vec::as_slice);
        type_of(field.kind, choices, field.to.as_deref())
    }

    fn fields(&self, scope: &Scope) -> Option<&[FieldRule]> {
        let register = self.registers.get(&scope.register)?;
        match &scope.list {
            Some(list) => register.list(list).map(|list| list.fields.as_slice()),
            None => Some(&register.fields),
        }
    }
}

/// Fields with a closed list, with all choices that are offered apart from it.
fn closed(sayings: &Sayings) -> BTreeMap<(String, String), Vec<Choice>> {
    let mut out = BTreeMap::new();
    let closes = |field: &Field| !field.only.is_empty();
    let mut open = |of: String, fields: &[FieldRule]| {
        out.extend(fields.iter().map(|field| ((of.clone(), field.id.clone()), field.choices.clone())));
    };
    for (id, said) in &sayings.registers {
        let closing = |register: &Register| {
            register.fields.iter().chain(register.lists.iter().flat_map(|list| &list.fields)).any(closes)
        };
        if said.iter().any(|(_, register)| closing(register))
            && let Some(rule) = sayings.open_lists().register(id)
        {
            open(id.clone(), &rule.fields);
            rule.lists.iter().for_each(|list| open(format!("{id}.{}", list.id), &list.fields));
        }
    }
    for (id, said) in &sayings.acts {
        if said.iter().any(|(_, act)| act.fields.iter().any(closes))
            && let Some(rule) = sayings.open_lists().act(id)
        {
            open(format!("act:{id}"), &rule.fields);
        }
    }
    out
}

fn type_of(kind: Kind, choices: &[Choice], to: Option<&str>) -> Type {
    Type::of_kind(kind, &Options::new(choices.iter().map(|choice| choice.id.clone())), to)
}

impl Schema for Names {
    fn name(&self, scope: &Scope, name: &str) -> Option<NameType> {
        if let Some(field) = self.fields(scope)?.iter().find(|field| field.id == name) {
            let origin = if field.value.is_some() { Origin::Fact } else { Origin::Field };
            let of = scope.list.as_ref().map_or_else(|| scope.register.clone(), |l| format!("{}.{l}", scope.register));
            return Some(NameType { kind: self.type_of_field(&of, field), origin });
        }
        if scope.list.is_some() {
            return None;
        }
        if let Some(kind) = self.facts.get(&(scope.register.clone(), name.to_owned())) {
            return Some(NameType { kind: kind.clone(), origin: Origin::Fact });
        }
        let list = self.registers.get(&scope.register)?.list(name)?;
        let line = Type::Line { register: scope.register.clone(), list: list.id.clone() };
        Some(NameType { kind: Type::list(line), origin: Origin::Lines })
    }

    fn act(&self, act: &str) -> bool {
        self.acts.contains_key(act)
    }

    fn act_field(&self, act: &str, field: &str) -> Option<Type> {
        let field = self.acts.get(act)?.fields.iter().find(|known| known.id == field)?;
        Some(self.type_of_field(&format!("act:{act}"), field))
    }

    fn parameter(&self, key: &str) -> Option<Type> {
        self.parameters.get(key).cloned()
    }

    fn role(&self, role: &str) -> bool {
        self.roles.contains(role)
    }

    fn register(&self, register: &str) -> bool {
        self.registers.contains_key(register)
    }

    fn link_field(&self, register: &str, field: &str) -> Option<String> {
        let field = self.registers.get(register)?.field(field)?;
        match field.kind {
            Kind::Person | Kind::Persons => Some("person".to_owned()),
            Kind::Department => Some("department".to_owned()),
            _ => field.to.clone(),
        }
    }

    fn rule(&self, name: &str) -> Option<Signature> {
        named::signature(name)
    }

    fn names(&self, kind: NameKind, scope: &Scope) -> Vec<String> {
        match kind {
            NameKind::Act => self.acts.keys().cloned().collect(),
            NameKind::Role => self.roles.iter().cloned().collect(),
            NameKind::Register => self.registers.keys().cloned().collect(),
            NameKind::Parameter => self.parameters.keys().cloned().collect(),
            NameKind::ActField => self
                .acts
                .get(&scope.register)
                .map(|act| act.fields.iter().map(|field| field.id.clone()).collect())
                .unwrap_or_default(),
            _ => {
                let facts = self.facts.keys().filter(|(on, _)| *on == scope.register && scope.list.is_none());
                let fields = self.fields(scope).unwrap_or_default().iter().map(|field| field.id.clone());
                fields.chain(facts.map(|(_, id)| id.clone())).collect()
            }
        }
    }
}
