//! What the triage answers: one verdict each under the APPI, the My Number Act and the P-mark.
//!
//! Invariant: the field names are the published contract of `kitei law breach` (docs/law-command.md).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::situations::{Item, Items};
use crate::law::{
    Wording,
    book::{Pending, TurnsOn},
    deadline::{FinalLimit, KnownOn, Preliminary},
};

/// Why something is so: an article and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The article, as cited in Japanese.
    pub article: String,
    /// The sentence in Japanese and English.
    #[serde(flatten)]
    pub text: Wording,
}

/// Notice to the principals (APPI article 26(2) with Rules article 10; My Number Act article 29-4(2) with Rules article 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrincipalNotice {
    /// The items of the report that the notice holds.
    pub items: [u8; 5],
    /// The article and how soon: no number of days is fixed.
    #[serde(flatten)]
    pub reason: Reason,
}

/// What a date would be if an open fact were settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The field of the facts to be settled.
    pub field: &'static str,
    /// The final report's limit if the fact is established.
    #[serde(rename = "final")]
    pub final_report: FinalLimit,
}

/// The answer under one law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether the operator owes a report.
    pub reportable: bool,
    /// Numbers of the article's items that stand or possibly stand (P-mark: kinds of accident, 1 to 9).
    pub items: Vec<u8>,
    /// The sub-items among them, `2ロ`.
    pub subitems: Vec<String>,
    /// Those of `items` that stand only if an unknown fact turns out so.
    pub possible_items: Vec<u8>,
    /// P-mark only: the grounds that ask for a preliminary report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preliminary_grounds: Vec<&'static str>,
    /// Day 1: the earliest among the items.
    pub day_one: Option<KnownOn>,
    /// Day 1 of each item (or ground).
    pub day_one_by_item: BTreeMap<String, KnownOn>,
    /// The preliminary report's window, if one is owed.
    pub preliminary: Option<Preliminary>,
    /// The final report's limit, if one is owed.
    #[serde(rename = "final")]
    pub final_report: Option<FinalLimit>,
    /// The longer limit that an open fact would give once established; until then `final` stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_if_established: Option<Condition>,
    /// Whether telling the client has taken the report over (APPI Rules article 9; Rules No. 5 of 2015 article 4).
    pub relieved: bool,
    /// A contractor's window for telling the client, which would relieve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_client: Option<Preliminary>,
    /// The notice to principals, if it is owed.
    pub principal_notice: Option<PrincipalNotice>,
    /// A report that is not owed but open (`may`) or to be striven for (`endeavor`).
    pub voluntary: Option<&'static str>,
    /// Why, article by article.
    pub reasons: Vec<Reason>,
    /// Fields of the facts whose unknown value decides something above.
    pub depends_on: Vec<&'static str>,
}

/// A row of law that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppliedRow {
    /// The article.
    pub article: String,
    /// Since when it stands so.
    pub effective_from: Date,
    /// Which date picked it.
    pub turns_on: TurnsOn,
    /// That date; `None` if it is unknown.
    pub date: Option<Date>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Triage {
    /// APPI.
    pub appi: Verdict,
    /// My Number Act.
    pub my_number: Verdict,
    /// P-mark.
    pub pmark: Verdict,
    /// Facts that were not given and took their usual value.
    pub assumed: Vec<&'static str>,
    /// The rows of law on which the answer rests.
    pub law_version: Vec<AppliedRow>,
    /// Promulgated law on breach reports that is not in force and was not computed.
    pub pending_law: Vec<Pending>,
    /// What else a careful reader would say.
    pub notes: Vec<Wording>,
}

impl Verdict {
    /// Nothing owed, nothing said yet.
    pub(super) fn nothing() -> Self {
        Self {
            reportable: false,
            items: Vec::new(),
            subitems: Vec::new(),
            possible_items: Vec::new(),
            preliminary_grounds: Vec::new(),
            day_one: None,
            day_one_by_item: BTreeMap::new(),
            preliminary: None,
            final_report: None,
            final_if_established: None,
            relieved: false,
            notify_client: None,
            principal_notice: None,
            voluntary: None,
            reasons: Vec::new(),
            depends_on: Vec::new(),
        }
    }
}

/// The numbers of items, each once, in order.
pub(super) fn numbers(items: Items) -> Vec<u8> {
    let mut numbers: Vec<u8> = items.iter().map(Item::number).collect();
    numbers.dedup();
    numbers
}
