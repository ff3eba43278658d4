//! The rulebook as it runs: composed sayings with every condition typed and compiled, found by register.
//!
//! Invariant: compiling is done when a rulebook is adopted; running only evaluates.
//! Invariant: a condition that does not compile is an error of the pack; a rulebook with errors is never adopted.

mod check;
mod compile;
mod names;
mod readers;

use std::collections::{BTreeMap, BTreeSet};

pub use compile::{BookError, Compiler};
pub use names::Names;
pub use readers::{Readers, Way};

use crate::{
    expr::Compiled,
    pack::model::{
        Clock, Compare, Demand, Effect, Flag, Gate, Hit, Kind, Paper, Propose, Stage, Step, Text, Track, View,
    },
    rulebook::{DutyRule, FieldRule, ListRule, ParameterRule, RegisterRule, RoleRule, Sayings, Setting},
    value::Value,
};

/// A composed, compiled rulebook of one day.
#[derive(Debug, Default)]
pub struct Book {
    /// Version within the organisation; grows with each adoption.
    pub version: i64,
    /// The law by date.
    pub law: crate::law::book::LawBook,
    /// Who says what.
    pub sayings: Sayings,
    /// Names and their types; also the composed registers and acts.
    pub names: Names,
    /// Roles.
    pub roles: BTreeMap<String, RoleRule>,
    /// Parameters, composed.
    pub parameters: BTreeMap<String, ParameterRule>,
    /// Their values in force.
    pub values: BTreeMap<String, Value>,
    /// The organisation's own settings.
    pub settings: BTreeMap<String, Setting>,
    /// Facts by register, in order of id.
    pub facts: BTreeMap<String, BTreeMap<String, BookFact>>,
    /// Conditions of fields by register, list (empty for the record itself) and field.
    pub fields: BTreeMap<String, BTreeMap<String, BTreeMap<String, BookField>>>,
    /// Bindings of named rules by register.
    pub bindings: BTreeMap<String, Vec<BookBinding>>,
    /// Procedures by register.
    pub tracks: BTreeMap<String, Vec<BookTrack>>,
    /// Gates by register.
    pub gates: BTreeMap<String, Vec<BookGate>>,
    /// Flags by register.
    pub flags: BTreeMap<String, Vec<BookFlag>>,
    /// Effects by register.
    pub effects: BTreeMap<String, Vec<BookEffect>>,
    /// Proposals by register.
    pub proposals: BTreeMap<String, Vec<BookPropose>>,
    /// Duties by register of their objects.
    pub duties: BTreeMap<String, Vec<BookDuty>>,
    /// Comparisons.
    pub compares: Vec<BookCompare>,
    /// Views by register.
    pub views: BTreeMap<String, Vec<BookView>>,
    /// How long records are kept, by register.
    pub retention: BTreeMap<String, Vec<BookRetention>>,
    /// Papers by register.
    pub papers: BTreeMap<String, Vec<BookPaper>>,
    /// Which registers look at which.
    pub readers: Readers,
    /// Names by register that are computed: facts, and fields with a value of their own. Every other name is what is stored.
    pub computed: BTreeMap<String, BTreeSet<String>>,
}

impl Book {
    /// A register of this rulebook.
    #[must_use]
    pub fn register(&self, id: &str) -> Option<&RegisterRule> {
        self.names.registers.get(id)
    }

    /// Title of an act; its id when nobody gives one.
    #[must_use]
    pub fn act_title(&self, id: &str) -> Text {
        self.names.acts.get(id).map_or_else(|| Text { ja: id.to_owned(), en: id.to_owned() }, |act| act.title.clone())
    }

    /// A field of a register or, with `list`, of its lines.
    #[must_use]
    pub fn field(&self, register: &str, list: Option<&str>, field: &str) -> Option<&FieldRule> {
        let register = self.register(register)?;
        match list {
            Some(list) => register.list(list)?.fields.iter().find(|known| known.id == field),
            None => register.field(field),
        }
    }

    /// A line list of a register.
    #[must_use]
    pub fn list(&self, register: &str, list: &str) -> Option<&ListRule> {
        self.register(register)?.list(list)
    }

    /// The conditions of a field.
    #[must_use]
    pub fn conditions(&self, register: &str, list: Option<&str>, field: &str) -> Option<&BookField> {
        self.fields.get(register)?.get(list.unwrap_or_default())?.get(field)
    }

    /// Title of a clause, for 根拠.
    #[must_use]
    pub fn clause(&self, id: &str) -> Option<&crate::pack::model::Clause> {
        self.sayings.clauses.get(id).map(|(_, clause)| clause)
    }
}

/// Conditions of a field.
#[derive(Debug, Default)]
pub struct BookField {
    /// Requirements: stage, condition, pack, clauses.
    pub required: Vec<(Stage, Option<Compiled>, Vec<String>)>,
    /// Shown only when one of these holds.
    pub shown: Vec<Compiled>,
    /// Proposed value.
    pub default: Option<Compiled>,
    /// Computed value.
    pub value: Option<Compiled>,
}

/// A fact.
#[derive(Debug)]
pub struct BookFact {
    /// Kind of its value.
    pub kind: Kind,
    /// Title.
    pub title: Text,
    /// How rows combine.
    pub hit: Hit,
    /// Rows.
    pub rows: Vec<BookRow>,
    /// Expression.
    pub value: Option<Compiled>,
    /// Named rule.
    pub rule: Option<String>,
    /// A person may set another value with a reason.
    pub overridable: bool,
    /// Shown among the consequences.
    pub shown: bool,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// Clauses.
    pub basis: Vec<String>,
    /// A pack other than `office` names it.
    pub in_force: bool,
}

