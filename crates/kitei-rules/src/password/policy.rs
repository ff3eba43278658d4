//! The rules for passwords and accounts in force, filled from composed pack parameters.
//!
//! Invariant: what no pack says falls back to [`Policy::floor`], which is never looser than nothing at all: Kitei
//! always counts failures and always forbids what everybody guesses.

use std::collections::BTreeSet;

use super::problem::Class;
use crate::value::{Period, Value};

/// Keys of the parameters that fill a [`Policy`]. A pack sets them; `pack explain KEY` shows whose value won.
pub mod keys {
    /// Least number of characters of a privileged account's password (number, `stricter = "higher"`).
    pub const LENGTH_PRIVILEGED: &str = "password.length.privileged";
    /// Least number of characters of a general account's password (number, `stricter = "higher"`).
    pub const LENGTH_GENERAL: &str = "password.length.general";
    /// Classes of characters that must occur (list of `upper`, `lower`, `digit`, `symbol`; `stricter = "more"`).
    pub const CLASSES: &str = "password.classes";
    /// How many of the four classes must occur at least (number, `stricter = "higher"`).
    pub const CLASSES_LEAST: &str = "password.classes.least";
    /// Names, telephone numbers, birthdays and the like, and simple patterns, are refused (yes or no).
    pub const GUESSABLE: &str = "password.guessable.forbidden";
    /// Words of the built-in list are refused (yes or no).
    pub const DICTIONARY: &str = "password.dictionary.forbidden";
    /// How long a replaced password may not be used again (period, `stricter = "higher"`).
    pub const REUSE: &str = "password.reuse";
    /// Failures that lock a privileged account (number, `stricter = "lower"`).
    pub const LOCKOUT_FAILURES_PRIVILEGED: &str = "password.lockout.failures.privileged";
    /// How long a privileged account stays locked (period, `stricter = "higher"`).
    pub const LOCKOUT_PERIOD_PRIVILEGED: &str = "password.lockout.period.privileged";
    /// Failures that lock a general account (number, `stricter = "lower"`).
    pub const LOCKOUT_FAILURES_GENERAL: &str = "password.lockout.failures.general";
    /// How long a general account stays locked (period, `stricter = "higher"`).
    pub const LOCKOUT_PERIOD_GENERAL: &str = "password.lockout.period.general";
    /// Names that no account may have (list of texts, `stricter = "more"`).
    pub const FORBIDDEN_NAMES: &str = "account.name.forbidden";
    /// General accounts are named by employee number or code (yes or no).
    pub const EMPLOYEE_NUMBER: &str = "account.name.employee-number";
    /// One person holds an account, and a person holds one (yes or no). Kitei itself always keeps to it.
    pub const ONE_PERSON: &str = "account.one-person";
    /// Privileged accounts need a second factor (yes or no, `stricter = "higher"`).
    pub const SECOND_FACTOR_PRIVILEGED: &str = "account.second-factor.privileged";
    /// General accounts need a second factor (yes or no, `stricter = "higher"`).
    pub const SECOND_FACTOR_GENERAL: &str = "account.second-factor.general";

    /// Every key, for the check that a rulebook knows them.
    pub const ALL: [&str; 16] = [
        LENGTH_PRIVILEGED,
        LENGTH_GENERAL,
        CLASSES,
        CLASSES_LEAST,
        GUESSABLE,
        DICTIONARY,
        REUSE,
        LOCKOUT_FAILURES_PRIVILEGED,
        LOCKOUT_PERIOD_PRIVILEGED,
        LOCKOUT_FAILURES_GENERAL,
        LOCKOUT_PERIOD_GENERAL,
        FORBIDDEN_NAMES,
        EMPLOYEE_NUMBER,
        ONE_PERSON,
        SECOND_FACTOR_PRIVILEGED,
        SECOND_FACTOR_GENERAL,
    ];
}

/// The two kinds of accounts that the rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    /// 特権アカウント: whoever can change what others may do.
    Privileged,
    /// 一般アカウント.
    General,
}

