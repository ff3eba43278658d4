//! Pages of a register: filter, search, sort and count in one place, for 100,000 records.
//!
//! Invariant: the text of a statement is made of fixed pieces and numbers of parameters; every value is bound.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Record, read};
use crate::db::{Bind, Engine, Reader, Statement, StoreError, Value};
use crate::search;

/// A condition on records of one register.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// The record is in one of these states.
    State(Vec<String>),
    /// The record is closed, or is not.
    Closed(bool),
    /// The record was erased, or was not.
    Erased(bool),
    /// It is one of these records.
    Ids(Vec<Uuid>),
    /// A value of the field is one of these texts.
    Text {
        /// The field.
        field: String,
        /// The texts.
        one_of: Vec<String>,
    },
    /// A value of the field lies between two texts.
    TextRange {
        /// The field.
        field: String,
        /// The least text that counts (a day, written so that texts are in order).
        from: Option<String>,
        /// The greatest text that counts.
        to: Option<String>,
    },
    /// A value of the field lies between two numbers.
    NumberRange {
        /// The field.
        field: String,
        /// The least that counts.
        from: Option<i64>,
        /// The greatest that counts.
        to: Option<i64>,
    },
    /// The field has no value.
    Missing {
        /// The field.
        field: String,
    },
    /// The record links to another.
    LinksTo {
        /// By this field, or by any.
        field: Option<String>,
        /// The other record.
        target: Uuid,
    },
    /// Somebody opened the record.
    OpenedBy(Uuid),
    /// Something is asked of somebody on the record, by name or by a role they hold.
    Asked {
        /// The person.
        person: Uuid,
        /// Roles held, for a department or for the whole organisation.
        roles: Vec<(String, Option<Uuid>)>,
    },
    /// A sealed field has all of these blind tokens; the caller compares the opened values.
    Tokens {
        /// The field.
        field: String,
        /// The tokens as numbers (`Token::to_i64`).
        tokens: Vec<i64>,
    },
    /// All of them hold (every record, when there are none).
    All(Vec<Filter>),
    /// At least one holds (no record, when there are none).
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
}

/// What a list is ordered by; equal ones are in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// The running number.
    Number,
    /// The last change.
    Updated,
    /// The least text of a field; records without one come last.
    Text(String),
    /// The least number of a field; records without one come last.
    Amount(String),
}

/// A page of a register.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// The register.
    pub register: String,
    /// Conditions, among them what the reader may see.
    pub filter: Filter,
    /// What was typed into the search field.
    pub search: Option<String>,
    /// The order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub descending: bool,
    /// How many rows at most.
    pub limit: u32,
    /// How many rows come before this page.
    pub offset: u32,
}

impl ListQuery {
    /// The first fifty records of a register by number.
    #[must_use]
    pub fn new(register: &str) -> Self {
        Self {
            register: register.to_owned(),
            filter: Filter::All(Vec::new()),
            search: None,
            sort: Sort::Number,
            descending: false,
            limit: 50,
            offset: 0,
        }
    }
}

/// A page and how many records there are on all pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records of this page, in order.
    pub records: Vec<Record>,
    /// How many records the filter and the search find.
    pub total: i64,
}

/// A page of a register. The permission of the reader is one of the filters, so the total tells nothing more.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn list(reader: &mut Reader, org: Uuid, query: &ListQuery) -> Result<Page, StoreError> {
    let found = query.search.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
    let found = found.map(|typed| search::query(reader.engine(), typed));
    let source = match &found {
        Some(None) => return Ok(Page { records: Vec::new(), total: 0 }),
        Some(Some(search)) => Some(Source::Search(search)),
        None => narrow(&query.filter),
    };
    match source {
        Some(source) => found_page(reader, org, query, source).await,
        None => {
            let records = plain_page(reader, org, query).await?;
            let full = usize::try_from(query.limit).is_ok_and(|limit| records.len() >= limit);
            let total = match i64::try_from(records.len()) {
                // A first page that is not full has counted itself.
                Ok(length) if !full && query.offset == 0 => length,
                _ => count(reader, org, query).await?,
            };
            Ok(Page { records, total })
        }
    }
}

