//! The secret address of a person's calendar feed: calendars of phones and mail programs cannot sign in, so the address is
//! the key. It reads the own calendar and nothing else, and is taken back on the calendar page.
//!
//! Invariant: the store holds the hash of the key; a new key takes the place of the one before.
//! Invariant: making and taking back are events; a suspended account's feed does not answer.

use uuid::Uuid;

use super::account::{Held, State};
use super::context::Ctx;
use super::once::{self, Note, Purpose};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::secret::{Shown, token};

/// Makes the key of a person's feed, to be shown once; the one before stops working. The organisation stands before the
/// secret, as in a session's cookie.
///
/// # Errors
/// `Missing` when the person has no account in use.
pub async fn make_feed(ctx: &Ctx<'_>, person: Uuid) -> Result<Shown, SignInError> {
    let (org, secret) = (ctx.org, token(ctx.random)?);
    let kept = secret.clone();
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?;
            held.filter(|held| held.is(State::Active)).ok_or(Refusal::Missing)?;
            once::issue(tx, org, Purpose::Feed, kept.reveal(), &Note { person, expires_at: None }).await?;
            Ok(((), vec![Occurrence::own(Deed::FeedMade, person)]))
        })
    })
    .await?;
    Ok(Shown::new(format!("{}.{}", org.simple(), secret.reveal())))
}

/// Takes the key of a person's feed back.
///
/// # Errors
/// The store refused.
pub async fn end_feed(ctx: &Ctx<'_>, person: Uuid) -> Result<(), SignInError> {
    let (org, now) = (ctx.org, ctx.now);
    ctx.act(move |tx| {
        Box::pin(async move {
            let had = once::persons(tx, org, Purpose::Feed, now).await?.contains(&person);
            once::void(tx, org, Purpose::Feed, person).await?;
            Ok(((), if had { vec![Occurrence::own(Deed::FeedEnded, person)] } else { Vec::new() }))
        })
    })
    .await
}

/// Whether a person has a feed.
///
/// # Errors
/// The store refused.
pub async fn has_feed(ctx: &Ctx<'_>, person: Uuid) -> Result<bool, SignInError> {
    let mut reader = ctx.db.reader().await?;
    Ok(once::persons(&mut reader, ctx.org, Purpose::Feed, ctx.now).await?.contains(&person))
}

/// The organisation that a key names, before it is known whether the key works.
#[must_use]
pub fn organization_of_feed(key: &str) -> Option<Uuid> {
    key.split_once('.').and_then(|(org, _)| Uuid::try_parse(org).ok())
}

/// Whose feed a key opens; `None` when it is unknown, taken back, or its account is not in use.
///
/// # Errors
/// The store refused.
pub async fn whose_feed(ctx: &Ctx<'_>, key: &str) -> Result<Option<Uuid>, SignInError> {
    let Some((org, secret)) = key.split_once('.') else { return Ok(None) };
    if Uuid::try_parse(org) != Ok(ctx.org) {
        return Ok(None);
    }
    let mut reader = ctx.db.reader().await?;
    let Some(note) = once::peek(&mut reader, ctx.org, Purpose::Feed, secret, ctx.now).await? else { return Ok(None) };
    let held = Held::of_person(&mut reader, ctx.org, note.person).await?;
    Ok(held.filter(|held| held.is(State::Active)).map(|held| held.account.person))
}
