//! The tables of a backup, read out of the migrations, so that a table added there is in the next backup.
//!
//! Invariant: what is found here is what both engines have (a test compares them).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kitei_store::{
    db::{Day, Instant, Row, StoreError, Value},
    migrate::MIGRATIONS,
};
use serde_json::Value as Json;
use uuid::Uuid;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Uuid,
    Integer,
    Text,
    Json,
    Instant,
    Day,
    Bytes,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<(String, Kind)>,
    pub(super) key: Vec<String>,
}

/// Left out: whoever is signed in signs in again, and wrong passwords are counted anew.
const LEFT_OUT: [&str; 2] = ["session", "login_failure"];
/// The search index, which each engine has in its own way: kept as the text it is made of.
pub(super) const SEARCH: &str = "search_document";

/// All tables, those that others refer to first, checkpoints before the events that are held against them.
pub(super) fn tables() -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for migration in MIGRATIONS {
        read(migration.shared, &mut tables);
    }
    tables.retain(|table| !LEFT_OUT.contains(&table.name.as_str()));
    // Sorting is stable: only checkpoints move.
    tables.sort_by_key(|table| match table.name.as_str() {
        "organization" => 0,
        "checkpoint" => 1,
        _ => 2,
    });
    let column = |name: &str, kind| (name.to_owned(), kind);
    tables.push(Table {
        name: SEARCH.to_owned(),
        columns: vec![
            column("org", Kind::Uuid),
            column("record", Kind::Uuid),
            column("register", Kind::Text),
            column("body", Kind::Text),
        ],
        key: vec!["org".to_owned(), "record".to_owned()],
    });
    tables
}

/// Reads `create table` and `alter table … add column` as the migrations write them: one column a line.
fn read(script: &str, tables: &mut Vec<Table>) {
    let mut open = false;
    for line in script.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("create table ") {
            let name = rest.split([' ', '(']).next().unwrap_or_default().to_owned();
            tables.push(Table { name, columns: Vec::new(), key: Vec::new() });
            open = true;
        } else if let Some((name, column)) =
            line.strip_prefix("alter table ").and_then(|rest| rest.split_once(" add column "))
            && let Some(table) = tables.iter_mut().find(|table| table.name == name)
        {
            table.columns.extend(column_of(column));
        } else if line.starts_with(')') {
            open = false;
        } else if let Some(table) = tables.last_mut().filter(|_| open) {
            if let Some(key) = line.strip_prefix("primary key (") {
                let columns = key.split(')').next().unwrap_or_default();
                table.key = columns.split(',').map(|column| column.trim().to_owned()).collect();
            } else if let Some((name, kind)) = column_of(line) {
                if line.contains("primary key") {
                    table.key = vec![name.clone()];
                }
                table.columns.push((name, kind));
            }
        }
    }
}

fn column_of(line: &str) -> Option<(String, Kind)> {
    let mut words = line.split([' ', ',', ';']);
    let name = words.next()?.to_owned();
    let kind = match words.next()? {
        "{{uuid}}" => Kind::Uuid,
        "bigint" => Kind::Integer,
        "text" => Kind::Text,
        "{{json}}" => Kind::Json,
        "{{timestamp}}" => Kind::Instant,
        "{{date}}" => Kind::Day,
        "{{bytes}}" => Kind::Bytes,
        _ => return None,
    };
    Some((name, kind))
}

impl Table {
    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The rows after a key, in the order of keys.
    pub(super) fn page(&self, first: bool) -> String {
        let (names, key, table) = (self.names(), self.key.join(", "), &self.name);
        let places: Vec<String> = (1..=self.key.len()).map(|place| format!("${place}")).collect();
        let after = if first { String::new() } else { format!(" where ({key}) > ({})", places.join(", ")) };
        format!("select {names} from {table}{after} order by {key} limit {PAGE}")
    }

    /// An insert of one row.
    pub(super) fn insert(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|place| format!("${place}")).collect();
        format!("insert into {} ({}) values ({})", self.name, self.names(), places.join(", "))
    }

    /// Where a column stands.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| name == column)
    }
}

/// Rows read at a time.
pub(super) const PAGE: usize = 500;

