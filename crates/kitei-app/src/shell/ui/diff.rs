//! Differences of two versions, side by side: 変更前 and 変更後.
//!
//! Invariant: what changed is said in a word in each row, not by color alone.

use maud::{Markup, html};

use super::{Lang, Tone, badge, words};

/// One field in two versions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// The field.
    pub label: &'a str,
    /// Its value before; `None` if it had none.
    pub before: Option<&'a str>,
    /// Its value after; `None` if it has none.
    pub after: Option<&'a str>,
}

/// Renders the table of differences under `caption`.
#[must_use]
pub fn diff(lang: Lang, caption: &str, changes: &[Change<'_>]) -> Markup {
    html! {
        table class="diff" role="table" {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for word in [words::ITEM, words::BEFORE, words::AFTER] {
                        th role="columnheader" scope="col" { (word.of(lang)) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for change in changes { (row(lang, change)) }
            }
        }
    }
}

fn row(lang: Lang, change: &Change<'_>) -> Markup {
    let (tone, word) = match (change.before, change.after) {
        (before, after) if before == after => (Tone::Neutral, words::SAME),
        (None, _) => (Tone::Success, words::ADDED),
        (_, None) => (Tone::Warning, words::REMOVED),
        _ => (Tone::Info, words::ALTERED),
    };
    let changed = change.before != change.after;
    html! {
        tr role="row" class=[changed.then_some("diff-changed")] {
            th role="rowheader" scope="row" { (change.label) " " (badge::badge(tone, word.of(lang))) }
            td role="cell" data-label=(words::BEFORE.of(lang)) {
                @match change.before {
                    Some(text) if changed => { del { (text) } }
                    Some(text) => { (text) }
                    None => { span class="nothing" { (words::NOTHING.of(lang)) } }
                }
            }
            td role="cell" data-label=(words::AFTER.of(lang)) {
                @match change.after {
                    Some(text) if changed => { ins { (text) } }
                    Some(text) => { (text) }
                    None => { span class="nothing" { (words::NOTHING.of(lang)) } }
                }
            }
        }
    }
}
