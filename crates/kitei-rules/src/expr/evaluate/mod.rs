//! Evaluation: three values, what was missing, and until when the answer stands.
//!
//! Invariant: known parts never turn an answer that an unknown part could not change; a part that is unknown makes the
//! answer unknown only where it matters (Kleene), and then its name stands in [`Outcome::unknown_because`].
//! Invariant: at any instant from now to before [`Outcome::valid_until`] the same facts give the same answer.
//! Invariant: at most [`VISITS`] nodes are visited, facts that a condition asks for included.

mod arithmetic;
mod drift;
mod history;
mod logic;
mod records;
mod relation;
mod roles;
mod sets;

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use self::{drift::Drift, records::Frame};
use super::tree::Compiled;
use crate::{
    value::{Truth, Value},
    world::{Moment, Snapshot},
};

/// Most nodes that one evaluation visits.
pub const VISITS: u32 = 200_000;
/// Deepest chain of facts that ask for facts.
const FACT_DEPTH: u8 = 24;

/// Who is doing something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub person: Uuid,
    /// Roles in which they may act, deputising included.
    pub roles: Vec<String>,
}

/// What conditions ask of the rulebook while they are evaluated.
pub trait Facts {
    /// The value of a fact of a record. `evaluation` already stands on that record: hand it to [`evaluate`] for the
    /// fact's own conditions, so that they share one budget and, inside `since`, look at the same past. An answer may be
    /// kept for the next question, unless [`Evaluation::is_past`]. `None` when there is no such fact.
    fn fact(&self, record: Uuid, name: &str, evaluation: &Evaluation<'_>) -> Option<Rc<Outcome>>;

    /// The value of a parameter.
    fn parameter(&self, key: &str) -> Value;

    /// The result of a named rule.
    fn rule(&self, name: &str, arguments: &[Value], moment: &Moment) -> Value;
}

/// Of what a condition is asked.
#[derive(Clone)]
pub struct Evaluation<'a> {
    /// What is loaded. What is not is noted there as missing.
    pub snapshot: &'a Snapshot,
    /// The record.
    pub record: Uuid,
    /// The line, in the scope of a line. A line that the record does not have is one that is being added.
    pub line: Option<Uuid>,
    /// When.
    pub moment: &'a Moment,
    /// Who is acting; absent for somebody who is not signed in.
    pub actor: Option<&'a Actor>,
    /// New values that are being set on the record or line.
    pub change: Option<&'a BTreeMap<String, Value>>,
    /// Facts, parameters and named rules.
    pub facts: &'a dyn Facts,
    /// Inside `since`: the record is read as it stood then.
    as_of: Option<Timestamp>,
    depth: u8,
    budget: Rc<Budget>,
}

/// What an evaluation and the facts that it asks for have used up together.
#[derive(Debug, Default)]
struct Budget {
    visits: Cell<u32>,
    error: Cell<Option<EvaluationError>>,
}

impl<'a> Evaluation<'a> {
    /// On a record.
    pub fn new(snapshot: &'a Snapshot, record: Uuid, moment: &'a Moment, facts: &'a dyn Facts) -> Self {
        let budget = Rc::default();
        Self { snapshot, record, line: None, moment, actor: None, change: None, facts, as_of: None, depth: 0, budget }
    }

    /// On a line of the record.
    #[must_use]
    pub fn with_line(mut self, line: Uuid) -> Self {
        self.line = Some(line);
        self
    }

    /// While somebody is acting.
    #[must_use]
    pub fn with_actor(mut self, actor: &'a Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// While fields are being set.
    #[must_use]
    pub fn with_change(mut self, change: &'a BTreeMap<String, Value>) -> Self {
        self.change = Some(change);
        self
    }

    /// Whether the record is read as it stood earlier, so that a fact's answer must not be kept or taken from memory.
    #[must_use]
    pub fn is_past(&self) -> bool {
        self.as_of.is_some()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// Too much to look at.
    #[error("the condition looks at more than {VISITS} things; narrow the lists that it goes through")]
    TooMuch,
    /// Facts ask for each other in a circle, or too deeply.
    #[error("facts ask for facts more than {FACT_DEPTH} deep; two of them may ask for each other")]
    TooDeep,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The value.
    pub value: Value,
    /// Names whose being unknown mattered: fields and facts as the condition reaches them (`agreement.night_phone`),
    /// otherwise the call as it is written (`done_at("decide")`).
    pub unknown_because: BTreeSet<String>,
    /// The first instant at which time alone may give another answer; absent if time does not matter. An answer that is
    /// the present instant itself is valid until now only.
    pub valid_until: Option<Timestamp>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self::certain(Value::Empty)
    }
}

impl Outcome {
    /// An answer that nothing makes unsure.
    #[must_use]
    pub fn certain(value: Value) -> Self {
        Self { value, unknown_because: BTreeSet::new(), valid_until: None }
    }

    /// The truth of a condition.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.value.truth()
    }
}

/// Evaluates a condition or expression.
///
/// # Errors
/// [`EvaluationError`] when it would look at too much. There is no answer then; a duty must be taken to hold.
pub fn evaluate(compiled: &Compiled, evaluation: &Evaluation<'_>) -> Result<Outcome, EvaluationError> {
    let (mut machine, value) = run(compiled, evaluation)?;
    let value = value.into_owned();
    if value.is_unknown() && machine.because.is_empty() {
        machine.blame(&compiled.root);
    }
    let mut unknown_because = BTreeSet::new();
    if value.is_unknown() {
        machine.because.into_iter().for_each(|because| because.tell(&mut unknown_because));
    }
    Ok(Outcome { value, unknown_because, valid_until: machine.until })
}

