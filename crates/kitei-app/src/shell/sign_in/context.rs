//! What every use case is given: the store, the organisation, the time, randomness, the rules and the keys.

use std::sync::Arc;

use jiff::tz::TimeZone;
use kitei_rules::password::Policy;
use kitei_store::db::{ActFuture, Db, Instant, StoreError, Tx};
use kitei_store::log::{self, NewEvent};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::outcome::{Occurrence, SignInError};
use super::secret::MacKey;
use super::stretch::Stretcher;

/// The system's random source gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random source gave nothing")]
pub struct NoRandomness;

/// Fills a buffer from a cryptographic random source.
pub type Random = dyn Fn(&mut [u8]) -> Result<(), NoRandomness> + Send + Sync;

/// Writes what happened to the evidence log of the organisation, inside the transaction in which it happened.
pub type Recorder =
    Arc<dyn for<'t> Fn(&'t mut Tx, Uuid, Instant, Vec<Occurrence>) -> ActFuture<'t, (), StoreError> + Send + Sync>;

/// A sealed secret could not be made or opened: the key is missing, or the text was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a second factor's secret could not be sealed or opened; check the key file")]
pub struct SealError;

/// Seals the secrets of second factors with a key that lies outside the database.
pub trait Seal: Send + Sync {
    /// Seals a secret of a person.
    ///
    /// # Errors
    /// There is no key.
    fn seal(&self, org: Uuid, person: Uuid, secret: &[u8]) -> Result<String, SealError>;

    /// Opens what `seal` made for the same person.
    ///
    /// # Errors
    /// There is no key, or the text was sealed for somebody else or changed.
    fn open(&self, org: Uuid, person: Uuid, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError>;
}

/// How long things last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A session ends after so long without use.
    pub idle: i64,
    /// A session ends after so long, used or not.
    pub absolute: i64,
    /// Between password and one-time code.
    pub code: i64,
    /// A link to set a password works so long.
    pub link: i64,
    /// The set-up code works so long.
    pub set_up: i64,
}

impl Default for Limits {
    /// Half an hour without use, twelve hours at most, five minutes for a code, three days for a link, one for set-up.
    fn default() -> Self {
        Self { idle: 30 * 60, absolute: 12 * 3600, code: 5 * 60, link: 3 * 86_400, set_up: 86_400 }
    }
}

/// What every use case is given.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// The store.
    pub db: &'a Db,
    /// The organisation.
    pub org: Uuid,
    /// Now.
    pub now: Instant,
    /// The organisation's zone, on whose calendar periods end.
    pub zone: &'a TimeZone,
    /// Randomness.
    pub random: &'a Random,
    /// The rules in force.
    pub policy: &'a Policy,
    /// How long things last.
    pub limits: Limits,
    /// Stretches passwords.
    pub stretcher: &'a Stretcher,
    /// Seals the secrets of second factors.
    pub seal: &'a dyn Seal,
    /// Signs tokens of forms and known clients and hides login names in the list of failures.
    pub key: &'a MacKey,
    /// Writes the evidence log.
    pub record: &'a Recorder,
}

impl Ctx<'_> {
    /// Runs a change and records its occurrences, in one transaction.
    pub(super) async fn act<T, F>(&self, act: F) -> Result<T, SignInError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> ActFuture<'t, (T, Vec<Occurrence>), SignInError> + Send + 'static,
        T: Send + 'static,
    {
        let (org, now, record) = (self.org, self.now, Arc::clone(self.record));
        self.db
            .act(org, move |tx| {
                Box::pin(async move {
                    let (value, occurrences) = act(tx).await?;
                    if !occurrences.is_empty() {
                        record(tx, org, now, occurrences).await?;
                    }
                    Ok(value)
                })
            })
            .await
    }
}

/// The recorder of the running program: appends each occurrence to the organisation's evidence log.
#[must_use]
pub fn record_in_log() -> Recorder {
    recorder("sign-in")
}

/// The recorder of the command line: whoever acts there holds the machine and is not signed in, and the log says so.
#[must_use]
pub fn record_from_console() -> Recorder {
    let by_nobody = recorder(CONSOLE);
    Arc::new(move |tx, org, now, mut occurrences| {
        for occurrence in &mut occurrences {
            occurrence.by = None;
        }
        by_nobody(tx, org, now, occurrences)
    })
}

/// Who acted, in events that come from the command line.
pub const CONSOLE: &str = "console";

fn recorder(nobody: &'static str) -> Recorder {
    Arc::new(move |tx, org, now, occurrences| {
        Box::pin(async move {
            let events = occurrences.iter().map(|occurrence| event(occurrence, nobody, now)).collect();
            log::append_all(tx, org, events).await?;
            Ok(())
        })
    })
}

fn event(occurrence: &Occurrence, nobody: &str, now: Instant) -> NewEvent {
    NewEvent {
        kind: occurrence.deed.kind().to_owned(),
        subject: format!("account/{}", occurrence.person),
        subject_id: Some(occurrence.person),
        actor: occurrence.by.map_or_else(|| nobody.to_owned(), |by| by.to_string()),
        actor_id: occurrence.by,
        at: now,
        body: occurrence.body(),
    }
}
