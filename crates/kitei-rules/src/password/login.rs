//! Names to sign in with.
//!
//! Serves IS-4-9-3-01 (a privileged name is hard to guess: a recommendation), IS-4-9-3-02 (forbidden names),
//! IS-4-9-3-03 (one name, one person), IS-4-9-3-04 (general accounts are named by employee number or code).

use unicode_normalization::UnicodeNormalization;

use super::fold::{Forms, lower};
use super::policy::{AccountKind, Policy, keys};

/// The longest login name, in characters.
pub(super) const LONGEST: usize = 64;

/// The one spelling of a login name: compatibility forms folded, lower case, without spaces around.
#[must_use]
pub fn login_spelling(typed: &str) -> String {
    let folded: String = typed.nfkc().collect();
    lower(folded.trim()).into_iter().collect()
}

/// What the rules need to know beside the name.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginFacts<'a> {
    /// The holder's employee number and code.
    pub employee_numbers: &'a [&'a str],
    /// The holder's names in every writing, with a space between the parts.
    pub names: &'a [&'a str],
    /// Names of the system or the organisation.
    pub systems: &'a [&'a str],
    /// Whether another person has the name already.
    pub taken: bool,
    /// Whether the person has an account already.
    pub has_account: bool,
}

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The name is refused.
    Refusal,
    /// Another name is recommended; who insists may keep it.
    Advice,
}

/// What is wrong with a login name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginFault {
    /// Nothing was typed.
    Empty,
    /// Too long.
    TooLong,
    /// Characters other than letters, digits and `. _ - @`.
    Characters,
    /// A name that says a thing and not a person, or that a regulation forbids.
    Forbidden,
    /// Another person has it.
    Taken,
    /// The person has an account already.
    SecondAccount,
    /// Neither the employee number nor the code of the holder.
    NotEmployeeNumber,
    /// A privileged name that contains `adm`, the holder's name or the system's name.
    EasyToGuess,
}

/// A problem of a login name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginProblem {
    /// What is wrong.
    pub fault: LoginFault,
    /// How much it weighs.
    pub weight: Weight,
}

impl LoginProblem {
    const fn of(fault: LoginFault) -> Self {
        let weight = if matches!(fault, LoginFault::EasyToGuess) { Weight::Advice } else { Weight::Refusal };
        Self { fault, weight }
    }

    /// The key of the parameter that it comes from, if one does.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        match self.fault {
            LoginFault::Empty | LoginFault::TooLong | LoginFault::Characters => None,
            LoginFault::Forbidden | LoginFault::EasyToGuess => Some(keys::FORBIDDEN_NAMES),
            LoginFault::Taken | LoginFault::SecondAccount => Some(keys::ONE_PERSON),
            LoginFault::NotEmployeeNumber => Some(keys::EMPLOYEE_NUMBER),
        }
    }

    /// What is wrong and what would be right, in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self.fault {
            LoginFault::Empty => "ログイン名を入力してください。",
            LoginFault::TooLong => "64文字以内にしてください。",
            LoginFault::Characters => "文字・数字と「.」「_」「-」「@」だけを使ってください。",
            LoginFault::Forbidden => "この名前は使えません。使う人ひとりを表す名前にしてください。",
            LoginFault::Taken => "ほかの人が使っています。別の名前にしてください（1つの名前は1人だけが使います）。",
            LoginFault::SecondAccount => "この人はすでにアカウントを持っています。1人1つのアカウントを使ってください。",
            LoginFault::NotEmployeeNumber => "従業員番号または従業員コードを使ってください。",
            LoginFault::EasyToGuess => {
                "推測されやすい名前です。「adm」、お名前、システム名を含まない名前をお勧めします。"
            }
        }
    }

    /// What is wrong and what would be right, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self.fault {
            LoginFault::Empty => "Enter a login name.",
            LoginFault::TooLong => "Use at most 64 characters.",
            LoginFault::Characters => "Use only letters, digits and . _ - @",
            LoginFault::Forbidden => "This name cannot be used. Choose one that stands for one person.",
            LoginFault::Taken => "Somebody else has this name. Choose another one (one name, one person).",
            LoginFault::SecondAccount => "This person has an account already. One person has one account.",
            LoginFault::NotEmployeeNumber => "Use the employee number or employee code.",
            LoginFault::EasyToGuess => {
                "This name is easy to guess. One without \"adm\", the holder's name or the system's name is better."
            }
        }
    }
}

/// What is wrong with a login name that somebody wants to give; empty when nothing is.
#[must_use]
pub fn login_name_problems(
    policy: &Policy,
    kind: AccountKind,
    login: &str,
    facts: &LoginFacts<'_>,
) -> Vec<LoginProblem> {
    let login = login_spelling(login);
    let mut faults = Vec::new();
    if login.is_empty() {
        faults.push(LoginFault::Empty);
    }
    if login.chars().count() > LONGEST {
        faults.push(LoginFault::TooLong);
    }
    if login.chars().any(|letter| !letter.is_alphanumeric() && !"._-@".contains(letter)) {
        faults.push(LoginFault::Characters);
    }
    if is_forbidden(policy, &login) {
        faults.push(LoginFault::Forbidden);
    }
    if facts.taken {
        faults.push(LoginFault::Taken);
    }
    if facts.has_account {
        faults.push(LoginFault::SecondAccount);
    }
    match kind {
        AccountKind::General => {
            let is_number = facts.employee_numbers.iter().any(|number| login_spelling(number) == login);
            if policy.employee_number && !is_number && !login.is_empty() {
                faults.push(LoginFault::NotEmployeeNumber);
            }
        }
        AccountKind::Privileged if !faults.contains(&LoginFault::Forbidden) && is_easy(&login, facts) => {
            faults.push(LoginFault::EasyToGuess);
        }
        AccountKind::Privileged => {}
    }
    faults.into_iter().map(LoginProblem::of).collect()
}

/// A forbidden name stays forbidden with a number behind it ("admin01").
fn is_forbidden(policy: &Policy, login: &str) -> bool {
    let bare = login.trim_end_matches(|letter: char| letter.is_ascii_digit() || "._-".contains(letter));
    policy.forbidden_names.contains(login) || policy.forbidden_names.contains(bare)
}

fn is_easy(login: &str, facts: &LoginFacts<'_>) -> bool {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let known = super::PersonFacts {
        names: owned(facts.names),
        organizations: owned(facts.systems),
        ..super::PersonFacts::default()
    };
    login.contains("adm") || !super::facts::found(&Forms::of(login), &known).is_empty()
}
