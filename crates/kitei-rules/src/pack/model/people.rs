//! Roles, pairs of roles that exclude each other, committees.

use serde::{Deserialize, Serialize};

use super::{Choice, Meta, Text};

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Common part.
    pub meta: Meta,
    /// Id, for instance `privacy-manager`.
    pub id: String,
    /// What people read.
    pub title: Option<Text>,
    /// Order of approval and of standing in; a lower number stands higher. Top management is 0.
    pub rank: Option<u32>,
    /// Held per department.
    pub per_department: bool,
    /// At most one holder at a time.
    pub single: bool,
    /// Somebody must hold it; a vacancy is listed.
    pub required: bool,
    /// Only persons of the organisation itself.
    pub internal: bool,
    /// A deputy must be registered.
    pub deputy: bool,
    /// The role that appoints.
    pub appointed_by: Option<String>,
    /// What the appointment must state: fields of the `appointment` register.
    pub needs: Vec<String>,
    /// Positions of which the holder must have one (ids of `person.position`).
    pub positions: Vec<String>,
    /// A role whose holder holds this one by office (充て職): `head` of a department named by a parameter, or another role.
    pub by_office: Option<String>,
    /// What the role is responsible for, shown on its page.
    pub charges: Vec<Text>,
    /// Registers of which it sees every department.
    pub sees: Vec<String>,
}

/// Roles that one person may not hold at the same time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exclusive {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// The roles.
    pub roles: Vec<String>,
}

/// A committee.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// What people read.
    pub title: Option<Text>,
    /// Who sits on it, as [`super::Who`] expressions.
    pub members: Vec<String>,
    /// Who chairs it.
    pub chair: Vec<String>,
    /// Least number of members present.
    pub quorum: Option<u32>,
    /// Headings that the minutes must fill.
    pub agenda: Vec<Choice>,
    /// Guests may be added, with a reason.
    pub guests: bool,
}
