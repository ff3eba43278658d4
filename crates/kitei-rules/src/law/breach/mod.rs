//! Triage of a breach: what must be reported to whom, by when, and on which facts that hangs.
//!
//! Serves APPI article 26 with Enforcement Rules articles 7 to 10, article 68 with articles 43 and 44, article 41(9);
//! My Number Act article 29-4 with the Rules No. 5 of 2015, articles 2 to 5; PMK500 article 12.
//!
//! How it thinks. Facts may be unknown. A *world* is one way in which the unknown could turn out; the decision about a
//! world is two-valued and reads like the articles ([`situations`]). The triage looks at every world:
//! an item stands if it stands in some world ("possibly" counts), a report's limit is the earliest over all worlds in
//! which it is owed, and a fact stands in `depends_on` if some world's outcome changes with it. So a possible improper
//! purpose makes item 3 stand, but gives 60 days only once it is established or when nothing else is reportable.
//!
//! Facts also change. Each item's day 1 is the day since which it has stood without a break in the facts as they were
//! known; the report counts from the earliest day 1 among the items that stand now.
//!
//! Invariant: unknown never relaxes a duty or a date.
//! Invariant: which row of law applies is asked of the [`LawBook`](super::book::LawBook) by date, never assumed.

mod facts;
mod few;
mod judge;
mod parse;
mod pmark;
mod reasons;
mod situations;
mod verdict;
mod world;

pub use facts::{
    Act, Acts, Answer, DataKinds, Entrusted, Facts, Operator, Persons, PmarkKinds, Stage, Stated, Statement, System,
};
pub use parse::{FactProblem, FactsError};
pub use verdict::{AppliedRow, Condition, PrincipalNotice, Reason, Triage, Verdict};

use super::book::LawBook;

/// The triage of a breach under the two Acts and the P-mark.
#[must_use]
pub fn triage(book: &LawBook, facts: &Facts) -> Triage {
    judge::triage(book, facts)
}

#[cfg(test)]
mod tests;
