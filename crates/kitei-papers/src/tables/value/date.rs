//! Dates and months as people write them: ISO 8601, 2026/4/1, 2026年4月1日, 令和8年4月1日, R8.4.1, Excel serial numbers.
//!
//! Source of the eras: the Era Name Act (元号法, Act No. 43 of 1979) and the cabinet orders under it; a year of an era that
//! had ended by then (平成35年) is read as the same day, with a warning, because forms printed before 2019 carry them.

use jiff::civil::Date;

use super::{Understood, Value};
use crate::tables::ProblemKind;
use crate::tables::fold::narrow;
use crate::tables::read::Cell;

/// An era: how it is written, the year before its first, and its first and last day.
struct Era {
    names: &'static [&'static str],
    before: i16,
    first: (i16, i8, i8),
    last: (i16, i8, i8),
}

const ERAS: &[Era] = &[
    Era { names: &["令和", "令", "r"], before: 2018, first: (2019, 5, 1), last: (9999, 12, 31) },
    Era { names: &["平成", "平", "h"], before: 1988, first: (1989, 1, 8), last: (2019, 4, 30) },
    Era { names: &["昭和", "昭", "s"], before: 1925, first: (1926, 12, 25), last: (1989, 1, 7) },
    Era { names: &["大正", "大", "t"], before: 1911, first: (1912, 7, 30), last: (1926, 12, 24) },
    Era { names: &["明治", "明", "m"], before: 1867, first: (1868, 10, 23), last: (1912, 7, 29) },
];

/// Years that a ledger of a living organisation can hold.
const YEARS: std::ops::RangeInclusive<i16> = 1868..=2199;

/// A day.
pub(super) fn date(cell: &Cell, epoch_1904: bool) -> Understood {
    match cell {
        Cell::DateTime(moment) => plausible(moment.date()).map(|date| (Value::Date { date }, None)),
        Cell::Number(number) => serial(*number, epoch_1904),
        other => {
            let parts = Parts::read(&narrow(&other.text()))?;
            let (Some(month), Some(day)) = (parts.month, parts.day) else { return Err(ProblemKind::DateIncomplete) };
            let date = Date::new(parts.year, month, day).map_err(|_| ProblemKind::NoSuchDay)?;
            let overrun = parts.era.is_some_and(|era| !era.holds(date));
            plausible(date).map(|date| (Value::Date { date }, overrun.then_some(ProblemKind::EraOverrun)))
        }
    }
}

/// A month of a year. A full date stands for its month.
pub(super) fn year_month(cell: &Cell, epoch_1904: bool) -> Understood {
    if let Cell::Number(_) | Cell::DateTime(_) = cell {
        let (value, remark) = date(cell, epoch_1904)?;
        let Value::Date { date } = value else { return Err(ProblemKind::NotAYearMonth) };
        return Ok((Value::YearMonth { year: date.year(), month: date.month() }, remark));
    }
    let parts = Parts::read(&narrow(&cell.text())).map_err(|kind| match kind {
        ProblemKind::NotADate => ProblemKind::NotAYearMonth,
        other => other,
    })?;
    let month = parts.month.ok_or(ProblemKind::NotAYearMonth)?;
    let date = Date::new(parts.year, month, parts.day.unwrap_or(1)).map_err(|_| ProblemKind::NoSuchDay)?;
    let overrun = parts.era.is_some_and(|era| !era.holds(date.last_of_month()) && !era.holds(date.first_of_month()));
    plausible(date)?;
    Ok((Value::YearMonth { year: parts.year, month }, overrun.then_some(ProblemKind::EraOverrun)))
}

impl Era {
    fn holds(&self, date: Date) -> bool {
        let day = (date.year(), date.month(), date.day());
        (self.first..=self.last).contains(&day)
    }
}

fn plausible(date: Date) -> Result<Date, ProblemKind> {
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(ProblemKind::NotADate) }
}

/// A number without a date format: 20260401, or a serial date between 1955 and 2119.
fn serial(number: f64, epoch_1904: bool) -> Understood {
    let whole = super::whole(number.floor())?;
    if (18_680_101..=21_991_231).contains(&whole) {
        let (year, month, day) = (whole / 10_000, whole / 100 % 100, whole % 100);
        let date = civil(year, month, day).ok_or(ProblemKind::NoSuchDay)?;
        return Ok((Value::Date { date }, None));
    }
    if (1900..=2199).contains(&whole) {
        return Err(ProblemKind::DateIncomplete);
    }
    let days = whole + if epoch_1904 { 1_462 } else { 0 };
    if !(20_000..=80_000).contains(&days) {
        return Err(ProblemKind::NotADate);
    }
    let epoch = civil(1899, 12, 30).ok_or(ProblemKind::NotADate)?;
    let date = epoch.checked_add(jiff::Span::new().days(days)).map_err(|_| ProblemKind::NotADate)?;
    Ok((Value::Date { date }, Some(ProblemKind::SerialDate)))
}

