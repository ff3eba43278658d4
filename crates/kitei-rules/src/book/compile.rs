//! Compiling what packs say: every condition with its scope and type, all mistakes at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Book, BookBinding, BookClock, BookCompare, BookDuty, BookEffect, BookFact, BookField, BookFlag, BookGate,
    BookPaper, BookPropose, BookRetention, BookRow, BookSection, BookStep, BookTable, BookTrack, BookView, Names,
    Readers, TableRows,
};
use crate::{
    expr::{Compiled, ExprError, MomentKind, Options, Schema, Scope, Type, with_parser_stack},
    law::book::LawBook,
    pack::model::{Effect, Gate, Hit, Kind, Meta, Paper, Section, Source, Step, Track},
    rulebook::{FieldRule, LAW, RegisterRule, Said, Sayings, Setting, duty_period, literal},
    value::Value,
};

/// A condition of a pack that does not hold water.
#[derive(Clone, Debug, PartialEq)]
pub struct BookError {
    /// Pack.
    pub pack: String,
    /// Where the expression stands.
    pub source: Source,
    /// What is wrong in it.
    pub error: ExprError,
}

/// Compiles a rulebook.
#[derive(Debug)]
pub struct Compiler<'s> {
    sayings: &'s Sayings,
    book: Book,
    errors: Vec<BookError>,
}

impl<'s> Compiler<'s> {
    /// Compiles what packs say with the organisation's settings. The book is usable only when there are no errors.
    #[must_use]
    pub fn compile(sayings: &'s Sayings, settings: &BTreeMap<String, Setting>, version: i64) -> (Book, Vec<BookError>) {
        with_parser_stack(|| Self::run(sayings, settings, version))
    }

    fn run(sayings: &'s Sayings, settings: &BTreeMap<String, Setting>, version: i64) -> (Book, Vec<BookError>) {
        let book = Book {
            version,
            sayings: sayings.clone(),
            names: Names::of(sayings),
            settings: settings.clone(),
            law: law_of(sayings),
            ..Book::default()
        };
        let mut compiler = Self { sayings, book, errors: Vec::new() };
        compiler.parameters();
        compiler.roles();
        compiler.fields();
        compiler.facts();
        compiler.bindings();
        compiler.tracks();
        compiler.gates();
        compiler.flags();
        compiler.effects();
        compiler.proposals();
        compiler.duties();
        compiler.compares();
        compiler.views();
        compiler.papers();
        compiler.retentions();
        compiler.book.readers = Readers::of(&compiler.book);
        compiler.book.computed = computed(&compiler.book);
        (compiler.book, compiler.errors)
    }

    fn parameters(&mut self) {
        for key in self.sayings.parameters.keys() {
            let Some(rule) = self.sayings.parameter(key) else { continue };
            if let Some(value) = rule.in_force(self.book.settings.get(key)) {
                self.book.values.insert(key.clone(), value);
            }
            self.book.parameters.insert(key.clone(), rule);
        }
    }

    fn roles(&mut self) {
        for id in self.sayings.roles.keys() {
            self.book.roles.extend(self.sayings.role(id).map(|role| (id.clone(), role)));
        }
    }

    fn one(&mut self, pack: &str, source: &Source, scope: &Scope, want: Type) -> Option<Compiled> {
        match source.compile(scope, &self.book.names, Some(want)) {
            Ok(compiled) => Some(compiled),
            Err(errors) => self.note(pack, source, errors),
        }
    }

    fn any(&mut self, pack: &str, source: &Source, scope: &Scope) -> Option<Compiled> {
        match source.compile(scope, &self.book.names, None) {
            Ok(compiled) => Some(compiled),
            Err(errors) => self.note(pack, source, errors),
        }
    }

    fn note(&mut self, pack: &str, source: &Source, errors: Vec<ExprError>) -> Option<Compiled> {
        let at = |error| BookError { pack: pack.to_owned(), source: source.clone(), error };
        self.errors.extend(errors.into_iter().map(at));
        None
    }

