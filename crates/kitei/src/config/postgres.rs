//! The address of a PostgreSQL database, and its password put in at the last moment.

use kitei_rules::pack::model::Text;

use crate::language::say;
use crate::secret::SecretText;

/// An address without password, taken apart where a password would go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'t> {
    scheme: &'t str,
    user: &'t str,
    rest: &'t str,
}

impl<'t> Address<'t> {
    /// Takes an address apart.
    ///
    /// # Errors
    /// It is no address of PostgreSQL, or it holds a password.
    pub(super) fn parse(text: &'t str) -> Result<Self, Text> {
        let wanted = || {
            say(
                "postgres://利用者@ホスト/データベース の形で書く。SQLiteなら書かない（データディレクトリに作る）。",
                "write postgres://user@host/database, or leave it out for SQLite in the data directory",
            )
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(wanted)?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err(wanted());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = authority.rsplit_once('@').ok_or_else(wanted)?;
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let in_query = query.split('&').any(|pair| pair.split('=').next().is_some_and(|key| key.contains("password")));
        if user.contains(':') || in_query {
            return Err(say(
                "パスワードを書かない。database.password_file か systemd の資格情報 kitei-database-password に置く。",
                "leave the password out; keep it in database.password_file or the systemd credential kitei-database-password",
            ));
        }
        if user.is_empty() || path.len() < 2 {
            return Err(wanted());
        }
        let rest = rest.get(end - host.len()..).unwrap_or_default();
        Ok(Self { scheme, user, rest })
    }

    /// The whole address.
    pub(super) fn with(&self, password: Option<&SecretText>) -> SecretText {
        let Self { scheme, user, rest } = self;
        SecretText::new(match password {
            Some(password) => format!("{scheme}://{user}:{}@{rest}", encoded(password.reveal())),
            None => format!("{scheme}://{user}@{rest}"),
        })
    }
}

/// Percent-encoded (RFC 3986, section 2.1): all but letters and digits.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_put_in_and_never_taken_from_the_address() {
        let address = Address::parse("postgres://kitei@db.example:5432/kitei?sslmode=require").unwrap();
        let password = SecretText::new("a/b:c@d %é".to_owned());
        assert_eq!(
            address.with(Some(&password)).reveal(),
            "postgres://kitei:a%2Fb%3Ac%40d%20%25%C3%A9@db.example:5432/kitei?sslmode=require"
        );
        assert_eq!(address.with(None).reveal(), "postgres://kitei@db.example:5432/kitei?sslmode=require");
        for wrong in [
            "postgres://kitei:secret@db/kitei",
            "postgres://kitei@db/kitei?password=secret",
            "mysql://kitei@db/kitei",
            "postgres://db/kitei",
            "postgres://kitei@db",
            "kitei.db",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
