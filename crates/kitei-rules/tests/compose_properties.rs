//! Composition: the order and number of packs do not matter, and a pack that is added weakens nothing.
//!
//! Packs are generated with every kind of element that the language has, on names that they share. What is compared is
//! both what packs say and what is computed from it, down to the compiled book. Supersessions stand apart: only `law-jp`
//! sets something aside, and what it sets aside is listed.

#![expect(clippy::expect_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use kitei_rules::{
    book::{Book, Compiler},
    pack::{
        elements,
        model::{
            Act, Binding, Body, Case, Choice, Clause, Clock, Compare, Duty, Effect, Exclusive, Fact, Field, Flag, Gate,
            Hit, Kind, LawRow, LineList, Literal, Meta, Pack, Paper, Parameter, PendingLaw, Preset, Propose, Question,
            Register, Retention, Role, Row, Rule, Section, Source, Stage, Step, Stricter, Supersede, Term, Text, Track,
            View,
        },
    },
    rulebook::{ConflictKind, FieldRule, LAW, OFFICE, Sayings, duty_period},
    value::{Period, Value},
};
use proptest::{collection, prelude::*};

fn text(words: &str) -> Text {
    Text { ja: words.to_owned(), en: words.to_owned() }
}

fn source(words: &str) -> Source {
    Source { text: words.to_owned(), ..Source::default() }
}

fn choice(id: &str) -> Choice {
    Choice { id: id.to_owned(), title: text(id), aliases: Vec::new() }
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

/// Which of three names a number picks: names are shared, so packs speak of the same things.
fn pick<'n>(names: &[&'n str; 3], seed: usize) -> &'n str {
    names[seed % 3]
}

/// Some of three names, perhaps none.
fn some(names: &[&str; 3], seed: usize) -> Vec<String> {
    (0..3).filter(|at| seed >> at & 1 == 1).map(|at| names[at].to_owned()).collect()
}

const CHOICES: [&str; 3] = ["x", "y", "z"];
const ROLES: [&str; 3] = ["boss", "manager", "auditor"];
const ACTS: [&str; 3] = ["do", "check", "tell"];
const CONDITIONS: [&str; 3] = ["size > 1", "sort == \"x\"", "size > 1 && sort == \"x\""];
const PERIODS: [&str; 3] = ["P1Y", "P6M", "P1M"];
const KEYS: [(&str, Kind, Stricter); 7] = [
    ("low", Kind::Number, Stricter::Lower),
    ("high", Kind::Number, Stricter::Higher),
    ("same", Kind::Number, Stricter::Same),
    ("permitted", Kind::Choices, Stricter::Fewer),
    ("demanded", Kind::Choices, Stricter::More),
    ("soon", Kind::Period, Stricter::Lower),
    ("long", Kind::Period, Stricter::Higher),
];

/// The shared vocabulary: every name that generated packs use is defined here once.
fn office() -> Pack {
    let field = |id: &str, kind: Kind, choices: &[&str]| Field {
        id: id.to_owned(),
        kind: Some(kind),
        title: Some(text(id)),
        choices: choices.iter().map(|id| choice(id)).collect(),
        ..Field::default()
    };
    let register = |id: &str, fields: Vec<Field>, lists: Vec<LineList>| Register {
        id: id.to_owned(),
        title: Some(text(id)),
        fields,
        lists,
        ..Register::default()
    };
    Pack {
        id: OFFICE.to_owned(),
        roles: ROLES.map(|id| Role { id: id.to_owned(), title: Some(text(id)), ..Role::default() }).into(),
        acts: ACTS
            .map(|id| Act {
                id: id.to_owned(),
                title: text(id),
                fields: vec![field("how", Kind::Text, &[]), field("result", Kind::Choice, &CHOICES)],
                ..Act::default()
            })
            .into(),
        registers: vec![
            register(
                "thing",
                vec![
                    field("sort", Kind::Choice, &CHOICES),
                    field("size", Kind::Number, &[]),
                    field("name", Kind::Text, &[]),
                    Field { to: Some("other".to_owned()), ..field("other", Kind::Link, &[]) },
                    Field { to: Some("other".to_owned()), ..field("made", Kind::Link, &[]) },
                ],
                vec![LineList {
                    id: "parts".to_owned(),
                    title: Some(text("parts")),
                    fields: vec![field("amount", Kind::Number, &[]), field("what", Kind::Text, &[])],
                    ..LineList::default()
                }],
            ),
            register("other", vec![field("size", Kind::Number, &[]), field("name", Kind::Text, &[])], Vec::new()),
            register("organization", vec![field("size", Kind::Number, &[])], Vec::new()),
            register("person", vec![field("position", Kind::Choice, &CHOICES)], Vec::new()),
        ],
        bodies: vec![Body { id: "council".to_owned(), title: Some(text("council")), ..Body::default() }],
        facts: [("level", Hit::Max), ("grounds", Hit::Any), ("exempt", Hit::Every)]
            .map(|(id, hit)| Fact {
                on: "thing".to_owned(),
                id: id.to_owned(),
                title: Some(text(id)),
                kind: Some(if hit == Hit::Max { Kind::Number } else { Kind::YesNo }),
                hit,
                ..Fact::default()
            })
            .into(),
        papers: vec![Paper {
            id: "report".to_owned(),
            on: "thing".to_owned(),
            title: text("report"),
            ..Paper::default()
        }],
        ..Pack::default()
    }
}

