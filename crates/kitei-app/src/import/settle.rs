//! Writing the records of an import that has become a fact, from its rows, in small transactions.
//!
//! Nobody is told of steps that open by an import: a thousand rows would be a thousand mails. They stand under 今日.
//!
//! Records, lists and tasks come first; then the search is made ready, so that nobody waits for it to see the rows.
//!
//! Invariant: what is written follows from the rows alone, so it can stop anywhere and go on.

use std::{sync::Arc, time::Duration};

use kitei_rules::{book::Book, world::Record};
use kitei_store::{
    db::{Instant, Tx},
    imports::{self, ImportRow},
    records, tasks,
};
use uuid::Uuid;

use super::{Doc, ImportError, State, json_of};
use crate::{
    evidence::rebuild::{row_instant, row_record},
    kernel::{
        Fault, Installation, Organization,
        codec::Codec,
        load::Loader,
        perform::Work,
        project::{Leaves, Projector, Standings, compute},
        tick,
    },
};

/// How long one transaction should take: others wait for it.
const SHARE: Duration = Duration::from_millis(80);
/// Rows of a transaction at first, at least and at most.
const FIRST: u32 = 20;
/// As [`FIRST`], at least.
const LEAST: u32 = 5;
/// As [`FIRST`], at most.
const MOST: u32 = 400;

impl Installation {
    /// Writes the records of an import.
    pub(super) async fn settle_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
        mut doc: Doc,
    ) -> Result<(), ImportError> {
        let org = organization.id;
        let book = self.present_book(organization).await?;
        let mut size = FIRST;
        loop {
            let rows = self.next_rows(organization, id, &mut doc, size).await?;
            if rows.is_empty() {
                break;
            }
            let refused = self.amend(organization, id, &doc, &rows, false).await?;
            doc.refused.extend(refused);
            let (installation, open, book) = (Arc::clone(self), Arc::clone(organization), Arc::clone(&book));
            let json = json_of(&doc)?;
            let took = self
                .db
                .act(org, move |tx| {
                    Box::pin(async move {
                        let begun = std::time::Instant::now();
                        write(tx, &installation, &open, &book, rows).await?;
                        imports::advance(tx, org, id, State::Settling.word(), State::Settling.word(), &json).await?;
                        Ok::<_, ImportError>(begun.elapsed())
                    })
                })
                .await?;
            size = next_size(size, took);
        }
        doc.done = 0;
        let register = self.import_batch(organization, id).await?.register;
        let (json, now) = (json_of(&doc)?, self.environment.now().into());
        self.db
            .act(org, move |tx| {
                Box::pin(async move {
                    imports::advance(tx, org, id, State::Settling.word(), State::Indexing.word(), &json).await?;
                    mark_readers(tx, org, &book, &register, now).await?;
                    Ok::<_, ImportError>(())
                })
            })
            .await?;
        // People and departments may have come: what is kept of them in memory is read anew.
        *organization.people.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        Ok(())
    }

    /// Makes the search ready for the records of an import, which everybody sees by now.
    pub(super) async fn index_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
        mut doc: Doc,
    ) -> Result<(), ImportError> {
        let org = organization.id;
        let book = self.present_book(organization).await?;
        let mut size = FIRST;
        loop {
            let rows = self.next_rows(organization, id, &mut doc, size).await?;
            if rows.is_empty() {
                break;
            }
            let (installation, open, book) = (Arc::clone(self), Arc::clone(organization), Arc::clone(&book));
            let json = json_of(&doc)?;
            let took = self
                .db
                .act(org, move |tx| {
                    Box::pin(async move {
                        let begun = std::time::Instant::now();
                        index(tx, &installation, &open, &book, &rows).await?;
                        imports::advance(tx, org, id, State::Indexing.word(), State::Indexing.word(), &json).await?;
                        Ok::<_, ImportError>(begun.elapsed())
                    })
                })
                .await?;
            size = next_size(size, took);
        }
        let blob = doc.blob.take();
        doc.done = 0;
        self.advance(organization, id, State::Indexing, State::Done, &doc).await?;
        self.drop_file(blob.as_deref()).await
    }
}

