//! The first page of a sample organisation: with the set-up code its administrator gets an account.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use kitei_rules::password::{AccountKind, LoginFacts};
use uuid::Uuid;

use super::{
    Web, account, fields,
    problem::Problem,
    sign::{self, From},
    visitor,
};
use crate::{
    demo::mark,
    kernel::Organization,
    shell::sign_in::{self, Claim, Invitee, Refusal, SignInError, pages},
};

/// A sample to whose administrator nobody has given an account yet.
pub(super) struct Unclaimed {
    organization: Arc<Organization>,
    administrator: Uuid,
}

/// The only organisation of the installation, if it is a sample without accounts.
pub(super) async fn unclaimed(web: &Web) -> Result<Option<Unclaimed>, Problem> {
    let all = web.installation.all().await?;
    let [only] = all.as_slice() else { return Ok(None) };
    let mut reader = web.installation.db.reader().await?;
    let sample = mark::of(&mut reader, only.org).await?;
    let Some(administrator) = sample.and_then(|sample| sample.administrator) else { return Ok(None) };
    let organization = web.installation.organization(only.org).await?;
    Ok(sign_in::unclaimed(&mut reader, only.org).await?.then_some(Unclaimed { organization, administrator }))
}

impl Unclaimed {
    /// The form, filled with what was typed.
    pub(super) async fn form(
        &self,
        web: &Web,
        parts: &Parts,
        login: &str,
        said: Said<'_>,
    ) -> Result<Response, Problem> {
        let lang = visitor::language(parts);
        let person = self.administrator;
        let name = web.installation.look(&self.organization, None, &[person], |kernel| kernel.name_of(person)).await?;
        let policy = web.signing.policy(web, &self.organization).await?;
        let rules = pages::password_rules(lang, &policy, KIND);
        let set_up = pages::SetUpForm {
            action: "/set-up",
            values: pages::SetUpValues { login, ..pages::SetUpValues::default() },
            refusal: said.refusal,
            differ: said.differ,
            empty: said.empty,
            rules: &rules,
            sample: Some(&name),
            ..pages::SetUpForm::default()
        };
        let page = pages::set_up_page(lang, &sign::frame(&self.organization.name, web.version, lang), &set_up);
        let refused = said.refusal.is_some() || said.differ || !said.empty.is_empty();
        let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        Ok((status, page).into_response())
    }

    /// Makes the account and signs in.
    pub(super) async fn claim(&self, web: &Web, from: &From, request: Request) -> Result<Response, Problem> {
        let (parts, rest) = request.into_parts();
        let typed = sign::body(Request::from_parts(parts.clone(), rest)).await?;
        let (code, login) = (fields::first(&typed, "code"), fields::first(&typed, "login"));
        let empty: Vec<&str> =
            ["code", "login"].into_iter().filter(|name| fields::first(&typed, name).is_empty()).collect();
        if !empty.is_empty() {
            return self.form(web, &parts, login, Said { empty: &empty, ..Said::default() }).await;
        }
        let Some(password) = sign::new_passwords(&typed) else {
            return self.form(web, &parts, login, Said { differ: true, ..Said::default() }).await;
        };
        let facts = account::known(web, &self.organization, self.administrator).await?.facts;
        let names: Vec<&str> = facts.names.iter().map(String::as_str).collect();
        let invitee = Invitee {
            person: self.administrator,
            login,
            kind: KIND,
            facts: LoginFacts {
                employee_numbers: &[],
                names: &names,
                systems: &[&self.organization.name, "Kitei"],
                taken: false,
                has_account: false,
            },
            insists: false,
        };
        let held = web.signing.hold(web, &self.organization).await?;
        let ctx = held.ctx(web, &self.organization);
        let claim = Claim { code, invitee, password: &password, facts: &facts };
        match sign_in::claim(&ctx, &claim, &from.client()).await {
            Ok(entered) => Ok(sign::let_in(web, entered, "/")),
            Err(SignInError::Refused(refusal)) => {
                self.form(web, &parts, login, Said { refusal: Some(&refusal), ..Said::default() }).await
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The administrator of a sample may change its settings.
const KIND: AccountKind = AccountKind::Privileged;

/// What was wrong with what was typed.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) refusal: Option<&'a Refusal>,
    pub(super) differ: bool,
    pub(super) empty: &'a [&'a str],
}
