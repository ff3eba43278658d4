//! Every mistake that the reader knows, each in a tiny pack that has exactly this one.
//!
//! The line that must be reported ends with `# here`.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod pack_files;

use pack_files::found_in;

fn marked(text: &str) -> u32 {
    let at = text.lines().position(|line| line.ends_with("# here")).expect("a marked line");
    u32::try_from(at + 1).expect("few lines")
}

#[test]
fn the_ground_has_no_mistakes() {
    assert_eq!(found_in(""), []);
}

/// Mistakes that one file shows: code and text.
const IN_A_FILE: &[(&str, &str)] = &[
    ("toml-syntax", "[[term]]\nid = \"a\"\ntitle = \"語\"\nmeaning = \"意\"\nid = \"b\" # here\nbasis = [\"P-1\"]"),
    ("unknown-element", "[[rol]] # here\nid = \"a\""),
    ("unknown-key", "[[role]]\nid = \"boss\"\nbasis = [\"P-1\"]\nsingel = true # here"),
    ("unknown-key", "[[rule]]\nid = \"a\"\ntext = { ja = \"文\", fr = \"texte\" } # here\nbasis = [\"P-1\"]"),
    ("missing-key", "[[term]] # here\nid = \"a\"\ntitle = \"語\"\nbasis = [\"P-1\"]"),
    ("missing-key", "[[rule]]\nid = \"a\"\ntext = { en = \"text\" } # here\nbasis = [\"P-1\"]"),
    ("wrong-type", "[[role]]\nid = \"boss\"\nsingle = \"yes\" # here\nbasis = [\"P-1\"]"),
    ("wrong-type", "[[role]]\nid = \"boss\"\nneeds = \"title\" # here\nbasis = [\"P-1\"]"),
    ("wrong-type", "role = \"boss\" # here"),
    (
        "wrong-type",
        "[[preset]]\nid = \"a\"\non = \"thing\"\ntitle = \"題\"\nset = { persons = 1.5 } # here\nbasis = [\"P-1\"]",
    ),
    ("empty", "[[rule]]\nid = \"a\"\ntext = \" \" # here\nbasis = [\"P-1\"]"),
    ("empty", "[[track]] # here\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]"),
    ("id-form", "[[rule]]\nid = \"Not_Kebab\" # here\ntext = \"文\"\nbasis = [\"P-1\"]"),
    (
        "id-form",
        "[[fact]]\nid = \"not-snake\" # here\non = \"thing\"\nkind = \"yes-no\"\ntitle = \"事\"\nvalue = \"true\"\nbasis = [\"P-1\"]",
    ),
    ("out-of-range", "[[role]]\nid = \"boss\"\nrank = -1 # here\nbasis = [\"P-1\"]"),
    (
        "not-in-list",
        "[[flag]]\nid = \"a\"\non = \"thing\"\nwhen = \"true\"\nmessage = \"文\"\ntone = \"alarmed\" # here\nbasis = [\"P-1\"]",
    ),
    ("period-form", "[[duty]]\nact = \"do-it\"\neach = \"thing\"\nperiod = \"1 year\" # here\nbasis = [\"P-1\"]"),
    (
        "month-form",
        "[[duty]]\nact = \"do-it\"\neach = \"thing\"\nperiod = \"P1Y\"\nmonth = 13 # here\nbasis = [\"P-1\"]",
    ),
    ("who-form", "[[rule]]\nid = \"a\"\ntext = \"文\"\nwho = [\"the boss\"] # here\nbasis = [\"P-1\"]"),
    (
        "duplicate-id",
        "[[rule]]\nid = \"a\"\ntext = \"文\"\nbasis = [\"P-1\"]\n[[rule]]\nid = \"a\" # here\ntext = \"文\"\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-template",
        "[[paper]]\nid = \"a\"\non = \"thing\"\ntitle = \"文書\"\ntemplate = \"none.typ\" # here\nbasis = [\"P-1\"]",
    ),
    // Cases.
    (
        "case-verb",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\ncraete = \"thing\" # here",
    ),
    (
        "case-verb",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\ncreate = \"thing\"\nacknowledge = \"x\" # here",
    ),
    ("case-sight", "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\nsee = \"taks\" # here"),
    (
        "case-argument",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\ncreate = \"thing\"\nwiht = {} # here",
    ),
    (
        "case-argument",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\nsee = \"steps\" # here\non = \"@x\"",
    ),
    (
        "case-argument",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\ncreate = \"thing\"\nrefused = { field = \"x\", say = \"y\" } # here",
    ),
    (
        "not-in-list",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\nsee = \"task\"\nstatus = \"opened\" # here",
    ),
    (
        "no-such-date",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\nat = \"2025-02-30T10:00\" # here\nsee = \"refusal\"",
    ),
    // One person acts; only what a sight names may be several.
    (
        "case-argument",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\ncreate = \"thing\"\nby = [\"boss\", \"manager\"] # here",
    ),
    (
        "case-argument",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]]\nsee = \"term\"\nid = \"word\"\nby = [\"boss\"] # here",
    ),
    (
        "case-unknown-name",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]] # here\nclose = \"i\"",
    ),
    (
        "unknown-clause",
        "[[case]] # here\nid = \"a\"\nclauses = [\"P-2\"]\nshows = \"文\"\nstep = [{ see = \"refusal\" }]",
    ),
    (
        "dangling-register",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]] # here\ncreate = \"thnig\"",
    ),
    (
        "dangling-act",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]] # here\ndo = \"do-that\"",
    ),
    (
        "dangling-role",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]] # here\nresign = \"bos\"",
    ),
    (
        "dangling-track",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]] # here\nsee = \"steps\"\non = \"@x\"\ntrack = \"none\"\nacts = []",
    ),
    (
        "value-form",
        "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\n[[case.step]] # here\ncreate = \"thing\"\nwith = { sort = \"bed\" }",
    ),
];

