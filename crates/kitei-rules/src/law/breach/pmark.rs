//! The P-mark: every accident in scope is reported, from one person.
//!
//! Serves PMK500 article 12 (since 2022-04-01). Encryption, recovery, copies and pseudonymisation do not switch the
//! report off, and telling a client relieves nobody. The final report goes in on day 30, or 60 where an improper purpose
//! is possible; a preliminary one only on the grounds named here. How the days are counted is not published: the dates
//! are the strict reading and never move.
//!
//! Invariant: nothing that only the Acts exempt is exempt here.

use std::collections::BTreeMap;

use super::{
    facts::{Act, Operator, Situation, System},
    few::{Few, Numbered, those},
    judge::{standing_since, window},
    reasons,
    verdict::Verdict,
    world::{Unknown, World, Worlds, distinct},
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
    const ALL: [Self; 9] = [
        Self::Accident,
        Self::SpecialCare,
        Self::FinancialDamage,
        Self::ImproperPurpose,
        Self::ManyPersons,
        Self::NumbersSystem,
        Self::NumbersPublic,
        Self::NumbersImproper,
        Self::NumbersMany,
    ];

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

impl Numbered for Ground {
    fn place(self) -> u32 {
        self as u32
    }

    fn at(place: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(place).ok()?).copied()
    }
}

/// Kinds of accident, 1 to 9.
impl Numbered for u8 {
    fn place(self) -> u32 {
        self.into()
    }

    fn at(place: u32) -> Option<Self> {
        Self::try_from(place).ok()
    }
}

/// What a world is: the kinds of accident and the grounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    kinds: Few<u8>,
    grounds: Few<Ground>,
}

impl Outcome {
    const NOTHING: Self = Self { kinds: Few::new(), grounds: Few::new() };

    fn or(self, other: Self) -> Self {
        Self { kinds: self.kinds.or(other.kinds), grounds: self.grounds.or(other.grounds) }
    }
}

pub(super) fn verdict(book: &LawBook, record: &[Situation]) -> Verdict {
    let Some(present) = record.last() else { return Verdict::nothing() };
    let history: Vec<(KnownOn, Few<Ground>)> = record
        .iter()
        .map(|situation| {
            let worlds = Worlds::of(book, situation, BRANCHING_FACTS);
            let terms = Terms::of(book, situation);
            let all = worlds.outcomes(|world| terms.outcome(world)).into_iter().fold(Outcome::NOTHING, Outcome::or);
            (situation.known_on, all.grounds)
        })
        .collect();
    let worlds = Worlds::of(book, present, FACTS);
    let terms = Terms::of(book, present);
    let outcomes = worlds.outcomes(|world| terms.outcome(world));
    let distinct = distinct(&outcomes);
    let Outcome { kinds, grounds } = distinct.iter().copied().fold(Outcome::NOTHING, Outcome::or);
    let certain = distinct.iter().map(|outcome| outcome.kinds).fold(kinds, Few::and);
    let since: BTreeMap<Ground, KnownOn> =
        grounds.iter().filter_map(|ground| standing_since(&history, ground).map(|day| (ground, day))).collect();
    let day_one = since.get(&Ground::Accident).copied();
    let owed = distinct.into_iter().filter(|outcome| outcome.grounds.contains(Ground::Accident));
    let limits: Vec<FinalLimit> = owed.filter_map(|outcome| limit(book, day_one?, outcome.grounds)).collect();
    let final_report = limits.iter().min_by_key(|limit| limit.limit).cloned();
    let longest = limits.into_iter().max_by_key(|limit| limit.limit);
    // The window opens when the first ground is known, not the accident.
    let grounds_since = since.iter().filter(|(ground, _)| ground.name().is_some()).map(|(_, day)| *day).min();

    Verdict {
        reportable: day_one.is_some(),
        possible_items: kinds.without(certain).iter().collect(),
        items: kinds.iter().collect(),
        preliminary_grounds: grounds.iter().filter_map(|ground| ground.name()).collect(),
        day_one,
        day_one_by_item: since
            .iter()
            .map(|(ground, day)| (ground.name().unwrap_or("accident").to_owned(), *day))
            .collect(),
        preliminary: grounds_since.and_then(|day| window(book, day)),
        final_if_established: reasons::pmark_condition(final_report.as_ref(), longest),
        reasons: reasons::of_pmark(book, present, grounds, final_report.as_ref()),
        final_report,
        depends_on: worlds.depends_on(&outcomes),
        ..Verdict::nothing()
    }
}

fn limit(book: &LawBook, day_one: KnownOn, grounds: Few<Ground>) -> Option<FinalLimit> {
    let rule = if grounds.contains(Ground::ImproperPurpose) { Rule::PmarkFinalImproper } else { Rule::PmarkFinal };
    let days = book.at(rule, day_one.date())?.value.days()?;
    Some(pmark_limit(day_one, days))
}

/// PMK500 with the figures of the day on which a situation became known, read once for all its worlds.
struct Terms {
    /// More principals than so many, and so many with Individual Numbers; none when there is no duty to report.
    over: Option<(u64, u64)>,
    /// The kinds of accident as they were stated.
    stated: Option<Few<u8>>,
    operator: Operator,
}

impl Terms {
    fn of(book: &LawBook, situation: &Situation) -> Self {
        let known = situation.known_on.date();
        let over = |rule| book.at(rule, known).and_then(|row| row.value.persons_over());
        let in_force = book.at(Rule::PmarkReport, known).is_some();
        Self {
            over: over(Rule::PmarkPersonsOver).zip(over(Rule::PmarkNumbersOver)).filter(|_| in_force),
            stated: situation.pmark_kinds.as_ref().map(|kinds| kinds.iter().copied().collect()),
            operator: situation.operator,
        }
    }

    fn outcome(&self, world: &World) -> Outcome {
        let kinds = self.kinds(world);
        let Some((persons_over, numbers_over)) = self.over.filter(|_| !kinds.is_empty() && world.persons > 0) else {
            return Outcome::NOTHING;
        };
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
        Outcome { kinds, grounds: those(grounds) }
    }

    /// The kinds as stated, or as the act implies. Public bodies hold no P-mark, so for them nothing is implied.
    fn kinds(&self, world: &World) -> Few<u8> {
        if let Some(stated) = self.stated {
            return stated;
        }
        if self.operator == Operator::Municipality {
            return Few::new();
        }
        those([
            (1, world.acts.has(Act::Leak)),
            (3, world.acts.has(Act::Loss) || world.acts.has(Act::Damage)),
            (6, world.acts.has(Act::Use) || world.acts.has(Act::Provision)),
        ])
    }
}
