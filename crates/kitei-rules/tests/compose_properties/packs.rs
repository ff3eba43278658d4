//! Packs with every kind of element that the language has, on names that they share.

use std::collections::BTreeMap;

use kitei_rules::{
    pack::model::{
        Act, Binding, Body, Case, Choice, Clause, Clock, Compare, Duty, Effect, Exclusive, Fact, Field, Flag, Gate,
        Hit, Kind, LawRow, LineList, Literal, Meta, Pack, Paper, Parameter, PendingLaw, Place, Preset, Propose,
        Question, Register, Retention, Role, Row, Rule, Section, Source, Stage, Step, Stricter, Term, Text, Track,
        View,
    },
    rulebook::{OFFICE, Sayings},
};
use proptest::{collection, prelude::*};

pub(crate) fn text(words: &str) -> Text {
    Text { ja: words.to_owned(), en: words.to_owned() }
}

pub(crate) fn source(words: &str) -> Source {
    Source::new(words.to_owned(), Place::default())
}

pub(crate) fn choice(id: &str) -> Choice {
    Choice { id: id.to_owned(), title: text(id), aliases: Vec::new() }
}

pub(crate) fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

/// Which of three names a number picks: names are shared, so packs speak of the same things.
pub(crate) fn pick<'n>(names: &[&'n str; 3], seed: usize) -> &'n str {
    names[seed % 3]
}

/// Some of three names, perhaps none.
pub(crate) fn some(names: &[&str; 3], seed: usize) -> Vec<String> {
    (0..3).filter(|at| seed >> at & 1 == 1).map(|at| names[at].to_owned()).collect()
}

pub(crate) const CHOICES: [&str; 3] = ["x", "y", "z"];
pub(crate) const ROLES: [&str; 3] = ["boss", "manager", "auditor"];
pub(crate) const ACTS: [&str; 3] = ["do", "check", "tell"];
pub(crate) const CONDITIONS: [&str; 3] = ["size > 1", "name == \"x\"", "size > 1 && name == \"x\""];
pub(crate) const PERIODS: [&str; 3] = ["P1Y", "P6M", "P1M"];
pub(crate) const KEYS: [(&str, Kind, Stricter); 7] = [
    ("low", Kind::Number, Stricter::Lower),
    ("high", Kind::Number, Stricter::Higher),
    ("same", Kind::Number, Stricter::Same),
    ("permitted", Kind::Choices, Stricter::Fewer),
    ("demanded", Kind::Choices, Stricter::More),
    ("soon", Kind::Period, Stricter::Lower),
    ("long", Kind::Period, Stricter::Higher),
];

