//! The kernel: what every register gets for nothing. It loads what a rulebook looks at, asks `kitei-rules`, writes events and
//! their projection in one transaction, and keeps tasks and notices.
//!
//! [`perform`] is the only way in which anything changes. [`adopt`] brings rulebooks in, [`tick`] lets time pass.
//!
//! Invariant: nothing changes without an event in the same transaction.
//! Invariant: no regulation is known here by name.

pub mod adopt;
pub mod attach;
pub mod attach_kind;
mod attach_rows;
pub mod codec;
pub(crate) mod event_body;
pub mod listing;
pub mod load;
pub mod look;
pub mod notices;
pub mod perform;
pub mod project;
mod recompute;
pub mod refused;
pub mod reminders;
pub mod shelf;
pub mod tick;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kitei_evidence::{
    Secret,
    keys::{KeyState, LeafId},
    note::SigningKey,
};
use kitei_rules::{book::Book, world::Moment};
use kitei_store::{
    blobs::Blobs,
    db::{Db, StoreError},
    keys::KeyFiles,
};
use uuid::Uuid;

/// The clock and the source of randomness, given by the program.
pub trait Environment: Send + Sync + fmt::Debug {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Fills a buffer with unpredictable bytes.
    fn random(&self, bytes: &mut [u8]);

    /// A fresh id, ordered by time (UUIDv7).
    fn id(&self) -> Uuid {
        let mut random = [0_u8; 10];
        self.random(&mut random);
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// 192 random bits for one sealing.
    fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0_u8; 24];
        self.random(&mut nonce);
        nonce
    }
}

/// One installation of Kitei.
pub struct Installation {
    /// Database.
    pub db: Db,
    /// Attachments.
    pub blobs: Blobs,
    /// Key state files.
    pub key_files: KeyFiles,
    /// Clock and randomness.
    pub environment: Arc<dyn Environment>,
    /// Packs that can be adopted.
    pub shelf: Arc<shelf::Shelf>,
    organizations: Mutex<BTreeMap<Uuid, Arc<Organization>>>,
    /// Imports that are being worked on by this program.
    pub(crate) at_work: Mutex<BTreeSet<Uuid>>,
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").finish_non_exhaustive()
    }
}

/// An organisation that is open: its keys are loaded and its rulebooks compiled as they are asked for.
pub struct Organization {
    /// Id.
    pub id: Uuid,
    /// Name in addresses.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Zone.
    pub zone: TimeZone,
    /// It is a sample, and its pages say so; may become one while it is open.
    sample: AtomicBool,
    keys: RwLock<KeyState>,
    signing: SigningKey,
    books: Mutex<BTreeMap<i64, Arc<Book>>>,
    days: Mutex<Days>,
    secrets: Mutex<BTreeMap<String, zeroize::Zeroizing<[u8; 32]>>>,
    pub(crate) people: RwLock<Option<Arc<load::People>>>,
}

/// Which rulebook holds on which day, as far as it was asked for since the last adoption.
#[derive(Debug, Default)]
struct Days {
    adoptions: u64,
    versions: BTreeMap<Date, i64>,
}

/// Days that are kept; looking through the past asks for many.
const DAYS: usize = 400;

impl fmt::Debug for Organization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Organization").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why something could not be done though nobody refused it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// Keys are missing or damaged.
    #[error("keys of organisation {organization}: {problem}")]
    Keys {
        /// Organisation.
        organization: Uuid,
        /// What is wrong.
        problem: String,
    },
    /// A sealed value does not open.
    #[error("a sealed value of record {record} does not open")]
    Sealed {
        /// Record.
        record: Uuid,
    },
    /// Stored data are not what they should be.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The rulebook of the day is missing or does not compile.
    #[error("rulebook {version}: {problem}")]
    Rulebook {
        /// Version.
        version: i64,
        /// What is wrong.
        problem: String,
    },
    /// A rule looks at more than can be loaded.
    #[error("a rule of register {register} looks at too many records")]
    TooMuch {
        /// Register.
        register: String,
    },
}

