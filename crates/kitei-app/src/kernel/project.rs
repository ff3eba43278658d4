//! Writing what changed: records, lines, index values, links, search, blind tokens, tasks.
//!
//! Invariant: a projection holds nothing that its events do not say; it can be thrown away and made again.

use std::collections::{BTreeMap, BTreeSet};

use kitei_evidence::{keys::LeafId, tokens::Token};
use kitei_rules::{
    book::Book,
    pack::model::Kind,
    rulebook::FieldRule,
    run::{
        Kernel,
        duty::DutyStanding,
        flags::FlagStanding,
        standing::{ActStanding, Status},
        who::Target,
    },
    value::Value,
    world::{Line, Record, State},
};
use kitei_store::{
    blind, counters,
    db::{Instant, Reader, Tx},
    deeds::DeedId,
    lines, organizations,
    records::{self, IndexValue, Link, NewRecord},
    search, tasks,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    Environment, Fault, Organization,
    codec::{Codec, state_word},
    reminders,
};

/// Writes records of an organisation.
#[derive(Debug)]
pub struct Projector<'a> {
    /// Organisation.
    pub organization: &'a Organization,
    /// Rulebook.
    pub book: &'a Book,
    /// Nonces.
    pub environment: &'a dyn Environment,
    /// Now.
    pub now: Instant,
}

/// The kernel's own field of an imported record that lacks required fields: how many. Lists filter by it.
pub const GAPS: &str = "import:gaps";
/// The kernel's own field of an imported record: what its row held that no field takes, as JSON.
pub const KEPT: &str = "import:kept";

/// Leaves of a record and of its lines, as stored or newly given out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaves {
    /// The record's.
    pub record: i64,
    /// The lines'.
    pub lines: BTreeMap<Uuid, i64>,
    /// Those of attachments that go with an erasure; looked up only then.
    pub files: Vec<FileLeaf>,
}

/// An attachment's key leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLeaf {
    /// Attachment.
    pub id: Uuid,
    /// The line that it belongs to; nil when it is the record's own.
    pub line: Uuid,
    /// Its leaf.
    pub leaf: i64,
}

/// A number as a leaf.
///
/// # Errors
/// [`Fault::Damaged`] for a number that is none.
pub fn leaf(number: i64) -> Result<LeafId, Fault> {
    let number = u64::try_from(number).map_err(|_| Fault::Damaged("key leaf".to_owned()))?;
    LeafId::new(number).map_err(|error| Fault::Damaged(error.to_string()))
}