/// Evaluates a condition of which only the truth is wanted, and until when it stands; why it is unknown is not gathered.
///
/// # Errors
/// As [`evaluate`].
pub fn decide(compiled: &Compiled, evaluation: &Evaluation<'_>) -> Result<(Truth, Option<Timestamp>), EvaluationError> {
    let (machine, value) = run(compiled, evaluation)?;
    Ok((value.truth(), machine.until))
}

fn run<'a>(
    compiled: &'a Compiled,
    evaluation: &'a Evaluation<'a>,
) -> Result<(Machine<'a>, Cow<'a, Value>), EvaluationError> {
    let budget = &evaluation.budget;
    if evaluation.depth == 0 {
        budget.visits.set(0);
        budget.error.set(None);
    }
    let mut machine = Machine::new(compiled, evaluation);
    let held = machine.value(&compiled.root);
    let value = machine.settle(held);
    match budget.error.get() {
        Some(error) => Err(error),
        None => Ok((machine, value)),
    }
}

/// Why something is unknown.
enum Because<'a> {
    /// A name as the condition reaches it.
    Name(&'a str),
    /// A call as it is written.
    Said(String),
    /// What made a fact unknown, which is reached by these words.
    Fact(&'a str, Rc<Outcome>),
}

impl Because<'_> {
    fn tell(self, names: &mut BTreeSet<String>) {
        match self {
            Self::Name(name) => {
                names.insert(name.to_owned());
            }
            Self::Said(said) => {
                names.insert(said);
            }
            Self::Fact(prefix, fact) => names.extend(fact.unknown_because.iter().map(|name| format!("{prefix}{name}"))),
        }
    }
}

/// A value on its way through a condition.
#[derive(Clone, Debug)]
struct Held<'a> {
    value: Cow<'a, Value>,
    /// How it moves with time, if it does.
    drift: Option<Box<Drift>>,
    /// It is unknown only because a record is not loaded.
    unloaded: bool,
}

impl<'a> Held<'a> {
    fn of(value: Value) -> Self {
        Self { value: Cow::Owned(value), drift: None, unloaded: false }
    }

    fn borrowed(value: &'a Value) -> Self {
        Self { value: Cow::Borrowed(value), drift: None, unloaded: false }
    }

    fn unloaded() -> Self {
        Self { value: Cow::Owned(Value::Unknown), drift: None, unloaded: true }
    }

    fn truth(truth: Truth) -> Self {
        Self::of(match truth {
            Truth::Yes => Value::Bool(true),
            Truth::No => Value::Bool(false),
            Truth::Unknown => Value::Unknown,
        })
    }
}

/// The state of one evaluation.
struct Machine<'a> {
    evaluation: &'a Evaluation<'a>,
    /// Records and lines whose names can be read, the outermost first.
    frames: Vec<Frame<'a>>,
    /// Index of the frame that the condition is asked of, and that a change is made to.
    target: usize,
    /// Names that were unknown and may matter.
    because: Vec<Because<'a>>,
    until: Option<Timestamp>,
    today: OnceCell<Date>,
    /// A record that is read as it stood at an instant.
    as_of: Option<(Uuid, Timestamp)>,
}

impl<'a> Machine<'a> {
    fn new(compiled: &'a Compiled, evaluation: &'a Evaluation<'a>) -> Self {
        let mut machine = Self {
            evaluation,
            frames: Vec::with_capacity(3),
            target: usize::from(compiled.list.is_some()),
            because: Vec::new(),
            until: None,
            today: OnceCell::new(),
            as_of: evaluation.as_of.map(|at| (evaluation.record, at)),
        };
        let record = machine.frame_of(evaluation.record);
        machine.frames.push(record);
        if let Some(list) = &compiled.list {
            let lines = record.record.and_then(|record| record.lines.get(list)).map_or(&[][..], Vec::as_slice);
            let line = lines.iter().find(|line| Some(line.id) == evaluation.line);
            let id = evaluation.line.unwrap_or(Uuid::nil());
            machine.frames.push(Frame { id, line, is_line: true, ..record });
        }
        machine
    }

    /// Counts a visit; false when the budget is spent.
    fn visit(&mut self) -> bool {
        self.spend(1)
    }

    /// Counts as much work as `amount` visits.
    fn spend(&mut self, amount: usize) -> bool {
        let visits = &self.evaluation.budget.visits;
        visits.set(visits.get().saturating_add(u32::try_from(amount).unwrap_or(u32::MAX)));
        if visits.get() > VISITS {
            self.fail(EvaluationError::TooMuch);
        }
        !self.failed()
    }

    /// Gives up; the first reason is kept.
    fn fail(&self, error: EvaluationError) {
        let kept = &self.evaluation.budget.error;
        kept.set(kept.get().or(Some(error)));
    }

    /// Whether it was given up, here or in a fact.
    fn failed(&self) -> bool {
        self.evaluation.budget.error.get().is_some()
    }

    fn now(&self) -> Timestamp {
        self.evaluation.moment.now
    }

    fn today(&self) -> Date {
        *self.today.get_or_init(|| self.evaluation.moment.today())
    }

    /// The answer may change at this instant.
    fn flips_at(&mut self, instant: Timestamp) {
        if instant > self.now() {
            self.until = earlier(self.until, Some(instant));
        }
    }

    /// A value that something looks at which cannot follow it through time: the answer stands until it changes.
    fn settle(&mut self, held: Held<'a>) -> Cow<'a, Value> {
        if let Some(drift) = &held.drift {
            match (&*held.value, drift.next_change(&held.value, self.evaluation.moment)) {
                (Value::Time(_), _) => self.until = Some(self.now()),
                (_, Some(instant)) => self.flips_at(instant),
                (_, None) => {}
            }
        }
        held.value
    }
}

/// The earlier of two instants, absent meaning never.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
