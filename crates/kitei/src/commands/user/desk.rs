//! Accounts as the command line handles them: the organisation, its people, and what a use case of signing in is given.

use std::sync::Arc;

use jiff::tz::TimeZone;
use kitei_app::kernel::{Installation, Organization};
use kitei_app::shell::sign_in::{
    Cost, Ctx, Limits, MacKey, Recorder, Refusal, Seal, SealError, SignInError, Stretcher, known_of,
    record_from_console,
};
use kitei_rules::password::Policy;
use kitei_rules::run::Kernel;
use kitei_rules::value::Value;
use kitei_store::accounts::{self, Account};
use kitei_store::db::Instant;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::environment::{now, random};
use crate::exit::{Failure, store_words};
use crate::installation::{Beside, fault_words};
use crate::language::say;

/// Whoever acts on the command line is nobody in the register of people.
pub(super) const NOBODY: Uuid = Uuid::nil();

/// A person, with the account if there is one.
#[derive(Debug)]
pub(super) struct Member {
    /// Record of the person.
    pub(super) id: Uuid,
    /// Its number.
    pub(super) number: String,
    /// Their names in all spellings, the usual one first.
    pub(super) names: Vec<String>,
    /// Employee number and code, by which a general account may have to be named.
    pub(super) numbers: Vec<String>,
    /// Their account.
    pub(super) account: Option<Account>,
}

impl Member {
    /// The usual name.
    pub(super) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// Whether the account is privileged.
    pub(super) fn is_privileged(&self) -> bool {
        let doc = self.account.as_ref().map(|account| &account.doc);
        doc.and_then(|doc| doc.get("privileged")).and_then(serde_json::Value::as_bool).unwrap_or_default()
    }
}

/// An organisation's accounts.
pub(super) struct Desk<'b> {
    installation: &'b Installation,
    /// The organisation.
    pub(super) organization: Arc<Organization>,
    policy: Policy,
    zone: TimeZone,
    key: MacKey,
    stretcher: Stretcher,
    record: Recorder,
    now: Instant,
}

impl<'b> Desk<'b> {
    /// Opens it.
    ///
    /// # Errors
    /// There is no such organisation, or its rulebook or keys cannot be read.
    pub(super) async fn open(beside: &'b Beside, slug: Option<&str>) -> Result<Self, Failure> {
        let organization = beside.organization(slug).await?;
        let installation = &*beside.installation;
        let fault = |fault| Failure::Obstacle(fault_words(&fault));
        let now = now();
        let mut reader = installation.db.reader().await.map_err(|error| Failure::Obstacle(store_words(&error)))?;
        let book = installation.book_of(&mut reader, &organization, organization.today(now)).await.map_err(fault)?;
        let policy = Policy::read(|key| book.values.get(key).cloned()).unwrap_or_else(|_| Policy::floor());
        let stretcher = Stretcher::new(Cost::STANDARD, 1).map_err(|error| {
            Failure::internal("パスワードの引き伸ばしの値が正しくない。", format!("cost of passwords: {error}"))
        })?;
        let key = MacKey::of(&organization).map_err(fault)?;
        let zone = organization.zone.clone();
        let record = record_from_console();
        Ok(Self { installation, organization, policy, zone, key, stretcher, record, now: now.into() })
    }