impl Projector<'_> {
    fn org(&self) -> Uuid {
        self.organization.id
    }

    fn codec<'k>(&'k self, keys: &'k kitei_evidence::keys::KeyState) -> Codec<'k> {
        Codec { organization: self.organization.id.to_string(), book: self.book, keys, environment: self.environment }
    }

    /// The leaves that a record and its lines have.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn leaves(&self, reader: &mut Reader, record: Uuid) -> Result<Option<Leaves>, Fault> {
        let Some(stored) = records::load(reader, self.org(), record).await? else { return Ok(None) };
        let stored_lines = lines::of_record(reader, self.org(), record).await?;
        let of_lines = stored_lines.iter().filter_map(|line| Some((line.id, line.leaf?))).collect();
        Ok(Some(Leaves { record: stored.leaf, lines: of_lines, files: Vec::new() }))
    }

    /// Gives out fresh leaves.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn take_leaves(&self, tx: &mut Tx, count: usize) -> Result<Vec<i64>, Fault> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count == 0 {
            return Ok(Vec::new());
        }
        let first = organizations::take_leaves(tx, self.org(), count).await?;
        Ok((0..i64::from(count)).map(|offset| first + offset).collect())
    }

    /// The next running number of a register, for instance `INC-2026-003`.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn number(&self, tx: &mut Tx, register: &str) -> Result<String, Fault> {
        Ok(self.numbers(tx, register, 1).await?.pop().unwrap_or_default())
    }

    /// The next running numbers of a register.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn numbers(&self, tx: &mut Tx, register: &str, count: u32) -> Result<Vec<String>, Fault> {
        let rule = self.book.register(register);
        let prefix = rule.map_or_else(|| register.to_uppercase(), |rule| rule.prefix.clone());
        let year = self.organization.today(self.now.timestamp()).year();
        let first = counters::take(tx, self.org(), register, i64::from(year), count).await?;
        Ok((0..i64::from(count)).map(|offset| format!("{prefix}-{year}-{:03}", first + offset)).collect())
    }

    /// Writes a record that is new or has changed. `before` is the stored version it was read from.
    ///
    /// # Errors
    /// [`Fault`]; `Stale` when somebody else changed it since.
    pub async fn write(
        &self,
        tx: &mut Tx,
        record: &Record,
        leaves: &Leaves,
        before: Option<&Record>,
    ) -> Result<(), Fault> {
        let NewRecord { record: stored, values, links } = self.stored(record, leaves, before)?;
        if before.is_some() {
            records::update(tx, self.org(), &stored, &values, &links).await?;
        } else {
            records::insert(tx, self.org(), &NewRecord { record: stored, values, links }).await?;
        }
        self.write_lines(tx, record, leaves, before).await?;
        self.write_search(tx, record).await
    }

    /// A record as it is stored, with what lists find it by.
    ///
    /// # Errors
    /// [`Fault`] when its key is gone.
    pub fn stored(&self, record: &Record, leaves: &Leaves, before: Option<&Record>) -> Result<NewRecord, Fault> {
        let record_leaf = leaf(leaves.record)?;
        let doc = self.organization.with_keys(|keys| self.codec(keys).document(record, record_leaf))?;
        let stored = records::Record {
            id: record.id,
            register: record.register.clone(),
            number: record.number.clone(),
            state: state_word(record.state).to_owned(),
            version: before.map_or(1, |before| before.version),
            leaf: leaves.record,
            doc,
            known_at: None,
            created_at: record.created_at.into(),
            updated_at: self.now,
            closed_at: record.closed_at.map(Into::into),
            erased_at: record.erased_at.map(Into::into),
            rulebook: record.rulebook,
            valid_until: None,
        };
        Ok(NewRecord { record: stored, values: self.index_values(record), links: links_of(record) })
    }

    /// Writes the lines of a record that are new or have changed.
    pub(crate) async fn write_lines(
        &self,
        tx: &mut Tx,
        record: &Record,
        leaves: &Leaves,
        before: Option<&Record>,
    ) -> Result<(), Fault> {
        let mut fresh = Vec::new();
        for (list, lines_of) in &record.lines {
            let known: BTreeMap<Uuid, &Line> = before
                .and_then(|before| before.lines.get(list))
                .map(|lines| lines.iter().map(|line| (line.id, line)).collect())
                .unwrap_or_default();
            for (position, line) in lines_of.iter().enumerate() {
                if known.get(&line.id).is_some_and(|before| *before == line) {
                    continue;
                }
                let number = leaves.lines.get(&line.id).copied().unwrap_or(leaves.record);
                let line_leaf = leaf(number)?;
                let doc = self
                    .organization
                    .with_keys(|keys| self.codec(keys).line_document(record, list, line, line_leaf))?;
                let stored = lines::Line {
                    record: record.id,
                    list: list.clone(),
                    id: line.id,
                    position: i64::try_from(position).unwrap_or(i64::MAX),
                    leaf: Some(number),
                    doc,
                    state: "open".to_owned(),
                    erased_at: line.erased.then_some(self.now),
                };
                if known.contains_key(&line.id) {
                    lines::update(tx, self.org(), &stored).await?;
                } else {
                    fresh.push(stored);
                }
            }
        }
        if !fresh.is_empty() {
            lines::insert(tx, self.org(), &fresh).await?;
        }
        Ok(())
    }

    fn index_values(&self, record: &Record) -> Vec<IndexValue> {
        let Some(register) = self.book.register(&record.register) else { return Vec::new() };
        let mut out = Vec::new();
        for field in register.fields.iter().filter(|field| field.column || field.filter) {
            let clear = field.open || field.kind.is_clear();
            let Some(stored) = record.fields.get(&field.id).filter(|_| clear) else { continue };
            out.extend(index_value(&field.id, &stored.value));
        }
        if let Some(Value::Int(gaps)) = record.fields.get(GAPS).map(|stored| &stored.value)
            && *gaps > 0
        {
            out.extend(index_value(GAPS, &Value::Int(*gaps)));
        }
        out
    }

    /// Writes what a record is searched by.
    pub(crate) async fn write_search(&self, tx: &mut Tx, record: &Record) -> Result<(), Fault> {
        let Some(text) = self.search_text(record) else { return Ok(()) };
        self.write_tokens(tx, record).await?;
        search::index(tx, self.org(), &record.register, record.id, &text).await?;
        Ok(())
    }

    /// Writes what records of one register are searched by that were never written before, in few statements.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn write_new_search(&self, tx: &mut Tx, register: &str, new: &[Record]) -> Result<(), Fault> {
        let (mut texts, mut tokens, mut of_epoch) = (Vec::new(), Vec::new(), 0);
        for record in new {
            texts.extend(self.search_text(record).map(|text| (record.id, text)));
            let (of_record, epoch) = self.tokens_of(record);
            tokens.extend(of_record);
            of_epoch = epoch;
        }
        search::index_new(tx, self.org(), register, &texts).await?;
        blind::add_all(tx, self.org(), of_epoch, &tokens).await?;
        Ok(())
    }

    /// The open texts of a record, as the search sees them.
    fn search_text(&self, record: &Record) -> Option<String> {
        let register = self.book.register(&record.register)?;
        let open = register.fields.iter().filter(|field| field.open);
        let texts = open.filter_map(|field| searched(record, field));
        let body: Vec<&str> = std::iter::once(record.number.as_str()).chain(texts).collect();
        Some(body.join("\n"))
    }

    /// The blind tokens of a record's sealed short texts, under the present token key, and its epoch.
    fn tokens_of<'r>(&'r self, record: &'r Record) -> (Vec<(blind::TokenPlace<'r>, Vec<Token>)>, u32) {
        let fields = self.book.register(&record.register).into_iter().flat_map(|register| &register.fields);
        let sealed = fields.filter(|field| !field.open && field.kind != Kind::LongText);
        self.organization.with_keys(|keys| {
            let key = keys.token_key();
            let found = sealed.filter_map(|field| {
                let text = searched(record, field)?;
                let place = blind::TokenPlace { register: &record.register, field: &field.id, record: record.id };
                Some((place, key.tokens(&record.register, &field.id, &search::fold(text))))
            });
            (found.collect(), key.epoch())
        })
    }

    /// Writes the blind tokens of a record's sealed short texts, under the present token key.
    ///
    /// # Errors
    /// [`Fault`].
    pub(crate) async fn write_tokens(&self, tx: &mut Tx, record: &Record) -> Result<(), Fault> {
        blind::remove(tx, self.org(), record.id).await?;
        let (tokens, epoch) = self.tokens_of(record);
        blind::add_all(tx, self.org(), epoch, &tokens).await?;
        Ok(())
    }

    /// Writes the tasks of records as the kernel sees them, in few statements.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn write_tasks(&self, tx: &mut Tx, computed: &[(Uuid, Computed)]) -> Result<(), Fault> {
        let records: Vec<Uuid> = computed.iter().map(|(record, _)| *record).collect();
        let tasks: Vec<&tasks::AssignedTask> = computed.iter().flat_map(|(_, computed)| &computed.tasks).collect();
        tasks::replace(tx, self.org(), &records, &tasks).await?;
        // Many records stand until the same instant: the end of a month, a day on which a term of office ends.
        let mut until: BTreeMap<Option<Instant>, Vec<Uuid>> = BTreeMap::new();
        for (record, computed) in computed {
            until.entry(computed.valid_until).or_default().push(*record);
        }
        for (valid_until, records) in until {
            records::set_valid_until(tx, self.org(), &records, valid_until).await?;
        }
        Ok(())
    }
}

