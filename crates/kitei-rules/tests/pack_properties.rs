//! Reading never panics, reports in one order, and the canonical listing keeps a pack byte by byte.

use std::collections::BTreeMap;

use kitei_rules::pack::{self, NoConditionCheck, PackFiles, canonical, from_canonical};
use proptest::{collection, prelude::*};

/// Fragments of packs, so that arbitrary texts come near to meaning something.
fn fragment() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "[[register]]",
        "[[register.field]]",
        "[[register.list]]",
        "[[register.list.field]]",
        "[register.retention]",
        "[[track]]",
        "[[track.step]]",
        "[[fact]]",
        "[[fact.row]]",
        "[[case]]",
        "[[case.step]]",
        "[[paper.section]]",
        "[[gate]]",
        "id = \"a\"",
        "id = \"incident\"",
        "on = \"incident\"",
        "act = \"a\"",
        "kind = \"choice\"",
        "kind = 3",
        "see = \"task\"",
        "by = [\"a\", 3]",
        "approve = [[\"a\"], 3]",
        "at = \"2025-04-01T10:00\"",
        "at = [\"line:\", \":\", \"act:\"]",
        "title = {",
        "title = { ja = \"あ\", en = 3 }",
        "value = 1.5",
        "value = [[[1]]]",
        "set = { a.b = 1, c = 99999999999999999999 }",
        "clocks = [{ kind = \"limit\", from = \"x\", after = \"P99999Y\" }]",
        "choices = [{ id = \"\" }]",
        "each = \"a.b.c\"",
        "period = \"PT\"",
        "basis = [\"\"]",
        "with = { a = { b = [{ c = true }] } }",
        "= = =",
        "\"\"\"",
        "'''",
        "\u{feff}",
        "\0",
        "required = 0x7fffffffffffffff",
        "least = -9223372036854775808",
        "a.b.c.d.e = 1",
        "effective_from = 2023-02-30",
    ]);
    collection::vec(prop_oneof![8 => words.prop_map(str::to_owned), 1 => ".{0,12}".prop_map(|text| text)], 0..40)
        .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn reading_and_checking_never_panic(texts in collection::vec(fragment(), 1..4), raw in collection::vec(any::<u8>(), 0..200)) {
        let mut files: BTreeMap<String, Vec<u8>> =
            texts.into_iter().enumerate().map(|(at, text)| (format!("{at}.toml"), text.into_bytes())).collect();
        if let Some(first) = files.get("0.toml").cloned() {
            files.insert("pack.toml".into(), first);
        }
        files.insert("raw.toml".into(), raw);
        let files = PackFiles { id: "p".into(), files };
        let (read, found) = pack::read(&files);
        prop_assert!(found.is_sorted());
        let again = pack::read(&files);
        prop_assert_eq!(&again.1, &found);
        let packs = [read];
        for one in found.into_iter().chain(pack::check(&packs, &NoConditionCheck)) {
            prop_assert!(one.line >= 1);
            prop_assert!(!one.message.ja.is_empty() && !one.message.en.is_empty());
        }
    }

    #[test]
    fn the_canonical_listing_round_trips(
        id in ".{0,8}",
        files in collection::btree_map(".{0,12}", collection::vec(any::<u8>(), 0..40), 0..8),
    ) {
        let files = PackFiles { id, files };
        prop_assert_eq!(from_canonical(&canonical(&files)), Ok(files));
    }

    /// Whatever is accepted is exactly what `canonical` writes: no two listings stand for one pack.
    #[test]
    fn only_canonical_bytes_are_read(
        files in collection::btree_map("[a-z]{1,3}", collection::vec(any::<u8>(), 0..12), 0..4),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = canonical(&PackFiles { id: "p".into(), files });
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = from_canonical(&bytes) {
            prop_assert_eq!(canonical(&read), bytes);
        }
    }
}

#[test]
fn deep_nesting_is_a_mistake_and_no_overflow() {
    for (open, close) in [("[", "]"), ("{ a = ", "}")] {
        let text = format!("x = {}1{}", open.repeat(20_000), close.repeat(20_000));
        let files = PackFiles { id: "p".into(), files: BTreeMap::from([("x.toml".into(), text.into_bytes())]) };
        assert!(pack::read(&files).1.iter().any(|one| one.code == "toml-syntax"));
    }
    let keys = format!("{}a = 1", "a.".repeat(20_000));
    let files = PackFiles { id: "p".into(), files: BTreeMap::from([("x.toml".into(), keys.into_bytes())]) };
    assert!(!pack::read(&files).1.is_empty());
}
