//! Hostile conditions: nothing panics, nothing overflows the stack, nothing runs without end.

use std::rc::Rc;

use kitei_rules::{
    expr::{Evaluation, EvaluationError, Facts, Outcome, Scope, Type, compile, compile_any, evaluate},
    value::Value,
    world::Moment,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::fixture::{Book, World, id};

#[test]
fn sizes_are_bounded() {
    let deep = |open: &str, close: &str, n: usize| format!("{}outside{}", open.repeat(n), close.repeat(n));
    for (source, words) in [
        (format!("outside{}", " ".repeat(2_000)), "longer than 2000 characters"),
        (format!("outside{}", "||outside".repeat(310).chars().take(1_990).collect::<String>()), ""),
        (format!("records{} > 1", "+1".repeat(50)), "longer than 40 calculations"),
        (deep("(", ")", 30), "nested more than 24 deep"),
        (deep("!(", ")", 30), "nested more than 24 deep"),
        ("outside ? 1 : ".repeat(30) + "1", "nested more than 24 deep"),
        (format!("agreement{}", ".manager".repeat(12)), "nested more than 24 deep"),
        (format!("{}outside", "!".repeat(500)), "nested more than 24 deep"),
        (format!("{}outside", "!".repeat(1_500)), "longer than 600 words and signs"),
        (format!("{}1", "[".repeat(500)), "nested more than 24 deep"),
    ] {
        let result = compile_any(&source, &Scope::record("incident"), &Book);
        if words.is_empty() {
            continue;
        }
        let errors = result.map(|_| ()).expect_err(words);
        assert!(errors.iter().any(|error| error.to_string().contains(words)), "{words}: {errors:?}");
    }
}

#[test]
fn the_largest_that_is_allowed_compiles_on_a_small_stack() {
    let sources = [
        format!("{}outside{}", "(".repeat(24), ")".repeat(24)),
        "outside ? 1 : ".repeat(24) + "1",
        format!("{}1{}", "outside ? 1 : (".repeat(12), ")".repeat(12)),
        format!("records{} > 1", "+1".repeat(40)),
        format!("outside{}", "&&outside".repeat(200)),
        format!("{}outside{}", "any(every(\"department\"), ".repeat(20), ")".repeat(20)).replace("outside", "true"),
    ];
    let handle = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for source in sources {
            let compiled = compile_any(&source, &Scope::record("incident"), &Book);
            let compiled = compiled.unwrap_or_else(|errors| panic!("{}", errors[0]));
            let world = World::new("outside=yes;records=1");
            let evaluation = Evaluation::new(&world.snapshot, id("incident"), &world.moment, &world.known);
            let _ = evaluate(&compiled, &evaluation);
        }
    });
    handle.expect("a thread").join().expect("no overflow");
}

#[test]
fn an_evaluation_that_costs_too_much_ends_with_an_error() {
    let mut world = World::new("");
    let many: Vec<Uuid> = (0..2_000).map(|_| id("cleaner")).collect();
    world.snapshot.registers.insert("contractor".into(), many);
    let outcome = world.try_ask(
        "any(every(\"contractor\"), all(every(\"contractor\"), active == false || checked_on > today()) && active == false)",
        &Scope::record("incident"),
    );
    assert!(outcome.is_ok(), "the inner list settles it at its first member");
    let source = "any(every(\"contractor\"), count(every(\"contractor\"), active) == 0)";
    assert_eq!(world.try_ask(source, &Scope::record("incident")), Err(EvaluationError::TooMuch));
}

/// A fact that asks for itself.
struct Circle;

impl Facts for Circle {
    fn fact(&self, _record: Uuid, _name: &str, evaluation: &Evaluation<'_>) -> Option<Rc<Outcome>> {
        let compiled = compile("level > 1 ? 1 : 2", &Scope::record("incident"), &Book, Type::Int).ok()?;
        evaluate(&compiled, evaluation).ok().map(Rc::new)
    }

    fn parameter(&self, _key: &str) -> Value {
        Value::Unknown
    }

    fn rule(&self, _name: &str, _arguments: &[Value], _moment: &Moment) -> Value {
        Value::Unknown
    }
}

#[test]
fn facts_that_ask_for_each_other_end_with_an_error() {
    let world = World::new("");
    let compiled = compile("level == 1", &Scope::record("incident"), &Book, Type::Bool).expect("a condition");
    let outcome = evaluate(&compiled, &Evaluation::new(&world.snapshot, id("incident"), &world.moment, &Circle));
    assert_eq!(outcome, Err(EvaluationError::TooDeep));
}

fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "outside",
        "records",
        "kinds",
        "principals",
        "entries",
        "agreement",
        "record",
        "organization",
        "true",
        "1",
        "0",
        "-",
        "!",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        "?",
        ":",
        "&&",
        "||",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "+",
        "*",
        "/",
        "%",
        "\"leak\"",
        "\"\"",
        "'",
        "\"",
        "any(",
        "all(",
        "count(",
        "max(",
        "today()",
        "now()",
        "days(",
        "date(",
        "since(",
        "done(\"decide\")",
        "known(",
        "if",
        "漏",
        "//",
        "\n",
        "0x1",
        "1u",
        "b\"\"",
        "`a`",
        "{",
        "}",
        "\\",
        "@",
    ]);
    prop::collection::vec((words, prop::bool::ANY), 0..60).prop_map(|parts| {
        parts.into_iter().map(|(word, space)| if space { format!("{word} ") } else { word.into() }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn no_source_panics(source in soup()) {
        let result = compile_any(&source, &Scope::record("incident"), &Book);
        if let Err(errors) = &result {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(!error.to_string().is_empty());
            }
        }
        if let Ok(compiled) = result {
            let world = World::new("outside=yes;records=1");
            let evaluation = Evaluation::new(&world.snapshot, id("incident"), &world.moment, &world.known);
            let _ = evaluate(&compiled, &evaluation);
        }
    }

    #[test]
    fn no_text_panics(source in "\\PC{0,80}") {
        let _ = compile_any(&source, &Scope::record("incident"), &Book);
    }
}
