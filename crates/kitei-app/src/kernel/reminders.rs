//! Reminding: a due time comes near, or has passed. Whoever does a thing is reminded before it is due and told once it is
//! late; those whom the packs name (`escalate`) are told with them.
//!
//! Packs say how long before (`remind`); where none does, a step is reminded of a day and a duty a week before.
//!
//! Invariant: pure; each reminder has a key made of the due time, so that a due time that moves is reminded of anew.

use jiff::Timestamp;
use kitei_rules::{
    pack::model::Text,
    run::{Kernel, command::Notice, duty::DutyStanding, standing::ActStanding, standing::Status, who::Target},
    value::Period,
    world::Record,
};

use super::project::Standings;

/// Where no pack says how long before.
const STEP: [Period; 1] = [Period { months: 0, days: 1, seconds: 0 }];
/// The same for what comes back.
const DUTY: [Period; 1] = [Period { months: 0, days: 7, seconds: 0 }];

/// Something with a due time that is not done.
struct Waiting<'s> {
    act: &'s str,
    round: i64,
    title: &'s Text,
    began: Timestamp,
    due: Timestamp,
    /// Passing it makes late, which a target does not.
    binding: bool,
    /// It can be done or approved now, so that reminding serves.
    doable: bool,
    remind: &'s [Period],
    doers: Vec<Target>,
    escalate: &'s [Target],
    basis: Vec<&'s str>,
}

/// The instants at which something is to be said about a record by the passing of time alone.
#[must_use]
pub fn instants(kernel: &Kernel<'_>, record: &Record, standings: &Standings) -> Vec<Timestamp> {
    let zone = &kernel.moment.zone;
    let before = |one: &Waiting| one.remind.iter().map(|period| period.before(one.due, zone)).collect::<Vec<_>>();
    waiting(kernel, record, standings).iter().flat_map(before).collect()
}

/// What is to be said about a record now because of its due times.
#[must_use]
pub fn due(kernel: &Kernel<'_>, record: &Record, standings: &Standings) -> Vec<Notice> {
    let now = kernel.moment.now;
    let mut out = Vec::new();
    for one in waiting(kernel, record, standings) {
        let named = format!("{}:{}:{}:{}", record.id, one.act, one.round, one.due.as_second());
        if now > one.due {
            if one.binding {
                let to = one.doers.iter().chain(one.escalate).cloned().collect();
                out.push(one.notice(record, format!("late:{named}"), to, ("期限を過ぎました", "Overdue"), true));
            }
            continue;
        }
        let begun = |period: &&Period| {
            let from = period.before(one.due, &kernel.moment.zone);
            // A countdown that is shorter was told of when it began.
            from <= now && one.began <= from
        };
        if let Some(period) =
            one.remind.iter().filter(begun).min_by_key(|period| (period.months, period.days, period.seconds))
            && one.doable
        {
            let key = format!("soon:{named}:{period}");
            out.push(one.notice(record, key, one.doers.clone(), ("期限が近づいています", "Due soon"), false));
        }
    }
    out
}

impl Waiting<'_> {
    fn notice(&self, record: &Record, key: String, to: Vec<Target>, (ja, en): (&str, &str), urgent: bool) -> Notice {
        Notice {
            record: record.id,
            key,
            to,
            message: Text { ja: format!("{ja}：{}", self.title.ja), en: format!("{en}: {}", self.title.en) },
            receipt: false,
            urgent,
            due: Some(self.due),
            basis: self.basis.iter().map(|clause| (*clause).to_owned()).collect(),
        }
    }
}

fn waiting<'s>(kernel: &Kernel<'_>, record: &Record, standings: &'s Standings) -> Vec<Waiting<'s>> {
    let steps = standings.steps.iter().filter_map(|standing| of_step(kernel, record, standing));
    let duties = standings.duties.iter().filter_map(|standing| of_duty(kernel, record, standing));
    steps.chain(duties).collect()
}

fn of_step<'s>(kernel: &Kernel<'_>, record: &Record, standing: &'s ActStanding) -> Option<Waiting<'s>> {
    if standing.status.settled() {
        return None;
    }
    let due = standing.due().or_else(|| standing.target())?;
    let began = standing.clocks.iter().filter(|clock| clock.due == Some(due)).filter_map(|clock| clock.from).min();
    let doers = doers(kernel, record, &standing.act, standing.round, standing.status, &standing.by, || {
        standing.approvals.outstanding.clone()
    });
    Some(Waiting {
        began: began.unwrap_or(record.created_at),
        due,
        binding: standing.due().is_some(),
        doable: !matches!(standing.status, Status::Blocked | Status::Locked),
        remind: if standing.remind.is_empty() { &STEP } else { &standing.remind },
        doers,
        basis: standing.basis().into_iter().collect(),
        act: &standing.act,
        round: standing.round,
        title: &standing.title,
        escalate: &standing.escalate,
    })
}

fn of_duty<'s>(kernel: &Kernel<'_>, record: &Record, duty: &'s DutyStanding) -> Option<Waiting<'s>> {
    if duty.status.settled() || duty.upcoming {
        return None;
    }
    let doers =
        doers(kernel, record, &duty.act, duty.round, duty.status, &duty.by, || duty.approvals.outstanding.clone());
    Some(Waiting {
        began: duty.opens_at,
        due: duty.due,
        binding: true,
        doable: duty.status != Status::Blocked,
        remind: if duty.remind.is_empty() { &DUTY } else { &duty.remind },
        doers,
        basis: duty.basis.iter().flat_map(|(_, clauses)| clauses).map(String::as_str).collect(),
        act: &duty.act,
        round: duty.round,
        title: &duty.title,
        escalate: &duty.escalate,
    })
}

/// Who has to act: those who do it, or those who approve what was done.
fn doers(
    kernel: &Kernel<'_>,
    record: &Record,
    act: &str,
    round: i64,
    status: Status,
    by: &[Target],
    outstanding: impl Fn() -> Vec<Vec<String>>,
) -> Vec<Target> {
    if status != Status::Submitted {
        return by.to_vec();
    }
    let deed = record.deeds.iter().find(|deed| deed.act == act && deed.round == round);
    let doer = deed.and_then(|deed| deed.by);
    let sets = outstanding();
    let approvers = sets.iter().flat_map(|set| kernel.approvers(record, set, doer));
    approvers.flat_map(|approver| approver.persons).map(Target::Person).collect()
}
