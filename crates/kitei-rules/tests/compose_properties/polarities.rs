//! Closed lists in both polarities, retention with its least and most, readers, and duties against gates.

use kitei_rules::{
    pack::model::{Duty, Field, Gate, GateEffect, Literal, Pack, Register, Retention, Role, Step, Stricter, Track},
    rulebook::{ConflictKind, Sayings, duty_period},
    value::Value,
};

use crate::packs::{KEYS, composed, parameter, source, words};

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

#[test]
fn positions_that_exclude_each_other_are_a_conflict() {
    let from = |position: &str| {
        let role = Role { id: "manager".to_owned(), positions: words(&[position]), ..Role::default() };
        move |pack: &mut Pack| pack.roles.push(role)
    };
    assert_eq!(two(from("x"), from("x")).conflicts(), []);
    let found = two(from("x"), from("y")).conflicts();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].about.as_str()), (ConflictKind::EmptyInterval, "manager"));
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
    type Change = fn(&mut Gate);
    let keep: Change = |_| {};
    let cases: [(&str, &str, Change, bool); 9] = [
        ("", "true", keep, true),
        ("", "size > 1", keep, true),
        ("sort == \"x\"", "size>1 && sort == \"x\"", keep, true),
        ("sort == \"x\"", "sort == \"x\"", keep, true),
        // The gate strikes under a condition more than the duty has: a fact tells them apart.
        ("", "size > 1 && sort == \"x\"", keep, false),
        ("sort == \"x\" || size > 2", "sort == \"x\"", keep, false),
        ("", "true", |gate| gate.effect = GateEffect::Reason, false),
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
