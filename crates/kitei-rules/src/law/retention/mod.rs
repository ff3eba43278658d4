//! How long a document must be kept, and from when it may go.
//!
//! Serves APPI Enforcement Rules articles 21, 25 and 29 (records of third-party provision) and the
//! periods of documents that hold Individual Numbers (specific guideline 4-3-(3)B and the tax,
//! employment and social insurance rules it points to). Counting follows Civil Code articles 140
//! and 143.
//!
//! Invariant: `dispose_from` is the day after `last`; `first` is day 1 of the period.

use jiff::civil::Date;
use serde::Serialize;

use super::{
    Wording,
    book::{LawBook, Row, Rule},
    calendar::{next, previous},
};

/// How a record of provision was made, which decides how long it is kept (Rules articles 21, 25, 29).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordMethod {
    /// A contract or other document stands in for the record: one year from the last provision.
    Contract,
    /// One record for continuous or repeated provision: three years from the last provision.
    Batch,
    /// A record for each provision: three years from the day it was made.
    Each,
}

/// A document that holds Individual Numbers, or goes with those that do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// 給与所得者の扶養控除等（異動）申告書.
    Dependants,
    /// 従たる給与についての扶養控除等申告書.
    SecondaryDependants,
    /// 退職所得の受給に関する申告書.
    RetirementIncome,
    /// 公的年金等の受給者の扶養親族等申告書.
    PensionDependants,
    /// 保険料控除, 配偶者控除等, 基礎控除, 住宅借入金等特別控除の申告書.
    YearEndAdjustment,
    /// 雇用保険: documents on insured persons.
    EmploymentInsuranceInsured,
    /// 雇用保険: other documents.
    EmploymentInsuranceOther,
    /// 健康保険・厚生年金保険.
    HealthAndPension,
    /// 労災保険.
    WorkersAccident,
    /// 労働保険の徴収.
    LaborInsuranceCollection,
    /// 財産形成.
    PropertyFormation,
    /// 賃金台帳・労働者名簿 (normally without Individual Numbers).
    WageLedger,
}

/// From which day a document's period runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// 11 January of the year after the year in which the form was due.
    AfterDueYear,
    /// The day after the matter was completed.
    AfterCompletion,
}

impl Document {
    /// Every document, with the name by which commands and packs call it.
    pub const NAMED: &[(&str, Self)] = &[
        ("dependants", Self::Dependants),
        ("secondary-dependants", Self::SecondaryDependants),
        ("retirement-income", Self::RetirementIncome),
        ("pension-dependants", Self::PensionDependants),
        ("year-end-adjustment", Self::YearEndAdjustment),
        ("employment-insurance-insured", Self::EmploymentInsuranceInsured),
        ("employment-insurance-other", Self::EmploymentInsuranceOther),
        ("health-and-pension", Self::HealthAndPension),
        ("workers-accident", Self::WorkersAccident),
        ("labor-insurance-collection", Self::LaborInsuranceCollection),
        ("property-formation", Self::PropertyFormation),
        ("wage-ledger", Self::WageLedger),
    ];

    /// The document of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, document)| *document)
    }

    /// What the period runs from.
    #[must_use]
    pub fn starts(self) -> Starts {
        match self.rule() {
            Rule::RetentionTaxForm => Starts::AfterDueYear,
            _ => Starts::AfterCompletion,
        }
    }

    fn rule(self) -> Rule {
        match self {
            Self::Dependants
            | Self::SecondaryDependants
            | Self::RetirementIncome
            | Self::PensionDependants
            | Self::YearEndAdjustment => Rule::RetentionTaxForm,
            Self::EmploymentInsuranceInsured => Rule::RetentionEmploymentInsuranceInsured,
            Self::EmploymentInsuranceOther => Rule::RetentionEmploymentInsuranceOther,
            Self::HealthAndPension => Rule::RetentionHealthAndPension,
            Self::WorkersAccident => Rule::RetentionWorkersAccident,
            Self::LaborInsuranceCollection => Rule::RetentionLaborInsuranceCollection,
            Self::PropertyFormation => Rule::RetentionPropertyFormation,
            Self::WageLedger => Rule::RetentionWageLedger,
        }
    }
}

