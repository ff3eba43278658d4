//! Gallery: lists, records, differences, figures, long work.

use maud::{Markup, html};

use super::super::basis::Basis;
use super::super::definition::{self, Definition};
use super::super::diff::{self, Change};
use super::super::figure::{self, Cell, Shade, Strip};
use super::super::form::{self, Choice, Choices, Field, Text, TextKind};
use super::super::listing::{Filters, Listing, Paging, Window, listing};
use super::super::progress::{self, Progress, State};
use super::super::table::{Column, Holds, Order, Row, Table};
use super::super::{Lang, Link, Tone, badge};
use super::{all, part, say};

pub(super) fn parts(lang: Lang) -> Markup {
    html! {
        (part(say(lang, "台帳の一覧", "List of a register"), &ledger(lang)))
        (part(say(lang, "記録の内容", "Content of a record"), &record(lang)))
        (part(say(lang, "変更の前と後", "Before and after"), &differences(lang)))
        (part(say(lang, "一年の帯", "The year as a strip"), &year(lang)))
        (part(say(lang, "長い処理", "Long work"), &work(lang)))
    }
}

fn ledger(lang: Lang) -> Markup {
    let columns = [
        Column {
            label: say(lang, "番号", "Number"),
            holds: Holds::Code,
            sort: Some("/gallery?sort=number"),
            order: Order::Ascending,
        },
        Column {
            label: say(lang, "情報の名称", "Name"),
            holds: Holds::Text,
            sort: Some("/gallery?sort=name"),
            order: Order::None,
        },
        Column { label: say(lang, "部門", "Department"), ..Column::default() },
        Column {
            label: say(lang, "件数", "Records"),
            holds: Holds::Number,
            sort: Some("/gallery?sort=records"),
            order: Order::None,
        },
        Column { label: say(lang, "機密性", "Confidentiality"), ..Column::default() },
        Column { label: say(lang, "見直し", "Reviewed"), holds: Holds::Code, ..Column::default() },
    ];
    let rows = rows(lang);
    let exports = [
        Link { label: "Excel", href: "/export.xlsx" },
        Link { label: "CSV", href: "/export.csv" },
        Link { label: "PDF", href: "/export.pdf" },
    ];
    let href = |page: u64| format!("/gallery?page={page}");
    listing(
        lang,
        &Listing {
            table: Table {
                id: "ledger",
                caption: say(lang, "個人情報管理台帳", "Personal-information ledger"),
                caption_shown: false,
                columns: &columns,
                rows: &rows,
            },
            window: Window { first: 51, last: 100, total: 412 },
            filters: Some(Filters { action: "/gallery", controls: filters(lang), clear: Some("/gallery") }),
            paging: Some(Paging { current: 2, last: 9, href: &href }),
            exports: &exports,
            empty: html! {},
        },
    )
}

fn rows(lang: Lang) -> Vec<Row> {
    [
        (
            "PI-2026-051",
            say(lang, "採用応募者の履歴書", "Applicants' CVs"),
            say(lang, "人事部", "Personnel"),
            "184",
            Tone::Warning,
            say(lang, "極秘", "Top secret"),
            "2026-07-14",
            false,
        ),
        (
            "PI-2026-052",
            say(lang, "みなと市 健診案内の宛名データ", "Minato City health-check addresses"),
            say(lang, "製造部", "Production"),
            "12,480",
            Tone::Warning,
            say(lang, "極秘", "Top secret"),
            say(lang, "未実施", "not yet"),
            true,
        ),
        (
            "PI-2026-053",
            say(lang, "取引先担当者の名刺", "Business cards of partners"),
            say(lang, "営業部", "Sales"),
            "2,310",
            Tone::Info,
            say(lang, "社外秘", "Internal"),
            "2026-07-09",
            false,
        ),
        (
            "PI-2026-054",
            say(lang, "防犯カメラの映像", "Security camera footage"),
            say(lang, "総務部", "General affairs"),
            "—",
            Tone::Info,
            say(lang, "社外秘", "Internal"),
            "2026-07-21",
            false,
        ),
    ]
    .into_iter()
    .map(|(number, name, department, records, tone, class, reviewed, marked)| Row {
        cells: vec![
            html! { a href={ "/registers/ledger/" (number) } { (number) } },
            html! { (name) },
            html! { (department) },
            html! { (records) },
            badge::badge(tone, class),
            html! { @if marked { (badge::badge(Tone::Warning, reviewed)) } @else { (reviewed) } },
        ],
        marked,
    })
    .collect()
}

fn filters(lang: Lang) -> Markup {
    let departments = [
        Choice { value: "", label: say(lang, "すべて", "All"), help: "" },
        Choice { value: "sales", label: say(lang, "営業部", "Sales"), help: "" },
        Choice { value: "personnel", label: say(lang, "人事部", "Personnel"), help: "" },
    ];
    all([
        form::text(
            lang,
            &Field {
                name: "q", label: say(lang, "言葉で探す", "Search words"), unmarked: true, ..Field::default()
            },
            &Text { kind: TextKind::Search, ..Text::default() },
        ),
        form::select(
            lang,
            &Field { name: "department", label: say(lang, "部門", "Department"), unmarked: true, ..Field::default() },
            &Choices { choices: &departments, ..Choices::default() },
        ),
    ])
}

