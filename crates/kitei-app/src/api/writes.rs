//! What programs do: the commands of the kernel, each named by its key and refused as a page would refuse it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};
use kitei_rules::run::{
    Kernel,
    command::{Circumstances, Command, Values},
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    body::{self, Place, Sent},
    caller::{Caller, Writer},
    problem::{Problem, at},
    records::{self, answered, id_of, seen},
};
use crate::{
    kernel::perform::{Done, Request as Deed},
    web::Web,
};

/// Reads fields by the rules of their place.
async fn read(web: &Web, caller: &Caller, place: Place<'_>, sent: &Map<String, Json>) -> Result<Values, Problem> {
    let look = |kernel: &Kernel<'_>| body::values(kernel, &caller.actor, &place, sent);
    let read = web.installation.look(&caller.organization, Some(&caller.actor), &[], look).await?;
    read.map_err(Problem::wrong)
}

/// Carries a command out once, however often it is sent.
async fn carry_out(web: &Web, caller: &Caller, sent: Sent, command: Command) -> Result<Done, Problem> {
    let secret = caller.organization.secret("api-request")?;
    // A keyed hash: what is kept to recognise a request must not let anybody guess what was in it.
    let print = kitei_evidence::Digest::of(&[secret.as_slice(), sent.content.as_slice()].concat()).to_string();
    let deed = Deed {
        actor: caller.actor.clone(),
        circumstances: Circumstances { happened_at: sent.happened_at, done_by: None, reason: sent.reason },
        key: Some(format!("api:{}:{}", caller.actor.person, sent.key)),
        print: Some(print),
        version: sent.version,
        ..Deed::default()
    };
    Ok(web.installation.perform(&caller.organization, deed, command).await?)
}

/// The record as it is now, with what gates warned of.
async fn after(web: &Web, caller: &Caller, status: StatusCode, done: &Done, id: Uuid) -> Result<Response, Problem> {
    // Whoever enters something for another department may not see it afterwards: then only its number is told.
    let (mut json, version) = match records::shown(web, caller, id).await {
        Ok(shown) => shown,
        Err(problem) if problem.is_not_found() => (serde_json::json!({ "id": id, "number": done.number }), 0),
        Err(problem) => return Err(problem),
    };
    if let Some(map) = json.as_object_mut() {
        map.insert("warnings".to_owned(), serde_json::json!(done.warnings));
    }
    Ok(answered(status, json, version))
}

/// `POST /api/v1/registers/{register}/records`
pub(super) async fn create(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    let book = super::registers::book(&web, &caller).await?;
    let rule = book.register(&register).ok_or_else(Problem::not_found)?;
    let mut sent = Sent::read(request, &["fields", "lines"]).await?;
    let (fields, lists) = (sent.object("fields")?, sent.object("lines")?);
    let fields = read(&web, &caller, Place { register: &register, list: None, act: None }, &fields).await?;
    let mut lines: BTreeMap<String, Vec<Values>> = BTreeMap::new();
    for (list, rows) in lists {
        let (Some(known), Json::Array(rows)) = (rule.list(&list), rows) else {
            return Err(Problem::wrong(vec![at(
                "lines",
                "list",
                "明細の名前と配列を書いてください。",
                "Write the name of a list and an array.",
            )]));
        };
        for row in rows {
            let Json::Object(row) = row else {
                return Err(Problem::wrong(vec![at(
                    &known.id,
                    "object",
                    "オブジェクトで書いてください。",
                    "Write an object.",
                )]));
            };
            let place = Place { register: &register, list: Some(&known.id), act: None };
            lines.entry(known.id.clone()).or_default().push(read(&web, &caller, place, &row).await?);
        }
    }
    let done = carry_out(&web, &caller, sent, Command::Create { register, fields, lines }).await?;
    let id = done.record.ok_or_else(Problem::not_found)?;
    let mut response = after(&web, &caller, StatusCode::CREATED, &done, id).await?;
    if let Ok(place) = axum::http::HeaderValue::from_str(&format!("/api/v1/records/{id}")) {
        response.headers_mut().insert(axum::http::header::LOCATION, place);
    }
    Ok(response)
}

