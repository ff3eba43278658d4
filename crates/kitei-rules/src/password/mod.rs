//! Passwords and the names of accounts: what the composed rules of an organisation refuse, and what would be right.
//!
//! Serves the clauses on account names, passwords and lock-outs of a security regulation (in the seven:
//! IS-4-5-01, IS-4-9-3-01 to IS-4-9-3-14). The figures come from composed pack parameters, see [`Policy`].
//!
//! Invariant: pure and total; any text whatever gives a list of problems, never a panic.
//! Invariant: neither a problem nor the `Debug` of any type here carries the candidate or a fact of a person.
//! Invariant: a stricter policy never finds fewer problems.

mod dictionary;
mod facts;
mod fold;
mod lockout;
mod login;
mod pattern;
mod policy;
mod problem;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};

pub use facts::{Fact, PersonFacts};
pub use fold::spelling;
pub use lockout::lockout;
pub use login::{LoginFacts, LoginFault, LoginProblem, Weight, login_name_problems, login_spelling};
pub use policy::{AccountKind, Lockout, Policy, PolicyError, keys};
pub use problem::{Class, Pattern, Problem};

/// The longest password accepted, in characters. Longer ones only cost time to stretch.
pub const LONGEST: usize = 256;

/// What is wrong with a password that somebody wants to set, in the order in which a person would mend it; empty when
/// nothing is.
///
/// `history` holds, for each earlier password that [`still_barred`] names (the present one included), whether the
/// candidate is that password: only who holds the stretched forms can tell.
#[must_use]
pub fn problems(
    policy: &Policy,
    kind: AccountKind,
    candidate: &str,
    facts: &PersonFacts,
    history: &[bool],
) -> Vec<Problem> {
    let spelled = spelling(candidate);
    let mut found = Vec::new();
    length(policy, kind, &spelled, &mut found);
    classes(policy, &spelled, &mut found);
    // What is too long is not looked at more closely: the searches below are not made for books.
    if spelled.chars().count() <= LONGEST {
        let forms = fold::Forms::of(&spelled);
        if policy.guessable_forbidden {
            found.extend(facts::found(&forms, facts).into_iter().map(Problem::PersonalFact));
        }
        let built = dictionary::built_on(&forms);
        if policy.dictionary_forbidden && built.words {
            found.push(Problem::DictionaryWord);
        }
        if policy.guessable_forbidden {
            found.extend(built.pattern.map(Problem::Pattern));
        }
    }
    if history.contains(&true) {
        found.push(Problem::Reused);
    }
    found
}

/// Whether a password that was replaced at `retired_at` (`None`: it is the present one) may not be used again yet.
#[must_use]
pub fn still_barred(policy: &Policy, retired_at: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> bool {
    match (policy.reuse, retired_at) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(window), Some(retired)) => window.after(retired, zone) > now,
    }
}

fn length(policy: &Policy, kind: AccountKind, spelled: &str, found: &mut Vec<Problem>) {
    let has = spelled.chars().count();
    let least = policy.least_length(kind);
    if has < least {
        found.push(Problem::TooShort { kind, least, has });
    }
    if has > LONGEST {
        found.push(Problem::TooLong { most: LONGEST });
    }
    if spelled.chars().any(char::is_control) {
        found.push(Problem::ControlCharacter);
    }
}

fn classes(policy: &Policy, spelled: &str, found: &mut Vec<Problem>) {
    let has: BTreeSet<Class> = spelled.chars().filter_map(Class::of).collect();
    found.extend(policy.classes.difference(&has).map(|class| Problem::MissingClass(*class)));
    // Naming a missing class says already what to add.
    let named = policy.classes.difference(&has).count();
    if named == 0 && has.len() < policy.least_classes {
        found.push(Problem::TooFewClasses { least: policy.least_classes, has: has.len() });
    }
}
