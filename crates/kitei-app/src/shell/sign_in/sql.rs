//! Statements that the store's own modules do not have.

use kitei_store::statements;

statements! {
    /// When a login failed from a client.
    FAILURES = "select at from login_failure where org = $1 and login = $2 and client = $3 and at >= $4 order by at";
    /// How often a login failed from anywhere, and when last.
    LOGIN_FAILURES = "select count(*) as failures, max(at) as last from login_failure
        where org = $1 and login = $2 and at >= $3";
    /// How often a client failed with any login, and when last.
    CLIENT_FAILURES = "select count(*) as failures, max(at) as last from login_failure
        where org = $1 and client = $2 and at >= $3";
    /// Takes back one attempt.
    RELEASE = "delete from login_failure where org = $1 and login = $2 and client = $3 and at = $4";
    /// Forgets every failure of a login.
    LIFT = "delete from login_failure where org = $1 and login = $2";
    /// Settings whose key begins so; the pattern is fixed text.
    SETTINGS_LIKE = "select key, doc from setting where org = $1 and key like $2 order by key";
}
