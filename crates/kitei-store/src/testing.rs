//! Real databases for tests: an empty or migrated one of each engine, gone when the test is over.
//!
//! PostgreSQL is started once for each test program, from Debian's `postgresql-15`, in a directory of its own on a free
//! port. Invariant: it never outlives the program. A small shell program waits at the end of a pipe; when the test
//! program ends, however it ends, the pipe closes and the shell stops the server and removes its directory.

#![expect(clippy::expect_used, reason = "a test that cannot have its database must stop and say so")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{Mutex, OnceCell};

use crate::db::{Db, Instant, Options, Statement};
use crate::migrate;

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// Runs a test on a migrated SQLite database and then on a migrated PostgreSQL database.
///
/// # Panics
/// When the test does, after naming the engine; or when PostgreSQL is not installed, naming the Debian package.
pub async fn each_engine(test: impl AsyncFn(Db)) {
    each_engine_with(Options::default(), test).await;
}

/// As `each_engine`, opened in a way of one's own.
///
/// # Panics
/// As `each_engine`.
pub async fn each_engine_with(options: Options, test: impl AsyncFn(Db)) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let db = migrated_sqlite(directory.path(), options.clone()).await;
    run_on("SQLite", db, &test).await;
    let db = postgres_database("template_kitei", options).await;
    run_on("PostgreSQL", db, &test).await;
}

/// Runs a test on a database of each engine without any schema.
///
/// # Panics
/// As `each_engine`.
pub async fn each_empty_engine(test: impl AsyncFn(Db)) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!("sqlite://{}", directory.path().join("kitei.db").display());
    let db = Db::open(&url, Options::default()).await.expect("an empty SQLite database");
    run_on("SQLite", db, &test).await;
    let db = postgres_database("template0", Options::default()).await;
    run_on("PostgreSQL", db, &test).await;
}

async fn run_on(engine: &str, db: Db, test: &impl AsyncFn(Db)) {
    let naming = NameOnPanic(engine);
    test(db.clone()).await;
    drop(naming);
    db.close().await;
}

/// Says on which engine a test failed.
struct NameOnPanic<'n>(&'n str);

impl Drop for NameOnPanic<'_> {
    #[expect(clippy::print_stderr, reason = "the output of a failing test is where this belongs")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the test failed on {}", self.0);
        }
    }
}

/// A migrated SQLite database in the directory.
///
/// # Panics
/// When it cannot be made.
pub async fn migrated_sqlite(directory: &Path, options: Options) -> Db {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(async || {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("template.db");
        let db = Db::open(&format!("sqlite://{}", file.display()), Options::default()).await.expect("SQLite opens");
        migrate::run(&db, Instant::from_microseconds(0)).await.expect("the schema is made on SQLite");
        db.close().await;
        std::fs::read(&file).expect("the template is read")
    });
    let file = directory.join("kitei.db");
    std::fs::write(&file, template.await).expect("the template is copied");
    Db::open(&format!("sqlite://{}", file.display()), options).await.expect("SQLite opens")
}

/// A migrated PostgreSQL database of its own, on this test program's server.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
pub async fn migrated_postgres(options: Options) -> Db {
    postgres_database("template_kitei", options).await
}

/// A migrated PostgreSQL database on a server that writes durably, as Debian sets it up: for measuring. Only the first
/// call of a program chooses how its server writes, so this must come before every other database of the program.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
pub async fn durable_postgres(options: Options) -> Db {
    tokio::task::spawn_blocking(|| server_with(DURABLE)).await.expect("PostgreSQL starts");
    postgres_database("template_kitei", options).await
}

/// The address of a migrated PostgreSQL database of its own, for a program that opens it itself.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
pub async fn postgres_address() -> String {
    let name = postgres_named("template_kitei").await;
    server().url(&name)
}

/// Where this test program's PostgreSQL keeps its files (heap, write-ahead log), for tests that search them.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
pub fn postgres_directory() -> &'static Path {
    &server().directory
}

