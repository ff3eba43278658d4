//! Banners: what happened, what to heed, what went wrong.
//!
//! WCAG 4.1.3: a banner has a role, so that it is announced when it appears.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::{Lang, Tone, words};

/// A banner.
#[derive(Clone, Debug, Default)]
pub struct Notice<'a> {
    /// How much it asks for attention.
    pub tone: Tone,
    /// What it says, in one line.
    pub title: &'a str,
    /// More, where more is needed; may be empty.
    pub body: Markup,
}

/// Renders a banner.
#[must_use]
pub fn notice(lang: Lang, notice: &Notice<'_>) -> Markup {
    let role = if notice.tone == Tone::Danger { "alert" } else { "status" };
    html! {
        div class={ "notice notice-" (notice.tone.class()) } role=(role) {
            span class="notice-icon" { (icon(drawing(notice.tone))) }
            div class="notice-text" {
                p class="notice-title" {
                    span class="visually-hidden" { (word(lang, notice.tone)) ": " }
                    (notice.title)
                }
                @if !notice.body.0.is_empty() { div class="notice-body" { (notice.body) } }
            }
        }
    }
}

const fn drawing(tone: Tone) -> Icon {
    match tone {
        Tone::Neutral | Tone::Info => Icon::Info,
        Tone::Success => Icon::Check,
        Tone::Warning => Icon::Warning,
        Tone::Danger => Icon::Danger,
    }
}

const fn word(lang: Lang, tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral | Tone::Info => words::INFO.of(lang),
        Tone::Success => words::SUCCESS.of(lang),
        Tone::Warning => words::WARNING.of(lang),
        Tone::Danger => words::ERROR.of(lang),
    }
}
