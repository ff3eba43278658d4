//! 今日: what must I do, and by when?

use std::{collections::BTreeSet, sync::Arc};

use axum::extract::State;
use jiff::Timestamp;
use kitei_rules::expr::Actor;
use kitei_store::db::Instant;
use maud::{Markup, html};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    Web,
    frame::{self, Own, say},
    problem::Problem,
    visitor::Visitor,
};
use crate::{
    kernel::{Fault, Organization, load::Loader},
    shell::ui::{
        Lang, Link,
        basis::Basis,
        button::{self, Weight},
        empty::{Empty, empty},
        task::{self, Due, Nearness, Task},
    },
};

/// Most tasks of a person on one page.
const MOST: u32 = 300;
/// Tasks of a group that stand open; the rest is one click away, so that a full day stays one page long.
const FIRST: usize = 8;

/// `GET /`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let now = web.installation.environment.now();
    let mine = tasks_of(&web, &visitor).await?;
    let (waiting, todo): (Vec<&Mine>, Vec<&Mine>) =
        mine.iter().partition(|task| matches!(task.status.as_str(), "waiting" | "blocked" | "locked"));
    let (approvals, todo): (Vec<&Mine>, Vec<&Mine>) = todo.into_iter().partition(|task| task.status == "submitted");
    let concerned = |kernel: &kitei_rules::run::Kernel<'_>| super::retention::concerns(kernel, &visitor);
    let keeps = web.installation.look(&visitor.organization, None, &[], concerned).await?;
    let told = super::notices::banner(&web, &visitor).await?;
    let content = html! {
        (told)
        @if mine.is_empty() {
            (empty(&Empty {
                title: say(lang, "今日することはありません", "Nothing to do today"),
                text: say(lang, "規程を採用し、台帳を登録すると、期限のある仕事がここに並びます。", "Once regulations are adopted and ledgers filled, work with due times stands here."),
                actions: html! {
                    (button::link(Link { label: say(lang, "規程を採用する", "Adopt regulations"), href: "/settings/packs" }, Weight::Primary))
                    (button::link(Link { label: say(lang, "台帳を開く", "Open the ledgers"), href: "/registers" }, Weight::Secondary))
                },
            }))
        }
        (super::gaps::strip(&web, &visitor).await?)
        (group(&web, &visitor, say(lang, "承認を待っているもの", "Waiting for my approval"), &approvals, now))
        @for (heading, nearness) in headings(lang) {
            @let those: Vec<&Mine> = todo.iter().copied().filter(|task| near(&visitor, task, now) == nearness).collect();
            (group(&web, &visitor, heading, &those, now))
        }
        (group(&web, &visitor, say(lang, "待っているもの（先に済むことがある）", "Waiting for something else"), &waiting, now))
        @if keeps {
            p { a href="/retention" { (say(lang, "保管と廃棄", "Keeping and disposal")) } }
        }
    };
    let own = Own { title: say(lang, "今日", "Today"), place: "/", path: "/", content, ..Own::default() };
    frame::page(&web, &visitor, &own)
}

fn headings(lang: Lang) -> [(&'static str, Nearness); 5] {
    [
        (say(lang, "期限を過ぎたもの", "Overdue"), Nearness::Overdue),
        (say(lang, "今日まで", "Due today"), Nearness::Today),
        (say(lang, "7日以内", "Due this week"), Nearness::ThisWeek),
        (say(lang, "期限の定めがないもの", "No due time"), Nearness::Open),
        (say(lang, "それより後", "Later"), Nearness::Later),
    ]
}

kitei_store::statements! {
    /// Tasks for one person by name.
    BY_NAME = "select t.record, t.act, t.line, t.round, t.register, t.status, t.due_at, t.doc from task t
        where t.org = $1 and exists (
            select 1 from task_who w where w.org = t.org and w.record = t.record and w.act = t.act
                and w.line = t.line and w.round = t.round and w.person = $2)
        order by case when t.due_at is null then 1 else 0 end, t.due_at, t.record, t.act limit $3";
    /// Tasks for those who hold a role, in a department or in the whole organisation.
    BY_ROLE = "select t.record, t.act, t.line, t.round, t.register, t.status, t.due_at, t.doc from task t
        where t.org = $1 and exists (
            select 1 from task_who w where w.org = t.org and w.record = t.record and w.act = t.act
                and w.line = t.line and w.round = t.round and w.role = $2 and w.department = $3)
        order by case when t.due_at is null then 1 else 0 end, t.due_at, t.record, t.act limit $4";
}

/// A task as a card shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mine {
    pub(crate) record: Uuid,
    pub(crate) act: String,
    line: Uuid,
    pub(super) round: i64,
    pub(crate) status: String,
    pub(crate) due: Option<Timestamp>,
    pub(crate) doc: Json,
}

fn read(row: &kitei_store::db::Row) -> Result<Mine, kitei_store::db::StoreError> {
    Ok(Mine {
        record: row.get("record")?,
        act: row.get("act")?,
        line: row.get("line")?,
        round: row.get("round")?,
        status: row.get("status")?,
        due: row.maybe::<Instant>("due_at")?.map(Instant::timestamp),
        doc: row.get("doc")?,
    })
}

/// Tasks for whoever asks.
pub(super) async fn tasks_of(web: &Web, visitor: &Visitor) -> Result<Vec<Mine>, Problem> {
    Ok(tasks_for(web, &visitor.organization, &visitor.actor).await?)
}

