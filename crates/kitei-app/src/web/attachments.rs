//! Attachments: the list of a record's files, upload, download; and forms that carry files.
//!
//! Issue part 4 (attachments). Whoever reads the record reads its files, as far as they see the field, the list or the
//! step that a file stands in; whoever writes the record attaches.
//!
//! Invariant: bytes leave only as a download, as a media type of a fixed list or as plain bytes, under a policy that
//! lets nothing in them run.
//! Invariant: a file is counted while it comes in, and never kept beyond its limit.

use std::sync::Arc;

use axum::{
    RequestExt as _,
    extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::{
    pack::model::Text,
    run::{
        Kernel,
        command::{Attached, Command, Objection, Refusal},
    },
    value::Value,
    world::{Record, State as Stand},
};
use kitei_store::attachments;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    today::local,
    visitor::Visitor,
};
use crate::{
    kernel::{
        attach::{self, Listed, Sent},
        attach_kind::{KINDS, Limits, Unfit, size_words},
        perform::PerformError,
    },
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link,
            button::{self, Submit, Weight},
            form::{self, Field, File, Form, Problem as Wrong},
            table::{Column, Holds, Row, Table, table},
        },
    },
};

/// A form as it was posted, with its files.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// What was typed.
    pub(super) typed: fields::Typed,
    /// Files by the field that they were chosen in.
    pub(super) files: Vec<(String, Sent)>,
    /// Files that are too large, at their fields.
    pub(super) wrong: Vec<Objection>,
}

/// How many times the limit of one file a form with files may hold altogether; beyond it nothing more is read.
const FILES: usize = 4;

/// A posted form, with or without files: its words and its token checked.
pub(super) async fn posted(web: &Web, visitor: &Visitor, form: &str, request: Request) -> Result<Posted, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let typed = record::posted(web, visitor, form, request).await?;
        return Ok(Posted { typed, ..Posted::default() });
    }
    let limits = &web.attachments;
    let most = limits.most.saturating_mul(FILES).saturating_add(super::FORM);
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return Err(too_large(limits));
    }
    let mut request = request;
    DefaultBodyLimit::max(most).apply(&mut request);
    let mut parts = request.extract::<Multipart, _>().await.map_err(|_| Problem::Stale)?;
    let mut posted = Posted::default();
    // What breaks off or grows beyond all measure leaves nothing behind.
    while let Some(mut part) = parts.next_field().await.map_err(|_| too_large(limits))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let limit = if file.is_some() { limits.most } else { super::FORM };
        let (mut bytes, mut over) = (Vec::new(), false);
        while let Some(chunk) = part.chunk().await.map_err(|_| too_large(limits))? {
            // The rest of a file that is too large is read past, so that what was typed below it is not lost.
            over |= bytes.len() + chunk.len() > limit;
            if over {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        match file {
            Some(_) if over => posted.wrong.push(objection(&name, Unfit::TooLarge { most: limits.most }.words())),
            // A field in which no file was chosen is sent without a name.
            Some(file) if file.is_empty() && bytes.is_empty() => {}
            Some(file) => posted.files.push((name, Sent { name: file, bytes })),
            None if over => return Err(Problem::Stale),
            None => {
                let words = String::from_utf8(bytes).map_err(|_| Problem::Stale)?;
                posted.typed.entry(name).or_default().push(words);
            }
        }
    }
    visitor.check(web, form, fields::first(&posted.typed, CSRF_FIELD))?;
    Ok(posted)
}

fn too_large(limits: &Limits) -> Problem {
    Problem::TooLarge(size_words(limits.most))
}

fn objection(field: &str, message: Text) -> Objection {
    Objection { code: "file".to_owned(), field: Some(field.to_owned()), source: None, clauses: Vec::new(), message }
}

/// Judges, seals and keeps the files of a form for a record. All of them, or none.
pub(super) async fn receive(
    web: &Web,
    visitor: &Visitor,
    record: Uuid,
    files: Vec<(String, Sent)>,
) -> Result<Result<Vec<(String, Attached)>, Vec<Objection>>, Problem> {
    let (mut kept, mut wrong) = (Vec::new(), Vec::new());
    for (field, sent) in files {
        let limits = &web.attachments;
        match web.installation.receive(&visitor.organization, limits, record, Some(&field), sent).await {
            Ok(file) => kept.push((field, file)),
            Err(PerformError::Refused(refusal)) => wrong.extend(refusal.objections),
            Err(PerformError::Fault(fault)) => {
                web.installation.forget(&only(&kept)).await;
                return Err(fault.into());
            }
        }
    }
    if wrong.is_empty() {
        return Ok(Ok(kept));
    }
    web.installation.forget(&only(&kept)).await;
    Ok(Err(wrong))
}

