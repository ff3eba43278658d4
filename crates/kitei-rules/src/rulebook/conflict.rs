//! Conflicts: what adopted packs say that cannot hold together. They are listed and must be read before adopting.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Said, Sayings, parameter::Clash};
use crate::pack::model::{Field, GateEffect, Hit, Register, Source, Text};

/// A conflict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// Kind.
    pub kind: ConflictKind,
    /// Parameter key, field, fact or role it is about.
    pub about: String,
    /// Packs that disagree.
    pub packs: Vec<String>,
    /// In words.
    pub message: Text,
}

/// Kinds of conflicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    /// The same name with different kinds of values.
    TypeClash,
    /// Bounds that leave nothing.
    EmptyInterval,
    /// One pack demands what another refuses whenever it is demanded.
    DutyAgainstGate,
}

impl Sayings {
    /// Every conflict.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut out = Vec::new();
        self.parameter_conflicts(&mut out);
        self.field_conflicts(&mut out);
        self.fact_conflicts(&mut out);
        self.role_conflicts(&mut out);
        self.gate_conflicts(&mut out);
        out
    }

    fn parameter_conflicts(&self, out: &mut Vec<Conflict>) {
        for key in self.parameters.keys() {
            let Some(rule) = self.parameter(key) else { continue };
            let Some(clash) = rule.clash else { continue };
            let packs = rule.voices.iter().map(|voice| voice.pack.clone()).collect();
            let (kind, ja, en) = match clash {
                Clash::Kind => (ConflictKind::TypeClash, "値の種類が食い違います", "the kinds of values differ"),
                Clash::Value => (
                    ConflictKind::EmptyInterval,
                    "一つしか取れない値が食い違います",
                    "two values where only one may be",
                ),
                Clash::Empty => (ConflictKind::EmptyInterval, "満たせる値がありません", "no value satisfies all"),
            };
            let message = Text { ja: format!("{key}: {ja}"), en: format!("{key}: {en}") };
            out.push(Conflict { kind, about: key.clone(), packs, message });
        }
    }

    fn field_conflicts(&self, out: &mut Vec<Conflict>) {
        for id in self.registers.keys() {
            let Some(register) = self.register(id) else { continue };
            let lists = register.lists.iter().flat_map(|list| list.fields.iter().map(move |f| (Some(&list.id), f)));
            for (list, field) in register.fields.iter().map(|field| (None, field)).chain(lists) {
                let about =
                    list.map_or_else(|| format!("{id}.{}", field.id), |list| format!("{id}.{list}.{}", field.id));
                // Closed lists that leave no choice are bounds that leave nothing, as crossed bounds of numbers are.
                let crossed = field.least.zip(field.most).is_some_and(|(least, most)| least > most);
                let closed = self.voices(id, list, &field.id, |field| !field.only.is_empty());
                if crossed || (field.choices.is_empty() && !closed.is_empty()) {
                    let message = Text {
                        ja: format!("{about}: 満たせる値がありません"),
                        en: format!("{about}: no value satisfies all"),
                    };
                    let bounds = |field: &Field| field.least.is_some() || field.most.is_some();
                    let packs = if crossed { self.voices(id, list, &field.id, bounds) } else { closed };
                    out.push(Conflict { kind: ConflictKind::EmptyInterval, about: about.clone(), packs, message });
                }
                if field.clashing.is_empty() {
                    continue;
                }
                let message = Text {
                    ja: format!("{about}: 項目の種類が食い違います"),
                    en: format!("{about}: the kinds of the field differ"),
                };
                let packs = field.clashing.iter().map(|(pack, _)| pack.clone()).collect();
                out.push(Conflict { kind: ConflictKind::TypeClash, about, packs, message });
            }
        }
    }

    /// Packs that say something of a field.
    fn voices(&self, on: &str, list: Option<&String>, id: &str, says: impl Fn(&Field) -> bool) -> Vec<String> {
        let said = self.registers.get(on).into_iter().flat_map(Said::iter);
        let says = |(pack, register): (&str, &Register)| {
            let lists = register.lists.iter().filter(|known| Some(&known.id) == list).flat_map(|known| &known.fields);
            let fields = if list.is_none() { register.fields.as_slice() } else { &[] };
            fields.iter().chain(lists).any(|field| field.id == id && says(field)).then(|| pack.to_owned())
        };
        said.filter_map(says).collect()
    }

    fn fact_conflicts(&self, out: &mut Vec<Conflict>) {
        for ((on, id), said) in &self.facts {
            let kinds: BTreeSet<_> = said.iter().filter_map(|(_, fact)| fact.kind).collect();
            let tables: Vec<String> = said
                .iter()
                .filter(|(_, fact)| !fact.rows.is_empty())
                .map(|(pack, _)| pack.to_owned())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            let ordered = said.iter().any(|(_, fact)| fact.kind.is_some() && fact.hit == Hit::First);
            if kinds.len() > 1 || (ordered && tables.len() > 1) {
                let about = format!("{on}.{id}");
                let message = Text {
                    ja: format!("{about}: 判定の種類又は順序が食い違います"),
                    en: format!("{about}: the kinds or the order of the decision differ"),
                };
                out.push(Conflict { kind: ConflictKind::TypeClash, about, packs: tables, message });
            }
        }
    }

    /// Positions of which no one is permitted by all who name some: nobody could hold the role.
    fn role_conflicts(&self, out: &mut Vec<Conflict>) {
        for (id, said) in &self.roles {
            let nobody = self.role(id).and_then(|rule| rule.positions).is_some_and(|positions| positions.is_empty());
            if nobody {
                let naming = said.iter().filter(|(_, role)| !role.positions.is_empty());
                let packs = naming.map(|(pack, _)| pack.to_owned()).collect::<BTreeSet<_>>().into_iter().collect();
                let message = Text {
                    ja: format!("{id}: どの規程も認める役職がありません"),
                    en: format!("{id}: no position is permitted by all"),
                };
                out.push(Conflict { kind: ConflictKind::EmptyInterval, about: id.clone(), packs, message });
            }
        }
    }

    /// Refusals that strike whenever another pack asks for the act: seen where the gate's condition is one of those under
    /// which the act is asked for, so that the two cannot be told apart by any fact. A gate that yields to a limit of law
    /// asks a reason instead and is none.
    fn gate_conflicts(&self, out: &mut Vec<Conflict>) {
        for ((refusing, _), said) in &self.gates {
            for (_, gate) in said.iter() {
                let always = gate.effect == GateEffect::Refuse && gate.yields_to.is_none() && gate.fields.is_empty();
                if !always {
                    continue;
                }
                let conditions = parts(&gate.when.text).chain(gate.meta.applies.iter().flat_map(|a| parts(&a.text)));
                let strikes: BTreeSet<String> = conditions.filter(|part| part != "true").collect();
                for act in gate.at.iter().filter_map(|at| at.strip_prefix("act:")) {
                    for demand in self.demands(&gate.on, act).filter(|demand| demand.pack != *refusing) {
                        if !strikes.is_subset(&demand.under) {
                            continue;
                        }
                        let about = format!("{}.{act}", gate.on);
                        let (packs, id) = (vec![demand.pack.clone(), refusing.clone()], &gate.id);
                        let message = Text {
                            ja: format!(
                                "{about}: {} が求める行為を {refusing} の「{id}」がいつも拒みます",
                                demand.pack
                            ),
                            en: format!(
                                "{about}: what {} asks for is always refused by `{id}` of {refusing}",
                                demand.pack
                            ),
                        };
                        out.push(Conflict { kind: ConflictKind::DutyAgainstGate, about, packs, message });
                    }
                }
            }
        }
    }

    /// Where an act is asked for on records of a register: by which pack, under which conditions.
    fn demands<'s>(&'s self, on: &'s str, act: &'s str) -> impl Iterator<Item = Demand> + 's {
        let under = |conditions: &[Option<&Source>]| -> BTreeSet<String> {
            conditions.iter().flatten().flat_map(|source| parts(&source.text)).collect()
        };
        let tracks = self.tracks.iter().flat_map(|((pack, _), said)| said.iter().map(move |(_, track)| (pack, track)));
        let of_tracks = tracks.filter(move |(_, track)| track.on == on).flat_map(move |(pack, track)| {
            let steps = track.steps.iter().filter(move |step| step.act == act);
            steps.map(move |step| {
                let conditions = [&track.when, &track.meta.applies, &step.when, &step.meta.applies].map(Option::as_ref);
                Demand { pack: pack.clone(), under: under(&conditions) }
            })
        });
        let duties = self.duties.get(&(act.to_owned(), on.to_owned())).into_iter().flat_map(Said::iter);
        let of_duties = duties.map(move |(pack, duty)| Demand {
            pack: pack.to_owned(),
            under: under(&[duty.when.as_ref(), duty.meta.applies.as_ref()]),
        });
        of_tracks.chain(of_duties)
    }
}

/// An act that a pack asks for.
struct Demand {
    pack: String,
    /// The conditions that hold whenever it does.
    under: BTreeSet<String>,
}

/// The parts of a condition that are joined by `&&`, without the spaces between words.
fn parts(condition: &str) -> impl Iterator<Item = String> {
    let (mut out, mut part, mut depth, mut quote) = (Vec::new(), String::new(), 0_u32, None);
    let mut characters = condition.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '&') if depth == 0 && characters.peek() == Some(&'&') => {
                characters.next();
                out.push(std::mem::take(&mut part));
                continue;
            }
            // An alternative on the outside: the whole is one part.
            (None, '|' | '?') if depth == 0 => {
                return vec![condition.split_whitespace().collect()].into_iter();
            }
            (None, space) if space.is_whitespace() => continue,
            _ => {}
        }
        part.push(character);
    }
    out.push(part);
    out.into_iter()
}
