//! What the verifier found, for people and as JSON.

use serde::Serialize;

use crate::Digest;
use crate::checkpoint::CheckpointError;

/// How many findings are kept; the rest are counted.
pub const MAX_FINDINGS: usize = 100;

/// One thing that is wrong. Spans are `from` up to, not including, `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Finding {
    /// The bytes of an event are not those of its leaf hash.
    #[error("event {seq} was altered: its bytes do not have the stored leaf hash")]
    EventAltered {
        /// The event.
        seq: u64,
    },
    /// The bytes under a leaf hash that fits are not an event.
    #[error("event {seq} does not have the form of an event")]
    NotAnEvent {
        /// The event.
        seq: u64,
    },
    /// The event belongs to another log.
    #[error("event {seq} belongs to another organisation")]
    OtherOrganisation {
        /// The event.
        seq: u64,
    },
    /// The event says another position than the one under which it is stored.
    #[error("event {seq} says of itself that it is event {inside}")]
    OtherSeq {
        /// The position under which it is stored.
        seq: u64,
        /// The position that stands in it.
        inside: u64,
    },
    /// Events are missing in between.
    #[error("events from {from} up to and excluding {to} are missing")]
    Missing {
        /// The first that is missing.
        from: u64,
        /// The next that is there.
        to: u64,
    },
    /// An event comes twice or too late.
    #[error("event {seq} comes where event {expected} was due: repeated or out of order")]
    OutOfOrder {
        /// The event.
        seq: u64,
        /// The one that was due.
        expected: u64,
    },
    /// The root does not fit a checkpoint though every event fits its leaf hash.
    #[error("something between event {from} and event {to} (excluded) differs from what was signed")]
    Span {
        /// The size of the last checkpoint that holds.
        from: u64,
        /// The size of the first that does not.
        to: u64,
    },
    /// The log is not a continuation of the older checkpoint.
    #[error("the log does not continue the older checkpoint of {to} events; the last that holds has {from}")]
    NotTheContinuation {
        /// The size of the last checkpoint that holds.
        from: u64,
        /// The size of the older checkpoint.
        to: u64,
    },
    /// The log ends before the last checkpoint.
    #[error("the log ends after {events} events though {signed} were signed")]
    Truncated {
        /// Events that are there.
        events: u64,
        /// Events that were signed.
        signed: u64,
    },
    /// Events follow that no checkpoint covers.
    #[error("events from {from} up to and excluding {to} are covered by no checkpoint")]
    Extra {
        /// The first of them.
        from: u64,
        /// The position after the last.
        to: u64,
    },
    /// A checkpoint is malformed, or not signed by the key.
    #[error("checkpoint {position}: {reason}")]
    Checkpoint {
        /// Its position in the given list, from 0.
        position: u64,
        /// Why.
        reason: String,
    },
    /// A checkpoint of another log.
    #[error("checkpoint {position} (of {size} events) belongs to another log")]
    OtherOrigin {
        /// Its position in the given list, from 0.
        position: u64,
        /// Its size.
        size: u64,
    },
    /// Two checkpoints that were both signed contradict each other.
    #[error("two signed checkpoints of {size} events have different roots")]
    SplitView {
        /// Their size.
        size: u64,
    },
}

impl Finding {
    pub(super) fn checkpoint(position: usize, error: &CheckpointError) -> Self {
        Self::Checkpoint { position: position as u64, reason: error.to_string() }
    }

    /// The first event that this names, if it names one.
    #[must_use]
    pub const fn event(&self) -> Option<u64> {
        match self {
            Self::EventAltered { seq }
            | Self::NotAnEvent { seq }
            | Self::OtherOrganisation { seq }
            | Self::OtherSeq { seq, .. }
            | Self::OutOfOrder { seq, .. } => Some(*seq),
            Self::Missing { from, .. } | Self::Extra { from, .. } => Some(*from),
            Self::Truncated { events, .. } => Some(*events),
            Self::Span { .. }
            | Self::NotTheContinuation { .. }
            | Self::Checkpoint { .. }
            | Self::OtherOrigin { .. }
            | Self::SplitView { .. } => None,
        }
    }
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Whose log.
    pub organisation: String,
    /// Events taken.
    pub events: u64,
    /// Root of all events; absent when events are missing or out of order.
    pub root: Option<Digest>,
    /// Signed checkpoints whose root fits.
    pub checkpoints_held: u64,
    /// Signed checkpoints that could not be compared, because the log broke off before them.
    pub checkpoints_not_compared: u64,
    /// The size of the last checkpoint that fits.
    pub signed_until: u64,
    /// Events after the last checkpoint.
    pub unsigned: u64,
    /// Whether the log continues the older checkpoint; absent without one.
    pub continues: Option<bool>,
    /// The first event that is named as wrong.
    pub first_wrong: Option<u64>,
    /// What is wrong, in the order of its discovery, at most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub further: u64,
}