/// The text of a field by which the record is found.
fn searched<'r>(record: &'r Record, field: &FieldRule) -> Option<&'r str> {
    match record.fields.get(&field.id).map(|stored| &stored.value) {
        Some(Value::Text(text)) if !matches!(field.kind, Kind::Choice | Kind::File) => Some(text),
        _ => None,
    }
}

/// Tasks of a record and until when they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Computed {
    /// Tasks.
    pub tasks: Vec<tasks::AssignedTask>,
    /// The first instant at which time alone changes them.
    pub valid_until: Option<Instant>,
}

/// Where the steps and the duties of a record stand, asked once for tasks, notices and reminders alike. A record that is
/// closed, or whose values are gone, asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standings {
    /// Steps.
    pub steps: Vec<ActStanding>,
    /// Duties.
    pub duties: Vec<DutyStanding>,
}

impl Standings {
    /// Those of a record.
    #[must_use]
    pub fn of(kernel: &Kernel<'_>, record: &Record) -> Self {
        if is_over(record) {
            return Self::default();
        }
        Self { steps: kernel.standing(record), duties: kernel.duties(record) }
    }
}

fn is_over(record: &Record) -> bool {
    record.state != State::Open || record.erased_at.is_some()
}

/// Computes the tasks of a record.
#[must_use]
pub fn compute(kernel: &Kernel<'_>, record: &Record, standings: &Standings, now: Instant) -> Computed {
    if is_over(record) {
        return Computed::default();
    }
    let mut out = BTreeMap::new();
    let mut horizon: Option<jiff::Timestamp> = None;
    let mut note = |instant: jiff::Timestamp| {
        if instant > now.timestamp() {
            horizon = Some(horizon.map_or(instant, |known| known.min(instant)));
        }
    };
    for standing in &standings.steps {
        for due in standing.clocks.iter().filter_map(|clock| clock.due) {
            note(due.checked_add(jiff::SignedDuration::from_micros(1)).unwrap_or(due));
        }
        if !standing.status.settled() {
            let task = act_task(kernel, record, standing, now);
            out.insert(task.task.id.clone(), task);
        }
    }
    for duty in &standings.duties {
        note(duty.opens_at);
        note(duty.due.checked_add(jiff::SignedDuration::from_micros(1)).unwrap_or(duty.due));
        if !duty.status.settled() && !duty.upcoming {
            let task = duty_task(kernel, record, duty, now);
            out.insert(task.task.id.clone(), task);
        }
    }
    for flag in kernel.flags_of_packs(record).into_iter().filter(|flag| !flag.by.is_empty()) {
        let task = flag_task(record, &flag, now);
        out.insert(task.task.id.clone(), task);
    }
    for instant in reminders::instants(kernel, record, standings) {
        note(instant);
    }
    if let Some(until) = kernel.valid_until() {
        note(until);
    }
    Computed { tasks: out.into_values().collect(), valid_until: horizon.map(Into::into) }
}