/// Kinds of elements that [`add`] makes.
const ELEMENTS: usize = 27;

/// Adds one element of a kind to a pack; `a`, `b` and `c` vary what it says.
fn add(pack: &mut Pack, kind: usize, (a, b, c): (usize, usize, usize)) {
    let meta = || Meta {
        pack: pack.id.clone(),
        basis: vec![format!("{}-1", pack.id)],
        applies: (c % 5 == 4).then(|| source("size > 1")),
        ..Meta::default()
    };
    let (own, on) = (format!("own{}", a % 3), "thing".to_owned());
    let when = || (b % 2 == 0).then(|| source(pick(&CONDITIONS, a)));
    match kind {
        0 => parameter(pack, a, b, c),
        1 => pack.roles.push(Role {
            meta: meta(),
            id: pick(&ROLES, a).to_owned(),
            rank: (b % 2 == 0).then_some(u32::try_from(c % 50).unwrap_or_default()),
            single: c % 2 == 0,
            required: b % 3 == 0,
            internal: c % 3 == 0,
            deputy: b % 4 == 0,
            per_department: c % 7 == 0,
            positions: some(&CHOICES, b),
            needs: some(&["competence", "fairness", "authority"], c),
            appointed_by: (b % 5 == 0).then(|| pick(&ROLES, c).to_owned()),
            charges: vec![text(&own)],
            sees: some(&["thing", "other", "*"], a),
            ..Role::default()
        }),
        2 => pack.exclusives.push(Exclusive { meta: meta(), id: own, roles: some(&ROLES, b | 3) }),
        3 => pack.bodies.push(Body {
            meta: meta(),
            id: "council".to_owned(),
            members: some(&ROLES, a),
            quorum: Some(u32::try_from(b % 5).unwrap_or_default()),
            ..Body::default()
        }),
        4 => pack.acts.push(Act {
            meta: meta(),
            id: pick(&ACTS, a).to_owned(),
            fields: vec![field(if b % 2 == 0 { "how" } else { "result" }, a, b, c)],
            ..Act::default()
        }),
        5 => pack.registers.push(Register {
            meta: meta(),
            id: on,
            extends: true,
            single: a % 6 == 0,
            owner: some(&ROLES, a),
            read: some(&ROLES, b),
            write: some(&ROLES, c),
            department_field: (a % 4 == 0).then(|| "other".to_owned()),
            retention: (b % 3 == 0).then(|| Retention {
                at_least: Some(pick(&PERIODS, a).to_owned()),
                at_most: Some(pick(&["P10Y", "P7Y", "P5Y"], c).to_owned()),
                ..Retention::default()
            }),
            fields: vec![field(pick(&["sort", "size", "name"], a), a, b, c)],
            lists: (c % 2 == 0)
                .then(|| LineList {
                    meta: meta(),
                    id: "parts".to_owned(),
                    read: some(&ROLES, a),
                    fields: vec![field(if a % 2 == 0 { "amount" } else { "what" }, a, b, c)],
                    ..LineList::default()
                })
                .into_iter()
                .collect(),
            ..Register::default()
        }),
        6 => pack.presets.push(Preset {
            meta: meta(),
            id: own,
            on,
            title: text("preset"),
            set: BTreeMap::from([("size".to_owned(), Literal::Int(1))]),
        }),
        7 | 8 => {
            let id = pick(&["level", "grounds", "exempt"], a);
            pack.facts.push(Fact {
                meta: meta(),
                on,
                id: id.to_owned(),
                overridable: b % 2 == 0,
                shown: c % 2 == 0,
                rows: vec![Row {
                    meta: meta(),
                    id: own,
                    title: text("row"),
                    when: source(pick(&CONDITIONS, b)),
                    value: (id == "level").then(|| Literal::Int(i64::try_from(c % 4).unwrap_or_default())),
                    ..Row::default()
                }],
                ..Fact::default()
            });
        }
        9 => pack.bindings.push(Binding {
            meta: meta(),
            rule: "breach".to_owned(),
            on,
            inputs: BTreeMap::from([("persons".to_owned(), source("size"))]),
        }),
        10 | 11 => pack.tracks.push(Track {
            meta: meta(),
            id: own,
            on,
            title: text("track"),
            when: when(),
            steps: vec![Step {
                meta: meta(),
                act: pick(&ACTS, b).to_owned(),
                by: some(&ROLES, a | 1),
                approve: vec![some(&ROLES, c | 2)],
                needs: words(&["size"]),
                clocks: vec![Clock {
                    meta: meta(),
                    from: Some(source("opened_at()")),
                    after: Some("P3D".to_owned()),
                    ..Clock::default()
                }],
                ..Step::default()
            }],
            ..Track::default()
        }),
        12 => pack.gates.push(Gate {
            meta: meta(),
            id: own,
            on,
            at: vec![format!("act:{}", pick(&ACTS, a))],
            when: source(pick(&CONDITIONS, b)),
            message: text("gate"),
            ..Gate::default()
        }),
        13 => pack.flags.push(Flag {
            meta: meta(),
            id: own,
            on,
            when: source(pick(&CONDITIONS, b)),
            message: text("flag"),
            ..Flag::default()
        }),
        14 => pack.effects.push(Effect {
            meta: meta(),
            id: own,
            on,
            at: "create".to_owned(),
            create: Some("other".to_owned()),
            link: Some("made".to_owned()),
            set: BTreeMap::from([("size".to_owned(), source("size"))]),
            ..Effect::default()
        }),
        15 => pack.proposals.push(Propose {
            meta: meta(),
            id: own,
            on: "other".to_owned(),
            fields: words(&["size"]),
            through: on,
            target: "other".to_owned(),
            applied_by: pick(&ACTS, a).to_owned(),
            ..Propose::default()
        }),
        16 | 17 => pack.duties.push(Duty {
            meta: meta(),
            act: pick(&ACTS, a).to_owned(),
            each: on,
            when: when(),
            period: pick(&PERIODS, b).to_owned(),
            month: (c % 2 == 0).then(|| (c % 12 + 1).to_string()),
            by: some(&ROLES, c),
            approve: vec![some(&ROLES, b | 1)],
            needs: some(&["how", "result", "how"], c),
            after: some(&ACTS, b),
            ..Duty::default()
        }),
        18 => pack.compares.push(Compare {
            meta: meta(),
            id: own,
            title: text("compare"),
            left: on,
            left_key: source("size"),
            right: "other".to_owned(),
            right_key: source("size"),
            only_left: Some(text("left")),
            ..Compare::default()
        }),
        19 => pack.views.push(View { meta: meta(), id: own, on, title: text("view"), when: when(), ..View::default() }),
        20 => pack.papers.push(Paper {
            meta: meta(),
            id: "report".to_owned(),
            on,
            when: when(),
            sections: vec![Section { meta: meta(), title: text(&own), required: c % 2 == 0, ..Section::default() }],
            approve: vec![some(&ROLES, a | 1)],
            watch: b % 2 == 0,
            ..Paper::default()
        }),
        21 => {
            pack.rules.push(Rule { meta: meta(), id: own, text: text("rule"), who: some(&ROLES, a), ..Rule::default() })
        }
        22 => pack.questions.push(Question { meta: meta(), id: own, text: text("question"), ..Question::default() }),
        23 => pack.terms.push(Term {
            meta: meta(),
            id: pick(&["breach", "leak", "loss"], a).to_owned(),
            title: text("term"),
            meaning: text("meaning"),
            ..Term::default()
        }),
        24 => pack.laws.push(LawRow {
            meta: meta(),
            rule: own,
            article: "article 1".to_owned(),
            value: Some(Literal::Int(1)),
            ..LawRow::default()
        }),
        25 => {
            pack.pending.push(PendingLaw { meta: meta(), law: own, subject: text("subject"), ..PendingLaw::default() })
        }
        _ => {
            let id = format!("{}-{}", pack.id, a % 3);
            if !pack.clauses.iter().any(|known| known.id == id) {
                pack.clauses.push(Clause { id, ..Clause::default() });
            }
            pack.cases.push(Case { id: own, ..Case::default() });
        }
    }
}

