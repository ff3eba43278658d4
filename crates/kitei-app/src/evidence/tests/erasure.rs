//! HOUSE property 5: with every file of after an erasure, every backup of before, and the long-lived keys, neither the
//! value nor its search tokens nor its key can be had again; and the same search finds all three before the erasure.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use kitei_evidence::{
    keys::{KeyState, LeafId},
    seal::{Place, SealedText},
};
use kitei_rules::{run::command::Command, value::Value};
use kitei_store::{
    db::{Db, Engine, Statement, StoreError},
    records, search,
    testing::{each_engine, postgres_directory},
};
use uuid::Uuid;

use super::{House, installation};
use crate::evidence::{
    backup::{Cost, Order, Passphrase, keys::CopyState},
    verify::{Against, Trouble},
};

const NAME: &str = "消去 太郎右衛門";
const OTHER: &str = "残留 花子左衛門";

fn passphrase() -> Passphrase {
    Passphrase::parse(b"correct horse battery staple").unwrap()
}

/// Everything that an attacker might have.
#[derive(Default)]
struct Loot {
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// What an attacker gets out of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    value: bool,
    tokens: bool,
    key: bool,
    seeds: bool,
}

const ALL: Found = Found { value: true, tokens: true, key: true, seeds: true };
const NOTHING: Found = Found { value: false, tokens: false, key: false, seeds: false };

/// What is looked for.
struct Target {
    organization: String,
    record: Uuid,
    leaf: LeafId,
    name: &'static str,
    /// Seeds and token key of the state before, known to the test alone, to look for their bytes anywhere.
    secrets: Vec<Vec<u8>>,
}

impl Loot {
    fn take(&mut self, path: &Path) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                self.take(&entry.unwrap().path());
            }
        } else if let Ok(bytes) = std::fs::read(path) {
            self.files.push((path.to_owned(), bytes));
        }
    }

    /// The files of the database: SQLite's with its write-ahead log, PostgreSQL's heap and write-ahead log.
    async fn take_database(&mut self, db: &Db) {
        match (db.engine(), db.sqlite_file()) {
            (Engine::Sqlite, Some(file)) => self.take(file.parent().unwrap()),
            _ => {
                // What is still in memory is written out, so that nothing is overlooked.
                db.act(Uuid::nil(), |tx| {
                    Box::pin(async move {
                        tx.execute(&Statement::composed("checkpoint", "checkpoint".to_owned()), &[]).await?;
                        Ok::<(), StoreError>(())
                    })
                })
                .await
                .unwrap();
                let mut reader = db.reader().await.unwrap();
                let sql = "select oid::bigint as oid from pg_database where datname = current_database()";
                let row = reader.fetch_one(&Statement::composed("oid", sql.to_owned()), &[]).await.unwrap();
                let data = postgres_directory().join("data");
                self.take(&data.join("base").join(row.get::<i64>("oid").unwrap().to_string()));
                self.take(&data.join("pg_wal"));
            }
        }
    }

    /// A backup with its passphrase is as good as its plain text.
    fn take_backup(&mut self, file: &Path) {
        let bytes = crate::evidence::backup::tests::decrypted(file, &passphrase());
        self.files.push((file.to_owned(), bytes));
    }

    fn with(&self, other: &Self) -> Self {
        Self { files: self.files.iter().chain(&other.files).cloned().collect() }
    }

    fn attack(&self, target: &Target) -> Found {
        let mut needles: Vec<&[u8]> = vec![b"KTKS", b"s1.", target.name.as_bytes()];
        needles.extend(target.secrets.iter().map(Vec::as_slice));
        let hits: Vec<Vec<(usize, usize)>> = self.files.iter().map(|(_, bytes)| occurrences(bytes, &needles)).collect();
        let (mut states, mut sealed, mut found) = (Vec::new(), BTreeSet::new(), Found::default());
        for ((path, bytes), hits) in self.files.iter().zip(&hits) {
            for (needle, at) in hits {
                match needle {
                    0 => states.extend(state_at(bytes, *at)),
                    1 => sealed.extend(sealed_at(bytes, *at)),
                    2 => panic!("{} holds the name in clear", path.display()),
                    _ => found.seeds = true,
                }
            }
        }
        for state in &states {
            found.key |= state.derive(target.leaf).is_some();
            found.value |= sealed.iter().any(|text| opens(state, text, target));
            let tokens = state.token_key().tokens("person", "name", &search::fold(target.name));
            found.tokens |= tokens.iter().all(|token| self.holds_number(token.to_i64()));
        }
        found
    }

    /// A number in either order of bytes, or in words, as tables, indexes, logs and backups keep it.
    fn holds_number(&self, number: i64) -> bool {
        let words = format!(",{number},");
        let (big, little) = (number.to_be_bytes(), number.to_le_bytes());
        let needles: [&[u8]; 3] = [&big, &little, words.as_bytes()];
        self.files.iter().any(|(_, bytes)| !occurrences(bytes, &needles).is_empty())
    }
}

