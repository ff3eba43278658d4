//! Controls that are typed into: text, long text, date, time, number, file.

use maud::{Markup, html};

use super::{Field, error, help, hint, label};
use crate::shell::ui::{Lang, words};

/// What a text field takes, for the keyboard of a phone and for autofill (WCAG 1.3.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Any words.
    #[default]
    Plain,
    /// A mail address.
    Email,
    /// A telephone number.
    Telephone,
    /// A password; never rendered again.
    Password,
    /// A search.
    Search,
    /// A one-time code of digits.
    Code,
}

impl TextKind {
    const fn attributes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Plain => ("text", None),
            Self::Email => ("email", Some("email")),
            Self::Telephone => ("tel", Some("tel")),
            Self::Password => ("password", None),
            Self::Search => ("search", Some("search")),
            Self::Code => ("text", Some("numeric")),
        }
    }
}

/// How wide a field is: it tells how much is expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// As wide as its column.
    #[default]
    Full,
    /// Some twenty characters.
    Medium,
    /// Some eight characters.
    Short,
}

impl Width {
    const fn class(self) -> &'static str {
        match self {
            Self::Full => "input",
            Self::Medium => "input input-medium",
            Self::Short => "input input-short",
        }
    }
}

/// A line of text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text<'a> {
    /// What was typed or is recorded.
    pub value: &'a str,
    /// What it takes.
    pub kind: TextKind,
    /// How wide it is.
    pub width: Width,
    /// Autofill token (HTML standard), such as `name` or `current-password`.
    pub autocomplete: Option<&'a str>,
    /// The most characters that it takes.
    pub longest: Option<u32>,
}

/// Renders a line of text.
#[must_use]
pub fn text(lang: Lang, field: &Field<'_>, text: &Text<'_>) -> Markup {
    let (kind, mode) = text.kind.attributes();
    let value = (text.kind != TextKind::Password).then_some(text.value);
    html! {
        div class=(field.class()) {
            (label(lang, field)) (help(field))
            input class=(text.width.class()) id=(field.id()) name=(field.name) type=(kind) inputmode=[mode] value=[value]
                autocomplete=[text.autocomplete] maxlength=[text.longest] readonly[field.fixed]
                aria-required=[field.required.then_some("true")] aria-invalid=[field.invalid()]
                aria-describedby=[field.described_by(false)];
            (error(lang, field))
        }
    }
}

/// Several lines of text.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextArea<'a> {
    /// What was typed or is recorded.
    pub value: &'a str,
    /// How many lines are shown; 0 means four.
    pub lines: u8,
}

/// Renders several lines of text.
#[must_use]
pub fn textarea(lang: Lang, field: &Field<'_>, area: &TextArea<'_>) -> Markup {
    let lines = if area.lines == 0 { 4 } else { area.lines };
    html! {
        div class=(field.class()) {
            (label(lang, field)) (help(field))
            textarea class="input" id=(field.id()) name=(field.name) rows=(lines) readonly[field.fixed]
                aria-required=[field.required.then_some("true")] aria-invalid=[field.invalid()]
                // HTML drops one line break after the start tag; this one is for it to drop.
                aria-describedby=[field.described_by(false)] { "\n" (area.value) }
            (error(lang, field))
        }
    }
}

/// A date.
#[derive(Clone, Copy, Debug, Default)]
pub struct Date<'a> {
    /// What was typed or is recorded.
    pub value: &'a str,
    /// How the server read it, in 西暦 and 和暦; empty if it has not.
    pub read_as: &'a str,
}

/// Renders a date with the hint how to write it.
#[must_use]
pub fn date(lang: Lang, field: &Field<'_>, date: &Date<'_>) -> Markup {
    html! {
        div class=(field.class()) {
            (label(lang, field)) (help(field)) (hint(field, words::DATE_HINT.of(lang)))
            input class="input input-medium" id=(field.id()) name=(field.name) type="text" value=(date.value)
                autocomplete="off" readonly[field.fixed]
                aria-required=[field.required.then_some("true")] aria-invalid=[field.invalid()]
                aria-describedby=[field.described_by(true)];
            @if !date.read_as.is_empty() {
                p class="field-read" { (words::READ_AS.of(lang)) " " strong { (date.read_as) } }
            }
            (error(lang, field))
        }
    }
}