    fn holds(&mut self, pack: &str, source: Option<&Source>, scope: &Scope) -> Option<Compiled> {
        source.and_then(|source| self.one(pack, source, scope, Type::Bool))
    }

    fn applies(&mut self, pack: &str, meta: &Meta) -> Option<Compiled> {
        self.holds(pack, meta.applies.as_ref(), &Scope::record("organization"))
    }

    fn fields(&mut self) {
        let registers: Vec<RegisterRule> = self.book.names.registers.values().cloned().collect();
        for register in &registers {
            for field in &register.fields {
                self.field(register, None, field);
            }
            for list in &register.lists {
                for field in &list.fields {
                    self.field(register, Some(&list.id), field);
                }
            }
        }
    }

    fn field(&mut self, register: &RegisterRule, list: Option<&String>, field: &FieldRule) {
        let scope = match list {
            Some(list) => Scope::line(&register.id, list),
            None => Scope::record(&register.id),
        };
        let kind = type_of(field.kind, field.choices.iter().map(|choice| &choice.id), field.to.as_deref());
        let pack = field.required.first().map_or("office", |requirement| requirement.pack.as_str()).to_owned();
        let out = BookField {
            required: field
                .required
                .iter()
                .map(|r| (r.stage, self.holds(&r.pack, r.when.as_ref(), &scope), r.basis.clone()))
                .collect(),
            shown: field.shown_when.iter().filter_map(|s| self.one(&pack, s, &scope, Type::Bool)).collect(),
            default: field.default.as_ref().and_then(|source| self.one(&pack, source, &scope, kind.clone())),
            value: field.value.as_ref().and_then(|source| self.one(&pack, source, &scope, kind)),
        };
        let lists = self.book.fields.entry(register.id.clone()).or_default();
        lists.entry(list.cloned().unwrap_or_default()).or_default().insert(field.id.clone(), out);
    }

    fn facts(&mut self) {
        for (on, id) in self.sayings.facts.keys() {
            let Some(fact) = self.sayings.fact(on, id) else { continue };
            let scope = Scope::record(on);
            let kind = type_of(fact.kind, fact.choices.iter().map(|choice| &choice.id), None);
            let rows = fact
                .rows
                .iter()
                .filter_map(|(pack, row)| {
                    let applies = self.applies(pack, &row.meta);
                    let when = self.one(pack, &row.when, &scope, Type::Bool)?;
                    let each = if fact.hit == Hit::All { fact.kind.of_list().unwrap_or(fact.kind) } else { fact.kind };
                    let value = row.value.as_ref().and_then(|value| literal(each, value)).unwrap_or(Value::Bool(true));
                    let (pack, id) = (pack.clone(), row.id.clone());
                    Some(BookRow {
                        pack,
                        id,
                        title: row.title.clone(),
                        when,
                        applies,
                        value,
                        basis: row.meta.basis.clone(),
                    })
                })
                .collect();
            let organization = Scope::record("organization");
            let book_fact = BookFact {
                kind: fact.kind,
                title: fact.title,
                hit: fact.hit,
                rows,
                value: fact.value.as_ref().and_then(|source| self.one("office", source, &scope, kind)),
                rule: fact.rule,
                overridable: fact.overridable,
                shown: fact.shown,
                applies: self.holds("office", fact.applies.as_ref(), &organization),
                basis: fact.basis,
                in_force: fact.in_force,
            };
            self.book.facts.entry(on.clone()).or_default().insert(id.clone(), book_fact);
        }
    }

    fn bindings(&mut self) {
        for ((rule, on), said) in &self.sayings.bindings {
            let scope = Scope::record(on);
            for (pack, binding) in said.iter() {
                let inputs = binding
                    .inputs
                    .iter()
                    .filter_map(|(name, source)| Some((name.clone(), self.any(pack, source, &scope)?)))
                    .collect();
                self.book.bindings.entry(on.clone()).or_default().push(BookBinding { rule: rule.clone(), inputs });
            }
        }
    }

    fn tracks(&mut self) {
        for ((pack, _), said) in &self.sayings.tracks {
            for (_, track) in said.iter() {
                let compiled = self.track(pack, track);
                self.book.tracks.entry(track.on.clone()).or_default().push(compiled);
            }
        }
    }

