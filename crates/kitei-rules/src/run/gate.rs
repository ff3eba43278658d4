//! Gates: what is refused, asked about or warned of at a moment.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Kernel,
    command::{Objection, Values},
    standing::Status,
};
use crate::{
    book::BookGate,
    pack::model::{ClockKind, GateEffect},
    value::Truth,
    world::Record,
};

/// What gates say at a moment.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Refusals.
    pub(super) refused: Vec<Objection>,
    /// Reasons asked.
    pub(super) asked: Vec<Objection>,
    /// Warnings.
    pub(super) warned: Vec<Objection>,
}

impl Verdict {
    pub(super) fn add(&mut self, effect: GateEffect, objection: Objection) {
        match effect {
            GateEffect::Refuse => self.refused.push(objection),
            GateEffect::Reason => self.asked.push(objection),
            GateEffect::Warn => self.warned.push(objection),
        }
    }
}

impl Kernel<'_> {
    /// What the gates of a register say at a moment (`create`, `change`, `close`, `dispose`, `act:ID`, `skip:ID`,
    /// `paper:ID`, `line:LIST`).
    pub(super) fn gates(&self, record: &Record, moment: &str, line: Option<Uuid>, set: &Values) -> Verdict {
        let mut verdict = Verdict::default();
        for gate in self.book.gates.get(&record.register).into_iter().flatten() {
            if !gate.gate.at.iter().any(|at| at == moment) || !self.awake(gate.applies.as_ref()) {
                continue;
            }
            if !gate.gate.fields.is_empty() && !gate.gate.fields.iter().any(|field| set.contains_key(field)) {
                continue;
            }
            let truth = self.truth(&gate.when, record.id, line);
            let strikes = truth == Truth::Yes || (truth == Truth::Unknown && gate.gate.strict);
            if strikes {
                verdict.add(self.yielding(record, gate), objection(gate, set));
            }
        }
        verdict
    }

    /// A gate that yields to a statutory limit asks a reason instead of refusing while that act is still owed.
    fn yielding(&self, record: &Record, gate: &BookGate) -> GateEffect {
        let Some(act) = &gate.gate.yields_to else { return gate.gate.effect };
        let owed = self.standing(record).into_iter().find(|standing| standing.act == *act).is_some_and(|standing| {
            let limit = |clock: &super::standing::ClockStanding| -> Option<Timestamp> {
                (clock.kind == ClockKind::Limit).then_some(clock.due).flatten()
            };
            !matches!(standing.status, Status::Done | Status::Skipped)
                && standing.clocks.iter().any(|c| limit(c).is_some())
        });
        if owed && gate.gate.effect == GateEffect::Refuse { GateEffect::Reason } else { gate.gate.effect }
    }
}

fn objection(gate: &BookGate, set: &Values) -> Objection {
    Objection {
        code: "gate".to_owned(),
        field: gate.gate.fields.iter().find(|field| set.contains_key(*field)).or(gate.gate.fields.first()).cloned(),
        source: Some(gate.gate.id.clone()),
        clauses: gate.gate.meta.basis.clone(),
        message: gate.gate.message.clone(),
    }
}
