//! Who asks: by a token, or for reading by the session of a browser.
//!
//! Invariant: a request that may change something is let in by a token alone, so no page of another site can make one.
//! Invariant: wrong tokens of one network are answered slowly enough that guessing is hopeless and cheap to refuse.

use std::{
    num::NonZeroU32,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::FromRequestParts,
    http::{Method, header, request::Parts},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kitei_rules::{expr::Actor, run::paper::Lang};

use super::problem::{self, Problem};
use crate::{
    kernel::Organization,
    shell::sign_in::{self, BearerReach},
    web::{
        Web,
        visitor::{self, Visitor},
    },
};

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// Requests of one token: a program that synchronises is well below, one that runs wild is slowed down.
static REQUESTS: LazyLock<DefaultKeyedRateLimiter<String>> =
    LazyLock::new(|| RateLimiter::keyed(Quota::per_second(at_least_one(50)).allow_burst(at_least_one(500))));

/// Requests of one network with tokens that are none.
static WRONG: LazyLock<DefaultKeyedRateLimiter<String>> =
    LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(at_least_one(60))));

/// By what a caller was let in.
#[derive(Clone, Debug)]
pub(super) enum By {
    /// The session of a browser; reading only.
    Session,
    /// A token.
    Token(sign_in::Bearer),
}

/// Somebody who may read.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) organization: Arc<Organization>,
    pub(super) actor: Actor,
    pub(super) name: String,
    pub(super) lang: Lang,
    pub(super) by: By,
}

/// Somebody who may also write.
#[derive(Debug)]
pub(super) struct Writer(pub(super) Caller);

impl FromRequestParts<Arc<Web>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        let lang = problem::language(&parts.headers);
        let Some(credentials) = parts.headers.get(header::AUTHORIZATION) else {
            return by_session(parts, web, lang).await;
        };
        let text = credentials.to_str().ok().and_then(|text| text.split_once(' '));
        let token = text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        match by_token(web, token.unwrap_or_default(), lang).await? {
            Some(caller) => Ok(caller),
            None => {
                let network = crate::web::address_of(web, parts).map(sign_in::network_of).unwrap_or_default();
                if WRONG.check_key(&network).is_err() {
                    return Err(Problem::too_many());
                }
                Err(Problem::unauthorized(
                    "トークンが違うか、期限が切れたか、終わっています。",
                    "The token is wrong, has expired, or was ended.",
                ))
            }
        }
    }
}

async fn by_token(web: &Arc<Web>, token: &str, lang: Lang) -> Result<Option<Caller>, Problem> {
    let Some(org) = sign_in::organization_of_bearer(token) else { return Ok(None) };
    if !web.installation.all().await?.iter().any(|row| row.org == org) {
        return Ok(None);
    }
    let organization = web.installation.organization(org).await?;
    let held = web.signing.hold(web, &organization).await?;
    let Some(bearer) = sign_in::load_bearer(&held.ctx(web, &organization), token).await? else { return Ok(None) };
    if REQUESTS.check_key(&bearer.handle).is_err() {
        return Err(Problem::too_many());
    }
    let (actor, name) = visitor::actor(web, &organization, bearer.person).await?;
    Ok(Some(Caller { organization, actor, name, lang, by: By::Token(bearer) }))
}

async fn by_session(parts: &mut Parts, web: &Arc<Web>, lang: Lang) -> Result<Caller, Problem> {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return Err(Problem::unauthorized(
            "書き込むには Authorization: Bearer のトークンが要ります。Cookieでは書き込めません。",
            "Writing needs a token in Authorization: Bearer; cookies are not accepted.",
        ));
    }
    let visitor = <Visitor as FromRequestParts<Arc<Web>>>::from_request_parts(parts, web).await?;
    let Visitor { organization, actor, name, .. } = visitor;
    Ok(Caller { organization, actor, name, lang, by: By::Session })
}

impl FromRequestParts<Arc<Web>> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, web).await?;
        match &caller.by {
            By::Token(bearer) if bearer.reach == BearerReach::Write => Ok(Self(caller)),
            By::Token(_) => Err(Problem::read_only()),
            By::Session => Err(Problem::unauthorized("トークンが要ります。", "A token is needed.")),
        }
    }
}
