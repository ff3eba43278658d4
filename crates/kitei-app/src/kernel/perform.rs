//! The one way in which anything changes: load, ask the rules, append events, update the projection, recompute tasks, queue
//! notices; one transaction.
//!
//! Invariant: a command with an idempotency key is carried out once, whatever is sent how often.
//! Invariant: what was erased is destroyed in the key file before the caller is told so; a crash in between is mended at
//! the next start from the log ([`super::tick`]).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kitei_evidence::Secret;
use kitei_rules::{
    book::Book,
    expr::Actor,
    pack::model::Text,
    run::{
        apply::apply,
        attempt::Attempt,
        command::{Attached, Change, Circumstances, Command, Objection, Plan, Refusal},
    },
    value::Value,
    world::{Moment, Record, Snapshot, Told},
};
use kitei_store::{
    db::{Instant, StoreError, Tx},
    idempotency, log, notices as kept,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    Fault, Installation, Organization,
    codec::Codec,
    event_body::{erased_leaves, event_body},
    load::Loader,
    project::{GAPS, Leaves, Projector, leaf},
};
use crate::import::gaps;

/// Most rounds of loading that one command may need.
pub(super) const ROUNDS: usize = 40;
/// Confirmed rules of one person that are looked at: more than any handbook has.
const CONFIRMED: u32 = 10_000;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Done {
    /// The record it was about, or that was opened.
    pub record: Option<Uuid>,
    /// Its number.
    pub number: Option<String>,
    /// Warnings of gates that let it pass.
    pub warnings: Vec<Objection>,
    /// Events that were appended.
    pub events: Vec<i64>,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for PerformError {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

/// Who asks for something and how.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Who is acting; a nil person for a report without sign-in.
    pub actor: Actor,
    /// When it happened, reason, on whose behalf.
    pub circumstances: Circumstances,
    /// Names the request, so that sending it again does nothing.
    pub key: Option<String>,
    /// The organisation itself acts: no permission is asked.
    pub own: bool,
    /// The id of the record that is opened, when it had to be known before.
    pub id: Option<Uuid>,
    /// Files that come with it, received before ([`Installation::receive`]).
    pub files: Vec<Attached>,
    /// The version of the record from which the request was made: refused when somebody else has changed it since.
    pub version: Option<i64>,
    /// Tells this request from another that was sent under the same key by mistake; a keyed hash, so that it says nothing.
    pub print: Option<String>,
}

impl Installation {
    /// Carries a command out.
    ///
    /// # Errors
    /// [`PerformError::Refused`] with every objection and nothing written; [`PerformError::Fault`] when something failed,
    /// nothing written either.
    pub async fn perform(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        request: Request,
        command: Command,
    ) -> Result<Done, PerformError> {
        let (installation, open) = (Arc::clone(self), Arc::clone(organization));
        let (request, command) = (Arc::new(request), Arc::new(command));
        let (asked, about) = (Arc::clone(&request), Arc::clone(&command));
        let outcome = self
            .db
            .act(organization.id, move |tx| {
                Box::pin(async move { installation.in_transaction(tx, &open, &request, &command).await })
            })
            .await;
        if let Err(PerformError::Refused(refusal)) = &outcome {
            self.refused_attempt(organization, &asked.actor, &about, refusal).await?;
        }
        let outcome = outcome?;
        if !outcome.erased.is_empty() {
            let mut fresh = [0_u8; 32];
            self.environment.random(&mut fresh);
            let leaves = outcome.erased.iter().filter_map(|number| leaf(*number).ok()).collect::<Vec<_>>();
            organization.destroy(&self.key_files, &leaves, Secret::take(&mut fresh))?;
            self.remove_unused(&outcome.blobs).await;
        }
        if outcome.people {
            *organization.people.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        }
        Ok(outcome.done)
    }

    async fn in_transaction(
        &self,
        tx: &mut Tx,
        organization: &Organization,
        request: &Request,
        command: &Command,
    ) -> Result<Outcome, PerformError> {
        if let Some(key) = &request.key
            && let Some(before) = idempotency::find(tx, organization.id, key).await?
        {
            let print = before.get("print").and_then(Json::as_str);
            if print.is_some() && request.print.is_some() && print != request.print.as_deref() {
                return Err(refusal(
                    "key-used",
                    "この名前は別の送信に使われています。",
                    "The key was used for another request.",
                )
                .into());
            }
            let done = serde_json::from_value(before).map_err(|error| Fault::Damaged(error.to_string()))?;
            return Ok(Outcome { done, ..Outcome::default() });
        }
        let now = self.environment.now();
        let moment = organization.moment(now);
        let book = self.book_of(tx, organization, moment.today()).await?;
        let work = Work { installation: self, organization, book: &book, moment: &moment, now: now.into() };
        let outcome = work.carry_out(tx, request, command).await?;
        if let Some(key) = &request.key {
            let mut kept = serde_json::to_value(&outcome.done).map_err(|error| Fault::Damaged(error.to_string()))?;
            if let (Some(kept), Some(print)) = (kept.as_object_mut(), &request.print) {
                kept.insert("print".to_owned(), json!(print));
            }
            idempotency::keep(tx, organization.id, key, &kept, now.into()).await?;
        }
        Ok(outcome)
    }
}

/// What a transaction leaves to do after its commit.
#[derive(Debug, Default)]
struct Outcome {
    done: Done,
    erased: Vec<i64>,
    blobs: Vec<String>,
    people: bool,
}

/// One command, or one part of an import, at work.
pub(crate) struct Work<'a> {
    pub(crate) installation: &'a Installation,
    pub(crate) organization: &'a Organization,
    pub(crate) book: &'a Book,
    pub(crate) moment: &'a Moment,
    pub(crate) now: Instant,
}