/// The shared vocabulary: every name that generated packs use is defined here once.
pub(crate) fn office() -> Pack {
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
pub(crate) const ELEMENTS: usize = 27;

#[expect(clippy::too_many_lines, reason = "an arm for each kind of element")]
/// Adds one element of a kind to a pack; `a`, `b` and `c` vary what it says.
pub(crate) fn add(pack: &mut Pack, kind: usize, (a, b, c): (usize, usize, usize)) {
    let meta = || Meta {
        pack: pack.id.clone(),
        basis: vec![format!("{}-1", pack.id)],
        applies: (c % 5 == 4).then(|| source("size > 1")),
        ..Meta::default()
    };
    let (own, on) = (format!("own{}", a % 3), "thing".to_owned());
    let when = || (b.is_multiple_of(2)).then(|| source(pick(&CONDITIONS, a)));
    match kind {
        0 => parameter(pack, a, b, c),
        1 => pack.roles.push(Role {
            meta: meta(),
            id: pick(&ROLES, a).to_owned(),
            rank: (b.is_multiple_of(2)).then_some(u32::try_from(c % 50).unwrap_or_default()),
            single: c.is_multiple_of(2),
            required: b.is_multiple_of(3),
            internal: c.is_multiple_of(3),
            deputy: b.is_multiple_of(4),
            per_department: c.is_multiple_of(7),
            positions: some(&CHOICES, b),
            needs: some(&["competence", "fairness", "authority"], c),
            appointed_by: (b.is_multiple_of(5)).then(|| pick(&ROLES, c).to_owned()),
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
            fields: vec![field(if b.is_multiple_of(2) { "how" } else { "result" }, a, b, c)],
            ..Act::default()
        }),
        5 => pack.registers.push(Register {
            meta: meta(),
            id: on,
            extends: true,
            single: a.is_multiple_of(6),
            owner: some(&ROLES, a),
            read: some(&ROLES, b),
            write: some(&ROLES, c),
            department_field: (a.is_multiple_of(4)).then(|| "other".to_owned()),
            retention: (b.is_multiple_of(3)).then(|| Retention {
                at_least: Some(pick(&PERIODS, a).to_owned()),
                at_most: Some(pick(&["P10Y", "P7Y", "P5Y"], c).to_owned()),
                ..Retention::default()
            }),
            fields: vec![field(pick(&["sort", "size", "name"], a), a, b, c)],
            lists: (c.is_multiple_of(2))
                .then(|| LineList {
                    meta: meta(),
                    id: "parts".to_owned(),
                    read: some(&ROLES, a),
                    fields: vec![field(if a.is_multiple_of(2) { "amount" } else { "what" }, a, b, c)],
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
                overridable: b.is_multiple_of(2),
                shown: c.is_multiple_of(2),
                rows: vec![Row {
                    meta: meta(),
                    id: own,
                    title: text("row"),
                    when: source(pick(&CONDITIONS, b)),
                    value: (id == "level").then(|| Literal::Int(i64::try_from(c % 4).unwrap_or_default())),
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
            month: (c.is_multiple_of(2)).then(|| (c % 12 + 1).to_string()),
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
            sections: vec![Section {
                meta: meta(),
                title: text(&own),
                required: c.is_multiple_of(2),
                ..Section::default()
            }],
            approve: vec![some(&ROLES, a | 1)],
            watch: b.is_multiple_of(2),
            ..Paper::default()
        }),
        21 => {
            pack.rules.push(Rule {
                meta: meta(),
                id: own,
                text: text("rule"),
                who: some(&ROLES, a),
                ..Rule::default()
            });
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
            pack.pending.push(PendingLaw { meta: meta(), law: own, subject: text("subject"), ..PendingLaw::default() });
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
pub(crate) fn field(id: &str, a: usize, b: usize, c: usize) -> Field {
    let (of_choice, of_number) = (matches!(id, "sort" | "result"), matches!(id, "size" | "amount"));
    Field {
        meta: Meta { basis: words(&["X-1"]), ..Meta::default() },
        id: id.to_owned(),
        required: [Stage::Never, Stage::Complete, Stage::Save, Stage::Close][b % 4],
        required_when: (c.is_multiple_of(3) && id != "how" && id != "result").then(|| source("true")),
        // A closed list names choices that there are; the check refuses a pack where it does not.
        choices: if of_choice { some(&CHOICES, a | b).iter().map(|id| choice(id)).collect() } else { Vec::new() },
        only: if of_choice { some(&CHOICES, b) } else { Vec::new() },
        open: a.is_multiple_of(2),
        refuse: if c.is_multiple_of(2) { words(&["my-number"]) } else { Vec::new() },
        warn: if c % 2 == 1 { words(&["my-number"]) } else { Vec::new() },
        read: some(&ROLES, c),
        least: of_number.then(|| i64::try_from(a % 4).unwrap_or_default()),
        most: of_number.then(|| i64::try_from(b % 8).unwrap_or_default()),
        column: a.is_multiple_of(3),
        ..Field::default()
    }
}

pub(crate) fn parameter(pack: &mut Pack, a: usize, b: usize, c: usize) {
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
        value: (!c.is_multiple_of(3)).then(|| literal(b)),
        least: (bounded && b.is_multiple_of(4)).then(|| literal(c)),
        most: (bounded && c.is_multiple_of(4)).then(|| literal(a)),
        fill: c.is_multiple_of(3) && a.is_multiple_of(2),
        suggest: None,
        choices: if bounded { Vec::new() } else { CHOICES.map(choice).into() },
    });
}

/// Packs `p0` to `p3`, each with some elements.
pub(crate) fn packs() -> impl Strategy<Value = Vec<Pack>> {
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

pub(crate) fn composed<'p>(packs: impl IntoIterator<Item = &'p Pack>) -> Sayings {
    let office = office();
    let all: Vec<&Pack> = packs.into_iter().collect();
    Sayings::compose(std::iter::once(&office).chain(all))
}
