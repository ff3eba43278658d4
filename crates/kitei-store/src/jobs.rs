//! Work that follows an act and takes its time: search rows, token rotation, imports, exports.
//!
//! Invariants: a job is kept by the act that needs it; kind and key name it, so asking twice while it waits does it
//! once; whoever takes it holds it until an instant and must say so again before that, else another takes over.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx};
use crate::{binds, statements};

statements! {
    /// Keeps a job; one that is done begins anew, one that waits or runs stays as it is.
    ENQUEUE = "insert into job (org, id, kind, key, payload, run_at, attempts, progress, total)
        values ($1, $2, $3, $4, $5, $6, 0, 0, $7)
        on conflict (org, kind, key) do update set payload = excluded.payload, run_at = excluded.run_at,
            attempts = 0, locked_until = null, done_at = null, error = null, progress = 0, total = excluded.total
        where job.done_at is not null";
    /// Organizations that have something to do.
    WAITING = "select distinct org from job
        where done_at is null and run_at <= $1 and (locked_until is null or locked_until <= $1)";
    /// The next job that nobody holds.
    NEXT = "select id, kind, key, payload, run_at, attempts, done_at, error, progress, total from job
        where org = $1 and done_at is null and run_at <= $2 and (locked_until is null or locked_until <= $2)
        order by run_at, id limit 1";
    /// Takes a job.
    LOCK = "update job set locked_until = $3, attempts = attempts + 1 where org = $1 and id = $2";
    /// How far a job is, and that it is still held.
    PROGRESS = "update job set progress = $3, total = $4, payload = $5, locked_until = $6
        where org = $1 and id = $2 and done_at is null";
    /// A job is done.
    DONE = "update job set done_at = $3, locked_until = null, error = $4 where org = $1 and id = $2";
    /// A job is to be tried again.
    RETRY = "update job set run_at = $3, locked_until = null, error = $4 where org = $1 and id = $2";
    /// One job.
    LOAD = "select id, kind, key, payload, run_at, attempts, done_at, error, progress, total from job
        where org = $1 and kind = $2 and key = $3";
    /// How many jobs of a kind wait or run.
    OPEN = "select count(*) as jobs from job where org = $1 and kind = $2 and done_at is null";
    /// Forgets what was done long ago.
    SWEEP = "delete from job where org = $1 and done_at < $2";
}

/// A job to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: Uuid,
    /// What sort of work.
    pub kind: String,
    /// On what.
    pub key: String,
    /// What the work needs to know; ids rather than values.
    pub payload: Json,
    /// When it may begin.
    pub run_at: Instant,
    /// How many steps it has, if that is known; else 0.
    pub total: i64,
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What sort of work.
    pub kind: String,
    /// On what.
    pub key: String,
    /// What the work needs to know.
    pub payload: Json,
    /// When it may begin.
    pub run_at: Instant,
    /// How often it was taken.
    pub attempts: i64,
    /// When it was done, or given up.
    pub done_at: Option<Instant>,
    /// Why it failed last, without any value.
    pub error: Option<String>,
    /// Steps done.
    pub progress: i64,
    /// Steps in all.
    pub total: i64,
}

fn read(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.get("id")?,
        kind: row.get("kind")?,
        key: row.get("key")?,
        payload: row.get("payload")?,
        run_at: row.get("run_at")?,
        attempts: row.get("attempts")?,
        done_at: row.maybe("done_at")?,
        error: row.maybe("error")?,
        progress: row.get("progress")?,
        total: row.get("total")?,
    })
}

/// Keeps a job; false when the same one waits or runs already.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn enqueue(tx: &mut Tx, org: Uuid, job: &NewJob) -> Result<bool, StoreError> {
    let NewJob { id, kind, key, payload, run_at, total } = job;
    Ok(tx.execute(&ENQUEUE, binds![org, *id, kind, key, payload, *run_at, *total]).await? > 0)
}

/// Organizations that have something to do.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn waiting(reader: &mut Reader, now: Instant) -> Result<Vec<Uuid>, StoreError> {
    reader.fetch_all(&WAITING, binds![now]).await?.iter().map(|row| row.get("org")).collect()
}

/// Takes the next job that nobody holds, until an instant.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn claim(tx: &mut Tx, org: Uuid, now: Instant, until: Instant) -> Result<Option<Job>, StoreError> {
    let Some(row) = tx.fetch_optional(&NEXT, binds![org, now]).await? else { return Ok(None) };
    let mut job = read(&row)?;
    tx.execute(&LOCK, binds![org, job.id, until]).await?;
    job.attempts += 1;
    Ok(Some(job))
}

/// Notes how far a job is (steps and what is left, in `payload`) and holds it on until an instant.
///
/// # Errors
/// `Missing` when it is done or was never there.
pub async fn progress(tx: &mut Tx, org: Uuid, job: &Job, until: Instant) -> Result<(), StoreError> {
    let Job { id, payload, progress, total, .. } = job;
    match tx.execute(&PROGRESS, binds![org, *id, *progress, *total, payload, until]).await? {
        0 => Err(StoreError::new(StoreErrorKind::Missing, PROGRESS.name())),
        _ => Ok(()),
    }
}

/// Notes that a job is done, or given up with an error.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn done(tx: &mut Tx, org: Uuid, id: Uuid, now: Instant, error: Option<&str>) -> Result<(), StoreError> {
    tx.execute(&DONE, binds![org, id, now, error]).await?;
    Ok(())
}

/// Lets a job be tried again later.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn retry(tx: &mut Tx, org: Uuid, id: Uuid, at: Instant, error: &str) -> Result<(), StoreError> {
    tx.execute(&RETRY, binds![org, id, at, error]).await?;
    Ok(())
}

/// The job of a kind on a key, if it was ever kept.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, kind: &str, key: &str) -> Result<Option<Job>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, kind, key]).await?.as_ref().map(read).transpose()
}

/// How many jobs of a kind wait or run; a page says so while search lags behind.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn open(reader: &mut Reader, org: Uuid, kind: &str) -> Result<i64, StoreError> {
    reader.fetch_one(&OPEN, binds![org, kind]).await?.get("jobs")
}

/// Forgets what was done before an instant and says how much.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn sweep(tx: &mut Tx, org: Uuid, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, binds![org, before]).await
}
