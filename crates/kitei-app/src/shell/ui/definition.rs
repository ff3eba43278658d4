//! Definition lists: the fields of a record on its page.

use maud::{Markup, html};

use super::basis::{Basis, basis};
use super::{Lang, words};

/// One field and its value.
#[derive(Clone, Debug, Default)]
pub struct Definition<'a> {
    /// The field.
    pub term: &'a str,
    /// Its value; empty shows as 「（なし）」.
    pub value: Markup,
    /// The clauses that ask for it.
    pub basis: &'a [Basis<'a>],
}

/// Renders the fields in two columns (one on a phone).
#[must_use]
pub fn list(lang: Lang, items: &[Definition<'_>]) -> Markup {
    html! {
        dl class="definitions" {
            @for item in items {
                div class="definition" {
                    dt { (item.term) }
                    dd {
                        @if item.value.0.is_empty() {
                            span class="nothing" { (words::NOTHING.of(lang)) }
                        } @else {
                            (item.value)
                        }
                        (basis(lang, item.term, item.basis))
                    }
                }
            }
        }
    }
}
