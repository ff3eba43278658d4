//! The columns of a register's table: which header belongs to which field, what a cell means as a value of the field, and
//! how a value is worded so that reading the words gives the same value again.
//!
//! Serves import and export alike, so that what goes out comes in again unchanged.
//!
//! Invariant: a cell is either understood or a problem says what would be right; nothing is guessed in silence.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use kitei_papers::tables::{
    ChoiceOption, ColumnId, ColumnKind, ExpectedColumn, Label,
    read::Cell,
    value::{self, Reading, Span, Value as TableValue, read_value},
};
use kitei_rules::{
    pack::model::{Kind, Stage, Text},
    rulebook::{FieldRule, RegisterRule},
    run::paper::Lang,
    value::{Period, Value},
};

use super::names::Names;

/// The column that holds a record's running number: by it an export finds its records again.
pub const NUMBER: &str = "import:number";

/// How 「分からない」 is written where any other word would be a text.
pub(super) const UNKNOWN_WORDS: &str = "（分からない）";

/// The columns that a table of a register, or of one of its lists, may have. `lang` decides the header of an export.
#[must_use]
pub(super) fn expected(fields: &[FieldRule], lang: Lang) -> Vec<ExpectedColumn> {
    let mut out = vec![ExpectedColumn::new(NUMBER, &number_names(lang), ColumnKind::Text)];
    for field in fields.iter().filter(|field| field.kind != Kind::File) {
        let names = names(&field.title, &field.aliases, lang);
        let mut column = ExpectedColumn::new(&field.id, &names, kind_of(field, lang));
        if field.stage() == Stage::Save {
            column = column.required();
        }
        if !field.open && !field.kind.is_clear() {
            column = column.personal();
        }
        out.push(column);
    }
    out
}

