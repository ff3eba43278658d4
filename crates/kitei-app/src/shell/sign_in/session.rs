//! Sessions: what the browser holds, how long it lasts, who sees and ends it. RFC 6265bis for the cookies.
//!
//! Invariant: the browser holds 256 random bits; the store holds their SHA-256.
//! Invariant: a session between password and one-time code is not a session to [`load`].

use kitei_store::accounts;
use kitei_store::db::{Instant, Tx};
use kitei_store::sessions::{self, Session};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::attempts::reach;
use super::context::{Ctx, Limits};
use super::once;
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::secret::{Shown, hash, token};

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// The password was right, the one-time code is missing.
    Code,
    /// Signed in.
    SignedIn,
}

/// What is kept with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) stage: Stage,
    #[serde(default)]
    pub(super) must_change: bool,
    #[serde(default)]
    pub(super) break_glass: bool,
}

/// A session that is in use.
#[derive(Clone, PartialEq, Eq)]
pub struct Current {
    /// The id in the store, for tokens of forms.
    pub id: Vec<u8>,
    /// Who is signed in.
    pub person: Uuid,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used.
    pub seen_at: Instant,
    /// Whether the password has to be changed before anything else.
    pub must_change: bool,
    /// Whether it was opened with a break-glass code.
    pub break_glass: bool,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("person", &self.person).finish_non_exhaustive()
    }
}

/// A session in a person's list.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Names it in forms; of no use for signing in.
    pub handle: String,
    /// What the browser says of itself.
    pub client: String,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used.
    pub seen_at: Instant,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A use is written down at most once in so many seconds.
const TOUCH_EVERY: i64 = 60;

/// Begins a session and gives what the browser is to hold.
pub(super) fn begin(ctx: &Ctx<'_>, person: Uuid, client: String, kept: Kept) -> Result<(Session, Shown), SignInError> {
    let secret = token(ctx.random)?;
    let expires_at = match kept.stage {
        Stage::Code => ctx.now.plus_seconds(ctx.limits.code),
        Stage::SignedIn => end(ctx.limits, ctx.now, ctx.now),
    };
    let doc = serde_json::to_value(kept).map_err(|_| super::outcome::Fault::Particulars)?;
    let id = hash("session", secret.reveal()).to_vec();
    let session = Session { id, person, created_at: ctx.now, seen_at: ctx.now, expires_at, client, doc };
    // The organisation stands before the secret, because the store looks sessions up by organisation.
    Ok((session, Shown::new(format!("{}.{}", ctx.org.simple(), secret.reveal()))))
}

fn end(limits: Limits, created_at: Instant, seen_at: Instant) -> Instant {
    created_at.plus_seconds(limits.absolute).min(seen_at.plus_seconds(limits.idle))
}

/// The session of a cookie's value at a stage.
pub(super) async fn find(ctx: &Ctx<'_>, cookie: &str, stage: Stage) -> Result<Option<(Session, Kept)>, SignInError> {
    let Some((org, secret)) = cookie.split_once('.') else { return Ok(None) };
    if Uuid::try_parse(org) != Ok(ctx.org) {
        return Ok(None);
    }
    let id = hash("session", secret);
    let found = sessions::find(&mut ctx.db.reader().await?, ctx.org, &id, ctx.now).await?;
    Ok(found.and_then(|session| at_stage(session, stage)))
}

/// The session with what is kept with it, if it has come to the stage.
fn at_stage(session: Session, stage: Stage) -> Option<(Session, Kept)> {
    let kept = serde_json::from_value::<Kept>(session.doc.clone()).ok()?;
    (kept.stage == stage).then_some((session, kept))
}

/// The session that a cookie's value opens; `None` when it does not exist or has ended.
///
/// # Errors
/// The store refused.
pub async fn load(ctx: &Ctx<'_>, cookie: &str) -> Result<Option<Current>, SignInError> {
    Ok(find(ctx, cookie, Stage::SignedIn).await?.map(|(session, kept)| Current {
        id: session.id,
        person: session.person,
        created_at: session.created_at,
        seen_at: session.seen_at,
        must_change: kept.must_change,
        break_glass: kept.break_glass,
    }))
}

/// Notes that a session is in use and moves its idle end, at most once a minute.
///
/// # Errors
/// `SessionEnded` when it has been ended meanwhile.
pub async fn touch(ctx: &Ctx<'_>, current: &Current) -> Result<(), SignInError> {
    if current.seen_at.plus_seconds(TOUCH_EVERY) > ctx.now {
        return Ok(());
    }
    let (org, now, id) = (ctx.org, ctx.now, current.id.clone());
    let expires_at = end(ctx.limits, current.created_at, now);
    let there = ctx.act(move |tx| {
        Box::pin(async move { Ok((sessions::touch(tx, org, &id, now, expires_at).await?, Vec::new())) })
    });
    if there.await? { Ok(()) } else { Err(Refusal::SessionEnded.into()) }
}

