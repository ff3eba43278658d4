//! The law by date: thresholds, periods and whether a duty exists, as rows with the days of their validity.
//!
//! Serves APPI article 26 with its Enforcement Rules, article 68, My Number Act article 29-4, PMK500
//! article 12 and the retention rules. An amendment is a new row; the decisions stay as they are.
//!
//! Which date picks a row is part of the rule ([`Rule::turns_on`]): the day of knowing for reports, the day
//! of the event for the 2024 wording of item 3, the day of the document for retention.
//!
//! The rows are data of the pack `law-jp` (`packs/law-jp/law.toml`); no figure stands in the program.
//!
//! Invariant: rows of one rule never overlap, and each value has the unit of its rule.
//! Invariant: pending law ([`Pending`]) is listed and never computed.

mod from_pack;

use std::{borrow::Cow, sync::LazyLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Wording, calendar::Calendar, deadline::Days};
pub use from_pack::{LawRowError, LawRowProblem};

/// What a row decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A business reports breaches (APPI article 26).
    AppiReport,
    /// An administrative organ reports breaches (APPI article 68).
    AppiReportPublicBody,
    /// Item 3 reaches personal information that is planned to become personal data. Turns on the event.
    AppiPlannedData,
    /// Item 4 for businesses: more than so many principals.
    AppiPersonsOver,
    /// Item 4 for administrative organs.
    AppiPersonsOverPublicBody,
    /// The final report in general.
    AppiFinal,
    /// The final report where item 3 applies.
    AppiFinalImproper,
    /// Who handles Individual Numbers reports breaches (My Number Act article 29-4).
    MyNumberReport,
    /// Item 4: more than so many principals.
    MyNumberPersonsOver,
    /// The final report in general.
    MyNumberFinal,
    /// The final report where item 2 applies.
    MyNumberFinalImproper,
    /// A P-mark holder reports every accident in scope.
    PmarkReport,
    /// The P-mark's preliminary report: personal information of more than so many principals.
    PmarkPersonsOver,
    /// The P-mark's preliminary report: Specific Personal Information of more than so many principals.
    PmarkNumbersOver,
    /// The P-mark's final report in general.
    PmarkFinal,
    /// The P-mark's final report where an improper purpose is possible.
    PmarkFinalImproper,
    /// The day by which a preliminary report should be out.
    PreliminaryTarget,
    /// The last day that still counts as prompt.
    PreliminaryLimit,
    /// Keeping a contract that stands in for a record.
    RetentionContract,
    /// Keeping a record made for several provisions.
    RetentionBatch,
    /// Keeping a record made for each provision.
    RetentionEach,
    /// Keeping the tax forms of employees.
    RetentionTaxForm,
    /// Keeping employment insurance documents on insured persons.
    RetentionEmploymentInsuranceInsured,
    /// Keeping other employment insurance documents.
    RetentionEmploymentInsuranceOther,
    /// Keeping health and pension insurance documents.
    RetentionHealthAndPension,
    /// Keeping workers' accident insurance documents.
    RetentionWorkersAccident,
    /// Keeping labor insurance collection documents.
    RetentionLaborInsuranceCollection,
    /// Keeping asset formation documents.
    RetentionPropertyFormation,
    /// Keeping the wage ledger and the roster of workers.
    RetentionWageLedger,
}

/// The date that picks the row of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnsOn {
    /// The day on which any department knew of the situation.
    Knowing,
    /// The day on which it happened.
    Event,
    /// The day from which the document is kept.
    Document,
}

/// What a row says, with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// The rule is in force.
    InForce,
    /// More than so many principals.
    PersonsOver(u64),
    /// So many days, day 1 included.
    Days(Days),
    /// So many years.
    Years(u16),
}

impl Value {
    /// The threshold, if the value is one.
    #[must_use]
    pub fn persons_over(self) -> Option<u64> {
        if let Self::PersonsOver(persons) = self { Some(persons) } else { None }
    }

    /// The period in days, if the value is one.
    #[must_use]
    pub fn days(self) -> Option<Days> {
        if let Self::Days(days) = self { Some(days) } else { None }
    }

