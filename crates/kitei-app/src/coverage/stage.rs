//! The stage on which cases are played: a sample organisation with one person for each role, on a real SQLite database in a
//! temporary directory, with a clock that the case sets.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kitei_rules::{
    book::{Book, Compiler},
    expr::Actor,
    pack::model::{Case, Pack},
    rulebook::{LAW, OFFICE, Sayings, Setting},
    run::command::{Command, Values},
    value::Value,
};
use kitei_store::{
    blobs::Blobs,
    db::{Db, Options, StoreError},
    keys::KeyFiles,
};
use uuid::Uuid;

use crate::kernel::{
    Environment, Fault, Installation, Organization, lock,
    perform::{PerformError, Request},
    shelf::Shelf,
};

/// The first day of every case.
const FIRST_DAY: &str = "2020-01-01T00:00:00+09:00";

/// A clock that is set by hand, and randomness that only differs from call to call.
#[derive(Debug)]
pub struct TestClock {
    now: Mutex<Timestamp>,
    drawn: AtomicU64,
}

impl TestClock {
    /// A clock at an instant.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now: Mutex::new(now), drawn: AtomicU64::new(1) }
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        *lock(&self.now) = now;
    }
}

impl Environment for TestClock {
    fn now(&self) -> Timestamp {
        *lock(&self.now)
    }

    fn random(&self, bytes: &mut [u8]) {
        for byte in bytes.chunks_mut(32) {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
            let digest = kitei_evidence::Digest::of(&drawn.to_be_bytes());
            byte.copy_from_slice(digest.as_bytes().get(..byte.len()).unwrap_or_default());
        }
    }
}

/// The stage cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// No such pack.
    #[error("there is no pack \"{0}\"")]
    Unknown(String),
    /// The pack does not compile.
    #[error("pack {pack} does not compile: {problem}")]
    Pack {
        /// Pack.
        pack: String,
        /// First mistake.
        problem: String,
    },
    /// A temporary file cannot be made.
    #[error("temporary files: {0}")]
    Io(#[from] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sample organisation cannot be made.
    #[error("sample organisation: {0}")]
    Sample(String),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A thread ended before its work was done.
    #[error("a case stopped before its time")]
    Stopped,
}

/// A sample organisation, ready to be copied for each case.
#[derive(Debug)]
pub struct Stage {
    shelf: Arc<Shelf>,
    sayings: Sayings,
    directory: Arc<tempfile::TempDir>,
    organization: Uuid,
    names: BTreeMap<String, Uuid>,
    roles: BTreeMap<Uuid, Vec<String>>,
}

/// A case at work.
#[derive(Debug)]
pub struct Scene {
    pub(super) installation: Arc<Installation>,
    pub(super) organization: Arc<Organization>,
    pub(super) book: Arc<Book>,
    pub(super) clock: Arc<TestClock>,
    pub(super) names: BTreeMap<String, Uuid>,
    pub(super) lines: BTreeMap<String, (Uuid, String, Uuid)>,
    pub(super) roles: BTreeMap<Uuid, Vec<String>>,
    pub(super) actor: Actor,
    pub(super) last: Last,
    _directory: tempfile::TempDir,
}

/// What the last deed brought about.
#[derive(Debug, Default)]
pub(super) struct Last {
    pub(super) warnings: Vec<kitei_rules::run::command::Objection>,
    pub(super) refused: Vec<kitei_rules::run::command::Objection>,
}

impl Stage {
    /// Sets the stage for a pack together with `office`, `law-jp` and what it extends.
    ///
    /// # Errors
    /// [`StageError`].
    pub async fn set(shelf: &Shelf, pack: &Pack) -> Result<Self, StageError> {
        let sayings = compose(shelf, pack);
        compiled(&sayings, &BTreeMap::new(), pack)?;
        let directory = tempfile::tempdir()?;
        let clock = Arc::new(TestClock::at(parse(FIRST_DAY)));
        let shelf = Arc::new(shelf.clone());
        let installation = installation(directory.path().to_path_buf(), Arc::clone(&clock), Arc::clone(&shelf)).await?;
        let organization = installation.found("sample", "見本株式会社", "Asia/Tokyo").await?;
        // People are entered before the pack's gates stand.
        let vocabulary = Sayings::compose(shelf.get(OFFICE).map(|shelved| &shelved.pack));
        organization.keep(Compiler::compile(&vocabulary, &BTreeMap::new(), 0).0);
        let mut sample = Sample { installation: &installation, organization: &organization, names: BTreeMap::new() };
        let roles = sample.people(&sayings).await?;
        let (names, id) = (sample.names, organization.id);
        installation.db.close().await;
        Ok(Self { shelf, sayings, directory: Arc::new(directory), organization: id, names, roles })
    }

