//! Tokens with which programs use the JSON API in somebody's name (RFC 6750): made, listed, used, revoked.
//!
//! A token is `kitei_ORGANISATION.SECRET`. It lies among the settings under the hash of its secret, as one-time secrets do.
//! It can do what its owner can do at the moment of use, never more: roles are looked up with each request.
//!
//! Invariant: the secret is shown once and kept nowhere; whoever has the database has no token.
//! Invariant: a token ends with its day, with its revocation, and with the suspension of its owner's account.

use kitei_store::binds;
use kitei_store::db::{Instant, Reader, StoreError, StoreErrorKind};
use kitei_store::settings;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::{Held, State};
use super::context::Ctx;
use super::outcome::{Deed, Fault, Occurrence, Refusal, SignInError};
use super::secret::{Shown, hash, token};
use super::sql;

const PREFIX: &str = "sign-in/bearer/";
/// A use is written down at most once in so many seconds.
const NOTE_EVERY: i64 = 3600;
/// Tokens that a person can have at the same time.
const MOST: usize = 20;
/// The longest life of a token, in days.
pub const LONGEST: i64 = 366;
/// The longest name of a token, in characters.
pub const NAME: usize = 60;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Only read.
    Read,
    /// Read and write.
    Write,
}

/// What is kept of a token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    person: Uuid,
    name: String,
    reach: Reach,
    created_at: Instant,
    expires_at: Instant,
    used_at: Option<Instant>,
}

/// A token in a person's list.
#[derive(Clone, PartialEq, Eq)]
pub struct ListedToken {
    /// Names it in forms; of no use as a token.
    pub handle: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub reach: Reach,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was last used, to the hour.
    pub used_at: Option<Instant>,
}

/// Whoever uses a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Names the token; of no use as a token.
    pub handle: String,
    /// In whose name.
    pub person: Uuid,
    /// What it may do.
    pub reach: Reach,
    /// When it ends.
    pub expires_at: Instant,
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bearer").field("person", &self.person).field("reach", &self.reach).finish_non_exhaustive()
    }
}

/// The organisation of a token, from its text alone; says nothing about whether the token is good.
#[must_use]
pub fn organization_of_bearer(text: &str) -> Option<Uuid> {
    let (organization, _) = text.strip_prefix("kitei_")?.split_once('.')?;
    Uuid::try_parse(organization).ok()
}

fn key(secret: &str) -> String {
    format!("{PREFIX}{}", hex::encode(hash(PREFIX, secret)))
}

fn read(doc: serde_json::Value) -> Result<Kept, StoreError> {
    serde_json::from_value(doc).map_err(|_| StoreError::new(StoreErrorKind::Decode, "sign-in: bearer token"))
}

async fn of_person(reader: &mut Reader, org: Uuid, person: Uuid) -> Result<Vec<(String, Kept)>, StoreError> {
    let pattern = format!("{PREFIX}%");
    let rows = reader.fetch_all(&sql::SETTINGS_LIKE, binds![org, pattern]).await?;
    let mut out = Vec::new();
    for row in rows {
        let (key, kept): (String, Kept) = (row.get("key")?, read(row.get("doc")?)?);
        if kept.person == person {
            out.push((key, kept));
        }
    }
    Ok(out)
}

/// Makes a token for a person, good for so many days, and gives it out this once.
///
/// # Errors
/// `Missing` when the person has no account in use, or too many tokens.
pub async fn make_bearer(
    ctx: &Ctx<'_>,
    person: Uuid,
    name: &str,
    reach: Reach,
    days: i64,
) -> Result<Shown, SignInError> {
    let secret = token(ctx.random)?;
    let (org, now) = (ctx.org, ctx.now);
    let kept = Kept {
        person,
        name: name.chars().take(NAME).collect(),
        reach,
        created_at: now,
        expires_at: now.plus_seconds(days.clamp(1, LONGEST) * 86_400),
        used_at: None,
    };
    let doc = serde_json::to_value(&kept).map_err(|_| Fault::Particulars)?;
    let place = key(secret.reveal());
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?.filter(|held| held.is(State::Active));
            let living = of_person(tx, org, person).await?.iter().filter(|(_, kept)| kept.expires_at > now).count();
            if held.is_none() || living >= MOST {
                return Err(Refusal::Missing.into());
            }
            settings::put(tx, org, &place, &doc).await?;
            Ok(((), vec![Occurrence::own(Deed::BearerMade, person)]))
        })
    })
    .await?;
    Ok(Shown::new(format!("kitei_{}.{}", org.simple(), secret.reveal())))
}

