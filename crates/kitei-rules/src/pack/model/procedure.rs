//! Procedures: steps, demands, countdowns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Meta, Source, Text};

/// A procedure on the records of a register.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// When it runs; unknown counts as yes. Absent: always.
    pub when: Option<Source>,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// The record cannot be closed while a step is open.
    pub holds_open: bool,
    /// Steps may be done in any order.
    pub any_order: bool,
}

/// What leaving a step out asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// "Not applicable because …".
    #[default]
    Reason,
    /// It cannot be left out.
    Never,
    /// It is optional and holds nothing up.
    Free,
}

/// A step: an act in a track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Common part.
    pub meta: Meta,
    /// The act.
    pub act: String,
    /// What people read here, if not the act's own title.
    pub title: Option<Text>,
    /// When it is asked for; unknown counts as yes.
    pub when: Option<Source>,
    /// Who does it: [`super::Who`] expressions, the first accountable, the others told.
    pub by: Vec<String>,
    /// Approvals: all sets to be met, each by any one of its roles.
    pub approve: Vec<Vec<String>>,
    /// Countdowns.
    pub clocks: Vec<Clock>,
    /// Fields of the record or of the act that must be filled for it to be done.
    pub needs: Vec<String>,
    /// Needed only under a condition: field → condition.
    pub needs_when: BTreeMap<String, Source>,
    /// Conditions beyond fields that must hold for it to be done, each with the words that refuse.
    pub demands: Vec<Demand>,
    /// Line list that the step goes through.
    pub each: Option<String>,
    /// It counts as done by itself once this holds (in the line's scope with `each`).
    pub until: Option<Source>,
    /// A new round opens when this holds after it was done.
    pub again: Option<Source>,
    /// Waiting for something outside while this holds; the clock runs on.
    pub waits: Option<Source>,
    /// What it waits for.
    pub waits_for: Option<Text>,
    /// It cannot begin while this holds.
    pub locked: Option<Source>,
    /// Why it is locked.
    pub locked_because: Option<Text>,
    /// Acts that must be done before, whatever track they stand in.
    pub after: Vec<String>,
    /// It does not bind the order of its track.
    pub free: bool,
    /// What leaving it out asks for.
    pub skip: Skip,
    /// Paper that belongs to it.
    pub paper: Option<String>,
    /// Who is told when the step opens.
    pub tell: Vec<String>,
    /// Those who are told must acknowledge.
    pub receipt: bool,
    /// How long before the due time those who do it are reminded: ISO 8601 period, or `param:KEY`.
    pub remind: Option<String>,
    /// Who is told once the due time has passed.
    pub escalate: Vec<String>,
    /// Only these see the step and what it holds.
    pub read: Vec<String>,
}

/// A demand on a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// Common part.
    pub meta: Meta,
    /// Must hold.
    pub holds: Source,
    /// What would be right.
    pub message: Text,
}

/// Kinds of countdowns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// Aim.
    Target,
    /// Latest permitted.
    #[default]
    Limit,
    /// Promised by contract.
    Contract,
    /// At once: elapsed time is shown.
    Immediately,
    /// Without delay: elapsed time is shown, late only by a setting with a reason.
    WithoutDelay,
}

/// A countdown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Common part.
    pub meta: Meta,
    /// Kind.
    pub kind: ClockKind,
    /// Instant or date it runs from.
    pub from: Option<Source>,
    /// How long: ISO 8601 period, or `param:KEY`.
    pub after: Option<String>,
    /// Date or instant computed by a fact, instead of `from` and `after`.
    pub at: Option<Source>,
    /// Shown as 目安 with this reason: Kitei's own safe reading, not a statutory date.
    pub guide: Option<Text>,
}
