//! The OpenAPI 3.1 document, made from the table of operations.
//!
//! Invariant: an operation that is not in the table is in neither the router nor the document.

use std::sync::Arc;

use axum::{Json as Answer, extract::State, http::request::Parts};
use kitei_rules::run::Kernel;
use serde_json::{Map, Value as Json, json};

use super::{
    caller::Caller,
    problem::Problem,
    routes::{OPERATIONS, Operation, Scope},
    schema,
};
use crate::web::Web;

/// The document without the registers of any organisation.
#[must_use]
pub fn document() -> Json {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.to_lowercase(), described(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kitei",
            "version": "1",
            "description": "規程を動かす Kitei のJSON API。書き込みには Idempotency-Key と、/me/tokens で作るトークンが要る。\n\nThe JSON API of Kitei. Writing needs an Idempotency-Key and a token made at /me/tokens.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
            "responses": { "Problem": {
                "description": "RFC 9457",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
        },
    })
}

fn described(operation: &Operation) -> Json {
    let in_path = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Json> = in_path
        .map(|name| {
            let schema = match name {
                "id" | "line" => json!({ "type": "string", "format": "uuid" }),
                "question" => json!({ "type": "string", "enum": ["final", "preliminary", "retention"] }),
                _ => json!({ "type": "string", "minLength": 1 }),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(operation.query.iter().map(|one| {
        let words = format!("{} — {}", one.words.0, one.words.1);
        json!({ "name": one.name, "in": "query", "description": words, "schema": { "type": one.kind } })
    }));
    if operation.scope == Scope::Write {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        }));
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "schema": { "type": "string", "pattern": "^\"[0-9]{1,15}\"$" },
        }));
    }
    let (status, schema) = operation.answer;
    let mut responses = Map::new();
    responses.insert(
        status.to_string(),
        json!({
            "description": operation.words.1,
            "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
        }),
    );
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    let mut out = json!({
        "operationId": operation.name,
        "summary": format!("{} — {}", operation.words.0, operation.words.1),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(map) = out.as_object_mut() {
        if let Some(body) = operation.body {
            let schema = json!({ "$ref": format!("#/components/schemas/{body}") });
            let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
            map.insert("requestBody".to_owned(), body);
        }
        if operation.scope == Scope::Anybody {
            map.insert("security".to_owned(), json!([]));
        }
    }
    out
}

fn schemas() -> Json {
    let uuid = json!({ "type": "string", "format": "uuid" });
    let text = json!({ "type": "string" });
    let objects = json!({ "type": "array", "items": { "type": "object" } });
    let object = |properties: Json, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let closed = |properties: Json, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let fields = json!({ "type": "object", "description": "項目の id → 値 — field id → value" });
    let happened = json!({ "type": "string", "format": "date-time" });
    let version = json!({ "type": "integer", "minimum": 1 });
    let reason = json!({ "type": "string" });
    let mut out = json!({
        "Anything": { "type": "object" },
        "Text": object(json!({ "ja": text, "en": text }), &["ja", "en"]),
        "Unknown": closed(json!({ "unknown": { "const": true } }), &["unknown"]),
        "Count": { "anyOf": [
            { "type": "integer" },
            closed(json!({
                "least": { "type": "integer" },
                "most": { "type": ["integer", "null"] },
                "approximate": { "type": "boolean" },
            }), &[]),
        ] },
        "Objection": object(json!({
            "code": text,
            "field": { "type": ["string", "null"] },
            "source": { "type": ["string", "null"] },
            "clauses": { "type": "array", "items": text },
            "detail": text,
        }), &["code", "field", "source", "clauses", "detail"]),
        "Problem": object(json!({
            "type": text,
            "title": text,
            "status": { "type": "integer" },
            "errors": { "type": "array", "items": { "$ref": "#/components/schemas/Objection" } },
            "asks_reason": { "type": "boolean" },
        }), &["type", "title", "status", "errors", "asks_reason"]),
        "Circumstances": closed(json!({ "reason": reason, "happened_at": happened, "version": version }), &[]),
        "Act": closed(json!({ "fields": fields, "reason": reason, "happened_at": happened, "version": version }), &[]),
        "Change": closed(
            json!({ "fields": fields, "reason": reason, "happened_at": happened, "version": version }),
            &["fields"],
        ),
        "Create": closed(
            json!({
                "fields": fields,
                "lines": { "type": "object", "additionalProperties": { "type": "array", "items": fields } },
                "reason": reason,
                "happened_at": happened,
            }),
            &["fields"],
        ),
        "Check": closed(json!({ "kind": text, "value": text }), &["kind", "value"]),
        "Head": object(json!({
            "id": uuid, "register": text, "number": text, "state": text, "version": { "type": "integer" }, "fields": fields,
        }), &["id", "register", "number", "state", "version", "fields"]),
    });
    let answers = json!({
        "Me": object(json!({
            "organization": { "type": "object" }, "person": uuid, "name": text,
            "roles": { "type": "array", "items": text }, "token": { "type": ["object", "null"] },
        }), &["organization", "person", "name", "roles", "token"]),
        "Tasks": object(json!({ "tasks": objects }), &["tasks"]),
        "Registers": object(json!({ "registers": objects }), &["registers"]),
        "Register": object(json!({ "id": text, "fields": objects, "lists": objects, "acts": objects }), &["id", "fields", "lists", "acts"]),
        "Records": object(json!({
            "total": { "type": "integer" }, "page": { "type": "integer" }, "pages": { "type": "integer" },
            "per_page": { "type": "integer" },
            "records": { "type": "array", "items": { "$ref": "#/components/schemas/Head" } },
        }), &["total", "page", "pages", "per_page", "records"]),
        "Record": object(json!({
            "id": uuid, "number": text, "version": { "type": "integer" }, "fields": fields, "lists": { "type": "object" },
            "facts": objects, "steps": objects, "duties": objects, "flags": objects, "papers": objects, "warnings": objects,
        }), &["id", "number"]),
        "History": object(json!({ "events": objects, "before": { "type": ["integer", "null"] } }), &["events", "before"]),
        "Paper": object(json!({ "draft": { "type": "boolean" }, "objections": objects, "content": { "type": "object" } }), &["draft", "objections", "content"]),
        "Rulebook": object(json!({
            "version": { "type": "integer" }, "packs": objects, "parameters": objects, "superseded": objects,
        }), &["version", "packs", "parameters", "superseded"]),
        "Clause": object(json!({ "id": text, "pack": text, "title": { "$ref": "#/components/schemas/Text" } }), &["id", "pack", "title"]),
        "Clauses": object(json!({ "clauses": { "type": "array", "items": { "$ref": "#/components/schemas/Clause" } } }), &["clauses"]),
        "Explanations": object(json!({ "name": text, "explanations": objects }), &["name", "explanations"]),
    });
    if let (Some(out), Json::Object(answers)) = (out.as_object_mut(), answers) {
        out.extend(answers);
    }
    out
}

/// `GET /api/v1/openapi.json`: for anybody the document; for somebody let in also a schema for each register they read.
pub(super) async fn served(State(web): State<Arc<Web>>, mut parts: Parts) -> Result<Answer<Json>, Problem> {
    let mut document = document();
    let asks = parts.headers.contains_key(axum::http::header::AUTHORIZATION);
    if !asks {
        return Ok(Answer(document));
    }
    let caller = <Caller as axum::extract::FromRequestParts<Arc<Web>>>::from_request_parts(&mut parts, &web).await?;
    let look = |kernel: &Kernel<'_>| {
        let registers = kernel.book.names.registers.values().filter(|rule| kernel.reads_register(&caller.actor, rule));
        registers
            .map(|rule| {
                let seen = |field: &kitei_rules::rulebook::FieldRule| {
                    kernel.sees_field(&caller.actor, &rule.id, None, &field.id)
                };
                (format!("register.{}", rule.id), schema::of_register(rule, seen))
            })
            .collect::<Map<String, Json>>()
    };
    let registers = web.installation.look(&caller.organization, Some(&caller.actor), &[], look).await?;
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Json::as_object_mut) {
        schemas.extend(registers);
    }
    Ok(Answer(document))
}
