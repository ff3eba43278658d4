//! An installation in a temporary directory, its pages, and a browser that keeps cookies.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use kitei_app::{
    coverage::TestClock,
    kernel::{Environment, Installation, shelf::Shelf},
    shell::sign_in::{Security, issue_set_up_code},
    web::{Signing, Web, router},
};
use kitei_papers::pdf::{Fonts, Renderer};
use kitei_store::{blobs::Blobs, db::Db, keys::KeyFiles};
use tower::ServiceExt;

/// Runs a story on SQLite and on PostgreSQL.
pub(crate) async fn each_engine(story: impl AsyncFn(App)) {
    kitei_store::testing::each_engine(async |db| story(App::open(db).await).await).await;
}

/// The pages and a browser.
pub(crate) struct App {
    router: Router,
    pub installation: Arc<Installation>,
    pub clock: Arc<TestClock>,
    cookies: BTreeMap<String, String>,
    /// From where the browser asks.
    pub peer: Option<std::net::SocketAddr>,
    directory: tempfile::TempDir,
}

/// An answer with its headers and bytes.
#[derive(Debug)]
pub(crate) struct Whole {
    headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Whole {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} no JSON: {}", self.status, self.text))
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let at = self.text.find(&marker).unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        self.text[at + marker.len()..].split('"').next().unwrap_or_default().to_owned()
    }

    /// Where the link with these words leads.
    pub(crate) fn link_to(&self, words: &str) -> String {
        let at = self.text.find(&format!(">{words}<")).unwrap_or_else(|| panic!("no link {words}"));
        let before = &self.text[..at];
        let from = before.rfind("href=\"").expect("an address") + 6;
        before[from..].split('"').next().unwrap_or_default().to_owned()
    }
}

