//! Lengths of time, as ledgers give them for retention: 5年, 3ヶ月, 1年6ヶ月, 契約終了後5年, 永年.

use serde::Serialize;

use super::{Understood, Value};
use crate::tables::ProblemKind;
use crate::tables::fold::narrow;
use crate::tables::read::Cell;

/// A length of time and what it counts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// How long.
    pub span: Span,
    /// What it counts from, as written before 後 (契約終了, 退職); nothing if not said.
    pub after: Option<String>,
}

/// How long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Without end (永年, 無期限).
    Permanent,
    /// As long as something lasts (在職中, 契約期間中): said in `after`.
    While,
    /// Years, months and days together; not all are zero.
    Length {
        /// Years.
        years: u16,
        /// Months.
        months: u16,
        /// Days.
        days: u16,
    },
}

const PERMANENT: &[&str] = &["永年", "永久", "無期限", "無期", "期限なし", "期限無し", "永久保存", "永年保存", "恒久"];

/// A length of time. A bare number is no period: whether it counts years or months is not said.
pub(super) fn period(cell: &Cell) -> Understood {
    let Cell::Text(text) = cell else { return Err(ProblemKind::NotAPeriod) };
    let text: String = narrow(text).chars().filter(|character| !character.is_whitespace()).collect();
    let (after, length) = split_after(&text);
    let length =
        length.strip_suffix("保存").or(length.strip_suffix("保管")).or(length.strip_suffix("間保存")).unwrap_or(length);
    if PERMANENT.contains(&length) || PERMANENT.contains(&text.as_str()) {
        let after = after.filter(|after| !after.is_empty()).map(str::to_owned);
        return Ok((Value::Period { period: Period { span: Span::Permanent, after } }, None));
    }
    if let Some(state) =
        length.strip_suffix("期間中").or_else(|| length.strip_suffix('中')).filter(|state| !state.is_empty())
        && after.is_none()
        && !state.contains(|character: char| character.is_ascii_digit())
    {
        let period = Period { span: Span::While, after: Some(length.to_owned()) };
        return Ok((Value::Period { period }, None));
    }
    let span = length_of(length).ok_or(ProblemKind::NotAPeriod)?;
    Ok((Value::Period { period: Period { span, after: after.map(str::to_owned) } }, None))
}

/// 契約終了後5年 → 契約終了 and 5年; 退職日から3年 → 退職日 and 3年.
fn split_after(text: &str) -> (Option<&str>, &str) {
    for mark in ["後から", "後、", "後は", "後", "から", "より"] {
        if let Some((before, rest)) = text.split_once(mark)
            && !before.is_empty()
            && !rest.is_empty()
        {
            return (Some(before), rest);
        }
    }
    (None, text)
}

fn length_of(text: &str) -> Option<Span> {
    let (mut years, mut months, mut days) = (0_u16, 0_u16, 0_u16);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let number: u16 = rest.get(..end)?.parse().ok()?;
        let unit = rest.get(end..)?;
        let (place, taken) = unit_of(unit)?;
        match place {
            Unit::Year => years = years.checked_add(number)?,
            Unit::Month => months = months.checked_add(number)?,
            Unit::Week => days = days.checked_add(number.checked_mul(7)?)?,
            Unit::Day => days = days.checked_add(number)?,
            Unit::HalfYear => {
                years = years.checked_add(number)?;
                months = months.checked_add(6)?;
            }
        }
        rest = unit.get(taken..)?;
        rest = rest.strip_prefix('と').or_else(|| rest.strip_prefix('間')).unwrap_or(rest);
    }
    (years > 0 || months > 0 || days > 0).then_some(Span::Length { years, months, days })
}

#[derive(Clone, Copy)]
enum Unit {
    Year,
    HalfYear,
    Month,
    Week,
    Day,
}

/// Units by name, a longer name before a shorter one that begins it. 月 alone is none: 3月 is March.
const UNITS: &[(&str, Unit)] = &[
    ("年半", Unit::HalfYear),
    ("ヶ年", Unit::Year),
    ("か年", Unit::Year),
    ("カ年", Unit::Year),
    ("ケ年", Unit::Year),
    ("年", Unit::Year),
    ("years", Unit::Year),
    ("year", Unit::Year),
    ("ヶ月", Unit::Month),
    ("か月", Unit::Month),
    ("カ月", Unit::Month),
    ("ケ月", Unit::Month),
    ("ヵ月", Unit::Month),
    ("箇月", Unit::Month),
    ("個月", Unit::Month),
    ("months", Unit::Month),
    ("month", Unit::Month),
    ("週間", Unit::Week),
    ("週", Unit::Week),
    ("weeks", Unit::Week),
    ("week", Unit::Week),
    ("日", Unit::Day),
    ("days", Unit::Day),
    ("day", Unit::Day),
];

/// The unit at the start of a text, and its length in bytes.
fn unit_of(text: &str) -> Option<(Unit, usize)> {
    UNITS.iter().find(|(name, _)| text.starts_with(name)).map(|(name, unit)| (*unit, name.len()))
}
