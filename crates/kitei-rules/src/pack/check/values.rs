//! Values that are written in a pack: presets, rows of facts, parameters, first lines, settings of cases.
//!
//! Invariant: how a value is written is decided by [`crate::value::Value::parse`], here only by which kind it has.

use std::collections::BTreeMap;

use super::{
    super::{
        diagnostic::{say, suggest},
        model::{Choice, Fact, Hit, Kind, Literal, Meta, Parameter, Place, Text},
    },
    Missing, Report,
    index::{FieldView, Fields, Index},
    references::on,
};
use crate::value::{Period, Value};

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    for preset in &index.own.presets {
        let Some(view) = on(index, &preset.meta, &preset.on, report) else { continue };
        fields(&view.fields, &preset.set, &preset.meta.place_of("set"), report);
    }
    for register in &index.own.registers {
        let Some(view) = index.register(&register.id) else { continue };
        for list in &register.lists {
            let Some(known) = view.lists.get(list.id.as_str()) else { continue };
            for line in &list.start {
                fields(known, line, &list.meta.place_of("start"), report);
            }
        }
    }
    for fact in &index.own.facts {
        rows(index, fact, report);
    }
    for parameter in &index.own.parameters {
        parameters(index, parameter, report);
    }
    for case in &index.own.cases {
        for (key, literal) in &case.settings {
            if let Some(parameter) = index.parameters.get(key.as_str()) {
                value(parameter.kind, &choices_of(index, parameter), literal, key, &case.place, report);
            }
        }
    }
}

/// Named values of fields that exist and fit.
pub(super) fn fields(known: &Fields<'_>, set: &BTreeMap<String, Literal>, place: &Place, report: &mut Report<'_>) {
    for (name, literal) in set {
        match known.get(name.as_str()) {
            None => report.dangling_at(place, &Missing::field(name), known.keys().copied()),
            Some(FieldView { kind: Some(kind), choices, .. }) => value(*kind, choices, literal, name, place, report),
            Some(_) => {}
        }
    }
}

