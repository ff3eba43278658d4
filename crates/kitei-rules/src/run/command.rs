//! What people do, what becomes of it, and why it is refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::who::Target;
use crate::{pack::model::Text, value::Value, world::DeedStatus};

/// Values of fields by id.
pub type Values = BTreeMap<String, Value>;

/// Something that somebody does.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Opens a record.
    Create {
        /// Register.
        register: String,
        /// Fields.
        fields: Values,
        /// Lines by list.
        lines: BTreeMap<String, Vec<Values>>,
    },
    /// Sets fields of a record.
    Change {
        /// Record.
        record: Uuid,
        /// Fields.
        fields: Values,
    },
    /// Adds a line.
    AddLine {
        /// Record.
        record: Uuid,
        /// List.
        list: String,
        /// Fields.
        fields: Values,
    },
    /// Sets fields of a line.
    ChangeLine {
        /// Record.
        record: Uuid,
        /// List.
        list: String,
        /// Line.
        line: Uuid,
        /// Fields.
        fields: Values,
    },
    /// Does an act.
    Act {
        /// Record.
        record: Uuid,
        /// Act.
        act: String,
        /// Fields of the act and of the record that its form shows.
        fields: Values,
    },
    /// Says that an act does not apply.
    Skip {
        /// Record.
        record: Uuid,
        /// Act.
        act: String,
    },
    /// Approves an act.
    Approve {
        /// Record.
        record: Uuid,
        /// Act.
        act: String,
    },
    /// Sends an act back.
    Return {
        /// Record.
        record: Uuid,
        /// Act.
        act: String,
    },
    /// Does a duty's act for an object.
    Duty {
        /// Object.
        record: Uuid,
        /// Act.
        act: String,
        /// Period, as [`crate::run::duty`] numbers it.
        round: i64,
        /// Fields of the act.
        fields: Values,
    },
    /// Closes a record.
    Close {
        /// Record.
        record: Uuid,
    },
    /// Attaches the files that come with it, to a record or to one of its lines.
    Attach {
        /// Record.
        record: Uuid,
        /// List and line.
        line: Option<(String, Uuid)>,
    },
    /// Disposes of a record: its values are erased, and a record of the disposal stays.
    Dispose {
        /// Record.
        record: Uuid,
        /// What the record of disposal says beside what and when: fields of register `disposal`.
        fields: Values,
    },
    /// Erases personal values for good: of a record, or of one line.
    Erase {
        /// Record.
        record: Uuid,
        /// List and line.
        line: Option<(String, Uuid)>,
    },
    /// Somebody who was told confirms that it reached them.
    Acknowledge {
        /// Record the notice is about.
        record: Uuid,
        /// Notice.
        notice: Uuid,
    },
    /// Somebody confirms a rule of the handbook as it reads today.
    ConfirmRule {
        /// The person's own record.
        person: Uuid,
        /// Pack of the rule.
        pack: String,
        /// Rule.
        rule: String,
    },
}

impl Command {
    /// The record it is about, if it exists already.
    #[must_use]
    pub fn record(&self) -> Option<Uuid> {
        match self {
            Self::Create { .. } => None,
            Self::Change { record, .. }
            | Self::AddLine { record, .. }
            | Self::ChangeLine { record, .. }
            | Self::Act { record, .. }
            | Self::Skip { record, .. }
            | Self::Approve { record, .. }
            | Self::Return { record, .. }
            | Self::Duty { record, .. }
            | Self::Close { record }
            | Self::Attach { record, .. }
            | Self::Dispose { record, .. }
            | Self::Erase { record, .. }
            | Self::Acknowledge { record, .. } => Some(*record),
            Self::ConfirmRule { person, .. } => Some(*person),
        }
    }
}

/// A file that was received: sealed and kept already, and of nobody's until a command attaches it.
#[derive(Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its id; a field of kind `file` holds it as text.
    pub id: Uuid,
    /// Its name as people see it.
    pub name: String,
    /// Media type, judged by its content.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: i64,
    /// Address of its sealed bytes.
    pub blob: String,
    /// Key leaf with which bytes and name are sealed.
    pub leaf: i64,
}

/// Names of files are people's words: they do not come into logs.
impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached").field("id", &self.id).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// The circumstances of a command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Circumstances {
    /// When it happened or was known, if not now: the two dates are kept apart.
    pub happened_at: Option<Timestamp>,
    /// Who did it, if another than the one who enters it.
    pub done_by: Option<Uuid>,
    /// Reason: of a skip, a return, a correction, a gate that asks, a self-approval.
    pub reason: Option<String>,
}

