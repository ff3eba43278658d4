//! 保管と廃棄: what must go, what may go, what is kept still and until when; and disposal, of one record or of several.
//!
//! Issue part 4 (retention and disposal). How long is the packs' word (`run/keeping.rs`); each disposal is one command,
//! so that one that is refused keeps none of the others.
//!
//! Invariant: a person sees only records that they may see, and disposes only through the command.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::{
    rulebook::FieldRule,
    run::{
        Kernel,
        command::{Command, Objection},
        keeping::{Bound, Fate, Keeping},
    },
};
use kitei_store::attachments;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web,
    erase::{Going, going},
    fields,
    frame::{self, Own, say},
    problem::Problem,
    record::{self, About},
    visitor::Visitor,
};
use crate::{
    kernel::Fault,
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Tone,
            button::{self, Submit, Weight},
            form::{self, Choice, Choices, Field, Form},
            notice::{Notice, notice},
        },
    },
};

/// Most records of each kind shown at once; the count says how many there are.
const SHOWN: usize = 200;
/// Most records disposed of at once.
const AT_ONCE: usize = 50;
/// Fields of the record of disposal that a person fills.
const TYPED: [&str; 4] = ["method", "responsible", "approved_by", "state"];

/// A record on the page.
struct Line {
    id: Uuid,
    number: String,
    name: String,
    register: String,
    keeping: Keeping,
    fate: Fate,
    mine: bool,
}

/// Whether any pack says how long something is kept that this person writes.
pub(super) fn concerns(kernel: &Kernel<'_>, visitor: &Visitor) -> bool {
    kernel.book.retention.keys().filter_map(|id| kernel.book.register(id)).any(|register| {
        register.owner.iter().chain(&register.write).any(|who| {
            let role = who.split('(').next().unwrap_or(who);
            visitor.holds(role) || (role == "head" && visitor.holds("department-head"))
        })
    })
}

async fn lines(web: &Web, visitor: &Visitor, register: &str) -> Result<Vec<Line>, Fault> {
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let Some(rule) = kernel.book.register(register) else { return Vec::new() };
        if !kernel.reads_register(&visitor.actor, rule) {
            return Vec::new();
        }
        let open = kernel.snapshot.all(register).unwrap_or_default();
        let closed = kernel.snapshot.all_closed(register).unwrap_or_default();
        let today = kernel.moment.today();
        let records = open.iter().chain(closed).filter_map(|id| kernel.snapshot.record(*id));
        records
            .filter(|record| record.erased_at.is_none() && kernel.sees_record(&visitor.actor, record))
            .filter_map(|record| {
                let keeping = kernel.keeping(record);
                Some(Line {
                    id: record.id,
                    number: record.number.clone(),
                    name: kernel.name_of(record.id),
                    register: rule.title.in_lang(words).to_owned(),
                    fate: keeping.fate(today)?,
                    mine: kernel.writes_record(&visitor.actor, record),
                    keeping,
                })
            })
            .collect()
    };
    web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await
}

/// `GET /retention`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    render(&web, &visitor, &[], &[]).await
}

/// A disposal that was refused: number, and why.
type Refused = (String, Vec<Objection>);

