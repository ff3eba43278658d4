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
    book::{Book, Readers, Way},
    expr::Actor,
    pack::model::Text,
    run::{
        Kernel,
        apply::apply,
        attempt::Attempt,
        command::{Attached, Change, Circumstances, Command, Notice, Objection, Plan, Refusal},
    },
    value::Value,
    world::{Moment, Record, Snapshot, Told},
};
use kitei_store::{
    db::{Instant, Reader, StoreError, Tx},
    idempotency, log, notices as kept, records,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{
    Fault, Installation, Organization,
    attach_rows::goes,
    codec::{At, Codec},
    load::Loader,
    notices,
    project::{GAPS, Leaves, Projector, compute, leaf},
    reminders,
};
use crate::import::gaps;

/// Most rounds of loading that one command may need.
const ROUNDS: usize = 40;
/// Confirmed rules of one person that are looked at: more than any handbook has.
const CONFIRMED: u32 = 10_000;
/// Records that read a changed one and are recomputed at once; more follow with the next tick.
const AT_ONCE: usize = 100;

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
            snapshot.records.insert(id, record);
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
        before: BTreeMap<Uuid, Record>,
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
            self.keep_file(tx, change, snapshot.records.get(&change.record())).await?;
        }
        outcome.done.events = log::append_all(tx, self.organization.id, events).await?.iter().map(|a| a.seq).collect();
        for id in &touched {
            let (Some(record), Some(of_record)) = (snapshot.records.get(id), leaves.get(id)) else { continue };
            projector.write(tx, record, of_record, before.get(id)).await?;
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
            let Some(known) = snapshot.records.get(id).and_then(gaps::known) else { continue };
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
            apply(record, &change, self.moment.now);
            plan.changes.push(change);
        }
        Ok(())
    }

    /// Tasks and notices of records that were touched.
    async fn recompute(
        &self,
        tx: &mut Tx,
        touched: &[Uuid],
        snapshot: &mut Snapshot,
        mut told: Vec<Notice>,
    ) -> Result<(), Fault> {
        let projector = self.projector();
        for id in touched {
            let computed = self.until_loaded(tx, snapshot, |kernel| {
                let record = kernel.snapshot.record(*id)?;
                let mut told = notices::of_open_steps(kernel, record);
                told.extend(reminders::due(kernel, record));
                Some((compute(kernel, record, self.now), told))
            });
            if let Some((computed, more)) = computed.await? {
                projector.write_tasks(tx, *id, &computed).await?;
                told.extend(more);
            }
        }
        let addressed: Vec<_> = {
            let kernel = Kernel::new(self.book, snapshot, self.moment);
            told.into_iter()
                .map(|notice| {
                    let record = snapshot.records.get(&notice.record);
                    notices::Addressed {
                        people: notices::recipients(&kernel, &notice.to),
                        register: record.map(|record| record.register.clone()).unwrap_or_default(),
                        notice,
                    }
                })
                .collect()
        };
        notices::keep(tx, self.organization.id, &*self.installation.environment, &addressed, self.now).await
    }

    /// Asks something of a kernel until everything it looks at is loaded.
    pub(crate) async fn until_loaded<T>(
        &self,
        reader: &mut Reader,
        snapshot: &mut Snapshot,
        ask: impl Fn(&Kernel<'_>) -> T,
    ) -> Result<T, Fault> {
        let loader = self.loader();
        for _ in 0..ROUNDS {
            let answer = ask(&Kernel::new(self.book, snapshot, self.moment));
            if !loader.fill(reader, snapshot).await? {
                return Ok(answer);
            }
        }
        Err(Fault::TooMuch { register: String::new() })
    }

    /// Records that read what was touched: some at once, the rest with the next tick.
    async fn recompute_readers(
        &self,
        tx: &mut Tx,
        touched: &[Uuid],
        before: &BTreeMap<Uuid, Record>,
        after: &BTreeMap<Uuid, Record>,
    ) -> Result<(), Fault> {
        let readers = Readers::of(self.book);
        let mut stale: BTreeSet<Uuid> = BTreeSet::new();
        let mut whole: BTreeSet<String> = BTreeSet::new();
        for id in touched {
            let versions = [before.get(id), after.get(id)].into_iter().flatten();
            let Some(record) = after.get(id) else { continue };
            if matches!(record.register.as_str(), "person" | "appointment") {
                whole.extend(readers.of_roles.iter().cloned());
            }
            let links_in = records::links_to(tx, self.organization.id, *id).await?;
            for (reader, way) in readers.of.get(&record.register).into_iter().flatten() {
                match way {
                    Way::Link(field) => {
                        stale.extend(links_in.iter().filter(|(_, by)| by == field).map(|(source, _)| *source));
                    }
                    Way::Reverse(field) => {
                        stale.extend(versions.clone().flat_map(|version| targets(version, field)));
                    }
                    Way::All => {
                        whole.insert(reader.clone());
                    }
                }
            }
        }
        for id in touched {
            stale.remove(id);
        }
        let (now, later): (Vec<_>, Vec<_>) = stale.into_iter().enumerate().partition(|(at, _)| *at < AT_ONCE);
        for (_, id) in now {
            self.refresh(tx, id).await?;
        }
        for (_, id) in later {
            records::set_valid_until(tx, self.organization.id, id, Some(self.now)).await?;
        }
        for register in whole {
            super::tick::mark(tx, self.organization.id, &register, self.now).await?;
        }
        Ok(())
    }

    /// Computes the tasks of one record anew.
    pub(super) async fn refresh(&self, tx: &mut Tx, id: Uuid) -> Result<(), Fault> {
        let loader = self.loader();
        let Some(record) = loader.record(tx, id).await? else { return Ok(()) };
        let mut snapshot = loader.base(tx, self.moment).await?;
        snapshot.records.insert(id, record);
        self.recompute(tx, &[id], &mut snapshot, Vec::new()).await
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

fn erased_leaves(leaves: Option<&Leaves>, line: Option<Uuid>) -> Vec<i64> {
    let Some(leaves) = leaves else { return Vec::new() };
    let files = leaves.files.iter().filter(|file| goes(file, line)).map(|file| file.leaf);
    match line {
        Some(line) => leaves.lines.get(&line).copied().into_iter().chain(files).collect(),
        None => std::iter::once(leaves.record).chain(leaves.lines.values().copied()).chain(files).collect(),
    }
}

fn targets(record: &Record, field: &str) -> Vec<Uuid> {
    match record.fields.get(field).map(|stored| &stored.value) {
        Some(Value::Record(id)) => vec![*id],
        Some(Value::List(items)) => {
            items.iter().filter_map(|item| if let Value::Record(id) = item { Some(*id) } else { None }).collect()
        }
        _ => Vec::new(),
    }
}

/// What an event says of a file.
fn attached(codec: &Codec<'_>, record: &Record, line: Option<&(String, Uuid)>, file: &Attached) -> Result<Json, Fault> {
    Ok(json!({
        "attachment": file.id.to_string(),
        "line": line.map(|(list, id)| json!([list, id.to_string()])),
        "name": codec.attachment_name(record, file)?,
        "media_type": file.media_type,
        "bytes": file.bytes,
        "blob": file.blob,
        "key": file.leaf,
    }))
}

/// The body of an event: what changed, personal values sealed.
pub(crate) fn event_body(
    codec: &Codec<'_>,
    record: &Record,
    change: &Change,
    leaves: &Leaves,
) -> Result<Map<String, Json>, Fault> {
    let at = At { register: &record.register, record: record.id, line: None };
    let own = leaf(leaves.record)?;
    let sealed = |reason: &Option<String>| match reason {
        Some(reason) => codec.seal(&at, own, "reason", reason).map(Json::String),
        None => Ok(Json::Null),
    };
    let values = |at: &At<'_>, act: Option<&str>, number: i64, fields: &BTreeMap<String, Value>| {
        let mut out = Map::new();
        for (field, value) in fields {
            out.insert(field.clone(), codec.write(at, act, leaf(number)?, field, value)?);
        }
        Ok::<_, Fault>(Json::Object(out))
    };
    let text = |id: &Option<Uuid>| id.map(|id| id.to_string());
    let body = match change {
        Change::Opened { register, by, .. } => json!({
            "register": register,
            "number": record.number,
            "by": text(by),
            "leaf": leaves.record,
            "rulebook": record.rulebook,
        }),
        Change::FieldsSet { fields, known_at, reason, act, .. } => json!({
            "fields": values(&at, None, leaves.record, fields)?,
            "known_at": Instant::from(*known_at).to_string(),
            "reason": sealed(reason)?,
            "act": act,
        }),
        Change::LineAdded { list, line, fields, known_at, .. } => {
            let at = At { line: Some((list, *line)), ..at };
            let number = leaves.lines.get(line).copied().unwrap_or(leaves.record);
            json!({
                "list": list,
                "line": line.to_string(),
                "leaf": number,
                "fields": values(&at, None, number, fields)?,
                "known_at": Instant::from(*known_at).to_string(),
            })
        }
        Change::LineSet { list, line, fields, known_at, reason, .. } => {
            let of_line = At { line: Some((list, *line)), ..at };
            let number = leaves.lines.get(line).copied().unwrap_or(leaves.record);
            json!({
                "list": list,
                "line": line.to_string(),
                "fields": values(&of_line, None, number, fields)?,
                "known_at": Instant::from(*known_at).to_string(),
                "reason": sealed(reason)?,
            })
        }
        Change::Deed { act, round, status, by, acting_for, happened_at, fields, reason, .. } => json!({
            "act": act,
            "round": round,
            "status": status,
            "by": text(by),
            "acting_for": text(acting_for),
            "happened_at": Instant::from(*happened_at).to_string(),
            "fields": values(&at, Some(act), leaves.record, fields)?,
            "reason": sealed(reason)?,
        }),
        Change::Approved { act, round, role, by, by_self, reason, complete, .. } => json!({
            "act": act,
            "round": round,
            "role": role,
            "by": by.to_string(),
            "by_self": by_self,
            "reason": sealed(reason)?,
            "complete": complete,
        }),
        Change::Closed { .. } => json!({}),
        Change::Attached { line, file, .. } => attached(codec, record, line.as_ref(), file)?,
        Change::Disposed { reason, how, .. } => {
            let at = At { register: "disposal", ..at };
            // How, when and who answers for it outlive the record; a text would be sealed with what goes.
            let how: BTreeMap<String, Value> = how
                .iter()
                .filter(|(f, value)| !codec.seals(&at, None, f, value))
                .map(|(f, v)| (f.clone(), v.clone()))
                .collect();
            json!({ "reason": sealed(reason)?, "how": values(&at, None, leaves.record, &how)? })
        }
        Change::Acknowledged { notice, .. } => json!({ "notice": notice.to_string() }),
        Change::RuleConfirmed { pack, rule, edition, .. } => {
            json!({ "pack": pack, "rule": rule, "edition": edition })
        }
        Change::Erased { line, .. } => {
            // The reason of an erasure outlives what is erased, so it must not name the person: it is not kept here.
            let leaves = erased_leaves(Some(leaves), line.as_ref().map(|(_, id)| *id));
            json!({ "line": line.as_ref().map(|(list, id)| json!([list, id.to_string()])), "leaves": leaves })
        }
    };
    match body {
        Json::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}
