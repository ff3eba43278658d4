//! Several organisations on one installation: in which one to sign in. They are not listed; whoever belongs to one knows
//! its short name, and links (invitation, report, envelope) carry it.
//!
//! Invariant: choosing opens nothing; a session belongs to one organisation, whatever is chosen here.

use std::{
    num::NonZeroU32,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use maud::{Markup, html};

use super::{
    Web, address, fields,
    frame::{self, say},
    problem::Problem,
    sign, visitor,
};
use crate::shell::ui::{
    Lang,
    button::{self, Submit, Weight},
    form::{self, Field, Form, Text, Width},
};

const ADDRESS: &str = "/organizations";

/// How long a browser remembers the choice, in seconds: a year.
const REMEMBERED: u32 = 365 * 86_400;

/// Choices of one network in an hour, so that nobody tries names by the thousand.
static CHOICES: LazyLock<DefaultKeyedRateLimiter<String>> =
    LazyLock::new(|| RateLimiter::keyed(Quota::per_hour(NonZeroU32::new(60).unwrap_or(NonZeroU32::MIN))));

/// `GET /organizations`
pub(super) async fn form(State(web): State<Arc<Web>>, request: Request) -> Result<Markup, Problem> {
    match web.installation.all().await?.len() {
        0 => Err(Problem::to("/set-up")),
        1 => Err(Problem::to("/sign-in")),
        _ => Ok(asked(visitor::language(&request.into_parts().0), "", false)),
    }
}

fn asked(lang: Lang, name: &str, refused: bool) -> Markup {
    let label = say(lang, "組織の短い名前", "Short name of the organization");
    let message = say(
        lang,
        "その名前の組織はありません。招待のメールや報告用のQRコードのアドレスにある名前を入力してください。",
        "There is no such organization. Enter the name in the address of your invitation or of the QR code for reports.",
    );
    let error = refused.then_some(message);
    let problems: Vec<form::Problem<'_>> =
        error.map(|message| form::Problem { name: "name", label, message }).into_iter().collect();
    let field = Field {
        name: "name",
        label,
        help: say(lang, "例：minato", "Such as minato"),
        error,
        required: true,
        unmarked: true,
        ..Field::default()
    };
    let content = html! {
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: ADDRESS,
            fields: form::text(lang, &field, &Text { value: name, width: Width::Medium, ..Text::default() }),
            buttons: button::submit(lang, &Submit { label: say(lang, "進む", "Go on"), weight: Weight::Primary, ..Submit::default() }),
            ..Form::default()
        }))
    };
    frame::bare(lang, say(lang, "どの組織に入りますか", "Which organization?"), &content)
}

/// `POST /organizations`
pub(super) async fn choose(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    sign::same_site(request.headers())?;
    let from = address(&web, &request).map(crate::shell::sign_in::network_of).unwrap_or_default();
    if CHOICES.check_key(&from).is_err() {
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")], "Please wait.").into_response());
    }
    let (parts, body) = request.into_parts();
    let lang = visitor::language(&parts);
    let typed = sign::body(Request::from_parts(parts, body)).await?;
    let name = fields::first(&typed, "name").to_lowercase();
    let mut reader = web.installation.db.reader().await?;
    let known = kitei_store::organizations::by_slug(&mut reader, &name).await?;
    let Some(row) = known else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, asked(lang, &name, true)).into_response());
    };
    let mut response = Redirect::to(&format!("/sign-in?organization={}", row.slug)).into_response();
    let secure = if web.security == crate::shell::sign_in::Security::Tls { "; Secure" } else { "" };
    let chosen =
        format!("{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={REMEMBERED}{secure}", visitor::CHOSEN, row.slug);
    sign::add_cookie(&mut response, &chosen);
    Ok(response)
}
