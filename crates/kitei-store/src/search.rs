//! Full-text search that finds Japanese from one character on, on both engines alike.
//!
//! A text is folded (NFKC, lower case, katakana as hiragana, variants of common kanji as one) and cut into every two
//! neighbouring characters. The index holds these pairs; a query asks for all of its pairs and, where three or more
//! characters must stand together, the folded text itself is compared, so that nothing wrong is found.
//!
//! Invariant: only open fields are indexed; sealed ones are found through `blind` tokens.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::db::{Engine, Reader, StoreError, Tx, Value};
use crate::{binds, statements};

statements! {
    /// The row of the full-text table.
    @Sqlite FIND = "select id from search_document where org = $1 and record = $2";
    /// A new document.
    @Sqlite ADD = "insert into search_document (org, record, register, body) values ($1, $2, $3, $4) returning id";
    /// The number of the newest document.
    @Sqlite LAST = "select coalesce(max(id), 0) as last from search_document";
    /// A new document under a number.
    @Sqlite ADD_AT = "insert into search_document (id, org, record, register, body) values ($1, $2, $3, $4, $5)";
    /// Another text of a document.
    @Sqlite CHANGE = "update search_document set body = $2 where id = $1";
    /// Takes a document away.
    @Sqlite REMOVE = "delete from search_document where id = $1";
    /// The pairs of a document.
    @Sqlite ADD_WORDS = "insert into search_index (rowid, words) values ($1, $2)";
    /// Takes the pairs of a document away.
    @Sqlite REMOVE_WORDS = "delete from search_index where rowid = $1";
    /// A document and its pairs.
    @Postgres PUT = "insert into search_document (org, record, register, body, words)
        values ($1, $2, $3, $4, cast($5 as tsvector))
        on conflict (org, record) do update set body = excluded.body, words = excluded.words";
    /// Takes a document away.
    @Postgres DELETE = "delete from search_document where org = $1 and record = $2";
    /// The folded text of a document.
    BODY = "select body from search_document where org = $1 and record = $2";
}

/// The longest text that is indexed, in characters; what follows is not found.
pub const MAX_CHARACTERS: usize = 100_000;

/// The longest query, in characters.
pub const MAX_QUERY: usize = 200;

/// Folds a text for search: width, case, kana and common variants of kanji no longer differ.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).map(fold_character).collect()
}

fn fold_character(character: char) -> char {
    match character {
        // Katakana and their iteration marks lie 0x60 above hiragana.
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => {
            u32::from(character).checked_sub(0x60).and_then(char::from_u32).unwrap_or(character)
        }
        // Hyphens and dashes that people cannot tell apart.
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '髙' => '高',
        '﨑' => '崎',
        '濵' | '濱' => '浜',
        '邊' | '邉' => '辺',
        '齋' => '斎',
        '齊' => '斉',
        '澤' => '沢',
        '廣' => '広',
        '櫻' => '桜',
        '眞' => '真',
        '國' => '国',
        '瀨' => '瀬',
        '德' => '徳',
        '栁' => '柳',
        '𠮷' => '吉',
        _ => character,
    }
}

/// Stretches without space, the units within which neighbours count.
fn runs(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|character: char| character.is_whitespace() || character.is_control()).filter(|run| !run.is_empty())
}

/// Four letters or digits for each character, so that neither engine's tokenizer finds anything to change.
fn code(character: char, into: &mut String) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let number = u32::from(character);
    for divisor in [36 * 36 * 36, 36 * 36, 36, 1] {
        let digit = usize::try_from((number / divisor) % 36).unwrap_or_default();
        into.push(char::from(DIGITS.get(digit).copied().unwrap_or(b'0')));
    }
}

/// Every pair of neighbours, and the last character of every run alone, so that one character is found wherever it
/// stands: at the beginning of a pair or at the end of a run.
fn words(folded: &str) -> String {
    let mut seen = BTreeSet::new();
    for run in runs(folded) {
        let mut characters = run.chars().peekable();
        while let Some(first) = characters.next() {
            seen.insert((first, characters.peek().copied()));
        }
    }
    let mut words = String::with_capacity(seen.len() * 9);
    for (first, second) in seen {
        code(first, &mut words);
        if let Some(second) = second {
            code(second, &mut words);
        }
        words.push(' ');
    }
    words
}

/// A query made ready for an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The engine's own expression.
    pub(crate) expression: String,
    /// Folded stretches that must stand in the text as they are.
    pub(crate) phrases: Vec<String>,
}

