//! 証跡: can we prove it? The log, its newest checkpoint, and who did what.

use std::sync::Arc;

use axum::extract::State;
use kitei_store::log;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::{
    Web,
    frame::{self, Own, say},
    problem::Problem,
    today::local,
    visitor::Visitor,
};
use crate::shell::ui::{
    table::{Column, Holds, Row, Table, table},
    text::grouped,
};

/// Events on the page.
const SHOWN: u32 = 200;

/// `GET /evidence`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let org = visitor.organization.id;
    let mut reader = web.installation.db.reader().await?;
    let head = log::head(&mut reader, org).await?;
    let size = i64::try_from(head.size()).unwrap_or(i64::MAX);
    let checkpoint = log::latest_checkpoint(&mut reader, org).await?;
    let events = log::range(&mut reader, org, (size - i64::from(SHOWN)).max(0), SHOWN).await?;
    drop(reader);
    let all = visitor.administers() || visitor.holds("audit-manager") || visitor.holds("auditor");
    let rows: Vec<Row> = events
        .iter()
        .rev()
        .filter(|event| all || event.actor == Some(visitor.actor.person))
        .map(|event| {
            let json: Json = serde_json::from_slice(&event.bytes).unwrap_or_default();
            let act = json.get("body").and_then(|body| body.get("act")).and_then(Json::as_str).unwrap_or_default();
            Row {
                cells: vec![
                    html! { span id={ "event-" (event.seq) } { (event.seq) } },
                    html! { (local(&visitor, event.at.timestamp())) },
                    html! { code { (event.kind) } " " (act) },
                    html! { @if let Some(subject) = event.subject { a href={ "/records/" (subject) } { (say(lang, "記録を開く", "open record")) } } },
                    html! { code { (event.leaf_hash.to_string().chars().take(16).collect::<String>()) } },
                ],
                marked: false,
            }
        })
        .collect();
    let column =
        |ja: &'static str, en: &'static str, holds| Column { label: say(lang, ja, en), holds, ..Column::default() };
    let columns = [
        column("番号", "No.", Holds::Number),
        column("記録した日時", "Recorded", Holds::Text),
        column("出来事", "Event", Holds::Text),
        column("記録", "Record", Holds::Text),
        column("ハッシュ", "Hash", Holds::Code),
    ];
    let content = html! {
        p { (say(lang, "すべての操作は書き換えできない記録に残ります。下のチェックポイントを控えておけば、後から改ざんがなかったことを誰でも確かめられます。", "Everything is kept in a log that cannot be rewritten unseen. Keep the checkpoint below and anybody can verify later that nothing was tampered with.")) }
        p { (say(lang, "記録の件数", "Events")) ": " strong { (grouped(head.size())) } }
        @if let Some(checkpoint) = &checkpoint {
            h2 { (say(lang, "最新のチェックポイント", "Newest checkpoint")) }
            pre { (checkpoint.note) }
        }
        (table(lang, &Table { id: "events", caption: say(lang, "最近の出来事", "Recent events"), caption_shown: true, columns: &columns, rows: &rows }))
    };
    let own =
        Own {
            title: say(lang, "証跡", "Evidence"), place: "/evidence", path: "/evidence", content, ..Own::default()
        };
    frame::page(&web, &visitor, &own)
}
