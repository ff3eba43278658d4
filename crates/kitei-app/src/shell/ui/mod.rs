//! Components of the pages: the look of Kitei, each component once.
//!
//! Serves WCAG 2.2 AA and JIS X 8341-3:2016 AA, and follows the Digital Agency design system of Japan
//! (its tokens, its focus ring, its labelling of required fields). Styles and script live in `/ui`; this
//! module writes the elements and class names that they expect.
//!
//! How to use it: build the plain struct of a component from what the page knows, call its function, put the
//! [`Markup`](maud::Markup) into the page's own, and hand the whole to [`page::page`]. Texts arrive already
//! translated; a component adds only the few words of its own from one table, by [`Lang`].
//! Containers of many items (steps, timeline, tasks) take the rendered items, so that a page formats and
//! renders each item where it stands.
//!
//! Invariant: no type of the application, no clock and no request appears here; same input, same bytes.
//! Invariant: no inline style, no inline script, no address outside the program (strict Content-Security-Policy).
//! Invariant: state is said in words wherever it is said in color; everything works without script.

pub mod assets;
pub mod badge;
pub mod basis;
pub mod button;
pub mod definition;
pub mod diff;
pub mod empty;
pub mod facts;
pub mod figure;
pub mod folded;
pub mod form;
pub mod gallery;
pub mod icon;
pub mod listing;
pub mod notice;
pub mod page;
pub mod progress;
pub mod steps;
pub mod table;
pub mod tabs;
pub mod task;
pub mod text;
pub mod timeline;
mod words;

#[cfg(test)]
mod tests;

pub use gallery::gallery;

/// The language of a page. Every text exists in both; Japanese is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// 日本語.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The language tag for `lang` and `hreflang` (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language that the switch in the header leads to.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Ja => Self::En,
            Self::En => Self::Ja,
        }
    }
}

/// A link: where it leads and the words that say so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Link<'a> {
    /// The words of the link, understandable out of context (WCAG 2.4.4).
    pub label: &'a str,
    /// The address, inside the program or `tel:`/`mailto:`.
    pub href: &'a str,
}

/// How much a thing asks for attention. Only [`Tone::Danger`] is red.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to heed.
    #[default]
    Neutral,
    /// Worth knowing, or the current one.
    Info,
    /// Done, in order.
    Success,
    /// Heed this before it becomes late or wrong.
    Warning,
    /// Late, refused, broken or irrevocable.
    Danger,
}

impl Tone {
    /// The class-name suffix that the style sheet knows.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}