impl Installation {
    /// An installation over an open database and data directory.
    #[must_use]
    pub fn new(
        db: Db,
        blobs: Blobs,
        key_files: KeyFiles,
        environment: Arc<dyn Environment>,
        shelf: Arc<shelf::Shelf>,
    ) -> Self {
        Self { db, blobs, key_files, environment, shelf, organizations: Mutex::default(), at_work: Mutex::default() }
    }

    /// The organisation, opened on first use.
    ///
    /// # Errors
    /// [`Fault`] when there is none, or its keys are missing or damaged.
    pub async fn organization(&self, id: Uuid) -> Result<Arc<Organization>, Fault> {
        if let Some(open) = lock(&self.organizations).get(&id) {
            return Ok(Arc::clone(open));
        }
        let mut reader = self.db.reader().await?;
        let row = kitei_store::organizations::load(&mut reader, id).await?;
        let sample = crate::demo::mark::of(&mut reader, id).await?.is_some();
        let organization =
            Arc::new(Organization { sample: AtomicBool::new(sample), ..Organization::open(&self.key_files, &row)? });
        lock(&self.organizations).entry(id).or_insert_with(|| Arc::clone(&organization));
        Ok(organization)
    }

    /// Makes an organisation with fresh keys and an empty log.
    ///
    /// # Errors
    /// [`Fault`] when the id or slug is taken, or the key file cannot be written.
    pub async fn found(&self, slug: &str, name: &str, zone: &str) -> Result<Arc<Organization>, Fault> {
        let id = self.environment.id();
        self.make_keys(id)?;
        let now = self.environment.now().into();
        let (slug, name, zone) = (slug.to_owned(), name.to_owned(), zone.to_owned());
        self.db
            .act(id, move |tx| {
                Box::pin(async move { kitei_store::organizations::create(tx, id, &slug, &name, &zone, now).await })
            })
            .await?;
        self.organization(id).await
    }

    /// Makes the key file of an organisation that is about to be made.
    ///
    /// # Errors
    /// [`Fault`] when there is one already or it cannot be written.
    pub fn make_keys(&self, id: Uuid) -> Result<(), Fault> {
        let (mut root, mut tokens, mut seed) = ([0_u8; 32], [0_u8; 32], [0_u8; 32]);
        for bytes in [&mut root, &mut tokens, &mut seed] {
            self.environment.random(bytes);
        }
        let keys = KeyState::new(Secret::take(&mut root), Secret::take(&mut tokens));
        let file = keys.to_bytes();
        let mut stored = zeroize::Zeroizing::new(u32::try_from(file.len()).unwrap_or_default().to_be_bytes().to_vec());
        stored.extend_from_slice(&file);
        stored.extend_from_slice(&seed);
        zeroize::Zeroize::zeroize(&mut seed);
        self.key_files.create(id, &stored)?;
        Ok(())
    }

    /// Every organisation, by name in addresses.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn all(&self) -> Result<Vec<kitei_store::organizations::Organization>, Fault> {
        let mut reader = self.db.reader().await?;
        Ok(kitei_store::organizations::list(&mut reader).await?)
    }
}