async fn render(web: &Web, visitor: &Visitor, done: &[String], refused: &[Refused]) -> Result<Markup, Problem> {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let registers = |kernel: &Kernel<'_>| kernel.book.retention.keys().cloned().collect::<Vec<_>>();
    let registers = web.installation.look(&visitor.organization, None, &[], registers).await?;
    let (mut all, mut too_many) = (Vec::new(), Vec::new());
    for register in &registers {
        match lines(web, visitor, register).await {
            Ok(lines) => all.extend(lines),
            Err(Fault::TooMuch { .. }) => too_many.push(register.as_str()),
            Err(fault) => return Err(fault.into()),
        }
    }
    all.sort_by(|a, b| (a.fate, last(&a.keeping), &a.number).cmp(&(b.fate, last(&b.keeping), &b.number)));
    let of = |fate: Fate| all.iter().filter(|line| line.fate == fate).collect::<Vec<_>>();
    let (due, free, kept) = (of(Fate::Due), of(Fate::Free), of(Fate::Kept));
    let token = visitor.token(web, "/retention")?;
    let goes: Vec<&Line> = due.iter().chain(&free).copied().filter(|line| line.mine).take(SHOWN).collect();
    let content = html! {
        @if !done.is_empty() {
            (notice(lang, &Notice {
                tone: Tone::Success,
                title: say(lang, "廃棄しました", "Disposed of"),
                body: html! { p { (done.join("、")) } },
            }))
        }
        @if !refused.is_empty() {
            (notice(lang, &Notice {
                tone: Tone::Danger,
                title: say(lang, "廃棄しなかったもの", "Not disposed of"),
                body: html! { ul { @for (number, objections) in refused { li {
                    (number) ": "
                    @for objection in objections { (objection.message.in_lang(words)) " " (clauses(&objection.clauses)) }
                } } } },
            }))
        }
        @for register in &too_many {
            (notice(lang, &Notice {
                tone: Tone::Warning,
                title: say(lang, "件数が多く、ここには並べられません", "Too many records to list here"),
                body: html! { p { a href={ "/registers/" (register) } { (register) } } },
            }))
        }
        @if registers.is_empty() {
            p { (say(lang, "保管期間を決めている規程がまだ採用されていません。", "No adopted regulation says how long anything is kept.")) }
        }
        h2 { (say(lang, "廃棄しなければならないもの", "Must be disposed of")) " " (count(lang, due.len())) }
        (list(lang, &due))
        h2 { (say(lang, "廃棄できるもの", "May be disposed of")) " " (count(lang, free.len())) }
        (list(lang, &free))
        @if !goes.is_empty() {
            @let help: Vec<(String, String, String)> = goes.iter().map(|line| (line.id.to_string(), label(line), until(lang, line))).collect();
            @let choices: Vec<Choice<'_>> = help.iter().map(|(value, label, help)| Choice { value, label, help }).collect();
            h2 { (say(lang, "まとめて廃棄する", "Dispose of several")) }
            (form::form(lang, &Form {
                action: "/retention",
                token: Some((CSRF_FIELD, &token)),
                fields: form::checkboxes(lang, &Field { name: "records", label: say(lang, "廃棄する記録", "Records"), required: true, ..Field::default() },
                    &Choices { choices: &choices, ..Choices::default() }),
                buttons: button::submit(lang, &Submit { label: say(lang, "内容を確かめて進む", "Check and go on"), weight: Weight::Primary, ..Submit::default() }),
                ..Form::default()
            }))
        }
        h2 { (say(lang, "まだ保管するもの", "Kept still")) " " (count(lang, kept.len())) }
        (list(lang, &kept))
    };
    let own = Own {
        title: say(lang, "保管と廃棄", "Keeping and disposal"),
        lead: say(
            lang,
            "規程が定める保管期間から計算しています。複数の規程があるときは、最も遅い「少なくとも」と最も早い「長くとも」によります。",
            "Computed from the periods in the regulations; where there are several, the latest least and the earliest most count.",
        ),
        place: "/registers",
        path: "/retention",
        refused: !refused.is_empty(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn last(keeping: &Keeping) -> Option<jiff::civil::Date> {
    let bound = keeping.most.as_ref().or(keeping.least.as_ref());
    bound.and_then(|bound| bound.last)
}

fn count(lang: Lang, count: usize) -> Markup {
    html! { "（" (crate::shell::ui::text::grouped(count as u64)) (say(lang, "件", "")) "）" }
}

fn label(line: &Line) -> String {
    let name = if line.name == line.number { String::new() } else { format!(" {}", line.name) };
    format!("{}{name}（{}）", line.number, line.register)
}

/// Until when, in words, with the clauses.
fn until(lang: Lang, line: &Line) -> String {
    let words = |bound: &Bound, ja: &str, en: &str| {
        let day = bound.last.map_or_else(|| say(lang, "未定", "not known").to_owned(), |day| day.to_string());
        let at = if bound.basis.is_empty() { String::new() } else { format!("［{}］", bound.basis.join("、")) };
        format!("{}: {day}{at}", say(lang, ja, en))
    };
    let least = line.keeping.least.as_ref().map(|bound| words(bound, "少なくとも", "at least until"));
    let most = line.keeping.most.as_ref().map(|bound| words(bound, "長くとも", "at most until"));
    least.into_iter().chain(most).collect::<Vec<_>>().join(" ")
}

fn clauses(clauses: &[String]) -> Markup {
    html! { @for clause in clauses { a href={ "/clauses/" (clause) } { (clause) } " " } }
}

fn list(lang: Lang, lines: &[&Line]) -> Markup {
    html! {
        @if lines.is_empty() {
            p { (say(lang, "ありません。", "None.")) }
        } @else {
            ul {
                @for line in lines.iter().take(SHOWN) {
                    li { a href={ "/records/" (line.id) } { (label(line)) } " " (until(lang, line)) }
                }
            }
            @if lines.len() > SHOWN { p { (say(lang, "ほかは台帳で見られます。", "The rest stands in the registers.")) } }
        }
    }
}

/// `POST /retention`: on to the page that says what will go.
pub(super) async fn choose(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let typed = record::posted(&web, &visitor, "/retention", request).await?;
    let chosen: Vec<&str> =
        typed.get("records").into_iter().flatten().map(String::as_str).filter(|id| !id.is_empty()).collect();
    if chosen.is_empty() {
        return Ok(Redirect::to("/retention").into_response());
    }
    Ok(Redirect::to(&format!("/retention/dispose?records={}", chosen.join(","))).into_response())
}

/// Records that the query names.
fn named(query: &BTreeMap<String, String>) -> Result<Vec<Uuid>, Problem> {
    let ids = query.get("records").map(String::as_str).unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let ids = ids.map(str::parse).collect::<Result<Vec<Uuid>, _>>().map_err(|_| Problem::NotFound)?;
    if ids.is_empty() || ids.len() > AT_ONCE { Err(Problem::NotFound) } else { Ok(ids) }
}

/// `GET /retention/dispose?records=…`
pub(super) async fn dispose_form(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    confirm(&web, &visitor, &named(&query)?, &fields::Typed::new(), &[]).await
}

fn address(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("/retention/dispose?records={}", ids.join(","))
}

/// The fields of the record of disposal that a person fills.
async fn typed_fields(web: &Web, visitor: &Visitor) -> Result<Vec<FieldRule>, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register("disposal");
        TYPED.iter().filter_map(|id| rule.and_then(|rule| rule.field(id)).cloned()).collect::<Vec<_>>()
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?)
}

async fn confirm(
    web: &Web,
    visitor: &Visitor,
    ids: &[Uuid],
    typed: &fields::Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let mut all: Vec<(String, Going, String)> = Vec::new();
    for id in ids {
        record::seen(web, visitor, *id).await?;
        let mut reader = web.installation.db.reader().await?;
        let files = attachments::of_record(&mut reader, visitor.organization.id, *id).await?;
        drop(reader);
        let look = |kernel: &Kernel<'_>| {
            let record = kernel.snapshot.record(*id)?;
            let keeping = kernel.keeping(record);
            let register = kernel.book.register(&record.register)?.title.in_lang(words).to_owned();
            let line = Line {
                id: *id,
                number: record.number.clone(),
                name: kernel.name_of(*id),
                register,
                fate: Fate::Free,
                mine: true,
                keeping,
            };
            Some((label(&line), going(kernel, record, None, &files, words), until(lang, &line)))
        };
        let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[*id], look).await?;
        all.push(found.ok_or(Problem::NotFound)?);
    }
    let before = html! {
        (notice(lang, &Notice {
            tone: Tone::Danger,
            title: say(lang, "次の記録の中身が消え、元に戻せません", "What these records hold will go and cannot be brought back"),
            body: html! {
                @for (label, going, until) in &all {
                    p { strong { (label) } " " (until) }
                    (going.shown(visitor))
                }
            },
        }))
        p { (say(
            lang,
            "番号と、誰がいつどのように廃棄したかの記録は残ります。消した中身は残りません。",
            "The number stays, with a record of who disposed of it, when and how. Nothing of what is deleted stays.",
        )) }
    };
    let address = address(ids);
    let about = About {
        action: &address,
        title: say(lang, "廃棄する", "Dispose").to_owned(),
        lead: String::new(),
        back: (say(lang, "保管と廃棄", "Keeping and disposal").to_owned(), "/retention".to_owned()),
        fields: typed_fields(web, visitor).await?,
        needed: vec!["method".to_owned()],
        button: say(lang, "廃棄する（元に戻せません）", "Dispose for good"),
        before,
        danger: true,
        deed: true,
    };
    record::render(web, visitor, &about, typed, wrong).await
}

