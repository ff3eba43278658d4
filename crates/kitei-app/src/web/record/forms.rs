//! The forms of a record: new, edit, an act, a line, a reason.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, State};
use kitei_rules::{
    pack::model::{Kind, Stage, Text as Both},
    rulebook::FieldRule,
    run::{
        Kernel,
        apply::blank,
        command::{Objection, Refusal, Values},
    },
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{seen, word};
use crate::{
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Link,
            basis::Basis,
            button::{self, Submit, Weight},
            form::{self, Field, Form, Problem as Wrong, TextArea},
        },
    },
    web::{
        Web, attachments,
        fields::{self, Options, Shown, Typed},
        frame::{self, Own},
        problem::Problem,
        visitor::Visitor,
    },
};

/// Name of the field for when something happened.
pub(super) const HAPPENED: &str = "happened-at";

/// When it happened, if not now: the two dates are kept apart.
pub(super) fn happened_field() -> FieldRule {
    let title = Both {
        ja: "行った日時（今でなければ）".to_owned(), en: "When it was done, if not now".to_owned()
    };
    plain_field(HAPPENED, Kind::Time, title)
}

fn plain_field(id: &str, kind: Kind, title: Both) -> FieldRule {
    FieldRule {
        id: id.to_owned(),
        kind,
        clashing: Vec::new(),
        title,
        help: None,
        ask: None,
        required: Vec::new(),
        shown_when: Vec::new(),
        choices: Vec::new(),
        to: None,
        open: true,
        refuse: BTreeMap::new(),
        warn: BTreeMap::new(),
        aliases: Vec::new(),
        unit: None,
        default: None,
        value: None,
        read: Vec::new(),
        column: false,
        filter: false,
        least: None,
        most: None,
        basis: Vec::new(),
        in_force: true,
    }
}

/// What a form is about.
pub(in crate::web) struct About<'a> {
    /// Where it is posted.
    pub(in crate::web) action: &'a str,
    pub(in crate::web) title: String,
    pub(in crate::web) lead: String,
    pub(in crate::web) back: (String, String),
    /// Fields in order.
    pub(in crate::web) fields: Vec<FieldRule>,
    /// Those that must be filled.
    pub(in crate::web) needed: Vec<String>,
    pub(in crate::web) button: &'a str,
    /// More above the fields: what will go, for instance.
    pub(in crate::web) before: Markup,
    /// It destroys something: the button is red.
    pub(in crate::web) danger: bool,
    /// It also asks when something happened, and takes a reason.
    pub(in crate::web) deed: bool,
}

/// Reads what was posted for a register, one of its lists, or an act on it.
pub(super) async fn values_of(
    web: &Web,
    visitor: &Visitor,
    register: &str,
    list: Option<&str>,
    act: Option<&str>,
    typed: &Typed,
) -> Result<(Values, Vec<Objection>), Problem> {
    let mut reader = web.installation.db.reader().await?;
    let today = visitor.organization.today(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, &visitor.organization, today).await?;
    let rule = book.register(register).ok_or(Problem::NotFound)?;
    let mut rules: Vec<&FieldRule> = match list {
        Some(list) => rule.list(list).ok_or(Problem::NotFound)?.fields.iter().collect(),
        None => rule.fields.iter().collect(),
    };
    if let Some(act) = act.and_then(|act| book.names.acts.get(act)) {
        rules.extend(act.fields.iter());
    }
    let (mut values, wrong) = fields::read(&rules, typed, &visitor.organization.zone);
    values.retain(|field, _| rules.iter().any(|rule| rule.id == *field && rule.value.is_none()));
    Ok((values, wrong))
}

/// Records that the link fields of a form choose from.
pub(in crate::web) async fn options(web: &Web, visitor: &Visitor, fields: &[FieldRule]) -> Result<Options, Problem> {
    let mut registers: Vec<String> = fields
        .iter()
        .filter_map(|field| match field.kind {
            Kind::Person | Kind::Persons => Some("person".to_owned()),
            Kind::Department => Some("department".to_owned()),
            Kind::Link | Kind::Links => field.to.clone(),
            _ => None,
        })
        .collect();
    registers.sort();
    registers.dedup();
    let look = |kernel: &Kernel<'_>| {
        let named = |register: &String| {
            let ids = kernel.snapshot.all(register).unwrap_or_default();
            let visible = ids.iter().filter(|id| {
                kernel.snapshot.record(**id).is_some_and(|record| kernel.sees_record(&visitor.actor, record))
            });
            let names = visible.map(|id| (*id, kernel.name_of(*id))).take(500).collect::<Vec<_>>();
            (register.clone(), names)
        };
        registers.iter().map(named).collect::<Options>()
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?)
}

