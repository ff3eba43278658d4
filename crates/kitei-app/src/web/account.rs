//! Accounts: one's own password and sessions, inviting somebody, and joining by the link.
//!
//! Invariant: the secret of a link is shown once, to the person who invited, and works once.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::password::{AccountKind, LoginFacts, Policy};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    sign::{self, From},
    today::local,
    visitor::{self, Visitor},
};
use crate::{
    kernel::Organization,
    shell::{
        sign_in::{self, CSRF_FIELD, Invitee, Known, Refusal, SignInError, State as Stands, Typed, pages},
        ui::{
            Lang, Link, Tone,
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form, Text},
            notice::{Notice, notice},
        },
    },
};

/// What is known of a person that a password must not contain, and the numbers that may name the account.
pub(super) async fn known(web: &Web, organization: &Organization, person: Uuid) -> Result<Known, Problem> {
    let look = |kernel: &kitei_rules::run::Kernel<'_>| sign_in::known_of(kernel, person);
    let mut known = web.installation.look(organization, None, &[person], look).await?.ok_or(Problem::NotFound)?;
    known.facts.organizations.push(organization.name.clone());
    let mut reader = web.installation.db.reader().await?;
    if let Some(account) = kitei_store::accounts::of_person(&mut reader, organization.id, person).await? {
        known.facts.logins.push(account.login);
    }
    Ok(known)
}

async fn rules(
    web: &Web,
    organization: &Arc<Organization>,
    lang: Lang,
    kind: AccountKind,
) -> Result<Vec<String>, Problem> {
    let policy: Policy = web.signing.policy(web, organization).await?;
    Ok(pages::password_rules(lang, &policy, kind))
}

/// `GET /password`
pub(super) async fn password_form(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    password_again(&web, &visitor, None, false).await
}

async fn password_again(
    web: &Web,
    visitor: &Visitor,
    refusal: Option<&Refusal>,
    differ: bool,
) -> Result<Markup, Problem> {
    let held = web.signing.hold(web, &visitor.organization).await?;
    let account = sign_in::standing(&held.ctx(web, &visitor.organization), visitor.current.person).await?;
    let kind = account.ok_or(Problem::NotFound)?.kind;
    let rules = rules(web, &visitor.organization, visitor.lang, kind).await?;
    let token = visitor.token(web, "/password")?;
    let frame = pages::Frame { token: &token, ..sign::frame(&visitor.organization.name, web.version, visitor.lang) };
    let present = !visitor.current.break_glass;
    let page = pages::PasswordForm { action: "/password", present, refusal, differ, rules: &rules, basis: &[] };
    Ok(pages::password_page(visitor.lang, &frame, &page))
}

