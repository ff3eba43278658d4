//! Steps and recurring duties of a record's page: first what is to be done now, the rest folded.

use jiff::Timestamp;
use kitei_rules::{
    pack::model::ClockKind,
    run::standing::{ActStanding, Status},
    world::State as Stand,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::gather::{Duty, Seen, Shown};
use crate::{
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link,
            button::{self, Submit, Weight as Shape},
            folded::{self, Folded},
            form,
            steps::{self, State as StepState, Step},
            task::Due,
        },
    },
    web::{
        Web, fields,
        frame::say,
        problem::Problem,
        record::forms::{basis_of, clause_links},
        today::local,
        visitor::Visitor,
    },
};

/// Up to so many steps all stand open.
const FEW: usize = 8;
/// What is due within so many seconds is to be done now.
const SOON: i64 = 24 * 3600;

/// Where a step stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// Late, due within a day, or to be done at once.
    Now,
    /// Due later.
    Later,
    /// May be done, and no time is set.
    Undated,
    /// Something else comes first.
    Waiting,
    /// Done, or not applicable.
    Settled,
}

impl Group {
    const ALL: [Self; 5] = [Self::Now, Self::Later, Self::Undated, Self::Waiting, Self::Settled];

    fn of(shown: &Shown, now: Timestamp) -> Self {
        let standing = &shown.standing;
        let at_once = |kind| matches!(kind, ClockKind::Immediately | ClockKind::WithoutDelay);
        match standing.status {
            Status::Done | Status::Skipped => Self::Settled,
            _ if standing.late() || shown.approvable => Self::Now,
            Status::Waiting | Status::Locked | Status::Blocked | Status::Submitted => Self::Waiting,
            Status::Open | Status::Returned => match due_of(standing) {
                Some(due) if due.as_second() - now.as_second() > SOON => Self::Later,
                Some(_) => Self::Now,
                None if standing.clocks.iter().any(|clock| at_once(clock.kind)) => Self::Now,
                None => Self::Undated,
            },
        }
    }

    fn heading(self, lang: Lang) -> &'static str {
        match self {
            Self::Now => say(lang, "いま行う手順", "Steps to do now"),
            Self::Later => say(lang, "期限がこの先の手順", "Steps due later"),
            Self::Undated => say(lang, "期限のない手順", "Steps without a due time"),
            Self::Waiting => say(lang, "待っている手順", "Steps that wait"),
            Self::Settled => say(lang, "済んだ手順・該当しない手順", "Steps done or not applicable"),
        }
    }
}

fn due_of(standing: &ActStanding) -> Option<Timestamp> {
    standing.due().or_else(|| standing.target())
}

/// The steps in groups: what is to be done now stands open, the others open when somebody wants them.
pub(super) fn section(web: &Web, visitor: &Visitor, id: Uuid, seen: &Seen, now: Timestamp) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let few = seen.steps.len() <= FEW;
    let mut out = Vec::new();
    for group in Group::ALL {
        let mut shown: Vec<&Shown> = seen.steps.iter().filter(|shown| Group::of(shown, now) == group).collect();
        if matches!(group, Group::Now | Group::Later) {
            // The order of the procedure decides where times are the same.
            shown.sort_by_key(|shown| due_of(&shown.standing).unwrap_or(now));
        }
        let mut rendered = Vec::new();
        for step in &shown {
            rendered.push(step_of(web, visitor, id, step, now, seen.state)?);
        }
        let next = shown.first().and_then(|shown| due_of(&shown.standing)).filter(|_| group == Group::Later);
        let note = next.map(|due| format!("{} {}", say(lang, "次の期限", "next due"), local(visitor, due)));
        out.push(folded::part(&Folded {
            heading: group.heading(lang),
            count: shown.len() as u64,
            note: note.as_deref().unwrap_or_default(),
            open: few || group == Group::Now,
            content: steps::list(group.heading(lang), &html! { @for step in &rendered { (step) } }),
        }));
    }
    Ok(html! { @for part in &out { (part) } })
}

/// What comes back on the record.
pub(super) fn duties(visitor: &Visitor, id: Uuid, seen: &Seen, now: Timestamp) -> Markup {
    let heading = say(visitor.lang, "定期の業務", "Recurring duties");
    folded::part(&Folded {
        heading,
        count: seen.duties.len() as u64,
        open: true,
        content: steps::list(
            heading,
            &html! { @for duty in &seen.duties { (duty_of(visitor, id, duty, now, seen.state)) } },
        ),
        ..Folded::default()
    })
}

