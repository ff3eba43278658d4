//! Hands every condition and expression of a pack to the compiler, with the scope in which it will be read.
//!
//! Invariant: which scope an expression has is decided here and nowhere else; who composes the rulebook walks the same list.

use super::{
    super::{
        diagnostic::Spot,
        model::{Field, Kind, Meta, Pack, Register, Source, Text, Track},
    },
    Report,
    index::Index,
    references::is_left_out,
};

/// What an expression may use beside the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Read at any time.
    Plain,
    /// Somebody is doing something: `acting`, `actor`.
    Deed,
    /// Something is being changed: also `before`, `setting`.
    Change,
}

/// Where an expression is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'s> {
    /// Register of the record.
    pub register: &'s str,
    /// Line list, when it is read of each line.
    pub list: Option<&'s str>,
    /// What it may use beside.
    pub moment: Moment,
}

/// What must come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Yes, no or unknown.
    Condition,
    /// A date or an instant.
    Instant,
    /// A value of this kind.
    Value(Kind),
    /// Anything that can be shown or compared.
    Anything,
}

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// 1-based column inside the expression.
    pub column: u32,
    /// What is wrong.
    pub message: Text,
    /// What would be right.
    pub expected: Text,
}

/// The compiler of expressions, as the check sees it.
pub trait ConditionCheck: Sync {
    /// Mistakes of one expression.
    fn check(&self, source: &Source, scope: &Scope<'_>, want: Want) -> Vec<Finding>;

    /// Whether a named rule of law or arithmetic exists (`breach.appi-final-limit`), or a family of them (`breach`).
    fn rule_exists(&self, _name: &str) -> bool {
        true
    }
}

/// Finds nothing: for tests and for packs whose names are checked alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoConditionCheck;

impl ConditionCheck for NoConditionCheck {
    fn check(&self, _: &Source, _: &Scope<'_>, _: Want) -> Vec<Finding> {
        Vec::new()
    }
}

pub(super) fn check(index: &Index<'_>, hook: &dyn ConditionCheck, report: &mut Report<'_>) {
    let mut pass = Pass { index, hook, report };
    for register in &index.own.registers {
        pass.register(register);
    }
    for track in &index.own.tracks {
        pass.track(track);
    }
    pass.acts();
    pass.facts();
    pass.outcomes();
    pass.documents();
    every_meta(index.own, &mut |meta| pass.maybe(meta.applies.as_ref(), plain("organization"), Want::Condition));
}

fn plain(register: &str) -> Scope<'_> {
    Scope { register, list: None, moment: Moment::Plain }
}

struct Pass<'c, 'p, 'r> {
    index: &'c Index<'p>,
    hook: &'c dyn ConditionCheck,
    report: &'c mut Report<'r>,
}

