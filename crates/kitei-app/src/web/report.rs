//! なくした・間違えた・あやしい: one minute, from a phone, without sign-in, five questions, each with 分からない.
//!
//! Serves the first report of every leak procedure: it is saved at once, the right people are told by the packs' rules, and
//! back comes a card of at most seven lines for the first 30 minutes.
//!
//! Invariant: it reveals nothing but the organisation's own emergency numbers; sending twice saves once.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kitei_rules::{
    expr::Actor,
    rulebook::FieldRule,
    run::{
        Kernel,
        command::{Command, Values},
        who::Target,
    },
    value::Value,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, address,
    fields::{self, Options, Shown, Typed},
    frame::{self, say},
    problem::Problem,
    sign,
    visitor::{self, Visitor},
};
use crate::{
    kernel::{
        Organization,
        perform::{PerformError, Request as Deed},
    },
    shell::ui::{
        Lang, Tone,
        button::{self, Submit, Weight},
        form::{self, Field, Form, Problem as Wrong, Text, TextArea},
        notice::{Notice, notice},
    },
};

/// The five questions: fields of the register `incident`.
const QUESTIONS: [&str; 5] = ["report_kind", "noticed_at", "information", "persons", "what_happened"];

/// Reports of one network in an hour: enough for a bad day, not for a flood.
static REPORTS: LazyLock<DefaultKeyedRateLimiter<String>> =
    LazyLock::new(|| RateLimiter::keyed(Quota::per_hour(NonZeroU32::new(30).unwrap_or(NonZeroU32::MIN))));

/// `GET /report`
pub(super) async fn form(State(web): State<Arc<Web>>, request: Request) -> Result<Markup, Problem> {
    let (parts, _) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let lang = visitor::language(&parts);
    let action = sign::with_organization(&parts, "/report");
    asked(&web, &organization, lang, &action, &now_typed(&web, &organization), &[]).await
}

/// The moment of opening the form stands in it.
fn now_typed(web: &Web, organization: &Organization) -> Typed {
    let local = organization.moment(web.installation.environment.now()).zoned();
    Typed::from([
        ("noticed_at-date".to_owned(), vec![local.date().to_string()]),
        ("noticed_at-time".to_owned(), vec![format!("{:02}:{:02}", local.hour(), local.minute())]),
    ])
}

async fn questions(web: &Web, organization: &Organization) -> Result<Vec<FieldRule>, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let incident = kernel.book.register("incident")?;
        Some(QUESTIONS.iter().filter_map(|id| incident.field(id).cloned()).collect::<Vec<_>>())
    };
    Ok(web.installation.look(organization, None, &[], look).await?.unwrap_or_default())
}

async fn asked(
    web: &Web,
    organization: &Organization,
    lang: Lang,
    action: &str,
    typed: &Typed,
    wrong: &[(Option<String>, String)],
) -> Result<Markup, Problem> {
    let key = web.installation.environment.id().to_string();
    let questions = questions(web, organization).await?;
    let labels: BTreeMap<&str, String> = questions
        .iter()
        .map(|field| (field.id.as_str(), field.title.in_lang(fields::language(lang)).to_owned()))
        .collect();
    let problems: Vec<Wrong<'_>> = wrong
        .iter()
        .map(|(field, message)| Wrong {
            name: field.as_deref().unwrap_or_default(),
            label: field.as_deref().and_then(|field| labels.get(field)).map_or("", String::as_str),
            message,
        })
        .collect();
    let nothing = Options::new();
    let content = html! {
        p { (say(lang, "迷ったら送ってください。分からないことは「分からない」のままで構いません。", "When in doubt, send it. What you do not know may stay unknown.")) }
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action,
            retry: Some(("key", &key)),
            fields: html! {
                @for field in &questions {
                    @let error = wrong.iter().find(|(name, _)| name.as_deref() == Some(field.id.as_str())).map(|(_, message)| message.as_str());
                    (fields::control(lang, &Shown { field, typed, error, required: false, basis: &[], options: &nothing, ask: true }))
                }
                (form::text(lang, &Field { name: "who", label: say(lang, "あなたのお名前と連絡先（書かなくても送れます）", "Your name and how to reach you (optional)"), ..Field::default() },
                    &Text { value: fields::first(typed, "who"), autocomplete: Some("off"), ..Text::default() }))
            },
            buttons: button::submit(lang, &Submit { label: say(lang, "報告する", "Report"), weight: Weight::Primary, ..Submit::default() }),
            ..Form::default()
        }))
    };
    let _ = TextArea::default();
    Ok(frame::bare(
        lang,
        say(lang, "なくした・間違えた・あやしい", "Lost it, got it wrong, looks suspicious"),
        &content,
    ))
}

