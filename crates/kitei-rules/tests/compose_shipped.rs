//! The shipped regulations together: each pair and all seven compose without a conflict, and what comes out is on paper.
//!
//! The snapshot is what a privacy manager would ask of the composition: which value stands and whose it is, what must be
//! filled from which stage, who does what how often, what is asked on an incident, what is refused. It changes when a
//! pack changes; read the difference before accepting it (`INSTA_UPDATE=always`).

#![expect(clippy::expect_used, reason = "a test may panic")]

mod pack_files;

use std::{collections::BTreeMap, fmt::Write as _, fs};

use kitei_rules::{
    book::Compiler,
    pack::{
        self,
        model::{Pack, Stage},
    },
    rulebook::{FieldRule, LAW, OFFICE, Sayings},
    value::Value,
};

fn shipped() -> BTreeMap<String, Pack> {
    let root = pack_files::repository().join("packs");
    fs::read_dir(&root)
        .expect("packs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("pack.toml").is_file())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .map(|id| (id.clone(), pack::read(&pack_files::directory(&root, &id)).0))
        .collect()
}

/// A regulation with what it extends, the vocabulary and the law.
fn with_base<'p>(packs: &'p BTreeMap<String, Pack>, ids: &[&str]) -> Vec<&'p Pack> {
    let mut wanted: Vec<&str> = vec![OFFICE, LAW];
    for id in ids {
        wanted.extend(packs[*id].extends.iter().map(String::as_str));
        wanted.push(id);
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted.into_iter().map(|id| &packs[id]).collect()
}

fn without_conflict(packs: &[&Pack]) {
    let ids: Vec<&str> = packs.iter().map(|pack| pack.id.as_str()).collect();
    let sayings = Sayings::compose(packs.iter().copied());
    assert_eq!(sayings.conflicts(), [], "{ids:?}");
    let (_, errors) = Compiler::compile(&sayings, &BTreeMap::new(), 1);
    let errors: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.pack, error.error)).collect();
    assert_eq!(errors, [""; 0], "{ids:?}");
}

#[test]
fn each_pair_and_all_seven_compose_without_a_conflict() {
    let packs = shipped();
    let seven: Vec<&str> = packs.keys().map(String::as_str).filter(|id| ![OFFICE, LAW].contains(id)).collect();
    assert_eq!(seven.len(), 7);
    for (at, left) in seven.iter().enumerate() {
        for right in seven.iter().skip(at) {
            without_conflict(&with_base(&packs, &[left, right]));
        }
    }
    without_conflict(&with_base(&packs, &seven));
}

#[test]
fn the_seven_together_are_as_on_paper() {
    let packs = shipped();
    let sayings = Sayings::compose(packs.values());
    insta::assert_snapshot!(on_paper(&sayings));
}

