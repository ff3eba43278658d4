//! What an empty page says: what belongs here and how to begin.

use maud::{Markup, html};

/// An empty place.
#[derive(Clone, Debug, Default)]
pub struct Empty<'a> {
    /// What belongs here.
    pub title: &'a str,
    /// Why and how, in a sentence or two.
    pub text: &'a str,
    /// Buttons that begin; may be empty.
    pub actions: Markup,
}

/// Renders an empty place.
#[must_use]
pub fn empty(empty: &Empty<'_>) -> Markup {
    html! {
        div class="empty" {
            p class="empty-title" { (empty.title) }
            p class="empty-text" { (empty.text) }
            @if !empty.actions.0.is_empty() { div class="button-row" { (empty.actions) } }
        }
    }
}
