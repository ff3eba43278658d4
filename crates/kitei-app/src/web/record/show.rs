//! The page of one record.

mod kept;

use std::sync::Arc;

use axum::extract::{Path, State};
use jiff::Timestamp;
use kitei_rules::{
    pack::model::{ClockKind, Kind, Tone as Weight},
    run::{
        Kernel,
        compare::ViewRows,
        duty::DutyStanding,
        flags::FlagStanding,
        keeping::Keeping,
        paper::Lang as Words,
        standing::{ActStanding, Status},
        who::Target,
    },
    value::{Truth, Value},
    world::{Record, State as Stand},
};
use kitei_store::log::{self, StoredEvent};
use maud::{Markup, html};
use serde_json::Value as Json;
use uuid::Uuid;

use super::forms::{basis_of, clause_links};
use crate::{
    kernel::refused,
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link, Tone, badge,
            button::{self, Submit, Weight as Shape},
            facts::{self, Fact, Finding, Value as Known},
            form,
            notice::{Notice, notice},
            steps::{self, State as StepState, Step},
            table::{Column, Row, Table, table},
            task::Due,
            timeline::{self, Entry, Kind as What},
        },
    },
    web::{
        Web, attachments, fields,
        frame::{self, Own, say},
        problem::Problem,
        today::local,
        visitor::Visitor,
    },
};

/// Events of a record shown on its page.
const HISTORY: u32 = 60;

/// Everything the page shows, computed at once.
struct Seen {
    number: String,
    name: String,
    register: String,
    register_title: String,
    state: Stand,
    facts: Vec<(String, Known2, bool, Vec<String>)>,
    findings: Vec<(String, String, Vec<String>, Vec<String>)>,
    steps: Vec<Shown>,
    duties: Vec<Duty>,
    flags: Vec<FlagStanding>,
    lists: Vec<(String, String, Vec<String>, ViewRows)>,
    papers: Vec<(String, String)>,
    erased: Option<Timestamp>,
    keeping: Keeping,
    keeps: bool,
}

/// A value in words, or unknown.
enum Known2 {
    Words(String),
    Unknown,
}

/// What stands in place of values that are gone.
const ERASED: (&str, &str) = ("消去済み", "Erased");

/// What comes back on this record.
struct Duty {
    standing: DutyStanding,
    who: String,
    mine: bool,
}

struct Shown {
    standing: ActStanding,
    who: String,
    mine: bool,
    approvable: bool,
    duty: bool,
}

