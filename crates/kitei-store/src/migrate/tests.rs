use super::*;
use crate::db::Statement;
use crate::testing::{each_empty_engine, each_engine};
use std::collections::{BTreeMap, BTreeSet};

const NOW: i64 = 1_774_972_800_000_000;

fn now() -> Instant {
    Instant::from_microseconds(NOW)
}

const FIRST: Migration =
    Migration { version: 1, name: "first", shared: "create table a (x bigint not null);", sqlite: "", postgres: "" };

#[tokio::test]
async fn steps_run_once_and_changed_or_newer_files_are_refused() {
    each_empty_engine(async |db| {
        assert_eq!(run_these(&db, &[FIRST], now()).await.unwrap(), 1);
        assert_eq!(run_these(&db, &[FIRST], now()).await.unwrap(), 0);

        let changed = Migration { shared: "create table a (x bigint);", ..FIRST };
        let error = run_these(&db, &[changed], now()).await.unwrap_err();
        assert!(matches!(&error, MigrateError::Changed { version: 1, name } if name == "first"), "{error}");

        let error = run_these(&db, &[], now()).await.unwrap_err();
        assert!(matches!(error, MigrateError::Newer { found: 1, known: 0, .. }), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_failing_step_leaves_nothing_of_its_run() {
    each_empty_engine(async |db| {
        let good = Migration { version: 2, name: "good", shared: "create table b (x bigint);", ..FIRST };
        let bad = Migration { version: 3, name: "bad", shared: "create table c (x nonsense nonsense(;", ..FIRST };
        let error = run_these(&db, &[FIRST, good, bad], now()).await.unwrap_err();
        assert!(matches!(error, MigrateError::Failed { version: 3, name: "bad", .. }), "{error}");
        assert_eq!(run_these(&db, &[FIRST, good], now()).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn check_tells_a_schema_that_is_behind() {
    each_engine(async |db| {
        check(&db).await.unwrap();
    })
    .await;
    each_empty_engine(async |db| {
        run_these(&db, &[], now()).await.unwrap();
        let error = check(&db).await.unwrap_err();
        assert!(matches!(error, MigrateError::Behind { missing } if missing == MIGRATIONS.len()), "{error}");
    })
    .await;
}

#[test]
fn numbers_have_no_gaps_and_every_word_is_known() {
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        assert_eq!(migration.version, i64::try_from(index).unwrap() + 1);
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let text = words(&migration.text(engine), engine);
            assert!(!text.contains("{{"), "{} has a word that is not in the list", migration.name);
        }
    }
}

#[tokio::test]
async fn every_statement_prepares_on_both_engines() {
    each_engine(async |db| {
        let mut reader = db.reader().await.unwrap();
        let mut wrong = Vec::new();
        for statement in crate::statements() {
            if statement.is_for(db.engine())
                && let Err(error) = reader.prepare(statement).await
            {
                wrong.push(error.to_string());
            }
        }
        assert!(wrong.is_empty(), "on {:?}:\n{}", db.engine(), wrong.join("\n"));
    })
    .await;
}

#[test]
fn statement_names_are_unique_and_texts_are_plain() {
    let mut seen = BTreeSet::new();
    for statement in crate::statements() {
        assert!(seen.insert(statement.name()), "{} is declared twice", statement.name());
        let outside_strings: String = statement.sql().split('\'').step_by(2).collect();
        assert_eq!(outside_strings, outside_strings.to_lowercase(), "{} is not lower case", statement.name());
    }
}

/// One engine's schema in words that both share.
type Schema = BTreeMap<String, BTreeSet<String>>;

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let schemas = std::sync::Mutex::new(Vec::new());
    each_engine(async |db| {
        let schema = match db.engine() {
            Engine::Sqlite => sqlite_schema(&db).await,
            Engine::Postgres => postgres_schema(&db).await,
        };
        schemas.lock().unwrap().push(schema);
    })
    .await;
    let schemas = schemas.into_inner().unwrap();
    let [sqlite, postgres] = schemas.as_slice() else { panic!("two engines") };
    assert!(sqlite.len() > 25, "{:?}", sqlite.keys());
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (table, facts) in sqlite {
        assert_eq!(facts, &postgres[table], "table {table}: SQLite left, PostgreSQL right");
    }
}

/// Full-text search has nothing in common, so its tables are left out.
fn is_compared(table: &str) -> bool {
    !table.starts_with("search_") && !table.starts_with("sqlite_")
}

async fn sqlite_schema(db: &Db) -> Schema {
    let mut reader = db.reader().await.unwrap();
    let mut schema = Schema::new();
    let tables = Statement::new("tables", "select name from sqlite_schema where type = 'table'", &[]);
    for table in reader.fetch_all(&tables, binds![]).await.unwrap() {
        let table: String = table.get("name").unwrap();
        if !is_compared(&table) {
            continue;
        }
        let facts = schema.entry(table.clone()).or_default();
        let columns =
            Statement::new("columns", "select name, type, \"notnull\" as required, pk from pragma_table_info($1)", &[]);
        let mut key = Vec::new();
        for row in reader.fetch_all(&columns, binds![table]).await.unwrap() {
            let name: String = row.get("name").unwrap();
            let kind = row.get::<String>("type").unwrap().to_lowercase();
            let required: i64 = row.get("required").unwrap();
            facts.insert(format!("column {name} {kind} {}", if required == 1 { "required" } else { "nullable" }));
            let place: i64 = row.get("pk").unwrap();
            if place > 0 {
                key.push((place, name));
            }
        }
        key.sort();
        let key: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
        if !key.is_empty() {
            facts.insert(format!("primary key {}", key.join(" ")));
        }
        let indexes = Statement::new(
            "indexes",
            "select l.name as index_name, l.\"unique\" as is_unique, i.name as column_name from pragma_index_list($1) l, pragma_index_info(l.name) i where l.origin <> 'pk' order by l.name, i.seqno",
            &[],
        );
        let mut lists: BTreeMap<String, (i64, Vec<String>)> = BTreeMap::new();
        for row in reader.fetch_all(&indexes, binds![table]).await.unwrap() {
            let list = lists.entry(row.get("index_name").unwrap()).or_insert((row.get("is_unique").unwrap(), vec![]));
            list.1.push(row.get("column_name").unwrap());
        }
        for (unique, columns) in lists.into_values() {
            facts.insert(format!("{} {}", if unique == 1 { "unique" } else { "index" }, columns.join(" ")));
        }
        let references = Statement::new(
            "references",
            "select id, \"table\" as target, \"from\" as source from pragma_foreign_key_list($1) order by id, seq",
            &[],
        );
        let mut lists: BTreeMap<i64, (String, Vec<String>)> = BTreeMap::new();
        for row in reader.fetch_all(&references, binds![table]).await.unwrap() {
            let list = lists.entry(row.get("id").unwrap()).or_insert((row.get("target").unwrap(), vec![]));
            list.1.push(row.get("source").unwrap());
        }
        for (target, columns) in lists.into_values() {
            facts.insert(format!("refers {} to {target}", columns.join(" ")));
        }
    }
    schema
}

async fn postgres_schema(db: &Db) -> Schema {
    let mut reader = db.reader().await.unwrap();
    let mut schema = Schema::new();
    let columns = Statement::new(
        "columns",
        "select cast(table_name as text) as table_name, cast(column_name as text) as column_name, cast(data_type as text) as data_type, cast(is_nullable as text) as is_nullable from information_schema.columns where table_schema = 'public'",
        &[],
    );
    for row in reader.fetch_all(&columns, binds![]).await.unwrap() {
        let table: String = row.get("table_name").unwrap();
        if !is_compared(&table) {
            continue;
        }
        let data_type: String = row.get("data_type").unwrap();
        let kind = match data_type.as_str() {
            "uuid" | "bytea" => "blob",
            "jsonb" | "timestamp with time zone" | "date" | "text" => "text",
            other => other,
        };
        let nullable: String = row.get("is_nullable").unwrap();
        let name: String = row.get("column_name").unwrap();
        let required = if nullable == "NO" { "required" } else { "nullable" };
        schema.entry(table).or_default().insert(format!("column {name} {kind} {required}"));
    }
    let indexes = Statement::new(
        "indexes",
        "select cast(t.relname as text) as table_name, x.indisunique as is_unique, x.indisprimary as is_primary, (select string_agg(a.attname, ' ' order by k.n) from unnest(x.indkey) with ordinality as k(attnum, n) join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum) as columns from pg_index x join pg_class t on t.oid = x.indrelid join pg_namespace s on s.oid = t.relnamespace where s.nspname = 'public'",
        &[],
    );
    for row in reader.fetch_all(&indexes, binds![]).await.unwrap() {
        let table: String = row.get("table_name").unwrap();
        if !is_compared(&table) {
            continue;
        }
        let columns: String = row.get("columns").unwrap();
        let kind = match (row.get("is_primary").unwrap(), row.get("is_unique").unwrap()) {
            (true, _) => "primary key",
            (false, true) => "unique",
            (false, false) => "index",
        };
        schema.entry(table).or_default().insert(format!("{kind} {columns}"));
    }
    let references = Statement::new(
        "references",
        "select cast(c.conrelid as regclass)::text as table_name, cast(c.confrelid as regclass)::text as target, (select string_agg(a.attname, ' ' order by k.n) from unnest(c.conkey) with ordinality as k(attnum, n) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) as columns from pg_constraint c where c.contype = 'f'",
        &[],
    );
    for row in reader.fetch_all(&references, binds![]).await.unwrap() {
        let table: String = row.get("table_name").unwrap();
        let (target, columns): (String, String) = (row.get("target").unwrap(), row.get("columns").unwrap());
        schema.entry(table).or_default().insert(format!("refers {columns} to {target}"));
    }
    schema
}
