//! Walks one TOML file by the shapes in [`super::shape`] and reports every mistake in one pass.
//!
//! Invariant: a mistake is reported once, at the key or value it stands in, and never stops the walk.
//! Invariant: no input makes it panic; nesting is bounded by the TOML reader.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    cases,
    diagnostic::{Diagnostic, Spot, say, suggest},
    model::{Literal, Place, Source, Text},
    node::{Item, Node},
    shape::{CASE_STEP, COLUMN, Element, Form, HEAD, PARAMETER, Style, TOP},
    who::Who,
};
use crate::value::Period;

type Value<'v> = Spanned<DeValue<'v>>;

/// What one file holds.
pub(super) struct Walked {
    /// The head, from `pack.toml`.
    pub(super) head: Option<Node>,
    /// Elements by the name of their table, in the order of the file.
    pub(super) elements: BTreeMap<&'static str, Vec<Node>>,
}

/// Walks a file. `pack.toml` holds the head and may hold parameters; every other file holds elements.
pub(super) fn file(pack: &str, path: &str, text: &str, out: &mut Vec<Diagnostic>) -> Walked {
    let mut walk = Walk { pack, file: path, starts: line_starts(text), text, out };
    let (root, mistakes) = DeTable::parse_recoverable(text);
    for mistake in mistakes {
        walk.syntax(mistake.message(), mistake.span().map_or(0, |span| span.start));
    }
    let mut root = root.into_inner();
    let is_head = path == "pack.toml";
    let tops: &[&Element] = if is_head { &[&PARAMETER] } else { TOP };
    let mut elements = BTreeMap::new();
    for top in tops {
        let Some(value) = root.remove(top.name) else { continue };
        elements.insert(top.name, walk.elements(top, top.name, &value));
    }
    let head = is_head.then(|| walk.element(&HEAD, &root, 0));
    if !is_head {
        let known = TOP.iter().map(|top| top.name);
        for (key, _) in &root {
            walk.at(key.span().start).report(
                &mut walk,
                "unknown-element",
                say(
                    format!("「{}」という要素はありません。", key.get_ref()),
                    format!("there is no element `{}`", key.get_ref()),
                ),
                suggest(key.get_ref(), known.clone()),
            );
        }
    }
    Walked { head, elements }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// The state of a walk: where mistakes go, and how offsets become lines.
pub(super) struct Walk<'w> {
    pack: &'w str,
    file: &'w str,
    text: &'w str,
    starts: Vec<usize>,
    out: &'w mut Vec<Diagnostic>,
}

impl Spot {
    /// Hands the mistake over; a method of the spot so that a call reads "at … report …".
    fn report(self, walk: &mut Walk<'_>, code: &'static str, message: Text, expected: Text) {
        walk.out.push(self.error(code, message, expected));
    }
}