    /// The same stage with another version of the pack; `None` when it does not compile.
    #[must_use]
    pub fn with_pack(&self, shelf: &Shelf, pack: &Pack) -> Option<Self> {
        let sayings = compose(shelf, pack);
        compiled(&sayings, &BTreeMap::new(), pack).ok()?;
        Some(Self {
            shelf: Arc::clone(&self.shelf),
            sayings,
            directory: Arc::clone(&self.directory),
            organization: self.organization,
            names: self.names.clone(),
            roles: self.roles.clone(),
        })
    }

    /// Opens a copy for a case.
    ///
    /// # Errors
    /// [`StageError`].
    pub async fn open(&self, case: &Case) -> Result<Scene, StageError> {
        let directory = tempfile::tempdir()?;
        copy(self.directory.path(), directory.path())?;
        let clock = Arc::new(TestClock::at(parse(FIRST_DAY)));
        // Fresh ids must not meet those of the sample.
        clock.drawn.store(1_000_000, Ordering::Relaxed);
        let installation =
            installation(directory.path().to_path_buf(), Arc::clone(&clock), Arc::clone(&self.shelf)).await?;
        let organization = installation.organization(self.organization).await?;
        let settings = case
            .settings
            .iter()
            .map(|(key, value)| (key.clone(), Setting { value: value.clone(), reason: None, approved_by: None }))
            .collect();
        let (book, _) = Compiler::compile(&self.sayings, &settings, 0);
        let book = organization.keep(book);
        Ok(Scene {
            installation,
            organization,
            book,
            clock,
            names: self.names.clone(),
            lines: BTreeMap::new(),
            roles: self.roles.clone(),
            actor: Actor::default(),
            last: Last::default(),
            _directory: directory,
        })
    }
}

impl Scene {
    /// Closes the database.
    pub async fn close(self) {
        self.installation.db.close().await;
    }
}

