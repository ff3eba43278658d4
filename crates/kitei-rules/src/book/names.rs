//! The names a rulebook has, as the condition compiler asks for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    expr::{NameKind, NameType, Options, Origin, Schema, Scope, Signature, Type},
    pack::model::{Choice, Kind},
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
        names
    }

    fn fields(&self, scope: &Scope) -> Option<&[FieldRule]> {
        let register = self.registers.get(&scope.register)?;
        match &scope.list {
            Some(list) => register.list(list).map(|list| list.fields.as_slice()),
            None => Some(&register.fields),
        }
    }
}

fn type_of(kind: Kind, choices: &[Choice], to: Option<&str>) -> Type {
    Type::of_kind(kind, &Options::new(choices.iter().map(|choice| choice.id.clone())), to)
}

impl Schema for Names {
    fn name(&self, scope: &Scope, name: &str) -> Option<NameType> {
        if let Some(field) = self.fields(scope)?.iter().find(|field| field.id == name) {
            let origin = if field.value.is_some() { Origin::Fact } else { Origin::Field };
            return Some(NameType { kind: type_of(field.kind, &field.choices, field.to.as_deref()), origin });
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
        Some(type_of(field.kind, &field.choices, field.to.as_deref()))
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
