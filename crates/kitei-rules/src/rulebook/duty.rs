//! Composing duties: the same act, object and period in several packs is one task that names all their clauses.

use std::collections::BTreeSet;

use super::{Sayings, unite_approvals};
use crate::{
    pack::model::{Source, Text},
    value::{Period, Value},
};

/// A composed duty.
#[derive(Clone, Debug, PartialEq)]
pub struct DutyRule {
    /// Act.
    pub act: String,
    /// Register of its objects.
    pub each: String,
    /// Title, if not the act's.
    pub title: Option<Text>,
    /// Objects it concerns: any of these (empty: all).
    pub when: Vec<Source>,
    /// The shortest period any pack asks for.
    pub period: Period,
    /// Months (1 to 12) in which a round opens; empty: counted from the last.
    pub months: BTreeSet<u8>,
    /// Who does it.
    pub by: Vec<String>,
    /// Approvals.
    pub approve: Vec<Vec<String>>,
    /// Fields of the act.
    pub needs: BTreeSet<String>,
    /// Acts of the same period it waits for.
    pub after: BTreeSet<String>,
    /// Paper.
    pub paper: Option<String>,
    /// How long before the due time those who do it are reminded.
    pub remind: Vec<Period>,
    /// Who is told once the due time has passed.
    pub escalate: Vec<String>,
    /// Clauses with the pack that says them.
    pub basis: Vec<(String, Vec<String>)>,
}

impl Sayings {
    /// Composed duties. `parameter` gives a parameter's value in force.
    #[must_use]
    pub fn duty_rules(&self, parameter: &dyn Fn(&str) -> Option<Value>) -> Vec<DutyRule> {
        let mut out = Vec::new();
        for ((act, each), said) in &self.duties {
            let periods: Vec<Period> = said.iter().filter_map(|(_, duty)| period(&duty.period, parameter)).collect();
            let shortest = periods.iter().copied().min_by_key(|p| i64::from(p.months) * 31 + i64::from(p.days));
            let Some(period_of_all) = shortest else { continue };
            let everywhere = said.iter().any(|(_, duty)| duty.when.is_none());
            let (mut by, mut escalate) = (Vec::new(), Vec::new());
            for (_, duty) in said.iter() {
                by.extend(duty.by.iter().filter(|who| !by.contains(*who)).cloned().collect::<Vec<_>>());
                let more = duty.escalate.iter().filter(|who| !escalate.contains(*who)).cloned();
                escalate.extend(more.collect::<Vec<_>>());
            }
            out.push(DutyRule {
                act: act.clone(),
                each: each.clone(),
                title: said.iter().find_map(|(_, duty)| duty.title.clone()),
                when: if everywhere {
                    Vec::new()
                } else {
                    said.iter().filter_map(|(_, duty)| duty.when.clone()).collect()
                },
                period: period_of_all,
                months: said.iter().filter_map(|(_, duty)| month(duty.month.as_deref()?, parameter)).collect(),
                by,
                approve: unite_approvals(said.iter().flat_map(|(_, duty)| duty.approve.iter())),
                needs: said.iter().flat_map(|(_, duty)| duty.needs.iter().cloned()).collect(),
                after: said.iter().flat_map(|(_, duty)| duty.after.iter().cloned()).collect(),
                paper: said.iter().find_map(|(_, duty)| duty.paper.clone()),
                remind: said.iter().filter_map(|(_, duty)| period(duty.remind.as_deref()?, parameter)).collect(),
                escalate,
                basis: said.iter().map(|(pack, duty)| (pack.to_owned(), duty.meta.basis.clone())).collect(),
            });
        }
        out
    }
}

/// A period written as such or as `param:KEY`.
#[must_use]
pub fn period(text: &str, parameter: &dyn Fn(&str) -> Option<Value>) -> Option<Period> {
    match text.strip_prefix("param:") {
        Some(key) => match parameter(key)? {
            Value::Period(period) => Some(period),
            _ => None,
        },
        None => text.parse().ok(),
    }
}

fn month(text: &str, parameter: &dyn Fn(&str) -> Option<Value>) -> Option<u8> {
    let number = match text.strip_prefix("param:") {
        Some(key) => match parameter(key)? {
            Value::Int(month) => month,
            _ => return None,
        },
        None => text.parse().ok()?,
    };
    u8::try_from(number).ok().filter(|month| (1..=12).contains(month))
}