fn parse(instant: &str) -> Timestamp {
    instant.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn compose(shelf: &Shelf, pack: &Pack) -> Sayings {
    let mut ids: Vec<&str> = vec![OFFICE, LAW];
    ids.extend(pack.extends.iter().map(String::as_str));
    let others =
        ids.into_iter().filter(|id| *id != pack.id).filter_map(|id| shelf.get(id)).map(|shelved| &shelved.pack);
    Sayings::compose(others.chain(std::iter::once(pack)))
}

fn compiled(sayings: &Sayings, settings: &BTreeMap<String, Setting>, pack: &Pack) -> Result<Book, StageError> {
    let (book, errors) = Compiler::compile(sayings, settings, 0);
    match errors.first() {
        None => Ok(book),
        Some(error) => {
            let place = &error.source.place;
            let problem = format!(
                "packs/{}/{}:{}: {} in `{}`",
                error.pack, place.file, place.line, error.error, error.source.text
            );
            Err(StageError::Pack { pack: pack.id.clone(), problem })
        }
    }
}

async fn installation(
    directory: PathBuf,
    clock: Arc<TestClock>,
    shelf: Arc<Shelf>,
) -> Result<Arc<Installation>, StageError> {
    let (keys, blobs) = (directory.join("keys"), directory.join("blobs"));
    std::fs::create_dir_all(&keys)?;
    std::fs::create_dir_all(&blobs)?;
    let url = format!("sqlite://{}", directory.join("kitei.db").display());
    let db = Db::open(&url, Options { readers: 2, ..Options::default() })
        .await
        .map_err(|error| StageError::Sample(error.to_string()))?;
    kitei_store::migrate::run(&db, clock.now().into()).await.map_err(|error| StageError::Sample(error.to_string()))?;
    Ok(Arc::new(Installation::new(db, Blobs::new(blobs), KeyFiles::new(keys), clock, shelf)))
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else if entry.file_name() != "lock" {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Makes the people of the sample organisation.
struct Sample<'a> {
    installation: &'a Arc<Installation>,
    organization: &'a Arc<Organization>,
    names: BTreeMap<String, Uuid>,
}

/// Departments of the sample: name in cases, name on pages.
const DEPARTMENTS: [(&str, &str); 3] = [("general-affairs", "総務部"), ("sales", "営業部"), ("it", "情報システム部")];

impl Sample<'_> {
    async fn people(&mut self, sayings: &Sayings) -> Result<BTreeMap<Uuid, Vec<String>>, StageError> {
        let organization = values([("name", Value::Text("見本株式会社".to_owned()))]);
        self.open("organization", "organization", organization).await?;
        for (id, title) in DEPARTMENTS {
            let name = values([("name", Value::Text(title.to_owned()))]);
            self.open("department", &format!("department:{id}"), name).await?;
        }
        let mut roles: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for name in ["employee", "employee2", "newcomer"] {
            self.person(name, "社員", "sales", None).await?;
        }
        self.person("it-employee", "社員", "it", None).await?;
        for id in sayings.roles.keys() {
            let Some(role) = sayings.role(id) else { continue };
            let department = match id.as_str() {
                "system-administrator" => "it",
                "department-head" | "department-security-manager" | "handler" => "sales",
                _ => "general-affairs",
            };
            let position = role.positions.as_ref().and_then(|positions| positions.first().cloned());
            let person = self.person(&format!("role:{id}"), &role.title.ja, department, position).await?;
            roles.entry(person).or_default().push(id.clone());
            let deputy =
                self.person(&format!("deputy:{id}"), &format!("{}代行", role.title.ja), department, None).await?;
            self.appoint(id, person, deputy, role.per_department.then_some(department)).await?;
        }
        for (id, _) in DEPARTMENTS {
            let head = match id {
                "sales" => self.names.get("role:department-head").copied(),
                "it" => self.names.get("role:system-administrator").copied(),
                _ => self.names.get("role:general-affairs").copied(),
            };
            if let (Some(head), Some(department)) = (head, self.names.get(&format!("department:{id}")).copied()) {
                let fields = values([("head", Value::Record(head))]);
                self.perform(Command::Change { record: department, fields }).await?;
            }
        }
        Ok(roles)
    }

    async fn person(
        &mut self,
        name: &str,
        title: &str,
        department: &str,
        position: Option<String>,
    ) -> Result<Uuid, StageError> {
        let department = self.names.get(&format!("department:{department}")).copied();
        let mut fields = values([
            ("name", Value::Text(format!("{title}（{name}）"))),
            ("engagement", Value::Text("regular".to_owned())),
            ("phone", Value::Text("090-0000-0000".to_owned())),
            ("email", Value::Text(format!("{}@example.jp", name.replace(':', ".")))),
        ]);
        fields.extend(department.map(|id| ("department".to_owned(), Value::Record(id))));
        let position = position
            .unwrap_or_else(|| if name == "role:top-management" { "representative" } else { "member" }.to_owned());
        fields.insert("position".to_owned(), Value::Text(position));
        self.open("person", name, fields).await
    }

    async fn appoint(
        &mut self,
        role: &str,
        person: Uuid,
        deputy: Uuid,
        department: Option<&str>,
    ) -> Result<(), StageError> {
        let day: Date = parse(FIRST_DAY).to_zoned_datetime(TimeZone::UTC).date();
        let mut fields = values([
            ("role", Value::Text(role.to_owned())),
            ("person", Value::Record(person)),
            ("deputy", Value::Record(deputy)),
            ("starts_on", Value::Date(day)),
            ("competence", Value::Text("規程を理解し実践できる".to_owned())),
            ("fairness", Value::Text("公平かつ客観的な立場にある".to_owned())),
            ("authority", Value::Text("責任と権限を与える".to_owned())),
        ]);
        let department = department.and_then(|id| self.names.get(&format!("department:{id}")).copied());
        fields.extend(department.map(|id| ("department".to_owned(), Value::Record(id))));
        self.open("appointment", &format!("appointment:{role}"), fields).await?;
        Ok(())
    }

    async fn open(&mut self, register: &str, name: &str, fields: Values) -> Result<Uuid, StageError> {
        let command = Command::Create { register: register.to_owned(), fields, lines: BTreeMap::new() };
        let id = self.perform(command).await?;
        self.names.insert(name.to_owned(), id);
        Ok(id)
    }

    /// The sample is made before the gates of the pack stand: whoever founds the organisation enters its people.
    async fn perform(&self, command: Command) -> Result<Uuid, StageError> {
        let request = Request { own: true, ..Request::default() };
        let done = self.installation.perform(self.organization, request, command).await;
        match done {
            Ok(done) => done.record.ok_or_else(|| StageError::Sample("no record".to_owned())),
            Err(PerformError::Refused(refusal)) => Err(StageError::Sample(
                refusal.objections.iter().map(|o| o.message.ja.clone()).collect::<Vec<_>>().join("; "),
            )),
            Err(PerformError::Fault(fault)) => Err(StageError::Fault(fault)),
        }
    }
}

fn values<const N: usize>(items: [(&str, Value); N]) -> Values {
    items.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}