impl App {
    async fn open(db: Db) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(&path).expect("a directory");
            path
        };
        let clock = Arc::new(TestClock::at("2025-04-01T01:05:00Z".parse().expect("an instant")));
        let packs = |place: &str| Shelf::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(place)).expect("packs");
        let shelf = packs("../../packs").with(packs("tests/packs"));
        let environment: Arc<dyn Environment> = clock.clone();
        let installation = Arc::new(Installation::new(
            db,
            Blobs::new(path("blobs")),
            KeyFiles::new(path("keys")),
            environment,
            Arc::new(shelf),
        ));
        let drawn = AtomicU64::new(1);
        let random = move |bytes: &mut [u8]| {
            for chunk in bytes.chunks_mut(32) {
                let digest = kitei_evidence::Digest::of(&drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes());
                chunk.copy_from_slice(&digest.as_bytes()[..chunk.len()]);
            }
            Ok(())
        };
        let web = Web {
            templates: kitei_app::web::Templates::Here,
            installation: Arc::clone(&installation),
            signing: Signing::new(Arc::new(random)).expect("a stretcher"),
            security: Security::Loopback,
            behind_proxy: false,
            attachments: kitei_app::kernel::attach_kind::Limits { most: 64 * 1024, ..Default::default() },
            mail: true,
            renderer: Arc::new(Renderer::new(Fonts::new(&[]).expect("fonts")).expect("a renderer")),
            version: "test",
        };
        Self { router: router(Arc::new(web)), installation, clock, cookies: BTreeMap::new(), peer: None, directory }
    }

    pub(crate) async fn ask(&mut self, mut request: Request<Body>, keep: bool) -> Answer {
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie");
            let (name, rest) = text.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if keep {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = response.status().as_u16();
        let location = response.headers().get(header::LOCATION).map(|to| to.to_str().expect("an address").to_owned());
        let etag = response.headers().get(header::ETAG).map(|tag| tag.to_str().expect("a tag").to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.expect("a body");
        Answer { status, location, etag, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub(crate) fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, self.cookie()).body(Body::empty()).expect("a request");
        self.ask(request, true).await
    }

    /// The same with one more header.
    pub(crate) async fn get_with(&mut self, path: &str, name: &str, value: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, self.cookie()).header(name, value);
        self.ask(request.body(Body::empty()).expect("a request"), true).await
    }

    pub(crate) async fn get_without_cookies(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).expect("a request"), false).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, self.cookie())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(fields)))
            .expect("a request");
        self.ask(request, true).await
    }

    pub(crate) async fn post_without_cookies(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(fields)))
            .expect("a request");
        self.ask(request, false).await
    }

    /// Opens a form and sends it with its token.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.get(path).await;
        assert_eq!(form.status, 200, "{path}: {}", form.text);
        // The form's own token comes after that of signing out.
        let marker = "name=\"token\" value=\"";
        let at = form.text.rfind(marker).expect("a token") + marker.len();
        let token = form.text[at..].split('"').next().unwrap_or_default().to_owned();
        let mut all = vec![("token", token.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    /// Opens a form, sends it with its token, and takes the file that comes.
    pub(crate) async fn download(&mut self, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let form = self.get(path).await;
        assert_eq!(form.status, 200, "{path}: {}", form.text);
        let marker = "name=\"token\" value=\"";
        let at = form.text.rfind(marker).expect("a token") + marker.len();
        let token = form.text[at..].split('"').next().unwrap_or_default().to_owned();
        let mut all = vec![("token", token.as_str())];
        all.extend_from_slice(fields);
        let request = Request::post(path)
            .header(header::COOKIE, self.cookie())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(&all)))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let disposition = response.headers().get(header::CONTENT_DISPOSITION).expect("a file");
        assert!(disposition.to_str().is_ok_and(|words| words.starts_with("attachment")), "{disposition:?}");
        axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("a body").to_vec()
    }

    /// The first organisation and its administrator, signed in.
    pub(crate) async fn set_up(&mut self) {
        let drawn = AtomicU64::new(900);
        let random = move |bytes: &mut [u8]| {
            let digest = kitei_evidence::Digest::of(&drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            for (byte, drawn) in bytes.iter_mut().zip(digest.as_bytes().iter().cycle()) {
                *byte = *drawn;
            }
            Ok(())
        };
        let now = self.clock.now().into();
        let code = issue_set_up_code(&self.installation.db, now, 3600, &random).await.expect("a code").expect("a code");
        let form = self.get("/set-up").await;
        assert_eq!(form.status, 200, "{}", form.text);
        let names: Vec<&str> = form.text.split("name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let passwords: Vec<&str> = names.iter().copied().filter(|name| matches!(*name, "new" | "again")).collect();
        let mut fields = vec![
            ("code", code.reveal()),
            ("organization", "見本株式会社"),
            ("name", "規程 花子"),
            ("kana", "きてい はなこ"),
            ("latin", "Kitei Hanako"),
            ("login", "shomu-01"),
        ];
        fields.extend(passwords.iter().map(|name| (*name, "tq7#Wz-mub4Rk9x")));
        let answer = self.post("/set-up", &fields).await;
        let said = answer.text.split("<main").nth(1).unwrap_or_default();
        assert_eq!(answer.location.as_deref(), Some("/settings"), "{}", said.chars().take(1800).collect::<String>());
    }

    /// An answer with its headers and bytes.
    pub(crate) async fn get_whole(&mut self, path: &str) -> Whole {
        let request = Request::get(path).header(header::COOKIE, self.cookie()).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let headers = response.headers().clone();
        let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.expect("a body").to_vec();
        Whole { headers, bytes }
    }

    /// Where the sealed bytes of attachments lie.
    pub(crate) fn blobs(&self) -> Blobs {
        Blobs::new(self.directory.path().join("blobs"))
    }

    /// How many events the log of the first organisation has.
    pub(crate) async fn events(&self) -> u64 {
        let org = self.installation.all().await.expect("organisations")[0].org;
        let mut reader = self.installation.db.reader().await.expect("a reader");
        kitei_store::log::head(&mut reader, org).await.expect("a head").size()
    }

    /// Signs the administrator in, after a long time.
    pub(crate) async fn sign_in_again(&mut self) {
        self.sign_out();
        let form = self.get("/sign-in").await;
        let mut fields = vec![("login", "shomu-01"), ("password", "tq7#Wz-mub4Rk9x")];
        let token = form.text.contains("name=\"token\"").then(|| form.field("token"));
        if let Some(token) = &token {
            fields.push(("token", token));
        }
        let answer = self.post("/sign-in", &fields).await;
        assert!(answer.location.is_some(), "{}", answer.text);
    }

    /// Asks the API, by a token or without one; the browser's cookies go with it all the same.
    pub(crate) async fn api(
        &mut self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, self.cookie());
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::from(body.to_owned())).expect("a request"), false).await
    }

    /// Makes a token for the API on one's own page.
    pub(crate) async fn make_token(&mut self, reach: &str) -> String {
        let made = self.send("/me/tokens", &[("name", "試験"), ("reach", reach), ("days", "30")]).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let from = made.text.find("kitei_").unwrap_or_else(|| panic!("no token in {}", made.text));
        made.text[from..].split('<').next().unwrap_or_default().to_owned()
    }

    /// Takes the browser's cookies away, to come back with later.
    pub(crate) fn leave(&mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.cookies)
    }

    /// Comes back with cookies.
    pub(crate) fn come_back(&mut self, cookies: BTreeMap<String, String>) {
        self.cookies = cookies;
    }

    /// Now.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Forgets every cookie.
    pub(crate) fn sign_out(&mut self) {
        self.cookies.clear();
    }

    /// Takes another browser's cookies and gives back this one's.
    pub(crate) fn change_browser(&mut self, other: BTreeMap<String, String>) -> BTreeMap<String, String> {
        std::mem::replace(&mut self.cookies, other)
    }

    /// Signs in; the form's answer.
    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("login", login), ("password", password)]).await
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.set(self.clock.now() + jiff::SignedDuration::from_secs(seconds));
    }

    /// A new entry of a register; its address.
    pub(crate) async fn enter(&mut self, register: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(&format!("/registers/{register}/new"), fields).await;
        let said = answer.text.split("<main").nth(1).unwrap_or_default();
        answer.location.unwrap_or_else(|| panic!("{register}: {}", said.chars().take(1800).collect::<String>()))
    }

    /// Invites somebody and gives the path of the link, or the page that refuses.
    pub(crate) async fn invite(&mut self, person: &str, login: &str, kind: &str) -> Result<String, Answer> {
        let id = person.rsplit('/').next().unwrap_or_default();
        let made = self.send(&format!("/settings/accounts/{id}"), &[("login", login), ("kind", kind)]).await;
        match made.text.split("/join?link=").nth(1).and_then(|rest| rest.split('<').next()) {
            Some(link) => Ok(format!("/join?link={}", link.replace("&amp;", "&"))),
            None => Err(made),
        }
    }

    /// How many events an organisation's log holds.
    pub(crate) async fn log_size(&self, slug: &str) -> i64 {
        let all = self.installation.all().await.expect("organisations");
        all.iter().find(|row| row.slug == slug).expect("the organisation").log_size
    }

    /// Adopts packs from today on.
    pub(crate) async fn adopt(&mut self, packs: &[&str]) {
        let mut fields: Vec<(&str, &str)> = packs.iter().map(|id| ("packs", *id)).collect();
        fields.push(("from", "2025-04-01"));
        let answer = self.send("/settings/packs", &fields).await;
        assert_eq!(answer.location.as_deref(), Some("/rulebook"), "{}", answer.text);
    }

    /// Reports an incident without sign-in.
    pub(crate) async fn report(&mut self, day: &str, time: &str) -> Answer {
        let form = self.get_without_cookies("/report").await;
        assert_eq!(form.status, 200, "{}", form.text);
        let key = form.field("key");
        let fields = [
            ("key", key.as_str()),
            ("report_kind", "lost"),
            ("noticed_at-date", day),
            ("noticed_at-time", time),
            ("persons", "約120"),
            ("what_happened", "電車に書類を置き忘れた"),
        ];
        self.post_without_cookies("/report", &fields).await
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        out.append_pair(name, value);
    }
    out.finish()
}

impl App {
    /// Sends a file by the form of an address, with that form's token.
    pub(crate) async fn send_file(&mut self, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let form = self.get(path).await;
        assert_eq!(form.status, 200, "{path}: {}", form.text);
        let marker = "name=\"token\" value=\"";
        let at = form.text.rfind(marker).expect("a token") + marker.len();
        let token = form.text[at..].split('"').next().unwrap_or_default().to_owned();
        self.post_file(path, &token, name, bytes).await
    }

    /// Sends a file with a token of one's own.
    pub(crate) async fn post_file(&mut self, path: &str, token: &str, name: &str, bytes: &[u8]) -> Answer {
        let mut body = format!(
            "--kitei-test\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--kitei-test\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--kitei-test--\r\n");
        let request = Request::post(path)
            .header(header::COOKIE, self.cookie())
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=kitei-test")
            .body(Body::from(body))
            .expect("a request");
        self.ask(request, true).await
    }

    /// The bytes that an address answers with.
    pub(crate) async fn file_of(&mut self, path: &str) -> Vec<u8> {
        let request = Request::get(path).header(header::COOKIE, self.cookie()).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200, "{path}");
        axum::body::to_bytes(response.into_body(), 64 << 20).await.expect("a body").to_vec()
    }
}
