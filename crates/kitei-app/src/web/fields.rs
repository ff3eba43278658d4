//! Fields as forms show them and as browsers send them.
//!
//! Invariant: what was typed comes back when something is wrong; full-width digits and letters are accepted everywhere.

use std::collections::BTreeMap;

use jiff::{civil::DateTime, tz::TimeZone};
use kitei_rules::{
    pack::model::{Kind, Stage, Text as Words},
    rulebook::FieldRule,
    run::{
        command::{Objection, Values},
        paper::Lang as Language,
    },
    value::Value,
};
use maud::{Markup, html};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::shell::ui::{
    Lang,
    basis::Basis,
    form::{self, Choice, Choices, Field},
};

/// What a browser sent, by name; several values of one name in order.
pub(super) type Typed = BTreeMap<String, Vec<String>>;

/// Records that link fields can choose from: register → (id, name).
pub(super) type Options = BTreeMap<String, Vec<(Uuid, String)>>;

/// What a form sends for "none of these": an answer, where a list with no box ticked says nothing. No choice has this id.
const NONE_OF_THESE: &str = "-";

/// Reads `application/x-www-form-urlencoded`.
pub(super) fn typed(body: &[u8]) -> Typed {
    let mut out = Typed::new();
    for (name, value) in form_urlencoded::parse(body) {
        out.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    out
}

/// The first value of a name, trimmed.
pub(super) fn first<'t>(typed: &'t Typed, name: &str) -> &'t str {
    typed.get(name).and_then(|values| values.first()).map_or("", |value| value.trim())
}

/// What stands in the field before anything is typed.
pub(super) fn shown(field: &FieldRule, value: &Value, zone: &TimeZone) -> Typed {
    let name = field.id.clone();
    let one = |text: String| Typed::from([(name.clone(), vec![text])]);
    match value {
        Value::Empty => Typed::new(),
        Value::Unknown => one("unknown".to_owned()),
        Value::Bool(true) => one("yes".to_owned()),
        Value::Bool(false) => one("no".to_owned()),
        Value::Int(number) => one(number.to_string()),
        Value::Text(text) => one(text.clone()),
        Value::Date(day) => one(day.to_string()),
        Value::Period(period) => one(period.to_string()),
        Value::Record(id) => one(id.to_string()),
        Value::Count { least, most, approximate } => {
            let about = if *approximate { "約" } else { "" };
            one(match most {
                Some(most) if most == least => format!("{about}{least}"),
                Some(most) => format!("{about}{least}〜{most}"),
                None => format!("{about}{least}〜"),
            })
        }
        Value::Time(instant) => {
            let local = instant.to_zoned_datetime(zone.clone());
            Typed::from([
                (format!("{name}-date"), vec![local.date().to_string()]),
                (format!("{name}-time"), vec![format!("{:02}:{:02}", local.hour(), local.minute())]),
            ])
        }
        Value::List(items) if items.is_empty() && field.kind == Kind::Choices => one(NONE_OF_THESE.to_owned()),
        Value::List(items) => {
            let texts = items.iter().map(|item| match item {
                Value::Text(text) => text.clone(),
                Value::Record(id) => id.to_string(),
                other => other.to_json().to_string(),
            });
            Typed::from([(name, texts.collect())])
        }
    }
}

/// Reads the fields of a form; a field that was not sent is left alone, an emptied one becomes empty.
pub(super) fn read(fields: &[&FieldRule], typed: &Typed, zone: &TimeZone) -> (Values, Vec<Objection>) {
    let (mut values, mut wrong) = (Values::new(), Vec::new());
    for field in fields {
        let sent = match field.kind {
            Kind::Time => typed.contains_key(&format!("{}-date", field.id)),
            _ => typed.contains_key(&field.id),
        };
        if !sent {
            continue;
        }
        match value(field, typed, zone) {
            Some(value) => {
                values.insert(field.id.clone(), value);
            }
            None => wrong.push(Objection {
                code: "kind".to_owned(),
                field: Some(field.id.clone()),
                source: None,
                clauses: Vec::new(),
                message: right(field),
            }),
        }
    }
    (values, wrong)
}