/// `POST /retention/dispose?records=…`
pub(super) async fn dispose(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let ids = named(&query)?;
    let typed = record::posted(&web, &visitor, &address(&ids), request).await?;
    let rules = typed_fields(&web, &visitor).await?;
    let rules: Vec<&FieldRule> = rules.iter().collect();
    let (values, mut wrong) = fields::read(&rules, &typed, &visitor.organization.zone);
    if let Some(rule) = rules.iter().find(|rule| rule.id == "method")
        && values.get("method").is_none_or(kitei_rules::value::Value::is_empty)
        && wrong.is_empty()
    {
        wrong.push(method_lacks(rule));
    }
    if !wrong.is_empty() {
        let page = confirm(&web, &visitor, &ids, &typed, &wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for id in &ids {
        record::seen(&web, &visitor, *id).await?;
        let name = record::name_of(&web, &visitor, *id).await?;
        // Each record is a deed of its own, so each has a key of its own.
        let mut own = typed.clone();
        let key = fields::first(&typed, "key").to_owned();
        if !key.is_empty() {
            own.insert("key".to_owned(), vec![format!("{key}:{id}")]);
        }
        let command = Command::Dispose { record: *id, fields: values.clone() };
        match record::perform(&web, &visitor, &own, command).await? {
            Ok(outcome) => done.push(outcome.number.unwrap_or(name)),
            Err(refusal) if ids.len() == 1 => {
                let page = confirm(&web, &visitor, &ids, &typed, &refusal.objections).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
            Err(refusal) => refused.push((name, refusal.objections)),
        }
    }
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, render(&web, &visitor, &done, &refused).await?).into_response())
}

fn method_lacks(rule: &FieldRule) -> Objection {
    Objection {
        code: "required".to_owned(),
        field: Some("method".to_owned()),
        source: None,
        clauses: rule.basis.clone(),
        message: kitei_rules::pack::model::Text {
            ja: "廃棄の方法を選んでください。".to_owned(),
            en: "Choose how it is disposed of.".to_owned(),
        },
    }
}
