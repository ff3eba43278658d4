//! Long work: how far it is, that one may leave, and how to see the latest.
//!
//! Without script a link shows the latest state. With script the element at `poll` replaces this one every two
//! seconds until a state other than running comes.

use maud::{Markup, html};

use super::badge::badge;
use super::text::grouped;
use super::{Lang, Tone, words};

/// Where the work stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Going on.
    #[default]
    Running,
    /// Finished.
    Finished,
    /// Ended without result; nothing half-done remains.
    Failed,
}

/// A piece of long work.
#[derive(Clone, Debug, Default)]
pub struct Progress<'a> {
    /// Id of the element, unique on the page.
    pub id: &'a str,
    /// What is being done.
    pub label: &'a str,
    /// Units done.
    pub done: u64,
    /// Units in all; `None` while unknown.
    pub total: Option<u64>,
    /// What is counted, as in 「行」.
    pub unit: &'a str,
    /// Where it stands.
    pub state: State,
    /// Address that answers with this component as it then is.
    pub poll: &'a str,
    /// Address of the page itself, to look again without script.
    pub refresh: &'a str,
    /// What came out, or why it failed; may be empty.
    pub result: Markup,
}

/// Renders a piece of long work.
#[must_use]
pub fn progress(lang: Lang, work: &Progress<'_>) -> Markup {
    let running = work.state == State::Running;
    let (tone, word) = match work.state {
        State::Running => (Tone::Info, words::RUNNING),
        State::Finished => (Tone::Success, words::FINISHED),
        State::Failed => (Tone::Danger, words::FAILED),
    };
    html! {
        section class="progress" id=(work.id) aria-labelledby={ (work.id) "-label" }
            data-poll=[running.then_some(work.poll)] {
            div class="progress-head" {
                h3 id={ (work.id) "-label" } class="progress-label" { (work.label) }
                (badge(tone, word.of(lang)))
            }
            @if running {
                progress aria-labelledby={ (work.id) "-label" } value=[work.total.map(|_| work.done)] max=[work.total] {}
            }
            p class="progress-count" role="status" {
                (grouped(work.done))
                @if let Some(total) = work.total { " / " (grouped(total)) }
                (work.unit)
            }
            @if running {
                p class="progress-leave" {
                    (words::LEAVE_OPEN.of(lang)) " "
                    a href=(work.refresh) data-poll-hidden { (words::REFRESH.of(lang)) }
                }
            }
            @if !work.result.0.is_empty() { div class="progress-result" { (work.result) } }
        }
    }
}
