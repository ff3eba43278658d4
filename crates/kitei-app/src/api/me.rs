//! Whoever asks: who the token speaks for, and what is asked of them.

use std::sync::Arc;

use axum::{Json as Answer, extract::State};
use serde_json::{Value as Json, json};

use super::{
    caller::{By, Caller},
    problem::Problem,
};
use crate::web::{Web, today};

/// `GET /api/v1/me`
pub(super) async fn me(caller: Caller) -> Answer<Json> {
    let token = match &caller.by {
        By::Session => Json::Null,
        By::Token(bearer) => json!({ "reach": bearer.reach, "expires_at": bearer.expires_at.to_string() }),
    };
    Answer(json!({
        "organization": { "id": caller.organization.id, "name": caller.organization.name },
        "person": caller.actor.person,
        "name": caller.name,
        "roles": caller.actor.roles,
        "token": token,
    }))
}

/// `GET /api/v1/tasks`: what must I do, and by when?
pub(super) async fn tasks(State(web): State<Arc<Web>>, caller: Caller) -> Result<Answer<Json>, Problem> {
    let mine = today::tasks_for(&web, &caller.organization, &caller.actor).await?;
    let tasks: Vec<Json> = mine
        .iter()
        .map(|task| {
            json!({
                "record": task.record,
                "act": task.act,
                "status": task.status,
                "due": task.due.map(|due| due.to_string()),
                "about": task.doc,
            })
        })
        .collect();
    Ok(Answer(json!({ "tasks": tasks })))
}
