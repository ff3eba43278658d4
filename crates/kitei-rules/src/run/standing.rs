//! Where each act of a record stands: asked for by which steps, open or not, by when, by whom, with what.
//!
//! A record runs all its tracks, and one deed serves every step that names the act: needs, approvals, demands and
//! clocks of the steps unite and none is dropped. Order binds inside a track.
//!
//! Invariant: pure; the same record, rulebook and instant give the same standing.
//! Invariant: a step whose condition is unknown is asked for and says so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Kernel, approve::Approvals, who::Target};
use crate::{
    book::{BookClock, BookStep, BookTrack},
    pack::model::{ClockKind, Skip, Text},
    value::{Period, Truth, Value},
    world::{Deed, DeedStatus, Record},
};

/// How far an act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Can be done now.
    Open,
    /// Sent back by an approver: can be done again.
    Returned,
    /// Done, approvals outstanding.
    Submitted,
    /// Waits for something outside; the clocks run on.
    Waiting,
    /// An earlier step of its track is open.
    Blocked,
    /// Cannot begin yet.
    Locked,
    /// Done and approved.
    Done,
    /// Not applicable because ….
    Skipped,
}

impl Status {
    /// Nothing more is asked.
    #[must_use]
    pub fn settled(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

/// A countdown of an act.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockStanding {
    /// Kind.
    pub kind: ClockKind,
    /// Where it began.
    pub from: Option<Timestamp>,
    /// Where it ends; none for those that count up, or while the beginning is unknown.
    pub due: Option<Timestamp>,
    /// Past, and the act not done; or done after it.
    pub late: bool,
    /// Kitei's own safe reading, with the reason.
    pub guide: Option<Text>,
    /// Clauses.
    pub basis: Vec<String>,
    /// Track that sets it.
    pub track: String,
}

/// A step that asks for an act.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// Pack.
    pub pack: String,
    /// Track.
    pub track: String,
    /// Title of the track.
    pub track_title: Text,
    /// Position in the track.
    pub position: usize,
    /// Yes or unknown.
    pub truth: Truth,
    /// Title of the step.
    pub title: Text,
    /// Clauses.
    pub basis: Vec<String>,
    /// Where this step alone stands.
    pub status: Status,
}

/// An act on a record.
#[derive(Clone, Debug, PartialEq)]
pub struct ActStanding {
    /// Act.
    pub act: String,
    /// Title.
    pub title: Text,
    /// Round; 0 is the first.
    pub round: i64,
    /// How far.
    pub status: Status,
    /// Steps that ask for it.
    pub asked_by: Vec<Asking>,
    /// Who does it; the first is accountable.
    pub by: Vec<Target>,
    /// Approvals.
    pub approvals: Approvals,
    /// Countdowns.
    pub clocks: Vec<ClockStanding>,
    /// Fields that must be filled, with clauses.
    pub needs: BTreeMap<String, Vec<String>>,
    /// Lines done and lines in all, for a step that goes through lines.
    pub lines: Option<(usize, usize)>,
    /// What leaving it out asks for: the strictest of the steps.
    pub skip: Skip,
    /// Papers that belong to it.
    pub papers: BTreeSet<String>,
    /// Who is told when it opens.
    pub tell: Vec<Target>,
    /// Those who are told must acknowledge.
    pub receipt: bool,
    /// How long before the due time those who do it are reminded; empty: no step says.
    pub remind: Vec<Period>,
    /// Who is told once the due time has passed.
    pub escalate: Vec<Target>,
    /// Who sees it: every inner list must be met; empty: whoever reads the record.
    pub read: Vec<Vec<String>>,
    /// Why it waits or is locked or blocked.
    pub why: Vec<Text>,
    /// The record cannot be closed while it is open.
    pub holds_open: bool,
}

