//! Named SQL texts.
//!
//! Every statement is a named constant, lower case, with `$1`, `$2`, … in the part of SQL that SQLite and PostgreSQL
//! share. `statements!` collects a module's statements in a slice, and a test prepares each on both engines.

use std::borrow::Cow;

use super::Engine;

/// A SQL text and its name. The name is what errors and logs show.
#[derive(Debug, Clone)]
pub struct Statement {
    name: &'static str,
    sql: Cow<'static, str>,
    engines: &'static [Engine],
}

impl Statement {
    /// A fixed statement; `statements!` calls this. `engines` is empty when both understand the text, else it names
    /// the one that does (full-text search has nothing in common).
    #[must_use]
    pub const fn new(name: &'static str, sql: &'static str, engines: &'static [Engine]) -> Self {
        Self { name, sql: Cow::Borrowed(sql), engines }
    }

    /// A statement put together at run time from fixed pieces. The caller vouches that no value is part of the text.
    #[must_use]
    pub fn composed(name: &'static str, sql: String) -> Self {
        Self { name, sql: Cow::Owned(sql), engines: &[] }
    }

    /// The name, such as `kitei_store::log::APPEND`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Whether this text is for the engine.
    #[must_use]
    pub fn is_for(&self, engine: Engine) -> bool {
        self.engines.is_empty() || self.engines.contains(&engine)
    }

    /// The same one-row insert for `count` rows; `None` for one row, or when the text is no such insert.
    pub(crate) fn repeated(&self, count: usize, engine: Engine) -> Option<Self> {
        const VALUES: &str = "values (";
        if count < 2 {
            return None;
        }
        let group = self.sql.find(VALUES)? + VALUES.len() - 1;
        let end = group + self.sql.get(group..)?.find(')')? + 1;
        let columns = self.sql.get(group..end)?.matches('$').count();
        let row = |first: usize| {
            let place = |column: usize| match engine {
                // SQLite looks numbered places up one by one whenever it binds, which a thousand of them make slow.
                Engine::Sqlite => "?".to_owned(),
                Engine::Postgres => format!("${}", first + column),
            };
            format!("({})", (1..=columns).map(place).collect::<Vec<_>>().join(", "))
        };
        let in_order = self.sql.get(group..end)? == format!("({})", numbered(columns));
        let groups: Vec<String> = (0..count).map(|number| row(number * columns)).collect();
        let sql = format!("{}{}{}", self.sql.get(..group)?, groups.join(", "), self.sql.get(end..)?);
        in_order.then_some(Self { name: self.name, sql: Cow::Owned(sql), engines: self.engines })
    }

    /// The same statement for several ids where it has one: the comparison `column = $n` with the last place of the text
    /// becomes `column in ($n, …)`. `None` when the text has no such comparison.
    pub(crate) fn of_several(&self, column: &str, count: usize) -> Option<Self> {
        let before = format!(" {column} = $");
        let at = self.sql.find(&before)?;
        let rest = self.sql.get(at + before.len()..)?;
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let first: usize = rest.get(..digits)?.parse().ok()?;
        let places: Vec<String> = (0..count).map(|index| format!("${}", first + index)).collect();
        let (head, tail) = (self.sql.get(..at)?, rest.get(digits..)?);
        let is_last = !self.sql.contains(&format!("${}", first + 1));
        let sql = format!("{head} {column} in ({}){tail}", places.join(", "));
        is_last.then_some(Self { name: self.name, sql: Cow::Owned(sql), engines: self.engines })
    }

    pub(crate) fn safe(&self) -> sqlx::SqlStr {
        use sqlx::SqlSafeStr as _;
        match &self.sql {
            Cow::Borrowed(sql) => sql.into_sql_str(),
            Cow::Owned(sql) => sqlx::AssertSqlSafe(sql.clone()).into_sql_str(),
        }
    }
}

/// `$1, $2, …` up to a number.
fn numbered(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Declares named statements and the slice `STATEMENTS` of them all.
///
/// ```
/// kitei_store::statements! {
///     /// One setting of an organization.
///     SETTING = "select doc from setting where org = $1 and key = $2";
///     /// A text for PostgreSQL alone.
///     @Postgres SIZE = "select pg_database_size(current_database()) as size";
/// }
/// fn main() {
///     assert_eq!(STATEMENTS.len(), 2);
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $(@$engine:ident)? $name:ident = $sql:expr;)*) => {
        $(
            $(#[$meta])*
            pub(crate) static $name: $crate::db::Statement = $crate::db::Statement::new(
                concat!(module_path!(), "::", stringify!($name)),
                $sql,
                &[$($crate::db::Engine::$engine)?],
            );
        )*
        /// Every statement of this module, for the test that prepares them on both engines.
        pub static STATEMENTS: &[&$crate::db::Statement] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_made_to_serve_many() {
        let one = Statement::new("t", "insert into t (a, b) values ($1, $2) on conflict do nothing", &[]);
        assert!(one.repeated(1, Engine::Postgres).is_none());
        for (engine, sql) in [
            (Engine::Postgres, "insert into t (a, b) values ($1, $2), ($3, $4), ($5, $6) on conflict do nothing"),
            (Engine::Sqlite, "insert into t (a, b) values (?, ?), (?, ?), (?, ?) on conflict do nothing"),
        ] {
            assert_eq!(one.repeated(3, engine).unwrap().sql(), sql);
        }
        let of = Statement::new("t", "select a from t where org = $1 and id = $2 order by a", &[]);
        let several = of.of_several("id", 2).unwrap();
        assert_eq!(several.sql(), "select a from t where org = $1 and id in ($2, $3) order by a");
        assert!(of.of_several("org", 2).is_none(), "places after it would have to move");
        let twisted = Statement::new("t", "insert into t (a, b) values ($2, $1)", &[]);
        assert!(twisted.repeated(3, Engine::Sqlite).is_none(), "places out of order cannot be repeated");
    }
}
