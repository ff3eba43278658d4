//! Mistakes of whole packs, scopes of expressions, and how a mistake is printed.

mod pack_files;

use kitei_rules::pack::{
    self, ConditionCheck, Finding, NoConditionCheck, Scope, Want,
    model::{Pack, Source, Text},
};
use pack_files::{CLAUSE, HEAD, OFFICE, found, found_in};

/// Mistakes of a pack's head, files and clauses: files and the one expected line.
#[test]
fn mistakes_of_the_whole_pack() {
    let rest = [("clause.toml", CLAUSE)];
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[],
            "packs/p/pack.toml:1: error[no-head]: there is no pack.toml; expected: a pack.toml with id, title and edition",
        ),
        (
            &[("pack.toml", "title = \"規程\"\nedition = \"1\"\nid = \"q\"")],
            "packs/p/pack.toml:3: error[pack-id]: the id `q` is not the directory's name; expected: `p`",
        ),
        (
            &[("pack.toml", "id = \"p\"\ntitle = \"規程\"\nedition = \"1\"\neffective_from = \"2023-02-29\"")],
            "packs/p/pack.toml:4: error[no-such-date]: `effective_from` is not a date that exists; expected: a date that exists, as 2023-04-01",
        ),
        (
            &[("pack.toml", "id = \"p\"\ntitle = \"規程\"\nedition = \"1\"\nextends = [\"ofice\"]")],
            "packs/p/pack.toml:1: error[dangling-pack]: there is no pack `ofice`; expected: did you mean `office`?",
        ),
        (
            &[("pack.toml", "id = \"p\"\ntitle = \"規程\"\nedition = \"1\"\n[[role]]\nid = \"x\"")],
            "packs/p/pack.toml:4: error[unknown-key]: `pack` has no key `role`; expected: one of edition, effective_from, extends, id, notice, title",
        ),
        (
            &[("pack.toml", HEAD), ("list.csv", "a,b")],
            "packs/p/list.csv:1: warning[unused-file]: this file is not read; expected: *.toml, papers/*.typ or *.md",
        ),
        (
            &[
                ("pack.toml", HEAD),
                (
                    "y.toml",
                    "[[clause]]\nid = \"P-2\"\nref = \"2\"\ntitle = \"題\"\nja = \"文\"\n[[case]]\nid = \"b\"\nclauses = [\"P-2\"]\nshows = \"文\"\nstep = [{ see = \"refusal\" }]",
                ),
            ],
            "packs/p/y.toml:1: warning[clause-uncited]: no element cites the clause P-2; expected: an element with it in `basis`",
        ),
        (
            &[
                ("pack.toml", HEAD),
                (
                    "y.toml",
                    "[[clause]]\nid = \"P-2\"\nref = \"2\"\ntitle = \"題\"\nja = \"文\"\n[[rule]]\nid = \"b\"\ntext = \"文\"\nbasis = [\"P-2\"]",
                ),
            ],
            "packs/p/y.toml:1: warning[clause-without-case]: no case shows the clause P-2; expected: a case with it in `clauses`",
        ),
    ];
    for (files, expected) in cases {
        let files: Vec<_> = files.iter().chain(&rest).copied().collect();
        let seen: Vec<String> = found(&files, &NoConditionCheck).iter().map(ToString::to_string).collect();
        assert_eq!(seen, [*expected]);
    }
}

#[test]
fn bytes_that_are_no_text_are_named_by_line() {
    let mut files = pack_files::inline("p", &[("pack.toml", HEAD)]);
    files.files.insert("x.toml".into(), b"# one\n# two\n\xff\n".to_vec());
    let (_, found) = pack::read(&files);
    assert_eq!(found.iter().map(|one| (one.line, one.code)).collect::<Vec<_>>(), [(3, "not-utf8")]);
}

#[test]
fn what_is_too_large_is_refused() {
    let mut files = pack_files::inline("p", &[("pack.toml", HEAD)]);
    files.files.insert("x.toml".into(), vec![b'#'; pack::FILE_BYTES + 1]);
    assert_eq!(pack::read(&files).1.iter().map(|one| one.code).collect::<Vec<_>>(), ["file-too-large"]);

    for number in 0..9 {
        files.files.insert(format!("{number}.toml"), vec![b'#'; pack::FILE_BYTES]);
    }
    assert!(pack::read(&files).1.iter().any(|one| one.code == "pack-too-large"));

    let many = pack::PackFiles {
        id: "p".into(),
        files: (0..=pack::PACK_FILES).map(|number| (format!("{number}.md"), Vec::new())).collect(),
    };
    assert!(pack::read(&many).1.iter().any(|one| one.code == "pack-too-large"));
}

#[test]
fn the_law_may_supersede_and_its_clauses_are_looked_for() {
    let law = "[[clause]]\nid = \"A-26\"\nref = \"26\"\ntitle = \"題\"\nja = \"文\"\n[[supersede]]\nclause = \"P-9\"\nreason = \"文\"\nbasis = [\"A-26\"]";
    let (law, of_law) = pack::read(&pack_files::inline(
        "law-jp",
        &[("pack.toml", "id = \"law-jp\"\ntitle = \"法令\"\nedition = \"1\""), ("a.toml", law)],
    ));
    let (regulation, _) = pack::read(&pack_files::inline("p", &[("pack.toml", HEAD), ("c.toml", CLAUSE)]));
    assert_eq!(of_law, []);
    assert_eq!(pack::check(std::slice::from_ref(&law), &NoConditionCheck), []);
    let found = pack::check(&[law, regulation], &NoConditionCheck);
    assert_eq!(found.iter().map(|one| (one.line, one.code)).collect::<Vec<_>>(), [(7, "supersede-unknown-clause")]);
}