/// After how many failures an account is locked, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// The failure with this number locks; at least 1.
    pub failures: usize,
    /// How long it stays locked; failures count together when they lie within the same length of time.
    pub period: Period,
}

/// The rules for passwords and accounts in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Least number of characters, privileged accounts.
    pub least_length_privileged: usize,
    /// Least number of characters, general accounts.
    pub least_length_general: usize,
    /// Classes of characters that must occur.
    pub classes: BTreeSet<Class>,
    /// How many classes must occur, whichever.
    pub least_classes: usize,
    /// Whether facts of the person and simple patterns are refused.
    pub guessable_forbidden: bool,
    /// Whether words of the built-in list are refused.
    pub dictionary_forbidden: bool,
    /// How long a replaced password may not be used again.
    pub reuse: Option<Period>,
    /// Lock-out of privileged accounts.
    pub lockout_privileged: Lockout,
    /// Lock-out of general accounts.
    pub lockout_general: Lockout,
    /// Names that no account may have, in the spelling of `login_spelling`.
    pub forbidden_names: BTreeSet<String>,
    /// Whether general accounts are named by employee number or code.
    pub employee_number: bool,
    /// Whether privileged accounts need a second factor.
    pub second_factor_privileged: bool,
    /// Whether general accounts need one.
    pub second_factor_general: bool,
}

/// A parameter that has another kind than the rules need, or a value that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parameter {key}: expected {expected}")]
pub struct PolicyError {
    /// Key of the parameter.
    pub key: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

/// Names that say a thing and not a person. No account of Kitei has one, whatever the packs say.
const NAMES_OF_NOBODY: [&str; 30] = [
    "admin",
    "administrator",
    "administrators",
    "root",
    "guest",
    "test",
    "tester",
    "testuser",
    "demo",
    "user",
    "users",
    "shared",
    "share",
    "kyoyu",
    "kyouyu",
    "common",
    "public",
    "anonymous",
    "nobody",
    "everyone",
    "system",
    "sysadmin",
    "superuser",
    "operator",
    "support",
    "info",
    "office",
    "共有",
    "共用",
    "ゲスト",
];

impl Policy {
    /// What holds where no pack says anything.
    #[must_use]
    pub fn floor() -> Self {
        Self {
            least_length_privileged: 10,
            least_length_general: 10,
            classes: BTreeSet::new(),
            least_classes: 0,
            guessable_forbidden: true,
            dictionary_forbidden: true,
            reuse: None,
            lockout_privileged: Lockout { failures: 5, period: Period { seconds: 3600, ..Period::default() } },
            lockout_general: Lockout { failures: 5, period: Period { seconds: 3600, ..Period::default() } },
            forbidden_names: NAMES_OF_NOBODY.iter().map(|name| super::login_spelling(name)).collect(),
            employee_number: false,
            second_factor_privileged: false,
            second_factor_general: false,
        }
    }

