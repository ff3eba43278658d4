//! Composing what packs say of one role: conditions on holders unite, the positions they may come from intersect.

use std::collections::BTreeSet;

use super::{Said, Sayings};
use crate::pack::model::{Role, Text};

/// A composed role.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleRule {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Rank; lower stands higher.
    pub rank: u32,
    /// Held per department.
    pub per_department: bool,
    /// One holder.
    pub single: bool,
    /// A vacancy is listed.
    pub required: bool,
    /// Persons of the organisation only.
    pub internal: bool,
    /// A deputy must be registered.
    pub deputy: bool,
    /// Who appoints.
    pub appointed_by: BTreeSet<String>,
    /// What the appointment must state.
    pub needs: BTreeSet<String>,
    /// Positions of which the holder must have one; empty: any.
    pub positions: Option<BTreeSet<String>>,
    /// Offices by which it is held.
    pub by_office: BTreeSet<String>,
    /// Responsibilities with the clauses that give them.
    pub charges: Vec<(Text, Vec<String>)>,
    /// Registers of which it sees every department.
    pub sees: BTreeSet<String>,
    /// Clauses.
    pub basis: Vec<String>,
    /// A pack other than `office` names it.
    pub in_force: bool,
}

impl Sayings {
    /// Composed role.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<RoleRule> {
        self.roles.get(id).and_then(|said| merge(id, said))
    }
}

fn merge(id: &str, said: &Said<Role>) -> Option<RoleRule> {
    let any = |pick: fn(&Role) -> bool| said.iter().any(|(_, role)| pick(role));
    let positions = said
        .iter()
        .filter(|(_, role)| !role.positions.is_empty())
        .map(|(_, role)| role.positions.iter().cloned().collect::<BTreeSet<_>>())
        .reduce(|left, right| left.intersection(&right).cloned().collect());
    Some(RoleRule {
        id: id.to_owned(),
        title: said.iter().find_map(|(_, role)| role.title.clone())?,
        rank: said.iter().filter_map(|(_, role)| role.rank).min().unwrap_or(100),
        per_department: any(|role| role.per_department),
        single: any(|role| role.single),
        required: any(|role| role.required),
        internal: any(|role| role.internal),
        deputy: any(|role| role.deputy),
        appointed_by: said.iter().filter_map(|(_, role)| role.appointed_by.clone()).collect(),
        needs: said.iter().flat_map(|(_, role)| role.needs.iter().cloned()).collect(),
        positions,
        by_office: said.iter().filter_map(|(_, role)| role.by_office.clone()).collect(),
        charges: said
            .iter()
            .flat_map(|(_, role)| role.charges.iter().map(|text| (text.clone(), role.meta.basis.clone())))
            .collect(),
        sees: said.iter().flat_map(|(_, role)| role.sees.iter().cloned()).collect(),
        basis: said.iter().flat_map(|(_, role)| role.meta.basis.iter().cloned()).collect(),
        in_force: said.in_force(),
    })
}
