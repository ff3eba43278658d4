//! Opening an installation: data directory, database, keys, packs; all of it or nothing.
//!
//! Invariant: nothing starts on half a system. A missing or damaged database, a missing key file, a clock set back end
//! the start with a sentence that says how to go on, and nothing is changed.
//!
//! A command that only looks, or changes something small, opens it *beside* a server that may be running: it takes no
//! lock and never touches the schema. The engine keeps the two apart: readers have a snapshot, and an act of another
//! program waits its turn (`kitei_store::db::writer`), so nothing that the server has begun is hurt.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kitei_app::kernel::shelf::Shelf;
use kitei_app::kernel::{Environment, Fault, Installation, Organization};
use kitei_rules::pack::model::Text;
use kitei_store::blobs::Blobs;
use kitei_store::db::{Db, Instant, Options};
use kitei_store::directory::{DataDirectory, DirectoryError};
use kitei_store::keys::KeyFiles;
use kitei_store::organizations::{self, Organization as Row};
use kitei_store::{log, migrate};

use crate::config::Config;
use crate::environment::{SystemEnvironment, now};
use crate::exit::{Failure, open_words, store_words};
use crate::language::{did_you_mean, say};

/// How far the clock may lie behind the last event: clocks of machines differ a little.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);

/// An open installation. The directory's lock lives as long as this.
#[derive(Debug)]
pub(crate) struct Open {
    /// What runs.
    pub(crate) installation: Arc<Installation>,
    _directory: DataDirectory,
}

impl Open {
    /// The one organisation that is meant, with its keys.
    ///
    /// # Errors
    /// As [`Beside::organization`].
    pub(crate) async fn organization(&self, slug: Option<&str>) -> Result<Arc<Organization>, Failure> {
        Beside { installation: Arc::clone(&self.installation), traces: None }.organization(slug).await
    }
}

/// Opens everything, bringing the database's schema up to date.
///
/// # Errors
/// An obstacle that names what is wrong and how to mend it.
pub(crate) async fn open(config: &Config, shelf: Shelf) -> Result<Open, Failure> {
    open_with(config, shelf, Arc::new(SystemEnvironment)).await
}

/// Opens everything with another clock than the system's.
///
/// # Errors
/// As [`open`].
pub(crate) async fn open_with(
    config: &Config,
    shelf: Shelf,
    environment: Arc<dyn Environment>,
) -> Result<Open, Failure> {
    let database = config.data.join("kitei.db");
    let had_database = config.postgres.is_some() || database.exists();
    let directory = DataDirectory::open(&config.data).map_err(|error| Failure::Obstacle(directory_words(&error)))?;
    let keys = directory.keys();
    let store = |error| Failure::Obstacle(store_words(&error));
    keys.sweep().map_err(store)?;
    if !had_database && !keys.organizations().map_err(store)?.is_empty() {
        return Err(Failure::Obstacle(lost_database(&database)));
    }
    let url = config.postgres.as_ref().map_or_else(|| directory.sqlite_url(), |url| url.reveal().to_owned());
    let db = Db::open(&url, Options::default()).await.map_err(|error| Failure::Obstacle(open_words(&error)))?;
    migrate::run(&db, Instant::new(now())).await.map_err(|error| Failure::Obstacle(migrate_words(&error)))?;
    let blobs = directory.blobs();
    let installation = Arc::new(Installation::new(db, blobs, keys, environment, Arc::new(shelf)));
    whole(&installation, now()).await?;
    Ok(Open { installation, _directory: directory })
}

/// What a command that opens an installation beside a server means to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Look; the database refuses writing.
    Look,
    /// Change something in short acts.
    Change,
}

/// An installation opened beside a server that may be running.
#[derive(Debug)]
pub(crate) struct Beside {
    /// What is there.
    pub(crate) installation: Arc<Installation>,
    traces: Option<Traces>,
}

