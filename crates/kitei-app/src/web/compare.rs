//! 照合: two registers held against each other, as packs say; each difference with whose task it is and the clause.
//!
//! Invariant: a comparison is shown to who reads both registers; a record that a person may not see is left out.

use std::sync::Arc;

use axum::extract::State;
use kitei_rules::{
    expr::Actor,
    run::{Kernel, compare::Difference},
    world::Record,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    visitor::Visitor,
};
use crate::shell::ui::{
    Link, Tone,
    basis::{Basis, basis},
    empty::{Empty, empty},
    notice::{Notice, notice},
    table::{Column, Row, Table, table},
};

/// A comparison as the page shows it.
struct Shown {
    id: String,
    title: String,
    left: String,
    right: String,
    clauses: Vec<(String, String)>,
    rows: Vec<Line>,
}

/// A difference as the page shows it.
struct Line {
    key: String,
    message: String,
    records: Vec<(Uuid, String)>,
    who: String,
    mine: bool,
}

/// `GET /compare`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let look = |kernel: &Kernel<'_>| {
        let differences = kernel.differences();
        let all = kernel.book.compares.iter().filter(|compare| kernel.awake(compare.applies.as_ref()));
        let title = |register: &str| {
            let rule = kernel.book.register(register).filter(|rule| kernel.reads_register(&visitor.actor, rule))?;
            Some(rule.title.in_lang(words).to_owned())
        };
        all.filter_map(|compare| {
            let said = &compare.compare;
            let (left, right) = (title(&said.left)?, title(&said.right)?);
            let own = differences.iter().filter(|difference| difference.compare == said.id);
            let rows = own.filter_map(|difference| line(kernel, &visitor.actor, difference, words)).collect();
            let clause = |id: &String| {
                let title = kernel.book.clause(id).map_or("", |clause| clause.title.in_lang(words));
                (id.clone(), title.to_owned())
            };
            Some(Shown {
                id: said.id.clone(),
                title: said.title.in_lang(words).to_owned(),
                left,
                right,
                clauses: said.meta.basis.iter().map(clause).collect(),
                rows,
            })
        })
        .collect::<Vec<_>>()
    };
    let mut found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    // What asks for something stands first.
    found.sort_by_key(|shown| (shown.rows.is_empty(), shown.title.clone()));
    let content = html! {
        @if found.is_empty() {
            (empty(&Empty { title: say(lang, "照合はありません", "No comparisons"), text: say(lang, "採用した規程が台帳どうしの照合を求めると、ここに並びます。", "Once adopted regulations hold registers against each other, the comparisons stand here."), ..Empty::default() }))
        }
        @for shown in &found { (section(&visitor, shown)) }
    };
    let own = Own {
        title: say(lang, "台帳の照合", "Comparisons"),
        lead: say(
            lang,
            "二つの台帳を突き合わせ、片方にしかないものを並べます。台帳を直すと消えます。",
            "Two registers held against each other; what stands in one alone is listed, and goes once the registers agree.",
        ),
        place: "/registers",
        path: "/compare",
        breadcrumbs: &[Link { label: say(lang, "台帳", "Registers"), href: "/registers" }],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// A difference, with the records that this person sees; `None` when they see none.
fn line(
    kernel: &Kernel<'_>,
    actor: &Actor,
    difference: &Difference,
    words: kitei_rules::run::paper::Lang,
) -> Option<Line> {
    let seen = difference.records.iter().filter_map(|id| kernel.snapshot.record(*id));
    let seen: Vec<&Record> = seen.filter(|record| kernel.sees_record(actor, record)).collect();
    let first = seen.first()?;
    let names = |record: &&Record| (record.id, format!("{} {}", record.number, kernel.name_of(record.id)));
    let who: Vec<String> = difference.by.iter().map(|target| record::target_name(kernel, target, words)).collect();
    // A key that is a record of which this person may not know shows as the records that have it.
    let key = match &difference.key {
        kitei_rules::value::Value::Record(id) => kernel
            .snapshot
            .record(*id)
            .filter(|record| kernel.sees_record(actor, record))
            .map_or_else(|| first.number.clone(), |_| difference.words.clone()),
        _ => difference.words.clone(),
    };
    Some(Line {
        key,
        message: difference.message.in_lang(words).to_owned(),
        records: seen.iter().map(names).collect(),
        who: who.join("、"),
        mine: kernel.is_meant(actor.person, &difference.by),
    })
}

fn section(visitor: &Visitor, shown: &Shown) -> Markup {
    let lang = visitor.lang;
    let hrefs: Vec<String> = shown.clauses.iter().map(|(id, _)| format!("/clauses/{id}")).collect();
    let chips: Vec<Basis<'_>> = shown
        .clauses
        .iter()
        .zip(&hrefs)
        .map(|((id, title), href)| Basis { reference: id, title, source: "", href: Some(href) })
        .collect();
    let rows: Vec<Row> = shown
        .rows
        .iter()
        .map(|line| Row {
            cells: vec![
                html! { (line.key) },
                html! { (line.message) },
                html! { @for (id, name) in &line.records { div { a href={ "/records/" (id) } { (name) } } } },
                html! { (line.who) @if line.mine { " " strong { (say(lang, "（あなた）", "(you)")) } } },
            ],
            marked: line.mine,
        })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [
        column("何が", "What"),
        column("食い違い", "Difference"),
        column("記録", "Records"),
        column("だれの仕事", "Whose task"),
    ];
    let id = format!("compare-{}", shown.id);
    html! {
        section {
            h2 { (shown.title) }
            p { (shown.left) " ⇔ " (shown.right) " " (basis(lang, &shown.title, &chips)) }
            @if rows.is_empty() {
                (notice(lang, &Notice { tone: Tone::Success, title: say(lang, "食い違いはありません。", "They agree."), ..Notice::default() }))
            } @else {
                (table(lang, &Table { id: &id, caption: &shown.title, columns: &columns, rows: &rows, ..Table::default() }))
            }
        }
    }
}
