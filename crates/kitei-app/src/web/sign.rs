//! Signing in and out, the first page, one's own password and sessions, the language.

mod set_up;

use std::{collections::BTreeMap, fmt, sync::Arc};

use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use jiff::tz::TimeZone;
use kitei_evidence::{
    keys::{DEPTH, LeafId},
    seal::{Place, SealedText, seal_text},
};
use kitei_rules::password::Policy;
use maud::Markup;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Web, address, claim, fields,
    problem::Problem,
    visitor::{self, Visitor},
};
use crate::{
    kernel::{Fault, Organization},
    shell::{
        sign_in::{
            self, Client, Cost, Ctx, Entered, Limits, MacKey, Recorder, Refusal, Seal, SealError, SignInError,
            Stretcher, Typed, pages,
        },
        ui::Lang,
    },
};

pub(super) use set_up::{set_up, set_up_form};

/// How people sign in to this installation.
pub struct Signing {
    stretcher: Stretcher,
    record: Recorder,
    random: Arc<sign_in::Random>,
    /// How long things last.
    pub limits: Limits,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing").finish_non_exhaustive()
    }
}

impl Signing {
    /// With the standard cost of a password; `random` is the system's source.
    ///
    /// # Errors
    /// The cost is out of range.
    pub fn new(random: Arc<sign_in::Random>) -> Result<Self, sign_in::StretchError> {
        let stretcher = Stretcher::new(Cost::STANDARD, 2)?;
        Ok(Self { stretcher, record: sign_in::record_in_log(), random, limits: Limits::default() })
    }

    /// The source of randomness.
    pub fn random(&self) -> &sign_in::Random {
        &*self.random
    }

    /// The key of an organisation's form tokens and known browsers.
    pub(super) fn key(&self, organization: &Organization) -> Result<MacKey, Fault> {
        MacKey::of(organization)
    }

    /// The rules of passwords in force today.
    pub(super) async fn policy(&self, web: &Web, organization: &Arc<Organization>) -> Result<Policy, Problem> {
        let today = organization.today(web.installation.environment.now());
        let mut reader = web.installation.db.reader().await?;
        let book = web.installation.book_of(&mut reader, organization, today).await?;
        Ok(Policy::read(|key| book.values.get(key).cloned()).unwrap_or_else(|error| {
            // Adopting refuses such a value; a rulebook from before must not keep everybody out.
            tracing::error!(fault = %error, "the rules for passwords cannot be read; the floor holds");
            Policy::floor()
        }))
    }

    /// What a use case of signing in is given, for an organisation now.
    pub(crate) async fn hold(&self, web: &Web, organization: &Arc<Organization>) -> Result<Held, Problem> {
        let now = web.installation.environment.now();
        let policy = self.policy(web, organization).await?;
        let seal = Box::new(KeySeal {
            web_environment: Arc::clone(&web.installation.environment),
            organization: Arc::clone(organization),
        });
        Ok(Held { policy, zone: organization.zone.clone(), key: self.key(organization)?, now: now.into(), seal })
    }
}

/// What stands behind a [`Ctx`].
pub(crate) struct Held {
    policy: Policy,
    zone: TimeZone,
    key: MacKey,
    now: kitei_store::db::Instant,
    seal: Box<dyn Seal>,
}

impl Held {
    /// The rules in force.
    pub(super) const fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn ctx<'a>(&'a self, web: &'a Web, organization: &Organization) -> Ctx<'a> {
        self.of(web, organization.id)
    }

    fn of<'a>(&'a self, web: &'a Web, org: Uuid) -> Ctx<'a> {
        Ctx {
            db: &web.installation.db,
            org,
            now: self.now,
            zone: &self.zone,
            random: web.signing.random(),
            policy: &self.policy,
            limits: web.signing.limits,
            stretcher: &web.signing.stretcher,
            seal: &*self.seal,
            key: &self.key,
            record: &web.signing.record,
        }
    }
}

/// Seals second factors with the organisation's keys, under a leaf that no record ever gets.
struct KeySeal {
    web_environment: Arc<dyn crate::kernel::Environment>,
    organization: Arc<Organization>,
}

impl KeySeal {
    fn leaf() -> Result<LeafId, SealError> {
        LeafId::new((1 << DEPTH) - 1).map_err(|_| SealError)
    }
}

impl Seal for KeySeal {
    fn seal(&self, org: Uuid, person: Uuid, secret: &[u8]) -> Result<String, SealError> {
        let (org, person) = (org.to_string(), person.to_string());
        let place = Place { organisation: &org, register: "account", record: &person, line: None, field: "totp" };
        let plain = Zeroizing::new(hex::encode(secret));
        self.organization.with_keys(|keys| {
            let key = keys.derive(Self::leaf()?).ok_or(SealError)?.sealing_key();
            let sealed = seal_text(&key, &place, &self.web_environment.nonce(), &plain).map_err(|_| SealError)?;
            Ok(sealed.to_string())
        })
    }

