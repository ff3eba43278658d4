//! `kitei pack coverage`: ids on standard output, failures with their line, idle elements, and what shows a clause.

use serde_json::json;

use crate::program::Place;

const HEAD: &str = "id = \"house\"\ntitle = { ja = \"社内規程\", en = \"House rules\" }\nedition = \"1\"\neffective_from = \"2020-01-01\"\n";
const CLAUSES: &str = r#"
[[clause]]
id = "H-1"
ref = "1条"
title = { ja = "件名を書く", en = "A title is written" }
ja = "事故には件名を書く。"
en = "An incident has a title."

[[clause]]
id = "H-2"
ref = "2条"
title = { ja = "誰も示さない", en = "Shown by nobody" }
ja = "示されない。"
en = "Not shown."
"#;
const GATE: &str = r#"
[[term]]
id = "lost"
title = { ja = "紛失", en = "loss" }
meaning = { ja = "失うこと", en = "losing" }
basis = ["H-1"]
"#;
const IDLE: &str = r#"
[[term]]
id = "found"
title = { ja = "発見", en = "finding" }
meaning = { ja = "見つけること", en = "finding" }
basis = ["H-1"]
"#;

fn cases(has: &str) -> String {
    format!(
        r#"[[case]]
id = "the-word"
clauses = ["H-1"]
shows = {{ ja = "用語集に載る", en = "The word is in the glossary" }}
step = [
  {{ see = "term", id = "lost", has = ["{has}"] }},
]
"#
    )
}

fn house(has: &str, more: &str) -> Place {
    let place = Place::new();
    place.write("more/house/pack.toml", HEAD);
    place.write("more/house/clauses/all.toml", CLAUSES);
    place.write("more/house/terms.toml", format!("{GATE}{more}"));
    place.write("more/house/cases/all.toml", cases(has));
    place
}

#[test]
fn clauses_that_cases_show_stand_on_standard_output_alone() {
    let place = house("失うこと", "");
    let ended = place.run(["pack", "coverage", "house", "--packs", "more", "--strict"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, "H-1\n"), "{ended:?}");
    assert!(ended.err.contains("1 cases, 1 elements"), "{ended:?}");
    let ended = place.run(["pack", "coverage", "house", "--packs", "more", "--json"]);
    assert_eq!(ended.json()["honoured"], json!(["H-1"]), "{ended:?}");
}

#[test]
fn a_case_that_fails_is_named_with_its_line_and_its_clause_does_not_count() {
    let place = house("見つけること", "");
    let ended = place.run(["pack", "coverage", "house", "--packs", "more"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
    assert!(ended.err.contains("more/house/cases/all.toml:6: the-word [H-1]"), "{ended:?}");
}

#[test]
fn an_element_that_no_case_misses_is_idle() {
    let place = house("失うこと", IDLE);
    let ended = place.run(["pack", "coverage", "house", "--packs", "more"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let ended = place.run(["pack", "coverage", "house", "--packs", "more", "--strict"]);
    assert!(ended.code == 1 && ended.err.contains("more/house/terms.toml:8: term:found [H-1]"), "{ended:?}");
    assert_eq!(ended.out, "H-1\n", "another element shows the clause");
}

#[test]
fn a_clause_is_explained_by_its_cases_and_elements() {
    let place = house("失うこと", IDLE);
    let ended = place.run(["pack", "coverage", "--packs", "more", "--explain", "H-1", "--lang", "ja"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for words in ["○ the-word", "用語集に載る", "○ term:lost", "外すと the-word が落ちる", "× term:found"]
    {
        assert!(ended.out.contains(words), "{words}: {}", ended.out);
    }
    let ended = place.run(["pack", "coverage", "--packs", "more", "--explain", "H-2"]);
    assert!(ended.code == 1 && ended.out.contains("not shown"), "{ended:?}");
    let ended = place.run(["pack", "coverage", "--packs", "more", "--explain", "H-3"]);
    assert!(ended.code == 2 && ended.err.contains("did you mean"), "{ended:?}");
}

#[test]
fn a_pack_that_does_not_compile_is_a_failure_with_its_line() {
    let place = house("失うこと", "");
    place.write("more/house/gates.toml", "[[flag]]\nid = \"odd\"\non = \"incident\"\nwhen = \"nonsense == 1\"\nmessage = { ja = \"変\", en = \"odd\" }\nbasis = [\"H-1\"]\n");
    let ended = place.run(["pack", "coverage", "house", "--packs", "more"]);
    assert!(ended.code == 1 && ended.err.contains("gates.toml:4"), "{ended:?}");
}
