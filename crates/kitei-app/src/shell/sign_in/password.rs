//! Choosing and changing a password.
//!
//! Serves IS-4-5-01, IS-4-9-3-06 to IS-4-9-3-10, IS-4-9-3-12.
//!
//! Invariant: a password that breaks a rule is never stretched and never kept.

use kitei_rules::password::{AccountKind, PersonFacts, Problem, problems, still_barred};
use kitei_store::db::{Instant, Tx};
use kitei_store::sessions;

use super::account::{Earlier, Held, State};
use super::attempts;
use super::client::Client;
use super::context::Ctx;
use super::once::{self, Purpose};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::secret::{Shown, Typed, draw};
use super::session::{self, Current, Kept, Stage};

/// A password that follows the rules, stretched.
#[derive(Clone)]
pub(super) struct Chosen {
    stretched: String,
}

/// Checks a new password against the rules and stretches it. `held` is the account, if there is one already.
pub(super) async fn choose(
    ctx: &Ctx<'_>,
    held: Option<&Held>,
    kind: AccountKind,
    password: &Typed,
    facts: &PersonFacts,
) -> Result<Chosen, SignInError> {
    let mut found = problems(ctx.policy, kind, password.reveal(), facts, &[]);
    // Comparing with earlier passwords is slow, so it comes last.
    if found.is_empty() && is_barred(ctx, held, password).await? {
        found.push(Problem::Reused);
    }
    if !found.is_empty() {
        return Err(Refusal::Password(found).into());
    }
    let salt = *draw::<16>(ctx.random)?;
    Ok(Chosen { stretched: ctx.stretcher.stretch(password, salt).await? })
}

async fn is_barred(ctx: &Ctx<'_>, held: Option<&Held>, password: &Typed) -> Result<bool, SignInError> {
    let Some(held) = held else { return Ok(false) };
    let present = held.account.password.iter().map(|kept| (kept, None));
    let earlier = held.particulars.earlier.iter().map(|old| (&old.password, Some(old.retired_at.timestamp())));
    for (kept, retired_at) in present.chain(earlier) {
        let barred = still_barred(ctx.policy, retired_at, ctx.now.timestamp(), ctx.zone);
        if barred && ctx.stretcher.matches(password, Some(kept)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts the chosen password into the account and the one before among the earlier ones.
pub(super) fn put(held: &mut Held, chosen: Chosen, now: Instant) {
    if let Some(password) = held.account.password.replace(chosen.stretched) {
        held.particulars.earlier.push(Earlier { password, retired_at: now });
    }
    // No rule looks back further than ten years; the rest is forgotten.
    let oldest = now.plus_seconds(-10 * 366 * 86_400);
    held.particulars.earlier.retain(|old| old.retired_at > oldest);
    held.particulars.password_set_at = Some(now);
    held.particulars.must_change = false;
    held.account.state = State::Active.word().to_owned();
}

/// Changes the own password. Every session of the person ends and a new one takes the place of the one in use; links
/// that were sent out stop working. `present` may be left out only in a session that a break-glass code opened.
///
/// # Errors
/// `CurrentPassword` when the present password is wrong or was tried too often; `Password` with what is wrong.
pub async fn change_password(
    ctx: &Ctx<'_>,
    current: &Current,
    present: Option<&Typed>,
    password: &Typed,
    facts: &PersonFacts,
    client: &Client<'_>,
) -> Result<Shown, SignInError> {
    let (org, now, person) = (ctx.org, ctx.now, current.person);
    let held = Held::of_person(&mut ctx.db.reader().await?, org, person).await?.ok_or(Refusal::SessionEnded)?;
    if !current.break_glass || present.is_some() {
        confirm_present(ctx, &held, present, client).await?;
    }
    let chosen = choose(ctx, Some(&held), held.kind(), password, facts).await?;
    let kept = Kept { stage: Stage::SignedIn, must_change: false, break_glass: false };
    let (begun, cookie) = session::begin(ctx, person, client.described(), kept)?;
    let (before, in_use) = (held.account.password.clone(), current.id.clone());
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?.filter(|held| held.is(State::Active));
            let mut held = held.filter(|held| held.account.password == before).ok_or(Refusal::SessionEnded)?;
            if !sessions::revoke(tx, org, &in_use).await? {
                return Err(Refusal::SessionEnded.into());
            }
            put(&mut held, chosen, now);
            held.save(tx, org, now).await?;
            let ended = end_everything(tx, org, person).await?;
            sessions::create(tx, org, &begun).await?;
            Ok(((), vec![Occurrence { ended, ..Occurrence::own(Deed::PasswordChanged, person) }]))
        })
    })
    .await?;
    Ok(cookie)
}

/// Ends the sessions of a person and takes back links that were sent out; says how many sessions ended.
pub(super) async fn end_everything(tx: &mut Tx, org: uuid::Uuid, person: uuid::Uuid) -> Result<u64, SignInError> {
    once::void(tx, org, Purpose::Link, person).await?;
    Ok(sessions::revoke_others(tx, org, person, &[]).await?)
}

/// Somebody at an unlocked screen could otherwise try passwords here, so it counts as an attempt like any other.
pub(super) async fn confirm_present(
    ctx: &Ctx<'_>,
    held: &Held,
    present: Option<&Typed>,
    client: &Client<'_>,
) -> Result<(), SignInError> {
    let attempt = attempts::reserve(ctx, &held.account.login, Some(held), client).await?;
    let (Some(attempt), Some(present)) = (attempt, present) else { return Err(Refusal::CurrentPassword.into()) };
    if !ctx.stretcher.matches(present, held.usable_password()).await? {
        attempts::failed(ctx, &attempt, Some(held.account.person)).await?;
        return Err(Refusal::CurrentPassword.into());
    }
    let org = ctx.org;
    ctx.act(move |tx| {
        Box::pin(async move {
            attempts::forgive(tx, org, &attempt).await?;
            Ok(((), Vec::new()))
        })
    })
    .await
}
