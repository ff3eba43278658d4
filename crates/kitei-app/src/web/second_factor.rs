//! One's own second factor: begin, confirm by a code, keep the recovery codes, remove it with the password. RFC 6238.
//!
//! Invariant: the secret is on the page only until a code of it was seen; recovery codes are shown once.
//! Invariant: nothing is set by opening a page; each step is a form.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, PreEscaped, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    sign::{self, From},
    visitor::Visitor,
};
use crate::{
    kernel::Fault,
    shell::{
        sign_in::{self, CSRF_FIELD, Enrolment, Refusal, SignInError, Standing, Typed, pages},
        ui::{
            Link, Tone,
            button::{self, Submit, Weight},
            form::{self, Field, Form, Text, TextKind, Width},
            notice::{Notice, notice},
        },
    },
};

const ADDRESS: &str = "/me/second-factor";

/// Side of the QR code on the page, in pixels.
const SIDE: u32 = 220;

/// `GET /me/second-factor`
pub(super) async fn form(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    page(&web, &visitor, false).await
}

async fn page(web: &Web, visitor: &Visitor, refused: bool) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let held = web.signing.hold(web, &visitor.organization).await?;
    let ctx = held.ctx(web, &visitor.organization);
    let account = sign_in::standing(&ctx, visitor.current.person).await?.ok_or(Problem::NotFound)?;
    let asked = held.policy().second_factor(account.kind);
    let token = visitor.token(web, ADDRESS)?;
    let content = html! {
        @if asked && !account.second_factor {
            (notice(lang, &Notice {
                tone: Tone::Warning,
                title: say(lang, "このアカウントには2段階認証が必要です。設定するとほかの画面を開けます。", "This account needs a second factor. Once it is set, the other pages open."),
                ..Notice::default()
            }))
        }
        @if account.second_factor { (set(visitor, &account, &token, refused)) } @else { (unset(visitor, &token)) }
    };
    let own = Own {
        title: say(lang, "2段階認証", "Second factor"),
        lead: say(
            lang,
            "パスワードに加えて、スマートフォンなどの認証アプリに表示される6桁の数字でサインインを守ります。",
            "Beside the password, six digits that an authenticator on your phone shows protect your sign-in.",
        ),
        place: "/me",
        path: ADDRESS,
        breadcrumbs: &[Link { label: &visitor.name, href: "/me" }],
        refused,
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn unset(visitor: &Visitor, token: &str) -> Markup {
    let lang = visitor.lang;
    let buttons = html! {
        (button::submit(lang, &Submit { label: say(lang, "設定をはじめる", "Begin"), weight: Weight::Primary, sends: Some(("step", "begin")), confirm: None }))
        (button::link(Link { label: say(lang, "戻る", "Back"), href: "/me" }, Weight::Quiet))
    };
    html! {
        p { (say(lang, "いまは設定されていません。認証アプリ（どの製品でも使えます）を用意してはじめてください。", "None is set. Have an authenticator at hand (any will do) and begin.")) }
        (form::form(lang, &Form { action: ADDRESS, token: Some((CSRF_FIELD, token)), buttons, ..Form::default() }))
    }
}

fn set(visitor: &Visitor, account: &Standing, token: &str, refused: bool) -> Markup {
    let lang = visitor.lang;
    let left = match lang {
        crate::shell::ui::Lang::Ja => format!("設定されています。回復コードは残り{}個です。", account.recovery_codes),
        crate::shell::ui::Lang::En => format!("It is set. {} recovery codes are left.", account.recovery_codes),
    };
    let label = say(lang, "いまのパスワード", "Present password");
    let message = say(
        lang,
        "確認できませんでした。いま使っているパスワードを入力してください。続けて間違えると、しばらく操作できません。",
        "It could not be confirmed. Enter the password that you use now. After several failures it takes a while until you can try again.",
    );
    let error = refused.then_some(message);
    let problems: Vec<form::Problem<'_>> =
        error.map(|message| form::Problem { name: "present", label, message }).into_iter().collect();
    let fields = form::text(
        lang,
        &Field { name: "present", label, error, required: true, unmarked: true, ..Field::default() },
        &Text { kind: TextKind::Password, width: Width::Medium, autocomplete: Some("off"), ..Text::default() },
    );
    let buttons = button::submit(
        lang,
        &Submit {
            label: say(lang, "2段階認証を外す", "Remove the second factor"),
            weight: Weight::Danger,
            sends: Some(("step", "remove")),
            confirm: None,
        },
    );
    html! {
        p { (left) }
        h2 { (say(lang, "外す・機種を変える", "Remove it, or change the device")) }
        p { (say(lang, "機種を変えるときは、いったん外してから新しい端末で設定し直します。回復コードも新しくなります。", "To change the device, remove it and set it again with the new one; the recovery codes are made anew too.")) }
        (form::summary(lang, &problems))
        (form::form(lang, &Form { action: ADDRESS, token: Some((CSRF_FIELD, token)), fields, buttons, ..Form::default() }))
    }
}

/// `POST /me/second-factor`
pub(super) async fn send(State(web): State<Arc<Web>>, visitor: Visitor, request: Request) -> Result<Response, Problem> {
    let from = From::of(&web, &request);
    let typed = record::posted(&web, &visitor, ADDRESS, request).await?;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let (person, issuer) = (visitor.current.person, issuer(&visitor));
    let answer = match fields::first(&typed, "step") {
        "begin" if sign_in::standing(&ctx, person).await?.is_some_and(|account| account.second_factor) => None,
        "begin" => Some(enrolment(&web, &visitor, &sign_in::begin_totp(&ctx, person, &issuer).await?, false)?),
        "remove" => {
            let present = typed.get("present").and_then(|values| values.first()).cloned().map(Typed::new);
            match sign_in::remove_own_totp(&ctx, &visitor.current, present.as_ref(), &from.client()).await {
                Ok(()) | Err(SignInError::Refused(Refusal::Missing)) => None,
                Err(SignInError::Refused(_)) => Some(unprocessable(page(&web, &visitor, true).await?)),
                Err(error) => return Err(error.into()),
            }
        }
        _ => match sign_in::confirm_totp(&ctx, person, fields::first(&typed, "code")).await {
            Ok(codes) => {
                let frame = sign::frame(&visitor.organization.name, web.version, visitor.lang);
                let page = pages::RecoveryCodesPage { codes: &codes, next: "/me" };
                Some(pages::recovery_codes_page(visitor.lang, &frame, &page).into_response())
            }
            Err(SignInError::Refused(Refusal::CodeNotAccepted)) => {
                Some(enrolment(&web, &visitor, &sign_in::pending_totp(&ctx, person, &issuer).await?, true)?)
            }
            // Nothing was begun, or it was confirmed in another window.
            Err(SignInError::Refused(_)) => None,
            Err(error) => return Err(error.into()),
        },
    };
    answer.map_or_else(|| Err(Problem::to(ADDRESS)), Ok)
}

/// What authenticators show above the code.
fn issuer(visitor: &Visitor) -> String {
    format!("Kitei {}", visitor.organization.name)
}

fn enrolment(web: &Web, visitor: &Visitor, enrolment: &Enrolment, refused: bool) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let code = kitei_papers::qr::Qr::encode(enrolment.address.reveal())
        .map_err(|error| Problem::from(Fault::Damaged(error.to_string())))?;
    let drawing = code.svg(say(lang, "認証アプリで読み取るQRコード", "QR code for the authenticator"));
    let sized = drawing.replacen("<svg ", &format!("<svg width=\"{SIDE}\" height=\"{SIDE}\" "), 1);
    let token = visitor.token(web, ADDRESS)?;
    let frame = pages::Frame { token: &token, ..sign::frame(&visitor.organization.name, web.version, lang) };
    let page = pages::totp_page(
        lang,
        &frame,
        &pages::TotpForm { action: ADDRESS, secret: &enrolment.secret, qr: &PreEscaped(sized), refused },
    );
    Ok(if refused { unprocessable(page) } else { page.into_response() })
}

fn unprocessable(page: Markup) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
