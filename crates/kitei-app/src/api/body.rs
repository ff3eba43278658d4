//! Reading what a program sent: the head of a write, and values of fields by the rulebook.
//!
//! Invariant: every mistake is named at once; unknown members and fields are refused by name.

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, header},
};
use jiff::Timestamp;
use kitei_rules::{
    book::Book,
    expr::Actor,
    pack::model::Kind,
    rulebook::FieldRule,
    run::{
        Kernel,
        command::{Objection, Values},
    },
    value::Value,
};
use serde_json::{Map, Value as Json};

use super::problem::{Problem, at};

/// Most bytes of a body.
pub(super) const MOST: usize = 1024 * 1024;
/// Longest `Idempotency-Key`.
const LONGEST_KEY: usize = 200;

/// A write as it was sent.
#[derive(Debug)]
pub(super) struct Sent {
    /// Names the request.
    pub(super) key: String,
    /// Which version of the record it was made from.
    pub(super) version: Option<i64>,
    /// Why.
    pub(super) reason: Option<String>,
    /// When it happened, if not now.
    pub(super) happened_at: Option<Timestamp>,
    /// Everything else, by name.
    pub(super) rest: Map<String, Json>,
    /// What tells this request from another under the same key.
    pub(super) content: Vec<u8>,
}

/// The JSON object in a body.
pub(super) async fn object(request: Request) -> Result<Map<String, Json>, Problem> {
    let (object, _) = object_and_bytes(request).await?;
    Ok(object)
}

async fn object_and_bytes(request: Request) -> Result<(Map<String, Json>, Bytes), Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    let bytes = axum::body::to_bytes(request.into_body(), MOST).await.map_err(|_| Problem::too_long())?;
    if bytes.is_empty() {
        return Ok((Map::new(), bytes));
    }
    if !is_json {
        return Err(Problem::not_json_type());
    }
    let read: Json = serde_json::from_slice(&bytes).map_err(|error| Problem::not_json(error.line(), error.column()))?;
    match read {
        Json::Object(map) => Ok((map, bytes)),
        _ => Err(Problem::wrong(vec![at(
            "",
            "object",
            "本文はJSONのオブジェクトにしてください。",
            "The body must be a JSON object.",
        )])),
    }
}

impl Sent {
    /// Reads a write; members beyond the common ones and `also` are refused by name.
    pub(super) async fn read(request: Request, also: &[&str]) -> Result<Self, Problem> {
        let key = idempotency_key(request.headers())?;
        let if_match = if_match(request.headers())?;
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let (mut rest, bytes) = object_and_bytes(request).await?;
        let mut wrong = Vec::new();
        for name in rest.keys() {
            if !["version", "reason", "happened_at"].contains(&name.as_str()) && !also.contains(&name.as_str()) {
                wrong.push(unknown(name));
            }
        }
        let version = match rest.remove("version") {
            None | Some(Json::Null) => None,
            Some(json) => json.as_i64().or_else(|| {
                wrong.push(at("version", "kind", "整数で書いてください。", "Write a whole number."));
                None
            }),
        };
        let reason = match rest.remove("reason") {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(text),
            Some(_) => {
                wrong.push(at("reason", "kind", "文字で書いてください。", "Write a text."));
                None
            }
        };
        let happened_at = match rest.remove("happened_at") {
            None | Some(Json::Null) => None,
            Some(json) => json.as_str().and_then(|text| text.parse().ok()).or_else(|| {
                let (ja, en) =
                    ("2026-04-01T10:30:00+09:00 のように書いてください。", "Write such as 2026-04-01T10:30:00+09:00.");
                wrong.push(at("happened_at", "kind", ja, en));
                None
            }),
        };
        if if_match.is_some() && version.is_some() && if_match != version {
            wrong.push(at("version", "kind", "If-Match と違います。", "It differs from If-Match."));
        }
        if !wrong.is_empty() {
            return Err(Problem::wrong(wrong));
        }
        let content =
            [method.as_str().as_bytes(), b" ".as_slice(), path.as_bytes(), b"\n".as_slice(), bytes.as_ref()].concat();
        Ok(Self { key, version: if_match.or(version), reason, happened_at, rest, content })
    }

    /// A member that is an object; an empty one when it is not there.
    pub(super) fn object(&mut self, name: &str) -> Result<Map<String, Json>, Problem> {
        match self.rest.remove(name) {
            None | Some(Json::Null) => Ok(Map::new()),
            Some(Json::Object(map)) => Ok(map),
            Some(_) => {
                Err(Problem::wrong(vec![at(name, "object", "オブジェクトで書いてください。", "Write an object.")]))
            }
        }
    }
}

