//! 設定: who, what, how. People and roles are registers; packs are adopted here.

use std::sync::Arc;

use axum::extract::State;
use kitei_rules::run::Kernel;
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    visitor::Visitor,
};
use crate::shell::ui::{
    Link, Tone,
    button::{self, Weight},
    notice::{Notice, notice},
    table::{Column, Row, Table, table},
};

/// `GET /settings`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let words = fields::language(lang);
    let look = |kernel: &Kernel<'_>| {
        let today = kernel.moment.today();
        let roles: Vec<(String, String, bool)> = kernel
            .book
            .roles
            .values()
            .filter(|role| role.in_force)
            .map(|role| {
                let holders: Vec<String> = kernel
                    .snapshot
                    .holders(&role.id, None, today)
                    .map(|holding| kernel.name_of(holding.person))
                    .collect();
                (role.title.in_lang(words).to_owned(), holders.join("、"), role.required && holders.is_empty())
            })
            .collect();
        let vacancies: Vec<String> =
            kernel.vacancies().iter().map(|flag| flag.message.in_lang(words).to_owned()).collect();
        let packs: Vec<String> =
            kernel.book.sayings.packs.values().map(|pack| pack.title.in_lang(words).to_owned()).collect();
        (roles, vacancies, packs, kernel.snapshot.organization)
    };
    let (roles, vacancies, packs, own_record) =
        web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let rows: Vec<Row> = roles
        .iter()
        .map(|(title, holders, vacant)| Row { cells: vec![html! { (title) }, html! { (holders) }], marked: *vacant })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [column("役割", "Role"), column("担当者", "Holder")];
    let content = html! {
        @for vacancy in &vacancies {
            (notice(lang, &Notice { tone: Tone::Warning, title: vacancy, ..Notice::default() }))
        }
        section {
            h2 { (say(lang, "規程", "Regulations")) }
            ul { @for pack in &packs { li { (pack) } } }
            p { (button::link(Link { label: say(lang, "規程を採用・変更する", "Adopt or change regulations"), href: "/settings/packs" }, Weight::Primary)) }
        }
        section {
            h2 { (say(lang, "人と組織", "People and organisation")) }
            ul {
                @if let Some(id) = own_record { li { a href={ "/records/" (id) } { (say(lang, "自社", "Our organisation")) } } }
                li { a href="/registers/department" { (say(lang, "部門", "Departments")) } }
                li { a href="/registers/person" { (say(lang, "従業者", "Staff")) } }
                li { a href="/settings/accounts" { (say(lang, "アカウント（サインインする人）", "Accounts (who signs in)")) } }
                li { a href="/settings/mail" { (say(lang, "メールと社外の証人", "Mail and witnesses outside")) } }
                li { a href="/settings/sign-in" { (say(lang, "サインインの定めと非常用コード", "Rules of sign-in, break-glass code")) } }
                li { a href="/registers/appointment" { (say(lang, "任命（役割の担当者）", "Appointments")) } }
            }
            @if !rows.is_empty() {
                (table(lang, &Table { id: "roles", caption: say(lang, "役割と担当者", "Roles and holders"), caption_shown: true, columns: &columns, rows: &rows }))
            }
        }
        section {
            h2 { (say(lang, "報告用のQRコード", "QR code of the report form")) }
            p { img src="/report/qr" alt=(say(lang, "報告画面のQRコード", "QR code of the report form")) width="160" height="160"; }
        }
    };
    let own =
        Own {
            title: say(lang, "設定", "Settings"), place: "/settings", path: "/settings", content, ..Own::default()
        };
    frame::page(&web, &visitor, &own)
}