/// `GET /records/{id}`
pub(in crate::web) async fn page(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    super::seen(&web, &visitor, id).await?;
    let look = |kernel: &Kernel<'_>| kernel.snapshot.record(id).map(|record| gather(kernel, &visitor, record));
    let seen = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let mut seen = seen.ok_or(Problem::NotFound)?;
    let (of, listed) = attachments::seen(&web, &visitor, id).await?;
    kept::name_files(&mut seen, &listed);
    let files = attachments::section(&visitor, id, &of, &listed);
    let mut reader = web.installation.db.reader().await?;
    let mut events = log::of_subject(&mut reader, visitor.organization.id, id, None, HISTORY).await?;
    // Who tried in vain concerns those who administer and those who audit.
    let audits = visitor.administers() || visitor.holds("audit-manager");
    events.retain(|event| audits || !matches!(event.kind.as_str(), refused::READING | refused::ATTEMPT));
    let moment = visitor.organization.moment(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, &visitor.organization, moment.today()).await?;
    let loader = crate::kernel::load::Loader {
        organization: &visitor.organization,
        book: &book,
        environment: &*web.installation.environment,
    };
    let people = loader.people(&mut reader, &moment).await?;
    let told = super::told::card(&web, &visitor, &mut reader, id).await?;
    drop(reader);
    let names = |id: &str| {
        if id == "kitei" {
            return say(visitor.lang, "Kitei（自動）", "Kitei, by itself").to_owned();
        }
        let person = id.parse::<Uuid>().ok().and_then(|id| people.names.get(&id).cloned());
        person.unwrap_or_else(|| say(visitor.lang, "サインインなし", "without sign-in").to_owned())
    };
    let history = history(&visitor, &book, &seen.number, &events, &names);
    let history = html! { (history) (super::imported::origin(&web, &visitor, id).await?) };
    let after = html! { (files) (kept::section(&visitor, id, &seen, &events)) };
    let content = render(&web, &visitor, id, &seen, (&told, &after, &history))?;
    let title = if seen.name == seen.number { seen.number.clone() } else { format!("{} {}", seen.number, seen.name) };
    let back = format!("/registers/{}", seen.register);
    let edit = format!("/records/{id}/edit");
    let close = format!("/records/{id}/close");
    let aside = html! {
        @if let Some(at) = seen.erased {
            (badge::badge(Tone::Info, &format!("{} {}", say(visitor.lang, "消去済み", "erased"), local(&visitor, at))))
        }
        @match seen.state {
            Stand::Open if seen.erased.is_some() => {}
            Stand::Open => {
                (badge::badge(Tone::Info, say(visitor.lang, "対応中", "open")))
                (button::link(Link { label: say(visitor.lang, "事実を直す", "Change facts"), href: &edit }, Shape::Secondary))
                (button::link(Link { label: say(visitor.lang, "終了する", "Close"), href: &close }, Shape::Quiet))
            }
            Stand::Closed => (badge::badge(Tone::Success, say(visitor.lang, "終了", "closed"))),
            Stand::Disposed => (badge::badge(Tone::Info, say(visitor.lang, "廃棄済み", "disposed of"))),
        }
        (button::print(visitor.lang))
    };
    let own = Own {
        title: &title,
        aside,
        place: if seen.register == "incident" { "/registers/incident" } else { "/registers" },
        breadcrumbs: &[Link { label: &seen.register_title, href: &back }],
        content,
        path: &format!("/records/{id}"),
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

fn gather(kernel: &Kernel<'_>, visitor: &Visitor, record: &Record) -> Seen {
    let words = fields::language(visitor.lang);
    let rule = kernel.book.register(&record.register);
    let mut facts = Vec::new();
    for field in rule.into_iter().flat_map(|rule| &rule.fields) {
        if !kernel.sees_field(&visitor.actor, &record.register, None, &field.id)
            || !kernel.is_shown(record, None, &field.id)
        {
            continue;
        }
        let value = kernel.value(record, &field.id);
        if value.is_unknown() && !field.in_force {
            continue;
        }
        if value.is_empty() && field.required.is_empty() && !matches!(field.kind, Kind::YesNo | Kind::Count) {
            continue;
        }
        let known = if value.is_unknown() {
            Known2::Unknown
        } else {
            Known2::Words(kernel.words(&record.register, None, &field.id, &value, words))
        };
        let changed = record.history.iter().any(|(name, _)| *name == field.id);
        facts.push((field.title.in_lang(words).to_owned(), known, changed, field.basis.clone()));
    }
    // What a table held that no field takes is shown as it was written.
    facts.extend(crate::import::kept(record).into_iter().map(|k| (k.header, Known2::Words(k.text), false, Vec::new())));
    let findings = kernel
        .findings(record)
        .into_iter()
        .filter(|finding| finding.shown && !finding.value.is_empty() && finding.value != Value::Bool(false))
        .map(|finding| {
            let value = kernel.words(&record.register, None, &finding.id, &finding.value, words);
            let reasons = finding
                .reasons
                .iter()
                .map(|(text, truth, clauses)| {
                    let sure = if *truth == Truth::Unknown {
                        say(visitor.lang, "（未確認）", " (not confirmed)")
                    } else {
                        ""
                    };
                    let at = if clauses.is_empty() { String::new() } else { format!("［{}］", clauses.join("、")) };
                    format!("{}{sure}{at}", text.in_lang(words))
                })
                .collect();
            (finding.title.in_lang(words).to_owned(), value, reasons, finding.basis.clone())
        })
        .collect();
    let steps = shown_steps(kernel, visitor, record);
    let lists = rule
        .into_iter()
        .flat_map(|rule| &rule.lists)
        .filter(|list| {
            list.fields
                .iter()
                .any(|field| kernel.sees_field(&visitor.actor, &record.register, Some(&list.id), &field.id))
        })
        .map(|list| {
            let columns: Vec<String> =
                list.fields.iter().take(6).map(|field| field.title.in_lang(words).to_owned()).collect();
            let lines = record.lines.get(&list.id).into_iter().flatten().take(200);
            let rows = lines
                .map(|line| {
                    let cells = list.fields.iter().take(6).map(|field| {
                        let value = line.fields.get(&field.id).map_or(Value::Empty, |stored| stored.value.clone());
                        if line.erased && list.fields.first().is_some_and(|first| first.id == field.id) {
                            return say(visitor.lang, ERASED.0, ERASED.1).to_owned();
                        }
                        kernel.words(&record.register, Some(&list.id), &field.id, &value, words)
                    });
                    (line.id, cells.collect())
                })
                .collect();
            (list.id.clone(), list.title.in_lang(words).to_owned(), columns, rows)
        })
        .collect();
    Seen {
        number: record.number.clone(),
        name: kernel.name_of(record.id),
        register: record.register.clone(),
        register_title: rule.map(|rule| rule.title.in_lang(words).to_owned()).unwrap_or_default(),
        state: record.state,
        facts,
        findings,
        steps,
        duties: shown_duties(kernel, visitor, record),
        flags: kernel.flags(record),
        lists,
        erased: record.erased_at,
        keeping: kernel.keeping(record),
        keeps: kernel.writes_record(&visitor.actor, record),
        papers: kernel.papers(record).iter().map(|p| (p.id.clone(), p.title.in_lang(words).to_owned())).collect(),
    }
}

fn shown_duties(kernel: &Kernel<'_>, visitor: &Visitor, record: &Record) -> Vec<Duty> {
    let words = fields::language(visitor.lang);
    let duties = kernel.duties(record).into_iter();
    duties
        .map(|standing| {
            let who: Vec<String> = standing.by.iter().map(|target| name_of(kernel, target, words)).collect();
            Duty { who: who.join("、"), mine: kernel.is_meant(visitor.actor.person, &standing.by), standing }
        })
        .collect()
}

fn duty_of(visitor: &Visitor, id: Uuid, duty: &Duty, now: Timestamp, state: Stand) -> Markup {
    let lang = visitor.lang;
    let standing = &duty.standing;
    let clauses: Vec<String> = standing.basis.iter().flat_map(|(_, clauses)| clauses.iter().cloned()).collect();
    let links = clause_links(&clauses);
    let basis = basis_of(&links);
    let open = matches!(standing.status, Status::Open | Status::Returned);
    let late = open && standing.due < now;
    let (text, instant) = (local(visitor, standing.due), standing.due.to_string());
    let last = standing.last.map(|last| format!("{} {}", say(lang, "前回", "Last done"), local(visitor, last)));
    let href = format!("/records/{id}/act/{}", standing.act);
    steps::step(
        lang,
        &Step {
            title: standing.title.in_lang(fields::language(lang)),
            state: match standing.status {
                Status::Done => StepState::Done,
                Status::Skipped => StepState::NotApplicable,
                _ if late => StepState::Late,
                Status::Open | Status::Returned if !standing.upcoming => StepState::Now,
                Status::Open | Status::Returned => StepState::Open,
                Status::Waiting | Status::Locked | Status::Blocked | Status::Submitted => StepState::Waiting,
            },
            due: Some(Due {
                text: &text,
                instant: &instant,
                left: (!standing.status.settled()).then(|| standing.due.as_second() - now.as_second()),
            }),
            who: &duty.who,
            note: last.as_deref().unwrap_or_default(),
            why: &[],
            basis: &basis,
            actions: html! {
                @if open && duty.mine && state == Stand::Open {
                    (button::link(Link { label: say(lang, "行う・記録する", "Do or record"), href: &href }, Shape::Primary))
                }
            },
        },
    )
}

fn shown_steps(kernel: &Kernel<'_>, visitor: &Visitor, record: &Record) -> Vec<Shown> {
    let words = fields::language(visitor.lang);
    let person = visitor.actor.person;
    kernel
        .standing(record)
        .into_iter()
        .filter(|standing| kernel.sees_act(&visitor.actor, standing))
        .map(|standing| {
            let doer = kernel.deed(record, &standing.act).and_then(|deed| deed.by);
            let approvable = standing.status == Status::Submitted
                && standing.approvals.outstanding.iter().any(|set| {
                    kernel.approvers(record, set, doer).iter().any(|approver| approver.persons.contains(&person))
                });
            let who: Vec<String> = standing.by.iter().map(|target| name_of(kernel, target, words)).collect();
            let mine = kernel.is_meant(person, &standing.by);
            Shown { who: who.join("、"), mine, approvable, duty: false, standing }
        })
        .collect()
}

pub(in crate::web) fn name_of(kernel: &Kernel<'_>, target: &Target, words: Words) -> String {
    let ja = words == Words::Ja;
    match target {
        Target::Staff => if ja { "従業者" } else { "staff" }.to_owned(),
        Target::Person(person) => kernel.name_of(*person),
        Target::Outside(role) => {
            if ja {
                format!("社外（{role}）")
            } else {
                format!("outside ({role})")
            }
        }
        Target::Role { role, .. } => {
            let title = kernel.book.roles.get(role).map_or(role.as_str(), |rule| rule.title.in_lang(words)).to_owned();
            let holders: Vec<String> = kernel.persons(target).iter().map(|person| kernel.name_of(*person)).collect();
            if holders.is_empty() {
                format!("{title}{}", if ja { "（空席）" } else { " (vacant)" })
            } else {
                format!("{title}（{}）", holders.join("、"))
            }
        }
    }
}

fn render(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    seen: &Seen,
    (told, after, history): (&Markup, &Markup, &Markup),
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let links: Vec<Vec<(String, String)>> = seen.facts.iter().map(|(_, _, _, basis)| clause_links(basis)).collect();
    let bases: Vec<_> = links.iter().map(|links| basis_of(links)).collect();
    let left: Vec<Fact<'_>> = seen
        .facts
        .iter()
        .zip(&bases)
        .map(|((label, value, changed, _), basis)| Fact {
            label,
            value: match value {
                Known2::Words(words) => Known::Known(words),
                Known2::Unknown => Known::Unknown,
            },
            known_at: "",
            changed: *changed,
            change: None,
            basis,
        })
        .collect();
    let now = web.installation.environment.now();
    let mut rendered = Vec::new();
    for step in &seen.steps {
        rendered.push(step_of(web, visitor, id, step, now, seen.state)?);
    }
    let finding_links: Vec<_> = seen.findings.iter().map(|(_, _, _, basis)| clause_links(basis)).collect();
    let finding_bases: Vec<_> = finding_links.iter().map(|links| basis_of(links)).collect();
    let findings: Vec<Finding<'_>> = seen
        .findings
        .iter()
        .zip(&finding_bases)
        .map(|((label, value, why, _), basis)| Finding { label, value, why, basis })
        .collect();
    let right = html! {
        @for flag in &seen.flags {
            @let tone = match flag.tone { Weight::Info => Tone::Info, Weight::Gap => Tone::Warning, Weight::Alarm => Tone::Danger };
            (notice(lang, &Notice { tone, title: flag.message.in_lang(words), body: html! { @for clause in &flag.basis { a href={ "/clauses/" (clause) } { (clause) } " " } } }))
        }
        @if !rendered.is_empty() {
            h2 { (say(lang, "手順", "Steps")) }
            (steps::list(say(lang, "手順", "Steps"), &html! { @for step in &rendered { (step) } }))
        }
        @if !seen.duties.is_empty() {
            h2 { (say(lang, "定期の業務", "Recurring duties")) }
            (steps::list(say(lang, "定期の業務", "Recurring duties"), &html! {
                @for duty in &seen.duties { (duty_of(visitor, id, duty, now, seen.state)) }
            }))
        }
        @if !findings.is_empty() {
            h2 { (say(lang, "判定と計算", "Decided and computed")) }
            (facts::findings(lang, &findings))
        }
    };
    Ok(html! {
        (facts::room(lang, &facts::list(lang, &left), &right))
        section id="papers" {
            h2 { (say(lang, "書類", "Papers")) }
            ul {
                @for (paper, title) in &seen.papers {
                    @let at = format!("/records/{id}/papers/{paper}");
                    li { a href=(at) { (title) "（PDF）" } " " a href={ (at) ".txt" } { (say(lang, "貼り付け用の文字", "text to paste")) } " " a href={ (at) ".json" } { "JSON" } }
                }
                li { a href={ "/records/" (id) "/form.pdf" } { (say(lang, "この記録の様式", "This record on its form")) "（PDF）" } }
            }
        }
        @for (list, title, columns, rows) in &seen.lists {
            section {
                h2 { (title) }
                @let heads: Vec<Column<'_>> = columns.iter().map(|label| Column { label, ..Column::default() }).collect();
                @let body: Vec<Row> = rows.iter().map(|(line, cells)| Row {
                    cells: cells.iter().enumerate().map(|(at, cell)| if at == 0 { html! { a href={ "/records/" (id) "/lines/" (list) "/" (line) } { @if cell.is_empty() { (say(lang, "開く", "open")) } @else { (cell) } } } } else { html! { (cell) } }).collect(),
                    marked: false,
                }).collect();
                @if !body.is_empty() { (table(lang, &Table { id: list, caption: title, columns: &heads, rows: &body, ..Table::default() })) }
                @if seen.state == Stand::Open && seen.erased.is_none() {
                    @let href = format!("/records/{id}/lines/{list}/new");
                    @let label = format!("{}: {title}", say(lang, "追加する", "Add"));
                    p { (button::link(Link { label: &label, href: &href }, Shape::Quiet)) }
                }
            }
        }
        (told)
        (after)
        section {
            h2 { (say(lang, "経過", "Timeline")) }
            (history)
            p { a href={ "/records/" (id) "/bundle" } { (say(lang, "この記録の証跡を、監査人に渡す束にする", "Make an auditor's bundle of this record")) } }
        }
    })
}

fn step_of(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    shown: &Shown,
    now: Timestamp,
    state: Stand,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let standing = &shown.standing;
    let due = standing.due().or_else(|| standing.target()).map(|due| (local(visitor, due), due.to_string(), due));
    let clauses: Vec<String> = standing.basis().into_iter().map(str::to_owned).collect();
    let links = clause_links(&clauses);
    let basis = basis_of(&links);
    let note = note_of(visitor, standing);
    let mut why: Vec<String> = standing.why.iter().map(|why| why.in_lang(words).to_owned()).collect();
    why.extend(clocks_of(visitor, standing));
    let can = state == Stand::Open && shown.mine && matches!(standing.status, Status::Open | Status::Returned);
    let act = &standing.act;
    let actions = html! {
        @if can {
            @let do_it = format!("/records/{id}/act/{act}");
            @let skip = format!("/records/{id}/skip/{act}");
            (button::link(Link { label: say(lang, "行う・記録する", "Do or record"), href: &do_it }, Shape::Primary))
            @if standing.skip != kitei_rules::pack::model::Skip::Never {
                (button::link(Link { label: say(lang, "該当しない", "Not applicable"), href: &skip }, Shape::Quiet))
            }
        }
        @if shown.approvable && !shown.duty {
            (posting(web, visitor, &format!("/records/{id}/approve/{act}"), say(lang, "承認する", "Approve"), Shape::Primary)?)
            (posting(web, visitor, &format!("/records/{id}/return/{act}"), say(lang, "差し戻す", "Send back"), Shape::Secondary)?)
        }
    };
    let shown_state = match standing.status {
        Status::Done => StepState::Done,
        Status::Skipped => StepState::NotApplicable,
        _ if standing.late() => StepState::Late,
        Status::Waiting | Status::Locked | Status::Blocked => StepState::Waiting,
        Status::Submitted => StepState::Waiting,
        Status::Open | Status::Returned => StepState::Now,
    };
    let rendered = steps::step(
        lang,
        &Step {
            title: standing.title.in_lang(words),
            state: shown_state,
            due: due.as_ref().map(|(text, instant, due)| Due {
                text,
                instant,
                left: (!standing.status.settled()).then(|| due.as_second() - now.as_second()),
            }),
            who: &shown.who,
            note: &note,
            why: &why,
            basis: &basis,
            actions,
        },
    );
    Ok(html! { (rendered) })
}

/// Every clock of a step, in words, with the clauses that set it.
fn clocks_of(visitor: &Visitor, standing: &ActStanding) -> Vec<String> {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let mut out = Vec::new();
    for clock in &standing.clocks {
        let kind = match clock.kind {
            ClockKind::Target => say(lang, "目標", "target"),
            ClockKind::Limit => say(lang, "期限", "limit"),
            ClockKind::Contract => say(lang, "契約上の期限", "by contract"),
            ClockKind::Immediately => say(lang, "直ちに", "immediately"),
            ClockKind::WithoutDelay => say(lang, "遅滞なく", "without delay"),
        };
        let at = clock.due.map(|due| local(visitor, due)).unwrap_or_default();
        let guide = clock.guide.as_ref().map(|guide| format!("（{}）", guide.in_lang(words))).unwrap_or_default();
        out.push(format!("{kind} {at}{guide}［{}］", clock.basis.join("、")));
    }
    out
}

/// What else is to be said of a step: lines left, who must approve.
fn note_of(visitor: &Visitor, standing: &ActStanding) -> String {
    let lang = visitor.lang;
    let mut parts: Vec<String> = Vec::new();
    if let Some((done, all)) = standing.lines {
        parts.push(if lang == Lang::Ja {
            format!("{all}件のうち{done}件済み")
        } else {
            format!("{done} of {all} lines done")
        });
    }
    if standing.status == Status::Submitted {
        let sets: Vec<String> = standing.approvals.outstanding.iter().map(|set| set.join("/")).collect();
        parts.push(format!("{}: {}", say(lang, "承認待ち", "waits for approval"), sets.join("、")));
    }
    parts.join(" · ")
}

/// A button that posts.
fn posting(web: &Web, visitor: &Visitor, action: &str, label: &str, weight: Shape) -> Result<Markup, Problem> {
    let token = visitor.token(web, action)?;
    Ok(form::form(
        visitor.lang,
        &form::Form {
            action,
            token: Some((CSRF_FIELD, &token)),
            buttons: button::submit(visitor.lang, &Submit { label, weight, ..Submit::default() }),
            ..form::Form::default()
        },
    ))
}

fn history(
    visitor: &Visitor,
    book: &kitei_rules::book::Book,
    number: &str,
    events: &[StoredEvent],
    names: &dyn Fn(&str) -> String,
) -> Markup {
    let lang = visitor.lang;
    let number: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    let entries = events.iter().map(|event| {
        let json: Json = serde_json::from_slice(&event.bytes).unwrap_or_default();
        let body = json.get("body").cloned().unwrap_or_default();
        let (kind, title) = event_title(visitor, book, event, &json);
        let happened =
            ["happened_at", "known_at"].into_iter().find_map(|key| body.get(key)?.as_str()?.parse::<Timestamp>().ok());
        let recorded = event.at.timestamp();
        let at = happened.unwrap_or(recorded);
        let recorded_text = (at != recorded).then(|| local(visitor, recorded));
        let who = names(json.get("actor").and_then(Json::as_str).unwrap_or_default());
        let href = format!("/evidence?record={number}&before={}#event-{}", event.seq + 1, event.seq);
        timeline::entry(
            lang,
            &Entry {
                at: &local(visitor, at),
                instant: &at.to_string(),
                recorded: recorded_text.as_deref(),
                who: &who,
                kind,
                title: &title,
                evidence: Some(&href),
                ..Entry::default()
            },
        )
    });
    timeline::list(say(lang, "経過", "Timeline"), &html! { @for entry in entries { (entry) } })
}

/// What an event is in the timeline, and its title in words.
pub(in crate::web) fn event_title(
    visitor: &Visitor,
    book: &kitei_rules::book::Book,
    event: &StoredEvent,
    json: &Json,
) -> (What, String) {
    let (lang, words) = (visitor.lang, fields::language(visitor.lang));
    let body = json.get("body").cloned().unwrap_or_default();
    let act = body
        .get("act")
        .and_then(Json::as_str)
        .map(|act| book.act_title(act).in_lang(words).to_owned())
        .unwrap_or_default();
    match event.kind.as_str() {
        "record.opened" => (What::Fact, say(lang, "登録", "Opened").to_owned()),
        "record.fields-set" => (What::Fact, fields_title(visitor, book, json, &body)),
        "line.added" => (What::Fact, say(lang, "明細を追加", "Line added").to_owned()),
        "line.fields-set" => (What::Fact, say(lang, "明細を変更", "Line changed").to_owned()),
        "act.done" => (What::Act, format!("{}: {act}", say(lang, "実施", "Done"))),
        "act.skipped" => (What::Act, format!("{}: {act}", say(lang, "該当しない", "Not applicable"))),
        "act.returned" => (What::Act, format!("{}: {act}", say(lang, "差し戻し", "Sent back"))),
        "act.approved" => (What::Act, format!("{}: {act}", say(lang, "承認", "Approved"))),
        "notice.told" => (What::Act, super::told::title(visitor, &body)),
        "notice.acknowledged" => (What::Act, say(lang, "お知らせを確認", "Notice confirmed").to_owned()),
        "rule.confirmed" => (What::Act, say(lang, "決まりを確認", "Rule confirmed").to_owned()),
        "record.closed" => (What::Act, say(lang, "終了", "Closed").to_owned()),
        "record.erased" => (What::Act, say(lang, "個人の値を消去", "Personal values erased").to_owned()),
        other => {
            let known = crate::evidence::kinds::kind_words(other);
            (What::Act, known.map_or_else(|| other.to_owned(), |text| text.in_lang(words).to_owned()))
        }
    }
}

fn fields_title(visitor: &Visitor, book: &kitei_rules::book::Book, json: &Json, body: &Json) -> String {
    let words = fields::language(visitor.lang);
    let register =
        json.get("subject").and_then(Json::as_str).and_then(|subject| subject.split('/').next()).unwrap_or_default();
    let titles: Vec<String> = body
        .get("fields")
        .and_then(Json::as_object)
        .into_iter()
        .flat_map(|fields| fields.keys())
        .map(|field| {
            let own = || super::imported::field_title(visitor.lang, field);
            book.field(register, None, field).map_or_else(own, |rule| rule.title.in_lang(words).to_owned())
        })
        .collect();
    format!("{}: {}", say(visitor.lang, "事実", "Facts"), titles.join("、"))
}
