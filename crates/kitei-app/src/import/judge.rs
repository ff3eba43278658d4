//! Every row of a table asked of the rules, as if somebody had sent it by a form: permission, values, required fields,
//! detectors, gates. Nothing is written; whoever asks is given each row that may come in.
//!
//! The preview and the import itself ask here, so that what a preview says is what an import does.
//!
//! Invariant: one row at a time is in memory beside the table itself.
//! Invariant: a problem names its cell; of personal columns it never repeats what the cell holds.

use std::{collections::BTreeMap, sync::Arc};

use kitei_papers::tables::{
    CellAddress, ColumnId, ExpectedColumn, Severity, column_letters,
    preview::{Previewer, RowPreview},
    read::Workbook,
    shape::{Overrides, ShapeError},
};
use kitei_rules::{
    book::Book,
    expr::Actor,
    pack::model::Text,
    rulebook::{FieldRule, RegisterRule},
    run::{
        attempt::Attempt,
        command::{Change, Circumstances, Command, Objection, Plan, Values},
        paper::Lang,
    },
    value::Value,
    world::{Moment, Snapshot},
};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{
    columns::{self, Meaning, NUMBER},
    lists::{self, Lines},
    names::Names,
    report::{CellProblem, ColumnReport, Kept, Report, Weight},
    same::{Known, Same},
};
use crate::kernel::{
    Fault, Installation, Organization,
    load::Loader,
    project::{GAPS, KEPT},
};

/// Problems that a report holds; of more it says how many.
const PROBLEMS: usize = 500;
/// Values of a column that a report shows.
const SAMPLES: usize = 3;
/// Rounds of loading that one row may need.
const ROUNDS: usize = 40;

/// What a table is asked with.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) installation: &'a Installation,
    pub(super) organization: &'a Organization,
    pub(super) book: &'a Book,
    pub(super) moment: &'a Moment,
    pub(super) register: &'a RegisterRule,
    pub(super) actor: &'a Actor,
    /// The organisation itself imports: no permission is asked.
    pub(super) own: bool,
    /// Rows that lack something come in as such.
    pub(super) gaps: bool,
    /// What becomes of rows that are in the register already.
    pub(super) same: Option<Same>,
    pub(super) overrides: &'a Overrides,
    pub(super) lang: Lang,
}

/// A row that may come in.
#[derive(Debug)]
pub(super) struct Accepted {
    /// Its row in the sheet, from 1.
    pub(super) row: u32,
    /// The record it makes or changes.
    pub(super) record: Uuid,
    /// What it does.
    pub(super) what: What,
}

/// What a row does.
#[derive(Debug)]
pub(super) enum What {
    /// It makes the record by these changes.
    New(Vec<Change>),
    /// It sets these fields of a record that is there already.
    Change(Values),
}

