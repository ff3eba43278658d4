//! One's own tokens for programs that use the JSON API: making, listing, ending.
//!
//! Invariant: a token is shown on the page that answers its making, and never again.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    today::local,
    visitor::Visitor,
};
use crate::shell::{
    sign_in::{self, BearerReach, CSRF_FIELD, SignInError},
    ui::{
        Lang, Link, Tone,
        button::{self, Submit, Weight},
        form::{self, Choice, Choices, Field, Form, Number, Text},
        notice::{Notice, notice},
    },
};

/// Where these pages lie.
const PATH: &str = "/me/tokens";
/// Days that a token lasts unless its owner says otherwise.
const DAYS: &str = "90";

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Asked {
    name: String,
    reach: String,
    days: String,
    wrong: Option<(&'static str, String)>,
}

/// `GET /me/tokens`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let asked = Asked { reach: "read".to_owned(), days: DAYS.to_owned(), ..Asked::default() };
    shown(&web, &visitor, &asked, None).await
}

async fn shown(web: &Web, visitor: &Visitor, asked: &Asked, fresh: Option<&str>) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let held = web.signing.hold(web, &visitor.organization).await?;
    let tokens = sign_in::list_bearers(&held.ctx(web, &visitor.organization), visitor.current.person).await?;
    let token = visitor.token(web, PATH)?;
    let end = |handle: &str| {
        let label = say(lang, "終わらせる", "End");
        let buttons = button::submit(
            lang,
            &Submit { label, weight: Weight::Danger, sends: Some(("end", handle)), confirm: None },
        );
        form::form(lang, &Form { action: PATH, token: Some((CSRF_FIELD, &token)), buttons, ..Form::default() })
    };
    let content = html! {
        @if let Some(fresh) = fresh {
            (notice(lang, &Notice {
                tone: Tone::Success,
                title: say(lang, "トークンを作りました。いま控えてください。二度と表示されません。", "The token is made. Copy it now; it is not shown again."),
                body: html! { p { code { (fresh) } } },
            }))
        }
        section {
            h2 { (say(lang, "使えるトークン", "Tokens in force")) }
            @if tokens.is_empty() { p { (say(lang, "まだありません。", "None yet.")) } }
            dl class="definitions" {
                @for listed in &tokens {
                    div class="definition" {
                        dt { (listed.name) }
                        dd {
                            (reach_words(lang, listed.reach)) " · "
                            (say(lang, "期限", "until")) " " (local(visitor, listed.expires_at.timestamp())) " · "
                            @match listed.used_at {
                                Some(used) => { (say(lang, "最後に使った日時", "last used")) " " (local(visitor, used.timestamp())) }
                                None => (say(lang, "まだ使われていない", "not used yet")),
                            }
                            (end(&listed.handle))
                        }
                    }
                }
            }
        }
        section {
            h2 { (say(lang, "新しいトークンを作る", "Make a token")) }
            (asking(lang, asked, &token))
        }
    };
    let own = Own {
        title: say(lang, "APIのトークン", "Tokens for the API"),
        lead: say(
            lang,
            "ほかのプログラムが、あなたの権限の範囲で Kitei を使うための鍵です。人に渡さないでください。",
            "A key with which a program uses Kitei within your own rights. Give it to nobody.",
        ),
        place: "/me",
        path: PATH,
        breadcrumbs: &[Link { label: &visitor.name, href: "/me" }],
        refused: asked.wrong.is_some(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn reach_words(lang: Lang, reach: BearerReach) -> &'static str {
    match reach {
        BearerReach::Read => say(lang, "読むだけ", "read only"),
        BearerReach::Write => say(lang, "読み書き", "read and write"),
    }
}

fn asking(lang: Lang, asked: &Asked, token: &str) -> Markup {
    let error = |name: &str| asked.wrong.as_ref().filter(|(at, _)| *at == name).map(|(_, message)| message.as_str());
    let name_label = say(lang, "何に使うか（例：勤怠システム連携）", "What it is for (such as: attendance system)");
    let days_label = say(lang, "有効な日数（366日まで）", "Days it lasts (366 at most)");
    let reach_label = say(lang, "できること", "What it may do");
    let reaches = [
        Choice { value: "read", label: reach_words(lang, BearerReach::Read), help: "" },
        Choice { value: "write", label: reach_words(lang, BearerReach::Write), help: "" },
    ];
    let problems: Vec<form::Problem<'_>> = asked
        .wrong
        .iter()
        .map(|(name, message)| form::Problem {
            name,
            label: match *name {
                "days" => days_label,
                "reach" => reach_label,
                _ => name_label,
            },
            message,
        })
        .collect();
    let name = Field { name: "name", label: name_label, error: error("name"), required: true, ..Field::default() };
    let days = Field { name: "days", label: days_label, error: error("days"), required: true, ..Field::default() };
    let reach = Field { name: "reach", label: reach_label, error: error("reach"), required: true, ..Field::default() };
    let label = say(lang, "トークンを作る", "Make the token");
    html! {
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: PATH,
            token: Some((CSRF_FIELD, token)),
            fields: html! {
                (form::text(lang, &name, &Text { value: &asked.name, ..Text::default() }))
                (form::radios(lang, &reach, &Choices { choices: &reaches, chosen: &[asked.reach.as_str()], ..Choices::default() }))
                (form::number(lang, &days, &Number { value: &asked.days, unit: say(lang, "日", "days") }))
            },
            buttons: button::submit(lang, &Submit { label, weight: Weight::Primary, ..Submit::default() }),
            ..Form::default()
        }))
    }
}

