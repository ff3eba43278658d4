//! What a list shows, as a file: with its search and its filters, in rows that its reader may see.
//!
//! Invariant: the file is written whole before it is sent, so a half one is never taken for the ledger.

use std::{
    collections::BTreeMap,
    io::{Read as _, Seek as _},
    sync::Arc,
};

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::html;

use super::{
    Web, fields,
    frame::{self, say},
    problem::Problem,
    registers,
    visitor::Visitor,
};
use crate::{
    import::{Export, ExportError, Form},
    kernel::Fault,
};

/// `GET /registers/{register}/export.xlsx`
pub(super) async fn xlsx(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    file(&web, &visitor, &register, &query, (Form::Xlsx, "xlsx", kind)).await
}

/// `GET /registers/{register}/export.csv`
pub(super) async fn csv(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    file(&web, &visitor, &register, &query, (Form::Csv, "csv", "text/csv; charset=utf-8")).await
}

async fn file(
    web: &Web,
    visitor: &Visitor,
    register: &str,
    query: &BTreeMap<String, String>,
    (form, ending, kind): (Form, &str, &'static str),
) -> Result<Response, Problem> {
    let lang = visitor.lang;
    let (query, title) = registers::asked(web, visitor, register, query).await?;
    let export = Export { query, actor: Some(visitor.actor.clone()), lang: fields::language(lang), form };
    let broken = |error: std::io::Error| Problem::from(Fault::Damaged(format!("a temporary file: {}", error.kind())));
    let out = tempfile::tempfile().map_err(broken)?;
    let mut written = out.try_clone().map_err(broken)?;
    match web.installation.export(&visitor.organization, &export, std::io::BufWriter::new(out)).await {
        Ok(_) => {}
        Err(ExportError::NoRegister) => return Err(Problem::NotFound),
        Err(ExportError::Fault(fault)) => return Err(fault.into()),
        Err(ExportError::Write(_)) => {
            let why = say(
                lang,
                "この台帳はこの形式では書き出せません。CSVで書き出すか、件数を絞ってください。",
                "This register does not fit this form; export CSV, or fewer entries.",
            );
            tracing::warn!(register, "an export does not fit its form");
            let page = frame::bare(
                lang,
                why,
                &html! { p { a href={ "/registers/" (register) } { (say(lang, "台帳へ戻る", "Back to the register")) } } },
            );
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    }
    let bytes = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        written.rewind()?;
        written.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    });
    let bytes =
        bytes.await.map_err(|_| Problem::from(Fault::Damaged("reading an export".to_owned())))?.map_err(broken)?;
    let today = visitor.organization.today(web.installation.environment.now());
    // RFC 6266 and RFC 8187: a plain name for old programs, the real one for all others.
    let name: String = form_urlencoded::byte_serialize(format!("{title}_{today}.{ending}").as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let disposition = format!("attachment; filename=\"{register}-{today}.{ending}\"; filename*=UTF-8''{name}");
    let mut response = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
