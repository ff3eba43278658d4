//! The timeline of a record's page.

use jiff::Timestamp;
use kitei_rules::book::Book;
use kitei_store::log::StoredEvent;
use maud::{Markup, html};
use serde_json::Value as Json;

use crate::{
    shell::ui::timeline::{self, Entry, Kind as What},
    web::{
        fields,
        frame::say,
        record::{imported, told},
        today::local,
        visitor::Visitor,
    },
};

pub(super) fn history(
    visitor: &Visitor,
    book: &Book,
    number: &str,
    events: &[StoredEvent],
    names: &dyn Fn(&str) -> String,
) -> Markup {
    let lang = visitor.lang;
    let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    let entries = events.iter().map(|event| {
        let json: Json = serde_json::from_slice(&event.bytes).unwrap_or_default();
        let body = json.get("body").cloned().unwrap_or_default();
        let (kind, title) = event_title(visitor, book, event, &json);
        let happened =
            ["happened_at", "known_at"].into_iter().find_map(|key| body.get(key)?.as_str()?.parse::<Timestamp>().ok());
        let recorded = event.at.timestamp();
        let at = happened.unwrap_or(recorded);
        let recorded_text = (at != recorded).then(|| local(visitor, recorded));
        let who = names(json.get("actor").and_then(Json::as_str).unwrap_or_default());
        let href = format!("/evidence?record={number}&before={}#event-{}", event.seq + 1, event.seq);
        timeline::entry(
            lang,
            &Entry {
                at: &local(visitor, at),
                instant: &at.to_string(),
                recorded: recorded_text.as_deref(),
                who: &who,
                kind,
                title: &title,
                evidence: Some(&href),
                ..Entry::default()
            },
        )
    });
    timeline::list(say(lang, "経過", "Timeline"), &html! { @for entry in entries { (entry) } })
}

/// What an event is in the timeline, and its title in words.
pub(in crate::web) fn event_title(visitor: &Visitor, book: &Book, event: &StoredEvent, json: &Json) -> (What, String) {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let body = json.get("body").cloned().unwrap_or_default();
    let act = body
        .get("act")
        .and_then(Json::as_str)
        .map(|act| book.act_title(act).in_lang(words).to_owned())
        .unwrap_or_default();
    match event.kind.as_str() {
        "record.opened" => (What::Fact, say(lang, "登録", "Opened").to_owned()),
        "record.fields-set" => (What::Fact, fields_title(visitor, book, json, &body)),
        "line.added" => (What::Fact, say(lang, "明細を追加", "Line added").to_owned()),
        "line.fields-set" => (What::Fact, say(lang, "明細を変更", "Line changed").to_owned()),
        "act.done" => (What::Act, format!("{}: {act}", say(lang, "実施", "Done"))),
        "act.skipped" => (What::Act, format!("{}: {act}", say(lang, "該当しない", "Not applicable"))),
        "act.returned" => (What::Act, format!("{}: {act}", say(lang, "差し戻し", "Sent back"))),
        "act.approved" => (What::Act, format!("{}: {act}", say(lang, "承認", "Approved"))),
        "notice.told" => (What::Act, told::title(visitor, &body)),
        "notice.acknowledged" => (What::Act, say(lang, "お知らせを確認", "Notice confirmed").to_owned()),
        "rule.confirmed" => (What::Act, say(lang, "決まりを確認", "Rule confirmed").to_owned()),
        "record.closed" => (What::Act, say(lang, "終了", "Closed").to_owned()),
        "record.erased" => (What::Act, say(lang, "個人の値を消去", "Personal values erased").to_owned()),
        other => {
            let known = crate::evidence::kinds::kind_words(other);
            (What::Act, known.map_or_else(|| other.to_owned(), |text| text.in_lang(words).to_owned()))
        }
    }
}

fn fields_title(visitor: &Visitor, book: &Book, json: &Json, body: &Json) -> String {
    let words = fields::language(visitor.lang);
    let register =
        json.get("subject").and_then(Json::as_str).and_then(|subject| subject.split('/').next()).unwrap_or_default();
    let titles: Vec<String> = body
        .get("fields")
        .and_then(Json::as_object)
        .into_iter()
        .flat_map(|fields| fields.keys())
        .map(|field| {
            let own = || imported::field_title(visitor.lang, field);
            book.field(register, None, field).map_or_else(own, |rule| rule.title.in_lang(words).to_owned())
        })
        .collect();
    format!("{}: {}", say(visitor.lang, "事実", "Facts"), titles.join("、"))
}
