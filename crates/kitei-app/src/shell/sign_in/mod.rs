//! Signing in: set-up code, invitations, passwords, second factor, sessions, lock-outs, break-glass.
//!
//! Serves IS-4-5-01 and IS-4-9-3-01 to IS-4-9-3-14 for Kitei's own accounts (the figures come from `Policy`), and
//! IS-6-4-1-04 (the form is served with autocomplete off). RFC 6238 (TOTP), RFC 9106 (Argon2id), RFC 6265bis (cookies).
//!
//! # How failures are counted
//!
//! A failure belongs to an account *and* a client. The client is the network (/24 or /64) of whoever tries, or, when
//! the browser shows the cookie of an earlier sign-in to the same account (the "known client"), that browser alone.
//! So wrong passwords from elsewhere lock elsewhere out, a colleague in the same office does not lock out a person at
//! her own browser, and forgetting the cookie gains an attacker nothing: he counts by his network again.
//!
//! Against guessing from many networks at once, and against one network trying many accounts, there is a throttle:
//! from so many failures in an hour on, one attempt is let in each so many seconds (at most one a minute). It counts
//! unknown clients only; a known client is never slowed. What remains: a person at a browser that Kitei has never
//! seen, in the network from which the failures came, waits for the lock to end, uses another network, is helped by
//! an administrator (`lift_lockout`), or opens the envelope with the break-glass code.
//!
//! An attempt is written down before the password is looked at and taken back when it was right, so a hundred
//! attempts at the same moment are a hundred attempts. Whoever is barred is not counted, so a lock does not grow.
//!
//! # What a stranger can learn
//!
//! Nothing: unknown names, wrong passwords, accounts without a password, suspended and locked ones all get
//! `Refusal::NotAccepted` after the same work (a stretched password that nobody has is compared where there is none).
//!
//! Invariant: no password, code, token or key is kept in the clear, logged, or shown by `Debug`.
//! Invariant: a change and its occurrence in the evidence log are one transaction (`Recorder`).
//! Invariant: no clock and no randomness but what comes with `Ctx`.
//! Invariant: stretching never happens inside a transaction.

mod account;
mod attempts;
mod bearer;
mod break_glass;
mod claim;
mod client;
mod context;
mod csrf;
mod enter;
mod facts;
mod feed;
mod holders;
mod invite;
mod once;
mod outcome;
pub mod pages;
mod password;
mod secret;
mod session;
mod set_up;
mod sql;
mod stretch;
mod totp;

#[cfg(test)]
mod tests;

pub use account::{Standing, State, standing};
pub use attempts::{lift_lockout, throttle};
pub use bearer::{
    Bearer, LONGEST as BEARER_LONGEST, ListedToken, NAME as BEARER_NAME, Reach as BearerReach, list_bearers,
    load_bearer, make_bearer, organization_of_bearer, revoke_bearer,
};
pub use break_glass::{break_glass, break_glass_holders, seal_break_glass};
pub use claim::{Claim, claim, issue_claim_code, unclaimed};
pub use client::{Client, known_again, network_of};
pub use context::{
    CONSOLE, Ctx, Limits, NoRandomness, Random, Recorder, Seal, SealError, record_from_console, record_in_log,
};
pub use csrf::{CSRF_FIELD, csrf_matches, csrf_token};
pub use enter::{Entered, Halfway, SignedIn, confirm_code, sign_in};
pub use facts::{Known, known_of};
pub use feed::{end_feed, has_feed, make_feed, organization_of_feed, whose_feed};
pub use holders::{restore, set_kind, suspend};
pub use invite::{Invitee, Peeked, accept, invite, new_link, peek};
pub use outcome::{Deed, Fault, Occurrence, Refusal, SignInError};
pub use password::change_password;
pub use secret::{MacKey, Shown, Typed};
pub use session::{
    Current, Listed, Security, cleared_session_cookie, end_session, end_sessions, known_client_cookie,
    known_client_cookie_name, list_sessions, load, session_cookie, session_cookie_name, sign_out, sweep, touch,
};
pub use set_up::{Founding, awaits_set_up, found, issue_code_for_another, issue_set_up_code};
pub use sql::STATEMENTS;
pub use stretch::{Cost, StretchError, Stretcher};
pub use totp::{Enrolment, begin_totp, confirm_totp, pending_totp, remove_own_totp, remove_totp};