/// A row of a fact.
#[derive(Debug)]
pub struct BookRow {
    /// Pack.
    pub pack: String,
    /// Id.
    pub id: String,
    /// The reason it gives.
    pub title: Text,
    /// Condition.
    pub when: Compiled,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// Value.
    pub value: Value,
    /// Clauses.
    pub basis: Vec<String>,
}

/// A binding of a named rule.
#[derive(Debug)]
pub struct BookBinding {
    /// Rule family.
    pub rule: String,
    /// Inputs.
    pub inputs: BTreeMap<String, Compiled>,
}

/// A procedure.
#[derive(Debug)]
pub struct BookTrack {
    /// What the pack says.
    pub track: Track,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// When it runs.
    pub when: Option<Compiled>,
    /// Steps.
    pub steps: Vec<BookStep>,
}

/// A step.
#[derive(Debug)]
pub struct BookStep {
    /// What the pack says.
    pub step: Step,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// When it is asked for.
    pub when: Option<Compiled>,
    /// Fields needed under a condition.
    pub needs_when: Vec<(String, Compiled)>,
    /// Demands.
    pub demands: Vec<(Demand, Compiled)>,
    /// Done by itself once this holds.
    pub until: Option<Compiled>,
    /// A new round.
    pub again: Option<Compiled>,
    /// Waiting.
    pub waits: Option<Compiled>,
    /// Locked.
    pub locked: Option<Compiled>,
    /// Countdowns.
    pub clocks: Vec<BookClock>,
    /// How long before the due time people are reminded.
    pub remind: Option<crate::value::Period>,
}

/// A countdown.
#[derive(Debug)]
pub struct BookClock {
    /// What the pack says.
    pub clock: Clock,
    /// Where it begins.
    pub from: Option<Compiled>,
    /// Where it ends.
    pub at: Option<Compiled>,
    /// How long, with parameters filled in.
    pub after: Option<crate::value::Period>,
}

/// A gate.
#[derive(Debug)]
pub struct BookGate {
    /// What the pack says.
    pub gate: Gate,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// When it strikes.
    pub when: Compiled,
}

/// A flag.
#[derive(Debug)]
pub struct BookFlag {
    /// What the pack says.
    pub flag: Flag,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// Condition.
    pub when: Compiled,
}

/// An effect.
#[derive(Debug)]
pub struct BookEffect {
    /// What the pack says.
    pub effect: Effect,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// Condition.
    pub when: Option<Compiled>,
    /// Values.
    pub set: Vec<(String, Compiled)>,
}

/// A proposal.
#[derive(Debug)]
pub struct BookPropose {
    /// What the pack says.
    pub propose: Propose,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// While this holds.
    pub when: Option<Compiled>,
}

/// A duty.
#[derive(Debug)]
pub struct BookDuty {
    /// What the packs say together.
    pub duty: DutyRule,
    /// Objects it concerns: any of these.
    pub when: Vec<Compiled>,
}

/// A comparison.
#[derive(Debug)]
pub struct BookCompare {
    /// What the pack says.
    pub compare: Compare,
    /// Dormant unless this holds of the organisation.
    pub applies: Option<Compiled>,
    /// Key of a left record.
    pub left_key: Compiled,
    /// Left records that count.
    pub left_when: Option<Compiled>,
    /// Key of a right record.
    pub right_key: Compiled,
    /// Right records that count.
    pub right_when: Option<Compiled>,
}

/// A view.
#[derive(Debug)]
pub struct BookView {
    /// What the pack says.
    pub view: View,
    /// Records shown.
    pub when: Option<Compiled>,
    /// Columns.
    pub columns: Vec<Compiled>,
}

/// A paper.
#[derive(Debug)]
pub struct BookPaper {
    /// Pack.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What each pack says, in order.
    pub said: Vec<Paper>,
    /// Offered when any of these holds; empty: always.
    pub when: Vec<Compiled>,
    /// Pack and file of the template.
    pub template: Option<(String, String)>,
    /// Sections.
    pub sections: Vec<BookSection>,
    /// Approvals.
    pub approve: Vec<Vec<String>>,
    /// Watches its data.
    pub watch: bool,
    /// Clauses.
    pub basis: Vec<String>,
}

/// A section of a paper.
#[derive(Debug)]
pub struct BookSection {
    /// Heading.
    pub title: Text,
    /// Rows: title and value.
    pub rows: Vec<(Text, Compiled)>,
    /// Table: what it goes through.
    pub table: Option<BookTable>,
    /// Running text.
    pub text: Option<Text>,
    /// It must have content.
    pub required: bool,
    /// Clauses.
    pub basis: Vec<String>,
}

/// What a table of a paper goes through.
#[derive(Debug)]
pub struct BookTable {
    /// The rows.
    pub rows: TableRows,
    /// Rows that count.
    pub when: Option<Compiled>,
    /// Columns: title and value.
    pub columns: Vec<(Text, Compiled)>,
}

/// Where the rows of a table come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableRows {
    /// Lines of this record.
    Lines(String),
    /// Records that a field links to.
    Links(String),
    /// A whole register.
    Register(String),
}

/// How long a pack says that records of a register are kept.
#[derive(Clone, Debug)]
pub struct BookRetention {
    /// Pack.
    pub pack: String,
    /// At least.
    pub least: Option<crate::value::Period>,
    /// At most.
    pub most: Option<crate::value::Period>,
    /// Date from which it runs; none: the day of closing.
    pub from: Option<Compiled>,
    /// A rule of law, for the least.
    pub rule: Option<crate::law::retention::RecordMethod>,
    /// Clauses.
    pub basis: Vec<String>,
}