    /// What a use case is given.
    pub(super) fn ctx(&self) -> Ctx<'_> {
        Ctx {
            db: &self.installation.db,
            org: self.organization.id,
            now: self.now,
            zone: &self.zone,
            random: &random,
            policy: &self.policy,
            limits: Limits::default(),
            stretcher: &self.stretcher,
            seal: &NoSeal,
            key: &self.key,
            record: &self.record,
        }
    }

    /// Everybody in the register of people, and every account.
    ///
    /// # Errors
    /// They cannot be read.
    pub(super) async fn members(&self) -> Result<Vec<Member>, Failure> {
        let fault = |fault| Failure::Obstacle(fault_words(&fault));
        let store = |error| Failure::Obstacle(store_words(&error));
        let mut reader = self.installation.db.reader().await.map_err(store)?;
        let accounts = accounts::list(&mut reader, self.organization.id).await.map_err(store)?;
        drop(reader);
        let all = |kernel: &Kernel<'_>| kernel.snapshot.all("person").map(<[Uuid]>::to_vec).unwrap_or_default();
        let mut people = self.installation.look(&self.organization, None, &[], all).await.map_err(fault)?;
        people.extend(accounts.iter().map(|account| account.person));
        people.sort_unstable();
        people.dedup();
        let look = |kernel: &Kernel<'_>| people.iter().map(|id| member(kernel, *id)).collect::<Vec<_>>();
        let mut members = self.installation.look(&self.organization, None, &people, look).await.map_err(fault)?;
        for member in &mut members {
            member.account = accounts.iter().find(|account| account.person == member.id).cloned();
        }
        Ok(members)
    }

    /// The person whom a login, a number, an id or a whole name means.
    ///
    /// # Errors
    /// Nobody, or more than one.
    pub(super) async fn person(&self, who: &str) -> Result<Member, Failure> {
        let wanted = who.to_lowercase();
        let means = |member: &Member| {
            member.account.as_ref().is_some_and(|account| account.login == wanted)
                || member.number == who
                || member.id.to_string() == wanted
                || member.names.iter().any(|name| name == who)
        };
        let mut found: Vec<Member> = self.members().await?.into_iter().filter(means).collect();
        match (found.pop(), found.len()) {
            (Some(member), 0) => Ok(member),
            (None, _) => Err(Failure::input(
                format!(
                    "{who}: だれのことか分からない。ログイン名、番号又は氏名を書く（kitei user list で見られる）。"
                ),
                format!("{who}: means nobody; give a login, a number or a whole name (see `kitei user list`)"),
            )),
            (Some(_), _) => Err(Failure::input(
                format!("{who}: 二人以上いる。番号を書く（kitei user list で見られる）。"),
                format!("{who}: there are several; give the number (see `kitei user list`)"),
            )),
        }
    }
}

fn member(kernel: &Kernel<'_>, id: Uuid) -> Member {
    let record = kernel.snapshot.record(id);
    let mut names: Vec<String> = Vec::new();
    for field in ["name", "kana", "romaji"] {
        if let Some(Value::Text(name)) = record.and_then(|record| record.fields.get(field)).map(|stored| &stored.value)
        {
            names.push(name.clone());
        }
    }
    let numbers = known_of(kernel, id).map(|known| known.numbers).unwrap_or_default();
    Member { id, number: record.map(|record| record.number.clone()).unwrap_or_default(), names, numbers, account: None }
}

/// No command seals a second factor or opens one.
struct NoSeal;

impl Seal for NoSeal {
    fn seal(&self, _: Uuid, _: Uuid, _: &[u8]) -> Result<String, SealError> {
        Err(SealError)
    }

    fn open(&self, _: Uuid, _: Uuid, _: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        Err(SealError)
    }
}

/// Why a use case of signing in did not go through.
pub(super) fn failure(error: &SignInError, who: &str) -> Failure {
    match error {
        SignInError::Refused(Refusal::Login(problems)) => {
            let texts = problems
                .iter()
                .map(|problem| say(format!("--login: {}", problem.ja()), format!("--login: {}", problem.en())));
            Failure::Input(texts.collect())
        }
        SignInError::Refused(Refusal::Missing) => Failure::input(
            format!("{who}: その状態のアカウントがない（招待前か、止められている）。kitei user list で確かめる。"),
            format!("{who}: no account in that state (not invited, or locked); see `kitei user list`"),
        ),
        SignInError::Refused(refusal) => {
            let code = refusal.code();
            Failure::input(format!("{who}: できない（{code}）。"), format!("{who}: refused ({code})"))
        }
        SignInError::Failed(fault) => {
            Failure::obstacle(format!("アカウントを変えられない。（{fault}）"), fault.to_string())
        }
    }
}
