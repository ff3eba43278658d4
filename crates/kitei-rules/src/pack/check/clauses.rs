//! Clauses: every element has one, every clause has an element and a case, and only the law supersedes.

use std::collections::BTreeSet;

use super::{
    super::{
        diagnostic::say,
        model::{Meta, Pack},
    },
    LAW, Missing, OFFICE, Report,
    index::Index,
    references::nothing,
};

pub(super) fn check(index: &Index<'_>, packs: &[Pack], report: &mut Report<'_>) {
    let mut cited = BTreeSet::new();
    elements(index.own, &mut |element| {
        if element.parts.is_empty() || !element.meta.basis.is_empty() {
            basis(index, element.meta, element.meta, &mut cited, report);
        }
        for part in &element.parts {
            basis(index, part, element.meta, &mut cited, report);
        }
        for detail in &element.details {
            known(index, detail, &mut cited, report);
        }
    });
    supersedes(index, packs, report);
    for case in &index.own.cases {
        for clause in case.clauses.iter().filter(|clause| !index.clauses.contains(clause.as_str())) {
            report.dangling_at(&case.place, &Missing::clause(clause), index.clauses.iter().copied());
        }
    }
    if !matches!(index.own.id.as_str(), LAW | OFFICE) {
        uncited(index, &cited, report);
    }
}

/// A top-level element with the parts that have clauses of their own.
struct Cited<'e> {
    meta: &'e Meta,
    /// Parts that must have a basis, their own or the element's.
    parts: Vec<&'e Meta>,
    /// Parts of parts, which may have one.
    details: Vec<&'e Meta>,
}

/// Every element of a pack that should name its clauses.
fn elements<'p>(pack: &'p Pack, visit: &mut impl FnMut(Cited<'p>)) {
    macro_rules! plain {
        ($($list:ident),*) => {
            $(for element in &pack.$list {
                visit(Cited { meta: &element.meta, parts: Vec::new(), details: Vec::new() });
            })*
        };
    }
    plain!(
        terms, parameters, roles, exclusives, bodies, presets, bindings, gates, flags, effects, proposals, duties,
        compares, views, rules, questions, supersedes, laws, pending
    );
    for act in &pack.acts {
        visit(Cited {
            meta: &act.meta,
            parts: act.fields.iter().map(|field| &field.meta).collect(),
            details: Vec::new(),
        });
    }
    for register in &pack.registers {
        let lines = register.lists.iter().flat_map(|list| &list.fields).map(|field| &field.meta).collect();
        let fields = register.fields.iter().map(|field| &field.meta);
        let parts = fields.chain(register.lists.iter().map(|list| &list.meta)).collect();
        visit(Cited { meta: &register.meta, parts, details: lines });
    }
    for fact in &pack.facts {
        visit(Cited { meta: &fact.meta, parts: fact.rows.iter().map(|row| &row.meta).collect(), details: Vec::new() });
    }
    for track in &pack.tracks {
        let details = track.steps.iter().flat_map(|step| {
            step.clocks.iter().map(|clock| &clock.meta).chain(step.demands.iter().map(|demand| &demand.meta))
        });
        visit(Cited {
            meta: &track.meta,
            parts: track.steps.iter().map(|step| &step.meta).collect(),
            details: details.collect(),
        });
    }
    for paper in &pack.papers {
        let sections = paper.sections.iter().map(|section| &section.meta).collect();
        visit(Cited { meta: &paper.meta, parts: sections, details: Vec::new() });
    }
}

/// The basis of an element or part: there is one, and it names clauses that exist.
fn basis<'p>(
    index: &Index<'p>,
    part: &'p Meta,
    whole: &'p Meta,
    cited: &mut BTreeSet<&'p str>,
    report: &mut Report<'_>,
) {
    if part.effective_basis(whole).is_empty() && index.own.id != OFFICE {
        report.error(
            &part.place,
            "missing-basis",
            say("根拠の条項がありません。", "no clause is named as the basis"),
            say("basis = [\"条項の番号\"]", "basis = [\"clause id\"]"),
        );
    }
    known(index, part, cited, report);
}

fn known<'p>(index: &Index<'p>, part: &'p Meta, cited: &mut BTreeSet<&'p str>, report: &mut Report<'_>) {
    for clause in &part.basis {
        cited.insert(clause);
        if !index.clauses.contains(clause.as_str()) {
            report.dangling(part, "basis", &Missing::clause(clause), index.clauses.iter().copied());
        }
    }
}

fn supersedes(index: &Index<'_>, packs: &[Pack], report: &mut Report<'_>) {
    let regulations = || packs.iter().filter(|pack| !matches!(pack.id.as_str(), LAW | OFFICE));
    for supersede in &index.own.supersedes {
        if index.own.id != LAW {
            report.error(
                &supersede.meta.place,
                "supersede-outside-law",
                say("条項に代われるのは法令だけです。", "only the law supersedes a clause"),
                say("law-jp に書く。", "write it in law-jp"),
            );
        }
        let clauses = || regulations().flat_map(|pack| &pack.clauses).map(|clause| clause.id.as_str());
        if regulations().next().is_some() && !clauses().any(|clause| clause == supersede.clause) {
            report.warning(
                &supersede.meta.place_of("clause"),
                "supersede-unknown-clause",
                say(
                    format!("条項「{}」は渡されたパックにありません。", supersede.clause),
                    format!("the clause `{}` is in none of the packs given", supersede.clause),
                ),
                nothing(),
            );
        }
    }
}

/// Clauses that no element cites, and clauses that no case shows.
fn uncited(index: &Index<'_>, cited: &BTreeSet<&str>, report: &mut Report<'_>) {
    let shown: BTreeSet<&str> = index.own.cases.iter().flat_map(|case| &case.clauses).map(String::as_str).collect();
    for clause in index.own.clauses.iter().filter(|clause| !clause.id.is_empty()) {
        if !cited.contains(clause.id.as_str()) {
            report.warning(
                &clause.place,
                "clause-uncited",
                say(
                    format!("条項 {} を根拠とする要素がありません。", clause.id),
                    format!("no element cites the clause {}", clause.id),
                ),
                say("その条項を basis に書いた要素", "an element with it in `basis`"),
            );
        }
        if !shown.contains(clause.id.as_str()) {
            report.warning(
                &clause.place,
                "clause-without-case",
                say(
                    format!("条項 {} を示す事例がありません。", clause.id),
                    format!("no case shows the clause {}", clause.id),
                ),
                say("その条項を clauses に書いた事例", "a case with it in `clauses`"),
            );
        }
    }
}