impl Work<'_> {
    pub(crate) fn loader(&self) -> Loader<'_> {
        Loader { organization: self.organization, book: self.book, environment: &*self.installation.environment }
    }

    pub(crate) fn projector(&self) -> Projector<'_> {
        Projector {
            organization: self.organization,
            book: self.book,
            environment: &*self.installation.environment,
            now: self.now,
        }
    }

    async fn carry_out(&self, tx: &mut Tx, request: &Request, command: &Command) -> Result<Outcome, PerformError> {
        let loader = self.loader();
        let mut snapshot = loader.base(tx, self.moment).await?;
        if let Some(id) = command.record()
            && let Some(record) = loader.record(tx, id).await?
        {
            if request.version.is_some_and(|version| version != record.version) {
                let ja = format!("いまの版は {} です。読み直してください。", record.version);
                let en = format!("The present version is {}; read the record again.", record.version);
                return Err(refusal("stale", &ja, &en).into());
            }
            snapshot.put(record);
        }
        self.installation.check_files(tx, self.organization, self.book, &request.files, command).await?;
        self.what_was_told(tx, command, &mut snapshot).await?;
        let mut last = None;
        for _ in 0..ROUNDS {
            let before = snapshot.records.clone();
            let attempt = self.attempt(&mut snapshot, request, command);
            if snapshot.missing.borrow().is_empty() {
                last = Some((before, attempt));
                break;
            }
            snapshot.records = before;
            loader.fill(tx, &mut snapshot).await?;
        }
        let Some((before, attempt)) = last else {
            return Err(Fault::TooMuch { register: String::new() }.into());
        };
        let plan = attempt?;
        self.write(tx, request, plan, before, snapshot).await.map_err(PerformError::Fault)
    }

    /// Loads what a command that confirms something looks at.
    async fn what_was_told(&self, tx: &mut Tx, command: &Command, snapshot: &mut Snapshot) -> Result<(), Fault> {
        let org = self.organization.id;
        match command {
            Command::Acknowledge { notice, .. } => {
                if let Some(told) = kept::load(tx, org, *notice).await? {
                    let acknowledged = told.acknowledged_at.is_some();
                    snapshot.told.insert(told.id, Told { record: told.record, person: told.person, acknowledged });
                }
            }
            Command::ConfirmRule { person, .. } => {
                let confirmed = kept::confirmed_by(tx, org, *person, CONFIRMED).await?;
                snapshot.confirmed = confirmed.into_iter().map(|one| (one.pack, one.rule, one.edition)).collect();
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes what a person confirmed.
    async fn write_confirmed(&self, tx: &mut Tx, change: &Change) -> Result<(), Fault> {
        match change {
            Change::Acknowledged { notice, .. } => {
                kept::acknowledge(tx, self.organization.id, *notice, self.now).await?;
            }
            Change::RuleConfirmed { person, pack, rule, edition } => {
                let confirmed = kept::Confirmed {
                    person: *person,
                    pack: pack.clone(),
                    rule: rule.clone(),
                    edition: edition.clone(),
                    at: self.now,
                };
                kept::confirm_rule(tx, self.organization.id, &confirmed).await?;
            }
            _ => {}
        }
        Ok(())
    }

    fn attempt(&self, snapshot: &mut Snapshot, request: &Request, command: &Command) -> Result<Plan, Refusal> {
        let environment = &self.installation.environment;
        let mut chosen = request.id;
        let mut ids = || chosen.take().unwrap_or_else(|| environment.id());
        let attempt = Attempt::new(self.book, snapshot, self.moment, &request.actor, &request.circumstances, &mut ids)
            .carrying(request.files.clone());
        if request.own { attempt.for_the_organization().run(command) } else { attempt.run(command) }
    }

    async fn write(
        &self,
        tx: &mut Tx,
        request: &Request,
        mut plan: Plan,
        before: BTreeMap<Uuid, Arc<Record>>,
        mut snapshot: Snapshot,
    ) -> Result<Outcome, Fault> {
        let projector = self.projector();
        let mut outcome = Outcome::default();
        let touched: Vec<Uuid> = in_order(plan.changes.iter().filter(|change| change.alters()).map(Change::record));
        self.count_gaps(tx, &touched, &mut plan, &mut snapshot).await?;
        let mut leaves = BTreeMap::new();
        for id in &touched {
            let mut of_record = match before.get(id) {
                Some(_) => projector.leaves(tx, *id).await?.unwrap_or_default(),
                None => Leaves {
                    record: projector.take_leaves(tx, 1).await?.first().copied().unwrap_or_default(),
                    ..Leaves::default()
                },
            };
            let fresh: Vec<Uuid> = plan
                .changes
                .iter()
                .filter_map(|change| match change {
                    Change::LineAdded { record, line, .. } if record == id => Some(*line),
                    _ => None,
                })
                .collect();
            for (line, number) in fresh.iter().zip(projector.take_leaves(tx, fresh.len()).await?) {
                of_record.lines.insert(*line, number);
            }
            if let Some(record) = snapshot.records.get_mut(id)
                && record.number.is_empty()
            {
                let record = Arc::make_mut(record);
                record.number = projector.number(tx, &record.register.clone()).await?;
            }
            let erases = |change: &Change| matches!(change, Change::Erased { record, .. } if record == id);
            if plan.changes.iter().any(erases) {
                of_record.files = self.file_leaves(tx, *id).await?;
            }
            leaves.insert(*id, of_record);
        }
        let mut events = Vec::new();
        for change in &plan.changes {
            events.push(self.event(request, change, &snapshot, &leaves)?);
            self.write_confirmed(tx, change).await?;
            if let Change::Erased { record, line, .. } = change {
                let line = line.as_ref().map(|(_, id)| *id);
                outcome.erased.extend(erased_leaves(leaves.get(record), line));
                outcome.blobs.extend(self.erase_files(tx, leaves.get(record), line).await?);
            }
            self.keep_file(tx, change, snapshot.records.get(&change.record()).map(Arc::as_ref)).await?;
        }
        outcome.done.events = log::append_all(tx, self.organization.id, events).await?.iter().map(|a| a.seq).collect();
        for id in &touched {
            let (Some(record), Some(of_record)) = (snapshot.records.get(id), leaves.get(id)) else { continue };
            projector.write(tx, record, of_record, before.get(id).map(Arc::as_ref)).await?;
            outcome.people |= matches!(record.register.as_str(), "person" | "appointment");
        }
        self.recompute(tx, &touched, &mut snapshot, plan.notices).await?;
        self.recompute_readers(tx, &touched, &before, &snapshot.records).await?;
        outcome.done.record = plan.record.or_else(|| touched.first().copied());
        outcome.done.number =
            outcome.done.record.and_then(|id| snapshot.records.get(&id)).map(|record| record.number.clone());
        outcome.done.warnings = plan.warnings;
        Ok(outcome)
    }

    pub(super) fn codec<'k>(&'k self, keys: &'k kitei_evidence::keys::KeyState) -> Codec<'k> {
        Codec {
            organization: self.organization.id.to_string(),
            book: self.book,
            keys,
            environment: &*self.installation.environment,
        }
    }

    /// A record that came in with gaps counts anew how many are left.
    async fn count_gaps(
        &self,
        tx: &mut Tx,
        touched: &[Uuid],
        plan: &mut Plan,
        snapshot: &mut Snapshot,
    ) -> Result<(), Fault> {
        for id in touched {
            let Some(known) = snapshot.records.get(id).and_then(|record| gaps::known(record)) else { continue };
            let left = self
                .until_loaded(tx, snapshot, |kernel| {
                    kernel.snapshot.record(*id).map(|record| gaps::left(kernel, record))
                })
                .await?;
            let (Some(left), Some(record)) = (left, snapshot.records.get_mut(id)) else { continue };
            if left == known {
                continue;
            }
            let change = Change::FieldsSet {
                record: *id,
                fields: BTreeMap::from([(GAPS.to_owned(), Value::Int(left))]),
                known_at: self.moment.now,
                reason: None,
                act: None,
            };
            apply(Arc::make_mut(record), &change, self.moment.now);
            plan.changes.push(change);
        }
        Ok(())
    }

    fn event(
        &self,
        request: &Request,
        change: &Change,
        snapshot: &Snapshot,
        leaves: &BTreeMap<Uuid, Leaves>,
    ) -> Result<log::NewEvent, Fault> {
        let id = change.record();
        let record = snapshot.records.get(&id).ok_or_else(|| Fault::Damaged(format!("record {id}")))?;
        // What only confirms holds no sealed value and needs no key.
        let none = Leaves::default();
        let of_record = match leaves.get(&id) {
            Some(of_record) => of_record,
            None if !change.alters() => &none,
            None => return Err(Fault::Damaged(format!("leaf of {id}"))),
        };
        let body = self.organization.with_keys(|keys| event_body(&self.codec(keys), record, change, of_record))?;
        let person = request.actor.person;
        Ok(log::NewEvent {
            kind: change.kind().to_owned(),
            subject: format!("{}/{id}", record.register),
            subject_id: Some(id),
            actor: if person.is_nil() { "nobody".to_owned() } else { person.to_string() },
            actor_id: (!person.is_nil()).then_some(person),
            at: self.now,
            body,
        })
    }
}

/// A refusal of the request itself, before the rules are asked.
fn refusal(code: &str, ja: &str, en: &str) -> Refusal {
    let message = Text { ja: ja.to_owned(), en: en.to_owned() };
    let field = (code == "stale").then(|| "version".to_owned());
    let objection = Objection { code: code.to_owned(), field, source: None, clauses: Vec::new(), message };
    Refusal { objections: vec![objection], asks_reason: false }
}

/// Each once, in order of first appearance.
fn in_order(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| seen.insert(*id)).collect()
}