/// A date and a time of day, in two fields named `NAME-date` and `NAME-time`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time<'a> {
    /// The date as typed or recorded.
    pub date: &'a str,
    /// The time as typed or recorded.
    pub time: &'a str,
    /// How the server read both; empty if it has not.
    pub read_as: &'a str,
}

/// Renders a date and a time of day. The summary's link leads to the date.
#[must_use]
pub fn time(lang: Lang, field: &Field<'_>, time: &Time<'_>) -> Markup {
    let id = field.id();
    html! {
        fieldset class={ (field.class()) " field-group" } aria-describedby=[field.described_by(false)] {
            (super::choice::legend(lang, field)) (help(field))
            div class="field-pair" {
                div {
                    label class="field-sublabel" for=(id) { (words::DATE.of(lang)) }
                    input class="input input-medium" id=(id) name={ (field.name) "-date" } type="text" value=(time.date)
                        autocomplete="off" readonly[field.fixed] aria-invalid=[field.invalid()]
                        aria-describedby={ (id) "-date-hint" };
                    p class="field-help field-hint" id={ (id) "-date-hint" } { (words::DATE_HINT.of(lang)) }
                }
                div {
                    label class="field-sublabel" for={ (id) "-time" } { (words::TIME.of(lang)) }
                    input class="input input-short" id={ (id) "-time" } name={ (field.name) "-time" } type="text"
                        value=(time.time) autocomplete="off" readonly[field.fixed] aria-invalid=[field.invalid()]
                        aria-describedby={ (id) "-time-hint" };
                    p class="field-help field-hint" id={ (id) "-time-hint" } { (words::TIME_HINT.of(lang)) }
                }
            }
            @if !time.read_as.is_empty() {
                p class="field-read" { (words::READ_AS.of(lang)) " " strong { (time.read_as) } }
            }
            (error(lang, field))
        }
    }
}

/// A number with its unit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Number<'a> {
    /// What was typed or is recorded.
    pub value: &'a str,
    /// The unit: 「件」, 「円」, 「人」.
    pub unit: &'a str,
}

/// Renders a number, right-aligned, with its unit behind.
#[must_use]
pub fn number(lang: Lang, field: &Field<'_>, number: &Number<'_>) -> Markup {
    html! {
        div class=(field.class()) {
            (label(lang, field)) (help(field)) (hint(field, words::NUMBER_HINT.of(lang)))
            div class="input-unit" {
                input class="input input-short number" id=(field.id()) name=(field.name) type="text" inputmode="numeric"
                    value=(number.value) autocomplete="off" readonly[field.fixed]
                    aria-required=[field.required.then_some("true")] aria-invalid=[field.invalid()]
                    aria-describedby=[field.described_by(true)];
                @if !number.unit.is_empty() { span class="unit" { (number.unit) } }
            }
            (error(lang, field))
        }
    }
}

/// Files to send.
#[derive(Clone, Copy, Debug, Default)]
pub struct File<'a> {
    /// Which types are taken, as in the `accept` attribute.
    pub accept: &'a str,
    /// Which types and sizes are taken, in words.
    pub limits: &'a str,
    /// Whether several may be chosen.
    pub several: bool,
}

/// Renders a choice of files.
#[must_use]
pub fn file(lang: Lang, field: &Field<'_>, file: &File<'_>) -> Markup {
    html! {
        div class=(field.class()) {
            (label(lang, field)) (help(field)) (hint(field, file.limits))
            input class="input input-file" id=(field.id()) name=(field.name) type="file"
                accept=[(!file.accept.is_empty()).then_some(file.accept)] multiple[file.several] disabled[field.fixed]
                aria-invalid=[field.invalid()] aria-describedby=[field.described_by(true)];
            (error(lang, field))
        }
    }
}