impl Beside {
    /// Opens what is there; nothing is made that is not.
    ///
    /// # Errors
    /// There is no installation, its database cannot be opened, or its schema is another version's.
    pub(crate) async fn open(config: &Config, shelf: Shelf, purpose: Purpose) -> Result<Self, Failure> {
        let database = config.data.join("kitei.db");
        let url = match &config.postgres {
            Some(url) => url.reveal().to_owned(),
            None if database.exists() => format!("sqlite://{}", database.display()),
            None => return Err(no_database(&config.data, &database)),
        };
        let traces = (purpose == Purpose::Look && config.postgres.is_none()).then(|| Traces::watch(&config.data));
        let options = Options { read_only: purpose == Purpose::Look, readers: 2, ..Options::default() };
        let db = Db::open(&url, options).await.map_err(|error| Failure::Obstacle(open_words(&error)))?;
        let (blobs, keys) = (Blobs::new(config.data.join("blobs")), KeyFiles::new(config.data.join("keys")));
        let installation = Arc::new(Installation::new(db, blobs, keys, Arc::new(SystemEnvironment), Arc::new(shelf)));
        let beside = Self { installation, traces: traces.flatten() };
        match migrate::check(&beside.installation.db).await {
            Ok(()) => Ok(beside),
            Err(error) => {
                beside.close().await;
                Err(Failure::Obstacle(migrate_words(&error)))
            }
        }
    }

    /// Closes the database and takes away what reading it has left.
    pub(crate) async fn close(self) {
        self.installation.db.close().await;
        if let Some(traces) = self.traces {
            traces.remove();
        }
    }

    /// The organisations that are meant: the one named, or all of them.
    ///
    /// # Errors
    /// None has the name, or there is none at all.
    pub(crate) async fn organizations(&self, slug: Option<&str>) -> Result<Vec<Row>, Failure> {
        let all = self.installation.all().await.map_err(|fault| Failure::Obstacle(fault_words(&fault)))?;
        let known = all.iter().map(|row| row.slug.clone()).collect::<Vec<_>>();
        let meant: Vec<Row> = all.into_iter().filter(|row| slug.is_none_or(|slug| slug == row.slug)).collect();
        match (meant.is_empty(), slug) {
            (false, _) => Ok(meant),
            (true, None) => Err(Failure::input("まだ組織がない。", "there is no organisation yet")),
            (true, Some(slug)) => {
                let (near, list) = (did_you_mean(slug, known.iter().map(String::as_str)), known.join(", "));
                Err(Failure::input(
                    format!("--organization {slug}: この組織はない。{}（あるもの: {list}）", near.ja),
                    format!("--organization {slug}: no such organisation{} (there are {list})", near.en),
                ))
            }
        }
    }

    /// The one organisation that is meant, with its keys.
    ///
    /// # Errors
    /// As `organizations`; several are there and none was named; its keys cannot be read.
    pub(crate) async fn organization(&self, slug: Option<&str>) -> Result<Arc<Organization>, Failure> {
        let meant = self.organizations(slug).await?;
        let [row] = meant.as_slice() else {
            let list = meant.iter().map(|row| row.slug.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Failure::input(
                format!("組織が複数ある。--organization で選ぶ（{list}）。"),
                format!("there are several organisations; choose one with --organization ({list})"),
            ));
        };
        self.installation.organization(row.org).await.map_err(|fault| Failure::Obstacle(fault_words(&fault)))
    }
}

/// The files that SQLite lays beside a database when it is read, and that a reader cannot take away again by itself.
///
/// Watched when they were not there before, so no server had the database open then.
#[derive(Debug)]
pub(crate) struct Traces {
    data: PathBuf,
    files: [PathBuf; 2],
}

impl Traces {
    /// Remembers that they are not there; nothing when they are.
    pub(crate) fn watch(data: &Path) -> Option<Self> {
        let files = ["kitei.db-wal", "kitei.db-shm"].map(|name| data.join(name));
        files.iter().all(|file| !file.exists()).then(|| Self { data: data.to_owned(), files })
    }

    /// Takes them away, unless a server has come meanwhile and uses them.
    pub(crate) fn remove(self) {
        let lock = File::open(self.data.join("kitei.lock"));
        if lock.as_ref().is_ok_and(|lock| lock.try_lock().is_err()) {
            return;
        }
        let [log, _] = &self.files;
        // A log that holds something was written by somebody else.
        if log.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            for file in &self.files {
                // What stays is harmless: the next start takes it over.
                let _ = std::fs::remove_file(file);
            }
        }
    }
}

