//! Tasks and notices of what was touched, and of what looks at it.
//!
//! Invariant: whatever reads a changed record is computed anew, at once or with the next tick.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kitei_rules::{
    book::Way,
    run::{Kernel, command::Notice},
    value::Value,
    world::{Record, Snapshot},
};
use kitei_store::{
    db::{Reader, Tx},
    records,
};
use uuid::Uuid;

use super::{
    Fault, notices,
    perform::{ROUNDS, Work},
    project::{Standings, compute},
    reminders, tick,
};

/// Records that read a changed one and are recomputed at once; more follow with the next tick.
const AT_ONCE: usize = 100;

impl Work<'_> {
    /// Tasks and notices of records that were touched.
    pub(super) async fn recompute(
        &self,
        tx: &mut Tx,
        touched: &[Uuid],
        snapshot: &mut Snapshot,
        mut told: Vec<Notice>,
    ) -> Result<(), Fault> {
        let computed = self
            .each_loaded(tx, snapshot, touched, |kernel, id| {
                let record = kernel.snapshot.record(id)?;
                let standings = Standings::of(kernel, record);
                let mut told = notices::of_open_steps(kernel, record, &standings);
                told.extend(reminders::due(kernel, record, &standings));
                Some((compute(kernel, record, &standings, self.now), told))
            })
            .await?;
        let mut tasks = Vec::with_capacity(computed.len());
        for (id, (computed, more)) in computed.into_iter().filter_map(|(id, computed)| Some((id, computed?))) {
            tasks.push((id, computed));
            told.extend(more);
        }
        self.projector().write_tasks(tx, &tasks).await?;
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
        let answers = self.each_loaded(reader, snapshot, &[Uuid::nil()], |kernel, _| ask(kernel)).await?;
        answers.into_iter().next().map(|(_, answer)| answer).ok_or(Fault::TooMuch { register: String::new() })
    }

    /// Asks something of a kernel for each of several records until everything it looks at is loaded; what they lack is
    /// loaded for all of them together.
    pub(crate) async fn each_loaded<T>(
        &self,
        reader: &mut Reader,
        snapshot: &mut Snapshot,
        ids: &[Uuid],
        ask: impl Fn(&Kernel<'_>, Uuid) -> T,
    ) -> Result<Vec<(Uuid, T)>, Fault> {
        let loader = self.loader();
        let (mut answers, mut waiting) = (Vec::with_capacity(ids.len()), ids.to_vec());
        for _ in 0..ROUNDS {
            let (mut lacking, mut unsure) = (BTreeSet::new(), Vec::new());
            for id in waiting {
                let answer = ask(&Kernel::new(self.book, snapshot, self.moment), id);
                let missing = snapshot.missing.take();
                if missing.is_empty() {
                    answers.push((id, answer));
                } else {
                    lacking.extend(missing);
                    unsure.push(id);
                }
            }
            if unsure.is_empty() {
                return Ok(answers);
            }
            *snapshot.missing.get_mut() = lacking;
            loader.fill(reader, snapshot).await?;
            waiting = unsure;
        }
        Err(Fault::TooMuch { register: String::new() })
    }

    /// Records that read what was touched: some at once, the rest with the next tick.
    pub(super) async fn recompute_readers(
        &self,
        tx: &mut Tx,
        touched: &[Uuid],
        before: &BTreeMap<Uuid, Arc<Record>>,
        after: &BTreeMap<Uuid, Arc<Record>>,
    ) -> Result<(), Fault> {
        let readers = &self.book.readers;
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
        let now: Vec<Uuid> = now.into_iter().map(|(_, id)| id).collect();
        if !now.is_empty() {
            self.refresh(tx, &now).await?;
        }
        let later: Vec<Uuid> = later.into_iter().map(|(_, id)| id).collect();
        records::set_valid_until(tx, self.organization.id, &later, Some(self.now)).await?;
        for register in whole {
            tick::mark(tx, self.organization.id, &register, self.now).await?;
        }
        Ok(())
    }

    /// Computes the tasks of records anew; what they look at together is loaded once.
    pub(super) async fn refresh(&self, tx: &mut Tx, ids: &[Uuid]) -> Result<(), Fault> {
        let loader = self.loader();
        let mut snapshot = loader.base(tx, self.moment).await?;
        let records = loader.records(tx, ids).await?;
        let found: Vec<Uuid> = records.iter().map(|record| record.id).collect();
        for record in records {
            snapshot.put(record);
        }
        self.recompute(tx, &found, &mut snapshot, Vec::new()).await
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