pub(in crate::web) async fn render(
    web: &Web,
    visitor: &Visitor,
    about: &About<'_>,
    typed: &Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let options = options(web, visitor, &about.fields).await?;
    let message = |objection: &Objection| objection.message.in_lang(words).to_owned();
    let titles: BTreeMap<&str, String> =
        about.fields.iter().map(|field| (field.id.as_str(), field.title.in_lang(words).to_owned())).collect();
    let messages: Vec<(Option<&str>, String)> = wrong
        .iter()
        .map(|objection| (objection.field.as_deref(), with_clauses(&message(objection), &objection.clauses)))
        .collect();
    let problems: Vec<Wrong<'_>> = messages
        .iter()
        .map(|(field, message)| Wrong {
            name: field.filter(|field| titles.contains_key(field)).unwrap_or_default(),
            label: field.and_then(|field| titles.get(field)).map_or("", String::as_str),
            message,
        })
        .collect();
    let token = visitor.token(web, about.action)?;
    let happened = happened_field();
    let key = web.installation.environment.id().to_string();
    let error_of = |field: &FieldRule| {
        messages.iter().find(|(name, _)| *name == Some(field.id.as_str())).map(|(_, message)| message.as_str())
    };
    let control = |field: &FieldRule| {
        let hrefs = clause_links(&field.basis);
        let (required, basis) = (about.needed.contains(&field.id), basis_of(&hrefs));
        if field.kind == Kind::File {
            let (label, help) =
                (field.title.in_lang(words), field.help.as_ref().map_or("", |help| help.in_lang(words)));
            let error = error_of(field);
            let shown = Field { name: &field.id, label, help, error, required, basis: &basis, ..Field::default() };
            return attachments::control(web, lang, &shown);
        }
        fields::control(
            lang,
            &Shown { field, typed, error: error_of(field), required, basis: &basis, options: &options, ask: false },
        )
    };
    // Fields that no adopted regulation speaks of stand below, out of the way.
    let needed = |field: &FieldRule| field.in_force || about.needed.contains(&field.id);
    let filled = |field: &FieldRule| error_of(field).is_some() || !fields::first(typed, &field.id).is_empty();
    let more = about.fields.iter().filter(|field| !needed(field)).count();
    let fields = html! {
        (form::hidden("key", &key))
        @for field in about.fields.iter().filter(|field| needed(field)) { (control(field)) }
        @if more > 0 {
            details class="form-more" open[about.fields.iter().any(|field| !needed(field) && filled(field))] {
                summary { (word(visitor, "ほかの項目", "More fields")) " " span class="basis-count" { (more) } }
                @for field in about.fields.iter().filter(|field| !needed(field)) { (control(field)) }
            }
        }
        @if about.deed {
            (fields::control(lang, &Shown { field: &happened, typed, error: None, required: false, basis: &[], options: &options, ask: false }))
            (form::textarea(lang, &Field { name: "reason-of-act", label: word(visitor, "理由・備考", "Reason or remark"), ..Field::default() },
                &TextArea { value: fields::first(typed, "reason-of-act"), lines: 2 }))
        }
    };
    let content = html! {
        (form::summary(lang, &problems))
        (about.before)
        (form::form(lang, &Form {
            action: about.action,
            token: Some((CSRF_FIELD, &token)),
            multipart: about.fields.iter().any(|field| field.kind == Kind::File),
            fields,
            buttons: html! {
                (button::submit(lang, &Submit { label: about.button, weight: if about.danger { Weight::Danger } else { Weight::Primary }, ..Submit::default() }))
                (button::link(Link { label: word(visitor, "戻る", "Back"), href: &about.back.1 }, Weight::Quiet))
            },
            ..Form::default()
        }))
    };
    let own = Own {
        title: &about.title,
        lead: &about.lead,
        place: "/registers",
        breadcrumbs: &[Link { label: &about.back.0, href: &about.back.1 }],
        refused: !wrong.is_empty(),
        content,
        path: about.action,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn with_clauses(message: &str, clauses: &[String]) -> String {
    if clauses.is_empty() { message.to_owned() } else { format!("{message}（{}）", clauses.join("、")) }
}

/// Addresses of clauses.
pub(super) fn clause_links(clauses: &[String]) -> Vec<(String, String)> {
    clauses.iter().map(|id| (id.clone(), format!("/clauses/{id}"))).collect()
}

/// Clauses as 根拠.
pub(super) fn basis_of(links: &[(String, String)]) -> Vec<Basis<'_>> {
    links.iter().map(|(id, href)| Basis { reference: id, title: "", source: "", href: Some(href) }).collect()
}

/// `GET /registers/{register}/new`
pub(in crate::web) async fn new_form(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let zone = visitor.organization.zone.clone();
    let now = web.installation.environment.now();
    let look = |kernel: &Kernel<'_>| {
        let record = blank(Uuid::nil(), &register, Some(visitor.actor.person), now, kernel.book.version);
        kernel.defaults(&record, None)
    };
    let defaults = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let mut typed = Typed::new();
    for field in fields_of(&web, &visitor, &register).await?.0 {
        if let Some(value) = defaults.get(&field.id) {
            typed.extend(fields::shown(&field, value, &zone));
        }
    }
    new_again(&web, &visitor, &register, &typed, &[]).await
}

