//! Records as they are stored: clear what is clear, sealed what could say something about a person.
//!
//! A record's document is `{"by", "f": {field: {v, k, r}}, "h": [[field, {v, k, r}]], "d": [deeds]}`; a line's is its `f`.
//! `v` is the value's JSON or, for a sealed one, the text `s1.…` that only its own place and key open.
//!
//! Invariant: a text is stored in clear only when the pack says `open = true`; choices, numbers, dates, ids are clear.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kitei_evidence::{
    keys::{KeyState, LeafId},
    seal::{Place, SealedText, seal_text},
};
use kitei_rules::{
    book::Book,
    pack::model::Kind,
    value::Value,
    world::{Approval, Deed, DeedStatus, Line, Record, State, Stored},
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Environment, Fault};

/// Turns records into documents and back.
pub struct Codec<'a> {
    /// Organisation id as text.
    pub organization: String,
    /// Rulebook that says kinds and what is open.
    pub book: &'a Book,
    /// Keys.
    pub keys: &'a KeyState,
    /// Nonces.
    pub environment: &'a dyn Environment,
}

impl std::fmt::Debug for Codec<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Codec").field("organization", &self.organization).finish_non_exhaustive()
    }
}

/// Where a value stands, before its field is named.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Register.
    pub register: &'a str,
    /// Record.
    pub record: Uuid,
    /// List and line.
    pub line: Option<(&'a str, Uuid)>,
}

