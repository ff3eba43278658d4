//! Ledgers in: a file is kept sealed, previewed against the rules, corrected by a person, and taken in whole or not at all.
//!
//! Serves issue section 5 (import) and 9 (what bad input gets). A batch goes through these states:
//!
//! ```text
//! checking → ready ⇄ blocked → staging → settling → done → undoing → undone
//!                  ↘ discarded ↙
//! ```
//!
//! *Checking* asks the rules about every row ([`judge`]). *Staging* writes the rows, sealed, in small transactions; nobody
//! sees them. One event with the root of the rows' own tree then makes them facts; *settling* writes records from the rows,
//! again in small transactions ([`settle`]). A crash at any point is made good by [`Installation::carry_on_imports`]:
//! before the event the rows are staged anew, after it settling goes on where it stopped.
//!
//! Invariant: before the event nothing is seen, after it everything comes; nothing comes twice.
//! Invariant: names of files and sheets, headers and problems are sealed like the file itself.

mod amend;
mod batch;
mod columns;
mod export;
pub mod gaps;
mod judge;
mod lists;
mod names;
mod report;
mod same;
mod settle;
mod stage;
mod undo;

use std::sync::Arc;

use kitei_evidence::{Digest, seal};
use kitei_papers::tables::read;
use kitei_rules::{book::Book, expr::Actor, run::paper::Lang};
use kitei_store::{
    imports::{self, ImportBatch},
    organizations, settings,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub use batch::{Batch, Choices, State};
pub use columns::NUMBER;
pub use export::{Export, ExportError, Form};
pub use report::{CellProblem, ColumnReport, Counts, Kept, Report, Weight, kept};
pub use same::{Comparison, Gone, Match, Same};

use batch::{Doc, doc_of, json_of};

use crate::kernel::{
    Fault, Installation, Organization,
    codec::{At, Codec},
    lock,
    project::leaf,
};

/// Register under which what belongs to an import is sealed.
const PLACE: &str = "import";

/// A file that somebody sends.
#[derive(Debug)]
pub struct Upload {
    /// Register it is for.
    pub register: String,
    /// Name of the file.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Who sends it.
    pub actor: Actor,
    /// The organisation itself imports (a command on the machine): no permission is asked.
    pub own: bool,
    /// Language of the person, in which headers and choices are offered.
    pub lang: Lang,
    /// What is chosen beforehand.
    pub choices: Choices,
}

/// Why an import does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is no such register, or none that tables go into.
    #[error("there is no register that takes a table under this name")]
    NoRegister,
    /// The file holds no table that can be read.
    #[error(transparent)]
    Unreadable(#[from] read::ReadError),
    /// The file holds no table where it was looked for.
    #[error(transparent)]
    NoTable(#[from] kitei_papers::tables::shape::ShapeError),
    /// There is no such import.
    #[error("there is no such import")]
    NotFound,
    /// It is not in a state in which this can be done.
    #[error("the import has moved on")]
    Moved,
    /// It cannot be taken back: these records were changed since, or others name them.
    #[error("records were changed since")]
    Changed(Vec<imports::Named>),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<kitei_store::db::StoreError> for ImportError {
    fn from(error: kitei_store::db::StoreError) -> Self {
        use kitei_store::db::StoreErrorKind;
        if error.kind() == StoreErrorKind::Stale { Self::Moved } else { Self::Fault(Fault::Store(error)) }
    }
}

impl Installation {
    /// Takes a file: keeps it sealed and begins to check it. [`Self::carry_on_import`] does the work.
    ///
    /// # Errors
    /// [`ImportError::NoRegister`], [`ImportError::Unreadable`]; then nothing is kept.
    pub async fn receive_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        upload: Upload,
    ) -> Result<Uuid, ImportError> {
        let book = self.present_book(organization).await?;
        book.register(&upload.register).filter(|register| !register.single).ok_or(ImportError::NoRegister)?;
        let Upload { register, name, bytes, actor, own, lang, choices } = upload;
        let (bytes, name) = tokio::task::spawn_blocking(move || {
            // Read once before anything is kept, so that what is no table is refused at once.
            read::read(&bytes, &name).map(drop)?;
            Ok::<_, read::ReadError>((bytes, name))
        })
        .await
        .map_err(|_| Fault::Damaged("reading a table".to_owned()))??;
        let (org, id, now) = (organization.id, self.environment.id(), self.environment.now());
        let number = self
            .db
            .act(org, move |tx| Box::pin(async move { Ok::<_, Fault>(organizations::take_leaves(tx, org, 1).await?) }))
            .await?;
        let size = bytes.len() as u64;
        let sealed = self.seal_file(organization, id, number, &bytes)?;
        drop(bytes);
        let blob = self.blobs.put(sealed).await.map_err(Fault::Store)?;
        let remembered = self.remembered(organization, &book, &register).await?;
        let choices = Choices { matches: merged(remembered, choices.matches), ..choices };
        let secret = Sealing { installation: self, organization, book: &book, id, leaf: number };
        let doc = Doc {
            leaf: number,
            blob: Some(blob.to_string()),
            bytes: size,
            by: (!actor.person.is_nil()).then_some(actor.person),
            roles: actor.roles,
            own,
            english: lang == Lang::En,
            name: secret.seal("name", &name)?,
            choices: secret.seal("choices", &choices)?,
            report: None,
            refusal: None,
            counts: Counts::default(),
            done: 0,
            total: 0,
            root: None,
            numbers: None,
            gaps: 0,
            changes: 0,
            refused: Vec::new(),
        };
        let batch = ImportBatch {
            id,
            register,
            state: State::Checking.word().to_owned(),
            doc: json_of(&doc)?,
            created_at: now.into(),
        };
        self.db
            .act(org, move |tx| Box::pin(async move { Ok::<_, Fault>(imports::create(tx, org, &batch).await?) }))
            .await?;
        Ok(id)
    }

    /// An import.
    ///
    /// # Errors
    /// [`ImportError::NotFound`].
    pub async fn import_batch(&self, organization: &Organization, id: Uuid) -> Result<Batch, ImportError> {
        let mut reader = self.db.reader().await?;
        let stored = imports::load(&mut reader, organization.id, id).await?.ok_or(ImportError::NotFound)?;
        drop(reader);
        let book = self.present_book(organization).await?;
        self.shown(organization, &book, &stored, true)
    }

    /// The newest imports, without their reports.
    ///
    /// # Errors
    /// [`ImportError::Fault`].
    pub async fn imports(&self, organization: &Organization, limit: u32) -> Result<Vec<Batch>, ImportError> {
        let mut reader = self.db.reader().await?;
        let stored = imports::list(&mut reader, organization.id, limit).await?;
        drop(reader);
        let book = self.present_book(organization).await?;
        stored.iter().map(|stored| self.shown(organization, &book, stored, false)).collect()
    }

    /// Other choices: the table is checked again with them.
    ///
    /// # Errors
    /// [`ImportError::Moved`] when it has been taken in or discarded.
    pub async fn choose_import(
        &self,
        organization: &Arc<Organization>,
        id: Uuid,
        choices: &Choices,
    ) -> Result<(), ImportError> {
        let (state, mut doc) = self.open_batch(organization, id).await?;
        if !matches!(state, State::Ready | State::Blocked) {
            return Err(ImportError::Moved);
        }
        let book = self.present_book(organization).await?;
        let secret = Sealing { installation: self, organization, book: &book, id, leaf: doc.leaf };
        doc.choices = secret.seal("choices", choices)?;
        doc.done = 0;
        self.advance(organization, id, state, State::Checking, &doc).await
    }

    /// A person agrees: what was previewed is taken in, once.
    ///
    /// # Errors
    /// [`ImportError::Moved`] when it is not ready (any more).
    pub async fn confirm_import(&self, organization: &Arc<Organization>, id: Uuid) -> Result<(), ImportError> {
        let (state, mut doc) = self.open_batch(organization, id).await?;
        if state != State::Ready {
            return Err(ImportError::Moved);
        }
        doc.done = 0;
        self.advance(organization, id, state, State::Staging, &doc).await
    }

    /// A person decides against it: the file goes, nothing came in.
    ///
    /// # Errors
    /// [`ImportError::Moved`] when it has been taken in.
    pub async fn discard_import(&self, organization: &Arc<Organization>, id: Uuid) -> Result<(), ImportError> {
        let (state, mut doc) = self.open_batch(organization, id).await?;
        if !matches!(state, State::Ready | State::Blocked) {
            return Err(ImportError::Moved);
        }
        let blob = doc.blob.take();
        doc.report = None;
        self.advance(organization, id, state, State::Discarded, &doc).await?;
        self.drop_file(blob.as_deref()).await
    }

    /// Goes on with an import until it rests. Only one does so at a time; a second call returns at once.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn carry_on_import(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        id: Uuid,
    ) -> Result<(), ImportError> {
        if !lock(&self.at_work).insert(id) {
            return Ok(());
        }
        let done = self.go_on(organization, id).await;
        lock(&self.at_work).remove(&id);
        done
    }

    /// Goes on with every import that a crash or a stop has interrupted.
    ///
    /// # Errors
    /// The first that failed; the others were tried all the same.
    pub async fn carry_on_imports(self: &Arc<Self>, organization: &Arc<Organization>) -> Result<(), ImportError> {
        let mut reader = self.db.reader().await?;
        let running = imports::running(&mut reader, organization.id).await?;
        drop(reader);
        let mut outcome = Ok(());
        for id in running {
            outcome = outcome.and(self.carry_on_import(organization, id).await);
        }
        outcome
    }

    async fn go_on(self: &Arc<Self>, organization: &Arc<Organization>, id: Uuid) -> Result<(), ImportError> {
        loop {
            let (state, doc) = self.open_batch(organization, id).await?;
            match state {
                State::Checking => self.check_import(organization, id, doc).await?,
                State::Staging => self.stage_import(organization, id, doc).await?,
                State::Settling => self.settle_import(organization, id, doc).await?,
                State::Indexing => self.index_import(organization, id, doc).await?,
                State::Undoing => self.take_import_away(organization, id, doc).await?,
                State::Ready | State::Blocked | State::Done | State::Undone | State::Discarded => return Ok(()),
            }
        }
    }

    pub(crate) async fn present_book(&self, organization: &Organization) -> Result<Arc<Book>, Fault> {
        let mut reader = self.db.reader().await?;
        let today = organization.today(self.environment.now());
        self.book_of(&mut reader, organization, today).await
    }

    /// The rows of a batch that come next in its present state, counted as done with what is written of them.
    async fn next_rows(
        &self,
        organization: &Organization,
        id: Uuid,
        doc: &mut Doc,
        limit: u32,
    ) -> Result<Vec<imports::ImportRow>, ImportError> {
        let from = i64::try_from(doc.done).unwrap_or(i64::MAX);
        let mut reader = self.db.reader().await?;
        let rows = imports::rows(&mut reader, organization.id, id, from, limit).await?;
        doc.done += rows.len() as u64;
        Ok(rows)
    }

    async fn open_batch(&self, organization: &Organization, id: Uuid) -> Result<(State, Doc), ImportError> {
        let mut reader = self.db.reader().await?;
        let stored = imports::load(&mut reader, organization.id, id).await?.ok_or(ImportError::NotFound)?;
        Ok((State::parse(&stored.state)?, doc_of(stored.doc)?))
    }

    async fn advance(
        &self,
        organization: &Organization,
        id: Uuid,
        from: State,
        to: State,
        doc: &Doc,
    ) -> Result<(), ImportError> {
        let (org, doc) = (organization.id, json_of(doc)?);
        self.db
            .act(org, move |tx| {
                Box::pin(async move {
                    imports::advance(tx, org, id, from.word(), to.word(), &doc).await?;
                    Ok::<_, ImportError>(())
                })
            })
            .await
    }

    fn shown(
        &self,
        organization: &Organization,
        book: &Book,
        stored: &ImportBatch,
        whole: bool,
    ) -> Result<Batch, ImportError> {
        let doc = doc_of(stored.doc.clone())?;
        let secret = Sealing { installation: self, organization, book, id: stored.id, leaf: doc.leaf };
        let report = match &doc.report {
            Some(sealed) if whole => secret.open("report", sealed)?,
            _ => None,
        };
        Ok(Batch {
            id: stored.id,
            register: stored.register.clone(),
            state: State::parse(&stored.state)?,
            created_at: stored.created_at,
            by: doc.by,
            name: secret.open("name", &doc.name)?.unwrap_or_default(),
            bytes: doc.bytes,
            choices: secret.open("choices", &doc.choices)?.unwrap_or_default(),
            report,
            refusal: match &doc.refusal {
                Some(sealed) => secret.open("refusal", sealed)?,
                None => None,
            },
            counts: doc.counts,
            done: doc.done,
            total: doc.total,
            gaps: doc.gaps,
            changes: doc.changes,
            refused: doc.refused,
            root: doc.root,
            numbers: doc.numbers,
        })
    }

    fn seal_file(&self, organization: &Organization, id: Uuid, number: i64, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let gone = || Fault::Sealed { record: id };
        let (org, record) = (organization.id.to_string(), id.to_string());
        let place = seal::Place { organisation: &org, register: PLACE, record: &record, line: None, field: "file" };
        let of = leaf(number)?;
        organization.with_keys(|keys| {
            let key = keys.derive(of).ok_or_else(gone)?.sealing_key();
            seal::seal_bytes(&key, &place, &self.environment.nonce(), bytes).map_err(|_| gone())
        })
    }

    async fn open_file(&self, organization: &Organization, id: Uuid, doc: &Doc) -> Result<Vec<u8>, Fault> {
        let gone = || Fault::Sealed { record: id };
        let address = doc.blob.as_deref().and_then(|blob| Digest::parse(blob).ok()).ok_or_else(gone)?;
        let sealed = self.blobs.get(address).await?;
        let (org, record) = (organization.id.to_string(), id.to_string());
        let place = seal::Place { organisation: &org, register: PLACE, record: &record, line: None, field: "file" };
        let of = leaf(doc.leaf)?;
        organization.with_keys(|keys| {
            let key = keys.derive(of).ok_or_else(gone)?.sealing_key();
            seal::open_bytes(&key, &place, &sealed).map(|bytes| bytes.to_vec()).map_err(|_| gone())
        })
    }

    async fn drop_file(&self, blob: Option<&str>) -> Result<(), ImportError> {
        if let Some(address) = blob.and_then(|blob| Digest::parse(blob).ok()) {
            self.blobs.remove(address).await.map_err(Fault::Store)?;
        }
        Ok(())
    }

    /// The matches of earlier imports into a register.
    async fn remembered(
        &self,
        organization: &Organization,
        book: &Book,
        register: &str,
    ) -> Result<Vec<(String, Option<String>)>, Fault> {
        let mut reader = self.db.reader().await?;
        let Some(stored) = settings::get(&mut reader, organization.id, &memory(register)).await? else {
            return Ok(Vec::new());
        };
        let number = stored.get("leaf").and_then(Json::as_i64).unwrap_or_default();
        let secret = Sealing { installation: self, organization, book, id: organization.id, leaf: number };
        let sealed = stored.get("matches").and_then(Json::as_str).unwrap_or_default();
        Ok(secret.open("matches", sealed)?.unwrap_or_default())
    }
}

/// The setting that holds a register's matches.
fn memory(register: &str) -> String {
    format!("import:{register}")
}

/// The later word counts.
fn merged(
    earlier: Vec<(String, Option<String>)>,
    later: Vec<(String, Option<String>)>,
) -> Vec<(String, Option<String>)> {
    let mut out: Vec<_> =
        earlier.into_iter().filter(|(header, _)| later.iter().all(|(known, _)| known != header)).collect();
    out.extend(later);
    out
}

/// Seals what belongs to an import at its own place.
struct Sealing<'a> {
    installation: &'a Installation,
    organization: &'a Organization,
    book: &'a Book,
    id: Uuid,
    leaf: i64,
}

impl Sealing<'_> {
    fn with<T>(&self, ask: impl FnOnce(&Codec<'_>, &At<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.organization.with_keys(|keys| {
            let codec = Codec {
                organization: self.organization.id.to_string(),
                book: self.book,
                keys,
                environment: &*self.installation.environment,
            };
            ask(&codec, &At { register: PLACE, record: self.id, line: None })
        })
    }

    fn seal(&self, field: &str, value: &(impl Serialize + ?Sized)) -> Result<String, Fault> {
        let text = serde_json::to_string(value).map_err(|error| Fault::Damaged(error.to_string()))?;
        let of = leaf(self.leaf)?;
        self.with(|codec, at| codec.seal(at, of, field, &text))
    }

    fn open<T: DeserializeOwned>(&self, field: &str, sealed: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.with(|codec, at| codec.open(at, field, sealed))? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| Fault::Damaged(format!("{field} of an import")))
    }
}

/// What is remembered of the matches of an import that came in.
fn to_remember(number: i64, sealed: &str) -> Json {
    json!({ "leaf": number, "matches": sealed })
}
