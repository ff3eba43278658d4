//! Signing in on both engines, with the real store and the real evidence log.

mod codes;
mod doors;
mod failures;
mod secrets;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use kitei_rules::password::{AccountKind, LoginFacts, PersonFacts, Policy, keys};
use kitei_rules::value::Value;
use kitei_store::db::{Db, Instant};
use kitei_store::testing::each_engine;
use kitei_store::{log, organizations};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;

/// The organisation.
const ORG: Uuid = Uuid::from_u128(0x0a);
/// The first administrator.
const CHIEF: Uuid = Uuid::from_u128(0xc1);
/// A member of the staff.
const CLERK: Uuid = Uuid::from_u128(0xc2);
/// Passwords that break no rule.
const CHIEFS: &str = "wF7$kq2!Zp9x";
const CLERKS: &str = "Hn4&vT8*bR1c";
const NEXT: &str = "q9#XmL5@rDw2";

const OFFICE: Client<'static> = Client { network: "192.0.2.0/24", known: None, words: "Firefox" };
const ELSEWHERE: Client<'static> = Client { network: "198.51.100.0/24", known: None, words: "Safari" };

/// Everything that a `Ctx` borrows.
struct World {
    db: Db,
    zone: TimeZone,
    policy: Policy,
    stretcher: Stretcher,
    key: MacKey,
    record: Recorder,
    random: Box<Random>,
    seal: Reversed,
}

/// A seal that can be seen to be one: bound to the person, and not the secret itself.
struct Reversed;

impl Seal for Reversed {
    fn seal(&self, org: Uuid, person: Uuid, secret: &[u8]) -> Result<String, SealError> {
        let mut bytes: Vec<u8> = secret.iter().map(|byte| !byte).collect();
        bytes.reverse();
        Ok(format!("{org}.{person}.{}", hex::encode(bytes)))
    }

    fn open(&self, org: Uuid, person: Uuid, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let text = sealed.strip_prefix(&format!("{org}.{person}.")).ok_or(SealError)?;
        let mut bytes = hex::decode(text).map_err(|_| SealError)?;
        bytes.reverse();
        Ok(Zeroizing::new(bytes.iter().map(|byte| !byte).collect()))
    }
}

/// The rules of IS-4-9-3, but for the naming of general accounts.
fn policy() -> Policy {
    Policy::read(|key| {
        Some(match key {
            keys::LENGTH_PRIVILEGED => Value::Int(12),
            keys::CLASSES_LEAST => Value::Int(4),
            keys::REUSE => Value::Period("P1Y".parse().unwrap()),
            keys::LOCKOUT_FAILURES_PRIVILEGED => Value::Int(3),
            keys::LOCKOUT_PERIOD_PRIVILEGED => Value::Period("PT6H".parse().unwrap()),
            _ => return None,
        })
    })
    .unwrap()
}

impl World {
    fn new(db: Db) -> Self {
        let drawn = AtomicU64::new(0);
        // Different bytes at each draw, the same in each run.
        let random = move |bytes: &mut [u8]| {
            for chunk in bytes.chunks_mut(32) {
                let block = Sha256::digest(drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                chunk.copy_from_slice(&block[..chunk.len()]);
            }
            Ok(())
        };
        Self {
            db,
            zone: TimeZone::get("Asia/Tokyo").unwrap(),
            policy: policy(),
            stretcher: Stretcher::new(Cost { memory: 64, passes: 1, lanes: 1 }, 4).unwrap(),
            key: MacKey::take(&mut [7; 32]),
            record: record_in_log(),
            random: Box::new(random),
            seal: Reversed,
        }
    }

    /// The context so many seconds after the beginning.
    fn ctx(&self, second: i64) -> Ctx<'_> {
        Ctx {
            db: &self.db,
            org: ORG,
            now: at(second),
            zone: &self.zone,
            random: &*self.random,
            policy: &self.policy,
            limits: Limits::default(),
            stretcher: &self.stretcher,
            seal: &self.seal,
            key: &self.key,
            record: &self.record,
        }
    }

    /// With the organisation, its chief and its clerk.
    async fn founded(db: Db) -> Self {
        let world = Self::new(db);
        let code = issue_set_up_code(&world.db, at(0), 86_400, &*world.random).await.unwrap().unwrap();
        let password = Typed::new(CHIEFS.to_owned());
        let facts = PersonFacts::default();
        let founding = Founding {
            code: code.reveal(),
            slug: "minato",
            name: "みなと商事",
            zone: "Asia/Tokyo",
            invitee: chief(),
            password: &password,
            facts: &facts,
        };
        assert!(matches!(found(&world.ctx(0), &founding, &OFFICE).await.unwrap(), Entered::SignedIn(_)));
        let link = invite(&world.ctx(0), &clerk(), CHIEF).await.unwrap();
        let password = Typed::new(CLERKS.to_owned());
        accept(&world.ctx(0), link.reveal(), &password, &facts, &OFFICE).await.unwrap();
        world
    }

    async fn sign_in(
        &self,
        second: i64,
        login: &str,
        password: &str,
        client: &Client<'_>,
    ) -> Result<SignedIn, Refusal> {
        match sign_in(&self.ctx(second), login, &Typed::new(password.to_owned()), client).await {
            Ok(Entered::SignedIn(signed_in)) => Ok(signed_in),
            Ok(Entered::CodeNeeded(_)) => panic!("a code is needed"),
            Err(SignInError::Refused(refusal)) => Err(refusal),
            Err(SignInError::Failed(fault)) => panic!("{fault}"),
        }
    }

    /// How often a deed is in the evidence log.
    async fn recorded(&self, deed: Deed) -> usize {
        let mut reader = self.db.reader().await.unwrap();
        log::of_kind(&mut reader, ORG, deed.kind(), None, 1000).await.unwrap().len()
    }

    async fn current(&self, second: i64, cookie: &Shown) -> Option<Current> {
        load(&self.ctx(second), cookie.reveal()).await.unwrap()
    }
}

fn at(second: i64) -> Instant {
    Instant::parse("2026-11-24T00:00:00Z").unwrap().plus_seconds(second)
}

fn chief() -> Invitee<'static> {
    Invitee {
        person: CHIEF,
        login: "heron-41",
        kind: AccountKind::Privileged,
        facts: LoginFacts::default(),
        insists: false,
    }
}

fn clerk() -> Invitee<'static> {
    Invitee { person: CLERK, login: "E00482", kind: AccountKind::General, facts: LoginFacts::default(), insists: false }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, SignInError>) -> Refusal {
    match result.unwrap_err() {
        SignInError::Refused(refusal) => refusal,
        SignInError::Failed(fault) => panic!("{fault}"),
    }
}
