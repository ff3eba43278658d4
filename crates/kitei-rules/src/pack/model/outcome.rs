//! What is refused, listed, follows or comes back: gates, flags, effects, proposals, duties.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Meta, Source, Text};

/// What a gate does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateEffect {
    /// Shown, nothing more.
    Warn,
    /// A reason is asked for and kept.
    Reason,
    /// Refused.
    #[default]
    Refuse,
}

/// A gate: what is refused, asked or warned of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// Moments: `create`, `change`, `close`, `dispose`, `act:ID`, `skip:ID`, `paper:ID`, `line:LIST`.
    pub at: Vec<String>,
    /// Only when one of these fields is set or changed.
    pub fields: Vec<String>,
    /// It strikes when this holds (unknown counts as holding for `refuse` only if `strict`).
    pub when: Source,
    /// Unknown counts as holding.
    pub strict: bool,
    /// What it does.
    pub effect: GateEffect,
    /// What would be right.
    pub message: Text,
    /// It asks a reason instead of refusing once this statutory clock's act is due within its limit.
    pub yields_to: Option<String>,
}

/// Weight of a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Good to know.
    Info,
    /// Something is missing.
    #[default]
    Gap,
    /// Something is wrong.
    Alarm,
}

/// A condition that is listed wherever its record is shown, and in the list of gaps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// Line list, when each line is looked at.
    pub each: Option<String>,
    /// Condition.
    pub when: Source,
    /// What people read.
    pub message: Text,
    /// Weight.
    pub tone: Tone,
    /// Whose task it becomes, if anybody's.
    pub by: Vec<String>,
}

/// What follows in other records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// Moment: `create`, `change`, `close`, `act:ID`, `approved:ID`.
    pub at: String,
    /// Condition.
    pub when: Option<Source>,
    /// Register in which a record is opened.
    pub create: Option<String>,
    /// Field of this record that is set to the new record.
    pub link: Option<String>,
    /// Link field of this record whose records are changed (instead of creating one); `self` for this record.
    pub update: Option<String>,
    /// Line list of this record to which a line is added.
    pub add_line: Option<String>,
    /// Field → expression in the scope of this record.
    pub set: BTreeMap<String, Source>,
    /// Roles that are told.
    pub tell: Vec<String>,
    /// What they are told.
    pub message: Option<Text>,
    /// They must acknowledge.
    pub receipt: bool,
    /// This record is closed.
    pub close: bool,
}

/// Changes of these fields go through an application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Propose {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register whose records are guarded.
    pub on: String,
    /// The fields; empty: all.
    pub fields: Vec<String>,
    /// While this holds of the record.
    pub when: Option<Source>,
    /// Register of the application.
    pub through: String,
    /// Link field of the application that names the record.
    pub target: String,
    /// Act of the application whose completion applies the change.
    pub applied_by: String,
}

/// A duty that comes back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// Common part.
    pub meta: Meta,
    /// The act. The same act, object and period in several packs is one task.
    pub act: String,
    /// What people read here, if not the act's own title.
    pub title: Option<Text>,
    /// Register of its objects; `organization` for the whole.
    pub each: String,
    /// Only objects of which this holds.
    pub when: Option<Source>,
    /// ISO 8601 period, or `param:KEY`.
    pub period: String,
    /// Month in which a yearly one opens, or `param:KEY`.
    pub month: Option<String>,
    /// Who does it.
    pub by: Vec<String>,
    /// Approvals.
    pub approve: Vec<Vec<String>>,
    /// Fields of the act that must be filled.
    pub needs: Vec<String>,
    /// Acts whose result of the period it waits for.
    pub after: Vec<String>,
    /// Paper.
    pub paper: Option<String>,
    /// How long before the due time those who do it are reminded: ISO 8601 period, or `param:KEY`.
    pub remind: Option<String>,
    /// Who is told once the due time has passed.
    pub escalate: Vec<String>,
}