/// A person's sessions, the last used first; `current` is marked.
///
/// # Errors
/// The store refused.
pub async fn list_sessions(ctx: &Ctx<'_>, person: Uuid, current: Option<&Current>) -> Result<Vec<Listed>, SignInError> {
    let found = sessions::of_person(&mut ctx.db.reader().await?, ctx.org, person).await?;
    let listed = |session: Session| Listed {
        handle: hex::encode(&session.id),
        current: current.is_some_and(|current| current.id == session.id),
        client: session.client,
        created_at: session.created_at,
        seen_at: session.seen_at,
    };
    let open = found.into_iter().filter(|session| session.expires_at > ctx.now);
    Ok(open.filter_map(|session| at_stage(session, Stage::SignedIn)).map(|(session, _)| listed(session)).collect())
}

/// Ends one session of a person, by its handle. Another person's handle ends nothing.
///
/// # Errors
/// `Missing` when the person has no such session.
pub async fn end_session(ctx: &Ctx<'_>, person: Uuid, handle: &str, by: Uuid) -> Result<(), SignInError> {
    let id = hex::decode(handle).map_err(|_| Refusal::Missing)?;
    let org = ctx.org;
    ctx.act(move |tx| {
        Box::pin(async move {
            let own = sessions::of_person(tx, org, person).await?.iter().any(|session| session.id == id);
            if !own || !sessions::revoke(tx, org, &id).await? {
                return Err(Refusal::Missing.into());
            }
            let ended = Occurrence { ended: 1, ..Occurrence::by(Deed::SessionsEnded, person, by) };
            Ok(((), vec![ended]))
        })
    })
    .await
}

/// Ends every session of a person but `keep` and says how many.
///
/// # Errors
/// The store refused.
pub async fn end_sessions(ctx: &Ctx<'_>, person: Uuid, keep: Option<&Current>, by: Uuid) -> Result<u64, SignInError> {
    let (org, keep) = (ctx.org, keep.map(|current| current.id.clone()).unwrap_or_default());
    ctx.act(move |tx| {
        Box::pin(async move {
            let ended = sessions::revoke_others(tx, org, person, &keep).await?;
            let happened = Occurrence { ended, ..Occurrence::by(Deed::SessionsEnded, person, by) };
            Ok((ended, if ended > 0 { vec![happened] } else { Vec::new() }))
        })
    })
    .await
}

/// Ends the session in use.
///
/// # Errors
/// The store refused.
pub async fn sign_out(ctx: &Ctx<'_>, current: &Current) -> Result<(), SignInError> {
    let (org, person, id) = (ctx.org, current.person, current.id.clone());
    ctx.act(move |tx| {
        Box::pin(async move {
            let ended = sessions::revoke(tx, org, &id).await?;
            Ok(((), if ended { vec![Occurrence::own(Deed::SignedOut, person)] } else { Vec::new() }))
        })
    })
    .await
}

/// Forgets what has ended: sessions, failures, one-time secrets. For the tick; does nothing twice.
///
/// # Errors
/// The store refused.
pub async fn sweep(ctx: &Ctx<'_>) -> Result<(), SignInError> {
    let (org, now) = (ctx.org, ctx.now);
    let reach_of = |rule| reach(rule, now);
    let oldest = reach_of(ctx.policy.lockout_general).min(reach_of(ctx.policy.lockout_privileged));
    let oldest = oldest.min(now.plus_seconds(-2 * 3600));
    ctx.act(move |tx: &mut Tx| {
        Box::pin(async move {
            sessions::sweep(tx, org, now).await?;
            accounts::sweep_failures(tx, org, oldest).await?;
            once::sweep(tx, org, now).await?;
            Ok(((), Vec::new()))
        })
    })
    .await
}

/// Whether the address begins with https or is loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS, here or at the proxy.
    Tls,
    /// Plain HTTP on loopback.
    Loopback,
}

/// Name of the session cookie. The prefix `__Host-` makes browsers insist on TLS, path `/` and no domain.
#[must_use]
pub const fn session_cookie_name(security: Security) -> &'static str {
    match security {
        Security::Tls => "__Host-kitei",
        Security::Loopback => "kitei",
    }
}

/// Name of the cookie of a known client.
#[must_use]
pub const fn known_client_cookie_name(security: Security) -> &'static str {
    match security {
        Security::Tls => "__Host-kitei-known",
        Security::Loopback => "kitei-known",
    }
}

/// How long a browser stays known, in seconds: half a year.
const KNOWN_FOR: u32 = 180 * 86_400;

/// `Set-Cookie` of a session; the cookie goes when the browser is closed.
#[must_use]
pub fn session_cookie(security: Security, value: &Shown) -> Shown {
    Shown::new(set_cookie(security, session_cookie_name(security), value.reveal(), None))
}

/// `Set-Cookie` that takes the session cookie away.
#[must_use]
pub fn cleared_session_cookie(security: Security) -> String {
    set_cookie(security, session_cookie_name(security), "", Some(0))
}

/// `Set-Cookie` of a known client.
#[must_use]
pub fn known_client_cookie(security: Security, value: &Shown) -> Shown {
    Shown::new(set_cookie(security, known_client_cookie_name(security), value.reveal(), Some(KNOWN_FOR)))
}

/// The values here are letters, digits, `-`, `_` and `.`, so none needs quoting.
fn set_cookie(security: Security, name: &str, value: &str, max_age: Option<u32>) -> String {
    let secure = if security == Security::Tls { "; Secure" } else { "" };
    let max_age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}")
}