/// The title in the language, then in the other, then the aliases.
fn names<'t>(title: &'t Text, aliases: &'t [String], lang: Lang) -> Vec<&'t str> {
    let titles = [title.in_lang(lang), &title.ja, &title.en];
    let mut out: Vec<&str> = Vec::new();
    for name in titles.into_iter().chain(aliases.iter().map(String::as_str)) {
        if !name.is_empty() && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn number_names(lang: Lang) -> [&'static str; 2] {
    match lang {
        Lang::Ja => ["Kitei番号", "Kitei No."],
        Lang::En => ["Kitei No.", "Kitei番号"],
    }
}

/// How a column of a field is read. What tables have no kind for is read as text and understood here.
fn kind_of(field: &FieldRule, lang: Lang) -> ColumnKind {
    match field.kind {
        Kind::YesNo => ColumnKind::YesNo,
        Kind::Choice => ColumnKind::Choice(options(field, lang)),
        Kind::Number => ColumnKind::Integer,
        Kind::Count => ColumnKind::Count,
        Kind::Yen => ColumnKind::Yen,
        Kind::Date => ColumnKind::Date,
        Kind::YearMonth => ColumnKind::YearMonth,
        Kind::LongText | Kind::Choices | Kind::Persons | Kind::Links => ColumnKind::LongText,
        _ => ColumnKind::Text,
    }
}

fn options(field: &FieldRule, lang: Lang) -> Vec<ChoiceOption> {
    let option = |choice: &kitei_rules::pack::model::Choice| {
        ChoiceOption::new(&choice.id, &names(&choice.title, &choice.aliases, lang))
    };
    field.choices.iter().map(option).collect()
}

/// The registers that the fields link to.
#[must_use]
pub(super) fn linked(rule: &RegisterRule) -> Vec<String> {
    let lists = rule.lists.iter().flat_map(|list| &list.fields);
    let mut out: Vec<String> = rule.fields.iter().chain(lists).filter_map(target).map(str::to_owned).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The register that a field links to.
fn target(field: &FieldRule) -> Option<&str> {
    match field.kind {
        Kind::Person | Kind::Persons => Some("person"),
        Kind::Department => Some("department"),
        Kind::Link | Kind::Links => field.to.as_deref(),
        _ => None,
    }
}

/// What a cell came to.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    /// This value.
    Value(Value),
    /// A name of a record that there is not; a person may leave it open and keep the words.
    NoSuchName(Text),
    /// Not understood.
    Wrong(Text),
}

/// A table's value as a value of the field.
#[must_use]
pub(super) fn meaning(field: &FieldRule, value: &TableValue, names: &Names, zone: &TimeZone, lang: Lang) -> Meaning {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match value {
        TableValue::Integer { number, .. } => Meaning::Value(Value::Int(*number)),
        TableValue::Yen { amount, .. } => Meaning::Value(Value::Int(*amount)),
        TableValue::Count { min, max, approximate } => {
            Meaning::Value(Value::Count { least: whole(*min), most: max.map(whole), approximate: *approximate })
        }
        TableValue::Date { date } => Meaning::Value(Value::Date(*date)),
        TableValue::YearMonth { year, month } => Meaning::Value(Value::Text(format!("{year:04}-{month:02}"))),
        TableValue::YesNo { yes } => Meaning::Value(Value::Bool(*yes)),
        TableValue::Choice { id } => Meaning::Value(Value::Text(id.to_string())),
        TableValue::Text { text } if is_unknown(text) => Meaning::Value(Value::Unknown),
        TableValue::Text { text } => of_text(field, text, names, zone, lang),
        // Columns of these kinds are never asked for.
        TableValue::Period { .. } | TableValue::People { .. } | TableValue::Phone { .. } | TableValue::Email { .. } => {
            Meaning::Wrong(right(field))
        }
    }
}

fn is_unknown(text: &str) -> bool {
    matches!(text.trim(), UNKNOWN_WORDS | "分からない" | "わからない")
}

fn of_text(field: &FieldRule, text: &str, names: &Names, zone: &TimeZone, lang: Lang) -> Meaning {
    let wrong = || Meaning::Wrong(right(field));
    match field.kind {
        Kind::Text | Kind::LongText | Kind::Url | Kind::Phone | Kind::Email => {
            Meaning::Value(Value::Text(text.to_owned()))
        }
        Kind::Time => time(text, zone).map_or_else(wrong, Meaning::Value),
        Kind::Period => period(text).map_or_else(wrong, |period| Meaning::Value(Value::Period(period))),
        Kind::Choices => {
            let options = options(field, lang);
            let kind = ColumnKind::Choice(options);
            let read = |part: &str, guessed: bool| match read_value(&Cell::Text(part.into()), &kind, false) {
                Reading { value: Some(TableValue::Choice { id }), remarks } if guessed || remarks.is_empty() => {
                    Some(Value::Text(id.to_string()))
                }
                _ => None,
            };
            // A choice that is only found within a text counts for one item: of several it would swallow the others.
            let within = |part: &str| read(part, !part.contains(BETWEEN.concat().as_slice()));
            let items = several(text, &|part| read(part, false)).or_else(|| several(text, &within));
            items.map_or_else(wrong, |items| Meaning::Value(Value::List(items)))
        }
        Kind::Person | Kind::Department | Kind::Link => {
            let Some(register) = target(field) else { return wrong() };
            match names.find(register, text) {
                Ok(id) => Meaning::Value(Value::Record(id)),
                Err(why) => Meaning::NoSuchName(why.words(field)),
            }
        }
        Kind::Persons | Kind::Links => {
            let Some(register) = target(field) else { return wrong() };
            let one = |part: &str| names.find(register, part).ok().map(Value::Record);
            match several(text, &one) {
                Some(items) => Meaning::Value(Value::List(items)),
                None => Meaning::NoSuchName(names.why(register, text).words(field)),
            }
        }
        _ => wrong(),
    }
}

/// Signs between the items of a cell, the surest first: a name may hold a 、 or a ・ itself.
const BETWEEN: [&[char]; 4] = [&['\n'], &['、', ',', '，', ';', '；'], &['/', '／', '・'], &[' ', '　']];

/// The items of a cell: the whole if it is one, else its parts, split by the surest sign that there is.
fn several(text: &str, one: &impl Fn(&str) -> Option<Value>) -> Option<Vec<Value>> {
    fn parts(text: &str, one: &impl Fn(&str) -> Option<Value>, signs: &[&[char]], out: &mut Vec<Value>) -> bool {
        let text = text.trim();
        if text.is_empty() {
            return true;
        }
        if let Some(item) = one(text) {
            if !out.contains(&item) {
                out.push(item);
            }
            return true;
        }
        let Some((first, rest)) = signs.split_first() else { return false };
        if !text.contains(*first) {
            return parts(text, one, rest, out);
        }
        text.split(*first).all(|part| parts(part, one, rest, out))
    }
    let mut out = Vec::new();
    parts(text, one, &BETWEEN, &mut out).then_some(out)
}

/// `2026-04-01 10:30`, with the day as people write it.
fn time(text: &str, zone: &TimeZone) -> Option<Value> {
    use unicode_normalization::UnicodeNormalization as _;
    let text: String = text.nfkc().collect();
    let text = text.trim();
    let (day, clock) = text.rsplit_once([' ', 'T']).unwrap_or((text, "00:00"));
    let day = match read_value(&Cell::Text(day.into()), &ColumnKind::Date, false).value? {
        TableValue::Date { date } => date,
        _ => return None,
    };
    let clock = clock.replace('時', ":").replace('分', "");
    let clock = clock.trim_end_matches(':');
    let clock = if clock.contains(':') { clock.to_owned() } else { format!("{clock}:00") };
    // ISO 8601 wants two digits for the hour.
    let clock = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock };
    let local: jiff::civil::DateTime = format!("{day}T{clock}").parse().ok()?;
    local.to_zoned_datetime(zone.clone()).ok().map(|zoned| Value::Time(zoned.timestamp()))
}

fn period(text: &str) -> Option<Period> {
    use unicode_normalization::UnicodeNormalization as _;
    let narrow: String = text.nfkc().collect();
    if let Ok(period) = narrow.trim().parse() {
        return Some(period);
    }
    match read_value(&Cell::Text(text.into()), &ColumnKind::Period, false).value? {
        TableValue::Period { period: value::Period { span: Span::Length { years, months, days }, after: None } } => {
            Some(Period { months: i32::from(years) * 12 + i32::from(months), days: i32::from(days), seconds: 0 })
        }
        _ => None,
    }
}

/// What would be right in a cell of the field.
fn right(field: &FieldRule) -> Text {
    let (ja, en) = match field.kind {
        Kind::Time => ("「2026-04-01 10:30」のように書いてください。", "write it as 2026-04-01 10:30"),
        Kind::Period => ("「5年」「3ヶ月」「30日」のように書いてください。", "write it as 5年, 3ヶ月 or 30日"),
        Kind::Choices => {
            let (ja, en): (Vec<&str>, Vec<&str>) =
                field.choices.iter().map(|choice| (choice.title.ja.as_str(), choice.title.en.as_str())).unzip();
            return Text {
                ja: format!("次から選び、「、」で区切ってください：{}", ja.join("、")),
                en: format!("choose from these, separated by commas: {}", en.join(", ")),
            };
        }
        _ => ("この列に書けない値です。", "this column does not take such a value"),
    };
    Text { ja: ja.to_owned(), en: en.to_owned() }
}

/// A value of a field as a table holds it; `None` for an empty one.
#[must_use]
pub(super) fn table_value(
    field: &FieldRule,
    value: &Value,
    names: &Names,
    zone: &TimeZone,
    lang: Lang,
) -> Option<TableValue> {
    let text = |text: String| Some(TableValue::Text { text });
    let natural = |number: i64| u64::try_from(number).unwrap_or_default();
    match value {
        Value::Empty => None,
        // In columns of a kind of its own the table's reader knows this word for it.
        Value::Unknown => text(if is_worded(field.kind) { UNKNOWN_WORDS } else { "不明" }.to_owned()),
        Value::Bool(yes) => Some(TableValue::YesNo { yes: *yes }),
        Value::Int(number) if field.kind == Kind::Yen => Some(TableValue::Yen { amount: *number, approximate: false }),
        Value::Int(number) => Some(TableValue::Integer { number: *number, approximate: false }),
        Value::Count { least, most, approximate } => {
            Some(TableValue::Count { min: natural(*least), max: most.map(natural), approximate: *approximate })
        }
        Value::Date(date) => Some(TableValue::Date { date: *date }),
        Value::Text(words) if field.kind == Kind::YearMonth => {
            let (year, month) = words.split_once('-')?;
            Some(TableValue::YearMonth { year: year.parse().ok()?, month: month.parse().ok()? })
        }
        Value::Text(id) if field.kind == Kind::Choice => Some(TableValue::Choice { id: Label::from(id.as_str()) }),
        Value::Text(words) => text(words.clone()),
        Value::Time(instant) => text(time_words(*instant, zone)),
        Value::Period(period) => text(period_words(*period)),
        Value::Record(id) => text(names.words(*id)),
        Value::List(items) => {
            let items = items.iter().filter_map(|item| match item {
                Value::Text(id) => field
                    .choices
                    .iter()
                    .find(|choice| choice.id == *id)
                    .map(|choice| choice.title.in_lang(lang).to_owned())
                    .or_else(|| Some(id.clone())),
                Value::Record(id) => Some(names.words(*id)),
                _ => None,
            });
            // One a line: the names of choices and records may hold any other sign.
            let words = items.collect::<Vec<_>>().join("\n");
            (!words.is_empty()).then_some(TableValue::Text { text: words })
        }
    }
}

/// Whether cells of the kind are read as text, so that 「不明」 would be a word like any other.
fn is_worded(kind: Kind) -> bool {
    !matches!(kind, Kind::YesNo | Kind::Choice | Kind::Number | Kind::Count | Kind::Yen | Kind::Date | Kind::YearMonth)
}

fn time_words(instant: jiff::Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned_datetime(zone.clone()).datetime();
    let minutes = format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute());
    match (local.second(), local.subsec_nanosecond()) {
        (0, 0) => minutes,
        (second, 0) => format!("{minutes}:{second:02}"),
        (second, fraction) => format!("{minutes}:{second:02}.{fraction:09}"),
    }
}