/// A reference to a field of the vocabulary.
fn field(id: &str, a: usize, b: usize, c: usize) -> Field {
    let (of_choice, of_number) = (matches!(id, "sort" | "result"), matches!(id, "size" | "amount"));
    Field {
        meta: Meta { basis: words(&["X-1"]), ..Meta::default() },
        id: id.to_owned(),
        required: [Stage::Never, Stage::Complete, Stage::Save, Stage::Close][b % 4],
        required_when: (c % 3 == 0 && id != "how" && id != "result").then(|| source("true")),
        choices: if of_choice { some(&CHOICES, a).iter().map(|id| choice(id)).collect() } else { Vec::new() },
        only: if of_choice { some(&CHOICES, b) } else { Vec::new() },
        open: a % 2 == 0,
        refuse: if c % 2 == 0 { words(&["my-number"]) } else { Vec::new() },
        warn: if c % 2 == 1 { words(&["my-number"]) } else { Vec::new() },
        read: some(&ROLES, c),
        least: of_number.then(|| i64::try_from(a % 4).unwrap_or_default()),
        most: of_number.then(|| i64::try_from(b % 8).unwrap_or_default()),
        column: a % 3 == 0,
        ..Field::default()
    }
}

fn parameter(pack: &mut Pack, a: usize, b: usize, c: usize) {
    let (key, kind, stricter) = KEYS[a % KEYS.len()];
    let literal = |seed: usize| match kind {
        Kind::Number => Literal::Int(i64::try_from(seed % 9).unwrap_or_default()),
        Kind::Period => Literal::Text(pick(&["P1D", "P30D", "P1M"], seed).to_owned()),
        _ => Literal::List(some(&CHOICES, seed).into_iter().map(Literal::Text).collect()),
    };
    let bounded = kind != Kind::Choices;
    pack.parameters.push(Parameter {
        meta: Meta { pack: pack.id.clone(), ..Meta::default() },
        key: key.to_owned(),
        title: text(key),
        kind,
        unit: None,
        stricter,
        value: (c % 3 > 0).then(|| literal(b)),
        least: (bounded && b % 4 == 0).then(|| literal(c)),
        most: (bounded && c % 4 == 0).then(|| literal(a)),
        fill: c % 3 == 0 && a % 2 == 0,
        suggest: None,
        choices: if bounded { Vec::new() } else { CHOICES.map(choice).into() },
    });
}