fn record(lang: Lang) -> Markup {
    let basis = [Basis {
        reference: say(lang, "第8条第2項", "Article 8(2)"),
        title: say(lang, "台帳に記載する事項", "What the ledger holds"),
        source: say(lang, "個人情報保護規程", "Privacy regulations"),
        href: Some("/rulebook/pms/8-2"),
    }];
    definition::list(
        lang,
        &[
            Definition {
                term: say(lang, "情報の名称", "Name"),
                value: html! { (say(lang, "みなと市 健診案内の宛名データ", "Minato City health-check addresses")) },
                basis: &basis,
            },
            Definition {
                term: say(lang, "利用目的", "Purpose of use"),
                value: html! { (say(lang, "健診案内の印刷と発送のため", "Printing and mailing of health-check invitations")) },
                basis: &basis,
            },
            Definition { term: say(lang, "件数", "Records"), value: html! { "12,480" }, ..Definition::default() },
            Definition {
                term: say(lang, "取得した日", "Acquired on"),
                value: html! { (say(lang, "2026年4月1日（令和8年4月1日）", "1 April 2026 (Reiwa 8)")) },
                ..Definition::default()
            },
            Definition { term: say(lang, "共同利用", "Joint use"), ..Definition::default() },
        ],
    )
}

fn differences(lang: Lang) -> Markup {
    diff::diff(
        lang,
        say(lang, "第2版と第3版の違い", "Differences of editions 2 and 3"),
        &[
            Change {
                label: say(lang, "保管場所", "Place"),
                before: Some(say(lang, "2階書庫", "Archive, 2nd floor")),
                after: Some(say(lang, "3階書庫（施錠）", "Archive, 3rd floor (locked)")),
            },
            Change {
                label: say(lang, "保存期間", "Retention"),
                before: Some(say(lang, "3年", "3 years")),
                after: Some(say(lang, "3年", "3 years")),
            },
            Change {
                label: say(lang, "廃棄方法", "Disposal"),
                before: None,
                after: Some(say(lang, "溶解処理", "Dissolving")),
            },
            Change {
                label: say(lang, "備考", "Note"),
                before: Some(say(lang, "旧台帳から移行", "From the old ledger")),
                after: None,
            },
        ],
    )
}

fn year(lang: Lang) -> Markup {
    let months = [
        say(lang, "4月", "Apr"),
        say(lang, "5月", "May"),
        say(lang, "6月", "Jun"),
        say(lang, "7月", "Jul"),
        say(lang, "8月", "Aug"),
        say(lang, "9月", "Sep"),
        say(lang, "10月", "Oct"),
        say(lang, "11月", "Nov"),
        say(lang, "12月", "Dec"),
        say(lang, "1月", "Jan"),
        say(lang, "2月", "Feb"),
        say(lang, "3月", "Mar"),
    ];
    let row = |states: [(&'static str, Shade); 12]| -> Vec<Cell<'static>> {
        months.into_iter().zip(states).map(|(label, (text, shade))| Cell { label, text, shade }).collect()
    };
    let checks = row([
        ("6/6", Shade::Done),
        ("6/6", Shade::Done),
        ("6/6", Shade::Done),
        ("6/6", Shade::Done),
        ("6/6", Shade::Done),
        ("5/6", Shade::Late),
        ("6/6", Shade::Done),
        ("2/6", Shade::Part),
        ("6", Shade::Open),
        ("6", Shade::Open),
        ("6", Shade::Open),
        ("6", Shade::Open),
    ]);
    let education = row([
        ("12", Shade::Done),
        ("", Shade::None),
        ("", Shade::None),
        ("", Shade::None),
        ("", Shade::None),
        ("", Shade::None),
        ("60", Shade::Done),
        ("", Shade::None),
        ("", Shade::None),
        ("", Shade::None),
        ("", Shade::None),
        ("", Shade::None),
    ]);
    figure::heat(
        lang,
        say(lang, "2026年度の運用", "Fiscal year 2026"),
        &[
            Strip { label: say(lang, "運用の確認", "Operational checks"), cells: &checks },
            Strip { label: say(lang, "教育", "Education"), cells: &education },
        ],
    )
}

fn work(lang: Lang) -> Markup {
    let rows = say(lang, "行", " rows");
    all([
        progress::progress(
            lang,
            &Progress {
                id: "import",
                label: say(lang, "情報資産管理台帳.xlsx の取込み", "Importing the asset ledger"),
                done: 42_000,
                total: Some(100_000),
                unit: rows,
                poll: "/gallery/progress",
                refresh: "/gallery",
                ..Progress::default()
            },
        ),
        progress::progress(
            lang,
            &Progress {
                id: "bundle",
                label: say(lang, "監査人への束", "Bundle for the auditor"),
                done: 1_204,
                unit: say(lang, "件", " events"),
                poll: "/gallery/progress",
                refresh: "/gallery",
                ..Progress::default()
            },
        ),
        progress::progress(
            lang,
            &Progress {
                id: "scan",
                label: say(lang, "共有フォルダの走査", "Scan of the shared folder"),
                done: 8_930,
                total: Some(8_930),
                unit: say(lang, "ファイル", " files"),
                state: State::Finished,
                result: html! { p { a href="/scan/4" { (say(lang, "見つかった14件を見る", "See the 14 findings")) } } },
                ..Progress::default()
            },
        ),
        progress::progress(
            lang,
            &Progress {
                id: "export",
                label: say(lang, "Excelへの書出し", "Export to Excel"),
                done: 310,
                total: Some(5_000),
                unit: rows,
                state: State::Failed,
                result: html! { p { (say(lang, "ディスクの空きが足りません。何も残していません。", "The disk is full. Nothing was left behind.")) } },
                ..Progress::default()
            },
        ),
    ])
}
