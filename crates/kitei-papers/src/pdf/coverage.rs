//! Finds, before a page is set, the characters of the data that no font can print.
//!
//! PDF/A refuses a document with such a character, but late and without saying which field holds it; a person who
//! entered a name in a form needs the field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::MissingGlyph;
use super::fonts::{BODY_FAMILY, Fonts};

/// How many missing characters one report names.
const REPORT_LIMIT: usize = 20;

/// The characters in every string of `data` that no font has, in document order, at most twenty.
pub(crate) fn missing_in_data(fonts: &Fonts, data: &Value) -> Vec<MissingGlyph> {
    let mut missing = Vec::new();
    walk(fonts, data, &mut String::new(), &mut missing);
    missing
}

/// The characters of one text that no font has; `path` says where the text stands.
pub(crate) fn missing_in_text(fonts: &Fonts, text: &str, path: &str, missing: &mut Vec<MissingGlyph>) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if missing.len() >= REPORT_LIMIT {
            return;
        }
        let selector = characters.next_if(|next| is_variation_selector(*next));
        let printable = match selector {
            Some(selector) => fonts.variation_family(character, selector).is_some(),
            None => is_invisible(character) || fonts.covers(character),
        };
        let known = || missing.iter().any(|glyph| glyph.path == path && glyph.character.starts_with(character));
        if !printable && !known() {
            missing.push(report(character, selector, path));
        }
    }
}

/// Every ideographic variation sequence in the strings of `data` that the body font lacks, with the family that has it.
pub(crate) fn variations(fonts: &Fonts, data: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect_variations(fonts, data, &mut found);
    found
}

fn collect_variations(fonts: &Fonts, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            for (base, selector) in
                text.chars().zip(text.chars().skip(1)).filter(|(_, next)| is_variation_selector(*next))
            {
                if let Some(family) = fonts.variation_family(base, selector).filter(|family| *family != BODY_FAMILY) {
                    found.insert(format!("{base}{selector}"), family.to_owned());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_variations(fonts, item, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect_variations(fonts, field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn walk(fonts: &Fonts, value: &Value, path: &mut String, missing: &mut Vec<MissingGlyph>) {
    let length = path.len();
    match value {
        Value::String(text) => missing_in_text(fonts, text, path, missing),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("/{index}"));
                walk(fonts, item, path, missing);
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                path.push('/');
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(fonts, field, path, missing);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn report(character: char, selector: Option<char>, path: &str) -> MissingGlyph {
    let shown = match selector {
        Some(selector) => format!("{character}{selector}"),
        // A control character in a message would break the line or worse.
        None if character.is_control() => "control character".to_owned(),
        None => character.to_string(),
    };
    let code_points: Vec<String> =
        std::iter::once(character).chain(selector).map(|point| format!("U+{:04X}", point as u32)).collect();
    MissingGlyph { character: shown, code_points: code_points.join(" "), path: path.to_owned() }
}

/// Selectors of ideographic variation sequences (UTS #37).
fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{E0100}'..='\u{E01EF}')
}

/// Characters that need no glyph: line ends, joiners, the byte order mark, emoji presentation selectors.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\t' | '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}'
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_character_is_named_with_its_place() {
        let fonts = Fonts::new(&[]).expect("built-in fonts");
        let cases = [
            (json!({"name": "山田太郎"}), vec![]),
            (json!({"people": [{"name": "山田"}, {"name": "𠮷田"}]}), vec![("U+20BB7", "/people/1/name")]),
            (json!({"a/b": {"c~d": "𠮷"}}), vec![("U+20BB7", "/a~1b/c~0d")]),
            (json!(["𠮷𠮷𠮷"]), vec![("U+20BB7", "/0")]),
            (json!("葛\u{E0100}城"), vec![]),
            (json!("渡邉\u{E0101}"), vec![("U+9089 U+E0101", "")]),
            (json!({"memo": "line\nline\ttab"}), vec![]),
            (json!({"memo": "\u{7}"}), vec![("U+0007", "/memo")]),
        ];
        for (data, expected) in cases {
            let found = missing_in_data(&fonts, &data);
            let found: Vec<(&str, &str)> =
                found.iter().map(|glyph| (glyph.code_points.as_str(), glyph.path.as_str())).collect();
            assert_eq!(found, expected, "{data}");
        }
    }

    #[test]
    fn a_report_is_bounded() {
        let fonts = Fonts::new(&[]).expect("built-in fonts");
        let data: Vec<Value> = (0..100).map(|_| json!("𠮷")).collect();
        assert_eq!(missing_in_data(&fonts, &Value::Array(data)).len(), REPORT_LIMIT);
    }
}