/// `POST /me/tokens`: makes one, or ends one.
pub(super) async fn change(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let typed = record::posted(&web, &visitor, PATH, request).await?;
    let lang = visitor.lang;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let person = visitor.current.person;
    let ended = fields::first(&typed, "end");
    if !ended.is_empty() {
        return match sign_in::revoke_bearer(&ctx, person, ended).await {
            // What is not there any more has ended.
            Ok(()) | Err(SignInError::Refused(_)) => Ok(Redirect::to(PATH).into_response()),
            Err(error) => Err(error.into()),
        };
    }
    let text = |name: &str| fields::first(&typed, name).to_owned();
    let mut asked = Asked { name: text("name"), reach: text("reach"), days: text("days"), wrong: None };
    let wrong = |name, ja: &str, en: &str| Some((name, say(lang, ja, en).to_owned()));
    let days = asked.days.parse::<i64>().ok().filter(|days| (1..=sign_in::BEARER_LONGEST).contains(days));
    let reach = match asked.reach.as_str() {
        "read" => Some(BearerReach::Read),
        "write" => Some(BearerReach::Write),
        _ => None,
    };
    if asked.name.is_empty() || asked.name.chars().count() > sign_in::BEARER_NAME {
        asked.wrong = wrong("name", "1〜60文字で書いてください。", "Write 1 to 60 characters.");
    }
    let (Some(days), Some(reach), None) = (days, reach, &asked.wrong) else {
        asked.wrong = asked.wrong.or_else(|| match reach {
            None => wrong("reach", "どちらかを選んでください。", "Choose one of the two."),
            Some(_) => wrong("days", "1〜366 の数字で書いてください。", "Write a number from 1 to 366."),
        });
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&web, &visitor, &asked, None).await?).into_response());
    };
    match sign_in::make_bearer(&ctx, person, &asked.name, reach, days).await {
        Ok(fresh) => {
            let empty = Asked { reach: "read".to_owned(), days: DAYS.to_owned(), ..Asked::default() };
            Ok(shown(&web, &visitor, &empty, Some(fresh.reveal())).await?.into_response())
        }
        Err(SignInError::Refused(_)) => {
            asked.wrong = wrong(
                "name",
                "トークンは20個までです。使わないものを終わらせてください。",
                "There can be 20 tokens; end those that are not used.",
            );
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&web, &visitor, &asked, None).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
