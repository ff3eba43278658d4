//! What comes back: for each object of a duty, the round that is due now and whether it is done.
//!
//! A round is numbered by year and month of its opening (`202607`) when the packs name months, and counted from the last
//! one otherwise. The deeds of a duty are kept on its object.
//!
//! Invariant: nothing before the organisation's start day is overdue.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::{
    Kernel,
    approve::Approvals,
    attempt::Attempt,
    command::{Change, Values},
    standing::Status,
    validate::at_field,
    who::Target,
};
use crate::{
    book::BookDuty,
    pack::model::Text,
    value::{Period, Truth, Value},
    world::{Deed, DeedStatus, Record},
};

/// A duty on one object.
#[derive(Clone, Debug, PartialEq)]
pub struct DutyStanding {
    /// Act.
    pub act: String,
    /// Title.
    pub title: Text,
    /// Object.
    pub record: Uuid,
    /// Round.
    pub round: i64,
    /// When it opens.
    pub opens_at: Timestamp,
    /// End of the day by which it should be done. Regulations seldom set a day: the end of the opening month, or the
    /// end of the period, is Kitei's reading.
    pub due: Timestamp,
    /// How far: open, submitted, returned, blocked (needs another duty's result), or done until the next opens.
    pub status: Status,
    /// Not open yet.
    pub upcoming: bool,
    /// Who does it.
    pub by: Vec<Target>,
    /// How long before the due time they are reminded; empty: no pack says.
    pub remind: Vec<Period>,
    /// Who is told once the due time has passed.
    pub escalate: Vec<Target>,
    /// Approvals.
    pub approvals: Approvals,
    /// Clauses by pack.
    pub basis: Vec<(String, Vec<String>)>,
    /// Last time it was done.
    pub last: Option<Timestamp>,
    /// Yes, or unknown whether the object is concerned.
    pub truth: Truth,
}

/// A round: number, first day, last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    number: i64,
    opens: Date,
    due: Date,
}

impl Kernel<'_> {
    /// Every duty of an object.
    #[must_use]
    pub fn duties(&self, record: &Record) -> Vec<DutyStanding> {
        let duties = self.book.duties.get(&record.register).into_iter().flatten();
        duties.filter_map(|duty| self.duty_standing(record, duty)).collect()
    }

    fn duty_standing(&self, record: &Record, duty: &BookDuty) -> Option<DutyStanding> {
        let truth = if duty.when.is_empty() {
            Truth::Yes
        } else {
            let truths: Vec<Truth> = duty.when.iter().map(|when| self.truth(when, record.id, None)).collect();
            if truths.contains(&Truth::Yes) {
                Truth::Yes
            } else if truths.contains(&Truth::Unknown) {
                Truth::Unknown
            } else {
                return None;
            }
        };
        let deeds: Vec<&Deed> = record.deeds.iter().filter(|deed| deed.act == duty.duty.act).collect();
        let round = self.round(record, duty, &deeds);
        let deed = deeds.iter().find(|deed| deed.round == round.number).copied();
        let upcoming = round.opens > self.moment.today();
        let needs: Vec<&String> = duty.duty.after.iter().filter(|act| !done_in(record, act, round)).collect();
        let status = match deed.map(|deed| deed.status) {
            Some(DeedStatus::Done) => Status::Done,
            Some(DeedStatus::Skipped) => Status::Skipped,
            Some(DeedStatus::Submitted) => Status::Submitted,
            Some(DeedStatus::Returned) => Status::Returned,
            None if !needs.is_empty() => Status::Blocked,
            None => Status::Open,
        };
        Some(DutyStanding {
            act: duty.duty.act.clone(),
            title: duty.duty.title.clone().unwrap_or_else(|| self.book.act_title(&duty.duty.act)),
            record: record.id,
            round: round.number,
            opens_at: self.moment.start_of(round.opens),
            due: self.moment.end_of(round.due),
            status,
            upcoming,
            by: self.all_targets(record, &duty.duty.by),
            remind: duty.duty.remind.clone(),
            escalate: self.all_targets(record, &duty.duty.escalate),
            approvals: self.approvals(std::slice::from_ref(&duty.duty.approve), deed),
            basis: duty.duty.basis.clone(),
            last: deeds.iter().filter(|d| d.status == DeedStatus::Done).map(|d| d.happened_at).max(),
            truth,
        })
    }

    /// The first day on which duties count: the organisation's start day, or the day the object was opened if later.
    fn starts(&self, record: &Record) -> Date {
        let opened = self.moment.date_of(record.created_at);
        let organization = self.snapshot.organization.and_then(|id| self.snapshot.record(id));
        let start =
            organization.and_then(|organization| match organization.fields.get("started_on").map(|s| &s.value) {
                Some(Value::Date(day)) => Some(*day),
                _ => None,
            });
        start.map_or(opened, |start| start.max(opened))
    }

    fn round(&self, record: &Record, duty: &BookDuty, deeds: &[&Deed]) -> Round {
        let finished = |number: i64| {
            deeds.iter().any(|d| d.round == number && matches!(d.status, DeedStatus::Done | DeedStatus::Skipped))
        };
        let (start, today) = (self.starts(record), self.moment.today());
        let months = opening_months(duty);
        if months.is_empty() {
            return counted(duty, deeds, start, |instant| self.moment.date_of(instant));
        }
        let last_settled = deeds.iter().filter(|deed| finished(deed.round)).map(|deed| deed.round).max();
        let mut open = None;
        for year in start.year()..=today.year() + 1 {
            for month in &months {
                let Ok(opens) = Date::new(year, *month, 1) else { continue };
                if opens < start.first_of_month() || last_settled.is_some_and(|last| number(opens) <= last) {
                    continue;
                }
                let round = Round { number: number(opens), opens, due: opens.last_of_month() };
                if opens <= today {
                    // Missed rounds of the past are one task: the newest.
                    open = Some(round);
                } else {
                    return open.unwrap_or(round);
                }
            }
        }
        open.unwrap_or(Round { number: number(today), opens: today, due: today })
    }
}