/// Packs `p0` to `p3`, each with some elements.
fn packs() -> impl Strategy<Value = Vec<Pack>> {
    let seed = (0..64_usize, 0..64_usize, 0..64_usize);
    let elements = collection::vec((0..ELEMENTS, seed), 0..14);
    collection::vec(elements, 2..5).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(number, elements)| {
                let mut pack = Pack { id: format!("p{number}"), title: text("pack"), ..Pack::default() };
                elements.into_iter().for_each(|(kind, seed)| add(&mut pack, kind, seed));
                pack
            })
            .collect()
    })
}

fn composed<'p>(packs: impl IntoIterator<Item = &'p Pack>) -> Sayings {
    let office = office();
    let all: Vec<&Pack> = packs.into_iter().collect();
    Sayings::compose(std::iter::once(&office).chain(all))
}

/// The book with its conditions compiled; generated packs have no mistakes, so there must be none.
fn book(sayings: &Sayings) -> Book {
    let (book, errors) = Compiler::compile(sayings, &BTreeMap::new(), 1);
    assert!(
        errors.is_empty(),
        "{:?}",
        errors.iter().map(|e| (&e.source.text, e.error.to_string())).collect::<Vec<_>>()
    );
    book
}

/// Everything that is computed from what packs say, as text that can be compared.
fn computed(sayings: &Sayings) -> String {
    let mut book = book(sayings);
    book.sayings = Sayings::default();
    format!("{book:?}{:?}", sayings.conflicts())
}

