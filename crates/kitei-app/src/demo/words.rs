//! Words of a plan that stand for days counted from today: `{day:-30}` is a date, `{year:0}` a year, `{month:-1}` a year and month.

use jiff::{ToSpan, civil::Date};
use kitei_rules::pack::model::Literal;

use super::plan::Words;

/// The words with their days counted from a day.
pub(super) fn dated(words: &Words, today: Date) -> Words {
    words.iter().map(|(field, word)| (field.clone(), literal(word, today))).collect()
}

/// A literal with its days.
pub(super) fn literal(word: &Literal, today: Date) -> Literal {
    match word {
        Literal::Text(text) => {
            let out = self::text(text, today);
            // A year alone is a number.
            match out.parse() {
                Ok(number) if text.starts_with('{') => Literal::Int(number),
                _ => Literal::Text(out),
            }
        }
        Literal::List(items) => Literal::List(items.iter().map(|item| literal(item, today)).collect()),
        Literal::Table(table) => Literal::Table(dated(table, today)),
        other => other.clone(),
    }
}

/// A text with its days.
pub(super) fn text(text: &str, today: Date) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        out.push_str(before);
        let Some((token, after)) = inside.split_once('}') else {
            out.push('{');
            rest = inside;
            continue;
        };
        match token.split_once(':').and_then(|(unit, count)| day(unit, count.parse().ok()?, today)) {
            Some(said) => out.push_str(&said),
            None => {
                out.push('{');
                out.push_str(token);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn day(unit: &str, count: i32, today: Date) -> Option<String> {
    match unit {
        "day" => Some(today.checked_add(count.days()).ok()?.to_string()),
        "year" => Some(today.checked_add(count.years()).ok()?.year().to_string()),
        "month" => {
            let day = today.checked_add(count.months()).ok()?;
            Some(format!("{:04}-{:02}", day.year(), day.month()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_counted_from_today() {
        let today = date(2026, 3, 1);
        assert_eq!(text("{day:-1}T10:00", today), "2026-02-28T10:00");
        assert_eq!(text("{year:-1}年度の計画", today), "2025年度の計画");
        assert_eq!(text("{month:1} と {その他}、{", today), "2026-04 と {その他}、{");
        assert_eq!(literal(&Literal::Text("{year:0}".to_owned()), today), Literal::Int(2026));
    }
}
