//! Every case of every shipped pack passes, played through the application.
//!
//! `KITEI_PACK=id` plays one pack; `KITEI_STRICT=1` also takes each element away in turn and expects its cases to fail.

#![expect(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use kitei_app::{
    coverage::{Wish, coverage},
    kernel::shelf::Shelf,
};
use kitei_rules::pack::PackFiles;

fn packs() -> Shelf {
    Shelf::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).expect("packs are readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_cases_pass() {
    let shelf = packs();
    let ids: Vec<String> = match std::env::var("KITEI_PACK") {
        Ok(id) => vec![id],
        Err(_) => shelf.iter().map(|(id, _)| id.to_owned()).collect(),
    };
    let wish = Wish { strict: std::env::var("KITEI_STRICT").is_ok(), clause: None };
    let found = coverage(&shelf, &ids, wish, &mut |_| {}).await.expect("the stage is set");
    for case in &found.failures {
        if let Some(failure) = &case.failure {
            let (pack, place) = (&case.pack, &failure.place);
            println!("packs/{pack}/{}:{} {}: {}", place.file, place.line, case.case, failure.problem);
        }
    }
    for idle in &found.idle {
        println!("idle: {} {} {}", idle.pack, idle.element, idle.clauses.join(", "));
    }
    println!("{} clauses honoured", found.honoured.len());
    assert!(found.failures.is_empty(), "{} cases failed", found.failures.len());
    assert!(found.idle.is_empty(), "{} elements can be taken away unseen", found.idle.len());
}

#[test]
fn shipped_packs_have_no_mistakes() {
    let shelf = packs();
    let ids: Vec<String> = match std::env::var("KITEI_PACK") {
        Ok(id) => vec![id],
        Err(_) => shelf.iter().map(|(id, _)| id.to_owned()).collect(),
    };
    let mut errors = 0;
    for id in ids {
        for mistake in shelf.check(&[id]) {
            if mistake.is_error() {
                errors += 1;
                println!("{mistake}");
            }
        }
    }
    assert!(errors == 0, "{errors} mistakes");
}

const PACK: &str = r#"
id = "try"
title = { ja = "試し", en = "Trial" }
edition = "1"
effective_from = "2020-01-01"
"#;

const CLAUSES: &str = r#"
[[clause]]
id = "TRY-1"
ref = "1"
title = "催促"
ja = "期限の前に促し、過ぎたら代表者に知らせる。"
en = "Remind before the due time; tell the top management once it has passed."
"#;

const BODY: &str = r#"
[[parameter]]
key = "try.before"
title = { ja = "促す時期", en = "When to remind" }
kind = "period"
stricter = "higher"
value = "PT2H"
basis = ["TRY-1"]

[[role]]
id = "top-management"
basis = ["TRY-1"]

[[role]]
id = "privacy-manager"
basis = ["TRY-1"]

[[register]]
id = "trial"
title = { ja = "試しの記録", en = "Trials" }
prefix = "TRY"
named_by = "title"
write = ["staff"]
basis = ["TRY-1"]

[[register.field]]
id = "title"
kind = "text"
title = { ja = "件名", en = "Title" }
open = true
basis = ["TRY-1"]

[[register.field]]
id = "due_at"
kind = "time"
title = { ja = "期限", en = "Due" }
basis = ["TRY-1"]

[[act]]
id = "try-it"
title = { ja = "試す", en = "Try it" }
basis = ["TRY-1"]

[[act]]
id = "try-again"
title = { ja = "もう一度試す", en = "Try it again" }
basis = ["TRY-1"]

[[track]]
id = "trial"
on = "trial"
title = { ja = "試し", en = "Trial" }
any_order = true
basis = ["TRY-1"]

[[track.step]]
act = "try-it"
by = ["privacy-manager"]
remind = "param:try.before"
escalate = ["top-management"]
clocks = [{ kind = "limit", at = "due_at" }]
basis = ["TRY-1"]

[[track.step]]
act = "try-again"
by = ["privacy-manager"]
clocks = [{ kind = "target", at = "due_at" }]
basis = ["TRY-1"]
"#;

const CASES: &str = r#"
[[case]]
id = "reminded"
clauses = ["TRY-1"]
shows = { ja = "2時間前に担当者へ、過ぎたら代表者にも。済めば何も言わない。", en = "Two hours before to the doer, afterwards to top management too; nothing once it is done." }
step = [
  { at = "2025-04-01T09:00", by = "employee", create = "trial", as = "a", with = { title = "甲", due_at = "2025-04-01T18:00" } },
  { create = "trial", as = "b", with = { title = "乙", due_at = "2025-04-01T18:00" } },
  { create = "trial", as = "short", with = { title = "丙", due_at = "2025-04-01T10:00" } },
  { see = "told", who = "privacy-manager", on = "a", says = "近づいて", none = true },
  { at = "2025-04-01T09:30", see = "told", who = "privacy-manager", on = "short", says = "近づいて", none = true },
  { at = "2025-04-01T15:59", see = "told", who = "privacy-manager", on = "a", says = "近づいて", none = true },
  { at = "2025-04-01T16:01", see = "told", who = "privacy-manager", on = "a", says = "期限が近づいています：試す" },
  { see = "told", who = "top-management", on = "a", says = "試す", none = true },
  { by = "privacy-manager", do = "try-it", on = "b" },
  { at = "2025-04-01T18:00", see = "told", who = "top-management", on = "a", says = "過ぎました", none = true },
  { at = "2025-04-01T18:01", see = "told", who = "top-management", on = "a", says = "期限を過ぎました：試す" },
  { see = "told", who = "privacy-manager", on = "a", says = "期限を過ぎました：試す" },
  { see = "told", who = "top-management", on = "b", says = "過ぎました", none = true },
  { see = "told", who = "privacy-manager", on = "a", says = "期限を過ぎました：もう一度", none = true },
  { by = "employee", change = "a", with = { due_at = "2025-04-03T18:00" } },
  { at = "2025-04-03T17:00", see = "task", on = "a", act = "try-it", status = "open" },
  { see = "told", who = "privacy-manager", on = "a", says = "期限が近づいています：試す" },
]
"#;

/// A pack that says how it reminds and who is told of what is late, played through the application.
#[tokio::test(flavor = "multi_thread")]
async fn people_are_reminded_as_the_pack_says() {
    let mut shelf = packs();
    let files = [("pack.toml", PACK), ("clauses/1.toml", CLAUSES), ("body.toml", BODY), ("cases/1.toml", CASES)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    shelf.add(PackFiles { id: "try".to_owned(), files: files.into() });
    let found = shelf.check(&["try".to_owned()]);
    let mistakes: Vec<String> = found.iter().filter(|mistake| mistake.is_error()).map(ToString::to_string).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let wish = Wish { strict: false, clause: None };
    let found = coverage(&shelf, &["try".to_owned()], wish, &mut |_| {}).await.expect("the stage is set");
    let failures: Vec<_> =
        found.failures.iter().filter_map(|case| case.failure.as_ref()).map(|failure| &failure.problem).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}