impl Walk<'_> {
    fn at(&self, offset: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Spot {
            pack: self.pack.to_owned(),
            file: self.file.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        }
    }

    fn place(&self, offset: usize) -> Place {
        Place { file: self.file.to_owned(), line: self.at(offset).line }
    }

    fn syntax(&mut self, message: &str, offset: usize) {
        self.at(offset).report(
            self,
            "toml-syntax",
            say(format!("TOMLの書き方が違います（{message}）。"), format!("this is not TOML: {message}")),
            Text::default(),
        );
    }

    /// "Here stands X, there must stand Y."
    fn wrong(&mut self, key: &str, value: &Value<'_>, ja: &str, en: &str) {
        let found = value.get_ref().type_str();
        self.at(value.span().start).report(
            self,
            "wrong-type",
            say(
                format!("「{key}」の値の種類が違います（{found}）。"),
                format!("`{key}` has a value of the wrong type ({found})"),
            ),
            say(ja, en),
        );
    }

    /// An array of tables; other things are reported.
    fn elements(&mut self, element: &'static Element, key: &str, value: &Value<'_>) -> Vec<Node> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, value, &format!("[[{key}]] と書く。"), &format!("write [[{key}]]"));
            return Vec::new();
        };
        let mut nodes = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_table() {
                Some(table) => nodes.push(self.element(element, table, item.span().start)),
                None => self.wrong(key, item, "表 { … } を書く。", "a table { … }"),
            }
        }
        nodes
    }

    /// One element: unknown keys, wrong values and missing keys are reported, the rest is kept.
    pub(super) fn element(&mut self, element: &'static Element, table: &DeTable<'_>, offset: usize) -> Node {
        let mut node = Node { place: self.place(offset), ..Node::default() };
        let is_case_step = std::ptr::eq(element, &CASE_STEP);
        for (name, value) in table {
            let at = name.span().start;
            node.lines.insert(name.get_ref().to_string(), self.at(at.max(offset)).line);
            match element.key(name.get_ref()) {
                Some(key) => {
                    if let Some(item) = self.value(key.name, &key.form, value, element) {
                        node.items.insert(key.name, item);
                    }
                }
                None if is_case_step => {
                    if let Some(literal) = self.literal(name.get_ref(), value) {
                        node.words.insert(name.get_ref().to_string(), literal);
                    }
                }
                None => self.unknown_key(element, name.get_ref(), at),
            }
        }
        let missing = element.all_keys().filter(|key| key.required && !table.contains_key(key.name));
        for key in missing {
            self.at(offset).report(
                self,
                "missing-key",
                say(
                    format!("{}（{}）に「{}」がありません。", element.doc.ja, element.name, key.name),
                    format!("`{}` lacks `{}`", element.name, key.name),
                ),
                say(key.doc.ja, key.doc.en),
            );
        }
        if is_case_step {
            let spot = self.at(offset);
            cases::settle(&mut node, &spot, self.out);
        }
        node
    }

    fn unknown_key(&mut self, element: &'static Element, name: &str, at: usize) {
        self.at(at).report(
            self,
            "unknown-key",
            say(
                format!("{}（{}）に「{name}」という項目はありません。", element.doc.ja, element.name),
                format!("`{}` has no key `{name}`", element.name),
            ),
            suggest(name, element.all_keys().map(|key| key.name)),
        );
    }

    /// A value of the form that its key asks for, or `None` after reporting.
    fn value(&mut self, key: &'static str, form: &Form, value: &Value<'_>, of: &'static Element) -> Option<Item> {
        Some(match form {
            Form::Text => Item::Text(self.text(key, value)?),
            Form::Texts => Item::Texts(self.each(key, value, Self::text)?),
            Form::Word => Item::Word(self.word(key, value)?),
            Form::Words => Item::Words(self.each(key, value, Self::word)?),
            Form::WordOrWords if value.get_ref().is_array() => Item::Words(self.each(key, value, Self::word)?),
            Form::WordOrWords => Item::Word(self.word(key, value)?),
            Form::Id(style) => Item::Word(self.id(key, value, *style)?),
            Form::Flag => Item::Flag(self.flag(key, value)?),
            Form::Number { least } => Item::Number(self.number(key, value, *least)?),
            Form::Date => Item::Date(self.date(key, value)?),
            Form::DateTime => Item::Word(self.date_time(key, value)?),
            Form::OneOf(words) => Item::Word(self.one_of(key, value, words)?),
            Form::Condition => Item::Source(self.source(key, value)?),
            Form::Conditions => Item::Sources(self.named(key, value, Self::source)?),
            Form::Period => Item::Word(self.period(key, value)?),
            Form::Month => Item::Word(self.month(key, value)?),
            Form::Who => Item::Word(self.who(key, value)?),
            Form::Whos => Item::Words(self.each(key, value, Self::who)?),
            Form::Approvals => Item::Sets(self.each(key, value, |walk, key, inner| walk.each(key, inner, Self::who))?),
            Form::Literal => Item::Literal(self.literal(key, value)?),
            Form::Literals => Item::Literals(self.named(key, value, Self::literal)?),
            Form::Lines => Item::Lines(self.each(key, value, |walk, key, line| walk.named(key, line, Self::literal))?),
            Form::Elements(element) => Item::Nodes(self.elements(element, key, value)),
            Form::Columns => Item::Nodes(self.columns(key, value)),
            Form::Table(element) => match value.get_ref().as_table() {
                Some(table) => Item::Nodes(vec![self.element(element, table, value.span().start)]),
                None => {
                    let header = format!("[{}.{key}]", of.name);
                    self.wrong(key, value, &format!("{header} と書く。"), &format!("write {header}"));
                    return None;
                }
            },
        })
    }

    fn each<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        mut read: impl FnMut(&mut Self, &str, &Value<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, value, "リスト [ … ] を書く。", "a list [ … ]");
            return None;
        };
        Some(items.iter().filter_map(|item| read(self, key, item)).collect())
    }

    fn named<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        mut read: impl FnMut(&mut Self, &str, &Value<'_>) -> Option<T>,
    ) -> Option<BTreeMap<String, T>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, value, "表 { 名前 = … } を書く。", "a table { name = … }");
            return None;
        };
        let mut named = BTreeMap::new();
        for (name, item) in table {
            if let Some(read) = read(self, name.get_ref(), item) {
                named.insert(name.get_ref().to_string(), read);
            }
        }
        Some(named)
    }

    fn columns(&mut self, key: &str, value: &Value<'_>) -> Vec<Node> {
        self.each(key, value, |walk, key, item| match item.get_ref() {
            DeValue::Table(table) => Some(walk.element(&COLUMN, table, item.span().start)),
            DeValue::String(field) => {
                let place = walk.place(item.span().start);
                let value = Item::Source(Source::new(field.to_string(), place.clone()));
                Some(Node { place, items: BTreeMap::from([("value", value)]), ..Node::default() })
            }
            _ => {
                walk.wrong(key, item, "項目名か { title = …, value = … }", "a field's id or { title = …, value = … }");
                None
            }
        })
        .unwrap_or_default()
    }
}

