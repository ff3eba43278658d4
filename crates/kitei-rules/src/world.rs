//! What the pure core sees of an organisation: records, their lines and deeds, people and settings.
//!
//! Evaluation is synchronous and pure, data lie in a database. They meet in [`Snapshot`]: what is not loaded is
//! noted in [`Snapshot::missing`] and counts as unknown; the shell loads it and asks again until nothing is missing.
//!
//! Invariant: a result is used only when `missing` stayed empty.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, ZonedDateTime, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::value::Value;

/// A field's value with its two times.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The value.
    pub value: Value,
    /// When it was known or said.
    pub known_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Id.
    pub id: Uuid,
    /// Register.
    pub register: String,
    /// Running number, for instance `INC-2026-003`.
    pub number: String,
    /// `open`, `closed`, `disposed`, `erased`, or a state that a track sets.
    pub state: State,
    /// Grows by one with each event.
    pub version: i64,
    /// Who opened it; absent for a report without sign-in.
    pub created_by: Option<Uuid>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// When its personal values were erased for good.
    pub erased_at: Option<Timestamp>,
    /// Version of the rulebook that it follows.
    pub rulebook: i64,
    /// Fields.
    pub fields: BTreeMap<String, Stored>,
    /// Earlier values, oldest first.
    pub history: Vec<(String, Stored)>,
    /// Lines by list, in order.
    pub lines: BTreeMap<String, Vec<Line>>,
    /// Deeds.
    pub deeds: Vec<Deed>,
}

/// State of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// In use.
    Open,
    /// Closed: read only.
    Closed,
    /// Disposed of; its record of disposal stays.
    Disposed,
}

/// A line of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Id.
    pub id: Uuid,
    /// Fields.
    pub fields: BTreeMap<String, Stored>,
    /// Erased: its values are gone for good.
    pub erased: bool,
}

/// How far a deed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeedStatus {
    /// Done, approvals outstanding.
    Submitted,
    /// Done and approved.
    Done,
    /// Not applicable because ….
    Skipped,
    /// Sent back by an approver.
    Returned,
}

/// An approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Role it was given in.
    pub role: String,
    /// Person.
    pub person: Uuid,
    /// When.
    pub at: Timestamp,
    /// Reason of a self-approval, or remark.
    pub reason: Option<String>,
}

/// An act done on a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// Act.
    pub act: String,
    /// 0 for the first time; a duty's period number (year and month as `202607`) otherwise.
    pub round: i64,
    /// How far.
    pub status: DeedStatus,
    /// Who did it.
    pub by: Option<Uuid>,
    /// When it happened.
    pub happened_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Fields of the act.
    pub fields: BTreeMap<String, Value>,
    /// Reason of a skip.
    pub reason: Option<String>,
    /// Approvals so far.
    pub approvals: Vec<Approval>,
}

/// A person, as far as rules look at people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// Id of the `person` record.
    pub id: Uuid,
    /// Department.
    pub department: Option<Uuid>,
    /// Absent today, the deputy acting.
    pub absent: bool,
    /// Belongs to the house today: neither somebody outside nor somebody who has left.
    pub staff: bool,
}

/// Somebody holds a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// The appointment that it stands on; for one held by office, that of the office.
    pub appointment: Uuid,
    /// Role.
    pub role: String,
    /// The role by whose office it is held (充て職), if nobody was appointed by name.
    pub office: Option<String>,
    /// Person.
    pub person: Uuid,
    /// Department, for roles held per department.
    pub department: Option<Uuid>,
    /// Deputy.
    pub deputy: Option<Uuid>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Option<Date>,
}

/// What was asked for and is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A record.
    Record(Uuid),
    /// All records of a register that link to a record by a field.
    Reverse {
        /// The record linked to.
        target: Uuid,
        /// Register of those that link.
        register: String,
        /// Their field.
        field: String,
    },
    /// All open records of a register.
    Register(String),
    /// All closed records of a register.
    Closed(String),
    /// How many open records a register has.
    Count(String),
}

/// When and in whose zone a question is asked.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// The organisation's zone.
    pub zone: TimeZone,
}

impl Moment {
    /// Now on the wall clock.
    #[must_use]
    pub fn zoned(&self) -> ZonedDateTime {
        self.now.to_zoned_datetime(self.zone.clone())
    }

    /// Today.
    #[must_use]
    pub fn today(&self) -> Date {
        self.zoned().date()
    }

    /// The civil date of an instant.
    #[must_use]
    pub fn date_of(&self, instant: Timestamp) -> Date {
        instant.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The last instant of a day.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        let next = day.tomorrow().unwrap_or(day);
        self.start_of(next).checked_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(Timestamp::MAX)
    }

