//! `kitei doctor` and the start on directories that are empty, damaged, incomplete or not ours.

use std::os::unix::fs::PermissionsExt as _;

use jiff::Timestamp;
use kitei_store::db::{Db, Instant, Options};
use kitei_store::log::{NewEvent, append};
use kitei_store::{directory::DataDirectory, migrate, organizations};
use serde_json::Value;
use uuid::Uuid;

use crate::program::{Ended, Place};

const ORG: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);

/// State of the checks of a subject.
fn states(ended: &Ended, subject: &str) -> Vec<String> {
    let json = ended.json();
    let checks = json["checks"].as_array().unwrap().iter().filter(|check| check["subject"] == subject);
    checks.map(|check| check["state"].as_str().unwrap().to_owned()).collect()
}

/// An installation with one organisation, without or with keys; `event` stands in its log.
fn installation(place: &Place, keys: Option<&[u8]>, event: Option<Instant>) {
    let directory = DataDirectory::open(&place.path("data")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::open(&directory.sqlite_url(), Options::default()).await.unwrap();
        let now = Instant::new(Timestamp::now());
        migrate::run(&db, now).await.unwrap();
        db.act(ORG, move |tx| {
            Box::pin(async move { organizations::create(tx, ORG, "test", "Test", "Asia/Tokyo", now).await })
        })
        .await
        .unwrap();
        if let Some(at) = event {
            let event = NewEvent {
                kind: "test.happened".to_owned(),
                subject: "test".to_owned(),
                subject_id: None,
                actor: "test".to_owned(),
                actor_id: None,
                at,
                body: serde_json::Map::new(),
            };
            db.act(ORG, move |tx| Box::pin(async move { append(tx, ORG, event).await })).await.unwrap();
        }
        db.close().await;
    });
    if let Some(keys) = keys {
        directory.keys().create(ORG, keys).unwrap();
    }
}

/// A key file as the kernel writes it: length and bytes of the key state, then the seed of the signature.
fn key_file() -> Vec<u8> {
    use kitei_evidence::{Secret, keys::KeyState};
    let state = KeyState::new(Secret::take(&mut [1; 32]), Secret::take(&mut [2; 32])).to_bytes().to_vec();
    [u32::try_from(state.len()).unwrap().to_be_bytes().as_slice(), &state, &[3; 32]].concat()
}

#[test]
fn on_an_empty_directory_everything_can_be_made_and_nothing_is() {
    let place = Place::new();
    let ended = place.run(["doctor", "--json"]);
    for (subject, state) in
        [("configuration", "ok"), ("data", "note"), ("database", "note"), ("clock", "ok"), ("fonts", "ok")]
    {
        assert_eq!(states(&ended, subject), [state], "{subject}: {ended:?}");
    }
    assert!(!place.path("data").exists(), "the doctor made something");
}

#[test]
fn a_database_in_which_nothing_was_made_yet_is_no_damage() {
    let place = Place::new();
    place.write("data/kitei.db", "");
    let ended = place.run(["doctor", "--json"]);
    assert_eq!(states(&ended, "database"), ["note"], "{ended:?}");
}

#[test]
fn a_sound_installation_has_nothing_wrong_with_its_data() {
    let place = Place::new();
    installation(&place, Some(&key_file()), Some(Instant::new(Timestamp::now())));
    let before = listing(&place);
    let ended = place.run(["doctor", "--json"]);
    for subject in ["data", "lock", "database", "keys"] {
        assert_eq!(states(&ended, subject), ["ok"], "{subject}: {ended:?}");
    }
    assert_eq!(listing(&place), before, "the doctor left something behind");
}

fn listing(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path("data")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_damaged_database_is_told_in_plain_words_and_nothing_starts() {
    // Overwritten from the beginning, and only in the middle.
    for offset in [0, 8192] {
        let place = Place::new();
        installation(&place, Some(&key_file()), None);
        let file = place.path("data/kitei.db");
        let mut bytes = std::fs::read(&file).unwrap();
        for byte in bytes.iter_mut().skip(offset) {
            *byte = 0x5a;
        }
        std::fs::write(&file, &bytes).unwrap();
        let ended = place.run(["doctor", "--json"]);
        assert_eq!(ended.code, 1, "{offset}: {ended:?}");
        assert_eq!(states(&ended, "database"), ["wrong"], "{offset}: {ended:?}");
        let ended = place.run(["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{offset}: {ended:?}");
        assert!(ended.err.contains("damaged"), "{offset}: {ended:?}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{offset}: what is left was changed");
        let ended = place.run(["doctor", "--lang", "ja"]);
        assert!(ended.out.contains("誤り  データベース: データベースのファイルが壊れている"), "{offset}: {ended:?}");
    }
}

#[test]
fn missing_and_damaged_keys_and_a_clock_set_back_keep_it_from_starting() {
    let future = Timestamp::now() + jiff::SignedDuration::from_hours(30);
    /// Key file, an event in the log, state of the keys and words of the refusal.
    type Case = (Option<Vec<u8>>, Option<Instant>, [&'static str; 2]);
    let cases: [Case; 3] = [
        (None, None, ["wrong", "key file"]),
        (Some(b"damaged".to_vec()), None, ["wrong", "damaged"]),
        (Some(key_file()), Some(Instant::new(future)), ["ok", "clock was set back"]),
    ];
    for (keys, event, [state, words]) in cases {
        let place = Place::new();
        installation(&place, keys.as_deref(), event);
        let ended = place.run(["doctor", "--json"]);
        assert_eq!(states(&ended, "keys"), [state], "{words}: {ended:?}");
        let ended = place.run(["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{words}: {ended:?}");
        assert!(ended.err.contains(words), "{words}: {ended:?}");
    }
}

#[test]
fn keys_without_their_database_never_start_on_an_empty_one() {
    let place = Place::new();
    installation(&place, Some(&key_file()), None);
    std::fs::remove_file(place.path("data/kitei.db")).unwrap();
    let ended = place.run(["doctor", "--json"]);
    assert!(ended.code == 1 && states(&ended, "database") == ["wrong"], "{ended:?}");
    let ended = place.run(["serve", "--listen", "127.0.0.1:0"]);
    assert!(ended.code == 1 && ended.err.contains("restore it from a backup"), "{ended:?}");
    assert!(!place.path("data/kitei.db").exists(), "an empty database was made");
}

#[test]
fn keys_that_others_can_read_are_told_with_the_command_that_closes_them() {
    let place = Place::new();
    installation(&place, Some(&key_file()), None);
    std::fs::set_permissions(place.path("data/keys"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ended = place.run(["doctor"]);
    assert!(ended.code == 1 && ended.out.contains("chmod 700"), "{ended:?}");
}

#[test]
fn mail_is_tried_only_when_asked_and_a_server_that_is_not_there_is_named() {
    let place = Place::new();
    place
        .write("kitei.toml", "[mail]\nhost = \"127.0.0.1\"\nport = 1\nstarttls = false\nfrom = \"kitei@example.jp\"\n");
    assert_eq!(states(&place.run(["doctor", "--json"]), "mail"), Vec::<String>::new());
    let ended = place.run(["doctor", "--json", "--mail"]);
    assert!(ended.code == 1 && states(&ended, "mail") == ["wrong"], "{ended:?}");
    let checks: Value = ended.json();
    assert!(checks.to_string().contains("127.0.0.1:1"), "{checks}");
}
