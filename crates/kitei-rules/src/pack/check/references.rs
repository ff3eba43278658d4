//! References that point nowhere: registers, fields, lists, acts, papers, parameters, packs.
//!
//! Roles and people are looked at in [`super::people`], moments in [`super::moments`], clauses in [`super::clauses`].

use super::{
    super::{
        diagnostic::say,
        model::{Duty, Effect, Meta, Pack, Section, Source, Step, Text, Track},
    },
    Missing, Report,
    index::{Fields, Index, RegisterView},
};

/// Packs that are extended and not there.
pub(super) fn extends(index: &Index<'_>, packs: &[Pack], report: &mut Report<'_>) {
    let place = super::Place { file: "pack.toml".to_owned(), line: 1 };
    for id in &index.own.extends {
        if !packs.iter().any(|pack| pack.id == *id) {
            report.dangling_at(&place, &Missing::pack(id), packs.iter().map(|pack| pack.id.as_str()));
        }
    }
}

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    let own = index.own;
    for term in &own.terms {
        term_users(index, &term.meta, &term.used_by, report);
    }
    for body in own.bodies.iter().filter(|body| !index.bodies.contains_key(body.id.as_str())) {
        report.dangling(&body.meta, "id", &Missing::body(&body.id), index.bodies.keys().copied());
    }
    for fact in &own.facts {
        on(index, &fact.meta, &fact.on, report);
    }
    for binding in &own.bindings {
        on(index, &binding.meta, &binding.on, report);
    }
    for track in &own.tracks {
        steps(index, track, report);
    }
    for flag in &own.flags {
        if let (Some(view), Some(each)) = (on(index, &flag.meta, &flag.on, report), &flag.each) {
            list(view, &flag.meta, "each", each, report);
        }
    }
    for effect in &own.effects {
        effects(index, effect, report);
    }
    for duty in &own.duties {
        duties(index, duty, report);
    }
    proposals(index, report);
    documents(index, report);
    periods(index, report);
}

/// The register of an element's `on`, or `None` after reporting.
pub(super) fn on<'i, 'p>(
    index: &'i Index<'p>,
    meta: &Meta,
    id: &str,
    report: &mut Report<'_>,
) -> Option<&'i RegisterView<'p>> {
    register(index, meta, "on", id, report)
}

fn register<'i, 'p>(
    index: &'i Index<'p>,
    meta: &Meta,
    key: &str,
    id: &str,
    report: &mut Report<'_>,
) -> Option<&'i RegisterView<'p>> {
    let view = index.register(id);
    if view.is_none() {
        report.dangling(meta, key, &Missing::register(id), index.register_ids());
    }
    view
}

fn list<'v, 'p>(
    view: &'v RegisterView<'p>,
    meta: &Meta,
    key: &str,
    id: &str,
    report: &mut Report<'_>,
) -> Option<&'v Fields<'p>> {
    let fields = view.lists.get(id);
    if fields.is_none() {
        report.dangling(meta, key, &Missing::list(id), view.lists.keys().copied());
    }
    fields
}

pub(super) fn act(index: &Index<'_>, meta: &Meta, key: &str, id: &str, report: &mut Report<'_>) {
    if !index.acts.contains_key(id) {
        report.dangling(meta, key, &Missing::act(id), index.acts.keys().copied());
    }
}

fn paper(index: &Index<'_>, meta: &Meta, id: Option<&str>, report: &mut Report<'_>) {
    if let Some(id) = id.filter(|id| !index.papers.contains_key(id)) {
        report.dangling(meta, "paper", &Missing::paper(id), index.papers.keys().copied());
    }
}

fn term_users(index: &Index<'_>, meta: &Meta, users: &[String], report: &mut Report<'_>) {
    for user in users {
        let known = match user.split_once('.') {
            Some((register, field)) => index.register(register).is_some_and(|view| {
                view.fields.contains_key(field)
                    || view.lists.contains_key(field)
                    || field.split_once('.').is_some_and(|(list, field)| {
                        view.lists.get(list).is_some_and(|fields| fields.contains_key(field))
                    })
            }),
            None => {
                let facts = || index.registers.values().any(|view| view.fields.contains_key(user.as_str()));
                index.register(user).is_some()
                    || index.roles.contains_key(user.as_str())
                    || index.acts.contains_key(user.as_str())
                    || facts()
            }
        };
        if !known {
            report.dangling(meta, "used_by", &Missing::element(user), index.register_ids());
        }
    }
}

