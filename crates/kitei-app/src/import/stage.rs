//! Checking a table, and staging its rows until one event makes them facts.
//!
//! Invariant: rows are staged only while every row may come in; else those staged are taken away again.
//! Invariant: the event and the batch's next state are written in one transaction, so that it happens once.

use std::sync::Arc;

use kitei_evidence::{canonical, merkle};
use kitei_papers::tables::read;
use kitei_rules::{
    book::Book,
    expr::Actor,
    run::{
        apply::{apply, blank},
        command::{Change, Values},
        paper::Lang,
    },
    value::Value,
    world::{Moment, Record},
};
use kitei_store::{
    db::Tx,
    imports::{self, ImportRow},
    log, settings,
};
use serde_json::{Map, Value as Json, json};
use tokio::{runtime::Handle, sync::mpsc};
use uuid::Uuid;

use super::{
    Doc, ImportError, Report, Sealing, State, gaps, json_of,
    judge::{Accepted, JudgeError, Question, What, judge},
    memory, merged, to_remember,
};
use crate::kernel::{
    Fault, Installation, Organization,
    codec::{At, Codec},
    event_body::event_body,
    perform::Work,
    project::{GAPS, Leaves, leaf},
};

/// Rows of one transaction: few enough that nobody else's write waits long.
const CHUNK: usize = 100;
/// Rows between two notes of progress.
const STRIDE: u64 = 1000;

/// What judging a table needs, owned, for the thread that does it.
struct Job {
    installation: Arc<Installation>,
    organization: Arc<Organization>,
    book: Arc<Book>,
    moment: Moment,
    register: String,
    name: String,
    bytes: Vec<u8>,
    choices: super::Choices,
    actor: Actor,
    own: bool,
    lang: Lang,
}

impl Job {
    fn run(
        &self,
        handle: &Handle,
        each: impl FnMut(Accepted) -> Result<(), Fault>,
        progress: impl FnMut(u64),
    ) -> Result<Report, ImportError> {
        let workbook = read::read(&self.bytes, &self.name)?;
        let register = self.book.register(&self.register).ok_or(ImportError::NoRegister)?;
        let overrides = self.choices.overrides();
        let question = Question {
            installation: &self.installation,
            organization: &self.organization,
            book: &self.book,
            moment: &self.moment,
            register,
            actor: &self.actor,
            own: self.own,
            gaps: self.choices.gaps,
            same: self.choices.same,
            overrides: &overrides,
            lang: self.lang,
        };
        match judge(handle, &question, &workbook, each, progress) {
            Ok(report) => Ok(report),
            Err(JudgeError::Fault(fault)) => Err(fault.into()),
            Err(JudgeError::Shape(error)) => Err(ImportError::NoTable(error)),
        }
    }
}

impl Installation {
    async fn job(self: &Arc<Self>, organization: &Arc<Organization>, id: Uuid, doc: &Doc) -> Result<Job, ImportError> {
        let batch = self.import_batch(organization, id).await?;
        Ok(Job {
            installation: Arc::clone(self),
            organization: Arc::clone(organization),
            book: self.present_book(organization).await?,
            moment: organization.moment(self.environment.now()),
            register: batch.register,
            name: batch.name,
            bytes: self.open_file(organization, id, doc).await?,
            choices: batch.choices,
            actor: Actor { person: doc.by.unwrap_or_default(), roles: doc.roles.clone() },
            own: doc.own,
            lang: if doc.english { Lang::En } else { Lang::Ja },
        })
    }