/// What would be right.
fn right(field: &FieldRule) -> Words {
    let (ja, en) = match field.kind {
        Kind::Date => {
            ("2026-04-01 や 2026年4月1日、令和8年4月1日 のように書いてください。", "Write a date such as 2026-04-01.")
        }
        Kind::Time => ("日付と時刻（10:30 など）を書いてください。", "Write a date and a time such as 10:30."),
        Kind::Number | Kind::Yen => ("数字で書いてください。", "Write a whole number."),
        Kind::Count => ("120、約120、100〜200 のように書いてください。", "Write 120, 約120 or 100〜200."),
        Kind::Period => {
            ("P1Y（1年）、P30D（30日）、PT30M（30分）のように書いてください。", "Write P1Y, P30D or PT30M.")
        }
        Kind::YearMonth => ("2026-04 のように書いてください。", "Write 2026-04."),
        _ => ("選択肢から選んでください。", "Choose one of those offered."),
    };
    Words { ja: format!("「{}」: {ja}", field.title.ja), en: format!("\"{}\": {en}", field.title.en) }
}

fn value(field: &FieldRule, typed: &Typed, zone: &TimeZone) -> Option<Value> {
    let text: String = match field.kind {
        Kind::Text | Kind::LongText => first(typed, &field.id).to_owned(),
        _ => first(typed, &field.id).nfkc().collect::<String>().trim().to_owned(),
    };
    if field.kind == Kind::Time {
        return time(field, typed, zone);
    }
    if let Some(each) = field.kind.of_list() {
        let items: Vec<&String> = typed.get(&field.id)?.iter().filter(|item| !item.is_empty()).collect();
        if field.kind == Kind::Choices {
            match items.as_slice() {
                [] => return Some(Value::Empty),
                [one] if *one == NONE_OF_THESE => return Some(Value::List(Vec::new())),
                // None of these and one of these at once.
                several if several.iter().any(|item| *item == NONE_OF_THESE) => return None,
                _ => {}
            }
        }
        return items
            .into_iter()
            .map(|item| Value::parse(each, item).ok())
            .collect::<Option<Vec<_>>>()
            .map(Value::List);
    }
    if text == "unknown" || text == "不明" || text == "分からない" {
        return Some(Value::Unknown);
    }
    match field.kind {
        Kind::Number | Kind::Yen if !text.is_empty() => text.replace(',', "").parse().ok().map(Value::Int),
        Kind::Count if !text.is_empty() => count(&text),
        Kind::Date if !text.is_empty() => date(&text).map(Value::Date),
        kind => Value::parse(kind, &text).ok(),
    }
}

fn time(field: &FieldRule, typed: &Typed, zone: &TimeZone) -> Option<Value> {
    let part = |suffix: &str| first(typed, &format!("{}-{suffix}", field.id)).nfkc().collect::<String>();
    let (day, clock) = (part("date"), part("time"));
    if day.is_empty() && clock.is_empty() {
        return Some(Value::Empty);
    }
    let day = date(&day)?;
    let clock = if clock.is_empty() { "00:00".to_owned() } else { clock };
    let local: DateTime = format!("{day}T{clock}").parse().ok()?;
    local.to_zoned_datetime(zone.clone()).ok().map(|zoned| Value::Time(zoned.timestamp()))
}

/// A date as people write it, 西暦 or 和暦.
pub(super) fn date(text: &str) -> Option<jiff::civil::Date> {
    use kitei_papers::tables::{ColumnKind, read::Cell, value};
    let cell = Cell::Text(text.into());
    match value::read_value(&cell, &ColumnKind::Date, false).value {
        Some(value::Value::Date { date }) => Some(date),
        _ => None,
    }
}

fn count(text: &str) -> Option<Value> {
    let approximate = text.starts_with('約');
    let plain = text.trim_start_matches('約').trim_end_matches(['人', '件', '名']).replace(',', "");
    let (least, most) = match plain.split_once(['~', '〜', '-']) {
        None => {
            let exact: i64 = plain.trim().parse().ok()?;
            (exact, Some(exact))
        }
        Some((least, "")) => (least.trim().parse().ok()?, None),
        Some((least, most)) => (least.trim().parse().ok()?, Some(most.trim().parse().ok()?)),
    };
    Some(Value::Count { least, most, approximate })
}

