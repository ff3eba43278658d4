//! Accounts and failed sign-ins.
//!
//! Failures are counted by login and client together, so that nobody can lock another person out with wrong passwords.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Instant, Reader, Row, StoreError, StoreErrorKind, Tx};
use crate::{binds, statements};

statements! {
    /// A new account.
    CREATE = "insert into account (org, person, login, password, totp, state, doc, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
    /// Replaces everything of an account but its person.
    UPDATE = "update account set login = $3, password = $4, totp = $5, state = $6, doc = $7, updated_at = $8
        where org = $1 and person = $2";
    /// A person's account.
    OF_PERSON = "select person, login, password, totp, state, doc, created_at, updated_at from account
        where org = $1 and person = $2";
    /// The account with a login.
    BY_LOGIN = "select person, login, password, totp, state, doc, created_at, updated_at from account
        where org = $1 and login = $2";
    /// All accounts.
    LIST = "select person, login, password, totp, state, doc, created_at, updated_at from account
        where org = $1 order by login";
    /// A failed sign-in.
    FAIL = "insert into login_failure (org, login, client, at) values ($1, $2, $3, $4)";
    /// How often it failed since.
    FAILURES = "select count(*) as failures, max(at) as last from login_failure
        where org = $1 and login = $2 and client = $3 and at >= $4";
    /// How often a client failed since, whatever the login.
    CLIENT_FAILURES = "select count(*) as failures from login_failure where org = $1 and client = $2 and at >= $3";
    /// Forgets the failures after a sign-in.
    FORGIVE = "delete from login_failure where org = $1 and login = $2 and client = $3";
    /// Forgets old failures.
    SWEEP = "delete from login_failure where org = $1 and at < $2";
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is; one person has one account.
    pub person: Uuid,
    /// The name to sign in with, in one spelling (the caller folds case).
    pub login: String,
    /// The stretched password, if one is set.
    pub password: Option<String>,
    /// The sealed secret of the second factor, if one is set.
    pub totp: Option<String>,
    /// Where it stands; the words are the caller's.
    pub state: String,
    /// Earlier stretched passwords, dates, language.
    pub doc: Json,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the login nor a secret belongs in a log.
        f.debug_struct("Account").field("person", &self.person).field("state", &self.state).finish_non_exhaustive()
    }
}

fn read(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        person: row.get("person")?,
        login: row.get("login")?,
        password: row.maybe("password")?,
        totp: row.maybe("totp")?,
        state: row.get("state")?,
        doc: row.get("doc")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// Makes an account.
///
/// # Errors
/// `Unique` when the person has one already, or the login is taken.
pub async fn create(tx: &mut Tx, org: Uuid, account: &Account) -> Result<(), StoreError> {
    let Account { person, login, password, totp, state, doc, created_at, updated_at: _ } = account;
    tx.execute(&CREATE, binds![org, *person, login, *password, *totp, state, doc, *created_at]).await?;
    Ok(())
}

/// Replaces everything of a person's account.
///
/// # Errors
/// `Missing` when the person has none, `Unique` when the login is taken.
pub async fn update(tx: &mut Tx, org: Uuid, account: &Account) -> Result<(), StoreError> {
    let Account { person, login, password, totp, state, doc, created_at: _, updated_at } = account;
    match tx.execute(&UPDATE, binds![org, *person, login, *password, *totp, state, doc, *updated_at]).await? {
        0 => Err(StoreError::new(StoreErrorKind::Missing, UPDATE.name())),
        _ => Ok(()),
    }
}

/// A person's account.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_person(reader: &mut Reader, org: Uuid, person: Uuid) -> Result<Option<Account>, StoreError> {
    reader.fetch_optional(&OF_PERSON, binds![org, person]).await?.as_ref().map(read).transpose()
}

/// The account with a login.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn by_login(reader: &mut Reader, org: Uuid, login: &str) -> Result<Option<Account>, StoreError> {
    reader.fetch_optional(&BY_LOGIN, binds![org, login]).await?.as_ref().map(read).transpose()
}

/// Every account, by login.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn list(reader: &mut Reader, org: Uuid) -> Result<Vec<Account>, StoreError> {
    reader.fetch_all(&LIST, binds![org]).await?.iter().map(read).collect()
}

/// Notes a failed sign-in.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn fail(tx: &mut Tx, org: Uuid, login: &str, client: &str, now: Instant) -> Result<(), StoreError> {
    tx.execute(&FAIL, binds![org, login, client, now]).await?;
    Ok(())
}

/// How often this login failed from this client since an instant, and when last.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn failures(
    reader: &mut Reader,
    org: Uuid,
    login: &str,
    client: &str,
    since: Instant,
) -> Result<(i64, Option<Instant>), StoreError> {
    let row = reader.fetch_one(&FAILURES, binds![org, login, client, since]).await?;
    Ok((row.get("failures")?, row.maybe("last")?))
}

/// How often any login failed from this client since an instant.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn client_failures(reader: &mut Reader, org: Uuid, client: &str, since: Instant) -> Result<i64, StoreError> {
    reader.fetch_one(&CLIENT_FAILURES, binds![org, client, since]).await?.get("failures")
}

/// Forgets the failures of a login from a client, after it signed in.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn forgive(tx: &mut Tx, org: Uuid, login: &str, client: &str) -> Result<(), StoreError> {
    tx.execute(&FORGIVE, binds![org, login, client]).await?;
    Ok(())
}

/// Forgets the failures from before an instant and says how many.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn sweep_failures(tx: &mut Tx, org: Uuid, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, binds![org, before]).await
}
