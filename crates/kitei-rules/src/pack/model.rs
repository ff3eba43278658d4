//! What a pack says, after reading and before composing: plain data, one struct an element.
//!
//! The language is described for its readers in `docs/pack-language.md`; this file is its other half and the
//! only place where the shape of an element is defined.
//!
//! Invariant: nothing here names a regulation. Conditions are kept as source text ([`Source`]); they are typed
//! and compiled when the rulebook is composed, because only then are all fields known.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Two-language text. `en` falls back to `ja` where a pack gives one language only.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// Where something stands, for messages: file inside the pack and 1-based line.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Path relative to the pack's directory.
    pub file: String,
    /// 1-based line.
    pub line: u32,
}

/// A condition or expression in CEL syntax, not yet typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The expression.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What every element carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Pack that says it.
    pub pack: String,
    /// The clauses behind it (根拠), ids of this pack or of a pack it extends.
    pub basis: Vec<String>,
    /// Dormant unless this holds of the organisation's own record.
    pub applies: Option<Source>,
    /// A remark for readers, for instance why a clause is read this way.
    pub note: Option<Text>,
    /// Where it stands.
    pub place: Place,
    /// Where each of its keys stands.
    #[serde(skip)]
    pub lines: KeyLines,
}

/// Line of each key of an element, so that a mistake found later names the key's line and not the element's.
///
/// Two elements that say the same are equal wherever their keys stand; it is not stored either.
#[derive(Clone, Debug, Default)]
pub struct KeyLines(BTreeMap<String, u32>);

impl From<BTreeMap<String, u32>> for KeyLines {
    fn from(lines: BTreeMap<String, u32>) -> Self {
        Self(lines)
    }
}

impl PartialEq for KeyLines {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for KeyLines {}

impl Meta {
    /// Place of one of the element's keys; the element's own when the key is not written.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Place {
        let line = self.lines.0.get(key).copied().unwrap_or(self.place.line);
        Place { file: self.place.file.clone(), line }
    }

    /// The clauses behind a part: its own, or those of the element it stands in.
    #[must_use]
    pub fn effective_basis<'m>(&'m self, whole: &'m Self) -> &'m [String] {
        if self.basis.is_empty() { &whole.basis } else { &self.basis }
    }
}

/// A whole pack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pack {
    /// Directory name and id, for instance `leak-procedure`.
    pub id: String,
    /// Title of the regulation.
    pub title: Text,
    /// Edition as the regulation names it.
    pub edition: String,
    /// First day on which this edition is meant to hold.
    pub effective_from: Option<Date>,
    /// Packs whose elements this one refers to (`office` and `law-jp` need not be named).
    pub extends: Vec<String>,
    /// A remark for those who adopt it, for instance that the law has moved on.
    pub notice: Option<Text>,
    /// The regulation's clauses.
    pub clauses: Vec<Clause>,
    /// Glossary.
    pub terms: Vec<Term>,
    /// Values that the regulation sets or leaves open.
    pub parameters: Vec<Parameter>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Roles that one person may not hold together.
    pub exclusives: Vec<Exclusive>,
    /// Committees.
    pub bodies: Vec<Body>,
    /// Deeds.
    pub acts: Vec<Act>,
    /// Registers, and additions to registers of other packs.
    pub registers: Vec<Register>,
    /// Ready-made answers for a form.
    pub presets: Vec<Preset>,
    /// Named facts decided by rows or by a named rule of law.
    pub facts: Vec<Fact>,
    /// Bindings of a named rule's inputs to a register's fields.
    pub bindings: Vec<Binding>,
    /// Procedures.
    pub tracks: Vec<Track>,
    /// Refusals, questions and warnings.
    pub gates: Vec<Gate>,
    /// Gaps to be listed.
    pub flags: Vec<Flag>,
    /// What follows from a deed in other records.
    pub effects: Vec<Effect>,
    /// Changes that go through an application.
    pub proposals: Vec<Propose>,
    /// What comes back.
    pub duties: Vec<Duty>,
    /// Two sets held against each other.
    pub compares: Vec<Compare>,
    /// Lists with columns of their own.
    pub views: Vec<View>,
    /// Documents.
    pub papers: Vec<Paper>,
    /// Handbook rules.
    pub rules: Vec<Rule>,
    /// Check and audit questions.
    pub questions: Vec<Question>,
    /// What the law puts in place of a clause (`law-jp` only).
    pub supersedes: Vec<Supersede>,
    /// Figures and duties of law by date (`law-jp` only).
    pub laws: Vec<LawRow>,
    /// Law that is promulgated and not in force (`law-jp` only).
    pub pending: Vec<PendingLaw>,
    /// Cases that exercise the clauses.
    pub cases: Vec<Case>,
}