/// The files without their fields.
pub(super) fn only(files: &[(String, Attached)]) -> Vec<Attached> {
    files.iter().map(|(_, file)| file.clone()).collect()
}

/// The control of a field of kind `file`.
pub(super) fn control(web: &Web, lang: Lang, field: &Field<'_>) -> Markup {
    let (accept, words) = (accept(&web.attachments), web.attachments.words());
    let limits = words.in_lang(fields::language(lang));
    form::file(lang, field, &File { accept: &accept, limits, several: false })
}

fn accept(limits: &Limits) -> String {
    limits.endings().iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(",")
}

/// A line whose files are meant, in the query of an address.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct OfLine {
    list: Option<String>,
    line: Option<Uuid>,
}

impl OfLine {
    fn line(&self) -> Option<(String, Uuid)> {
        self.list.clone().zip(self.line)
    }

    fn address(&self, record: Uuid) -> String {
        match self.line() {
            Some((list, line)) => format!("/records/{record}/attachments?list={list}&line={line}"),
            None => format!("/records/{record}/attachments"),
        }
    }
}

/// What a page of files knows of the record.
pub(super) struct Of {
    open: bool,
    hidden: Vec<Uuid>,
    lines: Vec<(Uuid, String)>,
}

/// The record as this person sees it, and which of its files they do not.
pub(super) async fn of(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    files: &[attachments::Attachment],
) -> Result<Of, Problem> {
    record::seen(web, visitor, id).await?;
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        let hidden = files.iter().filter(|file| !visible(kernel, visitor, record, file)).map(|file| file.id).collect();
        let mut lines = Vec::new();
        for (list, of_list) in &record.lines {
            let title = kernel.book.list(&record.register, list).map(|list| list.title.in_lang(words).to_owned());
            lines.extend(
                of_list
                    .iter()
                    .enumerate()
                    .map(|(at, line)| (line.id, format!("{} {}", title.clone().unwrap_or_default(), at + 1))),
            );
        }
        let open = record.state == Stand::Open && record.erased_at.is_none();
        Some(Of { open, hidden, lines })
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    found.ok_or(Problem::NotFound)
}

/// Whether somebody sees a file: every field, list and step that it stands in.
fn visible(kernel: &Kernel<'_>, visitor: &Visitor, record: &Record, file: &attachments::Attachment) -> bool {
    let (actor, id) = (&visitor.actor, file.id.to_string());
    let names = |value: &Value| matches!(value, Value::Text(text) if *text == id);
    let in_fields = record
        .fields
        .iter()
        .filter(|(_, stored)| names(&stored.value))
        .all(|(field, _)| kernel.sees_field(actor, &record.register, None, field));
    let acts: Vec<&String> =
        record.deeds.iter().filter(|deed| deed.fields.values().any(names)).map(|deed| &deed.act).collect();
    let in_acts = acts.is_empty()
        || kernel
            .standing(record)
            .iter()
            .filter(|standing| acts.contains(&&standing.act))
            .all(|standing| kernel.sees_act(actor, standing));
    let in_lines = record.lines.iter().all(|(list, lines)| {
        let Some(line) = lines.iter().find(|line| line.id == file.line) else { return true };
        let rule = kernel.book.list(&record.register, list);
        let any = rule.is_some_and(|rule| {
            rule.fields.iter().any(|field| kernel.sees_field(actor, &record.register, Some(list), &field.id))
        });
        let mut own = line.fields.iter().filter(|(_, stored)| names(&stored.value));
        any && own.all(|(field, _)| kernel.sees_field(actor, &record.register, Some(list), field))
    });
    in_fields && in_acts && in_lines
}