    /// The first instant of a day.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        day.to_zoned_datetime(self.zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }
}

/// A notice that somebody was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The record it is about.
    pub record: Uuid,
    /// Who was told.
    pub person: Uuid,
    /// They confirmed it.
    pub acknowledged: bool,
}

/// What is loaded of an organisation.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Loaded records; shared, so that a copy of the snapshot costs little.
    pub records: BTreeMap<Uuid, Arc<Record>>,
    /// Ids that were asked for and do not exist.
    pub absent: BTreeSet<Uuid>,
    /// Loaded reverse links: (target, register, field) → records.
    pub reverse: BTreeMap<(Uuid, String, String), Vec<Uuid>>,
    /// Open records of registers that were loaded whole.
    pub registers: BTreeMap<String, Vec<Uuid>>,
    /// Closed records of registers, where a list asked for them.
    pub closed: BTreeMap<String, Vec<Uuid>>,
    /// How many open records registers have that only were counted.
    pub counts: BTreeMap<String, usize>,
    /// What was asked for and is too much to be looked at in one evaluation: what rests on it is unknown.
    pub too_much: BTreeSet<Missing>,
    /// Records that are being opened: nothing links to them yet.
    pub fresh: BTreeSet<Uuid>,
    /// People.
    pub people: BTreeMap<Uuid, Person>,
    /// Who holds which role.
    pub holdings: Vec<Holding>,
    /// The organisation's own record (register `organization`).
    pub organization: Option<Uuid>,
    /// Notices, loaded for a command that confirms one.
    pub told: BTreeMap<Uuid, Told>,
    /// Pack, rule and edition of what the actor has confirmed, loaded for a command that confirms a rule.
    pub confirmed: BTreeSet<(String, String, String)>,
    /// What was asked for and is not loaded.
    pub missing: RefCell<BTreeSet<Missing>>,
}

impl Snapshot {
    /// A record, if it is loaded; notes it as missing otherwise.
    pub fn record(&self, id: Uuid) -> Option<&Record> {
        let found = self.records.get(&id);
        if found.is_none() && !self.absent.contains(&id) {
            self.missing.borrow_mut().insert(Missing::Record(id));
        }
        found.map(Arc::as_ref)
    }

    /// Puts a record in the place of what is known of it, and gives that back.
    pub fn put(&mut self, record: impl Into<Arc<Record>>) -> Option<Arc<Record>> {
        let record = record.into();
        self.records.insert(record.id, record)
    }

    /// Records of a register that link to `target` by `field`.
    pub fn linking(&self, target: Uuid, register: &str, field: &str) -> Option<&[Uuid]> {
        if self.fresh.contains(&target) {
            return Some(&[]);
        }
        let key = (target, register.to_owned(), field.to_owned());
        let found = self.reverse.get(&key).map(Vec::as_slice);
        if found.is_none() {
            let (target, register, field) = key;
            self.lack(Missing::Reverse { target, register, field });
        }
        found
    }

    /// All closed records of a register.
    pub fn all_closed(&self, register: &str) -> Option<&[Uuid]> {
        let found = self.closed.get(register).map(Vec::as_slice);
        if found.is_none() {
            self.lack(Missing::Closed(register.to_owned()));
        }
        found
    }

    /// All open records of a register.
    pub fn all(&self, register: &str) -> Option<&[Uuid]> {
        let found = self.registers.get(register).map(Vec::as_slice);
        if found.is_none() {
            self.lack(Missing::Register(register.to_owned()));
        }
        found
    }

    /// How many open records a register has; none of them need be loaded.
    pub fn count(&self, register: &str) -> Option<usize> {
        let found = self.registers.get(register).map(Vec::len).or_else(|| self.counts.get(register).copied());
        if found.is_none() {
            self.lack(Missing::Count(register.to_owned()));
        }
        found
    }

    /// Notes something as missing, unless it was found to be too much.
    fn lack(&self, missing: Missing) {
        if !self.too_much.contains(&missing) {
            self.missing.borrow_mut().insert(missing);
        }
    }

    /// Those who hold a role on a day: for a role per department, in that department.
    pub fn holders<'a>(
        &'a self,
        role: &'a str,
        department: Option<Uuid>,
        day: Date,
    ) -> impl Iterator<Item = &'a Holding> {
        self.holdings.iter().filter(move |holding| {
            holding.role == role
                && (department.is_none() || holding.department.is_none() || holding.department == department)
                && holding.from <= day
                && holding.until.is_none_or(|until| day <= until)
        })
    }
}