impl ActStanding {
    /// Earliest limit or contract date.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let binding = |clock: &&ClockStanding| matches!(clock.kind, ClockKind::Limit | ClockKind::Contract);
        self.clocks.iter().filter(binding).filter_map(|clock| clock.due).min()
    }

    /// Earliest target date.
    #[must_use]
    pub fn target(&self) -> Option<Timestamp> {
        self.clocks.iter().filter(|clock| clock.kind == ClockKind::Target).filter_map(|clock| clock.due).min()
    }

    /// Whether a limit has passed.
    #[must_use]
    pub fn late(&self) -> bool {
        self.clocks.iter().any(|clock| clock.late && clock.kind != ClockKind::Target)
    }

    /// Clauses of all steps that ask.
    #[must_use]
    pub fn basis(&self) -> BTreeSet<&str> {
        self.asked_by.iter().flat_map(|asking| asking.basis.iter().map(String::as_str)).collect()
    }
}

/// A step in its track, with what was asked of it.
struct Asked<'b> {
    track: &'b BookTrack,
    step: &'b BookStep,
    position: usize,
    truth: Truth,
    settled: Option<Status>,
    reopened: bool,
    lines: Option<(usize, usize)>,
}

impl<'a> Kernel<'a> {
    /// The latest deed of an act on a record.
    #[must_use]
    pub fn deed<'r>(&self, record: &'r Record, act: &str) -> Option<&'r Deed> {
        record.deeds.iter().filter(|deed| deed.act == act).max_by_key(|deed| deed.round)
    }

    /// Every act that is asked for on a record, in order of tracks and steps.
    #[must_use]
    pub fn standing(&self, record: &Record) -> Vec<ActStanding> {
        let asked = self.asked(record);
        let mut order: Vec<&str> = Vec::new();
        let mut by_act: BTreeMap<&str, Vec<&Asked<'_>>> = BTreeMap::new();
        for item in &asked {
            let act = item.step.step.act.as_str();
            if !by_act.contains_key(act) {
                order.push(act);
            }
            by_act.entry(act).or_default().push(item);
        }
        order.into_iter().filter_map(|act| Some(self.act_standing(record, act, by_act.get(act)?, &asked))).collect()
    }

    fn asked(&self, record: &Record) -> Vec<Asked<'_>> {
        let mut out = Vec::new();
        for track in self.book.tracks.get(&record.register).into_iter().flatten() {
            if !self.awake(track.applies.as_ref()) {
                continue;
            }
            let runs = track.when.as_ref().map_or(Truth::Yes, |when| self.truth(when, record.id, None));
            if !runs.possible() {
                continue;
            }
            for (position, step) in track.steps.iter().enumerate() {
                let when = step.when.as_ref().map_or(Truth::Yes, |when| self.truth(when, record.id, None));
                if !when.possible() || !self.awake(step.applies.as_ref()) {
                    continue;
                }
                let truth = if runs == Truth::Yes { when } else { Truth::Unknown };
                out.push(self.one(record, track, step, position, truth));
            }
        }
        out
    }

    fn one<'b>(
        &self,
        record: &Record,
        track: &'b BookTrack,
        step: &'b BookStep,
        position: usize,
        truth: Truth,
    ) -> Asked<'b> {
        let deed = self.deed(record, &step.step.act);
        let lines = step.step.each.as_ref().map(|list| self.count_lines(record, list, step));
        let finished = deed.filter(|deed| matches!(deed.status, DeedStatus::Done | DeedStatus::Skipped));
        let again = step.again.as_ref().filter(|_| finished.is_some());
        let reopened = again.is_some_and(|again| self.truth(again, record.id, None).certain());
        let by_itself = match (&step.until, lines) {
            (None, _) => false,
            (Some(_), Some((done, all))) => all > 0 && done == all,
            (Some(until), None) => self.truth(until, record.id, None).certain(),
        };
        let settled = match finished {
            Some(deed) if deed.status == DeedStatus::Skipped && !reopened => Some(Status::Skipped),
            Some(_) if !reopened && lines.is_none_or(|(done, all)| step.until.is_none() || done == all) => {
                Some(Status::Done)
            }
            _ if by_itself => Some(Status::Done),
            _ => None,
        };
        Asked { track, step, position, truth, settled, reopened, lines }
    }

    fn count_lines(&self, record: &Record, list: &str, step: &BookStep) -> (usize, usize) {
        let lines = record.lines.get(list).map(Vec::as_slice).unwrap_or_default();
        let live: Vec<Uuid> = lines.iter().filter(|line| !line.erased).map(|line| line.id).collect();
        let Some(until) = &step.until else { return (0, live.len()) };
        (live.iter().filter(|line| self.truth(until, record.id, Some(**line)).certain()).count(), live.len())
    }

    fn act_standing(&self, record: &Record, act: &str, steps: &[&Asked<'_>], all: &[Asked<'_>]) -> ActStanding {
        let deed = self.deed(record, act);
        let reopened = steps.iter().any(|asked| asked.reopened);
        let round = deed.map_or(0, |deed| if reopened { deed.round + 1 } else { deed.round });
        let mut why = Vec::new();
        let statuses: Vec<Status> =
            steps.iter().map(|asked| self.status(record, asked, deed.filter(|_| !reopened), all, &mut why)).collect();
        let status = united(&statuses);
        let groups = steps.iter().map(|asked| asked.step.step.approve.clone()).collect::<Vec<_>>();
        let mut standing = ActStanding {
            act: act.to_owned(),
            title: steps.iter().find_map(|s| s.step.step.title.clone()).unwrap_or_else(|| self.book.act_title(act)),
            round,
            status,
            asked_by: steps.iter().zip(&statuses).map(|(asked, status)| self.asking(asked, *status)).collect(),
            by: self.united_targets(record, steps, |step| &step.step.by),
            approvals: self.approvals(&groups, deed.filter(|_| !reopened)),
            clocks: Vec::new(),
            needs: BTreeMap::new(),
            lines: steps.iter().filter_map(|asked| asked.lines).max_by_key(|(_, all)| *all),
            skip: strictest_skip(steps),
            papers: steps.iter().filter_map(|asked| asked.step.step.paper.clone()).collect(),
            tell: self.united_targets(record, steps, |step| &step.step.tell),
            receipt: steps.iter().any(|asked| asked.step.step.receipt),
            remind: steps.iter().filter_map(|asked| asked.step.remind).collect(),
            escalate: self.united_targets(record, steps, |step| &step.step.escalate),
            read: steps.iter().map(|s| s.step.step.read.clone()).filter(|read| !read.is_empty()).collect(),
            why: if status.settled() { Vec::new() } else { why },
            holds_open: steps.iter().any(|s| s.track.track.holds_open && s.step.step.skip != Skip::Free),
        };
        for asked in steps {
            let step = &asked.step.step;
            let conditional = asked.step.needs_when.iter();
            let needed = conditional.filter(|(_, when)| self.truth(when, record.id, None).possible()).map(|(f, _)| f);
            for field in step.needs.iter().chain(needed) {
                standing.needs.entry(field.clone()).or_default().extend(step.meta.basis.iter().cloned());
            }
            let done = deed.filter(|_| status.settled()).map(|deed| deed.happened_at);
            for clock in &asked.step.clocks {
                standing.clocks.push(self.clock(record, asked, clock, status.settled(), done));
            }
        }
        standing
    }

    fn asking(&self, asked: &Asked<'_>, status: Status) -> Asking {
        let (track, step) = (&asked.track.track, &asked.step.step);
        Asking {
            pack: track.meta.pack.clone(),
            track: track.id.clone(),
            track_title: track.title.clone(),
            position: asked.position,
            truth: asked.truth,
            title: step.title.clone().unwrap_or_else(|| self.book.act_title(&step.act)),
            basis: if step.meta.basis.is_empty() { track.meta.basis.clone() } else { step.meta.basis.clone() },
            status,
        }
    }

    fn united_targets(
        &self,
        record: &Record,
        steps: &[&Asked<'_>],
        pick: fn(&BookStep) -> &Vec<String>,
    ) -> Vec<Target> {
        let mut seen = BTreeSet::new();
        let all = steps.iter().flat_map(|asked| self.all_targets(record, pick(asked.step)));
        all.filter(|target| seen.insert(target.clone())).collect()
    }

    fn status(
        &self,
        record: &Record,
        asked: &Asked<'_>,
        deed: Option<&Deed>,
        all: &[Asked<'_>],
        why: &mut Vec<Text>,
    ) -> Status {
        if let Some(settled) = asked.settled {
            return settled;
        }
        let step = &asked.step.step;
        if asked.step.locked.as_ref().is_some_and(|locked| self.truth(locked, record.id, None).certain()) {
            why.extend(step.locked_because.clone());
            return Status::Locked;
        }
        let before = self.open_before(asked, all);
        if !before.is_empty() {
            let titles: Vec<Text> = before.iter().map(|act| self.book.act_title(act)).collect();
            let join = |pick: fn(&Text) -> &str| titles.iter().map(pick).collect::<Vec<_>>().join("、");
            why.push(Text {
                ja: format!("先に「{}」を済ませます", join(|t| &t.ja)),
                en: format!("first: {}", join(|t| &t.en)),
            });
            return Status::Blocked;
        }
        match deed.map(|deed| deed.status) {
            Some(DeedStatus::Submitted) => return Status::Submitted,
            Some(DeedStatus::Returned) => return Status::Returned,
            _ => {}
        }
        if asked.step.waits.as_ref().is_some_and(|waits| self.truth(waits, record.id, None).certain()) {
            why.extend(step.waits_for.clone());
            return Status::Waiting;
        }
        Status::Open
    }

    /// Acts that come before and are not settled: earlier steps of the track, and those named by `after`.
    fn open_before<'b>(&self, asked: &Asked<'b>, all: &'b [Asked<'b>]) -> Vec<&'b str> {
        let mut out: Vec<&str> = Vec::new();
        for other in all {
            let (this, that) = (&asked.step.step, &other.step.step);
            let same_track = std::ptr::eq(asked.track, other.track);
            let ordered = same_track
                && !asked.track.track.any_order
                && other.position < asked.position
                && !this.free
                && !that.free
                && that.skip != Skip::Free
                && other.truth == Truth::Yes;
            let named = this.after.contains(&that.act);
            if (ordered || named)
                && other.settled.is_none()
                && this.act != that.act
                && !out.contains(&that.act.as_str())
            {
                out.push(&that.act);
            }
        }
        out
    }

    fn clock(
        &self,
        record: &Record,
        asked: &Asked<'_>,
        clock: &BookClock,
        settled: bool,
        done: Option<Timestamp>,
    ) -> ClockStanding {
        let at = |compiled: Option<&crate::expr::Compiled>| {
            compiled.map(|compiled| self.ask(compiled, record.id, None).value).unwrap_or(Value::Empty)
        };
        let start = at(clock.from.as_ref());
        let from = match start {
            Value::Time(instant) => Some(instant),
            Value::Date(day) => Some(self.moment.start_of(day)),
            _ => None,
        };
        let due = match (&start, clock.after, at(clock.at.as_ref())) {
            (_, _, Value::Date(day)) => Some(self.moment.end_of(day)),
            (_, _, Value::Time(instant)) => Some(instant),
            (Value::Date(day), Some(after), _) => Some(self.moment.end_of(after.after_date(*day))),
            (Value::Time(instant), Some(after), _) => Some(after.after(*instant, &self.moment.zone)),
            _ => None,
        };
        let end = done.or(if settled { None } else { Some(self.moment.now) });
        let meta = &clock.clock.meta;
        ClockStanding {
            kind: clock.clock.kind,
            from,
            due,
            late: due.zip(end).is_some_and(|(due, end)| end > due),
            guide: clock.clock.guide.clone(),
            basis: if meta.basis.is_empty() { asked.step.step.meta.basis.clone() } else { meta.basis.clone() },
            track: asked.track.track.id.clone(),
        }
    }
}

/// The status of an act from those of its steps: what can be done now comes first, done only when all are.
fn united(statuses: &[Status]) -> Status {
    let open = statuses.iter().filter(|status| !status.settled());
    // One locked or blocked step holds the deed back, since one deed serves all.
    match open.max() {
        Some(status) => *status,
        None if statuses.contains(&Status::Done) => Status::Done,
        None => Status::Skipped,
    }
}

/// `never` binds before `reason` before `free`.
fn strictest_skip(steps: &[&Asked<'_>]) -> Skip {
    let rank = |skip: Skip| match skip {
        Skip::Never => 0,
        Skip::Reason => 1,
        Skip::Free => 2,
    };
    steps.iter().map(|asked| asked.step.step.skip).min_by_key(|skip| rank(*skip)).unwrap_or_default()
}
