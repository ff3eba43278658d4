//! Numbers as people write them: separators, full width, 万 and 千, units, 約 and 程度, ranges, yen.
//!
//! Invariant: computed in whole numbers and decimal fractions, never in binary ones.

use super::{Understood, Value, is_dash, whole};
use crate::tables::ProblemKind;
use crate::tables::fold::narrow;
use crate::tables::read::Cell;

/// A whole number.
pub(super) fn integer(cell: &Cell) -> Understood {
    if let Cell::Number(number) = cell {
        return whole(*number).map(|number| (Value::Integer { number, approximate: false }, None));
    }
    let quantity = quantity(&narrow(&cell.text()))?;
    match quantity.bound {
        Bound::Exactly => Ok((Value::Integer { number: quantity.number, approximate: quantity.approximate }, None)),
        _ => Err(ProblemKind::RangeNotNumber),
    }
}

/// An amount of yen.
pub(super) fn yen(cell: &Cell) -> Understood {
    if let Cell::Number(number) = cell {
        return whole(*number).map(|amount| (Value::Yen { amount, approximate: false }, None));
    }
    let text = narrow(&cell.text());
    let text = text.trim_start_matches(['¥', '\\']).trim_start_matches("JPY").trim();
    // Accounts show what is below zero as ▲1,000 or (1,000).
    let (negative, text) = match text.strip_prefix(['▲', '△']) {
        Some(rest) => (true, rest),
        None => match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(rest) => (true, rest),
            None => (false, text),
        },
    };
    let quantity = quantity(text.trim_start_matches('¥'))?;
    match quantity.bound {
        Bound::Exactly => {
            let amount = if negative { -quantity.number } else { quantity.number };
            Ok((Value::Yen { amount, approximate: quantity.approximate }, None))
        }
        _ => Err(ProblemKind::RangeNotNumber),
    }
}

/// How many: one number, a closed range or an open one.
pub(super) fn count(cell: &Cell) -> Understood {
    if let Cell::Number(number) = cell {
        let number = natural(whole(*number)?)?;
        return Ok((Value::Count { min: number, max: Some(number), approximate: false }, None));
    }
    let text = narrow(&cell.text());
    if let Some((from, to)) = split_range(&text) {
        let (from, to) = (quantity(from)?, quantity(to)?);
        let (min, max) = (natural(from.number)?, natural(to.number)?);
        if from.bound != Bound::Exactly || to.bound != Bound::Exactly || min > max {
            return Err(ProblemKind::NotANumber);
        }
        let approximate = from.approximate || to.approximate;
        return Ok((Value::Count { min, max: Some(max), approximate }, None));
    }
    let quantity = quantity(&text)?;
    let number = natural(quantity.number)?;
    let (min, max) = match quantity.bound {
        Bound::Exactly => (number, Some(number)),
        Bound::AtLeast => (number, None),
        Bound::MoreThan => (number.saturating_add(1), None),
        Bound::AtMost => (0, Some(number)),
        Bound::LessThan => (0, Some(number.checked_sub(1).ok_or(ProblemKind::NumberOutOfRange)?)),
    };
    Ok((Value::Count { min, max, approximate: quantity.approximate }, None))
}

fn natural(number: i64) -> Result<u64, ProblemKind> {
    u64::try_from(number).map_err(|_| ProblemKind::NumberOutOfRange)
}

/// `100〜200件`, `100-200`, `100から200`: both sides begin with a digit, or with 約 and a digit.
fn split_range(text: &str) -> Option<(&str, &str)> {
    let (position, separator) = text
        .char_indices()
        .skip(1)
        .find(|(_, character)| matches!(character, '~' | '〜' | '～') || is_dash(*character))
        .map(|(position, character)| (position, character.len_utf8()))
        .or_else(|| text.find("から").map(|position| (position, "から".len())))?;
    let (from, to) = (text.get(..position)?.trim(), text.get(position + separator..)?.trim());
    let is_number =
        |side: &str| side.trim_start_matches('約').starts_with(|character: char| character.is_ascii_digit());
    (is_number(from) && is_number(to)).then_some((from, to))
}

/// How a number bounds what is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Exactly,
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
}

/// A number with what is said around it.
struct Quantity {
    number: i64,
    approximate: bool,
    bound: Bound,
}

const ABOUT_BEFORE: &[&str] = &[
    "約",
    "およそ",
    "おおよそ",
    "概ね",
    "おおむね",
    "ほぼ",
    "凡そ",
    "推定",
    "想定",
    "~",
    "〜",
    "±",
    "approx.",
    "about",
];
const ABOUT_AFTER: &[&str] =
    &["程度", "前後", "くらい", "ぐらい", "位", "ほど", "弱", "強", "余り", "あまり", "余", "件程度"];
const VAGUE: &[&str] = &[
    "数十", "数百", "数千", "数万", "数名", "数人", "数件", "多数", "少数", "若干", "数個", "複数", "大量", "十数",
    "何",
];