    /// Asks the rules about every row and keeps what was found.
    pub(super) async fn check_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
        mut doc: Doc,
    ) -> Result<(), ImportError> {
        let job = self.job(organization, id, &doc).await?;
        let (book, gaps) = (Arc::clone(&job.book), job.choices.gaps);
        let handle = Handle::current();
        let (told, mut heard) = mpsc::unbounded_channel();
        let judged = tokio::task::spawn_blocking(move || {
            job.run(
                &handle,
                |_| Ok(()),
                |rows| {
                    if rows.is_multiple_of(STRIDE) {
                        // Nobody listens any more only when the import was given up.
                        let _ = told.send(rows);
                    }
                },
            )
        });
        while let Some(rows) = heard.recv().await {
            doc.done = rows;
            self.advance(organization, id, State::Checking, State::Checking, &doc).await?;
        }
        let outcome = judged.await.map_err(|_| Fault::Damaged("an import could not be checked".to_owned()))?;
        let secret = Sealing { installation: self, organization, book: &book, id, leaf: doc.leaf };
        doc.done = 0;
        let state = match outcome {
            Ok(report) => {
                doc.counts = report.counts;
                doc.report = Some(secret.seal("report", &report)?);
                doc.refusal = None;
                if report.counts.is_ready(gaps) { State::Ready } else { State::Blocked }
            }
            Err(ImportError::NoTable(error)) => {
                doc.report = None;
                doc.refusal = Some(secret.seal("refusal", &(shape_words(&error), error.to_string()))?);
                State::Blocked
            }
            Err(other) => return Err(other),
        };
        self.advance(organization, id, State::Checking, state, &doc).await
    }

    /// Writes the rows and then the event that makes them facts.
    pub(super) async fn stage_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
        mut doc: Doc,
    ) -> Result<(), ImportError> {
        let org = organization.id;
        // What an earlier attempt left behind is no fact; it is staged anew.
        self.db
            .act(org, move |tx| Box::pin(async move { Ok::<_, Fault>(imports::remove_rows(tx, org, id).await?) }))
            .await?;
        let job = self.job(organization, id, &doc).await?;
        let (book, register, choices) = (Arc::clone(&job.book), job.register.clone(), job.choices.clone());
        let staging = Staging {
            installation: Arc::clone(self),
            organization: Arc::clone(organization),
            book: Arc::clone(&book),
            moment: job.moment.clone(),
            batch: id,
            register: register.clone(),
        };
        let handle = Handle::current();
        // Two chunks may wait: judging goes on while the last chunk is written.
        let (give, mut take) = mpsc::channel::<Vec<Accepted>>(2);
        let judged = tokio::task::spawn_blocking(move || {
            let mut chunk = Vec::with_capacity(CHUNK);
            let gone = || Fault::Damaged("an import was given up".to_owned());
            let report = job.run(
                &handle,
                |row| {
                    chunk.push(row);
                    if chunk.len() < CHUNK {
                        return Ok(());
                    }
                    give.blocking_send(std::mem::take(&mut chunk)).map_err(|_| gone())
                },
                |_| (),
            )?;
            if !chunk.is_empty() {
                give.blocking_send(chunk).map_err(|_| gone())?;
            }
            Ok::<_, ImportError>(report)
        });
        let (mut tree, mut position, mut gaps) = (merkle::Frontier::new(), 0_i64, 0_u64);
        while let Some(chunk) = take.recv().await {
            let staged = staging.write(chunk, position).await?;
            position += i64::try_from(staged.leaves.len()).unwrap_or_default();
            gaps += staged.gaps;
            staged.leaves.into_iter().for_each(|leaf| tree.append(leaf));
            if let Some((first, last)) = staged.numbers {
                let first = doc.numbers.take().map_or(first, |(first, _)| first);
                doc.numbers = Some((first, last));
            }
            doc.done = u64::try_from(position).unwrap_or_default();
            self.advance(organization, id, State::Staging, State::Staging, &doc).await?;
        }
        let report = judged.await.map_err(|_| Fault::Damaged("an import could not be staged".to_owned()))??;
        let secret = Sealing { installation: self, organization, book: &book, id, leaf: doc.leaf };
        if tree.size() != report.counts.coming(choices.gaps) || !report.counts.is_ready(choices.gaps) {
            // The rules or the records have changed since the preview: back to it, with nothing taken in.
            doc.counts = report.counts;
            doc.report = Some(secret.seal("report", &report)?);
            (doc.done, doc.numbers) = (0, None);
            return self.advance(organization, id, State::Staging, State::Blocked, &doc).await;
        }
        doc.total = tree.size();
        doc.gaps = gaps;
        doc.changes = report.counts.changes;
        doc.root = Some(tree.root().to_string());
        doc.done = 0;
        let matches = merged(self.remembered(organization, &book, &register).await?, choices.matches);
        let memory_of = Sealing { installation: self, organization, book: &book, id: org, leaf: doc.leaf };
        let remember = to_remember(doc.leaf, &memory_of.seal("matches", &matches)?);
        let event = fact("import.completed", id, &register, &doc, self.environment.now());
        let json = json_of(&doc)?;
        self.db
            .act(org, move |tx| {
                Box::pin(async move {
                    imports::advance(tx, org, id, State::Staging.word(), State::Settling.word(), &json).await?;
                    log::append(tx, org, event).await?;
                    settings::put(tx, org, &memory(&register), &remember).await?;
                    if gaps > 0 {
                        gaps::note(tx, org, &register).await?;
                    }
                    Ok::<_, ImportError>(())
                })
            })
            .await
    }
}