/// Fields of a register that a person may see and type, and its title.
async fn fields_of(web: &Web, visitor: &Visitor, register: &str) -> Result<(Vec<FieldRule>, String), Problem> {
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.register(register).filter(|rule| kernel.reads_register(&visitor.actor, rule))?;
        let visible = rule
            .fields
            .iter()
            .filter(|field| field.value.is_none() && kernel.sees_field(&visitor.actor, register, None, &field.id));
        Some((visible.cloned().collect::<Vec<_>>(), rule.title.in_lang(words).to_owned()))
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    found.ok_or(Problem::NotFound)
}

/// The form of a new record, with what was typed.
pub(super) async fn new_again(
    web: &Web,
    visitor: &Visitor,
    register: &str,
    typed: &Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    let (fields, title) = fields_of(web, visitor, register).await?;
    let action = format!("/registers/{register}/new");
    let needed = fields.iter().filter(|field| fields::is_required(field)).map(|field| field.id.clone()).collect();
    let about = About {
        action: &action,
        title: format!("{}: {title}", word(visitor, "新しく登録する", "New entry")),
        lead: String::new(),
        back: (title, format!("/registers/{register}")),
        fields,
        needed,
        button: word(visitor, "登録する", "Save"),
        deed: false,
        before: Markup::default(),
        danger: false,
    };
    render(web, visitor, &about, typed, wrong).await
}

/// `GET /records/{id}/edit`
pub(in crate::web) async fn edit_form(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let (rules, _) = fields_of(&web, &visitor, &register).await?;
    let stored = stored_of(&web, &visitor, id, &rules).await?;
    edit_again(&web, &visitor, id, &stored, &[]).await
}

async fn stored_of(web: &Web, visitor: &Visitor, id: Uuid, rules: &[FieldRule]) -> Result<Typed, Problem> {
    let zone = visitor.organization.zone.clone();
    let look = |kernel: &Kernel<'_>| {
        let mut typed = Typed::new();
        if let Some(record) = kernel.snapshot.record(id) {
            for rule in rules {
                typed.extend(fields::shown(rule, &kernel.value(record, &rule.id), &zone));
            }
        }
        typed
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?)
}

