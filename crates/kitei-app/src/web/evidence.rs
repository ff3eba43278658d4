//! 証跡: can we prove it? What was done, by record and person; signed heads to keep; how an outsider verifies.
//!
//! Invariant: whoever does not see everything sees their own events and those of records that they see whole; a record
//! that they may not see is not there.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use kitei_rules::{book::Book, run::Kernel};
use kitei_store::{
    db::Reader,
    log::{self, StoredCheckpoint, StoredEvent},
    records,
};
use maud::{Markup, html};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    Web,
    frame::{self, Own, say},
    problem::Problem,
    record::event_title,
    today::local,
    visitor::Visitor,
};
use crate::{
    evidence::checkpoints,
    kernel::load::Loader,
    shell::ui::{
        Lang, Link, Tone,
        button::{self, Weight},
        folded::{self, Folded},
        form::{self, Choice, Choices, Field, Text},
        listing::{self, Filters},
        notice::{Notice, notice},
        table::{Column, Holds, Row, Table, table},
        text::grouped,
    },
};

/// Events on a page.
const SHOWN: u32 = 50;
/// Checkpoints on the page; the newest, after thinning.
const CHECKPOINTS: usize = 30;
/// Checkpoints that are looked at for it.
const LOOKED_AT: i64 = 5000;

/// What is searched for. Names stand in no address: people are asked for by id.
#[derive(Debug, Default)]
struct Asked {
    number: String,
    person: Option<Uuid>,
    before: Option<i64>,
}

impl Asked {
    fn read(query: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| query.get(name).map(|text| text.trim()).unwrap_or_default();
        Self {
            number: text("record").chars().take(80).collect(),
            person: text("person").parse().ok(),
            before: text("before").parse().ok(),
        }
    }

    fn older(&self, before: i64) -> String {
        let number: String = form_urlencoded::byte_serialize(self.number.as_bytes()).collect();
        let person = self.person.map(|id| id.to_string()).unwrap_or_default();
        format!("/evidence?record={number}&person={person}&before={before}")
    }

    fn is_empty(&self) -> bool {
        self.number.is_empty() && self.person.is_none()
    }
}

/// Whether the visitor sees everything that is recorded.
pub(super) async fn sees_everything(web: &Web, visitor: &Visitor) -> Result<bool, Problem> {
    let look = |kernel: &Kernel<'_>| kernel.sees_everything(&visitor.actor);
    let sees = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    Ok(sees || visitor.administers())
}

/// Whether the visitor sees a record with everything in it.
pub(super) async fn sees_whole(web: &Web, visitor: &Visitor, id: Uuid) -> Result<bool, Problem> {
    let look = |kernel: &Kernel<'_>| {
        kernel.snapshot.record(id).is_some_and(|record| kernel.sees_whole(&visitor.actor, record))
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?)
}

/// `GET /evidence`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let asked = Asked::read(&query);
    let all = sees_everything(&web, &visitor).await?;
    let record = match asked.number.as_str() {
        "" => None,
        number => found(&web, &visitor, number, all).await?,
    };
    let org = visitor.organization.id;
    let moment = visitor.organization.moment(web.installation.environment.now());
    let mut reader = web.installation.db.reader().await?;
    let book = web.installation.book_of(&mut reader, &visitor.organization, moment.today()).await?;
    let environment = &*web.installation.environment;
    let loader = Loader { organization: &visitor.organization, book: &book, environment };
    let people = loader.people(&mut reader, &moment).await?;
    let size = log::head(&mut reader, org).await?.size();
    let signed = handed_out(&mut reader, &visitor, size, moment.now).await?;
    let events = if !asked.number.is_empty() && record.is_none() {
        Vec::new()
    } else {
        // Whoever does not see everything sees of the rest what they did themselves.
        let actor = if all || record.is_some() { asked.person } else { Some(visitor.actor.person) };
        log::search(&mut reader, org, record, actor, asked.before, SHOWN).await?
    };
    let mut subjects: Vec<Uuid> = events.iter().filter_map(|event| event.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let numbers = records::load_many(&mut reader, org, &subjects).await?;
    let numbers = numbers.into_iter().map(|record| (record.id, record.number)).collect();
    drop(reader);
    let seen = Seen { visitor: &visitor, book: &book, names: &people.names, numbers, all };
    let content = html! {
        (seen.lead(size, signed.last()))
        (seen.search(&asked, record.is_none(), &events))
        (seen.proof(&signed))
    };
    let lang = visitor.lang;
    let own =
        Own {
            title: say(lang, "証跡", "Evidence"), place: "/evidence", path: "/evidence", content, ..Own::default()
        };
    frame::page(&web, &visitor, &own)
}

/// The record with a number, if the visitor may see its events.
async fn found(web: &Web, visitor: &Visitor, number: &str, all: bool) -> Result<Option<Uuid>, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let Some(id) = records::with_number(&mut reader, visitor.organization.id, number).await? else { return Ok(None) };
    drop(reader);
    Ok((all || sees_whole(web, visitor, id).await?).then_some(id))
}

