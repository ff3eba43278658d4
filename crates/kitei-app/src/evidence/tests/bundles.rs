//! Issue 2, section 4: the auditor's bundle, checked by Kitei and by the verifier that lies in it.

use std::{path::Path, process::Command as Process};

use jiff::civil::date;
use kitei_rules::{
    pack::model::Text,
    run::{Kernel, command::Command},
    value::Value,
    world,
};
use kitei_store::{attachments, testing::each_engine};
use uuid::Uuid;

use super::{House, values};
use crate::evidence::{
    EvidenceError,
    bundle::{Entry, OpenedFile, OpenedRecord, Opening, Paper, Request, Target, Wanted, Written},
    verify::{Against, Trouble, Verification, bundle},
};

const STRANGER: &str = "別組織 花子";

fn words(_: &Kernel<'_>, record: &world::Record) -> Option<OpenedRecord> {
    let entries = record.fields.iter().map(|(field, stored)| {
        let value = match &stored.value {
            Value::Text(text) => text.clone(),
            other => other.to_json().to_string(),
        };
        Entry { label: Text { ja: field.clone(), en: field.clone() }, value }
    });
    Some(OpenedRecord { title: "件名 <b>".to_owned(), entries: entries.collect() })
}

fn opened(attachment: &attachments::Attachment, sealed: &[u8]) -> Option<OpenedFile> {
    let name = format!("../写真:{}.txt", attachment.bytes);
    sealed.starts_with(b"KTS1").then(|| OpenedFile { name, bytes: b"opened".to_vec() })
}

async fn write(house: &House, wanted: Wanted, path: &Path) -> Result<Written, EvidenceError> {
    let papers =
        [Paper { name: "速報.pdf".to_owned(), title: "速報".to_owned(), bytes: b"%PDF-1.7".to_vec(), event: None }];
    let opening = Opening { record: &words, file: &opened };
    let request = Request { wanted, target: Target::of(path), papers: &papers, opening };
    house.installation.bundle(&house.organization, &request).await
}

/// The bytes of a bundle that is handed on while it is made.
async fn stream(house: &House, wanted: Wanted) -> Vec<u8> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
    let making = async move {
        let opening = Opening { record: &words, file: &opened };
        let request = Request { wanted, target: Target::Stream(&sender), papers: &[], opening };
        house.installation.bundle(&house.organization, &request).await.unwrap()
    };
    let taking = async {
        let mut bytes = Vec::new();
        while let Some(part) = receiver.recv().await {
            bytes.extend(part);
        }
        bytes
    };
    let (_, bytes) = tokio::join!(making, taking);
    bytes
}

fn check(house: &House, path: &Path) -> Verification {
    let key = house.organization.signing().verifier_key();
    bundle(path, Against { key: Some(&key), ..Against::default() }).unwrap()
}

/// What the verifier in the bundle says: whether it is content, and its words.
fn python(house: &House, directory: &Path) -> (bool, String) {
    let key = house.organization.signing().verifier_key().to_string();
    let output = Process::new("python3").arg(directory.join("verify.py")).arg(directory).arg(key).output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&words).into_owned())
}

