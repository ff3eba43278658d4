//! A table comes in: send a file, look at what was understood, correct it, agree, see how far it is, take it back.
//!
//! Invariant: an import is shown to whoever sent it and to those who administer; what it holds may be anybody's data.

mod choices;
mod show;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequest, Multipart, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::run::Kernel;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record::posted,
    visitor::Visitor,
};
use crate::{
    import::{Batch, Choices, ImportError, Upload},
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Link,
            button::{self, CONFIRMED, Submit},
            form::{self, Field, File, Form},
        },
    },
};

/// Most bytes of a file, and a little for the form around it.
pub(super) const UPLOAD: usize = (64 << 20) + (64 << 10);
/// How long a page waits for an import to finish before it shows how far it is.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Imports of the list.
const LISTED: u32 = 200;

/// What a register is called, for somebody who reads it.
async fn register_title(web: &Web, visitor: &Visitor, register: &str) -> Result<String, Problem> {
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register(register).filter(|rule| !rule.single)?;
        kernel.reads_register(&visitor.actor, rule).then(|| rule.title.in_lang(words).to_owned())
    };
    let title = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    title.ok_or(Problem::NotFound)
}

/// `GET /registers/{register}/import`
pub(super) async fn form(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    upload_page(&web, &visitor, &register, None).await
}

async fn upload_page(web: &Web, visitor: &Visitor, register: &str, error: Option<&str>) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let title = register_title(web, visitor, register).await?;
    let action = format!("/registers/{register}/import");
    let token = visitor.token(web, &action)?;
    let field = Field {
        name: "file",
        label: say(lang, "表のファイル", "File of the table"),
        help: say(
            lang,
            "いまお使いの台帳をそのまま選んでください。題名の行、結合した見出し、空白の行、「同上」、和暦はそのままで読み取ります。",
            "Choose the ledger as you keep it. Title rows, merged headers, blank rows, 同上 and Japanese years are understood.",
        ),
        error,
        required: true,
        ..Field::default()
    };
    let file = File {
        accept: ".xlsx,.xls,.ods,.csv,.tsv,.txt",
        limits: say(
            lang,
            "Excel（.xlsx、.xls）、.ods、CSV、TSV。64MBまで、10万行まで。",
            "Excel (.xlsx, .xls), .ods, CSV, TSV; up to 64 MB and 100,000 rows.",
        ),
        several: false,
    };
    let content = html! {
        p { (say(lang, "送ったファイルは暗号にして保管し、取り込みが終わると消します。内容を確かめてから取り込むので、送るだけでは台帳は変わりません。", "The file is kept sealed and removed once it has come in. Nothing changes until you have looked at it and agreed.")) }
        (form::form(lang, &Form {
            action: &action,
            token: Some((CSRF_FIELD, &token)),
            multipart: true,
            fields: form::file(lang, &field, &file),
            buttons: button::submit(lang, &Submit { label: say(lang, "内容を確かめる", "Look at it"), ..Submit::default() }),
            ..Form::default()
        }))
        p { a href="/imports" { (say(lang, "これまでの取り込み", "Earlier imports")) } }
    };
    let list = format!("/registers/{register}");
    let own = Own {
        title: say(lang, "表から取り込む", "Import a table"),
        lead: &title,
        place: "/registers",
        path: &action,
        breadcrumbs: &[
            Link { label: say(lang, "台帳", "Registers"), href: "/registers" },
            Link { label: &title, href: &list },
        ],
        refused: error.is_some(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// `POST /registers/{register}/import`
pub(super) async fn upload(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let lang = visitor.lang;
    register_title(&web, &visitor, &register).await?;
    let sent = match sent(&web, &visitor, &register, request).await? {
        Ok(sent) => sent,
        Err(why) => return refused(&web, &visitor, &register, &why).await,
    };
    let upload = Upload {
        register: register.clone(),
        name: sent.0,
        bytes: sent.1,
        actor: visitor.actor.clone(),
        own: false,
        lang: fields::language(lang),
        choices: Choices::default(),
    };
    let id = match web.installation.receive_import(&visitor.organization, upload).await {
        Ok(id) => id,
        Err(ImportError::Unreadable(error)) => {
            let why = if lang == crate::shell::ui::Lang::Ja { error.message_ja() } else { error.to_string() };
            return refused(&web, &visitor, &register, &why).await;
        }
        Err(other) => return Err(other.into()),
    };
    go_on(&web, &visitor, id).await;
    Ok(Redirect::to(&format!("/imports/{id}")).into_response())
}

async fn refused(web: &Web, visitor: &Visitor, register: &str, why: &str) -> Result<Response, Problem> {
    let page = upload_page(web, visitor, register, Some(why)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The file of a form, or what is wrong with it. The token comes first and is checked before the file is read.
async fn sent(
    web: &Web,
    visitor: &Visitor,
    register: &str,
    request: Request,
) -> Result<Result<(String, Vec<u8>), String>, Problem> {
    let lang = visitor.lang;
    let too_large = || {
        say(
            lang,
            "ファイルが大きすぎます（上限は64MB）。分けるか、表でないものを除いてください。",
            "The file is too large (64 MB at most); split it, or remove what is not part of the table.",
        )
        .to_owned()
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Problem::Stale)?;
    let mut checked = false;
    let mut file = None;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) if checked => return Ok(Err(too_large())),
            Err(_) => return Err(Problem::Stale),
        };
        match field.name() {
            Some(CSRF_FIELD) => {
                let token = field.text().await.map_err(|_| Problem::Stale)?;
                visitor.check(web, &format!("/registers/{register}/import"), &token)?;
                checked = true;
            }
            Some("file") if checked => {
                let name = field.file_name().unwrap_or_default().to_owned();
                match field.bytes().await {
                    Ok(bytes) if !name.is_empty() => file = Some((name, bytes.to_vec())),
                    Ok(_) => {}
                    Err(_) => return Ok(Err(too_large())),
                }
            }
            _ => {}
        }
    }
    if !checked {
        return Err(Problem::Stale);
    }
    let none = say(lang, "ファイルを選んでください。", "Choose a file.");
    Ok(file.ok_or_else(|| none.to_owned()))
}

/// Lets an import go on, and waits a little: a small one is done before the next page.
async fn go_on(web: &Web, visitor: &Visitor, id: Uuid) {
    let (installation, organization) = (Arc::clone(&web.installation), Arc::clone(&visitor.organization));
    let work = tokio::spawn(async move {
        if let Err(error) = installation.carry_on_import(&organization, id).await {
            let what = match &error {
                ImportError::Fault(fault) => fault.to_string(),
                _ => "the import does not go on".to_owned(),
            };
            tracing::error!(import = %id, fault = %what, "import failed");
        }
    });
    // What is not done by then goes on without anybody waiting.
    let _ = tokio::time::timeout(PATIENCE, work).await;
}

/// An import that this person may see.
async fn seen(web: &Web, visitor: &Visitor, id: Uuid) -> Result<Batch, Problem> {
    let batch = web.installation.import_batch(&visitor.organization, id).await?;
    if visible(visitor, &batch) { Ok(batch) } else { Err(Problem::NotFound) }
}

fn visible(visitor: &Visitor, batch: &Batch) -> bool {
    visitor.administers() || batch.by == Some(visitor.actor.person)
}

/// `GET /imports`
pub(super) async fn list(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let all = web.installation.imports(&visitor.organization, LISTED).await?;
    let all: Vec<Batch> = all.into_iter().filter(|batch| visible(&visitor, batch)).collect();
    let words = fields::language(visitor.lang);
    let titles = |kernel: &Kernel<'_>| {
        let title =
            |batch: &Batch| kernel.book.register(&batch.register).map(|rule| rule.title.in_lang(words).to_owned());
        all.iter().map(|batch| title(batch).unwrap_or_else(|| batch.register.clone())).collect::<Vec<_>>()
    };
    let titles = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], titles).await?;
    show::list(&web, &visitor, &all, &titles)
}

