//! `kitei pack check`: every mistake of packs at once, with file, line, what is wrong and what would be right.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use kitei_app::kernel::shelf::{Shelf, files_of};
use kitei_rules::pack::Diagnostic;
use serde_json::{Value, json};

use super::{chosen, shelf};
use crate::cli::Ctx;
use crate::config::Place;
use crate::exit::{Failure, Verdict};
use crate::language::{Language, say};
use crate::output;

/// Arguments of `kitei pack check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// パックのディレクトリ、又はパックを並べたディレクトリ（なければプログラムのパックすべて） — Pack directories, or one that
    /// holds packs (none: every pack of the program).
    #[arg(value_name = "DIR")]
    directories: Vec<PathBuf>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Checks. Warnings alone are no problem.
///
/// # Errors
/// A directory holds no pack or cannot be read.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let mut shelf = shelf(&arguments.place, ctx)?;
    let mut places = BTreeMap::new();
    for directory in &arguments.directories {
        for pack in pack_directories(directory)? {
            let files = files_of(&pack).map_err(|error| Failure::input(error.to_string(), error.to_string()))?;
            places.insert(files.id.clone(), pack);
            shelf.add(files);
        }
    }
    let ids = chosen(&shelf, &places.keys().cloned().collect::<Vec<_>>())?;
    let found = mistakes(&shelf, &ids);
    let errors = found.iter().filter(|one| one.is_error()).count();
    if arguments.json {
        output::print_json(&json!({
            "ok": errors == 0,
            "packs": ids,
            "errors": errors,
            "warnings": found.len() - errors,
            "diagnostics": found.iter().map(|one| as_json(one, &places)).collect::<Vec<_>>(),
        }))?;
    } else {
        for one in &found {
            output::print(&line(one, &places, ctx.language))?;
        }
        let (packs, warnings) = (ids.len(), found.len() - errors);
        output::print(ctx.language.of(&say(
            format!("パック{packs}件、誤り{errors}件、注意{warnings}件"),
            format!("{packs} packs, {errors} errors, {warnings} warnings"),
        )))?;
    }
    Ok(Verdict::of(errors > 0))
}

/// The pack directories that a path means: itself, or those directly below it.
fn pack_directories(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let shown = directory.display();
    let failed = |error: std::io::Error| {
        Failure::input(
            format!("{shown}: 読めない（{}）。", error.kind()),
            format!("{shown}: cannot be read: {}", error.kind()),
        )
    };
    // The full path, because the pack's id is the directory's name, and `.` has none.
    let full = directory.canonicalize().map_err(failed)?;
    if full.join("pack.toml").is_file() {
        return Ok(vec![if directory.file_name().is_some() { directory.to_owned() } else { full }]);
    }
    let mut packs = Vec::new();
    for entry in directory.read_dir().map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join("pack.toml").is_file() {
            packs.push(path);
        }
    }
    packs.sort();
    if packs.is_empty() {
        return Err(Failure::input(
            format!("{shown}: pack.toml がない。パックのディレクトリを指定する。"),
            format!("{shown}: holds no pack.toml; name a pack's directory"),
        ));
    }
    Ok(packs)
}

/// The mistakes of these packs; of other packs (`office`, `law-jp`) only what keeps them from being used.
fn mistakes(shelf: &Shelf, ids: &[String]) -> Vec<Diagnostic> {
    let mut found = shelf.check(ids);
    found.retain(|one| one.is_error() || ids.contains(&one.pack));
    found.sort();
    found.dedup();
    found
}

/// The path of the file as the caller would open it.
fn file(one: &Diagnostic, places: &BTreeMap<String, PathBuf>) -> String {
    match places.get(&one.pack) {
        Some(directory) => directory.join(&one.file).display().to_string(),
        None => format!("packs/{}/{}", one.pack, one.file),
    }
}

fn line(one: &Diagnostic, places: &BTreeMap<String, PathBuf>, language: Language) -> String {
    let (file, message, expected) = (file(one, places), language.of(&one.message), language.of(&one.expected));
    let column = if one.column > 0 { format!(":{}", one.column) } else { String::new() };
    let word = match (one.is_error(), language) {
        (true, Language::Ja) => "誤り",
        (true, Language::En) => "error",
        (false, Language::Ja) => "注意",
        (false, Language::En) => "warning",
    };
    let gap = match (expected.is_empty(), language) {
        (true, _) => "",
        (false, Language::Ja) => " ",
        (false, Language::En) => "; expected: ",
    };
    format!("{file}:{}{column}: {word}[{}]: {message}{gap}{expected}", one.line, one.code)
}

fn as_json(one: &Diagnostic, places: &BTreeMap<String, PathBuf>) -> Value {
    json!({
        "pack": one.pack,
        "file": file(one, places),
        "line": one.line,
        "column": one.column,
        "severity": one.severity.word(),
        "code": one.code,
        "message": one.message,
        "expected": one.expected,
    })
}
