//! Reads the files of a pack into the model and reports every mistake that one pack shows by itself.
//!
//! What needs other packs (references, clauses, roles) is found by [`super::check()`].

use std::collections::BTreeMap;

use super::{
    build,
    diagnostic::{Diagnostic, Spot, say},
    duplicates,
    model::{Pack, Text},
    source::{self, PackFiles},
    walk,
};

/// Reads a pack. The pack holds whatever could be read; it may be adopted only when no diagnostic is an error.
#[must_use]
pub fn read(files: &PackFiles) -> (Pack, Vec<Diagnostic>) {
    let mut found = files.bounds();
    if found.iter().any(|diagnostic| diagnostic.code == "pack-too-large") {
        return (Pack { id: files.id.clone(), ..Pack::default() }, found);
    }
    let mut head = None;
    let mut elements: build::Elements = BTreeMap::new();
    for (path, bytes) in &files.files {
        if bytes.len() > source::FILE_BYTES || !is_read(&files.id, path, &mut found) {
            continue;
        }
        match source::text_of(&files.id, path, bytes) {
            Ok(text) => {
                let walked = walk::file(&files.id, path, text, &mut found);
                head = head.or(walked.head);
                for (name, mut nodes) in walked.elements {
                    elements.entry(name).or_default().append(&mut nodes);
                }
            }
            Err(mistake) => found.push(*mistake),
        }
    }
    if head.is_none() && !found.iter().any(|diagnostic| diagnostic.file == "pack.toml") {
        found.push(Spot::file(&files.id, "pack.toml").error(
            "no-head",
            say("pack.toml がありません。", "there is no pack.toml"),
            say("id、title、edition を書いた pack.toml を置く。", "a pack.toml with id, title and edition"),
        ));
    }
    if let Some(node) = &mut head {
        own_name(files, node, &mut found);
    }
    let pack = build::pack(&files.id, head, elements);
    duplicates::find(&pack, &mut found);
    templates(files, &pack, &mut found);
    found.sort();
    found.dedup();
    (pack, found)
}

/// Whether a file is TOML to be read; what is neither that nor a template nor a remark is warned of.
fn is_read(pack: &str, path: &str, found: &mut Vec<Diagnostic>) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending == "toml" {
        return true;
    }
    let beside = ending == "md" || (ending == "typ" && path.starts_with("papers/"));
    if !beside {
        found.push(Spot::file(pack, path).warning(
            "unused-file",
            say("このファイルは読まれません。", "this file is not read"),
            say("*.toml、papers/*.typ、*.md", "*.toml, papers/*.typ or *.md"),
        ));
    }
    false
}

/// The `id` of a pack is the name of its directory.
fn own_name(files: &PackFiles, head: &mut super::node::Node, found: &mut Vec<Diagnostic>) {
    let line = head.lines.get("id").copied().unwrap_or(1);
    let Some(id) = head.maybe_word("id").filter(|id| *id != files.id) else { return };
    found.push(Spot { line, ..Spot::file(&files.id, "pack.toml") }.error(
        "pack-id",
        say(
            format!("id「{id}」がディレクトリの名前と違います。"),
            format!("the id `{id}` is not the directory's name"),
        ),
        say(format!("「{}」", files.id), format!("`{}`", files.id)),
    ));
}

/// Papers whose template is not among the files.
fn templates(files: &PackFiles, pack: &Pack, found: &mut Vec<Diagnostic>) {
    for paper in &pack.papers {
        let Some(template) = &paper.template else { continue };
        let path = format!("papers/{template}");
        if !files.files.contains_key(&path) {
            found.push(Spot::place(&pack.id, &paper.meta.place_of("template")).error(
                "dangling-template",
                say(format!("ひな形 {path} がありません。"), format!("there is no template {path}")),
                Text::default(),
            ));
        }
    }
}