/// `POST /password`
pub(super) async fn password(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let from = From::of(&web, &request);
    let typed = record::posted(&web, &visitor, "/password", request).await?;
    let Some(new) = sign::new_passwords(&typed) else {
        return Ok(
            (StatusCode::UNPROCESSABLE_ENTITY, password_again(&web, &visitor, None, true).await?).into_response()
        );
    };
    let facts = known(&web, &visitor.organization, visitor.current.person).await?.facts;
    let present = typed.get("present").and_then(|values| values.first()).cloned().map(Typed::new);
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    match sign_in::change_password(&ctx, &visitor.current, present.as_ref(), &new, &facts, &from.client()).await {
        Ok(cookie) => {
            let mut response = Redirect::to("/me").into_response();
            sign::add_cookie(&mut response, sign_in::session_cookie(web.security, &cookie).reveal());
            Ok(response)
        }
        Err(SignInError::Refused(refusal)) => {
            let page = password_again(&web, &visitor, Some(&refusal), false).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /me`
pub(super) async fn me(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let sessions = sign_in::list_sessions(&ctx, visitor.current.person, Some(&visitor.current)).await?;
    let account = sign_in::standing(&ctx, visitor.current.person).await?.ok_or(Problem::NotFound)?;
    let token = visitor.token(&web, "/me")?;
    let record = format!("/records/{}", visitor.current.person);
    let end = |sends: (&'static str, &str), label: &str, weight: Weight| {
        let buttons = button::submit(lang, &Submit { label, weight, sends: Some(sends), confirm: None });
        form::form(lang, &Form { action: "/me", token: Some((CSRF_FIELD, &token)), buttons, ..Form::default() })
    };
    let content = html! {
        section {
            h2 { (say(lang, "パスワード", "Password")) }
            p { (button::link(Link { label: say(lang, "パスワードを変更する", "Change the password"), href: "/password" }, Weight::Secondary)) }
            p { a href=(record) { (say(lang, "自分の記録を開く", "Open my record")) } }
            p { a href="/me/tokens" { (say(lang, "APIのトークン", "Tokens for the API")) } }
        }
        section {
            h2 { (say(lang, "2段階認証", "Second factor")) }
            p { @if account.second_factor { (say(lang, "設定されています。", "It is set.")) } @else { (say(lang, "設定されていません。", "None is set.")) } }
            p { (button::link(Link { label: say(lang, "2段階認証を設定・変更する", "Set or change the second factor"), href: "/me/second-factor" }, Weight::Secondary)) }
        }
        section {
            h2 { (say(lang, "サインイン中の端末", "Where you are signed in")) }
            dl class="definitions" {
                @for session in &sessions {
                    div class="definition" {
                        dt { (local(&visitor, session.seen_at.timestamp())) }
                        dd {
                            (session.client)
                            @if session.current { " " strong { (say(lang, "（いま使っている端末）", "(this browser)")) } }
                            @else { (end(("session", &session.handle), say(lang, "終わらせる", "End"), Weight::Secondary)) }
                        }
                    }
                }
            }
            @if sessions.len() > 1 { (end(("others", "yes"), say(lang, "ほかをすべて終わらせる", "End all others"), Weight::Danger)) }
        }
    };
    let own = Own { title: &visitor.name, place: "/me", path: "/me", content, ..Own::default() };
    frame::page(&web, &visitor, &own)
}

/// `POST /me`
pub(super) async fn end_sessions(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Redirect, Problem> {
    let typed = record::posted(&web, &visitor, "/me", request).await?;
    let person = visitor.current.person;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let ended = match fields::first(&typed, "session") {
        "" => sign_in::end_sessions(&ctx, person, Some(&visitor.current), person).await.map(|_| ()),
        handle => sign_in::end_session(&ctx, person, handle, person).await,
    };
    match ended {
        // What is not there any more has ended.
        Ok(()) | Err(SignInError::Refused(_)) => Ok(Redirect::to("/me")),
        Err(error) => Err(error.into()),
    }
}

/// Somebody of the register of staff.
pub(super) struct Member {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) login: Option<String>,
}

pub(super) async fn members(web: &Web, visitor: &Visitor) -> Result<Vec<Member>, Problem> {
    let look = |kernel: &kitei_rules::run::Kernel<'_>| {
        let ids = kernel.snapshot.all("person").unwrap_or_default();
        ids.iter().map(|id| (*id, kernel.name_of(*id))).collect::<Vec<_>>()
    };
    let names = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let mut reader = web.installation.db.reader().await?;
    let accounts = kitei_store::accounts::list(&mut reader, visitor.organization.id).await?;
    let login = |id: Uuid| accounts.iter().find(|account| account.person == id).map(|account| account.login.clone());
    Ok(names.into_iter().map(|(id, name)| Member { login: login(id), id, name }).collect())
}

/// `GET /settings/accounts`
pub(super) async fn accounts(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let members = members(&web, &visitor).await?;
    let content = html! {
        p { (say(lang, "従業者を台帳に登録してから、ここで招待します。", "Enter people in the staff register first, then invite them here.")) }
        dl class="definitions" {
            @for member in &members {
                div class="definition" {
                    dt { (member.name) }
                    dd {
                        @match &member.login {
                            Some(login) => { span class="code" { (login) } " " a href={ "/settings/accounts/" (member.id) } { (say(lang, "アカウントを開く", "Open the account")) } }
                            None => a href={ "/settings/accounts/" (member.id) } { (say(lang, "招待する", "Invite")) },
                        }
                    }
                }
            }
        }
        p { (button::link(Link { label: say(lang, "従業者を登録する", "Enter a person"), href: "/registers/person/new" }, Weight::Secondary)) }
    };
    let own = Own {
        title: say(lang, "アカウント", "Accounts"),
        place: "/settings",
        path: "/settings/accounts",
        breadcrumbs: &[Link { label: say(lang, "設定", "Settings"), href: "/settings" }],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `GET /settings/accounts/{person}`
pub(super) async fn invite_form(
    State(web): State<Arc<Web>>,
    Path(person): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    // Where general accounts are named by number, the number stands in the field already.
    let numbers = known(&web, &visitor.organization, person).await?.numbers;
    let proposed = numbers.first().map_or("", String::as_str);
    invite_again(&web, &visitor, person, proposed, "general", &[]).await
}

async fn invite_again(
    web: &Web,
    visitor: &Visitor,
    person: Uuid,
    login: &str,
    kind: &str,
    wrong: &[String],
) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let members = members(web, visitor).await?;
    let member = members.iter().find(|member| member.id == person).ok_or(Problem::NotFound)?;
    let action = format!("/settings/accounts/{person}");
    let token = visitor.token(web, &action)?;
    let kinds = [
        Choice { value: "general", label: say(lang, "一般", "General"), help: "" },
        Choice {
            value: "privileged",
            label: say(lang, "特権（設定を変えられる人）", "Privileged (may change settings)"),
            help: "",
        },
    ];
    let message = wrong.join(say(lang, "", " "));
    let label = say(lang, "ログイン名", "Name to sign in with");
    let error = (!message.is_empty()).then_some(message.as_str());
    let content = html! {
        (form::summary(lang, &error.map(|message| form::Problem { name: "login", label, message }).into_iter().collect::<Vec<_>>()))
        (form::form(lang, &Form {
            action: &action,
            token: Some((CSRF_FIELD, &token)),
            fields: html! {
                @if member.login.is_none() {
                    (form::text(lang, &Field { name: "login", label, error, required: true, ..Field::default() }, &Text { value: login, ..Text::default() }))
                    (form::radios(lang, &Field { name: "kind", label: say(lang, "アカウントの種類", "Kind of account"), required: true, ..Field::default() },
                        &Choices { choices: &kinds, chosen: &[kind], ..Choices::default() }))
                    @if error.is_some() {
                        (form::checkbox(lang, &Field { name: "insists", label: say(lang, "お勧めできない名前でも使う", "Use the name in spite of the advice"), ..Field::default() }, false))
                    }
                }
            },
            buttons: button::submit(lang, &Submit { label: say(lang, "リンクを作る", "Make the link"), weight: Weight::Primary, ..Submit::default() }),
            ..Form::default()
        }))
        (deeds(web, visitor, person).await?)
    };
    let title = match &member.login {
        Some(_) => format!("{}: {}", say(lang, "アカウント", "Account"), member.name),
        None => format!("{}: {}", say(lang, "招待する", "Invite"), member.name),
    };
    let own = Own {
        title: &title,
        lead: say(
            lang,
            "作ったリンクを本人に渡すと、本人がパスワードを決めてサインインします。",
            "Give the link to the person, who then chooses a password and signs in.",
        ),
        place: "/settings",
        path: &action,
        breadcrumbs: &[Link { label: say(lang, "アカウント", "Accounts"), href: "/settings/accounts" }],
        refused: error.is_some(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// `POST /settings/accounts/{person}`
pub(super) async fn invite(
    State(web): State<Arc<Web>>,
    Path(person): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let action = format!("/settings/accounts/{person}");
    let typed = record::posted(&web, &visitor, &action, request).await?;
    let members = members(&web, &visitor).await?;
    let member = members.iter().find(|member| member.id == person).ok_or(Problem::NotFound)?;
    let known = known(&web, &visitor.organization, person).await?;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let (login, kind) = (fields::first(&typed, "login"), fields::first(&typed, "kind"));
    let link = if member.login.is_some() {
        sign_in::new_link(&ctx, person, visitor.current.person).await
    } else {
        let names: Vec<&str> = known.facts.names.iter().map(String::as_str).collect();
        let numbers: Vec<&str> = known.numbers.iter().map(String::as_str).collect();
        let invitee = Invitee {
            person,
            login,
            kind: if kind == "privileged" { AccountKind::Privileged } else { AccountKind::General },
            facts: LoginFacts {
                employee_numbers: &numbers,
                names: &names,
                systems: &[&visitor.organization.name],
                taken: false,
                has_account: false,
            },
            insists: !fields::first(&typed, "insists").is_empty(),
        };
        sign_in::invite(&ctx, &invitee, visitor.current.person).await
    };
    match link {
        Ok(secret) => {
            let (origin, slug) = (sign::origin(&web, &host), &visitor.organization.slug);
            let link = format!("{origin}/join?link={}&organization={slug}", secret.reveal());
            Ok(shown_once(&web, &visitor, &member.name, &link)?.into_response())
        }
        Err(SignInError::Refused(refusal)) => {
            let words: Vec<String> = match &refusal {
                Refusal::Login(problems) => problems
                    .iter()
                    .map(|problem| if visitor.lang == Lang::Ja { problem.ja() } else { problem.en() }.to_owned())
                    .collect(),
                _ => vec![
                    say(visitor.lang, "このアカウントは止められています。", "This account is suspended.").to_owned(),
                ],
            };
            let page = invite_again(&web, &visitor, person, login, kind, &words).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What an administrator may do to an account beside sending a link.
async fn deeds(web: &Web, visitor: &Visitor, person: Uuid) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let held = web.signing.hold(web, &visitor.organization).await?;
    let Some(account) = sign_in::standing(&held.ctx(web, &visitor.organization), person).await? else {
        return Ok(html! {});
    };
    let action = format!("/settings/accounts/{person}/deeds");
    let token = visitor.token(web, &action)?;
    let (suspended, general) = (account.state == Stands::Suspended, account.kind == AccountKind::General);
    let mut offered = vec![("lift", say(lang, "締め出しを解く", "Lift every lock-out"), Weight::Secondary)];
    if account.second_factor {
        offered.push(("factor", say(lang, "2段階認証を外す", "Remove the second factor"), Weight::Secondary));
    }
    // Nobody takes away the own way in.
    if person != visitor.current.person {
        offered.push(("sessions", say(lang, "サインインをすべて終わらせる", "End every session"), Weight::Secondary));
        offered.push(if general {
            ("privileged", say(lang, "特権アカウントにする", "Make it privileged"), Weight::Secondary)
        } else {
            ("general", say(lang, "一般アカウントにする", "Make it general"), Weight::Secondary)
        });
        offered.push(if suspended {
            ("restore", say(lang, "停止を解く", "Let it be used again"), Weight::Secondary)
        } else {
            ("suspend", say(lang, "停止する", "Suspend it"), Weight::Danger)
        });
    }
    let kind = if general { say(lang, "一般", "general") } else { say(lang, "特権", "privileged") };
    let state = match account.state {
        Stands::Invited => say(lang, "招待中（パスワード未設定）", "invited, no password yet"),
        Stands::Active => say(lang, "使用中", "in use"),
        Stands::Suspended => say(lang, "停止中", "suspended"),
    };
    let factor = if account.second_factor {
        say(lang, "2段階認証あり", "second factor set")
    } else {
        say(lang, "2段階認証なし", "no second factor")
    };
    Ok(html! {
        section {
            h2 { (say(lang, "このアカウントについて", "About this account")) }
            p { span class="code" { (account.login) } " " (kind) "・" (state) "・" (factor) }
            @for (deed, label, weight) in offered {
                (form::form(lang, &Form {
                    action: &action,
                    token: Some((CSRF_FIELD, &token)),
                    buttons: button::submit(lang, &Submit { label, weight, sends: Some(("deed", deed)), confirm: None }),
                    ..Form::default()
                }))
            }
        }
    })
}

/// `POST /settings/accounts/{person}/deeds`
pub(super) async fn do_deed(
    State(web): State<Arc<Web>>,
    Path(person): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Redirect, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let typed = record::posted(&web, &visitor, &format!("/settings/accounts/{person}/deeds"), request).await?;
    let (by, deed) = (visitor.current.person, fields::first(&typed, "deed"));
    if person == by && !matches!(deed, "lift" | "factor") {
        return Err(Problem::Forbidden);
    }
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let done = match deed {
        "lift" => sign_in::lift_lockout(&ctx, person, by).await,
        "factor" => sign_in::remove_totp(&ctx, person, by).await,
        "sessions" => sign_in::end_sessions(&ctx, person, None, by).await.map(|_| ()),
        "privileged" => sign_in::set_kind(&ctx, person, AccountKind::Privileged, by).await,
        "general" => sign_in::set_kind(&ctx, person, AccountKind::General, by).await,
        "suspend" => sign_in::suspend(&ctx, person, by).await,
        "restore" => sign_in::restore(&ctx, person, by).await,
        _ => return Err(Problem::NotFound),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/settings/accounts/{person}"))),
        Err(SignInError::Refused(_)) => Err(Problem::NotFound),
        Err(error) => Err(error.into()),
    }
}

fn shown_once(web: &Web, visitor: &Visitor, name: &str, link: &str) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let warning =
        say(lang, "この画面を閉じると、二度と表示されません。", "Once you leave this page it is never shown again.");
    let content = html! {
        (notice(lang, &Notice { tone: Tone::Warning, title: warning, ..Notice::default() }))
        p { span class="code" { (link) } }
        p { (button::link(Link { label: say(lang, "アカウントへ戻る", "Back to accounts"), href: "/settings/accounts" }, Weight::Secondary)) }
    };
    let title = format!("{}: {name}", say(lang, "招待のリンク", "Link of the invitation"));
    let lead = say(lang, "本人だけに渡してください。一度だけ使えます。", "Give it to the person alone; it works once.");
    let own = Own { title: &title, lead, place: "/settings", path: "/settings/accounts", content, ..Own::default() };
    frame::page(web, visitor, &own)
}

/// `GET /join?link=…`
pub(super) async fn join_form(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let link = query.split('&').find_map(|pair| pair.strip_prefix("link=")).unwrap_or_default().to_owned();
    let organization = visitor::organization(&web, &parts).await?;
    join_again(&web, &organization, visitor::language(&parts), &link, None, false).await
}

async fn join_again(
    web: &Web,
    organization: &Arc<Organization>,
    lang: Lang,
    link: &str,
    refusal: Option<&Refusal>,
    differ: bool,
) -> Result<Response, Problem> {
    let held = web.signing.hold(web, organization).await?;
    let peeked = match sign_in::peek(&held.ctx(web, organization), link).await {
        Ok(peeked) => peeked,
        Err(SignInError::Refused(_)) => {
            let title = say(lang, "このリンクは使えません", "This link does not work");
            let help = say(
                lang,
                "使い終わったか、期限が過ぎています。管理者に新しいリンクを頼んでください。",
                "It was used or is too old. Ask an administrator for a new one.",
            );
            return Ok((StatusCode::GONE, frame::bare(lang, title, &html! { p { (help) } })).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let rules = rules(web, organization, lang, peeked.kind).await?;
    let action = format!("/join?link={link}&organization={}", organization.slug);
    let page = pages::PasswordForm { action: &action, present: false, refusal, differ, rules: &rules, basis: &[] };
    let markup = pages::password_page(lang, &sign::frame(&organization.name, web.version, lang), &page);
    let status = if refusal.is_some() || differ { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, markup).into_response())
}

/// `POST /join?link=…`
pub(super) async fn join(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    sign::same_site(request.headers())?;
    let from = From::of(&web, &request);
    let (parts, rest) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let link = query.split('&').find_map(|pair| pair.strip_prefix("link=")).unwrap_or_default().to_owned();
    let organization = visitor::organization(&web, &parts).await?;
    let lang = visitor::language(&parts);
    let typed = sign::body(Request::from_parts(parts, rest)).await?;
    let Some(new) = sign::new_passwords(&typed) else {
        return join_again(&web, &organization, lang, &link, None, true).await;
    };
    let held = web.signing.hold(&web, &organization).await?;
    let ctx = held.ctx(&web, &organization);
    let facts = match sign_in::peek(&ctx, &link).await {
        Ok(peeked) => known(&web, &organization, peeked.person).await?.facts,
        Err(SignInError::Refused(_)) => return join_again(&web, &organization, lang, &link, None, false).await,
        Err(error) => return Err(error.into()),
    };
    match sign_in::accept(&ctx, &link, &new, &facts, &from.client()).await {
        Ok(entered) => Ok(sign::let_in(&web, entered, "/")),
        Err(SignInError::Refused(refusal)) => join_again(&web, &organization, lang, &link, Some(&refusal), false).await,
        Err(error) => Err(error.into()),
    }
}
