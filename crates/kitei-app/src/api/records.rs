//! One record: everything its page shows, its history, the content of its papers.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use kitei_rules::run::{Kernel, command::Objection};
use kitei_store::log;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    caller::Caller,
    problem::{Problem, at},
    show,
};
use crate::web::Web;

/// Events of a page of history.
const EVENTS: u32 = 100;

/// A record's id; what is none names no record.
pub(super) fn id_of(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| Problem::not_found())
}

/// The register of a record that this caller sees.
pub(super) async fn seen(web: &Web, caller: &Caller, id: Uuid) -> Result<String, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id).filter(|record| kernel.sees_record(&caller.actor, record));
        record.map(|record| record.register.clone())
    };
    let found = web.installation.look(&caller.organization, Some(&caller.actor), &[id], look).await?;
    match found {
        Some(found) => Ok(found),
        None => Err(unseen(web, caller, id).await?),
    }
}

/// A record as this caller sees it, with its version.
pub(super) async fn shown(web: &Web, caller: &Caller, id: Uuid) -> Result<(Json, i64), Problem> {
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id).filter(|record| kernel.sees_record(&caller.actor, record))?;
        Some((show::whole(kernel, &caller.actor, record), record.version))
    };
    let found = web.installation.look(&caller.organization, Some(&caller.actor), &[id], look).await?;
    match found {
        Some(found) => Ok(found),
        None => Err(unseen(web, caller, id).await?),
    }
}

/// What a record is to somebody who may not read it: not there. That they asked is kept, as the pages keep it.
async fn unseen(web: &Web, caller: &Caller, id: Uuid) -> Result<Problem, Problem> {
    web.installation.refused_reading(&caller.organization, &caller.actor, id).await?;
    Ok(Problem::not_found())
}

/// The tag of a version.
fn etag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// `GET /api/v1/records/{id}`
pub(super) async fn one(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Response, Problem> {
    let (json, version) = shown(&web, &caller, id_of(&id)?).await?;
    // What follows from a record also moves with time, so the tag guards writing and spares no reading.
    Ok(answered(StatusCode::OK, json, version))
}

/// `GET /api/v1/records/{id}/history`
pub(super) async fn history(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let id = id_of(&id)?;
    seen(&web, &caller, id).await?;
    let before = match query.get("before") {
        None => None,
        Some(text) => Some(text.parse::<i64>().ok().filter(|seq| *seq >= 0).ok_or_else(|| {
            Problem::wrong(vec![at("before", "kind", "番号で書いてください。", "Write the number of an event.")])
        })?),
    };
    if query.keys().any(|name| name != "before") {
        return Err(Problem::wrong(vec![at(
            "?",
            "unknown-parameter",
            "使えるのは before です。",
            "Known is: before.",
        )]));
    }
    let mut reader = web.installation.db.reader().await?;
    let events = log::of_subject(&mut reader, caller.organization.id, id, before, EVENTS).await?;
    let last =
        events.last().map(|event| event.seq).filter(|_| events.len() >= usize::try_from(EVENTS).unwrap_or(usize::MAX));
    let events: Vec<Json> = events.iter().map(show::event).collect();
    Ok(Answer(json!({ "events": events, "before": last })))
}

/// `GET /api/v1/records/{id}/papers/{paper}`
pub(super) async fn paper(
    State(web): State<Arc<Web>>,
    Path((id, paper)): Path<(String, String)>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let id = id_of(&id)?;
    seen(&web, &caller, id).await?;
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        let known = kernel.papers(record).into_iter().find(|known| known.id == paper)?;
        let objections: Vec<Objection> = kernel.paper_objections(record, &paper);
        Some((kernel.content(record, known, caller.lang), objections))
    };
    let found = web.installation.look(&caller.organization, Some(&caller.actor), &[id], look).await?;
    let (content, objections) = found.ok_or_else(Problem::not_found)?;
    Ok(Answer(json!({ "draft": !objections.is_empty(), "objections": objections, "content": content })))
}

/// A fresh record, or one that was changed.
pub(super) fn answered(status: StatusCode, json: Json, version: i64) -> Response {
    (status, [(header::ETAG, etag(version))], Answer(json)).into_response()
}