/// How a form shows one field.
pub(super) struct Shown<'a> {
    /// The field.
    pub(super) field: &'a FieldRule,
    /// What stands in it.
    pub(super) typed: &'a Typed,
    /// What is wrong with it.
    pub(super) error: Option<&'a str>,
    /// It must be filled.
    pub(super) required: bool,
    /// Clauses.
    pub(super) basis: &'a [Basis<'a>],
    /// Records that link fields choose from.
    pub(super) options: &'a Options,
    /// Ask its plain question instead of showing its label.
    pub(super) ask: bool,
}

/// A language of pages as a language of words.
pub(super) fn language(lang: Lang) -> Language {
    match lang {
        Lang::Ja => Language::Ja,
        Lang::En => Language::En,
    }
}

/// Renders a field.
pub(super) fn control(lang: Lang, shown: &Shown<'_>) -> Markup {
    let (rule, words) = (shown.field, language(lang));
    let label = rule.ask.as_ref().filter(|_| shown.ask).unwrap_or(&rule.title).in_lang(words).to_owned();
    let help = rule.help.as_ref().map(|help| help.in_lang(words).to_owned()).unwrap_or_default();
    let field = Field {
        name: &rule.id,
        label: &label,
        help: &help,
        error: shown.error,
        required: shown.required,
        basis: shown.basis,
        ..Field::default()
    };
    let text = first(shown.typed, &rule.id);
    match rule.kind {
        Kind::LongText => form::textarea(lang, &field, &form::TextArea { value: text, lines: 4 }),
        Kind::Number | Kind::Yen | Kind::Count => {
            let unit = rule.unit.as_ref().map(|unit| unit.in_lang(words)).unwrap_or(if rule.kind == Kind::Yen {
                "円"
            } else {
                ""
            });
            if rule.kind == Kind::Count {
                return form::text(
                    lang,
                    &field,
                    &form::Text { value: text, width: form::Width::Medium, ..form::Text::default() },
                );
            }
            form::number(lang, &field, &form::Number { value: text, unit })
        }
        Kind::Date => form::date(lang, &field, &form::Date { value: text, read_as: "" }),
        Kind::Time => {
            let (day, clock) = (format!("{}-date", rule.id), format!("{}-time", rule.id));
            let time = form::Time { date: first(shown.typed, &day), time: first(shown.typed, &clock), read_as: "" };
            form::time(lang, &field, &time)
        }
        Kind::YesNo => yes_no(lang, &field, text),
        Kind::Choice | Kind::Choices => {
            let labels: Vec<(&str, &str)> =
                rule.choices.iter().map(|choice| (choice.id.as_str(), choice.title.in_lang(words))).collect();
            choices(lang, &field, rule.kind, &labels, shown)
        }
        Kind::Person | Kind::Persons | Kind::Department | Kind::Link | Kind::Links => {
            let register = match rule.kind {
                Kind::Person | Kind::Persons => "person",
                Kind::Department => "department",
                _ => rule.to.as_deref().unwrap_or_default(),
            };
            let records = shown.options.get(register).map(Vec::as_slice).unwrap_or_default();
            let ids: Vec<(String, &str)> = records.iter().map(|(id, name)| (id.to_string(), name.as_str())).collect();
            let labels: Vec<(&str, &str)> = ids.iter().map(|(id, name)| (id.as_str(), *name)).collect();
            choices(lang, &field, rule.kind, &labels, shown)
        }
        kind => {
            let kind = match kind {
                Kind::Email => form::TextKind::Email,
                Kind::Phone => form::TextKind::Telephone,
                _ => form::TextKind::Plain,
            };
            form::text(lang, &field, &form::Text { value: text, kind, ..form::Text::default() })
        }
    }
}

