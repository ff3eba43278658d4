//! 規程: what binds us, and why? On any day, past or coming: adopted packs, clause by clause with what Kitei does for each;
//! values with the pack that wins; what the law says differently; law that is coming.
//!
//! Invariant: the page of a day shows the packs as they were adopted, not as they lie on the shelf now.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use kitei_rules::{book::Book, pack::elements::elements};
use kitei_store::{
    db::{Day, Reader},
    packs,
};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    parameter,
    problem::Problem,
    visitor::Visitor,
};
use crate::{
    kernel::adopt::adoption_of,
    shell::ui::{
        Lang, Link, Tone,
        basis::{Basis, basis},
        button::{self, Weight},
        folded::{self, Folded},
        form::{self, Field},
        listing::{self, Filters, Listing, Paging, Window},
        notice::{Notice, notice},
        table::{Column, Row, Table, table},
    },
};

/// Clauses on a page of a regulation.
const CLAUSES: u64 = 100;

/// The day that an address asks for.
struct Asked {
    day: Date,
    today: Date,
    /// What was written and is no day.
    wrong: Option<String>,
}

impl Asked {
    fn of(web: &Web, visitor: &Visitor, query: &BTreeMap<String, String>) -> Self {
        let today = visitor.organization.today(web.installation.environment.now());
        let text = query.get("on").map(|text| text.trim()).unwrap_or_default();
        match (text, fields::date(text)) {
            ("", _) => Self { day: today, today, wrong: None },
            (_, Some(day)) => Self { day, today, wrong: None },
            (text, None) => Self { day: today, today, wrong: Some(text.to_owned()) },
        }
    }

    /// An address with the day, where it is not today.
    fn address(&self, path: &str) -> String {
        if self.day == self.today { path.to_owned() } else { format!("{path}?on={}", self.day) }
    }

    /// What stands above a page of another day.
    fn banner(&self, lang: Lang) -> Markup {
        let day = kitei_rules::run::paper::date_words(self.day, lang == Lang::Ja);
        let title = match (lang, self.day.cmp(&self.today)) {
            (_, std::cmp::Ordering::Equal) => return html! {},
            (Lang::Ja, std::cmp::Ordering::Less) => format!("{day}に適用されていた内容です。"),
            (Lang::Ja, std::cmp::Ordering::Greater) => format!("{day}に適用される予定の内容です。"),
            (Lang::En, std::cmp::Ordering::Less) => format!("This is what held on {day}."),
            (Lang::En, std::cmp::Ordering::Greater) => format!("This is what will hold on {day}."),
        };
        let body = html! { a href="/rulebook" { (say(lang, "今日の内容を見る", "See today's")) } };
        notice(lang, &Notice { tone: Tone::Info, title: &title, body })
    }
}

async fn book(web: &Web, visitor: &Visitor, reader: &mut Reader, day: Date) -> Result<Arc<Book>, Problem> {
    Ok(web.installation.book_of(reader, &visitor.organization, day).await?)
}

fn column<'c>(lang: Lang, ja: &'c str, en: &'c str) -> Column<'c> {
    Column { label: say(lang, ja, en), ..Column::default() }
}

