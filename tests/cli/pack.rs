//! `kitei pack`: every mistake with its line, composition with its conflicts, and where values come from.

use serde_json::json;

use crate::program::Place;

const HEAD: &str = "id = \"house\"\ntitle = { ja = \"社内規程\", en = \"House rules\" }\nedition = \"1\"\neffective_from = \"2026-04-01\"\n";
const PARAMETER: &str = "[[parameter]]\nkey = \"house.minutes\"\nkind = \"duration\"\ntitle = { ja = \"時間\", en = \"Time\" }\nstricter = \"lower\"\nvalue = \"PT30M\"\nbasis = []\n";

#[test]
fn every_mistake_of_a_pack_is_shown_with_its_file_and_line() {
    let place = Place::new();
    place.write("house/pack.toml", format!("{HEAD}colour = \"red\"\n"));
    place.write("house/roles.toml", "[[role]]\nid = \"clerk\"\ntitel = { ja = \"係\", en = \"Clerk\" }\n");
    let ended = place.run(["pack", "check", "house"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for line in ["house/pack.toml:5:", "house/roles.toml:3:"] {
        assert!(
            ended.out.lines().any(|found| found.starts_with(line) && found.contains("error[")),
            "{line}: {}",
            ended.out
        );
    }
    assert!(ended.out.contains("did you mean `title`?"), "{}", ended.out);
    let japanese = place.run(["pack", "check", "house", "--lang", "ja"]);
    assert!(japanese.out.contains("誤り[") && japanese.out.contains("ではありませんか"), "{}", japanese.out);
    let ended = place.run(["pack", "check", "house", "--json"]);
    let found = ended.json();
    assert_eq!((ended.code, &found["ok"]), (1, &json!(false)));
    let lines: Vec<_> = found["diagnostics"].as_array().unwrap().iter().filter(|one| one["pack"] == "house").collect();
    assert!(lines.iter().any(|one| one["line"] == 5 && one["severity"] == "error"), "{lines:?}");
}

#[test]
fn a_directory_of_packs_and_the_pack_itself_are_checked_alike() {
    let place = Place::new();
    place.write("packs/house/pack.toml", format!("{HEAD}colour = \"red\"\n"));
    let above = place.run(["pack", "check", "packs", "--json"]).json();
    let itself = place.run(["pack", "check", "packs/house", "--json"]).json();
    assert_eq!(above["packs"], json!(["house"]));
    assert_eq!(above["diagnostics"], itself["diagnostics"]);
}

#[test]
fn a_directory_that_holds_no_pack_is_bad_input() {
    let place = Place::new();
    place.write("empty/readme.md", "");
    for directory in ["empty", "nowhere"] {
        let ended = place.run(["pack", "check", directory]);
        assert!(ended.code == 2 && ended.err.contains(directory), "{ended:?}");
    }
}

#[test]
fn the_packs_of_the_program_compose_and_one_of_the_configuration_joins_them() {
    let place = Place::new();
    let ended = place.run(["pack", "compose", "--json"]);
    let packs = ended.json()["packs"].clone();
    for id in ["office", "law-jp", "pms", "leak-procedure", "security-regulations"] {
        assert!(packs.get(id).is_some(), "{id} is not part of the program");
    }
    place.write("more/house/pack.toml", HEAD);
    place.write("more/house/parameters.toml", PARAMETER);
    place.write("kitei.toml", "packs = \"more\"\n");
    let ended = place.run(["pack", "compose", "house", "--json"]);
    assert_eq!(ended.json().pointer("/parameters/house.minutes/value"), Some(&json!("PT30M")), "{ended:?}");
    let ended = place.run(["pack", "explain", "house.minutes", "--packs", "house"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("* house: = PT30M") && ended.out.contains("parameters.toml:1"), "{}", ended.out);
}

#[test]
fn an_unknown_name_is_bad_input_with_the_nearest_known() {
    let place = Place::new();
    let ended = place.run(["pack", "compose", "pmz"]);
    assert!(ended.code == 2 && ended.err.contains("did you mean `pms`?"), "{ended:?}");
    let ended = place.run(["pack", "explain", "tell-clint"]);
    assert!(ended.code == 2 && ended.err.contains("did you mean `tell-client`?"), "{ended:?}");
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let place = Place::new();
    let script = format!("{} pack compose --json | head -c 1", env!("CARGO_BIN_EXE_kitei"));
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(place.path(""))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (b"{".as_slice(), b"".as_slice()));
}
