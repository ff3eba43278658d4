//! Small pure functions that turn numbers and spans of time into words.
//!
//! Invariant: time comes in as a number of seconds; nothing here knows what time it is.

use super::Lang;

/// `value` with thousands separators: `1234567` gives `1,234,567`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The time left in words, from the number of seconds until the due time (negative when it has passed).
///
/// Two units are enough to act on: days and hours, hours and minutes, or minutes. The script of the pages
/// (`ui/src/countdown.ts`) says the same words while a page stays open.
#[must_use]
pub fn countdown(lang: Lang, seconds: i64) -> String {
    let minutes = seconds.unsigned_abs() / 60;
    let span = span(lang, minutes);
    match (lang, seconds < 0) {
        (Lang::Ja, false) if minutes == 0 => "あと1分未満".to_owned(),
        (Lang::Ja, true) if minutes == 0 => "ちょうど期限を過ぎました".to_owned(),
        (Lang::Ja, false) => format!("あと{span}"),
        (Lang::Ja, true) => format!("{span}超過"),
        (Lang::En, false) if minutes == 0 => "less than a minute left".to_owned(),
        (Lang::En, true) if minutes == 0 => "just passed".to_owned(),
        (Lang::En, false) => format!("{span} left"),
        (Lang::En, true) => format!("overdue by {span}"),
    }
}

/// A span of whole minutes in its two largest useful units.
fn span(lang: Lang, minutes: u64) -> String {
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => unit(lang, rest, "分", "minute"),
        (0, _) => joined(lang, &unit(lang, hours, "時間", "hour"), &unit(lang, rest, "分", "minute"), rest),
        _ => joined(lang, &unit(lang, days, "日", "day"), &unit(lang, hours, "時間", "hour"), hours),
    }
}

fn joined(lang: Lang, large: &str, small: &str, small_value: u64) -> String {
    match (lang, small_value) {
        (_, 0) => large.to_owned(),
        (Lang::Ja, _) => format!("{large}{small}"),
        (Lang::En, _) => format!("{large} {small}"),
    }
}

fn unit(lang: Lang, value: u64, ja: &str, en: &str) -> String {
    match lang {
        Lang::Ja => format!("{value}{ja}"),
        Lang::En if value == 1 => format!("1 {en}"),
        Lang::En => format!("{value} {en}s"),
    }
}