fn yes_no(lang: Lang, field: &Field<'_>, text: &str) -> Markup {
    let (yes, no) = if lang == Lang::Ja { ("はい", "いいえ") } else { ("Yes", "No") };
    let offered = [Choice { value: "yes", label: yes, help: "" }, Choice { value: "no", label: no, help: "" }];
    let chosen = [text];
    let chosen = if text.is_empty() { &[][..] } else { &chosen[..] };
    form::radios(lang, field, &Choices { choices: &offered, chosen, unknown: true, tiles: false })
}

fn choices(lang: Lang, field: &Field<'_>, kind: Kind, labels: &[(&str, &str)], shown: &Shown<'_>) -> Markup {
    let none = if lang == Lang::Ja { "該当なし" } else { "None of these" };
    let own_none = labels.iter().any(|(value, _)| *value == "none");
    let none = (kind == Kind::Choices && !own_none).then_some((NONE_OF_THESE, none));
    let offered: Vec<Choice<'_>> =
        labels.iter().copied().chain(none).map(|(value, label)| Choice { value, label, help: "" }).collect();
    let chosen: Vec<&str> =
        shown.typed.get(&shown.field.id).map(|values| values.iter().map(String::as_str).collect()).unwrap_or_default();
    let several = kind.of_list().is_some();
    let all =
        Choices { choices: &offered, chosen: &chosen, unknown: kind == Kind::Choice, tiles: shown.ask && !several };
    if several {
        // An emptied list must be told from one that was not on the form.
        return html! { (form::hidden(&shown.field.id, "")) (form::checkboxes(lang, field, &all)) };
    }
    if kind == Kind::Choice && (shown.ask || offered.len() <= 4) {
        form::radios(lang, field, &all)
    } else {
        form::select(lang, field, &all)
    }
}

/// Whether a field must be filled before the record is saved.
pub(super) fn is_required(field: &FieldRule) -> bool {
    field.stage() == Stage::Save
}

#[cfg(test)]
mod tests {
    use kitei_rules::{
        pack::model::{Choice as Offered, Field as Said, Pack, Register},
        rulebook::Sayings,
    };

    use super::*;

    fn kinds() -> FieldRule {
        let offered = |id: &str| Offered { id: id.to_owned(), ..Offered::default() };
        let field = Said {
            id: "kinds".to_owned(),
            kind: Some(Kind::Choices),
            choices: vec![offered("a"), offered("b")],
            ..Said::default()
        };
        let register = Register { id: "r".to_owned(), fields: vec![field], ..Register::default() };
        let pack = Pack { id: "p".to_owned(), registers: vec![register], ..Pack::default() };
        Sayings::of(&pack).register("r").unwrap().fields.remove(0)
    }

    /// No box ticked says nothing; "none of these" is an answer and comes back as it was given.
    #[test]
    fn no_box_is_no_answer_and_none_of_these_is_one() {
        let field = kinds();
        let text = |id: &str| Value::Text(id.to_owned());
        let cases: [(&[&str], Option<Value>); 5] = [
            (&[""], Some(Value::Empty)),
            (&["", "-"], Some(Value::List(Vec::new()))),
            (&["", "a", "b"], Some(Value::List(vec![text("a"), text("b")]))),
            (&["", "-", "a"], None),
            (&["", "a"], Some(Value::List(vec![text("a")]))),
        ];
        for (sent, expected) in cases {
            let typed = Typed::from([("kinds".to_owned(), sent.iter().map(|item| (*item).to_owned()).collect())]);
            let (values, wrong) = read(&[&field], &typed, &TimeZone::UTC);
            assert_eq!(values.get("kinds"), expected.as_ref(), "{sent:?}");
            assert_eq!(wrong.len(), usize::from(expected.is_none()), "{sent:?}");
            let Some(value) = expected else { continue };
            let shown = shown(&field, &value, &TimeZone::UTC);
            let again = Typed::from([("kinds".to_owned(), shown.get("kinds").cloned().unwrap_or_default())]);
            assert_eq!(read(&[&field], &again, &TimeZone::UTC).0.get("kinds"), Some(&value), "{sent:?}");
        }
    }
}
