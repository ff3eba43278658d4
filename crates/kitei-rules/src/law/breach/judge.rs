//! From facts to verdicts: worlds, day 1 of each item, limits, relief.
//!
//! Serves APPI article 26(1) with Rules articles 8 and 9, and My Number Act article 29-4(1) with Rules No. 5 of 2015
//! articles 3 and 4.
//!
//! Invariant: the limit is the earliest over all worlds in which a report is owed.

use std::collections::BTreeMap;

use super::{
    facts::{Answer, Entrusted, Facts, Operator, Situation, Stated},
    few::{Few, Numbered},
    pmark, reasons,
    situations::{Item, Items, Statute, is_breach},
    verdict::{AppliedRow, Condition, Triage, Verdict, numbers},
    world::{Unknown, Worlds, distinct},
};
use crate::law::{
    book::{LawBook, Rule, TurnsOn},
    deadline::{FinalLimit, KnownOn, Preliminary, final_limit, preliminary},
};

/// The facts that the APPI looks at.
const APPI_FACTS: &[Unknown] = &[
    Unknown::OccurredOn,
    Unknown::Act,
    Unknown::Persons,
    Unknown::SpecialCare,
    Unknown::FinancialDamage,
    Unknown::ImproperPurpose,
    Unknown::Stage,
    Unknown::Encrypted,
    Unknown::RecoveredUnviewed,
    Unknown::CopyExists,
    Unknown::Pseudonymised,
];

/// The facts that the My Number Act looks at.
const MY_NUMBER_FACTS: &[Unknown] = &[
    Unknown::Act,
    Unknown::Persons,
    Unknown::IndividualNumber,
    Unknown::ImproperPurpose,
    Unknown::Stage,
    Unknown::System,
    Unknown::OpenToPublic,
    Unknown::Encrypted,
    Unknown::RecoveredUnviewed,
    Unknown::CopyExists,
];

/// Every other unknown only ever removes items when settled, so its strict value alone shows all possible items.
const BRANCHING_FACTS: &[Unknown] = &[Unknown::Act, Unknown::System];

/// What the facts come to under one Act, before it is put into a verdict.
pub(super) struct Finding<'a> {
    pub(super) statute: Statute,
    pub(super) book: &'a LawBook,
    pub(super) present: &'a Situation,
    /// Items that stand in some world.
    pub(super) possible: Items,
    /// Items that stand in every world.
    pub(super) certain: Items,
    /// Items that stood under earlier facts and stand no more.
    pub(super) withdrawn: Items,
    pub(super) day_ones: BTreeMap<Item, KnownOn>,
    pub(super) window: Option<Preliminary>,
    pub(super) final_report: Option<FinalLimit>,
    pub(super) relief: Relief,
}

/// What an entrustment to us does to the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relief {
    /// The data were not entrusted to us, or the law knows no relief.
    NotEntrusted,
    /// The client has not been told: both owe the report.
    ClientNotTold,
    /// The client was told within the prompt window.
    ClientTold,
    /// The client was told after it; relief asks for promptness, so none is assumed.
    ClientToldLate,
}

pub(super) fn triage(book: &LawBook, facts: &Facts) -> Triage {
    let record = facts.situations();
    let appi = verdict(book, facts, &record, Statute::Appi);
    let my_number = verdict(book, facts, &record, Statute::MyNumber);
    let pmark = pmark::verdict(book, &record);
    let present = record.last();
    Triage {
        appi,
        my_number,
        pmark,
        assumed: facts.assumed(),
        law_version: present.map(|present| law_version(book, present)).unwrap_or_default(),
        pending_law: book.pending().iter().filter(|pending| pending.concerns_reports).cloned().collect(),
        notes: present.map(reasons::notes).unwrap_or_default(),
    }
}

