//! The sample organisation of `demo/`, told whole: nothing is refused, everybody and everything is there, and the log verifies.

#![expect(clippy::expect_used, reason = "helpers of tests may fail the test")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use kitei_app::{
    coverage::TestClock,
    demo::{Clock, DemoError, Plan, Told, mark, tell},
    evidence::verify::Against,
    kernel::{Environment, Installation, shelf::Shelf},
};
use kitei_store::{
    blobs::Blobs,
    db::{Db, Options},
    keys::KeyFiles,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Registers that a plan cannot fill sensibly: nothing of the kind happened in the sample.
const EMPTY: [&str; 0] = [];

fn plan() -> Plan {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("demo")).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.insert(name, std::fs::read_to_string(&path).expect("a text"));
    }
    Plan::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).expect("a plan")
}

fn installation(db: Db, directory: &Path, clock: &Arc<Clock>) -> Arc<Installation> {
    let path = |name: &str| {
        let path = directory.join(name);
        std::fs::create_dir_all(&path).expect("a directory");
        path
    };
    let shelf = Shelf::read(&root().join("packs")).expect("packs");
    let environment: Arc<dyn Environment> = clock.clone();
    let (blobs, keys) = (Blobs::new(path("blobs")), KeyFiles::new(path("keys")));
    Arc::new(Installation::new(db, blobs, keys, environment, Arc::new(shelf)))
}

async fn told(installation: &Arc<Installation>, clock: &Arc<Clock>) -> Told {
    match tell(installation, clock, &plan(), &mut |_| {}).await {
        Ok(told) => told,
        Err(DemoError::Step { place, problem }) => panic!("demo/{}:{}: {}", place.file, place.line, problem.ja),
        Err(DemoError::Refused(steps)) => {
            let all =
                steps.iter().map(|(place, problem)| format!("demo/{}:{}: {}", place.file, place.line, problem.ja));
            panic!("{}", all.collect::<Vec<_>>().join("\n"))
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_whole_and_its_log_verifies() {
    let directory = tempfile::tempdir().expect("a directory");
    let present: jiff::Timestamp = "2026-11-30T05:30:00Z".parse().expect("an instant");
    let clock = Arc::new(Clock::new(Arc::new(TestClock::at(present))));
    let url = format!("sqlite://{}", directory.path().join("kitei.db").display());
    let db = Db::open(&url, Options::default()).await.expect("a database");
    kitei_store::migrate::run(&db, present.into()).await.expect("a schema");
    let installation = installation(db, directory.path(), &clock);
    let told = told(&installation, &clock).await;

    let count = |register: &str| told.records.get(register).copied().unwrap_or_default();
    assert_eq!((count("person"), count("department")), (60, 6));
    assert!(told.records.values().sum::<usize>() >= 300, "{:?}", told.records);

    let organization = installation.organization(told.organization).await.expect("an organisation");
    assert!(organization.is_sample());
    let today = organization.today(present);
    let mut reader = installation.db.reader().await.expect("a reader");
    let book = installation.book_of(&mut reader, &organization, today).await.expect("a rulebook");
    let sample = mark::of(&mut reader, told.organization).await.expect("a mark");
    assert_eq!(sample.and_then(|sample| sample.administrator), Some(told.administrator));
    drop(reader);

    let asked = installation.look(&organization, None, &[], |kernel| {
        let vacant: Vec<String> =
            book.roles.keys().filter(|role| kernel.holders(role, None, today).is_empty()).cloned().collect();
        let empty: Vec<String> = book
            .names
            .registers
            .keys()
            .filter(|register| {
                !EMPTY.contains(&register.as_str())
                    && kernel.snapshot.all(register).is_none_or(<[_]>::is_empty)
                    && kernel.snapshot.all_closed(register).is_none_or(<[_]>::is_empty)
            })
            .cloned()
            .collect();
        let incidents = kernel.snapshot.all("incident").unwrap_or_default().to_vec();
        let running = incidents.iter().filter_map(|id| kernel.snapshot.record(*id)).filter(|record| {
            kernel.standing(record).iter().any(|s| !s.status.settled() && s.clocks.iter().any(|c| c.due.is_some()))
        });
        (vacant, empty, running.count())
    });
    let (vacant, empty, running) = asked.await.expect("an answer");
    assert_eq!(vacant, Vec::<String>::new(), "roles that nobody holds");
    assert_eq!(empty, Vec::<String>::new(), "registers without a record");
    assert!(running >= 1, "an incident with a running countdown");

    let verified = installation.verify(Against::default()).await.expect("a verification");
    assert!(verified.ok, "{verified:?}");
    let again = tell(&installation, &clock, &plan(), &mut |_| {}).await;
    assert!(matches!(again, Err(DemoError::Occupied)), "{again:?}");
    installation.db.close().await;
}
