//! Group commit: acts wait in a queue, and those that wait together share one transaction.
//!
//! Invariants:
//! - one organization's acts are serial on both engines (SQLite: one writer; PostgreSQL: a writer for each
//!   organization, which first locks the organization's row, so other programs wait too);
//! - an act that fails, panics or takes too long loses only what it did itself;
//! - nobody is told that an act succeeded before it is committed.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Instant as Clock;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::error::{StoreError, StoreErrorKind};
use super::reader::Tx;
use super::{Options, Pools};
use crate::{binds, statements};

statements! {
    /// Serialises one organization's acts. `no key update` lets other rows go on referring to the organization.
    @Postgres LOCK_ORGANIZATION = "select org from organization where org = $1 for no key update";
    /// Begins an act inside a shared transaction.
    SAVEPOINT = "savepoint act";
    /// Keeps what the act did.
    RELEASE = "release savepoint act";
    /// Undoes what the act did.
    ROLLBACK_TO = "rollback to savepoint act";
}

/// What an act returns: a pinned future that borrows the transaction.
pub type ActFuture<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

const QUEUE_LENGTH: usize = 1024;

/// The queues in front of the writers.
pub(crate) struct Writers {
    pools: Pools,
    options: Options,
    // On SQLite everything has the nil key: there is one writer for the file.
    queues: Mutex<Queues>,
}

#[derive(Default)]
struct Queues {
    closed: bool,
    senders: HashMap<Uuid, mpsc::Sender<Box<dyn Queued>>>,
    /// Each hears when a writer has stopped.
    ends: Vec<oneshot::Receiver<()>>,
}

impl Writers {
    pub(crate) fn new(pools: Pools, options: Options) -> Self {
        Self { pools, options, queues: Mutex::new(Queues::default()) }
    }

    pub(crate) async fn act<T, E, F>(&self, org: Uuid, act: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> ActFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if self.options.read_only {
            return Err(StoreError::new(StoreErrorKind::ReadOnly, "act").into());
        }
        let closed = || E::from(StoreError::new(StoreErrorKind::Closed, "act"));
        let sender = self.sender(org).ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        let queued = Box::new(Pending { org, act: Some(act), outcome: None, reply });
        sender.send(queued).await.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Closes the queues and waits until what was queued is done.
    pub(crate) async fn finish(&self) {
        let ends = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            queues.closed = true;
            queues.senders.clear();
            std::mem::take(&mut queues.ends)
        };
        for end in ends {
            if end.await.is_err() {
                tracing::error!("a writer stopped before its time");
            }
        }
    }

    fn sender(&self, org: Uuid) -> Option<mpsc::Sender<Box<dyn Queued>>> {
        let key = match self.pools {
            Pools::Sqlite { .. } => Uuid::nil(),
            Pools::Postgres { .. } => org,
        };
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.closed {
            return None;
        }
        if let Some(sender) = queues.senders.get(&key) {
            return Some(sender.clone());
        }
        let (sender, queue) = mpsc::channel(QUEUE_LENGTH);
        let writer = Writer { pools: self.pools.clone(), options: self.options.clone() };
        queues.ends.push(writer.start(queue)?);
        queues.senders.insert(key, sender.clone());
        Some(sender)
    }
}

/// An act in the queue, its types hidden.
trait Queued: Send {
    /// Whose act it is.
    fn org(&self) -> Uuid;
    /// Runs the act and keeps its outcome; true when it succeeded.
    fn run<'r>(&'r mut self, tx: &'r mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 'r>>;
    /// Replaces the outcome, whatever it was.
    fn spoil(&mut self, error: StoreError);
    /// Tells the caller.
    fn reply(self: Box<Self>);
}

