//! The second factor: one-time codes (RFC 6238, RFC 4226) and recovery codes for when the device is gone.
//!
//! Invariant: the secret is sealed with a key outside the database; recovery codes are kept as hashes.
//! Invariant: a code is accepted once; its time step must be later than the last one used.

use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

use super::account::{Held, Particulars};
use super::client::Client;
use super::context::{Ctx, SealError};
use super::outcome::{Deed, Occurrence, Refusal, SignInError};
use super::password::confirm_present;
use super::secret::{Shown, Typed, code_by_hand, draw, groups, hash, read_by_hand, rfc_4648, same};
use super::session::Current;

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code without separators.
const RECOVERY_LENGTH: usize = 16;

/// A second factor that is about to be set: what the person's device has to take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret to type in by hand, in groups of four.
    pub secret: Shown,
    /// The address behind the QR code (`otpauth://totp/…`).
    pub address: Shown,
}

/// What proved the second factor.
#[derive(Clone)]
pub(super) enum Proof {
    /// A one-time code of this time step.
    Step(u64),
    /// The recovery code with this hash.
    Recovery(String),
}

impl Proof {
    /// Uses the proof up; false when it has been used already.
    pub(super) fn use_up(&self, particulars: &mut Particulars) -> bool {
        match self {
            Self::Step(step) => {
                let fresh = particulars.totp_step.is_none_or(|last| *step > last);
                particulars.totp_step = Some(particulars.totp_step.map_or(*step, |last| last.max(*step)));
                fresh
            }
            Self::Recovery(code) => {
                let before = particulars.recovery.len();
                particulars.recovery.retain(|kept| kept != code);
                particulars.recovery.len() < before
            }
        }
    }
}

/// What a typed code proves, if anything.
pub(super) fn accepted(ctx: &Ctx<'_>, held: &Held, typed: &str) -> Result<Option<Proof>, SignInError> {
    let typed = read_code(typed);
    if typed.len() == RECOVERY_LENGTH {
        let wanted = hex::encode(hash("recovery", &typed));
        let matching = |found: bool, kept: &String| found | same(kept.as_bytes(), wanted.as_bytes());
        let known = held.particulars.recovery.iter().fold(false, matching);
        return Ok(known.then_some(Proof::Recovery(wanted)));
    }
    let Some(sealed) = held.account.totp.as_deref() else { return Ok(None) };
    let secret = ctx.seal.open(ctx.org, held.account.person, sealed)?;
    let step = generator(&secret)?.check(&typed, seconds(ctx));
    Ok(step.filter(|step| held.particulars.totp_step.is_none_or(|last| *step > last)).map(Proof::Step))
}

/// A code as typed: full-width digits, spaces and separators are fine.
fn read_code(typed: &str) -> zeroize::Zeroizing<String> {
    read_by_hand(typed)
}

/// SHA-1, six digits, thirty seconds, one step of tolerance: what every authenticator program does.
fn generator(secret: &[u8]) -> Result<Totp, SignInError> {
    let secret: [u8; 20] = secret.try_into().map_err(|_| SealError)?;
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
    Ok(builder.with_secret(Secret::new_stack(secret)).build().map_err(|_| SealError)?)
}

fn seconds(ctx: &Ctx<'_>) -> u64 {
    u64::try_from(ctx.now.microseconds() / 1_000_000).unwrap_or(0)
}

/// Begins to set a second factor; it counts once `confirm_totp` has seen a code of it.
///
/// # Errors
/// `Missing` when the person has no account.
pub async fn begin_totp(ctx: &Ctx<'_>, person: Uuid, issuer: &str) -> Result<Enrolment, SignInError> {
    let secret = draw::<20>(ctx.random)?;
    let sealed = ctx.seal.seal(ctx.org, person, secret.as_slice())?;
    let (org, now) = (ctx.org, ctx.now);
    let login = ctx
        .act(move |tx| {
            Box::pin(async move {
                let mut held = Held::of_person(tx, org, person).await?.ok_or(Refusal::Missing)?;
                held.particulars.totp_pending = Some(sealed);
                let login = held.account.login.clone();
                held.save(tx, org, now).await?;
                Ok((login, Vec::new()))
            })
        })
        .await?;
    Ok(enrolment(secret.as_slice(), issuer, &login))
}

