//! JSON Schema of the pack language for editors, generated from [`super::shape`].
//!
//! Invariant: `packs/pack.schema.json` is what [`json_schema`] returns; a test compares them.

use serde_json::{Map, Value, json};

use super::shape::{
    CASE_STEP, COLUMN, DEEDS, ENDINGS, Element, Form, HEAD, Key, PARAMETER, SIGHTS, Style, TOP, Word, parts,
};

/// The schema of one file of a pack (JSON Schema draft 7, which TOML editors read).
#[must_use]
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for element in TOP.iter().copied().chain([&COLUMN]) {
        define(element, &mut definitions);
    }
    definitions.insert("text".into(), text());
    let mut properties: Map<String, Value> = HEAD.keys.iter().map(|key| (key.name.to_owned(), of_key(key))).collect();
    for top in TOP {
        properties.insert(top.name.to_owned(), list_of(top));
    }
    // `pack.toml` is the file with `id`: it holds the head and parameters, every other file holds elements.
    let required: Vec<&str> = HEAD.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let elsewhere: Vec<Value> =
        TOP.iter().filter(|top| top.name != PARAMETER.name).map(|top| json!({ "required": [top.name] })).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Kitei pack",
        "description": "See docs/pack-language.md.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "if": { "required": ["id"] },
        "then": { "required": required, "not": { "anyOf": elsewhere } },
        "definitions": definitions,
    })
}

/// The schema as it is checked in: indented, with a line end.
#[must_use]
pub fn json_schema_text() -> String {
    format!("{:#}\n", json_schema())
}

/// Name under which the schema of an element is kept; a step of a case is not a step of a track.
fn name_of(element: &'static Element) -> String {
    if std::ptr::eq(element, &CASE_STEP) { "case-step".to_owned() } else { element.name.to_owned() }
}

fn define(element: &'static Element, definitions: &mut Map<String, Value>) {
    let name = name_of(element);
    if definitions.contains_key(&name) {
        return;
    }
    let mut properties: Map<String, Value> = element.all_keys().map(|key| (key.name.to_owned(), of_key(key))).collect();
    if std::ptr::eq(element, &CASE_STEP) {
        words(&mut properties);
    }
    let required: Vec<&str> = element.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let schema = json!({
        "description": described(element.doc.ja, element.doc.en),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    definitions.insert(name, schema);
    for (_, part) in parts(element) {
        define(part, definitions);
    }
}

/// The words of a case's step: verbs, `see`, and every argument; which of them go together is left to the check.
fn words(properties: &mut Map<String, Value>) {
    let sights: Vec<&str> = SIGHTS.iter().map(|sight| sight.name).collect();
    properties.insert("see".into(), json!({ "enum": sights }));
    for deed in DEEDS {
        properties.insert(deed.name.into(), json!({ "type": "string", "description": arguments(deed) }));
    }
    let all = DEEDS.iter().chain(SIGHTS).flat_map(|word| word.arguments).chain(ENDINGS);
    for argument in all {
        properties.entry((*argument).to_owned()).or_insert_with(|| json!({}));
    }
}

fn arguments(word: &Word) -> String {
    if word.arguments.is_empty() { String::new() } else { format!("with: {}", word.arguments.join(", ")) }
}

fn of_key(key: &Key) -> Value {
    let mut schema = of_form(&key.form);
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".into(), json!(described(key.doc.ja, key.doc.en)));
    }
    schema
}

fn described(ja: &str, en: &str) -> String {
    format!("{ja} / {en}")
}

fn list_of(element: &'static Element) -> Value {
    json!({ "type": "array", "items": refer(element) })
}

fn refer(element: &'static Element) -> Value {
    json!({ "$ref": format!("#/definitions/{}", name_of(element)) })
}

fn text() -> Value {
    json!({ "anyOf": [
        { "type": "string", "minLength": 1 },
        {
            "type": "object",
            "properties": { "ja": { "type": "string" }, "en": { "type": "string" } },
            "required": ["ja"],
            "additionalProperties": false,
        },
    ] })
}

fn of_form(form: &Form) -> Value {
    let word = || json!({ "type": "string", "minLength": 1 });
    let expression = || json!({ "type": ["string", "boolean", "integer"] });
    match form {
        Form::Text => json!({ "anyOf": [{ "$ref": "#/definitions/text" }] }),
        Form::Texts => json!({ "type": "array", "items": { "$ref": "#/definitions/text" } }),
        Form::Word | Form::Who => word(),
        Form::Words | Form::Whos => json!({ "type": "array", "items": word() }),
        Form::WordOrWords => json!({ "anyOf": [word(), { "type": "array", "items": word() }] }),
        Form::Id(style) => json!({ "type": "string", "pattern": pattern(*style) }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Number { least: i64::MIN } => json!({ "type": "integer" }),
        Form::Number { least } => json!({ "type": "integer", "minimum": least }),
        Form::Date => json!({ "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$" }),
        Form::DateTime => json!({ "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}" }),
        Form::OneOf(words) => json!({ "enum": words }),
        Form::Condition => expression(),
        Form::Conditions => json!({ "type": "object", "additionalProperties": expression() }),
        Form::Period => json!({ "type": "string", "pattern": "^(P[0-9YMWDTHS]+|param:.+)$" }),
        Form::Month => json!({ "type": ["string", "integer"] }),
        Form::Approvals => json!({ "type": "array", "items": { "type": "array", "items": word() } }),
        Form::Literal => json!({}),
        Form::Literals => json!({ "type": "object" }),
        Form::Lines => json!({ "type": "array", "items": { "type": "object" } }),
        Form::Elements(element) => list_of(element),
        Form::Table(element) => json!({ "anyOf": [refer(element)] }),
        Form::Columns => json!({ "type": "array", "items": { "anyOf": [word(), refer(&COLUMN)] } }),
    }
}

fn pattern(style: Style) -> &'static str {
    match style {
        Style::Kebab => "^[a-z0-9]+(-[a-z0-9]+)*$",
        Style::Snake => "^[a-z][a-z0-9]*(_[a-z0-9]+)*$",
        Style::Clause => "^[A-Za-z0-9._-]+$",
        Style::Dotted => "^[a-z0-9]+(-[a-z0-9]+)*(\\.[a-z0-9]+(-[a-z0-9]+)*)*$",
    }
}