    /// The period in years, if the value is one.
    #[must_use]
    pub fn years(self) -> Option<u16> {
        if let Self::Years(years) = self { Some(years) } else { None }
    }
}

/// A rule's value for a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it decides.
    pub rule: Rule,
    /// The article, as cited in Japanese.
    pub article: Cow<'static, str>,
    /// The first day on which it holds.
    pub effective_from: Date,
    /// The last day on which it holds, if it has ended.
    #[serde(default)]
    pub effective_to: Option<Date>,
    /// What it says.
    pub value: Value,
}

impl Row {
    pub(super) fn holds_on(&self, date: Date) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|last| date <= last)
    }
}

/// Law that is promulgated and not in force: shown, never computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// The amending Act.
    pub law: Cow<'static, str>,
    /// The day it comes into force, if an order has fixed it.
    pub effective_from: Option<Date>,
    /// The day by which it comes into force at the latest.
    pub effective_by: Option<Date>,
    /// Whether it will change breach reports.
    pub concerns_reports: bool,
    /// What it will change.
    pub subject: Wording,
}

/// Why rows do not make a law book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LawBookError {
    /// A value of the wrong unit.
    #[error("{rule:?} from {from}: the value must be {expected}")]
    Unit {
        /// The rule of the row.
        rule: Rule,
        /// The row's first day.
        from: Date,
        /// What would be right.
        expected: &'static str,
    },
    /// A row that ends before it begins.
    #[error("{rule:?} from {from}: effective_to lies before effective_from")]
    Reversed {
        /// The rule of the row.
        rule: Rule,
        /// The row's first day.
        from: Date,
    },
    /// Two rows of one rule hold on the same day.
    #[error("{rule:?}: two rows hold on {on}; end the earlier one the day before")]
    Overlap {
        /// The rule of the rows.
        rule: Rule,
        /// A day on which both hold.
        on: Date,
    },
    /// A duty begins on a day on which a figure it needs is missing.
    #[error("{duty:?} begins on {on}, but {missing:?} has no row for that day")]
    Missing {
        /// The duty.
        duty: Rule,
        /// The figure.
        missing: Rule,
        /// The day.
        on: Date,
    },
}

/// The law by date, with the calendar of closed days.
#[derive(Debug, Clone)]
pub struct LawBook {
    rows: Vec<Row>,
    pending: Vec<Pending>,
    calendar: Calendar,
}

impl Default for LawBook {
    /// The law that the program ships.
    fn default() -> Self {
        Self::current().clone()
    }
}