/// The files of a record that somebody sees, with the record.
pub(super) async fn seen(web: &Web, visitor: &Visitor, id: Uuid) -> Result<(Of, Vec<Listed>), Problem> {
    let mut reader = web.installation.db.reader().await?;
    let rows = attachments::of_record(&mut reader, visitor.organization.id, id).await?;
    drop(reader);
    let of = of(web, visitor, id, &rows).await?;
    let mut reader = web.installation.db.reader().await?;
    let listed = web.installation.attachments(&mut reader, &visitor.organization, id).await?;
    let listed = listed.into_iter().filter(|file| !of.hidden.contains(&file.row.id)).collect();
    Ok((of, listed))
}

/// The files in a table.
pub(super) fn files(visitor: &Visitor, id: Uuid, of: &Of, listed: &[Listed]) -> Markup {
    let lang = visitor.lang;
    let column =
        |ja: &'static str, en: &'static str, holds| Column { label: say(lang, ja, en), holds, ..Column::default() };
    let columns = [
        column("ファイル", "File", Holds::Text),
        column("どこに", "At", Holds::Text),
        column("大きさ", "Size", Holds::Number),
        column("添付した日時", "Attached", Holds::Text),
    ];
    let rows: Vec<Row> = listed
        .iter()
        .map(|file| {
            let row = &file.row;
            let line = of.lines.iter().find(|(line, _)| *line == row.line).map(|(_, title)| title.as_str());
            let gone = row.erased_at.map(|at| local(visitor, at.timestamp()));
            Row {
                cells: vec![
                    html! {
                        @match &file.name {
                            Some(name) => a href={ "/records/" (id) "/attachments/" (row.id) } download { (name) },
                            None => {
                                (say(lang, "消去済み", "Erased"))
                                @if let Some(gone) = gone { " " (gone) }
                            }
                        }
                    },
                    html! { (line.unwrap_or_else(|| say(lang, "記録", "The record"))) },
                    html! { (size_words(usize::try_from(row.bytes).unwrap_or_default())) },
                    html! { (local(visitor, row.created_at.timestamp())) },
                ],
                marked: false,
            }
        })
        .collect();
    let caption = say(lang, "添付ファイル", "Attachments");
    html! {
        @if rows.is_empty() {
            p { (say(lang, "添付ファイルはありません。", "Nothing is attached.")) }
        } @else {
            (table(lang, &Table { id: "attachments", caption, columns: &columns, rows: &rows, ..Table::default() }))
        }
    }
}

/// The section of a record's page.
pub(super) fn section(visitor: &Visitor, id: Uuid, of: &Of, listed: &[Listed]) -> Markup {
    let lang = visitor.lang;
    let href = format!("/records/{id}/attachments");
    html! {
        @if of.open || !listed.is_empty() {
            section {
                h2 { (say(lang, "添付ファイル", "Attachments")) }
                (files(visitor, id, of, listed))
                @if of.open {
                    p { (button::link(Link { label: say(lang, "ファイルを添付する", "Attach files"), href: &href }, Weight::Quiet)) }
                }
            }
        }
    }
}

/// `GET /records/{id}/attachments`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    Query(line): Query<OfLine>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    render(&web, &visitor, id, &line, &[]).await
}

