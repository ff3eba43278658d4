//! One parameter: what each regulation says, what holds, and the organisation's own answer from a day on.
//!
//! Invariant: an answer never leaves the bounds, and is looser than a pack's value only with a reason and an approver.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::{
    pack::model::{Choice as Offered, Kind, Literal},
    rulebook::{ParameterRule, Setting, explain_words},
    run::Kernel,
    value::{Period, Value},
};
use maud::{Markup, html};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record::posted,
    visitor::Visitor,
};
use crate::{
    kernel::adopt::AdoptError,
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link,
            basis::{Basis, basis},
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form, Problem as Wrong, Text, TextArea, Width},
            table::{Column, Row, Table, table},
        },
    },
};

/// Roles whose holders may have approved a looser value.
const APPROVERS: [&str; 2] = ["top-management", "privacy-manager"];

/// An answer as a form asks for it.
pub(super) struct Answer<'a> {
    /// The parameter.
    pub(super) rule: &'a ParameterRule,
    /// What was typed.
    pub(super) typed: &'a fields::Typed,
    /// What is wrong with it.
    pub(super) wrong: Option<&'a str>,
    /// Who may have approved.
    pub(super) approvers: &'a [(Uuid, String)],
    /// What packs propose stands in an empty field.
    pub(super) suggests: bool,
}

/// A value in words, choices by their titles.
pub(super) fn words_of(lang: Lang, choices: &[Offered], value: &Value) -> String {
    match value {
        Value::Bool(true) => say(lang, "はい", "yes").to_owned(),
        Value::Bool(false) => say(lang, "いいえ", "no").to_owned(),
        Value::Period(period) => span(lang, *period),
        Value::Text(id) => choices
            .iter()
            .find(|choice| choice.id == *id)
            .map_or_else(|| id.clone(), |choice| choice.title.in_lang(fields::language(lang)).to_owned()),
        Value::List(items) => {
            let words: Vec<String> = items.iter().map(|item| words_of(lang, choices, item)).collect();
            words.join(say(lang, "・", ", "))
        }
        other => explain_words(other),
    }
}

/// A period in words.
pub(super) fn span(lang: Lang, period: Period) -> String {
    let (hours, minutes, seconds) = (period.seconds / 3600, period.seconds % 3600 / 60, period.seconds % 60);
    let parts = [
        (i64::from(period.months / 12), "年", "year"),
        (i64::from(period.months % 12), "か月", "month"),
        (i64::from(period.days), "日", "day"),
        (hours, "時間", "hour"),
        (minutes, "分", "minute"),
        (seconds, "秒", "second"),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(amount, ..)| *amount != 0)
        .map(|(amount, ja, en)| match lang {
            Lang::Ja => format!("{amount}{ja}"),
            Lang::En if amount == 1 => format!("1 {en}"),
            Lang::En => format!("{amount} {en}s"),
        })
        .collect();
    if words.is_empty() {
        say(lang, "0（直前のものだけ）", "0 (only the present one)").to_owned()
    } else {
        words.join(say(lang, "", " "))
    }
}

/// How a value stands in a field.
fn typed_value(value: &Value) -> Vec<String> {
    match value {
        Value::Bool(true) => vec!["yes".to_owned()],
        Value::Bool(false) => vec!["no".to_owned()],
        Value::List(items) => items.iter().flat_map(typed_value).collect(),
        other => vec![explain_words(other)],
    }
}

/// Puts a setting into a form.
pub(super) fn show(key: &str, setting: &Setting, typed: &mut fields::Typed) {
    fn texts(literal: &Literal) -> Vec<String> {
        match literal {
            Literal::Bool(true) => vec!["yes".to_owned()],
            Literal::Bool(false) => vec!["no".to_owned()],
            Literal::Int(number) => vec![number.to_string()],
            Literal::Text(text) => vec![text.clone()],
            Literal::List(items) => items.iter().flat_map(texts).collect(),
            Literal::Table(_) => Vec::new(),
        }
    }
    typed.insert(format!("setting-{key}"), texts(&setting.value));
    typed.insert(format!("reason-{key}"), setting.reason.clone().into_iter().collect());
    typed.insert(format!("approver-{key}"), setting.approved_by.map(|id| id.to_string()).into_iter().collect());
}