/// Why a table cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum JudgeError {
    #[error(transparent)]
    Shape(#[from] ShapeError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Asks the rules about every row. `each` is given the rows that may come in, `progress` how many were asked.
///
/// Runs on a thread of its own: it computes without pause, and waits for the database where rules look at more.
pub(super) fn judge(
    handle: &Handle,
    question: &Question<'_>,
    workbook: &Workbook,
    mut each: impl FnMut(Accepted) -> Result<(), Fault>,
    mut progress: impl FnMut(u64),
) -> Result<Report, JudgeError> {
    let expected = columns::expected(&question.register.fields, question.lang);
    let previewer = Previewer::new(workbook, &expected, question.overrides)?;
    let (names, snapshot, known) = handle.block_on(prepare(question))?;
    let lines = lists::read(question, workbook, &names);
    let mut asking = Asking {
        handle,
        question,
        names,
        lines,
        known,
        snapshot,
        expected: &expected,
        fields: columns::by_id(&question.register.fields),
        previewer: &previewer,
        report: outline(&previewer),
    };
    for row in previewer.rows() {
        if let Some(accepted) = asking.row(&row)? {
            each(accepted)?;
        }
        progress(asking.report.counts.rows);
    }
    asking.lines_of_nobody();
    asking.known.gone(&mut asking.report.comparison);
    Ok(asking.report)
}

async fn prepare(question: &Question<'_>) -> Result<(Names, Snapshot, Known), Fault> {
    let Question { installation, organization, book, register, .. } = question;
    let mut reader = installation.db.reader().await?;
    let linked = columns::linked(register);
    let names = Names::load(installation, organization, book, &mut reader, &linked).await?;
    let loader = Loader { organization, book, environment: &*installation.environment };
    let snapshot = loader.base(&mut reader, question.moment).await?;
    let known = match question.same {
        Some(Same::New) => Known::default(),
        _ => Known::load(&loader, &mut reader, register).await?,
    };
    Ok((names, snapshot, known))
}

fn outline(previewer: &Previewer<'_>) -> Report {
    let shape = previewer.shape();
    let code = |reason: &kitei_papers::tables::shape::MatchReason| {
        serde_json::to_value(reason).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let sheets = std::iter::once(&shape.sheet).chain(shape.other_sheets.iter().map(|sheet| &sheet.name));
    Report {
        sheet: shape.sheet.to_string(),
        sheets: sheets.map(ToString::to_string).collect(),
        header_rows: shape.header_rows.clone(),
        columns: shape
            .columns
            .iter()
            .map(|column| ColumnReport {
                letters: column_letters(column.index),
                header: column.header_text.to_string(),
                field: column.matched.as_ref().map(ToString::to_string),
                reason: code(&column.reason),
                samples: Vec::new(),
            })
            .collect(),
        skipped: shape.skipped_rows.iter().filter(|row| row.row_number >= shape.first_data_row).count() as u64,
        ..Report::default()
    }
}

struct Asking<'a> {
    handle: &'a Handle,
    question: &'a Question<'a>,
    names: Names,
    /// Lines of further sheets that no row has taken yet, by running number.
    lines: BTreeMap<String, Lines>,
    /// What is in the register already.
    known: Known,
    snapshot: Snapshot,
    expected: &'a [ExpectedColumn],
    fields: BTreeMap<ColumnId, &'a FieldRule>,
    previewer: &'a Previewer<'a>,
    report: Report,
}

impl Asking<'_> {
    fn row(&mut self, row: &RowPreview) -> Result<Option<Accepted>, Fault> {
        let mut found = Vec::new();
        let (values, kept) = self.values(row, &mut found);
        self.sample(row);
        let number = match row.value(NUMBER) {
            Some(kitei_papers::tables::value::Value::Text { text }) => Some(text.trim()),
            _ => None,
        };
        let lines = number.and_then(|number| self.lines.remove(number)).unwrap_or_default();
        found.extend(lines.problems);
        if let Some((record, number, changed)) = self.known.find(number, &values) {
            return self.matched(row, (record, number), changed, found);
        }
        let (record, outcome) = self.ask(&values, &lines.by_list)?;
        let (mut changes, mut gaps) = (Vec::new(), 0_i64);
        match outcome {
            Ok(plan) if plan.changes.iter().any(|change| change.record() != record) => {
                found.push(
                    self.about(
                        row,
                        None,
                        Weight::Error,
                        Vec::new(),
                        Text {
                            ja: "この行は登録すると別の記録も変えます。表からではなく、画面から登録してください。"
                                .to_owned(),
                            en: "entering this row changes other records too; enter it by the form".to_owned(),
                        },
                    ),
                );
            }
            Ok(plan) => {
                for objection in plan.gaps {
                    gaps += i64::from(self.lacking(row, objection, &mut found));
                }
                for objection in plan.warnings {
                    found.push(self.objection(row, objection, Weight::Warning));
                }
                changes = plan.changes;
            }
            Err(objections) => self.refusals(row, objections, &mut found),
        }
        let has_error = found.iter().any(|problem| problem.weight == Weight::Error);
        let has_gap = found.iter().any(|problem| problem.weight == Weight::Gap);
        let counts = &mut self.report.counts;
        counts.rows += 1;
        match (has_error, has_gap) {
            (true, _) => counts.wrong += 1,
            (false, true) => counts.incomplete += 1,
            (false, false) => counts.ready += 1,
        }
        self.note(found);
        if has_error || (has_gap && !self.question.gaps) || changes.is_empty() {
            return Ok(None);
        }
        // A name that is not registered is a gap too; where its field is required, `lacking` has left it to this one.
        gaps += i64::try_from(kept.iter().filter(|kept| kept.field.is_some()).count()).unwrap_or_default();
        own_fields(&mut changes, &kept, gaps);
        Ok(Some(Accepted { row: row.row_number, record, what: What::New(changes) }))
    }

    /// A row about a record that is there already.
    fn matched(
        &mut self,
        row: &RowPreview,
        (record, number): (Uuid, String),
        changed: Values,
        mut found: Vec<CellProblem>,
    ) -> Result<Option<Accepted>, Fault> {
        // Nothing is made here, so a name that is not registered leaves no gap: it is left out.
        for problem in &mut found {
            if problem.weight == Weight::Gap {
                problem.weight = Weight::Warning;
            }
        }
        self.report.counts.rows += 1;
        if !changed.is_empty() {
            let title = |field: &String| {
                let rule = self.question.register.field(field);
                rule.map_or_else(|| field.clone(), |rule| rule.title.in_lang(self.question.lang).to_owned())
            };
            let titles = changed.keys().map(title).collect();
            self.report.comparison.differs(row.row_number, record, number, titles);
        }
        let update = !changed.is_empty() && self.question.same == Some(Same::Update);
        if update {
            let objections = self.ask_change(record, &changed)?;
            found.extend(objections.into_iter().map(|objection| self.objection(row, objection, Weight::Error)));
        }
        let wrong = found.iter().any(|problem| problem.weight == Weight::Error);
        self.note(found);
        let counts = &mut self.report.counts;
        match (wrong, changed.is_empty(), self.question.same) {
            (true, _, _) => counts.wrong += 1,
            (false, true, _) => {
                counts.unchanged += 1;
                self.report.comparison.unchanged += 1;
            }
            (false, false, Some(Same::Update)) => {
                counts.changes += 1;
                return Ok(Some(Accepted { row: row.row_number, record, what: What::Change(changed) }));
            }
            (false, false, Some(Same::Keep)) => counts.kept += 1,
            (false, false, _) => counts.same += 1,
        }
        Ok(None)
    }

    /// What the rules have against a change of a record.
    fn ask_change(&mut self, record: Uuid, fields: &Values) -> Result<Vec<Objection>, Fault> {
        let Question { installation, organization, book, moment, register, actor, own, .. } = *self.question;
        let command = Command::Change { record, fields: fields.clone() };
        let circumstances = Circumstances::default();
        let loader = Loader { organization, book, environment: &*installation.environment };
        let stored = self.handle.block_on(async {
            let mut reader = installation.db.reader().await?;
            loader.record(&mut reader, record).await
        })?;
        let stored = stored.map(Arc::new);
        for _ in 0..ROUNDS {
            self.snapshot.records.extend(stored.clone().map(|stored| (record, stored)));
            let mut made = Vec::new();
            let mut ids = || {
                let id = installation.environment.id();
                made.push(id);
                id
            };
            let mut attempt = Attempt::new(book, &mut self.snapshot, moment, actor, &circumstances, &mut ids);
            if own {
                attempt = attempt.for_the_organization();
            }
            let outcome = attempt.run(&command);
            for id in made.iter().chain([&record]) {
                self.snapshot.records.remove(id);
                self.snapshot.fresh.remove(id);
            }
            if self.snapshot.missing.get_mut().is_empty() {
                return Ok(outcome.err().map(|refusal| refusal.objections).unwrap_or_default());
            }
            self.handle.block_on(async {
                let mut reader = installation.db.reader().await?;
                loader.fill(&mut reader, &mut self.snapshot).await
            })?;
        }
        Err(Fault::TooMuch { register: register.id.clone() })
    }

    /// Puts what was found at a row into the report.
    fn note(&mut self, mut found: Vec<CellProblem>) {
        found.sort_by_key(|problem| problem.weight);
        let room = PROBLEMS.saturating_sub(self.report.problems.len());
        self.report.left_out += found.len().saturating_sub(room) as u64;
        self.report.problems.extend(found.into_iter().take(room));
    }

    /// Lines whose row is not there cannot come in.
    fn lines_of_nobody(&mut self) {
        for lines in std::mem::take(&mut self.lines).into_values() {
            self.report.counts.rows += 1;
            self.report.counts.wrong += 1;
            self.report.problems.extend(lines.problems);
            self.report.problems.push(CellProblem {
                row: None,
                cell: None,
                header: String::new(),
                weight: Weight::Error,
                clauses: Vec::new(),
                ja: "明細のシートに、台帳のシートにない「Kitei番号」の行があります。番号を直すか、その行を消してください。".to_owned(),
                en: "the sheet of lines has a row whose “Kitei No.” is not in the first sheet; mend it or take it out".to_owned(),
            });
        }
    }

    fn refusals(&mut self, row: &RowPreview, objections: Vec<Objection>, found: &mut Vec<CellProblem>) {
        for objection in objections {
            match objection.code.as_str() {
                "required" => {
                    self.lacking(row, objection, found);
                }
                _ => found.push(self.objection(row, objection, Weight::Error)),
            }
        }
    }

    /// Notes a required field that is empty, unless its cell has a problem of its own. Says whether it did.
    fn lacking(&self, row: &RowPreview, objection: Objection, found: &mut Vec<CellProblem>) -> bool {
        let problem = self.objection(row, objection, Weight::Gap);
        let known = found.iter().any(|other| other.weight <= Weight::Gap && other.header == problem.header);
        if !known {
            found.push(problem);
        }
        !known
    }

    /// The values of a row by field, and what is kept of it besides.
    fn values(&self, row: &RowPreview, found: &mut Vec<CellProblem>) -> (Values, Vec<Kept>) {
        let Question { moment, lang, .. } = self.question;
        let mut values = Values::new();
        let mut kept: Vec<Kept> = row
            .unknown
            .0
            .iter()
            .map(|(header, text)| Kept { header: header.to_string(), text: text.clone(), field: None })
            .collect();
        for problem in &row.problems {
            let field = problem.column.as_ref().and_then(|id| self.fields.get(id));
            if problem.kind == kitei_papers::tables::ProblemKind::SaidUnknown {
                // 「不明」 is an answer here, not a mistake.
                if let Some(field) = field {
                    values.insert(field.id.clone(), Value::Unknown);
                }
                continue;
            }
            if problem.column.is_none() && problem.severity == Severity::Error {
                // A formula that failed in a column that no field takes: nothing is lost by leaving it out.
                found.push(self.of_table(row, problem, Weight::Warning));
                continue;
            }
            let weight = match problem.severity {
                Severity::Error => Weight::Error,
                Severity::Warning => Weight::Warning,
                Severity::Note => Weight::Note,
            };
            found.push(self.of_table(row, problem, weight));
        }
        for (id, value) in &row.values {
            let Some(field) = self.fields.get(id).filter(|field| field.value.is_none()) else { continue };
            match columns::meaning(field, value, &self.names, &moment.zone, *lang) {
                Meaning::Value(value) => {
                    values.insert(field.id.clone(), value);
                }
                Meaning::NoSuchName(message) => {
                    found.push(self.about(row, Some(&field.id), Weight::Gap, Vec::new(), message));
                    if let kitei_papers::tables::value::Value::Text { text } = value {
                        kept.push(Kept {
                            header: self.header(&field.id).unwrap_or_else(|| field.title.ja.clone()),
                            text: text.clone(),
                            field: Some(field.id.clone()),
                        });
                    }
                }
                Meaning::Wrong(message) => {
                    found.push(self.about(row, Some(&field.id), Weight::Error, Vec::new(), message));
                }
            }
        }
        (values, kept)
    }

    /// Asks the rules whether the record may be opened so; what they find missing is loaded and they are asked again.
    fn ask(
        &mut self,
        values: &Values,
        lines: &BTreeMap<String, Vec<Values>>,
    ) -> Result<(Uuid, Result<Plan, Vec<Objection>>), Fault> {
        let Question { installation, organization, book, moment, register, actor, own, gaps, .. } = *self.question;
        let command = Command::Create { register: register.id.clone(), fields: values.clone(), lines: lines.clone() };
        let circumstances = Circumstances::default();
        for _ in 0..ROUNDS {
            let mut made = Vec::new();
            let mut ids = || {
                let id = installation.environment.id();
                made.push(id);
                id
            };
            let mut attempt = Attempt::new(book, &mut self.snapshot, moment, actor, &circumstances, &mut ids);
            if own {
                attempt = attempt.for_the_organization();
            }
            if gaps {
                attempt = attempt.allowing_gaps();
            }
            let outcome = attempt.run(&command);
            for id in &made {
                self.snapshot.records.remove(id);
                self.snapshot.fresh.remove(id);
                // What was asked of a record that is being opened is not in the database.
                self.snapshot
                    .missing
                    .get_mut()
                    .retain(|missing| !matches!(missing, kitei_rules::world::Missing::Record(asked) if asked == id));
            }
            if self.snapshot.missing.get_mut().is_empty() {
                let record = made.first().copied().unwrap_or_default();
                return Ok((record, outcome.map_err(|refusal| refusal.objections)));
            }
            let loader = Loader { organization, book, environment: &*installation.environment };
            self.handle.block_on(async {
                let mut reader = installation.db.reader().await?;
                loader.fill(&mut reader, &mut self.snapshot).await
            })?;
        }
        Err(Fault::TooMuch { register: register.id.clone() })
    }

    fn header(&self, field: &str) -> Option<String> {
        let column = self.previewer.shape().column_of(&ColumnId::from(field))?;
        Some(column.header_text.to_string())
    }

    fn objection(&self, row: &RowPreview, objection: Objection, weight: Weight) -> CellProblem {
        self.about(row, objection.field.as_deref(), weight, objection.clauses, objection.message)
    }

    fn about(
        &self,
        row: &RowPreview,
        field: Option<&str>,
        weight: Weight,
        clauses: Vec<String>,
        message: Text,
    ) -> CellProblem {
        let column = field.and_then(|field| self.previewer.shape().column_of(&ColumnId::from(field)));
        let cell = column.map(|column| CellAddress::new(row.row_number.saturating_sub(1), column.index).to_string());
        let title = || {
            let id = field?;
            let column = self.expected.iter().find(|column| column.id.as_str() == id)?;
            Some(column.header().to_owned())
        };
        let header = column.map(|column| column.header_text.to_string()).or_else(title).unwrap_or_default();
        CellProblem { row: Some(row.row_number), cell, header, weight, clauses, ja: message.ja, en: message.en }
    }

    fn of_table(&self, row: &RowPreview, problem: &kitei_papers::tables::Problem, weight: Weight) -> CellProblem {
        let message = problem.message();
        CellProblem {
            row: Some(row.row_number),
            cell: problem.cell.map(|cell| cell.to_string()),
            header: problem.header.to_string(),
            weight,
            clauses: Vec::new(),
            ja: message.ja,
            en: message.en,
        }
    }

    fn sample(&mut self, row: &RowPreview) {
        if self.report.counts.rows >= 20 {
            return;
        }
        for column in &mut self.report.columns {
            if column.samples.len() >= SAMPLES {
                continue;
            }
            let words = match &column.field {
                Some(id) => self
                    .expected
                    .iter()
                    .find(|expected| expected.id.as_str() == id)
                    .zip(row.value(id))
                    .map(|(expected, value)| kitei_papers::tables::write::wording(value, expected)),
                None => {
                    row.unknown.0.iter().find(|(header, _)| **header == *column.header).map(|(_, text)| text.clone())
                }
            };
            if let Some(words) = words.filter(|words| !column.samples.contains(words)) {
                column.samples.push(words.chars().take(30).collect());
            }
        }
    }
}

/// Puts the kernel's own fields of an imported record beside those of the row.
fn own_fields(changes: &mut [Change], kept: &[Kept], gaps: i64) {
    let first = changes.iter_mut().find_map(|change| match change {
        Change::FieldsSet { fields, .. } => Some(fields),
        _ => None,
    });
    let Some(fields) = first else { return };
    // Serialising three texts cannot fail.
    if let (false, Ok(json)) = (kept.is_empty(), serde_json::to_string(kept)) {
        fields.insert(KEPT.to_owned(), Value::Text(json));
    }
    if gaps > 0 {
        fields.insert(GAPS.to_owned(), Value::Int(gaps));
    }
}