/// Makes a query of what a person typed; every stretch between spaces must be found. `None` when nothing was typed.
#[must_use]
pub fn query(engine: Engine, typed: &str) -> Option<Query> {
    let typed: String = typed.chars().take(MAX_QUERY).collect();
    let folded = fold(&typed);
    let mut terms = BTreeSet::new();
    let mut phrases = Vec::new();
    for run in runs(&folded) {
        let characters: Vec<char> = run.chars().collect();
        if let [only] = characters.as_slice() {
            let mut term = String::new();
            code(*only, &mut term);
            term.push_str(if engine == Engine::Sqlite { "*" } else { ":*" });
            terms.insert(term);
        }
        for pair in characters.windows(2) {
            let mut term = String::new();
            pair.iter().for_each(|character| code(*character, &mut term));
            terms.insert(term);
        }
        // One pair is found exactly when it stands there; longer stretches have to be compared.
        if characters.len() > 2 {
            phrases.push(run.to_owned());
        }
    }
    if terms.is_empty() {
        return None;
    }
    let glue = if engine == Engine::Sqlite { " AND " } else { " & " };
    let expression = terms.into_iter().collect::<Vec<_>>().join(glue);
    Some(Query { expression, phrases })
}

/// Puts a record's open text into the index, in place of what was there.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn index(tx: &mut Tx, org: Uuid, register: &str, record: Uuid, text: &str) -> Result<(), StoreError> {
    let text: String = text.chars().take(MAX_CHARACTERS).collect();
    let body = fold(&text);
    let words = words(&body);
    if tx.engine() == Engine::Postgres {
        tx.execute(&PUT, binds![org, record, register, body, words]).await?;
        return Ok(());
    }
    let known: Option<i64> = match tx.fetch_optional(&FIND, binds![org, record]).await? {
        Some(row) => Some(row.get("id")?),
        None => None,
    };
    let id = if let Some(id) = known {
        tx.execute(&REMOVE_WORDS, binds![id]).await?;
        tx.execute(&CHANGE, binds![id, body]).await?;
        id
    } else {
        tx.fetch_one(&ADD, binds![org, record, register, body]).await?.get("id")?
    };
    tx.execute(&ADD_WORDS, binds![id, words]).await?;
    Ok(())
}

/// Puts the open texts of records that are not in the index yet into it, in few statements.
///
/// # Errors
/// `Unique` when one is there already; else as `StoreErrorKind` says.
pub async fn index_new(tx: &mut Tx, org: Uuid, register: &str, texts: &[(Uuid, String)]) -> Result<(), StoreError> {
    if tx.engine() == Engine::Postgres {
        for (record, text) in texts {
            index(tx, org, register, *record, text).await?;
        }
        return Ok(());
    }
    let last: i64 = tx.fetch_one(&LAST, binds![]).await?.get("last")?;
    let (mut documents, mut pairs) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
    for (id, (record, text)) in (last + 1..).zip(texts) {
        let text: String = text.chars().take(MAX_CHARACTERS).collect();
        let body = fold(&text);
        pairs.push(vec![Value::Integer(Some(id)), Value::Text(Some(words(&body).into()))]);
        documents.push(vec![
            Value::Integer(Some(id)),
            Value::Uuid(Some(org)),
            Value::Uuid(Some(*record)),
            Value::Text(Some(register.into())),
            Value::Text(Some(body.into())),
        ]);
    }
    tx.insert_many(&ADD_AT, &documents).await?;
    tx.insert_many(&ADD_WORDS, &pairs).await?;
    Ok(())
}

/// Takes a record out of the index.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn remove(tx: &mut Tx, org: Uuid, record: Uuid) -> Result<(), StoreError> {
    if tx.engine() == Engine::Postgres {
        tx.execute(&DELETE, binds![org, record]).await?;
        return Ok(());
    }
    if let Some(row) = tx.fetch_optional(&FIND, binds![org, record]).await? {
        let id: i64 = row.get("id")?;
        tx.execute(&REMOVE_WORDS, binds![id]).await?;
        tx.execute(&REMOVE, binds![id]).await?;
    }
    Ok(())
}

/// The folded text under which a record is found, to show where it matched.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn body(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Option<String>, StoreError> {
    reader.fetch_optional(&BODY, binds![org, record]).await?.map(|row| row.get("body")).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_one_spelling_of_many() {
        for (given, folded) in [
            ("ﾏｲﾅﾝﾊﾞｰ", "まいなんばー"),
            ("マイナンバー", "まいなんばー"),
            ("ＡＢＣ１２３", "abc123"),
            ("髙﨑", "高崎"),
            ("㈱規程", "(株)規程"),
            ("03−1234‐5678", "03-1234-5678"),
        ] {
            assert_eq!(fold(given), folded);
        }
    }

    #[test]
    fn queries_ask_for_every_pair_and_compare_what_is_longer() {
        assert_eq!(query(Engine::Sqlite, " \u{3000} "), None);
        let one = query(Engine::Sqlite, "祇").unwrap();
        assert!(one.expression.ends_with('*') && one.phrases.is_empty());
        let two = query(Engine::Postgres, "漏洩").unwrap();
        assert_eq!((two.expression.len(), two.phrases.len()), (8, 0));
        let three = query(Engine::Postgres, "個人情 漏洩").unwrap();
        assert_eq!(three.expression.matches(" & ").count(), 2);
        assert_eq!(three.phrases, ["個人情"]);
    }
}