/// One clause of the regulation, or one article of law in `law-jp`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Id, for instance `MR-02-02-01`.
    pub id: String,
    /// Where the regulation has it, for instance 第2・2.
    pub reference: String,
    /// Title.
    pub title: Text,
    /// What it says.
    pub text: Text,
    /// Law only: first day in force.
    pub effective_from: Option<Date>,
    /// Law only: last day in force.
    pub effective_to: Option<Date>,
    /// Law only: promulgated, not in force; shown, never computed.
    pub pending: bool,
    /// Remark.
    pub note: Option<Text>,
    /// Where it stands.
    pub place: Place,
}

/// A glossary term, used with this meaning on every page that shows the word.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// The word.
    pub title: Text,
    /// Its meaning.
    pub meaning: Text,
    /// The listed kinds or examples, shown under the meaning.
    pub items: Vec<Text>,
    /// Elements whose pages link here: `register`, `register.field`, `role` or `fact` ids.
    pub used_by: Vec<String>,
}

/// Kinds of values. See `docs/pack-language.md`, "Kinds of values".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    LongText,
    /// Yes, no or unknown; an empty one counts as unknown.
    YesNo,
    /// One of the choices.
    Choice,
    /// Some of the choices.
    Choices,
    /// A whole number.
    Number,
    /// A count with a least and a most, perhaps approximate; unknown counts as the most possible.
    Count,
    /// Yen.
    Yen,
    /// A civil date.
    Date,
    /// An instant.
    Time,
    /// A month of a year.
    YearMonth,
    /// An ISO 8601 period of whole years, months, days, hours or minutes.
    Period,
    /// A person of the `person` register.
    Person,
    /// Several persons.
    Persons,
    /// A department of the `department` register.
    Department,
    /// A record of the register named by `to`.
    Link,
    /// Several such records.
    Links,
    /// A web address.
    Url,
    /// A telephone number.
    Phone,
    /// A mail address.
    Email,
    /// An attachment.
    File,
}

/// How strict a parameter's values compare: which of two wins when both bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stricter {
    /// The smaller value binds (minutes until the screen locks).
    Lower,
    /// The larger value binds (length of a password).
    Higher,
    /// Only equal values agree; two different ones are a conflict to be read.
    Same,
    /// Lists: what every pack allows.
    Fewer,
    /// Lists: what any pack demands.
    More,
}

/// A value that a pack sets, bounds or leaves open.
///
/// Keyed by what it is about: the same key is the same act, addressee, object and agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Common part.
    pub meta: Meta,
    /// Dotted key, for instance `tell-client.within`.
    pub key: String,
    /// What people read.
    pub title: Text,
    /// Kind of value.
    pub kind: Kind,
    /// Unit shown behind it.
    pub unit: Option<Text>,
    /// Which value wins.
    pub stricter: Stricter,
    /// The value the pack sets.
    pub value: Option<Literal>,
    /// The least the pack allows.
    pub least: Option<Literal>,
    /// The most the pack allows.
    pub most: Option<Literal>,
    /// Adopting must answer it.
    pub fill: bool,
    /// What adoption proposes.
    pub suggest: Option<Literal>,
    /// Choices of a `choice` or `choices` parameter.
    pub choices: Vec<Choice>,
}

/// A literal value as written in TOML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    /// true, false.
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Text; also dates, times, periods and choice ids, read by the kind.
    Text(String),
    /// List.
    List(Vec<Literal>),
    /// Table (a count: `{ least = 10, most = 20 }`; a line's fields).
    Table(BTreeMap<String, Literal>),
}

/// A choice of a field or parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Id, kebab-case.
    pub id: String,
    /// What people read.
    pub title: Text,
    /// Other spellings that an import accepts.
    pub aliases: Vec<String>,
}

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
    /// Who sits on it, as [`Who`] expressions.
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

/// A deed. Acts of `office` are shared; others are private to their pack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// Common part.
    pub meta: Meta,
    /// Id, for instance `report-ppc-final`.
    pub id: String,
    /// What people read, as a task's title.
    pub title: Text,
    /// Plain words for staff.
    pub help: Option<Text>,
    /// Facts about the deed itself that the form asks for.
    pub fields: Vec<Field>,
}

