//! 不足を埋める: records that came in with gaps, filled many at a time: one field, of every record or of one department.
//!
//! Each record is changed by a command of its own, with every check of its form; what is refused is named and stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::{Path, Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::{
    rulebook::FieldRule,
    run::{Kernel, command::Command},
    value::Value,
};
use kitei_store::records::{self, Filter, ListQuery};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web,
    fields::{self, Shown, Typed},
    frame::{self, Own, say},
    problem::Problem,
    record::{options, perform, posted},
    visitor::Visitor,
};
use crate::{
    import::gaps,
    kernel::project::GAPS,
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link, Tone,
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form},
            notice::{Notice, notice},
            table::{Column, Holds, Row, Table, table},
            text::grouped,
        },
    },
};

/// Records looked at and filled at a time.
const MOST: u32 = 500;

/// Records with gaps.
fn query(register: &str) -> ListQuery {
    ListQuery {
        filter: Filter::NumberRange { field: GAPS.to_owned(), from: Some(1), to: None },
        limit: MOST,
        ..ListQuery::new(register)
    }
}

/// A record with the fields it lacks and the department it belongs to.
#[derive(Clone, Debug)]
struct Lacking {
    record: Uuid,
    fields: Vec<String>,
    department: Option<Uuid>,
}

/// What a register lacks.
struct Found {
    title: String,
    /// Records with gaps, also those beyond the ones looked at.
    total: u64,
    records: Vec<Lacking>,
    rules: BTreeMap<String, FieldRule>,
    departments: BTreeMap<Uuid, String>,
}

async fn found(web: &Web, visitor: &Visitor, register: &str) -> Result<Found, Problem> {
    let seen = web.installation.narrowed(&visitor.organization, &visitor.actor, query(register)).await?;
    let seen = seen.ok_or(Problem::NotFound)?;
    let mut reader = web.installation.db.reader().await?;
    let page = records::list(&mut reader, visitor.organization.id, &seen).await?;
    drop(reader);
    let ids: Vec<Uuid> = page.records.iter().map(|record| record.id).collect();
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register(register).filter(|rule| kernel.reads_register(&visitor.actor, rule))?;
        let mut departments = BTreeMap::new();
        let mut lacking = Vec::new();
        for record in ids.iter().filter_map(|id| kernel.snapshot.record(*id)) {
            if !kernel.sees_record(&visitor.actor, record) {
                continue;
            }
            let department = match rule.department_field.as_ref().map(|field| kernel.value(record, field)) {
                Some(Value::Record(id)) => Some(id),
                _ => None,
            };
            if let Some(id) = department {
                departments.insert(id, kernel.name_of(id));
            }
            lacking.push(Lacking { record: record.id, fields: gaps::fields(kernel, record), department });
        }
        let rules = rule.fields.iter().map(|field| (field.id.clone(), field.clone())).collect();
        Some((rule.title.in_lang(words).to_owned(), lacking, rules, departments))
    };
    let looked = web.installation.look(&visitor.organization, Some(&visitor.actor), &ids, look).await?;
    let (title, records, rules, departments) = looked.ok_or(Problem::NotFound)?;
    Ok(Found { title, total: u64::try_from(page.total).unwrap_or_default(), records, rules, departments })
}

impl Found {
    /// Fields that are lacking, with how many records lack each.
    fn fields(&self) -> BTreeMap<&str, u64> {
        let mut out = BTreeMap::new();
        for field in self.records.iter().flat_map(|lacking| &lacking.fields) {
            *out.entry(field.as_str()).or_default() += 1;
        }
        out
    }

    /// Records that lack a field, of one department or of all.
    fn lacking(&self, field: &str, department: &str) -> Vec<Uuid> {
        let of = |lacking: &&Lacking| {
            let belongs = department.is_empty() || lacking.department.is_some_and(|id| id.to_string() == department);
            belongs && lacking.fields.iter().any(|lacks| lacks == field)
        };
        self.records.iter().filter(of).map(|lacking| lacking.record).collect()
    }
}

/// `GET /registers/{register}/gaps`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let found = found(&web, &visitor, &register).await?;
    let text = |key: &str| query.get(key).map(String::as_str).unwrap_or_default();
    let asked = Asked { field: text("field"), department: text("department"), filled: text("filled").parse().ok() };
    shown(&web, &visitor, &register, &found, &asked, &Typed::new(), &[]).await
}

/// What the page is asked for.
struct Asked<'a> {
    field: &'a str,
    department: &'a str,
    /// Records that were just filled.
    filled: Option<u64>,
}

