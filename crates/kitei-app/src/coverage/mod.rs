//! Coverage: cases of packs played through the running application, and the proof that each element is needed.
//!
//! A clause counts as honoured when a case that names it passes and fails once an element that names it is taken away
//! (`kitei pack coverage`). Cases run on a real database in a sample organisation in which one person holds each role.
//!
//! Invariant: a case sees only what the application shows; it never looks at a pack.

mod deeds;
mod sights;
mod stage;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use kitei_rules::pack::{
    elements::{Element, elements, without},
    model::{Case, Pack},
};
use serde::Serialize;

pub use stage::{Stage, StageError, TestClock};

use crate::kernel::shelf::Shelf;

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// Pack.
    pub pack: String,
    /// Case.
    pub case: String,
    /// Clauses it names.
    pub clauses: Vec<String>,
    /// What went wrong; absent when it passed.
    pub failure: Option<String>,
    /// File and line of the case.
    pub place: String,
}

/// What coverage found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// Clauses honoured.
    pub honoured: BTreeSet<String>,
    /// Cases that failed.
    pub failures: Vec<CaseResult>,
    /// Elements that can be taken away without any of their clauses' cases failing (strict only).
    pub idle: Vec<(String, String, Vec<String>)>,
    /// Clause → elements and cases that show it.
    pub shown_by: BTreeMap<String, Shown>,
}

/// By what a clause is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Elements that name it.
    pub elements: Vec<String>,
    /// Cases that name it and pass.
    pub cases: Vec<String>,
}

/// Plays the cases of packs. With `strict`, each element is taken away in turn and its cases must then fail.
///
/// # Errors
/// [`StageError`] when the stage itself cannot be set.
pub async fn coverage(shelf: &Shelf, ids: &[String], strict: bool) -> Result<Coverage, StageError> {
    let mut out = Coverage::default();
    for id in ids {
        let Some(shelved) = shelf.get(id) else { return Err(StageError::Unknown(id.clone())) };
        pack_coverage(shelf, &shelved.pack, strict, &mut out).await?;
    }
    Ok(out)
}

async fn pack_coverage(shelf: &Shelf, pack: &Pack, strict: bool, out: &mut Coverage) -> Result<(), StageError> {
    let stage = Stage::set(shelf, pack).await?;
    let mut passed: BTreeSet<&str> = BTreeSet::new();
    for case in &pack.cases {
        let result = play(&stage, pack, case).await?;
        if result.failure.is_none() {
            passed.insert(&case.id);
        } else {
            out.failures.push(result);
        }
    }
    let all = elements(pack);
    let mut needed: BTreeMap<&str, bool> = BTreeMap::new();
    for element in &all {
        let concerned: Vec<&Case> = concerned(pack, element).filter(|case| passed.contains(case.id.as_str())).collect();
        let fails = !strict || fails_without(shelf, &stage, pack, element, &concerned).await?;
        if strict && !fails {
            out.idle.push((pack.id.clone(), element.name.clone(), element.basis.clone()));
        }
        for clause in &element.basis {
            let proved = fails && concerned.iter().any(|case| case.clauses.contains(clause));
            *needed.entry(clause).or_default() |= proved;
            let shown = out.shown_by.entry(clause.clone()).or_default();
            shown.elements.push(format!("{}: {}", pack.id, element.name));
        }
    }
    for case in pack.cases.iter().filter(|case| passed.contains(case.id.as_str())) {
        for clause in &case.clauses {
            out.shown_by.entry(clause.clone()).or_default().cases.push(format!("{}: {}", pack.id, case.id));
            if needed.get(clause.as_str()).copied().unwrap_or_default() {
                out.honoured.insert(clause.clone());
            }
        }
    }
    Ok(())
}

/// Cases that name a clause of an element.
fn concerned<'p>(pack: &'p Pack, element: &'p Element) -> impl Iterator<Item = &'p Case> {
    pack.cases.iter().filter(|case| case.clauses.iter().any(|clause| element.basis.contains(clause)))
}

async fn fails_without(
    shelf: &Shelf,
    stage: &Stage,
    pack: &Pack,
    element: &Element,
    cases: &[&Case],
) -> Result<bool, StageError> {
    let reduced = without(pack, &element.name);
    // A pack that no longer compiles without the element needs it.
    let Some(stage) = stage.with_pack(shelf, &reduced) else { return Ok(true) };
    for case in cases {
        if play(&stage, &reduced, case).await?.failure.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Plays one case on a fresh copy of the stage.
///
/// # Errors
/// [`StageError`] when the stage cannot be copied.
pub async fn play(stage: &Stage, pack: &Pack, case: &Case) -> Result<CaseResult, StageError> {
    let mut scene = stage.open(case).await?;
    let mut failure = None;
    for step in &case.steps {
        if let Err(problem) = scene.step(step).await {
            failure = Some(format!("{}:{}: {problem}", step.place.file, step.place.line));
            break;
        }
    }
    scene.close().await;
    Ok(CaseResult {
        pack: pack.id.clone(),
        case: case.id.clone(),
        clauses: case.clauses.clone(),
        failure,
        place: format!("packs/{}/{}:{}", pack.id, case.place.file, case.place.line),
    })
}
