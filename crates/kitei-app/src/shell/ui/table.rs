//! Tables: a caption, sortable columns, and cards on a phone.
//!
//! On a narrow screen the style sheet lays each row out as a card; the explicit roles keep it a table to
//! assistive technology, and each cell carries the label of its column.

use maud::{Markup, html};

use super::{Lang, words};

/// What a column holds, for its alignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    #[default]
    Text,
    /// Numbers, right-aligned.
    Number,
    /// Dates, running numbers and codes: not broken over lines.
    Code,
}

/// How the table is sorted by a column now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Not by this column.
    #[default]
    None,
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// One column.
#[derive(Clone, Copy, Debug, Default)]
pub struct Column<'a> {
    /// Its heading.
    pub label: &'a str,
    /// What it holds.
    pub holds: Holds,
    /// Address that sorts by it (or turns the order round); `None` if it cannot be sorted.
    pub sort: Option<&'a str>,
    /// How it is sorted now.
    pub order: Order,
}

/// One row. Its first cell names it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The cells, in the order of the columns.
    pub cells: Vec<Markup>,
    /// Whether the row needs attention; its cells must also say so in words.
    pub marked: bool,
}

/// A table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Table<'a> {
    /// Id of the table, unique on the page.
    pub id: &'a str,
    /// What the table shows.
    pub caption: &'a str,
    /// Whether the caption is shown; it is always read aloud.
    pub caption_shown: bool,
    /// Its columns.
    pub columns: &'a [Column<'a>],
    /// Its rows.
    pub rows: &'a [Row],
}

/// Renders a table.
#[must_use]
pub fn table(lang: Lang, table: &Table<'_>) -> Markup {
    html! {
        div class="table-scroll" role="region" tabindex="0" aria-labelledby={ (table.id) "-caption" } {
            table class="table" id=(table.id) role="table" {
                caption id={ (table.id) "-caption" } class=[(!table.caption_shown).then_some("visually-hidden")] {
                    (table.caption)
                }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in table.columns { (heading(lang, column)) }
                    }
                }
                tbody role="rowgroup" {
                    @for row in table.rows {
                        tr role="row" class=[row.marked.then_some("row-marked")] {
                            @for (index, (cell, column)) in row.cells.iter().zip(table.columns).enumerate() {
                                (body_cell(index == 0, cell, column))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn heading(lang: Lang, column: &Column<'_>) -> Markup {
    let (sort, mark, word) = match column.order {
        Order::None => (None, "↕", None),
        Order::Ascending => (Some("ascending"), "↑", Some(words::ASCENDING)),
        Order::Descending => (Some("descending"), "↓", Some(words::DESCENDING)),
    };
    html! {
        th role="columnheader" scope="col" class=[class(column.holds)] aria-sort=[sort] {
            @if let Some(href) = column.sort {
                a class="sort" href=(href) {
                    (column.label)
                    span class="sort-mark" aria-hidden="true" { (mark) }
                    span class="visually-hidden" {
                        " (" (words::SORT_BY.of(lang)) @if let Some(word) = word { ": " (word.of(lang)) } ")"
                    }
                }
            } @else {
                (column.label)
            }
        }
    }
}

fn body_cell(names_row: bool, cell: &Markup, column: &Column<'_>) -> Markup {
    html! {
        @if names_row {
            th role="rowheader" scope="row" class=[class(column.holds)] data-label=(column.label) { (cell) }
        } @else {
            td role="cell" class=[class(column.holds)] data-label=(column.label) { (cell) }
        }
    }
}

const fn class(holds: Holds) -> Option<&'static str> {
    match holds {
        Holds::Text => None,
        Holds::Number => Some("number"),
        Holds::Code => Some("code"),
    }
}