/// The same in a case, where `"unknown"` says that somebody does not know and `""` takes back what was said.
pub(super) fn said(known: &Fields<'_>, set: &BTreeMap<String, Literal>, place: &Place, report: &mut Report<'_>) {
    let (words, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = set
        .iter()
        .map(|(name, literal)| (name.clone(), literal.clone()))
        .partition(|(_, literal)| matches!(literal, Literal::Text(text) if text.is_empty() || text == "unknown"));
    fields(known, &rest, place, report);
    for name in words.keys().filter(|name| !known.contains_key(name.as_str())) {
        report.dangling_at(place, &Missing::field(name), known.keys().copied());
    }
}

fn value(kind: Kind, choices: &[&Choice], literal: &Literal, name: &str, place: &Place, report: &mut Report<'_>) {
    if let Err(expected) = fits(kind, choices, literal) {
        report.error(
            place,
            "value-form",
            say(format!("「{name}」の値が種類に合いません。"), format!("the value of `{name}` does not fit its kind")),
            expected,
        );
    }
}

/// Whether a literal is a value of the kind; if not, what would be.
pub(super) fn fits(kind: Kind, choices: &[&Choice], literal: &Literal) -> Result<(), Text> {
    if let Some(each) = kind.of_list() {
        return match literal {
            Literal::List(items) => items.iter().try_for_each(|item| fits(each, choices, item)),
            _ => Err(say("リスト [ … ]", "a list [ … ]")),
        };
    }
    match (kind, literal) {
        // Records are named by a running number or an `@` name that only a running organisation knows.
        (Kind::Person | Kind::Department | Kind::Link, Literal::Text(_))
        | (Kind::YesNo, Literal::Bool(_))
        | (Kind::Number | Kind::Yen | Kind::Count, Literal::Int(_)) => Ok(()),
        (Kind::Count, Literal::Table(table)) => {
            let known = |key: &String| matches!(key.as_str(), "least" | "most" | "approximate");
            if table.keys().all(known) { Ok(()) } else { Err(expected(kind)) }
        }
        (_, Literal::Text(text)) if text == "unknown" && kind != Kind::Choice => Ok(()),
        (Kind::Choice, Literal::Text(id)) => {
            if choices.iter().any(|choice| choice.id == *id) {
                return Ok(());
            }
            Err(suggest(id, choices.iter().map(|choice| choice.id.as_str())))
        }
        // A time in a pack is local, as cases are; the running organisation gives it its zone.
        (Kind::Time, Literal::Text(text)) if text.parse::<jiff::civil::DateTime>().is_ok() => Ok(()),
        (_, Literal::Text(text)) => Value::parse(kind, text).map(|_| ()).map_err(|_| expected(kind)),
        _ => Err(expected(kind)),
    }
}

fn expected(kind: Kind) -> Text {
    match kind {
        Kind::YesNo => say("true、false か \"unknown\"", "true, false or \"unknown\""),
        Kind::Number | Kind::Yen => say("整数", "a whole number"),
        Kind::Count => say("整数か { least = 10, most = 20 }", "a whole number or { least = 10, most = 20 }"),
        Kind::Date => say("日付 \"2023-04-01\"", "a date, \"2023-04-01\""),
        Kind::Time => say("日時 \"2025-04-01T10:00\"", "a time, \"2025-04-01T10:00\""),
        Kind::YearMonth => say("年月 \"2026-04\"", "a year and month, \"2026-04\""),
        Kind::Period => say("期間 \"P1Y\" \"P30D\" \"PT30M\"", "a period, \"P1Y\", \"P30D\" or \"PT30M\""),
        _ => say("文字列 \"…\"", "a string \"…\""),
    }
}

/// A fact decides by rows, by an expression or by a rule; its rows have values of its kind.
fn rows(index: &Index<'_>, fact: &Fact, report: &mut Report<'_>) {
    let Some(view) = index.register(&fact.on).and_then(|view| view.fields.get(fact.id.as_str())) else { return };
    let ways = [!fact.rows.is_empty(), fact.value.is_some(), fact.rule.is_some()];
    let count = ways.iter().filter(|way| **way).count();
    if count > 1 || (count == 0 && fact.kind.is_some() && index.own.id != super::OFFICE) {
        report.error(
            &fact.meta.place,
            "fact-source",
            say(
                format!("事柄「{}」の決まり方が{count}通りあります。", fact.id),
                format!("the fact `{}` is decided in {count} ways", fact.id),
            ),
            say("[[fact.row]]、value、rule のどれか一つ", "one of [[fact.row]], value, rule"),
        );
    }
    let Some(kind) = view.kind else {
        report.error(
            &fact.meta.place_of("id"),
            "dangling-field",
            say(
                format!("事柄「{}」はどこにも定義がありません。", fact.id),
                format!("the fact `{}` is defined nowhere", fact.id),
            ),
            say("kind と title を書く。", "give it kind and title"),
        );
        return;
    };
    let hit = hit(index, fact);
    if matches!(hit, Hit::Any | Hit::Every) && kind != Kind::YesNo {
        report.error(
            &fact.meta.place_of("hit"),
            "row-value",
            say("any と every の値は「はい・いいえ」です。", "with any and every the value is yes or no"),
            say("kind = \"yes-no\"", "kind = \"yes-no\""),
        );
    }
    for row in &fact.rows {
        row_value(fact, hit, kind, view, row.value.as_ref(), &row.meta, report);
    }
}

/// How the fact combines its rows, said where it is defined.
fn hit(index: &Index<'_>, fact: &Fact) -> Hit {
    let defines = |other: &&Fact| other.on == fact.on && other.id == fact.id && other.kind.is_some();
    index.visible.iter().flat_map(|pack| &pack.facts).find(defines).map_or(fact.hit, |other| other.hit)
}

fn row_value(
    fact: &Fact,
    hit: Hit,
    kind: Kind,
    view: &FieldView<'_>,
    literal: Option<&Literal>,
    meta: &Meta,
    report: &mut Report<'_>,
) {
    let place = meta.place_of("value");
    match (hit, literal) {
        (Hit::Any | Hit::Every, Some(_)) => report.error(
            &place,
            "row-value",
            say("any と every の行に値はありません。", "a row has no value with any and every"),
            say("value を消す。", "remove `value`"),
        ),
        (Hit::Any | Hit::Every, None) => {}
        (_, None) => report.error(
            &place,
            "row-value",
            say("行に値がありません。", "the row has no value"),
            say("value を書く。", "write `value`"),
        ),
        // With `all` the fact is a list and each row gives one item.
        (Hit::All, Some(literal)) => {
            value(kind.of_list().unwrap_or(kind), &view.choices, literal, &fact.id, &place, report);
        }
        (Hit::First | Hit::Max, Some(literal)) => value(kind, &view.choices, literal, &fact.id, &place, report),
    }
}

fn choices_of<'p>(index: &Index<'p>, parameter: &Parameter) -> Vec<&'p Choice> {
    let same = index.visible.iter().flat_map(|pack| &pack.parameters).filter(|other| other.key == parameter.key);
    same.flat_map(|other| &other.choices).collect()
}

fn parameters(index: &Index<'_>, parameter: &Parameter, report: &mut Report<'_>) {
    let choices = choices_of(index, parameter);
    let said = [
        ("value", &parameter.value),
        ("least", &parameter.least),
        ("most", &parameter.most),
        ("suggest", &parameter.suggest),
    ];
    for (key, literal) in said {
        if let Some(literal) = literal {
            value(parameter.kind, &choices, literal, key, &parameter.meta.place_of(key), report);
        }
    }
    let size = |literal: &Option<Literal>| literal.as_ref().and_then(size_of);
    let (least, most) = (size(&parameter.least), size(&parameter.most));
    for (key, literal) in [("value", &parameter.value), ("suggest", &parameter.suggest), ("most", &parameter.most)] {
        let Some(here) = size(literal) else { continue };
        if least.is_some_and(|least| here < least) || most.is_some_and(|most| here > most) {
            report.error(
                &parameter.meta.place_of(key),
                "bounds-crossed",
                say(
                    format!("「{key}」が下限と上限の間にありません。"),
                    format!("`{key}` is not between `least` and `most`"),
                ),
                say("least ≤ 値 ≤ most", "least ≤ value ≤ most"),
            );
        }
    }
    if parameter.fill && parameter.value.is_some() {
        report.error(
            &parameter.meta.place_of("fill"),
            "bounds-crossed",
            say(
                "規程が値を定めているのに、採用時にも問うことになっています。",
                "the value is set and is also left open",
            ),
            say("value か fill のどちらか", "either `value` or `fill`"),
        );
    }
}

/// A literal as something that can be compared: whole numbers and periods (a month counted as 30 days).
fn size_of(literal: &Literal) -> Option<i64> {
    match literal {
        Literal::Int(number) => Some(*number),
        Literal::Text(text) => {
            let period: Period = text.parse().ok()?;
            Some(i64::from(period.months) * 30 * 86_400 + i64::from(period.days) * 86_400 + period.seconds)
        }
        _ => None,
    }
}
