//! Conflicts: what adopted packs say that cannot hold together. They are listed and must be read before adopting.

use serde::Serialize;

use super::{Sayings, parameter::Clash};
use crate::pack::model::{Hit, Text};

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
    /// One pack demands what another refuses.
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
                if field.clashing.is_empty() {
                    continue;
                }
                let about =
                    list.map_or_else(|| format!("{id}.{}", field.id), |list| format!("{id}.{list}.{}", field.id));
                let message = Text {
                    ja: format!("{about}: 項目の種類が食い違います"),
                    en: format!("{about}: the kinds of the field differ"),
                };
                let packs = field.clashing.iter().map(|(pack, _)| pack.clone()).collect();
                out.push(Conflict { kind: ConflictKind::TypeClash, about, packs, message });
            }
        }
    }

    fn fact_conflicts(&self, out: &mut Vec<Conflict>) {
        for ((on, id), said) in &self.facts {
            let kinds: std::collections::BTreeSet<_> = said.iter().filter_map(|(_, fact)| fact.kind).collect();
            let tables: Vec<String> = said
                .iter()
                .filter(|(_, fact)| !fact.rows.is_empty())
                .map(|(pack, _)| pack.to_owned())
                .collect::<std::collections::BTreeSet<_>>()
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
}
