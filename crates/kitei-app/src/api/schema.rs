//! JSON Schema (2020-12) of what a register holds, from the rulebook of the day.

use kitei_rules::{
    pack::model::{Kind, Stage},
    rulebook::{FieldRule, RegisterRule},
};
use serde_json::{Map, Value as Json, json};

/// The fields of a record of a register, as a create or change sends them.
pub(super) fn of_register(rule: &RegisterRule, seen: impl Fn(&FieldRule) -> bool) -> Json {
    let fields: Vec<&FieldRule> = rule.fields.iter().filter(|field| seen(field) && field.value.is_none()).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.stage() == Stage::Save).map(|field| field.id.as_str()).collect();
    let properties: Map<String, Json> = fields.iter().map(|field| (field.id.clone(), of_field(field))).collect();
    json!({
        "title": rule.title.ja,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A value that somebody may have said is not known, or that nobody has given.
fn or_nothing(schema: &Json) -> Json {
    json!({ "anyOf": [schema, { "$ref": "#/components/schemas/Unknown" }, { "type": "null" }] })
}

fn of_field(field: &FieldRule) -> Json {
    let choices: Vec<&str> = field.choices.iter().map(|choice| choice.id.as_str()).collect();
    let one = |kind: Kind| match kind {
        Kind::YesNo => json!({ "type": "boolean" }),
        Kind::Number | Kind::Yen => json!({ "type": "integer", "minimum": field.least, "maximum": field.most }),
        Kind::Count => json!({ "$ref": "#/components/schemas/Count" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::YearMonth => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" }),
        Kind::Period => json!({ "type": "string", "format": "duration" }),
        Kind::Choice => json!({ "type": "string", "enum": choices }),
        Kind::Person | Kind::Department | Kind::Link => json!({ "type": "string", "format": "uuid" }),
        _ => json!({ "type": "string" }),
    };
    let schema = match field.kind.of_list() {
        Some(each) => json!({ "type": "array", "items": one(each) }),
        None => one(field.kind),
    };
    let mut schema = or_nothing(&without_nulls(schema));
    if let Some(map) = schema.as_object_mut() {
        map.insert("title".to_owned(), json!(field.title.ja));
        map.insert("description".to_owned(), json!(field.basis.join(", ")));
    }
    schema
}

/// Leaves out bounds that nobody set.
fn without_nulls(schema: Json) -> Json {
    match schema {
        Json::Object(map) => Json::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}
