//! A part of a page under its heading that opens when somebody wants it, for what is long and seldom needed.
//!
//! A `details` element, so that it opens without script and by keyboard; printed, it is open.

use maud::{Markup, html};

use super::text;

/// Such a part.
#[derive(Clone, Debug, Default)]
pub struct Folded<'a> {
    /// Heading.
    pub heading: &'a str,
    /// How many things are in it.
    pub count: u64,
    /// What one should know without opening it; may be empty.
    pub note: &'a str,
    /// Whether it stands open.
    pub open: bool,
    /// What it holds.
    pub content: Markup,
}

/// Renders it; nothing at all when there is nothing in it.
#[must_use]
pub fn part(folded: &Folded<'_>) -> Markup {
    html! {
        @if folded.count > 0 {
            details class="folded" open[folded.open] {
                summary {
                    h2 class="folded-title" { (folded.heading) }
                    " " span class="count" { (text::grouped(folded.count)) }
                    @if !folded.note.is_empty() { " " span class="folded-note" { (folded.note) } }
                }
                (folded.content)
            }
        }
    }
}
