//! The first page: an organisation, its administrator, and the shared vocabulary as rulebook; later, one more organisation.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use jiff::tz::TimeZone;
use kitei_rules::{
    password::{AccountKind, LoginFacts, PersonFacts, Policy},
    run::command::{Command, Values},
    value::Value,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{From, Held, body, frame, is_slug, let_in, new_passwords, same_site};
use crate::{
    kernel::{Fault, Organization, perform},
    shell::{
        sign_in::{self, Entered, Founding, Invitee, MacKey, Refusal, Seal, SealError, SignInError, Typed, pages},
        ui::Lang,
    },
    web::{Web, claim, fields, frame::say, problem::Problem, visitor},
};

/// Whether the organisation to be made is one more. Once there is one, the page answers only while a set-up code waits.
async fn awaits(web: &Web) -> Result<bool, Problem> {
    let another = !web.installation.all().await?.is_empty();
    let now = web.installation.environment.now().into();
    if another && !sign_in::awaits_set_up(&web.installation.db, now).await? {
        return Err(Problem::to("/"));
    }
    Ok(another)
}

/// `GET /set-up`
pub(in crate::web) async fn set_up_form(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    if let Some(sample) = claim::unclaimed(&web).await? {
        return sample.form(&web, &parts, "", claim::Said::default()).await;
    }
    let another = awaits(&web).await?;
    let lang = visitor::language(&parts);
    let rules = pages::password_rules(lang, &Policy::floor(), AccountKind::Privileged);
    let set_up = pages::SetUpForm { action: "/set-up", rules: &rules, another, ..pages::SetUpForm::default() };
    Ok(pages::set_up_page(lang, &frame("", web.version, lang), &set_up).into_response())
}

/// `POST /set-up`: the first organisation, its administrator, and the shared vocabulary as rulebook.
pub(in crate::web) async fn set_up(State(web): State<Arc<Web>>, request: Request) -> Result<Response, Problem> {
    same_site(request.headers())?;
    if let Some(sample) = claim::unclaimed(&web).await? {
        return sample.claim(&web, &From::of(&web, &request), request).await;
    }
    let another = awaits(&web).await?;
    let from = From::of(&web, &request);
    let (parts, rest) = request.into_parts();
    let lang = visitor::language(&parts);
    let typed = body(Request::from_parts(parts, rest)).await?;
    let text = |name: &str| fields::first(&typed, name).to_owned();
    let empty: Vec<&str> = ["code", "organization", "slug", "name", "kana", "latin", "login"]
        .into_iter()
        .filter(|name| typed.contains_key(*name) && text(name).is_empty())
        .collect();
    let (organization, name, kana, latin, login) =
        (text("organization"), text("name"), text("kana"), text("latin"), text("login"));
    let slug = if another { text("slug") } else { "main".to_owned() };
    let values = pages::SetUpValues {
        organization: &organization,
        name: &name,
        kana: &kana,
        latin: &latin,
        login: &login,
        slug: &slug,
    };
    let rules = pages::password_rules(lang, &Policy::floor(), AccountKind::Privileged);
    let slug_wrong = match empty.as_slice() {
        [] if another => slug_problem(&web, lang, &slug).await?,
        _ => None,
    };
    let again = |refusal: Option<&Refusal>, differ: bool, empty: &[&str]| {
        let set_up = pages::SetUpForm {
            action: "/set-up",
            values,
            refusal,
            differ,
            empty,
            another,
            slug_wrong,
            rules: &rules,
            sample: None,
        };
        let page = pages::set_up_page(lang, &frame("", web.version, lang), &set_up);
        Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    if !empty.is_empty() || slug_wrong.is_some() {
        return again(None, false, &empty);
    }
    let passwords = new_passwords(&typed);
    let Some(password) = passwords else { return again(None, true, &[]) };
    let founded = Founded {
        organization: &organization,
        name: &name,
        kana: &kana,
        latin: &latin,
        login: &login,
        code: &text("code"),
        slug: &slug,
    };
    match founded.carry_out(&web, &password, &from).await? {
        Ok(entered) => Ok(let_in(&web, entered, "/settings")),
        Err(refusal) => again(Some(&refusal), false, &[]),
    }
}

/// What is wrong with a short name for one more organisation.
async fn slug_problem(web: &Web, lang: Lang, slug: &str) -> Result<Option<&'static str>, Problem> {
    if !is_slug(slug) {
        return Ok(Some(say(
            lang,
            "半角の小文字で始まる2〜40文字で、小文字・数字・ハイフンだけを使ってください。例：minato",
            "Use 2 to 40 small letters, digits and hyphens, beginning with a letter, such as minato.",
        )));
    }
    let mut reader = web.installation.db.reader().await?;
    let taken = kitei_store::organizations::by_slug(&mut reader, slug).await?.is_some();
    Ok(taken.then(|| {
        say(
            lang,
            "ほかの組織が使っています。別の名前にしてください。",
            "Another organization has it; choose another name.",
        )
    }))
}

struct Founded<'a> {
    organization: &'a str,
    name: &'a str,
    kana: &'a str,
    latin: &'a str,
    login: &'a str,
    code: &'a str,
    slug: &'a str,
}

