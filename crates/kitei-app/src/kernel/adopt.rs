//! Rulebooks: adopting, changing or leaving packs takes effect on a day; the rulebook of any past day can be shown.
//!
//! Invariant: the bytes of adopted packs are in the log's organisation by content, and the adoption is an event.
//! Invariant: packs with mistakes, or that do not compose, are not adopted.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use kitei_rules::{
    book::{Book, Compiler},
    expr::Actor,
    pack::{self, Diagnostic, model::Pack},
    rulebook::{Conflict, Sayings, Setting},
};
use kitei_store::{
    db::{Day, Reader},
    log, packs,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::{Fault, Installation, Organization};

/// Packs and settings of a rulebook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Adoption {
    /// Pack id → hash of its bytes.
    pub packs: BTreeMap<String, String>,
    /// The organisation's answers.
    pub settings: BTreeMap<String, Setting>,
}

/// Why packs were not adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// There is no such pack.
    #[error("there is no pack \"{0}\"")]
    Unknown(String),
    /// The packs have mistakes.
    #[error("the packs have {} mistakes", .0.len())]
    Mistakes(Vec<Diagnostic>),
    /// The packs contradict each other.
    #[error("the packs have {} conflicts", .0.len())]
    Conflicts(Vec<Conflict>),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Installation {
    /// Adopts packs with settings from a day on. Returns the version of the rulebook.
    ///
    /// # Errors
    /// [`AdoptError`]; nothing is written.
    pub async fn adopt(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        actor: &Actor,
        ids: &[String],
        settings: BTreeMap<String, Setting>,
        from: Date,
    ) -> Result<i64, AdoptError> {
        if let Some(missing) = ids.iter().find(|id| self.shelf.get(id).is_none()) {
            return Err(AdoptError::Unknown(missing.clone()));
        }
        let mistakes: Vec<Diagnostic> = self.shelf.check(ids).into_iter().filter(Diagnostic::is_error).collect();
        if !mistakes.is_empty() {
            return Err(AdoptError::Mistakes(mistakes));
        }
        let shelved = self.shelf.with_bases(ids);
        let conflicts = Sayings::compose(shelved.iter().map(|shelved| &shelved.pack)).conflicts();
        if !conflicts.is_empty() {
            return Err(AdoptError::Conflicts(conflicts));
        }
        let adoption = Adoption {
            packs: shelved.iter().map(|shelved| (shelved.pack.id.clone(), shelved.hash.clone())).collect(),
            settings,
        };
        let bytes: Vec<(String, Vec<u8>)> = shelved.iter().map(|s| (s.hash.clone(), s.bytes.clone())).collect();
        self.write_adoption(organization, actor, adoption, bytes, from).await.map_err(AdoptError::Fault)
    }

    async fn write_adoption(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        actor: &Actor,
        adoption: Adoption,
        bytes: Vec<(String, Vec<u8>)>,
        from: Date,
    ) -> Result<i64, Fault> {
        let (org, now, person) = (organization.id, self.environment.now(), actor.person);
        let version = self
            .db
            .act(org, move |tx| {
                Box::pin(async move {
                    for (hash, bytes) in &bytes {
                        packs::put(tx, org, hash, bytes).await?;
                    }
                    let version = packs::rulebooks(tx, org).await?.last().map_or(1, |last| last.version + 1);
                    let doc = serde_json::to_value(&adoption).map_err(|error| Fault::Damaged(error.to_string()))?;
                    let rulebook = packs::StoredRulebook {
                        version,
                        effective_from: Day::new(from),
                        adopted_at: now.into(),
                        doc: doc.clone(),
                    };
                    packs::adopt(tx, org, &rulebook).await?;
                    let mut body = Map::new();
                    body.insert("version".to_owned(), json!(version));
                    body.insert("effective_from".to_owned(), json!(from.to_string()));
                    body.insert("adoption".to_owned(), doc);
                    let event = log::NewEvent {
                        kind: "rulebook.adopted".to_owned(),
                        subject: format!("rulebook/{version}"),
                        subject_id: None,
                        actor: if person.is_nil() { "nobody".to_owned() } else { person.to_string() },
                        actor_id: (!person.is_nil()).then_some(person),
                        at: now.into(),
                        body,
                    };
                    log::append(tx, org, event).await?;
                    super::tick::mark_all(tx, org, now.into()).await?;
                    Ok::<i64, Fault>(version)
                })
            })
            .await?;
        organization.forget_versions();
        Ok(version)
    }

    /// The rulebook in force on a day, compiled; an empty one before the first adoption.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn book_of(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        day: Date,
    ) -> Result<Arc<Book>, Fault> {
        let (known, adoptions) = organization.version_on(day);
        if let Some(book) = known.and_then(|version| organization.book(version)) {
            return Ok(book);
        }
        let stored = packs::rulebook_on(reader, organization.id, Day::new(day)).await?;
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        organization.note_version(day, version, adoptions);
        if let Some(book) = organization.book(version) {
            return Ok(book);
        }
        let adoption = match &stored {
            Some(stored) => serde_json::from_value::<Adoption>(stored.doc.clone())
                .map_err(|error| Fault::Damaged(error.to_string()))?,
            None => self.vocabulary(),
        };
        let mut said = Vec::new();
        for (id, hash) in &adoption.packs {
            said.push(self.pack_of(reader, organization, version, id, hash).await?);
        }
        let (book, errors) = Compiler::compile(&Sayings::compose(&said), &adoption.settings, version);
        match errors.first() {
            None => Ok(organization.keep(book)),
            Some(error) => {
                let place = &error.source.place;
                let problem = format!("packs/{}/{}:{}: {}", error.pack, place.file, place.line, error.error);
                Err(Fault::Rulebook { version, problem })
            }
        }
    }

    /// Before anything is adopted the shared vocabulary alone is there: people and departments can be entered.
    fn vocabulary(&self) -> Adoption {
        let packs = self.shelf.with_bases(&[]).iter().map(|s| (s.pack.id.clone(), s.hash.clone())).collect();
        Adoption { packs, settings: BTreeMap::new() }
    }

    /// A text file of a pack as a rulebook version adopted it: a template of a paper.
    ///
    /// # Errors
    /// [`Fault::Rulebook`] when the version, the pack or the file is missing, or the file is no UTF-8.
    pub async fn pack_file(
        &self,
        organization: &Organization,
        version: i64,
        id: &str,
        path: &str,
    ) -> Result<String, Fault> {
        let mut reader = self.db.reader().await?;
        let missing = || Fault::Rulebook { version, problem: format!("packs/{id}/{path} is missing or no text") };
        let stored = packs::rulebook(&mut reader, organization.id, version).await?.ok_or_else(missing)?;
        let adoption = adoption_of(&stored.doc)?;
        let hash = adoption.packs.get(id).cloned().ok_or_else(missing)?;
        let bytes = match self.shelf.get(id).filter(|shelved| shelved.hash == hash) {
            Some(shelved) => shelved.bytes.clone(),
            None => packs::get(&mut reader, organization.id, &hash).await?.ok_or_else(missing)?,
        };
        let mut files = pack::from_canonical(&bytes).map_err(|error| Fault::Damaged(error.to_string()))?;
        files.files.remove(path).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(missing)
    }

    async fn pack_of(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        version: i64,
        id: &str,
        hash: &str,
    ) -> Result<Pack, Fault> {
        if let Some(shelved) = self.shelf.get(id).filter(|shelved| shelved.hash == hash) {
            return Ok(shelved.pack.clone());
        }
        let missing = || Fault::Rulebook { version, problem: format!("the bytes of pack {id} ({hash}) are missing") };
        let bytes = packs::get(reader, organization.id, hash).await?.ok_or_else(missing)?;
        let files = pack::from_canonical(&bytes).map_err(|error| Fault::Damaged(error.to_string()))?;
        Ok(pack::read(&files).0)
    }
}

/// What an adoption says, for pages.
///
/// # Errors
/// [`Fault::Damaged`].
pub fn adoption_of(doc: &Json) -> Result<Adoption, Fault> {
    serde_json::from_value(doc.clone()).map_err(|error| Fault::Damaged(error.to_string()))
}