/// `GET /rulebook?on=2026-04-01`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let asked = Asked::of(&web, &visitor, &query);
    let mut reader = web.installation.db.reader().await?;
    let book = book(&web, &visitor, &mut reader, asked.day).await?;
    let versions = packs::rulebooks(&mut reader, visitor.organization.id).await?;
    let in_force = packs::rulebook_on(&mut reader, visitor.organization.id, Day::new(asked.day)).await?;
    drop(reader);
    let content = html! {
        (asked.banner(lang))
        @if let Some(wrong) = &asked.wrong {
            (notice(lang, &Notice { tone: Tone::Warning, title: say(lang, "日付を読めなかったので、今日の内容を表示しています。2026-04-01 のように書いてください。", "The day could not be read; this is today's. Write it such as 2026-04-01."), body: html! { p { (wrong) } } }))
        }
        (button::row(&html! {
            (button::link(Link { label: say(lang, "手引き", "Handbook"), href: "/handbook" }, Weight::Secondary))
            (button::link(Link { label: say(lang, "用語", "Glossary"), href: "/glossary" }, Weight::Secondary))
            @if visitor.administers() { (button::link(Link { label: say(lang, "規程を採用・変更する", "Adopt or change"), href: "/settings/packs" }, Weight::Secondary)) }
        }))
        (adopted(lang, &book, &asked))
        (values(&visitor, &book))
        (superseded(lang, &book))
        (pending(lang, &book))
        (history(&visitor, &book, &asked, &versions, in_force.map(|stored| stored.version))?)
    };
    let own = Own {
        title: say(lang, "規程", "Rulebook"),
        place: "/rulebook",
        path: "/rulebook",
        refused: asked.wrong.is_some(),
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

fn adopted(lang: Lang, book: &Book, asked: &Asked) -> Markup {
    let words = fields::language(lang);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (pack, _) in book.sayings.clauses.values() {
        *counts.entry(pack.as_str()).or_default() += 1;
    }
    let rows: Vec<Row> = book
        .sayings
        .packs
        .values()
        .map(|pack| Row {
            cells: vec![
                html! { a href=(asked.address(&format!("/rulebook/{}", pack.id))) { (pack.title.in_lang(words)) } },
                html! { (pack.edition) },
                html! { (counts.get(pack.id.as_str()).copied().unwrap_or_default()) },
                html! { @if let Some(notice) = &pack.notice { (notice.in_lang(words)) } },
            ],
            marked: false,
        })
        .collect();
    let columns = [
        column(lang, "規程", "Regulation"),
        column(lang, "版", "Edition"),
        column(lang, "条項", "Clauses"),
        column(lang, "お知らせ", "Notice"),
    ];
    let caption = say(lang, "採用している規程", "Adopted regulations");
    table(lang, &Table { id: "packs", caption, caption_shown: true, columns: &columns, rows: &rows })
}

/// Values with what each pack says, the winner, and the organisation's own answer with its reason.
fn values(visitor: &Visitor, book: &Book) -> Markup {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let title_of = |pack: &str| {
        book.sayings.packs.get(pack).map_or_else(|| pack.to_owned(), |pack| pack.title.in_lang(words).to_owned())
    };
    let rows: Vec<Row> = book
        .parameters
        .values()
        .map(|rule| {
            let show = |value: &kitei_rules::value::Value| parameter::words_of(lang, &rule.choices, value);
            let value = book.values.get(&rule.key).map(&show).unwrap_or_default();
            let own = book.settings.get(&rule.key);
            let voices = rule.voices.iter().map(|voice| {
                let said = voice.value.as_ref().map_or_else(|| say(lang, "決めていない", "left open").to_owned(), &show);
                (format!("{}: {said}", title_of(&voice.pack)), &voice.basis)
            });
            let winners: Vec<String> = rule.winners.iter().map(|pack| title_of(pack)).collect();
            Row {
                cells: vec![
                    html! { (rule.title.in_lang(words)) br; code { (rule.key) } },
                    html! {
                        strong { (value) } @if let Some(unit) = &rule.unit { " " (unit.in_lang(words)) }
                        @if let Some(reason) = own.and_then(|own| own.reason.as_ref()) { br; (say(lang, "規程より緩くした理由: ", "Looser because: ")) (reason) }
                        @if visitor.administers() { br; a href={ "/settings/parameters/" (rule.key) } { (say(lang, "変更する", "Change")) span class="visually-hidden" { " " (rule.title.in_lang(words)) } } }
                    },
                    html! { ul { @for (said, clauses) in voices { li { (said) " " @for clause in clauses { a href={ "/clauses/" (clause) } { (clause) } " " } } } } },
                    html! { @if own.is_some() { (say(lang, "組織の設定", "Our own setting")) } @else { (winners.join(say(lang, "、", ", "))) } },
                ],
                marked: rule.clash.is_some(),
            }
        })
        .collect();
    let columns = [
        column(lang, "項目", "Parameter"),
        column(lang, "値", "Value"),
        column(lang, "各規程の定め", "What each says"),
        column(lang, "採られたもの", "Winner"),
    ];
    let caption = say(lang, "値（いちばん厳しいものが採られます）", "Values: the strictest holds");
    html! {
        (folded::part(&Folded {
            heading: caption,
            count: rows.len() as u64,
            content: table(lang, &Table { id: "parameters", caption, columns: &columns, rows: &rows, ..Table::default() }),
            ..Folded::default()
        }))
    }
}

fn superseded(lang: Lang, book: &Book) -> Markup {
    let words = fields::language(lang);
    let rows: Vec<Row> = book
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
    let columns = [column(lang, "条項", "Clause"), column(lang, "理由", "Why"), column(lang, "法令", "Law")];
    let caption = say(lang, "法令と違うところ（法令によります）", "Where the law says otherwise: the law holds");
    html! {
        (folded::part(&Folded {
            heading: caption,
            count: rows.len() as u64,
            content: table(lang, &Table { id: "law", caption, columns: &columns, rows: &rows, ..Table::default() }),
            ..Folded::default()
        }))
    }
}

/// Law that is promulgated and not in force: shown, never computed.
fn pending(lang: Lang, book: &Book) -> Markup {
    let words = fields::language(lang);
    let day = |day: Date| kitei_rules::run::paper::date_words(day, lang == Lang::Ja);
    let rows: Vec<Row> = book
        .sayings
        .pending
        .values()
        .flat_map(|said| said.iter())
        .map(|(_, law)| {
            let from = match (law.effective_from, law.effective_by) {
                (Some(from), _) => day(from),
                (None, Some(by)) => format!("{} {}", day(by), say(lang, "まで", "at the latest")),
                (None, None) => say(lang, "未定", "not fixed").to_owned(),
            };
            let cells = vec![
                html! { (law.law) },
                html! { (law.subject.in_lang(words)) },
                html! { (from) },
                html! { @for article in &law.meta.basis { a href={ "/clauses/" (article) } { (article) } " " } },
            ];
            Row { cells, marked: false }
        })
        .collect();
    let columns = [
        column(lang, "改正法", "Amending Act"),
        column(lang, "何が変わるか", "What changes"),
        column(lang, "施行", "In force"),
        column(lang, "条文", "Article"),
    ];
    let caption = say(
        lang,
        "これから変わる法令（公布済み・未施行。計算には使いません）",
        "Law that is coming (promulgated, never computed)",
    );
    html! {
        (folded::part(&Folded {
            heading: caption,
            count: rows.len() as u64,
            content: table(lang, &Table { id: "pending", caption, columns: &columns, rows: &rows, ..Table::default() }),
            ..Folded::default()
        }))
    }
}

/// Every adoption with its first day, and the form that asks for a day.
fn history(
    visitor: &Visitor,
    book: &Book,
    asked: &Asked,
    versions: &[packs::StoredRulebook],
    shown: Option<i64>,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let mut rows = Vec::new();
    for stored in versions.iter().rev() {
        let day = stored.effective_from.date();
        let names: Vec<String> = adoption_of(&stored.doc)?
            .packs
            .keys()
            .map(|id| {
                book.sayings.packs.get(id).map_or_else(|| id.clone(), |pack| pack.title.in_lang(words).to_owned())
            })
            .collect();
        rows.push(Row {
            cells: vec![
                html! { a href={ "/rulebook?on=" (day) } { (kitei_rules::run::paper::date_words(day, lang == Lang::Ja)) } @if shown == Some(stored.version) { " " strong { (say(lang, "（表示中）", "(shown)")) } } },
                html! { (super::today::local(visitor, stored.adopted_at.timestamp())) },
                html! { (names.join(say(lang, "、", ", "))) },
            ],
            marked: false,
        });
    }
    let columns = [
        column(lang, "適用開始日", "From"),
        column(lang, "採用した日時", "Adopted at"),
        column(lang, "規程", "Regulations"),
    ];
    let on = if asked.day == asked.today { String::new() } else { asked.day.to_string() };
    let total = u64::try_from(rows.len()).unwrap_or_default();
    let caption = say(lang, "採用の履歴", "History");
    Ok(html! {
        h2 { (caption) }
        (listing::listing(lang, &Listing {
            table: Table { id: "history", caption, columns: &columns, rows: &rows, ..Table::default() },
            window: Window { first: total.min(1), last: total, total },
            filters: Some(Filters {
                action: "/rulebook",
                controls: form::date(lang, &Field { name: "on", label: say(lang, "ある日の規程を見る", "The rulebook of a day"), unmarked: true, ..Field::default() }, &form::Date { value: &on, read_as: "" }),
                clear: (!on.is_empty()).then_some("/rulebook"),
            }),
            paging: None,
            exports: &[],
            empty: html! { p { (say(lang, "まだ採用していません。共通の言葉だけがあります。", "Nothing is adopted yet; only the shared vocabulary is there.")) } },
        }))
    })
}

/// The elements of the packs of a day, by clause.
async fn by_clause(
    web: &Web,
    visitor: &Visitor,
    reader: &mut Reader,
    day: Date,
) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pack in web.installation.packs_on(reader, &visitor.organization, day).await? {
        for element in elements(&pack) {
            for clause in element.basis {
                out.entry(clause).or_default().push(element.name.clone());
            }
        }
    }
    Ok(out)
}

