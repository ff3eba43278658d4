//! One record: its facts, what follows from them, its steps, lines, papers and history; and the forms that change it.
//!
//! For an incident this page is the 事故対応室: facts on the left, consequences with their countdowns on the right.

mod forms;
mod imported;
mod papers;
mod show;
mod told;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::{
    run::{
        Kernel,
        command::{Attached, Circumstances, Command, Objection, Refusal, Values},
    },
    value::Value,
};
use maud::Markup;
use uuid::Uuid;

use super::{Web, attachments, fields, frame::say, problem::Problem, visitor::Visitor};
use crate::{
    kernel::perform::{Done, PerformError, Request as Deed},
    shell::sign_in::CSRF_FIELD,
};

pub(super) use forms::{
    About, act_form, close_form, edit_form, line_edit_form, line_form, name_of, new_form, options, render, skip_form,
};
pub(super) use papers::{blank as blank_paper, filled as filled_paper, paper};
pub(super) use show::{event_title, name_of as target_name, page};

/// A posted form: its words and its token checked.
pub(super) async fn posted(
    web: &Web,
    visitor: &Visitor,
    form: &str,
    request: Request,
) -> Result<fields::Typed, Problem> {
    let bytes = axum::body::to_bytes(request.into_body(), super::FORM).await.map_err(|_| Problem::Stale)?;
    let typed = fields::typed(&bytes);
    visitor.check(web, form, fields::first(&typed, CSRF_FIELD))?;
    Ok(typed)
}

/// Refuses a record that this person may not see.
pub(super) async fn seen(web: &Web, visitor: &Visitor, id: Uuid) -> Result<String, Problem> {
    let look = |kernel: &Kernel<'_>| {
        kernel
            .snapshot
            .record(id)
            .filter(|record| kernel.sees_record(&visitor.actor, record))
            .map(|record| record.register.clone())
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    if found.is_none() {
        // There may be a record that this person may not read: that they tried is kept.
        web.installation.refused_reading(&visitor.organization, &visitor.actor, id).await?;
    }
    found.ok_or(Problem::NotFound)
}

/// Carries a command out for a visitor.
pub(super) async fn perform(
    web: &Web,
    visitor: &Visitor,
    typed: &fields::Typed,
    command: Command,
) -> Result<Result<Done, Refusal>, Problem> {
    perform_with(web, visitor, typed, command, Vec::new()).await
}

/// Opens a record under an id that its files were sealed for.
async fn perform_new(
    web: &Web,
    visitor: &Visitor,
    typed: &fields::Typed,
    (command, id): (Command, Uuid),
    files: Vec<Attached>,
) -> Result<Result<Done, Refusal>, Problem> {
    let deed = Deed { id: Some(id), files, ..deed_of(visitor, typed) };
    carry_out(web, visitor, deed, command).await
}

/// Carries a command out for a visitor, with files that came with it. What is refused keeps none of them.
pub(super) async fn perform_with(
    web: &Web,
    visitor: &Visitor,
    typed: &fields::Typed,
    command: Command,
    files: Vec<Attached>,
) -> Result<Result<Done, Refusal>, Problem> {
    let deed = Deed { files, ..deed_of(visitor, typed) };
    carry_out(web, visitor, deed, command).await
}

/// Who asks, when it happened, why, and the key of the form.
fn deed_of(visitor: &Visitor, typed: &fields::Typed) -> Deed {
    let reason = fields::first(typed, "reason-of-act");
    let happened = fields::read(&[&forms::happened_field()], typed, &visitor.organization.zone).0;
    let circumstances = Circumstances {
        happened_at: match happened.get(forms::HAPPENED) {
            Some(Value::Time(instant)) => Some(*instant),
            _ => None,
        },
        done_by: None,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
    };
    let key = fields::first(typed, "key");
    Deed {
        actor: visitor.actor.clone(),
        circumstances,
        key: (!key.is_empty()).then(|| format!("{}:{key}", visitor.actor.person)),
        ..Deed::default()
    }
}

