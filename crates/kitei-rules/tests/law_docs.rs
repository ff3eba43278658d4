//! Every example in docs/law-command.md is run, and answers what the document says.

use kitei_rules::law::command::run;
use serde_json::Value;

/// A fenced block: the words after the fence, and what stands inside.
struct Block {
    kind: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for line in document.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(kind), None) => open = Some(Block { kind: kind.trim().to_owned(), text: String::new() }),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is left open");
    blocks
}

/// Whether all that the document shows stands in the answer; objects may hold more, lists may not.
fn shown(expected: &Value, found: &Value, path: &str) -> Result<(), String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().try_for_each(|(key, value)| {
            let place = format!("{path}.{key}");
            shown(value, found.get(key).ok_or(format!("{place} is missing"))?, &place)
        }),
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.try_for_each(|(place, (expected, found))| shown(expected, found, &format!("{path}[{place}]")))
        }
        (expected, found) if expected == found => Ok(()),
        (expected, found) => Err(format!("{path}: the document says {expected}, the answer {found}")),
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect()
}

#[test]
fn examples_in_the_document_are_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/law-command.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let (mut facts, mut answer, mut count) = (String::new(), None, 0);
    for block in blocks(&document) {
        match block.kind.as_str() {
            "json facts" => facts = block.text,
            "console" => {
                let line = block.text.trim();
                let line = line.strip_prefix("$ kitei law ").unwrap_or_else(|| panic!("no command: {line}"));
                let (line, stdin) = match line.strip_suffix("< facts.json") {
                    Some(line) => (line, facts.as_str()),
                    None => (line, ""),
                };
                assert!(answer.is_none(), "{line}: an example before it has no answer");
                answer = Some((line.to_owned(), run(&words(line), stdin)));
            }
            "json" => {
                let (line, found) = answer.take().expect("an answer follows a command");
                let expected: Value = serde_json::from_str(&block.text).expect(&line);
                let found = found.unwrap_or_else(|error| panic!("{line}: {error}"));
                shown(&expected, &found, "").unwrap_or_else(|message| panic!("{line}: {message}"));
                count += 1;
            }
            "json refused" => {
                let (line, found) = answer.take().expect("an answer follows a command");
                let expected: Value = serde_json::from_str(&block.text).expect(&line);
                let error = found.err().unwrap_or_else(|| panic!("{line}: was not refused"));
                shown(&expected, &error.to_json(), "").unwrap_or_else(|message| panic!("{line}: {message}"));
                count += 1;
            }
            _ => {}
        }
    }
    assert!(answer.is_none() && count >= 12, "{count} examples");
}