/// What is said less strictly in `more` than in `base`, in words; empty when nothing is.
#[derive(Default)]
struct Weaker(Vec<String>);

impl Weaker {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    fn between(base: &Sayings, more: &Sayings) -> Vec<String> {
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
            let same = |new: &&kitei_rules::rulebook::DutyRule| new.act == old.act && new.each == old.each;
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn order_and_number_do_not_matter(packs in packs(), turn in 0..4_usize) {
        let whole = composed(&packs);
        let mut turned = packs.clone();
        turned.rotate_left(turn % packs.len());
        let backwards: Vec<Pack> = packs.iter().rev().cloned().collect();
        for other in [&turned, &backwards] {
            let other = composed(other);
            prop_assert_eq!(&whole, &other);
            prop_assert_eq!(computed(&whole), computed(&other));
        }
        // Two at a time, from either side, and what stands there already once more.
        let parts: Vec<Sayings> = packs.iter().map(Sayings::of).collect();
        let left = parts.iter().cloned().reduce(Sayings::join).expect("packs");
        let right = parts.iter().cloned().rev().reduce(|joined, next| next.join(joined)).expect("packs");
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(left.clone().join(left.clone()), left.clone());
        let again = parts.into_iter().fold(left.clone(), Sayings::join);
        prop_assert_eq!(again, left);
    }

    #[test]
    fn adding_a_pack_weakens_nothing(packs in packs()) {
        for missing in 0..packs.len() {
            let some = packs.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, pack)| pack);
            let weaker = Weaker::between(&composed(some), &composed(&packs));
            prop_assert!(weaker.is_empty(), "p{missing} weakens: {weaker:#?}");
        }
    }

    /// A conflict that is there stays until one of those who disagree leaves.
    #[test]
    fn a_conflict_does_not_go_away_by_adding(packs in packs()) {
        let (last, some) = packs.split_last().expect("packs");
        let _ = last;
        let about = |sayings: &Sayings| -> BTreeSet<(String, String)> {
            let kind = |conflict: &kitei_rules::rulebook::Conflict| format!("{:?}", conflict.kind);
            sayings.conflicts().iter().map(|conflict| (kind(conflict), conflict.about.clone())).collect()
        };
        let (before, after) = (about(&composed(some)), about(&composed(&packs)));
        prop_assert!(before.is_subset(&after), "{:?}", before.difference(&after).collect::<Vec<_>>());
    }
}