const COLUMNS: &str = "r.id, r.register, r.number, r.state, r.version, r.leaf, r.doc, r.known_at, r.created_at, \
    r.updated_at, r.closed_at, r.erased_at, r.rulebook, r.valid_until";

/// How many records the filter (without the search) finds.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn count(reader: &mut Reader, org: Uuid, query: &ListQuery) -> Result<i64, StoreError> {
    // PostgreSQL before its first `analyze` believes that a set is small, and then walks through it once a record.
    let probe = if reader.engine() == Engine::Sqlite { Probe::Set } else { Probe::Each };
    let mut text = Text::new(org, &query.register, probe);
    text.push("select count(*) as total from record r where r.org = $1 and r.register = $2 and ");
    text.filter(&query.filter);
    let row = text.fetch_all(reader, concat!(module_path!(), "::COUNT")).await?;
    row.first().map_or(Ok(0), |row| row.get("total"))
}

async fn plain_page(reader: &mut Reader, org: Uuid, query: &ListQuery) -> Result<Vec<Record>, StoreError> {
    // The rows come in the order of an index and most pages are near its beginning, so each is asked by itself.
    let mut text = Text::new(org, &query.register, Probe::Each);
    text.push("select ");
    text.push(COLUMNS);
    text.push(" from record r where r.org = $1 and r.register = $2 and ");
    text.filter(&query.filter);
    text.order(query);
    text.limit(query);
    text.fetch_all(reader, concat!(module_path!(), "::PAGE")).await?.iter().map(read).collect()
}

/// A condition that few records fulfil and that an index answers, from which a page can start.
#[derive(Clone, Copy)]
enum Source<'q> {
    Search(&'q search::Query),
    /// `Filter::Tokens` or `Filter::LinksTo`.
    Narrow(&'q Filter),
}

/// The first narrow condition that every record of the list must fulfil.
fn narrow(filter: &Filter) -> Option<Source<'_>> {
    match filter {
        Filter::All(filters) => filters.iter().find_map(narrow),
        Filter::Tokens { tokens, .. } if !tokens.is_empty() => Some(Source::Narrow(filter)),
        Filter::LinksTo { .. } => Some(Source::Narrow(filter)),
        // One of several narrow conditions is narrow too: sealed texts are looked for in every sealed field.
        Filter::Any(filters) if !filters.is_empty() && filters.iter().all(|one| narrow(one).is_some()) => {
            let plain = |one: &Filter| matches!(one, Filter::Tokens { .. } | Filter::LinksTo { .. });
            filters.iter().all(plain).then_some(Source::Narrow(filter))
        }
        _ => None,
    }
}

/// A page of few matches: they are collected once, for the count and for the page.
async fn found_page(reader: &mut Reader, org: Uuid, query: &ListQuery, source: Source<'_>) -> Result<Page, StoreError> {
    let mut text = Text::new(org, &query.register, Probe::Few);
    text.push("with hit as materialized (select r.id as id");
    text.push(", ");
    text.sort_key(query);
    text.push(" as sort_key, r.number as number from ");
    match source {
        Source::Search(search) => text.matches(reader.engine(), search),
        Source::Narrow(filter) => {
            text.held = Some(filter);
            text.push("(select distinct n.record as record from ");
            text.narrow_set(filter);
            // The inner select leads: what it finds are the few.
            text.push(") m cross join record r where r.org = $1 and r.id = m.record and r.register = $2");
        }
    }
    text.push(" and ");
    text.filter(&query.filter);
    text.push("), page as (select id, sort_key, number from hit");
    text.page_order(query);
    text.limit(query);
    text.push(") select (select count(*) from hit) as total, ");
    text.push(COLUMNS);
    // `cross join` again, so that the page leads and not the register.
    text.push(" from page p cross join record r where r.org = $1 and r.id = p.id");
    text.push(&page_order("p.", query));
    let rows = text.fetch_all(reader, concat!(module_path!(), "::SEARCH")).await?;
    let total = match rows.first() {
        Some(row) => row.get("total")?,
        None if query.offset == 0 => 0,
        // Beyond the last page there is no row to carry the total.
        None => {
            let first = ListQuery { offset: 0, limit: 1, ..query.clone() };
            Box::pin(found_page(reader, org, &first, source)).await?.total
        }
    };
    Ok(Page { records: rows.iter().map(read).collect::<Result<_, _>>()?, total })
}

