//! Cases: what they open, do and look at exists, and every name was given before.

use std::collections::BTreeMap;

use super::{
    super::{
        diagnostic::{say, suggest},
        model::{Case, CaseStep, Literal, Place},
        shape::ENDINGS,
    },
    Missing, Report,
    index::{Fields, Index},
    values,
};

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    for case in &index.own.cases {
        story(index, case, report);
    }
}

fn story(index: &Index<'_>, case: &Case, report: &mut Report<'_>) {
    // Name → register of the record, where it is known.
    let mut names: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for step in &case.steps {
        let said = |key: &str| match step.words.get(key) {
            Some(Literal::Text(word)) => Some(word.as_str()),
            _ => None,
        };
        known_names(step, &said, &names, report);
        if let Some(register) = said("create") {
            create(index, step, register, report);
            if let Some(name) = said("as") {
                names.insert(name, Some(register));
            }
        } else if let Some(name) = said("as") {
            // What a change opens (an application) is known only to the rules that run.
            names.insert(name, said("appoint").map(|_| "appointment"));
        }
        let of = said("change").or_else(|| said("on")).and_then(|name| names.get(name).copied().flatten());
        with(index, step, &said, of, report);
        things(index, step, &said, report);
    }
}

/// Names beginning with `@` are known to the sample organisation; others must have been given by `as`.
fn known_names<'s>(
    step: &'s CaseStep,
    said: &impl Fn(&str) -> Option<&'s str>,
    names: &BTreeMap<&str, Option<&str>>,
    report: &mut Report<'_>,
) {
    let seen = step.words.contains_key("see");
    for key in ["on", "change", "edit", "close", "dispose", "erase", "open"] {
        if seen && key != "on" {
            continue;
        }
        let Some(name) = said(key) else { continue };
        let first = name.split('.').next().unwrap_or(name);
        if !name.starts_with('@') && first != "organization" && !names.contains_key(first) && !names.contains_key(name)
        {
            report.error(
                &step.place,
                "case-unknown-name",
                say(format!("「{name}」はまだ名付けられていません。"), format!("`{name}` has not been named yet")),
                suggest(name, names.keys().copied()),
            );
        }
    }
}

fn create(index: &Index<'_>, step: &CaseStep, register: &str, report: &mut Report<'_>) {
    let Some(view) = index.register(register) else {
        report.dangling_at(&step.place, &Missing::register(register), index.register_ids());
        return;
    };
    let Some(Literal::Table(lines)) = step.words.get("lines") else { return };
    for (id, lines) in lines {
        let Some(fields) = view.lists.get(id.as_str()) else {
            report.dangling_at(&step.place, &Missing::list(id), view.lists.keys().copied());
            continue;
        };
        let Literal::List(lines) = lines else { continue };
        for line in lines {
            if let Literal::Table(line) = line {
                values::said(fields, line, &step.place, report);
            }
        }
    }
}

/// `with`: fields of the register, of the record that is changed, or of the act that is done.
fn with<'s>(
    index: &Index<'_>,
    step: &'s CaseStep,
    said: &impl Fn(&str) -> Option<&'s str>,
    of: Option<&str>,
    report: &mut Report<'_>,
) {
    let Some(Literal::Table(with)) = step.words.get("with") else { return };
    let register = said("create").or(of).and_then(|id| index.register(id));
    let mut known = Fields::new();
    if let Some(act) = said("do") {
        let (Some(view), Some(fields)) = (register, index.acts.get(act)) else { return };
        known.extend(view.fields.iter().map(|(id, field)| (*id, field.clone())));
        known.extend(fields.iter().map(|(id, field)| (*id, field.clone())));
    } else if said("create").is_some() || said("change").is_some() {
        let Some(view) = register else { return };
        known.extend(view.fields.iter().map(|(id, field)| (*id, field.clone())));
    } else if let (Some(list), Some(view)) = (said("add"), register) {
        let Some(fields) = view.lists.get(list) else {
            report.dangling_at(&step.place, &Missing::list(list), view.lists.keys().copied());
            return;
        };
        known.extend(fields.iter().map(|(id, field)| (*id, field.clone())));
    } else {
        return;
    }
    values::said(&known, with, &step.place, report);
}

/// Acts, roles, papers, tracks, parameters and clauses that the step names.
fn things<'s>(index: &Index<'_>, step: &'s CaseStep, said: &impl Fn(&str) -> Option<&'s str>, report: &mut Report<'_>) {
    let place: &Place = &step.place;
    let seen = said("see");
    let acts = if seen.is_some() { &["act"][..] } else { &["do", "skip", "approve", "return"][..] };
    for act in acts.iter().filter_map(|key| said(key)).filter(|act| !index.acts.contains_key(act)) {
        report.dangling_at(place, &Missing::act(act), index.acts.keys().copied());
    }
    if let (Some("steps"), Some(Literal::List(acts))) = (seen, step.words.get("acts")) {
        for act in acts {
            if let Literal::Text(act) = act
                && !index.acts.contains_key(act.as_str())
            {
                report.dangling_at(place, &Missing::act(act), index.acts.keys().copied());
            }
        }
    }
    let role = match seen {
        Some("role") => said("id"),
        Some(_) => None,
        None => ["appoint", "resign", "absent"].iter().find_map(|key| said(key)),
    };
    if let Some(role) = role.filter(|role| !index.roles.contains_key(role)) {
        report.dangling_at(place, &Missing::role(role), index.roles.keys().copied());
    }
    let paper = if seen == Some("paper") { said("id") } else { said("print").filter(|_| seen.is_none()) };
    if let Some(paper) = paper.filter(|paper| !index.papers.contains_key(paper)) {
        report.dangling_at(place, &Missing::paper(paper), index.papers.keys().copied());
    }
    if let Some(track) = said("track").filter(|track| !index.tracks.contains_key(track)) {
        report.dangling_at(place, &Missing::track(track), index.tracks.keys().copied());
    }
    if let ("parameter", Some(key)) = (seen.unwrap_or_default(), said("key"))
        && !index.parameters.contains_key(key)
    {
        report.dangling_at(place, &Missing::parameter(key), index.parameters.keys().copied());
    }
    for ending in ENDINGS {
        if let Some(Literal::Table(table)) = step.words.get(*ending)
            && let Some(Literal::Text(clause)) = table.get("clause")
            && !index.clauses.contains(clause.as_str())
        {
            report.dangling_at(place, &Missing::clause(clause), index.clauses.iter().copied());
        }
    }
}