#[expect(clippy::too_many_lines, reason = "a paragraph for each kind of element")]
fn on_paper(sayings: &Sayings) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a string takes what is written");
    line("# Parameters: value, bounds, whose".to_owned());
    for key in sayings.parameters.keys() {
        let rule = sayings.parameter(key).expect("a parameter");
        let shown =
            |value: &Option<Value>| value.as_ref().map_or("–".to_owned(), |value| value.to_json().to_string());
        let fill = if rule.fill { " fill" } else { "" };
        line(format!(
            "{key} ({:?} {:?}{fill}): {} [{}..{}] {}",
            rule.kind,
            rule.stricter,
            shown(&rule.value),
            shown(&rule.least),
            shown(&rule.most),
            rule.winners.join(" ")
        ));
    }
    line("\n# Roles in force: what they ask of holders".to_owned());
    for rule in sayings.roles.keys().filter_map(|id| sayings.role(id)).filter(|rule| rule.in_force) {
        let asks = [
            (rule.single, "single"),
            (rule.required, "required"),
            (rule.internal, "internal"),
            (rule.deputy, "deputy"),
            (rule.per_department, "per department"),
        ];
        let mut asks: Vec<String> =
            asks.iter().filter(|(asked, _)| *asked).map(|(_, word)| (*word).to_owned()).collect();
        asks.extend(rule.needs.iter().map(|need| format!("needs {need}")));
        asks.extend(rule.appointed_by.iter().map(|by| format!("appointed by {by}")));
        asks.extend(rule.by_office.iter().map(|by| format!("by office of {by}")));
        asks.extend(
            rule.positions.iter().map(|all| format!("positions {}", all.iter().cloned().collect::<Vec<_>>().join("/"))),
        );
        line(format!("{} (rank {}): {}", rule.id, rule.rank, asks.join(", ")));
    }
    line("\n# Registers in force: who reads, keeping, and fields that must be filled or are bounded".to_owned());
    for rule in sayings.registers.keys().filter_map(|id| sayings.register(id)).filter(|rule| rule.in_force) {
        let kept: Vec<String> = rule
            .retention
            .iter()
            .map(|(pack, r)| {
                let said = [("at least", &r.at_least), ("at most", &r.at_most), ("by", &r.rule)];
                let said = said.iter().filter_map(|(word, value)| Some(format!("{word} {}", value.as_ref()?)));
                format!("{pack} {}", said.collect::<Vec<_>>().join(" "))
            })
            .collect();
        let fields = rule.fields.len() + rule.lists.iter().map(|list| list.fields.len()).sum::<usize>();
        line(format!("{}: {fields} fields, read {:?}, owner {:?}, kept {kept:?}", rule.id, rule.read, rule.owner));
        rule.fields.iter().filter_map(demands).for_each(|said| line(format!("  {said}")));
        for list in &rule.lists {
            let said = list.fields.iter().filter_map(demands);
            said.for_each(|said| line(format!("  {}.{said}", list.id)));
        }
    }
    line("\n# What comes back: how often, in which months, who, whose".to_owned());
    let values: BTreeMap<String, Value> = sayings
        .parameters
        .keys()
        .filter_map(|key| Some((key.clone(), sayings.parameter(key)?.in_force(None)?)))
        .collect();
    for rule in sayings.duty_rules(&|key| values.get(key).cloned()) {
        let packs: Vec<&str> = rule.basis.iter().map(|(pack, _)| pack.as_str()).collect();
        let months: Vec<u8> = rule.months.iter().copied().collect();
        line(format!(
            "{} for each {}: {} {months:?} by {} approved {:?} ({})",
            rule.act,
            rule.each,
            rule.period,
            rule.by.join(" "),
            rule.approve,
            packs.join(" ")
        ));
    }
    line("\n# Procedures: acts in order, with approvals and time limits".to_owned());
    for ((pack, id), said) in &sayings.tracks {
        for (_, track) in said.iter() {
            line(format!("{pack} {id} on {}", track.on));
            for step in &track.steps {
                let clocks: Vec<String> = step
                    .clocks
                    .iter()
                    .map(|clock| format!("{:?} {}", clock.kind, clock.after.as_deref().unwrap_or("by rule")))
                    .collect();
                line(format!("  {} {:?} {}", step.act, step.approve, clocks.join(", ")));
            }
        }
    }
    line("\n# Decisions: how rows combine, and how many rows of whom".to_owned());
    for (on, id) in sayings.facts.keys() {
        let Some(rule) = sayings.fact(on, id).filter(|rule| rule.in_force) else { continue };
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        rule.rows.iter().for_each(|(pack, _)| *rows.entry(pack).or_default() += 1);
        let way = rule.rule.as_deref().or(rule.value.as_ref().map(|_| "expression")).unwrap_or("rows");
        line(format!("{on}.{id} ({:?} {:?}) {way} {rows:?}", rule.kind, rule.hit));
    }
    line("\n# Refusals, questions and warnings".to_owned());
    for ((pack, id), said) in &sayings.gates {
        said.iter()
            .for_each(|(_, gate)| line(format!("{pack} {id} on {} at {:?}: {:?}", gate.on, gate.at, gate.effect)));
    }
    line("\n# Set aside by the law: whose element, by which article".to_owned());
    for ((pack, element), supersede) in sayings.superseded() {
        line(format!("{pack} {element}: {}", supersede.meta.basis.join(" ")));
    }
    for said in sayings.supersedes.values() {
        for (_, supersede) in said.iter().filter(|(_, supersede)| supersede.element.is_none()) {
            line(format!("{}: {}", supersede.clause, supersede.meta.basis.join(" ")));
        }
    }
    out
}

/// What packs demand of a field, if they do.
fn demands(field: &FieldRule) -> Option<String> {
    let mut said: Vec<String> = field
        .required
        .iter()
        .map(|demand| format!("{:?}{} ({})", demand.stage, if demand.when.is_some() { "?" } else { "" }, demand.pack))
        .collect();
    said.extend(field.refuse.keys().map(|detector| format!("refuses {detector}")));
    said.extend(field.read.iter().map(|whos| format!("seen by {}", whos.join("/"))));
    said.extend(field.least.map(|least| format!("least {least}")));
    said.extend(field.most.map(|most| format!("most {most}")));
    let stage = if field.stage() == Stage::Never { String::new() } else { format!(" {:?}", field.stage()) };
    (field.in_force && !said.is_empty()).then(|| format!("{}{stage}: {}", field.id, said.join(", ")))
}