fn page_order(prefix: &str, query: &ListQuery) -> String {
    let direction = if query.descending { "desc" } else { "asc" };
    format!(
        " order by case when {prefix}sort_key is null then 1 else 0 end, {prefix}sort_key {direction}, \
         {prefix}number {direction}"
    )
}

/// How a condition asks about other tables.
#[derive(Clone, Copy, PartialEq)]
enum Probe {
    /// For each record by itself, as far as the planner likes.
    Each,
    /// For each of few records by itself, and by no other plan: `offset 0` keeps PostgreSQL from turning the question
    /// round, which before its first `analyze` takes it a thousand times as long.
    Few,
    /// Once, for the set of records that fulfil it.
    Set,
}

/// A statement in the making.
struct Text<'q> {
    sql: String,
    values: Vec<Value<'static>>,
    probe: Probe,
    /// A condition that holds already, because the page starts from it.
    held: Option<&'q Filter>,
}

impl<'q> Text<'q> {
    fn new(org: Uuid, register: &str, probe: Probe) -> Self {
        let values = vec![Value::Uuid(Some(org)), Value::Text(Some(register.to_owned().into()))];
        Self { sql: String::with_capacity(512), values, probe, held: None }
    }

    fn push(&mut self, piece: &str) {
        self.sql.push_str(piece);
    }

    fn bind(&mut self, value: Value<'static>) {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
    }

    fn bind_text(&mut self, text: &str) {
        self.bind(Value::Text(Some(text.to_owned().into())));
    }

    fn bind_all(&mut self, values: impl Iterator<Item = Value<'static>>) {
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
    }

    async fn fetch_all(self, reader: &mut Reader, name: &'static str) -> Result<Vec<crate::db::Row>, StoreError> {
        let binds: Vec<&dyn Bind> = self.values.iter().map(|value| value as &dyn Bind).collect();
        reader.fetch_all(&Statement::composed(name, self.sql), &binds).await
    }

    fn sort_key(&mut self, query: &ListQuery) {
        match &query.sort {
            Sort::Number => self.push("r.number"),
            Sort::Updated => self.push("r.updated_at"),
            Sort::Text(field) => self.least("text_value", field),
            Sort::Amount(field) => self.least("number_value", field),
        }
    }

    fn least(&mut self, column: &str, field: &str) {
        self.push("(select min(v.");
        self.push(column);
        self.push(") from record_value v where v.org = $1 and v.record = r.id and v.field = ");
        self.bind_text(field);
        self.push(")");
    }

    fn page_order(&mut self, query: &ListQuery) {
        self.push(&page_order("", query));
    }

    fn order(&mut self, query: &ListQuery) {
        let direction = if query.descending { " desc" } else { " asc" };
        self.push(" order by ");
        match &query.sort {
            // Plain columns, never null, so that an index gives the order.
            Sort::Number => self.push("r.number"),
            Sort::Updated => self.push("r.updated_at"),
            Sort::Text(_) | Sort::Amount(_) => {
                self.push("case when ");
                self.sort_key(query);
                self.push(" is null then 1 else 0 end, ");
                self.sort_key(query);
            }
        }
        self.push(direction);
        if query.sort != Sort::Number {
            self.push(", r.number");
            self.push(direction);
        }
    }

