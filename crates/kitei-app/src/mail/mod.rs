//! Mail: what waits in the outbox becomes letters, and what became of each letter is noted.
//!
//! Delivery is **at least once**: a letter is claimed for a while, sent, and then marked. Whoever dies between sending and
//! marking leaves a claim that runs out, and the letter goes out again with the same `Message-ID` and the same content, so
//! that the receiving server or program shows it once. Nothing is ever marked before the server has taken it.
//!
//! Invariant: a letter is bound to its messages when it is first claimed; it is never put together anew.
//! Invariant: a letter holds no personal value of a record: number, register, what is asked, due time, link.
//! Invariant: why a letter failed is kept as a word or a reply code, never with an address.

mod letters;
mod words;

use jiff::SignedDuration;
use kitei_store::{
    db::{Instant, StoreError, Tx},
    outbox,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    evidence::checkpoints::MESSAGE as CHECKPOINT,
    kernel::{Fault, Installation, Organization},
};

/// The kind of message that only shows that mail arrives.
pub const TEST: &str = "test";
/// How long a claim holds: a sender that has not reported by then is taken to be dead.
pub const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// After this, a message that could not be sent is given up and shown to people.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(72);
/// Messages claimed at a time.
const BATCH: u32 = 50;
/// The shortest and the longest wait before the next attempt, in seconds.
const WAITS: (i64, i64) = (60, 3600);
/// Why a message is no longer tried.
const TOO_OLD: &str = "too-old";

/// Where people reach this installation, for the links in letters.
#[derive(Clone, Debug)]
pub struct Site {
    /// Address without a slash at its end, such as `https://kitei.example.jp`.
    pub url: String,
}

/// A letter that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Names it for ever: its `Message-ID` is made of it.
    pub id: Uuid,
    /// To whom: a mail address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text, Japanese first, English below.
    pub text: String,
    /// A file that goes with it: name and content.
    pub file: Option<(String, String)>,
    /// Until when the claim holds; it must not be sent later.
    pub until: Instant,
    messages: Vec<Uuid>,
    attempts: i64,
    since: Instant,
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Sent,
    /// It is to be tried again; why.
    Later(String),
    /// The server will never take it; why.
    Refused(String),
}

impl Installation {
    /// Claims what is due and makes letters of it. Messages that cannot become a letter (nobody has that address any more)
    /// are given up here. An empty list means that nothing is due.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn letters(&self, organization: &Organization, site: &Site) -> Result<Vec<Letter>, Fault> {
        let now = self.environment.now();
        let (org, until) = (organization.id, Instant::from(now + LEASE));
        let fresh: Vec<Uuid> = (0..BATCH).map(|_| self.environment.id()).collect();
        let claimed = self
            .db
            .act(org, move |tx: &mut Tx| {
                Box::pin(async move {
                    let messages = outbox::claim(tx, org, now.into(), until, BATCH).await?;
                    letters::bind(tx, org, messages, fresh).await
                })
            })
            .await?;
        let (letters, given_up) = letters::write(self, organization, site, claimed, until).await?;
        for (message, why) in given_up {
            self.give_up(org, message, why, now.into()).await?;
        }
        Ok(letters)
    }

    async fn give_up(&self, org: Uuid, message: Uuid, why: &'static str, now: Instant) -> Result<(), StoreError> {
        self.db
            .act(org, move |tx: &mut Tx| Box::pin(async move { outbox::fail(tx, org, message, now, why).await }))
            .await
    }

    /// Notes what became of a letter.
    ///
    /// # Errors
    /// [`Fault`]; the letter is then sent again when its claim has run out.
    pub async fn settle(&self, organization: &Organization, letter: &Letter, outcome: &Outcome) -> Result<(), Fault> {
        let (org, now) = (organization.id, self.environment.now());
        let (messages, outcome) = (letter.messages.clone(), outcome.clone());
        let old = now > letter.since.timestamp() + PATIENCE;
        let next = Instant::from(now + wait(letter.attempts));
        self.db
            .act(org, move |tx: &mut Tx| {
                Box::pin(async move {
                    for id in messages {
                        match &outcome {
                            Outcome::Sent => {
                                outbox::sent(tx, org, id, now.into()).await?;
                            }
                            Outcome::Refused(why) => outbox::fail(tx, org, id, now.into(), why).await?,
                            Outcome::Later(_) if old => outbox::fail(tx, org, id, now.into(), TOO_OLD).await?,
                            Outcome::Later(why) => outbox::retry(tx, org, id, next, why).await?,
                        }
                    }
                    Ok::<(), StoreError>(())
                })
            })
            .await?;
        Ok(())
    }

    /// Queues a mail that only shows that mail arrives, to a person of the house or to a witness. Gives back its key, by
    /// which [`outbox::fate`] says what became of it.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn test_mail(&self, organization: &Organization, to: Recipient) -> Result<String, Fault> {
        let (org, id, now) = (organization.id, self.environment.id(), self.environment.now().into());
        let key = format!("test:{id}");
        let payload = match to {
            Recipient::Person(person) => json!({ "person": person.to_string() }),
            Recipient::Witness(witness) => json!({ "witness": witness.to_string() }),
        };
        let message = outbox::NewMessage { id, key: key.clone(), kind: TEST.to_owned(), payload, send_at: now };
        self.db
            .act(org, move |tx: &mut Tx| Box::pin(async move { outbox::enqueue(tx, org, &message, now).await }))
            .await?;
        Ok(key)
    }
}

/// To whom a test goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Somebody of the house.
    Person(Uuid),
    /// Somebody outside who receives checkpoints.
    Witness(Uuid),
}

/// How long to wait after so many attempts: one minute, twice as long each time, an hour at most.
fn wait(attempts: i64) -> SignedDuration {
    let (shortest, longest) = WAITS;
    let doubled = u32::try_from(attempts.saturating_sub(1)).ok().and_then(|times| 1_i64.checked_shl(times.min(16)));
    SignedDuration::from_secs(doubled.map_or(longest, |factor| (shortest * factor).min(longest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_each_time_and_never_more_than_an_hour() {
        let minutes: Vec<i64> = [1, 2, 3, 6, 7, 8, 100, i64::MAX].map(|n| wait(n).as_secs() / 60).to_vec();
        assert_eq!(minutes, [1, 2, 4, 32, 60, 60, 60, 60]);
    }
}
