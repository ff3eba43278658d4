//! Whether one composition asks for less, or permits more, than another.

use std::collections::BTreeSet;

use kitei_rules::{
    rulebook::{DutyRule, FieldRule, Sayings},
    value::{Period, Value},
};

/// What is said less strictly in `more` than in `base`, in words; empty when nothing is.
#[derive(Default)]
pub(crate) struct Weaker(Vec<String>);

impl Weaker {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    pub(crate) fn between(base: &Sayings, more: &Sayings) -> Vec<String> {
        let mut found = Self::default();
        found.sayings(base, more);
        found.parameters(base, more);
        found.roles(base, more);
        found.registers(base, more);
        found.facts(base, more);
        found.duties(base, more);
        found.papers(base, more);
        found.0
    }

    /// Nothing that was said is gone.
    fn sayings(&mut self, base: &Sayings, more: &Sayings) {
        let said = |sayings: &Sayings| -> BTreeSet<String> {
            let mut out = BTreeSet::new();
            macro_rules! each {
                ($($kind:ident),*) => {$(
                    for (key, said) in &sayings.$kind {
                        for (pack, item) in said.iter() {
                            out.insert(format!("{} {key:?} {pack} {item:?}", stringify!($kind)));
                        }
                    }
                )*};
            }
            each!(
                terms, parameters, roles, exclusives, bodies, acts, registers, presets, facts, bindings, tracks, gates,
                flags, effects, proposals, duties, compares, views, papers, rules, questions, supersedes, laws,
                pending
            );
            out.extend(sayings.clauses.iter().map(|(id, clause)| format!("clause {id} {clause:?}")));
            out
        };
        let (before, after) = (said(base), said(more));
        self.unless(before.is_subset(&after), || format!("no longer said: {:?}", before.difference(&after)));
    }

