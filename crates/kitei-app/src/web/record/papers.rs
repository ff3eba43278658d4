//! Papers of a record: as PDF, as JSON for a program, as text to be pasted into an authority's web form; and the form of a
//! register, blank or filled.
//!
//! Serves the papers of incidents (報告、通知、公表、緊急時カード) and the paper way of every register.
//!
//! Invariant: a paper carries the newest checkpoint of the log, so that what leaves the house can be held against it.
//! Invariant: a template of a pack sees the paper's content and nothing else, and runs in a process that may be killed.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use kitei_evidence::Digest;
use kitei_papers::pdf::{
    Rendered,
    form::{FormAlign, FormApproval, FormChoice, FormColumn, FormPaper, FormRow, FormSection, FormTable, FormValue},
    letterhead::{CheckpointLine, Letterhead, PrintDate},
    request::PaperRequest,
};
use kitei_rules::{
    pack::model::Kind,
    rulebook::FieldRule,
    run::{
        Kernel,
        paper::{Content, Lang as Words, SectionContent},
    },
    value::Value,
    world::Record,
};
use kitei_store::log;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{seen, word};
use crate::{
    kernel::Fault,
    web::{Web, fields, problem::Problem, visitor::Visitor},
};

/// In which form a paper is asked for, told by the end of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Pdf,
    Json,
    Text,
}

impl Format {
    /// Splits `ppc-report.json`; an address without a known end is the PDF.
    fn of(name: &str) -> (&str, Self) {
        let ends = [(".pdf", Self::Pdf), (".json", Self::Json), (".txt", Self::Text)];
        ends.into_iter().find_map(|(end, format)| Some((name.strip_suffix(end)?, format))).unwrap_or((name, Self::Pdf))
    }
}

/// What is known of a paper before it is set.
struct Asked {
    content: Content,
    number: String,
    draft: bool,
    /// Whose boxes 確認・承認 stand at the top.
    approvals: Vec<FormApproval>,
    template: Option<(i64, String, String)>,
}

/// `GET /records/{id}/papers/{paper}`, `….pdf`, `….json`, `….txt`
pub(in crate::web) async fn paper(
    State(web): State<Arc<Web>>,
    Path((id, name)): Path<(Uuid, String)>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    seen(&web, &visitor, id).await?;
    let (paper, format) = Format::of(&name);
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        let known = kernel.papers(record).into_iter().find(|known| known.id == paper)?;
        let version = kernel.book.version;
        Some(Asked {
            content: kernel.content(record, known, words),
            number: record.number.clone(),
            draft: !kernel.paper_objections(record, paper).is_empty(),
            approvals: known.approve.iter().map(|set| approval_of(kernel, set, words)).collect(),
            template: known.template.clone().map(|(pack, file)| (version, pack, file)),
        })
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let asked = found.ok_or(Problem::NotFound)?;
    let head = head(&web, &visitor, &asked.content.title, Some(&asked.number), asked.draft).await?;
    let (kind, bytes) = match format {
        Format::Json => ("application/json", as_json(&head, paper, &asked.content)?),
        Format::Text => ("text/plain; charset=utf-8", as_text(&head, &asked.content).into_bytes()),
        Format::Pdf => ("application/pdf", set(&web, &visitor, head, &asked).await?.bytes),
    };
    let end = match format {
        Format::Pdf => "pdf",
        Format::Json => "json",
        Format::Text => "txt",
    };
    Ok(file(kind, &format!("{}-{paper}.{end}", asked.number), bytes))
}

/// `GET /records/{id}/form.pdf`: the record on the form of its register.
pub(in crate::web) async fn filled(
    State(web): State<Arc<Web>>,
    Path(id): Path<Uuid>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    seen(&web, &visitor, id).await?;
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| {
        let record = kernel.snapshot.record(id)?;
        Some((record.number.clone(), form_of(kernel, &visitor, &record.register, Some(record), words)?))
    };
    let found = web.installation.look(&visitor.organization, Some(&visitor.actor), &[id], look).await?;
    let (number, form) = found.ok_or(Problem::NotFound)?;
    print_form(&web, &visitor, form, Some(&number)).await
}