impl Pass<'_, '_, '_> {
    fn one(&mut self, source: &Source, scope: Scope<'_>, want: Want) {
        let exists = self.index.register(scope.register).is_some();
        let line = scope
            .list
            .is_none_or(|list| self.index.register(scope.register).is_some_and(|view| view.lists.contains_key(list)));
        // A register or list that does not exist has been reported where it is named.
        if is_left_out(source) || !exists || !line {
            return;
        }
        for finding in self.hook.check(source, &scope, want) {
            let spot = Spot { column: finding.column, ..Spot::place(self.report.pack, &source.place) };
            self.report.found.push(spot.error("condition", finding.message, finding.expected));
        }
    }

    fn maybe(&mut self, source: Option<&Source>, scope: Scope<'_>, want: Want) {
        if let Some(source) = source {
            self.one(source, scope, want);
        }
    }

    fn rule(&mut self, name: &str, meta: &Meta) {
        if !name.is_empty() && !self.hook.rule_exists(name) {
            self.report.error(
                &meta.place_of("rule"),
                "unknown-rule",
                Text {
                    ja: format!("計算「{name}」はありません。"), en: format!("there is no rule `{name}`")
                },
                Text::default(),
            );
        }
    }

    fn register(&mut self, register: &Register) {
        let scope = plain(&register.id);
        if let Some(retention) = &register.retention {
            self.maybe(retention.from.as_ref(), scope, Want::Instant);
            if let Some(rule) = &retention.rule {
                self.rule(rule, &register.meta);
            }
        }
        for field in &register.fields {
            self.field(field, scope);
        }
        for list in &register.lists {
            for field in &list.fields {
                self.field(field, Scope { list: Some(&list.id), ..scope });
            }
        }
    }

    fn field(&mut self, field: &Field, scope: Scope<'_>) {
        let value = field.kind.map_or(Want::Anything, Want::Value);
        self.maybe(field.required_when.as_ref(), scope, Want::Condition);
        self.maybe(field.shown_when.as_ref(), scope, Want::Condition);
        self.maybe(field.default.as_ref(), Scope { moment: Moment::Deed, ..scope }, value);
        self.maybe(field.value.as_ref(), scope, value);
    }

    /// Fields of an act are read on every register where a visible pack does the act.
    fn acts(&mut self) {
        for act in &self.index.own.acts {
            let tracks = self.index.visible.iter().flat_map(|pack| &pack.tracks);
            let on_tracks =
                tracks.filter(|track| track.steps.iter().any(|step| step.act == act.id)).map(|track| &track.on);
            let duties = self.index.visible.iter().flat_map(|pack| &pack.duties);
            let on_duties = duties.filter(|duty| duty.act == act.id).map(|duty| &duty.each);
            let registers: std::collections::BTreeSet<&str> = on_tracks.chain(on_duties).map(String::as_str).collect();
            for register in registers {
                for field in &act.fields {
                    self.field(field, Scope { moment: Moment::Deed, ..plain(register) });
                }
            }
        }
    }

    fn facts(&mut self) {
        for fact in &self.index.own.facts {
            for row in &fact.rows {
                self.one(&row.when, plain(&fact.on), Want::Condition);
            }
            let want = fact.kind.map_or(Want::Anything, Want::Value);
            self.maybe(fact.value.as_ref(), plain(&fact.on), want);
            if let Some(rule) = &fact.rule {
                self.rule(rule, &fact.meta);
            }
        }
        for binding in &self.index.own.bindings {
            self.rule(&binding.rule, &binding.meta);
            for source in binding.inputs.values() {
                self.one(source, plain(&binding.on), Want::Anything);
            }
        }
    }

    fn track(&mut self, track: &Track) {
        let record = plain(&track.on);
        self.maybe(track.when.as_ref(), record, Want::Condition);
        for step in &track.steps {
            let line = Scope { list: step.each.as_deref(), ..record };
            self.maybe(step.when.as_ref(), record, Want::Condition);
            for source in step.needs_when.values() {
                self.one(source, line, Want::Condition);
            }
            for demand in &step.demands {
                self.one(&demand.holds, Scope { moment: Moment::Deed, ..record }, Want::Condition);
            }
            self.maybe(step.until.as_ref(), line, Want::Condition);
            for source in [&step.again, &step.waits, &step.locked] {
                self.maybe(source.as_ref(), record, Want::Condition);
            }
            for clock in &step.clocks {
                self.maybe(clock.from.as_ref(), record, Want::Instant);
                self.maybe(clock.at.as_ref(), record, Want::Instant);
            }
        }
    }

    fn outcomes(&mut self) {
        for gate in &self.index.own.gates {
            let lists: Vec<Option<&str>> = gate.at.iter().map(|at| at.strip_prefix("line:")).collect();
            let list = lists.first().copied().flatten().filter(|first| lists.iter().all(|list| *list == Some(first)));
            let deeds = gate.at.iter().all(|at| at.contains(':') && !at.starts_with("line:"));
            let moment = if deeds { Moment::Deed } else { Moment::Change };
            self.one(&gate.when, Scope { register: &gate.on, list, moment }, Want::Condition);
        }
        for flag in &self.index.own.flags {
            self.one(&flag.when, Scope { list: flag.each.as_deref(), ..plain(&flag.on) }, Want::Condition);
        }
        for effect in &self.index.own.effects {
            let moment = if effect.at == "change" { Moment::Change } else { Moment::Deed };
            let scope = Scope { moment, ..plain(&effect.on) };
            self.maybe(effect.when.as_ref(), scope, Want::Condition);
            for source in effect.set.values() {
                self.one(source, scope, Want::Anything);
            }
        }
        for propose in &self.index.own.proposals {
            self.maybe(propose.when.as_ref(), plain(&propose.on), Want::Condition);
        }
        for duty in &self.index.own.duties {
            self.maybe(duty.when.as_ref(), plain(&duty.each), Want::Condition);
        }
        for question in &self.index.own.questions {
            self.maybe(question.when.as_ref(), plain("department"), Want::Condition);
        }
    }

    fn documents(&mut self) {
        for compare in &self.index.own.compares {
            self.one(&compare.left_key, plain(&compare.left), Want::Anything);
            self.maybe(compare.left_when.as_ref(), plain(&compare.left), Want::Condition);
            self.one(&compare.right_key, plain(&compare.right), Want::Anything);
            self.maybe(compare.right_when.as_ref(), plain(&compare.right), Want::Condition);
        }
        for view in &self.index.own.views {
            self.maybe(view.when.as_ref(), plain(&view.on), Want::Condition);
            for column in &view.columns {
                self.one(&column.value, plain(&view.on), Want::Anything);
            }
        }
        for paper in &self.index.own.papers {
            self.maybe(paper.when.as_ref(), plain(&paper.on), Want::Condition);
            for section in &paper.sections {
                for row in &section.rows {
                    self.one(&row.value, plain(&paper.on), Want::Anything);
                }
                let Some(table) = &section.table else { continue };
                let scope = table_scope(self.index, &paper.on, table);
                self.maybe(section.table_when.as_ref(), scope, Want::Condition);
                for column in &section.columns {
                    self.one(&column.value, scope, Want::Anything);
                }
            }
        }
    }
}