/// The newest of the checkpoints that are handed out, oldest first.
async fn handed_out(
    reader: &mut Reader,
    visitor: &Visitor,
    size: u64,
    now: jiff::Timestamp,
) -> Result<Vec<StoredCheckpoint>, Problem> {
    let from = i64::try_from(size).unwrap_or(i64::MAX).saturating_sub(LOOKED_AT).max(0);
    let limit = u32::try_from(LOOKED_AT).unwrap_or(u32::MAX);
    let all = log::checkpoints(reader, visitor.organization.id, from, limit).await?;
    let mut kept = checkpoints::thin(all, now, &visitor.organization.zone);
    kept.drain(..kept.len().saturating_sub(CHECKPOINTS));
    Ok(kept)
}

/// What is shown, and to whom.
struct Seen<'a> {
    visitor: &'a Visitor,
    book: &'a Book,
    names: &'a BTreeMap<Uuid, String>,
    /// Running numbers of the records that the events are about.
    numbers: BTreeMap<Uuid, String>,
    all: bool,
}

impl Seen<'_> {
    fn lead(&self, size: u64, newest: Option<&StoredCheckpoint>) -> Markup {
        let lang = self.visitor.lang;
        let signed = newest.map_or(0, |newest| u64::try_from(newest.size).unwrap_or_default());
        html! {
            p { (say(lang, "すべての操作は、気づかれずには書き換えられない記録に残ります。チェックポイントを控えておけば、後から改ざんがなかったことを誰でも確かめられます。", "Everything is kept in a log that cannot be rewritten unseen. Keep a checkpoint, and anybody can verify later that nothing was tampered with.")) }
            p {
                (say(lang, "記録の件数", "Events")) ": " strong { (grouped(size)) } "　"
                (say(lang, "うち署名済み", "of them signed")) ": " strong { (grouped(signed)) }
            }
            @if self.all {
                p { (button::link(Link { label: say(lang, "監査人に渡す束をつくる", "Make a bundle for an auditor"), href: "/evidence/bundle" }, Weight::Primary)) }
            }
        }
    }

    fn search(&self, asked: &Asked, no_record: bool, events: &[StoredEvent]) -> Markup {
        let lang = self.visitor.lang;
        let number = Field {
            name: "record",
            label: say(lang, "記録の番号", "Number of a record"),
            unmarked: true,
            ..Field::default()
        };
        let person =
            Field { name: "person", label: say(lang, "した人", "Who did it"), unmarked: true, ..Field::default() };
        let mut people: Vec<(String, &str)> =
            self.names.iter().map(|(id, name)| (id.to_string(), name.as_str())).collect();
        people.sort_by(|left, right| left.1.cmp(right.1));
        let mut choices = vec![Choice { value: "", label: say(lang, "すべての人", "Everybody"), help: "" }];
        choices.extend(people.iter().map(|(id, name)| Choice { value: id, label: name, help: "" }));
        let chosen = asked.person.map(|id| id.to_string()).unwrap_or_default();
        let filters = Filters {
            action: "/evidence",
            controls: html! {
                (form::text(lang, &number, &Text { value: &asked.number, ..Text::default() }))
                @if self.all { (form::select(lang, &person, &Choices { choices: &choices, chosen: &[&chosen], ..Choices::default() })) }
            },
            clear: (!asked.is_empty()).then_some("/evidence"),
        };
        html! {
            section {
                h2 { (say(lang, "出来事をさがす", "Find events")) }
                @if !self.all {
                    p { (say(lang, "自分がしたことと、自分が見られる記録の出来事が見えます。", "You see what you did, and the events of records that you may see.")) }
                }
                (listing::filter_row(lang, &filters, "events"))
                @if !asked.number.is_empty() && no_record {
                    (notice(lang, &Notice { tone: Tone::Warning, title: say(lang, "この番号の記録はないか、見る権限がありません。", "There is no record with this number, or you may not see it."), ..Notice::default() }))
                } @else if events.is_empty() {
                    p { (say(lang, "あてはまる出来事はありません。", "No events match.")) }
                } @else {
                    (self.events(asked, events))
                }
            }
        }
    }

    fn events(&self, asked: &Asked, events: &[StoredEvent]) -> Markup {
        let lang = self.visitor.lang;
        let rows: Vec<Row> = events.iter().map(|event| self.event(event)).collect();
        let columns = [
            column(lang, "番号", "No.", Holds::Number),
            column(lang, "記録した日時", "Recorded", Holds::Text),
            column(lang, "出来事", "Event", Holds::Text),
            column(lang, "した人", "Who", Holds::Text),
            column(lang, "記録", "Record", Holds::Text),
            column(lang, "ハッシュ", "Hash", Holds::Code),
        ];
        let more = events.last().filter(|last| last.seq > 0 && events.len() == SHOWN as usize);
        html! {
            (table(lang, &Table { id: "events", caption: say(lang, "出来事（新しい順）", "Events, newest first"), caption_shown: true, columns: &columns, rows: &rows }))
            @if let Some(last) = more {
                p { (button::link(Link { label: say(lang, "もっと前の出来事", "Earlier events"), href: &asked.older(last.seq) }, Weight::Secondary)) }
            }
        }
    }

    fn event(&self, event: &StoredEvent) -> Row {
        let lang = self.visitor.lang;
        let json: Json = serde_json::from_slice(&event.bytes).unwrap_or_default();
        let (_, title) = event_title(self.visitor, self.book, event, &json);
        let who = match event.actor {
            Some(person) => self
                .names
                .get(&person)
                .cloned()
                .unwrap_or_else(|| say(lang, "以前の人", "somebody who has gone").to_owned()),
            None => match json.get("actor").and_then(Json::as_str).unwrap_or_default() {
                "console" => say(lang, "コマンド（機械の管理者）", "command line").to_owned(),
                "kitei" => "Kitei".to_owned(),
                _ => say(lang, "サインインなし", "without sign-in").to_owned(),
            },
        };
        let subject = event.subject.filter(|_| !event.kind.starts_with("sign-in."));
        let subject = subject.and_then(|subject| Some((subject, self.numbers.get(&subject)?)));
        let hash: String = event.leaf_hash.to_string().chars().take(16).collect();
        Row {
            cells: vec![
                html! { span id={ "event-" (event.seq) } { (event.seq) } },
                html! { (local(self.visitor, event.at.timestamp())) },
                html! { (title) },
                html! { (who) },
                html! { @if let Some((subject, number)) = subject { a href={ "/records/" (subject) } { (number) } } },
                html! { code { (hash) } },
            ],
            marked: false,
        }
    }

    /// Signed heads, the key, and what an outsider does with them.
    fn proof(&self, signed: &[StoredCheckpoint]) -> Markup {
        let lang = self.visitor.lang;
        let key = self.visitor.organization.signing().verifier_key().to_string();
        let rows: Vec<Row> = signed.iter().rev().map(|checkpoint| Row {
            cells: vec![
                html! { (grouped(u64::try_from(checkpoint.size).unwrap_or_default())) },
                html! { (local(self.visitor, checkpoint.at.timestamp())) },
                html! { code { (checkpoint.root.to_string().chars().take(16).collect::<String>()) } },
                html! { a href={ "/evidence/checkpoint?size=" (checkpoint.size) } { (say(lang, "控えを取る", "Keep a copy")) } },
            ],
            marked: false,
        }).collect();
        let columns = [
            column(lang, "件数", "Events", Holds::Number),
            column(lang, "署名した日時", "Signed", Holds::Text),
            column(lang, "ルート", "Root", Holds::Code),
            column(lang, "控え", "Copy", Holds::Text),
        ];
        let older = say(lang, "控えられるチェックポイント", "Checkpoints to keep");
        html! {
            section {
                h2 { (say(lang, "チェックポイント", "Checkpoints")) }
                @if let Some(newest) = signed.last() { pre { (newest.note) } }
                @if rows.is_empty() {
                    p { (say(lang, "まだ署名されていません。変更があれば1分ごとに署名されます。", "Nothing has been signed yet; changes are signed every minute.")) }
                } @else {
                    (folded::part(&Folded {
                        heading: older,
                        count: rows.len() as u64,
                        content: table(lang, &Table { id: "checkpoints", caption: older, columns: &columns, rows: &rows, ..Table::default() }),
                        ..Folded::default()
                    }))
                }
            }
            section {
                h2 { (say(lang, "外の人が確かめるには", "How an outsider verifies")) }
                ol {
                    li { (say(lang, "検証鍵を、束とは別の経路で（できれば前もって）受け取ります。", "Receive the verifier key by another way than the bundle, best beforehand.")) " " br; code class="code" { (key) } }
                    li { (say(lang, "束（zip）を受け取り、ひらきます。", "Receive the bundle (zip) and unpack it.")) }
                    li { (say(lang, "Python だけで確かめます（Kitei は要りません）。", "Check it with Python alone; Kitei is not needed.")) " " br; code class="code" { "python3 verify.py . '" (key) "'" } }
                    li { (say(lang, "前に控えたチェックポイントがあれば、その続きであることも確かめます。", "With a checkpoint kept from before, check that the log continues it.")) " " br; code class="code" { "kitei verify bundle.zip --against checkpoint.txt --key '" (key) "'" } }
                }
            }
        }
    }
}

fn column(lang: Lang, ja: &'static str, en: &'static str, holds: Holds) -> Column<'static> {
    Column { label: say(lang, ja, en), holds, ..Column::default() }
}

/// `GET /evidence/checkpoint?size=…`: a signed head as a file to keep. It holds no personal value.
pub(super) async fn checkpoint(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let size = query.get("size").and_then(|size| size.parse().ok()).ok_or(Problem::NotFound)?;
    let mut reader = web.installation.db.reader().await?;
    let found = log::checkpoint(&mut reader, visitor.organization.id, size).await?.ok_or(Problem::NotFound)?;
    let name = format!("attachment; filename=\"checkpoint-{size}.txt\"");
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, found.note).into_response())
}
