//! 根拠: the clauses behind a field, a step, a task or a value, one click away.
//!
//! A `details` element, so that it opens without script and by keyboard.

use maud::{Markup, html};

use super::{Lang, words};

/// One clause or article.
#[derive(Clone, Copy, Debug, Default)]
pub struct Basis<'a> {
    /// Where it stands, as people quote it: 「法第26条第1項」.
    pub reference: &'a str,
    /// What it says, in short.
    pub title: &'a str,
    /// The pack or law that holds it.
    pub source: &'a str,
    /// The page of the clause.
    pub href: Option<&'a str>,
}

/// A chip that opens the list of clauses behind `subject` (read aloud with the chip, not shown).
/// Nothing at all when there is no clause.
#[must_use]
pub fn basis(lang: Lang, subject: &str, clauses: &[Basis<'_>]) -> Markup {
    html! {
        @if !clauses.is_empty() {
            details class="basis" {
                summary {
                    span class="basis-word" { (words::BASIS.of(lang)) }
                    @if clauses.len() > 1 { span class="basis-count" { (clauses.len()) } }
                    span class="visually-hidden" { " (" (subject) ")" }
                }
                ul class="basis-list" {
                    @for clause in clauses { (line(clause)) }
                }
            }
        }
    }
}

/// A chip that opens more words about `subject`: reasons, details. Nothing at all when there are none.
#[must_use]
pub fn fold(label: &str, subject: &str, more: &[String]) -> Markup {
    html! {
        @if !more.is_empty() {
            details class="basis" {
                summary {
                    span class="basis-word" { (label) }
                    @if more.len() > 1 { span class="basis-count" { (more.len()) } }
                    span class="visually-hidden" { " (" (subject) ")" }
                }
                ul class="basis-list" { @for words in more { li { (words) } } }
            }
        }
    }
}

fn line(clause: &Basis<'_>) -> Markup {
    html! {
        li {
            @if let Some(href) = clause.href {
                a class="basis-reference" href=(href) { (clause.reference) }
            } @else {
                span class="basis-reference" { (clause.reference) }
            }
            " "
            @if !clause.title.is_empty() { span class="basis-title" { (clause.title) } }
            @if !clause.source.is_empty() { span class="basis-source" { (clause.source) } }
        }
    }
}
