//! カレンダー: what does the year ask of us? Duties by month, done, open or late.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use kitei_rules::run::{Kernel, duty::DutyStanding, standing::Status};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    today::local,
    visitor::Visitor,
};
use crate::shell::ui::{
    empty::{Empty, empty},
    figure::{self, Cell, Shade, Strip},
    table::{Column, Row, Table, table},
};

/// `GET /calendar`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let now = web.installation.environment.now();
    let look = |kernel: &Kernel<'_>| {
        let mut out: Vec<(String, DutyStanding)> = Vec::new();
        for register in kernel.book.duties.keys() {
            for id in kernel.snapshot.all(register).unwrap_or_default() {
                let Some(record) = kernel.snapshot.record(*id) else { continue };
                if kernel.sees_record(&visitor.actor, record) {
                    out.extend(kernel.duties(record).into_iter().map(|duty| (kernel.name_of(*id), duty)));
                }
            }
        }
        out
    };
    let mut duties = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    duties.sort_by_key(|(_, duty)| duty.due);
    let months: Vec<String> = (1..=12)
        .map(|month| if lang == crate::shell::ui::Lang::Ja { format!("{month}月") } else { month.to_string() })
        .collect();
    let mut by_title: BTreeMap<String, Vec<&DutyStanding>> = BTreeMap::new();
    for (_, duty) in &duties {
        by_title.entry(duty.title.in_lang(words).to_owned()).or_default().push(duty);
    }
    let moment = visitor.organization.moment(now);
    let shades: Vec<(String, Vec<(Shade, String)>)> = by_title
        .into_iter()
        .map(|(title, duties)| {
            let cells = (1..=12_i8).map(|month| {
                let those: Vec<&&DutyStanding> =
                    duties.iter().filter(|duty| moment.date_of(duty.due).month() == month).collect();
                let done = those.iter().filter(|duty| duty.status == Status::Done).count();
                let late = those.iter().any(|duty| !duty.status.settled() && !duty.upcoming && now > duty.due);
                let shade = match (those.len(), done) {
                    (0, _) => Shade::None,
                    _ if late => Shade::Late,
                    (all, done) if all == done => Shade::Done,
                    (_, 0) => Shade::Open,
                    _ => Shade::Part,
                };
                (shade, if those.is_empty() { String::new() } else { format!("{done}/{}", those.len()) })
            });
            (title, cells.collect())
        })
        .collect();
    let cells: Vec<Vec<Cell<'_>>> = shades
        .iter()
        .map(|(_, row)| {
            row.iter().zip(&months).map(|((shade, text), label)| Cell { label, text, shade: *shade }).collect()
        })
        .collect();
    let strips: Vec<Strip<'_>> =
        shades.iter().zip(&cells).map(|((title, _), cells)| Strip { label: title, cells }).collect();
    let rows: Vec<Row> = duties
        .iter()
        .map(|(object, duty)| Row {
            cells: vec![
                html! { a href={ "/records/" (duty.record) "/act/" (duty.act) } { (duty.title.in_lang(words)) } },
                html! { (object) },
                html! { (local(&visitor, duty.due)) },
                html! { (status(&visitor, duty, now)) },
                html! { @for (_, clauses) in &duty.basis { @for clause in clauses { a href={ "/clauses/" (clause) } { (clause) } " " } } },
            ],
            marked: !duty.status.settled() && !duty.upcoming && now > duty.due,
        })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [
        column("業務", "Duty"),
        column("対象", "Object"),
        column("期日", "Due"),
        column("状態", "State"),
        column("根拠", "Basis"),
    ];
    let content = html! {
        @if duties.is_empty() {
            (empty(&Empty { title: say(lang, "定期の業務はまだありません", "No recurring duties yet"), text: say(lang, "規程を採用すると、1年の業務がここに並びます。", "Adopt regulations and the year's duties stand here."), ..Empty::default() }))
        } @else {
            (figure::heat(lang, say(lang, "1年の業務", "The year"), &strips))
            (table(lang, &Table { id: "duties", caption: say(lang, "業務の一覧", "Duties"), caption_shown: true, columns: &columns, rows: &rows }))
        }
    };
    let own = Own {
        title: say(lang, "カレンダー", "Calendar"),
        place: "/calendar",
        path: "/calendar",
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

fn status(visitor: &Visitor, duty: &DutyStanding, now: jiff::Timestamp) -> &'static str {
    let lang = visitor.lang;
    match duty.status {
        Status::Done => say(lang, "済", "done"),
        Status::Skipped => say(lang, "該当なし", "not applicable"),
        Status::Submitted => say(lang, "承認待ち", "waits for approval"),
        _ if duty.upcoming => say(lang, "これから", "upcoming"),
        _ if now > duty.due => say(lang, "期限超過", "overdue"),
        _ => say(lang, "実施中", "open"),
    }
}
