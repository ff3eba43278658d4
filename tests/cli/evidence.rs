//! `kitei verify`, `backup`, `restore`, `rebuild`, `bundle`: on data that are whole, damaged, missing, and in use.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::house::{House, SLUG};
use crate::program::{Ended, Place};
use crate::serve::Server;

const PASSPHRASE: &str = "correct horse battery staple";

fn passphrase(place: &Place) {
    use std::os::unix::fs::PermissionsExt as _;
    let file = place.write("passphrase", PASSPHRASE);
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn names(ended: &Ended) -> String {
    format!("{}\n{}", ended.out, ended.err)
}

#[test]
fn a_sound_database_verifies_and_leaves_no_trace() {
    House::each(|house| sound(&house));
}

fn sound(house: &House) {
    let place = &house.place;
    let before = house.listing();
    let ended = place.run(["verify", "--lang", "ja"]);
    assert!(ended.code == 0 && ended.out.contains("異常はありません"), "{ended:?}");
    let found = place.run(["verify", "--json", "--key", &house.key]).json();
    assert_eq!((&found["ok"], &found["result"]["logs"][0]["key_is_trusted"]), (&json!(true), &json!(true)));
    assert_eq!(house.listing(), before, "verify left something behind");
}

#[test]
fn a_database_that_was_tampered_with_names_its_first_wrong_event() {
    House::each(|house| {
        house.tamper("update event set leaf_hash = (select leaf_hash from event where seq = 0) where seq >= 2");
        let ended = house.place.run(["verify"]);
        assert!(ended.code == 1 && names(&ended).contains("event 2 "), "{ended:?}");
        assert_eq!(house.place.run(["verify", "--json"]).json()["first_wrong"], json!(2));
    });
}

#[test]
fn a_damaged_database_file_and_an_empty_one_are_told_in_plain_words() {
    let house = House::new();
    let file = house.place.path("data/kitei.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.iter_mut().skip(8192).for_each(|byte| *byte = 0x5a);
    std::fs::write(&file, &bytes).unwrap();
    let ended = house.place.run(["verify"]);
    assert!(ended.code == 1 && ended.err.contains("damaged") && ended.out.is_empty(), "{ended:?}");
    let place = Place::new();
    assert_eq!(Server::start(&place, &[]).stop(), 0);
    let ended = place.run(["verify"]);
    assert!(ended.code == 2 && ended.err.contains("no organisation yet") && ended.out.is_empty(), "{ended:?}");
}

#[test]
fn an_older_checkpoint_shows_a_log_that_was_cut_and_signed_again() {
    let house = House::new();
    house.place.write("old.txt", &house.checkpoint);
    let ended = house.place.run(["verify", "--against", "old.txt"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let size: u64 = house.checkpoint.lines().nth(1).unwrap().parse().unwrap();
    house.tamper(&format!("delete from event where seq = {}", size - 1));
    house.tamper("delete from checkpoint");
    let ended = house.place.run(["verify", "--against", "old.txt"]);
    assert!(ended.code == 1, "{ended:?}");
}

#[test]
fn what_cannot_be_verified_is_named_with_what_would_be_right() {
    let house = House::new();
    let place = &house.place;
    place.write("text.txt", "hello");
    let cases: [(Ended, &str); 7] = [
        (place.run(["verify", "nowhere"]), "nowhere"),
        (place.run(["verify", "text.txt"]), "neither a bundle"),
        (place.run(["verify", "data"]), "--data"),
        (place.run(["verify", "--against", "text.txt"]), "is no checkpoint"),
        (place.run(["verify", "--key", "kitei/x"]), "--key"),
        (place.run(["verify", "--organization", "nobody"]), "there are"),
        (place.run(["verify", "--data", "empty"]), "kitei.db is not there"),
    ];
    for (ended, words) in cases {
        assert!(ended.code == 2 && ended.err.contains(words) && ended.out.is_empty(), "{words}: {ended:?}");
    }
    assert!(!place.path("empty").exists());
    let foreign = "kitei/01920000-0000-7000-8000-0000000000ff";
    place.write("foreign.txt", house.checkpoint.replace(&format!("kitei/{}", house.org), foreign));
    let ended = place.run(["verify", "--against", "foreign.txt"]);
    assert!(ended.code == 1 && ended.out.contains("none of the logs here"), "{ended:?}");
}

#[test]
fn a_backup_beside_a_running_server_is_verified_restored_and_starts() {
    let house = House::new();
    let place = &house.place;
    passphrase(place);
    let server = Server::start(place, &[]);
    let ended =
        place.run(["backup", "--out", "kept", "--passphrase-file", "passphrase", "--keys-out", "kit", "--json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let file = PathBuf::from(ended.json()["file"].as_str().unwrap());
    assert_eq!(place.run(["verify"]).code, 0, "verifying beside the server");
    assert_eq!(server.stop(), 0);
    let ended = place.run(["verify", "kept", "--passphrase-file", "passphrase"]);
    assert!(ended.code == 0 && ended.out.contains("Nothing is wrong"), "{ended:?}");

    let again = ["restore", "--from", "kept", "--passphrase-file", "passphrase", "--data"];
    let ended = place.run([again[0], again[1], again[2], again[3], again[4], again[5], "data"]);
    assert!(ended.code == 2 && ended.err.contains("is there already"), "{ended:?}");
    let ended = place.run([again[0], again[1], again[2], again[3], again[4], again[5], "bare"]);
    assert!(ended.code == 1 && ended.err.contains("without its keys"), "{ended:?}");
    let ended =
        place.run([again[0], again[1], again[2], again[3], again[4], again[5], "new", "--keys", "kit", "--json"]);
    assert!(ended.code == 0 && ended.json()["without_keys"] == json!([]), "{ended:?}");
    let ended = place.run(["verify", "--data", "new", "--key", &house.key]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let ended = place.run(["rebuild", "--data", "new", "--json"]);
    assert!(ended.code == 0 && ended.json()["differences"] == json!([]), "{ended:?}");
    let server = Server::start(place, &["--data", "new"]);
    assert_eq!(server.stop(), 0);

    // A backup that was altered, or is opened with another passphrase, is nothing to restore from; nothing stays.
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    for ended in [
        place.run(["verify", "kept", "--passphrase-file", "passphrase"]),
        place.run([again[0], again[1], again[2], again[3], again[4], again[5], "third"]),
    ] {
        assert!(ended.code == 1 && ended.err.contains("does not open"), "{ended:?}");
    }
    assert!(!place.path("third").exists(), "half a restoration was left");
}

#[test]
fn a_backup_wants_a_passphrase_that_others_cannot_read_and_keys_elsewhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let place = &house.place;
    assert!(place.run(["backup", "--out", "kept"]).err.contains("--passphrase-file"));
    let file = place.write("short", "short");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let ended = place.run(["backup", "--out", "kept", "--passphrase-file", "short"]);
    assert!(ended.code == 2 && ended.err.contains("12"), "{ended:?}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ended = place.run(["backup", "--out", "kept", "--passphrase-file", "short"]);
    assert!(ended.code == 2 && ended.err.contains("chmod 600"), "{ended:?}");
    passphrase(place);
    let ended = place.run(["backup", "--out", "kept", "--passphrase-file", "passphrase", "--keys-out", "kept/keys"]);
    assert!(ended.code == 2 && ended.err.contains("--keys-out"), "{ended:?}");
    assert!(!place.path("kept").exists());
}

#[test]
fn a_record_that_was_changed_past_the_log_is_named_by_rebuild() {
    let house = House::new();
    let ended = house.place.run(["rebuild", "--organization", SLUG]);
    assert!(ended.code == 0 && ended.out.contains("0 differences"), "{ended:?}");
    house.tamper("update record set state = 'closed'");
    let ended = house.place.run(["rebuild", "--json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let found: Value = ended.json();
    let paths = found["differences"].as_array().unwrap();
    assert!(paths.iter().any(|path| path.as_str().unwrap().ends_with("/state")), "{found}");
}

#[test]
fn bundles_of_a_record_a_period_and_everything_are_checked_without_kitei() {
    House::each(|house| {
        let place = &house.place;
        let record = house.number.as_str();
        let cases: [(&[&str], &str); 3] = [
            (&["--record", record], "one.zip"),
            (&["--from", "2020-01-01", "--to", "2099-12-31"], "period"),
            (&["--all", "--open"], "all"),
        ];
        for (scope, out) in cases {
            let ended = place.call(["bundle", "--out", out].iter().chain(scope));
            assert!(ended.code == 0 && ended.out.contains("SHA-256"), "{ended:?}");
            let ended = place.run(["verify", out, "--key", &house.key]);
            assert_eq!(ended.code, 0, "{out}: {ended:?}");
        }
        let said = std::process::Command::new("python3")
            .args(["all/verify.py", "all", &house.key])
            .current_dir(place.path(""))
            .output()
            .unwrap();
        assert!(said.status.success(), "{said:?}");
        let page = |name: &str| std::fs::read_to_string(place.path(name).join("index.html")).unwrap();
        assert!(page("all").contains("山田 太郎") && !page("period").contains("山田 太郎"), "only --open opens");

        // Altered, it names the event; the checkpoint from before is continued.
        place.write("old.txt", &house.checkpoint);
        assert_eq!(place.run(["verify", "all", "--against", "old.txt"]).code, 0);
        let events = place.path("all/events-0001.jsonl");
        let text = std::fs::read_to_string(&events).unwrap();
        std::fs::write(&events, text.replacen(record, "INC-0000-000", 1)).unwrap();
        let ended = place.run(["verify", "all", "--json"]);
        assert!(ended.code == 1 && ended.json()["first_wrong"].is_u64(), "{ended:?}");

        let cases: [(&[&str], &str, i32); 6] = [
            (&["--record", "INC-1999-001", "--out", "x"], "--record INC-1999-001", 2),
            (&["--from", "soon", "--to", "2026-01-01", "--out", "x"], "--from", 2),
            (&["--from", "2026-02-01", "--to", "2026-01-01", "--out", "x"], "--to", 2),
            (&["--from", "2026-02-01", "--out", "x"], "--to", 2),
            (&["--out", "x"], "--record", 2),
            (&["--all", "--out", "all"], "something is there already", 2),
        ];
        for (arguments, words, code) in cases {
            let ended = place.call(["bundle"].iter().chain(arguments));
            assert!(ended.code == code && ended.err.contains(words), "{words}: {ended:?}");
        }
        assert!(!place.path("x").exists());
        // That bundles were taken stands in the log.
        let ended = place.run(["bundle", "--all", "--out", "again"]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let log = std::fs::read_to_string(place.path("again/events-0001.jsonl")).unwrap();
        assert_eq!(log.matches("evidence.bundle-taken").count(), 3, "{log}");
    });
}
