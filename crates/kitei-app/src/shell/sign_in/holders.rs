//! What an administrator does to accounts: suspend, restore, make privileged or general.

use kitei_rules::password::AccountKind;
use uuid::Uuid;

use super::account::{Held, State};
use super::context::Ctx;
use super::once::{self, Purpose};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::password::end_everything;

/// Suspends an account: its sessions end, its links and its break-glass code stop working.
///
/// # Errors
/// `Missing` when the person has no account.
pub async fn suspend(ctx: &Ctx<'_>, person: Uuid, by: Uuid) -> Result<(), SignInError> {
    let (org, now) = (ctx.org, ctx.now);
    ctx.act(move |tx| {
        Box::pin(async move {
            let mut held = Held::of_person(tx, org, person).await?.ok_or(Refusal::Missing)?;
            held.account.state = State::Suspended.word().to_owned();
            held.save(tx, org, now).await?;
            once::void(tx, org, Purpose::BreakGlass, person).await?;
            let ended = end_everything(tx, org, person).await?;
            Ok(((), vec![Occurrence { ended, ..Occurrence::by(Deed::Suspended, person, by) }]))
        })
    })
    .await
}

/// Lets a suspended account be used again, with its password if it has one.
///
/// # Errors
/// `Missing` when the person has no suspended account.
pub async fn restore(ctx: &Ctx<'_>, person: Uuid, by: Uuid) -> Result<(), SignInError> {
    let (org, now) = (ctx.org, ctx.now);
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?.filter(|held| held.is(State::Suspended));
            let mut held = held.ok_or(Refusal::Missing)?;
            let state = if held.account.password.is_some() { State::Active } else { State::Invited };
            held.account.state = state.word().to_owned();
            held.save(tx, org, now).await?;
            Ok(((), vec![Occurrence::by(Deed::Restored, person, by)]))
        })
    })
    .await
}

/// Makes an account privileged or general. Whoever becomes privileged sets a password by the stricter rules at the
/// next sign-in, because nobody can tell how long the present one is; sessions end.
///
/// # Errors
/// `Missing` when the person has no account.
pub async fn set_kind(ctx: &Ctx<'_>, person: Uuid, kind: AccountKind, by: Uuid) -> Result<(), SignInError> {
    let (org, now) = (ctx.org, ctx.now);
    ctx.act(move |tx| {
        Box::pin(async move {
            let mut held = Held::of_person(tx, org, person).await?.ok_or(Refusal::Missing)?;
            if held.kind() == kind {
                return Ok(((), Vec::new()));
            }
            let raised = kind == AccountKind::Privileged;
            held.particulars.privileged = raised;
            held.particulars.must_change |= raised && held.account.password.is_some();
            held.save(tx, org, now).await?;
            if !raised {
                once::void(tx, org, Purpose::BreakGlass, person).await?;
            }
            let ended = end_everything(tx, org, person).await?;
            Ok(((), vec![Occurrence { ended, ..Occurrence::by(Deed::KindChanged, person, by) }]))
        })
    })
    .await
}
