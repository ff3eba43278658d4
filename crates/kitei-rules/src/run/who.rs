//! Who is meant: from `head(department)` to persons, with deputies for those who are absent.

use std::collections::BTreeSet;

use jiff::civil::Date;
use uuid::Uuid;

use super::Kernel;
use crate::{pack::who::Who, value::Value, world::Record};

/// Somebody who is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Every member of staff.
    Staff,
    /// Holders of a role, of a department if it is held per department.
    Role {
        /// Role.
        role: String,
        /// Department.
        department: Option<Uuid>,
    },
    /// A person.
    Person(Uuid),
    /// Somebody outside; staff record it for them.
    Outside(String),
}

impl Kernel<'_> {
    /// Who an expression means on a record.
    #[must_use]
    pub fn targets(&self, record: &Record, who: &str) -> Vec<Target> {
        match Who::parse(who) {
            None => Vec::new(),
            Some(Who::Staff) => vec![Target::Staff],
            Some(Who::Reporter) => record.created_by.map(Target::Person).into_iter().collect(),
            Some(Who::Outside(role)) => vec![Target::Outside(role.to_owned())],
            Some(Who::Person(field)) => self.references(record, field).into_iter().map(Target::Person).collect(),
            Some(Who::Head(field)) => self
                .departments(record, field)
                .into_iter()
                .filter_map(|department| self.head_of(department))
                .map(Target::Person)
                .collect(),
            Some(Who::Role(role)) => vec![Target::Role { role: role.to_owned(), department: None }],
            Some(Who::RoleFor(role, field)) => self
                .departments(record, field)
                .into_iter()
                .map(|department| Target::Role { role: role.to_owned(), department: Some(department) })
                .collect(),
        }
    }

    /// Who several expressions mean, in order, each once.
    #[must_use]
    pub fn all_targets(&self, record: &Record, whos: &[String]) -> Vec<Target> {
        let mut seen = BTreeSet::new();
        whos.iter().flat_map(|who| self.targets(record, who)).filter(|target| seen.insert(target.clone())).collect()
    }

    fn departments(&self, record: &Record, field: &str) -> Vec<Uuid> {
        if field == "self" { vec![record.id] } else { self.references(record, field) }
    }

    /// The records in a field, which may be reached through links (`entry.department`).
    fn references(&self, record: &Record, path: &str) -> Vec<Uuid> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let ids: Vec<Uuid> = match self.value(record, first) {
            Value::Record(id) => vec![id],
            Value::List(items) => {
                items.iter().filter_map(|item| if let Value::Record(id) = item { Some(*id) } else { None }).collect()
            }
            _ => Vec::new(),
        };
        match rest {
            None => ids,
            Some(rest) => ids
                .into_iter()
                .filter_map(|id| self.snapshot.record(id))
                .flat_map(|record| self.references(record, rest))
                .collect(),
        }
    }

    fn head_of(&self, department: Uuid) -> Option<Uuid> {
        let record = self.snapshot.record(department)?;
        match record.fields.get("head").map(|stored| &stored.value) {
            Some(Value::Record(person)) => Some(*person),
            _ => None,
        }
    }

    /// The persons behind a target today: holders, or the deputies of those who are absent. Staff and outsiders are not listed.
    #[must_use]
    pub fn persons(&self, target: &Target) -> BTreeSet<Uuid> {
        let today = self.moment.today();
        match target {
            Target::Person(person) => BTreeSet::from([*person]),
            Target::Role { role, department } => self.holders(role, *department, today),
            Target::Staff | Target::Outside(_) => BTreeSet::new(),
        }
    }

    /// Holders of a role on a day; for one who is absent, the deputy (and the holder still).
    #[must_use]
    pub fn holders(&self, role: &str, department: Option<Uuid>, day: Date) -> BTreeSet<Uuid> {
        let mut out = BTreeSet::new();
        for holding in self.snapshot.holders(role, department, day) {
            out.insert(holding.person);
            let absent = self.snapshot.people.get(&holding.person).is_some_and(|person| person.absent);
            if absent {
                out.extend(holding.deputy);
            }
        }
        out
    }

    /// Whether a person is among the targets. Staff means everybody; what is outside is recorded by any member of staff.
    #[must_use]
    pub fn is_meant(&self, person: Uuid, targets: &[Target]) -> bool {
        targets.iter().any(|target| match target {
            Target::Staff | Target::Outside(_) => true,
            other => self.persons(other).contains(&person),
        })
    }

    /// For whom a person acts as deputy among the targets, if not in their own right.
    #[must_use]
    pub fn acting_for(&self, person: Uuid, targets: &[Target]) -> Option<Uuid> {
        let today = self.moment.today();
        let mut deputised = None;
        for target in targets {
            match target {
                Target::Staff | Target::Outside(_) => return None,
                Target::Person(meant) if *meant == person => return None,
                Target::Person(_) => {}
                Target::Role { role, department } => {
                    for holding in self.snapshot.holders(role, *department, today) {
                        if holding.person == person {
                            return None;
                        }
                        if holding.deputy == Some(person) {
                            deputised = Some(holding.person);
                        }
                    }
                }
            }
        }
        deputised
    }
}