fn act_task(kernel: &Kernel<'_>, record: &Record, standing: &ActStanding, now: Instant) -> tasks::AssignedTask {
    // What is submitted waits for its approvers, everything else for those who do it.
    let who = if standing.status == Status::Submitted {
        let doer = kernel.deed(record, &standing.act).and_then(|deed| deed.by);
        let approvers = standing.approvals.outstanding.iter().flat_map(|set| kernel.approvers(record, set, doer));
        approvers.flat_map(|approver| approver.persons).map(Target::Person).collect()
    } else {
        standing.by.clone()
    };
    let basis: Vec<&str> = standing.basis().into_iter().collect();
    let possible = standing.asked_by.iter().all(|asking| asking.truth == kitei_rules::value::Truth::Unknown);
    assigned(
        DeedId { record: record.id, act: standing.act.clone(), line: Uuid::nil(), round: standing.round },
        record,
        status_word(standing.status),
        (standing.due(), standing.target()),
        json!({
            "title": standing.title,
            "record": { "number": record.number, "name": kernel.name_of(record.id) },
            "basis": basis,
            "why": standing.why,
            "lines": standing.lines,
            "possible": possible,
            "late": standing.late(),
        }),
        &who,
        now,
    )
}

fn duty_task(kernel: &Kernel<'_>, record: &Record, duty: &DutyStanding, now: Instant) -> tasks::AssignedTask {
    let who: Vec<Target> = if duty.status == Status::Submitted {
        let doer = record.deeds.iter().find(|d| d.act == duty.act && d.round == duty.round).and_then(|d| d.by);
        let approvers = duty.approvals.outstanding.iter().flat_map(|set| kernel.approvers(record, set, doer));
        approvers.flat_map(|approver| approver.persons).map(Target::Person).collect()
    } else {
        duty.by.clone()
    };
    let basis: Vec<&String> = duty.basis.iter().flat_map(|(_, clauses)| clauses).collect();
    assigned(
        DeedId { record: record.id, act: duty.act.clone(), line: Uuid::nil(), round: duty.round },
        record,
        status_word(duty.status),
        (Some(duty.due), None),
        json!({
            "title": duty.title,
            "record": { "number": record.number, "name": kernel.name_of(record.id) },
            "basis": basis,
            "duty": true,
            "late": now.timestamp() > duty.due,
        }),
        &who,
        now,
    )
}