/// `GET /imports/{id}`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let batch = seen(&web, &visitor, id).await?;
    let said = choices::Said::default();
    show::page(&web, &visitor, &batch, &said).await
}

/// `GET /imports/{id}/progress`
pub(super) async fn progress(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let batch = seen(&web, &visitor, id).await?;
    Ok(show::progress_of(visitor.lang, &batch))
}

/// `POST /imports/{id}`: check again with other choices, take in, or discard.
pub(super) async fn decide(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let batch = seen(&web, &visitor, id).await?;
    let address = format!("/imports/{id}");
    let typed = posted(&web, &visitor, &address, request).await?;
    let (installation, organization) = (&web.installation, &visitor.organization);
    let back = || Ok(Redirect::to(&address).into_response());
    match fields::first(&typed, "do") {
        "discard" if fields::first(&typed, CONFIRMED) != "yes" => {
            return show::confirm(&web, &visitor, &batch, show::Question::Discard).map(IntoResponse::into_response);
        }
        "discard" => moved(installation.discard_import(organization, id).await)?,
        asked => {
            let chosen = match choices::choices(&batch, &typed) {
                Ok(chosen) => chosen,
                Err(wrong) => {
                    let said = choices::Said { wrong: Some(wrong), typed: Some(typed) };
                    let page = show::page(&web, &visitor, &batch, &said).await?;
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
                }
            };
            // What was changed since the preview has to be seen before it comes in.
            if asked == "import" && chosen == batch.choices {
                moved(installation.confirm_import(organization, id).await)?;
            } else {
                moved(installation.choose_import(organization, id, &chosen).await)?;
            }
            go_on(&web, &visitor, id).await;
        }
    }
    back()
}

/// A form sent twice finds that the import has moved on: that is shown, and is no error.
fn moved(outcome: Result<(), ImportError>) -> Result<(), Problem> {
    match outcome {
        Ok(()) | Err(ImportError::Moved) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// `POST /imports/{id}/undo`
pub(super) async fn undo(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let batch = seen(&web, &visitor, id).await?;
    let typed = posted(&web, &visitor, &format!("/imports/{id}/undo"), request).await?;
    if fields::first(&typed, CONFIRMED) != "yes" {
        return show::confirm(&web, &visitor, &batch, show::Question::Undo).map(IntoResponse::into_response);
    }
    match web.installation.undo_import(&visitor.organization, id, &visitor.actor).await {
        Ok(()) | Err(ImportError::Moved) => {}
        Err(ImportError::Changed(since)) => {
            let page = show::changed(&web, &visitor, &batch, &since)?;
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
        Err(other) => return Err(other.into()),
    }
    go_on(&web, &visitor, id).await;
    Ok(Redirect::to(&format!("/imports/{id}")).into_response())
}
