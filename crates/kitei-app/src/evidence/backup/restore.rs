//! Restoring: verify, write, verify again, and say in each log that it was restored.
//!
//! A restored log is the past of the log that was lost: checkpoints signed after the backup will not fit it, and
//! `verify --against` shows that. The event `log.restored` says so openly.
//!
//! Invariant: an existing organisation is never written over.

use std::{path::Path, sync::Arc};

use kitei_evidence::note::VerifierKey;
use kitei_store::{
    blobs::Blobs,
    db::{Instant, Statement, StoreError, Tx, Value},
    log, organizations, search,
};
use serde::Serialize;
use serde_json::{Map, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::super::{
    EvidenceError,
    verify::{Against, KeyReport, LogReport, Subject, Verification, blobs_of, check_log},
};
use super::{
    BackupError, Head, Passphrase, check, keys,
    reading::{Item, Reading},
    table::{SEARCH, Table},
};
use crate::kernel::Installation;

/// Rows written in one transaction.
const ROWS: usize = 1000;
/// What is still to be given out begins anew at the next multiple of this: no log gives out so many leaves meanwhile.
const LEAF_JUMP: i64 = 1 << 32;

/// What to restore from.
#[derive(Clone, Copy, Debug)]
pub struct Restore<'a> {
    /// The backup file.
    pub file: &'a Path,
    /// Its passphrase.
    pub passphrase: &'a Passphrase,
    /// The verifier key from elsewhere, when there is one organisation.
    pub key: Option<&'a VerifierKey>,
    /// A directory of copied key files ([`keys`]). Without it, and without key files in place, nothing sealed opens.
    pub keys: Option<&'a Path>,
}

/// A restoration that is done.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: jiff::Timestamp,
    /// Whose data came back.
    pub organizations: Vec<Uuid>,
    /// Rows written.
    pub rows: u64,
    /// Attachments copied.
    pub blobs: u64,
    /// Organisations whose keys are missing: their sealed values do not open.
    pub without_keys: Vec<Uuid>,
    /// Messages that had not been sent when the backup was made; they wait for a person.
    pub held_messages: u64,
    /// What verifying the restored database found.
    pub verification: Verification,
}

impl Installation {
    /// Restores a backup into this installation, whose database must hold no organisation.
    ///
    /// # Errors
    /// [`EvidenceError`]; after a failure the data directory is to be thrown away.
    pub async fn restore(self: &Arc<Self>, from: &Restore<'_>) -> Result<Restored, EvidenceError> {
        if !organizations::list(&mut self.db.reader().await?).await?.is_empty() {
            return Err(EvidenceError::DatabaseNotEmpty);
        }
        let kept = Blobs::new(from.file.parent().unwrap_or(Path::new(".")).join("blobs"));
        let against = Against { key: from.key, ..Against::default() };
        let verification = check(from.file, from.passphrase, Some(&kept), against).await?;
        if !verification.ok {
            return Err(BackupError::DoesNotVerify(Box::new(verification)).into());
        }
        let (head, rows, held_messages) = self.import(from).await?;
        let orgs: Vec<Uuid> = head.organizations.iter().map(|held| held.org).collect();
        let blobs = self.fetch_blobs(&kept).await?;
        if let Some(directory) = from.keys {
            keys::put_back(directory, &self.key_files, &orgs)?;
        }
        let verification = self.verify_restored(&head, from.key).await?;
        if !verification.ok {
            return Err(BackupError::DoesNotVerify(Box::new(verification)).into());
        }
        let mut without_keys = Vec::new();
        for org in &orgs {
            self.say_restored(*org, &head).await?;
            match self.organization(*org).await {
                Ok(organization) => {
                    self.mend(&organization).await?;
                    self.sign(&organization).await?;
                }
                Err(_) => without_keys.push(*org),
            }
        }
        self.db.analyze().await?;
        Ok(Restored {
            made_at: head.made_at,
            organizations: orgs,
            rows,
            blobs,
            without_keys,
            held_messages,
            verification,
        })
    }

