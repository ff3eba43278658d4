//! Approvals: which sets of roles are outstanding, and who may give them.
//!
//! A set is met by any one of its roles. Several steps that name the same act unite their sets; one approval by a higher
//! rank in the chain discharges a lower set unless a clause asks for both. Nobody approves what they did themselves: it
//! goes to the next in rank, and where nobody is left self-approval is recorded with its reason and shown to the audit.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Kernel;
use crate::{
    rulebook::unite_approvals,
    world::{Deed, Record},
};

/// What an act needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Approvals {
    /// Sets asked for, each with its roles.
    pub sets: Vec<Vec<String>>,
    /// Sets not met yet, in order of rank.
    pub outstanding: Vec<Vec<String>>,
}

/// Who may give an outstanding approval.
#[derive(Clone, Debug, PartialEq)]
pub struct Approver {
    /// Role in which it is given.
    pub role: String,
    /// Persons who may.
    pub persons: BTreeSet<Uuid>,
    /// Nobody else is left: the doer approves with a reason.
    pub by_self: bool,
}

impl Kernel<'_> {
    pub(super) fn approvals(&self, groups: &[Vec<Vec<String>>], deed: Option<&Deed>) -> Approvals {
        let mut sets = unite_approvals(groups.iter().flatten());
        sets.sort_by_key(|set| std::cmp::Reverse(self.highest(set)));
        let given: Vec<&str> = deed.map(|d| d.approvals.iter().map(|a| a.role.as_str()).collect()).unwrap_or_default();
        let met = |set: &Vec<String>| {
            given
                .iter()
                .any(|role| set.iter().any(|asked| role_of(asked) == *role) || self.discharges(role, set, groups))
        };
        let outstanding = sets.iter().filter(|set| !met(set)).cloned().collect();
        Approvals { sets, outstanding }
    }

    /// Whether an approval by a role of the chain stands for a lower set: it ranks higher, and no clause asks for both.
    fn discharges(&self, role: &str, set: &[String], groups: &[Vec<Vec<String>>]) -> bool {
        let in_chain = groups.iter().flatten().flatten().any(|asked| role_of(asked) == role);
        let higher = self.rank(role) < self.highest(set);
        let both = groups.iter().any(|group| {
            let asks_role = group.iter().any(|other| other.iter().any(|asked| role_of(asked) == role));
            asks_role && group.iter().any(|other| other == set)
        });
        in_chain && higher && !both
    }

    fn rank(&self, role: &str) -> u32 {
        self.book.roles.get(role).map_or(100, |rule| rule.rank)
    }

    fn highest(&self, set: &[String]) -> u32 {
        set.iter().map(|who| self.rank(role_of(who))).min().unwrap_or(100)
    }

    /// Who may meet a set on a record after `doer` did the act: holders other than the doer, else the next in rank, else the doer.
    #[must_use]
    pub fn approvers(&self, record: &Record, set: &[String], doer: Option<Uuid>) -> Vec<Approver> {
        let own: Vec<Approver> = set.iter().map(|who| self.approver(record, who, doer)).collect();
        let some: Vec<Approver> = own.iter().filter(|approver| !approver.persons.is_empty()).cloned().collect();
        if !some.is_empty() {
            return some;
        }
        let mut higher: Vec<(&String, u32)> = self
            .book
            .roles
            .iter()
            .filter(|(_, rule)| rule.in_force && rule.rank < self.highest(set))
            .map(|(role, rule)| (role, rule.rank))
            .collect();
        higher.sort_by_key(|(_, rank)| std::cmp::Reverse(*rank));
        for (role, _) in higher {
            let approver = self.approver(record, role, doer);
            if !approver.persons.is_empty() {
                return vec![approver];
            }
        }
        let persons = doer.into_iter().collect();
        vec![Approver { role: set.first().map_or("", |who| role_of(who)).to_owned(), persons, by_self: true }]
    }

    fn approver(&self, record: &Record, who: &str, doer: Option<Uuid>) -> Approver {
        let targets = self.targets(record, who);
        let mut persons: BTreeSet<Uuid> = targets.iter().flat_map(|target| self.persons(target)).collect();
        if let Some(doer) = doer {
            persons.remove(&doer);
        }
        Approver { role: role_of(who).to_owned(), persons, by_self: false }
    }
}

/// The name under which an approval is kept: the role, without the field that says for which department.
#[must_use]
pub fn role_of(who: &str) -> &str {
    who.split_once('(').map_or(who, |(name, argument)| match name {
        "head" => "department-head",
        "person" | "outside" => argument.trim_end_matches(')'),
        role => role,
    })
}
