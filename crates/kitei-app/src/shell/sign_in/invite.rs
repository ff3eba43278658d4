//! Inviting a person, and links to set a password.
//!
//! Serves IS-4-9-3-01 to IS-4-9-3-04 (names of accounts, one person one account).
//!
//! Invariant: nobody but the person ever knows a password; there is no first password to hand out.

use kitei_rules::password::{
    AccountKind, LoginFacts, PersonFacts, Policy, Weight, login_name_problems, login_spelling,
};
use kitei_store::db::Reader;
use uuid::Uuid;

use super::account::{Held, State};
use super::client::Client;
use super::context::Ctx;
use super::enter::{Entered, enter};
use super::once::{self, Note, Purpose};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::password::{choose, end_everything, put};
use super::secret::{Shown, Typed, token};

/// Who is invited.
#[derive(Clone, Copy)]
pub struct Invitee<'a> {
    /// The person in the register of people.
    pub person: Uuid,
    /// The name to sign in with.
    pub login: &'a str,
    /// What kind of account it will be.
    pub kind: AccountKind,
    /// What the rules for names need to know; `taken` and `has_account` are found out here.
    pub facts: LoginFacts<'a>,
    /// Whether advice against the name is to be passed over.
    pub insists: bool,
}

/// Refuses a login name that breaks rules, or against which there is advice that nobody has passed over.
pub(super) async fn check_login(
    reader: &mut Reader,
    org: Uuid,
    policy: &Policy,
    invitee: &Invitee<'_>,
) -> Result<String, SignInError> {
    let login = login_spelling(invitee.login);
    let taken = Held::by_login(reader, org, &login).await?.is_some_and(|held| held.account.person != invitee.person);
    let has_account = Held::of_person(reader, org, invitee.person).await?.is_some();
    let facts = LoginFacts { taken, has_account, ..invitee.facts };
    let mut found = login_name_problems(policy, invitee.kind, &login, &facts);
    found.retain(|problem| problem.weight == Weight::Refusal || !invitee.insists);
    if found.is_empty() { Ok(login) } else { Err(Refusal::Login(found).into()) }
}

/// Makes an account without a password and gives the secret of the link with which the person sets one.
///
/// # Errors
/// `Login` with what is wrong with the name.
pub async fn invite(ctx: &Ctx<'_>, invitee: &Invitee<'_>, by: Uuid) -> Result<Shown, SignInError> {
    let login = check_login(&mut ctx.db.reader().await?, ctx.org, ctx.policy, invitee).await?;
    let (org, now, person) = (ctx.org, ctx.now, invitee.person);
    let account = Held::invited(person, login, invitee.kind, now);
    let (secret, note) = (token(ctx.random)?, link_note(ctx, person));
    let kept = secret.clone();
    ctx.act(move |tx| {
        Box::pin(async move {
            account.create(tx, org, now).await?;
            once::issue(tx, org, Purpose::Link, kept.reveal(), &note).await?;
            Ok(((), vec![Occurrence::by(Deed::Invited, person, by)]))
        })
    })
    .await?;
    Ok(secret)
}

/// A new link to set a password, for an invitation that ran out or a password that was forgotten. Earlier links stop
/// working; the present password goes on until the link is used.
///
/// # Errors
/// `Missing` when the person has no account or it is suspended.
pub async fn new_link(ctx: &Ctx<'_>, person: Uuid, by: Uuid) -> Result<Shown, SignInError> {
    let (org, secret, note) = (ctx.org, token(ctx.random)?, link_note(ctx, person));
    let kept = secret.clone();
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?.filter(|held| !held.is(State::Suspended));
            held.ok_or(Refusal::Missing)?;
            once::issue(tx, org, Purpose::Link, kept.reveal(), &note).await?;
            Ok(((), vec![Occurrence::by(Deed::LinkIssued, person, by)]))
        })
    })
    .await?;
    Ok(secret)
}

fn link_note(ctx: &Ctx<'_>, person: Uuid) -> Note {
    Note { person, expires_at: Some(ctx.now.plus_seconds(ctx.limits.link)) }
}

/// Whose a link is, so that the caller can look up the facts that the password must not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peeked {
    /// Whose.
    pub person: Uuid,
    /// What kind of account.
    pub kind: AccountKind,
}

/// Looks at a link without using it.
///
/// # Errors
/// `Link` when it is wrong, used or too old.
pub async fn peek(ctx: &Ctx<'_>, link: &str) -> Result<Peeked, SignInError> {
    let (_, held) = find(ctx, link).await?;
    Ok(Peeked { person: held.account.person, kind: held.kind() })
}

async fn find(ctx: &Ctx<'_>, link: &str) -> Result<(Note, Held), SignInError> {
    let mut reader = ctx.db.reader().await?;
    let note = once::peek(&mut reader, ctx.org, Purpose::Link, link, ctx.now).await?.ok_or(Refusal::Link)?;
    let held = Held::of_person(&mut reader, ctx.org, note.person).await?;
    let held = held.filter(|held| !held.is(State::Suspended)).ok_or(Refusal::Link)?;
    Ok((note, held))
}

/// Sets a password through a link, ends every session of the person, and signs in (or asks for the one-time code).
/// `facts` are those of the person whom `peek` names.
///
/// # Errors
/// `Link` when it is wrong, used or too old; `Password` with what is wrong: then the link goes on working.
pub async fn accept(
    ctx: &Ctx<'_>,
    link: &str,
    password: &Typed,
    facts: &PersonFacts,
    client: &Client<'_>,
) -> Result<Entered, SignInError> {
    let (_, held) = find(ctx, link).await?;
    let chosen = choose(ctx, Some(&held), held.kind(), password, facts).await?;
    let (org, now, person) = (ctx.org, ctx.now, held.account.person);
    let secret = Shown::new(link.to_owned());
    ctx.act(move |tx| {
        Box::pin(async move {
            let note = once::redeem(tx, org, Purpose::Link, secret.reveal(), now).await?;
            note.filter(|note| note.person == person).ok_or(Refusal::Link)?;
            let held = Held::of_person(tx, org, person).await?.filter(|held| !held.is(State::Suspended));
            let mut held = held.ok_or(Refusal::Link)?;
            put(&mut held, chosen, now);
            held.save(tx, org, now).await?;
            let ended = end_everything(tx, org, person).await?;
            Ok(((), vec![Occurrence { ended, ..Occurrence::own(Deed::PasswordSet, person) }]))
        })
    })
    .await?;
    let held = Held::of_person(&mut ctx.db.reader().await?, org, person).await?.ok_or(Refusal::Link)?;
    enter(ctx, &held, client, None, None).await
}
