//! Types of conditions, and what a rulebook tells the compiler about names.
//!
//! Invariant: the compiler knows no register, field, act or role by itself; all come from a [`Schema`].

use std::{fmt, sync::Arc};

use super::error::NameKind;
use crate::pack::model::Kind;

/// The ids of the choices of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options(Arc<[String]>);

impl Options {
    /// The choices with these ids.
    pub fn new<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self(ids.into_iter().map(Into::into).collect())
    }

    /// Whether `id` is one of them.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.0.iter().any(|option| option == id)
    }

    /// The ids.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.0
    }

    /// Whether the two have an id in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|option| other.contains(option))
    }

    /// Whether every id is one of `other`'s.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().all(|option| other.contains(option))
    }
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes, no or unknown.
    Bool,
    /// Whole number, yen.
    Int,
    /// Text, web address, telephone number, mail address, attachment.
    Text,
    /// One of these choices.
    Choice(Options),
    /// Civil date.
    Date,
    /// Instant.
    Time,
    /// Month of a year.
    YearMonth,
    /// Period.
    Period,
    /// A count with a least and a most.
    Count,
    /// Several of one type.
    List(Box<Type>),
    /// A record of a register; persons are of `person`, departments of `department`.
    Record(String),
    /// A line of a record.
    Line {
        /// Register.
        register: String,
        /// Line list.
        list: String,
    },
}

impl Type {
    /// The type of a field, fact or parameter of this kind. `to` is the register of a `link` or `links`.
    #[must_use]
    pub fn of_kind(kind: Kind, choices: &Options, to: Option<&str>) -> Self {
        let record = |register: &str| Self::Record(register.to_owned());
        match kind {
            Kind::YesNo => Self::Bool,
            Kind::Number | Kind::Yen => Self::Int,
            Kind::Text | Kind::LongText | Kind::Url | Kind::Phone | Kind::Email | Kind::File => Self::Text,
            Kind::Choice => Self::Choice(choices.clone()),
            Kind::Choices => Self::list(Self::Choice(choices.clone())),
            Kind::Count => Self::Count,
            Kind::Date => Self::Date,
            Kind::Time => Self::Time,
            Kind::YearMonth => Self::YearMonth,
            Kind::Period => Self::Period,
            Kind::Person => record("person"),
            Kind::Persons => Self::list(record("person")),
            Kind::Department => record("department"),
            Kind::Link => record(to.unwrap_or_default()),
            Kind::Links => Self::list(record(to.unwrap_or_default())),
        }
    }

    /// Several of `item`.
    #[must_use]
    pub fn list(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    /// Several of these choices, the type of a `choices` field.
    #[must_use]
    pub fn choices(options: Options) -> Self {
        Self::list(Self::Choice(options))
    }

    /// The type of the items, of a list.
    #[must_use]
    pub fn item(&self) -> Option<&Self> {
        match self {
            Self::List(item) => Some(item),
            _ => None,
        }
    }

    /// Whether its values have an order, so that `<` and `max` mean something.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self, Self::Int | Self::Count | Self::Date | Self::Time | Self::YearMonth | Self::Period)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("yes-no"),
            Self::Int => f.write_str("number"),
            Self::Text => f.write_str("text"),
            Self::Choice(_) => f.write_str("choice"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::YearMonth => f.write_str("year-month"),
            Self::Period => f.write_str("period"),
            Self::Count => f.write_str("count"),
            Self::List(item) => write!(f, "list of {item}"),
            Self::Record(register) => write!(f, "record of {register}"),
            Self::Line { register, list } => write!(f, "line of {register}.{list}"),
        }
    }
}

/// At what moment a condition is asked: it says which functions have a meaning there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MomentKind {
    /// Any time: facts, tracks, flags, views.
    #[default]
    Plain,
    /// While somebody is doing something: gates and demands. `acting`, `actor`, `actor_is`.
    Gate,
    /// While somebody is changing fields: also `before` and `setting`.
    Change,
}

/// Where a condition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Register of the record it is asked of.
    pub register: String,
    /// Line list, when it is asked of each line.
    pub list: Option<String>,
    /// When it is asked.
    pub moment: MomentKind,
}

impl Scope {
    /// On a record.
    pub fn record(register: impl Into<String>) -> Self {
        Self { register: register.into(), list: None, moment: MomentKind::Plain }
    }

    /// On a line.
    pub fn line(register: impl Into<String>, list: impl Into<String>) -> Self {
        Self { register: register.into(), list: Some(list.into()), moment: MomentKind::Plain }
    }

    /// The same place, at another moment.
    #[must_use]
    pub fn at(mut self, moment: MomentKind) -> Self {
        self.moment = moment;
        self
    }
}

/// Where the value of a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A stored field.
    Field,
    /// Computed: a fact, or a field with `value`. Asked of [`super::Facts`].
    Fact,
    /// A line list; its type is a list of [`Type::Line`].
    Lines,
}

/// What a name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameType {
    /// Type of its value.
    pub kind: Type,
    /// Where the value comes from.
    pub origin: Origin,
}

/// What a named rule takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Types of its arguments, in order.
    pub parameters: Vec<Type>,
    /// Type of its result.
    pub result: Type,
}

/// What names exist: the rulebook, as the compiler sees it.
pub trait Schema {
    /// A field or fact of the scope's record or, if the scope has a list, a field of its line; a line list of the record.
    fn name(&self, scope: &Scope, name: &str) -> Option<NameType>;

    /// Whether an act exists.
    fn act(&self, act: &str) -> bool;

    /// The type of a field of an act.
    fn act_field(&self, act: &str, field: &str) -> Option<Type>;

    /// The type of a parameter.
    fn parameter(&self, key: &str) -> Option<Type>;

    /// Whether a role exists.
    fn role(&self, role: &str) -> bool;

    /// Whether a register exists.
    fn register(&self, register: &str) -> bool;

    /// The register to which a field of kind person, persons, department, link or links leads.
    fn link_field(&self, register: &str, field: &str) -> Option<String>;

    /// What a named rule takes and gives.
    fn rule(&self, name: &str) -> Option<Signature>;

    /// All names of a kind, from which a misspelt one is guessed. For acts' fields `scope.register` is the act.
    fn names(&self, kind: NameKind, scope: &Scope) -> Vec<String> {
        let _ = (kind, scope);
        Vec::new()
    }
}