async fn carry_out(
    web: &Web,
    visitor: &Visitor,
    deed: Deed,
    command: Command,
) -> Result<Result<Done, Refusal>, Problem> {
    let files = deed.files.clone();
    let outcome = web.installation.perform(&visitor.organization, deed, command).await;
    if outcome.is_err() {
        web.installation.forget(&files).await;
    }
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(PerformError::Refused(refusal)) => Ok(Err(refusal)),
        Err(PerformError::Fault(fault)) => Err(fault.into()),
    }
}

/// Receives the files of a form and sets the fields that they were chosen in. What is wrong already, or with a file, comes
/// back, and then none is kept.
async fn files_in(
    web: &Web,
    visitor: &Visitor,
    record: Uuid,
    sent: attachments::Posted,
    values: &mut Values,
    mut wrong: Vec<Objection>,
) -> Result<Result<Vec<Attached>, Vec<Objection>>, Problem> {
    wrong.extend(sent.wrong);
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    let files = match attachments::receive(web, visitor, record, sent.files).await? {
        Ok(files) => files,
        Err(wrong) => return Ok(Err(wrong)),
    };
    values.extend(files.iter().map(|(field, file)| (field.clone(), Value::Text(file.id.to_string()))));
    Ok(Ok(attachments::only(&files)))
}

pub(super) fn to_record(id: Option<Uuid>) -> Response {
    let address = id.map_or_else(|| "/".to_owned(), |id| format!("/records/{id}"));
    Redirect::to(&address).into_response()
}

fn unprocessable(page: Markup) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// `POST /registers/{register}/new`
pub(super) async fn create(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let address = format!("/registers/{register}/new");
    let sent = attachments::posted(&web, &visitor, &address, request).await?;
    let (mut values, wrong) = forms::values_of(&web, &visitor, &register, None, None, &sent.typed).await?;
    let (id, typed) = (web.installation.environment.id(), sent.typed.clone());
    let wrong = match files_in(&web, &visitor, id, sent, &mut values, wrong).await? {
        Err(wrong) => wrong,
        Ok(files) => {
            let command = Command::Create { register: register.clone(), fields: values, lines: BTreeMap::new() };
            match perform_new(&web, &visitor, &typed, (command, id), files).await? {
                Ok(done) => return Ok(to_record(done.record)),
                Err(refusal) => refusal.objections,
            }
        }
    };
    forms::new_again(&web, &visitor, &register, &typed, &wrong).await.map(unprocessable)
}

/// `POST /records/{id}/edit`
pub(super) async fn edit(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let sent = attachments::posted(&web, &visitor, &format!("/records/{id}/edit"), request).await?;
    let (mut values, wrong) = forms::values_of(&web, &visitor, &register, None, None, &sent.typed).await?;
    let typed = sent.typed.clone();
    let wrong = match files_in(&web, &visitor, id, sent, &mut values, wrong).await? {
        Err(wrong) => wrong,
        Ok(files) => {
            let command = Command::Change { record: id, fields: values };
            match perform_with(&web, &visitor, &typed, command, files).await? {
                Ok(done) => return Ok(to_record(done.record.or(Some(id)))),
                Err(refusal) => refusal.objections,
            }
        }
    };
    forms::edit_again(&web, &visitor, id, &typed, &wrong).await.map(unprocessable)
}

/// `POST /records/{id}/act/{act}`
pub(super) async fn act(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(Uuid, String)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let sent = attachments::posted(&web, &visitor, &format!("/records/{id}/act/{act}"), request).await?;
    let (mut values, wrong) = forms::values_of(&web, &visitor, &register, None, Some(&act), &sent.typed).await?;
    let typed = sent.typed.clone();
    let wrong = match files_in(&web, &visitor, id, sent, &mut values, wrong).await? {
        Err(wrong) => wrong,
        Ok(files) => {
            let command = web.installation.doing(&visitor.organization, &visitor.actor, id, &act, values).await?;
            match perform_with(&web, &visitor, &typed, command, files).await? {
                Ok(_) => return Ok(to_record(Some(id))),
                Err(refusal) => refusal.objections,
            }
        }
    };
    forms::act_again(&web, &visitor, id, &act, &typed, &wrong).await.map(unprocessable)
}

