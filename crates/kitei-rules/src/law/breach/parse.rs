//! Facts from JSON: parsed at the door, with every mistake told at once.
//!
//! Serves the contract of `kitei law breach` (docs/law-command.md).
//!
//! Invariant: an unknown field or value is refused by name with what would be right; no value that somebody typed is
//! repeated in an error, because it may be personal.

use jiff::{
    civil::{Date, DateTime},
    tz::Offset,
};
use serde_json::{Map, Value};

use super::facts::{
    Act, Acts, Answer, DataKinds, Entrusted, Facts, Operator, Persons, PmarkKinds, Stage, Stated, Statement, System,
};
use crate::law::{
    Wording,
    deadline::{DateOutOfRange, KnownOn},
};

/// A mistake in the facts: which field, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactProblem {
    /// The field, with its place: `history[0].persons`.
    pub field: String,
    /// What would be right.
    pub text: Wording,
}

/// Facts that cannot be read, with all their mistakes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", describe(problems))]
pub struct FactsError {
    /// The mistakes, in the order in which they stand; never empty.
    pub problems: Vec<FactProblem>,
}

fn describe(problems: &[FactProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{}: {}", problem.field, problem.text.en)).collect();
    lines.join("; ")
}

/// The fields that any statement may hold.
const FIELDS: &[&str] = &[
    "occurred_on",
    "operator",
    "act",
    "persons",
    "data",
    "improper_purpose",
    "stage",
    "system",
    "open_to_public",
    "encrypted",
    "recovered_unviewed",
    "copy_exists",
    "pseudonymised",
    "pmark_kinds",
    "entrusted",
];

/// The longest history that is read: no breach is restated more often, and every entry costs a triage.
const LONGEST_HISTORY: usize = 1000;

impl TryFrom<&Value> for Facts {
    type Error = FactsError;

    fn try_from(value: &Value) -> Result<Self, FactsError> {
        let mut reader = Reader::default();
        let facts = reader.facts(value);
        match facts {
            Some(facts) if reader.problems.is_empty() => Ok(facts),
            _ => Err(FactsError { problems: reader.problems }),
        }
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<FactProblem>,
}

impl Reader {
    fn problem(&mut self, field: &str, ja: impl Into<String>, en: impl Into<String>) {
        // A mistaken key is repeated, shortened, so that it can be found.
        let field = field.chars().take(80).collect();
        self.problems.push(FactProblem { field, text: Wording::composed(ja.into(), en.into()) });
    }

    fn one_of(&mut self, field: &str, allowed: &str) {
        self.problem(field, format!("使える値は {allowed}。"), format!("must be one of {allowed}."));
    }

    fn facts(&mut self, value: &Value) -> Option<Facts> {
        let Some(object) = value.as_object() else {
            self.problem("facts", "JSONのオブジェクトであること。", "must be a JSON object.");
            return None;
        };
        let now = self.statement(object, "", &["known_on", "client_told_on", "history"]);
        let known_on = self.day_of_knowing(object, "", "known_on");
        let history = self.history(object.get("history"), known_on);
        let client_told_on = match object.get("client_told_on") {
            None | Some(Value::Null) => None,
            Some(told) => self.date("client_told_on", told).and_then(|told| self.in_range("client_told_on", told)),
        }
        .map(KnownOn::date);
        let facts = Facts { known_on: known_on?, now, history, client_told_on };
        self.agree(&facts);
        Some(facts)
    }

    /// What no field can say alone. Fields that could not be read have been told already.
    fn agree(&mut self, facts: &Facts) {
        let statements = || facts.history.iter().map(|(_, statement)| statement).chain([&facts.now]);
        let all_read = self.problems.is_empty();
        let told = self.problems.iter().any(|problem| {
            problem.field.rsplit('.').next().is_some_and(|field| field == "act" || field == "pmark_kinds")
        });
        if !told && !statements().any(|statement| statement.acts.is_some() || statement.pmark_kinds.is_some()) {
            self.problem(
                "act",
                "必要な項目（leak, loss, damage, use, provision のどれか）。漏えい等でないPマークの事故なら pmark_kinds。",
                "is needed: leak, loss, damage, use or provision; for a P-mark accident of another kind, pmark_kinds.",
            );
        }
        if all_read {
            self.dates_agree(facts);
        }
    }

    fn dates_agree(&mut self, facts: &Facts) {
        let statements = || facts.history.iter().map(|(_, statement)| statement).chain([&facts.now]);
        let first = facts.history.iter().map(|(day, _)| *day).min().unwrap_or(facts.known_on).min(facts.known_on);
        let entrusted =
            facts.now.entrusted.or_else(|| statements().filter_map(|statement| statement.entrusted).next_back());
        if let Some(told) = facts.client_told_on {
            match entrusted {
                Some(Entrusted::EntrustedToUs) if told < first.date() => self.problem(
                    "client_told_on",
                    "知った日より前になっている。知ってから伝えた日を書く。",
                    "lies before the day of knowing; give the day on which the client was told.",
                ),
                None | Some(Entrusted::None) => self.problem(
                    "client_told_on",
                    "entrusted が entrusted-to-us（又は we-entrust）のときに使う項目。",
                    "belongs with entrusted = entrusted-to-us (or we-entrust).",
                ),
                _ => {}
            }
        }
        if let Some(Stated::Is(occurred)) = facts.now.occurred_on
            && occurred > facts.known_on.date()
        {
            self.problem("occurred_on", "known_on より後になっている。", "lies after known_on.");
        }
    }

    fn day_of_knowing(&mut self, object: &Map<String, Value>, path: &str, field: &str) -> Option<KnownOn> {
        let place = format!("{path}{field}");
        let Some(value) = object.get(field) else {
            self.problem(
                &place,
                "必要な項目（いずれかの部署が知った日、YYYY-MM-DD）。",
                "is needed: the day on which any department knew, YYYY-MM-DD.",
            );
            return None;
        };
        let date = self.date(&place, value)?;
        self.in_range(&place, date)
    }

    fn in_range(&mut self, place: &str, date: Date) -> Option<KnownOn> {
        match KnownOn::new(date) {
            Ok(known) => Some(known),
            Err(DateOutOfRange) => {
                self.problem(place, "2007-01-01から2099-06-30までの日付であること。", format!("{DateOutOfRange}."));
                None
            }
        }
    }

    fn history(&mut self, value: Option<&Value>, known_on: Option<KnownOn>) -> Vec<(KnownOn, Statement)> {
        let entries = match value {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(entries)) if entries.len() <= LONGEST_HISTORY => entries,
            Some(_) => {
                self.problem(
                    "history",
                    "以前の事実（known_at と項目）の配列であること（1000件まで）。",
                    "must be a list (of up to 1000) of earlier facts, each with known_at.",
                );
                return Vec::new();
            }
        };
        let mut history = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            let path = format!("history[{place}].");
            let Some(object) = entry.as_object() else {
                self.problem(&format!("history[{place}]"), "JSONのオブジェクトであること。", "must be a JSON object.");
                continue;
            };
            let statement = self.statement(object, &path, &["known_at"]);
            let Some(known_at) = self.day_of_knowing(object, &path, "known_at") else { continue };
            if known_on.is_some_and(|known_on| known_at > known_on) {
                self.problem(
                    &format!("{path}known_at"),
                    "known_on より後になっている。history には以前の事実を、最新の事実は本体に書く。",
                    "lies after known_on; history holds earlier facts, the latest stand outside it.",
                );
            }
            history.push((known_at, statement));
        }
        history
    }

    fn statement(&mut self, object: &Map<String, Value>, path: &str, besides: &[&str]) -> Statement {
        let mut statement = Statement::default();
        for (key, value) in object {
            let place = format!("{path}{key}");
            if besides.contains(&key.as_str()) {
                continue;
            }
            if !FIELDS.contains(&key.as_str()) {
                let allowed: Vec<&str> = besides.iter().chain(FIELDS).copied().collect();
                let allowed = allowed.join(", ");
                self.problem(
                    &place,
                    format!("知らない項目。使える項目は {allowed}。"),
                    format!("is not a field; the fields are {allowed}."),
                );
                continue;
            }
            self.field(&mut statement, key, &place, value);
        }
        statement
    }

    fn field(&mut self, statement: &mut Statement, key: &str, place: &str, value: &Value) {
        match key {
            "occurred_on" => statement.occurred_on = self.event(place, value),
            "operator" => {
                let names = [("business", Operator::Business), ("municipality", Operator::Municipality)];
                statement.operator = self.known_name(place, value, &names);
            }
            "act" => statement.acts = self.acts(place, value),
            "persons" => statement.persons = self.persons(place, value),
            "data" => statement.data = self.data(place, value),
            "improper_purpose" => statement.improper_purpose = self.answer(place, value),
            "stage" => statement.stage = self.name(place, value, STAGES),
            "system" => statement.system = self.name(place, value, SYSTEMS),
            "open_to_public" => statement.open_to_public = self.answer(place, value),
            "encrypted" => statement.encrypted = self.answer(place, value),
            "recovered_unviewed" => statement.recovered_unviewed = self.answer(place, value),
            "copy_exists" => statement.copy_exists = self.answer(place, value),
            "pseudonymised" => statement.pseudonymised = self.answer(place, value),
            "pmark_kinds" => statement.pmark_kinds = self.pmark_kinds(place, value),
            _ => {
                let names = [
                    ("none", Entrusted::None),
                    ("we-entrust", Entrusted::WeEntrust),
                    ("entrusted-to-us", Entrusted::EntrustedToUs),
                ];
                statement.entrusted = self.known_name(place, value, &names);
            }
        }
    }

    fn event(&mut self, place: &str, value: &Value) -> Option<Stated<Date>> {
        if is_unknown(value) {
            return Some(Stated::Unknown);
        }
        self.date(place, value).map(Stated::Is)
    }

    /// A day, or an instant with an offset, which is turned into the day in Japan.
    fn date(&mut self, place: &str, value: &Value) -> Option<Date> {
        let date = value.as_str().and_then(day_in_japan);
        if date.is_none() {
            self.problem(
                place,
                "実在する日付を YYYY-MM-DD で書く（時刻付きなら 2026-11-22T09:30:00+09:00）。",
                "must be a date that exists, YYYY-MM-DD (with a time, 2026-11-22T09:30:00+09:00).",
            );
        }
        date
    }

    fn answer(&mut self, place: &str, value: &Value) -> Option<Answer> {
        let answer = match value {
            Value::Bool(true) => Some(Answer::Yes),
            Value::Bool(false) => Some(Answer::No),
            Value::String(text) if text == "yes" => Some(Answer::Yes),
            Value::String(text) if text == "no" => Some(Answer::No),
            value if is_unknown(value) => Some(Answer::Unknown),
            _ => None,
        };
        if answer.is_none() {
            self.one_of(place, "true, false, \"unknown\"");
        }
        answer
    }

    fn known_name<T: Copy>(&mut self, place: &str, value: &Value, names: &[(&str, T)]) -> Option<T> {
        let found = value.as_str().and_then(|text| names.iter().find(|(name, _)| *name == text));
        if found.is_none() {
            let allowed: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
            self.one_of(place, &allowed.join(", "));
        }
        found.map(|(_, meaning)| *meaning)
    }

    fn name<T: Copy>(&mut self, place: &str, value: &Value, names: &[(&str, T)]) -> Option<Stated<T>> {
        if is_unknown(value) {
            return Some(Stated::Unknown);
        }
        self.known_name(place, value, names).map(Stated::Is)
    }

    fn acts(&mut self, place: &str, value: &Value) -> Option<Stated<Acts>> {
        if is_unknown(value) {
            return Some(Stated::Unknown);
        }
        let Value::Array(names) = value else {
            return self.known_name(place, value, ACTS).map(|act| Stated::Is(Acts::only(act)));
        };
        if names.is_empty() {
            self.one_of(place, "leak, loss, damage, use, provision");
            return None;
        }
        let mut acts = Acts::default();
        for name in names {
            acts = acts.with(self.known_name(place, name, ACTS)?);
        }
        Some(Stated::Is(acts))
    }

    fn persons(&mut self, place: &str, value: &Value) -> Option<Persons> {
        if is_unknown(value) {
            return Some(Persons::UNKNOWN);
        }
        let persons = match value {
            Value::Number(number) => number.as_u64().map(Persons::exactly),
            Value::Object(bounds) => bounded(bounds),
            _ => None,
        };
        if persons.is_none() {
            self.problem(
                place,
                "0以上の整数、{\"min\":…,\"max\":…}（min ≦ max）、又は \"unknown\"。",
                "must be a whole number of 0 or more, {\"min\":…,\"max\":…} with min ≤ max, or \"unknown\".",
            );
        }
        persons
    }

    fn data(&mut self, place: &str, value: &Value) -> Option<DataKinds> {
        let single = [value.clone()];
        let names = if let Value::Array(names) = value { names.as_slice() } else { &single };
        let unstated = if names.iter().any(is_unknown) { Answer::Unknown } else { Answer::No };
        let mut data = DataKinds { special_care: unstated, financial_damage: unstated, individual_number: unstated };
        for name in names {
            match name.as_str() {
                Some("special-care") => data.special_care = Answer::Yes,
                Some("financial-damage") => data.financial_damage = Answer::Yes,
                Some("individual-number") => data.individual_number = Answer::Yes,
                Some("plain") => {}
                _ if is_unknown(name) => {}
                _ => {
                    self.one_of(place, "special-care, financial-damage, individual-number, plain (in a list)");
                    return None;
                }
            }
        }
        Some(data)
    }

    fn pmark_kinds(&mut self, place: &str, value: &Value) -> Option<PmarkKinds> {
        let kinds = value.as_array().and_then(|kinds| kinds.iter().map(pmark_kind).collect());
        if kinds.is_none() {
            let allowed: Vec<String> =
                PMARK_KINDS.iter().map(|(number, ja, en)| format!("{number} {ja} ({en})")).collect();
            self.problem(
                place,
                format!("1～9の番号か名前の配列であること: {}。", allowed.join(", ")),
                format!("must be a list of numbers 1 to 9 or of names: {}.", allowed.join(", ")),
            );
        }
        kinds
    }
}

