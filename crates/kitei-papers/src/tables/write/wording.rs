//! How a value is worded so that reading the words gives the same value again.

use super::super::value::{Period, Span, Value};
use super::super::{ColumnKind, ExpectedColumn};

/// The words for a value in the given column.
#[must_use]
pub fn wording(value: &Value, column: &ExpectedColumn) -> String {
    match value {
        Value::Text { text } => text.clone(),
        Value::Integer { number, approximate } => about(*approximate, &number.to_string()),
        Value::Count { min, max, approximate } => about(*approximate, &count(*min, *max)),
        Value::Date { date } => date.to_string(),
        Value::YearMonth { year, month } => format!("{year}年{month}月"),
        Value::Period { period } => period_words(period),
        Value::YesNo { yes: true } => "はい".to_owned(),
        Value::YesNo { yes: false } => "いいえ".to_owned(),
        Value::Choice { id } => match &column.kind {
            ColumnKind::Choice(options) => options
                .iter()
                .find(|option| option.id == *id)
                .map_or(id.to_string(), |option| option.label().to_owned()),
            _ => id.to_string(),
        },
        Value::People { names } => names.join("、"),
        Value::Phone { number } => number.clone(),
        Value::Email { address } => address.clone(),
        Value::Yen { amount, approximate } => about(*approximate, &amount.to_string()),
    }
}

fn about(approximate: bool, words: &str) -> String {
    if approximate { format!("約{words}") } else { words.to_owned() }
}

fn count(min: u64, max: Option<u64>) -> String {
    match max {
        Some(max) if max == min => min.to_string(),
        Some(max) => format!("{min}〜{max}"),
        None => format!("{min}以上"),
    }
}

fn period_words(period: &Period) -> String {
    let length = match period.span {
        Span::Permanent => "永年".to_owned(),
        Span::While => return period.after.clone().unwrap_or_default(),
        Span::Length { years, months, days } => {
            let part = |number: u16, unit: &str| if number == 0 { String::new() } else { format!("{number}{unit}") };
            [part(years, "年"), part(months, "ヶ月"), part(days, "日")].concat()
        }
    };
    period.after.as_ref().map_or(length.clone(), |after| format!("{after}後{length}"))
}
