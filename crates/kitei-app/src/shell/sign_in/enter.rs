//! Signing in: password, then a one-time code where the account has a second factor.
//!
//! Serves IS-4-5-01, IS-4-9-3-13, IS-4-9-3-14; RFC 6238 section 5.2 (a code is accepted once).

use kitei_rules::password::login_spelling;
use kitei_store::db::Tx;
use kitei_store::sessions;
use uuid::Uuid;

use super::account::{Held, State};
use super::attempts::{self, Attempt};
use super::client::{Client, known_cookie};
use super::context::Ctx;
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::secret::{Shown, Typed, draw};
use super::session::{self, Kept, Stage};
use super::totp::{Proof, accepted};

/// Somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Uuid,
    /// Value of the session cookie.
    pub cookie: Shown,
    /// Value of the cookie by which this browser is known from now on.
    pub known: Shown,
    /// Whether the password has to be changed before anything else.
    pub must_change: bool,
}

/// The password was right; a one-time code is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halfway {
    /// Value of the session cookie, good for `confirm_code` only.
    pub cookie: Shown,
}

/// How far somebody has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// All the way.
    SignedIn(SignedIn),
    /// To the second factor.
    CodeNeeded(Halfway),
}

/// Signs in with login and password.
///
/// # Errors
/// `NotAccepted` whatever the reason: see the module above on what a stranger can learn.
pub async fn sign_in(
    ctx: &Ctx<'_>,
    login: &str,
    password: &Typed,
    client: &Client<'_>,
) -> Result<Entered, SignInError> {
    let login = login_spelling(login);
    let held = Held::by_login(&mut ctx.db.reader().await?, ctx.org, &login).await?;
    let attempt = attempts::reserve(ctx, &login, held.as_ref(), client).await?;
    let kept = held.as_ref().and_then(Held::usable_password);
    let right = ctx.stretcher.matches(password, kept).await?;
    let Some(attempt) = attempt else { return Err(Refusal::NotAccepted.into()) };
    let Some(held) = held.as_ref().filter(|_| right) else {
        attempts::failed(ctx, &attempt, held.map(|held| held.account.person)).await?;
        return Err(Refusal::NotAccepted.into());
    };
    let upgraded = upgraded(ctx, held, password).await?;
    enter(ctx, held, client, Some(attempt), upgraded).await
}

/// The password stretched at today's cost, if it is kept at another.
async fn upgraded(ctx: &Ctx<'_>, held: &Held, password: &Typed) -> Result<Option<String>, SignInError> {
    let outdated = held.account.password.as_deref().is_some_and(|kept| ctx.stretcher.is_outdated(kept));
    if !outdated {
        return Ok(None);
    }
    let salt = *draw::<16>(ctx.random)?;
    Ok(Some(ctx.stretcher.stretch(password, salt).await?))
}

/// Opens a session, or half a session where a second factor is missing, if the account is still what was seen.
/// `attempt` is taken back; `upgraded` takes the place of the stretched password.
pub(super) async fn enter(
    ctx: &Ctx<'_>,
    seen: &Held,
    client: &Client<'_>,
    attempt: Option<Attempt>,
    upgraded: Option<String>,
) -> Result<Entered, SignInError> {
    let (org, now, person) = (ctx.org, ctx.now, seen.account.person);
    let (needs_code, must_change) = (seen.account.totp.is_some(), seen.particulars.must_change);
    let stage = if needs_code { Stage::Code } else { Stage::SignedIn };
    let (begun, cookie) =
        session::begin(ctx, person, client.described(), Kept { stage, must_change, break_glass: false })?;
    let known = known_cookie(ctx, person)?;
    let (password, totp) = (seen.account.password.clone(), seen.account.totp.clone());
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?;
            let same = |held: &Held| held.account.password == password && held.account.totp == totp;
            let Some(mut held) = held.filter(|held| same(held) && held.is(State::Active)) else {
                return Err(Refusal::NotAccepted.into());
            };
            if upgraded.is_some() {
                held.account.password = upgraded;
                held.save(tx, org, now).await?;
            }
            settle(tx, org, attempt.as_ref(), needs_code).await?;
            sessions::create(tx, org, &begun).await?;
            Ok(((), if needs_code { Vec::new() } else { vec![Occurrence::own(Deed::SignedIn, person)] }))
        })
    })
    .await?;
    Ok(if needs_code {
        Entered::CodeNeeded(Halfway { cookie })
    } else {
        Entered::SignedIn(SignedIn { person, cookie, known, must_change })
    })
}

/// A complete sign-in forgets the failures before it. Half of one takes back only itself: otherwise whoever has the
/// password could try one-time codes without end.
async fn settle(tx: &mut Tx, org: Uuid, attempt: Option<&Attempt>, halfway: bool) -> Result<(), SignInError> {
    match attempt {
        Some(attempt) if halfway => attempts::release(tx, org, attempt).await?,
        Some(attempt) => attempts::forgive(tx, org, attempt).await?,
        None => {}
    }
    Ok(())
}

/// Completes a sign-in with a one-time code or a recovery code. `cookie` is that of `Halfway`.
///
/// # Errors
/// `SessionEnded` when the password has to be given again; `CodeNotAccepted` when the code is wrong or used, or too
/// many were tried.
pub async fn confirm_code(
    ctx: &Ctx<'_>,
    cookie: &str,
    code: &str,
    client: &Client<'_>,
) -> Result<SignedIn, SignInError> {
    let (halfway, kept) = session::find(ctx, cookie, Stage::Code).await?.ok_or(Refusal::SessionEnded)?;
    let person = halfway.person;
    let held = Held::of_person(&mut ctx.db.reader().await?, ctx.org, person).await?.ok_or(Refusal::SessionEnded)?;
    let attempt = attempts::reserve(ctx, &held.account.login, Some(&held), client).await?;
    let attempt = attempt.ok_or(Refusal::CodeNotAccepted)?;
    let Some(proof) = accepted(ctx, &held, code)? else {
        attempts::failed(ctx, &attempt, Some(person)).await?;
        return Err(Refusal::CodeNotAccepted.into());
    };
    let (begun, cookie) = session::begin(ctx, person, client.described(), Kept { stage: Stage::SignedIn, ..kept })?;
    let known = known_cookie(ctx, person)?;
    let (org, now, totp) = (ctx.org, ctx.now, held.account.totp);
    ctx.act(move |tx| {
        Box::pin(async move {
            // Whoever ends the half session completes it, so it is completed once.
            if !sessions::revoke(tx, org, &halfway.id).await? {
                return Err(Refusal::SessionEnded.into());
            }
            let held = Held::of_person(tx, org, person).await?.filter(|held| held.account.totp == totp);
            let Some(mut held) = held.filter(|held| held.is(State::Active)) else {
                return Err(Refusal::SessionEnded.into());
            };
            if !proof.use_up(&mut held.particulars) {
                return Err(Refusal::CodeNotAccepted.into());
            }
            held.save(tx, org, now).await?;
            attempts::forgive(tx, org, &attempt).await?;
            sessions::create(tx, org, &begun).await?;
            let mut happened = vec![Occurrence::own(Deed::SignedIn, person)];
            if matches!(proof, Proof::Recovery(_)) {
                happened.push(Occurrence::own(Deed::RecoveryCodeUsed, person));
            }
            Ok(((), happened))
        })
    })
    .await?;
    Ok(SignedIn { person, cookie, known, must_change: kept.must_change })
}