fn verdict(book: &LawBook, facts: &Facts, record: &[Situation], statute: Statute) -> Verdict {
    let Some(present) = record.last() else { return Verdict::nothing() };
    let history: Vec<(KnownOn, Items)> =
        record.iter().map(|situation| (situation.known_on, possible_items(book, situation, statute))).collect();
    let articles = statute.articles(book, present);
    let fields = if statute == Statute::Appi { APPI_FACTS } else { MY_NUMBER_FACTS };
    let worlds = Worlds::of(book, present, fields);
    let outcomes = worlds.outcomes(|world| articles.items(world));
    let distinct = distinct(&outcomes);

    let possible = distinct.iter().copied().fold(Items::new(), Items::or);
    let certain = distinct.iter().copied().fold(possible, Items::and);
    let earlier = history.iter().map(|(_, items)| *items).fold(Items::new(), Items::or);
    let withdrawn = earlier.without(possible);
    let day_ones: BTreeMap<Item, KnownOn> =
        possible.iter().filter_map(|item| standing_since(&history, item).map(|day| (item, day))).collect();

    let day_one = day_ones.values().min().copied();
    let window = day_one.and_then(|day| window(book, day));
    let limits = distinct.iter().filter_map(|items| limit(book, statute, &day_ones, *items));
    let final_report = limits.min_by_key(|limit| limit.limit);
    let longest = limit(book, statute, &day_ones, possible);
    let relief = relief(facts, present, statute, window.as_ref());
    let finding =
        Finding { statute, book, present, certain, withdrawn, day_ones, window, final_report, relief, possible };
    finding.into_verdict(worlds.depends_on(&outcomes), longest)
}

/// Items that stand in some world of a situation.
fn possible_items(book: &LawBook, situation: &Situation, statute: Statute) -> Items {
    let worlds = Worlds::of(book, situation, BRANCHING_FACTS);
    let articles = statute.articles(book, situation);
    worlds.outcomes(|world| articles.items(world)).into_iter().fold(Items::new(), Items::or)
}

/// The day since which something has stood without a break up to the present facts.
pub(super) fn standing_since<T: Numbered>(history: &[(KnownOn, Few<T>)], thing: T) -> Option<KnownOn> {
    history.iter().rev().take_while(|(_, things)| things.contains(thing)).map(|(day, _)| *day).last()
}

/// The preliminary report's window by the law of day 1.
pub(super) fn window(book: &LawBook, day_one: KnownOn) -> Option<Preliminary> {
    let target = book.at(Rule::PreliminaryTarget, day_one.date())?.value.days()?;
    let limit = book.at(Rule::PreliminaryLimit, day_one.date())?.value.days()?;
    Some(preliminary(day_one, target, limit))
}

/// The final report's limit if exactly these items stand: counted from the earliest day 1 among them, with the longer
/// period where an improper purpose is among them, also together with other items (guideline 3-5-3-4).
fn limit(book: &LawBook, statute: Statute, day_ones: &BTreeMap<Item, KnownOn>, items: Items) -> Option<FinalLimit> {
    let day_one = items.iter().filter_map(|item| day_ones.get(&item)).min()?;
    let improper = items.iter().any(|item| item.number() == statute.improper_item());
    let days = statute.final_days(book, *day_one, improper)?;
    Some(final_limit(book.calendar(), *day_one, days))
}

/// APPI article 26(1) proviso with Rules article 9; My Number Act article 29-4(1) proviso with Rules article 4.
///
/// The proviso frees whoever tells the client "as the Rules provide", and the Rules say promptly: a notice after the
/// fifth day is therefore not taken to relieve. Article 68, for administrative organs, has no such proviso.
fn relief(facts: &Facts, present: &Situation, statute: Statute, window: Option<&Preliminary>) -> Relief {
    let known_to_statute = statute == Statute::MyNumber || present.operator == Operator::Business;
    if present.entrusted != Entrusted::EntrustedToUs || !known_to_statute {
        return Relief::NotEntrusted;
    }
    match (facts.client_told_on, window) {
        (Some(told), Some(window)) if told > window.limit => Relief::ClientToldLate,
        (Some(_), Some(_)) => Relief::ClientTold,
        _ => Relief::ClientNotTold,
    }
}

