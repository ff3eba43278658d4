//! Ledgers out: what a list shows, as Excel or CSV, in the columns that an import reads again.
//!
//! Serves issue section 5 ("what Kitei exports it imports again unchanged") and the rights of every derived view: a record
//! or field that somebody does not see is not in their file.
//!
//! Invariant: rows leave memory as they are written; one state of the database is written, whatever happens meanwhile.

use std::{collections::BTreeSet, io::Write, sync::Arc};

use kitei_papers::tables::{
    ExpectedColumn, Label,
    preview::Unknown,
    value::Value as TableValue,
    write::{CsvEncoding, Layout, Row, SheetOut, WriteError, XlsxOptions, write_csv, write_xlsx_sheets},
};
use kitei_rules::{
    book::Book,
    expr::Actor,
    rulebook::{FieldRule, RegisterRule},
    run::{Kernel, paper::Lang},
    value::Value,
    world::{Moment, Record, Snapshot},
};
use kitei_store::{
    db::Reader,
    records::{self, Filter, ListQuery, Sort},
};
use tokio::sync::mpsc;

use super::{
    ImportError,
    columns::{self, NUMBER},
    names::Names,
    report::kept,
};
use crate::kernel::{Fault, Installation, Organization, load::Loader};

/// Records read at a time.
const PAGE: u32 = 500;
/// Pages that wait for the writer at most.
const PAGES: usize = 4;
/// Rounds of loading that one page may need.
const ROUNDS: usize = 40;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Excel; the lines of records follow as further sheets.
    Xlsx,
    /// CSV in UTF-8 with a byte order mark; without lines.
    Csv,
}

/// What is written.
#[derive(Clone, Debug)]
pub struct Export {
    /// Which records, as a list asks for them; its page does not matter.
    pub query: ListQuery,
    /// Who will read it; none writes for the organisation itself, which sees all.
    pub actor: Option<Actor>,
    /// Language of headers and choices.
    pub lang: Lang,
    /// Form.
    pub form: Form,
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such register, or not for this person.
    #[error("there is no such register")]
    NoRegister,
    /// It does not fit the form.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<kitei_store::db::StoreError> for ExportError {
    fn from(error: kitei_store::db::StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

/// A sheet being filled: its columns, and where its rows go.
struct Plan {
    name: String,
    fields: Vec<FieldRule>,
    columns: Vec<ExpectedColumn>,
    unknown: Vec<Label>,
}

impl Installation {
    /// Writes the records of a register to `out`. Returns how many there were.
    ///
    /// # Errors
    /// [`ExportError`]; what was written by then is no file.
    pub async fn export<W: Write + Send + 'static>(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        export: &Export,
        out: W,
    ) -> Result<u64, ExportError> {
        let mut reader = self.db.snapshot().await?;
        let moment = organization.moment(self.environment.now());
        let book = self.book_of(&mut reader, organization, moment.today()).await?;
        let rule = book.register(&export.query.register).ok_or(ExportError::NoRegister)?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let mut snapshot = loader.base(&mut reader, &moment).await?;
        let sees = |kernel: &Kernel<'_>, list: Option<&str>, field: &FieldRule| {
            export.actor.as_ref().is_none_or(|actor| kernel.sees_field(actor, &rule.id, list, &field.id))
        };
        let unknown = self.kept_headers(organization, &rule.id).await?;
        let plans = {
            let kernel = Kernel::new(&book, &snapshot, &moment);
            if export.actor.as_ref().is_some_and(|actor| !kernel.reads_register(actor, rule)) {
                return Err(ExportError::NoRegister);
            }
            plans(rule, export, unknown, |list, field| sees(&kernel, list, field))
        };
        let names = Names::load(self, organization, &book, &mut reader, &columns::linked(rule)).await?;
        let (mut givers, takers): (Vec<_>, Vec<_>) = plans.iter().map(|_| mpsc::channel::<Vec<Row>>(PAGES)).unzip();
        let plans = Arc::new(plans);
        let (writing, form) = (Arc::clone(&plans), export.form);
        let created = moment.now.to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
        let writer = tokio::task::spawn_blocking(move || write(&writing, takers, form, created, out));
        let producing =
            Producing { rule, book: &book, moment: &moment, export, loader: &loader, names: &names, plans: &plans };
        let mut lines_out: Vec<Vec<Row>> = plans.iter().map(|_| Vec::new()).collect();
        let mut written = 0;
        let mut from = Cursor::default();
        while let Some(page) = from.next(&mut reader, organization, &export.query).await? {
            let mut rows = Vec::with_capacity(page.len());
            for (sheet, row) in producing.page(&mut reader, &mut snapshot, page).await?.into_iter().flatten() {
                match lines_out.get_mut(sheet).filter(|_| sheet > 0) {
                    Some(lines) => lines.push(row),
                    None => rows.push(row),
                }
            }
            written += rows.len() as u64;
            // A writer that stopped says why below.
            if let Some(giver) = givers.first()
                && giver.send(rows).await.is_err()
            {
                break;
            }
        }
        for (giver, rows) in givers.drain(..).zip(lines_out) {
            if giver.send(rows).await.is_err() {
                break;
            }
        }
        writer.await.map_err(|_| Fault::Damaged("an export could not be written".to_owned()))??;
        Ok(written)
    }