/// The answer that was typed; `None` when the field was left empty.
pub(super) fn answer(rule: &ParameterRule, typed: &fields::Typed, approvers: &[Uuid]) -> Option<Setting> {
    let texts = typed.get(&format!("setting-{}", rule.key))?;
    let mut texts: Vec<String> = texts.iter().map(|text| text.trim().nfkc().collect()).collect();
    texts.retain(|text: &String| !text.is_empty());
    let first = texts.first()?.clone();
    let value = match rule.kind {
        Kind::YesNo if matches!(first.as_str(), "yes" | "true") => Literal::Bool(true),
        Kind::YesNo if matches!(first.as_str(), "no" | "false") => Literal::Bool(false),
        Kind::Number | Kind::Yen | Kind::Count => {
            first.replace(',', "").parse::<i64>().map_or(Literal::Text(first), Literal::Int)
        }
        kind if kind.of_list().is_some() => Literal::List(texts.into_iter().map(Literal::Text).collect()),
        _ => Literal::Text(first),
    };
    let reason = fields::first(typed, &format!("reason-{}", rule.key));
    let approver = fields::first(typed, &format!("approver-{}", rule.key)).parse::<Uuid>().ok();
    Some(Setting {
        value,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        approved_by: approver.filter(|id| approvers.contains(id)),
    })
}

/// The controls of an answer: the value, and reason and approver where it could be looser than what a pack says.
pub(super) fn controls(lang: Lang, answer: &Answer<'_>) -> Markup {
    let rule = answer.rule;
    let words = fields::language(lang);
    let name = format!("setting-{}", rule.key);
    let proposed = rule.suggest.as_ref().map(typed_value).unwrap_or_default();
    let typed = answer.typed.get(&name).cloned();
    let standing = typed.unwrap_or_else(|| if answer.suggests { proposed } else { Vec::new() });
    let first = standing.first().map_or("", String::as_str);
    let suggest = rule.suggest.as_ref().map(|value| words_of(lang, &rule.choices, value));
    let help = match (&suggest, rule.kind) {
        (Some(suggest), _) => format!("{}{suggest}", say(lang, "おすすめ: ", "Proposed: ")),
        (None, Kind::Period) => {
            say(lang, "P1Y（1年）、P30D（30日）、PT60M（60分）のように書きます。", "Such as P1Y, P30D or PT60M.")
                .to_owned()
        }
        _ => String::new(),
    };
    let field =
        Field { name: &name, label: rule.title.in_lang(words), help: &help, error: answer.wrong, ..Field::default() };
    let control = match rule.kind {
        Kind::YesNo => {
            let mut offered = vec![
                Choice { value: "yes", label: say(lang, "はい", "Yes"), help: "" },
                Choice { value: "no", label: say(lang, "いいえ", "No"), help: "" },
            ];
            if !answer.suggests {
                offered.push(Choice {
                    value: "",
                    label: say(lang, "規程の値のまま", "As the regulations say"),
                    help: "",
                });
            }
            let chosen = [first];
            form::radios(lang, &field, &Choices { choices: &offered, chosen: &chosen, ..Choices::default() })
        }
        Kind::Choice | Kind::Choices => {
            let offered: Vec<Choice<'_>> = rule
                .choices
                .iter()
                .map(|choice| Choice { value: &choice.id, label: choice.title.in_lang(words), help: "" })
                .collect();
            let chosen: Vec<&str> = standing.iter().map(String::as_str).collect();
            let all = Choices { choices: &offered, chosen: &chosen, ..Choices::default() };
            if rule.kind == Kind::Choice {
                form::select(lang, &field, &all)
            } else {
                form::checkboxes(lang, &field, &all)
            }
        }
        Kind::Number | Kind::Yen => {
            let unit = rule.unit.as_ref().map(|unit| unit.in_lang(words)).unwrap_or_default();
            form::number(lang, &field, &form::Number { value: first, unit })
        }
        _ => form::text(lang, &field, &Text { value: first, width: Width::Medium, ..Text::default() }),
    };
    html! {
        (control)
        @if rule.value.is_some() { (excuse(lang, answer)) }
    }
}

