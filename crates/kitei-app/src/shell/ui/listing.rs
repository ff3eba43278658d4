//! A register's list around its table: filters, "412件中 51–100件", pages, export of what it shows.
//!
//! Invariant: the list says how many there are, and exports exactly what its filters select.

use maud::{Markup, html};

use super::table::{Table, table};
use super::text::grouped;
use super::{Lang, Link, words};

/// Which rows of how many are shown; rows count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first row shown; 0 if there is none.
    pub first: u64,
    /// The last row shown; 0 if there is none.
    pub last: u64,
    /// All rows that the filters select.
    pub total: u64,
}

/// The pages of a list, counted from 1.
#[derive(Clone, Copy)]
pub struct Paging<'a> {
    /// The page shown.
    pub current: u64,
    /// The last page.
    pub last: u64,
    /// The address of a page.
    pub href: &'a dyn Fn(u64) -> String,
}

/// The filter row: a form that reads (GET), so its result has an address.
#[derive(Clone, Debug, Default)]
pub struct Filters<'a> {
    /// Where the list is.
    pub action: &'a str,
    /// The controls, made with [`super::form`].
    pub controls: Markup,
    /// Address of the list without filters, when some are set.
    pub clear: Option<&'a str>,
}

/// A list.
#[derive(Clone)]
pub struct Listing<'a> {
    /// The table with the rows of this page.
    pub table: Table<'a>,
    /// Which rows these are.
    pub window: Window,
    /// The filters, if there are any.
    pub filters: Option<Filters<'a>>,
    /// The pages, if there is more than one.
    pub paging: Option<Paging<'a>>,
    /// Exports of what the filters select.
    pub exports: &'a [Link<'a>],
    /// What belongs here, shown instead of an empty table.
    pub empty: Markup,
}

/// Renders a list.
#[must_use]
pub fn listing(lang: Lang, list: &Listing<'_>) -> Markup {
    let results = format!("{}-results", list.table.id);
    html! {
        div class="listing" {
            @if let Some(filters) = &list.filters { (filter_row(lang, filters, &results)) }
            div class="listing-results" id=(results) {
                div class="listing-head" {
                    p class="listing-count" role="status" { (count(lang, list.window)) }
                    @if !list.exports.is_empty() && list.window.total > 0 { (exports(lang, list.exports)) }
                }
                @if list.window.total == 0 { (list.empty) } @else { (table(lang, &list.table)) }
                @if let Some(paging) = list.paging { (pages(lang, list.table.caption, paging)) }
            }
        }
    }
}

/// "412件中 51–100件", or in English "51–100 of 412".
#[must_use]
pub fn count(lang: Lang, window: Window) -> String {
    let (first, last, total) = (grouped(window.first), grouped(window.last), grouped(window.total));
    match lang {
        Lang::Ja if window.total == 0 => "0件".to_owned(),
        Lang::Ja => format!("{total}件中 {first}–{last}件"),
        Lang::En if window.total == 0 => "No entries".to_owned(),
        Lang::En => format!("{first}–{last} of {total}"),
    }
}

/// Renders the filter row alone, over results with an id.
#[must_use]
pub fn filter_row(lang: Lang, filters: &Filters<'_>, results: &str) -> Markup {
    html! {
        form class="filters" method="get" action=(filters.action) role="search"
            aria-label=(words::FILTER_TITLE.of(lang)) data-auto-submit=(results) {
            div class="filters-controls" { (filters.controls) }
            div class="filters-actions" {
                button type="submit" class="button button-secondary" { (words::FILTER.of(lang)) }
                @if let Some(href) = filters.clear { a class="filters-clear" href=(href) { (words::FILTER_CLEAR.of(lang)) } }
            }
        }
    }
}

fn exports(lang: Lang, links: &[Link<'_>]) -> Markup {
    html! {
        div class="exports" {
            span class="exports-label" { (words::EXPORT.of(lang)) }
            ul {
                @for link in links { li { a href=(link.href) { (link.label) } } }
            }
        }
    }
}

fn pages(lang: Lang, caption: &str, paging: Paging<'_>) -> Markup {
    let Paging { current, last, href } = paging;
    html! {
        @if last > 1 {
            nav class="pages" aria-label={ (words::PAGES.of(lang)) " (" (caption) ")" } {
                ul {
                    @if current > 1 { li { a rel="prev" href=(href(current - 1)) { (words::PREVIOUS.of(lang)) } } }
                    @for page in shown(current, last) {
                        @match page {
                            Some(page) if page == current => { li { a href=(href(page)) aria-current="page" { (grouped(page)) } } }
                            Some(page) => { li { a href=(href(page)) { (grouped(page)) } } }
                            None => { li class="pages-gap" aria-hidden="true" { "…" } }
                        }
                    }
                    @if current < last { li { a rel="next" href=(href(current + 1)) { (words::NEXT.of(lang)) } } }
                }
            }
        }
    }
}

/// The page numbers to show: first, last, the current one and its neighbors; `None` stands for a gap.
#[must_use]
pub fn shown(current: u64, last: u64) -> Vec<Option<u64>> {
    let near = current.saturating_sub(1)..=current.saturating_add(1);
    let mut numbers: Vec<u64> = [1, last].into_iter().chain(near).filter(|page| (1..=last).contains(page)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut pages = Vec::with_capacity(numbers.len() + 2);
    let mut previous = 0;
    for number in numbers {
        match number - previous {
            0 | 1 => {}
            2 => pages.push(Some(number - 1)),
            _ => pages.push(None),
        }
        pages.push(Some(number));
        previous = number;
    }
    pages
}
