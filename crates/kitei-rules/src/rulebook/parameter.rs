//! Composing parameters: the stricter value wins, bounds intersect, and the organisation's own setting stays inside.
//!
//! Invariant: a setting is never looser than the bounds; looser than a pack's value only with a reason and an approver.

use serde::{Deserialize, Serialize};

use super::{LAW, Said, Sayings};
use crate::{
    pack::model::{Choice, Kind, Literal, Parameter, Stricter, Text},
    value::{Period, Value},
};

/// What the organisation itself has set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Value in the form of a pack's literal.
    pub value: Literal,
    /// Reason, demanded when it is looser than a pack's value.
    pub reason: Option<String>,
    /// Person who approved a looser value.
    pub approved_by: Option<uuid::Uuid>,
}

/// What one pack says.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterVoice {
    /// Pack.
    pub pack: String,
    /// Its value.
    pub value: Option<Value>,
    /// Its least.
    pub least: Option<Value>,
    /// Its most.
    pub most: Option<Value>,
    /// Its clauses.
    pub basis: Vec<String>,
}

/// A composed parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterRule {
    /// Key.
    pub key: String,
    /// Title.
    pub title: Text,
    /// Kind.
    pub kind: Kind,
    /// Unit.
    pub unit: Option<Text>,
    /// Which value wins.
    pub stricter: Stricter,
    /// Choices.
    pub choices: Vec<Choice>,
    /// What the packs together demand.
    pub value: Option<Value>,
    /// Least allowed.
    pub least: Option<Value>,
    /// Most allowed.
    pub most: Option<Value>,
    /// What each pack says.
    pub voices: Vec<ParameterVoice>,
    /// Packs whose value won.
    pub winners: Vec<String>,
    /// Adopting must answer it.
    pub fill: bool,
    /// What adoption proposes.
    pub suggest: Option<Value>,
    /// Packs that disagree on kind or direction, or on the value of a `same` parameter, or leave no value at all.
    pub clash: Option<Clash>,
}

/// Why a parameter cannot be composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clash {
    /// Kinds or directions differ.
    Kind,
    /// Two values where only one may be.
    Value,
    /// The bounds leave nothing.
    Empty,
}

impl Sayings {
    /// Composed parameter.
    #[must_use]
    pub fn parameter(&self, key: &str) -> Option<ParameterRule> {
        self.parameters.get(key).and_then(|said| merge(key, said))
    }
}

impl ParameterRule {
    /// The value in force with the organisation's setting: the setting when it is allowed, the packs' value otherwise.
    #[must_use]
    pub fn in_force(&self, setting: Option<&Setting>) -> Option<Value> {
        let own = setting.and_then(|setting| {
            let value = literal(self.kind, &setting.value)?;
            let looser = self.value.as_ref().is_some_and(|packs| self.looser(&value, packs));
            let excused = setting.reason.is_some() && setting.approved_by.is_some();
            (self.within(&value) && (!looser || excused)).then_some(value)
        });
        own.or_else(|| self.value.clone()).or_else(|| self.suggest.clone())
    }

    /// What is wrong with the organisation's own answer, and what would be right; `None` when it may hold.
    #[must_use]
    pub fn objection(&self, setting: &Setting) -> Option<Text> {
        let say = |ja: String, en: String| Some(Text { ja, en });
        let Some(value) = literal(self.kind, &setting.value).filter(|value| self.offered(value)) else {
            let (ja, en) = self.expected();
            return say(format!("{ja}で答えてください。"), format!("Answer with {en}."));
        };
        if !self.within(&value) {
            let bound = |value: &Option<Value>| value.as_ref().map(super::explain_words).unwrap_or_default();
            let (least, most) = (bound(&self.least), bound(&self.most));
            return say(
                format!("規程が許す範囲は {least}〜{most} です。"),
                format!("The regulations allow {least} to {most}."),
            );
        }
        let packs = self.value.as_ref().filter(|packs| self.looser(&value, packs))?;
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        if blank(&setting.reason) || setting.approved_by.is_none() {
            let words = super::explain_words(packs);
            return say(
                format!("規程の定め（{words}）より緩いので、理由と承認した人が要ります。"),
                format!("It is looser than the regulations ({words}); give the reason and who approved it."),
            );
        }
        None
    }

