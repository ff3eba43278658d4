//! From the rows of the pack `law-jp` to a law book.
//!
//! Invariant: a row is taken only with the unit that its rule has; nothing is guessed.

use std::collections::BTreeMap;

use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as PlainError},
};

use super::{LawBook, LawBookError, Pending, Row, Rule, Unit, Value};
use crate::{
    law::{Wording, calendar::Calendar, deadline::Days},
    pack::{
        self, PackFiles,
        model::{LawRow, Literal, Pack, PendingLaw, Place},
    },
    value::Period,
};

/// A row of `law-jp` that cannot be taken, with its place in the pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}", file = place.file, line = place.line)]
pub struct LawRowError {
    /// Where the row stands.
    pub place: Place,
    /// What is wrong.
    pub problem: LawRowProblem,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LawRowProblem {
    /// No rule of the law engine has this name.
    #[error("there is no rule of law `{0}`")]
    Rule(String),
    /// The value has not the form that the rule asks for.
    #[error("the value must be {0}")]
    Value(&'static str),
    /// The row has no first day.
    #[error("effective_from is missing")]
    From,
    /// The rows together make no book.
    #[error("{0}")]
    Book(LawBookError),
}

impl LawRowProblem {
    /// The same in Japanese.
    #[must_use]
    pub fn ja(&self) -> String {
        match self {
            Self::Rule(name) => format!("法令の計算に「{name}」はありません。"),
            Self::Value(expected) => format!("値は {expected} であること。"),
            Self::From => "effective_from がありません。".to_owned(),
            Self::Book(error) => format!("行を合わせても法令の表になりません: {error}"),
        }
    }
}

impl LawBook {
    /// The book that the rows of a pack make.
    ///
    /// # Errors
    /// Every row that cannot be taken; or, if each can, why they make no book together.
    pub fn from_pack(pack: &Pack) -> Result<Self, Vec<LawRowError>> {
        Self::from_sayings(&pack.laws, &pack.pending)
    }

    /// The book that rows make, wherever they come from.
    ///
    /// # Errors
    /// As [`LawBook::from_pack`].
    pub fn from_sayings<'a>(
        laws: impl IntoIterator<Item = &'a LawRow>,
        pending: impl IntoIterator<Item = &'a PendingLaw>,
    ) -> Result<Self, Vec<LawRowError>> {
        let (mut rows, mut errors, mut first) = (Vec::new(), Vec::new(), Place::default());
        for law in laws {
            if rows.is_empty() && errors.is_empty() {
                first = law.meta.place.clone();
            }
            match row(law) {
                Ok(row) => rows.push(row),
                Err(problem) => errors.push(LawRowError { place: law.meta.place.clone(), problem }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let pending = pending.into_iter().map(not_in_force).collect();
        Self::from_rows(rows, pending, Calendar::default())
            .map_err(|error| vec![LawRowError { place: first, problem: LawRowProblem::Book(error) }])
    }
}

fn row(law: &LawRow) -> Result<Row, LawRowProblem> {
    let name: serde::de::value::StrDeserializer<'_, PlainError> = law.rule.as_str().into_deserializer();
    let rule = Rule::deserialize(name).map_err(|_| LawRowProblem::Rule(law.rule.clone()))?;
    let effective_from = law.effective_from.ok_or(LawRowProblem::From)?;
    let value = value(rule.unit(), law.value.as_ref()).ok_or(LawRowProblem::Value(rule.unit().written()))?;
    Ok(Row { rule, article: law.article.clone().into(), effective_from, effective_to: law.effective_to, value })
}

fn value(unit: Unit, literal: Option<&Literal>) -> Option<Value> {
    let period = || match literal {
        Some(Literal::Text(text)) => text.parse::<Period>().ok().filter(|period| period.seconds == 0),
        _ => None,
    };
    match unit {
        Unit::InForce => matches!(literal, Some(Literal::Bool(true))).then_some(Value::InForce),
        Unit::Persons => match literal {
            Some(Literal::Int(persons)) => u64::try_from(*persons).ok().map(Value::PersonsOver),
            _ => None,
        },
        Unit::Days => {
            let days = period().filter(|period| period.months == 0)?.days;
            Days::try_from(u16::try_from(days).ok()?).ok().map(Value::Days)
        }
        Unit::Years => {
            let months = period().filter(|period| period.days == 0 && period.months % 12 == 0)?.months;
            u16::try_from(months / 12).ok().filter(|years| *years > 0).map(Value::Years)
        }
    }
}

fn not_in_force(pending: &PendingLaw) -> Pending {
    Pending {
        law: pending.law.clone().into(),
        effective_from: pending.effective_from,
        effective_by: pending.effective_by,
        concerns_reports: pending.concerns_reports,
        subject: Wording::composed(pending.subject.ja.clone(), pending.subject.en.clone()),
    }
}

impl Unit {
    /// How a value of the unit is written in a pack.
    fn written(self) -> &'static str {
        match self {
            Self::InForce => "true",
            Self::Persons => "a whole number of principals",
            Self::Days => "a period of 1 to 120 days, \"P30D\"",
            Self::Years => "a period of years, \"P3Y\"",
        }
    }
}

/// The book of the pack as it stood when the program was built.
///
/// The file is part of the build and a test reads it (`the_shipped_rows_make_a_book`), so the empty book, which would know
/// of no duty, is never met.
pub(super) fn shipped() -> LawBook {
    let files = [
        ("pack.toml", include_bytes!("../../../../../packs/law-jp/pack.toml").as_slice()),
        ("law.toml", include_bytes!("../../../../../packs/law-jp/law.toml").as_slice()),
    ];
    let files: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    let (pack, _) = pack::read(&PackFiles { id: pack::LAW.to_owned(), files });
    LawBook::from_pack(&pack).unwrap_or_else(|_| LawBook {
        rows: Vec::new(),
        pending: Vec::new(),
        calendar: Calendar::default(),
    })
}