fn unknown(name: &str) -> Objection {
    // A name is shown back only when it looks like one; anything else may hold what must not be repeated.
    let plain = name.len() <= 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let shown = if plain { name } else { "?" };
    at(shown, "unknown-field", "この名前の項目はありません。", "There is no such field.")
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
    let right = !key.is_empty() && key.len() <= LONGEST_KEY && key.chars().all(|c| c.is_ascii_graphic());
    if right { Ok(key.to_owned()) } else { Err(Problem::key_needed()) }
}

fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(|| {
        let (ja, en) =
            ("ETag の値（\"3\" など）をそのまま書いてください。", "Write the value of the ETag, such as \"3\".");
        Problem::wrong(vec![at("If-Match", "kind", ja, en)])
    })
}

/// Fields by the rules that name them. Values are those of [`Value::to_json`].
pub(super) fn values(
    kernel: &Kernel<'_>,
    actor: &Actor,
    place: &Place<'_>,
    sent: &Map<String, Json>,
) -> Result<Values, Vec<Objection>> {
    let rules = place.rules(kernel.book);
    let (mut values, mut wrong) = (Values::new(), Vec::new());
    for (name, json) in sent {
        let seen = |rule: &&&FieldRule| kernel.sees_field(actor, place.register, place.list, &rule.id);
        let Some(rule) = rules.iter().find(|rule| rule.id == *name).filter(seen) else {
            wrong.push(unknown(name));
            continue;
        };
        if rule.value.is_some() {
            wrong.push(at(
                name,
                "computed",
                "計算される項目なので書けません。",
                "This field is computed; it cannot be set.",
            ));
            continue;
        }
        match Value::from_json(rule.kind, json) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(_) => wrong.push(Objection { clauses: rule.basis.clone(), ..kind_wrong(rule) }),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// Where fields stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) register: &'a str,
    pub(super) list: Option<&'a str>,
    pub(super) act: Option<&'a str>,
}

impl Place<'_> {
    fn rules<'b>(&self, book: &'b Book) -> Vec<&'b FieldRule> {
        let mut rules: Vec<&FieldRule> = match self.list {
            Some(list) => book.list(self.register, list).into_iter().flat_map(|list| &list.fields).collect(),
            None => book.register(self.register).into_iter().flat_map(|register| &register.fields).collect(),
        };
        if let Some(act) = self.act.and_then(|act| book.names.acts.get(act)) {
            rules.extend(act.fields.iter());
        }
        rules
    }
}

fn kind_wrong(rule: &FieldRule) -> Objection {
    let (ja, en) = match rule.kind {
        Kind::Date => ("\"2026-04-01\" のように書いてください。", "Write such as \"2026-04-01\"."),
        Kind::Time => ("\"2026-04-01T01:30:00Z\" のように書いてください。", "Write such as \"2026-04-01T01:30:00Z\"."),
        Kind::Number | Kind::Yen => ("整数で書いてください。", "Write a whole number."),
        Kind::Count => (
            "整数か {\"least\": 100, \"most\": 200} で書いてください。",
            "Write a whole number or {\"least\": 100, \"most\": 200}.",
        ),
        Kind::Period => ("\"P1Y\" や \"P30D\" のように書いてください。", "Write such as \"P1Y\" or \"P30D\"."),
        Kind::YearMonth => ("\"2026-04\" のように書いてください。", "Write such as \"2026-04\"."),
        Kind::YesNo => ("true, false, {\"unknown\": true} のどれかです。", "One of true, false, {\"unknown\": true}."),
        Kind::Choices | Kind::Persons | Kind::Links => ("配列で書いてください。", "Write an array."),
        Kind::Person | Kind::Department | Kind::Link => ("記録の id を書いてください。", "Write the id of a record."),
        _ => ("文字で書いてください。", "Write a text."),
    };
    at(&rule.id, "kind", format!("「{}」: {ja}", rule.title.ja), format!("\"{}\": {en}", rule.title.en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("idempotency-key", value.parse().unwrap());
            idempotency_key(&headers).is_ok()
        };
        assert!(with("a1b2-c3") && !with("") && !with("a b") && !with(&"x".repeat(201)));
        assert!(idempotency_key(&HeaderMap::new()).is_err());
    }

    #[test]
    fn what_is_no_name_is_not_repeated() {
        assert_eq!(unknown("purpose").field.as_deref(), Some("purpose"));
        assert_eq!(unknown("090-1234-5678 山田").field.as_deref(), Some("?"));
    }
}
