//! The gallery: every component in every state on one page.
//!
//! A test writes it to a file, on which the browser tests run axe, the keyboard walk and the widths; the program shows it
//! nowhere. What it shows is invented; no real person or organization appears.
//!
//! Invariant: a component that is not here is not tested in a browser.

mod forms;
mod incident;
mod records;

use maud::{Markup, html};

use super::button::{self, Submit, Weight};
use super::notice::{Notice, notice};
use super::page::{Page, Person, Place, page};
use super::{Lang, Link, Tone, badge, empty, tabs};

/// `ja` or `en`, by `lang`. Only for the gallery; real texts come from the message catalog and the packs.
const fn say(lang: Lang, ja: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

/// Renders the gallery as a whole page.
#[must_use]
pub fn gallery(lang: Lang) -> Markup {
    let notices = [Notice {
        tone: Tone::Success,
        title: say(lang, "台帳の3件を更新しました。", "Three entries of the ledger were updated."),
        ..Notice::default()
    }];
    let breadcrumbs = [
        Link { label: say(lang, "今日", "Today"), href: "/" },
        Link { label: say(lang, "設定", "Settings"), href: "/settings" },
    ];
    page(
        lang,
        &Page {
            title: say(lang, "部品の見本", "Gallery of components"),
            lead: say(
                lang,
                "画面の部品を、とりうる状態すべてで並べたページです。",
                "Every component of the pages, in every state it can have.",
            ),
            aside: html! { (badge::badge(Tone::Info, say(lang, "開発用", "Development"))) (button::print(lang)) },
            organization: say(lang, "株式会社みどり印刷", "Midori Printing Co., Ltd."),
            person: Some(Person {
                name: say(lang, "佐藤 花子", "Hanako Sato"),
                href: "/account",
                sign_out: "/sign-out",
                token: ("token", "gallery"),
            }),
            report: "/report",
            language: match lang {
                Lang::Ja => "/gallery?lang=en",
                Lang::En => "/gallery?lang=ja",
            },
            places: &navigation(lang),
            breadcrumbs: &breadcrumbs,
            notices: &notices,
            content: content(lang),
            version: "0.1.0",
            checkpoint: "2026-11-24 15:02 JST · 12,345 · 7Hn0…q3c=",
            ..Page::default()
        },
    )
}

/// The pages of the program as the navigation names them.
fn navigation(lang: Lang) -> Vec<Place<'static>> {
    [
        ("今日", "Today", "/", Some(7)),
        ("カレンダー", "Calendar", "/calendar", None),
        ("台帳", "Registers", "/registers", None),
        ("申請", "Requests", "/requests", Some(2)),
        ("本人の請求", "Principals' desk", "/principals", Some(1)),
        ("委託先・委託元", "Parties", "/parties", None),
        ("教育・確認・監査", "The cycle", "/cycle", None),
        ("規程", "Rulebook", "/rulebook", None),
        ("証跡", "Evidence", "/evidence", None),
        ("設定", "Settings", "/settings", None),
    ]
    .into_iter()
    .map(|(ja, en, href, count)| Place { label: say(lang, ja, en), href, count, current: href == "/settings" })
    .collect()
}

/// Components one after the other.
fn all<const COUNT: usize>(components: [Markup; COUNT]) -> Markup {
    html! { @for component in components { (component) } }
}

/// A part of the gallery under its heading.
fn part(heading: &str, content: &Markup) -> Markup {
    html! { section class="gallery-part" { h2 { (heading) } (content) } }
}

fn content(lang: Lang) -> Markup {
    html! {
        (part(say(lang, "お知らせ", "Notices"), &notices(lang)))
        (part(say(lang, "ボタンと札", "Buttons and badges"), &buttons(lang)))
        (incident::parts(lang))
        (records::parts(lang))
        (forms::parts(lang))
        (part(say(lang, "空のページ", "Empty pages"), &nothing_yet(lang)))
    }
}