    fn track(&mut self, pack: &str, track: &Track) -> BookTrack {
        let scope = Scope::record(&track.on);
        BookTrack {
            applies: self.applies(pack, &track.meta),
            when: self.holds(pack, track.when.as_ref(), &scope),
            steps: track.steps.iter().map(|step| self.step(pack, &track.on, step)).collect(),
            track: track.clone(),
        }
    }

    fn step(&mut self, pack: &str, on: &str, step: &Step) -> BookStep {
        let scope = Scope::record(on);
        let doing = scope.clone().at(MomentKind::Gate);
        let each = step.each.as_ref().map_or_else(|| scope.clone(), |list| Scope::line(on, list));
        let clocks = step
            .clocks
            .iter()
            .map(|clock| BookClock {
                from: clock.from.as_ref().and_then(|source| self.any(pack, source, &scope)),
                at: clock.at.as_ref().and_then(|source| self.any(pack, source, &scope)),
                after: clock
                    .after
                    .as_ref()
                    .and_then(|text| duty_period(text, &|key| self.book.values.get(key).cloned())),
                clock: clock.clone(),
            })
            .collect();
        let remind = step.remind.as_ref();
        BookStep {
            remind: remind.and_then(|text| duty_period(text, &|key| self.book.values.get(key).cloned())),
            applies: self.applies(pack, &step.meta),
            when: self.holds(pack, step.when.as_ref(), &scope),
            needs_when: step
                .needs_when
                .iter()
                .filter_map(|(field, source)| Some((field.clone(), self.one(pack, source, &doing, Type::Bool)?)))
                .collect(),
            demands: step
                .demands
                .iter()
                .filter_map(|demand| Some((demand.clone(), self.one(pack, &demand.holds, &doing, Type::Bool)?)))
                .collect(),
            until: self.holds(pack, step.until.as_ref(), &each),
            again: self.holds(pack, step.again.as_ref(), &scope),
            waits: self.holds(pack, step.waits.as_ref(), &scope),
            locked: self.holds(pack, step.locked.as_ref(), &scope),
            clocks,
            step: step.clone(),
        }
    }

    fn gates(&mut self) {
        for ((pack, _), said) in &self.sayings.gates {
            for (_, gate) in said.iter() {
                let applies = self.applies(pack, &gate.meta);
                let scope = gate_scope(gate);
                if let Some(when) = self.one(pack, &gate.when, &scope, Type::Bool) {
                    let gates = self.book.gates.entry(gate.on.clone()).or_default();
                    gates.push(BookGate { gate: gate.clone(), applies, when });
                }
            }
        }
    }

    fn flags(&mut self) {
        for ((pack, _), said) in &self.sayings.flags {
            for (_, flag) in said.iter() {
                let applies = self.applies(pack, &flag.meta);
                let scope = match &flag.each {
                    Some(list) => Scope::line(&flag.on, list),
                    None => Scope::record(&flag.on),
                };
                if let Some(when) = self.one(pack, &flag.when, &scope, Type::Bool) {
                    let flags = self.book.flags.entry(flag.on.clone()).or_default();
                    flags.push(BookFlag { flag: flag.clone(), applies, when });
                }
            }
        }
    }

    fn effects(&mut self) {
        for ((pack, _), said) in &self.sayings.effects {
            for (_, effect) in said.iter() {
                let applies = self.applies(pack, &effect.meta);
                let scope = Scope::record(&effect.on).at(MomentKind::Gate);
                let when = self.holds(pack, effect.when.as_ref(), &scope);
                let set = self.effect_values(pack, effect, &scope);
                let compiled = BookEffect { effect: effect.clone(), applies, when, set };
                self.book.effects.entry(effect.on.clone()).or_default().push(compiled);
            }
        }
    }