// Single values.
impl Walk<'_> {
    fn word(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(key, value, "文字列 \"…\" を書く。", "a string \"…\"");
            return None;
        };
        if text.trim().is_empty() {
            self.at(value.span().start).report(
                self,
                "empty",
                say(format!("「{key}」が空です。"), format!("`{key}` is empty")),
                say("中身を書くか、行を消す。", "write something or remove the line"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn text(&mut self, key: &str, value: &Value<'_>) -> Option<Text> {
        let Some(table) = value.get_ref().as_table() else {
            if value.get_ref().is_str() {
                let ja = self.word(key, value)?;
                return Some(Text { en: ja.clone(), ja });
            }
            self.wrong(
                key,
                value,
                "\"…\" か { ja = \"…\", en = \"…\" } を書く。",
                "\"…\" or { ja = \"…\", en = \"…\" }",
            );
            return None;
        };
        let mut found = Text::default();
        for (name, item) in table {
            match name.get_ref().as_ref() {
                "ja" => found.ja = self.word("ja", item).unwrap_or_default(),
                "en" => found.en = self.word("en", item).unwrap_or_default(),
                other => self.at(name.span().start).report(
                    self,
                    "unknown-key",
                    say(format!("文に「{other}」はありません。"), format!("a text has no `{other}`")),
                    say("ja と en", "ja and en"),
                ),
            }
        }
        if !table.contains_key("ja") {
            self.at(value.span().start).report(
                self,
                "missing-key",
                say(format!("「{key}」に日本語（ja）がありません。"), format!("`{key}` lacks its Japanese (ja)")),
                Text::default(),
            );
        }
        if found.en.is_empty() {
            found.en.clone_from(&found.ja);
        }
        Some(found)
    }

    fn id(&mut self, key: &str, value: &Value<'_>, style: Style) -> Option<String> {
        let id = self.word(key, value)?;
        let (good, ja, en) = match style {
            Style::Kebab => (
                is_joined(&id, '-'),
                "小文字と数字をハイフンでつなぐ（例: tell-client）",
                "kebab-case, as in tell-client",
            ),
            Style::Snake => (
                is_joined(&id, '_') && !id.starts_with(|c: char| c.is_ascii_digit()),
                "小文字と数字を下線でつなぐ（例: noticed_at）",
                "snake_case, as in noticed_at",
            ),
            Style::Clause => (
                id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')),
                "英数字とハイフン（例: MR-02-02-01）",
                "letters, digits and hyphens, as in MR-02-02-01",
            ),
            Style::Dotted => (
                id.split('.').all(|part| is_joined(part, '-')),
                "小文字の語を点でつなぐ（例: tell-client.within）",
                "kebab-case words with dots, as in tell-client.within",
            ),
        };
        if !good {
            self.at(value.span().start).report(
                self,
                "id-form",
                say(format!("識別子「{id}」の形が違います。"), format!("the id `{id}` has the wrong form")),
                say(ja, en),
            );
        }
        // A badly written id is kept, so that what refers to it is not reported a second time.
        Some(id)
    }

    fn flag(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(key, value, "true か false", "true or false");
        }
        flag
    }

    fn number(&mut self, key: &str, value: &Value<'_>, least: i64) -> Option<i64> {
        let Some(number) = whole(value.get_ref()) else {
            self.wrong(key, value, "整数", "a whole number");
            return None;
        };
        if number < least {
            self.at(value.span().start).report(
                self,
                "out-of-range",
                say(format!("「{key}」が小さすぎます。"), format!("`{key}` is too small")),
                say(format!("{least}以上"), format!("at least {least}")),
            );
            return None;
        }
        Some(number)
    }

    fn date(&mut self, key: &str, value: &Value<'_>) -> Option<Date> {
        let written = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            _ => {
                self.wrong(key, value, "日付 \"2023-04-01\"", "a date, \"2023-04-01\"");
                return None;
            }
        };
        let plain = written.len() == 10;
        let date = written.parse().ok().filter(|_| plain);
        if date.is_none() {
            self.no_such_date(key, value, "年-月-日（例: 2023-04-01）", "a date that exists, as 2023-04-01");
        }
        date
    }

    fn date_time(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let written = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            _ => {
                self.wrong(key, value, "日時 \"2025-04-01T10:00\"", "a date and time, \"2025-04-01T10:00\"");
                return None;
            }
        };
        if written.len() < 16 || written.ends_with('Z') || written.parse::<DateTime>().is_err() {
            self.no_such_date(
                key,
                value,
                "現地の日時（例: 2025-04-01T10:00）",
                "a local date and time that exists, as 2025-04-01T10:00",
            );
            return None;
        }
        Some(written)
    }

    fn no_such_date(&mut self, key: &str, value: &Value<'_>, ja: &str, en: &str) {
        self.at(value.span().start).report(
            self,
            "no-such-date",
            say(format!("「{key}」の日付はありません。"), format!("`{key}` is not a date that exists")),
            say(ja, en),
        );
    }

    fn one_of(&mut self, key: &str, value: &Value<'_>, words: &'static [&'static str]) -> Option<String> {
        let word = self.word(key, value)?;
        if !words.contains(&word.as_str()) {
            self.at(value.span().start).report(
                self,
                "not-in-list",
                say(format!("「{key}」に「{word}」は書けません。"), format!("`{key}` may not be `{word}`")),
                suggest(&word, words.iter().copied()),
            );
            return None;
        }
        Some(word)
    }

    fn source(&mut self, key: &str, value: &Value<'_>) -> Option<Source> {
        // `value = 3` and `set = { done = true }` are expressions too.
        let text = match value.get_ref() {
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Integer(_) => whole(value.get_ref())?.to_string(),
            _ => self.word(key, value)?,
        };
        Some(Source::new(text, self.place(value.span().start)))
    }

    fn period(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let word = self.word(key, value)?;
        let good = match word.strip_prefix("param:") {
            Some(parameter) => parameter.split('.').all(|part| is_joined(part, '-')),
            None => word.parse::<Period>().is_ok(),
        };
        if !good {
            self.at(value.span().start).report(
                self,
                "period-form",
                say(
                    format!("「{key}」の「{word}」は期間ではありません。"),
                    format!("`{key}` is not a period: `{word}`"),
                ),
                say("P1Y、P30D、PT30M か param:…", "P1Y, P30D, PT30M or param:…"),
            );
            return None;
        }
        Some(word)
    }

    fn month(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let word = match whole(value.get_ref()) {
            Some(number) => number.to_string(),
            None => self.word(key, value)?,
        };
        let good = word.starts_with("param:") || word.parse::<u8>().is_ok_and(|month| (1..=12).contains(&month));
        if !good {
            self.at(value.span().start).report(
                self,
                "month-form",
                say(format!("「{key}」の「{word}」は月ではありません。"), format!("`{key}` is not a month: `{word}`")),
                say("1から12、か param:…", "1 to 12, or param:…"),
            );
            return None;
        }
        Some(word)
    }

    fn who(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let word = self.word(key, value)?;
        if Who::parse(&word).is_none() {
            self.at(value.span().start).report(
                self,
                "who-form",
                say(
                    format!("「{key}」の「{word}」は人の指し方ではありません。"),
                    format!("`{key}` does not name people: `{word}`"),
                ),
                say(
                    "役割、役割(項目)、head(項目)、person(項目)、reporter、staff、outside(誰)",
                    "a role, role(field), head(field), person(field), reporter, staff or outside(who)",
                ),
            );
            return None;
        }
        Some(word)
    }

    fn literal(&mut self, key: &str, value: &Value<'_>) -> Option<Literal> {
        Some(match value.get_ref() {
            DeValue::String(text) => Literal::Text(text.to_string()),
            DeValue::Datetime(date) => Literal::Text(date.to_string()),
            DeValue::Boolean(flag) => Literal::Bool(*flag),
            DeValue::Integer(_) => Literal::Int(self.number(key, value, i64::MIN)?),
            DeValue::Array(_) => Literal::List(self.each(key, value, Self::literal)?),
            DeValue::Table(_) => Literal::Table(self.named(key, value, Self::literal)?),
            DeValue::Float(_) => {
                self.wrong(
                    key,
                    value,
                    "整数、文字列、true/false、リスト、表",
                    "a whole number, string, true/false, list or table",
                );
                return None;
            }
        })
    }
}

/// A whole number that fits; `None` for anything else.
fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// Lower-case words and digits joined by one letter, none of them empty.
pub(super) fn is_joined(id: &str, joint: char) -> bool {
    id.split(joint).all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}
