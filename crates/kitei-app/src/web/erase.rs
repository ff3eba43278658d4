//! Erasing personal values for good: of a record, or of one line (one principal of a shared case).
//!
//! Issue part 4 (erasing), HOUSE "Proof and oblivion together". The page names what will go before it asks, and the
//! record says afterwards that it was erased, when, and by which event.
//!
//! Invariant: nothing here decides whether something may go; the command does.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kitei_rules::{
    run::{
        Kernel,
        apply::says_something,
        command::{Command, Objection},
        paper::Lang as Words,
    },
    world::{Line, Record},
};
use kitei_store::attachments;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::say,
    problem::Problem,
    record::{self, About},
    visitor::Visitor,
};
use crate::shell::ui::{
    Tone,
    notice::{Notice, notice},
};

/// What goes with an erasure or a disposal, in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Going {
    /// Titles of fields whose values go.
    pub(super) fields: Vec<String>,
    /// Lists and how many lines of each.
    pub(super) lines: Vec<(String, usize)>,
    /// Attachments.
    pub(super) files: usize,
}

impl Going {
    /// The list of what goes.
    pub(super) fn shown(&self, visitor: &Visitor) -> Markup {
        let lang = visitor.lang;
        html! {
            ul {
                @if !self.fields.is_empty() {
                    li { (say(lang, "項目の値", "Values of fields")) ": " (self.fields.join("、")) }
                }
                @for (list, count) in &self.lines {
                    li { (list) ": " (count) (say(lang, "件", " lines")) }
                }
                @if self.files > 0 {
                    li { (say(lang, "添付ファイル", "Attachments")) ": " (self.files) (say(lang, "件", "")) }
                }
                li { (say(lang, "これまでの変更の履歴と理由に書かれた値", "Values in the history of changes and in reasons")) }
            }
        }
    }
}

/// What goes when a record, or one of its lines, is erased.
pub(super) fn going(
    kernel: &Kernel<'_>,
    record: &Record,
    line: Option<&(String, Uuid)>,
    files: &[attachments::Attachment],
    words: Words,
) -> Going {
    let of_line = |list: &str, line: &Line| -> Vec<String> {
        let rule = kernel.book.list(&record.register, list);
        let rules = rule.into_iter().flat_map(|rule| &rule.fields);
        rules
            .filter(|rule| line.fields.get(&rule.id).is_some_and(|stored| says_something(&stored.value)))
            .map(|rule| rule.title.in_lang(words).to_owned())
            .collect()
    };
    let alive = files.iter().filter(|file| file.erased_at.is_none());
    match line {
        Some((list, id)) => {
            let found = record.lines.get(list).and_then(|lines| lines.iter().find(|known| known.id == *id));
            Going {
                fields: found.map(|line| of_line(list, line)).unwrap_or_default(),
                lines: Vec::new(),
                files: alive.filter(|file| file.line == *id).count(),
            }
        }
        None => {
            let rules = kernel.book.register(&record.register).into_iter().flat_map(|rule| &rule.fields);
            let fields = rules
                .filter(|rule| record.fields.get(&rule.id).is_some_and(|stored| says_something(&stored.value)))
                .map(|rule| rule.title.in_lang(words).to_owned())
                .collect();
            let lines = record.lines.iter().filter_map(|(list, lines)| {
                let count = lines.iter().filter(|line| !line.erased).count();
                let title = kernel.book.list(&record.register, list)?.title.in_lang(words).to_owned();
                (count > 0).then_some((title, count))
            });
            Going { fields, lines: lines.collect(), files: alive.count() }
        }
    }
}

/// `GET /records/{id}/erase`
pub(super) async fn form(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    render(&web, &visitor, id, None, &fields::Typed::new(), &[]).await
}

/// `GET /records/{id}/lines/{list}/{line}/erase`
pub(super) async fn line_form(
    State(web): State<Arc<Web>>,
    Path((id, list, line)): Path<(Uuid, String, Uuid)>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    render(&web, &visitor, id, Some((list, line)), &fields::Typed::new(), &[]).await
}

/// `POST /records/{id}/erase`
pub(super) async fn erase(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    carry_out(&web, &visitor, id, None, request).await
}

/// `POST /records/{id}/lines/{list}/{line}/erase`
pub(super) async fn erase_line(
    State(web): State<Arc<Web>>,
    Path((id, list, line)): Path<(Uuid, String, Uuid)>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    carry_out(&web, &visitor, id, Some((list, line)), request).await
}

fn address(id: Uuid, line: Option<&(String, Uuid)>) -> String {
    match line {
        Some((list, line)) => format!("/records/{id}/lines/{list}/{line}/erase"),
        None => format!("/records/{id}/erase"),
    }
}

async fn carry_out(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    line: Option<(String, Uuid)>,
    request: Request,
) -> Result<Response, Problem> {
    record::seen(web, visitor, id).await?;
    let typed = record::posted(web, visitor, &address(id, line.as_ref()), request).await?;
    match record::perform(web, visitor, &typed, Command::Erase { record: id, line: line.clone() }).await? {
        Ok(_) => Ok(record::to_record(Some(id))),
        Err(refusal) => {
            let page = render(web, visitor, id, line, &typed, &refusal.objections).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn render(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    line: Option<(String, Uuid)>,
    typed: &fields::Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    record::seen(web, visitor, id).await?;
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let mut reader = web.installation.db.reader().await?;
    let files = attachments::of_record(&mut reader, visitor.organization.id, id).await?;
    drop(reader);
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        let there = match &line {
            Some((list, line)) => record.lines.get(list)?.iter().any(|known| known.id == *line && !known.erased),
            None => record.erased_at.is_none(),
        };
        there.then(|| going(kernel, record, line.as_ref(), &files, words))
    };
    let going = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let going = going.ok_or(Problem::NotFound)?;
    let name = record::name_of(web, visitor, id).await?;
    let address = address(id, line.as_ref());
    let title = match line {
        Some(_) => say(lang, "この明細の個人の値を消去する", "Erase the personal values of this line"),
        None => say(lang, "この記録の個人の値を消去する", "Erase the personal values of this record"),
    };
    let before = html! {
        (notice(lang, &Notice {
            tone: Tone::Danger,
            title: say(lang, "次のものが消え、元に戻せません", "This will go and cannot be brought back"),
            body: going.shown(visitor),
        }))
        p { (say(
            lang,
            "番号、日付、数、リンクと、誰がいつ消去したかは残ります。前のバックアップからも読めなくなります。",
            "Number, dates, amounts, links, and who erased it when stay. Earlier backups can no longer be read for it either.",
        )) }
    };
    let about = About {
        action: &address,
        title: title.to_owned(),
        lead: name.clone(),
        back: (name, format!("/records/{id}")),
        fields: Vec::new(),
        needed: Vec::new(),
        button: say(lang, "消去する（元に戻せません）", "Erase for good"),
        before,
        danger: true,
        deed: true,
    };
    record::render(web, visitor, &about, typed, wrong).await
}
