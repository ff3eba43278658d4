//! The pages: addresses, forms and what stands on each. They look through [`crate::kernel`] and change only by
//! `Installation::perform`.
//!
//! Invariant: every address is a row of [`routes::ROUTES`]; a test fails for one that is not.
//! Invariant: nothing is cached by a browser but the hashed assets; every page has the strict policy of `shell::ui`.

mod account;
mod adopt;
mod attachments;
mod bundle;
mod calendar;
mod claim;
mod compare;
mod erase;
mod evidence;
mod export;
mod feed;
mod fields;
mod frame;
mod gaps;
mod glossary;
mod handbook;
mod import;
mod mail;
mod notices;
mod organizations;
mod parameter;
pub(crate) mod problem;
mod record;
mod registers;
mod report;
mod retention;
mod routes;
mod rulebook;
mod second_factor;
mod settings;
mod sign;
mod sign_in_rules;
mod templates;
pub(crate) mod today;
mod tokens;
mod views;
pub(crate) mod visitor;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

pub use routes::{ADMINISTRATORS, ROUTES, Route, Scope, Who};
pub use sign::Signing;
pub use templates::{TemplateError, Templates};

use crate::{
    kernel::Installation,
    shell::{sign_in::Security, ui::assets},
};

/// What pages need.
pub struct Web {
    /// Installation.
    pub installation: Arc<Installation>,
    /// How people sign in.
    pub signing: Signing,
    /// Whether the address is https.
    pub security: Security,
    /// The proxy tells who asks (`X-Forwarded-For`).
    pub behind_proxy: bool,
    /// How large attachments may be, and which kinds are taken.
    pub attachments: crate::kernel::attach_kind::Limits,
    /// Mail is sent, so that notices leave the application.
    pub mail: bool,
    /// Papers.
    pub renderer: Arc<kitei_papers::pdf::Renderer>,
    /// Where templates of packs are rendered.
    pub templates: Templates,
    /// Version of the program.
    pub version: &'static str,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web").field("security", &self.security).finish_non_exhaustive()
    }
}

/// Most bytes of a form.
const FORM: usize = 2 * 1024 * 1024;

/// The pages as a service.
pub fn router(web: Arc<Web>) -> Router {
    let pages = routes::mount(Router::new(), &web);
    pages
        .merge(crate::api::router())
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn(headers))
        .with_state(web)
}

/// Headers of every answer.
async fn headers(request: Request, next: Next) -> Response {
    let asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // A download brings a stricter policy of its own.
    let policy = HeaderValue::from_static(assets::CONTENT_SECURITY_POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    let set = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
    let cache = if asset { "public, max-age=31536000, immutable" } else { "no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(cache));
    response
}

/// The style sheet, the script and the icon.
async fn asset(request: Request) -> Response {
    let (kind, body) = match request.uri().path() {
        path if path == assets::STYLE_PATH => ("text/css; charset=utf-8", assets::STYLE),
        path if path == assets::SCRIPT_PATH => ("text/javascript; charset=utf-8", assets::SCRIPT),
        path if path == assets::ICON_PATH => ("image/svg+xml", assets::ICON),
        _ => return axum::http::StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// The address that asks: the proxy's word for it only when there is a proxy.
pub(crate) fn address(web: &Web, request: &Request) -> Option<std::net::IpAddr> {
    asking(web, request.headers(), request.extensions())
}

/// The address that asks, from the parts of a request.
pub(crate) fn address_of(web: &Web, parts: &Parts) -> Option<std::net::IpAddr> {
    asking(web, &parts.headers, &parts.extensions)
}

fn asking(web: &Web, headers: &HeaderMap, extensions: &Extensions) -> Option<std::net::IpAddr> {
    let forwarded = headers
        .get("x-forwarded-for")
        .filter(|_| web.behind_proxy)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|value| value.trim().parse().ok());
    forwarded.or_else(|| extensions.get::<SocketAddr>().map(SocketAddr::ip))
}