/// `GET /rulebook/{pack}?on=`
pub(super) async fn pack(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let asked = Asked::of(&web, &visitor, &query);
    let mut reader = web.installation.db.reader().await?;
    let book = book(&web, &visitor, &mut reader, asked.day).await?;
    let head = book.sayings.packs.get(&id).ok_or(Problem::NotFound)?;
    let elements = by_clause(&web, &visitor, &mut reader, asked.day).await?;
    drop(reader);
    let all: Vec<_> = book.sayings.clauses.values().filter(|(pack, _)| *pack == id).collect();
    let total = all.len() as u64;
    let last = total.div_ceil(CLAUSES).max(1);
    let page = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1_u64).clamp(1, last);
    let before = (page - 1) * CLAUSES;
    let rows: Vec<Row> = all
        .iter()
        .skip(usize::try_from(before).unwrap_or(usize::MAX))
        .take(usize::try_from(CLAUSES).unwrap_or(usize::MAX))
        .map(|(_, clause)| {
            let does = elements.get(&clause.id).map(Vec::len).unwrap_or_default();
            Row {
                cells: vec![
                    html! { a href=(asked.address(&format!("/clauses/{}", clause.id))) { (clause.id) } },
                    html! { (clause.reference) },
                    html! { (clause.title.in_lang(words)) },
                    html! { @if does > 0 { (say(lang, "運用中", "in operation")) " (" (does) ")" } @else { (say(lang, "まだ運用していません", "not yet in operation")) } },
                ],
                marked: does == 0,
            }
        })
        .collect();
    let columns = [
        column(lang, "条項", "Clause"),
        column(lang, "規程のどこ", "Where"),
        column(lang, "内容", "Title"),
        column(lang, "Kiteiがすること", "What Kitei does"),
    ];
    let title = head.title.in_lang(words).to_owned();
    let address = |page: u64| {
        let on = if asked.day == asked.today { String::new() } else { format!("on={}&", asked.day) };
        format!("/rulebook/{id}?{on}page={page}")
    };
    let content = html! {
        (asked.banner(lang))
        (listing::listing(lang, &Listing {
            table: Table { id: "clauses", caption: &title, columns: &columns, rows: &rows, ..Table::default() },
            window: Window { first: (before + 1).min(total), last: before + rows.len() as u64, total },
            filters: None,
            paging: (last > 1).then_some(Paging { current: page, last, href: &address }),
            exports: &[],
            empty: html! { p { (say(lang, "条項はありません。", "It has no clauses.")) } },
        }))
    };
    let back = asked.address("/rulebook");
    let own = Own {
        title: &title,
        place: "/rulebook",
        breadcrumbs: &[Link { label: say(lang, "規程", "Rulebook"), href: &back }],
        path: &format!("/rulebook/{id}"),
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

/// `GET /clauses/{id}?on=`
pub(super) async fn clause(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let asked = Asked::of(&web, &visitor, &query);
    let mut reader = web.installation.db.reader().await?;
    let book = book(&web, &visitor, &mut reader, asked.day).await?;
    let (pack, clause) = book.sayings.clauses.get(&id).ok_or(Problem::NotFound)?;
    let does = by_clause(&web, &visitor, &mut reader, asked.day).await?.remove(&id).unwrap_or_default();
    drop(reader);
    let law: Vec<_> =
        book.sayings.supersedes.values().flat_map(|said| said.iter()).filter(|(_, s)| s.clause == id).collect();
    let pack_title = book.sayings.packs.get(pack).map_or("", |head| head.title.in_lang(words));
    let title = format!("{id} {}", clause.title.in_lang(words));
    let content = html! {
        (asked.banner(lang))
        p { (pack_title) " " (clause.reference) }
        blockquote { p { (clause.text.in_lang(words)) } }
        @if let Some(note) = &clause.note { p { (say(lang, "注: ", "Note: ")) (note.in_lang(words)) } }
        @if clause.pending { p { strong { (say(lang, "公布済み・未施行（計算には使いません）", "Promulgated, not in force (never computed)")) } } }
        @for (_, supersede) in &law {
            @let hrefs: Vec<String> = supersede.meta.basis.iter().map(|article| format!("/clauses/{article}")).collect();
            @let chips: Vec<Basis<'_>> = supersede.meta.basis.iter().zip(&hrefs).map(|(article, href)| Basis {
                reference: article, title: book.clause(article).map_or("", |clause| clause.title.in_lang(words)), source: "", href: Some(href),
            }).collect();
            p { strong { (say(lang, "法令: ", "Law: ")) (supersede.reason.in_lang(words)) } " " (basis(lang, &title, &chips)) }
        }
        h2 { (say(lang, "Kiteiがすること", "What Kitei does")) }
        @if does.is_empty() { p { (say(lang, "まだ運用していません。", "Not yet in operation.")) } }
        @else { ul { @for element in &does { li { code { (element) } } } } }
    };
    let back = asked.address(&format!("/rulebook/{pack}"));
    let top = asked.address("/rulebook");
    let own = Own {
        title: &title,
        place: "/rulebook",
        breadcrumbs: &[
            Link { label: say(lang, "規程", "Rulebook"), href: &top },
            Link { label: pack_title, href: &back },
        ],
        path: &format!("/clauses/{id}"),
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}