async fn shown(
    web: &Web,
    visitor: &Visitor,
    register: &str,
    found: &Found,
    asked: &Asked<'_>,
    typed: &Typed,
    wrong: &[String],
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let address = format!("/registers/{register}/gaps");
    let content = html! {
        @if let Some(filled) = asked.filled {
            (notice(lang, &Notice { tone: Tone::Success, title: &match lang {
                Lang::Ja => format!("{}件に記入しました。", grouped(filled)),
                Lang::En => format!("{} records were filled in.", grouped(filled)),
            }, ..Notice::default() }))
        }
        @if !wrong.is_empty() {
            (notice(lang, &Notice { tone: Tone::Danger, title: say(lang, "記入できないものがありました。", "Some could not be filled in."), body: html! { ul { @for line in wrong { li { (line) } } } } }))
        }
        p role="status" { (match lang {
            Lang::Ja => format!("不足のある記録は、あと {}件です。", grouped(found.total)),
            Lang::En => format!("{} records still have gaps.", grouped(found.total)),
        }) }
        @if found.total > 0 { (summary(lang, words, register, found)) (choice(lang, words, &address, found, asked)) }
        (filling(web, visitor, &address, found, asked, typed).await?)
    };
    let list = format!("/registers/{register}");
    let own = Own {
        title: say(lang, "不足を埋める", "Fill gaps"),
        lead: &found.title,
        place: "/registers",
        path: &address,
        breadcrumbs: &[
            Link { label: say(lang, "台帳", "Registers"), href: "/registers" },
            Link { label: &found.title, href: &list },
        ],
        refused: !wrong.is_empty(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn title<'f>(found: &'f Found, field: &'f str, words: kitei_rules::run::paper::Lang) -> &'f str {
    found.rules.get(field).map_or(field, |rule| rule.title.in_lang(words))
}

fn summary(lang: Lang, words: kitei_rules::run::paper::Lang, register: &str, found: &Found) -> Markup {
    let rows: Vec<Row> = found
        .fields()
        .into_iter()
        .map(|(field, count)| Row {
            cells: vec![
                html! { a href={ "/registers/" (register) "/gaps?field=" (field) } { (title(found, field, words)) } },
                html! { (grouped(count)) },
            ],
            marked: false,
        })
        .collect();
    let columns = [
        Column { label: say(lang, "空いている項目", "Empty field"), ..Column::default() },
        Column { label: say(lang, "件数", "Records"), holds: Holds::Number, ..Column::default() },
    ];
    html! {
        (table(lang, &Table { id: "gaps", caption: say(lang, "項目ごとの不足", "Gaps by field"), columns: &columns, rows: &rows, ..Table::default() }))
        p { a href={ "/registers/" (register) "?gaps=yes" } { (say(lang, "不足のある記録を一件ずつ見る", "Look at the records one by one")) } }
    }
}

fn choice(lang: Lang, words: kitei_rules::run::paper::Lang, address: &str, found: &Found, asked: &Asked<'_>) -> Markup {
    let counted: Vec<(String, String)> = found
        .fields()
        .into_iter()
        .map(|(field, count)| (field.to_owned(), format!("{}（{}）", title(found, field, words), grouped(count))))
        .collect();
    let offered: Vec<Choice<'_>> = counted.iter().map(|(value, label)| Choice { value, label, help: "" }).collect();
    let ids: Vec<(String, &str)> = found.departments.iter().map(|(id, name)| (id.to_string(), name.as_str())).collect();
    let all = Choice { value: "", label: say(lang, "すべての部署", "Every department"), help: "" };
    let departments: Vec<Choice<'_>> =
        std::iter::once(all).chain(ids.iter().map(|(value, label)| Choice { value, label, help: "" })).collect();
    let select = |name: &'static str, label: &'static str, choices: &[Choice<'_>], chosen: &str| {
        let field = Field { name, label, unmarked: true, ..Field::default() };
        form::select(lang, &field, &Choices { choices, chosen: &[chosen], ..Choices::default() })
    };
    html! {
        form class="form" method="get" action=(address) {
            (select("field", say(lang, "埋める項目", "Field to fill"), &offered, asked.field))
            @if !ids.is_empty() {
                (select("department", say(lang, "部署", "Department"), &departments, asked.department))
            }
            div class="button-row" {
                (button::submit(lang, &Submit { label: say(lang, "この項目を埋める", "Fill this field"), weight: Weight::Secondary, ..Submit::default() }))
            }
        }
    }
}

async fn filling(
    web: &Web,
    visitor: &Visitor,
    address: &str,
    found: &Found,
    asked: &Asked<'_>,
    typed: &Typed,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let count = found.lacking(asked.field, asked.department).len();
    let Some(rule) = found.rules.get(asked.field).filter(|_| count > 0) else { return Ok(html! {}) };
    let options = options(web, visitor, std::slice::from_ref(rule)).await?;
    let token = visitor.token(web, address)?;
    let label = match lang {
        Lang::Ja => format!("{count}件にまとめて記入する"),
        Lang::En => format!("Fill in {count} records"),
    };
    let key = web.installation.environment.id().to_string();
    Ok(form::form(
        lang,
        &Form {
            action: address,
            token: Some((CSRF_FIELD, &token)),
            fields: html! {
                (form::hidden("key", &key))
                (form::hidden("of-field", asked.field))
                (form::hidden("of-department", asked.department))
                (fields::control(lang, &Shown { field: rule, typed, error: None, required: true, basis: &[], options: &options, ask: false }))
            },
            buttons: button::submit(lang, &Submit { label: &label, ..Submit::default() }),
            ..Form::default()
        },
    ))
}

/// `POST /registers/{register}/gaps`
pub(super) async fn fill(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let address = format!("/registers/{register}/gaps");
    let typed = posted(&web, &visitor, &address, request).await?;
    let (field, department) =
        (fields::first(&typed, "of-field").to_owned(), fields::first(&typed, "of-department").to_owned());
    let before = found(&web, &visitor, &register).await?;
    let rule = before.rules.get(&field).ok_or(Problem::NotFound)?;
    let words = fields::language(visitor.lang);
    let (values, mut objections) = fields::read(&[rule], &typed, &visitor.organization.zone);
    let nothing = values.values().all(Value::is_empty);
    let mut wrong: BTreeSet<String> =
        objections.drain(..).map(|objection| objection.message.in_lang(words).to_owned()).collect();
    if wrong.is_empty() && nothing {
        wrong.insert(say(visitor.lang, "記入する値を入れてください。", "Give the value to fill in.").to_owned());
    }
    let mut filled = 0_u64;
    if wrong.is_empty() {
        for record in before.lacking(&field, &department) {
            // One key a record: the same form sent again changes nothing.
            let mut of_record = typed.clone();
            of_record.insert("key".to_owned(), vec![format!("{}:{record}", fields::first(&typed, "key"))]);
            match perform(&web, &visitor, &of_record, Command::Change { record, fields: values.clone() }).await? {
                Ok(_) => filled += 1,
                Err(refusal) => {
                    wrong.extend(refusal.objections.into_iter().map(|o| o.message.in_lang(words).to_owned()));
                }
            }
        }
    }
    if wrong.is_empty() {
        return Ok(Redirect::to(&format!("{address}?filled={filled}")).into_response());
    }
    let after = found(&web, &visitor, &register).await?;
    let asked = Asked { field: &field, department: &department, filled: (filled > 0).then_some(filled) };
    let wrong: Vec<String> = wrong.into_iter().collect();
    let page = shown(&web, &visitor, &register, &after, &asked, &typed, &wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// For 今日: registers with gaps, how many, and where to fill them. Nothing where there are none.
pub(super) async fn strip(web: &Web, visitor: &Visitor) -> Result<Markup, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let registers = gaps::registers(&mut reader, visitor.organization.id).await?;
    drop(reader);
    if registers.is_empty() {
        return Ok(html! {});
    }
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let mut out = Vec::new();
        for rule in registers.iter().filter_map(|register| kernel.book.register(register)) {
            let mut writers = rule.write.iter().chain(&rule.owner);
            let writes = visitor.administers() || writers.any(|role| visitor.holds(role));
            if writes && kernel.reads_register(&visitor.actor, rule) {
                out.push((rule.id.clone(), rule.title.in_lang(words).to_owned()));
            }
        }
        out
    };
    let registers = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let mut lines = Vec::new();
    for (register, title) in registers {
        let seen = web.installation.narrowed(&visitor.organization, &visitor.actor, query(&register)).await?;
        let Some(seen) = seen else { continue };
        let mut reader = web.installation.db.reader().await?;
        let count = records::count(&mut reader, visitor.organization.id, &seen).await?;
        if let Some(count) = u64::try_from(count).ok().filter(|count| *count > 0) {
            let words = match visitor.lang {
                Lang::Ja => format!("{title}：不足のある記録 あと {}件", grouped(count)),
                Lang::En => format!("{title}: {} records with gaps", grouped(count)),
            };
            lines.push((register, words));
        }
    }
    Ok(html! {
        @for (register, words) in &lines {
            (notice(visitor.lang, &Notice {
                tone: Tone::Warning,
                title: words,
                body: html! { a href={ "/registers/" (register) "/gaps" } { (say(visitor.lang, "不足を埋める", "Fill gaps")) } },
            }))
        }
    })
}
