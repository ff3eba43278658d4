//! Task cards: what to do, by when, who, and why.
//!
//! Tasks are computed elsewhere; a card only shows one. The due time is said in words, in full and as a
//! countdown, so that nobody has to reckon.

use maud::{Markup, html};

use super::basis::{Basis, basis};
use super::icon::{Icon, icon};
use super::{Lang, Tone, badge, text, words};

/// How near the due time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nearness {
    /// The due time has passed.
    Overdue,
    /// Due before midnight in the organization's zone.
    Today,
    /// Due within seven days.
    ThisWeek,
    /// Due after that.
    Later,
    /// The regulation names no time.
    #[default]
    Open,
    /// Done.
    Done,
}

impl Nearness {
    /// The word for it.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Overdue => words::OVERDUE.of(lang),
            Self::Today => words::TODAY.of(lang),
            Self::ThisWeek => words::THIS_WEEK.of(lang),
            Self::Later => words::LATER.of(lang),
            Self::Open => words::NO_DUE.of(lang),
            Self::Done => words::DONE.of(lang),
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Overdue => Tone::Danger,
            Self::Today => Tone::Warning,
            Self::ThisWeek => Tone::Info,
            Self::Later | Self::Open => Tone::Neutral,
            Self::Done => Tone::Success,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Overdue => "task task-overdue",
            Self::Today => "task task-today",
            Self::ThisWeek | Self::Later | Self::Open => "task",
            Self::Done => "task task-done",
        }
    }
}

/// A due time, in the forms that a page shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Due<'a> {
    /// In full, with zone: 「2026年11月27日（金）24:00」.
    pub text: &'a str,
    /// The instant in RFC 3339, for machines.
    pub instant: &'a str,
    /// Seconds until then, negative when it has passed; `None` when no countdown runs. The script counts on from
    /// here, because the clock of the person's computer may be wrong.
    pub left: Option<i64>,
}

/// A task.
#[derive(Clone, Debug, Default)]
pub struct Task<'a> {
    /// What to do, as an order: 「委員会へ速報を出す」.
    pub title: &'a str,
    /// Where it is done.
    pub href: &'a str,
    /// What it is about: number and name of the record.
    pub about: &'a str,
    /// How near it is.
    pub nearness: Nearness,
    /// By when; `None` if no time is set.
    pub due: Option<Due<'a>>,
    /// Who does it.
    pub who: &'a str,
    /// Why it is asked, in a sentence; may be empty.
    pub reason: &'a str,
    /// What it waits for, if it is blocked; the clock runs on.
    pub waiting: Option<&'a str>,
    /// The clauses behind it.
    pub basis: &'a [Basis<'a>],
}

/// Renders a card, an item of [`group`].
#[must_use]
pub fn card(lang: Lang, task: &Task<'_>) -> Markup {
    html! {
        li class=(task.nearness.class()) {
            div class="task-head" {
                @if task.nearness == Nearness::Overdue {
                    (badge::strong(Tone::Danger, task.nearness.word(lang)))
                } @else {
                    (badge::badge(task.nearness.tone(), task.nearness.word(lang)))
                }
                @if let Some(due) = task.due { (countdown(lang, due)) }
            }
            h3 class="task-title" { a href=(task.href) { (task.title) } }
            @if !task.about.is_empty() { p class="task-about" { (task.about) } }
            (meta(lang, task))
            (basis(lang, task.title, task.basis))
        }
    }
}

/// The small print of a card: due time, who, what it waits for, why.
fn meta(lang: Lang, task: &Task<'_>) -> Markup {
    let lines = [
        (words::DUE, task.due.map(time)),
        (words::WHO, written(task.who)),
        (words::WAITING_FOR, task.waiting.and_then(written)),
        (words::WHY, written(task.reason)),
    ];
    html! {
        @if lines.iter().any(|(_, value)| value.is_some()) {
            dl class="task-meta" {
                @for (term, value) in lines {
                    @if let Some(value) = value { div { dt { (term.of(lang)) } dd { (value) } } }
                }
            }
        }
    }
}

fn written(text: &str) -> Option<Markup> {
    (!text.is_empty()).then(|| html! { (text) })
}

/// Renders the cards of one group under its heading with their number; `rest` is what [`rest`] made of the later ones.
#[must_use]
pub fn group(heading: &str, count: u64, cards: &Markup, rest: &Markup) -> Markup {
    html! {
        section class="task-group" {
            h2 class="task-group-title" { (heading) " " span class="count" { (text::grouped(count)) } }
            ul class="task-list" { (cards) }
            (rest)
        }
    }
}

/// The cards of a group that are opened only when somebody wants them; nothing when there are none.
#[must_use]
pub fn rest(lang: Lang, count: u64, cards: &Markup) -> Markup {
    html! {
        @if count > 0 {
            details class="task-rest" {
                summary { (words::REST.of(lang)) " " span class="count" { (text::grouped(count)) } }
                ul class="task-list" { (cards) }
            }
        }
    }
}

/// The running countdown with its clock, or nothing when none runs.
#[must_use]
pub fn countdown(lang: Lang, due: Due<'_>) -> Markup {
    html! {
        @if let Some(left) = due.left {
            span class="countdown" { (icon(Icon::Clock)) span data-seconds=(left) { (text::countdown(lang, left)) } }
        }
    }
}

/// The due time in full, as a `time` element.
#[must_use]
pub fn time(due: Due<'_>) -> Markup {
    html! { time datetime=(due.instant) { (due.text) } }
}