#[test]
fn an_office_element_that_nobody_refers_to_is_no_mistake() {
    let (office, _) = pack::read(&pack_files::inline(
        "office",
        &[("pack.toml", "id = \"office\"\ntitle = \"語彙\"\nedition = \"1\""), ("all.toml", OFFICE)],
    ));
    assert_eq!(pack::check(&[office], &NoConditionCheck), []);
}

/// Refuses every expression, so that each is seen with its scope.
struct Refuse;

impl ConditionCheck for Refuse {
    fn check(&self, source: &Source, scope: &Scope<'_>, want: Want) -> Vec<Finding> {
        let said = format!("{} {} {:?} {:?} {want:?}", source.text, scope.register, scope.list, scope.moment);
        vec![Finding { column: 2, message: Text { ja: said.clone(), en: said }, expected: Text::default() }]
    }

    fn rule_exists(&self, name: &str) -> bool {
        name != "breach.unheard"
    }
}

#[test]
fn every_expression_is_checked_in_its_scope() {
    let text = r#"
[[track]]
id = "a"
on = "thing"
title = "手順"
when = "w1"
applies = "w2"
basis = ["P-1"]
[[track.step]]
act = "do-it"
each = "parts"
until = "w3"
demands = [{ holds = "w4", message = "文" }]
clocks = [{ kind = "limit", from = "w5", after = "P1D" }]
[[gate]]
id = "a"
on = "thing"
at = ["line:parts"]
when = "w6"
message = "文"
basis = ["P-1"]
[[effect]]
id = "a"
on = "thing"
at = "change"
update = "away"
set = { name = "w7" }
basis = ["P-1"]
[[fact]]
id = "f"
on = "thing"
kind = "date"
title = "事"
rule = "breach.unheard"
basis = ["P-1"]
"#;
    let found = found(&[("pack.toml", HEAD), ("clause.toml", CLAUSE), ("x.toml", text)], &Refuse);
    let seen: Vec<(u32, &str, &str)> = found
        .iter()
        .filter(|one| one.file == "x.toml")
        .map(|one| (one.line, one.code, one.message.en.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (6, "condition", "w1 thing None Plain Condition"),
            (7, "condition", "w2 organization None Plain Condition"),
            (12, "condition", "w3 thing Some(\"parts\") Plain Condition"),
            (13, "condition", "w4 thing None Deed Condition"),
            (14, "condition", "w5 thing None Plain Instant"),
            (19, "condition", "w6 thing Some(\"parts\") Change Condition"),
            (27, "condition", "w7 thing None Change Anything"),
            (34, "unknown-rule", "there is no rule `breach.unheard`"),
        ]
    );
}

/// Twenty mistakes in one pack are all reported in one pass, in the order of the file.
#[test]
fn twenty_mistakes_at_once() {
    let text = r#"
[[role]]
id = "Boss"
singel = true
rank = -3
basis = ["P-7"]
[[register]]
id = "thing"
extends = true
basis = "P-1"
[[register.field]]
id = "title"
kind = "nubmer"
[[register.field]]
id = "new_one"
kind = "link"
title = "新"
to = "nowhere"
basis = ["P-1"]
[[track]]
id = "t"
on = "thing"
title = "手順"
basis = ["P-1"]
[[track.step]]
act = "do-ti"
by = ["the boss"]
approve = [["bos"]]
clocks = [{ kind = "limit" }]
needs = ["titel"]
skip = "sometimes"
[[gate]]
id = "g"
on = "thing"
at = ["saved"]
message = "文"
basis = ["P-1"]
[[duty]]
act = "do-it"
each = "thing"
period = "1Y"
month = 0
basis = ["P-1"]
[[duyt]]
act = "do-it"
[[case]]
id = "c"
clauses = ["P-1"]
shows = ""
[[case.step]]
see = "taks"
"#;
    let seen: Vec<(u32, &str)> = found_in(text).iter().map(|one| (one.line, one.code)).collect();
    assert_eq!(
        seen,
        [
            (3, "dangling-role"),
            (3, "id-form"),
            (4, "unknown-key"),
            (5, "out-of-range"),
            (6, "unknown-clause"),
            (10, "wrong-type"),
            (11, "missing-basis"),
            (13, "not-in-list"),
            (18, "dangling-register"),
            (26, "dangling-act"),
            (27, "who-form"),
            (28, "dangling-role"),
            (29, "clock-incomplete"),
            (30, "dangling-field"),
            (31, "not-in-list"),
            (32, "missing-key"),
            (35, "moment"),
            (41, "period-form"),
            (42, "month-form"),
            (44, "unknown-element"),
            (49, "empty"),
            (51, "case-sight"),
        ]
    );
}

#[test]
fn a_diagnostic_reads_as_one_line_in_both_languages() {
    let found = found_in("[[role]]\nid = \"boss\"\nbasis = [\"P-1\"]\nsingel = true");
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        one.to_string(),
        "packs/p/x.toml:4: error[unknown-key]: `role` has no key `singel`; expected: did you mean `single`?"
    );
    assert_eq!(
        one.in_japanese(),
        "packs/p/x.toml:4: error[unknown-key]: 役割（role）に「singel」という項目はありません。 「single」ではありませんか。"
    );
    assert_eq!(one.column, 1);
}

#[test]
fn parts_fall_back_to_the_basis_of_their_element() {
    let text =
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"";
    let (read, _): (Pack, _) = pack::read(&pack_files::inline("p", &[("pack.toml", HEAD), ("x.toml", text)]));
    let track = &read.tracks[0];
    assert!(track.steps[0].meta.basis.is_empty());
    assert_eq!(track.steps[0].meta.effective_basis(&track.meta), ["P-1"]);
}