fn steps(index: &Index<'_>, track: &Track, report: &mut Report<'_>) {
    let Some(view) = on(index, &track.meta, &track.on, report) else { return };
    if track.steps.is_empty() {
        report.error(
            &track.meta.place,
            "empty",
            say("手順に一つも手順がありません。", "the track has no steps"),
            say("[[track.step]] を書く。", "write [[track.step]]"),
        );
    }
    for step in &track.steps {
        act(index, &step.meta, "act", &step.act, report);
        let lines = step.each.as_deref().and_then(|each| list(view, &step.meta, "each", each, report));
        for name in &step.after {
            act(index, &step.meta, "after", name, report);
        }
        paper(index, &step.meta, step.paper.as_deref(), report);
        for (key, names) in
            [("needs", step.needs.iter().collect::<Vec<_>>()), ("needs_when", step.needs_when.keys().collect())]
        {
            for name in names {
                needed(index, &Needed { register: &track.on, view, lines, act: &step.act }, step, key, name, report);
            }
        }
    }
}

/// Where a needed field may stand.
struct Needed<'n, 'p> {
    register: &'n str,
    view: &'n RegisterView<'p>,
    lines: Option<&'n Fields<'p>>,
    act: &'n str,
}

fn needed(index: &Index<'_>, at: &Needed<'_, '_>, step: &Step, key: &str, name: &str, report: &mut Report<'_>) {
    let of_act = index.acts.get(at.act);
    let known = index.path(at.register, name).is_some()
        || at.view.lists.contains_key(name)
        || at.lines.is_some_and(|fields| fields.contains_key(name))
        || of_act.is_some_and(|fields| fields.contains_key(name));
    if !known {
        let names = at.view.fields.keys().chain(at.view.lists.keys());
        let more = at.lines.into_iter().chain(of_act).flat_map(|fields| fields.keys());
        report.dangling(&step.meta, key, &Missing::field(name), names.chain(more).copied());
    }
}

fn effects(index: &Index<'_>, effect: &Effect, report: &mut Report<'_>) {
    let Some(view) = on(index, &effect.meta, &effect.on, report) else { return };
    let meta = &effect.meta;
    if effect.create.is_some() && (effect.update.is_some() || effect.add_line.is_some()) {
        report.error(
            &meta.place_of("create"),
            "effect-target",
            say(
                "create は update や add_line と一緒に書けません。",
                "`create` stands alone, without `update` or `add_line`",
            ),
            say("effect を分ける。", "write two effects"),
        );
        return;
    }
    let mut target = None;
    if let Some(create) = &effect.create {
        target = register(index, meta, "create", create, report).map(|view| &view.fields);
    }
    if let Some(link) = &effect.link {
        linked(index, effect, link, "link", report);
    }
    let updated = match effect.update.as_deref() {
        None | Some("self") => Some(view),
        Some(link) => linked(index, effect, link, "update", report),
    };
    if effect.update.is_some() {
        target = updated.map(|view| &view.fields);
    }
    if let (Some(add_line), Some(updated)) = (&effect.add_line, updated) {
        target = list(updated, meta, "add_line", add_line, report);
    }
    let nothing = effect.create.is_none() && effect.update.is_none() && effect.add_line.is_none();
    let does = !effect.tell.is_empty() || effect.close;
    if nothing && (!effect.set.is_empty() || !does) {
        report.error(
            &meta.place,
            "effect-target",
            say("何に及ぶかが書かれていません。", "the effect says nothing of what it does"),
            say("create、update、add_line、tell のどれか", "one of create, update, add_line, tell"),
        );
    }
    for name in effect.set.keys() {
        if let Some(fields) = target
            && !fields.contains_key(name.as_str())
        {
            report.dangling(meta, "set", &Missing::field(name), fields.keys().copied());
        }
    }
}

/// The register that a link field of the effect's register leads to.
fn linked<'i, 'p>(
    index: &'i Index<'p>,
    effect: &Effect,
    field: &str,
    key: &str,
    report: &mut Report<'_>,
) -> Option<&'i RegisterView<'p>> {
    let Some(view) = index.path(&effect.on, field) else {
        let known = index.register(&effect.on).into_iter().flat_map(|view| view.fields.keys()).copied();
        report.dangling(&effect.meta, key, &Missing::field(field), known);
        return None;
    };
    let target = view.target();
    if target.is_none() {
        report.error(
            &effect.meta.place_of(key),
            "not-a-link",
            say(format!("項目「{field}」はリンクではありません。"), format!("the field `{field}` is not a link")),
            say("kind が link か links の項目", "a field of kind link or links"),
        );
    }
    index.register(target?)
}

fn duties(index: &Index<'_>, duty: &Duty, report: &mut Report<'_>) {
    let meta = &duty.meta;
    act(index, meta, "act", &duty.act, report);
    let view = if duty.each == "organization" {
        index.register("organization")
    } else {
        register(index, meta, "each", &duty.each, report)
    };
    for name in &duty.after {
        act(index, meta, "after", name, report);
    }
    paper(index, meta, duty.paper.as_deref(), report);
    let Some(of_act) = index.acts.get(duty.act.as_str()) else { return };
    for name in &duty.needs {
        if !of_act.contains_key(name.as_str()) && !view.is_some_and(|view| view.fields.contains_key(name.as_str())) {
            report.dangling(meta, "needs", &Missing::field(name), of_act.keys().copied());
        }
    }
}

