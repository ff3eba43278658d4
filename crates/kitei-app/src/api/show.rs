//! A record as JSON: what its page shows, nothing more.

use kitei_rules::{
    expr::Actor,
    run::{
        Kernel,
        duty::DutyStanding,
        flags::FlagStanding,
        standing::{ActStanding, Status},
        who::Target,
    },
    value::{Truth, Value},
    world::{Line, Record},
};
use kitei_store::log::StoredEvent;
use serde_json::{Map, Value as Json, json};

use crate::kernel::project::status_word;

/// The head of a record: what a list shows of it.
pub(super) fn head(kernel: &Kernel<'_>, actor: &Actor, record: &Record, all_fields: bool) -> Json {
    let rule = kernel.book.register(&record.register);
    let mut fields = Map::new();
    for field in rule.into_iter().flat_map(|rule| &rule.fields) {
        if (all_fields || field.column) && kernel.sees_field(actor, &record.register, None, &field.id) {
            fields.insert(field.id.clone(), kernel.value(record, &field.id).to_json());
        }
    }
    json!({
        "id": record.id,
        "register": record.register,
        "number": record.number,
        "state": record.state,
        "version": record.version,
        "fields": fields,
    })
}

/// A record with everything that follows from it.
pub(super) fn whole(kernel: &Kernel<'_>, actor: &Actor, record: &Record) -> Json {
    let rule = kernel.book.register(&record.register);
    let mut out = head(kernel, actor, record, true);
    let lists: Map<String, Json> = rule
        .into_iter()
        .flat_map(|rule| &rule.lists)
        .map(|list| {
            let lines = record.lines.get(&list.id).into_iter().flatten();
            let lines: Vec<Json> = lines.map(|one| line(kernel, actor, record, &list.id, one)).collect();
            (list.id.clone(), Json::Array(lines))
        })
        .collect();
    let facts: Vec<Json> = kernel
        .findings(record)
        .into_iter()
        .filter(|finding| finding.shown)
        .map(|finding| {
            let reasons: Vec<Json> = finding
                .reasons
                .iter()
                .map(|(text, truth, clauses)| {
                    json!({ "text": text, "certain": *truth == Truth::Yes, "clauses": clauses })
                })
                .collect();
            json!({
                "id": finding.id,
                "title": finding.title,
                "value": finding.value.to_json(),
                "reasons": reasons,
                "clauses": finding.basis,
            })
        })
        .collect();
    let steps: Vec<Json> = kernel
        .standing(record)
        .into_iter()
        .filter(|standing| kernel.sees_act(actor, standing))
        .map(|standing| step(kernel, actor, record, &standing))
        .collect();
    let duties: Vec<Json> = kernel.duties(record).iter().map(|standing| duty(kernel, actor, standing)).collect();
    let papers: Vec<Json> =
        kernel.papers(record).iter().map(|paper| json!({ "id": paper.id, "title": paper.title })).collect();
    let flags: Vec<Json> = kernel.flags(record).iter().map(flag).collect();
    if let Some(map) = out.as_object_mut() {
        map.insert("name".to_owned(), json!(kernel.name_of(record.id)));
        map.insert("created_at".to_owned(), json!(record.created_at.to_string()));
        map.insert("created_by".to_owned(), json!(record.created_by));
        map.insert("closed_at".to_owned(), json!(record.closed_at.map(|at| at.to_string())));
        map.insert("rulebook".to_owned(), json!(record.rulebook));
        map.insert("lists".to_owned(), Json::Object(lists));
        map.insert("facts".to_owned(), Json::Array(facts));
        map.insert("steps".to_owned(), Json::Array(steps));
        map.insert("duties".to_owned(), Json::Array(duties));
        map.insert("flags".to_owned(), Json::Array(flags));
        map.insert("papers".to_owned(), Json::Array(papers));
    }
    out
}

