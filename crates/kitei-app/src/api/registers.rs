//! Registers: which there are, what one is made of, and pages of its records.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json as Answer,
    extract::{Path, RawQuery, State},
};
use kitei_rules::{
    book::Book,
    pack::model::Kind,
    rulebook::{FieldRule, ListRule, RegisterRule},
    run::{Kernel, command::Objection},
};
use kitei_store::records::{Filter, ListQuery, Sort};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    caller::Caller,
    problem::{Problem, at},
    schema, show,
};
use crate::web::Web;

/// Records of a page unless the program asks for another number.
const PAGE: u32 = 50;
/// Most records of a page.
const MOST: u32 = 200;

/// The rulebook of today.
pub(super) async fn book(web: &Web, caller: &Caller) -> Result<Arc<Book>, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let today = caller.organization.today(web.installation.environment.now());
    Ok(web.installation.book_of(&mut reader, &caller.organization, today).await?)
}

/// `GET /api/v1/registers`
pub(super) async fn index(State(web): State<Arc<Web>>, caller: Caller) -> Result<Answer<Json>, Problem> {
    let book = book(&web, &caller).await?;
    let counts = web.installation.counts(&caller.organization, &caller.actor, |_| true).await?;
    let registers: Vec<Json> = counts
        .iter()
        .filter_map(|(id, total)| {
            let rule = book.register(id)?;
            Some(json!({
                "id": id,
                "title": rule.title,
                "help": rule.help,
                "prefix": rule.prefix,
                "single": rule.single,
                "in_force": rule.in_force,
                "total": total,
            }))
        })
        .collect();
    Ok(Answer(json!({ "registers": registers })))
}

/// `GET /api/v1/registers/{register}`
pub(super) async fn definition(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register(&register)?;
        kernel.reads_register(&caller.actor, rule).then(|| described(kernel, &caller, rule))
    };
    let found = web.installation.look(&caller.organization, Some(&caller.actor), &[], look).await?;
    found.map(Answer).ok_or_else(Problem::not_found)
}

/// `GET /api/v1/registers/{register}/schema`
pub(super) async fn json_schema(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register(&register)?;
        let seen = |field: &FieldRule| kernel.sees_field(&caller.actor, &rule.id, None, &field.id);
        kernel.reads_register(&caller.actor, rule).then(|| schema::of_register(rule, seen))
    };
    let found = web.installation.look(&caller.organization, Some(&caller.actor), &[], look).await?;
    found.map(Answer).ok_or_else(Problem::not_found)
}

fn described(kernel: &Kernel<'_>, caller: &Caller, rule: &RegisterRule) -> Json {
    let seen = |list: Option<&str>, field: &FieldRule| kernel.sees_field(&caller.actor, &rule.id, list, &field.id);
    let fields: Vec<Json> = rule.fields.iter().filter(|one| seen(None, one)).map(field).collect();
    let lists: Vec<Json> = rule
        .lists
        .iter()
        .map(|list: &ListRule| {
            let fields: Vec<Json> = list.fields.iter().filter(|one| seen(Some(&list.id), one)).map(field).collect();
            json!({ "id": list.id, "title": list.title, "fields": fields, "clauses": list.basis })
        })
        .collect();
    let tracks = kernel.book.tracks.get(&rule.id).into_iter().flatten();
    let acts: std::collections::BTreeSet<&String> =
        tracks.flat_map(|track| track.steps.iter().map(|step| &step.step.act)).collect();
    let acts: Vec<Json> = acts.iter().map(|id| json!({ "id": id, "title": kernel.book.act_title(id) })).collect();
    json!({
        "id": rule.id,
        "title": rule.title,
        "help": rule.help,
        "prefix": rule.prefix,
        "single": rule.single,
        "named_by": rule.named_by,
        "owner": rule.owner,
        "read": rule.read,
        "write": rule.write,
        "department_field": rule.department_field,
        "clauses": rule.basis,
        "fields": fields,
        "lists": lists,
        "acts": acts,
    })
}

