//! Where a value comes from: every pack's saying, the result, the clauses (`kitei pack explain`, page 規程).

use serde::Serialize;

use super::{Said, Sayings};
use crate::{pack::model::Text, value::Value};

/// What one pack says, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Voice {
    /// Pack.
    pub pack: String,
    /// What it says.
    pub says: String,
    /// Its clauses.
    pub basis: Vec<String>,
    /// File and line.
    pub place: String,
    /// Whether it decides the result.
    pub wins: bool,
}

/// An explanation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// `parameter`, `field`, `act`, `role` or `fact`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Title.
    pub title: Text,
    /// The result, in words.
    pub result: String,
    /// Who says what.
    pub voices: Vec<Voice>,
}

impl Sayings {
    /// Explains a parameter by key, a field or fact as `register.id`, an act or a role by id. A name may mean several things.
    #[must_use]
    pub fn explain(&self, name: &str) -> Vec<Explanation> {
        let mut out = Vec::new();
        out.extend(self.explain_parameter(name));
        out.extend(self.explain_field(name));
        out.extend(self.explain_fact(name));
        out.extend(self.explain_act(name));
        out.extend(self.explain_role(name));
        out
    }

    fn explain_parameter(&self, key: &str) -> Option<Explanation> {
        let rule = self.parameter(key)?;
        let places = self.parameters.get(key)?;
        let voices = rule
            .voices
            .iter()
            .zip(places.iter())
            .map(|(voice, (_, said))| Voice {
                pack: voice.pack.clone(),
                says: [("=", &voice.value), ("≥", &voice.least), ("≤", &voice.most)]
                    .iter()
                    .filter_map(|(sign, value)| value.as_ref().map(|value| format!("{sign} {}", words(value))))
                    .collect::<Vec<_>>()
                    .join(", "),
                basis: voice.basis.clone(),
                place: place(&voice.pack, &said.meta.place),
                wins: rule.winners.contains(&voice.pack),
            })
            .collect();
        let result = rule.value.as_ref().map_or_else(|| "（未設定）".to_owned(), words);
        Some(Explanation { kind: "parameter", name: key.to_owned(), title: rule.title, result, voices })
    }

    fn explain_field(&self, name: &str) -> Option<Explanation> {
        let (register, id) = name.split_once('.')?;
        let rule = self.register(register)?;
        let field = rule.field(id)?;
        let voices = self.registers.get(register)?.iter().flat_map(|(pack, said)| {
            said.fields.iter().filter(|field| field.id == id).map(move |field| Voice {
                pack: pack.to_owned(),
                says: format!("{:?}{}", field.required, if field.kind.is_some() { ", defines" } else { "" })
                    .to_lowercase(),
                basis: field.meta.basis.clone(),
                place: place(pack, &field.meta.place),
                wins: field.required != crate::pack::model::Stage::Never,
            })
        });
        let result = format!("{:?}, {:?}", field.kind, field.stage()).to_lowercase();
        Some(Explanation {
            kind: "field",
            name: name.to_owned(),
            title: field.title.clone(),
            result,
            voices: voices.collect(),
        })
    }

    fn explain_fact(&self, name: &str) -> Option<Explanation> {
        let (on, id) = name.split_once('.')?;
        let rule = self.fact(on, id)?;
        let voices = self.facts.get(&(on.to_owned(), id.to_owned()))?.iter().flat_map(|(pack, fact)| {
            fact.rows.iter().map(move |row| Voice {
                pack: pack.to_owned(),
                says: format!("{} → {}", row.when.text, row.title.ja),
                basis: row.meta.basis.clone(),
                place: place(pack, &row.meta.place),
                wins: true,
            })
        });
        let result = format!("{:?}", rule.hit).to_lowercase();
        Some(Explanation { kind: "fact", name: name.to_owned(), title: rule.title, result, voices: voices.collect() })
    }

    fn explain_act(&self, id: &str) -> Option<Explanation> {
        let act = self.act(id)?;
        let mut voices = voices_of(self.acts.get(id)?, |act| (act.title.ja.clone(), &act.meta));
        for ((pack, track_id), said) in &self.tracks {
            for step in said.iter().flat_map(|(_, track)| &track.steps).filter(|step| step.act == id) {
                let clocks: Vec<_> = step.clocks.iter().filter_map(|clock| clock.after.clone()).collect();
                voices.push(Voice {
                    pack: pack.clone(),
                    says: format!("{track_id}: {} {}", step.by.join(", "), clocks.join(", ")),
                    basis: step.meta.basis.clone(),
                    place: place(pack, &step.meta.place),
                    wins: true,
                });
            }
        }
        let result = format!("{} 手順", voices.len());
        Some(Explanation { kind: "act", name: id.to_owned(), title: act.title, result, voices })
    }

    fn explain_role(&self, id: &str) -> Option<Explanation> {
        let role = self.role(id)?;
        let voices = voices_of(self.roles.get(id)?, |role| {
            (role.charges.iter().map(|text| text.ja.clone()).collect::<Vec<_>>().join("、"), &role.meta)
        });
        let result = format!("rank {}", role.rank);
        Some(Explanation { kind: "role", name: id.to_owned(), title: role.title, result, voices })
    }
}

fn voices_of<T>(said: &Said<T>, read: impl Fn(&T) -> (String, &crate::pack::model::Meta)) -> Vec<Voice> {
    said.iter()
        .map(|(pack, item)| {
            let (says, meta) = read(item);
            Voice {
                pack: pack.to_owned(),
                says,
                basis: meta.basis.clone(),
                place: place(pack, &meta.place),
                wins: true,
            }
        })
        .collect()
}

fn place(pack: &str, place: &crate::pack::model::Place) -> String {
    format!("packs/{pack}/{}:{}", place.file, place.line)
}

/// A value in plain words.
#[must_use]
pub fn words(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Unknown => "不明".to_owned(),
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_json().to_string().trim_matches('"').to_owned(),
    }
}
