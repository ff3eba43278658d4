//! A place to measure in: a database, keys and pages as `kitei serve` opens them, served on loopback and set up.
//!
//! Invariant: everything lies in a temporary directory that goes with the place.

use std::{net::SocketAddr, path::Path, sync::Arc};

use axum::Router;
use kitei_app::{
    kernel::{Installation, Organization, shelf::Shelf},
    shell::sign_in::{Security, issue_set_up_code},
    web::{Signing, Templates, Web},
};
use kitei_papers::pdf::{Fonts, Renderer};
use kitei_rules::{book::Book, expr::Actor};
use kitei_store::{
    blobs::Blobs,
    db::{Db, Options},
    keys::KeyFiles,
    testing,
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    On, Trouble,
    client::Browser,
    environment::{SystemEnvironment, random},
};

/// The regulations that come with the program.
const PACKS: [&str; 7] = [
    "leak-procedure",
    "leak-procedure-2016",
    "municipal-terms",
    "my-number-regulations",
    "personal-information-regulations",
    "pms",
    "security-regulations",
];

/// A server on loopback; it ends with this.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a router on a free port.
pub(crate) async fn serve(router: Router) -> Result<Served, Trouble> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Served { address, task })
}

/// An installation with one organisation, every pack adopted, an administrator signed in.
pub(crate) struct Place {
    pub(crate) installation: Arc<Installation>,
    pub(crate) organization: Arc<Organization>,
    pub(crate) server: Served,
    pub(crate) browser: Browser,
    directory: tempfile::TempDir,
}

impl Place {
    /// Opens it.
    pub(crate) async fn open(on: On) -> Result<Self, Trouble> {
        let directory = tempfile::tempdir()?;
        let db = match on {
            On::Sqlite => testing::migrated_sqlite(directory.path(), Options::default()).await,
            On::Postgres => testing::durable_postgres(Options::default()).await,
        };
        let installation = installation(db, directory.path())?;
        let web = Web {
            installation: Arc::clone(&installation),
            signing: Signing::new(Arc::new(random))?,
            security: Security::Loopback,
            behind_proxy: false,
            attachments: kitei_app::kernel::attach_kind::Limits::default(),
            mail: false,
            renderer: Arc::new(Renderer::new(Fonts::new(&[])?)?),
            templates: Templates::Here,
            version: env!("CARGO_PKG_VERSION"),
        };
        let server = serve(kitei_app::web::router(Arc::new(web))).await?;
        let mut browser = Browser::open(server.address).await?;
        let organization = set_up(&installation, &mut browser).await?;
        let today = organization.today(installation.environment.now());
        let ids = PACKS.map(str::to_owned);
        let settings = std::collections::BTreeMap::new();
        installation.adopt(&organization, &Actor::default(), &ids, settings, today).await?;
        Ok(Self { installation, organization, server, browser, directory })
    }

    /// Where its files lie, as a data directory of `kitei serve`.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The rulebook of today.
    pub(crate) async fn book(&self) -> Result<Arc<Book>, Trouble> {
        let today = self.organization.today(self.installation.environment.now());
        let mut reader = self.installation.db.reader().await?;
        Ok(self.installation.book_of(&mut reader, &self.organization, today).await?)
    }
}

fn installation(db: Db, directory: &Path) -> Result<Arc<Installation>, Trouble> {
    let path = |name: &str| {
        let path = directory.join(name);
        std::fs::create_dir_all(&path).map(|()| path)
    };
    let shelf = Shelf::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs"))?;
    Ok(Arc::new(Installation::new(
        db,
        Blobs::new(path("blobs")?),
        KeyFiles::new(path("keys")?),
        Arc::new(SystemEnvironment),
        Arc::new(shelf),
    )))
}

/// The first organisation and its administrator, through the page that a newcomer sees.
async fn set_up(installation: &Arc<Installation>, browser: &mut Browser) -> Result<Arc<Organization>, Trouble> {
    let now = installation.environment.now().into();
    let code =
        issue_set_up_code(&installation.db, now, 3600, &random).await?.ok_or("there is an organisation already")?;
    let mut drawn = [0_u8; 12];
    installation.environment.random(&mut drawn);
    let password: String = drawn.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "-Kq#";
    let fields = [
        ("code", code.reveal()),
        ("organization", "計測株式会社"),
        ("name", "計測 花子"),
        ("kana", "けいそく はなこ"),
        ("latin", "Keisoku Hanako"),
        ("login", "bench-01"),
        ("new", &password),
        ("again", &password),
    ];
    let answer = browser.post("/set-up", &fields).await?;
    if answer.status != 303 {
        return Err(format!("set-up answered {}", answer.status).into());
    }
    let all = installation.all().await?;
    let row = all.first().ok_or("set-up made no organisation")?;
    Ok(installation.organization(row.org).await?)
}