    async fn import(&self, from: &Restore<'_>) -> Result<(Head, u64, u64), EvidenceError> {
        let (sender, mut receiver) = mpsc::channel::<(Arc<Table>, Vec<Vec<Value<'static>>>)>(4);
        let (file, passphrase) = (from.file.to_owned(), from.passphrase.clone());
        let now: Instant = self.environment.now().into();
        let reading = tokio::task::spawn_blocking(move || read(&file, &passphrase, now, &sender));
        let mut written = Ok(0);
        while let Some((table, rows)) = receiver.recv().await {
            let count = rows.len() as u64;
            let done = self.db.act(Uuid::nil(), move |tx| Box::pin(async move { put(tx, &table, &rows).await })).await;
            match (&mut written, done) {
                (Ok(total), Ok(())) => *total += count,
                (_, Err(error)) => {
                    written = Err(error);
                    break;
                }
                (Err(_), Ok(())) => {}
            }
        }
        drop(receiver);
        let read = reading.await.map_err(|_| EvidenceError::Stopped)?;
        // When writing failed reading stopped with it, and that is not the cause to report.
        let rows = written?;
        let (head, held) = read?;
        Ok((head, rows, held))
    }

    async fn fetch_blobs(&self, kept: &Blobs) -> Result<u64, EvidenceError> {
        let mut reader = self.db.reader().await?;
        let mut count = 0;
        for address in super::check::used_blobs(&mut reader).await? {
            self.blobs.put(kept.get(address).await?).await?;
            count += 1;
        }
        Ok(count)
    }

    async fn verify_restored(&self, head: &Head, key: Option<&VerifierKey>) -> Result<Verification, EvidenceError> {
        let mut reader = self.db.snapshot().await?;
        let mut logs = Vec::new();
        for held in &head.organizations {
            let own = held.verifier_key.as_ref().and_then(|key| VerifierKey::parse(key).ok());
            let Some(used) = key.cloned().or(own) else { continue };
            let (report, mut troubles) = check_log(&mut reader, held.org, &used, None).await?;
            let (attachments, missing) = blobs_of(&mut reader, held.org, &self.blobs).await?;
            troubles.extend(missing);
            logs.push(LogReport {
                organization: held.org,
                name: held.name.clone(),
                key_is_trusted: key.is_some(),
                log: report,
                keys: KeyReport::NotLookedAt,
                attachments,
                troubles,
            });
        }
        Ok(Verification::of_logs(Subject::Database, logs, Vec::new()))
    }

    async fn say_restored(&self, org: Uuid, head: &Head) -> Result<(), EvidenceError> {
        let body = Map::from_iter([("made_at".to_owned(), json!(Instant::from(head.made_at).to_string()))]);
        let now = self.environment.now().into();
        let event = super::super::checkpoints::own_event("log.restored", "log", now, body);
        self.db.act(org, move |tx| Box::pin(async move { log::append(tx, org, event).await.map(drop) })).await?;
        Ok(())
    }
}

/// Reads a backup into batches of rows. Gives back its head and how many messages are held.
fn read(
    file: &Path,
    passphrase: &Passphrase,
    now: Instant,
    sender: &mpsc::Sender<(Arc<Table>, Vec<Vec<Value<'static>>>)>,
) -> Result<(Head, u64), EvidenceError> {
    let (mut reading, head) = Reading::open(file, passphrase)?;
    let (mut batch, mut of) = (Vec::new(), None::<Arc<Table>>);
    let mut held = 0;
    let send = |of: &Option<Arc<Table>>, batch: &mut Vec<Vec<Value<'static>>>| match of {
        Some(table) if !batch.is_empty() => {
            sender.blocking_send((Arc::clone(table), std::mem::take(batch))).map_err(|_| EvidenceError::Stopped)
        }
        _ => Ok(()),
    };
    while let Some(item) = reading.next()? {
        let Item::Row(table, mut row) = item else { break };
        if batch.len() == ROWS || of.as_ref().is_some_and(|of| of.name != table.name) {
            send(&of, &mut batch)?;
        }
        held += u64::from(change(&table, &mut row, now));
        of = Some(table);
        batch.push(row);
    }
    send(&of, &mut batch)?;
    Ok((head, held))
}

/// What must not come back as it was. True for a message that is held.
fn change(table: &Table, row: &mut [Value<'static>], now: Instant) -> bool {
    let place = |column: &str| table.place(column).unwrap_or(usize::MAX);
    match table.name.as_str() {
        "organization" => {
            if let Some(Value::Integer(Some(next))) = row.get_mut(place("next_leaf")) {
                *next = (*next / LEAF_JUMP + 1) * LEAF_JUMP;
            }
            false
        }
        "outbox" => {
            let waits =
                [place("sent_at"), place("failed_at")].map(|place| row.get(place) == Some(&Value::Instant(None)));
            if waits == [true, true] {
                if let Some(failed_at) = row.get_mut(place("failed_at")) {
                    *failed_at = Value::Instant(Some(now));
                }
                if let Some(error) = row.get_mut(place("error")) {
                    *error = Value::Text(Some("restored from a backup: it may have been sent meanwhile".into()));
                }
            }
            waits == [true, true]
        }
        _ => false,
    }
}

async fn put(tx: &mut Tx, table: &Table, rows: &[Vec<Value<'static>>]) -> Result<(), StoreError> {
    if table.name != SEARCH {
        let insert = Statement::composed(concat!(module_path!(), "::INSERT"), table.insert());
        tx.insert_many(&insert, rows).await?;
        return Ok(());
    }
    for row in rows {
        if let [
            Value::Uuid(Some(org)),
            Value::Uuid(Some(record)),
            Value::Text(Some(register)),
            Value::Text(Some(body)),
        ] = row.as_slice()
        {
            search::index(tx, *org, register, *record, body).await?;
        }
    }
    Ok(())
}