fn notices(lang: Lang) -> Markup {
    let bodies: [(Tone, &str, &str); 4] = [
        (
            Tone::Info,
            say(lang, "12月1日に規程が変わります", "The regulations change on 1 December"),
            say(lang, "変わる点は規程のページで見られます。", "The rulebook page shows what changes."),
        ),
        (Tone::Success, say(lang, "保存しました", "Saved"), ""),
        (
            Tone::Warning,
            say(lang, "確報の期限まであと5日です", "Five days until the final report is due"),
            say(lang, "未入力の項目が2つあります。", "Two items are still empty."),
        ),
        (
            Tone::Danger,
            say(lang, "取り込めませんでした", "The import was refused"),
            say(
                lang,
                "何も書き込んでいません。14行目の日付を直してください。",
                "Nothing was written. Correct the date in row 14.",
            ),
        ),
    ];
    html! {
        div class="notices" {
            @for (tone, title, text) in bodies {
                (notice(lang, &Notice { tone, title, body: html! { @if !text.is_empty() { p { (text) } } } }))
            }
        }
    }
}

fn buttons(lang: Lang) -> Markup {
    let danger = Submit {
        label: say(lang, "この下書きを捨てる", "Discard this draft"),
        weight: Weight::Danger,
        sends: Some(("deed", "discard")),
        confirm: Some(say(
            lang,
            "下書き「持出し申請 2026-014」を捨てます。元に戻せません。",
            "The draft \"Take-out 2026-014\" will be discarded. This cannot be undone.",
        )),
    };
    html! {
        form method="post" action="/gallery" {
            (button::row(&all([
                button::submit(lang, &Submit { label: say(lang, "保存する", "Save"), ..Submit::default() }),
                button::submit(lang, &Submit { label: say(lang, "下書きにする", "Keep as draft"), weight: Weight::Secondary, ..Submit::default() }),
                button::link(Link { label: say(lang, "一覧へ戻る", "Back to the list"), href: "/registers" }, Weight::Quiet),
                button::submit(lang, &danger),
            ])))
        }
        p class="badge-row" {
            (badge::badge(Tone::Neutral, say(lang, "下書き", "Draft")))
            (badge::badge(Tone::Info, say(lang, "承認待ち", "Awaiting approval")))
            (badge::badge(Tone::Success, say(lang, "承認済み", "Approved")))
            (badge::badge(Tone::Warning, say(lang, "期限間近", "Due soon")))
            (badge::badge(Tone::Danger, say(lang, "差戻し", "Sent back")))
            (badge::strong(Tone::Danger, say(lang, "期限超過", "Overdue")))
        }
        p {
            span id="gallery-number" class="code" { "INC-2026-003" } " "
            (button::copy(lang, "gallery-number", say(lang, "番号", "number")))
        }
        (tabs::tabs(say(lang, "記録の見かた", "Views of the record"), &[
            tabs::Tab { label: say(lang, "内容", "Content"), href: "/gallery", current: true, count: None },
            tabs::Tab { label: say(lang, "履歴", "History"), href: "/gallery?tab=history", count: Some(14), current: false },
            tabs::Tab { label: say(lang, "添付", "Attachments"), href: "/gallery?tab=files", count: Some(3), current: false },
            tabs::Tab { label: say(lang, "やること", "Tasks"), href: "/gallery?tab=tasks", count: Some(0), current: false },
        ]))
    }
}

fn nothing_yet(lang: Lang) -> Markup {
    html! {
        (empty::empty(&empty::Empty {
            title: say(lang, "委託先はまだありません", "There are no contractors yet"),
            text: say(
                lang,
                "個人情報の取扱いを任せている会社をここに登録します。いまお使いのExcelの一覧をそのまま取り込めます。",
                "Companies to which personal information is entrusted belong here. Your present Excel list can be imported as it is.",
            ),
            actions: all([
                button::link(Link { label: say(lang, "Excelから取り込む", "Import from Excel"), href: "/import" }, Weight::Primary),
                button::link(Link { label: say(lang, "1件ずつ登録する", "Add one by one"), href: "/parties/new" }, Weight::Secondary),
            ]),
        }))
    }
}
