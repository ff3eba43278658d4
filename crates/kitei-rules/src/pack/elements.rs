//! The elements of a pack one by one, and the pack without one of them: coverage is proved by taking an element away and
//! seeing its cases fail.

use jiff::civil::Date;

use super::model::{Field, Meta, Pack, Place};

/// An element: what it is, and the clauses it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Element {
    /// `kind:id`, nested ones with `/`: `track:leak-level-3/step:publish`.
    pub name: String,
    /// Its clauses, those of the element around it if it names none.
    pub basis: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// Every element of a pack that names clauses itself.
#[must_use]
pub fn elements(pack: &Pack) -> Vec<Element> {
    let mut out = Vec::new();
    // The visitor never removes here, so the clone is only looked at.
    walk(&mut pack.clone(), &mut |name, meta| {
        if !meta.basis.is_empty() {
            out.push(Element { name: name.to_owned(), basis: meta.basis.clone(), place: meta.place.clone() });
        }
        false
    });
    out
}

/// The pack without one element.
#[must_use]
pub fn without(pack: &Pack, element: &str) -> Pack {
    let mut reduced = pack.clone();
    walk(&mut reduced, &mut |name, _| name == element);
    reduced
}

type Visit<'v> = dyn FnMut(&str, &Meta) -> bool + 'v;

/// Visits every element; those for which the visitor answers yes are removed.
fn walk(pack: &mut Pack, visit: &mut Visit<'_>) {
    macro_rules! each {
        ($items:expr, $kind:literal, |$item:ident| $id:expr) => {
            $items.retain(|$item| !visit(&format!("{}:{}", $kind, $id), &$item.meta));
        };
    }
    each!(pack.terms, "term", |item| item.id);
    each!(pack.parameters, "parameter", |item| item.key);
    each!(pack.roles, "role", |item| item.id);
    each!(pack.exclusives, "exclusive", |item| item.id);
    each!(pack.bodies, "body", |item| item.id);
    each!(pack.presets, "preset", |item| format!("{}.{}", item.on, item.id));
    each!(pack.bindings, "binding", |item| format!("{}.{}", item.on, item.rule));
    each!(pack.gates, "gate", |item| item.id);
    each!(pack.flags, "flag", |item| item.id);
    each!(pack.effects, "effect", |item| item.id);
    each!(pack.proposals, "propose", |item| item.id);
    each!(pack.duties, "duty", |item| format!("{}/{}", item.act, item.each));
    each!(pack.compares, "compare", |item| item.id);
    each!(pack.views, "view", |item| item.id);
    each!(pack.rules, "rule", |item| item.id);
    each!(pack.questions, "question", |item| item.id);
    each!(pack.laws, "law", |item| format!("{}/{}", item.rule, said(item.effective_from)));
    each!(pack.pending, "pending", |item| format!("{}/{}", item.law, item.subject.ja));
    pack.acts.retain_mut(|act| {
        let name = format!("act:{}", act.id);
        fields(&mut act.fields, &name, visit);
        !visit(&name, &act.meta)
    });
    pack.registers.retain_mut(|register| {
        let name = format!("register:{}", register.id);
        fields(&mut register.fields, &name, visit);
        register.lists.retain_mut(|list| {
            let name = format!("{name}/list:{}", list.id);
            fields(&mut list.fields, &name, visit);
            !visit(&name, &list.meta)
        });
        !visit(&name, &register.meta)
    });
    pack.facts.retain_mut(|fact| {
        let name = format!("fact:{}.{}", fact.on, fact.id);
        fact.rows.retain(|row| !visit(&format!("{name}/row:{}", row.id), &row.meta));
        !visit(&name, &fact.meta)
    });
    pack.tracks.retain_mut(|track| {
        let name = format!("track:{}", track.id);
        let mut position = 0;
        track.steps.retain_mut(|step| {
            position += 1;
            let name = format!("{name}/step:{position}:{}", step.act);
            let mut at = 0;
            step.demands.retain(|demand| {
                at += 1;
                !visit(&format!("{name}/demand:{at}"), &demand.meta)
            });
            let mut at = 0;
            step.clocks.retain(|clock| {
                at += 1;
                !visit(&format!("{name}/clock:{at}"), &clock.meta)
            });
            !visit(&name, &step.meta)
        });
        !visit(&name, &track.meta)
    });
    pack.papers.retain_mut(|paper| {
        let name = format!("paper:{}", paper.id);
        let mut position = 0;
        paper.sections.retain(|section| {
            position += 1;
            !visit(&format!("{name}/section:{position}"), &section.meta)
        });
        !visit(&name, &paper.meta)
    });
}

fn said(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn fields(items: &mut Vec<Field>, around: &str, visit: &mut Visit<'_>) {
    items.retain(|field| !visit(&format!("{around}/field:{}", field.id), &field.meta));
}
