//! Who reads whom: the dependency graph of a rulebook, so that a write recomputes exactly what reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::Book;
use crate::expr::{Compiled, Dependencies, Hop, Path};

/// How a register's rules come to look at records of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// By a field of the reader that links to it.
    Link(String),
    /// Because its field links to the reader.
    Reverse(String),
    /// The whole register, or by several steps: every record of the reader.
    All,
}

/// Registers by the registers that read them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// Read register → (reading register, way).
    pub of: BTreeMap<String, BTreeSet<(String, Way)>>,
    /// Registers whose rules look at who holds which role.
    pub of_roles: BTreeSet<String>,
    /// Registers whose rules look at the organisation's own record.
    pub of_organization: BTreeSet<String>,
}

impl Readers {
    /// The graph of a rulebook whose conditions are compiled.
    pub(super) fn of(book: &Book) -> Self {
        let mut readers = Self::default();
        for (register, compiled) in conditions(book) {
            readers.add(book, register, compiled.dependencies());
        }
        readers
    }

    fn add(&mut self, book: &Book, reader: &str, dependencies: &Dependencies) {
        if !dependencies.roles.is_empty() {
            self.of_roles.insert(reader.to_owned());
        }
        let sets =
            [&dependencies.fields, &dependencies.facts, &dependencies.sets, &dependencies.acts, &dependencies.states];
        for path in sets.into_iter().flatten() {
            self.add_path(book, reader, path);
        }
    }

    fn add_path(&mut self, book: &Book, reader: &str, path: &Path) {
        let foreign: Vec<&Hop> = path.hops.iter().filter(|hop| !matches!(hop, Hop::Lines(_) | Hop::Actor)).collect();
        let mut at = reader.to_owned();
        for (depth, hop) in foreign.iter().enumerate() {
            let (read, way) = match hop {
                Hop::Organization => {
                    self.of_organization.insert(reader.to_owned());
                    ("organization".to_owned(), Way::All)
                }
                Hop::Link(field) => (target(book, &at, field), Way::Link(field.clone())),
                Hop::Reverse { register, field } => (register.clone(), Way::Reverse(field.clone())),
                Hop::Register(register) => (register.clone(), Way::All),
                Hop::Deed { .. } | Hop::Computed(_) | Hop::Lines(_) | Hop::Actor => continue,
            };
            let way = if depth == 0 { way } else { Way::All };
            self.of.entry(read.clone()).or_default().insert((reader.to_owned(), way));
            at = read;
        }
    }
}

fn target(book: &Book, register: &str, field: &str) -> String {
    use crate::expr::Schema;
    book.names.link_field(register, field).unwrap_or_default()
}

/// Every condition with the register of whose records it is asked.
fn conditions(book: &Book) -> Vec<(&str, &Compiled)> {
    let mut out: Vec<(&str, &Compiled)> = Vec::new();
    for (register, facts) in &book.facts {
        for fact in facts.values() {
            out.extend(fact.rows.iter().map(|row| (register.as_str(), &row.when)));
            out.extend(fact.value.iter().chain(&fact.applies).map(|compiled| (register.as_str(), compiled)));
        }
    }
    for (register, lists) in &book.fields {
        for field in lists.values().flat_map(BTreeMap::values) {
            out.extend(field.value.iter().map(|compiled| (register.as_str(), compiled)));
            out.extend(field.required.iter().filter_map(|(_, when, _)| Some((register.as_str(), when.as_ref()?))));
        }
    }
    for (register, tracks) in &book.tracks {
        for track in tracks {
            out.extend(track.when.iter().chain(&track.applies).map(|compiled| (register.as_str(), compiled)));
            for step in &track.steps {
                let own = [&step.when, &step.until, &step.again, &step.waits, &step.locked, &step.applies];
                out.extend(own.into_iter().flatten().map(|compiled| (register.as_str(), compiled)));
                let clocks = step.clocks.iter().flat_map(|clock| clock.from.iter().chain(&clock.at));
                out.extend(clocks.map(|compiled| (register.as_str(), compiled)));
            }
        }
    }
    for (register, flags) in &book.flags {
        out.extend(flags.iter().map(|flag| (register.as_str(), &flag.when)));
    }
    for (register, duties) in &book.duties {
        out.extend(duties.iter().flat_map(|duty| &duty.when).map(|compiled| (register.as_str(), compiled)));
    }
    for (register, bindings) in &book.bindings {
        let inputs = bindings.iter().flat_map(|binding| binding.inputs.values());
        out.extend(inputs.map(|compiled| (register.as_str(), compiled)));
    }
    out
}
