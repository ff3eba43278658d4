//! Forms: labels, help, the clause behind a field, errors at the field and in a summary at the top.
//!
//! WCAG 1.3.1, 1.3.5, 3.3.1, 3.3.2, 3.3.3: every control has a label, help and error are tied to it by
//! `aria-describedby`, the summary links to the field. Browsers' own checks are off (`novalidate`): the server
//! answers in the person's language and names the clause.
//!
//! Dates and numbers are text fields: they accept 西暦 and 和暦, full-width digits and separators, and the
//! server normalizes.
//!
//! Invariant: what was typed is rendered again; only passwords and files come back empty.

mod choice;
mod control;

pub use choice::{Choice, Choices, checkbox, checkboxes, radios, select};
pub use control::{
    Date, File, Number, Text, TextArea, TextKind, Time, Width, date, file, number, text, textarea, time,
};

use maud::{Markup, html};

use super::basis::{Basis, basis};
use super::icon::{Icon, icon};
use super::{Lang, words};

/// Value of the choice 「分からない」.
pub const UNKNOWN: &str = "unknown";

/// What every control has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a> {
    /// Name in the sent form; also makes the ids. Without spaces.
    pub name: &'a str,
    /// What is asked.
    pub label: &'a str,
    /// How to answer; may be empty.
    pub help: &'a str,
    /// What is wrong with the answer and what would be right.
    pub error: Option<&'a str>,
    /// Whether an answer is required.
    pub required: bool,
    /// Whether the mark of being required or optional is left out (filters, sign-in).
    pub unmarked: bool,
    /// Whether the answer is shown but cannot be changed here.
    pub fixed: bool,
    /// The clauses that ask for it.
    pub basis: &'a [Basis<'a>],
}

impl Field<'_> {
    /// The id of the control, the target of the summary's link.
    #[must_use]
    pub fn id(&self) -> String {
        format!("field-{}", self.name)
    }

    /// The ids for `aria-describedby`: help and error, and the hint if the control has one.
    fn described_by(&self, with_hint: bool) -> Option<String> {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.id()));
        }
        if with_hint {
            ids.push(format!("{}-hint", self.id()));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.id()));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn class(&self) -> &'static str {
        if self.error.is_some() { "field field-wrong" } else { "field" }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.map(|_| "true")
    }
}

/// How a form is sent.
#[derive(Clone, Debug, Default)]
pub struct Form<'a> {
    /// Where to.
    pub action: &'a str,
    /// Name and value of the hidden field that protects the form against requests from elsewhere.
    pub token: Option<(&'a str, &'a str)>,
    /// Whether files go with it.
    pub multipart: bool,
    /// Name and value of the hidden idempotency key: sending the form twice is one deed. With it the script
    /// sends again until the server has acknowledged; nothing is kept on the computer.
    pub retry: Option<(&'a str, &'a str)>,
    /// The fields.
    pub fields: Markup,
    /// The buttons, the main one first.
    pub buttons: Markup,
}

/// Renders a form.
#[must_use]
pub fn form(lang: Lang, form: &Form<'_>) -> Markup {
    let retry = form.retry.is_some();
    html! {
        form class="form" method="post" action=(form.action) novalidate
            enctype=[form.multipart.then_some("multipart/form-data")]
            data-retry[retry]
            data-retry-sending=[retry.then_some(words::RETRY_SENDING.of(lang))]
            data-retry-waiting=[retry.then_some(words::RETRY_WAITING.of(lang))]
            data-retry-leave=[retry.then_some(words::RETRY_LEAVE.of(lang))] {
            @if let Some((name, value)) = form.token { (hidden(name, value)) }
            @if let Some((name, value)) = form.retry { (hidden(name, value)) }
            (form.fields)
            @if retry { p class="retry-status" role="status" data-retry-status {} }
            @if !form.buttons.0.is_empty() { div class="button-row form-buttons" { (form.buttons) } }
        }
    }
}

/// A hidden field.
#[must_use]
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A group of fields under a legend.
#[must_use]
pub fn fieldset(legend: &str, help: &str, fields: &Markup) -> Markup {
    html! {
        fieldset class="fieldset" {
            legend class="fieldset-legend" { (legend) }
            @if !help.is_empty() { p class="fieldset-help" { (help) } }
            (fields)
        }
    }
}

/// One line of the summary.
#[derive(Clone, Copy, Debug, Default)]
pub struct Problem<'a> {
    /// Name of the field, as in [`Field::name`]; empty if the problem is of the whole form.
    pub name: &'a str,
    /// Label of the field; empty if the problem is of the whole form.
    pub label: &'a str,
    /// What is wrong and what would be right.
    pub message: &'a str,
}

/// Renders the summary at the top of a form; nothing when nothing is wrong.
#[must_use]
pub fn summary(lang: Lang, problems: &[Problem<'_>]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div class="notice notice-danger summary" role="alert" aria-labelledby="summary-title" tabindex="-1" data-focus {
                span class="notice-icon" { (icon(Icon::Danger)) }
                div class="notice-text" {
                    h2 class="notice-title" id="summary-title" { (words::SUMMARY_TITLE.of(lang)) }
                    ul class="summary-list" {
                        @for problem in problems { li { (problem_line(problem)) } }
                    }
                    p { (words::SUMMARY_KEPT.of(lang)) }
                }
            }
        }
    }
}

fn problem_line(problem: &Problem<'_>) -> Markup {
    html! {
        @if problem.name.is_empty() {
            (problem.message)
        } @else {
            a href={ "#field-" (problem.name) } { (problem.label) } " " (problem.message)
        }
    }
}

/// The label of a single control with its mark.
fn label(lang: Lang, field: &Field<'_>) -> Markup {
    html! {
        div class="field-label-row" {
            label class="field-label" for=(field.id()) { (field.label) (mark(lang, field)) }
            (basis(lang, field.label, field.basis))
        }
    }
}

/// The mark of being required or optional.
fn mark(lang: Lang, field: &Field<'_>) -> Markup {
    html! {
        @if !field.unmarked {
            @if field.required {
                " " span class="mark mark-required" { (words::REQUIRED.of(lang)) }
            } @else {
                " " span class="mark" { (words::OPTIONAL.of(lang)) }
            }
        }
    }
}

/// Help above the control.
fn help(field: &Field<'_>) -> Markup {
    html! {
        @if !field.help.is_empty() { p class="field-help" id={ (field.id()) "-help" } { (field.help) } }
    }
}

/// A control's own hint, such as how to write a date.
fn hint(field: &Field<'_>, text: &str) -> Markup {
    html! { p class="field-help field-hint" id={ (field.id()) "-hint" } { (text) } }
}

/// The error below the control.
fn error(lang: Lang, field: &Field<'_>) -> Markup {
    html! {
        @if let Some(message) = field.error {
            p class="field-error" id={ (field.id()) "-error" } {
                (icon(Icon::Danger))
                span { span class="visually-hidden" { (words::ERROR.of(lang)) ": " } (message) }
            }
        }
    }
}
