//! What a person sees when something cannot be shown: plain words, a number for the administrator, no detail.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::html;

use super::frame;
use crate::{
    import::ImportError,
    kernel::{Fault, perform::PerformError},
    shell::{sign_in::SignInError, ui::Lang},
};

/// Why a page is not shown.
#[derive(Debug)]
pub(crate) enum Problem {
    /// There is nothing here, or nothing that this person may see.
    NotFound,
    /// Not for this person.
    Forbidden,
    /// The form was not made by this program for this session, or is too old.
    Stale,
    /// What was sent is larger than is taken; how much is.
    TooLarge(String),
    /// The bytes of an attachment cannot be handed out; why, and what helps.
    Lost(kitei_rules::pack::model::Text),
    /// Something failed; logged once with this number.
    Fault(String),
    /// Somewhere else.
    Elsewhere(String),
}

impl Problem {
    /// To another page.
    pub(super) fn to(address: impl Into<String>) -> Self {
        Self::Elsewhere(address.into())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let number = uuid_of(&fault.to_string());
        tracing::error!(incident = %number, fault = %fault, "page failed");
        Self::Fault(number)
    }
}

impl From<PerformError> for Problem {
    fn from(error: PerformError) -> Self {
        match error {
            PerformError::Fault(fault) => fault.into(),
            PerformError::Refused(_) => Self::Stale,
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Fault(fault) => fault.into(),
            ImportError::NoRegister | ImportError::NotFound => Self::NotFound,
            ImportError::Unreadable(_) | ImportError::NoTable(_) | ImportError::Moved | ImportError::Changed(_) => {
                Self::Stale
            }
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        let number = uuid_of(&error.to_string());
        tracing::error!(incident = %number, fault = %error, "sign-in failed");
        Self::Fault(number)
    }
}

impl From<kitei_store::db::StoreError> for Problem {
    fn from(error: kitei_store::db::StoreError) -> Self {
        Fault::Store(error).into()
    }
}

/// A short number that names a fault in the log.
fn uuid_of(words: &str) -> String {
    kitei_evidence::Digest::of(words.as_bytes()).to_string().chars().take(8).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::Elsewhere(address) => return axum::response::Redirect::to(&address).into_response(),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "ページが見つかりません",
                "アドレスが違うか、見る権限がありません。 There is nothing here, or nothing that you may see.".to_owned(),
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "この操作はできません",
                "この操作をする役割がありません。 This is not for your roles.".to_owned(),
            ),
            Self::Stale => (
                StatusCode::CONFLICT,
                "もう一度お試しください",
                "画面が古くなっています。前のページに戻って開き直してください。 The page is out of date; go back and open it again.".to_owned(),
            ),
            Self::TooLarge(most) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "ファイルが大きすぎます",
                format!("何も保存していません。1つ{most}までのファイルを選び直してください。 Nothing was saved; choose files of {most} at most."),
            ),
            Self::Lost(words) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "添付ファイルを渡せません",
                format!("{} {}", words.ja, words.en),
            ),
            Self::Fault(number) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "うまくいきませんでした",
                format!("何も変更されていません。管理者に番号 {number} をお伝えください。 Nothing was changed; tell your administrator number {number}."),
            ),
        };
        let page = frame::bare(Lang::Ja, title, &html! { p { (text) } p { a href="/" { "今日の画面へ" } } });
        (status, page).into_response()
    }
}
