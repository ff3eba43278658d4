//! Shape of cases: the deeds and sights that a step may name, and what each takes.

use super::{Doc, Element, Form, Style, may, must};

/// `[[case]]`.
pub static CASE: Element = Element {
    name: "case",
    common: false,
    doc: Doc { ja: "事例: これが起きたらこう見える", en: "A case: given this, that must be seen" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("clauses", Form::Words, "示す条項", "Clauses that it shows"),
        must("shows", Form::Text, "何を示すか", "What it shows, naming each clause's point"),
        may("settings", Form::Literals, "この事例での設定値", "Answers to parameters for this case"),
        must("step", Form::Elements(&CASE_STEP), "順に起きること、見えること", "What happens and what is seen"),
    ],
};

/// `[[case.step]]`: beside these keys it holds one deed or sight with its arguments.
pub static CASE_STEP: Element = Element {
    name: "step",
    common: false,
    doc: Doc { ja: "事例の一歩", en: "A step of a case: one deed or one sight" },
    keys: &[
        may("at", Form::DateTime, "これより後の日時", "Local date and time from here on"),
        may(
            "by",
            Form::WordOrWords,
            "これより後に動く役割。see では、見える相手（リストでもよい）",
            "Role from here on; with a sight, whom it names (a list too)",
        ),
    ],
};

/// A deed or sight, and the arguments it takes.
#[derive(Debug)]
pub struct Word {
    /// The verb (a key) or the sight (the value of `see`).
    pub name: &'static str,
    /// Keys that may stand beside it.
    pub arguments: &'static [&'static str],
    /// Of these, the ones that must.
    pub required: &'static [&'static str],
}

const fn word(name: &'static str, required: &'static [&'static str], arguments: &'static [&'static str]) -> Word {
    Word { name, arguments, required }
}

/// States of a task or duty that a sight may expect.
pub static STATES: &[&str] =
    &["open", "returned", "submitted", "waiting", "blocked", "locked", "done", "skipped", "late", "upcoming"];

/// How a deed may end, otherwise than by succeeding.
pub static ENDINGS: &[&str] = &["refused", "asks", "warns"];

/// Deeds: the verb is a key of the step.
pub static DEEDS: &[Word] = &[
    word("create", &[], &["as", "with", "lines", "reason", "happened"]),
    word("change", &["with"], &["as", "with", "reason", "happened"]),
    word("do", &[], &["on", "with", "happened", "reason"]),
    word("skip", &["on"], &["on", "reason", "happened"]),
    word("approve", &["on"], &["on", "reason", "happened"]),
    word("return", &["on"], &["on", "reason", "happened"]),
    word("add", &["on"], &["on", "as", "with", "happened"]),
    word("edit", &["with"], &["with", "happened"]),
    word("close", &[], &["reason", "happened"]),
    word("appoint", &["person"], &["as", "person", "department", "with", "happened"]),
    word("resign", &[], &["person", "happened"]),
    word("absent", &[], &["until", "person", "happened"]),
    word("acknowledge", &[], &["on", "happened"]),
    word("print", &["on"], &["on", "happened"]),
    word("preset", &["on"], &["on", "happened"]),
    word("dispose", &[], &["with", "reason", "happened"]),
    word("erase", &[], &["reason", "happened"]),
    word("open", &[], &[]),
];

/// Sights: `see = …`.
pub static SIGHTS: &[Word] = &[
    word(
        "task",
        &[],
        &["on", "act", "due", "target", "status", "by", "count", "clause", "kind", "none", "late", "why", "guide"],
    ),
    word("steps", &["on", "acts"], &["on", "track", "acts"]),
    word("fact", &["on", "id"], &["on", "id", "is", "reason"]),
    word("field", &["on", "id"], &["on", "id", "is", "required", "choices", "shown"]),
    word("flag", &["id"], &["on", "id", "says", "none", "field", "role"]),
    word("told", &["who"], &["who", "on", "says", "none", "receipt", "acknowledged", "acknowledged_at"]),
    word("record", &["in"], &["in", "where", "count"]),
    word("paper", &["on", "id"], &["on", "id", "has", "lacks", "ready", "revise", "none"]),
    word("term", &["id"], &["id", "has", "used_by"]),
    word("readable", &["on"], &["on", "by", "field", "list", "act", "none"]),
    word("rule", &["id"], &["id", "who", "has", "confirmed_by", "edition", "none"]),
    word("question", &["id"], &["id", "within", "has"]),
    word("role", &["id"], &["id", "holder", "vacant", "charges", "required", "single"]),
    word("refusal", &[], &["clause", "field", "says"]),
    word("clause", &["id"], &["id"]),
    word("parameter", &["key"], &["key", "is"]),
    word("duty", &["act"], &["act", "on", "due", "status", "by", "clause", "opens"]),
    word("difference", &["compare"], &["compare", "key", "none"]),
    word("view", &["id"], &["id", "row", "has", "none"]),
    word("timeline", &["on", "has"], &["on", "has"]),
    word("refused", &[], &["by", "on", "in", "clause", "count", "none"]),
    word("column", &["register", "id"], &["register", "id"]),
    word("body", &["id"], &["id", "members"]),
    word("password", &["account", "candidate"], &["account", "candidate", "of", "used", "says", "none"]),
    word("account-name", &["account", "candidate"], &["account", "candidate", "of", "taken", "second", "says", "none"]),
    word("lockout", &["account", "failures"], &["account", "failures", "lasts"]),
];