/// Where any of the needles stands, in one pass: (needle, place).
fn occurrences(bytes: &[u8], needles: &[&[u8]]) -> Vec<(usize, usize)> {
    let mut begins = vec![false; 1 << 16];
    for needle in needles {
        begins[usize::from(needle[0]) << 8 | usize::from(needle[1])] = true;
    }
    let mut out = Vec::new();
    for at in 0..bytes.len().saturating_sub(1) {
        if begins[usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])] {
            let here = needles.iter().enumerate().filter(|(_, needle)| bytes[at..].starts_with(needle));
            out.extend(here.map(|(number, _)| (number, at)));
        }
    }
    out
}

/// A key state that lies at a place of a file, whatever the file is.
fn state_at(bytes: &[u8], at: usize) -> Option<KeyState> {
    let count = bytes.get(at + 49..at + 57).map(|count| u64::from_be_bytes(count.try_into().unwrap()))?;
    let length = usize::try_from(count).ok().filter(|count| *count < 1 << 20)? * 39 + 57 + 32;
    KeyState::parse(bytes.get(at..at + length)?).ok()
}

fn sealed_at(bytes: &[u8], at: usize) -> Option<String> {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let text: Vec<u8> = bytes[at..].iter().take_while(part).copied().collect();
    String::from_utf8(text).ok()
}

fn opens(state: &KeyState, text: &str, target: &Target) -> bool {
    let Ok(sealed) = SealedText::parse(text) else { return false };
    let Some(key) = state.derive(sealed.leaf()) else { return false };
    let record = target.record.to_string();
    let place =
        Place { organisation: &target.organization, register: "person", record: &record, line: None, field: "name" };
    sealed.open(&key.sealing_key(), &place).is_ok_and(|opened| opened.as_str().contains(target.name))
}

/// Each seed and the token key of a key file, as bytes.
fn secrets(file: &[u8]) -> Vec<Vec<u8>> {
    let state = &file[4..file.len() - 32];
    let seeds = state[57..state.len() - 32].chunks(39).map(|seed| seed[7..].to_vec());
    seeds.chain([state[17..49].to_vec()]).collect()
}

async fn target(house: &House, record: Uuid, name: &'static str) -> Target {
    let mut reader = house.installation.db.reader().await.unwrap();
    let stored = records::load(&mut reader, house.organization.id, record).await.unwrap().unwrap();
    Target {
        organization: house.organization.id.to_string(),
        record,
        leaf: LeafId::new(u64::try_from(stored.leaf).unwrap()).unwrap(),
        name,
        secrets: secrets(&std::fs::read(house.key_file()).unwrap()),
    }
}