async fn postgres_database(template: &str, options: Options) -> Db {
    let name = postgres_named(template).await;
    Db::open(&server().url(&name), options).await.expect("PostgreSQL opens")
}

/// Makes a database from a template and gives its name.
async fn postgres_named(template: &str) -> String {
    // `create database` wants its template for itself, so one at a time.
    static CREATING: Mutex<bool> = Mutex::const_new(false);
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let server = tokio::task::spawn_blocking(server).await.expect("PostgreSQL starts");
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    {
        let mut has_template = CREATING.lock().await;
        if !*has_template {
            server.create("template_kitei", "template0").await;
            let small = Options { readers: 1, ..Options::default() };
            let db = Db::open(&server.url("template_kitei"), small).await.expect("PostgreSQL opens");
            migrate::run(&db, Instant::from_microseconds(0)).await.expect("the schema is made on PostgreSQL");
            db.close().await;
            *has_template = true;
        }
        server.create(&name, template).await;
    }
    name
}

struct Server {
    port: u16,
    directory: std::path::PathBuf,
    // The write end of the pipe lives as long as the program; its closing ends the server.
    _supervisor: Child,
}

/// Settings of a server whose data nobody will miss after a power cut.
const FAST: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off";
/// Settings of a server that keeps what it acknowledged.
const DURABLE: &str = "-c fsync=on";

fn server() -> &'static Server {
    server_with(FAST)
}

fn server_with(settings: &'static str) -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        assert!(
            Path::new(BIN).join("initdb").exists(),
            "PostgreSQL 15 is not installed: run `apt-get install postgresql-15` (the tests run on both databases)"
        );
        // Between asking for a free port and using it another program may take it, so there are three tries.
        (0..3).find_map(|_| start(settings)).expect("PostgreSQL starts in a temporary directory")
    })
}

/// Makes a database cluster, starts it, waits for the end of its input and takes everything away.
const SUPERVISE: &str = r#"
set -u
bin="$1"; port="$2"; settings="$3"
dir=$(mktemp -d "${TMPDIR:-/tmp}/kitei-postgres-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$bin/initdb" -D "$dir/data" -U kitei -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 || { echo "failed"; exit 1; }
"$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir" \
    -c max_connections=400 -c shared_buffers=64MB $settings >"$dir/server.log" 2>&1 </dev/null &
server=$!
tries=0
until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U kitei; do
    kill -0 "$server" 2>/dev/null || { echo "failed"; exit 1; }
    tries=$((tries + 1)); [ "$tries" -lt 300 ] || { kill -QUIT "$server"; echo "failed"; exit 1; }
    sleep 0.1
done
echo "ready $dir"
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server" 2>/dev/null
"#;

fn start(settings: &str) -> Option<Server> {
    use std::os::unix::process::CommandExt as _;
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    let mut command = if is_root {
        // The server refuses to run as root.
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut supervisor = command
        .args(["-c", SUPERVISE, "supervise", BIN, &port.to_string(), settings])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own: an interrupt from the keyboard must reach the shell through the pipe alone.
        .process_group(0)
        .spawn()
        .ok()?;
    let mut line = String::new();
    BufReader::new(supervisor.stdout.take()?).read_line(&mut line).ok()?;
    let directory = line.strip_prefix("ready ")?.trim_end().into();
    Some(Server { port, directory, _supervisor: supervisor })
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://kitei@127.0.0.1:{}/{database}", self.port)
    }

    async fn create(&self, name: &str, template: &str) {
        use sqlx::{Connection as _, Executor as _};
        let mut connection =
            sqlx::PgConnection::connect(&self.url("postgres")).await.expect("a connection to PostgreSQL");
        let create = Statement::composed("create_database", format!("create database {name} template {template}"));
        connection.execute(create.safe()).await.expect("a database of the test's own");
        connection.close().await.expect("the connection closes");
    }
}
