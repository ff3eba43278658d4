//! Taking the evidence away: a bundle of a record, a period or everything, handed on while it is made.
//!
//! Invariant: of everything and of a period only whoever sees everything takes a bundle; of a record, whoever sees the
//! whole of it; values are put into words only as that person may see them, and that it was taken is an event.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use kitei_rules::{run::Kernel, world::Record};
use kitei_store::attachments::Attachment;
use maud::{Markup, html};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    Web, attachments, evidence, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    visitor::Visitor,
};
use crate::{
    evidence::{
        EvidenceError,
        bundle::{self, Opening, Target, Wanted, words},
    },
    kernel::attach,
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Link,
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form, Problem as Wrong},
        },
    },
};

/// Parts of a bundle that wait for the browser.
const WAITING: usize = 4;

/// What was typed into the form, and what is wrong with it.
#[derive(Default)]
struct Typed {
    scope: String,
    from: String,
    to: String,
    wrong: Vec<(&'static str, &'static str)>,
}

impl Typed {
    fn read(typed: &fields::Typed) -> Self {
        let text = |name| fields::first(typed, name).trim().to_owned();
        Self { scope: text("scope"), from: text("from"), to: text("to"), wrong: Vec::new() }
    }

    /// What is wanted, or what is wrong.
    fn wanted(&mut self, visitor: &Visitor) -> Option<Wanted> {
        let lang = visitor.lang;
        if self.scope == "everything" {
            return Some(Wanted::Everything);
        }
        let (from, to) = (fields::date(&self.from), fields::date(&self.to));
        let missing =
            say(lang, "2026-04-01 や 令和8年4月1日 のように書いてください。", "Write a date such as 2026-04-01.");
        for (name, found) in [("from", from), ("to", to)] {
            if found.is_none() {
                self.wrong.push((name, missing));
            }
        }
        let (from, to) = from.zip(to)?;
        if to < from {
            self.wrong.push(("to", say(lang, "末日が初日より前です。", "The last day is before the first.")));
            return None;
        }
        Some(Wanted::Period { from, to })
    }
}

/// `GET /evidence/bundle`
pub(super) async fn form(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    if !evidence::sees_everything(&web, &visitor).await? {
        return Err(Problem::Forbidden);
    }
    let today = visitor.organization.today(web.installation.environment.now());
    let from = today.first_of_month().to_string();
    let typed = Typed { scope: "period".to_owned(), from, to: today.to_string(), wrong: Vec::new() };
    again(&web, &visitor, &typed)
}