/// Reason and approver of an answer that is looser than a pack.
fn excuse(lang: Lang, answer: &Answer<'_>) -> Markup {
    let key = &answer.rule.key;
    let (reason, approver) = (format!("reason-{key}"), format!("approver-{key}"));
    let ids: Vec<(String, &str)> = answer.approvers.iter().map(|(id, name)| (id.to_string(), name.as_str())).collect();
    let offered: Vec<Choice<'_>> = ids.iter().map(|(id, name)| Choice { value: id, label: name, help: "" }).collect();
    let chosen = fields::first(answer.typed, &approver);
    let chosen = if chosen.is_empty() { Vec::new() } else { vec![chosen] };
    html! {
        (form::textarea(lang, &Field { name: &reason, label: say(lang, "規程より緩くする理由", "Why it is looser than the regulations"), ..Field::default() },
            &TextArea { value: fields::first(answer.typed, &reason), lines: 2 }))
        (form::select(lang, &Field { name: &approver, label: say(lang, "承認した人", "Who approved it"), ..Field::default() },
            &Choices { choices: &offered, chosen: &chosen, ..Choices::default() }))
    }
}

/// Who may have approved a looser value.
pub(super) async fn approvers(web: &Web, visitor: &Visitor) -> Result<Vec<(Uuid, String)>, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let today = kernel.moment.today();
        let holders = APPROVERS.iter().flat_map(|role| kernel.holders(role, None, today));
        let mut all: Vec<(Uuid, String)> = holders.map(|id| (id, kernel.name_of(id))).collect();
        all.sort();
        all.dedup();
        all
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?)
}

/// `GET /settings/parameters/{key}`
pub(super) async fn form(
    State(web): State<Arc<Web>>,
    Path(key): Path<String>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let today = visitor.organization.today(web.installation.environment.now());
    let mut reader = web.installation.db.reader().await?;
    let book = web.installation.book_of(&mut reader, &visitor.organization, today).await?;
    drop(reader);
    let mut typed = fields::Typed::from([("from".to_owned(), vec![today.to_string()])]);
    if let Some(setting) = book.settings.get(&key) {
        show(&key, setting, &mut typed);
    }
    again(&web, &visitor, &key, &typed, None, None).await
}

