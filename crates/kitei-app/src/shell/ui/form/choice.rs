//! Controls that are chosen from: a list, one of several, several of several, yes.

use maud::{Markup, html};

use super::{Field, UNKNOWN, error, help, label, mark};
use crate::shell::ui::basis::basis;
use crate::shell::ui::{Lang, words};

/// One thing to choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// Value sent.
    pub value: &'a str,
    /// What it is.
    pub label: &'a str,
    /// More, in small print; may be empty.
    pub help: &'a str,
}

/// The things to choose and what is chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choices<'a> {
    /// The things to choose.
    pub choices: &'a [Choice<'a>],
    /// The values chosen.
    pub chosen: &'a [&'a str],
    /// Whether 「分からない」 is offered, with the value [`UNKNOWN`].
    pub unknown: bool,
    /// Whether each is a large tile: for a phone in a hurry.
    pub tiles: bool,
}

impl Choices<'_> {
    fn chosen(&self, value: &str) -> bool {
        self.chosen.contains(&value)
    }
}

/// Renders a list from which one is chosen.
#[must_use]
pub fn select(lang: Lang, field: &Field<'_>, choices: &Choices<'_>) -> Markup {
    html! {
        div class=(field.class()) {
            (label(lang, field)) (help(field))
            div class="select" {
                select class="input" id=(field.id()) name=(field.name) disabled[field.fixed]
                    aria-required=[field.required.then_some("true")] aria-invalid=[field.invalid()]
                    aria-describedby=[field.described_by(false)] {
                    @if !choices.choices.iter().any(|choice| choice.value.is_empty()) {
                        option value="" { (words::CHOOSE.of(lang)) }
                    }
                    @for choice in choices.choices {
                        option value=(choice.value) selected[choices.chosen(choice.value)] { (choice.label) }
                    }
                    @if choices.unknown {
                        option value=(UNKNOWN) selected[choices.chosen(UNKNOWN)] { (words::UNKNOWN.of(lang)) }
                    }
                }
            }
            (error(lang, field))
        }
    }
}

/// Renders one of several.
#[must_use]
pub fn radios(lang: Lang, field: &Field<'_>, choices: &Choices<'_>) -> Markup {
    group(lang, field, choices, "radio")
}

/// Renders several of several.
#[must_use]
pub fn checkboxes(lang: Lang, field: &Field<'_>, choices: &Choices<'_>) -> Markup {
    group(lang, field, choices, "checkbox")
}

/// Renders a single yes; its value is `yes`.
#[must_use]
pub fn checkbox(lang: Lang, field: &Field<'_>, checked: bool) -> Markup {
    html! {
        div class=(field.class()) {
            label class="choice" for=(field.id()) {
                input type="checkbox" id=(field.id()) name=(field.name) value="yes" checked[checked] disabled[field.fixed]
                    aria-invalid=[field.invalid()] aria-describedby=[field.described_by(false)];
                span class="choice-text" { (field.label) (mark(lang, field)) }
            }
            (help(field))
            (basis(lang, field.label, field.basis))
            (error(lang, field))
        }
    }
}

fn group(lang: Lang, field: &Field<'_>, choices: &Choices<'_>, kind: &str) -> Markup {
    let unknown = Choice { value: UNKNOWN, label: words::UNKNOWN.of(lang), help: "" };
    let all = choices.choices.iter().copied().chain(choices.unknown.then_some(unknown));
    html! {
        fieldset class={ (field.class()) " field-group" } aria-describedby=[field.described_by(false)] {
            (legend(lang, field)) (help(field))
            div class={ "choices" @if choices.tiles { " choices-tiles" } } {
                @for (index, choice) in all.enumerate() {
                    (option(field, kind, index, choice, choices.chosen(choice.value)))
                }
            }
            (error(lang, field))
        }
    }
}

/// The first choice carries the id of the field, so that the summary's link leads to it.
fn option(field: &Field<'_>, kind: &str, index: usize, choice: Choice<'_>, chosen: bool) -> Markup {
    let id = if index == 0 { field.id() } else { format!("{}-{index}", field.id()) };
    html! {
        label class={ "choice" @if choice.value == UNKNOWN { " choice-unknown" } } for=(id) {
            input type=(kind) id=(id) name=(field.name) value=(choice.value) checked[chosen] disabled[field.fixed]
                aria-describedby=[(!choice.help.is_empty()).then(|| format!("{id}-about"))];
            span class="choice-text" {
                (choice.label)
                @if !choice.help.is_empty() { span class="choice-help" id={ (id) "-about" } { (choice.help) } }
            }
        }
    }
}

/// The legend of a group of controls.
pub(super) fn legend(lang: Lang, field: &Field<'_>) -> Markup {
    html! {
        legend class="field-label" { (field.label) (mark(lang, field)) }
        (basis(lang, field.label, field.basis))
    }
}
