//! Coverage: cases of packs played through the running application, and the proof that each element is needed.
//!
//! A clause counts as honoured when every case that names it passes and an element names it; strictly, when such a case
//! also fails once such an element is taken away (`kitei pack coverage`). Cases run on a real database in a sample
//! organisation in which one person holds each role.
//!
//! Invariant: a case sees only what the application shows; it never looks at a pack.

mod deeds;
mod files;
mod secrets;
mod sights;
mod stage;
mod trial;
pub(crate) mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kitei_rules::pack::{
    elements::{Element, elements},
    model::{Case, Pack, Place},
};
use serde::Serialize;

pub use stage::{Stage, StageError, TestClock};
pub use trial::play;

use crate::kernel::shelf::Shelf;
use trial::{Trial, in_turn};

/// What is to be played.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'w> {
    /// Whether each element is also taken away in turn, to see its cases fail.
    pub strict: bool,
    /// Only what concerns this clause.
    pub clause: Option<&'w str>,
}

/// How far it has come; told while it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'p> {
    /// A pack begins.
    Pack {
        /// Its id.
        pack: &'p str,
        /// Cases that will be played.
        cases: usize,
        /// Elements that will be taken away in turn.
        elements: usize,
    },
    /// A case was played.
    Case(&'p CaseResult),
    /// An element was taken away.
    Element {
        /// Its pack.
        pack: &'p str,
        /// Its name.
        element: &'p str,
        /// What came of it.
        absence: &'p Absence,
    },
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// Pack.
    pub pack: String,
    /// Case.
    pub case: String,
    /// Clauses it names.
    pub clauses: Vec<String>,
    /// Where it stands in its pack.
    pub place: Place,
    /// What went wrong; absent when it passed.
    pub failure: Option<CaseFailure>,
}

/// What went wrong in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseFailure {
    /// Where the step stands.
    pub place: Place,
    /// What was expected and what was found.
    pub problem: String,
}

/// What came of taking an element away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Absence {
    /// A case failed.
    Fails {
        /// The first that did.
        case: String,
    },
    /// The pack does not compile without it.
    DoesNotCompile,
    /// Nothing: no case that names one of its clauses misses it (no case at all, where none names any).
    Unseen,
}

/// An element whose absence no case notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Idle {
    /// Pack.
    pub pack: String,
    /// Element.
    pub element: String,
    /// Clauses it names.
    pub clauses: Vec<String>,
    /// Where it stands in its pack.
    pub place: Place,
}

/// What coverage found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// Clauses honoured.
    pub honoured: BTreeSet<String>,
    /// Cases that failed.
    pub failures: Vec<CaseResult>,
    /// Elements that can be taken away without any of their clauses' cases failing, or any case where these have none
    /// (strict only).
    pub idle: Vec<Idle>,
    /// Clause → elements that name it, and cases that show it.
    pub shown_by: BTreeMap<String, Shown>,
}

/// By what a clause is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Elements that name it.
    pub elements: Vec<ShownElement>,
    /// Cases that name it.
    pub cases: Vec<CaseResult>,
}

/// An element that names a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownElement {
    /// Pack.
    pub pack: String,
    /// Element.
    pub element: String,
    /// Where it stands in its pack.
    pub place: Place,
    /// What came of taking it away (strict only).
    pub without: Option<Absence>,
}

/// Plays the cases of packs, as many at a time as the machine has processors.
///
/// # Errors
/// [`StageError`] when the stage itself cannot be set: the pack does not compile, or temporary files cannot be made.
pub async fn coverage(
    shelf: &Shelf,
    ids: &[String],
    wish: Wish<'_>,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Coverage, StageError> {
    let mut out = Coverage::default();
    for id in ids {
        let Some(shelved) = shelf.get(id) else { return Err(StageError::Unknown(id.clone())) };
        of_pack(shelf, &shelved.pack, wish, told, &mut out).await?;
    }
    Ok(out)
}

async fn of_pack(
    shelf: &Shelf,
    pack: &Pack,
    wish: Wish<'_>,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
    out: &mut Coverage,
) -> Result<(), StageError> {
    let wanted = |clauses: &[String]| wish.clause.is_none_or(|clause| clauses.iter().any(|named| named == clause));
    let cases: Vec<&Case> = pack.cases.iter().filter(|case| wanted(&case.clauses)).collect();
    let elements: Vec<Element> = elements(pack).into_iter().filter(|element| wanted(&element.basis)).collect();
    let tried = if wish.strict { elements.len() } else { 0 };
    told(Progress::Pack { pack: &pack.id, cases: cases.len(), elements: tried });
    // A pack that only lends its words to others needs no stage.
    if cases.is_empty() && tried == 0 {
        return Ok(());
    }
    let trial =
        Arc::new(Trial { shelf: Arc::new(shelf.clone()), stage: Stage::set(shelf, pack).await?, pack: pack.clone() });
    let played = cases.iter().map(|case| {
        let (trial, case) = (Arc::clone(&trial), (*case).clone());
        async move { play(&trial.stage, &trial.pack, &case).await }
    });
    let results = in_turn(played, |result| told(Progress::Case(result))).await?;
    let mut cases: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in &results {
        for clause in result.clauses.iter().filter(|clause| wanted(std::slice::from_ref(*clause))) {
            cases.entry(clause).or_default().push(result);
        }
    }
    let passed: BTreeSet<String> =
        results.iter().filter(|result| result.failure.is_none()).map(|result| result.case.clone()).collect();
    let mut proved: BTreeSet<String> = BTreeSet::new();
    let mut absences = Vec::new();
    if wish.strict {
        let passed = Arc::new(passed);
        let tried = elements.iter().map(|element| {
            let (trial, element, passed) = (Arc::clone(&trial), element.clone(), Arc::clone(&passed));
            async move { trial.without(element, &passed).await }
        });
        let tried = in_turn(tried, |(element, absence, _)| {
            told(Progress::Element { pack: &pack.id, element: &element.name, absence });
        });
        for (_, absence, clauses) in tried.await? {
            absences.push(absence);
            proved.extend(clauses);
        }
    }
    for (at, element) in elements.iter().enumerate() {
        let absence = absences.get(at);
        if absence == Some(&Absence::Unseen) {
            let (pack, clauses) = (pack.id.clone(), element.basis.clone());
            out.idle.push(Idle { pack, element: element.name.clone(), clauses, place: element.place.clone() });
        }
        for clause in element.basis.iter().filter(|clause| wanted(std::slice::from_ref(*clause))) {
            let (pack, place) = (pack.id.clone(), element.place.clone());
            let shown = ShownElement { pack, element: element.name.clone(), place, without: absence.cloned() };
            out.shown_by.entry(clause.clone()).or_default().elements.push(shown);
        }
    }
    for (clause, cases) in cases {
        let shown = out.shown_by.entry(clause.to_owned()).or_default();
        let named = !shown.elements.is_empty();
        let passes = cases.iter().all(|case| case.failure.is_none());
        if named && passes && (!wish.strict || proved.contains(clause)) {
            out.honoured.insert(clause.to_owned());
        }
        shown.cases.extend(cases.into_iter().cloned());
    }
    out.failures.extend(results.into_iter().filter(|result| result.failure.is_some()));
    Ok(())
}