/// `POST /report`
pub(super) async fn send(
    State(web): State<Arc<Web>>,
    visitor: Option<Visitor>,
    request: Request,
) -> Result<Response, Problem> {
    let from =
        address(&web, &request).map(|address: IpAddr| crate::shell::sign_in::network_of(address)).unwrap_or_default();
    if REPORTS.check_key(&from).is_err() {
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "120")], "Please wait.").into_response());
    }
    let (parts, body) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let lang = visitor::language(&parts);
    let action = sign::with_organization(&parts, "/report");
    let bytes = axum::body::to_bytes(body, super::FORM).await.map_err(|_| Problem::Stale)?;
    let typed = fields::typed(&bytes);
    let rules = questions(&web, &organization).await?;
    let (mut values, objections) = fields::read(&rules.iter().collect::<Vec<_>>(), &typed, &organization.zone);
    let words = fields::language(lang);
    let mut wrong: Vec<(Option<String>, String)> =
        objections.iter().map(|o| (o.field.clone(), o.message.in_lang(words).to_owned())).collect();
    if wrong.is_empty() {
        finish(&mut values, &rules, &typed, lang);
        let key = fields::first(&typed, "key");
        let deed = Deed {
            // Somebody signed in to another organisation is nobody here.
            actor: visitor
                .filter(|visitor| visitor.organization.id == organization.id)
                .map(|visitor| visitor.actor)
                .unwrap_or_default(),
            key: (!key.is_empty()).then(|| format!("report:{key}")),
            ..Deed::default()
        };
        let command = Command::Create { register: "incident".to_owned(), fields: values, lines: BTreeMap::new() };
        match web.installation.perform(&organization, deed, command).await {
            Ok(done) => {
                let card =
                    card(&web, &organization, lang, done.record, done.number.as_deref().unwrap_or_default()).await?;
                return Ok(card.into_response());
            }
            Err(PerformError::Fault(fault)) => return Err(fault.into()),
            Err(PerformError::Refused(refusal)) => {
                wrong =
                    refusal.objections.iter().map(|o| (o.field.clone(), o.message.in_lang(words).to_owned())).collect();
            }
        }
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, asked(&web, &organization, lang, &action, &typed, &wrong).await?)
        .into_response())
}

/// A title from the first answer, and who wrote it into what happened.
fn finish(values: &mut Values, rules: &[FieldRule], typed: &Typed, lang: Lang) {
    let words = fields::language(lang);
    let kind = match values.get("report_kind") {
        Some(Value::Text(id)) => rules
            .iter()
            .find(|rule| rule.id == "report_kind")
            .and_then(|rule| rule.choices.iter().find(|choice| choice.id == *id))
            .map(|choice| choice.title.in_lang(words).to_owned()),
        _ => None,
    };
    values.insert("title".to_owned(), Value::Text(kind.unwrap_or_else(|| say(lang, "報告", "Report").to_owned())));
    let who = fields::first(typed, "who");
    if !who.is_empty() {
        let said = match values.get("what_happened") {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let label = say(lang, "報告した人", "Reported by");
        values.insert("what_happened".to_owned(), Value::Text(format!("{said}\n{label}: {who}").trim().to_owned()));
    }
    values.retain(|_, value| !value.is_empty());
}

/// The card for the first 30 minutes: at most seven lines.
async fn card(
    web: &Web,
    organization: &Organization,
    lang: Lang,
    record: Option<Uuid>,
    number: &str,
) -> Result<Markup, Problem> {
    let id = record.ok_or(Problem::NotFound)?;
    let words = fields::language(lang);
    let nobody = Actor::default();
    let look = |kernel: &Kernel<'_>| {
        let own = kernel.snapshot.organization.and_then(|id| kernel.snapshot.record(id));
        let phone = own.and_then(|own| match own.fields.get("first_report_phone").map(|stored| &stored.value) {
            Some(Value::Text(phone)) => Some(phone.clone()),
            _ => None,
        });
        let record = kernel.snapshot.record(id);
        let steps: Vec<String> = record
            .map(|record| kernel.standing(record))
            .unwrap_or_default()
            .into_iter()
            .filter(|standing| {
                standing.by.iter().any(|target| matches!(target, Target::Staff))
                    || standing.asked_by.iter().any(|_| kernel.is_meant(nobody.person, &standing.by))
            })
            .map(|standing| standing.title.in_lang(words).to_owned())
            .take(4)
            .collect();
        (phone, steps)
    };
    let (phone, steps) = web.installation.look(organization, None, &[id], look).await?;
    let content = html! {
        (notice(lang, &Notice { tone: Tone::Success, title: say(lang, "受け付けました。担当者の画面に出ています。", "Received. It is on the pages of those in charge."), body: html! { (say(lang, "受付番号", "Number")) " " strong { (number) } } }))
        h2 { (say(lang, "最初の30分にすること", "The first 30 minutes")) }
        ol {
            @if let Some(phone) = &phone { li { (say(lang, "電話で知らせる: ", "Call: ")) a href={ "tel:" (phone) } { (phone) } } }
            @for step in &steps { li { (step) } }
            li { (say(lang, "自分で消したり直したりせず、そのままにする。", "Do not delete or repair anything yourself.")) }
            li { (say(lang, "社外の人には何も答えず、担当者に取り次ぐ。", "Do not answer outsiders; pass them on.")) }
        }
    };
    Ok(frame::bare(lang, say(lang, "報告を受け付けました", "Your report is in"), &content))
}

/// `GET /report/qr`: the address of the report form as a QR code, to be printed and put up.
pub(super) async fn qr(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let address = format!("{}/report?organization={}", sign::origin(&web, host), organization.slug);
    let code = kitei_papers::qr::Qr::encode(&address).map_err(|_| Problem::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], code.svg("なくした・間違えた・あやしい")).into_response())
}
