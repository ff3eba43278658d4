//! Figures: a drawing that people would rather look at, with the table behind it.
//!
//! Invariant: every drawing has a table with the same content (WCAG 1.1.1); cells carry words and patterns, not
//! color alone.

use maud::{Markup, html};

use super::{Lang, words};

/// How a cell of a heat strip stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shade {
    /// Nothing falls here.
    #[default]
    None,
    /// Something is to come.
    Open,
    /// Some of it is done.
    Part,
    /// All is done.
    Done,
    /// Something is late.
    Late,
}

impl Shade {
    const ALL: [Self; 5] = [Self::None, Self::Open, Self::Part, Self::Done, Self::Late];

    fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::None => words::SHADE_NONE.of(lang),
            Self::Open => words::SHADE_OPEN.of(lang),
            Self::Part => words::SHADE_PART.of(lang),
            Self::Done => words::SHADE_DONE.of(lang),
            Self::Late => words::SHADE_LATE.of(lang),
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::None => "heat-none",
            Self::Open => "heat-open",
            Self::Part => "heat-part",
            Self::Done => "heat-done",
            Self::Late => "heat-late",
        }
    }
}

/// One cell of a heat strip.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell<'a> {
    /// The period: 「4月」.
    pub label: &'a str,
    /// What is written into the cell, at most three characters: 「3/4」.
    pub text: &'a str,
    /// How it stands.
    pub shade: Shade,
}

/// One row of a heat strip: a kind of duty over the periods.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strip<'a> {
    /// What the row is about.
    pub label: &'a str,
    /// Its cells, one for each period, the same periods in every row.
    pub cells: &'a [Cell<'a>],
}

/// Wraps any `drawing` (an SVG marked `aria-hidden`) with its caption and the `table` that says the same.
#[must_use]
pub fn figure(lang: Lang, caption: &str, drawing: &Markup, table: &Markup) -> Markup {
    html! {
        figure class="figure" {
            figcaption { (caption) }
            div class="figure-drawing" aria-hidden="true" { (drawing) }
            details class="figure-table" {
                summary { (words::AS_TABLE.of(lang)) span class="visually-hidden" { " (" (caption) ")" } }
                (table)
            }
        }
    }
}

/// Renders the year (or any row of periods) as heat strips with a legend and the table behind.
#[must_use]
pub fn heat(lang: Lang, caption: &str, strips: &[Strip<'_>]) -> Markup {
    figure(lang, caption, &drawing(lang, strips), &table(lang, caption, strips))
}

fn drawing(lang: Lang, strips: &[Strip<'_>]) -> Markup {
    html! {
        @for strip in strips {
            div class="heat-row" {
                div class="heat-label" { (strip.label) }
                div class="heat" { @for cell in strip.cells { (square(cell)) } }
            }
        }
        ul class="heat-legend" {
            @for shade in Shade::ALL {
                li {
                    svg class="heat-key" viewBox="0 0 16 16" focusable="false" {
                        rect class=(shade.class()) x="1" y="1" width="14" height="14" rx="3" {}
                    }
                    (shade.word(lang))
                }
            }
        }
    }
}

/// A drawing of its own for each cell, so that a row breaks into several lines on a phone and stays readable.
fn square(cell: &Cell<'_>) -> Markup {
    html! {
        svg viewBox="0 0 56 62" focusable="false" {
            rect class=(cell.shade.class()) x="1.5" y="1.5" width="53" height="37" rx="6" {}
            text class={ "heat-text " (cell.shade.class()) "-text" } x="28" y="25" { (cell.text) }
            text class="heat-period" x="28" y="56" { (cell.label) }
        }
    }
}

fn table(lang: Lang, caption: &str, strips: &[Strip<'_>]) -> Markup {
    html! {
        @for strip in strips {
            table class="plain-table" {
                caption { (strip.label) span class="visually-hidden" { " (" (caption) ")" } }
                thead { tr { th scope="col" { (words::PERIOD.of(lang)) } th scope="col" { (words::STATE.of(lang)) } } }
                tbody {
                    @for cell in strip.cells {
                        tr { th scope="row" { (cell.label) } td { (cell.shade.word(lang)) " " (cell.text) } }
                    }
                }
            }
        }
    }
}