impl Finding<'_> {
    fn into_verdict(self, depends_on: Vec<&'static str>, longest: Option<FinalLimit>) -> Verdict {
        let owed = !self.possible.is_empty();
        let relieved = owed && self.relief == Relief::ClientTold;
        let reportable = owed && !relieved;
        let uncertain = self.possible.without(self.certain);
        let certain_numbers = numbers(self.certain);
        let reasons = reasons::of(&self);
        let final_if_established = match (&self.final_report, longest) {
            (Some(shorter), Some(longer)) if reportable && longer.days > shorter.days => Some(Condition {
                field: if self.present.improper_purpose == Answer::Unknown {
                    "improper_purpose"
                } else {
                    depends_on.first().copied().unwrap_or("act")
                },
                final_report: longer,
            }),
            _ => None,
        };
        Verdict {
            reportable,
            items: numbers(self.possible),
            subitems: self.possible.iter().filter_map(|item| item.part_name()).collect(),
            possible_items: numbers(uncertain).into_iter().filter(|item| !certain_numbers.contains(item)).collect(),
            day_one: self.day_ones.values().min().copied(),
            day_one_by_item: self.day_ones.iter().map(|(item, day)| (item_name(*item), *day)).collect(),
            notify_client: self.window.clone().filter(|_| owed && self.relief == Relief::ClientNotTold),
            principal_notice: reportable.then(|| reasons::principal_notice(self.statute, self.present.operator)),
            voluntary: if owed { None } else { self.voluntary() },
            preliminary: self.window.filter(|_| reportable),
            final_report: self.final_report.filter(|_| reportable),
            final_if_established,
            relieved,
            reasons,
            depends_on,
            ..Verdict::nothing()
        }
    }

    /// A report that the law leaves open, or asks whoever handles Individual Numbers to strive for.
    fn voluntary(&self) -> Option<&'static str> {
        let (duty, _) = self.statute.rules(self.present.operator);
        let present = self.present;
        let in_force = self.book.at(duty, present.known_on.date()).is_some();
        if !in_force || present.persons.most() == 0 {
            return None;
        }
        let strict = Worlds::of(self.book, present, BRANCHING_FACTS);
        let happened = strict.outcomes(|world| match self.statute {
            Statute::Appi => is_breach(world),
            Statute::MyNumber => world.individual_number && !world.encrypted && (is_breach(world) || violates(world)),
        });
        let word = if self.statute == Statute::Appi { "may" } else { "endeavor" };
        happened.contains(&true).then_some(word)
    }
}

fn violates(world: &super::world::World) -> bool {
    use super::facts::Act;
    world.acts.has(Act::Use) || world.acts.has(Act::Provision)
}

fn item_name(item: Item) -> String {
    item.part_name().unwrap_or_else(|| item.number().to_string())
}

/// The rows that decided: the duties and thresholds by the day of knowing, item 3's wording by the day of the event.
fn law_version(book: &LawBook, present: &Situation) -> Vec<AppliedRow> {
    let (appi_duty, appi_over) = Statute::Appi.rules(present.operator);
    let (numbers_duty, numbers_over) = Statute::MyNumber.rules(present.operator);
    let occurred = if let Stated::Is(date) = present.occurred_on { Some(date) } else { None };
    let rules = [appi_duty, appi_over, Rule::AppiPlannedData, numbers_duty, numbers_over, Rule::PmarkReport];
    let applied = rules.into_iter().filter_map(|rule| {
        let turns_on = rule.turns_on();
        let date = if turns_on == TurnsOn::Event { occurred } else { Some(present.known_on.date()) };
        // Where the day of the event is unknown, the newest wording up to the day of knowing is the strict one.
        let row = book.at(rule, date.unwrap_or(present.known_on.date()))?;
        Some(AppliedRow { article: row.article.to_string(), effective_from: row.effective_from, turns_on, date })
    });
    applied.collect()
}