/// The months in which rounds open: as named or, for shorter periods, stepping from the first named.
fn opening_months(duty: &BookDuty) -> Vec<i8> {
    let named: Vec<i8> = duty.duty.months.iter().filter_map(|month| i8::try_from(*month).ok()).collect();
    let step = i8::try_from(duty.duty.period.months).unwrap_or(12);
    match named.first() {
        Some(first) if (1..12).contains(&step) => {
            let steps = (0..12 / step).map(|n| (first - 1 + n * step) % 12 + 1);
            // A month that another pack names stays, also where it does not fall on a step.
            steps.chain(named.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
        }
        _ => named,
    }
}

fn number(opens: Date) -> i64 {
    i64::from(opens.year()) * 100 + i64::from(opens.month())
}

/// Without named months the next round runs from the last one done, or from the start.
fn counted(duty: &BookDuty, deeds: &[&Deed], start: Date, date_of: impl Fn(Timestamp) -> Date) -> Round {
    let settled = deeds.iter().filter(|d| matches!(d.status, DeedStatus::Done | DeedStatus::Skipped));
    let last = settled.max_by_key(|deed| deed.round);
    let from = last.map_or(start, |deed| date_of(deed.happened_at).max(start));
    Round { number: last.map_or(0, |deed| deed.round + 1), opens: from, due: duty.duty.period.after_date(from) }
}

fn done_in(record: &Record, act: &str, round: Round) -> bool {
    record.deeds.iter().any(|deed| deed.act == *act && deed.status == DeedStatus::Done && deed.round >= round.number)
}

impl Attempt<'_> {
    /// Outstanding approvals of a duty's deed.
    pub(super) fn duty_approvals(&self, record: &Record, act: &str, deed: &Deed) -> Vec<Vec<String>> {
        let kernel = self.kernel();
        let duties = self.book.duties.get(&record.register).into_iter().flatten();
        duties
            .filter(|duty| duty.duty.act == act)
            .flat_map(|duty| kernel.approvals(std::slice::from_ref(&duty.duty.approve), Some(deed)).outstanding)
            .collect()
    }

    /// Does a duty's act for an object.
    pub(super) fn duty(&mut self, id: Uuid, act: &str, round: i64, fields: &Values) {
        let Some(record) = self.snapshot.record(id).cloned() else {
            self.refuse("not-found", Vec::new(), "記録が見つかりません。", "There is no such record.");
            return;
        };
        let kernel = self.kernel();
        let Some(standing) = kernel.duties(&record).into_iter().find(|duty| duty.act == act) else {
            self.refuse(
                "not-asked",
                Vec::new(),
                "この対象にはその定期業務はありません。",
                "There is no such duty here.",
            );
            return;
        };
        let clauses: Vec<String> = standing.basis.iter().flat_map(|(_, clauses)| clauses.iter().cloned()).collect();
        if !self.kernel().is_meant(self.actor.person, &standing.by) {
            self.refuse("not-yours", clauses, "この業務を行う役割ではありません。", "This duty is not for your roles.");
            return;
        }
        if standing.round != round || standing.status.settled() {
            self.refuse("done", clauses, "この回は済んでいます。", "This round is settled.");
            return;
        }
        if standing.status == Status::Blocked {
            self.refuse("blocked", clauses, "先に必要な業務が済んでいません。", "Another duty must be done first.");
            return;
        }
        let needs = self.book.duties.get(&record.register).into_iter().flatten().find(|duty| duty.duty.act == act);
        let own = self.book.names.acts.get(act).map(|rule| rule.fields.clone()).unwrap_or_default();
        let (refused, warned) = self.kernel().value_objections("", &own, fields);
        self.verdict.refused.extend(refused);
        self.verdict.warned.extend(warned);
        for field in needs.into_iter().flat_map(|duty| &duty.duty.needs) {
            let rule = own.iter().find(|known| known.id == *field);
            let kind = rule.map(|rule| rule.kind).unwrap_or_default();
            if !fields.get(field).is_some_and(|value| value.is_said(kind)) {
                let title = rule.map(|rule| rule.title.clone()).unwrap_or_default();
                self.verdict.refused.push(at_field(
                    "needs",
                    field,
                    &clauses,
                    format!("「{}」が必要です。", title.ja),
                    format!("\"{}\" is needed.", title.en),
                ));
            }
        }
        let done = standing.approvals.sets.is_empty();
        let acting_for = self.kernel().acting_for(self.actor.person, &standing.by);
        self.put(Change::Deed {
            record: id,
            act: act.to_owned(),
            round,
            status: if done { DeedStatus::Done } else { DeedStatus::Submitted },
            by: self.circumstances.done_by.or(Some(self.actor.person)),
            acting_for,
            happened_at: self.happened(),
            fields: fields.clone(),
            reason: self.circumstances.reason.clone(),
        });
        // Gates see the deed, so that they can read its fields.
        let record = self.snapshot.record(id).cloned().unwrap_or(record);
        let verdict = self.kernel().gates(&record, &format!("act:{act}"), None, fields);
        self.verdict.refused.extend(verdict.refused);
        self.verdict.asked.extend(verdict.asked);
        self.verdict.warned.extend(verdict.warned);
        if done {
            self.follow(id, &format!("approved:{act}"));
        }
        self.follow(id, &format!("act:{act}"));
    }
}