    fn limit(&mut self, query: &ListQuery) {
        self.push(" limit ");
        self.bind(Value::Integer(Some(i64::from(query.limit))));
        self.push(" offset ");
        self.bind(Value::Integer(Some(i64::from(query.offset))));
    }

    /// From what the index finds to its records.
    fn matches(&mut self, engine: Engine, search: &search::Query) {
        match engine {
            Engine::Sqlite => {
                // `cross join` fixes the order: the few matches lead, whatever the planner believes about the rest.
                self.push("search_index i cross join search_document d on d.id = i.rowid ");
                self.push("cross join record r on r.org = $1 and r.id = d.record where i.search_index match ");
                self.bind_text(&search.expression);
            }
            Engine::Postgres => {
                self.push("search_document d join record r on r.org = $1 and r.id = d.record ");
                self.push("where d.words @@ cast(");
                self.bind_text(&search.expression);
                self.push(" as tsquery)");
            }
        }
        self.push(" and d.org = $1 and d.register = $2");
        for phrase in &search.phrases {
            self.push(if engine == Engine::Sqlite { " and instr(d.body, " } else { " and strpos(d.body, " });
            self.bind_text(phrase);
            self.push(") > 0");
        }
    }

    fn filter(&mut self, filter: &Filter) {
        if self.held.is_some_and(|held| std::ptr::eq(held, filter)) {
            return self.push("1 = 1");
        }
        match filter {
            Filter::All(filters) => self.joined(filters, " and ", "1 = 1"),
            Filter::Any(filters) => self.joined(filters, " or ", "1 = 0"),
            Filter::Not(inner) => {
                self.push("not (");
                self.filter(inner);
                self.push(")");
            }
            Filter::State(states) => self.one_of("r.state", states.iter().map(|state| owned(state))),
            Filter::Ids(ids) => self.one_of("r.id", ids.iter().map(|id| Value::Uuid(Some(*id)))),
            Filter::Closed(true) => self.push("r.closed_at is not null"),
            Filter::Closed(false) => self.push("r.closed_at is null"),
            Filter::Erased(true) => self.push("r.erased_at is not null"),
            Filter::Erased(false) => self.push("r.erased_at is null"),
            Filter::Missing { field } => {
                self.push(
                    "not exists (select 1 from record_value v where v.org = $1 and v.record = r.id and v.field = ",
                );
                self.bind_text(field);
                self.push(" and (v.text_value is not null or v.number_value is not null))");
            }
            Filter::OpenedBy(person) => {
                self.push("r.doc ->> 'by' = ");
                self.bind_text(&person.to_string());
            }
            Filter::Asked { person, roles } => self.asked(*person, roles),
            Filter::Tokens { tokens, .. } if tokens.is_empty() => self.push("1 = 0"),
            Filter::LinksTo { .. } | Filter::Tokens { .. } => self.in_narrow_set(filter),
            Filter::Text { field, one_of } => {
                self.value(field);
                self.one_of("v.text_value", one_of.iter().map(|text| owned(text)));
                self.value_end();
            }
            Filter::TextRange { field, from, to } => {
                self.value(field);
                self.range("v.text_value", from.as_deref().map(owned), to.as_deref().map(owned));
            }
            Filter::NumberRange { field, from, to } => {
                self.value(field);
                let number = |number: &i64| Value::Integer(Some(*number));
                self.range("v.number_value", from.as_ref().map(number), to.as_ref().map(number));
            }
        }
    }

    /// A task on the record names the person or a role they hold.
    fn asked(&mut self, person: Uuid, roles: &[(String, Option<Uuid>)]) {
        self.push("exists (select 1 from task_who w where w.org = $1 and w.record = r.id and (w.person = ");
        self.bind(Value::Uuid(Some(person)));
        for (role, department) in roles {
            self.push(" or (w.role = ");
            self.bind_text(role);
            self.push(" and w.department in (");
            self.bind_all([Uuid::nil(), department.unwrap_or_default()].map(|id| Value::Uuid(Some(id))).into_iter());
            self.push("))");
        }
        self.push("))");
    }