/// The form of a record's fields, with what was typed.
pub(super) async fn edit_again(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    typed: &Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    let register = seen(web, visitor, id).await?;
    let (fields, _) = fields_of(web, visitor, &register).await?;
    let action = format!("/records/{id}/edit");
    let needed = fields.iter().filter(|field| fields::is_required(field)).map(|field| field.id.clone()).collect();
    let about = About {
        action: &action,
        title: format!("{}: {}", word(visitor, "事実を直す", "Change facts"), name_of(web, visitor, id).await?),
        lead: word(
            visitor,
            "変えたことと理由は履歴に残ります。期限と手順はすぐに計算し直されます。",
            "Changes and reasons stay in the history; deadlines and steps are recomputed at once.",
        )
        .to_owned(),
        back: (name_of(web, visitor, id).await?, format!("/records/{id}")),
        fields,
        needed,
        button: word(visitor, "保存する", "Save"),
        deed: true,
        before: Markup::default(),
        danger: false,
    };
    render(web, visitor, &about, typed, wrong).await
}

/// Name of a record.
pub(in crate::web) async fn name_of(web: &Web, visitor: &Visitor, id: Uuid) -> Result<String, Problem> {
    let look = |kernel: &Kernel<'_>| {
        let number = kernel.snapshot.record(id).map(|record| record.number.clone()).unwrap_or_default();
        let name = kernel.name_of(id);
        if name == number { number } else { format!("{number} {name}") }
    };
    Ok(web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?)
}

/// `GET /records/{id}/act/{act}`
pub(in crate::web) async fn act_form(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(Uuid, String)>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let (rules, _) = act_fields(&web, &visitor, id, &register, &act).await?;
    let typed = stored_of(&web, &visitor, id, &rules).await?;
    act_again(&web, &visitor, id, &act, &typed, &[]).await
}

/// Fields of an act's form: its own, and those of the record that it needs. Also the act's title.
async fn act_fields(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    register: &str,
    act: &str,
) -> Result<(Vec<FieldRule>, (String, Vec<String>)), Problem> {
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        let standing = kernel.standing(record).into_iter().find(|standing| standing.act == act);
        let own = kernel.book.names.acts.get(act).map(|rule| rule.fields.clone()).unwrap_or_default();
        let needs: Vec<String> = standing.as_ref().map(|s| s.needs.keys().cloned().collect()).unwrap_or_default();
        let rule = kernel.book.register(register)?;
        let mut fields = own;
        for need in &needs {
            if let Some(field) = rule.field(need).filter(|field| field.value.is_none())
                && !fields.iter().any(|known| known.id == *need)
            {
                fields.push(field.clone());
            }
        }
        let duty = kernel.duties(record).into_iter().find(|duty| duty.act == act).map(|duty| duty.title);
        let title = standing.map(|s| s.title).or(duty).unwrap_or_else(|| kernel.book.act_title(act));
        Some((fields, (title.in_lang(words).to_owned(), needs)))
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    found.ok_or(Problem::NotFound)
}

/// The form of an act, with what was typed.
pub(super) async fn act_again(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    act: &str,
    typed: &Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    let register = seen(web, visitor, id).await?;
    let (fields, (title, needed)) = act_fields(web, visitor, id, &register, act).await?;
    let action = format!("/records/{id}/act/{act}");
    let about = About {
        action: &action,
        title,
        lead: String::new(),
        back: (name_of(web, visitor, id).await?, format!("/records/{id}")),
        fields,
        needed,
        button: word(visitor, "済ませる", "Done"),
        deed: true,
        before: Markup::default(),
        danger: false,
    };
    render(web, visitor, &about, typed, wrong).await
}

/// `GET /records/{id}/lines/{list}/new`
pub(in crate::web) async fn line_form(
    State(web): State<Arc<Web>>,
    Path((id, list)): Path<(Uuid, String)>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    line_again(&web, &visitor, id, &list, None, &Typed::new(), &[]).await
}

/// `GET /records/{id}/lines/{list}/{line}`
pub(in crate::web) async fn line_edit_form(
    State(web): State<Arc<Web>>,
    Path((id, list, line)): Path<(Uuid, String, Uuid)>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let register = seen(&web, &visitor, id).await?;
    let zone = visitor.organization.zone.clone();
    let look = |kernel: &Kernel<'_>| {
        let stored = kernel.snapshot.record(id)?.lines.get(&list)?.iter().find(|known| known.id == line)?;
        let mut typed = Typed::new();
        for rule in &kernel.book.list(&register, &list)?.fields {
            if let Some(value) = stored.fields.get(&rule.id) {
                typed.extend(fields::shown(rule, &value.value, &zone));
            }
        }
        Some(typed)
    };
    let typed = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    line_again(&web, &visitor, id, &list, Some(line), &typed.ok_or(Problem::NotFound)?, &[]).await
}

