//! Running a rulebook: from records and now to facts, steps, tasks, refusals and what follows. Pure.
//!
//! `facts` decides, `standing` says where each act of a record stands, `duty` what comes back, `flags` what is missing,
//! `attempt` what happens when somebody does something.
//!
//! Invariant: nothing here names a regulation or a field that `office` does not define for Kitei itself
//! (`person`, `department`, `appointment`, `organization`, `disposal`).

pub mod access;
pub mod apply;
mod appointment;
pub mod approve;
pub mod attempt;
pub mod command;
pub mod compare;
pub mod duty;
mod effect;
mod facts;
pub mod flags;
mod gate;
pub mod keeping;
pub mod named;
pub mod office;
pub mod paper;
mod proposal;
pub mod standing;
mod validate;
pub mod who;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    book::Book,
    expr::{Actor, Compiled, Evaluation, Outcome, decide},
    value::{Truth, Value},
    world::{Moment, Record, Snapshot},
};

/// A rulebook, what is loaded of an organisation, and now.
#[derive(Debug)]
pub struct Kernel<'a> {
    /// Rulebook.
    pub book: &'a Book,
    /// Loaded records.
    pub snapshot: &'a Snapshot,
    /// Now.
    pub moment: &'a Moment,
    /// Who is acting, if somebody is.
    pub actor: Option<&'a Actor>,
    /// Fields that are being set, if some are.
    pub change: Option<&'a BTreeMap<String, Value>>,
    facts: RefCell<BTreeMap<Uuid, BTreeMap<&'a str, Rc<Outcome>>>>,
    answers: RefCell<BTreeMap<(Uuid, String), Rc<named::Answer>>>,
    /// By the place of the condition in the book: the same few are asked for every element.
    awake: RefCell<BTreeMap<*const Compiled, bool>>,
    horizon: Cell<Option<Timestamp>>,
    asking: RefCell<Vec<(Uuid, &'a str)>>,
}

impl<'a> Kernel<'a> {
    /// A kernel that only looks.
    #[must_use]
    pub fn new(book: &'a Book, snapshot: &'a Snapshot, moment: &'a Moment) -> Self {
        Self {
            book,
            snapshot,
            moment,
            actor: None,
            change: None,
            facts: RefCell::default(),
            answers: RefCell::default(),
            awake: RefCell::default(),
            horizon: Cell::default(),
            asking: RefCell::default(),
        }
    }

    /// The same for somebody who is doing something.
    #[must_use]
    pub fn acting(mut self, actor: &'a Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// The same while fields are being set.
    #[must_use]
    pub fn changing(mut self, change: &'a BTreeMap<String, Value>) -> Self {
        self.change = Some(change);
        self
    }

    pub(super) fn evaluation(&self, record: Uuid, line: Option<Uuid>) -> Evaluation<'_> {
        let mut evaluation = Evaluation::new(self.snapshot, record, self.moment, self);
        if let Some(line) = line {
            evaluation = evaluation.with_line(line);
        }
        if let Some(actor) = self.actor {
            evaluation = evaluation.with_actor(actor);
        }
        if let Some(change) = self.change {
            evaluation = evaluation.with_change(change);
        }
        evaluation
    }

    /// Asks a condition or expression of a record or of one of its lines. What costs too much counts as unknown: duties
    /// stay, exemptions do not hold.
    #[must_use]
    pub fn ask(&self, compiled: &Compiled, record: Uuid, line: Option<Uuid>) -> Outcome {
        let outcome = facts::answer(compiled, &self.evaluation(record, line));
        self.until(outcome.valid_until);
        outcome
    }

    /// Notes an instant at which time alone may change what was asked.
    pub(super) fn until(&self, instant: Option<Timestamp>) {
        let earliest = [self.horizon.get(), instant].into_iter().flatten().min();
        self.horizon.set(earliest);
    }

    /// The first instant at which time alone may change anything that was asked of this kernel so far.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.horizon.get()
    }

    /// The truth of a condition.
    #[must_use]
    pub fn truth(&self, compiled: &Compiled, record: Uuid, line: Option<Uuid>) -> Truth {
        // What costs too much counts as unknown, as in `ask`.
        let (truth, until) = decide(compiled, &self.evaluation(record, line)).unwrap_or((Truth::Unknown, None));
        self.until(until);
        truth
    }

    /// Whether an element is awake: its `applies` holds of the organisation's own record.
    #[must_use]
    pub fn awake(&self, applies: Option<&'a Compiled>) -> bool {
        match (applies, self.snapshot.organization) {
            (None, _) => true,
            (Some(applies), Some(organization)) => {
                let key = std::ptr::from_ref(applies);
                let known = self.awake.borrow().get(&key).copied();
                known.unwrap_or_else(|| {
                    let awake = self.truth(applies, organization, None).certain();
                    self.awake.borrow_mut().insert(key, awake);
                    awake
                })
            }
            (Some(_), None) => false,
        }
    }

    /// A value of a record: a field that is being set, a computed field, a fact or a stored field.
    #[must_use]
    pub fn value(&self, record: &Record, name: &str) -> Value {
        if let Some(value) = self.change.and_then(|change| change.get(name))
            && self.book.conditions(&record.register, None, name).is_none_or(|field| field.value.is_none())
        {
            return value.clone();
        }
        if let Some(outcome) = self.computed(record, name) {
            return outcome.value.clone();
        }
        record.fields.get(name).map_or(Value::Empty, |stored| stored.value.clone())
    }
}
