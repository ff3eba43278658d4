//! お知らせ: what was I told, and what have I not confirmed yet?
//!
//! Invariant: a notice is found by the person it is for and by nobody else, whatever their roles.
//! Invariant: confirming goes through `perform`, so that it is an event of the record.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use kitei_rules::run::{Kernel, command::Command};
use kitei_store::notices;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    today::{self, local},
    visitor::Visitor,
};
use crate::{
    kernel::{
        notices::Kept,
        perform::{PerformError, Request as Deed},
    },
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Link, Tone,
            basis::Basis,
            button::{self, Submit, Weight},
            empty::{Empty, empty},
            form::{self, Form},
            notice::{Notice, notice},
            task::{self, Due, Nearness, Task},
        },
    },
};

/// Most notices on one page; those that are not confirmed come first.
const MOST: u32 = 200;
/// Notices of a group that stand open; the rest is one click away.
const FIRST: usize = 12;

/// A notice with what its record is called, as far as its reader may know.
struct Shown {
    kept: Kept,
    about: String,
    opens: bool,
}

/// `GET /notices`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let now = web.installation.environment.now();
    let mut reader = web.installation.db.reader().await?;
    let found = notices::of_person(&mut reader, visitor.organization.id, visitor.actor.person, MOST).await?;
    let unread = notices::unread(&mut reader, visitor.organization.id, visitor.actor.person).await?;
    drop(reader);
    let shown = shown(&web, &visitor, found).await?;
    let (done, open): (Vec<&Shown>, Vec<&Shown>) =
        shown.iter().partition(|notice| notice.kept.told.acknowledged_at.is_some());
    let (asked, plain): (Vec<&Shown>, Vec<&Shown>) = open.into_iter().partition(|notice| notice.kept.told.receipt);
    let count = |those: &[&Shown]| u64::try_from(those.len()).unwrap_or_default();
    let cards = |those: &[&Shown]| html! { @for one in those { (card(&visitor, one, now)) } };
    let group = |ja, en, those: &[&Shown]| {
        let (first, later) = those.split_at(those.len().min(FIRST));
        let rest = task::rest(lang, count(later), &cards(later));
        html! { @if !those.is_empty() { (task::group(say(lang, ja, en), count(those), &cards(first), &rest)) } }
    };
    let token = visitor.token(&web, "/notices")?;
    let content = html! {
        @if shown.is_empty() {
            (empty(&Empty {
                title: say(lang, "お知らせはありません", "No notices"),
                text: say(lang, "事故の報告や承認など、あなたに知らせることがあると、ここに並び、メールでも届きます。", "When there is something to tell you, such as a report of an incident or an approval, it stands here and comes by mail."),
                actions: html! { (button::link(Link { label: say(lang, "今日の画面へ", "To today"), href: "/" }, Weight::Secondary)) },
            }))
        }
        (group("確認を求められているもの", "Please confirm", &asked))
        (group("新しいお知らせ", "New", &plain))
        @if plain.len() > 1 {
            (form::form(lang, &Form {
                action: "/notices",
                token: Some((CSRF_FIELD, &token)),
                fields: html! { @for one in &plain { (form::hidden("notice", &one.kept.told.id.to_string())) } },
                buttons: button::submit(lang, &Submit {
                    label: say(lang, "新しいお知らせをまとめて確認しました", "I have read all the new ones"),
                    weight: Weight::Secondary,
                    ..Submit::default()
                }),
                ..Form::default()
            }))
        }
        (group("確認したもの", "Confirmed", &done))
    };
    let lead = if lang == crate::shell::ui::Lang::Ja {
        format!("まだ確認していないお知らせは{unread}件です。")
    } else {
        format!("{unread} not confirmed yet.")
    };
    let own = Own {
        title: say(lang, "お知らせ", "Notices"),
        lead: &lead,
        place: "/notices",
        path: "/notices",
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `POST /notices`: several that ask for nothing, at once.
pub(super) async fn confirm_all(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let typed = record::posted(&web, &visitor, "/notices", request).await?;
    for id in typed.get("notice").into_iter().flatten() {
        let id = id.parse().map_err(|_| Problem::Stale)?;
        let told = own_notice(&web, &visitor, id).await?;
        // What asks to be confirmed is confirmed one by one, by somebody who has opened it.
        if !told.told.receipt {
            confirm(&web, &visitor, &told).await?;
        }
    }
    Ok(Redirect::to("/notices").into_response())
}

/// `GET /notices/{id}`
pub(super) async fn one(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let kept = own_notice(&web, &visitor, id).await?;
    let shown = shown(&web, &visitor, vec![kept.told]).await?.pop().ok_or(Problem::NotFound)?;
    let kept = &shown.kept;
    let address = format!("/notices/{id}");
    let token = visitor.token(&web, &address)?;
    let record = format!("/records/{}", kept.told.record);
    let content = html! {
        p { (shown.about) }
        dl class="task-meta" {
            div { dt { (say(lang, "知らせた日時", "Told")) } dd { (local(&visitor, kept.told.told_at.timestamp())) } }
            @if let Some(due) = kept.said.due { div { dt { (say(lang, "期限", "Due")) } dd { (local(&visitor, due)) } } }
        }
        @if !kept.said.basis.is_empty() {
            p { (say(lang, "根拠", "Basis")) ": " @for clause in &kept.said.basis { a href={ "/clauses/" (clause) } { (clause) } " " } }
        }
        @match kept.told.acknowledged_at {
            Some(at) => {
                @let title = format!("{}: {}", say(lang, "確認しました", "Confirmed"), local(&visitor, at.timestamp()));
                (notice(lang, &Notice { tone: Tone::Success, title: &title, ..Notice::default() }))
            }
            None => {
                (form::form(lang, &Form {
                    action: &address,
                    token: Some((CSRF_FIELD, &token)),
                    buttons: button::submit(lang, &Submit { label: say(lang, "確認しました", "It reached me"), weight: Weight::Primary, ..Submit::default() }),
                    ..Form::default()
                }))
            }
        }
        @if shown.opens {
            p { (button::link(Link { label: say(lang, "記録を開く", "Open the record"), href: &record }, Weight::Secondary)) }
        }
    };
    let own = Own {
        title: kept.said.message.in_lang(words),
        place: "/notices",
        breadcrumbs: &[Link { label: say(lang, "お知らせ", "Notices"), href: "/notices" }],
        path: &address,
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `POST /notices/{id}`
pub(super) async fn acknowledge(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let kept = own_notice(&web, &visitor, id).await?;
    let address = format!("/notices/{id}");
    record::posted(&web, &visitor, &address, request).await?;
    confirm(&web, &visitor, &kept).await?;
    Ok(Redirect::to(&address).into_response())
}

async fn confirm(web: &Web, visitor: &Visitor, kept: &Kept) -> Result<(), Problem> {
    let command = Command::Acknowledge { record: kept.told.record, notice: kept.told.id };
    let deed = Deed { actor: visitor.actor.clone(), ..Deed::default() };
    match web.installation.perform(&visitor.organization, deed, command).await {
        Ok(_) => Ok(()),
        // It was this person's a moment ago.
        Err(PerformError::Refused(_)) => Err(Problem::NotFound),
        Err(PerformError::Fault(fault)) => Err(fault.into()),
    }
}

/// A notice to this person; one to somebody else does not exist for them.
async fn own_notice(web: &Web, visitor: &Visitor, id: Uuid) -> Result<Kept, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let told = notices::load(&mut reader, visitor.organization.id, id).await?;
    let told = told.filter(|told| told.person == visitor.actor.person).ok_or(Problem::NotFound)?;
    Ok(Kept::of(told)?)
}

/// What the records of notices are called. Of a record that the reader may not open only its number is told.
async fn shown(web: &Web, visitor: &Visitor, found: Vec<notices::Told>) -> Result<Vec<Shown>, Problem> {
    let mut records: Vec<Uuid> = found.iter().map(|told| told.record).collect();
    records.sort_unstable();
    records.dedup();
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let about = |id: &Uuid| {
            let record = kernel.snapshot.record(*id)?;
            let opens = kernel.sees_record(&visitor.actor, record);
            let name = if opens { kernel.name_of(*id) } else { String::new() };
            let register = kernel.book.register(&record.register).map(|rule| rule.title.in_lang(words));
            let name = if name == record.number { String::new() } else { name };
            let about = [register.unwrap_or_default(), &record.number, &name].join(" ");
            Some((*id, (about.trim().to_owned(), opens)))
        };
        records.iter().filter_map(about).collect::<std::collections::BTreeMap<_, _>>()
    };
    let about = web.installation.look(&visitor.organization, Some(&visitor.actor), &records, look).await?;
    let one = |told: notices::Told| {
        let (about, opens) = about.get(&told.record).cloned().unwrap_or_default();
        Ok(Shown { kept: Kept::of(told)?, about, opens })
    };
    found.into_iter().map(one).collect()
}

fn card(visitor: &Visitor, shown: &Shown, now: Timestamp) -> Markup {
    let lang = visitor.lang;
    let kept = &shown.kept;
    let href = format!("/notices/{}", kept.told.id);
    let hrefs: Vec<String> = kept.said.basis.iter().map(|clause| format!("/clauses/{clause}")).collect();
    let basis: Vec<Basis<'_>> = kept
        .said
        .basis
        .iter()
        .zip(&hrefs)
        .map(|(clause, href)| Basis { reference: clause, title: "", source: "", href: Some(href) })
        .collect();
    let due = kept.said.due.map(|due| (local(visitor, due), due.to_string(), due));
    let told = local(visitor, kept.told.told_at.timestamp());
    let reason = match kept.told.acknowledged_at {
        Some(at) => format!(
            "{} {told}　{} {}",
            say(lang, "知らせた", "told"),
            say(lang, "確認した", "confirmed"),
            local(visitor, at.timestamp())
        ),
        None => format!("{} {told}", say(lang, "知らせた", "told")),
    };
    let settled = kept.told.acknowledged_at.is_some();
    task::card(
        lang,
        &Task {
            title: kept.said.message.in_lang(fields::language(lang)),
            href: &href,
            about: &shown.about,
            nearness: if settled { Nearness::Done } else { today::nearness(visitor, kept.said.due, now) },
            due: due.as_ref().map(|(text, instant, due)| Due {
                text,
                instant,
                left: (!settled).then(|| due.as_second() - now.as_second()),
            }),
            who: "",
            reason: &reason,
            waiting: None,
            basis: &basis,
        },
    )
}

/// A banner for today's page; nothing when everything is confirmed.
pub(super) async fn banner(web: &Web, visitor: &Visitor) -> Result<Markup, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let unread = notices::unread(&mut reader, visitor.organization.id, visitor.actor.person).await?;
    let lang = visitor.lang;
    let title = match lang {
        crate::shell::ui::Lang::Ja => format!("まだ確認していないお知らせが{unread}件あります"),
        crate::shell::ui::Lang::En => format!("Notices that you have not confirmed: {unread}"),
    };
    Ok(html! {
        @if unread > 0 {
            (notice(lang, &Notice {
                tone: Tone::Info,
                title: &title,
                body: html! { a href="/notices" { (say(lang, "お知らせを見る", "See the notices")) } },
            }))
        }
    })
}
