//! Puts the packs of `packs/` and the sample of `demo/` into the program, and the day on which it is built.
//!
//! Invariant: no path of the building machine goes into the program; files are named by their place inside a pack.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let packs = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../packs").canonicalize()?;
    println!("cargo::rerun-if-changed={}", packs.display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rustc-env=PROGRAM_BUILT_AT={}", built_at()?);
    let mut code = String::from("/// The packs of the program, by id.\nconst BUILT_IN: &[BuiltIn] = &[\n");
    for pack in entries(&packs)?.into_iter().filter(|entry| entry.join("pack.toml").is_file()) {
        let id = pack.file_name().ok_or("a pack without a name")?.to_string_lossy().into_owned();
        writeln!(code, "    ({id:?}, &[")?;
        for file in files(&pack)? {
            let path = file.strip_prefix(&pack)?.to_str().ok_or("a file whose name is no text")?;
            writeln!(code, "        ({path:?}, include_bytes!({:?}).as_slice()),", file.display().to_string())?;
        }
        writeln!(code, "    ]),")?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("built_in_packs.rs"), code)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("built_in_demo.rs"), demo(&packs)?)?;
    Ok(())
}

/// The plan of the sample organisation, beside the packs.
fn demo(packs: &Path) -> Result<String, Box<dyn Error>> {
    let plan = packs.join("../demo").canonicalize()?;
    println!("cargo::rerun-if-changed={}", plan.display());
    let mut code = String::from("/// The files of the sample's plan.\nconst BUILT_IN: &[(&str, &str)] = &[\n");
    for file in files(&plan)? {
        let path = file.strip_prefix(&plan)?.to_str().ok_or("a file whose name is no text")?;
        writeln!(code, "    ({path:?}, include_str!({:?})),", file.display().to_string())?;
    }
    code.push_str("];\n");
    Ok(code)
}

/// Seconds since 1970: `SOURCE_DATE_EPOCH` where a build must come out the same twice, else now.
#[expect(clippy::disallowed_methods, reason = "the day of the build is what this file is here to tell")]
fn built_at() -> Result<u64, Box<dyn Error>> {
    if let Ok(given) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(given.parse()?);
    }
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs())
}

/// The files of a pack that say something, in order.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in entries(directory)? {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else if entry.extension().is_some_and(|ending| ending == "toml" || ending == "typ") {
            found.push(entry);
        }
    }
    Ok(found)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    found.sort();
    Ok(found)
}