    fn joined(&mut self, filters: &[Filter], glue: &str, empty: &str) {
        if filters.is_empty() {
            return self.push(empty);
        }
        self.push("(");
        for (index, filter) in filters.iter().enumerate() {
            if index > 0 {
                self.push(glue);
            }
            self.filter(filter);
        }
        self.push(")");
    }

    fn one_of(&mut self, column: &str, values: impl ExactSizeIterator<Item = Value<'static>>) {
        if values.len() == 0 {
            return self.push("1 = 0");
        }
        self.push(column);
        self.push(" in (");
        self.bind_all(values);
        self.push(")");
    }

    /// Closes what `value` opened.
    fn value_end(&mut self) {
        self.push(if self.probe == Probe::Few { " limit 1 offset 0)" } else { ")" });
    }

    /// Opens a condition on a value of a field; `value_end` closes it.
    fn value(&mut self, field: &str) {
        match self.probe {
            Probe::Each | Probe::Few => {
                // The register too, so that one index holds everything that is asked.
                self.push("exists (select 1 from record_value v where v.org = $1 and v.register = $2");
                self.push(" and v.record = r.id");
            }
            Probe::Set => {
                self.push("r.id in (select v.record from record_value v where v.org = $1 and v.register = $2");
            }
        }
        self.push(" and v.field = ");
        self.bind_text(field);
        self.push(" and ");
    }

    fn range(&mut self, column: &str, from: Option<Value<'static>>, to: Option<Value<'static>>) {
        self.push(column);
        self.push(" is not null");
        for (bound, comparison) in [(from, " >= "), (to, " <= ")] {
            if let Some(bound) = bound {
                self.push(" and ");
                self.push(column);
                self.push(comparison);
                self.bind(bound);
            }
        }
        self.value_end();
    }

    fn in_narrow_set(&mut self, filter: &Filter) {
        self.push("r.id in (select n.record from ");
        self.narrow_set(filter);
        self.push(")");
    }

    /// The records that fulfil a narrow condition, as a table `n`.
    fn narrow_set(&mut self, filter: &Filter) {
        match filter {
            Filter::LinksTo { field, target } => {
                self.push("(select l.source as record from link l where l.org = $1 and l.target = ");
                self.bind(Value::Uuid(Some(*target)));
                if let Some(field) = field {
                    self.push(" and l.field = ");
                    self.bind_text(field);
                }
                self.push(") n");
            }
            Filter::Tokens { field, tokens } => {
                let tokens: BTreeSet<i64> = tokens.iter().copied().collect();
                let count = i64::try_from(tokens.len()).unwrap_or(i64::MAX);
                self.push("(select b.record as record from blind_token b where b.org = $1 and b.register = $2");
                self.push(" and b.field = ");
                self.bind_text(field);
                self.push(" and b.token in (");
                self.bind_all(tokens.into_iter().map(|token| Value::Integer(Some(token))));
                self.push(") group by b.record having count(*) = ");
                self.bind(Value::Integer(Some(count)));
                self.push(") n");
            }
            Filter::Any(filters) => {
                for (index, one) in filters.iter().enumerate() {
                    self.push(if index == 0 {
                        "(select n.record as record from "
                    } else {
                        " union select n.record from "
                    });
                    self.narrow_set(one);
                }
                self.push(") n");
            }
            // No other condition is narrow; the empty set is the strict side.
            _ => self.push("(select id as record from record where 1 = 0) n"),
        }
    }
}

fn owned(text: impl AsRef<str>) -> Value<'static> {
    Value::Text(Some(text.as_ref().to_owned().into()))
}
