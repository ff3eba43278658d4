//! After how many failures an account is locked, and until when.
//!
//! Serves IS-4-9-3-13 (privileged: 3 failures, 6 hours) and IS-4-9-3-14 (general: 5 failures, 1 hour). The clauses do
//! not say whether the hours are the time that the lock lasts or the time in which failures count; here they are both,
//! which is what operating systems with such a setting propose.

use jiff::{Timestamp, tz::TimeZone};

use super::policy::{AccountKind, Policy};

/// Until when the account is locked; `None` when it is not. `failures` are those of one account from one client since
/// it last signed in from there, in any order; whoever is locked out is not let try, so a lock does not grow.
#[must_use]
pub fn lockout(policy: &Policy, kind: AccountKind, failures: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let rule = policy.lockout(kind);
    let mut ordered = failures.to_vec();
    ordered.sort_unstable();
    let ends = |from: Timestamp| rule.period.after(from, &TimeZone::UTC);
    ordered
        .windows(rule.failures.max(1))
        .filter_map(|window| match window {
            [first, .., last] => (*last < ends(*first)).then_some(*last),
            [only] => Some(*only),
            [] => None,
        })
        .map(ends)
        .max()
        .filter(|until| *until > now)
}
