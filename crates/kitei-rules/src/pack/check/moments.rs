//! Moments of gates and effects, and clocks that say when.

use super::{
    super::{
        diagnostic::{say, suggest},
        model::{Clock, ClockKind, Meta},
    },
    Missing, Report,
    index::{Index, RegisterView},
    references::{act, nothing, on},
};

const GATE: &[&str] = &["create", "change", "close", "dispose", "act:ID", "skip:ID", "paper:ID", "line:LIST"];
const EFFECT: &[&str] = &["create", "change", "close", "act:ID", "approved:ID"];

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    for gate in &index.own.gates {
        let Some(view) = on(index, &gate.meta, &gate.on, report) else { continue };
        for at in &gate.at {
            moment(index, view, &gate.meta, at, GATE, report);
        }
        for name in gate.fields.iter().filter(|name| !known_field(view, name)) {
            report.dangling(&gate.meta, "fields", &Missing::field(name), view.fields.keys().copied());
        }
        if let Some(name) = &gate.yields_to {
            act(index, &gate.meta, "yields_to", name, report);
        }
    }
    for effect in &index.own.effects {
        if let Some(view) = index.register(&effect.on) {
            moment(index, view, &effect.meta, &effect.at, EFFECT, report);
        }
    }
    for step in index.own.tracks.iter().flat_map(|track| &track.steps) {
        for one in &step.clocks {
            clock(one, report);
        }
    }
}

/// A field of the register, or of one of its line lists (a gate at `line:LIST` may name those).
fn known_field(view: &RegisterView<'_>, name: &str) -> bool {
    view.fields.contains_key(name)
        || view.lists.contains_key(name)
        || view.lists.values().any(|fields| fields.contains_key(name))
}

fn moment(
    index: &Index<'_>,
    view: &RegisterView<'_>,
    meta: &Meta,
    at: &str,
    known: &'static [&'static str],
    report: &mut Report<'_>,
) {
    let form = match at.split_once(':') {
        Some((word, _)) => known.iter().find(|known| known.split(':').next() == Some(word) && known.contains(':')),
        None => known.iter().find(|known| **known == at),
    };
    if form.is_none() {
        report.error(
            &meta.place_of("at"),
            "moment",
            say(format!("「{at}」という時点はありません。"), format!("there is no moment `{at}`")),
            suggest(at, known.iter().copied()),
        );
        return;
    }
    match at.split_once(':') {
        Some(("line", id)) if !view.lists.contains_key(id) => {
            report.dangling(meta, "at", &Missing::list(id), view.lists.keys().copied());
        }
        Some(("paper", id)) if !index.papers.contains_key(id) => {
            report.dangling(meta, "at", &Missing::paper(id), index.papers.keys().copied());
        }
        Some(("act" | "skip" | "approved", id)) => act(index, meta, "at", id, report),
        _ => {}
    }
}

/// A clock has `from` and `after`, or `at`; one that counts up needs `from` only.
fn clock(clock: &Clock, report: &mut Report<'_>) {
    let counts_up = matches!(clock.kind, ClockKind::Immediately | ClockKind::WithoutDelay);
    let good = match (&clock.from, &clock.after, &clock.at) {
        (Some(_), Some(_), None) | (None, None, Some(_)) => true,
        (Some(_), None, None) => counts_up,
        _ => false,
    };
    if !good {
        report.error(
            &clock.meta.place,
            "clock-incomplete",
            say("この期限からは日時が決まりません。", "no time follows from this clock"),
            say(
                "from と after、又は at（immediately と without-delay は from だけでよい）",
                "from and after, or at (immediately and without-delay need from only)",
            ),
        );
        return;
    }
    if clock.after.as_deref() == Some("P0D") {
        report.warning(
            &clock.meta.place,
            "clock-incomplete",
            say("期限の長さが0です。", "the clock has no length"),
            nothing(),
        );
    }
}
