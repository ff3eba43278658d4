//! Ids that one pack gives twice.
//!
//! Invariant: only what defines counts. A role, act, body or fact without a title, and a register with `extends`, adds to
//! another and may stand several times.

use std::collections::BTreeMap;

use super::{
    diagnostic::{Diagnostic, Spot, say},
    model::{Choice, Field, Pack, Place},
};

/// Reports every id that was given before in the same pack.
pub(super) fn find(pack: &Pack, found: &mut Vec<Diagnostic>) {
    let mut seen = Seen { pack: &pack.id, given: BTreeMap::new(), found };
    for clause in &pack.clauses {
        seen.give("clause", &clause.id, &clause.place);
    }
    for case in &pack.cases {
        seen.give("case", &case.id, &case.place);
    }
    for parameter in &pack.parameters {
        seen.give("parameter", &parameter.key, &parameter.meta.place_of("key"));
        seen.choices(&parameter.key, &parameter.choices, &parameter.meta.place_of("choices"));
    }
    for act in pack.acts.iter().filter(|act| !act.title.ja.is_empty()) {
        seen.give("act", &act.id, &act.meta.place_of("id"));
        seen.fields(&act.id, &act.fields);
    }
    for role in pack.roles.iter().filter(|role| role.title.is_some()) {
        seen.give("role", &role.id, &role.meta.place_of("id"));
    }
    for body in pack.bodies.iter().filter(|body| body.title.is_some()) {
        seen.give("body", &body.id, &body.meta.place_of("id"));
        seen.choices(&body.id, &body.agenda, &body.meta.place_of("agenda"));
    }
    registers(pack, &mut seen);
    procedures(pack, &mut seen);
    macro_rules! plain {
        ($($list:ident $kind:literal),*) => {
            $(for element in &pack.$list {
                seen.give($kind, &element.id, &element.meta.place_of("id"));
            })*
        };
    }
    plain!(terms "term", exclusives "exclusive", presets "preset", gates "gate", flags "flag", effects "effect",
        proposals "propose", compares "compare", views "view", papers "paper", rules "rule", questions "question");
}

fn registers(pack: &Pack, seen: &mut Seen<'_>) {
    for register in &pack.registers {
        if !register.extends {
            seen.give("register", &register.id, &register.meta.place_of("id"));
        }
        seen.fields(&register.id, &register.fields);
        for list in &register.lists {
            let path = format!("{}.{}", register.id, list.id);
            if list.title.is_some() {
                seen.give("name", &path, &list.meta.place_of("id"));
            }
            seen.fields(&path, &list.fields);
        }
    }
}

fn procedures(pack: &Pack, seen: &mut Seen<'_>) {
    for fact in &pack.facts {
        let path = format!("{}.{}", fact.on, fact.id);
        if fact.kind.is_some() {
            seen.give("fact", &path, &fact.meta.place_of("id"));
        }
        seen.choices(&path, &fact.choices, &fact.meta.place_of("choices"));
        for row in &fact.rows {
            seen.give("row", &format!("{path}.{}", row.id), &row.meta.place_of("id"));
        }
    }
    for track in &pack.tracks {
        seen.give("track", &track.id, &track.meta.place_of("id"));
        for step in &track.steps {
            seen.give("step", &format!("{}.{}", track.id, step.act), &step.meta.place_of("act"));
        }
    }
    for binding in &pack.bindings {
        seen.give("binding", &format!("{}.{}", binding.on, binding.rule), &binding.meta.place_of("rule"));
    }
}

struct Seen<'s> {
    pack: &'s str,
    given: BTreeMap<(&'static str, String), Place>,
    found: &'s mut Vec<Diagnostic>,
}

impl Seen<'_> {
    fn give(&mut self, kind: &'static str, id: &str, place: &Place) {
        if id.is_empty() {
            return;
        }
        let Some(before) = self.given.insert((kind, id.to_owned()), place.clone()) else { return };
        let at = format!("{}:{}", before.file, before.line);
        self.found.push(Spot::place(self.pack, place).error(
            "duplicate-id",
            say(format!("「{id}」は {at} でもう使われています。"), format!("`{id}` is already given at {at}")),
            say("別の識別子にする。", "another id"),
        ));
    }

    fn fields(&mut self, whole: &str, fields: &[Field]) {
        for field in fields {
            let path = format!("{whole}.{}", field.id);
            if field.kind.is_some() {
                self.give("name", &path, &field.meta.place_of("id"));
            }
            self.choices(&path, &field.choices, &field.meta.place_of("choices"));
        }
    }

    fn choices(&mut self, whole: &str, choices: &[Choice], place: &Place) {
        for choice in choices {
            self.give("choice", &format!("{whole}.{}", choice.id), place);
        }
    }
}
