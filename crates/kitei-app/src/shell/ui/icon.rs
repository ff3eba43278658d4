//! Small drawings beside words. They are hidden from assistive technology: the word beside them says it.

use maud::{Markup, html};

/// What a drawing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A tick: done.
    Check,
    /// A filled circle with `i`: worth knowing.
    Info,
    /// A triangle with `!`: heed this.
    Warning,
    /// An octagon with `!`: danger, error.
    Danger,
    /// A clock: due time.
    Clock,
    /// An hourglass reduced to two bars: waiting for somebody.
    Waiting,
    /// A dash: not applicable.
    Dash,
    /// An empty ring: to do.
    Ring,
    /// A dot in a ring: now.
    Now,
    /// A question mark: unknown.
    Question,
    /// An arrow to the right: before to after, next.
    Arrow,
    /// A page with a fold: a paper.
    Paper,
}

/// The drawing of `icon`, one line of text high, in the color of the text around it.
#[must_use]
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor"
            stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            (shape(icon))
        }
    }
}

fn shape(icon: Icon) -> Markup {
    html! {
        @match icon {
            Icon::Check => { path d="M5 12.5l4.5 4.5L19 7.5" {} }
            Icon::Info => { circle cx="12" cy="12" r="9" {} path d="M12 11v5.5M12 7.5v.01" {} }
            Icon::Warning => { path d="M12 3.5L22 20.5H2z" {} path d="M12 10v5M12 17.8v.01" {} }
            Icon::Danger => { path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z" {} path d="M12 7.5v5.5M12 16.3v.01" {} }
            Icon::Clock => { circle cx="12" cy="12" r="9" {} path d="M12 7v5.2l3.4 2" {} }
            Icon::Waiting => { path d="M9 6v12M15 6v12" {} }
            Icon::Dash => { path d="M6 12h12" {} }
            Icon::Ring => { circle cx="12" cy="12" r="7" {} }
            Icon::Now => { circle cx="12" cy="12" r="8" {} circle cx="12" cy="12" r="3" fill="currentColor" {} }
            Icon::Question => { path d="M8.8 9a3.3 3.3 0 1 1 4.8 3c-1 .6-1.6 1.2-1.6 2.4M12 18v.01" {} }
            Icon::Arrow => { path d="M5 12h14M13 6l6 6-6 6" {} }
            Icon::Paper => { path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6" {} }
        }
    }
}