    fn parameters(&mut self, base: &Sayings, more: &Sayings) {
        for key in base.parameters.keys() {
            let (Some(old), Some(new)) = (base.parameter(key), more.parameter(key)) else {
                self.0.push(format!("parameter {key} is gone"));
                continue;
            };
            // What cannot be composed is refused when adopting, so nothing is in force that could be weaker.
            if new.clash.is_some() {
                continue;
            }
            let loose = old.value.as_ref().is_some_and(|old| new.value.as_ref().is_none_or(|now| new.looser(now, old)));
            self.unless(!loose, || format!("parameter {key}: {:?} after {:?}", new.value, old.value));
            let wider = |old: &Option<Value>, new: &Option<Value>, least: bool| match (old, new) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(old), Some(new)) if least => kitei_rules::rulebook::less(new, old),
                (Some(old), Some(new)) => kitei_rules::rulebook::less(old, new),
            };
            self.unless(!wider(&old.least, &new.least, true), || format!("parameter {key}: least"));
            self.unless(!wider(&old.most, &new.most, false), || format!("parameter {key}: most"));
            self.unless(new.fill || !old.fill, || format!("parameter {key}: no longer asked for"));
        }
    }

    fn roles(&mut self, base: &Sayings, more: &Sayings) {
        for id in base.roles.keys() {
            let (Some(old), Some(new)) = (base.role(id), more.role(id)) else {
                self.0.push(format!("role {id} is gone"));
                continue;
            };
            for (what, old, new) in [
                ("single", old.single, new.single),
                ("required", old.required, new.required),
                ("internal", old.internal, new.internal),
                ("deputy", old.deputy, new.deputy),
                ("per department", old.per_department, new.per_department),
            ] {
                self.unless(new || !old, || format!("role {id}: {what}"));
            }
            self.unless(old.needs.is_subset(&new.needs), || format!("role {id}: needs"));
            self.unless(old.appointed_by.is_subset(&new.appointed_by), || format!("role {id}: appointed by"));
            let narrower = match (&old.positions, &new.positions) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(old), Some(new)) => new.is_subset(old),
            };
            self.unless(narrower, || format!("role {id}: positions"));
        }
    }

    fn registers(&mut self, base: &Sayings, more: &Sayings) {
        for id in base.registers.keys() {
            let (Some(old), Some(new)) = (base.register(id), more.register(id)) else {
                self.0.push(format!("register {id} is gone"));
                continue;
            };
            // Whoever keeps or enters records has that to do: a duty, which unites.
            self.unless(old.owner.iter().all(|who| new.owner.contains(who)), || format!("register {id}: owner"));
            self.unless(old.write.iter().all(|who| new.write.contains(who)), || format!("register {id}: write"));
            self.unless(old.read.iter().all(|set| new.read.contains(set)), || format!("register {id}: read wider"));
            self.unless(new.single || !old.single, || format!("register {id}: single"));
            let kept_apart = old.department_field.is_none() || new.department_field.is_some();
            self.unless(kept_apart, || format!("register {id}: departments see each other"));
            let kept = old.retention.iter().all(|saying| new.retention.contains(saying));
            self.unless(kept, || format!("register {id}: retention"));
            self.fields(id, &old.fields, &new.fields);
            for list in &old.lists {
                let Some(now) = new.list(&list.id) else {
                    self.0.push(format!("list {id}.{} is gone", list.id));
                    continue;
                };
                self.unless(list.read.iter().all(|set| now.read.contains(set)), || format!("list {id}: read wider"));
                self.fields(id, &list.fields, &now.fields);
            }
            self.closed_lists(id, base, &new.fields);
        }
        for id in base.acts.keys() {
            let (Some(old), Some(new)) = (base.act(id), more.act(id)) else { continue };
            self.fields(id, &old.fields, &new.fields);
        }
    }

    fn fields(&mut self, of: &str, base: &[FieldRule], more: &[FieldRule]) {
        for old in base {
            let Some(new) = more.iter().find(|field| field.id == old.id) else {
                self.0.push(format!("field {of}.{} is gone", old.id));
                continue;
            };
            let at = |what: &str| format!("field {of}.{}: {what}", old.id);
            self.unless(new.stage() >= old.stage(), || at("stage"));
            self.unless(old.required.iter().all(|demand| new.required.contains(demand)), || at("required"));
            self.unless(old.read.iter().all(|set| new.read.contains(set)), || at("read wider"));
            self.unless(old.refuse.keys().all(|detector| new.refuse.contains_key(detector)), || at("refuse"));
            self.unless(old.warn.keys().all(|detector| new.warn.contains_key(detector)), || at("warn"));
            self.unless(old.open || !new.open, || at("stored in clear"));
            self.unless(old.least.is_none_or(|least| new.least.is_some_and(|now| now >= least)), || at("least"));
            self.unless(old.most.is_none_or(|most| new.most.is_some_and(|now| now <= most)), || at("most"));
            self.unless(old.kind == new.kind || !new.clashing.is_empty(), || at("kind"));
        }
    }

    /// "Exactly these": whatever else packs offer, only what every closed list permits can be chosen.
    fn closed_lists(&mut self, on: &str, base: &Sayings, more: &[FieldRule]) {
        let said = base.registers.get(on).into_iter().flat_map(|said| said.iter());
        for field in said.flat_map(|(_, register)| &register.fields).filter(|field| !field.only.is_empty()) {
            let now = more.iter().find(|now| now.id == field.id).expect("the field");
            let permitted = now.choices.iter().all(|choice| field.only.contains(&choice.id));
            self.unless(permitted, || format!("field {on}.{}: more than {:?}", field.id, field.only));
        }
    }

    fn facts(&mut self, base: &Sayings, more: &Sayings) {
        for (on, id) in base.facts.keys() {
            let (Some(old), Some(new)) = (base.fact(on, id), more.fact(on, id)) else { continue };
            self.unless(old.rows.iter().all(|row| new.rows.contains(row)), || format!("fact {on}.{id}: rows"));
            self.unless(old.overridable || !new.overridable, || format!("fact {on}.{id}: may be set by hand"));
            self.unless(new.shown || !old.shown, || format!("fact {on}.{id}: shown"));
        }
    }

    fn duties(&mut self, base: &Sayings, more: &Sayings) {
        let none = |_: &str| None;
        let now = more.duty_rules(&none);
        for old in base.duty_rules(&none) {
            let same = |new: &&DutyRule| new.act == old.act && new.each == old.each;
            let Some(new) = now.iter().find(same) else {
                self.0.push(format!("duty {} is gone", old.act));
                continue;
            };
            let length = |period: Period| i64::from(period.months) * 31 + i64::from(period.days);
            let at = |what: &str| format!("duty {} of {}: {what}", old.act, old.each);
            self.unless(length(new.period) <= length(old.period), || at("comes more seldom"));
            self.unless(old.months.is_subset(&new.months), || at("months"));
            let concerned =
                new.when.is_empty() || (!old.when.is_empty() && old.when.iter().all(|w| new.when.contains(w)));
            self.unless(concerned, || at("concerns fewer"));
            self.unless(old.needs.is_subset(&new.needs), || at("needs"));
            self.unless(old.after.is_subset(&new.after), || at("after"));
            self.unless(old.by.iter().all(|who| new.by.contains(who)), || at("by"));
            self.unless(approved(&old.approve, &new.approve), || at("approvals"));
        }
    }

    fn papers(&mut self, base: &Sayings, more: &Sayings) {
        for id in base.papers.keys() {
            let (Some(old), Some(new)) = (base.paper(id), more.paper(id)) else { continue };
            self.unless(approved(&old.approve, &new.approve), || format!("paper {id}: approvals"));
            let kept = old.sections.iter().all(|section| new.sections.contains(section));
            self.unless(kept, || format!("paper {id}: sections"));
            self.unless(new.watch || !old.watch, || format!("paper {id}: watched"));
        }
    }
}

/// Whoever meets the new sets meets every old one: each old set holds all roles of some new set.
fn approved(old: &[Vec<String>], new: &[Vec<String>]) -> bool {
    old.iter().all(|old| new.iter().any(|new| new.iter().all(|role| old.contains(role))))
}