    /// Whether a choice is one of those that packs offer.
    fn offered(&self, value: &Value) -> bool {
        let known = |value: &Value| match value {
            Value::Text(id) => self.choices.iter().any(|choice| choice.id == *id),
            _ => true,
        };
        match (self.kind, value) {
            (Kind::Choice, value) => known(value),
            (Kind::Choices, Value::List(items)) => items.iter().all(known),
            _ => !value.is_unknown(),
        }
    }

    fn expected(&self) -> (&'static str, &'static str) {
        match self.kind {
            Kind::YesNo => ("「はい」か「いいえ」", "yes or no"),
            Kind::Number | Kind::Yen | Kind::Count => ("数字（例：5）", "a whole number such as 5"),
            Kind::Period => ("期間（例：P1Y、P30D、PT60M）", "a period such as P1Y, P30D or PT60M"),
            Kind::Choice | Kind::Choices => ("選択肢", "one of those offered"),
            Kind::Date => ("日付（例：2026-04-01）", "a date such as 2026-04-01"),
            _ => ("規程が求める形", "what the regulations ask for"),
        }
    }

    /// Whether a value lies inside the bounds.
    #[must_use]
    pub fn within(&self, value: &Value) -> bool {
        let above = self.least.as_ref().is_none_or(|least| !less(value, least));
        let below = self.most.as_ref().is_none_or(|most| !less(most, value));
        above && below
    }

    /// Whether `value` asks for less than `than`.
    #[must_use]
    pub fn looser(&self, value: &Value, than: &Value) -> bool {
        match self.stricter {
            Stricter::Lower => less(than, value),
            Stricter::Higher => less(value, than),
            Stricter::Same => false,
            Stricter::Fewer => !subset(value, than),
            Stricter::More => !subset(than, value),
        }
    }
}

fn merge(key: &str, said: &Said<Parameter>) -> Option<ParameterRule> {
    let definer = said.iter().map(|(_, parameter)| parameter).next()?;
    let voices: Vec<_> = said
        .iter()
        .map(|(pack, parameter)| ParameterVoice {
            pack: pack.to_owned(),
            value: parameter.value.as_ref().and_then(|value| literal(parameter.kind, value)),
            least: parameter.least.as_ref().and_then(|value| literal(parameter.kind, value)),
            most: parameter.most.as_ref().and_then(|value| literal(parameter.kind, value)),
            basis: parameter.meta.basis.clone(),
        })
        .collect();
    let mut rule = ParameterRule {
        key: key.to_owned(),
        title: definer.title.clone(),
        kind: definer.kind,
        unit: said.iter().find_map(|(_, parameter)| parameter.unit.clone()),
        stricter: definer.stricter,
        choices: said
            .iter()
            .map(|(_, parameter)| &parameter.choices)
            .find(|c| !c.is_empty())
            .cloned()
            .unwrap_or_default(),
        value: None,
        least: voices.iter().filter_map(|voice| voice.least.clone()).reduce(|a, b| if less(&a, &b) { b } else { a }),
        most: voices.iter().filter_map(|voice| voice.most.clone()).reduce(|a, b| if less(&a, &b) { a } else { b }),
        winners: Vec::new(),
        fill: said.iter().any(|(_, parameter)| parameter.fill),
        suggest: said.iter().find_map(|(_, p)| p.suggest.as_ref().and_then(|value| literal(p.kind, value))),
        clash: None,
        voices,
    };
    if said.iter().any(|(_, other)| other.kind != definer.kind || other.stricter != definer.stricter) {
        rule.clash = Some(Clash::Kind);
        return Some(rule);
    }
    choose(&mut rule);
    Some(rule)
}