fn field(field: &FieldRule) -> Json {
    let required: Vec<Json> = field
        .required
        .iter()
        .map(|one| {
            json!({ "stage": one.stage, "conditional": one.when.is_some(), "pack": one.pack, "clauses": one.basis })
        })
        .collect();
    let choices: Vec<Json> =
        field.choices.iter().map(|choice| json!({ "id": choice.id, "title": choice.title })).collect();
    json!({
        "id": field.id,
        "kind": field.kind,
        "title": field.title,
        "help": field.help,
        "required": required,
        "choices": choices,
        "to": field.to,
        "unit": field.unit,
        "least": field.least,
        "most": field.most,
        "sealed": !(field.open || field.kind.is_clear()),
        "computed": field.value.is_some(),
        "column": field.column,
        "filter": field.filter,
        "clauses": field.basis,
    })
}

/// `GET /api/v1/registers/{register}/records`
pub(super) async fn list(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Answer<Json>, Problem> {
    let book = book(&web, &caller).await?;
    let rule = book.register(&register).ok_or_else(Problem::not_found)?;
    let asked = Asked::read(query.as_deref().unwrap_or_default(), rule).map_err(Problem::wrong)?;
    let filtered = asked.fields.clone();
    let (page, limit, all_fields) = (asked.page, asked.query.limit, asked.all_fields);
    let rows = |kernel: &Kernel<'_>, ids: &[Uuid]| {
        // A condition on a field that one may not see would tell what it holds.
        let hidden = filtered.iter().find(|field| !kernel.sees_field(&caller.actor, &register, None, field));
        if let Some(field) = hidden {
            return Err(vec![at(field, "unknown-field", "この名前の項目はありません。", "There is no such field.")]);
        }
        let records = ids.iter().filter_map(|id| kernel.snapshot.record(*id));
        Ok(records.map(|record| show::head(kernel, &caller.actor, record, all_fields)).collect::<Vec<_>>())
    };
    let listed = web.installation.list(&caller.organization, &caller.actor, asked.query, rows).await?;
    let listed = listed.ok_or_else(Problem::not_found)?;
    let records = listed.answer.map_err(Problem::wrong)?;
    let pages = u64::try_from(listed.total).unwrap_or_default().div_ceil(u64::from(limit));
    Ok(Answer(json!({ "total": listed.total, "page": page, "pages": pages, "per_page": limit, "records": records })))
}

/// What was asked for in the address.
struct Asked {
    query: ListQuery,
    page: u32,
    all_fields: bool,
    /// Fields that conditions or the order look at.
    fields: Vec<String>,
}

