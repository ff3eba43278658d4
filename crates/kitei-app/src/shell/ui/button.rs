//! Buttons and links that look like buttons.
//!
//! A button that destroys asks once: with script in a dialog, without script on a page of the server's. So the
//! server acts only when the field [`CONFIRMED`] has the value `yes`, which the dialog adds.

use maud::{Markup, html};

use super::{Lang, Link, words};

/// Name of the form field that says that the person has been asked and has agreed; its value is `yes`.
pub const CONFIRMED: &str = "confirmed";

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// The one thing to do here: filled.
    #[default]
    Primary,
    /// Another thing that may be done: outlined.
    Secondary,
    /// A small thing beside: text only.
    Quiet,
    /// Destroys or cannot be taken back: red.
    Danger,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Secondary => "button button-secondary",
            Self::Quiet => "button button-quiet",
            Self::Danger => "button button-danger",
        }
    }
}

/// A submit button.
#[derive(Clone, Copy, Debug, Default)]
pub struct Submit<'a> {
    /// What happens when it is pressed.
    pub label: &'a str,
    /// How it looks.
    pub weight: Weight,
    /// Name and value sent when this one of several is pressed.
    pub sends: Option<(&'a str, &'a str)>,
    /// What will go and whether it comes back; asked once before sending.
    pub confirm: Option<&'a str>,
}

/// Renders a submit button.
#[must_use]
pub fn submit(lang: Lang, button: &Submit<'_>) -> Markup {
    html! {
        button type="submit" class=(button.weight.class())
            name=[button.sends.map(|(name, _)| name)] value=[button.sends.map(|(_, value)| value)]
            data-confirm=[button.confirm]
            data-confirm-cancel=[button.confirm.map(|_| words::CANCEL.of(lang))]
            { (button.label) }
    }
}

/// Renders a link that looks like a button: it only leads somewhere and changes nothing.
#[must_use]
pub fn link(link: Link<'_>, weight: Weight) -> Markup {
    html! { a class=(weight.class()) href=(link.href) { (link.label) } }
}

/// A button that copies the text of the element with the id `target`. The script shows it; without script the
/// person selects the text.
#[must_use]
pub fn copy(lang: Lang, target: &str, subject: &str) -> Markup {
    html! {
        button type="button" class="button button-quiet button-small" hidden
            data-copy=(target) data-copied=(words::COPIED.of(lang)) {
            (words::COPY.of(lang)) span class="visually-hidden" { " (" (subject) ")" }
        }
    }
}

/// A button that prints the page. The script shows it; without script the browser's menu does the same.
#[must_use]
pub fn print(lang: Lang) -> Markup {
    html! {
        button type="button" class="button button-secondary button-small" hidden data-print { (words::PRINT.of(lang)) }
    }
}

/// A row of buttons, the main one first.
#[must_use]
pub fn row(buttons: &Markup) -> Markup {
    html! { div class="button-row" { (buttons) } }
}
