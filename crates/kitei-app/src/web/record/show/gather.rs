//! What the page of a record shows, computed at once: facts, findings, steps, duties, lists, papers.

use jiff::Timestamp;
use kitei_rules::{
    pack::model::Kind,
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

use super::ERASED;
use crate::web::{fields, frame::say, visitor::Visitor};

/// Everything the page shows, computed at once.
pub(super) struct Seen {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) register: String,
    pub(super) register_title: String,
    pub(super) state: Stand,
    pub(super) facts: Vec<(String, Known2, bool, Vec<String>)>,
    pub(super) findings: Vec<(String, String, Vec<String>, Vec<String>)>,
    pub(super) steps: Vec<Shown>,
    pub(super) duties: Vec<Duty>,
    pub(super) flags: Vec<FlagStanding>,
    pub(super) lists: Vec<(String, String, Vec<String>, ViewRows)>,
    pub(super) papers: Vec<(String, String)>,
    pub(super) erased: Option<Timestamp>,
    pub(super) keeping: Keeping,
    pub(super) keeps: bool,
}

/// A value in words, or unknown.
pub(super) enum Known2 {
    Words(String),
    Unknown,
}

/// What comes back on this record.
pub(super) struct Duty {
    pub(super) standing: DutyStanding,
    pub(super) who: String,
    pub(super) mine: bool,
}

pub(super) struct Shown {
    pub(super) standing: ActStanding,
    pub(super) who: String,
    pub(super) mine: bool,
    pub(super) approvable: bool,
    pub(super) duty: bool,
}

pub(super) fn gather(kernel: &Kernel<'_>, visitor: &Visitor, record: &Record) -> Seen {
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
