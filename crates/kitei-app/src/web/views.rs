//! Views: a register seen as a named table, as packs say (the personal-information ledger and the information-asset ledger
//! from one entry); to print, and as a file.
//!
//! Invariant: what a file holds is what the page shows to the same person.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use kitei_papers::tables::{
    ColumnKind, ExpectedColumn,
    value::Value as Cell,
    write::{self, CsvEncoding, Layout, XlsxOptions},
};
use kitei_rules::{book::BookView, expr::Actor, rulebook::RegisterRule, run::Kernel, run::paper::Lang as Language};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    visitor::Visitor,
};
use crate::{
    kernel::Fault,
    shell::ui::{
        Link,
        basis::{Basis, basis},
        button,
        empty::{Empty, empty},
        table::{Column, Holds, Row, Table, table},
    },
};

/// Most rows on the page; the files hold all.
const MOST: usize = 1000;

/// Whether somebody sees a view: who reads the register, and is named by the view if it names anybody.
fn sees(kernel: &Kernel<'_>, actor: &Actor, rule: &RegisterRule, view: &BookView) -> bool {
    let named = |who: &String| {
        let role = kitei_rules::run::approve::role_of(who);
        role == "staff" || actor.roles.iter().any(|held| held == role)
    };
    kernel.reads_register(actor, rule) && (view.view.read.is_empty() || view.view.read.iter().any(named))
}

/// Whether every field that a column's expression names is one that this person sees.
fn sees_column(kernel: &Kernel<'_>, actor: &Actor, register: &str, expression: &str) -> bool {
    let mut words =
        expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.all(|word| kernel.sees_field(actor, register, None, word))
}

