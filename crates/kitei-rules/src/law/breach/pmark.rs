//! The P-mark: every accident in scope is reported, from one person.
//!
//! Serves PMK500 article 12 (since 2022-04-01). Encryption, recovery, copies and pseudonymisation do not switch the
//! report off, and telling a client relieves nobody. The final report goes in on day 30, or 60 where an improper purpose
//! is possible; a preliminary one only on the grounds named here. How the days are counted is not published: the dates
//! are the strict reading and never move.
//!
//! Invariant: nothing that only the Acts exempt is exempt here.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    facts::{Act, Operator, Situation, System},
    judge::{standing_since, window},
    reasons,
    verdict::Verdict,
    world::{Unknown, World, Worlds},
};
use crate::law::{
    book::{LawBook, Rule},
    deadline::{FinalLimit, KnownOn, pmark_limit},
};

const FACTS: &[Unknown] = &[
    Unknown::Act,
    Unknown::Persons,
    Unknown::SpecialCare,
    Unknown::FinancialDamage,
    Unknown::IndividualNumber,
    Unknown::ImproperPurpose,
    Unknown::System,
    Unknown::OpenToPublic,
];

const BRANCHING_FACTS: &[Unknown] = &[Unknown::Act, Unknown::System];

/// What makes a report due: an accident, and each ground for a preliminary report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ground {
    Accident,
    SpecialCare,
    FinancialDamage,
    ImproperPurpose,
    ManyPersons,
    NumbersSystem,
    NumbersPublic,
    NumbersImproper,
    NumbersMany,
}

impl Ground {
    /// The name of a ground for a preliminary report; the accident itself is none.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Accident => None,
            Self::SpecialCare => Some("special-care"),
            Self::FinancialDamage => Some("financial-damage"),
            Self::ImproperPurpose => Some("improper-purpose"),
            Self::ManyPersons => Some("many-persons"),
            Self::NumbersSystem => Some("individual-number-system"),
            Self::NumbersPublic => Some("individual-number-public"),
            Self::NumbersImproper => Some("individual-number-improper-purpose"),
            Self::NumbersMany => Some("individual-number-many-persons"),
        }
    }
}

/// What a world is: the kinds of accident and the grounds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    kinds: BTreeSet<u8>,
    grounds: BTreeSet<Ground>,
}

pub(super) fn verdict(book: &LawBook, record: &[Situation]) -> Verdict {
    let Some(present) = record.last() else { return Verdict::nothing() };
    let history: Vec<(KnownOn, BTreeSet<Ground>)> = record
        .iter()
        .map(|situation| {
            let worlds = Worlds::of(book, situation, BRANCHING_FACTS);
            let grounds = worlds.outcomes(|world| outcome(book, situation, world).grounds);
            (situation.known_on, grounds.into_iter().flatten().collect())
        })
        .collect();
    let worlds = Worlds::of(book, present, FACTS);
    let outcomes = worlds.outcomes(|world| outcome(book, present, world));
    let kinds: BTreeSet<u8> = outcomes.iter().flat_map(|outcome| &outcome.kinds).copied().collect();
    let grounds: BTreeSet<Ground> = outcomes.iter().flat_map(|outcome| &outcome.grounds).copied().collect();
    let since: BTreeMap<Ground, KnownOn> =
        grounds.iter().filter_map(|ground| standing_since(&history, ground).map(|day| (*ground, day))).collect();
    let day_one = since.get(&Ground::Accident).copied();
    let distinct: BTreeSet<&Outcome> = outcomes.iter().collect();
    let owed = distinct.into_iter().filter(|outcome| outcome.grounds.contains(&Ground::Accident));
    let limits: Vec<FinalLimit> = owed.filter_map(|outcome| limit(book, day_one?, &outcome.grounds)).collect();
    let final_report = limits.iter().min_by_key(|limit| limit.limit).cloned();
    let longest = limits.into_iter().max_by_key(|limit| limit.limit);
    // The window opens when the first ground is known, not the accident.
    let grounds_since = since.iter().filter(|(ground, _)| ground.name().is_some()).map(|(_, day)| *day).min();

    Verdict {
        reportable: day_one.is_some(),
        possible_items: kinds
            .iter()
            .filter(|kind| !outcomes.iter().all(|outcome| outcome.kinds.contains(kind)))
            .copied()
            .collect(),
        items: kinds.into_iter().collect(),
        preliminary_grounds: grounds.iter().filter_map(|ground| ground.name()).collect(),
        day_one,
        day_one_by_item: since
            .iter()
            .map(|(ground, day)| (ground.name().unwrap_or("accident").to_owned(), *day))
            .collect(),
        preliminary: grounds_since.and_then(|day| window(book, day)),
        final_if_established: reasons::pmark_condition(final_report.as_ref(), longest),
        reasons: reasons::of_pmark(book, present, &grounds, final_report.as_ref()),
        final_report,
        depends_on: worlds.depends_on(&outcomes),
        ..Verdict::nothing()
    }
}

fn limit(book: &LawBook, day_one: KnownOn, grounds: &BTreeSet<Ground>) -> Option<FinalLimit> {
    let rule = if grounds.contains(&Ground::ImproperPurpose) { Rule::PmarkFinalImproper } else { Rule::PmarkFinal };
    let days = book.at(rule, day_one.date())?.value.days()?;
    Some(pmark_limit(day_one, days))
}

fn outcome(book: &LawBook, situation: &Situation, world: &World) -> Outcome {
    let nothing = Outcome { kinds: BTreeSet::new(), grounds: BTreeSet::new() };
    let over = |rule| book.at(rule, world.known_on).and_then(|row| row.value.persons_over());
    let thresholds = over(Rule::PmarkPersonsOver).zip(over(Rule::PmarkNumbersOver));
    let in_force = book.at(Rule::PmarkReport, world.known_on).is_some();
    let kinds = kinds(situation, world);
    let Some((persons_over, numbers_over)) = thresholds.filter(|_| in_force && !kinds.is_empty()) else {
        return nothing;
    };
    if world.persons == 0 {
        return nothing;
    }
    let numbers = world.individual_number;
    let grounds = [
        (Ground::Accident, true),
        (Ground::SpecialCare, world.special_care),
        (Ground::FinancialDamage, world.financial_damage),
        (Ground::ImproperPurpose, world.improper_purpose),
        (Ground::ManyPersons, world.persons > persons_over),
        (Ground::NumbersSystem, numbers && world.system != System::Own),
        (Ground::NumbersPublic, numbers && world.open_to_public),
        (Ground::NumbersImproper, numbers && world.improper_purpose),
        (Ground::NumbersMany, numbers && world.persons > numbers_over),
    ];
    let grounds = grounds.into_iter().filter(|(_, stands)| *stands).map(|(ground, _)| ground).collect();
    Outcome { kinds, grounds }
}

/// The kinds as stated, or as the act implies. Public bodies hold no P-mark, so for them nothing is implied.
fn kinds(situation: &Situation, world: &World) -> BTreeSet<u8> {
    if let Some(stated) = &situation.pmark_kinds {
        return stated.clone();
    }
    if situation.operator == Operator::Municipality {
        return BTreeSet::new();
    }
    let implied = [
        (1, world.acts.has(Act::Leak)),
        (3, world.acts.has(Act::Loss) || world.acts.has(Act::Damage)),
        (6, world.acts.has(Act::Use) || world.acts.has(Act::Provision)),
    ];
    implied.into_iter().filter(|(_, is)| *is).map(|(kind, _)| kind).collect()
}