/// A register, or an addition to one that another pack defines (`extends = true`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Common part.
    pub meta: Meta,
    /// Id, for instance `incident`.
    pub id: String,
    /// This adds to a register defined elsewhere.
    pub extends: bool,
    /// What people read.
    pub title: Option<Text>,
    /// What belongs here and how to begin.
    pub help: Option<Text>,
    /// Prefix of the running number, for instance `INC`.
    pub prefix: Option<String>,
    /// Exactly one record (the organisation's own).
    pub single: bool,
    /// Field that names a record in lists and links.
    pub named_by: Option<String>,
    /// Who keeps it: [`Who`] expressions.
    pub owner: Vec<String>,
    /// Who reads it, beside owner and writers. Empty: every member of staff.
    pub read: Vec<String>,
    /// Who enters and changes records.
    pub write: Vec<String>,
    /// Read only what concerns one's own department (field of kind department).
    pub department_field: Option<String>,
    /// How long records are kept.
    pub retention: Option<Retention>,
    /// Fields.
    pub fields: Vec<Field>,
    /// Child records.
    pub lists: Vec<LineList>,
}

/// Retention as an interval from a date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retention {
    /// Keep at least this long (ISO 8601 period, or a parameter key).
    pub at_least: Option<String>,
    /// Dispose when this has passed.
    pub at_most: Option<String>,
    /// Date it runs from.
    pub from: Option<Source>,
    /// A named rule of law instead (`retention.contract` …).
    pub rule: Option<String>,
}

/// When a field must be filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Never demanded by itself (a step may still need it).
    #[default]
    Never,
    /// Before the record counts as complete; it may be saved with a gap that is listed (不足あり).
    Complete,
    /// On saving.
    Save,
    /// Before closing.
    Close,
}

/// A field of a register, of a line list or of an act.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Common part.
    pub meta: Meta,
    /// Id, snake_case, for instance `noticed_at`.
    pub id: String,
    /// Kind; absent when the field only adds to one defined elsewhere.
    pub kind: Option<Kind>,
    /// What people read.
    pub title: Option<Text>,
    /// Explanation under the label.
    pub help: Option<Text>,
    /// Plain question for a form that asks rather than labels.
    pub ask: Option<Text>,
    /// From which stage it must be filled.
    pub required: Stage,
    /// … but only when this holds.
    pub required_when: Option<Source>,
    /// Shown only when this holds.
    pub shown_when: Option<Source>,
    /// Choices.
    pub choices: Vec<Choice>,
    /// Register that a link leads to.
    pub to: Option<String>,
    /// Stored in clear although it is text (nothing personal in it).
    pub open: bool,
    /// Detectors whose finds are refused, for instance `my-number`.
    pub refuse: Vec<String>,
    /// Detectors whose finds are warned of.
    pub warn: Vec<String>,
    /// Headers that an import accepts.
    pub aliases: Vec<String>,
    /// Unit.
    pub unit: Option<Text>,
    /// Proposed when a record is opened.
    pub default: Option<Source>,
    /// Computed, never typed.
    pub value: Option<Source>,
    /// Only these see it ([`Who`] expressions).
    pub read: Vec<String>,
    /// A column of the list page.
    pub column: bool,
    /// Lists filter on it.
    pub filter: bool,
    /// Least value (number).
    pub least: Option<i64>,
    /// Most value.
    pub most: Option<i64>,
}

/// Child records of a register, each with its own key: the principals of an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineList {
    /// Common part.
    pub meta: Meta,
    /// Id, snake_case, for instance `principals`.
    pub id: String,
    /// What people read.
    pub title: Option<Text>,
    /// Fields of a line.
    pub fields: Vec<Field>,
    /// Lines that every record begins with.
    pub start: Vec<BTreeMap<String, Literal>>,
    /// Only these see it.
    pub read: Vec<String>,
}

/// A ready-made answer: choosing it fills fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// Values it fills.
    pub set: BTreeMap<String, Literal>,
}

/// How rows of a fact combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hit {
    /// The first row that holds.
    #[default]
    First,
    /// All rows that hold: a list.
    All,
    /// The largest value.
    Max,
    /// True when any row holds (a duty's condition: OR).
    Any,
    /// True only when every row holds (an exemption's conditions: AND).
    Every,
}

/// A fact that follows from others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Common part.
    pub meta: Meta,
    /// Register it belongs to.
    pub on: String,
    /// Id, snake_case; read in conditions like a field.
    pub id: String,
    /// What people read; absent when the fact only adds rows to one defined elsewhere.
    pub title: Option<Text>,
    /// Kind of its value; absent when the fact only adds rows.
    pub kind: Option<Kind>,
    /// Choices, when the kind has them.
    pub choices: Vec<Choice>,
    /// How rows combine.
    pub hit: Hit,
    /// The rows.
    pub rows: Vec<Row>,
    /// A single expression instead of rows.
    pub value: Option<Source>,
    /// A named rule of law or arithmetic instead of rows, for instance `breach.appi-final-limit`.
    pub rule: Option<String>,
    /// A person may set another value, with a reason (the field of the same id stores it).
    pub overridable: bool,
    /// Shown among the consequences on the record's page.
    pub shown: bool,
}

