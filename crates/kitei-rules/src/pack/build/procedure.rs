//! Builds facts, bindings, tracks, gates, flags, effects, proposals and duties.

use super::{
    super::{
        model::{Binding, Clock, Demand, Duty, Effect, Fact, Flag, Gate, Propose, Row, Step, Track},
        node::Node,
    },
    choices,
};

pub(super) fn fact(mut node: Node, pack: &str) -> Fact {
    Fact {
        meta: node.meta(pack),
        on: node.word("on"),
        id: node.word("id"),
        title: node.maybe_text("title"),
        kind: node.one_of("kind"),
        choices: choices(&mut node, "choices"),
        hit: node.one_of("hit").unwrap_or_default(),
        rows: node.nodes("row").into_iter().map(|node| row(node, pack)).collect(),
        value: node.maybe_source("value"),
        rule: node.maybe_word("rule"),
        overridable: node.flag("overridable"),
        shown: node.flag("shown"),
    }
}

fn row(mut node: Node, pack: &str) -> Row {
    Row {
        meta: node.meta(pack),
        id: node.word("id"),
        title: node.text("title"),
        when: node.source("when"),
        value: node.literal("value"),
    }
}

pub(super) fn binding(mut node: Node, pack: &str) -> Binding {
    Binding { meta: node.meta(pack), rule: node.word("rule"), on: node.word("on"), inputs: node.sources("inputs") }
}

pub(super) fn track(mut node: Node, pack: &str) -> Track {
    Track {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        title: node.text("title"),
        when: node.maybe_source("when"),
        steps: node.nodes("step").into_iter().map(|node| step(node, pack)).collect(),
        holds_open: node.flag("holds_open"),
        any_order: node.flag("any_order"),
    }
}

fn step(mut node: Node, pack: &str) -> Step {
    Step {
        meta: node.meta(pack),
        act: node.word("act"),
        title: node.maybe_text("title"),
        when: node.maybe_source("when"),
        by: node.words("by"),
        approve: node.sets("approve"),
        clocks: node.nodes("clocks").into_iter().map(|node| clock(node, pack)).collect(),
        needs: node.words("needs"),
        needs_when: node.sources("needs_when"),
        demands: node.nodes("demands").into_iter().map(|node| demand(node, pack)).collect(),
        each: node.maybe_word("each"),
        until: node.maybe_source("until"),
        again: node.maybe_source("again"),
        waits: node.maybe_source("waits"),
        waits_for: node.maybe_text("waits_for"),
        locked: node.maybe_source("locked"),
        locked_because: node.maybe_text("locked_because"),
        after: node.words("after"),
        free: node.flag("free"),
        skip: node.one_of("skip").unwrap_or_default(),
        paper: node.maybe_word("paper"),
        tell: node.words("tell"),
        receipt: node.flag("receipt"),
        remind: node.maybe_word("remind"),
        escalate: node.words("escalate"),
        read: node.words("read"),
    }
}

fn clock(mut node: Node, pack: &str) -> Clock {
    Clock {
        meta: node.meta(pack),
        kind: node.one_of("kind").unwrap_or_default(),
        from: node.maybe_source("from"),
        after: node.maybe_word("after"),
        at: node.maybe_source("at"),
        guide: node.maybe_text("guide"),
    }
}

fn demand(mut node: Node, pack: &str) -> Demand {
    Demand { meta: node.meta(pack), holds: node.source("holds"), message: node.text("message") }
}

pub(super) fn gate(mut node: Node, pack: &str) -> Gate {
    Gate {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        at: node.words("at"),
        fields: node.words("fields"),
        when: node.source("when"),
        strict: node.flag("strict"),
        effect: node.one_of("effect").unwrap_or_default(),
        message: node.text("message"),
        yields_to: node.maybe_word("yields_to"),
    }
}

pub(super) fn flag(mut node: Node, pack: &str) -> Flag {
    Flag {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        each: node.maybe_word("each"),
        when: node.source("when"),
        message: node.text("message"),
        tone: node.one_of("tone").unwrap_or_default(),
        by: node.words("by"),
    }
}

pub(super) fn effect(mut node: Node, pack: &str) -> Effect {
    Effect {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        at: node.word("at"),
        when: node.maybe_source("when"),
        create: node.maybe_word("create"),
        link: node.maybe_word("link"),
        update: node.maybe_word("update"),
        add_line: node.maybe_word("add_line"),
        set: node.sources("set"),
        tell: node.words("tell"),
        message: node.maybe_text("message"),
        receipt: node.flag("receipt"),
        close: node.flag("close"),
    }
}

pub(super) fn propose(mut node: Node, pack: &str) -> Propose {
    Propose {
        meta: node.meta(pack),
        id: node.word("id"),
        on: node.word("on"),
        fields: node.words("fields"),
        when: node.maybe_source("when"),
        through: node.word("through"),
        target: node.word("target"),
        applied_by: node.word("applied_by"),
    }
}

pub(super) fn duty(mut node: Node, pack: &str) -> Duty {
    Duty {
        meta: node.meta(pack),
        act: node.word("act"),
        title: node.maybe_text("title"),
        each: node.word("each"),
        when: node.maybe_source("when"),
        period: node.word("period"),
        month: node.maybe_word("month"),
        by: node.words("by"),
        approve: node.sets("approve"),
        needs: node.words("needs"),
        after: node.words("after"),
        paper: node.maybe_word("paper"),
        remind: node.maybe_word("remind"),
        escalate: node.words("escalate"),
    }
}