/// The form of a line, with what was typed.
pub(super) async fn line_again(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    list: &str,
    line: Option<Uuid>,
    typed: &Typed,
    wrong: &[Objection],
) -> Result<Markup, Problem> {
    let register = seen(web, visitor, id).await?;
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let rule = kernel.book.list(&register, list)?;
        let seen =
            rule.fields.iter().filter(|field| kernel.sees_field(&visitor.actor, &register, Some(list), &field.id));
        Some((rule.title.in_lang(words).to_owned(), seen.cloned().collect::<Vec<_>>()))
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let (title, fields) = found.ok_or(Problem::NotFound)?;
    let place = line.map_or_else(|| "new".to_owned(), |line| line.to_string());
    let action = format!("/records/{id}/lines/{list}/{place}");
    let needed = fields.iter().filter(|field| field.stage() == Stage::Save).map(|field| field.id.clone()).collect();
    let about = About {
        action: &action,
        title: format!("{}: {title}", word(visitor, "明細", "Line")),
        lead: String::new(),
        back: (name_of(web, visitor, id).await?, format!("/records/{id}")),
        fields,
        needed,
        button: word(visitor, "保存する", "Save"),
        deed: true,
        before: line.map(|line| line_links(visitor, id, list, line)).unwrap_or_default(),
        danger: false,
    };
    render(web, visitor, &about, typed, wrong).await
}

/// What else can be done with a line.
fn line_links(visitor: &Visitor, id: Uuid, list: &str, line: Uuid) -> Markup {
    let files = format!("/records/{id}/attachments?list={list}&line={line}");
    let erase = format!("/records/{id}/lines/{list}/{line}/erase");
    html! {
        p {
            (button::link(Link { label: word(visitor, "添付ファイル", "Attachments"), href: &files }, Weight::Quiet))
            " "
            (button::link(Link { label: word(visitor, "個人の値を消去する", "Erase personal values"), href: &erase }, Weight::Quiet))
        }
    }
}

/// `GET /records/{id}/skip/{act}`
pub(in crate::web) async fn skip_form(
    State(web): State<Arc<Web>>,
    Path((id, act)): Path<(Uuid, String)>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let form = format!("/records/{id}/skip/{act}");
    let nothing = Refusal { objections: Vec::new(), asks_reason: true };
    reason_again(&web, &visitor, id, &form, &Typed::new(), &nothing).await
}

/// `GET /records/{id}/close`
pub(in crate::web) async fn close_form(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let form = format!("/records/{id}/close");
    let nothing = Refusal { objections: Vec::new(), asks_reason: false };
    reason_again(&web, &visitor, id, &form, &Typed::new(), &nothing).await
}

/// A form that asks for a reason, or only to go on.
pub(super) async fn reason_again(
    web: &Web,
    visitor: &Visitor,
    id: Uuid,
    form: &str,
    typed: &Typed,
    refusal: &Refusal,
) -> Result<Markup, Problem> {
    seen(web, visitor, id).await?;
    let (title, button) = match form.rsplit('/').nth(1) {
        Some("skip") => {
            (word(visitor, "該当しないことにする", "Not applicable"), word(visitor, "該当しない", "Not applicable"))
        }
        Some("return") => (word(visitor, "差し戻す", "Send back"), word(visitor, "差し戻す", "Send back")),
        Some("approve") => (word(visitor, "承認する", "Approve"), word(visitor, "承認する", "Approve")),
        _ => (word(visitor, "終了する", "Close"), word(visitor, "終了する", "Close")),
    };
    let about = About {
        action: form,
        title: title.to_owned(),
        lead: String::new(),
        back: (name_of(web, visitor, id).await?, format!("/records/{id}")),
        fields: Vec::new(),
        needed: Vec::new(),
        button,
        deed: true,
        before: Markup::default(),
        danger: false,
    };
    render(web, visitor, &about, typed, &refusal.objections).await
}
