//! Opening an installation: data directory, database, keys, packs; all of it or nothing.
//!
//! Invariant: nothing starts on half a system. A missing or damaged database, a missing key file, a clock set back end
//! the start with a sentence that says how to go on, and nothing is changed.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kitei_app::kernel::shelf::Shelf;
use kitei_app::kernel::{Fault, Installation};
use kitei_rules::pack::model::Text;
use kitei_store::db::{Db, Instant, Options};
use kitei_store::directory::{DataDirectory, DirectoryError};
use kitei_store::{log, migrate, organizations};

use crate::config::Config;
use crate::environment::{SystemEnvironment, now};
use crate::exit::{Failure, open_words, store_words};
use crate::language::say;

/// How far the clock may lie behind the last event: clocks of machines differ a little.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);

/// An open installation. The directory's lock lives as long as this.
#[derive(Debug)]
pub(crate) struct Open {
    /// What runs.
    pub(crate) installation: Arc<Installation>,
    _directory: DataDirectory,
}

/// Opens everything, bringing the database's schema up to date.
///
/// # Errors
/// An obstacle that names what is wrong and how to mend it.
pub(crate) async fn open(config: &Config, shelf: Shelf) -> Result<Open, Failure> {
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
    let installation = Arc::new(Installation::new(db, blobs, keys, Arc::new(SystemEnvironment), Arc::new(shelf)));
    whole(&installation, now()).await?;
    Ok(Open { installation, _directory: directory })
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