/// Tasks for a person: by name, and by each role held.
pub(crate) async fn tasks_for(web: &Web, organization: &Organization, actor: &Actor) -> Result<Vec<Mine>, Fault> {
    let org = organization.id;
    let mut reader = web.installation.db.reader().await?;
    let mut rows = reader.fetch_all(&BY_NAME, kitei_store::binds![org, actor.person, MOST]).await?;
    let mut places = departments(web, organization, actor, &mut reader).await?;
    places.insert(Uuid::nil());
    for role in &actor.roles {
        for department in &places {
            rows.extend(reader.fetch_all(&BY_ROLE, kitei_store::binds![org, role, *department, MOST]).await?);
        }
    }
    let mut found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    found.retain(|task| seen.insert((task.record, task.act.clone(), task.line, task.round)));
    found.sort_by_key(|task| (task.due.is_none(), task.due, task.record));
    Ok(found)
}

/// Departments for which this person holds a role.
async fn departments(
    web: &Web,
    organization: &Organization,
    actor: &Actor,
    reader: &mut kitei_store::db::Reader,
) -> Result<BTreeSet<Uuid>, Fault> {
    let moment = organization.moment(web.installation.environment.now());
    let book = web.installation.book_of(reader, organization, moment.today()).await?;
    let loader = Loader { organization, book: &book, environment: &*web.installation.environment };
    let people = loader.people(reader, &moment).await?;
    let mine = people.holdings.iter().filter(|holding| holding.person == actor.person);
    Ok(mine.filter_map(|holding| holding.department).collect())
}

fn near(visitor: &Visitor, task: &Mine, now: Timestamp) -> Nearness {
    nearness(visitor, task.due, now)
}

/// How near a due time is on the organisation's calendar.
pub(super) fn nearness(visitor: &Visitor, due: Option<Timestamp>, now: Timestamp) -> Nearness {
    let Some(due) = due else { return Nearness::Open };
    let moment = visitor.organization.moment(now);
    let (today, day) = (moment.today(), moment.date_of(due));
    if due < now {
        Nearness::Overdue
    } else if day == today {
        Nearness::Today
    } else if (day - today).get_days() <= 7 {
        Nearness::ThisWeek
    } else {
        Nearness::Later
    }
}

fn group(web: &Web, visitor: &Visitor, heading: &str, those: &[&Mine], now: Timestamp) -> Markup {
    if those.is_empty() {
        return html! {};
    }
    let (first, later) = those.split_at(those.len().min(FIRST));
    let cards = |those: &[&Mine]| html! { @for task in those { (card(web, visitor, task, now)) } };
    let count = |those: &[&Mine]| u64::try_from(those.len()).unwrap_or_default();
    let rest = task::rest(visitor.lang, count(later), &cards(later));
    task::group(heading, count(those), &cards(first), &rest)
}

fn card(_: &Web, visitor: &Visitor, assigned: &Mine, now: Timestamp) -> Markup {
    let lang = visitor.lang;
    let doc = &assigned.doc;
    let text = |json: Option<&Json>| {
        let key = if lang == Lang::Ja { "ja" } else { "en" };
        let in_lang = json.and_then(|json| json.get(key)).and_then(Json::as_str).filter(|text| !text.is_empty());
        in_lang.or_else(|| json.and_then(|json| json.get("ja")).and_then(Json::as_str)).unwrap_or_default().to_owned()
    };
    let title = text(doc.get("title"));
    let about = doc.get("record").map(|record| {
        let part = |key: &str| record.get(key).and_then(Json::as_str).unwrap_or_default();
        format!("{} {}", part("number"), part("name"))
    });
    let clauses: Vec<&str> =
        doc.get("basis").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let hrefs: Vec<String> = clauses.iter().map(|id| format!("/clauses/{id}")).collect();
    let basis: Vec<Basis<'_>> = clauses
        .iter()
        .zip(&hrefs)
        .map(|(id, href)| Basis { reference: id, title: "", source: "", href: Some(href) })
        .collect();
    let why: Vec<String> =
        doc.get("why").and_then(Json::as_array).into_iter().flatten().map(|why| text(Some(why))).collect();
    let possible = doc.get("possible").and_then(Json::as_bool).unwrap_or_default();
    let reason = if possible {
        say(
            lang,
            "まだ分からない事実があるため、あるものとして扱っています。",
            "Some facts are unknown; it counts as asked for.",
        )
    } else {
        ""
    };
    let href = format!("/records/{}#act-{}", assigned.record, assigned.act);
    let due = assigned.due.map(|due| (local(visitor, due), due.to_string(), due));
    let left = due.as_ref().map(|(_, _, due)| due.as_second() - now.as_second());
    let waiting = why.join("。");
    task::card(
        lang,
        &Task {
            title: &title,
            href: &href,
            about: about.as_deref().unwrap_or_default(),
            nearness: near(visitor, assigned, now),
            due: due.as_ref().map(|(text, instant, _)| Due { text, instant, left }),
            who: "",
            reason,
            waiting: (!waiting.is_empty()).then_some(waiting.as_str()),
            basis: &basis,
        },
    )
}

/// An instant on the organisation's clock, in words.
pub(super) fn local(visitor: &Visitor, instant: Timestamp) -> String {
    let zoned = instant.to_zoned_datetime(visitor.organization.zone.clone());
    let day = kitei_rules::run::paper::date_words(zoned.date(), visitor.lang == Lang::Ja);
    format!("{day} {:02}:{:02}", zoned.hour(), zoned.minute())
}
