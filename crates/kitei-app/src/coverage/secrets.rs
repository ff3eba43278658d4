//! Sights of passwords, names of accounts and lock-outs: what the composed parameters refuse, by the same functions that
//! `/password`, `/join`, `/settings/accounts` and signing in ask.
//!
//! Invariant: the candidates stand in the case; no password of anybody is looked at.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use kitei_rules::{
    pack::model::Literal,
    password::{AccountKind, LoginFacts, Policy, lockout, login_name_problems, problems, still_barred},
    value::Period,
};

use super::{deeds::text, stage::Scene, words::Problem};
use crate::{
    kernel::Environment,
    shell::sign_in::{Known, known_of},
};

type Words = BTreeMap<String, Literal>;

impl Scene {
    fn policy(&self) -> Result<Policy, Problem> {
        Policy::read(|key| self.book.values.get(key).cloned()).map_err(|error| error.to_string())
    }

    async fn known(&self, words: &Words) -> Result<Known, Problem> {
        let Some(name) = text(words, "of") else { return Ok(Known::default()) };
        let name = name.strip_prefix('@').unwrap_or(name);
        let person = self.names.get(name).copied().ok_or_else(|| format!("nobody is called \"{name}\""))?;
        let look = |kernel: &kitei_rules::run::Kernel<'_>| known_of(kernel, person);
        let found = self.installation.look(&self.organization, None, &[person], look).await;
        found.map_err(|fault| fault.to_string())?.ok_or_else(|| format!("\"{name}\" is nobody"))
    }

    pub(super) async fn see_password(&self, words: &Words) -> Result<(), Problem> {
        let (policy, kind) = (self.policy()?, account(words)?);
        let now = self.clock.now();
        let barred = match text(words, "used") {
            None => false,
            Some("present") => still_barred(&policy, None, now, &self.organization.zone),
            Some(text) => {
                let ago: Period =
                    text.parse().map_err(|()| "`used` is `present` or a period such as P364D".to_owned())?;
                let local = now.to_zoned_datetime(self.organization.zone.clone());
                let back = jiff::Span::new().months(ago.months).days(ago.days).seconds(ago.seconds);
                let retired = local.checked_sub(back).map_err(|error| error.to_string())?.timestamp();
                still_barred(&policy, Some(retired), now, &self.organization.zone)
            }
        };
        let facts = self.known(words).await?.facts;
        let found = problems(&policy, kind, text(words, "candidate").unwrap_or_default(), &facts, &[barred]);
        said(words, &found.into_iter().map(|problem| problem.ja()).collect::<Vec<_>>())
    }

    pub(super) async fn see_account_name(&self, words: &Words) -> Result<(), Problem> {
        let (policy, kind, known) = (self.policy()?, account(words)?, self.known(words).await?);
        let flag = |key: &str| matches!(words.get(key), Some(Literal::Bool(true)));
        let numbers: Vec<&str> = known.numbers.iter().map(String::as_str).collect();
        let names: Vec<&str> = known.facts.names.iter().map(String::as_str).collect();
        let facts = LoginFacts {
            employee_numbers: &numbers,
            names: &names,
            systems: &[&self.organization.name],
            taken: flag("taken"),
            has_account: flag("second"),
        };
        let found = login_name_problems(&policy, kind, text(words, "candidate").unwrap_or_default(), &facts);
        said(words, &found.into_iter().map(|problem| problem.ja().to_owned()).collect::<Vec<_>>())
    }

    pub(super) fn see_lockout(&self, words: &Words) -> Result<(), Problem> {
        let (policy, kind, now) = (self.policy()?, account(words)?, self.clock.now());
        let Some(Literal::Int(failures)) = words.get("failures") else {
            return Err("`failures` is a number".to_owned());
        };
        // One wrong password a second, the last one now.
        let at = (0..*failures).rev().filter_map(|before| now.checked_sub(SignedDuration::from_secs(before)).ok());
        let until = lockout(&policy, kind, &at.collect::<Vec<_>>(), now);
        match (text(words, "lasts"), until) {
            (None, None) => Ok(()),
            (None, Some(until)) => Err(format!("the account is locked until {until}")),
            (Some(lasts), until) => {
                let lasts: Period = lasts.parse().map_err(|()| "`lasts` is a period such as PT6H".to_owned())?;
                let expected = lasts.after(now, &self.organization.zone);
                if until == Some(expected) { Ok(()) } else { Err(format!("it is locked until {until:?}")) }
            }
        }
    }
}

fn account(words: &Words) -> Result<AccountKind, Problem> {
    match text(words, "account") {
        Some("privileged") => Ok(AccountKind::Privileged),
        Some("general") => Ok(AccountKind::General),
        _ => Err("`account` is privileged or general".to_owned()),
    }
}

/// Whether one of the problems says the expected words, or whether there is none.
fn said(words: &Words, found: &[String]) -> Result<(), Problem> {
    if matches!(words.get("none"), Some(Literal::Bool(true))) {
        return if found.is_empty() { Ok(()) } else { Err(format!("refused: {}", found.join(" "))) };
    }
    let says = text(words, "says").unwrap_or_default();
    let fits = found.iter().any(|problem| problem.contains(says));
    if fits { Ok(()) } else { Err(format!("the problems are {found:?}")) }
}
