//! Sending against a real SMTP server on this machine (`smtpd.py`, Debian's `python3-aiosmtpd`), with STARTTLS and a
//! certificate made here, from a real database of each engine.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command as Program, Stdio};
use std::sync::{Arc, OnceLock};

use jiff::SignedDuration;
use kitei_app::coverage::TestClock;
use kitei_app::evidence::checkpoints::Witness;
use kitei_app::kernel::notices::{self, Addressed};
use kitei_app::kernel::perform::Request;
use kitei_app::kernel::shelf::Shelf;
use kitei_app::kernel::{Environment, Installation, Organization};
use kitei_app::mail::{LEASE, Outcome, PATIENCE, Site};
use kitei_rules::pack::PackFiles;
use kitei_rules::pack::model::Text;
use kitei_rules::run::command::{Command, Notice};
use kitei_rules::value::Value;
use kitei_store::blobs::Blobs;
use kitei_store::db::Db;
use kitei_store::keys::KeyFiles;
use kitei_store::{log, outbox, testing};
use serde::Deserialize;
use uuid::Uuid;

use super::{Round, round};
use crate::config::Mail;
use crate::mail::Sender;

const PACK: &str = r#"
id = "office"
title = { ja = "共通の語彙", en = "Shared vocabulary" }
edition = "1"
effective_from = "2000-01-01"
"#;

const REGISTERS: &str = r#"
[[register]]
id = "person"
title = { ja = "従業者", en = "Staff" }
prefix = "P"
named_by = "name"

[[register.field]]
id = "name"
kind = "text"
title = { ja = "氏名", en = "Name" }

[[register.field]]
id = "email"
kind = "email"
title = { ja = "メール", en = "E-mail" }

[[register.field]]
id = "left_on"
kind = "date"
title = { ja = "退職日", en = "Left" }

[[register]]
id = "incident"
title = { ja = "事故", en = "Incidents" }
prefix = "INC"
named_by = "title"

[[register.field]]
id = "title"
kind = "text"
title = { ja = "件名", en = "Title" }
"#;

/// A certificate for `localhost` and the authority that vouches for it, made once.
fn certificates() -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let directory = MADE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let openssl = |arguments: &str| {
            let ran =
                Program::new("openssl").args(arguments.split(' ')).current_dir(directory.path()).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        };
        let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
        openssl(&format!("{new} -keyout ca.key -out ca.pem -subj /CN=Authority"));
        openssl(&format!(
            "{new} -keyout key.pem -out cert.pem -subj /CN=localhost -CA ca.pem -CAkey ca.key \
             -addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE"
        ));
        directory
    });
    directory.path()
}

/// A mail as the server took it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Taken {
    to: Vec<String>,
    tls: bool,
    id: String,
    automatic: String,
    subject: String,
    text: String,
    files: BTreeMap<String, String>,
}

/// A running server; ended when dropped.
struct Server {
    child: Child,
    port: u16,
    directory: tempfile::TempDir,
}

impl Server {
    fn start(mode: &str) -> Self {
        Self::start_at(mode, 0)
    }

