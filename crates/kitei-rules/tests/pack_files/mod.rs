//! Packs for tests: read from a directory, or written inline.

#![expect(dead_code, clippy::expect_used, reason = "each test file uses its own part; a test may panic")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use kitei_rules::pack::{self, ConditionCheck, Diagnostic, NoConditionCheck, PackFiles};

/// Where the test packs are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs")
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads the pack `id` below `root`.
pub(crate) fn directory(root: &Path, id: &str) -> PackFiles {
    let mut files = BTreeMap::new();
    let mut todo = vec![root.join(id)];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(&directory).expect("a pack's directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(root.join(id)).expect("inside").to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    PackFiles { id: id.to_owned(), files }
}

/// A pack of files written inline.
pub(crate) fn inline(id: &str, files: &[(&str, &str)]) -> PackFiles {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    PackFiles { id: id.to_owned(), files }
}

/// A vocabulary with one of everything.
pub(crate) const OFFICE: &str = r#"
role = [
  { id = "boss", title = "長", rank = 0, single = true },
  { id = "manager", title = "管理者", rank = 10 },
  { id = "auditor", title = "監査責任者", rank = 10 },
]
act = [
  { id = "do-it", title = "する", field = [{ id = "how", kind = "text", title = "方法" }] },
  { id = "check-it", title = "確かめる" },
]
body = [{ id = "council", title = "会議", members = ["boss"] }]
parameter = [{ key = "thing.within", title = "期限", kind = "period", stricter = "lower", suggest = "P1D" }]

[[register]]
id = "thing"
title = "もの"
owner = ["manager"]
field = [
  { id = "title", kind = "text", title = "件名" },
  { id = "sort", kind = "choice", title = "種類", choices = [{ id = "good", title = "良" }, { id = "bad", title = "悪" }] },
  { id = "persons", kind = "count", title = "人数" },
  { id = "noted_at", kind = "time", title = "日時" },
  { id = "department", kind = "department", title = "部門" },
  { id = "other", kind = "link", to = "thing", title = "別のもの" },
  { id = "away", kind = "link", to = "department", title = "先" },
]
[[register.list]]
id = "parts"
title = "部分"
field = [{ id = "what", kind = "text", title = "何" }]

[[register]]
id = "department"
title = "部門"
field = [{ id = "name", kind = "text", title = "名称" }]

[[register]]
id = "organization"
title = "組織"
single = true
field = [{ id = "name", kind = "text", title = "名称" }]
"#;

/// `pack.toml` of the pack `p`.
pub(crate) const HEAD: &str = "id = \"p\"\ntitle = \"規程\"\nedition = \"1\"\n";
/// One clause with an element and a case, so that nothing is missing.
pub(crate) const CLAUSE: &str = r#"
[[clause]]
id = "P-1"
ref = "第1条"
title = "条項"
ja = "する。"

[[term]]
id = "word"
title = "語"
meaning = "意味"
basis = ["P-1"]

[[case]]
id = "shown"
clauses = ["P-1"]
shows = "語が見える。"
step = [{ see = "term", id = "word" }]
"#;

/// Reads `office` and the pack `p` of these files, checks both, and keeps what is found in `p`.
pub(crate) fn found(files: &[(&str, &str)], hook: &dyn ConditionCheck) -> Vec<Diagnostic> {
    let head = "id = \"office\"\ntitle = \"語彙\"\nedition = \"1\"\n";
    let (office, of_office) = pack::read(&inline("office", &[("pack.toml", head), ("all.toml", OFFICE)]));
    assert_eq!(of_office, []);
    let (read, mut found) = pack::read(&inline("p", files));
    let packs = [office, read];
    found.extend(pack::check(&packs, hook));
    found.sort();
    found
}

/// What one file adds to a pack that has no mistakes.
pub(crate) fn found_in(text: &str) -> Vec<Diagnostic> {
    found(&[("pack.toml", HEAD), ("clause.toml", CLAUSE), ("x.toml", text)], &NoConditionCheck)
}
