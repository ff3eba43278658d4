//! The language is declared once: its guide, the schema for editors and the model's types agree with the shapes.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod pack_files;

use std::{collections::BTreeSet, fs};

use kitei_rules::pack::{
    self,
    model::{ClockKind, GateEffect, Hit, Kind, Skip, Stage, Stricter, Tone},
    schema,
    shape::{CASE_STEP, DEEDS, ENDINGS, Element, Form, HEAD, KINDS, SIGHTS, STATES, TOP, parts},
};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error};

fn guide() -> String {
    fs::read_to_string(pack_files::repository().join("docs/pack-language.md")).expect("the guide")
}

/// Every element with all its parts, each once.
fn elements() -> Vec<&'static Element> {
    let mut all: Vec<&'static Element> = Vec::new();
    let mut todo: Vec<&'static Element> = TOP.iter().copied().chain([&HEAD]).collect();
    while let Some(element) = todo.pop() {
        if !all.iter().any(|other| std::ptr::eq(*other, element)) {
            todo.extend(parts(element).map(|(_, part)| part));
            all.push(element);
        }
    }
    all
}

/// Words inside code, in blocks or between backticks.
fn code_words(guide: &str) -> BTreeSet<&str> {
    let code = guide.split('`').skip(1).step_by(2);
    code.flat_map(|code| code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')).collect()
}

#[test]
fn the_guide_names_every_key() {
    let guide = guide();
    // Fences are three backticks: make them one so that code alternates with prose.
    let guide = guide.replace("```", "`");
    let words = code_words(&guide);
    let mut missing = BTreeSet::new();
    for element in elements() {
        for key in element.all_keys().filter(|key| !words.contains(key.name)) {
            missing.insert(format!("{}.{}", element.name, key.name));
        }
    }
    for word in DEEDS.iter().chain(SIGHTS) {
        for name in word.arguments.iter().chain([&word.name]).filter(|name| !words.contains(**name)) {
            missing.insert(format!("case: {name}"));
        }
    }
    for word in KINDS.iter().chain(ENDINGS).filter(|word| !words.contains(**word)) {
        missing.insert((*word).to_owned());
    }
    for state in STATES.iter().filter(|state| !guide.contains(**state)) {
        missing.insert(format!("status: {state}"));
    }
    for top in TOP.iter().filter(|top| !guide.contains(&format!("[[{}]]", top.name))) {
        missing.insert(format!("[[{}]]", top.name));
    }
    assert_eq!(missing, BTreeSet::new(), "what the guide does not name");
}

#[test]
fn the_examples_of_the_guide_use_only_known_keys() {
    let guide = guide();
    let blocks: Vec<&str> = guide
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| block.contains("[["))
        .collect();
    assert!(blocks.len() > 10, "the guide has examples");
    for block in blocks {
        let text: String = block.lines().filter(|line| line.trim() != "…").map(|line| format!("{line}\n")).collect();
        let (_, found) = pack::read(&pack_files::inline("p", &[("x.toml", &text)]));
        let wrong: Vec<String> = found
            .iter()
            .filter(|one| !matches!(one.code, "no-head" | "missing-key" | "dangling-template" | "duplicate-id"))
            .map(ToString::to_string)
            .collect();
        assert!(wrong.is_empty(), "{text}\n{}", wrong.join("\n"));
    }
}

/// Set `KITEI_WRITE_SCHEMA` to write the file anew.
#[test]
fn the_schema_for_editors_is_the_one_checked_in() {
    let path = pack_files::repository().join("packs/pack.schema.json");
    let text = schema::json_schema_text();
    if std::env::var_os("KITEI_WRITE_SCHEMA").is_some() {
        fs::write(&path, &text).expect("written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "run the test with KITEI_WRITE_SCHEMA=1 and look at the difference");
}

fn reads<T: DeserializeOwned>(words: &[&str]) {
    for word in words {
        let plain: serde::de::value::StrDeserializer<'_, Error> = (*word).into_deserializer();
        assert!(T::deserialize(plain).is_ok(), "{word}");
    }
}

/// A word that a shape permits and the model's type does not know would be read as the default.
#[test]
fn closed_lists_are_the_types_of_the_model() {
    reads::<Kind>(KINDS);
    for element in elements() {
        for key in element.all_keys() {
            let Form::OneOf(words) = key.form else { continue };
            match (element.name, key.name) {
                (_, "kind") if words == KINDS => {}
                ("clock", "kind") => reads::<ClockKind>(words),
                ("parameter", "stricter") => reads::<Stricter>(words),
                ("field", "required") => reads::<Stage>(words),
                ("fact", "hit") => reads::<Hit>(words),
                ("step", "skip") => reads::<Skip>(words),
                ("gate", "effect") => reads::<GateEffect>(words),
                ("flag", "tone") => reads::<Tone>(words),
                (element, key) => panic!("{element}.{key} has a closed list that this test does not know"),
            }
        }
    }
}

#[test]
fn no_verb_is_also_an_argument_of_a_sight() {
    for deed in DEEDS {
        assert!(CASE_STEP.key(deed.name).is_none());
        assert!(!SIGHTS.iter().any(|sight| sight.arguments.contains(&deed.name) && sight.name != deed.name));
    }
}
