//! Roles, committees and everybody who is named to do, approve, read or hear something.
//!
//! Serves the rule that an act which nobody can do is a mistake of the pack, and that a pair of roles that one person may not
//! hold is never forced on one person.

use std::collections::BTreeMap;

use super::{
    super::{diagnostic::say, model::Meta, who::Who},
    Missing, Report,
    index::{Fields, Index},
    references::{is_left_out, nothing},
};

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    roles(index, report);
    exclusives(index, report);
    steps(index, report);
    duties(index, report);
    let own = index.own;
    for register in &own.registers {
        let on = Some(register.id.as_str());
        for (key, list) in [("owner", &register.owner), ("read", &register.read), ("write", &register.write)] {
            named(index, &register.meta, key, list, Fieldset { on, lines: None }, report);
        }
        for field in &register.fields {
            named(index, &field.meta, "read", &field.read, Fieldset { on, lines: None }, report);
        }
        let view = index.register(&register.id);
        for list in &register.lists {
            let lines = view.and_then(|view| view.lists.get(list.id.as_str()));
            named(index, &list.meta, "read", &list.read, Fieldset { on, lines }, report);
        }
    }
    for body in &own.bodies {
        named(index, &body.meta, "members", &body.members, Fieldset::default(), report);
        named(index, &body.meta, "chair", &body.chair, Fieldset::default(), report);
    }
    for flag in &own.flags {
        let lines = flag.each.as_deref().and_then(|each| index.register(&flag.on)?.lists.get(each));
        named(index, &flag.meta, "by", &flag.by, Fieldset { on: Some(&flag.on), lines }, report);
    }
    for effect in &own.effects {
        named(index, &effect.meta, "tell", &effect.tell, Fieldset { on: Some(&effect.on), lines: None }, report);
    }
    for compare in &own.compares {
        named(index, &compare.meta, "by", &compare.by, Fieldset { on: Some(&compare.left), lines: None }, report);
    }
    for view in &own.views {
        named(index, &view.meta, "read", &view.read, Fieldset { on: Some(&view.on), lines: None }, report);
    }
    for paper in &own.papers {
        sets(index, &paper.meta, &paper.approve, Fieldset { on: Some(&paper.on), lines: None }, report);
    }
    for rule in &own.rules {
        named(index, &rule.meta, "who", &rule.who, Fieldset::default(), report);
    }
}

/// Whose fields a name may use.
#[derive(Clone, Copy, Default)]
struct Fieldset<'f, 'p> {
    on: Option<&'f str>,
    lines: Option<&'f Fields<'p>>,
}

fn sets(index: &Index<'_>, meta: &Meta, sets: &[Vec<String>], fields: Fieldset<'_, '_>, report: &mut Report<'_>) {
    for set in sets {
        named(index, meta, "approve", set, fields, report);
    }
}

fn named(
    index: &Index<'_>,
    meta: &Meta,
    key: &str,
    list: &[String],
    fields: Fieldset<'_, '_>,
    report: &mut Report<'_>,
) {
    for word in list {
        let Some(who) = Who::parse(word) else { continue };
        if let Some(id) = who.role().filter(|id| !index.roles.contains_key(id)) {
            report.dangling(meta, key, &Missing::role(id), index.roles.keys().copied());
        }
        let (Who::Head(field) | Who::Person(field) | Who::RoleFor(_, field)) = who else { continue };
        let anybody = matches!(field, "self" | "departments" | "record");
        let (Some(on), false) = (fields.on, anybody) else { continue };
        let known = index.path(on, field).is_some() || fields.lines.is_some_and(|lines| lines.contains_key(field));
        if !known && index.register(on).is_some() {
            let names = index.register(on).into_iter().flat_map(|view| view.fields.keys());
            report.dangling(meta, key, &Missing::field(field), names.copied());
        }
    }
}

fn roles(index: &Index<'_>, report: &mut Report<'_>) {
    let appointment = index.register("appointment");
    for role in &index.own.roles {
        if !index.roles.contains_key(role.id.as_str()) {
            report.dangling(&role.meta, "id", &Missing::role(&role.id), index.roles.keys().copied());
        }
        if let Some(by) = role.appointed_by.as_deref().filter(|by| !index.roles.contains_key(by)) {
            report.dangling(&role.meta, "appointed_by", &Missing::role(by), index.roles.keys().copied());
        }
        // An office is a role: whoever holds it is found by appointments, not by a field of some record.
        if let Some(by) = role.by_office.as_deref().filter(|by| !index.roles.contains_key(by)) {
            report.dangling(&role.meta, "by_office", &Missing::role(by), index.roles.keys().copied());
        }
        for need in &role.needs {
            if let Some(view) = appointment.filter(|view| !view.fields.contains_key(need.as_str())) {
                report.dangling(&role.meta, "needs", &Missing::field(need), view.fields.keys().copied());
            }
        }
        for register in role.sees.iter().filter(|id| *id != "*" && index.register(id).is_none()) {
            report.dangling(&role.meta, "sees", &Missing::register(register), index.register_ids());
        }
        if let Some(position) = index.path("person", "position").filter(|field| !field.choices.is_empty()) {
            for wanted in
                role.positions.iter().filter(|wanted| !position.choices.iter().any(|choice| choice.id == **wanted))
            {
                let known = position.choices.iter().map(|choice| choice.id.as_str());
                report.dangling(&role.meta, "positions", &Missing::element(wanted), known);
            }
        }
    }
}