impl Codec<'_> {
    /// The kind of a field and whether its texts are stored in clear.
    fn field(&self, at: &At<'_>, act: Option<&str>, field: &str) -> (Option<Kind>, bool) {
        let list = at.line.map(|(list, _)| list);
        let rule = match act {
            Some(act) => {
                self.book.names.acts.get(act).and_then(|act| act.fields.iter().find(|known| known.id == field))
            }
            None => self.book.field(at.register, list, field),
        };
        if let Some(rule) = rule {
            return (Some(rule.kind), rule.open || rule.kind.is_clear());
        }
        // A proposed value is kept under the guarded field's kind.
        if let Some(guarded) = field.strip_prefix("proposed:") {
            let of = self.book.proposals.values().flatten().find(|propose| propose.propose.through == at.register);
            let rule = of.and_then(|propose| self.book.field(&propose.propose.on, None, guarded));
            if let Some(rule) = rule {
                return (Some(rule.kind), rule.open || rule.kind.is_clear());
            }
        }
        let fact = self.book.facts.get(at.register).and_then(|facts| facts.get(field)).map(|fact| fact.kind);
        (fact, fact.is_some_and(Kind::is_clear))
    }

    /// A value as stored.
    ///
    /// # Errors
    /// [`Fault::Sealed`] when the key of the leaf is gone.
    pub fn write(
        &self,
        at: &At<'_>,
        act: Option<&str>,
        leaf: LeafId,
        field: &str,
        value: &Value,
    ) -> Result<Json, Fault> {
        if !self.seals(at, act, field, value) {
            return Ok(value.to_json());
        }
        self.seal(at, leaf, field, &value.to_json().to_string()).map(Json::String)
    }

    /// Whether a value is sealed where it stands.
    #[must_use]
    pub fn seals(&self, at: &At<'_>, act: Option<&str>, field: &str, value: &Value) -> bool {
        let (_, clear) = self.field(at, act, field);
        let says_something = matches!(value, Value::Text(_))
            || matches!(value, Value::List(items) if items.iter().any(|item| matches!(item, Value::Text(_))));
        !clear && says_something
    }

    /// The name of a file, sealed with the file's own key.
    ///
    /// # Errors
    /// [`Fault::Sealed`] when that key is gone.
    pub fn attachment_name(
        &self,
        record: &Record,
        file: &kitei_rules::run::command::Attached,
    ) -> Result<String, Fault> {
        let at = At { register: super::attach::PLACE, record: record.id, line: None };
        self.seal(&at, super::project::leaf(file.leaf)?, &super::attach::name_field(file.id), &file.name)
    }

    /// Seals a text at its place.
    ///
    /// # Errors
    /// [`Fault::Sealed`] when the key of the leaf is gone.
    pub fn seal(&self, at: &At<'_>, leaf: LeafId, field: &str, text: &str) -> Result<String, Fault> {
        let gone = || Fault::Sealed { record: at.record };
        let key = self.keys.derive(leaf).ok_or_else(gone)?.sealing_key();
        let (record, line) = (at.record.to_string(), at.line.map(|(_, id)| id.to_string()));
        let place = self.place(at, &record, line.as_deref(), field);
        let sealed = seal_text(&key, &place, &self.environment.nonce(), text).map_err(|_| gone())?;
        Ok(sealed.to_string())
    }

    fn place<'p>(&'p self, at: &At<'p>, record: &'p str, line: Option<&'p str>, field: &'p str) -> Place<'p> {
        Place { organisation: &self.organization, register: at.register, record, line, field }
    }

    /// A value read back; `Empty` for a sealed one whose key was destroyed.
    ///
    /// # Errors
    /// [`Fault`] when it was tampered with or is no value of its kind.
    pub fn read(&self, at: &At<'_>, act: Option<&str>, field: &str, json: &Json) -> Result<Value, Fault> {
        let (kind, _) = self.field(at, act, field);
        let damaged = || Fault::Damaged(format!("field {field} of record {}", at.record));
        let value = match json {
            Json::String(text) if text.starts_with("s1.") => {
                let Some(opened) = self.open(at, field, text)? else { return Ok(Value::Empty) };
                serde_json::from_str::<Json>(&opened).map_err(|_| damaged())?
            }
            other => other.clone(),
        };
        match kind {
            Some(kind) => Value::from_json(kind, &value).map_err(|_| damaged()),
            None => Ok(unruled(&value)),
        }
    }

    /// Opens a sealed text; `None` when its key was destroyed.
    ///
    /// # Errors
    /// [`Fault::Sealed`] when it was tampered with.
    pub fn open(&self, at: &At<'_>, field: &str, text: &str) -> Result<Option<String>, Fault> {
        let wrong = || Fault::Sealed { record: at.record };
        let sealed = SealedText::parse(text).map_err(|_| wrong())?;
        let Some(key) = self.keys.derive(sealed.leaf()) else { return Ok(None) };
        let (record, line) = (at.record.to_string(), at.line.map(|(_, id)| id.to_string()));
        let place = self.place(at, &record, line.as_deref(), field);
        let opened = sealed.open(&key.sealing_key(), &place).map_err(|_| wrong())?;
        Ok(Some(opened.as_str().to_owned()))
    }

    /// A record's document.
    ///
    /// # Errors
    /// [`Fault`] when its key is gone.
    pub fn document(&self, record: &Record, leaf: LeafId) -> Result<Json, Fault> {
        let at = At { register: &record.register, record: record.id, line: None };
        let mut history = Vec::new();
        for (field, stored) in &record.history {
            history.push(json!([field, self.stored(&at, leaf, field, stored)?]));
        }
        let mut deeds = Vec::new();
        for deed in &record.deeds {
            deeds.push(self.deed(&at, leaf, deed)?);
        }
        Ok(json!({
            "by": record.created_by.map(|id| id.to_string()),
            "f": self.fields(&at, leaf, &record.fields)?,
            "h": history,
            "d": deeds,
        }))
    }

    /// A line's document.
    ///
    /// # Errors
    /// [`Fault`] when its key is gone.
    pub fn line_document(&self, record: &Record, list: &str, line: &Line, leaf: LeafId) -> Result<Json, Fault> {
        let at = At { register: &record.register, record: record.id, line: Some((list, line.id)) };
        Ok(json!({ "f": self.fields(&at, leaf, &line.fields)? }))
    }

    fn fields(&self, at: &At<'_>, leaf: LeafId, fields: &BTreeMap<String, Stored>) -> Result<Json, Fault> {
        let mut out = Map::new();
        for (field, stored) in fields {
            out.insert(field.clone(), self.stored(at, leaf, field, stored)?);
        }
        Ok(Json::Object(out))
    }

    fn stored(&self, at: &At<'_>, leaf: LeafId, field: &str, stored: &Stored) -> Result<Json, Fault> {
        Ok(json!({
            "v": self.write(at, None, leaf, field, &stored.value)?,
            "k": stored.known_at.to_string(),
            "r": stored.recorded_at.to_string(),
        }))
    }

    fn deed(&self, at: &At<'_>, leaf: LeafId, deed: &Deed) -> Result<Json, Fault> {
        let mut fields = Map::new();
        for (field, value) in &deed.fields {
            fields.insert(field.clone(), self.write(at, Some(&deed.act), leaf, field, value)?);
        }
        let reason = match &deed.reason {
            Some(reason) => Some(self.seal(at, leaf, "reason", reason)?),
            None => None,
        };
        let mut approvals = Vec::new();
        for approval in &deed.approvals {
            let reason = match &approval.reason {
                Some(reason) => Some(self.seal(at, leaf, "reason", reason)?),
                None => None,
            };
            approvals.push(json!({
                "role": approval.role,
                "person": approval.person.to_string(),
                "at": approval.at.to_string(),
                "reason": reason,
            }));
        }
        Ok(json!({
            "act": deed.act,
            "round": deed.round,
            "status": deed.status,
            "by": deed.by.map(|id| id.to_string()),
            "happened": deed.happened_at.to_string(),
            "recorded": deed.recorded_at.to_string(),
            "f": fields,
            "reason": reason,
            "approvals": approvals,
        }))
    }

    /// A record read back with its lines.
    ///
    /// # Errors
    /// [`Fault`] when it is damaged.
    pub fn record(
        &self,
        stored: &kitei_store::records::Record,
        lines: &[kitei_store::lines::Line],
    ) -> Result<Record, Fault> {
        let at = At { register: &stored.register, record: stored.id, line: None };
        let damaged = |what: &str| Fault::Damaged(format!("{what} of record {}", stored.id));
        let mut record = Record {
            id: stored.id,
            register: stored.register.clone(),
            number: stored.number.clone(),
            state: serde_json::from_value(Json::String(stored.state.clone())).map_err(|_| damaged("state"))?,
            version: stored.version,
            created_by: stored.doc.get("by").and_then(Json::as_str).and_then(|id| id.parse().ok()),
            created_at: stored.created_at.timestamp(),
            closed_at: stored.closed_at.map(|at| at.timestamp()),
            erased_at: self.erased_at(stored)?,
            rulebook: stored.rulebook,
            fields: self.read_fields(&at, stored.doc.get("f"))?,
            history: Vec::new(),
            lines: BTreeMap::new(),
            deeds: Vec::new(),
        };
        for entry in stored.doc.get("h").and_then(Json::as_array).into_iter().flatten() {
            let field = entry.get(0).and_then(Json::as_str).ok_or_else(|| damaged("history"))?;
            let value = entry.get(1).ok_or_else(|| damaged("history"))?;
            record.history.push((field.to_owned(), self.read_stored(&at, field, value)?));
        }
        for deed in stored.doc.get("d").and_then(Json::as_array).into_iter().flatten() {
            record.deeds.push(self.read_deed(&at, deed)?);
        }
        for line in lines {
            let at = At { register: &stored.register, record: stored.id, line: Some((&line.list, line.id)) };
            let fields = self.read_fields(&at, line.doc.get("f"))?;
            let line_out = Line { id: line.id, fields, erased: line.erased_at.is_some() };
            record.lines.entry(line.list.clone()).or_default().push(line_out);
        }
        Ok(record)
    }

    /// When a record was erased; the key decides where the row does not say.
    fn erased_at(&self, stored: &kitei_store::records::Record) -> Result<Option<Timestamp>, Fault> {
        let gone = self.keys.is_punctured(super::project::leaf(stored.leaf)?);
        Ok(stored.erased_at.or(gone.then_some(stored.updated_at)).map(|at| at.timestamp()))
    }

    fn read_fields(&self, at: &At<'_>, json: Option<&Json>) -> Result<BTreeMap<String, Stored>, Fault> {
        let mut out = BTreeMap::new();
        for (field, stored) in json.and_then(Json::as_object).into_iter().flatten() {
            out.insert(field.clone(), self.read_stored(at, field, stored)?);
        }
        Ok(out)
    }

    fn read_stored(&self, at: &At<'_>, field: &str, json: &Json) -> Result<Stored, Fault> {
        Ok(Stored {
            value: self.read(at, None, field, json.get("v").unwrap_or(&Json::Null))?,
            known_at: instant(json, "k", at.record)?,
            recorded_at: instant(json, "r", at.record)?,
        })
    }

    fn read_deed(&self, at: &At<'_>, json: &Json) -> Result<Deed, Fault> {
        let damaged = |what: &str| Fault::Damaged(format!("{what} of a deed of record {}", at.record));
        let act = json.get("act").and_then(Json::as_str).ok_or_else(|| damaged("act"))?.to_owned();
        let mut fields = BTreeMap::new();
        for (field, value) in json.get("f").and_then(Json::as_object).into_iter().flatten() {
            fields.insert(field.clone(), self.read(at, Some(&act), field, value)?);
        }
        let mut approvals = Vec::new();
        for approval in json.get("approvals").and_then(Json::as_array).into_iter().flatten() {
            approvals.push(Approval {
                role: approval.get("role").and_then(Json::as_str).ok_or_else(|| damaged("role"))?.to_owned(),
                person: uuid(approval, "person").ok_or_else(|| damaged("person"))?,
                at: instant(approval, "at", at.record)?,
                reason: self.reason(at, approval)?,
            });
        }
        let status: DeedStatus =
            serde_json::from_value(json.get("status").cloned().unwrap_or_default()).map_err(|_| damaged("status"))?;
        Ok(Deed {
            round: json.get("round").and_then(Json::as_i64).unwrap_or_default(),
            status,
            by: uuid(json, "by"),
            happened_at: instant(json, "happened", at.record)?,
            recorded_at: instant(json, "recorded", at.record)?,
            fields,
            reason: self.reason(at, json)?,
            approvals,
            act,
        })
    }

    fn reason(&self, at: &At<'_>, json: &Json) -> Result<Option<String>, Fault> {
        match json.get("reason").and_then(Json::as_str) {
            Some(sealed) => self.open(at, "reason", sealed),
            None => Ok(None),
        }
    }
}

fn uuid(json: &Json, key: &str) -> Option<Uuid> {
    json.get(key).and_then(Json::as_str).and_then(|id| id.parse().ok())
}

fn instant(json: &Json, key: &str, record: Uuid) -> Result<Timestamp, Fault> {
    let text = json.get(key).and_then(Json::as_str);
    text.and_then(|text| text.parse().ok()).ok_or_else(|| Fault::Damaged(format!("time of record {record}")))
}

/// A value of a field that no rulebook names any more: kept as it is.
fn unruled(json: &Json) -> Value {
    match json {
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number.as_i64().map_or(Value::Unknown, Value::Int),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(unruled).collect()),
        _ => Value::Empty,
    }
}

/// The state as stored.
#[must_use]
pub fn state_word(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Closed => "closed",
        State::Disposed => "disposed",
    }
}