async fn house_with_neighbours(db: kitei_store::db::Db) -> (House, Uuid) {
    let house = House::new(db).await;
    let neighbour = house.installation.found("other", "別組織", "Asia/Tokyo").await.unwrap();
    let fields = values([("name", Value::Text(STRANGER.to_owned()))]);
    let command = Command::Create { register: "person".to_owned(), fields, lines: std::collections::BTreeMap::new() };
    house.installation.perform(&neighbour, crate::kernel::perform::Request::default(), command).await.unwrap();

    let case = house.case("紛失", "鞄を電車に置き忘れた", &["鈴木 花子"]).await;
    super::performance::fill(&house, 600).await;
    house.sign().await;
    house.environment.pass(2 * 86_400);
    house.person("後から来た人").await;
    let fields = values([("persons", Value::Int(3))]);
    house.perform(Command::Change { record: case, fields }).await;
    let org = house.organization.id;
    for (id, sealed) in [(1, b"KTS1 sealed".as_slice()), (2, b"not ours".as_slice())] {
        let blob = house.installation.blobs.put(sealed.to_vec()).await.unwrap();
        let attachment = attachments::Attachment {
            id: Uuid::from_u128(id),
            record: case,
            line: Uuid::nil(),
            name: "s1.x".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: 6,
            blob: blob.to_string(),
            leaf: 0,
            created_at: kitei_store::db::Instant::from_microseconds(0),
            erased_at: None,
        };
        let done = house
            .installation
            .db
            .act(org, move |tx| Box::pin(async move { attachments::create(tx, org, &attachment).await }));
        done.await.unwrap();
    }
    (house, case)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bundles_of_a_record_a_period_and_everything_verify_without_kitei() {
    each_engine(async |db| {
        let (house, case) = house_with_neighbours(db).await;
        let directory = tempfile::tempdir().unwrap();
        let period = Wanted::Period { from: date(2026, 4, 3), to: date(2026, 4, 3) };
        for (name, wanted, events) in [
            ("record", Wanted::Record(case), 4..=5),
            ("period", period, 3..=3),
            // What bears another time lies between these in the log, as after a clock was set back.
            ("days", Wanted::Period { from: date(2026, 4, 1), to: date(2026, 4, 3) }, 6..=6),
            ("everything", Wanted::Everything, 606..=610),
        ] {
            let path = directory.path().join(name);
            let written = write(&house, wanted, &path).await.unwrap();
            assert!(events.contains(&written.events), "{name}: {written:?}");
            let found = check(&house, &path);
            assert!(found.ok, "{name}: {found:#?}");
            let (content, said) = python(&house, &path);
            assert!(content && said.starts_with("OK"), "{name}: {said}");
            assert!(
                matches!(write(&house, wanted, &path).await, Err(EvidenceError::NotEmpty(_))),
                "nothing is written over"
            );

            let zip = directory.path().join(format!("{name}.zip"));
            assert_eq!(write(&house, wanted, &zip).await.unwrap().events, written.events);
            assert!(check(&house, &zip).ok);
            let streamed = directory.path().join(format!("{name}-streamed.zip"));
            std::fs::write(&streamed, stream(&house, wanted).await).unwrap();
            assert!(check(&house, &streamed).ok, "{name}");
            assert_nothing_of_others(&path);
        }
        assert!(matches!(
            write(&house, Wanted::Record(Uuid::from_u128(1)), &directory.path().join("no")).await,
            Err(EvidenceError::NoRecord)
        ));
    })
    .await;
}

fn assert_nothing_of_others(directory: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_nothing_of_others(&path);
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains("別組織"), "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_plain_says_what_was_erased_and_links_what_is_there() {
    each_engine(async |db| {
        let (house, case) = house_with_neighbours(db).await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("before");
        let written = write(&house, Wanted::Record(case), &path).await.unwrap();
        assert_eq!((written.records, written.attachments), (1, 1), "a file that may not be opened is left out");
        let page = std::fs::read_to_string(path.join("index.html")).unwrap();
        assert!(page.contains("鞄を電車に置き忘れた") && !page.contains("消去され"), "{page}");
        assert!(!page.contains("<script") && page.contains("件名 &lt;b&gt;"), "{page}");
        for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let decoded = percent_decoded(link);
            assert!(path.join(&decoded).is_file(), "{decoded}");
        }

        house.perform(Command::Erase { record: case, line: None }).await;
        let path = directory.path().join("after");
        let written = write(&house, Wanted::Record(case), &path).await.unwrap();
        assert!(check(&house, &path).ok);
        let pages = ["index.html", "index.en.html"].map(|name| std::fs::read_to_string(path.join(name)).unwrap());
        assert!(!pages[0].contains("鞄を電車に置き忘れた"));
        assert!(
            pages[0].contains("消去され、誰も復元できません") && pages[0].contains("（値は消去済み）"),
            "{}",
            pages[0]
        );
        assert!(pages[1].contains("were erased and nobody can bring them back"), "{}", pages[1]);
        assert_eq!(written.attachments, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_of_everything_continues_an_older_checkpoint_and_no_other() {
    use kitei_evidence::{
        Digest,
        checkpoint::{Checkpoint, SignedCheckpoint},
    };
    each_engine(async |db| {
        let (house, case) = house_with_neighbours(db).await;
        let org = house.organization.id;
        let old = {
            let mut reader = house.installation.db.reader().await.unwrap();
            kitei_store::log::latest_checkpoint(&mut reader, org).await.unwrap().unwrap().note
        };
        let old = SignedCheckpoint::parse(old.as_bytes()).unwrap();
        let other = Checkpoint::new(&crate::kernel::origin(org), 9, Digest::of(b"another past"), Vec::new()).unwrap();
        let other = SignedCheckpoint::sign(other, house.organization.signing()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let (all, one) = (directory.path().join("all"), directory.path().join("one.zip"));
        write(&house, Wanted::Everything, &all).await.unwrap();
        write(&house, Wanted::Record(case), &one).await.unwrap();
        let look = |path: &Path, old| bundle(path, Against { checkpoint: Some(old), ..Against::default() }).unwrap();
        assert!(look(&all, &old).ok);
        assert_eq!(look(&all, &other).troubles, [Trouble::NotTheContinuation { size: 9 }]);
        assert!(matches!(look(&one, &old).troubles.as_slice(), [Trouble::CannotCompare { .. }]));
    })
    .await;
}

fn percent_decoded(link: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = link.as_bytes();
    while let Some((first, later)) = rest.split_first() {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&later[..2]).unwrap(), 16).unwrap());
            rest = &later[2..];
        } else {
            bytes.push(*first);
            rest = later;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_altered_bundle_names_its_event() {
    each_engine(async |db| {
        let (house, case) = house_with_neighbours(db).await;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle");
        write(&house, Wanted::Record(case), &path).await.unwrap();
        let events = path.join("events-0001.jsonl");
        let text = std::fs::read_to_string(&events).unwrap();
        let first = kitei_evidence::event::Event::parse(text.lines().next().unwrap().as_bytes()).unwrap().seq();
        std::fs::write(&events, text.replacen("CASE-2026-001", "CASE-2026-002", 1)).unwrap();
        let found = check(&house, &path);
        assert_eq!((found.ok, found.first_wrong()), (false, Some(first)), "{found:#?}");
        assert!(found.text().iter().any(|line| line.ja.contains(&format!("出来事{first}は書き換えられています"))));
        let (content, said) = python(&house, &path);
        assert!(!content && said.contains(&format!("event {first} was altered")), "{said}");
    })
    .await;
}
