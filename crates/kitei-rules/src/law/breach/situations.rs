//! Which reportable situations a world is: the articles, read on facts that are all known.
//!
//! Serves APPI Enforcement Rules article 7 (businesses) and article 43 (administrative organs), and the Rules No. 5 of
//! 2015 article 2.
//!
//! Invariant: two-valued and pure; what is unknown is settled before ([`super::world`]).

use jiff::civil::Date;

use super::{
    facts::{Act, Operator, Situation, Stage, System},
    few::{Few, Numbered, those},
    world::World,
};
use crate::law::{
    book::{LawBook, Row, Rule},
    deadline::{Days, KnownOn},
};

/// An item of an article, or a sub-item of one; ordered as in the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    number: u8,
    part: u8,
}

impl Item {
    /// A whole item.
    pub(super) const fn whole(number: u8) -> Self {
        Self { number, part: 0 }
    }

    /// A sub-item: 1 for イ, 2 for ロ, 3 for ハ.
    pub(super) const fn part(number: u8, part: u8) -> Self {
        Self { number, part }
    }

    /// The number of the item.
    pub(super) fn number(self) -> u8 {
        self.number
    }

    /// The letter of a sub-item.
    pub(super) fn letter(self) -> Option<&'static str> {
        match self.part {
            0 => None,
            1 => Some("イ"),
            2 => Some("ロ"),
            _ => Some("ハ"),
        }
    }

    /// The sub-item as cited, `2ロ`.
    pub(super) fn part_name(self) -> Option<String> {
        self.letter().map(|letter| format!("{}{letter}", self.number))
    }
}

impl Numbered for Item {
    fn place(self) -> u32 {
        u32::from(self.number * 4 + self.part)
    }

    fn at(place: u32) -> Option<Self> {
        let place = u8::try_from(place).ok()?;
        Some(Self { number: place / 4, part: place % 4 })
    }
}

/// A set of items, in the order of the article.
pub(super) type Items = Few<Item>;

/// One of the two Acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statute {
    /// The APPI.
    Appi,
    /// The My Number Act.
    MyNumber,
}

impl Statute {
    /// The rows that hold this statute's figures for an operator: the duty, the threshold.
    pub(super) fn rules(self, operator: Operator) -> (Rule, Rule) {
        match (self, operator) {
            (Self::Appi, Operator::Business) => (Rule::AppiReport, Rule::AppiPersonsOver),
            (Self::Appi, Operator::Municipality) => (Rule::AppiReportPublicBody, Rule::AppiPersonsOverPublicBody),
            (Self::MyNumber, _) => (Rule::MyNumberReport, Rule::MyNumberPersonsOver),
        }
    }

    /// The item under which a final report has the longer period: an improper purpose.
    pub(super) fn improper_item(self) -> u8 {
        match self {
            Self::Appi => 3,
            Self::MyNumber => 2,
        }
    }

    /// The length of the final report's period by the law of the day of knowing.
    pub(super) fn final_days(self, book: &LawBook, known: KnownOn, improper: bool) -> Option<Days> {
        let rule = match (self, improper) {
            (Self::Appi, false) => Rule::AppiFinal,
            (Self::Appi, true) => Rule::AppiFinalImproper,
            (Self::MyNumber, false) => Rule::MyNumberFinal,
            (Self::MyNumber, true) => Rule::MyNumberFinalImproper,
        };
        book.at(rule, known.date())?.value.days()
    }

    /// The articles as they stand on the day on which a situation became known.
    pub(super) fn articles(self, book: &LawBook, situation: &Situation) -> Articles {
        let (duty, threshold) = self.rules(situation.operator);
        let known = situation.known_on.date();
        let over = book.at(threshold, known).and_then(|row| row.value.persons_over());
        let planned = book.rows().iter().filter(|row| row.rule == Rule::AppiPlannedData).cloned().collect();
        Articles { statute: self, over: over.filter(|_| book.at(duty, known).is_some()), planned }
    }
}

/// The articles of a statute with the figures of a day, read once for all worlds of a situation.
#[derive(Debug)]
pub(super) struct Articles {
    statute: Statute,
    /// The threshold of principals; none when the duty is not in force.
    over: Option<u64>,
    /// The rows by which item 3 reaches data that are planned to become personal data: they turn on the event.
    planned: Vec<Row>,
}

impl Articles {
    /// The items that a world fulfills by the law in force.
    pub(super) fn items(&self, world: &World) -> Items {
        let Some(over) = self.over else { return Items::new() };
        if world.persons == 0 || world.encrypted {
            return Items::new();
        }
        match self.statute {
            Statute::Appi => appi(world, over, self.reaches_planned(world.occurred_on)),
            Statute::MyNumber if world.individual_number => my_number(world, over),
            Statute::MyNumber => Items::new(),
        }
    }

    fn reaches_planned(&self, occurred_on: Date) -> bool {
        self.planned.iter().any(|row| row.holds_on(occurred_on))
    }
}

/// 漏えい等 in the sense of both Acts (guideline 3-5-1): a leak unless all came back unseen; a loss or damage unless the
/// same content is kept elsewhere. Use and provision are none.
pub(super) fn is_breach(world: &World) -> bool {
    let leaked = world.acts.has(Act::Leak) && !world.recovered_unviewed;
    let gone = (world.acts.has(Act::Loss) || world.acts.has(Act::Damage)) && !world.copy_exists;
    leaked || gone
}

/// Enforcement Rules article 7, or 43 items 1 to 4 for an administrative organ.
fn appi(world: &World, over: u64, reaches_planned: bool) -> Items {
    // Article 41(9) exempts businesses only; chapter 5 has no such rule.
    let exempt = world.pseudonymised && world.operator == Operator::Business;
    if exempt || !is_breach(world) {
        return Items::new();
    }
    let in_database = world.stage == Stage::PersonalData;
    let planned = world.stage == Stage::Planned && reaches_planned;
    let items = [
        (Item::whole(1), in_database && world.special_care),
        (Item::whole(2), in_database && world.financial_damage),
        (Item::whole(3), (in_database || planned) && world.improper_purpose),
        (Item::whole(4), in_database && world.persons > over),
    ];
    those(items)
}

/// Rules No. 5 of 2015 article 2. Items 1, 2 and 4 ask for Specific Personal Information, filed or not; item 3 for
/// that in a file.
fn my_number(world: &World, over: u64) -> Items {
    let breach = is_breach(world);
    let (used, provided) = (world.acts.has(Act::Use), world.acts.has(Act::Provision));
    let many = world.persons > over;
    let improper = world.improper_purpose;
    // A municipality's own system for related affairs is one of 1ハ, as is that of its contractor.
    let public_related = world.system == System::GovernmentContractor
        || (world.system == System::Own && world.operator == Operator::Municipality);
    let items = [
        (Item::part(1, 1), breach && world.system == System::InformationNetwork),
        (Item::part(1, 2), breach && world.system == System::UseOffice),
        (Item::part(1, 3), breach && public_related),
        (Item::part(2, 1), breach && improper),
        (Item::part(2, 2), used && improper),
        (Item::part(2, 3), provided && improper),
        (Item::whole(3), seen_by_many(world)),
        (Item::part(4, 1), breach && many),
        (Item::part(4, 2), used && many),
        (Item::part(4, 3), provided && many),
    ];
    those(items)
}

/// Item 3: in a file and open to unspecified many by electronic means, unless it is shown that nobody saw them.
fn seen_by_many(world: &World) -> bool {
    world.open_to_public && world.stage == Stage::PersonalData && !world.recovered_unviewed
}
