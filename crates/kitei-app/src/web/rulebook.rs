//! 規程: what binds us, and why? Adopted packs, clause by clause with what Kitei does for each; parameters with the
//! winning pack; what the law says differently.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, State};
use kitei_rules::{
    book::Book,
    pack::{elements::elements, model::Pack},
    rulebook::explain_words,
};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    visitor::Visitor,
};
use crate::shell::ui::{
    Link,
    table::{Column, Row, Table, table},
};

async fn book(web: &Web, visitor: &Visitor) -> Result<Arc<Book>, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let today = visitor.organization.today(web.installation.environment.now());
    Ok(web.installation.book_of(&mut reader, &visitor.organization, today).await?)
}

/// `GET /rulebook`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let book = book(&web, &visitor).await?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (pack, _) in book.sayings.clauses.values() {
        *counts.entry(pack.as_str()).or_default() += 1;
    }
    let packs: Vec<Row> = book
        .sayings
        .packs
        .values()
        .map(|pack| Row {
            cells: vec![
                html! { a href={ "/rulebook/" (pack.id) } { (pack.title.in_lang(words)) } },
                html! { (pack.edition) },
                html! { (counts.get(pack.id.as_str()).copied().unwrap_or_default()) },
                html! { @if let Some(notice) = &pack.notice { (notice.in_lang(words)) } },
            ],
            marked: false,
        })
        .collect();
    let parameters: Vec<Row> = book
        .parameters
        .values()
        .map(|rule| {
            let value = book.values.get(&rule.key).map(explain_words).unwrap_or_default();
            let voices = rule.voices.iter().map(|voice| {
                let said = voice.value.as_ref().map(explain_words).unwrap_or_default();
                format!("{}: {said}（{}）", voice.pack, voice.basis.join("、"))
            });
            Row {
                cells: vec![
                    html! { (rule.title.in_lang(words)) br; code { (rule.key) } },
                    html! { strong { (value) } @if let Some(unit) = &rule.unit { " " (unit.in_lang(words)) } },
                    html! { ul { @for voice in voices { li { (voice) } } } },
                    html! { (rule.winners.join("、")) },
                ],
                marked: rule.clash.is_some(),
            }
        })
        .collect();
    let superseded: Vec<Row> = book
        .sayings
        .supersedes
        .values()
        .flat_map(|said| said.iter())
        .filter(|(_, supersede)| book.sayings.clauses.contains_key(&supersede.clause))
        .map(|(_, supersede)| Row {
            cells: vec![
                html! { a href={ "/clauses/" (supersede.clause) } { (supersede.clause) } },
                html! { (supersede.reason.in_lang(words)) },
                html! { @for article in &supersede.meta.basis { a href={ "/clauses/" (article) } { (article) } " " } },
            ],
            marked: false,
        })
        .collect();
    let head = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let pack_columns =
        [head("規程", "Regulation"), head("版", "Edition"), head("条項", "Clauses"), head("お知らせ", "Notice")];
    let parameter_columns = [
        head("項目", "Parameter"),
        head("値", "Value"),
        head("各規程の定め", "What each says"),
        head("採られた規程", "Winner"),
    ];
    let law_columns = [head("条項", "Clause"), head("理由", "Why"), head("法令", "Law")];
    let content = html! {
        (table(lang, &Table { id: "packs", caption: say(lang, "採用している規程", "Adopted regulations"), caption_shown: true, columns: &pack_columns, rows: &packs }))
        @if !parameters.is_empty() {
            (table(lang, &Table { id: "parameters", caption: say(lang, "値（いちばん厳しいものが採られます）", "Values: the strictest holds"), caption_shown: true, columns: &parameter_columns, rows: &parameters }))
        }
        @if !superseded.is_empty() {
            (table(lang, &Table { id: "law", caption: say(lang, "法令と違うところ", "Where the law says otherwise"), caption_shown: true, columns: &law_columns, rows: &superseded }))
        }
    };
    let own =
        Own {
            title: say(lang, "規程", "Rulebook"), place: "/rulebook", path: "/rulebook", content, ..Own::default()
        };
    frame::page(&web, &visitor, &own)
}