/// A table's rows are lines of a list, records that a field links to, or records of a register, in this order.
fn table_scope<'s>(index: &'s Index<'_>, on: &'s str, table: &'s str) -> Scope<'s> {
    if index.register(on).is_some_and(|view| view.lists.contains_key(table)) {
        return Scope { list: Some(table), ..plain(on) };
    }
    plain(index.path(on, table).and_then(|field| field.target()).unwrap_or(table))
}

/// The common part of every element and part of a pack.
fn every_meta<'p>(pack: &'p Pack, visit: &mut impl FnMut(&'p Meta)) {
    macro_rules! each {
        ($($list:ident),*) => { $(pack.$list.iter().for_each(|element| visit(&element.meta));)* };
    }
    each!(
        terms, parameters, roles, exclusives, bodies, acts, registers, presets, facts, bindings, tracks, gates, flags,
        effects, proposals, duties, compares, views, papers, rules, questions, supersedes
    );
    let fields = pack.registers.iter().flat_map(|register| &register.fields);
    fields.chain(pack.acts.iter().flat_map(|act| &act.fields)).for_each(|field| visit(&field.meta));
    for list in pack.registers.iter().flat_map(|register| &register.lists) {
        visit(&list.meta);
        list.fields.iter().for_each(|field| visit(&field.meta));
    }
    pack.facts.iter().flat_map(|fact| &fact.rows).for_each(|row| visit(&row.meta));
    for step in pack.tracks.iter().flat_map(|track| &track.steps) {
        visit(&step.meta);
        step.clocks.iter().for_each(|clock| visit(&clock.meta));
        step.demands.iter().for_each(|demand| visit(&demand.meta));
    }
    pack.papers.iter().flat_map(|paper| &paper.sections).for_each(|section| visit(&section.meta));
}