    fn open(&self, org: Uuid, person: Uuid, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (org, person) = (org.to_string(), person.to_string());
        let place = Place { organisation: &org, register: "account", record: &person, line: None, field: "totp" };
        let sealed = SealedText::parse(sealed).map_err(|_| SealError)?;
        self.organization.with_keys(|keys| {
            let key = keys.derive(Self::leaf()?).ok_or(SealError)?.sealing_key();
            let plain = sealed.open(&key, &place).map_err(|_| SealError)?;
            hex::decode(plain.as_bytes()).map(Zeroizing::new).map_err(|_| SealError)
        })
    }
}

/// From where a request comes.
pub(super) struct From {
    network: String,
    known: Option<String>,
    words: String,
}

impl From {
    pub(super) fn of(web: &Web, request: &Request) -> Self {
        let network = address(web, request).map(sign_in::network_of).unwrap_or_default();
        let words = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookies = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let name = sign_in::known_client_cookie_name(web.security);
        let known = cookies.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name);
        Self { network, known: known.map(|(_, value)| value.to_owned()), words: words.to_owned() }
    }

    pub(super) fn client(&self) -> Client<'_> {
        Client { network: &self.network, known: self.known.as_deref(), words: &self.words }
    }
}

/// Scheme and host of this installation as the browser sees it. A proxy's word for the scheme is not needed: behind one
/// the configuration says that it ends TLS.
pub(super) fn origin(web: &Web, host: &str) -> String {
    let plain =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']'));
    let scheme = if web.security == sign_in::Security::Tls { "https" } else { "http" };
    format!("{scheme}://{}", if plain { host } else { "127.0.0.1:8080" })
}

/// An address of a page for people who are not signed in, with the organisation that stood in this one.
pub(super) fn with_organization(parts: &Parts, address: &str) -> String {
    match visitor::asked(parts) {
        Some(slug) if is_slug(slug) => {
            format!("{address}{}organization={slug}", if address.contains('?') { '&' } else { '?' })
        }
        _ => address.to_owned(),
    }
}

/// Whether a text can be an organisation's short name.
pub(super) fn is_slug(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    plain && (2..=40).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A form without a session is protected by `SameSite=Lax` cookies not being needed for it and by the browser's word.
pub(super) fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(Problem::Forbidden),
    }
}

pub(super) async fn body(request: Request) -> Result<fields::Typed, Problem> {
    let bytes = axum::body::to_bytes(request.into_body(), super::FORM).await.map_err(|_| Problem::Stale)?;
    Ok(fields::typed(&bytes))
}

pub(super) fn frame<'a>(name: &'a str, version: &'a str, lang: Lang) -> pages::Frame<'a> {
    let language = if lang == Lang::Ja { "/language?to=en&next=/sign-in" } else { "/language?to=ja&next=/sign-in" };
    pages::Frame { organization: name, report: "/report", language, version, ..pages::Frame::default() }
}

/// `GET /sign-in`
pub(super) async fn sign_in_form(State(web): State<Arc<Web>>, request: Request) -> Result<Markup, Problem> {
    if claim::unclaimed(&web).await?.is_some() {
        return Err(Problem::to("/set-up"));
    }
    let (parts, _) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    Ok(form_again(&web, &organization, &parts, "", false))
}

fn form_again(web: &Web, organization: &Organization, parts: &Parts, login: &str, refused: bool) -> Markup {
    let lang = visitor::language(parts);
    let next = parts.uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("next=")));
    let action = with_organization(parts, &format!("/sign-in?next={}", safe_path(next.unwrap_or("/"))));
    let break_glass = with_organization(parts, "/break-glass");
    let sign_in = pages::SignInForm { action: &action, login, refused, ended: false, break_glass: &break_glass };
    pages::sign_in_page(lang, &frame(&organization.name, web.version, lang), &sign_in)
}

/// Only a path of ours is gone to.
fn safe_path(next: &str) -> &str {
    let plain = next.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    if next.starts_with('/') && !next.starts_with("//") && plain { next } else { "/" }
}

