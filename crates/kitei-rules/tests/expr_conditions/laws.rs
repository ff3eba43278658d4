//! Laws of three-valued logic, on conditions and facts made at random.

use kitei_rules::{expr::Scope, value::Truth};
use proptest::prelude::*;

use crate::fixture::World;

/// Conditions about facts; never about knowing (`known` and `empty` speak of knowledge itself).
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "outside",
        "personal == true",
        "urgent != personal",
        "kind == \"leak\"",
        "kind in [\"loss\", \"virus\"]",
        "kind != second_kind",
        "persons > 1000",
        "persons == 5",
        "persons + 3 >= records",
        "records < 10",
        "records * 2 == 8",
        "\"leakage\" in kinds",
        "kinds == [\"loss\"]",
        "any(principals, accepted)",
        "all(principals, accepted || shares > 2)",
        "count(principals, accepted) > 1",
        "sum(principals, shares) > 4",
        "max(principals, shares) == 3",
        "agreement.strict",
        "found_on + months(1) < due_on",
        "true",
        "false",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(({a}) ? ({b}) : ({c}))")),
        ]
    })
}

/// A fact that may be unknown, and what it may turn out to be.
fn fact(name: &'static str, known: &'static [&'static str]) -> impl Strategy<Value = (String, String)> {
    (prop::sample::select(known), 0..3u8).prop_map(move |(value, state)| {
        let told = format!("{name}={value};");
        match state {
            0 => (String::new(), told),
            1 => (format!("{name}=?;"), told),
            _ => (told.clone(), told),
        }
    })
}

/// A line whose facts may be unknown.
fn line() -> impl Strategy<Value = (String, String)> {
    let accepted = (prop::sample::select(vec!["yes", "no"]), prop::bool::ANY);
    let shares = (0..6i64, prop::bool::ANY);
    (accepted, shares).prop_map(|((accepted, known), (shares, counted))| {
        let so_far = |known: bool, value: String| if known { value } else { "?".to_owned() };
        let first = so_far(known, accepted.to_owned());
        let second = so_far(counted, shares.to_string());
        (
            format!("principals+accepted={first},shares={second};"),
            format!("principals+accepted={accepted},shares={shares};"),
        )
    })
}

/// Facts as they are known, and as they turn out.
fn facts() -> impl Strategy<Value = (String, String)> {
    const YES_NO: &[&str] = &["yes", "no"];
    const KIND: &[&str] = &["leak", "loss", "virus"];
    let first = (
        fact("outside", YES_NO),
        fact("personal", YES_NO),
        fact("urgent", YES_NO),
        fact("kind", KIND),
        fact("second_kind", KIND),
        fact("records", &["4", "10", "2000"]),
    );
    let second = (
        fact("kinds", &["", "loss", "leakage,loss"]),
        fact("agreement", &["@city"]),
        fact("found_on", &["2025-01-31", "2025-04-01"]),
        fact("due_on", &["2025-02-28", "2025-04-02"]),
        counts(),
        prop::collection::vec(line(), 0..3),
    );
    (first, second)
        .prop_map(|((a, b, c, d, e, f), (g, h, i, j, k, lines))| {
            let mut all = vec![a, b, c, d, e, f, g, h, i, j, k];
            all.extend(lines);
            all.into_iter().unzip::<_, _, Vec<_>, Vec<_>>()
        })
        .prop_map(|(known, told)| (known.concat(), told.concat()))
}

/// A count that is narrowed.
fn counts() -> impl Strategy<Value = (String, String)> {
    (0..2_000i64, 0..1_500i64, 0..1_500i64, 0..4u8).prop_map(|(exact, below, above, state)| {
        let told = format!("persons={exact};");
        let least = (exact - below).max(0);
        match state {
            0 => (String::new(), told),
            1 => (format!("persons={least}..{};", exact + above), told),
            2 => (format!("persons={least}..;"), told),
            _ => (told.clone(), told),
        }
    })
}

fn truth(source: &str, facts: &str) -> Truth {
    World::new(facts).ask(source, &Scope::record("incident")).truth()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn knowing_more_never_turns_a_known_answer(source in condition(), (known, told) in facts()) {
        let world = World::new(&known);
        let before = world.ask(&source, &Scope::record("incident"));
        let after = truth(&source, &told);
        if before.truth() == Truth::Unknown {
            prop_assert!(!before.unknown_because.is_empty(), "{source} [{known}] is unknown for no reason");
        } else {
            prop_assert_eq!(before.truth(), after, "{} [{}] [{}]", source, known, told);
            prop_assert!(before.unknown_because.is_empty());
        }
    }

}

proptest! {
    // Each case compiles twenty conditions.
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn kleene_and_de_morgan(a in condition(), b in condition(), c in condition(), (known, _) in facts()) {
        for (left, right) in [
            (format!("!({a} && {b})"), format!("!({a}) || !({b})")),
            (format!("!({a} || {b})"), format!("!({a}) && !({b})")),
            (format!("{a} && {b}"), format!("{b} && {a}")),
            (format!("{a} || {b}"), format!("{b} || {a}")),
            (format!("({a} && {b}) && {c}"), format!("{a} && ({b} && {c})")),
            (format!("{a} && ({b} || {c})"), format!("{a} && {b} || {a} && {c}")),
            (format!("{a} || ({a} && {b})"), a.clone()),
            (format!("!(!({a}))"), a.clone()),
            (format!("{a} && false"), "false".to_owned()),
            (format!("{a} || true"), "true".to_owned()),
        ] {
            if left.len().max(right.len()) <= 1_900 && left.matches('?').count() < 8 {
                prop_assert_eq!(truth(&left, &known), truth(&right, &known), "{} / {} [{}]", left, right, known);
            }
        }
    }
}
