//! `kitei import` and `kitei export`: a table in and out of a real data directory.

use crate::house::House;

const TABLE: &str = "名称,利用目的,件数\n名簿A,採用,約1,200件\n";

#[test]
fn a_table_goes_in_and_out() {
    let House { place, .. } = House::new();
    place.write("a.csv", TABLE.replace("約1,200件", "\"約1,200件\""));
    let checked = place.run(["import", "a.csv", "--register", "ledger", "--data", "data", "--dry-run", "--json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert_eq!(checked.json()["counts"]["ready"], 1, "{checked:?}");
    assert_eq!(checked.json()["imported"], 0, "{checked:?}");
    let taken = place.run(["import", "a.csv", "--register", "ledger", "--data", "data", "--lang", "ja"]);
    assert!(taken.code == 0 && taken.out.contains("1件を取り込んだ"), "{taken:?}");
    let again = place.run(["import", "a.csv", "--register", "ledger", "--data", "data", "--json"]);
    assert_eq!(again.code, 0, "what is there already is no problem: {again:?}");
    assert_eq!(again.json()["counts"]["unchanged"], 1, "{again:?}");
    let written = place.run(["export", "--register", "ledger", "--out", "out.csv", "--data", "data", "--lang", "ja"]);
    assert!(written.code == 0 && written.out.contains("1件を書き出した"), "{written:?}");
    let csv = std::fs::read_to_string(place.path("out.csv")).unwrap();
    assert!(csv.contains("名簿A") && csv.contains("約1200"), "{csv}");
    assert!(!place.path("out.part").exists());
}

#[test]
fn what_is_wrong_is_named_and_nothing_comes_in() {
    let House { place, .. } = House::new();
    place.write("bad.csv", "名称,取得日\n名簿A,2025/2/30\n,2025/4/1\n");
    let refused = place.run(["import", "bad.csv", "--register", "ledger", "--data", "data", "--lang", "ja"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.out.contains("B2") && refused.out.contains("取り込んでいない"), "{refused:?}");
    place.write("note.pdf", "%PDF-1.7");
    for (arguments, words) in [
        (["import", "note.pdf", "--register", "ledger", "--data", "data"], "PDF"),
        (["import", "none.csv", "--register", "ledger", "--data", "data"], "cannot be read"),
        (["import", "bad.csv", "--register", "nothing", "--data", "data"], "nothing"),
        (["export", "--register", "ledger", "--out=a.doc", "--data", "data"], ".xlsx"),
    ] {
        let ended = place.run(arguments);
        assert!(ended.code == 2 && ended.err.contains(words), "{words}: {ended:?}");
    }
    let empty = place.run(["export", "--register", "ledger", "--out", "out.csv", "--data", "data", "--lang", "en"]);
    assert!(empty.code == 0 && empty.out.contains("0 records"), "{empty:?}");
}
