//! Tabs as links: each tab is an address of its own, so back, sharing and no-script work.

use maud::{Markup, html};

/// One tab.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tab<'a> {
    /// What the tab shows.
    pub label: &'a str,
    /// Its address.
    pub href: &'a str,
    /// How many things are in it, where that helps.
    pub count: Option<u64>,
    /// Whether this page is that tab.
    pub current: bool,
}

/// Renders a row of tabs; `label` names the row to assistive technology.
#[must_use]
pub fn tabs(label: &str, tabs: &[Tab<'_>]) -> Markup {
    html! {
        nav class="tabs" aria-label=(label) {
            ul {
                @for tab in tabs {
                    li {
                        a href=(tab.href) aria-current=[tab.current.then_some("page")] {
                            (tab.label)
                            @if let Some(count) = tab.count {
                                " " span class="count" { (super::text::grouped(count)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
