//! The incident room in two columns: facts on the left, what follows from them on the right.
//!
//! An unknown fact is shown as unknown, with the sentence that the strict side is assumed until it is known.

use maud::{Markup, html};

use super::basis::{Basis, basis, fold};
use super::icon::{Icon, icon};
use super::{Lang, Tone, badge, words};

/// What is known of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Known, in words.
    Known(&'a str),
    /// Said to be unknown, or not said; the strict side is assumed.
    Unknown,
}

/// One fact.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// The question it answers.
    pub label: &'a str,
    /// What is known.
    pub value: Value<'a>,
    /// When it became known, in full; empty if it is not.
    pub known_at: &'a str,
    /// Whether it changed since this person last looked.
    pub changed: bool,
    /// Page where it is changed, if this person may.
    pub change: Option<&'a str>,
    /// The clauses that turn on it.
    pub basis: &'a [Basis<'a>],
}

/// Up to this many unknown facts stand open; more would push what is known and what to do out of sight.
const OPEN: usize = 3;

/// Renders a list of facts: those that are known, and below them those that are not, folded when they are many.
#[must_use]
pub fn list(lang: Lang, facts: &[Fact<'_>]) -> Markup {
    let (unknown, known): (Vec<_>, Vec<_>) = facts.iter().partition(|fact| fact.value == Value::Unknown);
    html! {
        @if !known.is_empty() {
            dl class="facts" { @for fact in known { (row(lang, fact)) } }
        }
        @if !unknown.is_empty() {
            details class="facts-unknown" open[unknown.len() <= OPEN] {
                summary { (icon(Icon::Question)) (words::STILL_UNKNOWN.of(lang)) " " span class="basis-count" { (unknown.len()) } }
                dl class="facts" { @for fact in unknown { (row(lang, fact)) } }
            }
        }
    }
}

/// What was concluded, and why.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finding<'a> {
    /// The question it answers.
    pub label: &'a str,
    /// The answer, in words.
    pub value: &'a str,
    /// Why; opened on demand.
    pub why: &'a [String],
    /// The clauses behind it.
    pub basis: &'a [Basis<'a>],
}

/// Renders conclusions.
#[must_use]
pub fn findings(lang: Lang, findings: &[Finding<'_>]) -> Markup {
    html! {
        dl class="facts" {
            @for finding in findings {
                div class="fact" {
                    dt { (finding.label) }
                    dd {
                        span class="fact-value" { (finding.value) }
                        div class="fact-actions" {
                            (fold(words::WHY.of(lang), finding.label, finding.why))
                            (basis(lang, finding.label, finding.basis))
                        }
                    }
                }
            }
        }
    }
}

fn row(lang: Lang, fact: &Fact<'_>) -> Markup {
    html! {
        div class={ "fact" @if fact.value == Value::Unknown { " fact-unknown" } } {
            dt {
                (fact.label)
                @if fact.changed { " " (badge::badge(Tone::Info, words::CHANGED.of(lang))) }
            }
            dd {
                @match fact.value {
                    Value::Known(text) => { span class="fact-value" { (text) } }
                    Value::Unknown => {
                        span class="fact-value" { (icon(Icon::Question)) (words::UNKNOWN.of(lang)) }
                        span class="fact-strict" { (words::STRICT_SIDE.of(lang)) }
                    }
                }
                @if !fact.known_at.is_empty() {
                    span class="fact-known" { (words::KNOWN_AT.of(lang)) " " (fact.known_at) }
                }
                div class="fact-actions" {
                    @if let Some(href) = fact.change {
                        a class="fact-change" href=(href) {
                            (words::CHANGE.of(lang)) span class="visually-hidden" { " (" (fact.label) ")" }
                        }
                    }
                    (basis(lang, fact.label, fact.basis))
                }
            }
        }
    }
}

/// Renders the room: `facts` left, `consequences` right; one above the other on a phone, where two links at the
/// top lead to either, because what follows is what one looks for in a hurry.
#[must_use]
pub fn room(lang: Lang, facts: &Markup, consequences: &Markup) -> Markup {
    html! {
        div class="room" {
            ul class="room-jump" {
                li { a href="#room-consequences" { (words::CONSEQUENCES.of(lang)) } }
                li { a href="#room-facts" { (words::FACTS.of(lang)) } }
            }
            section class="room-facts" aria-labelledby="room-facts" {
                h2 id="room-facts" { (words::FACTS.of(lang)) }
                (facts)
            }
            section class="room-consequences" aria-labelledby="room-consequences" {
                h2 id="room-consequences" { (words::CONSEQUENCES.of(lang)) }
                (consequences)
            }
        }
    }
}
