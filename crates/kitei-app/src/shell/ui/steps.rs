//! Steps of a procedure, in order: what is done, what is now, what waits, what does not apply and why.
//!
//! Invariant: each state has its own drawing and its own word; color only repeats them (WCAG 1.4.1).

use maud::{Markup, html};

use super::basis::{Basis, basis, fold};
use super::icon::{Icon, icon};
use super::task::{Due, countdown, time};
use super::{Lang, Tone, badge, words};

/// Where a step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Done.
    Done,
    /// To be done now.
    Now,
    /// Its time has passed and it is not done.
    Late,
    /// Blocked by something that has to come first.
    Waiting,
    /// Comes later.
    #[default]
    Open,
    /// Not applicable, with a reason.
    NotApplicable,
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Done => words::DONE.of(lang),
            Self::Now => words::STEP_NOW.of(lang),
            Self::Late => words::STEP_LATE.of(lang),
            Self::Waiting => words::STEP_WAITING.of(lang),
            Self::Open => words::STEP_OPEN.of(lang),
            Self::NotApplicable => words::STEP_NOT_APPLICABLE.of(lang),
        }
    }

    const fn look(self) -> (&'static str, Icon, Tone) {
        match self {
            Self::Done => ("step step-done", Icon::Check, Tone::Success),
            Self::Now => ("step step-now", Icon::Now, Tone::Info),
            Self::Late => ("step step-late", Icon::Danger, Tone::Danger),
            Self::Waiting => ("step step-waiting", Icon::Waiting, Tone::Warning),
            Self::Open => ("step step-open", Icon::Ring, Tone::Neutral),
            Self::NotApplicable => ("step step-none", Icon::Dash, Tone::Neutral),
        }
    }
}

/// A step.
#[derive(Clone, Debug, Default)]
pub struct Step<'a> {
    /// What to do, as an order.
    pub title: &'a str,
    /// Where it stands.
    pub state: State,
    /// By when; `None` if no time is set.
    pub due: Option<Due<'a>>,
    /// Who does it.
    pub who: &'a str,
    /// What was done, what it waits for, or why it does not apply; may be empty.
    pub note: &'a str,
    /// Why it stands here; opened on demand.
    pub why: &'a [String],
    /// The clauses behind it.
    pub basis: &'a [Basis<'a>],
    /// What can be done here: forms, buttons, papers; may be empty.
    pub actions: Markup,
}

/// Renders a step, an item of [`list`].
#[must_use]
pub fn step(lang: Lang, step: &Step<'_>) -> Markup {
    let (class, drawing, tone) = step.state.look();
    html! {
        li class=(class) aria-current=[(step.state == State::Now).then_some("step")] {
            span class="step-mark" { (icon(drawing)) }
            div class="step-body" {
                div class="step-head" {
                    h3 class="step-title" { (step.title) }
                    (badge::badge(tone, step.state.word(lang)))
                }
                p class="step-meta" {
                    @if !step.who.is_empty() { span class="step-who" { (words::WHO.of(lang)) " " (step.who) } }
                    @if let Some(due) = step.due {
                        span class="step-due" { (words::DUE.of(lang)) " " (time(due)) }
                        @if !matches!(step.state, State::Done | State::NotApplicable) { (countdown(lang, due)) }
                    }
                }
                @if !step.note.is_empty() { p class="step-note" { (step.note) } }
                div class="step-folds" {
                    (fold(words::WHY.of(lang), step.title, step.why))
                    (basis(lang, step.title, step.basis))
                }
                @if !step.actions.0.is_empty() { div class="button-row step-actions" { (step.actions) } }
            }
        }
    }
}

/// Renders the steps in their order; `label` names the list to assistive technology.
#[must_use]
pub fn list(label: &str, steps: &Markup) -> Markup {
    html! { ol class="steps" aria-label=(label) { (steps) } }
}