fn line(kernel: &Kernel<'_>, actor: &Actor, record: &Record, list: &str, line: &Line) -> Json {
    let rule = kernel.book.list(&record.register, list);
    let mut fields = Map::new();
    for field in rule.into_iter().flat_map(|rule| &rule.fields) {
        if kernel.sees_field(actor, &record.register, Some(list), &field.id) {
            let value = line.fields.get(&field.id).map_or(Value::Empty, |stored| stored.value.clone());
            fields.insert(field.id.clone(), value.to_json());
        }
    }
    json!({ "id": line.id, "erased": line.erased, "fields": fields })
}

fn step(kernel: &Kernel<'_>, actor: &Actor, record: &Record, standing: &ActStanding) -> Json {
    let doer = kernel.deed(record, &standing.act).and_then(|deed| deed.by);
    let approvable = standing.status == Status::Submitted
        && standing.approvals.outstanding.iter().any(|set| {
            kernel.approvers(record, set, doer).iter().any(|approver| approver.persons.contains(&actor.person))
        });
    json!({
        "act": standing.act,
        "title": standing.title,
        "round": standing.round,
        "status": status_word(standing.status),
        "due": standing.due().map(|at| at.to_string()),
        "target": standing.target().map(|at| at.to_string()),
        "late": standing.late(),
        "by": standing.by.iter().map(target).collect::<Vec<_>>(),
        "mine": kernel.is_meant(actor.person, &standing.by),
        "approvable": approvable,
        "approvals_outstanding": standing.approvals.outstanding,
        "skip": standing.skip,
        "needs": standing.needs.keys().collect::<Vec<_>>(),
        "lines": standing.lines.map(|(done, all)| json!({ "done": done, "all": all })),
        "papers": standing.papers,
        "why": standing.why,
        "clauses": standing.basis(),
    })
}

fn duty(kernel: &Kernel<'_>, actor: &Actor, standing: &DutyStanding) -> Json {
    let clauses: Vec<&String> = standing.basis.iter().flat_map(|(_, clauses)| clauses).collect();
    json!({
        "act": standing.act,
        "title": standing.title,
        "round": standing.round,
        "status": status_word(standing.status),
        "opens": standing.opens_at.to_string(),
        "due": standing.due.to_string(),
        "upcoming": standing.upcoming,
        "by": standing.by.iter().map(target).collect::<Vec<_>>(),
        "mine": kernel.is_meant(actor.person, &standing.by),
        "last": standing.last.map(|at| at.to_string()),
        "clauses": clauses,
    })
}

fn flag(flag: &FlagStanding) -> Json {
    json!({
        "id": flag.id,
        "tone": flag.tone,
        "message": flag.message,
        "field": flag.field,
        "line": flag.line,
        "certain": flag.truth == Truth::Yes,
        "clauses": flag.basis,
    })
}

fn target(target: &Target) -> Json {
    match target {
        Target::Staff => json!({ "kind": "staff" }),
        Target::Role { role, department } => json!({ "kind": "role", "role": role, "department": department }),
        Target::Person(person) => json!({ "kind": "person", "person": person }),
        Target::Outside(role) => json!({ "kind": "outside", "role": role }),
    }
}

/// An event of a record's history: what happened, when, by whom, which fields; values stay sealed in the log.
pub(super) fn event(event: &StoredEvent) -> Json {
    let json: Json = serde_json::from_slice(&event.bytes).unwrap_or_default();
    let body = json.get("body").cloned().unwrap_or_default();
    let happened = ["happened_at", "known_at"].into_iter().find_map(|key| body.get(key)?.as_str().map(str::to_owned));
    let fields = body.get("fields").and_then(Json::as_object).map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    json!({
        "seq": event.seq,
        "kind": event.kind,
        "recorded_at": event.at.to_string(),
        "happened_at": happened,
        "by": event.actor,
        "act": body.get("act"),
        "list": body.get("list"),
        "line": body.get("line"),
        "fields": fields,
        "leaf_hash": event.leaf_hash.to_string(),
    })
}