impl Organization {
    /// Whether it is a sample.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        self.sample.load(Ordering::Relaxed)
    }

    /// It is a sample from now on.
    pub(crate) fn becomes_sample(&self) {
        self.sample.store(true, Ordering::Relaxed);
    }

    fn open(files: &KeyFiles, row: &kitei_store::organizations::Organization) -> Result<Self, Fault> {
        let wrong = |problem: String| Fault::Keys { organization: row.org, problem };
        let (keys, signing) = read_keys(row.org, &files.load(row.org)?).map_err(wrong)?;
        let zone = TimeZone::get(&row.zone).map_err(|error| Fault::Damaged(error.to_string()))?;
        Ok(Self {
            id: row.org,
            slug: row.slug.clone(),
            name: row.name.clone(),
            zone,
            sample: AtomicBool::new(false),
            keys: RwLock::new(keys),
            signing,
            books: Mutex::default(),
            days: Mutex::default(),
            secrets: Mutex::default(),
            people: RwLock::default(),
        })
    }

    /// Now, in the organisation's zone.
    #[must_use]
    pub fn moment(&self, now: Timestamp) -> Moment {
        Moment { now, zone: self.zone.clone() }
    }

    /// Looks at the keys.
    pub fn with_keys<T>(&self, look: impl FnOnce(&KeyState) -> T) -> T {
        look(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Destroys the keys of leaves and writes the new state before returning.
    ///
    /// # Errors
    /// [`Fault`] when the file cannot be written; the keys in memory are destroyed all the same.
    pub fn destroy(&self, files: &KeyFiles, leaves: &[LeafId], fresh_tokens: Secret) -> Result<(), Fault> {
        let bytes = {
            let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
            for leaf in leaves {
                keys.puncture(*leaf);
            }
            keys.rotate_tokens(fresh_tokens);
            keys.to_bytes()
        };
        let old = files.load(self.id)?;
        let seed = split(&old).map(|(_, seed)| seed.to_vec()).unwrap_or_default();
        let mut stored = u32::try_from(bytes.len()).unwrap_or_default().to_be_bytes().to_vec();
        stored.extend_from_slice(&bytes);
        stored.extend_from_slice(&seed);
        files.replace(self.id, &stored)?;
        Ok(())
    }

    /// The key that signs checkpoints.
    #[must_use]
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// A secret of this organisation for codes that the program itself checks (forms, known browsers). It lies in the key
    /// file: a signature over words that are never published.
    ///
    /// # Errors
    /// [`Fault::Keys`].
    pub fn secret(&self, purpose: &str) -> Result<[u8; 32], Fault> {
        if let Some(known) = lock(&self.secrets).get(purpose) {
            return Ok(**known);
        }
        let text = format!("kitei secret\n{purpose}\n");
        let signed = self
            .signing
            .sign(text)
            .map_err(|error| Fault::Keys { organization: self.id, problem: error.to_string() })?;
        let secret = *kitei_evidence::Digest::of(signed.to_string().as_bytes()).as_bytes();
        lock(&self.secrets).insert(purpose.to_owned(), zeroize::Zeroizing::new(secret));
        Ok(secret)
    }

    /// The version of the rulebook of a day, if it is known, and how many adoptions that knowledge rests on.
    fn version_on(&self, day: Date) -> (Option<i64>, u64) {
        let days = lock(&self.days);
        (days.versions.get(&day).copied(), days.adoptions)
    }

    /// Keeps which version holds on a day, unless packs were adopted since it was read.
    fn note_version(&self, day: Date, version: i64, adoptions: u64) {
        let mut days = lock(&self.days);
        if days.adoptions == adoptions {
            if days.versions.len() >= DAYS {
                days.versions.clear();
            }
            days.versions.insert(day, version);
        }
    }

    /// Packs were adopted: what is known of days has to be read again.
    fn forget_versions(&self) {
        let mut days = lock(&self.days);
        days.adoptions += 1;
        days.versions.clear();
    }

    /// A compiled rulebook, if it is in memory.
    #[must_use]
    pub fn book(&self, version: i64) -> Option<Arc<Book>> {
        lock(&self.books).get(&version).cloned()
    }

    /// Keeps a compiled rulebook in memory.
    pub fn keep(&self, book: Book) -> Arc<Book> {
        let book = Arc::new(book);
        lock(&self.books).insert(book.version, Arc::clone(&book));
        book
    }

    /// Today in the organisation's zone.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> Date {
        self.moment(now).today()
    }
}

/// The name under which an organisation's log is signed.
#[must_use]
pub fn origin(organization: Uuid) -> String {
    format!("kitei/{organization}")
}

/// What a key file holds: the key state, and the key that signs the log.
///
/// # Errors
/// What is wrong with it, in words without secrets.
pub(crate) fn read_keys(organization: Uuid, bytes: &[u8]) -> Result<(KeyState, SigningKey), String> {
    let damaged = || "the key file is cut or damaged; restore it from the recovery kit".to_owned();
    let (state, seed) = split(bytes).ok_or_else(damaged)?;
    let state = KeyState::parse(state).map_err(|error| error.to_string())?;
    let mut seed = <[u8; 32]>::try_from(seed).map_err(|_| damaged())?;
    let signing =
        SigningKey::new(&origin(organization), &Secret::take(&mut seed)).map_err(|error| error.to_string())?;
    Ok((state, signing))
}

/// Key state and signing seed in a key file.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    (rest.len() == length + 32).then(|| rest.split_at(length))
}

/// A lock whose holder panicked still guards plain data.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
