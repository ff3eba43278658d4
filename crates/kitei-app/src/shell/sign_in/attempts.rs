//! Counting attempts, locking out, slowing down. How and why: see the module above.
//!
//! Serves IS-4-9-3-13 and IS-4-9-3-14.
//!
//! Invariant: what somebody typed as a login is never stored, only a code of it; people type passwords there.

use kitei_rules::password::{AccountKind, Lockout, lockout};
use kitei_store::db::{Instant, StoreError, Tx};
use kitei_store::{accounts, binds};
use uuid::Uuid;

use super::account::Held;
use super::client::Client;
use super::context::Ctx;
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::sql;

/// In how many seconds failures count for the throttle.
const THROTTLE_WINDOW: i64 = 3600;
/// Failures of one account from anywhere that are let pass before it is slowed down.
const FREE_OF_LOGIN: i64 = 20;
/// Failures of one client with any account that are let pass. An office of sixty has one address.
const FREE_OF_CLIENT: i64 = 100;
/// The longest that one has to wait between two attempts, in seconds.
const LONGEST_WAIT: i64 = 60;

/// An attempt that was let in and is written down as a failure until it turns out well.
#[derive(Clone)]
pub(super) struct Attempt {
    name: String,
    client: String,
    at: Instant,
    /// Until when the account is locked for this client if this attempt fails.
    locks_until: Option<Instant>,
}

/// How long the next attempt has to wait after the last failure, in seconds.
#[must_use]
pub fn throttle(failures: i64, free: i64) -> i64 {
    failures.saturating_sub(free).saturating_add(1).clamp(0, LONGEST_WAIT)
}

/// Writes an attempt down, or says `None` when the client is locked out or slowed down.
pub(super) async fn reserve(
    ctx: &Ctx<'_>,
    login: &str,
    held: Option<&Held>,
    client: &Client<'_>,
) -> Result<Option<Attempt>, SignInError> {
    let kind = held.map_or(AccountKind::General, Held::kind);
    let (filed, known) = client.filed(ctx, held.map(|held| held.account.person));
    let (org, now, policy) = (ctx.org, ctx.now, ctx.policy.clone());
    let name = name_of(ctx, login);
    ctx.act(move |tx| {
        Box::pin(async move {
            let mut failures = failures(tx, org, &name, &filed, reach(policy.lockout(kind), now)).await?;
            let until = |failures: &[jiff::Timestamp]| lockout(&policy, kind, failures, now.timestamp());
            if until(&failures).is_some() || (!known && is_slowed(tx, org, &name, &filed, now).await?) {
                return Ok((None, Vec::new()));
            }
            accounts::fail(tx, org, &name, &filed, now).await?;
            failures.push(now.timestamp());
            let locks_until = until(&failures).map(Instant::new);
            Ok((Some(Attempt { name, client: filed, at: now, locks_until }), Vec::new()))
        })
    })
    .await
}

/// Takes one attempt back: it was right, but the sign-in is not complete.
pub(super) async fn release(tx: &mut Tx, org: Uuid, attempt: &Attempt) -> Result<(), StoreError> {
    tx.execute(&sql::RELEASE, binds![org, attempt.name, attempt.client, attempt.at]).await?;
    Ok(())
}

/// Forgets the failures of this account from this client: it signed in.
pub(super) async fn forgive(tx: &mut Tx, org: Uuid, attempt: &Attempt) -> Result<(), StoreError> {
    accounts::forgive(tx, org, &attempt.name, &attempt.client).await
}

/// Leaves the attempt as a failure and records the lock-out if it was the last one. Does the same work for an account
/// that does not exist.
pub(super) async fn failed(ctx: &Ctx<'_>, attempt: &Attempt, person: Option<Uuid>) -> Result<(), SignInError> {
    let Some(until) = attempt.locks_until else { return Ok(()) };
    ctx.act(move |_tx| {
        Box::pin(async move {
            let locked =
                |person| Occurrence { by: None, until: Some(until), ..Occurrence::own(Deed::LockedOut, person) };
            Ok(((), person.map(locked).into_iter().collect()))
        })
    })
    .await
}

/// Forgets every failure of an account, from wherever: an administrator helps somebody who is locked out.
///
/// # Errors
/// `Missing` when the person has no account.
pub async fn lift_lockout(ctx: &Ctx<'_>, person: Uuid, by: Uuid) -> Result<(), SignInError> {
    let held = Held::of_person(&mut ctx.db.reader().await?, ctx.org, person).await?.ok_or(Refusal::Missing)?;
    let (org, name) = (ctx.org, name_of(ctx, &held.account.login));
    ctx.act(move |tx| {
        Box::pin(async move {
            lift(tx, org, &name).await?;
            Ok(((), vec![Occurrence::by(Deed::LockoutLifted, person, by)]))
        })
    })
    .await
}

/// Forgets every failure filed under a name.
pub(super) async fn lift(tx: &mut Tx, org: Uuid, name: &str) -> Result<(), StoreError> {
    tx.execute(&sql::LIFT, binds![org, name]).await?;
    Ok(())
}

/// Under which name failures of a login are filed.
pub(super) fn name_of(ctx: &Ctx<'_>, login: &str) -> String {
    ctx.key.text(&[b"login", ctx.org.as_bytes(), login.as_bytes()])
}

/// Since when failures matter for a lock-out: those of two periods, rounded up.
pub(super) fn reach(rule: Lockout, now: Instant) -> Instant {
    let period = rule.period;
    let days = i64::from(period.months).saturating_mul(31).saturating_add(i64::from(period.days));
    let seconds = days.saturating_mul(86_400).saturating_add(period.seconds);
    now.plus_seconds(seconds.saturating_mul(-2))
}

async fn failures(
    tx: &mut Tx,
    org: Uuid,
    name: &str,
    client: &str,
    since: Instant,
) -> Result<Vec<jiff::Timestamp>, StoreError> {
    let rows = tx.fetch_all(&sql::FAILURES, binds![org, name, client, since]).await?;
    rows.iter().map(|row| Ok(row.get::<Instant>("at")?.timestamp())).collect()
}

async fn is_slowed(tx: &mut Tx, org: Uuid, name: &str, client: &str, now: Instant) -> Result<bool, StoreError> {
    let since = now.plus_seconds(-THROTTLE_WINDOW);
    for (statement, of, free) in
        [(&sql::LOGIN_FAILURES, name, FREE_OF_LOGIN), (&sql::CLIENT_FAILURES, client, FREE_OF_CLIENT)]
    {
        let row = tx.fetch_one(statement, binds![org, of, since]).await?;
        let (count, last): (i64, Option<Instant>) = (row.get("failures")?, row.maybe("last")?);
        if last.is_some_and(|last| last.plus_seconds(throttle(count, free)) > now) {
            return Ok(true);
        }
    }
    Ok(false)
}
