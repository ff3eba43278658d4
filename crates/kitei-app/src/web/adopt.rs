//! Adopting regulations: choose packs, answer what they leave open, from which day; see what it brings before it is done.
//! Leaving a pack is the same: it is no longer chosen, from a day on.
//!
//! Invariant: an answer looser than a pack's value goes with a reason and the name of who approved it, or is refused.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use kitei_rules::{
    pack::model::Text as Words,
    rulebook::{Change, LAW, OFFICE, ParameterRule, Sayings, Setting, ValueChange},
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    parameter::{self, Answer},
    problem::Problem,
    record::posted,
    visitor::Visitor,
};
use crate::{
    kernel::adopt::{AdoptError, Preview},
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link, Tone,
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form, Problem as Wrong},
            notice::{Notice, notice},
            table::{Column, Row, Table, table},
        },
    },
};

const ADDRESS: &str = "/settings/packs";

/// `GET /settings/packs`
pub(super) async fn form(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let mut reader = web.installation.db.reader().await?;
    let today = visitor.organization.today(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, &visitor.organization, today).await?;
    drop(reader);
    let chosen: Vec<String> =
        book.sayings.packs.keys().filter(|id| !matches!(id.as_str(), OFFICE | LAW)).cloned().collect();
    let mut typed = fields::Typed::from([("packs".to_owned(), chosen), ("from".to_owned(), vec![today.to_string()])]);
    for (key, setting) in &book.settings {
        parameter::show(key, setting, &mut typed);
    }
    again(&web, &visitor, &typed, &Said::default()).await
}

/// What packs say that are chosen on the form.
fn sayings(web: &Web, chosen: &[String]) -> Sayings {
    Sayings::compose(web.installation.shelf.with_bases(chosen).into_iter().map(|shelved| &shelved.pack))
}

/// Parameters that they leave open.
fn open_parameters(sayings: &Sayings) -> Vec<ParameterRule> {
    sayings.parameters.keys().filter_map(|key| sayings.parameter(key)).filter(|rule| rule.fill).collect()
}

/// What the form says back.
#[derive(Default)]
struct Said {
    /// Problems of the whole form.
    wrong: Vec<String>,
    /// Problems of answers, by key.
    settings: Vec<(String, Words, Words)>,
    /// What the choice would bring.
    change: Option<Change>,
}

