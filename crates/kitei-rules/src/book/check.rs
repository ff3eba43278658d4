//! The expression compiler as the pack check asks it.

use super::Names;
use crate::{
    expr::{ExprError, MomentKind, Options, Schema, Scope, Type},
    pack::{
        ConditionCheck, Finding, Moment, Scope as CheckScope, Want,
        model::{Kind, Source, Text},
    },
};

impl ConditionCheck for Names {
    fn check(&self, source: &Source, scope: &CheckScope<'_>, want: Want) -> Vec<Finding> {
        let moment = match scope.moment {
            Moment::Plain => MomentKind::Plain,
            Moment::Deed => MomentKind::Gate,
            Moment::Change => MomentKind::Change,
        };
        let list = scope.list.map(str::to_owned);
        let scope = Scope { register: scope.register.to_owned(), list, moment };
        let outcome = match want {
            Want::Condition => source.compile(&scope, self, Some(Type::Bool)).map(|_| ()),
            Want::Value(kind) if !matches!(kind, Kind::Choice | Kind::Choices | Kind::Link | Kind::Links) => {
                let kind = Type::of_kind(kind, &Options::new(Vec::<String>::new()), None);
                source.compile(&scope, self, Some(kind)).map(|_| ())
            }
            Want::Instant => source.compile(&scope, self, None).and_then(|compiled| {
                if matches!(compiled.kind(), Type::Date | Type::Time) {
                    Ok(())
                } else {
                    source.compile(&scope, self, Some(Type::Time)).map(|_| ())
                }
            }),
            Want::Value(_) | Want::Anything => source.compile(&scope, self, None).map(|_| ()),
        };
        outcome.err().unwrap_or_default().iter().map(finding).collect()
    }

    fn rule_exists(&self, name: &str) -> bool {
        name.split('.').next() == Some("breach")
            || self.rule(name).is_some()
            || crate::run::keeping::rule_of_law(name).is_some()
    }
}

fn finding(error: &ExprError) -> Finding {
    let said = error.problem.to_string();
    Finding {
        column: error.at.column,
        message: Text { ja: said.clone(), en: said },
        expected: Text {
            ja: "条件式の書き方（docs/pack-language.md「Conditions」）を確かめる。".to_owned(),
            en: "see docs/pack-language.md, \"Conditions\"".to_owned(),
        },
    }
}
