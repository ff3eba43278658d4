//! The set-up code of a sample organisation: it makes the account of the administrator whom the sample names.
//!
//! Invariant: it works only while nobody has an account there, so it never lets anybody into an organisation that is in use.

use kitei_rules::password::PersonFacts;
use kitei_store::{
    accounts,
    db::{Db, Instant, Reader},
};
use uuid::Uuid;

use super::account::Held;
use super::client::Client;
use super::context::{Ctx, Random};
use super::enter::{Entered, enter};
use super::invite::{Invitee, check_login};
use super::once::{self, Note, Purpose};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::password::{choose, put};
use super::secret::{Shown, Typed, code_by_hand, read_by_hand};

/// Whether nobody can sign in to an organisation yet.
///
/// # Errors
/// The store refused.
pub async fn unclaimed(reader: &mut Reader, org: Uuid) -> Result<bool, SignInError> {
    Ok(accounts::list(reader, org).await?.is_empty())
}

/// Makes a set-up code for the administrator of a sample, to be printed once; an earlier one stops working. `None` when
/// somebody has an account there.
///
/// # Errors
/// The store refused.
pub async fn issue_claim_code(
    db: &Db,
    org: Uuid,
    person: Uuid,
    now: Instant,
    lasts: i64,
    random: &Random,
) -> Result<Option<Shown>, SignInError> {
    if !unclaimed(&mut db.reader().await?, org).await? {
        return Ok(None);
    }
    let code = code_by_hand::<10>(random)?;
    let note = Note { person, expires_at: Some(now.plus_seconds(lasts)) };
    let kept = read_by_hand(code.reveal());
    db.act(org, move |tx| {
        Box::pin(async move {
            once::issue(tx, org, Purpose::SetUp, &kept, &note).await?;
            Ok::<_, SignInError>(())
        })
    })
    .await?;
    Ok(Some(code))
}

/// What the first page of a sample asks.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// The set-up code as typed.
    pub code: &'a str,
    /// The administrator, with the login as typed.
    pub invitee: Invitee<'a>,
    /// The password as typed.
    pub password: &'a Typed,
    /// What the password must not contain.
    pub facts: &'a PersonFacts,
}

/// Makes the account of the sample's administrator and signs in.
///
/// # Errors
/// `SetUpCode` before anything else is looked at; `Login` and `Password` with what is wrong: then the code goes on working.
pub async fn claim(ctx: &Ctx<'_>, claim: &Claim<'_>, client: &Client<'_>) -> Result<Entered, SignInError> {
    let code = read_by_hand(claim.code);
    let mut reader = ctx.db.reader().await?;
    let (org, now, person, kind) = (ctx.org, ctx.now, claim.invitee.person, claim.invitee.kind);
    let note = once::peek(&mut reader, org, Purpose::SetUp, &code, now).await?;
    note.filter(|note| note.person == person).ok_or(Refusal::SetUpCode)?;
    let login = check_login(&mut reader, org, ctx.policy, &claim.invitee).await?;
    drop(reader);
    let chosen = choose(ctx, None, kind, claim.password, claim.facts).await?;
    ctx.act(move |tx| {
        Box::pin(async move {
            once::redeem(tx, org, Purpose::SetUp, &code, now).await?.ok_or(Refusal::SetUpCode)?;
            if !unclaimed(tx, org).await? {
                return Err(Refusal::SetUpCode.into());
            }
            let mut account = Held::invited(person, login, kind, now);
            put(&mut account, chosen, now);
            account.create(tx, org, now).await?;
            Ok(((), vec![Occurrence::own(Deed::Founded, person)]))
        })
    })
    .await?;
    let held = Held::of_person(&mut ctx.db.reader().await?, org, person).await?.ok_or(Refusal::Missing)?;
    enter(ctx, &held, client, None, None).await
}
