//! Builds acts, registers and presets.

use super::{
    super::{
        model::{Act, Field, LineList, Preset, Register, Retention},
        node::Node,
    },
    choices,
};

pub(super) fn act(mut node: Node, pack: &str) -> Act {
    Act {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.text("title"),
        help: node.maybe_text("help"),
        fields: fields(&mut node, pack),
    }
}

pub(super) fn register(mut node: Node, pack: &str) -> Register {
    Register {
        meta: node.meta(pack),
        id: node.word("id"),
        extends: node.flag("extends"),
        title: node.maybe_text("title"),
        help: node.maybe_text("help"),
        prefix: node.maybe_word("prefix"),
        single: node.flag("single"),
        named_by: node.maybe_word("named_by"),
        owner: node.words("owner"),
        read: node.words("read"),
        write: node.words("write"),
        department_field: node.maybe_word("department_field"),
        retention: node.nodes("retention").pop().map(retention),
        fields: fields(&mut node, pack),
        lists: node.nodes("list").into_iter().map(|list| line_list(list, pack)).collect(),
    }
}

fn retention(mut node: Node) -> Retention {
    Retention {
        at_least: node.maybe_word("at_least"),
        at_most: node.maybe_word("at_most"),
        from: node.maybe_source("from"),
        rule: node.maybe_word("rule"),
    }
}

fn fields(node: &mut Node, pack: &str) -> Vec<Field> {
    node.nodes("field").into_iter().map(|node| field(node, pack)).collect()
}

fn field(mut node: Node, pack: &str) -> Field {
    Field {
        meta: node.meta(pack),
        id: node.word("id"),
        kind: node.one_of("kind"),
        title: node.maybe_text("title"),
        help: node.maybe_text("help"),
        ask: node.maybe_text("ask"),
        required: node.one_of("required").unwrap_or_default(),
        required_when: node.maybe_source("required_when"),
        shown_when: node.maybe_source("shown_when"),
        choices: choices(&mut node, "choices"),
        only: node.words("only"),
        to: node.maybe_word("to"),
        open: node.flag("open"),
        refuse: node.words("refuse"),
        warn: node.words("warn"),
        aliases: node.words("aliases"),
        unit: node.maybe_text("unit"),
        default: node.maybe_source("default"),
        value: node.maybe_source("value"),
        read: node.words("read"),
        column: node.flag("column"),
        filter: node.flag("filter"),
        least: node.number("least"),
        most: node.number("most"),
    }
}

fn line_list(mut node: Node, pack: &str) -> LineList {
    LineList {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.maybe_text("title"),
        fields: fields(&mut node, pack),
        start: node.rows("start"),
        read: node.words("read"),
    }
}

pub(super) fn preset(mut node: Node, pack: &str) -> Preset {
    Preset {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        title: node.text("title"),
        set: node.literals("set"),
    }
}
