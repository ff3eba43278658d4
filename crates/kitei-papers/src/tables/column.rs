//! What the caller expects to find in a table: the columns of a register, by name and kind.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The name by which the caller knows a column (a field of a register). Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(Arc<str>);

impl ColumnId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ColumnId {
    fn from(id: &str) -> Self {
        Self(Arc::from(id))
    }
}

impl fmt::Display for ColumnId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for ColumnId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A text shared by many: the name of a sheet, a header, the id of a choice. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

impl Deref for Label {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for Label {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// One allowed value of a [`ColumnKind::Choice`] column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// What is stored.
    pub id: Label,
    /// What people write: the first name is the one an export uses, the others are aliases.
    pub names: Vec<String>,
}

impl ChoiceOption {
    /// An option with its label and aliases, label first.
    #[must_use]
    pub fn new(id: &str, names: &[&str]) -> Self {
        Self { id: Label::from(id), names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// The label, or the id where no name was given.
    #[must_use]
    pub fn label(&self) -> &str {
        self.names.first().map_or(&*self.id, String::as_str)
    }
}

/// What kind of value a column holds; decides how its cells are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text of one line. Line breaks become a space.
    Text,
    /// Text of several lines.
    LongText,
    /// A whole number, possibly with 約 and a unit (約1,200件).
    Integer,
    /// How many persons or records: a number, a range (100〜200件) or an open range (1,000人以上).
    Count,
    /// A civil date, in Western or Japanese era years.
    Date,
    /// A month of a year.
    YearMonth,
    /// A length of time (5年, 3ヶ月, 契約終了後5年) or 永年.
    Period,
    /// Yes or no (○×, 有無, はい・いいえ …).
    YesNo,
    /// One of a list.
    Choice(Vec<ChoiceOption>),
    /// One or more names.
    People,
    /// A telephone number.
    Phone,
    /// A mail address.
    Email,
    /// An amount of money in yen.
    Yen,
}

/// A column that the caller looks for in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedColumn {
    /// The caller's name for it.
    pub id: ColumnId,
    /// What people call it: the first name is the header an export uses, the others are aliases.
    pub names: Vec<String>,
    /// How its cells are read.
    pub kind: ColumnKind,
    /// Whether a row without it is incomplete (不足あり).
    pub required: bool,
    /// Whether its values are personal: problems then never repeat what the cell contains.
    pub personal: bool,
}

impl ExpectedColumn {
    /// A column that is neither required nor personal.
    #[must_use]
    pub fn new(id: &str, names: &[&str], kind: ColumnKind) -> Self {
        Self {
            id: ColumnId::from(id),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            kind,
            required: false,
            personal: false,
        }
    }

    /// The same column, required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same column, marked as holding personal values.
    #[must_use]
    pub fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// The header that an export uses: the first name, or the id where no name was given.
    #[must_use]
    pub fn header(&self) -> &str {
        self.names.first().map_or(self.id.as_str(), String::as_str)
    }
}