/// A person's tokens that have not ended, the newest first.
///
/// # Errors
/// The store refused.
pub async fn list_bearers(ctx: &Ctx<'_>, person: Uuid) -> Result<Vec<ListedToken>, SignInError> {
    let found = of_person(&mut ctx.db.reader().await?, ctx.org, person).await?;
    let mut listed: Vec<ListedToken> = found
        .into_iter()
        .filter(|(_, kept)| kept.expires_at > ctx.now)
        .map(|(key, kept)| ListedToken {
            handle: key.strip_prefix(PREFIX).unwrap_or_default().to_owned(),
            name: kept.name,
            reach: kept.reach,
            created_at: kept.created_at,
            expires_at: kept.expires_at,
            used_at: kept.used_at,
        })
        .collect();
    listed.sort_by_key(|token| std::cmp::Reverse(token.created_at));
    Ok(listed)
}

/// Ends a token of a person by its handle. Another person's handle ends nothing.
///
/// # Errors
/// `Missing` when the person has no such token.
pub async fn revoke_bearer(ctx: &Ctx<'_>, person: Uuid, handle: &str) -> Result<(), SignInError> {
    let (org, place) = (ctx.org, format!("{PREFIX}{handle}"));
    ctx.act(move |tx| {
        Box::pin(async move {
            let own = of_person(tx, org, person).await?.iter().any(|(key, _)| *key == place);
            if !own || !settings::remove(tx, org, &place).await? {
                return Err(Refusal::Missing.into());
            }
            Ok(((), vec![Occurrence::own(Deed::BearerRevoked, person)]))
        })
    })
    .await
}

/// Whoever uses a token; `None` when it is unknown, ended, or its owner's account is not in use.
///
/// # Errors
/// The store refused.
pub async fn load_bearer(ctx: &Ctx<'_>, text: &str) -> Result<Option<Bearer>, SignInError> {
    let Some((_, secret)) = text.split_once('.').filter(|_| organization_of_bearer(text) == Some(ctx.org)) else {
        return Ok(None);
    };
    let place = key(secret);
    let mut reader = ctx.db.reader().await?;
    let Some(doc) = settings::get(&mut reader, ctx.org, &place).await? else { return Ok(None) };
    let kept = read(doc)?;
    let account = Held::of_person(&mut reader, ctx.org, kept.person).await?;
    drop(reader);
    if kept.expires_at <= ctx.now || !account.is_some_and(|account| account.is(State::Active)) {
        return Ok(None);
    }
    let bearer = Bearer {
        handle: place.strip_prefix(PREFIX).unwrap_or_default().to_owned(),
        person: kept.person,
        reach: kept.reach,
        expires_at: kept.expires_at,
    };
    if kept.used_at.is_none_or(|used| used.plus_seconds(NOTE_EVERY) <= ctx.now) {
        note(ctx, place, kept).await?;
    }
    Ok(Some(bearer))
}

/// Writes down that a token is in use, as an event like a sign-in.
async fn note(ctx: &Ctx<'_>, place: String, kept: Kept) -> Result<(), SignInError> {
    let (org, person) = (ctx.org, kept.person);
    let doc = serde_json::to_value(Kept { used_at: Some(ctx.now), ..kept }).map_err(|_| Fault::Particulars)?;
    ctx.act(move |tx| {
        Box::pin(async move {
            // A token that was revoked meanwhile must not come back.
            if settings::get(tx, org, &place).await?.is_none() {
                return Ok(((), Vec::new()));
            }
            settings::put(tx, org, &place, &doc).await?;
            Ok(((), vec![Occurrence::own(Deed::BearerUsed, person)]))
        })
    })
    .await
}
