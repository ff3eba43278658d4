//! What a condition reads, so that a write recomputes exactly what reads it.
//!
//! Invariant: everything that [`super::evaluate`] can look at for a condition stands in its [`Dependencies`];
//! the set may name more than one evaluation looks at (a branch not taken), never less.

use std::collections::BTreeSet;

/// A step from a record to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// To the record or records in a field.
    Link(String),
    /// To the lines of a list.
    Lines(String),
    /// To the records of a register whose field links here.
    Reverse {
        /// Register.
        register: String,
        /// Its field.
        field: String,
    },
    /// To all records of a register.
    Register(String),
    /// To the organisation's own record.
    Organization,
    /// To a record that a deed names.
    Deed {
        /// Act.
        act: String,
        /// Its field.
        field: String,
    },
    /// To whoever is acting.
    Actor,
    /// To a record that a parameter or a named rule gives.
    Computed(String),
}

/// A name, reached from the record that the condition is asked of. In the scope of a line the first hop is the line list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The way there.
    pub hops: Vec<Hop>,
    /// Register in which the name is defined.
    pub register: String,
    /// Field, fact, line list or act. Empty for the state of the record itself.
    pub name: String,
}

/// What a condition reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Fields, of records and lines.
    pub fields: BTreeSet<Path>,
    /// Facts.
    pub facts: BTreeSet<Path>,
    /// Line lists, reverse links and whole registers whose members count; the name is the list or empty.
    pub sets: BTreeSet<Path>,
    /// Acts whose deeds count.
    pub acts: BTreeSet<Path>,
    /// Fields of deeds: act and field.
    pub deeds: BTreeSet<(String, String)>,
    /// Records of which it matters when they were opened and closed.
    pub states: BTreeSet<Path>,
    /// Parameters.
    pub parameters: BTreeSet<String>,
    /// Roles whose holders, deputies or absences count.
    pub roles: BTreeSet<String>,
    /// Named rules.
    pub rules: BTreeSet<String>,
    /// It depends on the time of day.
    pub uses_time: bool,
    /// It depends on who is acting.
    pub uses_actor: bool,
    /// It depends on what is being changed.
    pub uses_change: bool,
    /// It looks at earlier values.
    pub uses_history: bool,
}
