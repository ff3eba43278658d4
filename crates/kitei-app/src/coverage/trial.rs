//! Playing cases, on the pack as it is and on the pack without one of its elements.
//!
//! Invariant: a case that fails without an element counts for the clauses that case and element both name, and no other.

use std::{collections::BTreeSet, sync::Arc, thread::available_parallelism};

use kitei_rules::pack::{
    elements::{Element, without},
    model::{Case, Pack},
};
use tokio::task::JoinSet;

use super::{Absence, CaseFailure, CaseResult, Stage, StageError};
use crate::kernel::shelf::Shelf;

/// A pack on its stage.
pub(super) struct Trial {
    pub(super) shelf: Arc<Shelf>,
    pub(super) stage: Stage,
    pub(super) pack: Pack,
}

impl Trial {
    /// Takes an element away and plays the cases that name its clauses and passed with it, until each of its clauses
    /// has a case that fails. Says which clauses have one. Where no case claims any of its clauses yet, every case is
    /// played: one that fails shows that the element does something, and proves no clause.
    pub(super) async fn without(
        &self,
        element: Element,
        passed: &BTreeSet<String>,
    ) -> Result<(Element, Absence, BTreeSet<String>), StageError> {
        let reduced = without(&self.pack, &element.name);
        let named = |case: &Case| -> Vec<String> {
            case.clauses.iter().filter(|clause| element.basis.contains(clause)).cloned().collect()
        };
        let cases: Vec<&Case> = self.pack.cases.iter().filter(|case| passed.contains(&case.id)).collect();
        // A pack that no longer compiles without the element needs it.
        let Some(stage) = self.stage.with_pack(&self.shelf, &reduced) else {
            let proved = cases.into_iter().flat_map(named).collect();
            return Ok((element, Absence::DoesNotCompile, proved));
        };
        let (mut absence, mut proved) = (Absence::Unseen, BTreeSet::new());
        let claimed = cases.iter().any(|case| !named(case).is_empty());
        for case in cases {
            let clauses = named(case);
            if claimed && clauses.iter().all(|clause| proved.contains(clause)) {
                continue;
            }
            if !claimed && absence != Absence::Unseen {
                break;
            }
            if play(&stage, &reduced, case).await?.failure.is_some() {
                proved.extend(clauses);
                if absence == Absence::Unseen {
                    absence = Absence::Fails { case: case.id.clone() };
                }
            }
        }
        Ok((element, absence, proved))
    }
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
            failure = Some(CaseFailure { place: step.place.clone(), problem });
            break;
        }
    }
    scene.close().await;
    Ok(CaseResult {
        pack: pack.id.clone(),
        case: case.id.clone(),
        clauses: case.clauses.clone(),
        place: case.place.clone(),
        failure,
    })
}

/// Does many things, a few at a time; each is told of as it ends, and what comes out has the order of what went in.
pub(super) async fn in_turn<F, T>(
    todo: impl IntoIterator<Item = F>,
    mut told: impl FnMut(&T),
) -> Result<Vec<T>, StageError>
where
    F: Future<Output = Result<T, StageError>> + Send + 'static,
    T: Send + 'static,
{
    let width = available_parallelism().map_or(1, usize::from);
    let mut waiting = todo.into_iter().enumerate();
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    loop {
        while running.len() < width
            && let Some((at, next)) = waiting.next()
        {
            running.spawn(async move { (at, next.await) });
        }
        let Some(ended) = running.join_next().await else { break };
        let (at, ended) = ended.map_err(|_| StageError::Stopped)?;
        let ended = ended?;
        told(&ended);
        done.push((at, ended));
    }
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, ended)| ended).collect())
}
