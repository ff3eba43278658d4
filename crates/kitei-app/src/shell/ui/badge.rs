//! Badges: one word of state beside a title or in a list.
//!
//! Invariant: the word carries the meaning; the color only repeats it.

use maud::{Markup, html};

use super::Tone;

/// A badge that says `text` in the color of `tone`.
#[must_use]
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge badge-" (tone.class()) } { (text) } }
}

/// A badge of full color, for the one state on a page that must be seen first.
#[must_use]
pub fn strong(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge badge-strong badge-" (tone.class()) } { (text) } }
}