    /// Headers of columns that no field takes, of every import into a register that came in.
    async fn kept_headers(&self, organization: &Organization, register: &str) -> Result<Vec<Label>, Fault> {
        let failed = |error| match error {
            ImportError::Fault(fault) => fault,
            other => Fault::Damaged(other.to_string()),
        };
        let mut out: Vec<String> = Vec::new();
        for batch in self.imports(organization, u32::MAX).await.map_err(failed)? {
            if batch.register != register || batch.state != super::State::Done {
                continue;
            }
            let report = self.import_batch(organization, batch.id).await.map_err(failed)?.report.unwrap_or_default();
            for column in report.columns.into_iter().filter(|column| column.field.is_none()) {
                if !out.contains(&column.header) {
                    out.push(column.header);
                }
            }
        }
        Ok(out.into_iter().map(Label::from).collect())
    }
}

fn plans(
    rule: &RegisterRule,
    export: &Export,
    unknown: Vec<Label>,
    sees: impl Fn(Option<&str>, &FieldRule) -> bool,
) -> Vec<Plan> {
    let plan = |name: &str, list: Option<&str>, fields: &[FieldRule], unknown: Vec<Label>| {
        let fields: Vec<FieldRule> = fields.iter().filter(|field| sees(list, field)).cloned().collect();
        let columns = columns::expected(&fields, export.lang);
        Plan { name: name.to_owned(), fields, columns, unknown }
    };
    let mut out = vec![plan(rule.title.in_lang(export.lang), None, &rule.fields, unknown)];
    if export.form == Form::Xlsx {
        for list in &rule.lists {
            out.push(plan(list.title.in_lang(export.lang), Some(&list.id), &list.fields, Vec::new()));
        }
    }
    out
}

fn write(
    plans: &[Plan],
    takers: Vec<mpsc::Receiver<Vec<Row>>>,
    form: Form,
    created: jiff::civil::DateTime,
    out: impl Write + Send,
) -> Result<(), WriteError> {
    let rows = |mut taker: mpsc::Receiver<Vec<Row>>| std::iter::from_fn(move || taker.blocking_recv()).flatten();
    let mut sheets = plans.iter().zip(takers);
    match form {
        Form::Xlsx => {
            let sheets = sheets
                .map(|(plan, taker)| SheetOut {
                    name: &plan.name,
                    layout: Layout { columns: &plan.columns, unknown: &plan.unknown },
                    rows: Box::new(rows(taker)),
                })
                .collect();
            write_xlsx_sheets(out, XlsxOptions { sheet_name: "", created, scratch: None }, sheets)
        }
        Form::Csv => {
            let Some((plan, taker)) = sheets.next() else { return Ok(()) };
            let layout = Layout { columns: &plan.columns, unknown: &plan.unknown };
            write_csv(out, layout, CsvEncoding::Utf8WithMark, rows(taker))
        }
    }
}

/// Walks through what a list shows, in the order of numbers.
#[derive(Default)]
struct Cursor {
    after: String,
    offset: u32,
    done: bool,
}

