//! 台帳: which registers there are, and the list of one: searched, filtered, sorted, paged.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, Query, State};
use kitei_rules::{
    pack::model::Kind,
    rulebook::{FieldRule, RegisterRule},
    run::Kernel,
};
use kitei_store::records::{Filter, ListQuery, Sort};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    visitor::Visitor,
};
use crate::{
    kernel::project::GAPS,
    shell::ui::{
        Lang, Link,
        button::{self, Weight},
        empty::{Empty, empty},
        form::{self, Field, Text, TextKind},
        listing::{self, Filters, Listing, Paging, Window},
        table::{Column, Holds, Order, Row, Table},
    },
};

/// Rows of a page.
const PAGE: u32 = 50;

/// Registers that stand first, because everybody looks for them there.
const FIRST: [&str; 2] = ["ledger", "incident"];

/// `GET /registers`
pub(super) async fn index(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let look = |kernel: &Kernel<'_>| {
        let mut all: Vec<(String, String, String)> = kernel
            .book
            .names
            .registers
            .values()
            .filter(|register| !register.single && kernel.reads_register(&visitor.actor, register))
            .map(|register| {
                let help = register.help.as_ref().map(|help| help.in_lang(words).to_owned()).unwrap_or_default();
                (register.id.clone(), register.title.in_lang(words).to_owned(), help)
            })
            .collect();
        all.sort_by_key(|(id, title, _)| {
            (FIRST.iter().position(|first| first == id).unwrap_or(FIRST.len()), title.clone())
        });
        all
    };
    let all = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let counts = web.installation.counts(&visitor.organization, &visitor.actor, |register| !register.single).await?;
    let counts: BTreeMap<String, i64> = counts.into_iter().collect();
    let mut rows = Vec::new();
    for (id, title, help) in &all {
        let count = counts.get(id).copied().unwrap_or_default();
        rows.push(Row {
            cells: vec![
                html! { a href={ "/registers/" (id) } { (title) } },
                html! { (crate::shell::ui::text::grouped(u64::try_from(count).unwrap_or_default())) },
                html! { (help) },
            ],
            marked: false,
        });
    }
    let columns = [
        Column { label: say(lang, "台帳", "Register"), ..Column::default() },
        Column { label: say(lang, "件数", "Entries"), holds: Holds::Number, ..Column::default() },
        Column { label: say(lang, "ここにあるもの", "What belongs here"), ..Column::default() },
    ];
    let table = Table {
        id: "registers",
        caption: say(lang, "台帳の一覧", "Registers"),
        columns: &columns,
        rows: &rows,
        ..Table::default()
    };
    let content = html! {
        (button::row(&html! {
            (button::link(Link { label: say(lang, "規程が定める表", "Tables of regulations"), href: "/views" }, Weight::Secondary))
            (button::link(Link { label: say(lang, "台帳の照合", "Comparisons"), href: "/compare" }, Weight::Secondary))
            (button::link(Link { label: say(lang, "保管と廃棄", "Keeping and disposal"), href: "/retention" }, Weight::Secondary))
        }))
        (crate::shell::ui::table::table(lang, &table))
    };
    let own = Own {
        title: say(lang, "台帳", "Registers"),
        place: "/registers",
        path: "/registers",
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `GET /registers/{register}`
pub(super) async fn list(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let moment = visitor.organization.moment(web.installation.environment.now());
    let mut reader = web.installation.db.reader().await?;
    let book = web.installation.book_of(&mut reader, &visitor.organization, moment.today()).await?;
    let rule = book.register(&register).ok_or(Problem::NotFound)?;
    let columns: Vec<&FieldRule> = rule.fields.iter().filter(|field| field.column).collect();
    let asked = Asked::of(&query, rule);
    drop(reader);
    let words = fields::language(lang);
    let cells = |kernel: &Kernel<'_>, ids: &[uuid::Uuid]| {
        ids.iter()
            .filter_map(|id| kernel.snapshot.record(*id))
            .map(|record| {
                let values: Vec<String> = columns
                    .iter()
                    .map(|field| {
                        if !kernel.sees_field(&visitor.actor, &register, None, &field.id) {
                            return String::new();
                        }
                        kernel.words(&register, None, &field.id, &kernel.value(record, &field.id), words)
                    })
                    .collect();
                (record.id, record.number.clone(), record.state, values, kernel.flags(record).len())
            })
            .collect::<Vec<_>>()
    };
    let listed = web.installation.list(&visitor.organization, &visitor.actor, asked.query.clone(), cells).await?;
    let listed = listed.ok_or(Problem::NotFound)?;
    let found = listed.answer;
    let title = rule.title.in_lang(words).to_owned();
    let rows: Vec<Row> = found
        .into_iter()
        .map(|(id, number, state, values, gaps)| {
            let mut cells = vec![html! { a href={ "/records/" (id) } { (number) } }];
            cells.extend(values.into_iter().map(|value| html! { (value) }));
            cells.push(html! {
                @if state != kitei_rules::world::State::Open { (say(lang, "終了", "closed")) " " }
                @if gaps > 0 { (say(lang, "不足あり", "gaps")) " " (gaps) }
            });
            Row { cells, marked: gaps > 0 }
        })
        .collect();
    let mut heads = vec![Column { label: say(lang, "番号", "No."), holds: Holds::Code, ..Column::default() }];
    for field in &columns {
        let number = matches!(field.kind, Kind::Number | Kind::Yen | Kind::Count);
        heads.push(Column {
            label: field.title.in_lang(words),
            holds: if number { Holds::Number } else { Holds::Text },
            order: Order::None,
            ..Column::default()
        });
    }
    heads.push(Column { label: say(lang, "状態", "State"), ..Column::default() });
    let total = u64::try_from(listed.total).unwrap_or_default();
    let content = listing_of(lang, &register, &title, &asked, total, &heads, &rows, rule);
    let (new, import) = (format!("/registers/{register}/new"), format!("/registers/{register}/import"));
    let own = Own {
        title: &title,
        place: if register == "incident" { "/registers/incident" } else { "/registers" },
        path: &format!("/registers/{register}"),
        breadcrumbs: &[Link { label: say(lang, "台帳", "Registers"), href: "/registers" }],
        aside: html! {
            (button::link(Link { label: say(lang, "新しく登録する", "New entry"), href: &new }, Weight::Primary))
            (button::link(Link { label: say(lang, "表から取り込む", "Import a table"), href: &import }, Weight::Secondary))
        },
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// What a list shows for an address, for those who write it to a file: the query and the register's title.
pub(super) async fn asked(
    web: &Web,
    visitor: &Visitor,
    register: &str,
    query: &BTreeMap<String, String>,
) -> Result<(ListQuery, String), Problem> {
    let book = web.installation.present_book(&visitor.organization).await?;
    let rule = book.register(register).ok_or(Problem::NotFound)?;
    let asked = Asked::of(query, rule);
    let title = rule.title.in_lang(fields::language(visitor.lang)).to_owned();
    let narrowed = web.installation.narrowed(&visitor.organization, &visitor.actor, asked.query).await?;
    Ok((narrowed.ok_or(Problem::NotFound)?, title))
}

/// What was asked for in the address.
struct Asked {
    query: ListQuery,
    page: u32,
    search: String,
    /// Search and filters as an address has them.
    words: String,
}

impl Asked {
    fn of(query: &BTreeMap<String, String>, rule: &RegisterRule) -> Self {
        let text = |key: &str| query.get(key).map(|text| text.trim().to_owned()).unwrap_or_default();
        let page = text("page").parse::<u32>().unwrap_or(1).clamp(1, 100_000);
        let search = text("q");
        let mut filters = Vec::new();
        for field in rule.fields.iter().filter(|field| field.filter) {
            let chosen = text(&field.id);
            if !chosen.is_empty() {
                filters.push(Filter::Text { field: field.id.clone(), one_of: vec![chosen] });
            }
        }
        if text("gaps") == "yes" {
            filters.push(Filter::NumberRange { field: GAPS.to_owned(), from: Some(1), to: None });
        }
        let chosen = query.iter().filter(|(key, value)| *key != "page" && !value.trim().is_empty());
        let mut words = form_urlencoded::Serializer::new(String::new());
        words.extend_pairs(chosen);
        let words = words.finish();
        let list = ListQuery {
            filter: Filter::All(filters),
            search: (!search.is_empty()).then(|| search.clone()),
            sort: Sort::Number,
            descending: true,
            limit: PAGE,
            offset: (page - 1) * PAGE,
            ..ListQuery::new(&rule.id)
        };
        Self { query: list, page, search, words }
    }

    /// Where what the list shows is to be had as a file.
    fn export(&self, register: &str, form: &str) -> String {
        format!("/registers/{register}/export.{form}?{}", self.words)
    }

    fn address(&self, register: &str, page: u64) -> String {
        let q: String = form_urlencoded::byte_serialize(self.search.as_bytes()).collect();
        format!("/registers/{register}?q={q}&page={page}")
    }
}

#[expect(clippy::too_many_arguments, reason = "one call; the parts of a list page")]
fn listing_of(
    lang: Lang,
    register: &str,
    title: &str,
    asked: &Asked,
    total: u64,
    heads: &[Column<'_>],
    rows: &[Row],
    rule: &RegisterRule,
) -> Markup {
    let (page, last) = (u64::from(asked.page), total.div_ceil(u64::from(PAGE)).max(1));
    let first = if total == 0 { 0 } else { (page - 1) * u64::from(PAGE) + 1 };
    let words = fields::language(lang);
    let help = rule.help.as_ref().map(|help| help.in_lang(words)).unwrap_or_default();
    let (new, import) = (format!("/registers/{register}/new"), format!("/registers/{register}/import"));
    let address = |page: u64| asked.address(register, page);
    let file = |form: &str| asked.export(register, form);
    let (xlsx, csv) = (file("xlsx"), file("csv"));
    let exports = [Link { label: "Excel", href: &xlsx }, Link { label: "CSV", href: &csv }];
    let action = format!("/registers/{register}");
    let search = Field { name: "q", label: say(lang, "さがす", "Search"), unmarked: true, ..Field::default() };
    listing::listing(
        lang,
        &Listing {
            table: Table { id: register, caption: title, columns: heads, rows, ..Table::default() },
            window: Window {
                first,
                last: (first + u64::try_from(rows.len()).unwrap_or_default()).saturating_sub(1),
                total,
            },
            filters: Some(Filters {
                action: &action,
                controls: form::text(
                    lang,
                    &search,
                    &Text { value: &asked.search, kind: TextKind::Search, ..Text::default() },
                ),
                clear: (!asked.search.is_empty()).then_some(action.as_str()),
            }),
            paging: Some(Paging { current: page, last, href: &address }),
            exports: &exports,
            empty: empty(&Empty {
                title: say(lang, "まだ何もありません", "Nothing here yet"),
                text: help,
                actions: html! {
                    (button::link(Link { label: say(lang, "表から取り込む", "Import a table"), href: &import }, Weight::Primary))
                    (button::link(Link { label: say(lang, "新しく登録する", "New entry"), href: &new }, Weight::Secondary))
                },
            }),
        },
    )
}