fn duty_of(visitor: &Visitor, id: Uuid, duty: &Duty, now: Timestamp, state: Stand) -> Markup {
    let lang = visitor.lang;
    let standing = &duty.standing;
    let clauses: Vec<String> = standing.basis.iter().flat_map(|(_, clauses)| clauses.iter().cloned()).collect();
    let links = clause_links(&clauses);
    let basis = basis_of(&links);
    let open = matches!(standing.status, Status::Open | Status::Returned);
    let late = open && standing.due < now;
    let (text, instant) = (local(visitor, standing.due), standing.due.to_string());
    let last = standing.last.map(|last| format!("{} {}", say(lang, "前回", "Last done"), local(visitor, last)));
    let href = format!("/records/{id}/act/{}", standing.act);
    steps::step(
        lang,
        &Step {
            title: standing.title.in_lang(fields::language(lang)),
            state: match standing.status {
                Status::Done => StepState::Done,
                Status::Skipped => StepState::NotApplicable,
                _ if late => StepState::Late,
                Status::Open | Status::Returned if !standing.upcoming => StepState::Now,
                Status::Open | Status::Returned => StepState::Open,
                Status::Waiting | Status::Locked | Status::Blocked | Status::Submitted => StepState::Waiting,
            },
            due: Some(Due {
                text: &text,
                instant: &instant,
                left: (!standing.status.settled()).then(|| standing.due.as_second() - now.as_second()),
            }),
            who: &duty.who,
            note: last.as_deref().unwrap_or_default(),
            why: &[],
            basis: &basis,
            actions: html! {
                @if open && duty.mine && state == Stand::Open {
                    (button::link(Link { label: say(lang, "行う・記録する", "Do or record"), href: &href }, Shape::Primary))
                }
            },
        },
    )
}

fn step_of(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    shown: &Shown,
    now: Timestamp,
    state: Stand,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let standing = &shown.standing;
    let due = due_of(standing).map(|due| (local(visitor, due), due.to_string(), due));
    let clauses: Vec<String> = standing.basis().into_iter().map(str::to_owned).collect();
    let links = clause_links(&clauses);
    let basis = basis_of(&links);
    let note = note_of(visitor, standing);
    let mut why: Vec<String> = standing.why.iter().map(|why| why.in_lang(words).to_owned()).collect();
    why.extend(clocks_of(visitor, standing));
    let can = state == Stand::Open && shown.mine && matches!(standing.status, Status::Open | Status::Returned);
    let act = &standing.act;
    let actions = html! {
        @if can {
            @let do_it = format!("/records/{id}/act/{act}");
            @let skip = format!("/records/{id}/skip/{act}");
            (button::link(Link { label: say(lang, "行う・記録する", "Do or record"), href: &do_it }, Shape::Primary))
            @if standing.skip != kitei_rules::pack::model::Skip::Never {
                (button::link(Link { label: say(lang, "該当しない", "Not applicable"), href: &skip }, Shape::Quiet))
            }
        }
        @if shown.approvable && !shown.duty {
            (posting(web, visitor, &format!("/records/{id}/approve/{act}"), say(lang, "承認する", "Approve"), Shape::Primary)?)
            (posting(web, visitor, &format!("/records/{id}/return/{act}"), say(lang, "差し戻す", "Send back"), Shape::Secondary)?)
        }
    };
    let shown_state = match standing.status {
        Status::Done => StepState::Done,
        Status::Skipped => StepState::NotApplicable,
        _ if standing.late() => StepState::Late,
        Status::Waiting | Status::Locked | Status::Blocked => StepState::Waiting,
        Status::Submitted => StepState::Waiting,
        Status::Open | Status::Returned => StepState::Now,
    };
    Ok(steps::step(
        lang,
        &Step {
            title: standing.title.in_lang(words),
            state: shown_state,
            due: due.as_ref().map(|(text, instant, due)| Due {
                text,
                instant,
                left: (!standing.status.settled()).then(|| due.as_second() - now.as_second()),
            }),
            who: &shown.who,
            note: &note,
            why: &why,
            basis: &basis,
            actions,
        },
    ))
}

/// Every clock of a step, in words, with the clauses that set it.
fn clocks_of(visitor: &Visitor, standing: &ActStanding) -> Vec<String> {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let mut out = Vec::new();
    for clock in &standing.clocks {
        let kind = match clock.kind {
            ClockKind::Target => say(lang, "目標", "target"),
            ClockKind::Limit => say(lang, "期限", "limit"),
            ClockKind::Contract => say(lang, "契約上の期限", "by contract"),
            ClockKind::Immediately => say(lang, "直ちに", "immediately"),
            ClockKind::WithoutDelay => say(lang, "遅滞なく", "without delay"),
        };
        let at = clock.due.map(|due| local(visitor, due)).unwrap_or_default();
        let guide = clock.guide.as_ref().map(|guide| format!("（{}）", guide.in_lang(words))).unwrap_or_default();
        out.push(format!("{kind} {at}{guide}［{}］", clock.basis.join("、")));
    }
    out
}

/// What else is to be said of a step: lines left, who must approve.
fn note_of(visitor: &Visitor, standing: &ActStanding) -> String {
    let lang = visitor.lang;
    let mut parts: Vec<String> = Vec::new();
    if let Some((done, all)) = standing.lines {
        parts.push(if lang == Lang::Ja {
            format!("{all}件のうち{done}件済み")
        } else {
            format!("{done} of {all} lines done")
        });
    }
    if standing.status == Status::Submitted {
        let sets: Vec<String> = standing.approvals.outstanding.iter().map(|set| set.join("/")).collect();
        parts.push(format!("{}: {}", say(lang, "承認待ち", "waits for approval"), sets.join("、")));
    }
    parts.join(" · ")
}

/// A button that posts.
fn posting(web: &Web, visitor: &Visitor, action: &str, label: &str, weight: Shape) -> Result<Markup, Problem> {
    let token = visitor.token(web, action)?;
    Ok(form::form(
        visitor.lang,
        &form::Form {
            action,
            token: Some((CSRF_FIELD, &token)),
            buttons: button::submit(visitor.lang, &Submit { label, weight, ..Submit::default() }),
            ..form::Form::default()
        },
    ))
}
