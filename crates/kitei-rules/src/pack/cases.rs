//! The words of a case's step: exactly one deed or one sight, with the arguments that it takes.
//!
//! Invariant: the verbs and their arguments stand in [`super::shape::DEEDS`] and [`super::shape::SIGHTS`] only.

use super::{
    diagnostic::{Diagnostic, Spot, say, suggest},
    model::Literal,
    node::{Item, Node},
    shape::{DEEDS, ENDINGS, SIGHTS, STATES, Word},
};

/// Checks the words of a step and puts a `by` that a sight expects among them.
///
/// In a step with `see`, `by` is what should be seen: seeing needs nobody who acts.
pub(super) fn settle(node: &mut Node, spot: &Spot, out: &mut Vec<Diagnostic>) {
    let mut step = Step { line: spot.clone(), out };
    if node.words.contains_key("see") {
        step.sight(node);
        return;
    }
    if matches!(node.items.get("by"), Some(Item::Words(_))) {
        step.report(
            node,
            "by",
            "case-argument",
            say("行うのは一人です。", "one person acts"),
            say("by = \"役割\"（リストは see の一歩だけ）", "by = \"role\"; a list stands in a step with `see` only"),
        );
    }
    let deeds: Vec<&'static Word> = DEEDS.iter().filter(|deed| node.words.contains_key(deed.name)).collect();
    match deeds.as_slice() {
        [deed] => step.deed(deed, node),
        [] => step.no_verb(node),
        many => {
            let names = many.iter().map(|deed| deed.name).collect::<Vec<_>>().join(", ");
            step.report(
                node,
                many.last().map_or("", |deed| deed.name),
                "case-verb",
                say(
                    format!("一歩に行いが二つ以上あります（{names}）。"),
                    format!("the step has more than one deed ({names})"),
                ),
                say("行いごとに [[case.step]] を分ける。", "one [[case.step]] a deed"),
            );
        }
    }
}

struct Step<'s> {
    line: Spot,
    out: &'s mut Vec<Diagnostic>,
}

impl Step<'_> {
    fn report(
        &mut self,
        node: &Node,
        key: &str,
        code: &'static str,
        message: super::model::Text,
        expected: super::model::Text,
    ) {
        let line = node.lines.get(key).copied().unwrap_or(self.line.line);
        self.out.push(Spot { line, column: 0, ..self.line.clone() }.error(code, message, expected));
    }

    fn no_verb(&mut self, node: &Node) {
        let known = || DEEDS.iter().map(|deed| deed.name).chain(["see"]);
        let word = node.words.keys().next().cloned().unwrap_or_default();
        self.report(
            node,
            &word,
            "case-verb",
            say("一歩に行いも見えることもありません。", "the step has neither a deed nor a sight"),
            suggest(&word, known()),
        );
    }

    fn deed(&mut self, deed: &'static Word, node: &Node) {
        if !matches!(node.words.get(deed.name), Some(Literal::Text(_))) {
            self.report(
                node,
                deed.name,
                "wrong-type",
                say(
                    format!("「{}」の値の種類が違います。", deed.name),
                    format!("`{}` has a value of the wrong type", deed.name),
                ),
                say("文字列 \"…\" を書く。", "a string \"…\""),
            );
        }
        self.arguments(deed, deed.name, ENDINGS, node);
        for ending in ENDINGS.iter().filter(|ending| node.words.contains_key(**ending)) {
            self.ending(node, ending);
        }
    }

    fn sight(&mut self, node: &mut Node) {
        let name = match node.words.get("see") {
            Some(Literal::Text(name)) => name.clone(),
            _ => String::new(),
        };
        let Some(sight) = SIGHTS.iter().find(|sight| sight.name == name) else {
            self.report(
                node,
                "see",
                "case-sight",
                say(format!("見えるものに「{name}」はありません。"), format!("there is no sight `{name}`")),
                suggest(&name, SIGHTS.iter().map(|sight| sight.name)),
            );
            return;
        };
        if sight.arguments.contains(&"by") {
            let by = match node.items.remove("by") {
                Some(Item::Word(by)) => Some(Literal::Text(by)),
                Some(Item::Words(all)) => Some(Literal::List(all.into_iter().map(Literal::Text).collect())),
                _ => None,
            };
            node.words.extend(by.map(|by| ("by".to_owned(), by)));
        } else if matches!(node.items.get("by"), Some(Item::Words(_))) {
            self.report(
                node,
                "by",
                "case-argument",
                say(
                    format!("「{}」に「by」は付きません。", sight.name),
                    format!("`{}` does not take `by`", sight.name),
                ),
                suggest("by", sight.arguments.iter().copied()),
            );
        }
        self.arguments(sight, "see", &[], node);
        if let Some(Literal::Text(status)) = node.words.get("status")
            && !STATES.contains(&status.as_str())
        {
            self.report(
                node,
                "status",
                "not-in-list",
                say(format!("「status」に「{status}」は書けません。"), format!("`status` may not be `{status}`")),
                suggest(status, STATES.iter().copied()),
            );
        }
    }

    fn arguments(&mut self, word: &'static Word, verb: &str, more: &'static [&'static str], node: &Node) {
        let known = || word.arguments.iter().chain(more).copied();
        for key in node.words.keys().filter(|key| *key != verb && !known().any(|known| known == *key)) {
            self.report(
                node,
                key,
                "case-argument",
                say(
                    format!("「{}」に「{key}」は付きません。", word.name),
                    format!("`{}` does not take `{key}`", word.name),
                ),
                suggest(key, known()),
            );
        }
        for key in word.required.iter().filter(|key| !node.words.contains_key(**key)) {
            self.report(
                node,
                verb,
                "case-argument",
                say(format!("「{}」に「{key}」がありません。", word.name), format!("`{}` lacks `{key}`", word.name)),
                super::model::Text::default(),
            );
        }
    }

    /// `refused = true` or `refused = { clause, field, says }`, and the same for `asks` and `warns`.
    fn ending(&mut self, node: &Node, ending: &str) {
        let known = ["clause", "field", "says"];
        let wrong = match node.words.get(ending) {
            Some(Literal::Bool(true)) => false,
            Some(Literal::Table(table)) => table.keys().any(|key| !known.contains(&key.as_str())),
            _ => true,
        };
        if wrong {
            self.report(
                node,
                ending,
                "case-argument",
                say(format!("「{ending}」の書き方が違います。"), format!("`{ending}` is not written as it should be")),
                say("true か { clause, field, says }", "true, or a table with clause, field, says"),
            );
        }
    }
}
