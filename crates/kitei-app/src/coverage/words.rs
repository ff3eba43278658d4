//! The words of a case as values: dates in the organisation's zone, `@names`, choices, counts.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use kitei_rules::{
    pack::model::{Kind, Literal},
    rulebook::literal,
    run::command::Values,
    value::Value,
};
use uuid::Uuid;

/// A case's words do not mean anything.
pub(crate) type Problem = String;

/// A local time such as `2025-04-01T10:00`, or a day (its beginning), as an instant.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, Problem> {
    let local: DateTime = text
        .parse()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(|day| day.at(0, 0, 0, 0)))
        .map_err(|_| format!("\"{text}\" is no local date and time"))?;
    local.to_zoned_datetime(zone.clone()).map(|zoned| zoned.timestamp()).map_err(|error| error.to_string())
}

/// Reads the words for one field.
pub(crate) fn value(
    kind: Kind,
    word: &Literal,
    zone: &TimeZone,
    names: &BTreeMap<String, Uuid>,
) -> Result<Value, Problem> {
    let named = |text: &str| {
        let name = text.strip_prefix('@').unwrap_or(text);
        names.get(name).copied().map(Value::Record).ok_or_else(|| format!("nothing is called \"{text}\""))
    };
    match (kind, word) {
        (_, Literal::Text(text)) if text == "unknown" => Ok(Value::Unknown),
        (_, Literal::Text(text)) if text.is_empty() => Ok(Value::Empty),
        (Kind::Person | Kind::Department | Kind::Link, Literal::Text(text)) => named(text),
        (Kind::Persons | Kind::Links, Literal::List(items)) => {
            let each = kind.of_list().unwrap_or(kind);
            items.iter().map(|item| value(each, item, zone, names)).collect::<Result<_, _>>().map(Value::List)
        }
        (Kind::Persons | Kind::Links, Literal::Text(text)) => Ok(Value::List(vec![named(text)?])),
        (Kind::Choices, Literal::Text(text)) => Ok(Value::List(vec![Value::Text(text.clone())])),
        // A file that was sent before is known by its name.
        (Kind::File, Literal::Text(text)) => {
            let sent = names.get(&super::files::name_of(text));
            Ok(Value::Text(sent.map_or_else(|| text.clone(), ToString::to_string)))
        }
        (Kind::Time, Literal::Text(text)) => instant(text, zone).map(Value::Time),
        (Kind::Text | Kind::LongText, Literal::Int(number)) => Ok(Value::Text(number.to_string())),
        _ => literal(kind, word).ok_or_else(|| format!("{word:?} is no value of kind {kind:?}")),
    }
}

/// Reads a table of words for fields.
pub(crate) fn values(
    words: &BTreeMap<String, Literal>,
    zone: &TimeZone,
    names: &BTreeMap<String, Uuid>,
    kind_of: impl Fn(&str) -> Option<Kind>,
) -> Result<Values, Problem> {
    let mut out = Values::new();
    for (field, word) in words {
        let kind = kind_of(field).ok_or_else(|| format!("there is no field \"{field}\""))?;
        out.insert(field.clone(), value(kind, word, zone, names).map_err(|problem| format!("{field}: {problem}"))?);
    }
    Ok(out)
}