fn again(web: &Web, visitor: &Visitor, typed: &Typed) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let token = visitor.token(web, "/evidence/bundle")?;
    let scopes = [
        Choice { value: "period", label: say(lang, "期間", "A period"), help: "" },
        Choice { value: "everything", label: say(lang, "すべて", "Everything"), help: "" },
    ];
    let labels = [("from", say(lang, "初日", "First day")), ("to", say(lang, "末日", "Last day"))];
    let wrong = |name: &str| typed.wrong.iter().find(|(field, _)| *field == name).map(|(_, message)| *message);
    let problems: Vec<Wrong<'_>> =
        labels.iter().filter_map(|&(name, label)| Some(Wrong { name, label, message: wrong(name)? })).collect();
    let content = html! {
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: "/evidence/bundle",
            token: Some((CSRF_FIELD, &token)),
            fields: html! {
                (form::radios(lang, &Field { name: "scope", label: say(lang, "範囲", "What"), required: true, ..Field::default() },
                    &Choices { choices: &scopes, chosen: &[&typed.scope], ..Choices::default() }))
                @for ((name, label), value) in labels.into_iter().zip([&typed.from, &typed.to]) {
                    (form::date(lang, &Field { name, label, error: wrong(name), unmarked: true, ..Field::default() },
                        &form::Date { value, ..form::Date::default() }))
                }
            },
            buttons: button::submit(lang, &Submit { label: say(lang, "束をダウンロードする", "Download the bundle"), weight: Weight::Primary, ..Submit::default() }),
            ..Form::default()
        }))
        p { a href="/evidence" { (say(lang, "証跡へ戻る", "Back to evidence")) } }
    };
    let own = Own {
        title: say(lang, "監査人に渡す束", "A bundle for an auditor"),
        lead: say(
            lang,
            "出来事とその証明、読める記録、添付、読むためのページ、検証のプログラムが入ります。大きいものは、できた分から届きます。",
            "Events with their proofs, records in words, attachments, a page to read and a verifier. A large one arrives as it is made.",
        ),
        place: "/evidence",
        path: "/evidence/bundle",
        breadcrumbs: &[Link { label: say(lang, "証跡", "Evidence"), href: "/evidence" }],
        refused: !typed.wrong.is_empty(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// `POST /evidence/bundle`
pub(super) async fn take(State(web): State<Arc<Web>>, visitor: Visitor, request: Request) -> Result<Response, Problem> {
    if !evidence::sees_everything(&web, &visitor).await? {
        return Err(Problem::Forbidden);
    }
    let posted = record::posted(&web, &visitor, "/evidence/bundle", request).await?;
    let mut typed = Typed::read(&posted);
    match typed.wanted(&visitor) {
        Some(wanted) => {
            let name = match wanted {
                Wanted::Period { from, to } => format!("kitei-{from}-{to}.zip"),
                _ => "kitei-everything.zip".to_owned(),
            };
            download(&web, visitor, wanted, &name).await
        }
        None => Ok((StatusCode::UNPROCESSABLE_ENTITY, again(&web, &visitor, &typed)?).into_response()),
    }
}

/// `GET /records/{id}/bundle`
pub(super) async fn record_form(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    record::seen(&web, &visitor, id).await?;
    let lang = visitor.lang;
    let (action, back) = (format!("/records/{id}/bundle"), format!("/records/{id}"));
    let may = evidence::sees_whole(&web, &visitor, id).await?;
    let token = visitor.token(&web, &action)?;
    let look =
        |kernel: &Kernel<'_>| (kernel.snapshot.record(id).map(|record| record.number.clone()), kernel.name_of(id));
    let (number, name) = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let number = number.unwrap_or_default();
    let content = html! {
        @if may {
            (form::form(lang, &Form {
                action: &action,
                token: Some((CSRF_FIELD, &token)),
                buttons: button::submit(lang, &Submit { label: say(lang, "束をダウンロードする", "Download the bundle"), weight: Weight::Primary, ..Submit::default() }),
                ..Form::default()
            }))
        } @else {
            p { (say(lang, "この記録には見る権限のない項目があるため、束にできません。記録のすべてを見られる人に頼んでください。", "This record has fields that you may not see, so you cannot take it away whole. Ask somebody who sees all of it.")) }
        }
        p { a href=(back) { (say(lang, "記録へ戻る", "Back to the record")) } }
    };
    let title = format!("{}: {name}", say(lang, "監査人に渡す束", "A bundle for an auditor"));
    let own = Own {
        title: &title,
        lead: say(
            lang,
            "この記録の出来事とその証明、読める記録、添付、検証のプログラムが入ります。束を取ったことは証跡に残ります。",
            "The events of this record with their proofs, the record in words, attachments and a verifier. That it was taken is kept in the log.",
        ),
        place: "/evidence",
        path: &action,
        breadcrumbs: &[Link { label: &number, href: &back }],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `POST /records/{id}/bundle`
pub(super) async fn take_record(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    record::seen(&web, &visitor, id).await?;
    record::posted(&web, &visitor, &format!("/records/{id}/bundle"), request).await?;
    if !evidence::sees_whole(&web, &visitor, id).await? {
        return Err(Problem::Forbidden);
    }
    let look = |kernel: &Kernel<'_>| kernel.snapshot.record(id).map(|record| record.number.clone());
    let number = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let number: String =
        number.unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    download(&web, visitor, Wanted::Record(id), &format!("kitei-{number}.zip")).await
}

/// A bundle on its way: its bytes, and why it ended before its time.
struct Coming {
    first: Option<Vec<u8>>,
    parts: mpsc::Receiver<Vec<u8>>,
    ended: Option<oneshot::Receiver<EvidenceError>>,
}

impl Coming {
    /// The next bytes; an error ends the download, so that nobody takes a part for the whole.
    async fn next(&mut self) -> Option<Result<Vec<u8>, std::io::Error>> {
        if let Some(part) = self.first.take() {
            return Some(Ok(part));
        }
        if let Some(part) = self.parts.recv().await {
            return Some(Ok(part));
        }
        let error = self.ended.take()?.await.ok()?;
        tracing::error!(fault = %error, "a bundle was cut short");
        Some(Err(std::io::ErrorKind::UnexpectedEof.into()))
    }
}

async fn download(web: &Arc<Web>, visitor: Visitor, wanted: Wanted, name: &str) -> Result<Response, Problem> {
    // Attachments go with the bundle of one record, as far as this person sees them.
    let given: BTreeSet<Uuid> = match wanted {
        Wanted::Record(id) => attachments::seen(web, &visitor, id).await?.1.iter().map(|file| file.row.id).collect(),
        Wanted::Period { .. } | Wanted::Everything => BTreeSet::new(),
    };
    let (sender, mut parts) = mpsc::channel(WAITING);
    let (end, ended) = oneshot::channel();
    let installation = Arc::clone(&web.installation);
    tokio::spawn(async move {
        let Visitor { organization, actor, .. } = visitor;
        let made = {
            let seen = |kernel: &Kernel<'_>, record: &Record| words::as_seen(kernel, &actor, record);
            let files = |row: &Attachment, sealed: &[u8]| {
                given.contains(&row.id).then(|| attach::for_bundle(&organization, row, sealed)).flatten()
            };
            let opening = Opening { record: &seen, file: &files };
            let request = bundle::Request { wanted, target: Target::Stream(&sender), papers: &[], opening };
            installation.bundle(&organization, &request).await
        };
        let made = match made {
            Ok(written) => installation.bundle_taken(&organization, Some(actor.person), wanted, &written).await,
            Err(error) => Err(error),
        };
        if let Err(error) = made {
            // Nobody waits any more when the browser has gone away.
            let _ = end.send(error);
        }
        drop(sender);
    });
    let Some(first) = parts.recv().await else {
        return Err(match ended.await {
            Ok(EvidenceError::Fault(fault)) => fault.into(),
            Ok(EvidenceError::NoRecord | EvidenceError::NothingSigned) | Err(_) => Problem::NotFound,
            Ok(other) => crate::kernel::Fault::Damaged(other.to_string()).into(),
        });
    };
    let coming = Coming { first: Some(first), parts, ended: Some(ended) };
    let body = stream::unfold(coming, |mut coming| async move { coming.next().await.map(|part| (part, coming)) });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, disposition.as_str())];
    Ok((headers, Body::from_stream(body)).into_response())
}
