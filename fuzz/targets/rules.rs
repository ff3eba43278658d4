//! Packs, conditions, facts of law and values: whatever the bytes, an answer or a mistake that says where it is.

use std::collections::BTreeMap;

use kitei_rules::{
    book::{Compiler, Names},
    expr::{self, Scope, Type},
    law::{book::LawBook, breach},
    pack::{self, NoConditionCheck, PackFiles, model::Kind},
    rulebook::Sayings,
    value::Value,
};

/// A vocabulary in which seeds mean something.
const WORDS: &str = r#"
role = [{ id = "boss", title = "長" }]
act = [{ id = "do", title = "する", field = [{ id = "how", kind = "text", title = "方法" }] }]
[[register]]
id = "thing"
title = "もの"
field = [
  { id = "title", kind = "text", title = "題" },
  { id = "sort", kind = "choice", title = "種類", choices = [{ id = "a", title = "甲" }, { id = "b", title = "乙" }] },
  { id = "kinds", kind = "choices", title = "種類", choices = [{ id = "a", title = "甲" }] },
  { id = "size", kind = "number", title = "数" },
  { id = "persons", kind = "count", title = "人数" },
  { id = "other", kind = "link", to = "thing", title = "先" },
]
[[register]]
id = "organization"
title = "組織"
field = [{ id = "name", kind = "text", title = "名称" }]
"#;

fn office() -> pack::model::Pack {
    let head = "id = \"office\"\ntitle = \"語彙\"\nedition = \"1\"\n";
    let files = [("pack.toml", head), ("words.toml", WORDS)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    pack::read(&PackFiles { id: "office".to_owned(), files: BTreeMap::from(files) }).0
}

/// Reading, checking, composing and compiling a pack of one file.
pub(crate) fn pack(bytes: &[u8]) {
    let head = b"id = \"p\"\ntitle = \"t\"\nedition = \"1\"\n".to_vec();
    let files = BTreeMap::from([("pack.toml".to_owned(), head), ("x.toml".to_owned(), bytes.to_vec())]);
    let files = PackFiles { id: "p".to_owned(), files };
    assert_eq!(pack::from_canonical(&pack::canonical(&files)).as_ref(), Ok(&files));
    let (read, mut found) = pack::read(&files);
    let packs = [office(), read];
    found.extend(pack::check(&packs, &NoConditionCheck));
    for mistake in &found {
        assert!(mistake.line >= 1 && !mistake.message.ja.is_empty() && !mistake.message.en.is_empty());
    }
    let sayings = Sayings::compose(&packs);
    let _ = sayings.conflicts();
    let _ = Compiler::compile(&sayings, &BTreeMap::new(), 1);
}

/// Typing a condition.
pub(crate) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let names = Names::of(&Sayings::of(&office()));
    for mistake in expr::compile(text, &Scope::record("thing"), &names, Type::Bool).err().unwrap_or_default() {
        assert!(!mistake.to_string().is_empty());
    }
    let _ = expr::compile_any(text, &Scope::record("thing"), &names);
}

/// Reading facts and judging them.
pub(crate) fn law(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice(bytes) else { return };
    match breach::Facts::try_from(&json) {
        Ok(facts) => {
            let answer = breach::triage(&LawBook::default(), &facts);
            assert!(!answer.appi.reasons.is_empty() && serde_json::to_value(&answer).is_ok());
        }
        Err(error) => assert!(error.problems.iter().all(|problem| !problem.field.is_empty())),
    }
}

/// Every kind of value: what is read is written and read again as the same.
pub(crate) fn value(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let kinds = [
        Kind::Text,
        Kind::YesNo,
        Kind::Choice,
        Kind::Choices,
        Kind::Number,
        Kind::Count,
        Kind::Yen,
        Kind::Date,
        Kind::Time,
        Kind::YearMonth,
        Kind::Period,
        Kind::Person,
        Kind::Links,
        Kind::Email,
    ];
    for kind in kinds {
        if let Ok(value) = Value::parse(kind, text) {
            assert_eq!(Value::from_json(kind, &value.to_json()), Ok(value), "{kind:?}");
        }
    }
}