impl Asked {
    fn read(query: &str, rule: &RegisterRule) -> Result<Self, Vec<Objection>> {
        let mut wrong = Vec::new();
        let mut asked = Self {
            query: ListQuery { descending: true, limit: PAGE, ..ListQuery::new(&rule.id) },
            page: 1,
            all_fields: false,
            fields: Vec::new(),
        };
        let mut filters = Vec::new();
        let mut ranges: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.into_owned()) {
                ("q", typed) => asked.query.search = Some(typed).filter(|typed| !typed.trim().is_empty()),
                ("page", text) => asked.page = number(&name, &text, 100_000, &mut wrong),
                ("per_page", text) => asked.query.limit = number(&name, &text, MOST, &mut wrong),
                ("fields", text) if text == "all" || text == "columns" => asked.all_fields = text == "all",
                ("state", text) if ["open", "closed", "disposed"].contains(&text.as_str()) => {
                    filters.push(Filter::State(vec![text]));
                }
                ("fields", _) => wrong.push(at("fields", "choice", "all か columns です。", "all or columns.")),
                ("state", _) => {
                    wrong.push(at(
                        "state",
                        "choice",
                        "open, closed, disposed のどれかです。",
                        "open, closed or disposed.",
                    ));
                }
                ("sort", text) => asked.sort(&text, rule, &mut wrong),
                (other, text) => match other.strip_prefix("filter.").and_then(|name| filterable(name, rule)) {
                    Some((field, Bound::Is)) => {
                        let many = text.split(',').map(str::to_owned).collect();
                        filters.push(Filter::Text { field: field.to_owned(), one_of: many });
                        asked.fields.push(field.to_owned());
                    }
                    Some((field, bound)) => {
                        let range = ranges.entry(field.to_owned()).or_default();
                        *(if bound == Bound::From { &mut range.0 } else { &mut range.1 }) = Some(text);
                        asked.fields.push(field.to_owned());
                    }
                    None => wrong.push(at("?", "unknown-parameter", PARAMETERS.0, PARAMETERS.1)),
                },
            }
        }
        for (field, (from, to)) in ranges {
            filters.push(range(rule, &field, from, to, &mut wrong));
        }
        asked.query.filter = Filter::All(filters);
        asked.query.offset = (asked.page - 1).saturating_mul(asked.query.limit);
        if wrong.is_empty() { Ok(asked) } else { Err(wrong) }
    }

    fn sort(&mut self, text: &str, rule: &RegisterRule, wrong: &mut Vec<Objection>) {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        self.query.descending = descending;
        self.query.sort = match name {
            "number" => Sort::Number,
            "updated" => Sort::Updated,
            name => match rule.field(name).filter(|field| indexed(field)) {
                Some(field) if is_amount(field.kind) => {
                    self.fields.push(field.id.clone());
                    Sort::Amount(field.id.clone())
                }
                Some(field) => {
                    self.fields.push(field.id.clone());
                    Sort::Text(field.id.clone())
                }
                None => {
                    let (ja, en) = (
                        "number, updated, か一覧に出る平文の項目です。",
                        "number, updated, or an open field of the list.",
                    );
                    return wrong.push(at("sort", "choice", ja, en));
                }
            },
        };
    }
}

/// What the list understands, for those who ask for something else.
const PARAMETERS: (&str, &str) = (
    "使えるのは q, page, per_page, sort, state, fields, filter.項目, filter.項目.from, filter.項目.to です（項目は検索できる平文のもの）。",
    "Known are q, page, per_page, sort, state, fields, filter.FIELD, filter.FIELD.from, filter.FIELD.to (open fields of the list).",
);

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Is,
    From,
    To,
}

fn filterable<'n>(name: &'n str, rule: &RegisterRule) -> Option<(&'n str, Bound)> {
    let (field, bound) = match (name.strip_suffix(".from"), name.strip_suffix(".to")) {
        (Some(field), _) => (field, Bound::From),
        (_, Some(field)) => (field, Bound::To),
        _ => (name, Bound::Is),
    };
    rule.field(field).filter(|rule| indexed(rule)).map(|_| (field, bound))
}

/// Values of these fields stand in the index of lists.
fn indexed(field: &FieldRule) -> bool {
    (field.column || field.filter) && (field.open || field.kind.is_clear())
}

fn is_amount(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::Yen | Kind::Count)
}

fn range(
    rule: &RegisterRule,
    field: &str,
    from: Option<String>,
    to: Option<String>,
    wrong: &mut Vec<Objection>,
) -> Filter {
    if !rule.field(field).is_some_and(|field| is_amount(field.kind)) {
        return Filter::TextRange { field: field.to_owned(), from, to };
    }
    let mut read = |text: Option<String>| {
        let text = text?;
        let number = text.parse::<i64>().ok();
        if number.is_none() {
            wrong.push(at(field, "kind", "整数で書いてください。", "Write a whole number."));
        }
        number
    };
    Filter::NumberRange { field: field.to_owned(), from: read(from), to: read(to) }
}

fn number(name: &str, text: &str, most: u32, wrong: &mut Vec<Objection>) -> u32 {
    text.parse::<u32>().ok().filter(|number| (1..=most).contains(number)).unwrap_or_else(|| {
        wrong.push(at(name, "range", format!("1〜{most} の整数です。"), format!("A whole number from 1 to {most}.")));
        1
    })
}