struct Pending<T, E, F> {
    org: Uuid,
    act: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Queued for Pending<T, E, F>
where
    F: for<'t> FnOnce(&'t mut Tx) -> ActFuture<'t, T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn org(&self) -> Uuid {
        self.org
    }

    fn run<'r>(&'r mut self, tx: &'r mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 'r>> {
        Box::pin(async move {
            let Some(act) = self.act.take() else { return false };
            // The call itself may panic too, before it has made a future, so it lies inside.
            let outcome = AssertUnwindSafe(async move { act(tx).await }).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Panicked, "act").into()));
            let succeeded = outcome.is_ok();
            self.outcome = Some(outcome);
            succeeded
        })
    }

    fn spoil(&mut self, error: StoreError) {
        self.outcome = Some(Err(error.into()));
    }

    fn reply(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(StoreError::new(StoreErrorKind::Closed, "act").into()));
        // A caller that went away has no use for the answer; the act stands all the same.
        let _gone = self.reply.send(outcome);
    }
}

struct Writer {
    pools: Pools,
    options: Options,
}

impl Writer {
    /// Starts it; what comes back hears when it has stopped. `None` when the machine has no thread to spare.
    ///
    /// SQLite's writer has a thread of its own: its statements run there one after the other without waking anybody, and
    /// only it waits for the disk.
    fn start(self, queue: mpsc::Receiver<Box<dyn Queued>>) -> Option<oneshot::Receiver<()>> {
        let on_postgres = matches!(self.pools, Pools::Postgres { .. });
        let (stopped, end) = oneshot::channel();
        let run = async move {
            self.run(queue).await;
            // Nobody asks while the store is open.
            let _unheard = stopped.send(());
        };
        if on_postgres {
            tokio::spawn(run);
            return Some(end);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let thread = std::thread::Builder::new().name("kitei-writer".to_owned());
        thread.spawn(move || runtime.block_on(run)).ok().map(|_detached| end)
    }

    async fn run(self, mut queue: mpsc::Receiver<Box<dyn Queued>>) {
        while let Some(first) = queue.recv().await {
            let mut done = Vec::new();
            let committed = self.batch(first, &mut queue, &mut done).await;
            for mut act in done {
                if let Err(error) = &committed {
                    act.spoil(error.clone());
                }
                act.reply();
            }
        }
    }

    /// One transaction: the first act and those that are waiting behind it.
    async fn batch(
        &self,
        mut first: Box<dyn Queued>,
        queue: &mut mpsc::Receiver<Box<dyn Queued>>,
        done: &mut Vec<Box<dyn Queued>>,
    ) -> Result<(), StoreError> {
        let begun = Clock::now();
        let mut tx = match self.begin(first.org()).await {
            Ok(tx) => tx,
            Err(error) => {
                done.push(first);
                return Err(error);
            }
        };
        // The first act needs no savepoint: if it fails, the transaction holds nothing else yet.
        let succeeded = self.run_act(&mut first, &mut tx).await;
        done.push(first);
        if !succeeded {
            if let Err(error) = tx.rollback().await {
                tracing::warn!(%error, "a failed act could not be rolled back by hand; its connection does it");
            }
            return Ok(());
        }
        while done.len() < self.options.batch_acts && begun.elapsed() < self.options.batch_time {
            let Ok(mut next) = queue.try_recv() else { break };
            let outcome = self.run_in_savepoint(&mut next, &mut tx).await;
            done.push(next);
            outcome?;
        }
        tx.commit().await
    }

    async fn begin(&self, org: Uuid) -> Result<Tx, StoreError> {
        let mut tx = self.pools.begin().await?;
        if let Pools::Postgres { .. } = self.pools {
            tx.fetch_optional(&LOCK_ORGANIZATION, binds![org]).await?;
        }
        Ok(tx)
    }

    async fn run_in_savepoint(&self, act: &mut Box<dyn Queued>, tx: &mut Tx) -> Result<(), StoreError> {
        tx.execute(&SAVEPOINT, binds![]).await?;
        if !self.run_act(act, tx).await {
            tx.execute(&ROLLBACK_TO, binds![]).await?;
        }
        tx.execute(&RELEASE, binds![]).await?;
        Ok(())
    }

    async fn run_act(&self, act: &mut Box<dyn Queued>, tx: &mut Tx) -> bool {
        match tokio::time::timeout(self.options.act_limit, act.run(tx)).await {
            Ok(succeeded) => succeeded,
            Err(_elapsed) => {
                act.spoil(StoreError::new(StoreErrorKind::Busy, "act").with_detail("the act took too long"));
                false
            }
        }
    }
}