impl Cursor {
    async fn next(
        &mut self,
        reader: &mut Reader,
        organization: &Organization,
        query: &ListQuery,
    ) -> Result<Option<Vec<records::Record>>, Fault> {
        if self.done {
            return Ok(None);
        }
        let plain = query.search.is_none() && query.filter == Filter::All(Vec::new());
        let page = if plain {
            records::after(reader, organization.id, &query.register, &self.after, PAGE).await?
        } else {
            let page =
                ListQuery { sort: Sort::Number, descending: false, limit: PAGE, offset: self.offset, ..query.clone() };
            records::list(reader, organization.id, &page).await?.records
        };
        if let Some(last) = page.last() {
            last.number.clone_into(&mut self.after);
        }
        self.offset = self.offset.saturating_add(PAGE);
        self.done = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        Ok((!page.is_empty()).then_some(page))
    }
}

struct Producing<'a> {
    rule: &'a RegisterRule,
    book: &'a Book,
    moment: &'a Moment,
    export: &'a Export,
    loader: &'a Loader<'a>,
    names: &'a Names,
    plans: &'a [Plan],
}

impl Producing<'_> {
    /// The rows of a page of records, by sheet.
    async fn page(
        &self,
        reader: &mut Reader,
        snapshot: &mut Snapshot,
        page: Vec<records::Record>,
    ) -> Result<Vec<Vec<(usize, Row)>>, Fault> {
        let mut ids = Vec::with_capacity(page.len());
        let mut fresh = BTreeSet::new();
        for record in self.loader.with_lines(reader, &page).await? {
            let id = record.id;
            ids.push(id);
            if snapshot.put(record).is_none() {
                fresh.insert(id);
            }
        }
        let mut rounds = 0;
        let out = loop {
            let rows = {
                let kernel = Kernel::new(self.book, snapshot, self.moment);
                ids.iter().filter_map(|id| self.record(&kernel, snapshot.records.get(id)?)).collect()
            };
            if !self.loader.fill(reader, snapshot).await? {
                break rows;
            }
            rounds += 1;
            if rounds == ROUNDS {
                return Err(Fault::TooMuch { register: self.rule.id.clone() });
            }
        };
        for id in &fresh {
            snapshot.records.remove(id);
        }
        Ok(out)
    }

    fn record(&self, kernel: &Kernel<'_>, record: &Record) -> Option<Vec<(usize, Row)>> {
        if self.export.actor.as_ref().is_some_and(|actor| !kernel.sees_record(actor, record)) {
            return None;
        }
        let number = || (NUMBER.into(), TableValue::Text { text: record.number.clone() });
        let zone = &self.moment.zone;
        let value_of = |field: &FieldRule, value: &Value| {
            columns::table_value(field, value, self.names, zone, self.export.lang)
                .map(|value| (field.id.as_str().into(), value))
        };
        let plan = self.plans.first()?;
        let kept = kept(record);
        let mut values = vec![number()];
        for field in &plan.fields {
            let value = kernel.value(record, &field.id);
            let said = kept.iter().find(|kept| kept.field.as_ref() == Some(&field.id));
            match (value_of(field, &value), said) {
                (Some(value), _) => values.push(value),
                // A name that was not registered goes out as it came in.
                (None, Some(said)) => {
                    values.push((field.id.as_str().into(), TableValue::Text { text: said.text.clone() }));
                }
                (None, None) => {}
            }
        }
        let unknown = kept.into_iter().filter(|kept| kept.field.is_none());
        let unknown = Unknown(unknown.map(|kept| (Label::from(kept.header), kept.text)).collect());
        let mut out = vec![(0, Row { values, unknown })];
        if self.export.form == Form::Xlsx {
            for ((sheet, plan), list) in self.plans.iter().enumerate().skip(1).zip(&self.rule.lists) {
                let lines = record.lines.get(&list.id).into_iter().flatten().filter(|line| !line.erased);
                for line in lines {
                    let mut values = vec![number()];
                    for field in &plan.fields {
                        let stored = line.fields.get(&field.id).map(|stored| &stored.value);
                        values.extend(stored.and_then(|value| value_of(field, value)));
                    }
                    out.push((sheet, Row { values, ..Row::default() }));
                }
            }
        }
        Some(out)
    }
}