/// What a command does, event by event.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A record was opened.
    Opened {
        /// Record.
        record: Uuid,
        /// Register.
        register: String,
        /// Who opened it.
        by: Option<Uuid>,
    },
    /// Fields were set.
    FieldsSet {
        /// Record.
        record: Uuid,
        /// Fields.
        fields: Values,
        /// When they were known.
        known_at: Timestamp,
        /// Reason of a correction or of what a gate asked.
        reason: Option<String>,
        /// The act in whose form they were set.
        act: Option<String>,
    },
    /// A line was added.
    LineAdded {
        /// Record.
        record: Uuid,
        /// List.
        list: String,
        /// Line.
        line: Uuid,
        /// Fields.
        fields: Values,
        /// When they were known.
        known_at: Timestamp,
    },
    /// Fields of a line were set.
    LineSet {
        /// Record.
        record: Uuid,
        /// List.
        list: String,
        /// Line.
        line: Uuid,
        /// Fields.
        fields: Values,
        /// When they were known.
        known_at: Timestamp,
        /// Reason.
        reason: Option<String>,
    },
    /// An act was done, skipped or sent back.
    Deed {
        /// Record.
        record: Uuid,
        /// Act.
        act: String,
        /// Round.
        round: i64,
        /// How far.
        status: DeedStatus,
        /// Who did it.
        by: Option<Uuid>,
        /// For whom the doer acted as deputy.
        acting_for: Option<Uuid>,
        /// When it happened.
        happened_at: Timestamp,
        /// Fields of the act.
        fields: Values,
        /// Reason.
        reason: Option<String>,
    },
    /// An act was approved.
    Approved {
        /// Record.
        record: Uuid,
        /// Act.
        act: String,
        /// Round.
        round: i64,
        /// Role in which it was given.
        role: String,
        /// Person.
        by: Uuid,
        /// Approved by the doer, nobody else being left.
        by_self: bool,
        /// Reason of a self-approval, or remark.
        reason: Option<String>,
        /// All sets are met now.
        complete: bool,
    },
    /// A record was closed.
    Closed {
        /// Record.
        record: Uuid,
    },
    /// A file was attached.
    Attached {
        /// Record.
        record: Uuid,
        /// List and line.
        line: Option<(String, Uuid)>,
        /// The file.
        file: Attached,
    },
    /// A record was disposed of.
    Disposed {
        /// Record.
        record: Uuid,
        /// Reason.
        reason: Option<String>,
        /// How, and who answers for it: fields of register `disposal`.
        how: Values,
    },
    /// Personal values were erased.
    Erased {
        /// Record.
        record: Uuid,
        /// List and line.
        line: Option<(String, Uuid)>,
        /// Reason.
        reason: Option<String>,
    },
    /// Somebody who was told confirmed that it reached them. Nothing on the record changes.
    Acknowledged {
        /// Record the notice is about.
        record: Uuid,
        /// Notice.
        notice: Uuid,
    },
    /// Somebody confirmed a rule of the handbook. Nothing on their record changes.
    RuleConfirmed {
        /// The person's own record.
        person: Uuid,
        /// Pack of the rule.
        pack: String,
        /// Rule.
        rule: String,
        /// Edition of the pack as it was shown.
        edition: String,
    },
}

impl Change {
    /// The record it is about.
    #[must_use]
    pub fn record(&self) -> Uuid {
        match self {
            Self::Opened { record, .. }
            | Self::FieldsSet { record, .. }
            | Self::LineAdded { record, .. }
            | Self::LineSet { record, .. }
            | Self::Deed { record, .. }
            | Self::Approved { record, .. }
            | Self::Closed { record }
            | Self::Attached { record, .. }
            | Self::Disposed { record, .. }
            | Self::Erased { record, .. }
            | Self::Acknowledged { record, .. } => *record,
            Self::RuleConfirmed { person, .. } => *person,
        }
    }

    /// Whether the record itself is another after it.
    #[must_use]
    pub fn alters(&self) -> bool {
        !matches!(self, Self::Acknowledged { .. } | Self::RuleConfirmed { .. })
    }

    /// The name of the event.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "record.opened",
            Self::FieldsSet { .. } => "record.fields-set",
            Self::LineAdded { .. } => "line.added",
            Self::LineSet { .. } => "line.fields-set",
            Self::Deed { status: DeedStatus::Skipped, .. } => "act.skipped",
            Self::Deed { status: DeedStatus::Returned, .. } => "act.returned",
            Self::Deed { .. } => "act.done",
            Self::Approved { .. } => "act.approved",
            Self::Closed { .. } => "record.closed",
            Self::Attached { .. } => "attachment.added",
            Self::Disposed { .. } => "record.disposed",
            Self::Erased { .. } => "record.erased",
            Self::Acknowledged { .. } => "notice.acknowledged",
            Self::RuleConfirmed { .. } => "rule.confirmed",
        }
    }
}

/// Somebody is told something.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Record it is about.
    pub record: Uuid,
    /// Names it uniquely, so that it is never sent twice.
    pub key: String,
    /// Who.
    pub to: Vec<Target>,
    /// What.
    pub message: Text,
    /// They must acknowledge.
    pub receipt: bool,
    /// It goes out alone and at once; the rest is gathered.
    pub urgent: bool,
    /// By when it is to be done.
    pub due: Option<Timestamp>,
    /// Clauses.
    pub basis: Vec<String>,
}

/// A command that may be carried out, and what follows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Changes in order.
    pub changes: Vec<Change>,
    /// Notices.
    pub notices: Vec<Notice>,
    /// Warnings of gates that let it pass.
    pub warnings: Vec<Objection>,
    /// The record it is about (the new one, for `Create`).
    pub record: Option<Uuid>,
    /// Required fields that the new record lacks, where that is allowed.
    pub gaps: Vec<Objection>,
}

/// Why something is refused, asked about or warned of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Stable code: `required`, `choice`, `range`, `detector`, `gate`, `not-asked`, `not-yours`, `blocked`, `needs` …
    pub code: String,
    /// Field it stands at.
    pub field: Option<String>,
    /// Gate, act or list it comes from.
    pub source: Option<String>,
    /// Clauses.
    pub clauses: Vec<String>,
    /// What is wrong and what would be right.
    pub message: Text,
}

/// A command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", self.objections.iter().map(|o| o.code.as_str()).collect::<Vec<_>>().join(", "))]
pub struct Refusal {
    /// Every objection at once.
    pub objections: Vec<Objection>,
    /// Giving a reason would let it pass.
    pub asks_reason: bool,
}
