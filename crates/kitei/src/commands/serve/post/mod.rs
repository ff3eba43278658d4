//! The postman: every few seconds, what waits in the outbox is sent, and what became of it is noted.
//!
//! Invariant: a letter is sent only while its claim holds, and is marked as sent only after the server has taken it.
//! Invariant: a way that is blocked is tried a few times in a round, not once for each letter.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kitei_app::kernel::{Fault, Installation, Organization};
use kitei_app::mail::{Letter, Outcome, Site};
use kitei_store::outbox;
use tokio::time::MissedTickBehavior;

use crate::mail::Sender;

/// Between two rounds.
const PERIOD: Duration = Duration::from_secs(10);
/// A claim that ends sooner than this is not begun any more: a server may dawdle over every command.
const MARGIN: SignedDuration = SignedDuration::from_mins(2);
/// Letters that may meet a blocked way, one after another, before the rest of the round is put off. More than one, because
/// a letter that makes a server hang up must not hold back those behind it.
const TRIES: usize = 3;

/// What a round did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Round {
    sent: usize,
    later: usize,
    refused: usize,
}

/// Goes round until the program stops.
pub(super) async fn run(installation: Arc<Installation>, sender: Sender, site: Site) {
    let mut every = tokio::time::interval(PERIOD);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        match round(&installation, &sender, &site).await {
            Ok(Round { sent: 0, later: 0, refused: 0 }) => {}
            Ok(Round { sent, later: 0, refused: 0 }) => tracing::info!(sent, "mail"),
            Ok(Round { sent, later, refused }) => tracing::warn!(sent, later, refused, "mail"),
            Err(fault) => tracing::error!(%fault, "mail is not sent"),
        }
    }
}

async fn round(installation: &Arc<Installation>, sender: &Sender, site: &Site) -> Result<Round, Fault> {
    let now = installation.environment.now();
    let mut reader = installation.db.reader().await?;
    let waiting = outbox::waiting(&mut reader, now.into()).await?;
    drop(reader);
    let mut done = Round::default();
    let mut blocked = 0;
    for id in waiting {
        let organization = installation.organization(id).await?;
        loop {
            let letters = installation.letters(&organization, site).await?;
            if letters.is_empty() {
                break;
            }
            for letter in &letters {
                deliver(installation, &organization, sender, letter, &mut done, &mut blocked).await?;
            }
            if blocked >= TRIES {
                return Ok(done);
            }
        }
    }
    Ok(done)
}

async fn deliver(
    installation: &Installation,
    organization: &Organization,
    sender: &Sender,
    letter: &Letter,
    done: &mut Round,
    blocked: &mut usize,
) -> Result<(), Fault> {
    let now: Timestamp = installation.environment.now();
    if now + MARGIN > letter.until.timestamp() {
        // The claim runs out; whoever claims it next sends it.
        done.later += 1;
        return Ok(());
    }
    let outcome = if *blocked >= TRIES {
        Outcome::Later("put off: the server cannot be reached".to_owned())
    } else {
        let sending = sender.send(letter, now).await;
        *blocked = if sending.blocked { *blocked + 1 } else { 0 };
        sending.outcome
    };
    installation.settle(organization, letter, &outcome).await?;
    match outcome {
        Outcome::Sent => done.sent += 1,
        Outcome::Later(_) => done.later += 1,
        Outcome::Refused(_) => done.refused += 1,
    }
    Ok(())
}
