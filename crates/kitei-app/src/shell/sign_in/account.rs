//! An account with its particulars, as they lie in the store.
//!
//! Invariant: a member of the stored document that this module does not know is kept.

use kitei_rules::password::AccountKind;
use kitei_store::accounts::{self, Account};
use kitei_store::db::{Instant, Reader, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::context::Ctx;
use super::outcome::{Fault, SignInError};

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Invited; no password yet.
    Invited,
    /// In use.
    Active,
    /// Not to be used.
    Suspended,
}

impl State {
    /// The word in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// An earlier password.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Earlier {
    /// Its stretched form.
    pub(super) password: String,
    /// When it was replaced.
    pub(super) retired_at: Instant,
}

/// What else belongs to an account.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Particulars {
    /// Whether the account is privileged.
    pub(super) privileged: bool,
    /// Whether the password has to be changed before anything else.
    pub(super) must_change: bool,
    /// When the password was set.
    pub(super) password_set_at: Option<Instant>,
    /// Earlier passwords that may not come back yet.
    pub(super) earlier: Vec<Earlier>,
    /// The sealed secret of a second factor that has not been confirmed.
    pub(super) totp_pending: Option<String>,
    /// The time step of the last one-time code, so that none is used twice.
    pub(super) totp_step: Option<u64>,
    /// Hashes of the recovery codes that are left, in hexadecimal.
    pub(super) recovery: Vec<String>,
    /// What other parts of the program keep here.
    #[serde(flatten)]
    pub(super) rest: Map<String, Json>,
}

/// What pages may know of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The name to sign in with.
    pub login: String,
    /// Privileged or general.
    pub kind: AccountKind,
    /// Where it stands.
    pub state: State,
    /// Whether a second factor is set.
    pub second_factor: bool,
    /// Recovery codes that are left.
    pub recovery_codes: usize,
}

/// Where a person's account stands; `None` when there is none.
///
/// # Errors
/// The store refused.
pub async fn standing(ctx: &Ctx<'_>, person: Uuid) -> Result<Option<Standing>, SignInError> {
    let held = Held::of_person(&mut ctx.db.reader().await?, ctx.org, person).await?;
    Ok(held.map(|held| Standing {
        kind: held.kind(),
        state: [State::Invited, State::Suspended].into_iter().find(|state| held.is(*state)).unwrap_or(State::Active),
        second_factor: held.account.totp.is_some(),
        recovery_codes: held.particulars.recovery.len(),
        login: held.account.login,
    }))
}

/// An account with its particulars.
pub(super) struct Held {
    pub(super) account: Account,
    pub(super) particulars: Particulars,
}

impl Held {
    /// The account of a person.
    pub(super) async fn of_person(reader: &mut Reader, org: Uuid, person: Uuid) -> Result<Option<Self>, SignInError> {
        accounts::of_person(reader, org, person).await?.map(Self::read).transpose()
    }

    /// The account with a login in its one spelling.
    pub(super) async fn by_login(reader: &mut Reader, org: Uuid, login: &str) -> Result<Option<Self>, SignInError> {
        accounts::by_login(reader, org, login).await?.map(Self::read).transpose()
    }

    fn read(account: Account) -> Result<Self, SignInError> {
        let particulars = serde_json::from_value(account.doc.clone()).map_err(|_| Fault::Particulars)?;
        Ok(Self { account, particulars })
    }

    /// A new account without a password.
    pub(super) fn invited(person: Uuid, login: String, kind: AccountKind, now: Instant) -> Self {
        let account = Account {
            person,
            login,
            password: None,
            totp: None,
            state: State::Invited.word().to_owned(),
            doc: Json::Null,
            created_at: now,
            updated_at: now,
        };
        let privileged = kind == AccountKind::Privileged;
        Self { account, particulars: Particulars { privileged, ..Particulars::default() } }
    }

    fn into_stored(mut self, now: Instant) -> Result<Account, SignInError> {
        self.account.doc = serde_json::to_value(&self.particulars).map_err(|_| Fault::Particulars)?;
        self.account.updated_at = now;
        Ok(self.account)
    }

    /// Keeps a new account.
    pub(super) async fn create(self, tx: &mut Tx, org: Uuid, now: Instant) -> Result<(), SignInError> {
        Ok(accounts::create(tx, org, &self.into_stored(now)?).await?)
    }

    /// Keeps a changed account.
    pub(super) async fn save(self, tx: &mut Tx, org: Uuid, now: Instant) -> Result<(), SignInError> {
        Ok(accounts::update(tx, org, &self.into_stored(now)?).await?)
    }

    pub(super) fn kind(&self) -> AccountKind {
        if self.particulars.privileged { AccountKind::Privileged } else { AccountKind::General }
    }

    pub(super) fn is(&self, state: State) -> bool {
        self.account.state == state.word()
    }

    /// The stretched password, if the account can be used.
    pub(super) fn usable_password(&self) -> Option<&str> {
        self.account.password.as_deref().filter(|_| self.is(State::Active))
    }
}
