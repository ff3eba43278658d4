//! Roles held by office (充て職): whoever holds the office holds them too, unless somebody was appointed by name.
//!
//! Serves PP-02-13-01 and every `[[role]]` with `by_office`.
//!
//! Invariant: an appointment by name stands in its days and the office in all others, so that no day has two answers.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{rulebook::RoleRule, world::Holding};

/// The appointments and what follows from them by office. An office may itself be held by office.
#[must_use]
pub fn holdings(roles: &BTreeMap<String, RoleRule>, appointed: &[Holding]) -> Vec<Holding> {
    let mut out = appointed.to_vec();
    let mut offices: Vec<(&str, &str)> = roles
        .values()
        .filter(|role| role.in_force)
        .flat_map(|role| role.by_office.iter().map(|office| (role.id.as_str(), office.as_str())))
        .collect();
    // An office that is itself held by office comes first; what goes round in a circle is held by nobody.
    while let Some(at) = offices.iter().position(|(_, office)| !offices.iter().any(|(role, _)| role == office)) {
        let (role, office) = offices.remove(at);
        let of_office: Vec<Holding> = out.iter().filter(|holding| holding.role == office).cloned().collect();
        for holding in of_office {
            let by_name = appointed.iter().filter(|other| other.role == role);
            let mut spans = vec![(holding.from, holding.until)];
            for other in by_name {
                spans = spans.into_iter().flat_map(|span| without(span, (other.from, other.until))).collect();
            }
            out.extend(spans.into_iter().map(|(from, until)| Holding {
                role: role.to_owned(),
                from,
                until,
                office: Some(office.to_owned()),
                ..holding.clone()
            }));
        }
    }
    out
}

type Span = (Date, Option<Date>);

/// The days of a span that lie before and after another.
fn without(span: Span, taken: Span) -> Vec<Span> {
    let (from, until) = span;
    let apart = taken.1.is_some_and(|end| end < from) || until.is_some_and(|until| until < taken.0);
    if apart {
        return vec![span];
    }
    let before = taken.0.yesterday().ok().filter(|last| *last >= from).map(|last| (from, Some(last)));
    let after = taken.1.and_then(|end| end.tomorrow().ok());
    let after = after.filter(|first| until.is_none_or(|until| *first <= until)).map(|first| (first, until));
    [before, after].into_iter().flatten().collect()
}