    /// Fills the rules from composed parameters: `value` gives the value in force for a key of [`keys`], if any pack
    /// or setting says one.
    ///
    /// # Errors
    /// A value of another kind, or one that makes no sense (a lock-out after zero failures, an unknown class).
    pub fn read(value: impl Fn(&'static str) -> Option<Value>) -> Result<Self, PolicyError> {
        let floor = Self::floor();
        let number = |key, otherwise: usize| value(key).map_or(Ok(otherwise), |found| natural(key, &found));
        let period = |key| value(key).map(|found| span(key, &found)).transpose();
        let yes = |key, otherwise| value(key).map_or(Ok(otherwise), |found| switch(key, &found));
        let lockout = |failures_key, period_key, floor: Lockout| {
            let failures = number(failures_key, floor.failures)?;
            if failures == 0 {
                return Err(PolicyError { key: failures_key, expected: "at least 1 failure" });
            }
            Ok(Lockout { failures, period: period(period_key)?.unwrap_or(floor.period) })
        };
        let mut forbidden_names = floor.forbidden_names;
        if let Some(names) = value(keys::FORBIDDEN_NAMES) {
            forbidden_names
                .extend(texts(keys::FORBIDDEN_NAMES, &names)?.iter().map(|name| super::login_spelling(name)));
        }
        Ok(Self {
            least_length_privileged: number(keys::LENGTH_PRIVILEGED, floor.least_length_privileged)?,
            least_length_general: number(keys::LENGTH_GENERAL, floor.least_length_general)?,
            classes: value(keys::CLASSES).map_or(Ok(floor.classes), |found| named_classes(&found))?,
            least_classes: number(keys::CLASSES_LEAST, floor.least_classes)?,
            guessable_forbidden: yes(keys::GUESSABLE, floor.guessable_forbidden)?,
            dictionary_forbidden: yes(keys::DICTIONARY, floor.dictionary_forbidden)?,
            reuse: period(keys::REUSE)?,
            lockout_privileged: lockout(
                keys::LOCKOUT_FAILURES_PRIVILEGED,
                keys::LOCKOUT_PERIOD_PRIVILEGED,
                floor.lockout_privileged,
            )?,
            lockout_general: lockout(
                keys::LOCKOUT_FAILURES_GENERAL,
                keys::LOCKOUT_PERIOD_GENERAL,
                floor.lockout_general,
            )?,
            forbidden_names,
            employee_number: yes(keys::EMPLOYEE_NUMBER, floor.employee_number)?,
            second_factor_privileged: yes(keys::SECOND_FACTOR_PRIVILEGED, floor.second_factor_privileged)?,
            second_factor_general: yes(keys::SECOND_FACTOR_GENERAL, floor.second_factor_general)?,
        })
    }

    /// Least number of characters of a password.
    #[must_use]
    pub fn least_length(&self, kind: AccountKind) -> usize {
        match kind {
            AccountKind::Privileged => self.least_length_privileged,
            AccountKind::General => self.least_length_general,
        }
    }

    /// Whether an account needs a second factor.
    #[must_use]
    pub fn second_factor(&self, kind: AccountKind) -> bool {
        match kind {
            AccountKind::Privileged => self.second_factor_privileged,
            AccountKind::General => self.second_factor_general,
        }
    }

    /// After how many failures an account is locked, and for how long.
    #[must_use]
    pub fn lockout(&self, kind: AccountKind) -> Lockout {
        match kind {
            AccountKind::Privileged => self.lockout_privileged,
            AccountKind::General => self.lockout_general,
        }
    }
}

fn natural(key: &'static str, value: &Value) -> Result<usize, PolicyError> {
    match value {
        Value::Int(number) => usize::try_from(*number).ok(),
        _ => None,
    }
    .ok_or(PolicyError { key, expected: "a whole number, 0 or more" })
}

fn span(key: &'static str, value: &Value) -> Result<Period, PolicyError> {
    match value {
        Value::Period(period) => Ok(*period),
        _ => Err(PolicyError { key, expected: "a period such as PT6H or P1Y" }),
    }
}

fn switch(key: &'static str, value: &Value) -> Result<bool, PolicyError> {
    match value {
        Value::Bool(value) => Ok(*value),
        _ => Err(PolicyError { key, expected: "yes or no" }),
    }
}

fn texts(key: &'static str, value: &Value) -> Result<Vec<String>, PolicyError> {
    let wrong = PolicyError { key, expected: "a list of texts" };
    let one = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    match value {
        Value::Text(text) => Ok(vec![text.clone()]),
        Value::List(items) => items.iter().map(one).collect::<Option<_>>().ok_or(wrong),
        _ => Err(wrong),
    }
}

fn named_classes(value: &Value) -> Result<BTreeSet<Class>, PolicyError> {
    let wrong = PolicyError { key: keys::CLASSES, expected: "some of upper, lower, digit, symbol" };
    texts(keys::CLASSES, value)?.iter().map(|name| Class::named(name)).collect::<Option<_>>().ok_or(wrong)
}