/// `POST /sign-in`
pub(super) async fn sign_in(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    same_site(request.headers())?;
    let from = From::of(&web, &request);
    let (parts, rest) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let typed = body(Request::from_parts(parts.clone(), rest)).await?;
    let held = web.signing.hold(&web, &organization).await?;
    let ctx = held.ctx(&web, &organization);
    let login = fields::first(&typed, "login").to_owned();
    let password = Typed::new(typed.get("password").and_then(|v| v.first()).cloned().unwrap_or_default());
    let next = parts.uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("next=")));
    match sign_in::sign_in(&ctx, &login, &password, &from.client()).await {
        Ok(entered) => Ok(let_in(&web, entered, safe_path(next.unwrap_or("/")))),
        Err(SignInError::Refused(_)) => {
            let page = form_again(&web, &organization, &parts, &login, true);
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn let_in(web: &Web, entered: Entered, next: &str) -> Response {
    let (cookie, known, next) = match entered {
        Entered::SignedIn(signed) => {
            (signed.cookie, Some(signed.known), if signed.must_change { "/password" } else { next })
        }
        Entered::CodeNeeded(halfway) => (halfway.cookie, None, "/sign-in/code"),
    };
    let mut response = Redirect::to(next).into_response();
    add_cookie(&mut response, sign_in::session_cookie(web.security, &cookie).reveal());
    if let Some(known) = known {
        add_cookie(&mut response, sign_in::known_client_cookie(web.security, &known).reveal());
    }
    response
}

pub(super) fn add_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// `GET /sign-in/code`
pub(super) async fn code_form(State(web): State<Arc<Web>>, request: Request) -> Result<Markup, Problem> {
    let (parts, _) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let lang = visitor::language(&parts);
    let code = pages::CodeForm { action: "/sign-in/code", refused: false };
    Ok(pages::code_page(lang, &frame(&organization.name, web.version, lang), &code))
}

/// `POST /sign-in/code`
pub(super) async fn code(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    same_site(request.headers())?;
    let from = From::of(&web, &request);
    let (parts, rest) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let cookie = visitor::cookie(&parts, sign_in::session_cookie_name(web.security)).unwrap_or_default().to_owned();
    let typed = body(Request::from_parts(parts.clone(), rest)).await?;
    let held = web.signing.hold(&web, &organization).await?;
    let ctx = held.ctx(&web, &organization);
    match sign_in::confirm_code(&ctx, &cookie, fields::first(&typed, "code"), &from.client()).await {
        Ok(signed) => Ok(let_in(&web, Entered::SignedIn(signed), "/")),
        Err(SignInError::Refused(Refusal::SessionEnded)) => Err(Problem::to("/sign-in")),
        Err(SignInError::Refused(_)) => {
            let lang = visitor::language(&parts);
            let code = pages::CodeForm { action: "/sign-in/code", refused: true };
            let page = pages::code_page(lang, &frame(&organization.name, web.version, lang), &code);
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /break-glass`
pub(super) async fn break_glass_form(State(web): State<Arc<Web>>, request: Request) -> Result<Markup, Problem> {
    let (parts, _) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let lang = visitor::language(&parts);
    let action = with_organization(&parts, "/break-glass");
    let form = pages::BreakGlassForm { action: &action, refused: false };
    Ok(pages::break_glass_page(lang, &frame(&organization.name, web.version, lang), &form))
}

/// `POST /break-glass`
pub(super) async fn break_glass(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    same_site(request.headers())?;
    let from = From::of(&web, &request);
    let (parts, rest) = request.into_parts();
    let organization = visitor::organization(&web, &parts).await?;
    let typed = body(Request::from_parts(parts.clone(), rest)).await?;
    let held = web.signing.hold(&web, &organization).await?;
    let ctx = held.ctx(&web, &organization);
    match sign_in::break_glass(&ctx, fields::first(&typed, "code"), &from.client()).await {
        Ok(signed) => Ok(let_in(&web, Entered::SignedIn(signed), "/")),
        Err(SignInError::Refused(_)) => {
            let lang = visitor::language(&parts);
            let action = with_organization(&parts, "/break-glass");
            let form = pages::BreakGlassForm { action: &action, refused: true };
            let page = pages::break_glass_page(lang, &frame(&organization.name, web.version, lang), &form);
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let typed = body(request).await?;
    visitor.check(&web, "/sign-out", fields::first(&typed, sign_in::CSRF_FIELD))?;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    sign_in::sign_out(&held.ctx(&web, &visitor.organization), &visitor.current).await?;
    let mut response = Redirect::to(&format!("/sign-in?organization={}", visitor.organization.slug)).into_response();
    add_cookie(&mut response, &sign_in::cleared_session_cookie(web.security));
    Ok(response)
}

/// `GET /language?to=en&next=/`
pub(super) async fn language(Query(query): Query<BTreeMap<String, String>>) -> Response {
    let to = if query.get("to").map(String::as_str) == Some("en") { "en" } else { "ja" };
    let next = safe_path(query.get("next").map_or("/", String::as_str)).to_owned();
    let mut response = Redirect::to(&next).into_response();
    add_cookie(&mut response, &format!("kitei-lang={to}; Path=/; Max-Age=31536000; SameSite=Lax"));
    response
}

/// The new password when it was typed twice the same.
pub(super) fn new_passwords(typed: &fields::Typed) -> Option<Typed> {
    let one = |name: &str| typed.get(name).and_then(|values| values.first());
    let (first, second) = (one("new")?, one("again")?);
    (first == second).then(|| Typed::new(first.clone()))
}
