//! Somebody of the story does something: who that is, in which roles, at which instant, and what comes of it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, civil::Date};
use kitei_rules::{
    expr::Actor,
    pack::model::{Kind, Text},
    run::command::{Circumstances, Command, Objection, Values},
};
use uuid::Uuid;

use super::{
    Clock, DemoError, Place, Plan,
    plan::{Step, Words, wrong},
    words,
};
use crate::{
    coverage::words as cases,
    kernel::{
        Environment, Fault, Installation, Organization,
        perform::{Done, PerformError, Request},
    },
};

/// A story while it is told.
pub(super) struct Player<'p> {
    pub(super) plan: &'p Plan,
    pub(super) installation: Arc<Installation>,
    pub(super) organization: Arc<Organization>,
    pub(super) clock: Arc<Clock>,
    /// The day on which it is told.
    pub(super) today: Date,
    pub(super) deeds: usize,
    pub(super) records: BTreeMap<String, usize>,
    names: BTreeMap<String, Uuid>,
    /// Records in the order in which they were opened, so that a choice among several is the same each time.
    order: BTreeMap<Uuid, usize>,
}

/// Which fields a set of words is for.
#[derive(Clone, Copy)]
pub(super) struct For<'a> {
    pub(super) register: &'a str,
    pub(super) list: Option<&'a str>,
    pub(super) act: Option<&'a str>,
}

impl<'p> Player<'p> {
    pub(super) fn new(
        installation: &Arc<Installation>,
        organization: &Arc<Organization>,
        clock: &Arc<Clock>,
        plan: &'p Plan,
        today: Date,
    ) -> Self {
        Self {
            plan,
            installation: Arc::clone(installation),
            organization: Arc::clone(organization),
            clock: Arc::clone(clock),
            today,
            deeds: 0,
            records: BTreeMap::new(),
            names: BTreeMap::new(),
            order: BTreeMap::new(),
        }
    }

    /// The record with a name (`@name`).
    pub(super) fn named(&self, place: &Place, name: &str) -> Result<Uuid, DemoError> {
        let bare = name.strip_prefix('@').unwrap_or(name);
        let missing = || {
            let (ja, en) =
                (format!("「{name}」という名前の記録はまだありません。"), format!("nothing is called \"{name}\""));
            wrong(&place.file, place.line, ja, en)
        };
        self.names.get(bare).copied().ok_or_else(missing)
    }

    /// The first of several people or records, in the order in which the story opened them.
    pub(super) fn first(&self, ids: impl IntoIterator<Item = Uuid>) -> Option<Uuid> {
        ids.into_iter().min_by_key(|id| self.order.get(id).copied().unwrap_or(usize::MAX))
    }

    /// In the order in which the story opened them.
    pub(super) fn in_order(&self, mut ids: Vec<Uuid>) -> Vec<Uuid> {
        ids.sort_by_key(|id| self.order.get(id).copied().unwrap_or(usize::MAX));
        ids
    }

    /// Somebody as an actor: `@name`, the first holder of a role, or `nobody`.
    pub(super) async fn actor(&self, place: &Place, who: &str) -> Result<Actor, DemoError> {
        if who == "nobody" {
            return Ok(Actor::default());
        }
        if who.starts_with('@') {
            return self.person(self.named(place, who)?).await;
        }
        let look = |kernel: &kitei_rules::run::Kernel<'_>| kernel.holders(who, None, kernel.moment.today());
        let holders = self.installation.look(&self.organization, None, &[], look).await?;
        let vacant = || {
            wrong(&place.file, place.line, format!("「{who}」の担当者がいません。"), format!("nobody holds \"{who}\""))
        };
        self.person(self.first(holders).ok_or_else(vacant)?).await
    }

    /// A person with their roles today.
    pub(super) async fn person(&self, person: Uuid) -> Result<Actor, DemoError> {
        Ok(self.installation.actor(&self.organization, person).await?)
    }

    /// Words as values for the fields of a register, of one of its lists, or of an act on it.
    pub(super) async fn values(&self, place: &Place, of: For<'_>, words: &Words) -> Result<Values, DemoError> {
        let words = words::dated(words, self.today);
        let book = self.book().await?;
        let own = of.act.and_then(|act| book.names.acts.get(act)).map(|rule| rule.fields.as_slice());
        let kind = |field: &str| -> Option<Kind> {
            let in_act = own.and_then(|own| own.iter().find(|known| known.id == field)).map(|known| known.kind);
            let in_register = || book.field(of.register, of.list, field).map(|field| field.kind);
            let fact = || book.facts.get(of.register)?.get(field).filter(|f| f.overridable).map(|fact| fact.kind);
            in_act.or_else(in_register).or_else(fact)
        };
        let read = cases::values(&words, &self.organization.zone, &self.names, kind);
        read.map_err(|problem| wrong(&place.file, place.line, problem.clone(), problem))
    }