async fn backup(house: &House, directory: &Path) -> PathBuf {
    house.environment.pass(1);
    let cost = Cost { memory: 8, passes: 1, lanes: 1 };
    let order = Order { target: directory, passphrase: &passphrase(), cost, with_keys: None };
    house.installation.backup(&order).await.unwrap().file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_cannot_be_recovered_from_any_file() {
    each_engine(async |db| {
        let house = House::new(db).await;
        // Both long enough that their pairs of characters are not met by chance.
        let other = house.person(OTHER).await;
        let erased = house.person(NAME).await;
        house.sign().await;
        let backups = tempfile::tempdir().unwrap();
        let file = backup(&house, backups.path()).await;

        // Everything of before that may have been copied: files of the database, backups. Not the key state, which is
        // in no copy but the known ones.
        let mut before = Loot::default();
        before.take_database(&house.installation.db).await;
        before.take_backup(&file);
        let mut keys = Loot::default();
        keys.take(&house.directory.path().join("keys"));
        let (wanted, bystander) = (target(&house, erased, NAME).await, target(&house, other, OTHER).await);
        assert_eq!(before.attack(&wanted), NOTHING, "a database without keys says nothing");
        assert_eq!(before.with(&keys).attack(&wanted), ALL, "the same search finds everything before the erasure");

        house.perform(Command::Erase { record: erased, line: None }).await;
        house.sign().await;
        let second = backup(&house, backups.path()).await;

        let mut after = Loot::default();
        after.take_database(&house.installation.db).await;
        after.take(house.directory.path());
        after.take(backups.path());
        after.take_backup(&second);
        let everything = before.with(&after);
        assert_eq!(everything.attack(&wanted), NOTHING);
        assert!(everything.attack(&bystander).value, "everybody else's values still open");

        assert_eq!(house.value(erased, "name").await, Value::Empty);
        assert_eq!(house.value(other, "name").await, Value::Text(OTHER.to_owned()));
        let found = house.installation.verify(Against::default()).await.unwrap();
        assert!(found.ok, "the log still verifies: {found:?}");
        let events = {
            let mut reader = house.installation.db.reader().await.unwrap();
            kitei_store::log::of_kind(&mut reader, house.organization.id, "record.erased", None, 9).await.unwrap()
        };
        assert_eq!(events.len(), 1, "the erasure is itself an event");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_principal_of_a_shared_case_is_erased_alone() {
    each_engine(async |db| {
        let house = House::new(db).await;
        let case = house.case("紛失", "経緯", &["山田 太郎", "鈴木 花子"]).await;
        let line = |index: usize| {
            let (installation, org) = (&house.installation, house.organization.id);
            async move {
                let mut reader = installation.db.reader().await.unwrap();
                kitei_store::lines::of_record(&mut reader, org, case).await.unwrap().swap_remove(index)
            }
        };
        let (first, second) = (line(0).await, line(1).await);
        house.perform(Command::Erase { record: case, line: Some(("principals".to_owned(), first.id)) }).await;
        let opens = |number: Option<i64>| {
            let leaf = LeafId::new(u64::try_from(number.unwrap()).unwrap()).unwrap();
            house.organization.with_keys(|keys| keys.derive(leaf).is_some())
        };
        assert!(!opens(first.leaf) && opens(second.leaf));
        assert_eq!(house.value(case, "story").await, Value::Text("経緯".to_owned()));
        assert!(line(0).await.erased_at.is_some());
        assert!(house.installation.verify(Against::default()).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_commit_and_destruction_is_mended_at_the_start() {
    each_engine(async |db| {
        let house = House::new(db.clone()).await;
        let erased = house.person(NAME).await;
        let wanted = target(&house, erased, NAME).await;
        let before = std::fs::read(house.key_file()).unwrap();
        house.perform(Command::Erase { record: erased, line: None }).await;
        // The program died after the commit: the key file is still that of before.
        std::fs::write(house.key_file(), &before).unwrap();

        let restarted = installation(&house.directory, db.clone(), &house.environment);
        let organization = restarted.organization(house.organization.id).await.unwrap();
        assert!(organization.with_keys(|keys| keys.derive(wanted.leaf).is_some()), "the key is still there");
        let found = restarted.verify(Against::default()).await.unwrap();
        assert!(matches!(found.logs[0].troubles.as_slice(), [Trouble::KeyNotDestroyed { .. }]), "{found:?}");

        assert_eq!(restarted.mend(&organization).await.unwrap().destroyed, 1);
        assert!(organization.with_keys(|keys| keys.is_punctured(wanted.leaf)));
        let mut keys = Loot::default();
        keys.take(&house.directory.path().join("keys"));
        assert_eq!(keys.attack(&wanted), NOTHING);
        assert!(restarted.verify(Against::default()).await.unwrap().ok);
        assert_eq!(restarted.mend(&organization).await.unwrap().destroyed, 0, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn everybody_else_is_found_by_name_again_after_an_erasure() {
    each_engine(async |db| {
        let house = House::new(db).await;
        let (other, erased) = (house.person(OTHER).await, house.person(NAME).await);
        let find = |name: &'static str| {
            let tokens =
                house.organization.with_keys(|keys| keys.token_key().tokens("person", "name", &search::fold(name)));
            let (db, org) = (house.installation.db.clone(), house.organization.id);
            async move {
                let mut reader = db.reader().await.unwrap();
                kitei_store::blind::find(&mut reader, org, "person", "name", &tokens).await.unwrap()
            }
        };
        assert_eq!((find(OTHER).await, find(NAME).await), (vec![other], vec![erased]));
        house.perform(Command::Erase { record: erased, line: None }).await;
        assert!(find(OTHER).await.is_empty(), "tokens of the former key find nothing");
        assert_eq!(house.installation.renew_tokens(&house.organization).await.unwrap(), 1);
        assert_eq!((find(OTHER).await, find(NAME).await), (vec![other], vec![]));
        assert_eq!(house.installation.renew_tokens(&house.organization).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_recovery_kit_follows_every_erasure() {
    each_engine(async |db| {
        let house = House::new(db).await;
        let erased = house.person(NAME).await;
        let kit = tempfile::tempdir().unwrap();
        let stick = kit.path().join("stick");
        crate::evidence::backup::keys::copy(&house.installation, &stick).await.unwrap();
        let wanted = target(&house, erased, NAME).await;
        let attack = |path: &Path| {
            let mut keys = Loot::default();
            keys.take(path);
            keys.attack(&wanted)
        };
        assert!(attack(&stick).key, "a copy opens what has not been erased");
        let state = |mended: crate::evidence::mend::Mended| mended.copies[0].state;
        assert_eq!(state(house.installation.mend(&house.organization).await.unwrap()), CopyState::Current);

        house.perform(Command::Erase { record: erased, line: None }).await;
        let away = kit.path().join("away");
        std::fs::rename(&stick, &away).unwrap();
        assert_eq!(state(house.installation.mend(&house.organization).await.unwrap()), CopyState::OutOfReach);
        std::fs::rename(&away, &stick).unwrap();
        assert_eq!(state(house.installation.mend(&house.organization).await.unwrap()), CopyState::Renewed);
        assert_eq!(attack(kit.path()), NOTHING, "the renewed kit reopens nothing");
    })
    .await;
}

/// The search must find what is there, or finding nothing would mean nothing.
#[test]
fn the_search_finds_states_texts_and_numbers_in_the_middle_of_a_file() {
    use kitei_evidence::Secret;
    let state = KeyState::new(Secret::take(&mut [1; 32]), Secret::take(&mut [2; 32]));
    let file = [b"noise KTKS noise".as_slice(), &state.to_bytes(), b" s1.4.AAAA\" ", &77_i64.to_le_bytes()].concat();
    let places = occurrences(&file, &[b"KTKS", b"s1.", &[1; 32]]);
    assert_eq!(places.iter().filter(|(needle, _)| *needle == 0).count(), 2);
    assert_eq!(places.iter().filter_map(|(_, at)| state_at(&file, *at)).count(), 1);
    assert!(places.iter().any(|(needle, _)| *needle == 2));
    assert!(places.iter().any(|(_, at)| sealed_at(&file, *at).as_deref() == Some("s1.4.AAAA")));
    assert!(Loot { files: vec![(PathBuf::new(), file)] }.holds_number(77));
}