async fn again(
    web: &Web,
    visitor: &Visitor,
    key: &str,
    typed: &fields::Typed,
    wrong: Option<&str>,
    wrong_day: Option<&str>,
) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let words = fields::language(lang);
    let today = visitor.organization.today(web.installation.environment.now());
    let mut reader = web.installation.db.reader().await?;
    let book = web.installation.book_of(&mut reader, &visitor.organization, today).await?;
    drop(reader);
    let rule = book.parameters.get(key).ok_or(Problem::NotFound)?;
    let approvers = approvers(web, visitor).await?;
    let action = format!("/settings/parameters/{key}");
    let token = visitor.token(web, &action)?;
    let name = format!("setting-{key}");
    let title = rule.title.in_lang(words);
    let day = say(lang, "適用開始日", "From");
    let problems: Vec<Wrong<'_>> = wrong
        .map(|message| Wrong { name: &name, label: title, message })
        .into_iter()
        .chain(wrong_day.map(|message| Wrong { name: "from", label: day, message }))
        .collect();
    let unit = rule.unit.as_ref().map(|unit| unit.in_lang(words)).unwrap_or_default();
    let in_force = book.values.get(key).map(|value| words_of(lang, &rule.choices, value)).unwrap_or_default();
    let content = html! {
        p { (say(lang, "いまの値: ", "In force: ")) strong { (in_force) } " " (unit) }
        (voices(lang, &book, rule))
        h2 { (say(lang, "組織の値を決める", "The organisation's own value")) }
        p { (say(lang, "空にすると、規程の値に戻ります。規程より厳しい値はそのまま決められます。緩い値には理由と承認が要ります。", "Left empty, the regulations' value holds. A stricter value needs nothing more; a looser one needs a reason and an approver.")) }
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: &action,
            token: Some((CSRF_FIELD, &token)),
            fields: html! {
                (controls(lang, &Answer { rule, typed, wrong, approvers: &approvers, suggests: false }))
                (form::date(lang, &Field { name: "from", label: day, error: wrong_day, required: true, ..Field::default() }, &form::Date { value: fields::first(typed, "from"), read_as: "" }))
            },
            buttons: html! {
                (button::submit(lang, &Submit { label: say(lang, "決める", "Set it"), weight: Weight::Primary, ..Submit::default() }))
                (button::link(Link { label: say(lang, "戻る", "Back"), href: "/rulebook" }, Weight::Quiet))
            },
            ..Form::default()
        }))
    };
    let own = Own {
        title,
        place: "/rulebook",
        path: &action,
        breadcrumbs: &[Link { label: say(lang, "規程", "Rulebook"), href: "/rulebook" }],
        refused: !problems.is_empty(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// What each regulation says of a parameter.
fn voices(lang: Lang, book: &kitei_rules::book::Book, rule: &ParameterRule) -> Markup {
    let words = fields::language(lang);
    let rows: Vec<Row> = rule
        .voices
        .iter()
        .map(|voice| {
            let pack = book.sayings.packs.get(&voice.pack).map_or(voice.pack.as_str(), |pack| pack.title.in_lang(words));
            let hrefs: Vec<String> = voice.basis.iter().map(|clause| format!("/clauses/{clause}")).collect();
            let chips: Vec<Basis<'_>> = voice
                .basis
                .iter()
                .zip(&hrefs)
                .map(|(clause, href)| Basis {
                    reference: clause,
                    title: book.clause(clause).map_or("", |clause| clause.title.in_lang(words)),
                    source: "",
                    href: Some(href),
                })
                .collect();
            let said = [("", &voice.value), ("≥ ", &voice.least), ("≤ ", &voice.most)];
            let said = said.iter().filter_map(|(sign, value)| {
                value.as_ref().map(|value| format!("{sign}{}", words_of(lang, &rule.choices, value)))
            });
            let said: Vec<String> = said.collect();
            let open = say(lang, "採用するときに決める", "adopting decides");
            let cells = vec![
                html! { (pack) },
                html! { @if said.is_empty() { (open) } @else { (said.join("  ")) } @if rule.winners.contains(&voice.pack) { " " strong { (say(lang, "（採用）", "(holds)")) } } },
                html! { (basis(lang, pack, &chips)) },
            ];
            Row { cells, marked: false }
        })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [column("規程", "Regulation"), column("定め", "Says"), column("根拠", "Basis")];
    table(
        lang,
        &Table {
            id: "voices",
            caption: say(lang, "各規程の定め", "What each says"),
            caption_shown: true,
            columns: &columns,
            rows: &rows,
        },
    )
}

/// `POST /settings/parameters/{key}`
pub(super) async fn set(
    State(web): State<Arc<Web>>,
    Path(key): Path<String>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let typed = posted(&web, &visitor, &format!("/settings/parameters/{key}"), request).await?;
    let unprocessable = |page: Markup| (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    let Some(from) = fields::date(fields::first(&typed, "from")) else {
        let wrong = say(lang, "2026-04-01 のように書いてください。", "Write the day such as 2026-04-01.");
        return Ok(unprocessable(again(&web, &visitor, &key, &typed, None, Some(wrong)).await?));
    };
    let mut reader = web.installation.db.reader().await?;
    let book = web.installation.book_of(&mut reader, &visitor.organization, from).await?;
    drop(reader);
    let rule = book.parameters.get(&key).ok_or(Problem::NotFound)?;
    let approvers: Vec<Uuid> = approvers(&web, &visitor).await?.into_iter().map(|(id, _)| id).collect();
    let setting = answer(rule, &typed, &approvers);
    match web.installation.set_parameter(&visitor.organization, &visitor.actor, &key, setting, from).await {
        Ok(_) => {
            web.installation.tick(&visitor.organization).await?;
            Ok(Redirect::to("/rulebook").into_response())
        }
        Err(AdoptError::Fault(fault)) => Err(fault.into()),
        Err(AdoptError::Settings(wrong)) => {
            let words: Vec<&str> =
                wrong.iter().map(|(_, _, problem)| problem.in_lang(fields::language(lang))).collect();
            let page = again(&web, &visitor, &key, &typed, Some(&words.join(" ")), None).await?;
            Ok(unprocessable(page))
        }
        Err(error) => Ok(unprocessable(again(&web, &visitor, &key, &typed, Some(&error.to_string()), None).await?)),
    }
}
