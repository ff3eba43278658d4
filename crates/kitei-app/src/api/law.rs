//! The law engine for programs: the answers of `kitei law` (docs/law-command.md), as JSON over HTTP.
//!
//! Invariant: numbers that are checked and facts of a breach travel in bodies, never in an address, which logs keep.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, Query, Request, State},
};
use kitei_rules::{
    law::command::{self, CommandError},
    run::command::Objection,
};
use serde_json::Value as Json;

use super::{
    body,
    caller::{By, Caller},
    problem::{Problem, at, both},
};
use crate::web::Web;

fn answered(args: &[String], facts: &str) -> Result<Answer<Json>, Problem> {
    command::run(args, facts).map(Answer).map_err(|error| refused(&error))
}

fn refused(error: &CommandError) -> Problem {
    let errors = error.problems().into_iter().map(|problem| Objection {
        message: both(problem.text.ja, problem.text.en),
        ..at(problem.field.trim_start_matches('-'), "law", "", "")
    });
    Problem::wrong(errors.collect())
}

/// `GET /api/v1/law/{question}`: `final`, `preliminary`, `retention`, with the options of the command as parameters.
pub(super) async fn ask(
    Path(question): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    _: Caller,
) -> Result<Answer<Json>, Problem> {
    if !["final", "preliminary", "retention"].contains(&question.as_str()) {
        return Err(Problem::not_found());
    }
    let mut args = vec![question];
    for (name, value) in query {
        args.push(format!("--{name}"));
        args.push(value);
    }
    answered(&args, "")
}

/// `POST /api/v1/law/check`: `{"kind": "my-number", "value": "…"}`.
pub(super) async fn check(
    State(_): State<Arc<Web>>,
    caller: Caller,
    request: Request,
) -> Result<Answer<Json>, Problem> {
    by_token(&caller)?;
    let sent = body::object(request).await?;
    let (kind, value) = (sent.get("kind").and_then(Json::as_str), sent.get("value").and_then(Json::as_str));
    let (Some(kind), Some(value), 2) = (kind, value, sent.len()) else {
        let (ja, en) = (
            "kind と value を文字で書いてください。ほかの項目はありません。",
            "Write kind and value as texts, and nothing else.",
        );
        return Err(Problem::wrong(vec![at("kind", "required", ja, en)]));
    };
    answered(&["check".to_owned(), kind.to_owned(), value.to_owned()], "")
}

/// `POST /api/v1/law/breach`: the facts of a breach.
pub(super) async fn breach(
    State(_): State<Arc<Web>>,
    caller: Caller,
    request: Request,
) -> Result<Answer<Json>, Problem> {
    by_token(&caller)?;
    let facts = body::object(request).await?;
    answered(&["breach".to_owned()], &Json::Object(facts).to_string())
}

/// Whoever sends a body came by a token; the caller's door has seen to it.
fn by_token(caller: &Caller) -> Result<(), Problem> {
    match caller.by {
        By::Token(_) => Ok(()),
        By::Session => Err(Problem::unauthorized("トークンが要ります。", "A token is needed.")),
    }
}