/// Mistakes that the packs show together.
const TOGETHER: &[(&str, &str)] = &[
    (
        "dangling-register",
        "[[flag]]\nid = \"a\"\non = \"thnig\" # here\nwhen = \"true\"\nmessage = \"文\"\nbasis = [\"P-1\"]",
    ),
    ("dangling-register", "[[register]]\nid = \"nothing\" # here\nextends = true\nbasis = [\"P-1\"]"),
    (
        "dangling-register",
        "[[register]]\nid = \"mine\"\ntitle = \"台帳\"\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"x\"\nkind = \"link\"\ntitle = \"先\"\nto = \"nowhere\" # here",
    ),
    (
        "dangling-field",
        "[[gate]]\nid = \"a\"\non = \"thing\"\nat = [\"create\"]\nfields = [\"titel\"] # here\nwhen = \"true\"\nmessage = \"文\"\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-field",
        "[[register]]\nid = \"thing\"\nextends = true\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"unheard\" # here\nrequired = \"save\"",
    ),
    (
        "dangling-field",
        "[[flag]]\nid = \"a\"\non = \"thing\"\nwhen = \"true\"\nmessage = \"文\"\nby = [\"head(departmnt)\"] # here\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-field",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"\nneeds = [\"how\", \"why\"] # here",
    ),
    (
        "dangling-field",
        "[[effect]]\nid = \"a\"\non = \"thing\"\nat = \"create\"\ncreate = \"department\"\nset = { nmae = \"title\" } # here\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-field",
        "[[preset]]\nid = \"a\"\non = \"thing\"\ntitle = \"題\"\nset = { tilte = \"x\" } # here\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-field",
        "[[fact]]\nid = \"unheard\" # here\non = \"thing\"\nbasis = [\"P-1\"]\nrow = [{ id = \"r\", title = \"行\", when = \"true\" }]",
    ),
    (
        "dangling-list",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"\neach = \"pieces\" # here",
    ),
    (
        "dangling-list",
        "[[gate]]\nid = \"a\"\non = \"thing\"\nat = [\"line:pieces\"] # here\nwhen = \"true\"\nmessage = \"文\"\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-list",
        "[[paper]]\nid = \"a\"\non = \"thing\"\ntitle = \"文書\"\nbasis = [\"P-1\"]\n[[paper.section]]\ntitle = \"節\"\ntable = \"pieces\" # here",
    ),
    (
        "dangling-act",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-ti\" # here",
    ),
    ("dangling-act", "[[act]]\nid = \"unheard\" # here\nbasis = [\"P-1\"]"),
    (
        "dangling-act",
        "[[gate]]\nid = \"a\"\non = \"thing\"\nat = [\"act:unheard\"] # here\nwhen = \"true\"\nmessage = \"文\"\nbasis = [\"P-1\"]",
    ),
    ("dangling-role", "[[rule]]\nid = \"a\"\ntext = \"文\"\nwho = [\"bos\"] # here\nbasis = [\"P-1\"]"),
    ("dangling-role", "[[role]]\nid = \"unheard\" # here\nsingle = true\nbasis = [\"P-1\"]"),
    (
        "dangling-role",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"\napprove = [[\"boss\"], [\"unheard\"]] # here",
    ),
    ("dangling-body", "[[body]]\nid = \"senate\" # here\nbasis = [\"P-1\"]"),
    (
        "dangling-parameter",
        "[[duty]]\nact = \"do-it\"\neach = \"thing\"\nperiod = \"param:thing.wihtin\" # here\nbasis = [\"P-1\"]",
    ),
    (
        "dangling-paper",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"\npaper = \"unheard\" # here",
    ),
    (
        "dangling-element",
        "[[term]]\nid = \"a\"\ntitle = \"語\"\nmeaning = \"意\"\nused_by = [\"thing.titel\"] # here\nbasis = [\"P-1\"]",
    ),
    ("unknown-clause", "[[rule]]\nid = \"a\"\ntext = \"文\"\nbasis = [\"P-1\", \"P-2\"] # here"),
    ("missing-basis", "[[rule]] # here\nid = \"a\"\ntext = \"文\""),
    (
        "missing-basis",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\n[[track.step]]\nact = \"do-it\"\nbasis = [\"P-1\"]\n[[track.step]] # here\nact = \"check-it\"",
    ),
    (
        "nobody",
        "[[track]]\nid = \"a\"\non = \"department\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\" # here",
    ),
    ("nobody", "[[duty]]\nact = \"do-it\" # here\neach = \"organization\"\nperiod = \"P1Y\"\nbasis = [\"P-1\"]"),
    ("exclusive-single", "[[exclusive]]\nid = \"a\"\nroles = [\"boss\"] # here\nbasis = [\"P-1\"]"),
    (
        "exclusive-forced",
        "[[role]]\nid = \"auditor\"\nby_office = \"boss\"\nbasis = [\"P-1\"]\n[[role]]\nid = \"manager\"\nby_office = \"boss\"\nbasis = [\"P-1\"]\n[[exclusive]]\nid = \"a\"\nroles = [\"manager\", \"auditor\"] # here\nbasis = [\"P-1\"]",
    ),
    (
        "exclusive-forced",
        "[[role]]\nid = \"auditor\"\nby_office = \"boss\"\nbasis = [\"P-1\"]\n[[exclusive]]\nid = \"a\"\nroles = [\"boss\", \"auditor\"] # here\nbasis = [\"P-1\"]",
    ),
    (
        "self-approval",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"\nby = [\"boss\"]\napprove = [[\"boss\"]] # here",
    ),
    ("supersede-outside-law", "[[supersede]] # here\nclause = \"P-1\"\nreason = \"文\"\nbasis = [\"P-1\"]"),
    (
        "kind-clash",
        "[[register]]\nid = \"thing\"\nextends = true\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"title\"\ntitle = \"件名\"\nkind = \"number\" # here",
    ),
    (
        "choice-clash",
        "[[register]]\nid = \"thing\"\nextends = true\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"sort\"\nchoices = [{ id = \"good\", title = \"善\" }] # here",
    ),
    (
        "parameter-clash",
        "[[parameter]]\nkey = \"thing.within\"\ntitle = \"期限\"\nkind = \"period\"\nstricter = \"higher\" # here\nbasis = [\"P-1\"]",
    ),
    (
        "choices-missing",
        "[[fact]]\nid = \"a\"\non = \"thing\"\nkind = \"yes-no\"\ntitle = \"事\"\nvalue = \"true\"\nbasis = [\"P-1\"]\n[[register]]\nid = \"mine\"\ntitle = \"台帳\"\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"x\"\ntitle = \"種類\"\nkind = \"choice\" # here",
    ),
    (
        "choices-misplaced",
        "[[register]]\nid = \"mine\"\ntitle = \"台帳\"\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"x\"\ntitle = \"種類\"\nkind = \"text\"\nchoices = [{ id = \"a\", title = \"あ\" }] # here",
    ),
    (
        "dangling-element",
        "[[register]]\nid = \"thing\"\nextends = true\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"sort\"\nonly = [\"good\", \"baad\"] # here",
    ),
    ("dangling-role", "[[role]]\nid = \"auditor\"\nby_office = \"head(department)\" # here\nbasis = [\"P-1\"]"),
    (
        "to-misplaced",
        "[[register]]\nid = \"mine\"\ntitle = \"台帳\"\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"x\"\ntitle = \"種類\"\nkind = \"text\"\nto = \"thing\" # here",
    ),
    (
        "missing-key",
        "[[register]]\nid = \"mine\"\ntitle = \"台帳\"\nbasis = [\"P-1\"]\n[[register.field]]\nid = \"x\"\ntitle = \"種類\"\nkind = \"link\" # here",
    ),
    (
        "value-form",
        "[[preset]]\nid = \"a\"\non = \"thing\"\ntitle = \"題\"\nset = { persons = { least = 1, moist = 2 } } # here\nbasis = [\"P-1\"]",
    ),
    (
        "value-form",
        "[[parameter]]\nkey = \"a\"\ntitle = \"題\"\nkind = \"date\"\nstricter = \"lower\"\nvalue = \"2025-02-30\" # here\nbasis = [\"P-1\"]",
    ),
    (
        "bounds-crossed",
        "[[parameter]]\nkey = \"a\"\ntitle = \"題\"\nkind = \"period\"\nstricter = \"lower\"\nvalue = \"PT2H\" # here\nmost = \"PT60M\"\nbasis = [\"P-1\"]",
    ),
    (
        "row-value",
        "[[fact]]\nid = \"a\"\non = \"thing\"\nkind = \"number\"\ntitle = \"事\"\nbasis = [\"P-1\"]\n[[fact.row]] # here\nid = \"r\"\ntitle = \"行\"\nwhen = \"true\"",
    ),
    (
        "row-value",
        "[[fact]]\nid = \"a\"\non = \"thing\"\nkind = \"yes-no\"\nhit = \"any\"\ntitle = \"事\"\nbasis = [\"P-1\"]\n[[fact.row]]\nid = \"r\"\ntitle = \"行\"\nwhen = \"true\"\nvalue = true # here",
    ),
    (
        "fact-source",
        "[[fact]] # here\nid = \"a\"\non = \"thing\"\nkind = \"yes-no\"\ntitle = \"事\"\nbasis = [\"P-1\"]",
    ),
    (
        "moment",
        "[[gate]]\nid = \"a\"\non = \"thing\"\nat = [\"saved\"] # here\nwhen = \"true\"\nmessage = \"文\"\nbasis = [\"P-1\"]",
    ),
    (
        "moment",
        "[[effect]]\nid = \"a\"\non = \"thing\"\nat = \"line:parts\" # here\ntell = [\"boss\"]\nbasis = [\"P-1\"]",
    ),
    (
        "clock-incomplete",
        "[[track]]\nid = \"a\"\non = \"thing\"\ntitle = \"手順\"\nbasis = [\"P-1\"]\n[[track.step]]\nact = \"do-it\"\nclocks = [{ kind = \"limit\", from = \"noted_at\" }] # here",
    ),
    (
        "effect-target",
        "[[effect]] # here\nid = \"a\"\non = \"thing\"\nat = \"create\"\nset = { title = \"title\" }\nbasis = [\"P-1\"]",
    ),
    (
        "not-a-link",
        "[[effect]]\nid = \"a\"\non = \"thing\"\nat = \"create\"\nupdate = \"title\" # here\nset = {}\nbasis = [\"P-1\"]",
    ),
    (
        "not-a-link",
        "[[propose]]\nid = \"a\"\non = \"thing\"\nthrough = \"thing\"\ntarget = \"away\" # here\napplied_by = \"do-it\"\nbasis = [\"P-1\"]",
    ),
];

