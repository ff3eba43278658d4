//! Who asks: organisation, session, person, roles, language. Extracted once for each request.
//!
//! Invariant: a request that changes something carries the token of its session and form, or it is refused.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{Method, header, request::Parts},
};
use kitei_rules::{expr::Actor, password::Policy};
use uuid::Uuid;

use super::{Web, problem::Problem, routes::Who};
use crate::{
    kernel::{Fault, Organization},
    shell::{
        sign_in::{self, Ctx, Current},
        ui::Lang,
    },
};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) organization: Arc<Organization>,
    pub(crate) current: Current,
    pub(crate) actor: Actor,
    pub(crate) name: String,
    pub(crate) lang: Lang,
}

/// A cookie of a request.
pub(super) fn cookie<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let cookies = parts.headers.get_all(header::COOKIE);
    let values = cookies.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    values.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The language that was chosen, else Japanese.
pub(super) fn language(parts: &Parts) -> Lang {
    let asked = parts.uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("lang="));
    match asked.or_else(|| cookie(parts, "kitei-lang")) {
        Some("en") => Lang::En,
        _ => Lang::Ja,
    }
}

/// Cookie of the organisation that was chosen on `/organizations`; it opens nothing.
pub(super) const CHOSEN: &str = "kitei-organization";

/// The short name in the address of a page for people who are not signed in (`?organization=minato`).
pub(super) fn asked(parts: &Parts) -> Option<&str> {
    parts.uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("organization="))
}

/// The organisation of a page that needs no sign-in: the one in the address, else the one of [`of_session`].
pub(crate) async fn organization(web: &Web, parts: &Parts) -> Result<Arc<Organization>, Problem> {
    let Some(slug) = asked(parts) else { return of_session(web, parts).await };
    let mut reader = web.installation.db.reader().await?;
    let row = kitei_store::organizations::by_slug(&mut reader, slug).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    Ok(web.installation.organization(row.org).await?)
}

/// The organisation of whoever asks: that of their session, else the one chosen in this browser, else the only one.
/// A session belongs to one organisation, so nothing in an address leads a session into another one.
async fn of_session(web: &Web, parts: &Parts) -> Result<Arc<Organization>, Problem> {
    let all = web.installation.all().await?;
    let session = cookie(parts, sign_in::session_cookie_name(web.security)).and_then(|value| value.split_once('.'));
    let session = session.and_then(|(org, _)| Uuid::try_parse(org).ok());
    let chosen = cookie(parts, CHOSEN);
    let row = match all.as_slice() {
        [] => return Err(Problem::to("/set-up")),
        [only] => only,
        many => many
            .iter()
            .find(|row| session == Some(row.org))
            .or_else(|| many.iter().find(|row| chosen == Some(row.slug.as_str())))
            .ok_or_else(|| Problem::to("/organizations"))?,
    };
    Ok(web.installation.organization(row.org).await?)
}

impl Visitor {
    /// The token for a form at an address.
    pub(super) fn token(&self, web: &Web, form: &str) -> Result<String, Problem> {
        let key = web.signing.key(&self.organization)?;
        Ok(sign_in::csrf_token(&self.current.id, form, &key))
    }

    /// Refuses a form that was not made for this session.
    pub(super) fn check(&self, web: &Web, form: &str, token: &str) -> Result<(), Problem> {
        let key = web.signing.key(&self.organization)?;
        if sign_in::csrf_matches(&self.current.id, form, &key, token) { Ok(()) } else { Err(Problem::Stale) }
    }

    /// Whether this person holds a role.
    pub(super) fn holds(&self, role: &str) -> bool {
        self.actor.roles.iter().any(|held| held == role)
    }

    /// Whether this person administers the installation: top management, privacy manager or system administrator.
    pub(super) fn administers(&self) -> bool {
        Who::Administrators.admits(&self.actor.roles)
    }
}

impl FromRequestParts<Arc<Web>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        // Whoever came through the gate of the table has been looked up already.
        if let Some(known) = parts.extensions.remove::<Self>() {
            return Ok(known);
        }
        let organization = of_session(web, parts).await?;
        let come_back = || {
            let from = if parts.method == Method::GET { parts.uri.path() } else { "/" };
            Problem::to(format!("/sign-in?next={from}"))
        };
        let secret = cookie(parts, sign_in::session_cookie_name(web.security)).ok_or_else(come_back)?.to_owned();
        let held = web.signing.hold(web, &organization).await?;
        let ctx = held.ctx(web, &organization);
        let current = sign_in::load(&ctx, &secret).await?.ok_or_else(come_back)?;
        sign_in::touch(&ctx, &current).await?;
        if current.must_change && parts.uri.path() != "/password" {
            return Err(Problem::to("/password"));
        }
        if !matches!(parts.uri.path(), "/password" | "/me/second-factor" | "/sign-out")
            && lacks_second_factor(&ctx, held.policy(), current.person).await?
        {
            return Err(Problem::to("/me/second-factor"));
        }
        let (actor, name) = actor(web, &organization, current.person).await?;
        Ok(Self { organization, current, actor, name, lang: language(parts) })
    }
}

impl OptionalFromRequestParts<Arc<Web>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Option<Self>, Problem> {
        match <Self as FromRequestParts<Arc<Web>>>::from_request_parts(parts, web).await {
            Ok(visitor) => Ok(Some(visitor)),
            Err(Problem::Elsewhere(_)) => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

/// Whether the rules ask for a second factor that this person has not set. Asks the store only where some rule does.
async fn lacks_second_factor(ctx: &Ctx<'_>, policy: &Policy, person: Uuid) -> Result<bool, Problem> {
    if !policy.second_factor_privileged && !policy.second_factor_general {
        return Ok(false);
    }
    let account = sign_in::standing(ctx, person).await?;
    Ok(account.is_some_and(|account| policy.second_factor(account.kind) && !account.second_factor))
}

/// A person with the roles they hold today, deputising included, and their name.
pub(crate) async fn actor(web: &Web, organization: &Organization, person: Uuid) -> Result<(Actor, String), Fault> {
    let mut reader = web.installation.db.reader().await?;
    let moment = organization.moment(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, organization, moment.today()).await?;
    let loader = crate::kernel::load::Loader { organization, book: &book, environment: &*web.installation.environment };
    let people = loader.people(&mut reader, &moment).await?;
    let roles = people.roles_of(person, moment.today());
    let name = people.names.get(&person).cloned().unwrap_or_default();
    Ok((Actor { person, roles }, name))
}
