//! What the regulation says and the words it uses: clauses, glossary, parameters, kinds of values.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Meta, Place, Text};

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