/// The event that makes an import a fact, or takes it back.
pub(super) fn fact(kind: &str, id: Uuid, register: &str, doc: &Doc, now: jiff::Timestamp) -> log::NewEvent {
    let mut body = Map::new();
    for (member, value) in [
        ("batch", json!(id.to_string())),
        ("register", json!(register)),
        ("rows", json!(doc.total)),
        ("root", json!(doc.root)),
        ("gaps", json!(doc.gaps)),
        ("changes", json!(doc.changes)),
    ] {
        body.insert(member.to_owned(), value);
    }
    log::NewEvent {
        kind: kind.to_owned(),
        subject: format!("import/{id}"),
        subject_id: Some(id),
        actor: doc.by.map_or_else(|| "nobody".to_owned(), |person| person.to_string()),
        actor_id: doc.by,
        at: now.into(),
        body,
    }
}

struct Staging {
    installation: Arc<Installation>,
    organization: Arc<Organization>,
    book: Arc<Book>,
    moment: Moment,
    batch: Uuid,
    register: String,
}

/// What a chunk came to.
#[derive(Default)]
struct Staged {
    leaves: Vec<kitei_evidence::Digest>,
    /// Running numbers of the first and last record that is made.
    numbers: Option<(String, String)>,
    gaps: u64,
}

impl Staging {
    async fn write(&self, chunk: Vec<Accepted>, position: i64) -> Result<Staged, Fault> {
        let (installation, organization) = (Arc::clone(&self.installation), Arc::clone(&self.organization));
        let (book, moment, batch) = (Arc::clone(&self.book), self.moment.clone(), self.batch);
        let register = self.register.clone();
        self.installation
            .db
            .act(self.organization.id, move |tx| {
                Box::pin(async move {
                    let now = moment.now.into();
                    let work = Work {
                        installation: &installation,
                        organization: &organization,
                        book: &book,
                        moment: &moment,
                        now,
                    };
                    rows(tx, &work, batch, &register, &chunk, position).await
                })
            })
            .await
    }
}

async fn rows(
    tx: &mut Tx,
    work: &Work<'_>,
    batch: Uuid,
    register: &str,
    chunk: &[Accepted],
    position: i64,
) -> Result<Staged, Fault> {
    let projector = work.projector();
    let lines = |changes: &[Change]| changes.iter().filter(|change| matches!(change, Change::LineAdded { .. })).count();
    let made = || {
        chunk.iter().filter_map(|row| match &row.what {
            What::New(changes) => Some(changes),
            What::Change(_) => None,
        })
    };
    let count = u32::try_from(made().count()).unwrap_or(u32::MAX);
    let numbers = if count == 0 { Vec::new() } else { projector.numbers(tx, register, count).await? };
    let mut leaves = projector.take_leaves(tx, made().map(|changes| 1 + lines(changes)).sum()).await?.into_iter();
    let mut staged = Staged { numbers: numbers.first().cloned().zip(numbers.last().cloned()), ..Staged::default() };
    let mut numbers = numbers.into_iter();
    let mut out = Vec::with_capacity(chunk.len());
    for (row, position) in chunk.iter().zip(position..) {
        let (kind, bytes) = match &row.what {
            What::New(changes) => {
                let mut of_row = Leaves { record: leaves.next().unwrap_or_default(), ..Leaves::default() };
                for change in changes {
                    if let Change::LineAdded { line, .. } = change {
                        of_row.lines.insert(*line, leaves.next().unwrap_or_default());
                    }
                }
                let record = folded(row.record, changes, register, numbers.next().unwrap_or_default(), work);
                staged.gaps += u64::from(record.fields.contains_key(GAPS));
                ("new", row_bytes(work, batch, (row.row, changes.as_slice()), &record, &of_row)?)
            }
            What::Change(values) => ("change", change_bytes(tx, work, batch, row, values).await?),
        };
        let leaf_hash = merkle::leaf_hash(&bytes);
        staged.leaves.push(leaf_hash);
        out.push(ImportRow { position, kind: kind.to_owned(), record: row.record, bytes, leaf_hash });
    }
    imports::add_rows(tx, work.organization.id, batch, &out).await?;
    Ok(staged)
}

