//! What a program is told when something is not done: RFC 9457, in the language it asks for.
//!
//! Invariant: a problem names field, clause and what would be right; it never repeats what was sent.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kitei_rules::{
    pack::model::Text,
    run::{
        command::{Objection, Refusal},
        paper::Lang,
    },
};
use serde_json::json;

use crate::{
    kernel::{Fault, perform::PerformError},
    shell::sign_in::SignInError,
    web::problem::Problem as Page,
};

/// Why something is not done.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    // Boxed, so that an answer that goes well is not as large as one that does not.
    detail: Box<Text>,
    errors: Vec<Objection>,
    asks_reason: bool,
    header: Option<(HeaderName, &'static str)>,
}

/// A text in both languages.
pub(super) fn both(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: en.into() }
}

/// One thing that is wrong, at a field of what was sent.
pub(super) fn at(field: &str, code: &str, ja: impl Into<String>, en: impl Into<String>) -> Objection {
    Objection {
        code: code.to_owned(),
        field: Some(field.to_owned()),
        source: None,
        clauses: Vec::new(),
        message: both(ja, en),
    }
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, ja: &str, en: &str) -> Self {
        Self { status, code, detail: Box::new(both(ja, en)), errors: Vec::new(), asks_reason: false, header: None }
    }

    pub(super) fn not_found() -> Self {
        let (ja, en) =
            ("ここには何もないか、見る権限がありません。", "There is nothing here, or nothing that you may see.");
        Self::new(StatusCode::NOT_FOUND, "not-found", ja, en)
    }

    pub(super) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    pub(super) fn unauthorized(ja: &str, en: &str) -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", ja, en);
        Self { header: Some((header::WWW_AUTHENTICATE, "Bearer realm=\"kitei\"")), ..problem }
    }

    pub(super) fn read_only() -> Self {
        let (ja, en) = ("このトークンは読むだけのものです。", "This token may only read.");
        let problem = Self::new(StatusCode::FORBIDDEN, "read-only", ja, en);
        Self { header: Some((header::WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"")), ..problem }
    }

    pub(super) fn too_many() -> Self {
        let (ja, en) = ("続けて送られすぎています。少し待ってください。", "Too many requests; wait a little.");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", ja, en);
        Self { header: Some((header::RETRY_AFTER, "1")), ..problem }
    }

    pub(super) fn too_long() -> Self {
        let (ja, en) = ("本文は1 MiBまでです。", "A body may have 1 MiB.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", ja, en)
    }

    pub(super) fn not_json_type() -> Self {
        let (ja, en) =
            ("Content-Type は application/json にしてください。", "The content type must be application/json.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", ja, en)
    }

    pub(super) fn not_json(line: usize, column: usize) -> Self {
        let (ja, en) = (
            format!("JSONとして読めません（{line}行{column}文字）。"),
            format!("Not JSON (line {line}, column {column})."),
        );
        Self::new(StatusCode::BAD_REQUEST, "not-json", &ja, &en)
    }

    pub(super) fn key_needed() -> Self {
        let ja = "Idempotency-Key ヘッダーに、この送信だけの名前（1〜200文字の英数字や記号）を入れてください。";
        let en = "Name this request in the header Idempotency-Key: 1 to 200 visible ASCII characters.";
        Self::new(StatusCode::BAD_REQUEST, "idempotency-key", ja, en)
    }

    pub(super) fn version_needed() -> Self {
        let ja = "どの版を変えるのかを、If-Match ヘッダーか本文の version で示してください。";
        let en = "Say which version you change, by the header If-Match or by \"version\" in the body.";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "version", ja, en)
    }

    /// What was sent is wrong, thing by thing.
    pub(super) fn wrong(errors: Vec<Objection>) -> Self {
        Self::refused(Refusal { objections: errors, asks_reason: false })
    }

    /// A refusal of the rules.
    pub(super) fn refused(refusal: Refusal) -> Self {
        let has = |code: &str| refusal.objections.iter().any(|objection| objection.code == code);
        let (status, code, ja, en) = if has("stale") {
            (
                StatusCode::PRECONDITION_FAILED,
                "stale",
                "ほかの人が先に変更しました。",
                "Somebody else changed it first.",
            )
        } else if has("key-used") {
            (
                StatusCode::CONFLICT,
                "key-used",
                "この名前は別の送信に使われています。",
                "This key was used for another request.",
            )
        } else if has("not-yours") {
            (StatusCode::FORBIDDEN, "not-yours", "この操作をする役割がありません。", "This is not for your roles.")
        } else {
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                "refused",
                "このままでは受け付けられません。",
                "This cannot be accepted as it is.",
            )
        };
        let problem = Self::new(status, code, ja, en);
        Self { errors: refusal.objections, asks_reason: refusal.asks_reason, ..problem }
    }

    fn fault(number: &str) -> Self {
        let ja = format!("うまくいきませんでした。何も変更されていません。管理者に番号 {number} をお伝えください。");
        let en = format!("Something failed; nothing was changed. Tell your administrator number {number}.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", &ja, &en)
    }

    fn in_lang(&self, lang: Lang) -> Response {
        let text = |text: &Text| text.in_lang(lang).to_owned();
        let errors: Vec<_> = self
            .errors
            .iter()
            .map(|objection| {
                json!({
                    "code": objection.code,
                    "field": objection.field,
                    "source": objection.source,
                    "clauses": objection.clauses,
                    "detail": text(&objection.message),
                })
            })
            .collect();
        let body = json!({
            "type": format!("urn:kitei:problem:{}", self.code),
            "title": text(&self.detail),
            "status": self.status.as_u16(),
            "errors": errors,
            "asks_reason": self.asks_reason,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let tag = if lang == Lang::Ja { "ja" } else { "en" };
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag));
        if let Some((name, value)) = &self.header {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.in_lang(Lang::Ja);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        // Logged and numbered as those of pages are.
        Page::from(fault).into()
    }
}

impl From<kitei_store::db::StoreError> for Problem {
    fn from(error: kitei_store::db::StoreError) -> Self {
        Fault::Store(error).into()
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        Page::from(error).into()
    }
}

impl From<PerformError> for Problem {
    fn from(error: PerformError) -> Self {
        match error {
            PerformError::Refused(refusal) => Self::refused(refusal),
            PerformError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Page> for Problem {
    fn from(page: Page) -> Self {
        match page {
            Page::Fault(number) => Self::fault(&number),
            Page::Elsewhere(_) => Self::unauthorized("サインインしていません。", "Not signed in."),
            Page::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                "not-yours",
                "この操作をする役割がありません。",
                "This is not for your roles.",
            ),
            _ => Self::not_found(),
        }
    }
}

/// The language that a request asks for: Japanese unless English stands first.
pub(super) fn language(headers: &axum::http::HeaderMap) -> Lang {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if asked.trim_start().to_ascii_lowercase().starts_with("en") { Lang::En } else { Lang::Ja }
}

/// Says a problem in the language that the request asks for.
pub(super) async fn in_language(request: Request, next: Next) -> Response {
    let lang = language(request.headers());
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) if lang == Lang::En => problem.in_lang(lang),
        _ => response,
    }
}

/// An address that is none.
pub(super) async fn no_such_address() -> Problem {
    Problem::not_found()
}

/// A method that an address does not have.
pub(super) async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "このアドレスにはないメソッドです。",
        "This address does not have that method.",
    )
}