/// Only the law sets something aside, it is listed with its article, and nothing else is weaker for it.
#[test]
fn only_the_law_sets_an_element_aside() {
    let mut regulation = Pack { id: "p".to_owned(), ..Pack::default() };
    regulation.clauses.push(Clause { id: "P-1".to_owned(), ..Clause::default() });
    add(&mut regulation, 12, (0, 0, 0));
    add(&mut regulation, 13, (0, 0, 0));
    let supersede = Supersede {
        meta: Meta { basis: words(&["A-1"]), ..Meta::default() },
        clause: "P-1".to_owned(),
        element: Some("gate:own0".to_owned()),
        reason: text("why"),
    };
    for (id, gone) in [(LAW, true), ("q", false)] {
        let other = Pack { id: id.to_owned(), supersedes: vec![supersede.clone()], ..Pack::default() };
        let base = composed([&regulation]);
        let more = composed([&regulation, &other]);
        assert_eq!(more.superseded().len(), usize::from(gone), "{id}");
        assert_eq!(more.gates.is_empty(), gone, "{id}");
        assert_eq!(more.flags, base.flags);
        let weaker = Weaker::between(&base, &more);
        assert_eq!(weaker.len(), usize::from(gone), "{weaker:?}");
        if gone {
            let ((owner, element), said) = more.superseded().into_iter().next().expect("listed");
            assert_eq!((owner.as_str(), element.as_str()), ("p", "gate:own0"));
            assert_eq!((said.meta.basis.as_slice(), said.reason.ja.as_str()), (words(&["A-1"]).as_slice(), "why"));
            assert!(elements::elements(&regulation).iter().any(|known| known.id == element), "by its name in the pack");
        }
    }
}

/// Two packs that ask for the same parameter, register or act from both sides.
fn two(left: impl FnOnce(&mut Pack), right: impl FnOnce(&mut Pack)) -> Sayings {
    let (mut a, mut b) =
        (Pack { id: "a".to_owned(), ..Pack::default() }, Pack { id: "b".to_owned(), ..Pack::default() });
    left(&mut a);
    right(&mut b);
    composed([&a, &b])
}

fn extending(field: Field) -> Register {
    Register { id: "thing".to_owned(), extends: true, fields: vec![field], ..Register::default() }
}

#[test]
fn closed_lists_intersect_and_an_empty_one_is_a_conflict() {
    let only = |ids: &[&str]| {
        let register = extending(Field { id: "sort".to_owned(), only: words(ids), ..Field::default() });
        move |pack: &mut Pack| pack.registers.push(register)
    };
    let offered = |sayings: &Sayings| -> Vec<String> {
        let register = sayings.register("thing").expect("the register");
        register.field("sort").expect("the field").choices.iter().map(|choice| choice.id.clone()).collect()
    };
    let both = two(only(&["x", "y"]), only(&["y", "z"]));
    assert_eq!((offered(&both), both.conflicts()), (words(&["y"]), Vec::new()));
    let neither = two(only(&["x"]), only(&["z"]));
    let found = neither.conflicts();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].about.as_str()), (ConflictKind::EmptyInterval, "thing.sort"));
    assert_eq!(found[0].packs, ["a", "b"]);
}

/// The other polarity: a list of what is demanded grows, a list of what is permitted shrinks.
#[test]
fn lists_of_parameters_have_two_polarities() {
    for (key, stricter, expected) in
        [("permitted", Stricter::Fewer, vec!["y"]), ("demanded", Stricter::More, vec!["x", "y", "z"])]
    {
        let says = |ids: [&str; 2]| {
            let value = Literal::List(ids.iter().map(|id| Literal::Text((*id).to_owned())).collect());
            move |pack: &mut Pack| {
                parameter(pack, KEYS.iter().position(|(known, ..)| *known == key).expect("the key"), 1, 1);
                let parameter = pack.parameters.last_mut().expect("just added");
                (parameter.value, parameter.stricter) = (Some(value), stricter);
            }
        };
        let rule = two(says(["x", "y"]), says(["y", "z"])).parameter(key).expect("the parameter");
        let expected = expected.into_iter().map(|id| Value::Text(id.to_owned())).collect();
        assert_eq!((rule.value, rule.clash), (Some(Value::List(expected)), None));
    }
}

