//! The code in the sealed envelope: it opens one privileged account when nothing else does.
//!
//! It beats lock-outs and throttles (120 random bits need neither), the password and the second factor. It does not
//! beat a suspension, which somebody decided. Its use is an event that cannot be avoided, and the password has to be
//! set anew before anything else.

use kitei_store::sessions;
use uuid::Uuid;

use super::account::{Held, State};
use super::attempts;
use super::client::{Client, known_cookie};
use super::context::Ctx;
use super::enter::SignedIn;
use super::once::{self, Note, Purpose};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::secret::{Shown, code_by_hand, read_by_hand};
use super::session::{self, Kept, Stage};

/// Makes a break-glass code for a person's account, to be printed once and sealed; the one before stops working.
///
/// # Errors
/// `Missing` when the person has no privileged account in use.
pub async fn seal_break_glass(ctx: &Ctx<'_>, person: Uuid, by: Uuid) -> Result<Shown, SignInError> {
    let code = code_by_hand::<15>(ctx.random)?;
    let (org, kept) = (ctx.org, read_by_hand(code.reveal()));
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?;
            held.filter(|held| held.particulars.privileged && held.is(State::Active)).ok_or(Refusal::Missing)?;
            once::issue(tx, org, Purpose::BreakGlass, &kept, &Note { person, expires_at: None }).await?;
            Ok(((), vec![Occurrence::by(Deed::BreakGlassSealed, person, by)]))
        })
    })
    .await?;
    Ok(code)
}

/// Whose accounts a sealed code opens.
///
/// # Errors
/// The store refused.
pub async fn break_glass_holders(ctx: &Ctx<'_>) -> Result<Vec<Uuid>, SignInError> {
    Ok(once::persons(&mut ctx.db.reader().await?, ctx.org, Purpose::BreakGlass, ctx.now).await?)
}

/// Opens the account with the code of the envelope. The code is used up; every lock of the account is lifted.
///
/// # Errors
/// `BreakGlass` when the code is wrong or used, or the account is suspended.
pub async fn break_glass(ctx: &Ctx<'_>, code: &str, client: &Client<'_>) -> Result<SignedIn, SignInError> {
    let code = read_by_hand(code);
    let mut reader = ctx.db.reader().await?;
    let note = once::peek(&mut reader, ctx.org, Purpose::BreakGlass, &code, ctx.now).await?;
    let person = note.ok_or(Refusal::BreakGlass)?.person;
    let held = Held::of_person(&mut reader, ctx.org, person).await?.ok_or(Refusal::BreakGlass)?;
    drop(reader);
    let kept = Kept { stage: Stage::SignedIn, must_change: true, break_glass: true };
    let (begun, cookie) = session::begin(ctx, person, client.described(), kept)?;
    let known = known_cookie(ctx, person)?;
    let (org, now, name) = (ctx.org, ctx.now, attempts::name_of(ctx, &held.account.login));
    ctx.act(move |tx| {
        Box::pin(async move {
            once::redeem(tx, org, Purpose::BreakGlass, &code, now).await?.ok_or(Refusal::BreakGlass)?;
            let held = Held::of_person(tx, org, person).await?.filter(|held| held.is(State::Active));
            let mut held = held.ok_or(Refusal::BreakGlass)?;
            held.particulars.must_change = true;
            held.save(tx, org, now).await?;
            attempts::lift(tx, org, &name).await?;
            sessions::create(tx, org, &begun).await?;
            Ok(((), vec![Occurrence { by: None, ..Occurrence::own(Deed::BreakGlassUsed, person) }]))
        })
    })
    .await?;
    Ok(SignedIn { person, cookie, known, must_change: true })
}
