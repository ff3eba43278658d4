//! The set-up code, and the first organisation and administrator made with it.
//!
//! Invariant: there is no default password anywhere; whoever sees the terminal or the log of the first start decides.

use kitei_rules::password::{AccountKind, LoginFacts, PersonFacts};
use kitei_store::db::{Db, Instant};
use kitei_store::organizations;
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

/// Before the first organisation there is none to keep the code with.
const NOBODY: Uuid = Uuid::nil();

/// Makes a set-up code, to be printed once; an earlier one stops working. `None` when there is an organisation already.
///
/// # Errors
/// The store refused.
pub async fn issue_set_up_code(
    db: &Db,
    now: Instant,
    lasts: i64,
    random: &Random,
) -> Result<Option<Shown>, SignInError> {
    if !organizations::list(&mut db.reader().await?).await?.is_empty() {
        return Ok(None);
    }
    issue_code_for_another(db, now, lasts, random).await.map(Some)
}

/// Makes a set-up code for one more organisation on this installation, at the wish of whoever starts the program.
///
/// # Errors
/// The store refused.
pub async fn issue_code_for_another(db: &Db, now: Instant, lasts: i64, random: &Random) -> Result<Shown, SignInError> {
    let code = code_by_hand::<10>(random)?;
    let note = Note { person: NOBODY, expires_at: Some(now.plus_seconds(lasts)) };
    let kept = read_by_hand(code.reveal());
    db.act(NOBODY, move |tx| {
        Box::pin(async move {
            once::issue(tx, NOBODY, Purpose::SetUp, &kept, &note).await?;
            Ok::<_, SignInError>(())
        })
    })
    .await?;
    Ok(code)
}

/// Whether a set-up code is waiting to be used.
///
/// # Errors
/// The store refused.
pub async fn awaits_set_up(db: &Db, now: Instant) -> Result<bool, SignInError> {
    Ok(!once::persons(&mut db.reader().await?, NOBODY, Purpose::SetUp, now).await?.is_empty())
}

/// What the first page asks.
#[derive(Clone, Copy)]
pub struct Founding<'a> {
    /// The set-up code as typed.
    pub code: &'a str,
    /// The organisation's name in addresses.
    pub slug: &'a str,
    /// The organisation's name.
    pub name: &'a str,
    /// Its time zone.
    pub zone: &'a str,
    /// The first administrator, with a privileged account.
    pub invitee: Invitee<'a>,
    /// The password as typed.
    pub password: &'a Typed,
    /// What the password must not contain.
    pub facts: &'a PersonFacts,
}

/// Makes the first organisation (its id is `ctx.org`) and its administrator, and signs in.
///
/// # Errors
/// `SetUpCode` before anything else is looked at; `Login` and `Password` with what is wrong: then the code goes on
/// working.
pub async fn found(ctx: &Ctx<'_>, founding: &Founding<'_>, client: &Client<'_>) -> Result<Entered, SignInError> {
    let code = read_by_hand(founding.code);
    let mut reader = ctx.db.reader().await?;
    once::peek(&mut reader, NOBODY, Purpose::SetUp, &code, ctx.now).await?.ok_or(Refusal::SetUpCode)?;
    let invitee = Invitee {
        kind: AccountKind::Privileged,
        facts: LoginFacts { systems: &[founding.name, "Kitei"], ..founding.invitee.facts },
        ..founding.invitee
    };
    let login = check_login(&mut reader, ctx.org, ctx.policy, &invitee).await?;
    drop(reader);
    let chosen = choose(ctx, None, AccountKind::Privileged, founding.password, founding.facts).await?;
    let (org, now, person) = (ctx.org, ctx.now, invitee.person);
    let (slug, name, zone) = (founding.slug.to_owned(), founding.name.to_owned(), founding.zone.to_owned());
    ctx.act(move |tx| {
        Box::pin(async move {
            once::redeem(tx, NOBODY, Purpose::SetUp, &code, now).await?.ok_or(Refusal::SetUpCode)?;
            organizations::create(tx, org, &slug, &name, &zone, now).await?;
            let mut account = Held::invited(person, login, AccountKind::Privileged, now);
            put(&mut account, chosen, now);
            account.create(tx, org, now).await?;
            Ok(((), vec![Occurrence::own(Deed::Founded, person)]))
        })
    })
    .await?;
    let held = Held::of_person(&mut ctx.db.reader().await?, org, person).await?.ok_or(Refusal::Missing)?;
    enter(ctx, &held, client, None, None).await
}
