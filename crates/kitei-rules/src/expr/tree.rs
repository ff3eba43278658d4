//! The typed tree of a condition: what remains of the source once every name and type is settled.
//!
//! Invariant: frames are counted from the outside. Frame 0 is the record that is asked; a line scope adds frame 1.

use super::{dependencies::Dependencies, types::Type};
use crate::value::Value;

/// A condition or expression, typed and ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(super) root: Node,
    pub(super) kind: Type,
    pub(super) dependencies: Dependencies,
    /// Line list of the scope, if it is asked of lines.
    pub(super) list: Option<String>,
}

impl Compiled {
    /// The type of its value.
    #[must_use]
    pub fn kind(&self) -> &Type {
        &self.kind
    }

    /// What it reads.
    #[must_use]
    pub fn dependencies(&self) -> &Dependencies {
        &self.dependencies
    }
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Whose name is read.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// The record or line of a frame.
    Frame(usize),
    /// The record of a frame, also where the frame is a line.
    RecordOf(usize),
    /// The organisation's own record.
    Organization,
    /// The record that an expression gives.
    Linked(Box<Node>),
}

/// A name that is read. `shown` is how messages and pages call it.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) of: Subject,
    pub(super) name: String,
    pub(super) shown: String,
}

/// Records or lines to go through.
#[derive(Clone, Debug)]
pub(super) enum Set {
    /// The lines of a list of a record.
    Lines(Read),
    /// The records in a list.
    Links(Node),
    /// The records of a register whose field links to the record of a frame.
    Reverse { frame: usize, register: String, field: String, shown: String },
    /// A whole register.
    Register { register: String, shown: String },
}

/// What is asked of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Any,
    All,
    Count,
    Min,
    Max,
    Sum,
}

/// A question to a set.
#[derive(Clone, Debug)]
pub(super) struct Aggregate {
    pub(super) fold: Fold,
    pub(super) set: Set,
    /// Asked in the frame of each member; absent for a plain count.
    pub(super) body: Option<Node>,
    /// `sum` of counts: it gives a count.
    pub(super) ranged: bool,
}

/// What is asked of the deeds of a record.
#[derive(Clone, Debug)]
pub(super) enum DeedQuestion {
    Done,
    DoneAt,
    DoneOn,
    DoneBy,
    Submitted,
    Skipped,
    ApprovedBy(String),
    Field(String),
}

/// A question about deeds.
#[derive(Clone, Debug)]
pub(super) struct DeedRead {
    pub(super) frame: usize,
    pub(super) act: String,
    pub(super) question: DeedQuestion,
    pub(super) shown: String,
}

/// A question about a role.
#[derive(Clone, Debug)]
pub(super) enum RoleQuestion {
    Vacant,
    Deputised,
    Holder,
    Absent,
    Holds(Box<Node>),
    Acting,
}

/// A question about a role, asked of a department where the record of `department` is one.
#[derive(Clone, Debug)]
pub(super) struct RoleRead {
    pub(super) role: String,
    pub(super) department: Option<usize>,
    pub(super) question: RoleQuestion,
}

/// Questions about the record of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateQuestion {
    OpenedAt,
    OpenedOn,
    ClosedOn,
    IsOpen,
}

/// Units of periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Months,
    Days,
    Hours,
    Minutes,
}

/// Parts of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CountPart {
    Least,
    Most,
    Approximate,
}

/// Questions about texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextQuestion {
    Contains,
    StartsWith,
    EndsWith,
}

/// A node.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Literal(Value),
    Field(Read),
    Fact(Read),
    Set(Box<Set>),
    Aggregate(Box<Aggregate>),
    List(Vec<Node>),
    Not(Box<Node>),
    And(Box<(Node, Node)>),
    Or(Box<(Node, Node)>),
    If(Box<(Node, Node, Node)>),
    Compare(Comparison, Box<(Node, Node)>),
    In(Box<(Node, Node)>),
    Arithmetic(Operator, Box<(Node, Node)>),
    /// A count read as a number: unknown unless it is exact.
    Exact(Box<Node>),
    /// A number read as a count.
    Range(Box<Node>),
    Known(Box<Node>),
    Empty(Box<Node>),
    Part(CountPart, Box<Node>),
    Now,
    Today,
    State(StateQuestion, usize),
    Period(Unit, Box<Node>),
    DateOf(Box<Node>),
    YearOf(Box<Node>),
    MonthOf(Box<Node>),
    Text(TextQuestion, Box<(Node, Node)>),
    Length(Box<Node>),
    Deed(Box<DeedRead>),
    Role(Box<RoleRead>),
    Holder(Box<RoleRead>),
    Parameter(String),
    Rule(String, Vec<Node>),
    /// The instant since which it holds of the record of a frame.
    Since(usize, Box<Node>),
    ChangedAt(Read),
    Before(Read),
    Setting(String),
    /// The record of a frame itself, or the organisation's.
    Itself(Subject),
    Actor,
    ActorIs(Box<Node>),
}
