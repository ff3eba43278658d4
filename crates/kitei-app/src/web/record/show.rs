//! The page of one record.

mod gather;
mod history;
mod kept;
mod steps;

use std::sync::Arc;

use axum::extract::{Path, State};
use kitei_rules::{pack::model::Tone as Weight, run::Kernel, world::State as Stand};
use kitei_store::log;
use maud::{Markup, html};
use uuid::Uuid;

use self::gather::{Known2, Seen, gather};
use super::forms::{basis_of, clause_links};
use crate::{
    kernel::refused,
    shell::ui::{
        Link, Tone, badge,
        button::{self, Weight as Shape},
        facts::{self, Fact, Finding, Value as Known},
        notice::{Notice, notice},
        table::{Column, Row, Table, table},
    },
    web::{
        Web, attachments, fields,
        frame::{self, Own, say},
        problem::Problem,
        today::local,
        visitor::Visitor,
    },
};

pub(in crate::web) use self::{gather::name_of, history::event_title};

/// What stands in place of values that are gone.
const ERASED: (&str, &str) = ("消去済み", "Erased");

/// Events of a record shown on its page.
const HISTORY: u32 = 60;

/// `GET /records/{id}`
pub(in crate::web) async fn page(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    super::seen(&web, &visitor, id).await?;
    let look = |kernel: &Kernel<'_>| kernel.snapshot.record(id).map(|record| gather(kernel, &visitor, record));
    let seen = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let mut seen = seen.ok_or(Problem::NotFound)?;
    let (of, listed) = attachments::seen(&web, &visitor, id).await?;
    kept::name_files(&mut seen, &listed);
    let files = attachments::section(&visitor, id, &of, &listed);
    let mut reader = web.installation.db.reader().await?;
    let mut events = log::of_subject(&mut reader, visitor.organization.id, id, None, HISTORY).await?;
    // Who tried in vain concerns those who administer and those who audit.
    let audits = visitor.administers() || visitor.holds("audit-manager");
    events.retain(|event| audits || !matches!(event.kind.as_str(), refused::READING | refused::ATTEMPT));
    let moment = visitor.organization.moment(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, &visitor.organization, moment.today()).await?;
    let loader = crate::kernel::load::Loader {
        organization: &visitor.organization,
        book: &book,
        environment: &*web.installation.environment,
    };
    let people = loader.people(&mut reader, &moment).await?;
    let told = super::told::card(&web, &visitor, &mut reader, id).await?;
    drop(reader);
    let names = |id: &str| {
        if id == "kitei" {
            return say(visitor.lang, "Kitei（自動）", "Kitei, by itself").to_owned();
        }
        let person = id.parse::<Uuid>().ok().and_then(|id| people.names.get(&id).cloned());
        person.unwrap_or_else(|| say(visitor.lang, "サインインなし", "without sign-in").to_owned())
    };
    let history = history::history(&visitor, &book, &seen.number, &events, &names);
    let history = html! { (history) (super::imported::origin(&web, &visitor, id).await?) };
    let after = html! { (files) (kept::section(&visitor, id, &seen, &events)) };
    let content = render(&web, &visitor, id, &seen, (&told, &after, &history))?;
    let title = if seen.name == seen.number { seen.number.clone() } else { format!("{} {}", seen.number, seen.name) };
    let back = format!("/registers/{}", seen.register);
    let edit = format!("/records/{id}/edit");
    let close = format!("/records/{id}/close");
    let aside = html! {
        @if let Some(at) = seen.erased {
            (badge::badge(Tone::Info, &format!("{} {}", say(visitor.lang, "消去済み", "erased"), local(&visitor, at))))
        }
        @match seen.state {
            Stand::Open if seen.erased.is_some() => {}
            Stand::Open => {
                (badge::badge(Tone::Info, say(visitor.lang, "対応中", "open")))
                (button::link(Link { label: say(visitor.lang, "事実を直す", "Change facts"), href: &edit }, Shape::Secondary))
                (button::link(Link { label: say(visitor.lang, "終了する", "Close"), href: &close }, Shape::Quiet))
            }
            Stand::Closed => (badge::badge(Tone::Success, say(visitor.lang, "終了", "closed"))),
            Stand::Disposed => (badge::badge(Tone::Info, say(visitor.lang, "廃棄済み", "disposed of"))),
        }
        (button::print(visitor.lang))
    };
    let own = Own {
        title: &title,
        aside,
        place: if seen.register == "incident" { "/registers/incident" } else { "/registers" },
        breadcrumbs: &[Link { label: &seen.register_title, href: &back }],
        content,
        path: &format!("/records/{id}"),
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

fn render(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    seen: &Seen,
    (told, after, history): (&Markup, &Markup, &Markup),
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let links: Vec<Vec<(String, String)>> = seen.facts.iter().map(|(_, _, _, basis)| clause_links(basis)).collect();
    let bases: Vec<_> = links.iter().map(|links| basis_of(links)).collect();
    let left: Vec<Fact<'_>> = seen
        .facts
        .iter()
        .zip(&bases)
        .map(|((label, value, changed, _), basis)| Fact {
            label,
            value: match value {
                Known2::Words(words) => Known::Known(words),
                Known2::Unknown => Known::Unknown,
            },
            known_at: "",
            changed: *changed,
            change: None,
            basis,
        })
        .collect();
    let now = web.installation.environment.now();
    let finding_links: Vec<_> = seen.findings.iter().map(|(_, _, _, basis)| clause_links(basis)).collect();
    let finding_bases: Vec<_> = finding_links.iter().map(|links| basis_of(links)).collect();
    let findings: Vec<Finding<'_>> = seen
        .findings
        .iter()
        .zip(&finding_bases)
        .map(|((label, value, why, _), basis)| Finding { label, value, why, basis })
        .collect();
    let steps = steps::section(web, visitor, id, seen, now)?;
    let right = html! {
        @for flag in &seen.flags {
            @let tone = match flag.tone { Weight::Info => Tone::Info, Weight::Gap => Tone::Warning, Weight::Alarm => Tone::Danger };
            (notice(lang, &Notice { tone, title: flag.message.in_lang(words), body: html! { @for clause in &flag.basis { a href={ "/clauses/" (clause) } { (clause) } " " } } }))
        }
        (steps)
        (steps::duties(visitor, id, seen, now))
        @if !findings.is_empty() {
            h2 { (say(lang, "判定と計算", "Decided and computed")) }
            (facts::findings(lang, &findings))
        }
    };
    Ok(html! {
        (facts::room(lang, &facts::list(lang, &left), &right))
        section id="papers" {
            h2 { (say(lang, "書類", "Papers")) }
            ul {
                @for (paper, title) in &seen.papers {
                    @let at = format!("/records/{id}/papers/{paper}");
                    li { a href=(at) { (title) "（PDF）" } " " a href={ (at) ".txt" } { (say(lang, "貼り付け用の文字", "text to paste")) } " " a href={ (at) ".json" } { "JSON" } }
                }
                li { a href={ "/records/" (id) "/form.pdf" } { (say(lang, "この記録の様式", "This record on its form")) "（PDF）" } }
            }
        }
        @for (list, title, columns, rows) in &seen.lists {
            section {
                h2 { (title) }
                @let heads: Vec<Column<'_>> = columns.iter().map(|label| Column { label, ..Column::default() }).collect();
                @let body: Vec<Row> = rows.iter().map(|(line, cells)| Row {
                    cells: cells.iter().enumerate().map(|(at, cell)| if at == 0 { html! { a href={ "/records/" (id) "/lines/" (list) "/" (line) } { @if cell.is_empty() { (say(lang, "開く", "open")) } @else { (cell) } } } } else { html! { (cell) } }).collect(),
                    marked: false,
                }).collect();
                @if !body.is_empty() { (table(lang, &Table { id: list, caption: title, columns: &heads, rows: &body, ..Table::default() })) }
                @if seen.state == Stand::Open && seen.erased.is_none() {
                    @let href = format!("/records/{id}/lines/{list}/new");
                    @let label = format!("{}: {title}", say(lang, "追加する", "Add"));
                    p { (button::link(Link { label: &label, href: &href }, Shape::Quiet)) }
                }
            }
        }
        (told)
        (after)
        section {
            h2 { (say(lang, "経過", "Timeline")) }
            (history)
            p { a href={ "/records/" (id) "/bundle" } { (say(lang, "この記録の証跡を、監査人に渡す束にする", "Make an auditor's bundle of this record")) } }
        }
    })
}
