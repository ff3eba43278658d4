//! Rulebooks: adopting, changing or leaving packs takes effect on a day; the rulebook of any past day can be shown.
//!
//! Invariant: the bytes of adopted packs are in the log's organisation by content, and the adoption is an event.
//! Invariant: packs with mistakes, or that do not compose, are not adopted.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use kitei_rules::{
    book::{Book, Compiler},
    expr::Actor,
    pack::model::Text,
    pack::{self, Diagnostic, model::Pack},
    password::Policy,
    rulebook::{Change, Chosen, Conflict, Sayings, Setting},
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
    /// Answers that may not hold: key, title, and what would be right.
    #[error("{} answers may not hold", .0.len())]
    Settings(Vec<(String, Text, Text)>),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What adopting would bring, and what stands against it.
#[derive(Debug)]
pub struct Preview {
    /// What changes on the first day.
    pub change: Change,
    /// Mistakes of the packs.
    pub mistakes: Vec<Diagnostic>,
    /// What cannot hold together.
    pub conflicts: Vec<Conflict>,
    /// Answers that may not hold: key, title, and what would be right.
    pub settings: Vec<(String, Text, Text)>,
}

/// Answers that may not hold under composed packs, and rules for passwords that cannot be read.
fn objections(sayings: &Sayings, settings: &BTreeMap<String, Setting>) -> Vec<(String, Text, Text)> {
    let mut out: Vec<(String, Text, Text)> = settings
        .iter()
        .filter_map(|(key, setting)| match sayings.parameter(key) {
            None => {
                let unknown = Text {
                    ja: "この項目はありません。".to_owned(),
                    en: "There is no such parameter.".to_owned(),
                };
                Some((key.clone(), Text { ja: key.clone(), en: key.clone() }, unknown))
            }
            Some(rule) => rule.objection(setting).map(|problem| (key.clone(), rule.title.clone(), problem)),
        })
        .collect();
    let value = |key: &str| sayings.parameter(key).and_then(|rule| rule.in_force(settings.get(key)));
    if let Err(error) = Policy::read(value) {
        let title = sayings.parameter(error.key).map_or_else(Text::default, |rule| rule.title);
        let words = Text {
            ja: format!("サインインに使えない値です（{}）。", error.expected), en: error.to_string()
        };
        out.push((error.key.to_owned(), title, words));
    }
    out
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
        let wrong = objections(&Sayings::compose(shelved.iter().map(|shelved| &shelved.pack)), &settings);
        if !wrong.is_empty() {
            return Err(AdoptError::Settings(wrong));
        }
        let adoption = Adoption {
            packs: shelved.iter().map(|shelved| (shelved.pack.id.clone(), shelved.hash.clone())).collect(),
            settings,
        };
        let bytes: Vec<(String, Vec<u8>)> = shelved.iter().map(|s| (s.hash.clone(), s.bytes.clone())).collect();
        self.write_adoption(organization, actor, adoption, bytes, from).await.map_err(AdoptError::Fault)
    }

    /// What adopting packs with settings from a day on would bring. Nothing is written.
    ///
    /// # Errors
    /// [`AdoptError::Unknown`] or a fault; what stands against the adoption is in the preview.
    pub async fn preview(
        &self,
        organization: &Organization,
        ids: &[String],
        settings: &BTreeMap<String, Setting>,
        from: Date,
    ) -> Result<Preview, AdoptError> {
        if let Some(missing) = ids.iter().find(|id| self.shelf.get(id).is_none()) {
            return Err(AdoptError::Unknown(missing.clone()));
        }
        let mut reader = self.db.reader().await.map_err(Fault::from)?;
        let before = self.book_of(&mut reader, organization, from).await?;
        let after = Sayings::compose(self.shelf.with_bases(ids).into_iter().map(|shelved| &shelved.pack));
        let change = Change::between(
            Chosen { sayings: &before.sayings, settings: &before.settings },
            Chosen { sayings: &after, settings },
        );
        Ok(Preview {
            change,
            mistakes: self.shelf.check(ids).into_iter().filter(Diagnostic::is_error).collect(),
            conflicts: after.conflicts(),
            settings: objections(&after, settings),
        })
    }

    /// Gives the organisation's own answer to one parameter, or takes it back, from a day on. The packs stay those that
    /// were adopted, byte for byte. Returns the version of the rulebook.
    ///
    /// # Errors
    /// [`AdoptError::Settings`] when the answer may not hold; nothing is written.
    pub async fn set_parameter(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        actor: &Actor,
        key: &str,
        setting: Option<Setting>,
        from: Date,
    ) -> Result<i64, AdoptError> {
        let mut reader = self.db.reader().await.map_err(Fault::from)?;
        let mut adoption = self.adoption_on(&mut reader, organization, from).await?;
        let packs = self.packs_of(&mut reader, organization, &adoption).await?;
        drop(reader);
        match setting {
            Some(setting) => adoption.settings.insert(key.to_owned(), setting),
            None => adoption.settings.remove(key),
        };
        let own: BTreeMap<String, Setting> =
            adoption.settings.get(key).map(|setting| (key.to_owned(), setting.clone())).into_iter().collect();
        let wrong = objections(&Sayings::compose(&packs), &own);
        if !wrong.is_empty() {
            return Err(AdoptError::Settings(wrong));
        }
        // Before anything is adopted the bases come from the shelf, and their bytes are kept with the first version.
        let shelved = packs.iter().filter_map(|pack| self.shelf.get(&pack.id));
        let same = shelved.filter(|shelved| adoption.packs.get(&shelved.pack.id) == Some(&shelved.hash));
        let bytes = same.map(|shelved| (shelved.hash.clone(), shelved.bytes.clone())).collect();
        self.write_adoption(organization, actor, adoption, bytes, from).await.map_err(AdoptError::Fault)
    }

    /// The packs whose rulebook is in force on a day, as they were adopted.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn packs_on(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        day: Date,
    ) -> Result<Vec<Pack>, Fault> {
        let adoption = self.adoption_on(reader, organization, day).await?;
        self.packs_of(reader, organization, &adoption).await
    }

    async fn adoption_on(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        day: Date,
    ) -> Result<Adoption, Fault> {
        let stored = packs::rulebook_on(reader, organization.id, Day::new(day)).await?;
        stored.map_or_else(|| Ok(self.vocabulary()), |stored| adoption_of(&stored.doc))
    }

    async fn packs_of(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        adoption: &Adoption,
    ) -> Result<Vec<Pack>, Fault> {
        let mut out = Vec::new();
        for (id, hash) in &adoption.packs {
            out.push(self.pack_of(reader, organization, 0, id, hash).await?);
        }
        Ok(out)
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