fn no_database(data: &Path, database: &Path) -> Failure {
    let (data, shown) = (data.display(), database.display());
    Failure::input(
        format!("{shown} がない。--data で Kitei のデータディレクトリを指定する（いまは {data}）。"),
        format!("{shown} is not there; name the data directory of a Kitei with --data (now {data})"),
    )
}

/// Every organisation has its keys, and no event lies in the future.
async fn whole(installation: &Installation, now: Timestamp) -> Result<(), Failure> {
    let store = |error| Failure::Obstacle(store_words(&error));
    let mut reader = installation.db.reader().await.map_err(store)?;
    for row in organizations::list(&mut reader).await.map_err(store)? {
        installation.organization(row.org).await.map_err(|fault| Failure::Obstacle(fault_words(&fault)))?;
        let last = log::range(&mut reader, row.org, row.log_size.saturating_sub(1), 1).await.map_err(store)?;
        if let Some(event) = last.last().filter(|event| event.at.timestamp() > now + CLOCK_SLACK) {
            let at = event.at.timestamp();
            return Err(Failure::obstacle(
                format!("時計が戻っている。最後の記録は {at}、いまの時計は {now}。時計を合わせてから始める。"),
                format!(
                    "the clock was set back: the last event is of {at}, the clock shows {now}; set the clock first"
                ),
            ));
        }
    }
    Ok(())
}

/// Keys are there and the database is not.
pub(crate) fn lost_database(database: &Path) -> Text {
    let shown = database.display();
    say(
        format!("{shown} がないが、組織の鍵はある。空のデータベースでは始めない。バックアップから戻す。"),
        format!(
            "{shown} is missing though keys of organisations are there; restore it from a backup instead of starting empty"
        ),
    )
}

/// Why the data directory cannot be used.
pub(crate) fn directory_words(error: &DirectoryError) -> Text {
    let ja = match error {
        DirectoryError::InUse(path) => {
            format!("{}: ほかの kitei が使っている。それを止めるか、別のディレクトリにする。", path.display())
        }
        DirectoryError::Open(path) => format!("{}: 鍵をほかの人が読める。chmod 700 をする。", path.display()),
        DirectoryError::Io { path, source } => {
            format!("{}: 使えない（{}）。書き込めるディレクトリにする。", path.display(), source.kind())
        }
    };
    say(ja, error.to_string())
}

/// Why the schema cannot be used.
pub(crate) fn migrate_words(error: &migrate::MigrateError) -> Text {
    use migrate::MigrateError as Error;
    match error {
        Error::Store(error) => store_words(error),
        Error::Newer { .. } => {
            say(format!("データベースは新しい版の kitei のもの。新しい版で始める。（{error}）"), error.to_string())
        }
        Error::Changed { .. } => say(format!("適用済みの移行ファイルが変わっている。（{error}）"), error.to_string()),
        Error::Behind { .. } => {
            say(format!("データベースの形が古い。kitei serve を一度始めると新しくなる。（{error}）"), error.to_string())
        }
        Error::Failed { .. } => {
            say(format!("データベースの形を新しくできない。何も変えていない。（{error}）"), error.to_string())
        }
    }
}

/// Why an organisation cannot be opened.
pub(crate) fn fault_words(fault: &Fault) -> Text {
    match fault {
        Fault::Store(error) if error.statement().starts_with("keys::") => say(
            format!("組織の鍵ファイルがないか読めない。データディレクトリの keys/ をバックアップから戻す。（{error}）"),
            format!(
                "the key file of an organisation is missing or cannot be read; restore keys/ of the data directory ({error})"
            ),
        ),
        Fault::Store(error) => store_words(error),
        Fault::Keys { organization, .. } => say(
            format!(
                "組織 {organization} の鍵ファイルが壊れている。データディレクトリの keys/ をバックアップから戻す。"
            ),
            format!(
                "the key file of organisation {organization} is damaged; restore keys/ of the data directory from a backup"
            ),
        ),
        other => say(format!("保存されたデータに誤りがある。（{other}）"), other.to_string()),
    }
}