#[test]
fn each_mistake_is_found_alone_at_its_line() {
    let mut wrong = Vec::new();
    for (code, text) in IN_A_FILE.iter().chain(TOGETHER) {
        let found = found_in(text);
        let seen: Vec<(&str, u32, &str)> = found.iter().map(|one| (one.file.as_str(), one.line, one.code)).collect();
        let both = found.iter().all(|one| !one.message.ja.is_empty() && !one.message.en.is_empty());
        if seen != [("x.toml", marked(text), *code)] || !both {
            let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
            wrong.push(format!("wanted {code} at {} of\n{text}\nfound {}", marked(text), lines.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a case says with these words, the checker lets pass: each was refused once although it can be played.
#[test]
fn words_of_cases_that_are_no_mistakes() {
    let steps = [
        // Whom a sight names may be several.
        r#"create = "thing", as = "a" }, { see = "task", on = "a", act = "do-it", by = ["boss", "manager"]"#,
        // What an appointment or a change opens can be named.
        r#"appoint = "boss", person = "@employee", as = "a" }, { change = "a", with = { person = "@employee2" }"#,
        r#"create = "thing", as = "a" }, { change = "a", with = { title = "x" }, as = "b" }, { close = "b""#,
        // Nobody knows; somebody takes back what was said.
        r#"create = "thing", with = { sort = "unknown" }"#,
        r#"create = "thing", with = { sort = "" }"#,
        r#"create = "thing", with = { persons = "unknown", title = "" }"#,
    ];
    for step in steps {
        let text = format!("[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\nstep = [{{ {step} }}]");
        let found: Vec<String> = found_in(&text).iter().map(ToString::to_string).collect();
        assert_eq!(found, [""; 0], "{step}");
    }
    // A name that is no field is still a mistake, whatever is said of it.
    let text = "[[case]]\nid = \"a\"\nclauses = [\"P-1\"]\nshows = \"文\"\nstep = [{ create = \"thing\", with = { srot = \"unknown\" } }]";
    assert_eq!(found_in(text).iter().map(|one| one.code).collect::<Vec<_>>(), ["dangling-field"]);
}