async fn again(web: &Web, visitor: &Visitor, typed: &fields::Typed, said: &Said) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let shelved: Vec<(&str, &str, String)> = web
        .installation
        .shelf
        .iter()
        .filter(|(id, _)| !matches!(*id, OFFICE | LAW))
        .map(|(id, shelved)| {
            let notice =
                shelved.pack.notice.as_ref().map(|notice| notice.in_lang(words).to_owned()).unwrap_or_default();
            (id, shelved.pack.title.in_lang(words), notice)
        })
        .collect();
    let offered: Vec<Choice<'_>> =
        shelved.iter().map(|(id, title, notice)| Choice { value: id, label: title, help: notice }).collect();
    let chosen_ids = chosen(typed);
    let chosen: Vec<&str> = chosen_ids.iter().map(String::as_str).collect();
    let open = open_parameters(&sayings(web, &chosen_ids));
    let approvers = parameter::approvers(web, visitor).await?;
    let names: Vec<(String, String, String)> = said
        .settings
        .iter()
        .map(|(key, title, problem)| {
            (format!("setting-{key}"), title.in_lang(words).to_owned(), problem.in_lang(words).to_owned())
        })
        .collect();
    let mut problems: Vec<Wrong<'_>> =
        said.wrong.iter().map(|message| Wrong { name: "", label: "", message }).collect();
    problems.extend(names.iter().map(|(name, label, message)| Wrong { name, label, message }));
    let token = visitor.token(web, ADDRESS)?;
    let fields = html! {
        (form::checkboxes(lang, &Field { name: "packs", label: say(lang, "採用する規程", "Regulations"), help: say(lang, "やめる規程は選択を外します。下の日から外れます。", "To leave one, take its mark away; it goes from the day below."), ..Field::default() },
            &Choices { choices: &offered, chosen: &chosen, ..Choices::default() }))
        (form::date(lang, &Field { name: "from", label: say(lang, "適用開始日", "From"), help: say(lang, "この日から新しい内容で運用します。過去の日の内容はそのまま残ります。", "From this day on; past days keep theirs."), required: true, ..Field::default() },
            &form::Date { value: fields::first(typed, "from"), read_as: "" }))
        @if !open.is_empty() {
            (form::fieldset(say(lang, "規程が決めていないこと", "What the regulations leave open"), "", &html! {
                @for rule in &open {
                    @let wrong = names.iter().find(|(name, ..)| *name == format!("setting-{}", rule.key)).map(|(_, _, message)| message.as_str());
                    (parameter::controls(lang, &Answer { rule, typed, wrong, approvers: &approvers, suggests: true }))
                }
            }))
        }
    };
    let content = html! {
        (form::summary(lang, &problems))
        @if let Some(change) = &said.change { (preview(lang, change)) }
        (form::form(lang, &Form {
            action: ADDRESS,
            token: Some((CSRF_FIELD, &token)),
            fields,
            buttons: html! {
                (button::submit(lang, &Submit { label: say(lang, "採用する", "Adopt"), weight: Weight::Primary, ..Submit::default() }))
                (button::submit(lang, &Submit { label: say(lang, "何が変わるか見る", "See what changes"), weight: Weight::Secondary, sends: Some(("step", "preview")), confirm: None }))
                (button::link(Link { label: say(lang, "戻る", "Back"), href: "/settings" }, Weight::Quiet))
            },
            ..Form::default()
        }))
    };
    let own = Own {
        title: say(lang, "規程を採用する", "Adopt regulations"),
        lead: say(
            lang,
            "同じことを複数の規程が定めているときは、いちばん厳しいものを採ります。",
            "Where several say the same thing, the strictest holds.",
        ),
        place: "/settings",
        breadcrumbs: &[Link { label: say(lang, "設定", "Settings"), href: "/settings" }],
        refused: !problems.is_empty(),
        path: ADDRESS,
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// What a choice would bring.
fn preview(lang: Lang, change: &Change) -> Markup {
    let words = fields::language(lang);
    if change.is_empty() {
        let title = say(lang, "いまと変わるところはありません。", "Nothing changes.");
        return notice(lang, &Notice { tone: Tone::Info, title, ..Notice::default() });
    }
    let none = say(lang, "なし", "none");
    let value = |changed: &ValueChange, value: Option<&kitei_rules::value::Value>| {
        value.map_or_else(|| none.to_owned(), |value| parameter::words_of(lang, &changed.choices, value))
    };
    let values: Vec<Row> = change
        .values
        .iter()
        .map(|changed| Row {
            cells: vec![
                html! { (changed.title.in_lang(words)) },
                html! { (value(changed, changed.before.as_ref())) },
                html! { strong { (value(changed, changed.after.as_ref())) } },
            ],
            marked: false,
        })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [column("項目", "Parameter"), column("いま", "Now"), column("これから", "Then")];
    let list = |heading: &str, items: &[Words]| {
        html! {
            @if !items.is_empty() {
                details class="basis" {
                    summary { span class="basis-word" { (heading) } span class="basis-count" { (items.len()) } }
                    ul class="basis-list" { @for item in items { li { (item.in_lang(words)) } } }
                }
            }
        }
    };
    html! {
        section aria-labelledby="preview" {
            h2 id="preview" { (say(lang, "採用すると変わること（まだ変わっていません）", "What adopting would change (nothing has changed yet)")) }
            @for pack in &change.packs_added { p { (say(lang, "加わる規程: ", "Comes: ")) strong { (pack.in_lang(words)) } } }
            @for pack in &change.packs_removed { p { (say(lang, "外れる規程: ", "Goes: ")) strong { (pack.in_lang(words)) } } }
            @for (pack, before, after) in &change.editions { p { (pack.in_lang(words)) ": " (before) " → " (after) } }
            @if !values.is_empty() {
                (table(lang, &Table { id: "preview-values", caption: say(lang, "変わる値", "Values that change"), caption_shown: true, columns: &columns, rows: &values }))
            }
            @for element in &change.elements {
                h3 { (element.kind.in_lang(words)) }
                (list(say(lang, "加わる", "Come"), &element.added))
                (list(say(lang, "外れる", "Go"), &element.removed))
            }
        }
    }
}

fn chosen(typed: &fields::Typed) -> Vec<String> {
    typed.get("packs").cloned().unwrap_or_default().into_iter().filter(|id| !id.is_empty()).collect()
}

/// `POST /settings/packs`
pub(super) async fn adopt(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let typed = posted(&web, &visitor, ADDRESS, request).await?;
    let ids = chosen(&typed);
    let Some(from) = fields::date(fields::first(&typed, "from")) else {
        let wrong = say(lang, "適用開始日を 2026-04-01 のように書いてください。", "Write the day such as 2026-04-01.")
            .to_owned();
        return refused(&web, &visitor, &typed, &Said { wrong: vec![wrong], ..Said::default() }).await;
    };
    let settings = settings(&web, &visitor, &ids, &typed, from).await?;
    if fields::first(&typed, "step") == "preview" {
        return match web.installation.preview(&visitor.organization, &ids, &settings, from).await {
            Ok(preview) => {
                let said = said_of(lang, preview);
                let stands = said.wrong.is_empty() && said.settings.is_empty();
                let page = again(&web, &visitor, &typed, &said).await?;
                let status = if stands { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
                Ok((status, page).into_response())
            }
            Err(AdoptError::Fault(fault)) => Err(fault.into()),
            Err(error) => {
                refused(&web, &visitor, &typed, &Said { wrong: vec![error.to_string()], ..Said::default() }).await
            }
        };
    }
    match web.installation.adopt(&visitor.organization, &visitor.actor, &ids, settings, from).await {
        Ok(_) => {
            web.installation.tick(&visitor.organization).await?;
            Ok(Redirect::to("/rulebook").into_response())
        }
        Err(AdoptError::Fault(fault)) => Err(fault.into()),
        Err(AdoptError::Settings(settings)) => {
            refused(&web, &visitor, &typed, &Said { settings, ..Said::default() }).await
        }
        Err(error) => {
            let words = fields::language(lang);
            let wrong: Vec<String> = match &error {
                AdoptError::Mistakes(mistakes) => mistakes.iter().take(20).map(ToString::to_string).collect(),
                AdoptError::Conflicts(conflicts) => {
                    conflicts.iter().map(|c| c.message.in_lang(words).to_owned()).collect()
                }
                other => vec![other.to_string()],
            };
            refused(&web, &visitor, &typed, &Said { wrong, ..Said::default() }).await
        }
    }
}

fn said_of(lang: Lang, preview: Preview) -> Said {
    let words = fields::language(lang);
    let mistakes = preview.mistakes.iter().take(20).map(ToString::to_string);
    let conflicts = preview.conflicts.iter().map(|conflict| conflict.message.in_lang(words).to_owned());
    Said { wrong: mistakes.chain(conflicts).collect(), settings: preview.settings, change: Some(preview.change) }
}

async fn refused(web: &Web, visitor: &Visitor, typed: &fields::Typed, said: &Said) -> Result<Response, Problem> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again(web, visitor, typed, said).await?).into_response())
}

/// The answers on the form, and those given elsewhere to parameters that the chosen packs still have.
async fn settings(
    web: &Web,
    visitor: &Visitor,
    ids: &[String],
    typed: &fields::Typed,
    from: Date,
) -> Result<BTreeMap<String, Setting>, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let book = web.installation.book_of(&mut reader, &visitor.organization, from).await?;
    drop(reader);
    let sayings = sayings(web, ids);
    let open = open_parameters(&sayings);
    let elsewhere = |key: &String| sayings.parameters.contains_key(key) && !open.iter().any(|rule| rule.key == *key);
    let mut settings: BTreeMap<String, Setting> =
        book.settings.iter().filter(|(key, _)| elsewhere(key)).map(|(key, s)| (key.clone(), s.clone())).collect();
    let approvers: Vec<Uuid> = parameter::approvers(web, visitor).await?.into_iter().map(|(id, _)| id).collect();
    for rule in &open {
        if let Some(setting) = parameter::answer(rule, typed, &approvers) {
            settings.insert(rule.key.clone(), setting);
        }
    }
    Ok(settings)
}
