//! The shape of the pack language as data: which elements there are, which keys each has, what kind of value a key takes.
//!
//! The walker reads packs by it, the JSON Schema for editors is generated from it, and the guide
//! (`docs/pack-language.md`) is tested against it.
//!
//! Invariant: a key exists in the language exactly when it stands in one of these slices.

mod cases;
mod documents;
mod head;
mod law;
mod outcome;
mod procedure;
mod records;

pub use cases::{CASE, CASE_STEP, DEEDS, ENDINGS, SIGHTS, STATES, Word};
pub use documents::{COMPARE, PAPER, QUESTION, RULE, SUPERSEDE, VIEW};
pub use head::{BODY, CLAUSE, EXCLUSIVE, HEAD, PARAMETER, ROLE, TERM};
pub use law::{LAW, PENDING};
pub use outcome::{DUTY, EFFECT, FLAG, GATE, PROPOSE};
pub use procedure::{BINDING, FACT, TRACK};
pub use records::{ACT, PRESET, REGISTER};

/// One kind of element, or a part of one.
#[derive(Debug)]
pub struct Element {
    /// Name of its table, for instance `register`.
    pub name: &'static str,
    /// Carries `basis`, `applies` and `note`.
    pub common: bool,
    /// Its keys.
    pub keys: &'static [Key],
    /// What it is, in both languages.
    pub doc: Doc,
}

/// A key of an element.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// Kind of value.
    pub form: Form,
    /// The element cannot be read without it.
    pub required: bool,
    /// What it says, in both languages.
    pub doc: Doc,
}

/// A short explanation in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// How an id is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `tell-client`: registers, acts, roles, tracks, choices …
    Kebab,
    /// `noticed_at`: fields, facts, line lists; conditions use them as names.
    Snake,
    /// `MR-02-02-01`: clauses and articles.
    Clause,
    /// `tell-client.within`: parameters.
    Dotted,
}

/// Kinds of values that keys take.
#[derive(Debug)]
pub enum Form {
    /// `"…"` (Japanese) or `{ ja = "…", en = "…" }`.
    Text,
    /// A list of texts.
    Texts,
    /// A string that is not shown to people.
    Word,
    /// A list of strings.
    Words,
    /// A string, or a list of strings.
    WordOrWords,
    /// The element's own id.
    Id(Style),
    /// `true` or `false`.
    Flag,
    /// A whole number not below zero, or any whole number.
    Number {
        /// Smallest permitted.
        least: i64,
    },
    /// A date that exists, `"2023-04-01"`.
    Date,
    /// Local date and time to the minute, `"2025-04-01T10:00"`.
    DateTime,
    /// One word of a list.
    OneOf(&'static [&'static str]),
    /// A condition or expression in CEL syntax.
    Condition,
    /// A table of name → expression.
    Conditions,
    /// `"P1Y"`, `"PT30M"` or `"param:KEY"`.
    Period,
    /// A month, 1 to 12, or `"param:KEY"`.
    Month,
    /// One person or group.
    Who,
    /// A list of persons or groups.
    Whos,
    /// A list of lists: every inner list must be met, each by any one of its members.
    Approvals,
    /// A value as its kind has it.
    Literal,
    /// A table of name → value.
    Literals,
    /// A list of tables of name → value.
    Lines,
    /// A list of tables `[[…]]`, each an element.
    Elements(&'static Element),
    /// One table `[…]`.
    Table(&'static Element),
    /// Columns: tables with title and value, or the id of a field or fact alone.
    Columns,
}

/// A key that may be left out.
const fn may(name: &'static str, form: Form, ja: &'static str, en: &'static str) -> Key {
    Key { name, form, required: false, doc: Doc { ja, en } }
}

/// A key that must be there.
const fn must(name: &'static str, form: Form, ja: &'static str, en: &'static str) -> Key {
    Key { name, form, required: true, doc: Doc { ja, en } }
}

/// Keys that every element with [`Element::common`] may carry.
pub static COMMON: &[Key] = &[
    may("basis", Form::Words, "根拠となる条項の番号", "Ids of the clauses behind it"),
    may(
        "applies",
        Form::Condition,
        "組織についてこれが成り立つまで働かない",
        "Sleeps until this holds of the organisation's own record",
    ),
    may("note", Form::Text, "読む人への注記", "A remark for readers"),
];

/// A column of a view, row of a paper's section, or column of its table.
pub static COLUMN: Element = Element {
    name: "column",
    common: false,
    doc: Doc { ja: "列", en: "A column or row" },
    keys: &[
        must("title", Form::Text, "見出し", "Heading"),
        must("value", Form::Condition, "表示する式", "Expression that is shown"),
    ],
};

/// A choice of a field or parameter; an item of an agenda.
pub static CHOICE: Element = Element {
    name: "choice",
    common: false,
    doc: Doc { ja: "選択肢", en: "A choice" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("title", Form::Text, "表示する名前", "What people read"),
        may("aliases", Form::Words, "取込みで認める別の書き方", "Other spellings that an import accepts"),
    ],
};

/// Kinds of values of fields, facts and parameters, in the order of the guide.
pub static KINDS: &[&str] = &[
    "text",
    "long-text",
    "yes-no",
    "choice",
    "choices",
    "number",
    "count",
    "yen",
    "date",
    "time",
    "year-month",
    "period",
    "person",
    "persons",
    "department",
    "link",
    "links",
    "url",
    "phone",
    "email",
    "file",
];

/// Elements that stand at the top level of a pack's files (beside `pack.toml`).
pub static TOP: &[&Element] = &[
    &CLAUSE, &TERM, &PARAMETER, &ROLE, &EXCLUSIVE, &BODY, &ACT, &REGISTER, &PRESET, &FACT, &BINDING, &TRACK, &GATE,
    &FLAG, &EFFECT, &PROPOSE, &DUTY, &COMPARE, &VIEW, &PAPER, &RULE, &QUESTION, &SUPERSEDE, &LAW, &PENDING, &CASE,
];

impl Element {
    /// Every key it may carry, the common ones last.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static Key> + Clone {
        let common: &'static [Key] = if self.common { COMMON } else { &[] };
        self.keys.iter().chain(common)
    }

    /// The key of this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.all_keys().find(|key| key.name == name)
    }
}

/// The elements that stand inside this one, by their key.
pub fn parts(element: &Element) -> impl Iterator<Item = (&'static Key, &'static Element)> {
    element.all_keys().filter_map(|key| match key.form {
        Form::Elements(part) | Form::Table(part) => Some((key, part)),
        Form::Columns => Some((key, &COLUMN)),
        _ => None,
    })
}
