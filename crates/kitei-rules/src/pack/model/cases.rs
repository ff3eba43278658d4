//! Cases: given facts and now, what must be seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Literal, Place, Text};

/// A case: given facts and now → what must be seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Id within the pack.
    pub id: String,
    /// Clauses whose `verify` it exercises.
    pub clauses: Vec<String>,
    /// What it shows, naming each clause's point.
    pub shows: Text,
    /// What happens and what is seen, in order.
    pub steps: Vec<CaseStep>,
    /// Answers to parameters for this case.
    pub settings: BTreeMap<String, Literal>,
    /// Where it stands.
    pub place: Place,
}

/// A step of a case. Exactly one deed or expectation; see `docs/pack-language.md`, "Cases".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseStep {
    /// Local date and time from here on (`2025-04-01T10:00`).
    pub at: Option<String>,
    /// Role in which somebody acts from here on.
    pub by: Option<String>,
    /// The words of the step: verb and its arguments, as a table.
    pub words: BTreeMap<String, Literal>,
    /// Where it stands.
    pub place: Place,
}