/// How many rows the next transaction takes.
fn next_size(size: u32, took: Duration) -> u32 {
    if took > SHARE { (size / 2).max(LEAST) } else { (size * 2).min(MOST) }
}

/// Registers whose records look at the whole of the imported one are looked at again with the next tick.
async fn mark_readers(tx: &mut Tx, org: Uuid, book: &Book, register: &str, now: Instant) -> Result<(), Fault> {
    for (reader, _) in book.readers.of.get(register).into_iter().flatten() {
        if reader != register {
            tick::mark(tx, org, reader, now).await?;
        }
    }
    Ok(())
}

async fn write(
    tx: &mut Tx,
    installation: &Installation,
    organization: &Organization,
    book: &Book,
    rows: Vec<ImportRow>,
) -> Result<(), Fault> {
    let rows: Vec<ImportRow> = rows.into_iter().filter(|row| row.kind == "new").collect();
    let Some(first) = rows.first() else { return Ok(()) };
    let at = row_instant(&first.bytes)?;
    let made: Vec<(Record, Leaves)> = organization.with_keys(|keys| {
        let codec =
            Codec { organization: organization.id.to_string(), book, keys, environment: &*installation.environment };
        rows.iter().map(|row| row_record(&codec, &row.bytes)).collect::<Result<_, _>>()
    })?;
    let moment = organization.moment(installation.environment.now());
    let (org, now) = (organization.id, moment.now.into());
    let work = Work { installation, organization, book, moment: &moment, now };
    // Records are as of the instant at which their rows were recorded.
    let projector = Projector { organization, book, environment: &*installation.environment, now: at };
    let mut snapshot = work.loader().base(tx, &moment).await?;
    let (mut new, mut tasks) = (Vec::with_capacity(made.len()), Vec::new());
    for (record, leaves) in &made {
        let id = record.id;
        // Nothing links to a record that has just come.
        snapshot.fresh.insert(id);
        snapshot.put(record.clone());
        let computed = work
            .until_loaded(tx, &mut snapshot, |kernel| {
                let record = kernel.snapshot.record(id)?;
                Some(compute(kernel, record, &Standings::of(kernel, record), now))
            })
            .await?
            .unwrap_or_default();
        snapshot.records.remove(&id);
        snapshot.fresh.remove(&id);
        let mut stored = projector.stored(record, leaves, None)?;
        stored.record.valid_until = computed.valid_until;
        new.push(stored);
        tasks.extend(computed.tasks);
    }
    records::insert_many(tx, org, &new).await?;
    for (record, leaves) in &made {
        projector.write_lines(tx, record, leaves, None).await?;
    }
    Ok(tasks::add(tx, org, &tasks).await?)
}

/// Makes the search ready for records that have come in, those excepted that somebody has changed since: theirs is written.
async fn index(
    tx: &mut Tx,
    installation: &Installation,
    organization: &Organization,
    book: &Book,
    rows: &[ImportRow],
) -> Result<(), Fault> {
    let ids: Vec<Uuid> = rows.iter().filter(|row| row.kind == "new").map(|row| row.record).collect();
    let loader = Loader { organization, book, environment: &*installation.environment };
    let stored = records::load_many(tx, organization.id, &ids).await?;
    let untouched = stored.iter().filter(|stored| stored.version == 1 && stored.erased_at.is_none());
    let records = untouched.map(|stored| loader.decode(stored, &[])).collect::<Result<Vec<_>, _>>()?;
    let Some(register) = records.first().map(|record| record.register.clone()) else { return Ok(()) };
    let now = installation.environment.now().into();
    let projector = Projector { organization, book, environment: &*installation.environment, now };
    projector.write_new_search(tx, &register, &records).await
}
