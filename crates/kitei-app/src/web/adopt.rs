//! Adopting regulations: choose packs, answer what they leave open, from which day.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use kitei_rules::{
    pack::model::Literal,
    rulebook::{LAW, OFFICE, ParameterRule, Sayings, Setting, explain_words},
};
use maud::{Markup, html};

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
            Link,
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form, Problem as Wrong, Text, Width},
        },
    },
};

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
        if let Literal::Text(text) = &setting.value {
            typed.insert(format!("setting-{key}"), vec![text.clone()]);
        }
    }
    again(&web, &visitor, &typed, &[])
}

/// Parameters that the chosen packs leave open.
fn open_parameters(web: &Web, chosen: &[String]) -> Vec<ParameterRule> {
    let packs = web.installation.shelf.with_bases(chosen);
    let sayings = Sayings::compose(packs.into_iter().map(|shelved| &shelved.pack));
    let rules = sayings.parameters.keys().filter_map(|key| sayings.parameter(key));
    rules.filter(|rule| rule.fill).collect()
}

fn again(web: &Web, visitor: &Visitor, typed: &fields::Typed, wrong: &[String]) -> Result<Markup, Problem> {
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
    let chosen: Vec<&str> =
        typed.get("packs").map(|packs| packs.iter().map(String::as_str).collect()).unwrap_or_default();
    let chosen_ids: Vec<String> = chosen.iter().map(|id| (*id).to_owned()).collect();
    let open = open_parameters(web, &chosen_ids);
    let problems: Vec<Wrong<'_>> = wrong.iter().map(|message| Wrong { name: "", label: "", message }).collect();
    let token = visitor.token(web, "/settings/packs")?;
    let fields = html! {
        (form::checkboxes(lang, &Field { name: "packs", label: say(lang, "採用する規程", "Regulations"), ..Field::default() },
            &Choices { choices: &offered, chosen: &chosen, ..Choices::default() }))
        (form::date(lang, &Field { name: "from", label: say(lang, "適用開始日", "From"), help: say(lang, "この日から新しい内容で運用します。過去の日の内容はそのまま残ります。", "From this day on; past days keep theirs."), required: true, ..Field::default() },
            &form::Date { value: fields::first(typed, "from"), read_as: "" }))
        @if !open.is_empty() {
            (form::fieldset(say(lang, "規程が決めていないこと", "What the regulations leave open"), "", &html! {
                @for rule in &open {
                    @let name = format!("setting-{}", rule.key);
                    @let proposed = rule.suggest.as_ref().map(explain_words).unwrap_or_default();
                    @let value = if typed.contains_key(&name) { fields::first(typed, &name).to_owned() } else { proposed.clone() };
                    (form::text(lang, &Field { name: &name, label: rule.title.in_lang(words), help: &proposed, ..Field::default() },
                        &Text { value: &value, width: Width::Medium, ..Text::default() }))
                }
            }))
        }
    };
    let content = html! {
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: "/settings/packs",
            token: Some((CSRF_FIELD, &token)),
            fields,
            buttons: html! {
                (button::submit(lang, &Submit { label: say(lang, "採用する", "Adopt"), weight: Weight::Primary, ..Submit::default() }))
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
        refused: !wrong.is_empty(),
        path: "/settings/packs",
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
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
    let typed = posted(&web, &visitor, "/settings/packs", request).await?;
    let ids: Vec<String> =
        typed.get("packs").cloned().unwrap_or_default().into_iter().filter(|id| !id.is_empty()).collect();
    let Ok(from) = fields::first(&typed, "from").parse::<Date>() else {
        let wrong =
            [say(lang, "適用開始日を 2026-04-01 のように書いてください。", "Write the day such as 2026-04-01.")
                .to_owned()];
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again(&web, &visitor, &typed, &wrong)?).into_response());
    };
    let mut settings = BTreeMap::new();
    for rule in open_parameters(&web, &ids) {
        let text = fields::first(&typed, &format!("setting-{}", rule.key));
        if !text.is_empty() {
            let value = text.parse::<i64>().map_or_else(|_| Literal::Text(text.to_owned()), Literal::Int);
            settings.insert(rule.key, Setting { value, reason: None, approved_by: None });
        }
    }
    match web.installation.adopt(&visitor.organization, &visitor.actor, &ids, settings, from).await {
        Ok(_) => {
            web.installation.tick(&visitor.organization).await?;
            Ok(Redirect::to("/rulebook").into_response())
        }
        Err(AdoptError::Fault(fault)) => Err(fault.into()),
        Err(error) => {
            let words = fields::language(lang);
            let wrong: Vec<String> = match &error {
                AdoptError::Mistakes(mistakes) => mistakes.iter().take(20).map(ToString::to_string).collect(),
                AdoptError::Conflicts(conflicts) => {
                    conflicts.iter().map(|c| c.message.in_lang(words).to_owned()).collect()
                }
                other => vec![other.to_string()],
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again(&web, &visitor, &typed, &wrong)?).into_response())
        }
    }
}
