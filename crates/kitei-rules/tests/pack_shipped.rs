//! Reads and checks the packs that are shipped in `packs/`.

mod pack_files;

use std::fs;

use kitei_rules::pack::{self, NoConditionCheck, model::Pack};

#[test]
fn every_shipped_pack_reads_without_errors() {
    let root = pack_files::repository().join("packs");
    let mut ids: Vec<String> = fs::read_dir(&root)
        .expect("packs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("pack.toml").is_file())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    ids.sort();
    let mut found = Vec::new();
    let packs: Vec<Pack> = ids
        .iter()
        .map(|id| {
            let (pack, diagnostics) = pack::read(&pack_files::directory(&root, id));
            found.extend(diagnostics);
            pack
        })
        .collect();
    found.extend(pack::check(&packs, &NoConditionCheck));
    let errors: Vec<String> = found.iter().filter(|one| one.is_error()).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{} errors:\n{}", errors.len(), errors.join("\n"));
}