/// A row of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Common part.
    pub meta: Meta,
    /// Id within the fact; the question or reason in words.
    pub id: String,
    /// What people read: the reason this row gives.
    pub title: Text,
    /// Condition.
    pub when: Source,
    /// Value when it holds (absent for `any` and `every`).
    pub value: Option<Literal>,
}

/// Inputs of a named rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// Common part.
    pub meta: Meta,
    /// Name of the rule family, for instance `breach`.
    pub rule: String,
    /// Register whose fields feed it.
    pub on: String,
    /// Input name → expression.
    pub inputs: BTreeMap<String, Source>,
}

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
    /// Who does it: [`Who`] expressions, the first accountable, the others told.
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

/// Two sets held against each other; each difference is a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compare {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// What people read.
    pub title: Text,
    /// Left register.
    pub left: String,
    /// Expression on a left record: its key or list of keys.
    pub left_key: Source,
    /// Left records that count.
    pub left_when: Option<Source>,
    /// Right register.
    pub right: String,
    /// Its key.
    pub right_key: Source,
    /// Right records that count.
    pub right_when: Option<Source>,
    /// What is said of a key on the left only; absent: not a difference.
    pub only_left: Option<Text>,
    /// … on the right only.
    pub only_right: Option<Text>,
    /// Whose task a difference is.
    pub by: Vec<String>,
}

/// A list page with columns of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// Records shown.
    pub when: Option<Source>,
    /// Shows closed records as well as open ones.
    pub closed: bool,
    /// Columns: title and expression.
    pub columns: Vec<Column>,
    /// Who sees it; empty: whoever reads the register.
    pub read: Vec<String>,
}

/// A column of a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// What people read.
    pub title: Text,
    /// Expression.
    pub value: Source,
}

/// A document that Kitei makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Register whose record it is made from; `organization` for the whole.
    pub on: String,
    /// What people read.
    pub title: Text,
    /// Offered when this holds.
    pub when: Option<Source>,
    /// Typst template in `papers/`; absent: the general form.
    pub template: Option<String>,
    /// Sections of the general form.
    pub sections: Vec<Section>,
    /// It must be approved by these before it counts: sets of alternatives.
    pub approve: Vec<Vec<String>>,
    /// It says "revise" when the data behind it have changed since its last version.
    pub watch: bool,
}

/// A section of the general form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Common part.
    pub meta: Meta,
    /// Heading.
    pub title: Text,
    /// Field and fact ids shown as rows, or expressions with a title.
    pub rows: Vec<Column>,
    /// Line list or register shown as a table.
    pub table: Option<String>,
    /// Table rows that count (in the row's scope).
    pub table_when: Option<Source>,
    /// Table columns.
    pub columns: Vec<Column>,
    /// Running text.
    pub text: Option<Text>,
    /// The section must have content before the paper is ready.
    pub required: bool,
}

/// A handbook rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Chapter or situation.
    pub chapter: Option<Text>,
    /// What to do, in plain words.
    pub text: Text,
    /// Whom it concerns: [`Who`] expressions.
    pub who: Vec<String>,
}

/// A question of a check or audit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Common part.
    pub meta: Meta,
    /// Id.
    pub id: String,
    /// Checks it belongs to, for instance `operational-check`, `audit`, `january-check`.
    pub within: Vec<String>,
    /// The question.
    pub text: Text,
    /// Departments it concerns; absent: all.
    pub when: Option<Source>,
}

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

/// A case: given facts and now → what must be seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Id within the pack.
    pub id: String,
    /// Clauses whose `verify` it exercises.
    pub clauses: Vec<String>,
    /// What it shows, naming each clause's point.
    pub shows: Text,
    /// What happens and what is seen, in order.
    pub steps: Vec<CaseStep>,
    /// Answers to parameters for this case.
    pub settings: BTreeMap<String, Literal>,
    /// Where it stands.
    pub place: Place,
}

/// A step of a case. Exactly one deed or expectation; see `docs/pack-language.md`, "Cases".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseStep {
    /// Local date and time from here on (`2025-04-01T10:00`).
    pub at: Option<String>,
    /// Role in which somebody acts from here on.
    pub by: Option<String>,
    /// The words of the step: verb and its arguments, as a table.
    pub words: BTreeMap<String, Literal>,
    /// Where it stands.
    pub place: Place,
}

/// Documentation only: how people are named in `by`, `tell`, `read`, `approve`, `who`.
///
/// `ROLE` (every holder) · `head(FIELD)` (head of the department in a field) · `ROLE(FIELD)` (holder for that department) ·
/// `person(FIELD)` · `reporter` (who opened the record) · `staff` (everybody) · `outside(ROLE)` (an outside actor, recorded by the
/// organisation's first role that may).
pub type Who = String;
