//! Law: what it puts aside, its figures by date, what is not in force yet (`law-jp` only).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Literal, Meta, Text};

/// What the law puts in place of a clause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Supersede {
    /// Common part; its basis is the article.
    pub meta: Meta,
    /// The clause.
    pub clause: String,
    /// Element of that pack that no longer counts (`kind:id`), if any.
    pub element: Option<String>,
    /// Why.
    pub reason: Text,
}

/// A figure, period or duty of law for a span of days: one row of the law book (`law-jp` only).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LawRow {
    /// Common part; its basis is the article.
    pub meta: Meta,
    /// What it decides: a rule of the law engine, for instance `appi-persons-over`.
    pub rule: String,
    /// The article as cited in answers, which may name several.
    pub article: String,
    /// First day in force.
    pub effective_from: Option<Date>,
    /// Last day in force.
    pub effective_to: Option<Date>,
    /// `true` (in force), a number of principals, or a period in days or years.
    pub value: Option<Literal>,
}

/// Law that is promulgated and not in force: shown, never computed (`law-jp` only).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PendingLaw {
    /// Common part; its basis is the article.
    pub meta: Meta,
    /// The amending Act.
    pub law: String,
    /// What it will change.
    pub subject: Text,
    /// First day in force, if it is fixed.
    pub effective_from: Option<Date>,
    /// Day by which it comes into force at the latest.
    pub effective_by: Option<Date>,
    /// It will change breach reports.
    pub concerns_reports: bool,
}
