//! Builds the model from walked elements.
//!
//! Invariant: nothing is reported here; what was wrong has been reported by the walker and is built as absent.

mod documents;
mod procedure;
mod records;

use std::collections::BTreeMap;

use super::{
    model::{Body, Choice, Clause, Exclusive, Pack, Parameter, Role, Stricter, Term, Text},
    node::Node,
};

/// Elements of a whole pack by the name of their table.
pub(super) type Elements = BTreeMap<&'static str, Vec<Node>>;

/// Builds a pack.
pub(super) fn pack(id: &str, head: Option<Node>, mut elements: Elements) -> Pack {
    let mut head = head.unwrap_or_default();
    let mut all = Take { pack: id, elements: &mut elements };
    Pack {
        id: id.to_owned(),
        title: head.text("title"),
        edition: head.word("edition"),
        effective_from: head.date("effective_from"),
        extends: head.words("extends"),
        notice: head.maybe_text("notice"),
        clauses: all.of("clause", clause),
        terms: all.of("term", term),
        parameters: all.of("parameter", parameter),
        roles: all.of("role", role),
        exclusives: all.of("exclusive", exclusive),
        bodies: all.of("body", body),
        acts: all.of("act", records::act),
        registers: all.of("register", records::register),
        presets: all.of("preset", records::preset),
        facts: all.of("fact", procedure::fact),
        bindings: all.of("binding", procedure::binding),
        tracks: all.of("track", procedure::track),
        gates: all.of("gate", procedure::gate),
        flags: all.of("flag", procedure::flag),
        effects: all.of("effect", procedure::effect),
        proposals: all.of("propose", procedure::propose),
        duties: all.of("duty", procedure::duty),
        compares: all.of("compare", documents::compare),
        views: all.of("view", documents::view),
        papers: all.of("paper", documents::paper),
        rules: all.of("rule", documents::rule),
        questions: all.of("question", documents::question),
        supersedes: all.of("supersede", documents::supersede),
        laws: all.of("law", documents::law),
        pending: all.of("pending", documents::pending),
        cases: all.of("case", documents::case),
    }
}

struct Take<'t> {
    pack: &'t str,
    elements: &'t mut Elements,
}

impl Take<'_> {
    fn of<T>(&mut self, name: &str, build: impl Fn(Node, &str) -> T) -> Vec<T> {
        self.elements.remove(name).unwrap_or_default().into_iter().map(|node| build(node, self.pack)).collect()
    }
}

fn clause(mut node: Node, _: &str) -> Clause {
    let ja = node.word("ja");
    Clause {
        id: node.word("id"),
        reference: node.word("ref"),
        title: node.text("title"),
        text: Text { en: node.maybe_word("en").unwrap_or_else(|| ja.clone()), ja },
        effective_from: node.date("effective_from"),
        effective_to: node.date("effective_to"),
        pending: node.flag("pending"),
        note: node.maybe_text("note"),
        place: node.place,
    }
}

fn term(mut node: Node, pack: &str) -> Term {
    Term {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.text("title"),
        meaning: node.text("meaning"),
        items: node.texts("items"),
        used_by: node.words("used_by"),
    }
}

fn parameter(mut node: Node, pack: &str) -> Parameter {
    Parameter {
        meta: node.meta(pack),
        key: node.word("key"),
        title: node.text("title"),
        kind: node.one_of("kind").unwrap_or_default(),
        unit: node.maybe_text("unit"),
        stricter: node.one_of("stricter").unwrap_or(Stricter::Same),
        value: node.literal("value"),
        least: node.literal("least"),
        most: node.literal("most"),
        fill: node.flag("fill"),
        suggest: node.literal("suggest"),
        choices: choices(&mut node, "choices"),
    }
}

fn role(mut node: Node, pack: &str) -> Role {
    Role {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.maybe_text("title"),
        rank: node.number("rank").and_then(|rank| u32::try_from(rank).ok()),
        per_department: node.flag("per_department"),
        single: node.flag("single"),
        required: node.flag("required"),
        internal: node.flag("internal"),
        deputy: node.flag("deputy"),
        appointed_by: node.maybe_word("appointed_by"),
        needs: node.words("needs"),
        positions: node.words("positions"),
        by_office: node.maybe_word("by_office"),
        charges: node.texts("charges"),
        sees: node.words("sees"),
    }
}

fn exclusive(mut node: Node, pack: &str) -> Exclusive {
    Exclusive { meta: node.meta(pack), id: node.word("id"), roles: node.words("roles") }
}

fn body(mut node: Node, pack: &str) -> Body {
    Body {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.maybe_text("title"),
        members: node.words("members"),
        chair: node.words("chair"),
        quorum: node.number("quorum").and_then(|quorum| u32::try_from(quorum).ok()),
        agenda: choices(&mut node, "agenda"),
        guests: node.flag("guests"),
    }
}

/// Choices of a field, fact or parameter, or items of an agenda.
fn choices(node: &mut Node, key: &str) -> Vec<Choice> {
    node.nodes(key)
        .into_iter()
        .map(|mut choice| Choice {
            id: choice.word("id"),
            title: choice.text("title"),
            aliases: choice.words("aliases"),
        })
        .collect()
}