    fn effect_values(&mut self, pack: &str, effect: &Effect, scope: &Scope) -> Vec<(String, Compiled)> {
        let target = self.effect_target(effect);
        effect
            .set
            .iter()
            .filter_map(|(field, source)| {
                let kind = target.as_ref().and_then(|target| self.book.names.name(target, field)).map(|name| name.kind);
                let compiled = match kind {
                    Some(kind) => self.one(pack, source, scope, kind),
                    None => self.any(pack, source, scope),
                };
                Some((field.clone(), compiled?))
            })
            .collect()
    }

    /// The scope in which the fields that an effect sets are named.
    fn effect_target(&self, effect: &Effect) -> Option<Scope> {
        if let Some(register) = &effect.create {
            return Some(Scope::record(register));
        }
        if let Some(list) = &effect.add_line {
            return Some(Scope::line(&effect.on, list));
        }
        match effect.update.as_deref() {
            Some("self") => Some(Scope::record(&effect.on)),
            Some(field) => self.book.names.link_field(&effect.on, field).map(Scope::record),
            None => None,
        }
    }

    fn proposals(&mut self) {
        for ((pack, _), said) in &self.sayings.proposals {
            for (_, propose) in said.iter() {
                let applies = self.applies(pack, &propose.meta);
                let when = self.holds(pack, propose.when.as_ref(), &Scope::record(&propose.on));
                let compiled = BookPropose { propose: propose.clone(), applies, when };
                self.book.proposals.entry(propose.on.clone()).or_default().push(compiled);
            }
        }
    }

    fn duties(&mut self) {
        let values = self.book.values.clone();
        for duty in self.sayings.duty_rules(&|key| values.get(key).cloned()) {
            let pack = duty.basis.first().map_or_else(String::new, |(pack, _)| pack.clone());
            let scope = Scope::record(&duty.each);
            let when = duty.when.iter().filter_map(|source| self.one(&pack, source, &scope, Type::Bool)).collect();
            self.book.duties.entry(duty.each.clone()).or_default().push(BookDuty { duty, when });
        }
    }

    fn compares(&mut self) {
        for ((pack, _), said) in &self.sayings.compares {
            for (_, compare) in said.iter() {
                let applies = self.applies(pack, &compare.meta);
                let (left, right) = (Scope::record(&compare.left), Scope::record(&compare.right));
                let left_when = self.holds(pack, compare.left_when.as_ref(), &left);
                let right_when = self.holds(pack, compare.right_when.as_ref(), &right);
                let left_key = self.any(pack, &compare.left_key, &left);
                let right_key = self.any(pack, &compare.right_key, &right);
                if let (Some(left_key), Some(right_key)) = (left_key, right_key) {
                    let compare = compare.clone();
                    let compiled = BookCompare { compare, applies, left_key, left_when, right_key, right_when };
                    self.book.compares.push(compiled);
                }
            }
        }
    }

    fn views(&mut self) {
        for ((pack, _), said) in &self.sayings.views {
            for (_, view) in said.iter() {
                let scope = Scope::record(&view.on);
                let when = self.holds(pack, view.when.as_ref(), &scope);
                let columns = view.columns.iter().filter_map(|c| self.any(pack, &c.value, &scope)).collect();
                self.book.views.entry(view.on.clone()).or_default().push(BookView {
                    view: view.clone(),
                    when,
                    columns,
                });
            }
        }
    }

    fn papers(&mut self) {
        for id in self.sayings.papers.keys() {
            let Some(rule) = self.sayings.paper(id) else { continue };
            if !rule.in_force {
                continue;
            }
            let scope = Scope::record(&rule.on);
            let said: Vec<Paper> =
                self.sayings.papers.get(id).into_iter().flat_map(|said| said.iter()).map(|(_, p)| p.clone()).collect();
            let sections = rule.sections.iter().map(|(pack, section)| self.section(pack, &rule.on, section)).collect();
            let paper = BookPaper {
                id: id.clone(),
                title: rule.title,
                when: rule.when.iter().filter_map(|source| self.one("office", source, &scope, Type::Bool)).collect(),
                template: rule.template,
                sections,
                approve: rule.approve,
                watch: rule.watch,
                basis: rule.basis,
                said,
            };
            self.book.papers.entry(rule.on.clone()).or_default().push(paper);
        }
    }

