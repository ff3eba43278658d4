//! The calendar as a feed (`.ics`, RFC 5545) at a secret address, for the calendars that people already use.
//!
//! Invariant: an entry names act, register, number and due time; no name of a person and no text of a record leaves the
//! house this way. Invariant: what the feed holds is what the person sees on 今日 and カレンダー.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use kitei_papers::ical::{self, CalendarEntry, CalendarWhen};
use kitei_rules::run::Kernel;

use super::{
    Web,
    problem::Problem,
    sign, today,
    visitor::{self, Visitor},
};
use crate::{
    kernel::Fault,
    shell::{
        sign_in::{self, Current},
        ui::Lang,
    },
};

/// `GET /calendar/feed/{key}`
pub(super) async fn feed(
    State(web): State<Arc<Web>>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let gone = || (StatusCode::GONE, "This calendar address does not work any more.").into_response();
    let key = key.strip_suffix(".ics").unwrap_or(&key);
    let Some(org) = sign_in::organization_of_feed(key) else { return Ok(gone()) };
    if !web.installation.all().await?.iter().any(|row| row.org == org) {
        return Ok(gone());
    }
    let organization = web.installation.organization(org).await?;
    let held = web.signing.hold(&web, &organization).await?;
    let Some(person) = sign_in::whose_feed(&held.ctx(&web, &organization), key).await? else { return Ok(gone()) };
    let (actor, name) = visitor::actor(&web, &organization, person).await?;
    let now = web.installation.environment.now();
    // Nobody is signed in; the pages' own queries are asked in the person's name.
    let current = Current {
        id: Vec::new(),
        person,
        created_at: now.into(),
        seen_at: now.into(),
        must_change: false,
        break_glass: false,
    };
    let visitor = Visitor { organization, current, actor, name, lang: Lang::Ja };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let entries = entries(&web, &visitor, &sign::origin(&web, host)).await?;
    let title = format!("Kitei {}", visitor.organization.name);
    let text = ical::feed(&title, &entries, now).map_err(|error| Fault::Damaged(format!("calendar: {error}")))?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"kitei.ics\""),
    ];
    Ok((headers, text).into_response())
}

async fn entries(web: &Web, visitor: &Visitor, origin: &str) -> Result<Vec<CalendarEntry>, Problem> {
    let tasks: Vec<_> = today::tasks_of(web, visitor).await?.into_iter().filter(|task| task.due.is_some()).collect();
    let ids: Vec<uuid::Uuid> = tasks.iter().map(|task| task.record).collect();
    let moment = visitor.organization.moment(web.installation.environment.now());
    let look = |kernel: &Kernel<'_>| {
        let mut out: BTreeMap<String, CalendarEntry> = BTreeMap::new();
        let mut put =
            |record: uuid::Uuid, act: &str, round: i64, title: String, due: jiff::Timestamp, clauses: Vec<String>| {
                let Some(stored) =
                    kernel.snapshot.record(record).filter(|record| kernel.sees_record(&visitor.actor, record))
                else {
                    return;
                };
                let register =
                    kernel.book.register(&stored.register).map(|rule| rule.title.ja.clone()).unwrap_or_default();
                let uid = format!("{record}-{act}-{round}@kitei");
                let entry = CalendarEntry {
                    uid: uid.clone(),
                    when: CalendarWhen::Day(moment.date_of(due)),
                    summary: format!("{title}（{register} {}）", stored.number),
                    description: format!("期限 {}\n根拠 {}", today::local(visitor, due), clauses.join("、")),
                    url: Some(format!("{origin}/records/{record}")),
                    categories: vec![register],
                    sequence: 0,
                };
                out.insert(uid, entry);
            };
        for register in kernel.book.duties.keys() {
            for id in kernel.snapshot.all(register).unwrap_or_default() {
                let Some(record) = kernel.snapshot.record(*id) else { continue };
                for duty in kernel.duties(record).into_iter().filter(|duty| !duty.status.settled()) {
                    let clauses = duty.basis.iter().flat_map(|(_, clauses)| clauses.iter().cloned()).collect();
                    put(*id, &duty.act, duty.round, duty.title.ja.clone(), duty.due, clauses);
                }
            }
        }
        for task in &tasks {
            let Some(due) = task.due else { continue };
            let title = task.doc.get("title").and_then(|title| title.get("ja")).and_then(serde_json::Value::as_str);
            let clauses = task.doc.get("basis").and_then(serde_json::Value::as_array).into_iter().flatten();
            let clauses = clauses.filter_map(|clause| clause.as_str().map(str::to_owned)).collect();
            put(task.record, &task.act, task.round, title.unwrap_or_default().to_owned(), due, clauses);
        }
        out.into_values().collect::<Vec<_>>()
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &ids, look).await?)
}