/// `GET /views`
pub(super) async fn index(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let look = |kernel: &Kernel<'_>| {
        let registers = kernel.book.views.iter().filter_map(|(id, views)| Some((kernel.book.register(id)?, views)));
        let all = registers.flat_map(|(rule, views)| views.iter().map(move |view| (rule, view)));
        let mut all: Vec<(String, String, String)> = all
            .filter(|(rule, view)| sees(kernel, &visitor.actor, rule, view))
            .map(|(rule, view)| {
                let href = format!("/views/{}/{}", rule.id, view.view.id);
                (rule.title.in_lang(words).to_owned(), view.view.title.in_lang(words).to_owned(), href)
            })
            .collect();
        all.sort();
        all
    };
    let all = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let rows: Vec<Row> = all
        .iter()
        .map(|(register, title, href)| Row {
            cells: vec![html! { a href=(href) { (title) } }, html! { (register) }],
            marked: false,
        })
        .collect();
    let columns = [
        Column { label: say(lang, "表", "Table"), ..Column::default() },
        Column { label: say(lang, "もとの台帳", "Register"), ..Column::default() },
    ];
    let content = html! {
        @if rows.is_empty() {
            (empty(&Empty { title: say(lang, "表はありません", "No tables"), text: say(lang, "採用した規程が決まった形の表を求めると、ここに並びます。", "Once adopted regulations ask for tables of a set form, they stand here."), ..Empty::default() }))
        } @else {
            (table(lang, &Table { id: "views", caption: say(lang, "規程が定める表", "Tables that regulations ask for"), columns: &columns, rows: &rows, ..Table::default() }))
        }
    };
    let own = Own {
        title: say(lang, "規程が定める表", "Tables of regulations"),
        lead: say(
            lang,
            "同じ台帳から、規程ごとに決まった形の一覧を作ります。登録は一度で済みます。",
            "From the same register, lists in the form that each regulation asks for; everything is entered once.",
        ),
        place: "/registers",
        path: "/views",
        breadcrumbs: &[Link { label: say(lang, "台帳", "Registers"), href: "/registers" }],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// A view with its rows, as somebody sees it.
struct Found {
    title: String,
    register: String,
    heads: Vec<String>,
    rows: Vec<(Uuid, String, Vec<String>)>,
    clauses: Vec<(String, String)>,
}

async fn find(web: &Web, visitor: &Visitor, register: &str, id: &str) -> Result<Found, Problem> {
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| found(kernel, &visitor.actor, register, id, words);
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    found.ok_or(Problem::NotFound)
}

fn found(kernel: &Kernel<'_>, actor: &Actor, register: &str, id: &str, words: Language) -> Option<Found> {
    let rule = kernel.book.register(register)?;
    let view = kernel.book.views.get(register)?.iter().find(|view| view.view.id == id)?;
    if !sees(kernel, actor, rule, view) {
        return None;
    }
    let shown: Vec<bool> =
        view.view.columns.iter().map(|column| sees_column(kernel, actor, register, &column.value.text)).collect();
    let visible = |cells: Vec<String>| cells.into_iter().zip(&shown).filter(|(_, shown)| **shown).map(|(cell, _)| cell);
    let (title, rows) = kernel.view(register, id, words)?;
    let mut rows: Vec<(Uuid, String, Vec<String>)> = rows
        .into_iter()
        .filter_map(|(id, cells)| Some((kernel.snapshot.record(id)?, cells)))
        .filter(|(record, _)| kernel.sees_record(actor, record))
        .map(|(record, cells)| (record.id, record.number.clone(), visible(cells).collect()))
        .collect();
    rows.sort_by(|(_, a, _), (_, b, _)| a.cmp(b));
    let heads = view.view.columns.iter().map(|column| column.title.in_lang(words).to_owned()).collect();
    let clause =
        |id: &String| (id.clone(), kernel.book.clause(id).map_or("", |clause| clause.title.in_lang(words)).to_owned());
    Some(Found {
        title: title.in_lang(words).to_owned(),
        register: rule.title.in_lang(words).to_owned(),
        heads: visible(heads).collect(),
        rows,
        clauses: view.view.meta.basis.iter().map(clause).collect(),
    })
}

/// `GET /views/{register}/{view}`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Path((register, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let found = find(&web, &visitor, &register, &id).await?;
    let rows: Vec<Row> = found
        .rows
        .iter()
        .take(MOST)
        .map(|(id, number, cells)| {
            let mut all = vec![html! { a href={ "/records/" (id) } { (number) } }];
            all.extend(cells.iter().map(|cell| html! { (cell) }));
            Row { cells: all, marked: false }
        })
        .collect();
    let mut columns = vec![Column { label: say(lang, "番号", "No."), holds: Holds::Code, ..Column::default() }];
    columns.extend(found.heads.iter().map(|head| Column { label: head, ..Column::default() }));
    let hrefs: Vec<String> = found.clauses.iter().map(|(id, _)| format!("/clauses/{id}")).collect();
    let chips: Vec<Basis<'_>> = found
        .clauses
        .iter()
        .zip(&hrefs)
        .map(|((id, title), href)| Basis { reference: id, title, source: "", href: Some(href) })
        .collect();
    let file = |format: &str| format!("/views/{register}/{id}/file?format={format}");
    let (xlsx, csv) = (file("xlsx"), file("csv"));
    let (count, total) = (rows.len(), found.rows.len());
    let content = html! {
        p { (say(lang, "もとの台帳: ", "Register: ")) a href={ "/registers/" (register) } { (found.register) } " " (basis(lang, &found.title, &chips)) }
        @if rows.is_empty() {
            (empty(&Empty { title: say(lang, "該当する記録はありません", "No entries"), text: say(lang, "台帳に登録すると、ここにも並びます。", "What is entered in the register stands here too."), ..Empty::default() }))
        } @else {
            @if total > count { p { (say(lang, "先頭だけを表示しています。すべてはファイルにあります。", "Only the first are shown; the files hold all.")) " " (count) " / " (total) } }
            (button::row(&html! {
                (button::print(lang))
                a href=(xlsx) { (say(lang, "Excelで保存", "Save as Excel")) }
                a href=(csv) { (say(lang, "CSVで保存", "Save as CSV")) }
            }))
            (table(lang, &Table { id: "view", caption: &found.title, columns: &columns, rows: &rows, ..Table::default() }))
        }
    };
    let path = format!("/views/{register}/{id}");
    let own = Own {
        title: &found.title,
        place: "/registers",
        path: &path,
        breadcrumbs: &[
            Link { label: say(lang, "台帳", "Registers"), href: "/registers" },
            Link { label: say(lang, "規程が定める表", "Tables of regulations"), href: "/views" },
        ],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `GET /views/{register}/{view}/file?format=xlsx`
pub(super) async fn file(
    State(web): State<Arc<Web>>,
    Path((register, id)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let found = find(&web, &visitor, &register, &id).await?;
    let number = say(visitor.lang, "番号", "No.");
    let columns: Vec<ExpectedColumn> = std::iter::once(number)
        .chain(found.heads.iter().map(String::as_str))
        .enumerate()
        .map(|(place, head)| ExpectedColumn::new(&place.to_string(), &[head], ColumnKind::LongText))
        .collect();
    let layout = Layout { columns: &columns, unknown: &[] };
    let rows = found.rows.iter().map(|(_, number, cells)| {
        let texts = std::iter::once(number).chain(cells);
        let values =
            columns.iter().zip(texts).map(|(column, text)| (column.id.clone(), Cell::Text { text: text.clone() }));
        write::Row { values: values.collect(), ..write::Row::default() }
    });
    let wrong = |error: write::WriteError| Problem::from(Fault::Damaged(format!("view file: {error}")));
    let mut bytes = Vec::new();
    let kind = if query.get("format").map(String::as_str) == Some("csv") {
        write::write_csv(&mut bytes, layout, CsvEncoding::Utf8WithMark, rows).map_err(wrong)?;
        ("text/csv; charset=utf-8", "csv")
    } else {
        let created = web.installation.environment.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
        let mut out = std::io::Cursor::new(Vec::new());
        let options = XlsxOptions { sheet_name: &found.title, created, scratch: None };
        write::write_xlsx(&mut out, layout, options, rows).map_err(wrong)?;
        bytes = out.into_inner();
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
    };
    let name = format!("attachment; filename=\"{register}-{id}.{}\"", kind.1);
    Ok(([(header::CONTENT_TYPE, kind.0.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
