//! Every case of every shipped pack passes, played through the application.
//!
//! `KITEI_PACK=id` plays one pack; `KITEI_STRICT=1` also takes each element away in turn and expects its cases to fail.

#![expect(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use kitei_app::{
    coverage::{Wish, coverage},
    kernel::shelf::Shelf,
};

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
