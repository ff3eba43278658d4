//! The rulebook for programs: packs, values, clauses, and where a value comes from.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, Query, State},
};
use kitei_rules::{pack::model::Clause, rulebook::explain_words};
use serde_json::{Value as Json, json};

use super::{
    caller::Caller,
    problem::{Problem, at},
    registers::book,
};
use crate::web::Web;

/// `GET /api/v1/rulebook`
pub(super) async fn whole(State(web): State<Arc<Web>>, caller: Caller) -> Result<Answer<Json>, Problem> {
    let book = book(&web, &caller).await?;
    let packs: Vec<_> = book.sayings.packs.values().collect();
    let parameters: Vec<Json> = book
        .parameters
        .values()
        .map(|rule| {
            json!({
                "key": rule.key,
                "title": rule.title,
                "value": book.values.get(&rule.key).map(explain_words),
                "unit": rule.unit,
                "winners": rule.winners,
            })
        })
        .collect();
    let superseded: Vec<Json> = book
        .sayings
        .supersedes
        .values()
        .flat_map(|said| said.iter())
        .filter(|(_, supersede)| book.sayings.clauses.contains_key(&supersede.clause))
        .map(|(_, one)| json!({ "clause": one.clause, "reason": one.reason, "articles": one.meta.basis }))
        .collect();
    Ok(Answer(json!({
        "version": book.version,
        "packs": packs,
        "parameters": parameters,
        "superseded": superseded,
    })))
}

fn shown(pack: &str, clause: &Clause) -> Json {
    json!({
        "id": clause.id,
        "pack": pack,
        "reference": clause.reference,
        "title": clause.title,
        "text": clause.text,
        "effective_from": clause.effective_from.map(|day| day.to_string()),
        "effective_to": clause.effective_to.map(|day| day.to_string()),
        "pending": clause.pending,
        "note": clause.note,
    })
}

/// `GET /api/v1/clauses`
pub(super) async fn clauses(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    if query.keys().any(|name| name != "pack") {
        return Err(Problem::wrong(vec![at("?", "unknown-parameter", "使えるのは pack です。", "Known is: pack.")]));
    }
    let book = book(&web, &caller).await?;
    let wanted = query.get("pack");
    if let Some(pack) = wanted
        && !book.sayings.packs.contains_key(pack)
    {
        return Err(Problem::wrong(vec![at(
            "pack",
            "choice",
            "採用している規程の名前です。",
            "The id of an adopted pack.",
        )]));
    }
    let clauses: Vec<Json> = book
        .sayings
        .clauses
        .values()
        .filter(|(pack, _)| wanted.is_none_or(|wanted| wanted == pack))
        .map(|(pack, clause)| shown(pack, clause))
        .collect();
    Ok(Answer(json!({ "clauses": clauses })))
}

/// `GET /api/v1/clauses/{clause}`
pub(super) async fn clause(
    State(web): State<Arc<Web>>,
    Path(clause): Path<String>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let book = book(&web, &caller).await?;
    let (pack, clause) = book.sayings.clauses.get(&clause).ok_or_else(Problem::not_found)?;
    Ok(Answer(shown(pack, clause)))
}

/// `GET /api/v1/explain/{name}`
pub(super) async fn explain(
    State(web): State<Arc<Web>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let book = book(&web, &caller).await?;
    let explanations = book.sayings.explain(&name);
    if explanations.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(Answer(json!({ "name": name, "explanations": explanations })))
}