impl Kind {
    /// The cell of a row, as it is bound again.
    pub(super) fn read(self, row: &Row, column: &str) -> Result<Value<'static>, StoreError> {
        Ok(match self {
            Self::Uuid => Value::Uuid(row.maybe(column)?),
            Self::Integer => Value::Integer(row.maybe(column)?),
            Self::Text => Value::Text(row.maybe::<String>(column)?.map(Into::into)),
            Self::Json => Value::Json(row.maybe::<Json>(column)?.map(std::borrow::Cow::Owned)),
            Self::Instant => Value::Instant(row.maybe(column)?),
            Self::Day => Value::Day(row.maybe(column)?),
            Self::Bytes => Value::Bytes(row.maybe::<Vec<u8>>(column)?.map(Into::into)),
        })
    }

    /// A cell of a line; nothing when it is of another kind.
    pub(super) fn parse(self, json: Json) -> Option<Value<'static>> {
        let absent = json.is_null();
        let text = json.as_str();
        let value = match self {
            Self::Uuid => Value::Uuid(text.and_then(|text| text.parse::<Uuid>().ok())),
            Self::Integer => Value::Integer(json.as_i64()),
            Self::Text => Value::Text(text.map(|text| text.to_owned().into())),
            Self::Instant => Value::Instant(text.and_then(Instant::parse)),
            Self::Day => Value::Day(text.and_then(Day::parse)),
            Self::Bytes => Value::Bytes(text.and_then(|text| STANDARD.decode(text).ok()).map(Into::into)),
            Self::Json => match json {
                Json::Array(mut items) if items.len() == 1 => Value::Json(items.pop().map(std::borrow::Cow::Owned)),
                _ => Value::Json(None),
            },
        };
        (absent || value != value.null()).then_some(value)
    }
}

/// A value as a cell of a line.
pub(super) fn cell(value: &Value<'_>) -> Json {
    match value {
        Value::Uuid(value) => value.map_or(Json::Null, |id| id.to_string().into()),
        Value::Integer(value) => value.map_or(Json::Null, Into::into),
        Value::Boolean(value) => value.map_or(Json::Null, Into::into),
        Value::Text(value) => value.as_ref().map_or(Json::Null, |text| text.as_ref().into()),
        Value::Json(value) => value.as_ref().map_or(Json::Null, |json| Json::Array(vec![json.clone().into_owned()])),
        Value::Instant(value) => value.map_or(Json::Null, |at| at.to_string().into()),
        Value::Day(value) => value.map_or(Json::Null, |day| day.to_string().into()),
        Value::Bytes(value) => value.as_ref().map_or(Json::Null, |bytes| STANDARD.encode(bytes).into()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kitei_store::db::{Engine, Statement};
    use kitei_store::testing::each_engine;

    use super::*;

    #[tokio::test]
    async fn every_table_and_column_of_both_engines_is_in_a_backup() {
        each_engine(async |db| {
            let mut reader = db.reader().await.unwrap();
            let found = match reader.engine() {
                Engine::Sqlite => {
                    "select m.name as t, c.name as c from sqlite_master m, pragma_table_info(m.name) c
                    where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'search_%'"
                }
                Engine::Postgres => {
                    "select table_name::text as t, column_name::text as c from information_schema.columns
                    where table_schema = 'public' and table_name not like 'search_%'"
                }
            };
            let rows = reader.fetch_all(&Statement::composed("columns", found.to_owned()), &[]).await.unwrap();
            let mut live: Vec<(String, String)> =
                rows.iter().map(|row| (row.get("t").unwrap(), row.get("c").unwrap())).collect();
            live.retain(|(table, _)| table != "schema_migration" && !LEFT_OUT.contains(&table.as_str()));
            live.sort();
            let known = tables();
            assert!(known.iter().all(|table| !table.key.is_empty()), "a table without a key cannot be read in pages");
            let known = known.iter().filter(|table| table.name != SEARCH);
            let mut kept: Vec<(String, String)> = known
                .flat_map(|table| table.columns.iter().map(|(column, _)| (table.name.clone(), column.clone())))
                .collect();
            kept.sort();
            assert_eq!(kept, live);
            for table in tables() {
                for sql in [table.page(true), format!("select 1 as one where 1 = 0 or exists ({})", table.page(true))] {
                    reader.fetch_all(&Statement::composed("page", sql), &[]).await.unwrap();
                }
            }
        })
        .await;
    }
}