/// The elements of adopted packs by clause.
fn by_clause(web: &Web, book: &Book) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let adopted: Vec<&Pack> = book
        .sayings
        .packs
        .keys()
        .filter_map(|id| web.installation.shelf.get(id))
        .map(|shelved| &shelved.pack)
        .collect();
    for pack in adopted {
        for element in elements(pack) {
            for clause in element.basis {
                out.entry(clause).or_default().push(element.name.clone());
            }
        }
    }
    out
}

/// `GET /rulebook/{pack}`
pub(super) async fn pack(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let book = book(&web, &visitor).await?;
    let head = book.sayings.packs.get(&id).ok_or(Problem::NotFound)?;
    let elements = by_clause(&web, &book);
    let rows: Vec<Row> = book
        .sayings
        .clauses
        .values()
        .filter(|(pack, _)| *pack == id)
        .map(|(_, clause)| {
            let does = elements.get(&clause.id).map(Vec::len).unwrap_or_default();
            Row {
                cells: vec![
                    html! { a href={ "/clauses/" (clause.id) } { (clause.id) } },
                    html! { (clause.reference) },
                    html! { (clause.title.in_lang(words)) },
                    html! { @if does > 0 { (say(lang, "運用中", "in operation")) " (" (does) ")" } @else { (say(lang, "まだ運用していません", "not yet in operation")) } },
                ],
                marked: does == 0,
            }
        })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [
        column("条項", "Clause"),
        column("規程のどこ", "Where"),
        column("内容", "Title"),
        column("Kiteiがすること", "What Kitei does"),
    ];
    let title = head.title.in_lang(words).to_owned();
    let content =
        table(lang, &Table { id: "clauses", caption: &title, columns: &columns, rows: &rows, ..Table::default() });
    let own = Own {
        title: &title,
        place: "/rulebook",
        breadcrumbs: &[Link { label: say(lang, "規程", "Rulebook"), href: "/rulebook" }],
        path: &format!("/rulebook/{id}"),
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `GET /clauses/{id}`
pub(super) async fn clause(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let book = book(&web, &visitor).await?;
    let (pack, clause) = book.sayings.clauses.get(&id).ok_or(Problem::NotFound)?;
    let does = by_clause(&web, &book).remove(&id).unwrap_or_default();
    let law: Vec<_> =
        book.sayings.supersedes.values().flat_map(|said| said.iter()).filter(|(_, s)| s.clause == id).collect();
    let pack_title = book.sayings.packs.get(pack).map_or("", |head| head.title.in_lang(words));
    let title = format!("{id} {}", clause.title.in_lang(words));
    let content = html! {
        p { (pack_title) " " (clause.reference) }
        blockquote { p { (clause.text.in_lang(words)) } }
        @if let Some(note) = &clause.note { p { (say(lang, "注: ", "Note: ")) (note.in_lang(words)) } }
        @if clause.pending { p { strong { (say(lang, "公布済み・未施行（計算には使いません）", "Promulgated, not in force (never computed)")) } } }
        @for (_, supersede) in &law {
            p { strong { (say(lang, "法令: ", "Law: ")) } (supersede.reason.in_lang(words)) }
        }
        h2 { (say(lang, "Kiteiがすること", "What Kitei does")) }
        @if does.is_empty() { p { (say(lang, "まだ運用していません。", "Not yet in operation.")) } }
        @else { ul { @for element in &does { li { code { (element) } } } } }
    };
    let back = format!("/rulebook/{pack}");
    let own = Own {
        title: &title,
        place: "/rulebook",
        breadcrumbs: &[
            Link { label: say(lang, "規程", "Rulebook"), href: "/rulebook" },
            Link { label: pack_title, href: &back },
        ],
        path: &format!("/clauses/{id}"),
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}
