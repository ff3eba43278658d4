//! From a cell to a typed value, by the kind of its column.
//!
//! Invariant: a value is either understood or a problem says what would be right; nothing is guessed in silence.
//!
//! Invariant: `Debug` shows the kind of a value, never its content.

mod choice;
mod contact;
mod date;
mod number;
mod period;

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::fold::{fold_signs, many_lines, one_line};
use super::read::Cell;
use super::{ColumnKind, Label, ProblemKind, Severity};

pub use self::period::{Period, Span};

/// What a cell means.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Value {
    /// Text; of several lines in long-text columns.
    Text {
        /// The text.
        text: String,
    },
    /// A whole number.
    Integer {
        /// The number.
        number: i64,
        /// Whether it was said to be approximate (約).
        approximate: bool,
    },
    /// How many.
    Count {
        /// At least so many.
        min: u64,
        /// At most so many; nothing for an open range (1,000人以上).
        max: Option<u64>,
        /// Whether it was said to be approximate.
        approximate: bool,
    },
    /// A day.
    Date {
        /// The day.
        date: Date,
    },
    /// A month of a year.
    YearMonth {
        /// The year of the Western calendar.
        year: i16,
        /// The month, 1 to 12.
        month: i8,
    },
    /// A length of time.
    Period {
        /// The length, and what it counts from.
        period: Period,
    },
    /// Yes or no.
    YesNo {
        /// Whether yes.
        yes: bool,
    },
    /// One of a list.
    Choice {
        /// The option's id.
        id: Label,
    },
    /// Names.
    People {
        /// The names, in order; at least one.
        names: Vec<String>,
    },
    /// A telephone number, digits and hyphens, with `+` for international ones.
    Phone {
        /// The number.
        number: String,
    },
    /// A mail address.
    Email {
        /// The address.
        address: String,
    },
    /// Money.
    Yen {
        /// The amount in yen.
        amount: i64,
        /// Whether it was said to be approximate.
        approximate: bool,
    },
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text { .. } => "Text(…)",
            Self::Integer { .. } => "Integer(…)",
            Self::Count { .. } => "Count(…)",
            Self::Date { .. } => "Date(…)",
            Self::YearMonth { .. } => "YearMonth(…)",
            Self::Period { .. } => "Period(…)",
            Self::YesNo { .. } => "YesNo(…)",
            Self::Choice { .. } => "Choice(…)",
            Self::People { .. } => "People(…)",
            Self::Phone { .. } => "Phone(…)",
            Self::Email { .. } => "Email(…)",
            Self::Yen { .. } => "Yen(…)",
        })
    }
}

/// What came of reading a cell: perhaps a value, perhaps remarks. An empty cell gives neither.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The value, unless the cell is empty or not understood.
    pub value: Option<Value>,
    /// Problems and notes, in the order found.
    pub remarks: Vec<ProblemKind>,
}

impl Reading {
    fn of(value: Value) -> Self {
        Self { value: Some(value), remarks: Vec::new() }
    }

    fn noted(value: Value, remark: ProblemKind) -> Self {
        Self { value: Some(value), remarks: vec![remark] }
    }

    fn problem(kind: ProblemKind) -> Self {
        Self { value: None, remarks: vec![kind] }
    }

    /// Whether the cell held something that was not understood.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.remarks.iter().any(|remark| remark.severity() == Severity::Error)
    }
}

/// What reading a value gives before it is wrapped up: the value and perhaps a remark, or what is wrong.
type Understood = Result<(Value, Option<ProblemKind>), ProblemKind>;

/// Reads a cell of a column of the given kind. `epoch_1904` says how the workbook counts serial dates.
#[must_use]
pub fn read_value(cell: &Cell, kind: &ColumnKind, epoch_1904: bool) -> Reading {
    match cell {
        Cell::Empty => return Reading::default(),
        Cell::Uncached => return Reading::problem(ProblemKind::UncachedFormula),
        Cell::Error(code) => return Reading::problem(ProblemKind::FormulaError { code }),
        Cell::Text(text) if text.trim().is_empty() => return Reading::default(),
        _ => {}
    }
    if let Cell::Text(text) = cell {
        match said_instead(text, kind) {
            Some(Instead::Nothing) => return Reading { value: None, remarks: vec![ProblemKind::PlaceholderAsEmpty] },
            Some(Instead::Unknown) => return Reading::problem(ProblemKind::SaidUnknown),
            None => {}
        }
    }
    let understood = match kind {
        ColumnKind::Text => return text_reading(one_line(&cell.text())),
        ColumnKind::LongText => return text_reading(many_lines(&cell.text())),
        ColumnKind::Integer => number::integer(cell),
        ColumnKind::Count => number::count(cell),
        ColumnKind::Yen => number::yen(cell),
        ColumnKind::Date => date::date(cell, epoch_1904),
        ColumnKind::YearMonth => date::year_month(cell, epoch_1904),
        ColumnKind::Period => period::period(cell),
        ColumnKind::YesNo => choice::yes_no(cell),
        ColumnKind::Choice(options) => choice::choice(cell, options),
        ColumnKind::People => contact::people(cell),
        ColumnKind::Phone => contact::phone(cell),
        ColumnKind::Email => contact::email(cell),
    };
    match understood {
        Ok((value, None)) => Reading::of(value),
        Ok((value, Some(remark))) => Reading::noted(value, remark),
        Err(kind) => Reading::problem(kind),
    }
}

fn text_reading(text: String) -> Reading {
    // U+E000 to U+F8FF have no meaning of their own: CP932's user-defined characters (外字) arrive here.
    let has_private = text.chars().any(|character| ('\u{E000}'..='\u{F8FF}').contains(&character));
    if text.is_empty() {
        return Reading::default();
    }
    let value = Value::Text { text };
    if has_private { Reading::noted(value, ProblemKind::PrivateCharacter) } else { Reading::of(value) }
}

/// What people write instead of a value.
enum Instead {
    Nothing,
    Unknown,
}

fn said_instead(text: &str, kind: &ColumnKind) -> Option<Instead> {
    if matches!(kind, ColumnKind::Text | ColumnKind::LongText) {
        return None;
    }
    let sign = fold_signs(text);
    if sign.chars().count() > 6 {
        return None;
    }
    if matches!(sign.as_str(), "不明" | "未定" | "未確認" | "確認中" | "調査中" | "検討中" | "?" | "tbd")
    {
        return Some(Instead::Unknown);
    }
    // In yes-or-no and choice columns a dash or なし may be an answer.
    if matches!(kind, ColumnKind::YesNo | ColumnKind::Choice(_)) {
        return None;
    }
    let dashes = !sign.is_empty() && sign.chars().all(is_dash);
    (dashes || matches!(sign.as_str(), "なし" | "無し" | "無" | "該当なし" | "該当無し" | "n/a" | "na" | "空欄"))
        .then_some(Instead::Nothing)
}

/// The many dashes of Japanese keyboards and fonts.
fn is_dash(character: char) -> bool {
    matches!(character, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | '─' | '━')
}

/// A number that is whole, as `i64`.
fn whole(number: f64) -> Result<i64, ProblemKind> {
    if !number.is_finite() || number.abs() >= 9.0e15 {
        return Err(ProblemKind::NumberOutOfRange);
    }
    let rounded = number.round();
    if (number - rounded).abs() > 1e-6 {
        return Err(ProblemKind::NotWhole);
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 9e15, which i64 and f64 both hold exactly")]
    let whole = rounded as i64;
    Ok(whole)
}

#[cfg(test)]
mod tests;