/// Reads `約1,200件程度` and its kin.
fn quantity(text: &str) -> Result<Quantity, ProblemKind> {
    let mut rest = text.trim();
    if VAGUE.iter().any(|vague| rest.contains(vague)) {
        return Err(ProblemKind::VagueNumber);
    }
    let mut approximate = false;
    while let Some(stripped) = ABOUT_BEFORE.iter().find_map(|about| rest.strip_prefix(about)) {
        (approximate, rest) = (true, stripped.trim_start());
    }
    let (bound, stripped) = bound_of(rest);
    rest = stripped;
    while let Some(stripped) = ABOUT_AFTER.iter().find_map(|about| rest.strip_suffix(about)) {
        (approximate, rest) = (true, stripped.trim_end());
    }
    let (number, rounded, unit) = leading_number(rest)?;
    if !is_unit(unit) {
        return Err(ProblemKind::NotANumber);
    }
    Ok(Quantity { number, approximate: approximate || rounded, bound })
}

fn bound_of(text: &str) -> (Bound, &str) {
    const BOUNDS: &[(&str, Bound)] = &[
        ("以上", Bound::AtLeast),
        ("超", Bound::MoreThan),
        ("超え", Bound::MoreThan),
        ("以下", Bound::AtMost),
        ("以内", Bound::AtMost),
        ("未満", Bound::LessThan),
    ];
    for (word, bound) in BOUNDS {
        if let Some(rest) = text.strip_suffix(word) {
            return (*bound, rest.trim_end());
        }
    }
    (Bound::Exactly, text)
}

/// A unit is a few letters without any figure: 件, 名分, レコード, people.
fn is_unit(unit: &str) -> bool {
    let unit = unit.trim();
    unit.chars().count() <= 8
        && unit.chars().all(|character| character.is_alphabetic() || matches!(character, '/' | '.' | ' '))
}

/// Numerals are added up in millionths, so that 1.2万 is exactly 12,000.
const ONE: i128 = 1_000_000;

/// No number of a ledger is larger (in millionths); keeps every sum below inside 128 bits.
const MOST: i128 = 1_000_000_000_000_000_000 * ONE;

/// A numeral being read from left to right. 十, 百 and 千 build up a section; 万, 億 and 兆 close it.
#[derive(Default)]
struct Numeral {
    total: i128,
    section: i128,
    current: Option<i128>,
    /// The value of the next digit behind the decimal point; zero before one.
    place: i128,
    /// Whether the figure is rounded by its form: 千件, 1.2万人.
    rounded: bool,
}

impl Numeral {
    /// Takes the next character if it belongs to the numeral.
    fn take(&mut self, character: char, digit_follows: bool) -> Result<bool, ProblemKind> {
        if let Some(digit) = digit_of(character) {
            let current = self.current.unwrap_or(0);
            let next = if self.place > 0 { current + digit * self.place } else { current * 10 + digit * ONE };
            self.place /= 10;
            self.current = Some(bounded(next)?);
            return Ok(true);
        }
        let in_figure = self.current.is_some() && self.place == 0 && digit_follows;
        match (character, power_of(character)) {
            (',', _) => Ok(in_figure),
            ('.', _) if in_figure => {
                self.place = ONE / 10;
                Ok(true)
            }
            (_, Some(power)) => {
                self.multiply(power)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn multiply(&mut self, power: i128) -> Result<(), ProblemKind> {
        let current = self.current.take();
        self.rounded = self.rounded || current.map_or(self.section == 0, |current| current % ONE != 0);
        self.place = 0;
        if power < 10_000 {
            self.section = bounded(self.section + current.unwrap_or(ONE) * power)?;
        } else {
            let implied = if self.section == 0 { ONE } else { 0 };
            let section = bounded(self.section + current.unwrap_or(implied))?;
            self.total = bounded(self.total + bounded(section * (power / 10_000))? * 10_000)?;
            self.section = 0;
        }
        Ok(())
    }

    fn finish(self) -> Result<i64, ProblemKind> {
        let sum = self.total + self.section + self.current.unwrap_or(0);
        if sum % ONE != 0 {
            return Err(ProblemKind::NotWhole);
        }
        i64::try_from(sum / ONE).map_err(|_| ProblemKind::NumberOutOfRange)
    }
}

fn bounded(number: i128) -> Result<i128, ProblemKind> {
    if number > MOST { Err(ProblemKind::NumberOutOfRange) } else { Ok(number) }
}

fn digit_of(character: char) -> Option<i128> {
    const KANJI: &str = "〇一二三四五六七八九";
    let by_figure = character.to_digit(10).map(i128::from);
    by_figure
        .or_else(|| KANJI.chars().position(|kanji| kanji == character).and_then(|digit| i128::try_from(digit).ok()))
}

fn power_of(character: char) -> Option<i128> {
    match character {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1_000),
        '万' => Some(10_000),
        '億' => Some(100_000_000),
        '兆' => Some(1_000_000_000_000),
        _ => None,
    }
}

/// The number at the start of a text, whether its form says that it is rounded, and what follows it.
fn leading_number(text: &str) -> Result<(i64, bool, &str), ProblemKind> {
    let (negative, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut numeral = Numeral::default();
    let mut end = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let digit_follows = characters.peek().is_some_and(char::is_ascii_digit);
        if !numeral.take(character, digit_follows)? {
            break;
        }
        end += character.len_utf8();
    }
    if end == 0 {
        return Err(ProblemKind::NotANumber);
    }
    let rounded = numeral.rounded;
    let number = numeral.finish()?;
    Ok((if negative { -number } else { number }, rounded, text.get(end..).unwrap_or_default()))
}
