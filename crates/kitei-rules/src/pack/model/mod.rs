//! What a pack says, after reading and before composing: plain data, one struct an element.
//!
//! The language is described for its readers in `docs/pack-language.md`; this module is its other half: one file for
//! each group of elements, in the order of the guide.
//!
//! Invariant: nothing here names a regulation. Conditions are kept as source text ([`Source`]); they are typed
//! and compiled when the rulebook is composed, because only then are all fields known.

mod cases;
mod decisions;
mod documents;
mod law;
mod outcome;
mod people;
mod procedure;
mod records;
mod words;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::expr::{Compiled, ExprError, Memo, Schema, Scope, Type};

pub use cases::{Case, CaseStep};
pub use decisions::{Binding, Fact, Hit, Row};
pub use documents::{Column, Compare, Paper, Question, Rule, Section, View};
pub use law::{LawRow, PendingLaw, Supersede};
pub use outcome::{Duty, Effect, Flag, Gate, GateEffect, Propose, Tone};
pub use people::{Body, Exclusive, Role};
pub use procedure::{Clock, ClockKind, Demand, Skip, Step, Track};
pub use records::{Act, Field, LineList, Preset, Register, Retention, Stage};
pub use words::{Choice, Clause, Kind, Literal, Parameter, Stricter, Term};

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
    /// What the grammar made of it.
    #[serde(skip)]
    memo: Memo,
}

impl Source {
    /// An expression at a place.
    #[must_use]
    pub fn new(text: String, place: Place) -> Self {
        Self { text, place, memo: Memo::default() }
    }

    /// Settles its names and types; what the grammar makes of it is computed once. `want` is the type that its value must
    /// have, if it must have one.
    ///
    /// # Errors
    /// Every mistake, in the order of the source.
    pub fn compile(&self, scope: &Scope, schema: &dyn Schema, want: Option<Type>) -> Result<Compiled, Vec<ExprError>> {
        match self.memo.parsed(&self.text) {
            Ok(parsed) => parsed.compile(scope, schema, want),
            Err(mistakes) => Err(mistakes.clone()),
        }
    }
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

/// Documentation only: how people are named in `by`, `tell`, `read`, `approve`, `who`.
///
/// `ROLE` (every holder) · `head(FIELD)` (head of the department in a field) · `ROLE(FIELD)` (holder for that department) ·
/// `person(FIELD)` · `reporter` (who opened the record) · `staff` (everybody) · `outside(ROLE)` (an outside actor, recorded by the
/// organisation's first role that may).
pub type Who = String;
