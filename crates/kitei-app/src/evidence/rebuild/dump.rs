//! The canonical dump: every projection of an organisation as one document.
//!
//! Left out is what no event can say: the version number (it counts writes, and several events may share one), tasks
//! and `valid_until` (they follow from the clock), and sealed texts as such (they are opened). Times are cut to the
//! microsecond, which is what the log keeps.
//!
//! Invariant: two databases whose projections mean the same give the same bytes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kitei_rules::{
    value::Value,
    world::{Record, Stored},
};
use kitei_store::{
    binds,
    db::{Db, Instant, Reader},
    lines, records, search, statements,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::super::EvidenceError;
use crate::kernel::{Installation, Organization, codec::state_word, load::Loader};

statements! {
    /// Records after an id.
    IDS = "select id from record where org = $1 and id > $2 order by id limit $3";
    /// Blind tokens of a record.
    TOKENS = "select field, token from blind_token where org = $1 and record = $2 and epoch = $3 order by field, token";
}

/// Records read at a time.
const PAGE: u32 = 500;

/// The dump of an organisation's projections in a database, which may be another than the installation's.
///
/// # Errors
/// [`EvidenceError`].
pub async fn dump(installation: &Installation, organization: &Organization, db: &Db) -> Result<Json, EvidenceError> {
    let today = organization.today(installation.environment.now());
    let mut own = installation.db.reader().await?;
    let book = installation.book_of(&mut own, organization, today).await?;
    drop(own);
    let mut reader = db.snapshot().await?;
    let loader = Loader { organization, book: &book, environment: &*installation.environment };
    let mut out = Map::new();
    let mut after = Uuid::nil();
    loop {
        let rows = reader.fetch_all(&IDS, binds![organization.id, after, PAGE]).await?;
        if rows.is_empty() {
            return Ok(Json::Object(out));
        }
        for row in rows {
            after = row.get("id")?;
            if let Some(record) = loader.record(&mut reader, after).await? {
                out.insert(after.to_string(), one(organization, &mut reader, &record).await?);
            }
        }
    }
}

async fn one(organization: &Organization, reader: &mut Reader, record: &Record) -> Result<Json, EvidenceError> {
    let (org, id) = (organization.id, record.id);
    let stored = records::load(reader, org, id).await?;
    let values: Vec<Json> = records::values_of(reader, org, id)
        .await?
        .into_iter()
        .map(|value| json!([value.field, value.text, value.number]))
        .collect();
    let links: Vec<Json> = records::links_from(reader, org, id)
        .await?
        .into_iter()
        .map(|link| json!([link.field, link.target.to_string()]))
        .collect();
    let epoch = organization.with_keys(|keys| keys.token_key().epoch());
    let tokens = reader.fetch_all(&TOKENS, binds![org, id, epoch]).await?;
    let tokens: Vec<Json> = tokens
        .iter()
        .map(|row| Ok(json!([row.get::<String>("field")?, row.get::<i64>("token")?.to_string()])))
        .collect::<Result<_, kitei_store::db::StoreError>>()?;
    let leaves: Vec<Json> = lines::of_record(reader, org, id)
        .await?
        .into_iter()
        .map(|line| json!([line.list, line.id.to_string(), line.position, line.leaf]))
        .collect();
    Ok(json!({
        "register": record.register,
        "number": record.number,
        "state": state_word(record.state),
        "rulebook": record.rulebook,
        "leaf": stored.as_ref().map(|stored| stored.leaf),
        "updated_at": stored.as_ref().map(|stored| stored.updated_at.to_string()),
        "by": record.created_by.map(|id| id.to_string()),
        "created_at": time(record.created_at),
        "closed_at": record.closed_at.map(time),
        "fields": fields(&record.fields),
        "history": record.history.iter().map(|(field, value)| json!([field, of_stored(value)])).collect::<Vec<_>>(),
        "lines": lines_of(record),
        "line_places": leaves,
        "deeds": deeds(record),
        "values": values,
        "links": links,
        "tokens": tokens,
        "search": search::body(reader, org, id).await?,
    }))
}

fn lines_of(record: &Record) -> Json {
    let of = |line: &kitei_rules::world::Line| json!({ "id": line.id.to_string(), "erased": line.erased, "fields": fields(&line.fields) });
    let lists = record.lines.iter().map(|(list, lines)| (list.clone(), lines.iter().map(of).collect()));
    Json::Object(lists.collect())
}

fn deeds(record: &Record) -> Vec<Json> {
    let mut out = Vec::new();
    for deed in &record.deeds {
        // An erased value of a deed is taken away there and empty here: both mean that nothing is left.
        let fields = deed.fields.iter().filter(|(_, value)| **value != Value::Empty);
        let fields: Map<String, Json> = fields.map(|(field, value)| (field.clone(), value.to_json())).collect();
        let approvals: Vec<Json> = deed
            .approvals
            .iter()
            .map(|approval| json!([approval.role, approval.person.to_string(), time(approval.at), approval.reason]))
            .collect();
        out.push(json!({
            "act": deed.act,
            "round": deed.round,
            "status": deed.status,
            "by": deed.by.map(|id| id.to_string()),
            "happened_at": time(deed.happened_at),
            "recorded_at": time(deed.recorded_at),
            "fields": fields,
            "reason": deed.reason,
            "approvals": approvals,
        }));
    }
    out
}

fn fields(fields: &BTreeMap<String, Stored>) -> Json {
    Json::Object(fields.iter().map(|(field, stored)| (field.clone(), of_stored(stored))).collect())
}

fn of_stored(stored: &Stored) -> Json {
    json!([stored.value.to_json(), time(stored.known_at), time(stored.recorded_at)])
}

fn time(at: Timestamp) -> String {
    Instant::from(at).to_string()
}
