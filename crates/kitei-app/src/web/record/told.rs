//! Who was told about a record: in the application, by mail, or as somebody wrote down after a call.
//!
//! Invariant: whoever may not see a step is not shown that somebody was told of it.

use std::collections::{BTreeMap, BTreeSet};

use kitei_rules::{run::Kernel, value::Value, world::Record};
use kitei_store::{
    db::Reader,
    notices::{self, Mailed, Told},
};
use maud::{Markup, html};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    kernel::notices::Kept,
    shell::ui::{
        Lang, Link, Tone, badge,
        button::{self, Weight},
        table::{Column, Row, Table, table},
    },
    web::{Web, fields, frame::say, mail, problem::Problem, today::local, visitor::Visitor},
};

/// Most notices of one record on its page.
const MOST: u32 = 300;
/// The list of `office` in which calls and talks are written down.
const TALKS: &str = "communications";

/// What the rules say about telling on a record.
#[derive(Default)]
struct Known {
    /// Acts that this person may not see.
    hidden: BTreeSet<String>,
    /// Names of people.
    names: BTreeMap<Uuid, String>,
    /// Talks that were written down: when, with whom, how.
    talks: Vec<[String; 3]>,
    /// A talk can be written down here.
    talkable: bool,
}

/// The card for the page of a record; nothing when nobody was told and no talk is kept there.
pub(super) async fn card(web: &Web, visitor: &Visitor, reader: &mut Reader, id: Uuid) -> Result<Markup, Problem> {
    let told = notices::of_record(reader, visitor.organization.id, id, MOST).await?;
    let people: BTreeSet<Uuid> = told.iter().map(|(told, _)| told.person).collect();
    let look = |kernel: &Kernel<'_>| kernel.snapshot.record(id).map(|record| known(kernel, visitor, record, &people));
    let known = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let known = known.unwrap_or_default();
    let mut rows = Vec::new();
    for (told, mailed) in told {
        // Keys of what is said of a step: what sort, record, act, …
        let (sort, rest) = told.key.split_once(':').unwrap_or_default();
        let act = matches!(sort, "step" | "soon" | "late").then(|| rest.split(':').nth(1)).flatten();
        if act.is_some_and(|act| known.hidden.contains(act)) {
            continue;
        }
        rows.push(row(visitor, &known, told, &mailed)?);
    }
    let lang = visitor.lang;
    for [at, whom, how] in &known.talks {
        let kept = say(lang, "記録あり", "written down");
        let cells = vec![
            html! { (whom) },
            html! { (say(lang, "連絡", "talk")) },
            html! { (at) },
            html! { (how) },
            html! { (badge::badge(Tone::Success, kept)) },
        ];
        rows.push(Row { cells, marked: false });
    }
    if rows.is_empty() && !known.talkable {
        return Ok(html! {});
    }
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [
        column("相手", "Who"),
        column("内容", "What"),
        column("日時", "When"),
        column("方法", "How"),
        column("確認", "Confirmed"),
    ];
    let title = say(lang, "知らせた相手", "Who was told");
    let href = format!("/records/{id}/lines/{TALKS}/new");
    Ok(html! {
        section id="told" {
            h2 { (title) }
            @if rows.is_empty() {
                p { (say(lang, "まだ誰にも知らせていません。", "Nobody was told yet.")) }
            } @else {
                (table(lang, &Table { id: "told-table", caption: title, columns: &columns, rows: &rows, ..Table::default() }))
            }
            @if known.talkable {
                p { (button::link(Link { label: say(lang, "電話・口頭の連絡を記録する", "Write down a call or talk"), href: &href }, Weight::Quiet)) }
            }
        }
    })
}

fn known(kernel: &Kernel<'_>, visitor: &Visitor, record: &Record, people: &BTreeSet<Uuid>) -> Known {
    let words = fields::language(visitor.lang);
    let seen = |field: &str| kernel.sees_field(&visitor.actor, &record.register, Some(TALKS), field);
    let listed = kernel.book.list(&record.register, TALKS).is_some() && ["at", "whom", "method"].into_iter().all(seen);
    let lines = record.lines.get(TALKS).into_iter().flatten().filter(|line| listed && !line.erased);
    let talks = lines.map(|line| {
        let word = |field: &str| {
            let value = line.fields.get(field).map_or(Value::Empty, |stored| stored.value.clone());
            kernel.words(&record.register, Some(TALKS), field, &value, words)
        };
        [word("at"), word("whom"), word("method")]
    });
    Known {
        hidden: kernel
            .standing(record)
            .into_iter()
            .filter(|standing| !kernel.sees_act(&visitor.actor, standing))
            .map(|standing| standing.act)
            .collect(),
        names: people.iter().map(|person| (*person, kernel.name_of(*person))).collect(),
        talks: talks.collect(),
        talkable: listed && record.state == kitei_rules::world::State::Open,
    }
}

fn row(visitor: &Visitor, known: &Known, told: Told, mailed: &Mailed) -> Result<Row, Problem> {
    let lang = visitor.lang;
    let kept = Kept::of(told)?;
    let name = known.names.get(&kept.told.person).cloned().unwrap_or_default();
    let by_mail = match mailed {
        Mailed::None => String::new(),
        Mailed::Waiting => format!("・{}", say(lang, "メール（送信待ち）", "mail (waiting)")),
        Mailed::Sent(at) => {
            format!("・{} {}", say(lang, "メール（送信済み）", "mail (sent)"), local(visitor, at.timestamp()))
        }
        Mailed::Failed(_, why) => {
            format!("・{}: {}", say(lang, "メール（送れなかった）", "mail (failed)"), mail::reason(lang, why))
        }
    };
    let failed = matches!(mailed, Mailed::Failed(..));
    let confirmed = match kept.told.acknowledged_at {
        Some(at) => {
            let text = format!("{} {}", say(lang, "確認済み", "confirmed"), local(visitor, at.timestamp()));
            badge::badge(Tone::Success, &text)
        }
        None if kept.told.receipt => badge::badge(Tone::Warning, say(lang, "未確認", "not confirmed")),
        None => html! { (say(lang, "未確認", "not confirmed")) },
    };
    let cells = vec![
        html! { (name) },
        html! { (kept.said.message.in_lang(fields::language(lang))) },
        html! { (local(visitor, kept.told.told_at.timestamp())) },
        html! { (say(lang, "画面", "application")) (by_mail) },
        confirmed,
    ];
    Ok(Row { cells, marked: failed })
}

/// What was told, and to how many, for the timeline.
pub(super) fn title(visitor: &Visitor, body: &Json) -> String {
    let ja = visitor.lang == Lang::Ja;
    let message = body.get("message").and_then(|message| message.get(if ja { "ja" } else { "en" }));
    let message = message.and_then(Json::as_str).unwrap_or_default();
    let count = body.get("to").and_then(Json::as_array).map_or(0, Vec::len);
    if ja { format!("{count}人に知らせた: {message}") } else { format!("Told {count}: {message}") }
}