fn civil(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The parts of a written date.
struct Parts {
    era: Option<&'static Era>,
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

impl Parts {
    fn read(text: &str) -> Result<Self, ProblemKind> {
        let text = without_weekday_and_time(text).to_lowercase();
        if let [year, month, day, rest @ ..] = eight_digits(&text).as_slice()
            && rest.is_empty()
        {
            return Self::of(None, *year, Some(*month), Some(*day));
        }
        let (era, rest) = strip_era(&text);
        let numbers = split_numbers(rest, era.is_some())?;
        match (era, numbers.as_slice()) {
            (None, [month, day]) if starts_with_month(&text) || *month <= 12 && *day <= 31 => {
                Err(ProblemKind::YearMissing)
            }
            (None, [year, month, day]) if *year < 100 && *month <= 12 && *day <= 31 => Err(ProblemKind::TwoDigitYear),
            (None, [_, _, year]) if *year >= 1_000 => Err(ProblemKind::NotADate),
            (None, [year, ..]) if *year < 1_000 => Err(ProblemKind::NotADate),
            (_, [year]) => Self::of(era, *year, None, None),
            (_, [year, month]) => Self::of(era, *year, Some(*month), None),
            (_, [year, month, day]) => Self::of(era, *year, Some(*month), Some(*day)),
            _ => Err(ProblemKind::NotADate),
        }
    }

    fn of(era: Option<&'static Era>, year: u32, month: Option<u32>, day: Option<u32>) -> Result<Self, ProblemKind> {
        let narrow = |number: u32| i8::try_from(number).map_err(|_| ProblemKind::NoSuchDay);
        let year = i16::try_from(year).map_err(|_| ProblemKind::NotADate)?;
        let year = era.map_or(Some(year), |era| era.before.checked_add(year)).ok_or(ProblemKind::NotADate)?;
        Ok(Self { era, year, month: month.map(narrow).transpose()?, day: day.map(narrow).transpose()? })
    }
}

/// 20260401.
fn eight_digits(text: &str) -> Vec<u32> {
    if text.len() != 8 || !text.chars().all(|character| character.is_ascii_digit()) {
        return Vec::new();
    }
    [text.get(..4), text.get(4..6), text.get(6..)].into_iter().flatten().filter_map(|part| part.parse().ok()).collect()
}

fn strip_era(text: &str) -> (Option<&'static Era>, &str) {
    for era in ERAS {
        for name in era.names {
            if let Some(rest) = text.strip_prefix(name) {
                return (Some(era), rest.trim_start_matches([' ', '.']));
            }
        }
    }
    (None, text.strip_prefix("西暦").unwrap_or(text))
}

fn starts_with_month(text: &str) -> bool {
    text.find('月').is_some_and(|month| text.find('年').is_none_or(|year| year > month))
}

/// One to three numbers with 年月日 or one of `/ . -` between them; 元 is one, after an era.
fn split_numbers(text: &str, after_era: bool) -> Result<Vec<u32>, ProblemKind> {
    let spaceless: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let spaceless = match spaceless.strip_prefix('元') {
        Some(rest) if after_era => format!("1{rest}"),
        _ => spaceless,
    };
    let body = spaceless.strip_suffix('日').unwrap_or(&spaceless);
    let body = body.strip_suffix('月').unwrap_or(body);
    let body = body.strip_suffix('年').unwrap_or(body);
    let is_separator =
        |character: char| matches!(character, '/' | '.' | '-' | '年' | '月' | '‐' | '−' | '–' | 'ー' | '・');
    let numbers: Vec<u32> = body
        .split(is_separator)
        .map(|part| if (1..=4).contains(&part.len()) { part.parse().ok() } else { None })
        .collect::<Option<_>>()
        .ok_or(ProblemKind::NotADate)?;
    if numbers.len() > 3 { Err(ProblemKind::NotADate) } else { Ok(numbers) }
}

/// Leaves out (水), 水曜日, a time of day, and the `T` of ISO 8601 with what follows it.
fn without_weekday_and_time(text: &str) -> String {
    let mut kept = text.trim().to_owned();
    for weekday in ["月", "火", "水", "木", "金", "土", "日"] {
        for form in
            [format!("({weekday})"), format!("({weekday}曜)"), format!("({weekday}曜日)"), format!("{weekday}曜日")]
        {
            kept = kept.replace(&form, "");
        }
    }
    let kept = kept.trim();
    let head = match kept.find(':') {
        // What is before the colon and after the last blank or T is the hour.
        Some(colon) => {
            let before = kept.get(..colon).unwrap_or_default();
            let cut = before.rfind([' ', 'T', 't']).unwrap_or(0);
            before.get(..cut).unwrap_or_default()
        }
        None => kept,
    };
    head.trim().to_owned()
}