const ACTS: &[(&str, Act)] = &[
    ("leak", Act::Leak),
    ("loss", Act::Loss),
    ("damage", Act::Damage),
    ("use", Act::Use),
    ("provision", Act::Provision),
];

const STAGES: &[(&str, Stage)] = &[
    ("personal-data", Stage::PersonalData),
    ("planned-personal-data", Stage::Planned),
    ("not-planned", Stage::NotPlanned),
];

const SYSTEMS: &[(&str, System)] = &[
    ("own", System::Own),
    ("use-office", System::UseOffice),
    ("information-network", System::InformationNetwork),
    ("government-contractor", System::GovernmentContractor),
];

/// The nine kinds of accident of PMK500.
const PMARK_KINDS: [(u8, &str, &str); 9] = [
    (1, "漏えい", "leak"),
    (2, "紛失", "lost"),
    (3, "滅失・毀損", "loss-or-damage"),
    (4, "改ざん・正確性の未確保", "alteration"),
    (5, "不正・不適正取得", "improper-acquisition"),
    (6, "目的外利用・提供", "out-of-purpose"),
    (7, "不正利用", "improper-use"),
    (8, "開示等の求め等の拒否", "refusal"),
    (9, "①～⑧のおそれ", "possible"),
];

/// A kind by its number (also as text or circled), its Japanese or its English name.
fn pmark_kind(value: &Value) -> Option<u8> {
    if let Some(number) = value.as_u64() {
        return u8::try_from(number).ok().filter(|number| (1..=9).contains(number));
    }
    let text = value.as_str()?.trim();
    let mut characters = text.chars();
    let number = match characters.next()? {
        digit @ '1'..='9' => u32::from(digit) - u32::from('0'),
        circled @ '①'..='⑨' => u32::from(circled) - u32::from('①') + 1,
        _ => 0,
    };
    let rest = characters.as_str();
    let named = |name: &str| PMARK_KINDS.iter().find(|(_, ja, en)| *ja == name || *en == name).map(|(kind, ..)| *kind);
    match (number, rest) {
        (0, _) => named(text).or_else(|| (text == "おそれ").then_some(9)),
        (number, "") => u8::try_from(number).ok(),
        // A number before a name, as people copy it from the list, must agree with the name.
        (number, name) => named(name).filter(|kind| u32::from(*kind) == number),
    }
}

/// Unknown is said by the word or by an explicit null.
fn is_unknown(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("unknown")
}

/// Bounds: `min` is 1 unless given, since somebody is concerned; a missing or unknown `max` is no bound.
fn bounded(bounds: &Map<String, Value>) -> Option<Persons> {
    if bounds.keys().any(|key| key != "min" && key != "max") {
        return None;
    }
    let max = match bounds.get("max") {
        None => None,
        Some(value) if is_unknown(value) => None,
        Some(value) => Some(value.as_u64()?),
    };
    let min = match bounds.get("min") {
        None => max.unwrap_or(1).min(1),
        Some(value) if is_unknown(value) => max.unwrap_or(1).min(1),
        Some(value) => value.as_u64()?,
    };
    (max.is_none_or(|max| min <= max)).then_some(Persons { min, max })
}

fn day_in_japan(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 10
        && bytes.iter().take(10).enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    if bytes.len() == 10 {
        return text.parse().ok();
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Offset::constant(9).to_datetime(instant).date());
    }
    text.parse::<DateTime>().ok().map(DateTime::date)
}