/// Two or more roles that exist, and none that office (充て職) puts on the same person.
fn exclusives(index: &Index<'_>, report: &mut Report<'_>) {
    let offices = offices(index);
    for exclusive in &index.own.exclusives {
        if exclusive.roles.len() < 2 {
            report.error(
                &exclusive.meta.place_of("roles"),
                "exclusive-single",
                say("兼ねられない役割が二つありません。", "it takes two roles to be exclusive"),
                say("役割を二つ以上", "two or more roles"),
            );
        }
        for role in exclusive.roles.iter().filter(|role| !index.roles.contains_key(role.as_str())) {
            report.dangling(&exclusive.meta, "roles", &Missing::role(role), index.roles.keys().copied());
        }
        for (at, role) in exclusive.roles.iter().enumerate() {
            let office = root(&offices, role);
            let Some(other) = exclusive.roles.iter().take(at).find(|other| root(&offices, other) == office) else {
                continue;
            };
            report.error(
                &exclusive.meta.place_of("roles"),
                "exclusive-forced",
                say(
                    format!("「{role}」と「{other}」は兼ねられないのに、充て職では同じ人になります。"),
                    format!("`{role}` and `{other}` may not be held together, and by_office gives both to one person"),
                ),
                say("by_office を変えるか、exclusive を消す。", "change by_office or remove the exclusion"),
            );
        }
    }
}

/// Role → the office whose holder holds it.
fn offices<'i>(index: &'i Index<'_>) -> BTreeMap<&'i str, &'i str> {
    let roles = index.visible.iter().flat_map(|pack| &pack.roles);
    roles.filter_map(|role| Some((role.id.as_str(), role.by_office.as_deref()?))).collect()
}

/// The office at the end of a chain of offices; the role itself when it has none. A circle ends where it closes.
fn root<'i>(offices: &BTreeMap<&'i str, &'i str>, role: &'i str) -> &'i str {
    let mut at = role;
    for _ in 0..offices.len() {
        match offices.get(at) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

fn steps(index: &Index<'_>, report: &mut Report<'_>) {
    for track in &index.own.tracks {
        let Some(view) = index.register(&track.on) else { continue };
        for step in &track.steps {
            let lines = step.each.as_deref().and_then(|each| view.lists.get(each));
            let fields = Fieldset { on: Some(&track.on), lines };
            for (key, list) in
                [("by", &step.by), ("tell", &step.tell), ("escalate", &step.escalate), ("read", &step.read)]
            {
                named(index, &step.meta, key, list, fields, report);
            }
            sets(index, &step.meta, &step.approve, fields, report);
            let by_itself = step.until.as_ref().is_some_and(|until| !is_left_out(until));
            if step.by.is_empty() && !view.owned && !by_itself {
                nobody(&step.meta, &step.act, report);
            }
            approves_self(index, &step.meta, &step.by, &step.approve, report);
        }
    }
}

fn duties(index: &Index<'_>, report: &mut Report<'_>) {
    for duty in &index.own.duties {
        let on = (duty.each != "organization").then_some(duty.each.as_str());
        let fields = Fieldset { on, lines: None };
        named(index, &duty.meta, "by", &duty.by, fields, report);
        named(index, &duty.meta, "escalate", &duty.escalate, fields, report);
        sets(index, &duty.meta, &duty.approve, fields, report);
        let owned = index.register(&duty.each).is_some_and(|view| view.owned);
        if duty.by.is_empty() && !owned {
            nobody(&duty.meta, &duty.act, report);
        }
        approves_self(index, &duty.meta, &duty.by, &duty.approve, report);
    }
}

fn nobody(meta: &Meta, act: &str, report: &mut Report<'_>) {
    report.error(
        &meta.place_of("act"),
        "nobody",
        say(format!("「{act}」をする者がいません。"), format!("nobody can do `{act}`")),
        say("by を書くか、台帳に owner を書く。", "write `by`, or give the register an `owner`"),
    );
}

/// A role with one holder who would have to approve their own deed.
fn approves_self(index: &Index<'_>, meta: &Meta, by: &[String], approve: &[Vec<String>], report: &mut Report<'_>) {
    let Some(doer) = by.first().filter(|doer| index.roles.get(doer.as_str()).is_some_and(|role| role.single)) else {
        return;
    };
    if approve.iter().any(|set| !set.is_empty() && set.iter().all(|who| who == doer)) {
        report.warning(
            &meta.place_of("approve"),
            "self-approval",
            say(
                format!("「{doer}」が自分のしたことを承認することになります。"),
                format!("`{doer}` would approve their own deed"),
            ),
            nothing(),
        );
    }
}