/// `PATCH /api/v1/records/{id}`
pub(super) async fn change(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    let id = id_of(&id)?;
    let register = seen(&web, &caller, id).await?;
    let mut sent = Sent::read(request, &["fields"]).await?;
    if sent.version.is_none() {
        return Err(Problem::version_needed());
    }
    let fields = sent.object("fields")?;
    let fields = read(&web, &caller, Place { register: &register, list: None, act: None }, &fields).await?;
    let done = carry_out(&web, &caller, sent, Command::Change { record: id, fields }).await?;
    after(&web, &caller, StatusCode::OK, &done, id).await
}

/// `POST /api/v1/records/{id}/acts/{act}`
pub(super) async fn act(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(String, String)>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    let id = id_of(&id)?;
    let register = seen(&web, &caller, id).await?;
    let mut sent = Sent::read(request, &["fields"]).await?;
    let fields = sent.object("fields")?;
    let fields = read(&web, &caller, Place { register: &register, list: None, act: Some(&act) }, &fields).await?;
    let command = web.installation.doing(&caller.organization, &caller.actor, id, &act, fields).await?;
    let done = carry_out(&web, &caller, sent, command).await?;
    after(&web, &caller, StatusCode::OK, &done, id).await
}

/// A command that takes nothing but its circumstances.
async fn simple(
    web: &Web,
    caller: &Caller,
    request: Request,
    id: &str,
    make: impl FnOnce(Uuid) -> Command,
) -> Result<Response, Problem> {
    let id = id_of(id)?;
    seen(web, caller, id).await?;
    let sent = Sent::read(request, &[]).await?;
    let done = carry_out(web, caller, sent, make(id)).await?;
    after(web, caller, StatusCode::OK, &done, id).await
}

/// `POST /api/v1/records/{id}/acts/{act}/approve`
pub(super) async fn approve(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(String, String)>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &caller, request, &id, |record| Command::Approve { record, act }).await
}

/// `POST /api/v1/records/{id}/acts/{act}/return`
pub(super) async fn send_back(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(String, String)>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &caller, request, &id, |record| Command::Return { record, act }).await
}

/// `POST /api/v1/records/{id}/acts/{act}/skip`
pub(super) async fn skip(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(String, String)>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &caller, request, &id, |record| Command::Skip { record, act }).await
}

/// `POST /api/v1/records/{id}/close`
pub(super) async fn close(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &caller, request, &id, |record| Command::Close { record }).await
}

/// `POST /api/v1/records/{id}/lists/{list}`
pub(super) async fn add_line(
    State(web): State<Arc<Web>>,
    Path((id, list)): Path<(String, String)>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    let id = id_of(&id)?;
    let register = seen(&web, &caller, id).await?;
    known_list(&web, &caller, &register, &list).await?;
    let mut sent = Sent::read(request, &["fields"]).await?;
    let fields = sent.object("fields")?;
    let fields = read(&web, &caller, Place { register: &register, list: Some(&list), act: None }, &fields).await?;
    let done = carry_out(&web, &caller, sent, Command::AddLine { record: id, list, fields }).await?;
    after(&web, &caller, StatusCode::CREATED, &done, id).await
}

/// `PATCH /api/v1/records/{id}/lists/{list}/{line}`
pub(super) async fn change_line(
    State(web): State<Arc<Web>>,
    Path((id, list, line)): Path<(String, String, String)>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, Problem> {
    let (id, line) = (id_of(&id)?, id_of(&line)?);
    let register = seen(&web, &caller, id).await?;
    known_list(&web, &caller, &register, &list).await?;
    let mut sent = Sent::read(request, &["fields"]).await?;
    if sent.version.is_none() {
        return Err(Problem::version_needed());
    }
    let fields = sent.object("fields")?;
    let fields = read(&web, &caller, Place { register: &register, list: Some(&list), act: None }, &fields).await?;
    let done = carry_out(&web, &caller, sent, Command::ChangeLine { record: id, list, line, fields }).await?;
    after(&web, &caller, StatusCode::OK, &done, id).await
}

async fn known_list(web: &Web, caller: &Caller, register: &str, list: &str) -> Result<(), Problem> {
    let book = super::registers::book(web, caller).await?;
    book.list(register, list).map(|_| ()).ok_or_else(Problem::not_found)
}
