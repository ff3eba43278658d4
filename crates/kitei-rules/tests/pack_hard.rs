//! The clauses hardest to honour, written in the language "on paper": they read and check without an error.

mod pack_files;

use kitei_rules::{
    expr::{self, MomentKind, Type},
    pack::{
        self, ConditionCheck, Finding, Moment, NoConditionCheck, Scope, Severity, Want,
        model::{Source, Text},
    },
    rulebook::Sayings,
};

#[test]
fn the_hardest_clauses_can_be_written_down() {
    let root = pack_files::fixtures().join("hard");
    let mut found = Vec::new();
    let packs = ["office", "hard"].map(|id| {
        let (pack, diagnostics) = pack::read(&pack_files::directory(&root, id));
        found.extend(diagnostics);
        pack
    });
    found.extend(pack::check(&packs, &NoConditionCheck));
    let errors: Vec<String> = found.iter().filter(|one| one.is_error()).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{} errors:\n{}", errors.len(), errors.join("\n"));

    // Every clause has an element; that some have no case yet is warned of, and nothing else is.
    let other: Vec<String> = found
        .iter()
        .filter(|one| one.severity == Severity::Warning && one.code != "clause-without-case")
        .map(ToString::to_string)
        .collect();
    assert!(other.is_empty(), "{}", other.join("\n"));
    assert_eq!(packs[1].clauses.len(), 117);
}

/// Compiles with the compiler that rulebooks use.
struct Compile(kitei_rules::book::Names);

impl ConditionCheck for Compile {
    fn check(&self, source: &Source, scope: &Scope<'_>, want: Want) -> Vec<Finding> {
        let moment = match scope.moment {
            Moment::Plain => MomentKind::Plain,
            Moment::Deed => MomentKind::Gate,
            Moment::Change => MomentKind::Change,
        };
        let place = expr::Scope { register: scope.register.into(), list: scope.list.map(str::to_owned), moment };
        let compiled = match want {
            Want::Condition => expr::compile(&source.text, &place, &self.0, Type::Bool),
            _ => expr::compile_any(&source.text, &place, &self.0),
        };
        let said =
            |error: &expr::ExprError| Text { ja: error.to_string(), en: format!("{error} in `{}`", source.text) };
        let finding = |error: &expr::ExprError| Finding { column: 1, message: said(error), expected: Text::default() };
        compiled.err().unwrap_or_default().iter().map(finding).collect()
    }
}

#[test]
fn their_conditions_compile() {
    let root = pack_files::fixtures().join("hard");
    let packs = ["office", "hard"].map(|id| pack::read(&pack_files::directory(&root, id)).0);
    let sayings = packs.iter().map(Sayings::of).reduce(Sayings::join).expect("packs");
    let hook = Compile(kitei_rules::book::Names::of(&sayings));
    let found = pack::check(&packs, &hook);
    let errors: Vec<String> = found.iter().filter(|one| one.is_error()).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{} errors:\n{}", errors.len(), errors.join("\n"));
}