    fn retentions(&mut self) {
        for (id, said) in &self.sayings.registers {
            for (pack, register) in said.iter() {
                let Some(retention) = &register.retention else { continue };
                let scope = Scope::record(id);
                let period = |text: &Option<String>, values: &BTreeMap<String, Value>| {
                    text.as_ref().and_then(|text| duty_period(text, &|key| values.get(key).cloned()))
                };
                let said = BookRetention {
                    pack: pack.to_owned(),
                    least: period(&retention.at_least, &self.book.values),
                    most: period(&retention.at_most, &self.book.values),
                    from: retention.from.as_ref().and_then(|source| self.any(pack, source, &scope)),
                    rule: retention.rule.as_deref().and_then(crate::run::keeping::rule_of_law),
                    basis: register.meta.basis.clone(),
                };
                self.book.retention.entry(id.clone()).or_default().push(said);
            }
        }
    }

    fn section(&mut self, pack: &str, on: &str, section: &Section) -> BookSection {
        let scope = Scope::record(on);
        let rows = section
            .rows
            .iter()
            .filter_map(|row| Some((row.title.clone(), self.any(pack, &row.value, &scope)?)))
            .collect();
        let table = section.table.as_ref().map(|name| self.table(pack, on, name, section));
        BookSection {
            title: section.title.clone(),
            rows,
            table,
            text: section.text.clone(),
            required: section.required,
            basis: section.meta.basis.clone(),
        }
    }

    fn table(&mut self, pack: &str, on: &str, name: &str, section: &Section) -> BookTable {
        let (rows, scope) = if self.book.list(on, name).is_some() {
            (TableRows::Lines(name.to_owned()), Scope::line(on, name))
        } else if let Some(register) = self.book.names.link_field(on, name) {
            (TableRows::Links(name.to_owned()), Scope::record(register))
        } else {
            (TableRows::Register(name.to_owned()), Scope::record(name))
        };
        BookTable {
            rows,
            when: self.holds(pack, section.table_when.as_ref(), &scope),
            columns: section
                .columns
                .iter()
                .filter_map(|column| Some((column.title.clone(), self.any(pack, &column.value, &scope)?)))
                .collect(),
        }
    }
}

fn computed(book: &Book) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (register, facts) in &book.facts {
        out.entry(register.clone()).or_default().extend(facts.keys().cloned());
    }
    for (register, lists) in &book.fields {
        let own = lists.get("").into_iter().flatten().filter(|(_, field)| field.value.is_some());
        out.entry(register.clone()).or_default().extend(own.map(|(field, _)| field.clone()));
    }
    out
}

fn type_of<'a>(kind: Kind, choices: impl Iterator<Item = &'a String>, to: Option<&str>) -> Type {
    Type::of_kind(kind, &Options::new(choices.cloned()), to)
}

/// The law by date as the adopted `law-jp` says it; the law that the program ships when that pack has no rows.
///
/// Rows that make no book are errors of the pack (`pack::check`), so such a pack is never adopted.
fn law_of(sayings: &Sayings) -> LawBook {
    let rows = sayings.laws.values().flat_map(Said::iter).filter(|(pack, _)| *pack == LAW).map(|(_, row)| row);
    let pending = sayings.pending.values().flat_map(Said::iter).filter(|(pack, _)| *pack == LAW).map(|(_, law)| law);
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return LawBook::default();
    }
    LawBook::from_sayings(rows, pending).unwrap_or_default()
}

/// A gate on a line list is asked of the line; a gate on change may look at old values.
fn gate_scope(gate: &Gate) -> Scope {
    let list = gate.at.iter().find_map(|moment| moment.strip_prefix("line:"));
    let scope = match list {
        Some(list) => Scope::line(&gate.on, list),
        None => Scope::record(&gate.on),
    };
    let changing = gate.at.iter().all(|moment| matches!(moment.as_str(), "change" | "create"));
    scope.at(if changing || list.is_some() { MomentKind::Change } else { MomentKind::Gate })
}
