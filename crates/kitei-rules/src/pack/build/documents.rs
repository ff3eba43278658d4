//! Builds comparisons, views, papers, rules, questions, supersessions, rows of law and cases.

use super::super::{
    model::{Case, CaseStep, Column, Compare, LawRow, Paper, PendingLaw, Question, Rule, Section, Supersede, View},
    node::Node,
};

pub(super) fn compare(mut node: Node, pack: &str) -> Compare {
    Compare {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.text("title"),
        left: node.word("left"),
        left_key: node.source("left_key"),
        left_when: node.maybe_source("left_when"),
        right: node.word("right"),
        right_key: node.source("right_key"),
        right_when: node.maybe_source("right_when"),
        only_left: node.maybe_text("only_left"),
        only_right: node.maybe_text("only_right"),
        by: node.words("by"),
    }
}

pub(super) fn view(mut node: Node, pack: &str) -> View {
    View {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        title: node.text("title"),
        when: node.maybe_source("when"),
        closed: node.flag("closed"),
        columns: columns(&mut node, "columns"),
        read: node.words("read"),
    }
}

/// Columns; one that is a field's or fact's id alone has an empty title and takes that of the field.
fn columns(node: &mut Node, key: &str) -> Vec<Column> {
    node.nodes(key)
        .into_iter()
        .map(|mut column| Column { title: column.text("title"), value: column.source("value") })
        .collect()
}

pub(super) fn paper(mut node: Node, pack: &str) -> Paper {
    Paper {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        title: node.text("title"),
        when: node.maybe_source("when"),
        template: node.maybe_word("template"),
        sections: node.nodes("section").into_iter().map(|node| section(node, pack)).collect(),
        approve: node.sets("approve"),
        watch: node.flag("watch"),
    }
}

fn section(mut node: Node, pack: &str) -> Section {
    Section {
        meta: node.meta(pack),
        title: node.text("title"),
        rows: columns(&mut node, "rows"),
        table: node.maybe_word("table"),
        table_when: node.maybe_source("table_when"),
        columns: columns(&mut node, "columns"),
        text: node.maybe_text("text"),
        required: node.flag("required"),
    }
}

pub(super) fn rule(mut node: Node, pack: &str) -> Rule {
    Rule {
        meta: node.meta(pack),
        id: node.word("id"),
        chapter: node.maybe_text("chapter"),
        text: node.text("text"),
        who: node.words("who"),
    }
}

pub(super) fn question(mut node: Node, pack: &str) -> Question {
    Question {
        meta: node.meta(pack),
        id: node.word("id"),
        within: node.words("within"),
        text: node.text("text"),
        when: node.maybe_source("when"),
    }
}

pub(super) fn supersede(mut node: Node, pack: &str) -> Supersede {
    Supersede {
        meta: node.meta(pack),
        clause: node.word("clause"),
        element: node.maybe_word("element"),
        reason: node.text("reason"),
    }
}

pub(super) fn law(mut node: Node, pack: &str) -> LawRow {
    LawRow {
        meta: node.meta(pack),
        rule: node.word("rule"),
        article: node.word("article"),
        effective_from: node.date("effective_from"),
        effective_to: node.date("effective_to"),
        value: node.literal("value"),
    }
}

pub(super) fn pending(mut node: Node, pack: &str) -> PendingLaw {
    PendingLaw {
        meta: node.meta(pack),
        law: node.word("law"),
        subject: node.text("subject"),
        effective_from: node.date("effective_from"),
        effective_by: node.date("effective_by"),
        concerns_reports: node.flag("concerns_reports"),
    }
}

pub(super) fn case(mut node: Node, _: &str) -> Case {
    Case {
        id: node.word("id"),
        clauses: node.words("clauses"),
        shows: node.text("shows"),
        steps: node.nodes("step").into_iter().map(case_step).collect(),
        settings: node.literals("settings"),
        place: node.place,
    }
}

fn case_step(mut node: Node) -> CaseStep {
    CaseStep { at: node.maybe_word("at"), by: node.maybe_word("by"), words: node.words, place: node.place }
}