/// Retention has a least and a most, and neither is lost: the longest least and the shortest most stand.
#[test]
fn retention_keeps_its_least_and_its_most() {
    let keeps = |least: &str, most: &str| {
        let retention =
            Retention { at_least: Some(least.to_owned()), at_most: Some(most.to_owned()), ..Retention::default() };
        let register =
            Register { id: "thing".to_owned(), extends: true, retention: Some(retention), ..Register::default() };
        move |pack: &mut Pack| pack.registers.push(register)
    };
    let rule = two(keeps("P1Y", "P10Y"), keeps("P3Y", "P5Y")).register("thing").expect("the register");
    let periods = |pick: fn(&Retention) -> &Option<String>| -> Vec<i32> {
        let said = rule.retention.iter().filter_map(|(_, retention)| pick(retention).as_deref());
        said.filter_map(|text| duty_period(text, &|_| None)).map(|period| period.months / 12).collect()
    };
    assert_eq!(periods(|retention| &retention.at_least).into_iter().max(), Some(3));
    assert_eq!(periods(|retention| &retention.at_most).into_iter().min(), Some(5));
}

#[test]
fn who_reads_must_satisfy_every_pack() {
    let reads = |who: &str| {
        let register = Register { id: "thing".to_owned(), extends: true, read: words(&[who]), ..Register::default() };
        move |pack: &mut Pack| pack.registers.push(register)
    };
    let rule = two(reads("boss"), reads("auditor")).register("thing").expect("the register");
    assert_eq!(rule.read, [words(&["boss"]), words(&["auditor"])]);
}

/// What one pack asks for may not be what another always refuses; where a fact tells them apart there is no conflict.
#[test]
fn a_duty_against_a_gate_is_a_conflict() {
    let asks = |when: &str| {
        let step = Step { act: "do".to_owned(), when: Some(source("size > 1")), ..Step::default() };
        let track = Track {
            id: "t".to_owned(),
            on: "thing".to_owned(),
            when: (!when.is_empty()).then(|| source(when)),
            steps: vec![step],
            ..Track::default()
        };
        move |pack: &mut Pack| pack.tracks.push(track)
    };
    let refuses = |when: &str, change: fn(&mut Gate)| {
        let mut gate = Gate {
            id: "g".to_owned(),
            on: "thing".to_owned(),
            at: words(&["act:do"]),
            when: source(when),
            ..Gate::default()
        };
        change(&mut gate);
        move |pack: &mut Pack| pack.gates.push(gate)
    };
    let keep: fn(&mut Gate) = |_| {};
    let cases: [(&str, &str, fn(&mut Gate), bool); 9] = [
        ("", "true", keep, true),
        ("", "size > 1", keep, true),
        ("sort == \"x\"", "size>1 && sort == \"x\"", keep, true),
        ("sort == \"x\"", "sort == \"x\"", keep, true),
        // The gate strikes under a condition more than the duty has: a fact tells them apart.
        ("", "size > 1 && sort == \"x\"", keep, false),
        ("sort == \"x\" || size > 2", "sort == \"x\"", keep, false),
        ("", "true", |gate| gate.effect = kitei_rules::pack::model::GateEffect::Reason, false),
        ("", "true", |gate| gate.yields_to = Some("tell".to_owned()), false),
        ("", "true", |gate| gate.at = words(&["act:check"]), false),
    ];
    for (asked, gate, change, conflict) in cases {
        let found = two(asks(asked), refuses(gate, change)).conflicts();
        let expected: Vec<ConflictKind> = conflict.then_some(ConflictKind::DutyAgainstGate).into_iter().collect();
        assert_eq!(found.iter().map(|one| one.kind).collect::<Vec<_>>(), expected, "{asked} against {gate}");
        if let Some(one) = found.first() {
            assert_eq!((one.about.as_str(), one.packs.as_slice()), ("thing.do", words(&["a", "b"]).as_slice()));
            assert!(one.message.ja.contains("いつも拒みます") && one.message.en.contains("always refused"));
        }
    }
    // A duty that comes back is one too; within one pack the checker and its cases see to it.
    let duty = Duty { act: "do".to_owned(), each: "thing".to_owned(), period: "P1Y".to_owned(), ..Duty::default() };
    let found = two(|pack| pack.duties.push(duty), refuses("true", keep)).conflicts();
    assert_eq!(found.iter().map(|one| one.kind).collect::<Vec<_>>(), [ConflictKind::DutyAgainstGate]);
    let own = two(
        |pack| {
            asks("")(pack);
            refuses("true", keep)(pack);
        },
        |_| {},
    );
    assert_eq!(own.conflicts(), []);
}