fn flag_task(record: &Record, flag: &FlagStanding, now: Instant) -> tasks::AssignedTask {
    let act = format!("flag:{}", flag.id);
    let id = DeedId { record: record.id, act, line: flag.line.unwrap_or(Uuid::nil()), round: 0 };
    let doc =
        json!({ "title": flag.message, "record": { "number": record.number }, "basis": flag.basis, "flag": true });
    assigned(id, record, "open", (None, None), doc, &flag.by, now)
}

fn assigned(
    id: DeedId,
    record: &Record,
    status: &str,
    (due, warn): (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
    doc: Json,
    who: &[Target],
    now: Instant,
) -> tasks::AssignedTask {
    let task = tasks::Task {
        id,
        register: record.register.clone(),
        status: status.to_owned(),
        due_at: due.map(Into::into),
        warn_at: warn.map(Into::into),
        doc,
        updated_at: now,
    };
    tasks::AssignedTask { task, who: who.iter().map(who_of).collect::<BTreeSet<_>>() }
}

fn who_of(target: &Target) -> tasks::Who {
    let nil = Uuid::nil();
    match target {
        Target::Staff => tasks::Who { role: "staff".to_owned(), department: nil, person: nil },
        Target::Role { role, department } => {
            tasks::Who { role: role.clone(), department: department.unwrap_or(nil), person: nil }
        }
        Target::Person(person) => tasks::Who { role: String::new(), department: nil, person: *person },
        Target::Outside(role) => tasks::Who { role: format!("outside:{role}"), department: nil, person: nil },
    }
}

/// A status as stored.
#[must_use]
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Returned => "returned",
        Status::Submitted => "submitted",
        Status::Waiting => "waiting",
        Status::Blocked => "blocked",
        Status::Locked => "locked",
        Status::Done => "done",
        Status::Skipped => "skipped",
    }
}

fn index_value(field: &str, value: &Value) -> Vec<IndexValue> {
    let text = |text: String| IndexValue { field: field.to_owned(), text: Some(text), number: None };
    let number = |number: i64| IndexValue { field: field.to_owned(), text: None, number: Some(number) };
    match value {
        Value::Empty => Vec::new(),
        Value::Unknown => vec![text("unknown".to_owned())],
        Value::Bool(true) => vec![text("yes".to_owned())],
        Value::Bool(false) => vec![text("no".to_owned())],
        Value::Int(amount) => vec![number(*amount)],
        Value::Count { least, most, .. } => vec![number(most.unwrap_or(*least))],
        Value::Text(words) => vec![text(words.chars().take(200).collect())],
        Value::Date(day) => vec![text(day.to_string())],
        Value::Time(instant) => vec![text(Instant::from(*instant).to_string())],
        Value::Period(period) => vec![text(period.to_string())],
        Value::Record(id) => vec![text(id.to_string())],
        Value::List(items) => items.iter().flat_map(|item| index_value(field, item)).collect(),
    }
}

fn links_of(record: &Record) -> Vec<Link> {
    let mut out = BTreeSet::new();
    for (field, stored) in &record.fields {
        let items =
            if let Value::List(items) = &stored.value { items.as_slice() } else { std::slice::from_ref(&stored.value) };
        for item in items {
            if let Value::Record(target) = item {
                out.insert((field.clone(), *target));
            }
        }
    }
    out.into_iter().map(|(field, target)| Link { field, target }).collect()
}