fn period_words(period: Period) -> String {
    let part = |number: i32, unit: &str| if number == 0 { String::new() } else { format!("{number}{unit}") };
    if period.seconds != 0 || period.days < 0 || period.months < 0 || (period.days, period.months) == (0, 0) {
        return period.to_string();
    }
    [part(period.months / 12, "年"), part(period.months % 12, "ヶ月"), part(period.days, "日")].concat()
}

/// Fields by id, for looking up what a column was matched with.
#[must_use]
pub(super) fn by_id(fields: &[FieldRule]) -> BTreeMap<ColumnId, &FieldRule> {
    fields.iter().map(|field| (ColumnId::from(field.id.as_str()), field)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{
        prelude::*,
        test_runner::{Config, TestRunner},
    };

    use super::*;

    #[test]
    fn items_of_a_cell_are_split_by_the_surest_sign() {
        let known = ["携帯電話・スマートフォン", "紙", "サーバー", "A、B"];
        let one = |part: &str| known.contains(&part).then(|| Value::Text(part.to_owned()));
        for (cell, items) in [
            ("紙", Some(vec!["紙"])),
            ("紙、サーバー", Some(vec!["紙", "サーバー"])),
            ("紙・携帯電話・スマートフォン", None),
            ("紙\n携帯電話・スマートフォン", Some(vec!["紙", "携帯電話・スマートフォン"])),
            ("A、B\n紙", Some(vec!["A、B", "紙"])),
            ("紙/サーバー", Some(vec!["紙", "サーバー"])),
            ("紙、岩", None),
        ] {
            let items = items.map(|items| items.into_iter().map(|item| Value::Text(item.to_owned())).collect());
            assert_eq!(several(cell, &one), items, "{cell}");
        }
    }

    #[test]
    fn times_and_periods_are_read_as_people_write_them() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        for (words, instant) in [
            ("2026-04-01 10:30", "2026-04-01T01:30:00Z"),
            ("令和8年4月1日 9時05分", "2026-04-01T00:05:00Z"),
            ("2026/4/1", "2026-03-31T15:00:00Z"),
        ] {
            assert_eq!(time(words, &zone), Some(Value::Time(instant.parse().unwrap())), "{words}");
        }
        for (words, iso) in [("5年", "P5Y"), ("P30D", "P30D"), ("1年6ヶ月", "P1Y6M"), ("ＰＴ３０Ｍ", "PT30M")]
        {
            assert_eq!(period(words), Some(iso.parse().unwrap()), "{words}");
        }
        assert_eq!(period("永年"), None);
    }

    fn field(kind: Kind) -> FieldRule {
        let choice = |id: &str, ja: &str| kitei_rules::pack::model::Choice {
            id: id.to_owned(),
            title: Text { ja: ja.to_owned(), en: format!("{id} in English") },
            aliases: Vec::new(),
        };
        let choices = vec![
            choice("paper", "紙"),
            choice("phone", "携帯電話・スマートフォン"),
            choice("several", "旅券、免許証などの符号"),
            choice("cloud", "クラウド"),
        ];
        FieldRule {
            id: "value".to_owned(),
            kind,
            clashing: Vec::new(),
            title: Text { ja: "値".to_owned(), en: "Value".to_owned() },
            help: None,
            ask: None,
            required: Vec::new(),
            shown_when: Vec::new(),
            choices,
            to: None,
            open: true,
            refuse: BTreeMap::new(),
            warn: BTreeMap::new(),
            aliases: Vec::new(),
            unit: None,
            default: None,
            value: None,
            read: Vec::new(),
            column: false,
            filter: false,
            least: None,
            most: None,
            basis: Vec::new(),
            in_force: true,
        }
    }

    /// Values of a kind, as a form or a pack may have made them.
    fn values(kind: Kind) -> BoxedStrategy<Value> {
        let words = "[=+@'-]?[あ-んア-ン一-十a-zA-Z0-9（）、。・]{4,20}";
        let day =
            (1901_i16..2199, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| jiff::civil::date(year, month, day));
        let of_kind: BoxedStrategy<Value> = match kind {
            Kind::YesNo => any::<bool>().prop_map(Value::Bool).boxed(),
            Kind::Choice => choice().prop_map(Value::Text).boxed(),
            Kind::Choices => proptest::collection::btree_set(choice(), 1..4)
                .prop_map(|ids| Value::List(ids.into_iter().map(Value::Text).collect()))
                .boxed(),
            Kind::Number | Kind::Yen => (-1_000_000_000_000_i64..1_000_000_000_000).prop_map(Value::Int).boxed(),
            Kind::Count => (0_i64..2_000_000, proptest::option::of(0_i64..2_000_000), any::<bool>())
                .prop_map(|(least, more, approximate)| Value::Count {
                    least,
                    most: more.map(|more| least + more),
                    approximate,
                })
                .boxed(),
            Kind::Date => day.prop_map(Value::Date).boxed(),
            Kind::YearMonth => {
                (1901_i16..2199, 1_i8..=12).prop_map(|(y, m)| Value::Text(format!("{y:04}-{m:02}"))).boxed()
            }
            Kind::Time => (-1_000_000_000_i64..4_000_000_000, 0_i32..1_000_000)
                .prop_map(|(second, micro)| {
                    Value::Time(jiff::Timestamp::new(second, if second < 0 { 0 } else { micro * 1000 }).unwrap())
                })
                .boxed(),
            Kind::Period => (0_i32..500, 0_i32..5000, prop_oneof![Just(0_i64), 0..100_000_i64])
                .prop_map(|(months, days, seconds)| Value::Period(Period { months, days, seconds }))
                .boxed(),
            Kind::LongText => {
                proptest::collection::vec(words, 1..4).prop_map(|lines| Value::Text(lines.join("\n"))).boxed()
            }
            _ => words.prop_map(Value::Text).boxed(),
        };
        prop_oneof![9 => of_kind, 1 => Just(Value::Unknown)].boxed()
    }

    fn choice() -> impl Strategy<Value = String> {
        prop_oneof![Just("paper"), Just("phone"), Just("several"), Just("cloud")].prop_map(str::to_owned)
    }

    /// What is exported is imported again unchanged, as Excel and as CSV, in both languages.
    #[test]
    fn every_kind_of_value_survives_a_file() {
        let kinds = [
            Kind::Text,
            Kind::LongText,
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
            Kind::Url,
            Kind::Phone,
            Kind::Email,
        ];
        for kind in kinds {
            let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
            let several = proptest::collection::vec(values(kind), 1..8);
            runner
                .run(&several, |values| {
                    for (lang, csv) in [(Lang::Ja, false), (Lang::Ja, true), (Lang::En, false), (Lang::En, true)] {
                        prop_assert_eq!(through_a_file(&field(kind), &values, lang, csv), values.clone(), "{:?}", kind);
                    }
                    Ok(())
                })
                .unwrap();
        }
    }

    fn through_a_file(field: &FieldRule, values: &[Value], lang: Lang, csv: bool) -> Vec<Value> {
        use kitei_papers::tables::{preview::preview, read::read, shape::Overrides, write};
        let (names, zone) = (Names::default(), TimeZone::get("Asia/Tokyo").unwrap());
        let columns = expected(std::slice::from_ref(field), lang);
        let layout = write::Layout { columns: &columns, unknown: &[] };
        let row = |(index, value): (usize, &Value)| {
            let mut values = vec![(ColumnId::from(NUMBER), TableValue::Text { text: format!("LED-2025-{index:03}") })];
            values.extend(table_value(field, value, &names, &zone, lang).map(|value| (ColumnId::from("value"), value)));
            write::Row { values, ..write::Row::default() }
        };
        let rows = values.iter().enumerate().map(row).collect::<Vec<_>>();
        let mut bytes = Vec::new();
        if csv {
            write::write_csv(&mut bytes, layout, write::CsvEncoding::Utf8WithMark, rows).unwrap();
        } else {
            let created = jiff::civil::date(2025, 4, 1).at(0, 0, 0, 0);
            let options = write::XlsxOptions { sheet_name: "台帳", created, scratch: None };
            write::write_xlsx(&mut bytes, layout, options, rows).unwrap();
        }
        let workbook = read(&bytes, "x").unwrap();
        let preview = preview(&workbook, &columns, &Overrides::default()).unwrap();
        let read_back = |row: kitei_papers::tables::preview::RowPreview| {
            if row.problems.iter().any(|problem| problem.kind == kitei_papers::tables::ProblemKind::SaidUnknown) {
                return Value::Unknown;
            }
            match row.value("value").map(|value| meaning(field, value, &names, &zone, lang)) {
                Some(Meaning::Value(value)) => value,
                other => panic!("{:?} {other:?} {:?}", field.kind, row.problems),
            }
        };
        preview.rows.into_iter().map(read_back).collect()
    }
}