    /// The rulebook of the day.
    pub(super) async fn book(&self) -> Result<Arc<kitei_rules::book::Book>, DemoError> {
        let mut reader = self.installation.db.reader().await.map_err(Fault::from)?;
        let today = self.organization.today(self.clock.now());
        Ok(self.installation.book_of(&mut reader, &self.organization, today).await?)
    }

    /// Register of a record.
    pub(super) async fn register_of(&self, place: &Place, record: Uuid) -> Result<String, DemoError> {
        let look = |kernel: &kitei_rules::run::Kernel<'_>| kernel.snapshot.record(record).map(|r| r.register.clone());
        let found = self.installation.look(&self.organization, None, &[record], look).await?;
        found.ok_or_else(|| wrong(&place.file, place.line, "記録がありません。", "there is no such record"))
    }

    /// Who does a step, and under which circumstances.
    pub(super) async fn request(&self, place: &Place, step: &Step) -> Result<Request, DemoError> {
        let actor = match &step.by {
            Some(who) => self.actor(place, who).await?,
            None => Actor::default(),
        };
        let happened_at = match &step.happened {
            Some(text) => {
                let text = words::text(text, self.today);
                let at = cases::instant(&text, &self.organization.zone);
                Some(at.map_err(|problem| wrong(&place.file, place.line, problem.clone(), problem))?)
            }
            None => None,
        };
        let circumstances = Circumstances { happened_at, done_by: None, reason: step.reason.clone() };
        Ok(Request { actor, circumstances, own: step.own, ..Request::default() })
    }

    /// Carries a command out and lets a little time pass.
    pub(super) async fn perform(
        &mut self,
        place: &Place,
        request: Request,
        command: Command,
    ) -> Result<Done, DemoError> {
        let opened = match &command {
            Command::Create { register, .. } => Some(register.clone()),
            _ => None,
        };
        let what = what(&command);
        match self.installation.perform(&self.organization, request, command).await {
            Ok(done) => {
                self.deeds += 1;
                if let (Some(register), Some(id)) = (opened, done.record) {
                    *self.records.entry(register).or_default() += 1;
                    let next = self.order.len();
                    self.order.insert(id, next);
                }
                // Nobody does two things in the same second; how long a thing takes is made up, and the same each time.
                let seconds = i64::try_from(self.deeds * 7919 % 150).unwrap_or_default();
                self.clock.pass(SignedDuration::from_secs(20 + seconds));
                Ok(done)
            }
            Err(PerformError::Refused(refusal)) => Err(DemoError::Step {
                place: place.clone(),
                problem: Text {
                    ja: format!("{what}: {}", listed(&refusal.objections, |text| &text.ja)),
                    en: format!("{what}: {}", listed(&refusal.objections, |text| &text.en)),
                },
            }),
            Err(PerformError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Gives what was opened its name.
    pub(super) fn call(&mut self, name: Option<&String>, record: Option<Uuid>) {
        if let (Some(name), Some(record)) = (name, record) {
            self.names.insert(name.clone(), record);
        }
    }
}

/// A command in one word and its object.
fn what(command: &Command) -> String {
    match command {
        Command::Create { register, .. } => format!("create {register}"),
        Command::Change { .. } => "change".to_owned(),
        Command::AddLine { list, .. } | Command::ChangeLine { list, .. } => format!("line of {list}"),
        Command::Act { act, .. } => format!("do {act}"),
        Command::Skip { act, .. } => format!("skip {act}"),
        Command::Approve { act, .. } => format!("approve {act}"),
        Command::Return { act, .. } => format!("return {act}"),
        Command::Duty { act, .. } => format!("duty {act}"),
        Command::Close { .. } => "close".to_owned(),
        Command::Dispose { .. } => "dispose".to_owned(),
        Command::Erase { .. } => "erase".to_owned(),
        Command::Attach { .. } => "attach".to_owned(),
        Command::Acknowledge { .. } => "acknowledge".to_owned(),
        Command::ConfirmRule { rule, .. } => format!("confirm {rule}"),
    }
}

fn listed(objections: &[Objection], pick: fn(&Text) -> &String) -> String {
    let one = |objection: &Objection| {
        let at = objection.field.as_ref().or(objection.source.as_ref()).map(|at| format!("{at}: ")).unwrap_or_default();
        format!("{at}{} [{} {}]", pick(&objection.message), objection.code, objection.clauses.join(" "))
    };
    objections.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// A name in a list of names.
pub(super) fn among(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

/// The words of a list, in the order of the plan.
pub(super) type Rows = BTreeMap<String, Vec<Words>>;