/// `GET /registers/{register}/form.pdf`: the form of a register to be filled in by hand.
pub(in crate::web) async fn blank(
    State(web): State<Arc<Web>>,
    Path(register): Path<String>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let words = fields::language(visitor.lang);
    let look = |kernel: &Kernel<'_>| form_of(kernel, &visitor, &register, None, words);
    let form = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    print_form(&web, &visitor, form.ok_or(Problem::NotFound)?, None).await
}

fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("inline; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

/// Head and foot of a paper printed now.
async fn head(
    web: &Web,
    visitor: &Visitor,
    title: &str,
    number: Option<&str>,
    draft: bool,
) -> Result<Letterhead, Problem> {
    let now = visitor.organization.moment(web.installation.environment.now()).zoned();
    let mut reader = web.installation.db.reader().await?;
    let checkpoint = log::latest_checkpoint(&mut reader, visitor.organization.id).await?.map(|stored| {
        let signed = stored.at.timestamp().to_zoned_datetime(visitor.organization.zone.clone());
        let root: Digest = stored.root;
        CheckpointLine::new(
            u64::try_from(stored.size).unwrap_or_default(),
            root.as_bytes(),
            format!("{} {:02}:{:02}", signed.date(), signed.hour(), signed.minute()),
        )
    });
    Ok(Letterhead {
        title: title.to_owned(),
        number: number.map(str::to_owned),
        organization: visitor.organization.name.clone(),
        printed: Some(print_date(now.date())),
        checkpoint,
        draft,
        ..Letterhead::default()
    })
}

/// Sets a paper: by its pack's template, else on the general form.
async fn set(web: &Web, visitor: &Visitor, head: Letterhead, asked: &Asked) -> Result<Rendered, Problem> {
    let now = visitor.organization.moment(web.installation.environment.now()).zoned().datetime();
    let content = &asked.content;
    let form = FormPaper {
        head,
        approvals: asked.approvals.clone(),
        sections: content.sections.iter().filter(|section| has_rows(section)).map(rows_of).collect(),
        tables: content.sections.iter().filter(|section| has_table(section)).map(table_of).collect(),
        notes: content.sections.iter().map(|section| section.text.clone()).filter(|text| !text.is_empty()).collect(),
        ..FormPaper::default()
    };
    let broken = |error: &dyn std::fmt::Display| Problem::from(Fault::Damaged(format!("paper: {error}")));
    let Some((version, pack, file)) = &asked.template else {
        return form.render(&web.renderer, now, &asked.number).map_err(|error| broken(&error));
    };
    let template = web.installation.pack_file(&visitor.organization, *version, pack, &format!("papers/{file}")).await?;
    let mut data = form.data().map_err(|error| broken(&error))?;
    if let Some(data) = data.as_object_mut() {
        let content = serde_json::to_value(content).map_err(|error| broken(&error))?;
        data.insert("content".to_owned(), content);
    }
    let request = PaperRequest {
        template,
        data,
        title: form.head.title.clone(),
        author: form.head.organization.clone(),
        date: now,
        ident: asked.number.clone(),
    };
    web.templates.render(&web.renderer, &request).await.map_err(|error| broken(&error))
}

/// A section whose rows are printed even when it also has a table.
fn has_rows(section: &SectionContent) -> bool {
    !section.rows.is_empty()
}

/// A table without rows is printed only where it is all that its section says: an empty register is a statement too.
fn has_table(section: &SectionContent) -> bool {
    !section.columns.is_empty() && (!section.table.is_empty() || section.rows.is_empty())
}

fn rows_of(section: &SectionContent) -> FormSection {
    FormSection {
        heading: section.title.clone(),
        rows: section.rows.iter().map(|(label, value)| FormRow::new(label.clone(), value.clone())).collect(),
    }
}

fn table_of(section: &SectionContent) -> FormTable {
    let column = |label: &String| FormColumn { label: label.clone(), width: 1.0, align: FormAlign::Left };
    FormTable {
        // The heading stands once: above the rows where the section has some.
        heading: if has_rows(section) { String::new() } else { section.title.clone() },
        columns: section.columns.iter().map(column).collect(),
        rows: section.table.clone(),
    }
}

/// The box of those who must approve, by the title of the first role of a set.
fn approval_of(kernel: &Kernel<'_>, set: &[String], words: Words) -> FormApproval {
    let titles: Vec<&str> = set
        .iter()
        .map(|role| kernel.book.roles.get(role).map_or(role.as_str(), |rule| rule.title.in_lang(words)))
        .collect();
    FormApproval { label: titles.join("・"), name: String::new(), date: String::new() }
}

/// The form of a register, blank or with a record on it; none where this person may not read the register.
fn form_of(
    kernel: &Kernel<'_>,
    visitor: &Visitor,
    register: &str,
    record: Option<&Record>,
    words: Words,
) -> Option<FormPaper> {
    let rule = kernel.book.register(register).filter(|rule| kernel.reads_register(&visitor.actor, rule))?;
    let sees = |list: Option<&str>, field: &FieldRule| {
        kernel.sees_field(&visitor.actor, register, list, &field.id) && field.in_force
    };
    let shown =
        |field: &&FieldRule| sees(None, field) && record.is_none_or(|record| kernel.is_shown(record, None, &field.id));
    let rows = rule.fields.iter().filter(shown).map(|field| row_of(kernel, register, field, record, words)).collect();
    let tables = rule
        .lists
        .iter()
        .map(|list| {
            let columns: Vec<&FieldRule> = list.fields.iter().filter(|field| sees(Some(&list.id), field)).collect();
            let lines = record.and_then(|record| record.lines.get(&list.id)).into_iter().flatten();
            let filled = lines.filter(|line| !line.erased).map(|line| {
                let cell = |field: &&FieldRule| {
                    let value = line.fields.get(&field.id).map_or(Value::Empty, |stored| stored.value.clone());
                    kernel.words(register, Some(&list.id), &field.id, &value, words)
                };
                columns.iter().map(cell).collect()
            });
            FormTable {
                heading: list.title.in_lang(words).to_owned(),
                columns: columns
                    .iter()
                    .map(|field| FormColumn {
                        label: field.title.in_lang(words).to_owned(),
                        width: 1.0,
                        align: FormAlign::Left,
                    })
                    .collect(),
                // Room for lines by hand on a blank form.
                rows: if record.is_some() { filled.collect() } else { vec![Vec::new(); BLANK_LINES] },
            }
        })
        .filter(|table| !table.columns.is_empty() && (record.is_none() || !table.rows.is_empty()))
        .collect();
    let box_of =
        |ja, en| FormApproval { label: word(visitor, ja, en).to_owned(), name: String::new(), date: String::new() };
    Some(FormPaper {
        head: Letterhead { title: rule.title.in_lang(words).to_owned(), ..Letterhead::default() },
        approvals: vec![box_of("作成", "Made"), box_of("確認", "Checked"), box_of("承認", "Approved")],
        sections: vec![FormSection { heading: String::new(), rows }],
        tables,
        ..FormPaper::default()
    })
}

/// Empty rows of a list on a blank form.
const BLANK_LINES: usize = 4;

fn row_of(kernel: &Kernel<'_>, register: &str, field: &FieldRule, record: Option<&Record>, words: Words) -> FormRow {
    let value = record.map_or(Value::Empty, |record| kernel.value(record, &field.id));
    let chosen = |id: &str| match &value {
        Value::Text(one) => one == id,
        Value::List(many) => many.iter().any(|one| *one == Value::Text(id.to_owned())),
        _ => false,
    };
    let yes_no = |(label_ja, label_en, means): (&str, &str, Value)| FormChoice {
        label: if words == Words::Ja { label_ja } else { label_en }.to_owned(),
        chosen: value == means,
    };
    let printed = match field.kind {
        Kind::Choice | Kind::Choices => FormValue::Choices {
            choices: field
                .choices
                .iter()
                .map(|choice| FormChoice { label: choice.title.in_lang(words).to_owned(), chosen: chosen(&choice.id) })
                .collect(),
        },
        Kind::YesNo => FormValue::Choices {
            choices: [
                ("はい", "yes", Value::Bool(true)),
                ("いいえ", "no", Value::Bool(false)),
                ("分からない", "not known", Value::Unknown),
            ]
            .map(|(ja, en, means)| {
                let choice = yes_no((ja, en, means));
                // Nothing is ticked on a blank form, where every value is unknown.
                FormChoice { chosen: choice.chosen && record.is_some(), ..choice }
            })
            .into(),
        },
        _ if record.is_none() => FormValue::Blank { lines: if field.kind == Kind::LongText { 4 } else { 1 } },
        _ => FormValue::Text { text: kernel.words(register, None, &field.id, &value, words) },
    };
    let basis = field.basis.join("、");
    FormRow { label: field.title.in_lang(words).to_owned(), basis, value: printed }
}

async fn print_form(
    web: &Web,
    visitor: &Visitor,
    mut form: FormPaper,
    number: Option<&str>,
) -> Result<Response, Problem> {
    let title = form.head.title.clone();
    form.head = head(web, visitor, &title, number, false).await?;
    let now = visitor.organization.moment(web.installation.environment.now()).zoned().datetime();
    let ident = number.unwrap_or(&title);
    let rendered = form
        .render(&web.renderer, now, ident)
        .map_err(|error| Problem::from(Fault::Damaged(format!("form: {error}"))))?;
    Ok(file("application/pdf", &format!("{}.pdf", number.unwrap_or("form")), rendered.bytes))
}

/// The content for a program: what is printed, with the head and the checkpoint.
fn as_json(head: &Letterhead, paper: &str, content: &Content) -> Result<Vec<u8>, Problem> {
    let section = |section: &SectionContent| {
        let rows: Vec<Json> =
            section.rows.iter().map(|(label, value)| json!({ "label": label, "value": value })).collect();
        json!({
            "title": section.title,
            "rows": rows,
            "columns": section.columns,
            "table": section.table,
            "text": section.text,
        })
    };
    let document = json!({
        "paper": paper,
        "title": content.title,
        "number": head.number,
        "organization": head.organization,
        "printed": head.printed.as_ref().map(|printed| printed.western.clone()),
        "draft": head.draft,
        "lacking": content.lacking,
        "sections": content.sections.iter().map(section).collect::<Vec<_>>(),
        "checkpoint": head.checkpoint,
    });
    serde_json::to_vec_pretty(&document).map_err(|error| Fault::Damaged(format!("paper: {error}")).into())
}

/// The content as lines to be pasted into a form on somebody else's page.
fn as_text(head: &Letterhead, content: &Content) -> String {
    use std::fmt::Write as _;
    let mut out = format!("{}\n{}\n", content.title, head.organization);
    if let Some(number) = &head.number {
        let _ = writeln!(out, "{number}");
    }
    for section in &content.sections {
        let _ = writeln!(out, "\n■ {}", section.title);
        for (label, value) in &section.rows {
            let _ = writeln!(out, "{label}: {value}");
        }
        if !section.columns.is_empty() {
            let _ = writeln!(out, "{}", section.columns.join("\t"));
            for row in &section.table {
                let _ = writeln!(out, "{}", row.join("\t"));
            }
        }
        if !section.text.is_empty() {
            let _ = writeln!(out, "{}", section.text);
        }
    }
    out
}

/// A date in both calendars, for the foot of a paper.
fn print_date(day: jiff::civil::Date) -> PrintDate {
    let (year, month, date) = (day.year(), day.month(), day.day());
    // 令和 began on 2019-05-01; papers are printed today.
    let era = if year == 2019 { "元".to_owned() } else { (year - 2018).to_string() };
    PrintDate { western: format!("{year}年{month}月{date}日"), era: format!("令和{era}年{month}月{date}日") }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn the_end_of_an_address_says_the_format() {
        for (name, paper, format) in [
            ("ppc-report", "ppc-report", Format::Pdf),
            ("ppc-report.pdf", "ppc-report", Format::Pdf),
            ("ppc-report.json", "ppc-report", Format::Json),
            ("ppc-report.txt", "ppc-report", Format::Text),
            ("ppc-report.doc", "ppc-report.doc", Format::Pdf),
        ] {
            assert_eq!(Format::of(name), (paper, format), "{name}");
        }
    }
}