/// `POST /records/{id}/approve/{act}`
pub(super) async fn approve(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(Uuid, String)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &visitor, id, format!("/records/{id}/approve/{act}"), request, Command::Approve { record: id, act })
        .await
}

/// `POST /records/{id}/return/{act}`
pub(super) async fn send_back(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(Uuid, String)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &visitor, id, format!("/records/{id}/return/{act}"), request, Command::Return { record: id, act })
        .await
}

async fn simple(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    form: String,
    request: Request,
    command: Command,
) -> Result<Response, Problem> {
    seen(web, visitor, id).await?;
    let typed = posted(web, visitor, &form, request).await?;
    match perform(web, visitor, &typed, command).await? {
        Ok(_) => Ok(to_record(Some(id))),
        Err(refusal) => forms::reason_again(web, visitor, id, &form, &typed, &refusal).await.map(unprocessable),
    }
}

/// `POST /records/{id}/skip/{act}`
pub(super) async fn skip(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(Uuid, String)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &visitor, id, format!("/records/{id}/skip/{act}"), request, Command::Skip { record: id, act }).await
}

/// `POST /records/{id}/close`
pub(super) async fn close(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    simple(&web, &visitor, id, format!("/records/{id}/close"), request, Command::Close { record: id }).await
}

/// `POST /records/{id}/lines/{list}/new`
pub(super) async fn add_line(
    State(web): State<Arc<Web>>,
    Path((id, list)): Path<(Uuid, String)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let sent = attachments::posted(&web, &visitor, &format!("/records/{id}/lines/{list}/new"), request).await?;
    let (mut fields, wrong) = forms::values_of(&web, &visitor, &register, Some(&list), None, &sent.typed).await?;
    let typed = sent.typed.clone();
    let wrong = match files_in(&web, &visitor, id, sent, &mut fields, wrong).await? {
        Err(wrong) => wrong,
        Ok(files) => {
            let command = Command::AddLine { record: id, list: list.clone(), fields };
            match perform_with(&web, &visitor, &typed, command, files).await? {
                Ok(_) => return Ok(to_record(Some(id))),
                Err(refusal) => refusal.objections,
            }
        }
    };
    forms::line_again(&web, &visitor, id, &list, None, &typed, &wrong).await.map(unprocessable)
}

/// `POST /records/{id}/lines/{list}/{line}`
pub(super) async fn edit_line(
    State(web): State<Arc<Web>>,
    Path((id, list, line)): Path<(Uuid, String, Uuid)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let sent = attachments::posted(&web, &visitor, &format!("/records/{id}/lines/{list}/{line}"), request).await?;
    let (mut fields, wrong) = forms::values_of(&web, &visitor, &register, Some(&list), None, &sent.typed).await?;
    let typed = sent.typed.clone();
    let wrong = match files_in(&web, &visitor, id, sent, &mut fields, wrong).await? {
        Err(wrong) => wrong,
        Ok(files) => {
            let command = Command::ChangeLine { record: id, list: list.clone(), line, fields };
            match perform_with(&web, &visitor, &typed, command, files).await? {
                Ok(_) => return Ok(to_record(Some(id))),
                Err(refusal) => refusal.objections,
            }
        }
    };
    forms::line_again(&web, &visitor, id, &list, Some(line), &typed, &wrong).await.map(unprocessable)
}

/// Japanese or English, for pages of records.
pub(super) fn word<'t>(visitor: &Visitor, ja: &'t str, en: &'t str) -> &'t str {
    say(visitor.lang, ja, en)
}
