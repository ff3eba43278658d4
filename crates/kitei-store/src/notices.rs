//! Who was told what and when, and who has acknowledged it.
//!
//! Invariants: a key is kept once, so that the same cause tells a person once however often it is computed; a notice is
//! acknowledged once, and the first time counts. The message in the outbox that carries a notice has the notice's id.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Bind as _, Instant, Reader, Row, StoreError, Tx, Value};
use crate::{binds, statements};

statements! {
    /// Keeps a notice once.
    ADD = "insert into notice (org, id, key, record, person, receipt, doc, told_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (org, key) do nothing";
    /// Keys of what was told about a record.
    KEYS = "select key from notice where org = $1 and record = $2";
    /// One notice.
    LOAD = "select id, key, record, person, receipt, doc, told_at, acknowledged_at from notice
        where org = $1 and id = $2";
    /// A person's notices: those not acknowledged first, then the newest.
    OF_PERSON = "select id, key, record, person, receipt, doc, told_at, acknowledged_at from notice
        where org = $1 and person = $2
        order by case when acknowledged_at is null then 0 else 1 end, told_at desc, id desc limit $3";
    /// How many a person has not acknowledged.
    UNREAD = "select count(*) as notices from notice where org = $1 and person = $2 and acknowledged_at is null";
    /// What was told about a record, oldest first, with how its mail fares.
    OF_RECORD = "select n.id, n.key, n.record, n.person, n.receipt, n.doc, n.told_at, n.acknowledged_at,
            o.id as mail, o.sent_at, o.failed_at, o.error
        from notice n left join outbox o on o.org = n.org and o.id = n.id
        where n.org = $1 and n.record = $2 order by n.told_at, n.id limit $3";
    /// The newest notices of an organization.
    NEWEST = "select id, key, record, person, receipt, doc, told_at, acknowledged_at from notice
        where org = $1 order by told_at desc, id desc limit $2";
    /// Somebody confirms that it reached them.
    ACKNOWLEDGE = "update notice set acknowledged_at = $3 where org = $1 and id = $2 and acknowledged_at is null";
    /// Somebody confirms a rule of the handbook.
    CONFIRM_RULE = "insert into rule_acknowledgement (org, person, pack, rule, edition, at)
        values ($1, $2, $3, $4, $5, $6) on conflict (org, person, pack, rule, edition) do nothing";
    /// Who has confirmed rules of a pack, newest first.
    RULES_CONFIRMED = "select person, rule, edition, at from rule_acknowledgement
        where org = $1 and pack = $2 order by at desc, person, rule limit $3";
    /// What a person has confirmed, newest first.
    CONFIRMED_BY = "select pack, rule, edition, at from rule_acknowledgement
        where org = $1 and person = $2 order by at desc, pack, rule limit $3";
}

/// A notice to one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its id.
    pub id: Uuid,
    /// What it is about and to whom, so that the same cause tells once.
    pub key: String,
    /// The record it is about.
    pub record: Uuid,
    /// Who is told.
    pub person: Uuid,
    /// They are asked to acknowledge.
    pub receipt: bool,
    /// What is said: texts of packs, clauses, due time; nothing personal.
    pub doc: Json,
    /// When.
    pub told_at: Instant,
    /// When they acknowledged it.
    pub acknowledged_at: Option<Instant>,
}

/// How the mail that carries a notice fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailed {
    /// None was queued, or it was swept long after it had been sent.
    None,
    /// It waits.
    Waiting,
    /// The server took it.
    Sent(Instant),
    /// It was given up, for the reason that is kept: a word or a reply code.
    Failed(Instant, String),
}

/// A rule that somebody confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Who.
    pub person: Uuid,
    /// Pack of the rule.
    pub pack: String,
    /// Rule.
    pub rule: String,
    /// Edition that was shown.
    pub edition: String,
    /// When.
    pub at: Instant,
}

fn read(row: &Row) -> Result<Told, StoreError> {
    let receipt: i64 = row.get("receipt")?;
    Ok(Told {
        id: row.get("id")?,
        key: row.get("key")?,
        record: row.get("record")?,
        person: row.get("person")?,
        receipt: receipt != 0,
        doc: row.get("doc")?,
        told_at: row.get("told_at")?,
        acknowledged_at: row.maybe("acknowledged_at")?,
    })
}

