//! Worlds: the ways in which the unknown facts of a situation could turn out.
//!
//! Invariant: a world has no unknown in it; the worlds of a situation cover every value that changes an outcome.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::facts::{Act, Acts, Answer, Operator, Situation, Stage, Stated, System};
use crate::law::{
    book::{LawBook, Rule},
    calendar::previous,
};

/// A situation in which everything is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct World {
    pub(super) occurred_on: Date,
    pub(super) operator: Operator,
    pub(super) acts: Acts,
    pub(super) persons: u64,
    pub(super) special_care: bool,
    pub(super) financial_damage: bool,
    pub(super) individual_number: bool,
    pub(super) improper_purpose: bool,
    pub(super) stage: Stage,
    pub(super) system: System,
    pub(super) open_to_public: bool,
    pub(super) encrypted: bool,
    pub(super) recovered_unviewed: bool,
    pub(super) copy_exists: bool,
    pub(super) pseudonymised: bool,
}

/// A fact that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    OccurredOn,
    Act,
    Persons,
    SpecialCare,
    FinancialDamage,
    IndividualNumber,
    ImproperPurpose,
    Stage,
    System,
    OpenToPublic,
    Encrypted,
    RecoveredUnviewed,
    CopyExists,
    Pseudonymised,
}

impl Unknown {
    /// The field of the facts that would settle it.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::OccurredOn => "occurred_on",
            Self::Act => "act",
            Self::Persons => "persons",
            Self::SpecialCare | Self::FinancialDamage | Self::IndividualNumber => "data",
            Self::ImproperPurpose => "improper_purpose",
            Self::Stage => "stage",
            Self::System => "system",
            Self::OpenToPublic => "open_to_public",
            Self::Encrypted => "encrypted",
            Self::RecoveredUnviewed => "recovered_unviewed",
            Self::CopyExists => "copy_exists",
            Self::Pseudonymised => "pseudonymised",
        }
    }
}

/// One value of an unknown fact.
#[derive(Debug, Clone, Copy)]
enum Choice {
    OccurredOn(Date),
    Acts(Acts),
    Persons(u64),
    Stage(Stage),
    System(System),
    Is(bool),
}

/// An unknown fact with the values it could have; the first is the strict one.
#[derive(Debug, Clone)]
struct Axis {
    unknown: Unknown,
    choices: Vec<Choice>,
}

/// All worlds of a situation, as far as one law looks at the facts.
#[derive(Debug, Clone)]
pub(super) struct Worlds {
    base: World,
    axes: Vec<Axis>,
}

impl Worlds {
    /// The worlds of a situation; only the unknown facts named in `relevant` differ between them.
    pub(super) fn of(book: &LawBook, situation: &Situation, relevant: &[Unknown]) -> Self {
        let mut worlds = Self { base: strict(situation), axes: Vec::new() };
        for unknown in relevant {
            let choices = choices(book, situation, *unknown);
            if choices.len() > 1 {
                worlds.axes.push(Axis { unknown: *unknown, choices });
            }
        }
        worlds
    }

    /// Every world with what `outcome` says of it, in a fixed order (the last axis turns fastest).
    pub(super) fn outcomes<T>(&self, outcome: impl Fn(&World) -> T) -> Vec<T> {
        let mut out = Vec::with_capacity(self.axes.iter().map(|axis| axis.choices.len()).product());
        walk(&self.axes, &mut self.base.clone(), &mut |world| out.push(outcome(world)));
        out
    }

    /// The fields on which the outcomes hang: those of which one value instead of another, all else equal, changes one.
    pub(super) fn depends_on<T: PartialEq>(&self, outcomes: &[T]) -> Vec<&'static str> {
        let mut fields = Vec::new();
        let mut stride = outcomes.len();
        for axis in &self.axes {
            let span = stride;
            stride /= axis.choices.len();
            // Stretches of one span differ in this axis alone.
            let differs = outcomes.chunks(span).any(|stretch| {
                let (first, others) = stretch.split_at(stride);
                others.chunks(stride).any(|other| other != first)
            });
            if differs && !fields.contains(&axis.unknown.field()) {
                fields.push(axis.unknown.field());
            }
        }
        fields
    }
}

/// Each outcome once. Neighbouring worlds mostly come to the same.
pub(super) fn distinct<T: Ord + Copy>(outcomes: &[T]) -> BTreeSet<T> {
    outcomes.chunk_by(T::eq).filter_map(|same| same.first().copied()).collect()
}

/// Goes through every choice of every axis; there are at most as many axes as unknown facts.
fn walk(axes: &[Axis], world: &mut World, each: &mut impl FnMut(&World)) {
    let Some((axis, rest)) = axes.split_first() else { return each(world) };
    for choice in &axis.choices {
        world.settle(axis.unknown, *choice);
        walk(rest, world, each);
    }
}