/// What the device has to take in for a second factor that was begun, again: the code that was typed was wrong.
///
/// # Errors
/// `Missing` when nothing was begun.
pub async fn pending_totp(ctx: &Ctx<'_>, person: Uuid, issuer: &str) -> Result<Enrolment, SignInError> {
    let held = Held::of_person(&mut ctx.db.reader().await?, ctx.org, person).await?.ok_or(Refusal::Missing)?;
    let pending = held.particulars.totp_pending.as_deref().ok_or(Refusal::Missing)?;
    let secret = ctx.seal.open(ctx.org, person, pending)?;
    Ok(enrolment(&secret, issuer, &held.account.login))
}

fn enrolment(secret: &[u8], issuer: &str, login: &str) -> Enrolment {
    let text = zeroize::Zeroizing::new(rfc_4648(secret));
    let (issuer, login) = (encoded(issuer), encoded(login));
    let address = format!(
        "otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        text.as_str()
    );
    Enrolment { secret: Shown::new(groups(&text)), address: Shown::new(address) }
}

/// Sets the second factor that was begun, given a code of it, and gives the recovery codes, to be shown once.
///
/// # Errors
/// `CodeNotAccepted` when the code is wrong; `Missing` when nothing was begun.
pub async fn confirm_totp(ctx: &Ctx<'_>, person: Uuid, code: &str) -> Result<Vec<Shown>, SignInError> {
    let held = Held::of_person(&mut ctx.db.reader().await?, ctx.org, person).await?.ok_or(Refusal::Missing)?;
    let pending = held.particulars.totp_pending.ok_or(Refusal::Missing)?;
    let secret = ctx.seal.open(ctx.org, person, &pending)?;
    let step = generator(&secret)?.check(&read_code(code), seconds(ctx)).ok_or(Refusal::CodeNotAccepted)?;
    let codes: Vec<Shown> = (0..RECOVERY_CODES).map(|_| code_by_hand::<10>(ctx.random)).collect::<Result<_, _>>()?;
    let hashes = codes.iter().map(|code| hex::encode(hash("recovery", &read_by_hand(code.reveal())))).collect();
    let (org, now) = (ctx.org, ctx.now);
    ctx.act(move |tx| {
        Box::pin(async move {
            let mut held = Held::of_person(tx, org, person).await?.ok_or(Refusal::Missing)?;
            if held.particulars.totp_pending.as_ref() != Some(&pending) {
                return Err(Refusal::Missing.into());
            }
            held.account.totp = held.particulars.totp_pending.take();
            held.particulars.totp_step = Some(step);
            held.particulars.recovery = hashes;
            held.save(tx, org, now).await?;
            Ok(((), vec![Occurrence::own(Deed::SecondFactorSet, person)]))
        })
    })
    .await?;
    Ok(codes)
}

/// Removes the own second factor, given the password: a screen left unlocked is not enough.
///
/// # Errors
/// `CurrentPassword` when the password is wrong or was tried too often; `Missing` when there is no second factor.
pub async fn remove_own_totp(
    ctx: &Ctx<'_>,
    current: &Current,
    present: Option<&Typed>,
    client: &Client<'_>,
) -> Result<(), SignInError> {
    let held = Held::of_person(&mut ctx.db.reader().await?, ctx.org, current.person).await?;
    confirm_present(ctx, &held.ok_or(Refusal::Missing)?, present, client).await?;
    remove_totp(ctx, current.person, current.person).await
}

/// Removes a person's second factor: the device is gone, or an administrator helps.
///
/// # Errors
/// `Missing` when there is none.
pub async fn remove_totp(ctx: &Ctx<'_>, person: Uuid, by: Uuid) -> Result<(), SignInError> {
    let (org, now) = (ctx.org, ctx.now);
    ctx.act(move |tx| {
        Box::pin(async move {
            let held = Held::of_person(tx, org, person).await?.filter(|held| held.account.totp.is_some());
            let mut held = held.ok_or(Refusal::Missing)?;
            held.account.totp = None;
            held.particulars.totp_pending = None;
            held.particulars.recovery = Vec::new();
            held.save(tx, org, now).await?;
            Ok(((), vec![Occurrence::by(Deed::SecondFactorRemoved, person, by)]))
        })
    })
    .await
}

/// Percent-encoding of everything but the unreserved characters of RFC 3986.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    })
}