/// A change of a record that is there already, as evidence, with what its fields were before.
async fn change_bytes(
    tx: &mut Tx,
    work: &Work<'_>,
    batch: Uuid,
    row: &Accepted,
    values: &Values,
) -> Result<Vec<u8>, Fault> {
    let gone = || Fault::Damaged(format!("record {}", row.record));
    let record = work.loader().record(tx, row.record).await?.ok_or_else(gone)?;
    let leaves = work.projector().leaves(tx, row.record).await?.ok_or_else(gone)?;
    let own = leaf(leaves.record)?;
    let at = At { register: &record.register, record: record.id, line: None };
    let sealed = |values: &Values| {
        work.organization.with_keys(|keys| {
            let codec = Codec {
                organization: work.organization.id.to_string(),
                book: work.book,
                keys,
                environment: &*work.installation.environment,
            };
            let one =
                |(field, value): (&String, &Value)| Ok((field.clone(), codec.write(&at, None, own, field, value)?));
            values.iter().map(one).collect::<Result<Map<String, Json>, Fault>>()
        })
    };
    let before = |field: &String| record.fields.get(field).map_or(Value::Empty, |stored| stored.value.clone());
    let before: Values = values.keys().map(|field| (field.clone(), before(field))).collect();
    let bytes = canonical::bytes(&json!({
        "v": 1,
        "batch": batch.to_string(),
        "row": row.row,
        "record": record.id.to_string(),
        "at": work.now.to_string(),
        "fields": sealed(values)?,
        "before": sealed(&before)?,
    }));
    bytes.map_err(|error| Fault::Damaged(error.to_string()))
}

/// The record that a row makes.
fn folded(id: Uuid, changes: &[Change], register: &str, number: String, work: &Work<'_>) -> Record {
    let by = changes.iter().find_map(|change| match change {
        Change::Opened { by, .. } => *by,
        _ => None,
    });
    let mut record = blank(id, register, by, work.moment.now, work.book.version);
    record.number = number;
    for change in changes {
        apply(&mut record, change, work.moment.now);
    }
    record
}

/// The row as evidence: the events that a form would have made, personal values sealed.
fn row_bytes(
    work: &Work<'_>,
    batch: Uuid,
    (row, changes): (u32, &[Change]),
    record: &Record,
    leaves: &Leaves,
) -> Result<Vec<u8>, Fault> {
    let changes: Vec<Json> = work.organization.with_keys(|keys| {
        let codec = Codec {
            organization: work.organization.id.to_string(),
            book: work.book,
            keys,
            environment: &*work.installation.environment,
        };
        let one = |change: &Change| {
            let body = event_body(&codec, record, change, leaves)?;
            Ok(json!({ "kind": change.kind(), "body": body }))
        };
        changes.iter().map(one).collect::<Result<_, Fault>>()
    })?;
    let lines: Map<String, Json> = leaves.lines.iter().map(|(line, leaf)| (line.to_string(), json!(leaf))).collect();
    let bytes = canonical::bytes(&json!({
        "v": 1,
        "batch": batch.to_string(),
        "row": row,
        "record": record.id.to_string(),
        "leaf": leaves.record,
        "lines": lines,
        "rulebook": record.rulebook,
        "at": work.now.to_string(),
        "changes": changes,
    }));
    bytes.map_err(|error| Fault::Damaged(error.to_string()))
}

/// Why there is no table to be read, in Japanese.
fn shape_words(error: &kitei_papers::tables::shape::ShapeError) -> String {
    use kitei_papers::tables::shape::ShapeError;
    match error {
        ShapeError::NoSheet => "表の入ったシートがありません。表の入ったファイルを選んでください。".to_owned(),
        ShapeError::SheetNotFound { name, available } => {
            format!("シート「{name}」はありません。次から選んでください：{}", available.join("、"))
        }
        ShapeError::HeaderOutOfSheet { row, rows } => {
            format!(
                "{row}行目は見出しにできません（シートは{rows}行）。1から{rows}までの行を、1〜3行の高さで選んでください。"
            )
        }
    }
}