impl Founded<'_> {
    async fn carry_out(&self, web: &Web, password: &Typed, from: &From) -> Result<Result<Entered, Refusal>, Problem> {
        let (org, person) = (web.installation.environment.id(), web.installation.environment.id());
        web.installation.make_keys(org)?;
        let mut mac = [0_u8; 32];
        web.installation.environment.random(&mut mac);
        let held = Held {
            policy: Policy::floor(),
            zone: TimeZone::get("Asia/Tokyo").map_err(|error| Fault::Damaged(error.to_string()))?,
            key: MacKey::take(&mut mac),
            now: web.installation.environment.now().into(),
            seal: Box::new(NoSeal),
        };
        let names = [self.name, self.kana, self.latin];
        let facts = PersonFacts {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            logins: vec![self.login.to_owned()],
            organizations: vec![self.organization.to_owned()],
            ..PersonFacts::default()
        };
        let founding = Founding {
            code: self.code,
            slug: self.slug,
            name: self.organization,
            zone: "Asia/Tokyo",
            invitee: Invitee {
                person,
                login: self.login,
                kind: AccountKind::Privileged,
                facts: LoginFacts {
                    employee_numbers: &[],
                    names: &names,
                    systems: &[self.organization],
                    taken: false,
                    has_account: false,
                },
                insists: false,
            },
            password,
            facts: &facts,
        };
        let entered = match sign_in::found(&held.of(web, org), &founding, &from.client()).await {
            Ok(entered) => entered,
            Err(SignInError::Refused(refusal)) => {
                web.installation.key_files.destroy(org)?;
                return Ok(Err(refusal));
            }
            Err(error) => return Err(error.into()),
        };
        let organization = web.installation.organization(org).await?;
        self.first_records(web, &organization, person).await?;
        let held = web.signing.hold(web, &organization).await?;
        Ok(Ok(sign_in::known_again(&held.ctx(web, &organization), entered)?))
    }

    /// The organisation's own record, the administrator, and their role: the founder stands at the top until others are
    /// appointed.
    async fn first_records(&self, web: &Web, organization: &Arc<Organization>, person: Uuid) -> Result<(), Problem> {
        let text = |value: &str| Value::Text(value.to_owned());
        let today = organization.today(web.installation.environment.now());
        let open = |register: &str, fields: Values, id: Option<Uuid>| {
            let request = perform::Request { own: true, id, ..perform::Request::default() };
            let command = Command::Create { register: register.to_owned(), fields, lines: BTreeMap::new() };
            web.installation.perform(organization, request, command)
        };
        let own =
            Values::from([("name".to_owned(), text(self.organization)), ("started_on".to_owned(), Value::Date(today))]);
        open("organization", own, None).await?;
        let person_fields = Values::from([
            ("name".to_owned(), text(self.name)),
            ("kana".to_owned(), text(self.kana)),
            ("romaji".to_owned(), text(self.latin)),
        ]);
        open("person", person_fields, Some(person)).await?;
        for role in ["top-management", "privacy-manager"] {
            let fields = Values::from([
                ("role".to_owned(), text(role)),
                ("person".to_owned(), Value::Record(person)),
                ("starts_on".to_owned(), Value::Date(today)),
            ]);
            open("appointment", fields, None).await?;
        }
        Ok(())
    }
}

/// Before there is an organisation there is nothing to seal.
struct NoSeal;

impl Seal for NoSeal {
    fn seal(&self, _: Uuid, _: Uuid, _: &[u8]) -> Result<String, SealError> {
        Err(SealError)
    }

    fn open(&self, _: Uuid, _: Uuid, _: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        Err(SealError)
    }
}