impl LawBook {
    /// The law that the program ships: the rows of the pack `law-jp` as they stood when it was built, read once.
    #[must_use]
    pub fn current() -> &'static Self {
        static CURRENT: LazyLock<LawBook> = LazyLock::new(from_pack::shipped);
        &CURRENT
    }

    /// A book of other rows, for example those of the pack `law-jp`.
    ///
    /// # Errors
    /// [`LawBookError`] for the first row that has the wrong unit, ends before it begins, overlaps another of its
    /// rule, or leaves a duty without its figures.
    pub fn from_rows(rows: Vec<Row>, pending: Vec<Pending>, calendar: Calendar) -> Result<Self, LawBookError> {
        for (index, row) in rows.iter().enumerate() {
            let expected = row.rule.unit();
            if !expected.admits(row.value) {
                return Err(LawBookError::Unit { rule: row.rule, from: row.effective_from, expected: expected.name() });
            }
            if row.effective_to.is_some_and(|last| last < row.effective_from) {
                return Err(LawBookError::Reversed { rule: row.rule, from: row.effective_from });
            }
            let later = rows.iter().skip(index + 1).filter(|other| other.rule == row.rule);
            for other in later {
                let on = row.effective_from.max(other.effective_from);
                if row.holds_on(on) && other.holds_on(on) {
                    return Err(LawBookError::Overlap { rule: row.rule, on });
                }
            }
        }
        let book = Self { rows, pending, calendar };
        book.complete()?;
        Ok(book)
    }

    fn complete(&self) -> Result<(), LawBookError> {
        for row in &self.rows {
            for missing in row.rule.needs() {
                if self.at(*missing, row.effective_from).is_none() {
                    return Err(LawBookError::Missing { duty: row.rule, missing: *missing, on: row.effective_from });
                }
            }
        }
        Ok(())
    }

    /// The row of a rule that holds on a day; which day to ask for, [`Rule::turns_on`] says.
    #[must_use]
    pub fn at(&self, rule: Rule, date: Date) -> Option<&Row> {
        self.rows.iter().find(|row| row.rule == rule && row.holds_on(date))
    }

    /// The row that holds on a day, or the rule's first row for days before any.
    #[must_use]
    pub fn at_or_first(&self, rule: Rule, date: Date) -> Option<&Row> {
        self.at(rule, date).or_else(|| {
            self.rows
                .iter()
                .filter(|row| row.rule == rule && date < row.effective_from)
                .min_by_key(|row| row.effective_from)
        })
    }

    /// The days on which a rule's value changes, in order.
    pub fn changes(&self, rule: Rule) -> impl Iterator<Item = Date> + '_ {
        self.rows
            .iter()
            .filter(move |row| row.rule == rule)
            .flat_map(|row| std::iter::once(row.effective_from).chain(row.effective_to.map(super::calendar::next)))
    }

    /// Every row.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Promulgated law that is not yet in force.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// The calendar of closed days.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }
}

/// The unit of a rule's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    InForce,
    Persons,
    Days,
    Years,
}

impl Unit {
    fn admits(self, value: Value) -> bool {
        matches!(
            (self, value),
            (Self::InForce, Value::InForce)
                | (Self::Persons, Value::PersonsOver(_))
                | (Self::Days, Value::Days(_))
                | (Self::Years, Value::Years(_))
        )
    }

    fn name(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Persons => "persons-over",
            Self::Days => "days",
            Self::Years => "years",
        }
    }
}

impl Rule {
    /// The date that picks this rule's row.
    #[must_use]
    pub fn turns_on(self) -> TurnsOn {
        match self {
            Self::AppiPlannedData => TurnsOn::Event,
            rule if rule.unit() == Unit::Years => TurnsOn::Document,
            _ => TurnsOn::Knowing,
        }
    }

    fn unit(self) -> Unit {
        match self {
            Self::AppiReport
            | Self::AppiReportPublicBody
            | Self::AppiPlannedData
            | Self::MyNumberReport
            | Self::PmarkReport => Unit::InForce,
            Self::AppiPersonsOver
            | Self::AppiPersonsOverPublicBody
            | Self::MyNumberPersonsOver
            | Self::PmarkPersonsOver
            | Self::PmarkNumbersOver => Unit::Persons,
            Self::AppiFinal
            | Self::AppiFinalImproper
            | Self::MyNumberFinal
            | Self::MyNumberFinalImproper
            | Self::PmarkFinal
            | Self::PmarkFinalImproper
            | Self::PreliminaryTarget
            | Self::PreliminaryLimit => Unit::Days,
            _ => Unit::Years,
        }
    }

    /// The figures without which a duty cannot be computed.
    fn needs(self) -> &'static [Self] {
        match self {
            Self::AppiReport => &[Self::AppiPersonsOver, Self::AppiFinal, Self::AppiFinalImproper],
            Self::AppiReportPublicBody => &[Self::AppiPersonsOverPublicBody, Self::AppiFinal, Self::AppiFinalImproper],
            Self::MyNumberReport => &[Self::MyNumberPersonsOver, Self::MyNumberFinal, Self::MyNumberFinalImproper],
            Self::PmarkReport => {
                &[Self::PmarkPersonsOver, Self::PmarkNumbersOver, Self::PmarkFinal, Self::PmarkFinalImproper]
            }
            Self::AppiFinal | Self::MyNumberFinal | Self::PmarkFinal => {
                &[Self::PreliminaryTarget, Self::PreliminaryLimit]
            }
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests;