impl World {
    fn settle(&mut self, unknown: Unknown, choice: Choice) {
        match (unknown, choice) {
            (Unknown::OccurredOn, Choice::OccurredOn(date)) => self.occurred_on = date,
            (Unknown::Act, Choice::Acts(acts)) => self.acts = acts,
            (Unknown::Persons, Choice::Persons(persons)) => self.persons = persons,
            (Unknown::Stage, Choice::Stage(stage)) => self.stage = stage,
            (Unknown::System, Choice::System(system)) => self.system = system,
            (Unknown::SpecialCare, Choice::Is(yes)) => self.special_care = yes,
            (Unknown::FinancialDamage, Choice::Is(yes)) => self.financial_damage = yes,
            (Unknown::IndividualNumber, Choice::Is(yes)) => self.individual_number = yes,
            (Unknown::ImproperPurpose, Choice::Is(yes)) => self.improper_purpose = yes,
            (Unknown::OpenToPublic, Choice::Is(yes)) => self.open_to_public = yes,
            (Unknown::Encrypted, Choice::Is(yes)) => self.encrypted = yes,
            (Unknown::RecoveredUnviewed, Choice::Is(yes)) => self.recovered_unviewed = yes,
            (Unknown::CopyExists, Choice::Is(yes)) => self.copy_exists = yes,
            (Unknown::Pseudonymised, Choice::Is(yes)) => self.pseudonymised = yes,
            // An axis is only ever built with choices of its own kind.
            _ => {}
        }
    }
}

/// The world in which every unknown takes its strict value.
fn strict(situation: &Situation) -> World {
    let burdens = |answer: Answer| answer != Answer::No;
    let relieves = |answer: Answer| answer == Answer::Yes;
    World {
        occurred_on: is_or(situation.occurred_on, situation.known_on.date()),
        operator: situation.operator,
        acts: is_or(situation.acts, Acts::only(Act::Leak)),
        persons: situation.persons.most(),
        special_care: burdens(situation.data.special_care),
        financial_damage: burdens(situation.data.financial_damage),
        individual_number: burdens(situation.data.individual_number),
        improper_purpose: burdens(situation.improper_purpose),
        stage: is_or(situation.stage, Stage::PersonalData),
        system: is_or(situation.system, System::Own),
        open_to_public: burdens(situation.open_to_public),
        encrypted: relieves(situation.encrypted),
        recovered_unviewed: relieves(situation.recovered_unviewed),
        copy_exists: relieves(situation.copy_exists),
        pseudonymised: relieves(situation.pseudonymised),
    }
}

fn is_or<T>(stated: Stated<T>, strict: T) -> T {
    if let Stated::Is(value) = stated { value } else { strict }
}

/// The values a fact could have; one value, or none, if it is known.
fn choices(book: &LawBook, situation: &Situation, unknown: Unknown) -> Vec<Choice> {
    let answer = |answer: Answer, strict: bool| match answer {
        Answer::Unknown => vec![Choice::Is(strict), Choice::Is(!strict)],
        _ => Vec::new(),
    };
    match unknown {
        Unknown::OccurredOn => event_days(book, situation).into_iter().map(Choice::OccurredOn).collect(),
        Unknown::Persons => counts(situation).into_iter().map(Choice::Persons).collect(),
        Unknown::Act if situation.acts == Stated::Unknown => {
            Acts::ALL.into_iter().map(|act| Choice::Acts(Acts::only(act))).collect()
        }
        Unknown::Stage if situation.stage == Stated::Unknown => {
            [Stage::PersonalData, Stage::Planned, Stage::NotPlanned].into_iter().map(Choice::Stage).collect()
        }
        Unknown::System if situation.system == Stated::Unknown => {
            [System::Own, System::UseOffice, System::InformationNetwork, System::GovernmentContractor]
                .into_iter()
                .map(Choice::System)
                .collect()
        }
        Unknown::Act | Unknown::Stage | Unknown::System => Vec::new(),
        Unknown::SpecialCare => answer(situation.data.special_care, true),
        Unknown::FinancialDamage => answer(situation.data.financial_damage, true),
        Unknown::IndividualNumber => answer(situation.data.individual_number, true),
        Unknown::ImproperPurpose => answer(situation.improper_purpose, true),
        Unknown::OpenToPublic => answer(situation.open_to_public, true),
        Unknown::Encrypted => answer(situation.encrypted, false),
        Unknown::RecoveredUnviewed => answer(situation.recovered_unviewed, false),
        Unknown::CopyExists => answer(situation.copy_exists, false),
        Unknown::Pseudonymised => answer(situation.pseudonymised, false),
    }
}

/// Days on which it may have happened, one for each wording of item 3 up to the day of knowing.
fn event_days(book: &LawBook, situation: &Situation) -> Vec<Date> {
    if situation.occurred_on != Stated::Unknown {
        return Vec::new();
    }
    let known = situation.known_on.date();
    let mut days = vec![known];
    days.extend(book.changes(Rule::AppiPlannedData).filter(|change| *change <= known).map(previous));
    days
}

/// The bounds of the count, the larger first: items only ever join as a count grows, so no count between gives an
/// earlier limit or an item of its own.
fn counts(situation: &Situation) -> Vec<u64> {
    let (least, most) = (situation.persons.min, situation.persons.most());
    if least == most { Vec::new() } else { vec![most, least] }
}