    fn start_at(mode: &str, port: u16) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/serve/post/smtpd.py");
        // Debian's own Python has the package that `./test` installs.
        let mut child = Program::new("/usr/bin/python3")
            .arg(script)
            .args(["cert.pem", "key.pem"].map(|name| certificates().join(name)))
            .arg(directory.path())
            .args([mode, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the server does not start: python3-aiosmtpd?"));
        Self { child, port, directory }
    }

    fn taken(&self) -> Vec<Taken> {
        let mut files: Vec<_> =
            std::fs::read_dir(self.directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sender(port: u16, vouched: bool) -> Sender {
    Sender::new(&Mail {
        host: "localhost".to_owned(),
        port,
        starttls: true,
        ca: vouched.then(|| certificates().join("ca.pem")),
        from: "規程 <kitei@example.jp>".parse().unwrap(),
        login: None,
    })
    .unwrap()
}

/// A port on which nobody listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An organisation with something to tell.
struct House {
    installation: Arc<Installation>,
    organization: Arc<Organization>,
    clock: Arc<TestClock>,
    _directory: tempfile::TempDir,
}

impl House {
    async fn new(db: Db) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["blobs", "keys"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        let clock = Arc::new(TestClock::at("2025-04-01T01:00:00Z".parse().unwrap()));
        let environment: Arc<dyn Environment> = clock.clone();
        let files = [("pack.toml", PACK), ("registers/all.toml", REGISTERS)];
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let mut shelf = Shelf::default();
        shelf.add(PackFiles { id: "office".to_owned(), files });
        let (blobs, keys) = (directory.path().join("blobs"), directory.path().join("keys"));
        let installation =
            Arc::new(Installation::new(db, Blobs::new(blobs), KeyFiles::new(keys), environment, Arc::new(shelf)));
        let organization = installation.found("sample", "見本株式会社", "Asia/Tokyo").await.unwrap();
        Self { installation, organization, clock, _directory: directory }
    }

    fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    async fn open(&self, register: &str, fields: &[(&str, &str)]) -> Uuid {
        let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned()))).collect();
        let command = Command::Create { register: register.to_owned(), fields, lines: BTreeMap::new() };
        let request = Request { own: true, ..Request::default() };
        self.installation.perform(&self.organization, request, command).await.unwrap().record.unwrap()
    }

    async fn person(&self, name: &str, email: &str) -> Uuid {
        self.open("person", &[("name", name), ("email", email)]).await
    }

    /// Tells people something about a record. Said again with the same key it is not said twice.
    async fn tell(&self, record: Uuid, people: &[Uuid], key: &str, urgent: bool) {
        let notice = Notice {
            record,
            key: key.to_owned(),
            to: Vec::new(),
            message: Text { ja: format!("{key}を行う"), en: format!("Do {key}") },
            receipt: urgent,
            urgent,
            due: Some("2025-04-01T02:00:00Z".parse().unwrap()),
            basis: Vec::new(),
        };
        let people = people.iter().copied().collect::<BTreeSet<_>>();
        let addressed = [Addressed { notice, people, register: "incident".to_owned() }];
        let (org, now, clock) = (self.organization.id, self.clock.now().into(), Arc::clone(&self.clock));
        let kept = self
            .installation
            .db
            .act(org, move |tx| Box::pin(async move { notices::keep(tx, org, &*clock, &addressed, now).await }));
        kept.await.unwrap();
    }

    async fn round(&self, sender: &Sender) -> Round {
        let site = Site { url: "https://kitei.example.jp".to_owned() };
        round(&self.installation, sender, &site).await.unwrap()
    }

    async fn failed(&self) -> Vec<outbox::Failed> {
        let mut reader = self.installation.db.reader().await.unwrap();
        outbox::failed(&mut reader, self.organization.id, 1000).await.unwrap()
    }
}

fn done(sent: usize, later: usize, refused: usize) -> Round {
    Round { sent, later, refused }
}

async fn each_house(test: impl AsyncFn(House)) {
    testing::each_engine(async |db| test(House::new(db).await).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_presses_goes_alone_the_rest_together_and_each_once() {
    let server = Server::start("ok");
    each_house(async |house| {
        let before = server.taken().len();
        let sender = sender(server.port, true);
        let person = house.person("山田太郎", "taro@example.jp").await;
        let incident = house.open("incident", &[("title", "佐藤花子の名簿")]).await;
        house.tell(incident, &[person], "一", false).await;
        house.tell(incident, &[person], "二", false).await;
        house.tell(incident, &[person], "三", true).await;
        house.tell(incident, &[person], "三", true).await;

        assert_eq!(house.round(&sender).await, done(1, 0, 0), "what presses does not wait for the rest");
        house.pass(SignedDuration::from_mins(5));
        assert_eq!(house.round(&sender).await, done(1, 0, 0));
        house.pass(SignedDuration::from_hours(2));
        assert_eq!(house.round(&sender).await, done(0, 0, 0));

        let taken = &server.taken()[before..];
        let [alone, together] = taken else { panic!("{taken:#?}") };
        assert_eq!(alone.subject, "【Kitei】INC-2025-001 三を行う");
        assert_eq!(together.subject, "【Kitei】お知らせ2件（2 notices）");
        for expected in [
            "一を行う",
            "二を行う",
            "Do 一",
            "INC-2025-001（事故）",
            "期限: 2025年4月1日 11:00",
            "https://kitei.example.jp/notices/",
        ] {
            assert!(together.text.contains(expected), "{}", together.text);
        }
        for mail in taken {
            assert!(mail.tls && mail.automatic == "auto-generated" && mail.to == ["taro@example.jp"], "{mail:?}");
            let whole = format!("{}{}", mail.subject, mail.text);
            assert!(!whole.contains("山田") && !whole.contains("佐藤") && !whole.contains("名簿"), "{whole}");
        }
        assert_ne!(alone.id, together.id);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_and_comes_back_gets_everything_once() {
    each_house(async |house| {
        let port = free_port();
        let sender = sender(port, true);
        let incident = house.open("incident", &[]).await;
        for number in 0..7 {
            let person = house.person("人", &format!("person{number}@example.jp")).await;
            house.tell(incident, &[person], "報告", true).await;
        }
        assert_eq!(house.round(&sender).await, done(0, 7, 0));
        let server = Server::start_at("ok", port);
        assert_eq!(house.round(&sender).await, done(0, 0, 0), "it is not tried again at once");
        house.pass(SignedDuration::from_secs(61));
        assert_eq!(house.round(&sender).await, done(7, 0, 0));
        house.pass(SignedDuration::from_hours(2));
        assert_eq!(house.round(&sender).await, done(0, 0, 0));
        let to: BTreeSet<String> = server.taken().into_iter().flat_map(|mail| mail.to).collect();
        assert_eq!((server.taken().len(), to.len()), (7, 7));
        assert!(house.failed().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_comes_back_is_given_up_and_people_see_it() {
    each_house(async |house| {
        let sender = sender(free_port(), true);
        let person = house.person("人", "taro@example.jp").await;
        let incident = house.open("incident", &[]).await;
        house.tell(incident, &[person], "報告", true).await;
        let mut rounds = 0;
        while house.failed().await.is_empty() {
            house.round(&sender).await;
            house.pass(SignedDuration::from_hours(1));
            rounds += 1;
            assert!(rounds < 100, "it is never given up");
        }
        assert!(rounds > 70, "given up after {rounds} hours");
        assert_eq!(house.failed().await[0].error, "too-old");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_refuses_is_kept_as_failed_and_can_be_sent_again() {
    each_house(async |house| {
        let server = Server::start("refuse:1");
        let sender = sender(server.port, true);
        let person = house.person("人", "gone@example.jp").await;
        let incident = house.open("incident", &[]).await;
        house.tell(incident, &[person], "報告", true).await;
        assert_eq!(house.round(&sender).await, done(0, 0, 1));
        house.pass(SignedDuration::from_hours(9));
        assert_eq!(house.round(&sender).await, done(0, 0, 0), "a refusal is not asked for again");
        let failed = house.failed().await;
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].error, "the server refused (code 550)");

        let (org, id, now) = (house.organization.id, failed[0].message.id, house.clock.now().into());
        let revived = house.installation.db.act(org, move |tx| Box::pin(outbox::revive(tx, org, id, now)));
        assert!(revived.await.unwrap());
        assert_eq!(house.round(&sender).await, done(1, 0, 0));
        assert_eq!(server.taken().len(), 1);
        assert!(house.failed().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_up_within_a_mail_gets_it_once_in_the_end() {
    each_house(async |house| {
        let server = Server::start("cut:1");
        let sender = sender(server.port, true);
        let person = house.person("人", "taro@example.jp").await;
        let incident = house.open("incident", &[]).await;
        house.tell(incident, &[person], "報告", true).await;
        assert_eq!(house.round(&sender).await, done(0, 1, 0));
        assert!(server.taken().is_empty());
        house.pass(SignedDuration::from_secs(61));
        assert_eq!(house.round(&sender).await, done(1, 0, 0));
        assert_eq!(server.taken().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_repeats_the_same_mail_and_holds_back_no_other() {
    each_house(async |house| {
        let server = Server::start("lose:1");
        let sender = sender(server.port, true);
        let people = [house.person("人", "a@example.jp").await, house.person("人", "b@example.jp").await];
        let incident = house.open("incident", &[]).await;
        house.tell(incident, &people, "報告", true).await;
        assert_eq!(house.round(&sender).await, done(1, 1, 0));
        house.pass(SignedDuration::from_secs(61));
        assert_eq!(house.round(&sender).await, done(1, 0, 0));
        let taken = server.taken();
        assert_eq!(taken.len(), 3);
        let twice: Vec<&Taken> = taken.iter().filter(|mail| mail.to == taken[0].to).collect();
        assert_eq!(twice.len(), 2);
        assert_eq!(twice[0], twice[1], "the second is recognised by its id, and says the same");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_sender_had_claimed_is_taken_over_and_sent_as_the_same_mail() {
    each_house(async |house| {
        let server = Server::start("ok");
        let sender = sender(server.port, true);
        let person = house.person("人", "taro@example.jp").await;
        let incident = house.open("incident", &[]).await;
        house.tell(incident, &[person], "一", false).await;
        house.tell(incident, &[person], "二", false).await;
        house.pass(SignedDuration::from_mins(6));
        // The first sender: claims, sends, and is killed before it marks anything.
        let site = Site { url: "https://kitei.example.jp".to_owned() };
        let letters = house.installation.letters(&house.organization, &site).await.unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!(sender.send(&letters[0], house.clock.now()).await.outcome, Outcome::Sent);
        // More comes meanwhile; it must not change the letter that was sent.
        house.tell(incident, &[person], "三", false).await;
        house.pass(SignedDuration::from_mins(6));
        assert_eq!(house.round(&sender).await, done(1, 0, 0), "the claim still holds: only the third goes");
        house.pass(LEASE);
        assert_eq!(house.round(&sender).await, done(1, 0, 0), "the claim has run out");
        house.pass(LEASE);
        assert_eq!(house.round(&sender).await, done(0, 0, 0));
        let taken = server.taken();
        let [first, third, again] = taken.as_slice() else { panic!("{taken:#?}") };
        assert_eq!(first, again);
        assert!(third.subject.contains('三') && third.id != first.id, "{third:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_messages_arrive_each_once() {
    each_house(async |house| {
        let server = Server::start("ok");
        let sender = sender(server.port, true);
        let incident = house.open("incident", &[]).await;
        let mut people = Vec::new();
        for number in 0..200 {
            people.push(house.person("人", &format!("person{number}@example.jp")).await);
        }
        house.tell(incident, &people, "報告", true).await;
        assert_eq!(house.round(&sender).await, done(200, 0, 0));
        let taken = server.taken();
        let to: BTreeSet<&String> = taken.iter().flat_map(|mail| &mail.to).collect();
        let ids: BTreeSet<&String> = taken.iter().map(|mail| &mail.id).collect();
        assert_eq!((taken.len(), to.len(), ids.len()), (200, 200, 200));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_and_one_without_a_good_certificate_get_it_later() {
    each_house(async |house| {
        let server = Server::start("busy:1");
        let person = house.person("人", "taro@example.jp").await;
        let incident = house.open("incident", &[]).await;
        house.tell(incident, &[person], "報告", true).await;
        assert_eq!(house.round(&sender(server.port, false)).await, done(0, 1, 0), "nobody vouches for it");
        house.pass(SignedDuration::from_secs(61));
        assert_eq!(house.round(&sender(server.port, true)).await, done(0, 1, 0), "451");
        assert!(server.taken().is_empty());
        house.pass(SignedDuration::from_secs(121));
        assert_eq!(house.round(&sender(server.port, true)).await, done(1, 0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_without_an_address_those_who_left_and_old_news_are_given_up_with_the_reason() {
    each_house(async |house| {
        let server = Server::start("ok");
        let sender = sender(server.port, true);
        let incident = house.open("incident", &[]).await;
        let nobody = house.open("person", &[("name", "人")]).await;
        let left = house.person("人", "left@example.jp").await;
        let fields = BTreeMap::from([("left_on".to_owned(), Value::Date("2025-03-31".parse().unwrap()))]);
        let request = Request { own: true, ..Request::default() };
        let command = Command::Change { record: left, fields };
        house.installation.perform(&house.organization, request, command).await.unwrap();
        house.tell(incident, &[nobody, left], "報告", true).await;
        assert_eq!(house.round(&sender).await, done(0, 0, 0));
        let late = house.person("人", "late@example.jp").await;
        house.tell(incident, &[late], "別件", true).await;
        house.pass(PATIENCE + SignedDuration::from_hours(1));
        assert_eq!(house.round(&sender).await, done(0, 0, 0));
        let why: BTreeSet<String> = house.failed().await.into_iter().map(|failed| failed.error).collect();
        assert_eq!(why.iter().map(String::as_str).collect::<Vec<_>>(), ["left", "no-address", "too-old"]);
        assert!(server.taken().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_gets_the_signed_checkpoint_as_it_is() {
    each_house(async |house| {
        let server = Server::start("ok");
        let sender = sender(server.port, true);
        house.open("incident", &[]).await;
        let witness =
            Witness { id: Uuid::from_u128(9), name: "監査人".to_owned(), mail: "auditor@example.com".to_owned() };
        house.installation.set_witnesses(&house.organization, Uuid::nil(), &[witness]).await.unwrap();
        house.installation.sign(&house.organization).await.unwrap();
        assert_eq!(house.installation.tell_witnesses(&house.organization).await.unwrap(), 1);
        assert_eq!(house.round(&sender).await, done(1, 0, 0));
        let taken = server.taken();
        let [mail] = taken.as_slice() else { panic!("{taken:#?}") };
        let mut reader = house.installation.db.reader().await.unwrap();
        let signed = log::latest_checkpoint(&mut reader, house.organization.id).await.unwrap().unwrap();
        assert_eq!(mail.to, ["auditor@example.com"]);
        let file = mail.files.get("kitei-checkpoint-2025-04-01.txt").unwrap();
        assert_eq!(file.replace("\r\n", "\n"), signed.note);
        assert!(mail.text.replace("\r\n", "\n").contains(signed.note.trim()), "{}", mail.text);
    })
    .await;
}