fn proposals(index: &Index<'_>, report: &mut Report<'_>) {
    for propose in &index.own.proposals {
        let meta = &propose.meta;
        if let Some(view) = on(index, meta, &propose.on, report) {
            for name in propose
                .fields
                .iter()
                .filter(|name| !view.fields.contains_key(name.as_str()) && !view.lists.contains_key(name.as_str()))
            {
                report.dangling(meta, "fields", &Missing::field(name), view.fields.keys().copied());
            }
        }
        if let Some(through) = register(index, meta, "through", &propose.through, report) {
            match through.fields.get(propose.target.as_str()) {
                None => {
                    report.dangling(meta, "target", &Missing::field(&propose.target), through.fields.keys().copied());
                }
                Some(field) if field.target() != Some(propose.on.as_str()) => report.error(
                    &meta.place_of("target"),
                    "not-a-link",
                    say(
                        format!("「{}」は台帳「{}」へのリンクではありません。", propose.target, propose.on),
                        format!("`{}` does not lead to the register `{}`", propose.target, propose.on),
                    ),
                    say(format!("to = \"{}\"", propose.on), format!("to = \"{}\"", propose.on)),
                ),
                Some(_) => {}
            }
        }
        act(index, meta, "applied_by", &propose.applied_by, report);
    }
}

fn documents(index: &Index<'_>, report: &mut Report<'_>) {
    for compare in &index.own.compares {
        register(index, &compare.meta, "left", &compare.left, report);
        register(index, &compare.meta, "right", &compare.right, report);
        if compare.only_left.is_none() && compare.only_right.is_none() {
            report.error(
                &compare.meta.place,
                "missing-key",
                say("違いが何も言い表されていません。", "no difference is put into words"),
                say("only_left か only_right", "only_left or only_right"),
            );
        }
    }
    for view in &index.own.views {
        on(index, &view.meta, &view.on, report);
    }
    for paper in &index.own.papers {
        if paper.on != "organization" && on(index, &paper.meta, &paper.on, report).is_none() {
            continue;
        }
        if paper.template.is_none() && paper.sections.is_empty() {
            report.error(
                &paper.meta.place,
                "empty",
                say("文書に中身がありません。", "the paper has no content"),
                say("template か [[paper.section]]", "template or [[paper.section]]"),
            );
        }
        for section in &paper.sections {
            table(index, &paper.on, section, report);
        }
    }
}

fn table(index: &Index<'_>, on: &str, section: &Section, report: &mut Report<'_>) {
    let Some(table) = &section.table else { return };
    let known = index.register(on).is_some_and(|view| view.lists.contains_key(table.as_str()))
        || index.path(on, table).is_some_and(|field| field.target().is_some())
        || index.register(table).is_some();
    if !known {
        let lists = index.register(on).into_iter().flat_map(|view| view.lists.keys().copied());
        let all: Vec<&str> = lists.chain(index.register_ids()).collect();
        report.dangling(&section.meta, "table", &Missing::list(table), all.iter().copied());
    }
}

/// `param:KEY` in periods and months, and `settings` of cases.
fn periods(index: &Index<'_>, report: &mut Report<'_>) {
    let own = index.own;
    for duty in &own.duties {
        parameter(index, &duty.meta, "period", Some(&duty.period), report);
        parameter(index, &duty.meta, "month", duty.month.as_deref(), report);
        parameter(index, &duty.meta, "remind", duty.remind.as_deref(), report);
    }
    for step in own.tracks.iter().flat_map(|track| &track.steps) {
        parameter(index, &step.meta, "remind", step.remind.as_deref(), report);
        for clock in &step.clocks {
            parameter(index, &clock.meta, "after", clock.after.as_deref(), report);
        }
    }
    for register in &own.registers {
        let Some(retention) = &register.retention else { continue };
        parameter(index, &register.meta, "retention", retention.at_least.as_deref(), report);
        parameter(index, &register.meta, "retention", retention.at_most.as_deref(), report);
    }
    for case in &own.cases {
        for key in case.settings.keys().filter(|key| !index.parameters.contains_key(key.as_str())) {
            report.dangling_at(&case.place, &Missing::parameter(key), index.parameters.keys().copied());
        }
    }
}

fn parameter(index: &Index<'_>, meta: &Meta, key: &str, word: Option<&str>, report: &mut Report<'_>) {
    if let Some(id) = word.and_then(|word| word.strip_prefix("param:"))
        && !index.parameters.contains_key(id)
    {
        report.dangling(meta, key, &Missing::parameter(id), index.parameters.keys().copied());
    }
}

/// Whether an expression is only the mark that a wrong one left behind.
pub(super) fn is_left_out(source: &Source) -> bool {
    source.text.is_empty()
}

/// An expectation that says nothing more.
pub(super) fn nothing() -> Text {
    Text::default()
}
