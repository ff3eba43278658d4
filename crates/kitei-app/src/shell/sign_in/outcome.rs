//! What the use cases answer when they refuse or fail, and what they leave in the evidence log.

use kitei_rules::password::{LoginProblem, Problem};
use kitei_store::db::{Instant, StoreError};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::context::{NoRandomness, SealError};
use super::stretch::StretchError;

/// Why something was refused, to be said to the person. The codes are stable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Login and password do not go together, the account cannot be used, or too many attempts failed: never which.
    NotAccepted,
    /// The one-time or recovery code is wrong, used already, or too many attempts failed.
    CodeNotAccepted,
    /// The set-up code is wrong, used or too old.
    SetUpCode,
    /// The link is wrong, used or too old.
    Link,
    /// The break-glass code is wrong or used.
    BreakGlass,
    /// The present password is wrong.
    CurrentPassword,
    /// The new password breaks rules.
    Password(Vec<Problem>),
    /// The login name breaks rules.
    Login(Vec<LoginProblem>),
    /// The session has ended.
    SessionEnded,
    /// There is no such account, session or enrolment.
    Missing,
}

impl Refusal {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAccepted => "sign-in.not-accepted",
            Self::CodeNotAccepted => "sign-in.code-not-accepted",
            Self::SetUpCode => "sign-in.set-up-code",
            Self::Link => "sign-in.link",
            Self::BreakGlass => "sign-in.break-glass",
            Self::CurrentPassword => "sign-in.current-password",
            Self::Password(_) => "sign-in.password",
            Self::Login(_) => "sign-in.login",
            Self::SessionEnded => "sign-in.session-ended",
            Self::Missing => "sign-in.missing",
        }
    }
}

/// Why something could not be done, for the log. Carries no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// No key for second factors.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A password could not be stretched.
    #[error(transparent)]
    Stretch(#[from] StretchError),
    /// An account's particulars cannot be read.
    #[error("the particulars of an account cannot be read; restore a backup")]
    Particulars,
}

/// Refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Refused; said to the person.
    #[error("{}", .0.code())]
    Refused(Refusal),
    /// Failed; the person sees an incident number.
    #[error(transparent)]
    Failed(Fault),
}

impl From<Refusal> for SignInError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

macro_rules! failed {
    ($($fault:ty),*) => {$(
        impl From<$fault> for SignInError {
            fn from(fault: $fault) -> Self {
                Self::Failed(fault.into())
            }
        }
    )*};
}

failed! { Fault, StoreError, NoRandomness, SealError, StretchError }

/// What happened, for the evidence log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The first administrator was made with the set-up code.
    Founded,
    /// A person was invited.
    Invited,
    /// A new link to set a password was made.
    LinkIssued,
    /// A password was set through a link.
    PasswordSet,
    /// A password was changed by its owner.
    PasswordChanged,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// An account is locked for one client until a time.
    LockedOut,
    /// An administrator lifted every lock of an account.
    LockoutLifted,
    /// A second factor was set.
    SecondFactorSet,
    /// A second factor was removed.
    SecondFactorRemoved,
    /// A recovery code was used in place of the second factor.
    RecoveryCodeUsed,
    /// Sessions were ended by hand.
    SessionsEnded,
    /// An account was suspended.
    Suspended,
    /// A suspended account may be used again.
    Restored,
    /// An account became privileged, or general.
    KindChanged,
    /// A break-glass code was printed and sealed.
    BreakGlassSealed,
    /// A break-glass code was used.
    BreakGlassUsed,
    /// An address for the own calendar was made.
    FeedMade,
    /// The address of the own calendar was taken back.
    FeedEnded,
    /// A token for programs was made.
    BearerMade,
    /// A token for programs was used, for the first time in an hour.
    BearerUsed,
    /// A token for programs was ended by hand.
    BearerRevoked,
}

impl Deed {
    /// The kind of the event in the log.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Founded => "sign-in.founded",
            Self::Invited => "sign-in.invited",
            Self::LinkIssued => "sign-in.link-issued",
            Self::PasswordSet => "sign-in.password-set",
            Self::PasswordChanged => "sign-in.password-changed",
            Self::SignedIn => "sign-in.signed-in",
            Self::SignedOut => "sign-in.signed-out",
            Self::LockedOut => "sign-in.locked-out",
            Self::LockoutLifted => "sign-in.lockout-lifted",
            Self::SecondFactorSet => "sign-in.second-factor-set",
            Self::SecondFactorRemoved => "sign-in.second-factor-removed",
            Self::RecoveryCodeUsed => "sign-in.recovery-code-used",
            Self::SessionsEnded => "sign-in.sessions-ended",
            Self::Suspended => "sign-in.suspended",
            Self::Restored => "sign-in.restored",
            Self::KindChanged => "sign-in.kind-changed",
            Self::BreakGlassSealed => "sign-in.break-glass-sealed",
            Self::BreakGlassUsed => "sign-in.break-glass-used",
            Self::FeedMade => "sign-in.feed-made",
            Self::FeedEnded => "sign-in.feed-ended",
            Self::BearerMade => "sign-in.token-made",
            Self::BearerUsed => "sign-in.token-used",
            Self::BearerRevoked => "sign-in.token-revoked",
        }
    }
}

/// What happened, to whom, by whom. Holds ids, times and counts only, so nothing of it needs sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// What happened.
    pub deed: Deed,
    /// Whose account it is about.
    pub person: Uuid,
    /// Who did it; `None` when it was somebody who is not signed in.
    pub by: Option<Uuid>,
    /// Until when it lasts, for a lock-out.
    pub until: Option<Instant>,
    /// How many sessions ended with it.
    pub ended: u64,
}

impl Occurrence {
    /// Something that a person did to the own account.
    pub(super) fn own(deed: Deed, person: Uuid) -> Self {
        Self { deed, person, by: Some(person), until: None, ended: 0 }
    }

    /// Something that somebody did to another's account.
    pub(super) fn by(deed: Deed, person: Uuid, by: Uuid) -> Self {
        Self { by: Some(by), ..Self::own(deed, person) }
    }

    /// The body of the event.
    #[must_use]
    pub fn body(&self) -> Map<String, Json> {
        let mut body = Map::new();
        body.insert("person".to_owned(), json!(self.person.to_string()));
        if let Some(until) = self.until {
            body.insert("until".to_owned(), json!(until.to_string()));
        }
        if self.ended > 0 {
            body.insert("sessions_ended".to_owned(), json!(self.ended));
        }
        body
    }
}
