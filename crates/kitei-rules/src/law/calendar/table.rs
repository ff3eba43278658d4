//! The holidays of article 2 of the Act on National Holidays, and the days that special Acts moved.
//!
//! Invariant: data only. Rows hold since 2007, when the present wording of article 3 came into force.

use jiff::civil::{Date, date};

use super::{FIRST_YEAR, LAST_YEAR};

/// When in the year a holiday falls.
#[derive(Debug, Clone, Copy)]
pub(super) enum On {
    /// A month and a day.
    Fixed(i8, i8),
    /// The n-th Monday of a month.
    Monday(i8, i8),
    /// 春分日.
    VernalEquinox,
    /// 秋分日.
    AutumnalEquinox,
}

/// A holiday of article 2, for the years in which it stood so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
    pub(super) on: On,
    pub(super) from: i16,
    pub(super) to: i16,
}

const fn rule(ja: &'static str, en: &'static str, on: On) -> Rule {
    Rule { ja, en, on, from: FIRST_YEAR, to: LAST_YEAR }
}

const fn within(rule: Rule, from: i16, to: i16) -> Rule {
    Rule { from, to, ..rule }
}

/// Article 2, by year of validity.
pub(super) const RULES: &[Rule] = &[
    rule("元日", "New Year's Day", On::Fixed(1, 1)),
    rule("成人の日", "Coming of Age Day", On::Monday(1, 2)),
    rule("建国記念の日", "National Foundation Day", On::Fixed(2, 11)),
    within(rule("天皇誕生日", "The Emperor's Birthday", On::Fixed(2, 23)), 2020, LAST_YEAR),
    rule("春分の日", "Vernal Equinox Day", On::VernalEquinox),
    rule("昭和の日", "Showa Day", On::Fixed(4, 29)),
    rule("憲法記念日", "Constitution Memorial Day", On::Fixed(5, 3)),
    rule("みどりの日", "Greenery Day", On::Fixed(5, 4)),
    rule("こどもの日", "Children's Day", On::Fixed(5, 5)),
    rule("海の日", "Marine Day", On::Monday(7, 3)),
    within(rule("山の日", "Mountain Day", On::Fixed(8, 11)), 2016, LAST_YEAR),
    rule("敬老の日", "Respect for the Aged Day", On::Monday(9, 3)),
    rule("秋分の日", "Autumnal Equinox Day", On::AutumnalEquinox),
    within(rule("体育の日", "Health and Sports Day", On::Monday(10, 2)), FIRST_YEAR, 2019),
    within(rule("スポーツの日", "Sports Day", On::Monday(10, 2)), 2020, LAST_YEAR),
    rule("文化の日", "Culture Day", On::Fixed(11, 3)),
    rule("勤労感謝の日", "Labor Thanksgiving Day", On::Fixed(11, 23)),
    within(rule("天皇誕生日", "The Emperor's Birthday", On::Fixed(12, 23)), FIRST_YEAR, 2018),
];

/// A day added (`name`) or taken away (no name).
pub(super) struct Move {
    pub(super) date: Date,
    pub(super) name: Option<(&'static str, &'static str)>,
}

const fn added(date: Date, ja: &'static str, en: &'static str) -> Move {
    Move { date, name: Some((ja, en)) }
}

const fn taken(date: Date) -> Move {
    Move { date, name: None }
}

/// The enthronement (平成30年法律99号) and the Tokyo Games (平成27年法律33号 in its 2018 and 2020 wordings).
pub(super) const GAZETTE: &[Move] = &[
    added(date(2019, 5, 1), "天皇の即位の日", "Enthronement Day"),
    added(date(2019, 10, 22), "即位礼正殿の儀の行われる日", "Enthronement Ceremony Day"),
    taken(date(2020, 7, 20)),
    added(date(2020, 7, 23), "海の日", "Marine Day"),
    added(date(2020, 7, 24), "スポーツの日", "Sports Day"),
    taken(date(2020, 8, 11)),
    added(date(2020, 8, 10), "山の日", "Mountain Day"),
    taken(date(2020, 10, 12)),
    taken(date(2021, 7, 19)),
    added(date(2021, 7, 22), "海の日", "Marine Day"),
    added(date(2021, 7, 23), "スポーツの日", "Sports Day"),
    taken(date(2021, 8, 11)),
    added(date(2021, 8, 8), "山の日", "Mountain Day"),
    taken(date(2021, 10, 11)),
];
