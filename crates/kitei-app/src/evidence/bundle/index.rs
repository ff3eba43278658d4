//! The page of a bundle: plain HTML without script, one a language, readable from a disk without any network.

use jiff::tz::TimeZone;
use kitei_evidence::bundle::{Manifest, Scope};
use kitei_store::db::Instant;
use maud::{DOCTYPE, Markup, html};

use super::{super::kinds::kind_words, Entry};

/// A language of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Ja,
    En,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str); 2] = [(Self::Ja, "index.html"), (Self::En, "index.en.html")];

    const fn say(self, ja: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// What happened; a kind that is not known stands as it is.
    fn of_kind(self, kind: &str) -> String {
        match (kind_words(kind), self) {
            (Some(text), Self::Ja) => text.ja,
            (Some(text), Self::En) => text.en,
            (None, _) => kind.to_owned(),
        }
    }
}

/// An event as the page lists it.
pub(super) struct Line {
    pub(super) seq: u64,
    pub(super) at: Instant,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) actor: String,
    /// Sealed values in it were erased since.
    pub(super) erased: bool,
}

/// A record as the page shows it.
pub(super) struct Shown {
    pub(super) number: String,
    pub(super) title: Option<String>,
    pub(super) file: Option<String>,
    pub(super) entries: Vec<Entry>,
    pub(super) erased_by: Option<u64>,
}

/// What the page says beside the manifest.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) events: Vec<Line>,
    /// Events beyond those listed.
    pub(super) more_events: u64,
    pub(super) records: Vec<Shown>,
    pub(super) erased_files: u64,
    pub(super) refused: u64,
}

const STYLE: &str = "body{font:16px/1.7 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid #c8ccd1}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #e3e6ea}\
code,pre{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere;white-space:pre-wrap}.gone{color:#8a1c1c}";

/// The page.
pub(super) fn page(lang: Page, manifest: &Manifest, contents: &Contents, zone: &TimeZone, head: &str) -> String {
    let about = &manifest.about;
    let title = lang.say("証跡の束", "Evidence bundle");
    let other = match lang {
        Page::Ja => ("index.en.html", "English", "en"),
        Page::En => ("index.html", "日本語", "ja"),
    };
    html! {
        (DOCTYPE)
        html lang=(lang.say("ja", "en")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " — " (about.organisation_name) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                p { a href=(other.0) hreflang=(other.2) lang=(other.2) { (other.1) } }
                h1 { (title) }
                (facts(lang, manifest, head))
                (how_to_check(lang))
                (records(lang, contents))
                (files(lang, manifest, contents))
                (events(lang, contents, zone))
            }
        }
    }
    .into_string()
}

fn facts(lang: Page, manifest: &Manifest, head: &str) -> Markup {
    let about = &manifest.about;
    let scope = match &about.scope {
        Scope::Record { register, record } => format!("{record} ({register})"),
        Scope::Period { from, to } => format!("{from} – {to}"),
        Scope::Everything => lang.say("記録のすべて", "The whole log").to_owned(),
    };
    html! {
        table {
            tr { th scope="row" { (lang.say("組織", "Organisation")) } td { (about.organisation_name) } }
            tr { th scope="row" { (lang.say("範囲", "Scope")) } td { (scope) } }
            tr { th scope="row" { (lang.say("作成", "Made at")) } td { (about.made_at) } }
            tr { th scope="row" { (lang.say("検証鍵", "Verifier key")) } td { code { (manifest.verifier_key) } } }
        }
        h2 { (lang.say("署名されたチェックポイント", "Signed checkpoint")) }
        p { (lang.say(
            "この束のすべての出来事は、次の署名された要約に含まれています。以前の書類やメールにある数字と照らし合わせてください。",
            "Every event of this bundle is contained in this signed summary. Compare it with those on earlier papers and mails.",
        )) }
        pre { (head) }
    }
}

fn how_to_check(lang: Page) -> Markup {
    html! {
        h2 { (lang.say("確かめ方", "How to check")) }
        p { (lang.say(
            "Python 3のある計算機で、この束のあるフォルダーを開き、次を実行します。「OK」と出れば、出来事は書き換えられていません。検証鍵は、この束とは別の経路で受け取ったものを使ってください。",
            "On a machine with Python 3, open the folder of this bundle and run the following. \"OK\" means that no event was altered. Use a verifier key that reached you by another way than this bundle.",
        )) }
        pre { "python3 verify.py . VERIFIER_KEY" }
    }
}

fn records(lang: Page, contents: &Contents) -> Markup {
    html! {
        h2 { (lang.say("記録", "Records")) }
        @if contents.records.is_empty() { p { (lang.say("ありません。", "None.")) } }
        @if contents.refused > 0 {
            p { (contents.refused) (lang.say("件は、閲覧できる範囲の外にあるため開いていません。", " records are not opened: they lie outside what may be read.")) }
        }
        @for record in &contents.records {
            h3 { (record.number) " " @if let Some(title) = &record.title { (title) } }
            @if let Some(event) = record.erased_by {
                p class="gone" { (lang.say("この記録の個人に関する値は消去され、誰も復元できません（出来事", "The personal values of this record were erased and nobody can bring them back (event ")) (event) (lang.say("）。", ").")) }
            }
            table {
                @for entry in &record.entries {
                    tr { th scope="row" { @match lang { Page::Ja => (entry.label.ja), Page::En => (entry.label.en) } } td { (entry.value) } }
                }
            }
            @if let Some(file) = &record.file { p { a href=(file) { "JSON" } } }
        }
    }
}

fn files(lang: Page, manifest: &Manifest, contents: &Contents) -> Markup {
    html! {
        h2 { (lang.say("書類と添付ファイル", "Papers and attachments")) }
        @if contents.erased_files > 0 {
            p class="gone" { (contents.erased_files) (lang.say("件の添付ファイルは消去され、誰も復元できません。", " attachments were erased and nobody can bring them back.")) }
        }
        ul {
            @for file in &manifest.files {
                li { a href=(address(file.file.as_str())) { (file.title) } " " code { (file.sha256) }
                    @if let Some(event) = file.event { " (" (lang.say("出来事", "event ")) (event) ")" } }
            }
        }
    }
}

fn events(lang: Page, contents: &Contents, zone: &TimeZone) -> Markup {
    html! {
        h2 { (lang.say("出来事", "Events")) }
        table {
            thead { tr {
                th scope="col" { (lang.say("番号", "No.")) }
                th scope="col" { (lang.say("記録日時", "Recorded")) }
                th scope="col" { (lang.say("種類", "Kind")) }
                th scope="col" { (lang.say("対象", "About")) }
                th scope="col" { (lang.say("記録した人", "By")) }
            } }
            tbody {
                @for line in &contents.events {
                    tr {
                        td { (line.seq) }
                        td { (line.at.timestamp().to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S")) }
                        td { (lang.of_kind(&line.kind)) @if line.erased { " " span class="gone" { (lang.say("（値は消去済み）", "(values erased)")) } } }
                        td { code { (line.subject) } }
                        td { code { (line.actor) } }
                    }
                }
            }
        }
        @if contents.more_events > 0 {
            p { (lang.say("ほかに", "")) (contents.more_events) (lang.say("件があります（events-….jsonl）。", " more are in the files events-….jsonl.")) }
        }
    }
}

/// A path as a relative address: what could be mistaken in one is written in hexadecimal.
pub(super) fn address(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
        out
    })
}
