//! Timeline: who did what and when it was known, newest or oldest first as the page gives it.
//!
//! Happened-on and recorded-on are two times; both are shown where they differ.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::{Lang, words};

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Somebody did something.
    #[default]
    Act,
    /// A fact was said or changed.
    Fact,
    /// The program moved a due time, a step or a level.
    Consequence,
    /// A paper was made, sent or received.
    Paper,
}

/// One entry.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    /// When it happened, in full.
    pub at: &'a str,
    /// The instant in RFC 3339.
    pub instant: &'a str,
    /// When it was recorded, if that is another time.
    pub recorded: Option<&'a str>,
    /// Who recorded it.
    pub who: &'a str,
    /// What kind of entry it is.
    pub kind: Kind,
    /// What happened, in a sentence.
    pub title: &'a str,
    /// Details; may be empty.
    pub detail: Markup,
    /// Page of its event in the evidence log.
    pub evidence: Option<&'a str>,
}

/// Renders an entry, an item of [`list`].
#[must_use]
pub fn entry(lang: Lang, entry: &Entry<'_>) -> Markup {
    let drawing = match entry.kind {
        Kind::Act => Icon::Check,
        Kind::Fact => Icon::Info,
        Kind::Consequence => Icon::Arrow,
        Kind::Paper => Icon::Paper,
    };
    html! {
        li class="timeline-entry" {
            span class="timeline-mark" { (icon(drawing)) }
            div class="timeline-body" {
                p class="timeline-when" { time datetime=(entry.instant) { (entry.at) } }
                p class="timeline-title" { (entry.title) }
                @if !entry.detail.0.is_empty() { div class="timeline-detail" { (entry.detail) } }
                p class="timeline-meta" {
                    @if !entry.who.is_empty() { span { (words::BY.of(lang)) " " (entry.who) } }
                    @if let Some(recorded) = entry.recorded { span { (words::RECORDED.of(lang)) " " (recorded) } }
                    @if let Some(href) = entry.evidence {
                        a href=(href) {
                            (words::EVIDENCE.of(lang)) span class="visually-hidden" { " (" (entry.title) ")" }
                        }
                    }
                }
            }
        }
    }
}

/// Renders the entries in the order given; `label` names the list to assistive technology.
#[must_use]
pub fn list(label: &str, entries: &Markup) -> Markup {
    html! { ol class="timeline" aria-label=(label) { (entries) } }
}