/// Keeps notices, in few statements; says how many there are whose key was not kept before.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn add(tx: &mut Tx, org: Uuid, told: &[Told]) -> Result<u64, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = told
        .iter()
        .map(|told| {
            vec![
                Value::Uuid(Some(org)),
                Value::Uuid(Some(told.id)),
                Value::Text(Some(told.key.as_str().into())),
                Value::Uuid(Some(told.record)),
                Value::Uuid(Some(told.person)),
                Value::Integer(Some(i64::from(told.receipt))),
                told.doc.value(),
                Value::Instant(Some(told.told_at)),
            ]
        })
        .collect();
    tx.insert_many(&ADD, &rows).await
}

/// Keys of everything that was told about records.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn keys(reader: &mut Reader, org: Uuid, records: &[Uuid]) -> Result<BTreeSet<String>, StoreError> {
    reader.fetch_of(&KEYS, "record", binds![org], records).await?.iter().map(|row| row.get("key")).collect()
}

/// One notice, if there is one of this id.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn load(reader: &mut Reader, org: Uuid, id: Uuid) -> Result<Option<Told>, StoreError> {
    reader.fetch_optional(&LOAD, binds![org, id]).await?.as_ref().map(read).transpose()
}

/// A person's notices: those not acknowledged first, then the newest.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_person(reader: &mut Reader, org: Uuid, person: Uuid, limit: u32) -> Result<Vec<Told>, StoreError> {
    reader.fetch_all(&OF_PERSON, binds![org, person, limit]).await?.iter().map(read).collect()
}

/// How many notices a person has not acknowledged.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn unread(reader: &mut Reader, org: Uuid, person: Uuid) -> Result<i64, StoreError> {
    reader.fetch_one(&UNREAD, binds![org, person]).await?.get("notices")
}

/// What was told about a record, oldest first, with how each mail fares.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(
    reader: &mut Reader,
    org: Uuid,
    record: Uuid,
    limit: u32,
) -> Result<Vec<(Told, Mailed)>, StoreError> {
    let rows = reader.fetch_all(&OF_RECORD, binds![org, record, limit]).await?;
    let mailed = |row: &Row| -> Result<Mailed, StoreError> {
        let (sent, failed) = (row.maybe("sent_at")?, row.maybe("failed_at")?);
        Ok(match (row.maybe::<Uuid>("mail")?, sent, failed) {
            (None, _, _) => Mailed::None,
            (_, Some(at), _) => Mailed::Sent(at),
            (_, _, Some(at)) => Mailed::Failed(at, row.maybe("error")?.unwrap_or_default()),
            _ => Mailed::Waiting,
        })
    };
    rows.iter().map(|row| Ok((read(row)?, mailed(row)?))).collect()
}

/// The newest notices of an organization.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn newest(reader: &mut Reader, org: Uuid, limit: u32) -> Result<Vec<Told>, StoreError> {
    reader.fetch_all(&NEWEST, binds![org, limit]).await?.iter().map(read).collect()
}

/// Notes that a notice was acknowledged; false when that was known.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn acknowledge(tx: &mut Tx, org: Uuid, id: Uuid, at: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&ACKNOWLEDGE, binds![org, id, at]).await? > 0)
}

/// Notes that somebody confirmed a rule; false when this edition was confirmed before.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn confirm_rule(tx: &mut Tx, org: Uuid, confirmed: &Confirmed) -> Result<bool, StoreError> {
    let Confirmed { person, pack, rule, edition, at } = confirmed;
    Ok(tx.execute(&CONFIRM_RULE, binds![org, *person, pack, rule, edition, *at]).await? > 0)
}

/// Who has confirmed rules of a pack, newest first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn rules_confirmed(
    reader: &mut Reader,
    org: Uuid,
    pack: &str,
    limit: u32,
) -> Result<Vec<Confirmed>, StoreError> {
    let rows = reader.fetch_all(&RULES_CONFIRMED, binds![org, pack, limit]).await?;
    let read = |row: &Row| {
        Ok(Confirmed {
            person: row.get("person")?,
            pack: pack.to_owned(),
            rule: row.get("rule")?,
            edition: row.get("edition")?,
            at: row.get("at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Rules that a person has confirmed, newest first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn confirmed_by(
    reader: &mut Reader,
    org: Uuid,
    person: Uuid,
    limit: u32,
) -> Result<Vec<Confirmed>, StoreError> {
    let rows = reader.fetch_all(&CONFIRMED_BY, binds![org, person, limit]).await?;
    let read = |row: &Row| {
        Ok(Confirmed {
            person,
            pack: row.get("pack")?,
            rule: row.get("rule")?,
            edition: row.get("edition")?,
            at: row.get("at")?,
        })
    };
    rows.iter().map(read).collect()
}