async fn render(web: &Web, visitor: &Visitor, id: Uuid, line: &OfLine, wrong: &[Objection]) -> Result<Markup, Problem> {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let (of, listed) = seen(web, visitor, id).await?;
    let of_line = line.line();
    let place = of_line.as_ref().and_then(|(_, line)| of.lines.iter().find(|(known, _)| known == line));
    if of_line.is_some() && place.is_none() {
        return Err(Problem::NotFound);
    }
    let name = record::name_of(web, visitor, id).await?;
    let (address, back) = (line.address(id), format!("/records/{id}"));
    let token = visitor.token(web, &address)?;
    let label = say(lang, "ファイル", "Files");
    let problems: Vec<(String, bool)> = wrong
        .iter()
        .map(|objection| (objection.message.in_lang(words).to_owned(), objection.field.as_deref() == Some("files")))
        .collect();
    let summary: Vec<Wrong<'_>> = problems
        .iter()
        .map(|(message, at)| Wrong {
            name: if *at { "files" } else { "" },
            label: if *at { label } else { "" },
            message,
        })
        .collect();
    let error = problems.iter().find(|(_, at)| *at).map(|(message, _)| message.as_str());
    let (accept, limits) = (accept(&web.attachments), web.attachments.words());
    let key = web.installation.environment.id().to_string();
    let content = html! {
        (form::summary(lang, &summary))
        @if let Some((_, title)) = place { p { (say(lang, "明細", "Line")) ": " (title) } }
        (files(visitor, id, &of, &listed))
        @if of.open {
            h2 { (say(lang, "ファイルを添付する", "Attach files")) }
            (form::form(lang, &Form {
                action: &address,
                token: Some((CSRF_FIELD, &token)),
                multipart: true,
                fields: html! {
                    (form::hidden("key", &key))
                    (form::file(lang, &Field { name: "files", label, error, required: true, ..Field::default() },
                        &File { accept: &accept, limits: limits.in_lang(words), several: true }))
                },
                buttons: html! {
                    (button::submit(lang, &Submit { label: say(lang, "添付する", "Attach"), weight: Weight::Primary, ..Submit::default() }))
                    (button::link(Link { label: say(lang, "戻る", "Back"), href: &back }, Weight::Quiet))
                },
                ..Form::default()
            }))
        }
    };
    let own = Own {
        title: say(lang, "添付ファイル", "Attachments"),
        lead: say(
            lang,
            "ファイルは暗号化して保管され、この記録を見られる人だけが受け取れます。記録を消去するとファイルも消えます。",
            "Files are kept encrypted; only those who see the record receive them. They go when the record is erased.",
        ),
        place: "/registers",
        breadcrumbs: &[Link { label: &name, href: &back }],
        refused: !wrong.is_empty(),
        content,
        path: &address,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// `POST /records/{id}/attachments`
pub(super) async fn add(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    Query(line): Query<OfLine>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    record::seen(&web, &visitor, id).await?;
    let address = line.address(id);
    let posted = posted(&web, &visitor, &address, request).await?;
    let mut wrong = posted.wrong;
    if wrong.is_empty() {
        match receive(&web, &visitor, id, posted.files).await? {
            Ok(files) => {
                let command = Command::Attach { record: id, line: line.line() };
                match record::perform_with(&web, &visitor, &posted.typed, command, only(&files)).await? {
                    Ok(_) => return Ok(Redirect::to(&address).into_response()),
                    Err(Refusal { objections, .. }) => wrong = at_files(objections),
                }
            }
            Err(objections) => wrong = objections,
        }
    }
    let page = render(&web, &visitor, id, &line, &wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What lacks is the file.
fn at_files(mut objections: Vec<Objection>) -> Vec<Objection> {
    for objection in objections.iter_mut().filter(|objection| objection.code == "required") {
        objection.field = Some("files".to_owned());
    }
    objections
}

/// `GET /records/{id}/attachments/{attachment}`: the file, as a download.
pub(super) async fn download(
    State(web): State<Arc<Web>>,
    Path((id, attachment)): Path<(Uuid, Uuid)>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let row = attachments::load(&mut reader, visitor.organization.id, attachment).await?;
    let row = row.filter(|row| row.record == id).ok_or(Problem::NotFound)?;
    drop(reader);
    let of = of(&web, &visitor, id, std::slice::from_ref(&row)).await?;
    if of.hidden.contains(&attachment) {
        return Err(Problem::NotFound);
    }
    let opened = web.installation.open_attachment(&visitor.organization, &row).await;
    let opened = match opened {
        Ok(Some(opened)) => opened,
        Ok(None) => return Err(Problem::NotFound),
        Err(fault) => {
            let words = attach::trouble(&fault);
            let problem = Problem::from(fault);
            return Err(words.map_or(problem, Problem::Lost));
        }
    };
    let named = KINDS.iter().any(|kind| kind.named && kind.media_type == row.media_type);
    let kind = if named { row.media_type.as_str() } else { "application/octet-stream" };
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&opened.name)),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'".to_owned()),
    ];
    Ok((headers, opened.bytes.to_vec()).into_response())
}

/// A download under a name in any script (RFC 6266), with a plain one for old programs.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn names_leave_in_two_forms() {
        assert_eq!(
            disposition("報告\"; x.pdf"),
            "attachment; filename=\"_____x.pdf\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A%22%3B%20x.pdf"
        );
    }
}