/// A period of keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// Day 1 of the period.
    pub first: Date,
    /// The last day of the duty to keep.
    pub last: Date,
    /// The first day on which the document may go (and, if it holds Individual Numbers, must go promptly).
    pub dispose_from: Date,
    /// The length in years.
    pub years: u16,
    /// The article.
    pub article: String,
    /// Said when the day lies before the rule came into force and the oldest known rule was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Wording>,
}

/// Why no period can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// The date leaves the calendar.
    #[error("the date must lie between 1900 and 2900")]
    Date,
    /// The law book has no row for the document.
    #[error("the law book has no retention period for this document")]
    NoRule,
}

/// The period of a record of third-party provision.
///
/// `date` is the last provision for [`RecordMethod::Contract`] and [`RecordMethod::Batch`], which "count from" that day,
/// so it is day 1; for [`RecordMethod::Each`] it is the day of making, which is not counted (Civil Code article 140).
///
/// # Errors
/// [`RetentionError`] if the date leaves the calendar or the book lacks the rule.
pub fn of_record(book: &LawBook, method: RecordMethod, date: Date) -> Result<Retention, RetentionError> {
    let (rule, first) = match method {
        RecordMethod::Contract => (Rule::RetentionContract, date),
        RecordMethod::Batch => (Rule::RetentionBatch, date),
        RecordMethod::Each => (Rule::RetentionEach, next(date)),
    };
    period(book, rule, date, first)
}

/// The period of a document that is kept from the completion of its matter, `date`; that day is not counted.
///
/// # Errors
/// [`RetentionError`] if the date leaves the calendar or the book lacks the rule.
pub fn of_completed(book: &LawBook, document: Document, date: Date) -> Result<Retention, RetentionError> {
    period(book, document.rule(), date, next(date))
}

/// The period of a tax form that was due in `year`: it starts on 11 January of the next year
/// (所得税法施行規則76条の3: the day after 10 January).
///
/// # Errors
/// [`RetentionError`] if the year leaves the calendar or the book lacks the rule.
pub fn of_tax_form(book: &LawBook, document: Document, year: i16) -> Result<Retention, RetentionError> {
    let following = year.checked_add(1).ok_or(RetentionError::Date)?;
    let first = Date::new(following, 1, 11).map_err(|_| RetentionError::Date)?;
    period(book, document.rule(), first, first)
}

fn period(book: &LawBook, rule: Rule, turns_on: Date, first: Date) -> Result<Retention, RetentionError> {
    if !(1900..=2900).contains(&turns_on.year()) {
        return Err(RetentionError::Date);
    }
    let row = book.at_or_first(rule, turns_on).ok_or(RetentionError::NoRule)?;
    let years = row.value.years().ok_or(RetentionError::NoRule)?;
    let last = last_day(first, years)?;
    Ok(Retention {
        first,
        last,
        dispose_from: next(last),
        years,
        article: row.article.to_string(),
        note: before_the_rule(row, turns_on),
    })
}

/// The last day of a period of years that begins with `first` as day 1: the day before its anniversary,
/// or the end of the month if the month has no such day (Civil Code article 143(2)).
fn last_day(first: Date, years: u16) -> Result<Date, RetentionError> {
    let years = i16::try_from(years).map_err(|_| RetentionError::Date)?;
    let year = first.year().checked_add(years).ok_or(RetentionError::Date)?;
    match Date::new(year, first.month(), first.day()) {
        Ok(anniversary) => Ok(previous(anniversary)),
        Err(_) => Date::new(year, first.month(), 1).map(Date::last_of_month).map_err(|_| RetentionError::Date),
    }
}

fn before_the_rule(row: &Row, turns_on: Date) -> Option<Wording> {
    (turns_on < row.effective_from).then(|| {
        Wording::composed(
            format!(
                "この規定は{}から施行されている。それより前の日なので、施行時の規定で計算した。",
                row.effective_from
            ),
            format!(
                "This rule is in force since {}; the day lies before, so the first rule was applied.",
                row.effective_from
            ),
        )
    })
}

#[cfg(test)]
mod tests;
