//! From messages to letters: which messages go together, to which address, in which words.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use kitei_rules::{pack::model::Text, value::Value, world::State};
use kitei_store::{
    db::{Instant, Reader, StoreError, Tx},
    notices, outbox,
    outbox::Message,
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{CHECKPOINT, Letter, PATIENCE, Site, TEST, TOO_OLD, words};
use crate::{
    evidence::checkpoints,
    kernel::{
        Fault, Installation, Organization,
        load::{Loader, field},
        notices::{Kept, MESSAGE as NOTICE},
    },
};

/// The messages of one letter.
pub(super) type Bound = (Uuid, Vec<Message>);
/// A message that becomes no letter, and why.
type GivenUp = (Uuid, &'static str);

/// Puts what was claimed into letters: a letter that was sent before stays as it was; of the rest, what presses goes alone
/// and everything else of one person together.
pub(super) async fn bind(
    tx: &mut Tx,
    org: Uuid,
    messages: Vec<Message>,
    fresh: Vec<Uuid>,
) -> Result<Vec<Bound>, StoreError> {
    let mut bound: BTreeMap<Uuid, Vec<Message>> = BTreeMap::new();
    let mut of_person: BTreeMap<String, Uuid> = BTreeMap::new();
    let mut fresh = fresh.into_iter();
    for message in messages {
        if let Some(letter) = message.letter {
            bound.entry(letter).or_default().push(message);
            continue;
        }
        let gathers = message.kind == NOTICE && message.payload.get("urgent").and_then(Json::as_bool) != Some(true);
        let person = message.payload.get("person").and_then(Json::as_str).unwrap_or_default().to_owned();
        let known = of_person.get(&person).copied().filter(|_| gathers);
        // There are as many fresh ids as messages can be claimed.
        let Some(letter) = known.or_else(|| fresh.next()) else { continue };
        if gathers {
            of_person.insert(person, letter);
        }
        bound.entry(letter).or_default().push(message);
    }
    for (letter, messages) in &bound {
        let ids: Vec<Uuid> = messages.iter().filter(|message| message.letter.is_none()).map(|m| m.id).collect();
        outbox::bind(tx, org, *letter, &ids).await?;
    }
    Ok(bound.into_iter().collect())
}

/// Writes the letters; what becomes none comes back with the reason.
pub(super) async fn write(
    installation: &Installation,
    organization: &Organization,
    site: &Site,
    bound: Vec<Bound>,
    until: Instant,
) -> Result<(Vec<Letter>, Vec<GivenUp>), Fault> {
    if bound.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let now = installation.environment.now();
    let mut reader = installation.db.reader().await?;
    let (mut letters, mut given_up) = (Vec::new(), Vec::new());
    for (id, messages) in bound {
        let since = messages.iter().map(|message| message.created_at).min().unwrap_or(until);
        let attempts = messages.iter().map(|message| message.attempts).max().unwrap_or(1);
        let ids: Vec<Uuid> = messages.iter().map(|message| message.id).collect();
        let written = if now > since.timestamp() + PATIENCE && attempts == 1 {
            // Nobody sent for days: a mail about things long past would only confuse.
            Err(TOO_OLD)
        } else {
            let writing = Writing { installation, organization, site, now };
            writing.letter(&mut reader, &messages).await?
        };
        match written {
            Ok(Written { to, subject, text, file }) => {
                letters.push(Letter { id, to, subject, text, file, until, messages: ids, attempts, since });
            }
            Err(why) => given_up.extend(ids.into_iter().map(|id| (id, why))),
        }
    }
    Ok((letters, given_up))
}

/// What a letter says, and to whom.
struct Written {
    to: String,
    subject: String,
    text: String,
    file: Option<(String, String)>,
}

struct Writing<'a> {
    installation: &'a Installation,
    organization: &'a Organization,
    site: &'a Site,
    now: Timestamp,
}

impl Writing<'_> {
    async fn letter(&self, reader: &mut Reader, messages: &[Message]) -> Result<Result<Written, &'static str>, Fault> {
        let Some(first) = messages.first() else { return Ok(Err("empty")) };
        match first.kind.as_str() {
            NOTICE => self.notices(reader, messages).await,
            CHECKPOINT => self.checkpoint(reader, &first.payload).await,
            TEST => self.test(reader, &first.payload).await,
            _ => Ok(Err("unknown-kind")),
        }
    }

    async fn notices(&self, reader: &mut Reader, messages: &[Message]) -> Result<Result<Written, &'static str>, Fault> {
        let org = self.organization.id;
        let mut items = Vec::new();
        let mut person = None;
        for message in messages {
            let Some(told) = notices::load(reader, org, message.id).await? else { continue };
            person = Some(told.person);
            let kept = Kept::of(told)?;
            let (number, register) = self.about(reader, kept.told.record).await?;
            items.push(words::Item {
                number,
                register,
                asked: kept.said.message,
                due: kept.said.due,
                receipt: kept.told.receipt,
                link: format!("{}/notices/{}", self.site.url, kept.told.id),
            });
        }
        let Some(person) = person else { return Ok(Err("no-notice")) };
        let to = match self.address(reader, person).await? {
            Ok(to) => to,
            Err(why) => return Ok(Err(why)),
        };
        let (subject, text) = words::notices(&self.organization.name, &items, self.zone(), &self.site.url);
        Ok(Ok(Written { to, subject, text, file: None }))
    }

    async fn checkpoint(&self, reader: &mut Reader, payload: &Json) -> Result<Result<Written, &'static str>, Fault> {
        let to = match self.witness(reader, payload).await? {
            Ok(to) => to,
            Err(why) => return Ok(Err(why)),
        };
        let Some(note) = payload.get("note").and_then(Json::as_str) else { return Ok(Err("no-checkpoint")) };
        let size = payload.get("size").and_then(Json::as_i64).unwrap_or_default();
        let day = self.organization.today(self.now);
        let (subject, text) = words::checkpoint(&self.organization.name, size, note);
        let file = Some((format!("kitei-checkpoint-{day}.txt"), note.to_owned()));
        Ok(Ok(Written { to, subject, text, file }))
    }

    async fn test(&self, reader: &mut Reader, payload: &Json) -> Result<Result<Written, &'static str>, Fault> {
        let person = payload.get("person").and_then(Json::as_str).and_then(|id| id.parse().ok());
        let to = match person {
            Some(person) => self.address(reader, person).await?,
            None => self.witness(reader, payload).await?,
        };
        let (subject, text) = words::test(&self.organization.name, &self.site.url);
        Ok(to.map(|to| Written { to, subject, text, file: None }))
    }

    fn zone(&self) -> &TimeZone {
        &self.organization.zone
    }

    /// Number and register of a record.
    async fn about(&self, reader: &mut Reader, record: Uuid) -> Result<(String, Text), Fault> {
        let stored = kitei_store::records::load(reader, self.organization.id, record).await?;
        let Some(stored) = stored else { return Ok(Default::default()) };
        let today = self.organization.today(self.now);
        let book = self.installation.book_of(reader, self.organization, today).await?;
        let title = book.register(&stored.register).map(|rule| rule.title.clone()).unwrap_or_default();
        Ok((stored.number, title))
    }

    /// The address of somebody who belongs to the house or works for it, not of one who has left.
    async fn address(&self, reader: &mut Reader, person: Uuid) -> Result<Result<String, &'static str>, Fault> {
        let today = self.organization.today(self.now);
        let book = self.installation.book_of(reader, self.organization, today).await?;
        let environment = &*self.installation.environment;
        let loader = Loader { organization: self.organization, book: &book, environment };
        let Some(record) = loader.record(reader, person).await? else { return Ok(Err("no-person")) };
        let left = matches!(field(&record, "left_on"), Value::Date(last) if last < today);
        if left || record.state != State::Open {
            return Ok(Err("left"));
        }
        Ok(match field(&record, "email") {
            Value::Text(address) if address.parse::<lettre::Address>().is_ok() => Ok(address),
            Value::Text(_) => Err("bad-address"),
            _ => Err("no-address"),
        })
    }

    async fn witness(&self, reader: &mut Reader, payload: &Json) -> Result<Result<String, &'static str>, Fault> {
        let id: Option<Uuid> = payload.get("witness").and_then(Json::as_str).and_then(|id| id.parse().ok());
        let witnesses = checkpoints::witnesses(reader, self.organization.id).await?;
        let found = witnesses.into_iter().find(|witness| Some(witness.id) == id);
        Ok(match found {
            Some(witness) if witness.mail.parse::<lettre::Address>().is_ok() => Ok(witness.mail),
            Some(_) => Err("bad-address"),
            None => Err("no-witness"),
        })
    }
}