/// Finds the winning value and who said it, held inside the bounds of the law.
fn choose(rule: &mut ParameterRule) {
    let values: Vec<Value> = rule.voices.iter().filter_map(|voice| voice.value.clone()).collect();
    let winner = values.iter().cloned().reduce(|a, b| match rule.stricter {
        Stricter::Lower if less(&b, &a) => b,
        Stricter::Higher if less(&a, &b) => b,
        Stricter::Fewer => combine(&a, &b, true),
        Stricter::More => combine(&a, &b, false),
        _ => a,
    });
    if rule.stricter == Stricter::Same && values.iter().any(|value| Some(value) != winner.as_ref()) {
        rule.clash = Some(Clash::Value);
    }
    if let (Some(least), Some(most)) = (&rule.least, &rule.most)
        && less(most, least)
    {
        rule.clash = Some(Clash::Empty);
    }
    if let Some(value) = &winner {
        let lawful = rule.voices.iter().filter(|voice| voice.pack == LAW).all(|law| {
            law.least.as_ref().is_none_or(|least| !less(value, least))
                && law.most.as_ref().is_none_or(|most| !less(most, value))
        });
        if !lawful || matches!(value, Value::List(items) if items.is_empty() && rule.stricter == Stricter::Fewer) {
            rule.clash = Some(Clash::Empty);
        }
        rule.winners = rule
            .voices
            .iter()
            .filter(|voice| voice.value.as_ref().is_some_and(|said| said == value || matches!(said, Value::List(_))))
            .map(|voice| voice.pack.clone())
            .collect();
    }
    rule.value = winner;
}

/// A literal of a pack as a value of a kind; `None` when it does not fit (the check reports it).
#[must_use]
pub fn literal(kind: Kind, literal_value: &Literal) -> Option<Value> {
    match literal_value {
        Literal::Bool(value) if kind == Kind::YesNo => Some(Value::Bool(*value)),
        Literal::Int(value) if matches!(kind, Kind::Number | Kind::Yen) => Some(Value::Int(*value)),
        Literal::Int(value) if kind == Kind::Count => {
            Some(Value::Count { least: *value, most: Some(*value), approximate: false })
        }
        Literal::Text(text) => Value::parse(kind, text).ok(),
        Literal::List(items) => {
            let each = kind.of_list().unwrap_or(kind);
            items.iter().map(|item| literal(each, item)).collect::<Option<Vec<_>>>().map(Value::List)
        }
        Literal::Table(map) if kind == Kind::Count => {
            let int = |key: &str| match map.get(key) {
                Some(Literal::Int(value)) => Some(*value),
                _ => None,
            };
            let approximate = matches!(map.get("approximate"), Some(Literal::Bool(true)));
            Some(Value::Count { least: int("least").unwrap_or(0), most: int("most"), approximate })
        }
        _ => None,
    }
}

/// Order of two values of a kind; periods compare by their longest reading (a month 31 days, a year 366).
#[must_use]
pub fn less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a < b,
        (Value::Date(a), Value::Date(b)) => a < b,
        (Value::Time(a), Value::Time(b)) => a < b,
        (Value::Text(a), Value::Text(b)) => a < b,
        (Value::Bool(a), Value::Bool(b)) => !a & b,
        (Value::Period(a), Value::Period(b)) => length(*a) < length(*b),
        _ => false,
    }
}

fn length(period: Period) -> i64 {
    let days = i64::from(period.months / 12) * 366 + i64::from(period.months % 12) * 31 + i64::from(period.days);
    days * 86_400 + period.seconds
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}

fn subset(part: &Value, whole: &Value) -> bool {
    items(part).iter().all(|item| items(whole).contains(item))
}

fn combine(left: &Value, right: &Value, intersect: bool) -> Value {
    let mut out: Vec<Value> =
        items(left).iter().filter(|item| !intersect || items(right).contains(item)).cloned().collect();
    if !intersect {
        out.extend(items(right).iter().filter(|item| !items(left).contains(item)).cloned());
        out.sort_by_key(|value| value.to_json().to_string());
    }
    Value::List(out)
}
