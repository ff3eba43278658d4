//! Who may come where: `docs/permissions.md` is printed from the two tables of addresses and the rulebook of all packs, and
//! this test walks every address with every role and holds what happens against it.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, sync::Arc};

use kitei_app::{
    api::{OPERATIONS, Scope as Needs},
    kernel::{Installation, Organization, perform::Request as Deed},
    web::{ROUTES, Route, Scope, Who},
};
use kitei_rules::{
    expr::Actor,
    pack::who::Who as Expression,
    rulebook::RegisterRule,
    run::{
        Kernel,
        access::Reach,
        command::{Command, Values},
    },
    value::Value,
};
use uuid::Uuid;

use crate::app::{App, each_engine};

/// All regulations that come with the program, and one of a stranger.
const PACKS: [&str; 8] = [
    "leak-procedure",
    "leak-procedure-2016",
    "municipal-terms",
    "my-number-regulations",
    "personal-information-regulations",
    "pms",
    "security-regulations",
    "stranger",
];

/// Columns of the matrix after 「外の人」: role and title. The first holds no role.
const ROLES: [(&str, &str); 12] = [
    ("", "従業者"),
    ("handler", "取扱担当者"),
    ("department-head", "部門長"),
    ("complaint-officer", "苦情相談窓口責任者"),
    ("general-affairs", "総務"),
    ("mynumber-officer", "特定個人情報責任者"),
    ("auditor", "監査員"),
    ("audit-manager", "監査責任者"),
    ("system-administrator", "システム管理者"),
    ("privacy-manager", "個人情報保護管理者"),
    ("top-management", "代表者"),
    ("counter-keeper", "番台（よその規程の役割）"),
];

fn roles_of(role: &str) -> Vec<String> {
    if role.is_empty() { Vec::new() } else { vec![role.to_owned()] }
}

/// What somebody finds at an address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Open,
    Own,
    Rules,
    Refused,
}

impl Cell {
    fn mark(self) -> &'static str {
        match self {
            Self::Open => "○",
            Self::Own => "本人",
            Self::Rules => "規程",
            Self::Refused => "×",
        }
    }

    fn of_page(route: &Route, role: Option<&str>) -> Self {
        let admitted = match role {
            None => route.who == Who::Anybody,
            Some(role) => route.who.admits(&roles_of(role)),
        };
        match (admitted, route.scope) {
            (false, _) => Self::Refused,
            (true, Scope::Same) => Self::Open,
            (true, Scope::Own) => Self::Own,
            (true, Scope::Rules) => Self::Rules,
        }
    }

    fn of_operation(path: &str, needs: Needs, signed_in: bool) -> Self {
        match needs {
            Needs::Anybody => Self::Open,
            _ if !signed_in => Self::Refused,
            _ if path == "/api/v1/me" || path == "/api/v1/tasks" => Self::Own,
            _ => Self::Rules,
        }
    }
}

/// How much of a register a role sees, and whether it may enter records.
fn cell_of_register(kernel: &Kernel<'_>, register: &RegisterRule, role: &str) -> String {
    let actor = Actor { person: Uuid::from_u128(1), roles: roles_of(role) };
    let sees = match kernel.reach(&actor, register) {
        Reach::Nothing => return "×".to_owned(),
        Reach::All => "全件",
        Reach::Part { .. } => "関係分",
    };
    match writes(register, role) {
        Writes::Nothing => sees.to_owned(),
        Writes::All => format!("{sees}・登録"),
        Writes::Part => format!("{sees}・登録（担当分）"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Writes {
    Nothing,
    Part,
    All,
}

fn writes(register: &RegisterRule, role: &str) -> Writes {
    let mut found = Writes::Nothing;
    for who in register.write.iter().chain(&register.owner) {
        match Expression::parse(who) {
            Some(Expression::Staff | Expression::Outside(_)) => return Writes::All,
            Some(Expression::Role(named)) if named == role => return Writes::All,
            Some(Expression::RoleFor(named, _)) if named == role => found = Writes::Part,
            Some(Expression::Head(_)) if role == "department-head" => found = Writes::Part,
            _ => {}
        }
    }
    found
}

const PREFACE: &str = "\
# だれがどこに入れるか — Who may come where

この表は `crates/kitei-app/src/web/routes.rs`、`crates/kitei-app/src/api/routes.rs` と全規程を合わせた規程集から作られ、テストが全アドレスを
全役割で歩いて確かめる。手で直さず、`KITEI_WRITE=1` を付けて `cargo test -p kitei-app --test web permissions` を動かす。

Printed from the tables of addresses and the rulebook of all packs; a test walks every address with every role. Do not edit
it: run the test `permissions` with `KITEI_WRITE=1`.

| 印 — mark | 意味 | meaning |
| --- | --- | --- |
| ○ | 入れる。だれにも同じものが出る | may come; the same for all |
| 本人 | 入れる。自分のものだけが出る | may come; sees one's own |
| 規程 | 入れる。何が見え何ができるかは採用した規程が役割・部門・記録ごとに決める | may come; the adopted packs decide what is seen and done |
| × | 断られる（外の人はサインインへ、APIは401） | refused (to the sign-in page; 401 at the API) |

ここにない役割は従業者と同じに扱われる。フォームはそのセッションの印がなければ何も変えない。APIの書き込みにはトークンが要る。
A role without a column is treated as staff. A form without its session's token changes nothing; writing by the API needs a token.
";

/// The whole document.
fn document(kernel: &Kernel<'_>) -> String {
    let mut out = PREFACE.to_owned();
    let heads: Vec<&str> = std::iter::once("外の人").chain(ROLES.iter().map(|(_, title)| *title)).collect();
    let rule = "| --- ".repeat(heads.len());
    let mut table = |heading: &str, first: &str, rows: Vec<(String, Vec<String>)>| {
        let _ = write!(out, "\n## {heading}\n\n| {first} | {} |\n| --- {rule}|\n", heads.join(" | "));
        for (name, cells) in rows {
            let _ = writeln!(out, "| {name} | {} |", cells.join(" | "));
        }
    };
    let columns = || std::iter::once(None).chain(ROLES.iter().map(|(role, _)| Some(*role)));
    let pages = ROUTES.iter().map(|route| {
        let cells = columns().map(|role| Cell::of_page(route, role).mark().to_owned()).collect();
        // The file names of styles and script hold their hash.
        let path = if route.path.starts_with("/assets/") {
            format!("/assets/….{}", route.path.rsplit('.').next().unwrap_or_default())
        } else {
            route.path.to_owned()
        };
        (format!("{} `{path}`", route.methods), cells)
    });
    table("ページ — Pages", "アドレス", pages.collect());
    let operations = OPERATIONS.iter().map(|one| {
        let cell = |role: Option<&str>| Cell::of_operation(one.path, one.scope, role.is_some()).mark().to_owned();
        (format!("{} `{}`", one.method, one.path), columns().map(cell).collect())
    });
    table("API", "アドレス", operations.collect());
    let registers = kernel.book.names.registers.values().map(|register| {
        let cells = std::iter::once("×".to_owned())
            .chain(ROLES.iter().map(|(role, _)| cell_of_register(kernel, register, role)));
        (format!("{} `{}`", register.title.ja, register.id), cells.collect())
    });
    table("台帳（全規程を採用したとき） — Registers, with every pack adopted", "台帳", registers.collect());
    out.push_str(
        "\n全件：すべての記録 — every record. 関係分：自部門・自分が登録したもの・自分に仕事があるもの — one's own department's, those one \
         entered, those with a task for one. 登録：新しく登録できる — may enter records.\n",
    );
    out
}

/// An organisation with a person for each column, and each person's cookies.
struct House {
    organization: Arc<Organization>,
    cookies: Vec<(&'static str, BTreeMap<String, String>)>,
    record: Uuid,
    entry: Uuid,
}

async fn open(
    installation: &Arc<Installation>,
    org: &Arc<Organization>,
    register: &str,
    fields: Vec<(&str, Value)>,
) -> Uuid {
    let fields: Values = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let command = Command::Create { register: register.to_owned(), fields, lines: BTreeMap::new() };
    let done = installation.perform(org, Deed { own: true, ..Deed::default() }, command).await;
    done.unwrap_or_else(|error| panic!("{register}: {error:?}")).record.expect("a record")
}

async fn house(app: &mut App) -> House {
    app.set_up().await;
    let installation = Arc::clone(&app.installation);
    let row = installation.all().await.expect("organisations").remove(0);
    let organization = installation.organization(row.org).await.expect("the organisation");
    let text = |words: &str| Value::Text(words.to_owned());
    let sales = open(&installation, &organization, "department", vec![("name", text("営業部"))]).await;
    let works = open(&installation, &organization, "department", vec![("name", text("工務部"))]).await;
    let day = Value::Date("2025-04-01".parse().expect("a day"));
    let mut people = Vec::new();
    for (role, title) in ROLES {
        let position = if role == "top-management" { "representative" } else { "member" };
        let fields = vec![("name", text(title)), ("department", Value::Record(sales)), ("position", text(position))];
        let person = open(&installation, &organization, "person", fields).await;
        if !role.is_empty() {
            let mut fields = vec![("role", text(role)), ("person", Value::Record(person)), ("starts_on", day.clone())];
            if role == "department-head" {
                fields.push(("department", Value::Record(sales)));
            }
            open(&installation, &organization, "appointment", fields).await;
        }
        people.push((role, person));
    }
    let mut links = Vec::new();
    for (number, (role, person)) in people.iter().enumerate() {
        let login = format!("shain-{number:02}");
        let path = format!("/settings/accounts/{person}");
        let made = app.send(&path, &[("login", &login), ("kind", "general")]).await;
        let link = made.text.split("/join?link=").nth(1).and_then(|rest| rest.split('<').next());
        links.push((*role, link.unwrap_or_else(|| panic!("{role}: {}", made.text)).to_owned()));
    }
    let administrator = app.leave();
    let mut cookies = Vec::new();
    for (role, link) in links {
        let password = [("new", "vR4#tqo-Lm29xw"), ("again", "vR4#tqo-Lm29xw")];
        let joined = app.post(&format!("/join?link={link}"), &password).await;
        assert_eq!(joined.location.as_deref(), Some("/"), "{role}: {}", joined.text);
        cookies.push((role, app.leave()));
    }
    app.come_back(administrator);
    // An entry of a department that is nobody's, from before the packs ask for more than its name.
    let fields = vec![("name", text("工務の控え")), ("department", Value::Record(works)), ("purpose", text("工事"))];
    let entry = open(&installation, &organization, "ledger", fields).await;
    let ids = PACKS.map(str::to_owned);
    let from = organization.today(app.now());
    installation.adopt(&organization, &Actor::default(), &ids, BTreeMap::new(), from).await.expect("adopted");
    app.report("2025-04-01", "10:00").await;
    let list = app.get("/registers/incident").await;
    let record = list.link_to("INC-2025-001");
    let record = record.trim_start_matches("/records/").parse().expect("an id");
    app.leave();
    House { organization, cookies, record, entry }
}

fn concrete(path: &str, house: &House) -> String {
    let made_up = "0192d5f0-0000-7000-8000-000000000001";
    path.replace("{id}", &house.record.to_string())
        .replace("{register}", "incident")
        .replace("{person}", made_up)
        .replace("{act}", "close-incident")
        .replace("{list}", "principals")
        .replace("{line}", made_up)
        .replace("{attachment}", made_up)
        .replace("{paper}", "x")
        .replace("{pack}", "office")
        .replace("{clause}", "ST-1")
        .replace("{name}", "ledger.name")
        .replace("{key}", "x")
        .replace("{view}", "x")
        .replace("{attachment}", made_up)
        .replace("{question}", "final")
}

/// How many events tell of something that changed: that a reading or an attempt was refused is kept, and changes nothing.
async fn length(app: &App, house: &House) -> u64 {
    use kitei_app::kernel::refused::{ATTEMPT, READING};
    use kitei_store::log;

    let org = house.organization.id;
    let mut reader = app.installation.db.reader().await.expect("a reader");
    let mut length = log::head(&mut reader, org).await.expect("the log").size();
    for kind in [ATTEMPT, READING] {
        length -= log::of_kind(&mut reader, org, kind, None, 10_000).await.expect("refusals").len() as u64;
    }
    length
}

/// Every address that any table knows has a row, every role finds there what the matrix says, and nothing changes.
#[tokio::test(flavor = "multi_thread")]
async fn every_address_with_every_role() {
    each_engine(async |mut app: App| {
        let house = house(&mut app).await;
        walk(&mut app, &house, None).await;
        let everybody = house.cookies.clone();
        for (role, cookies) in everybody {
            app.come_back(cookies);
            walk(&mut app, &house, Some(role)).await;
            app.leave();
        }
    })
    .await;
}

async fn walk(app: &mut App, house: &House, role: Option<&str>) {
    let before = length(app, house).await;
    for route in ROUTES {
        let path = concrete(route.path, house);
        assert!(!path.contains('{'), "{path}: say in `concrete` what stands there");
        let expected = Cell::of_page(route, role);
        if route.methods.contains("GET") {
            let answer = app.get(&path).await;
            let to_sign_in = answer.location.as_deref().is_some_and(|to| to.starts_with("/sign-in?"));
            // Where the rules decide they may also refuse.
            let refused = to_sign_in || (answer.status == 403 && expected != Cell::Rules);
            assert_eq!(
                refused,
                expected == Cell::Refused,
                "{role:?} GET {path}: {} {:?}",
                answer.status,
                answer.location
            );
            assert_ne!(answer.status, 500, "{role:?} GET {path}: {}", answer.text);
        }
        // Forms for anybody protect themselves otherwise; their own tests say how.
        if route.methods.contains("POST") && route.who != Who::Anybody {
            for token in ["", "forged"] {
                let answer = app.post(&path, &[("token", token), ("name", "x")]).await;
                let turned_away =
                    answer.status >= 400 || answer.location.as_deref().is_some_and(|to| to.starts_with("/sign-in?"));
                assert!(turned_away, "{role:?} POST {path}: {} {:?}", answer.status, answer.location);
            }
        }
    }
    for one in OPERATIONS {
        let path = concrete(one.path, house);
        let refused = Cell::of_operation(one.path, one.scope, role.is_some()) == Cell::Refused;
        if one.method == "GET" {
            let answer = app.get(&path).await;
            assert_eq!(answer.status == 401, refused, "{role:?} GET {path}: {}", answer.text);
            assert_ne!(answer.status, 500, "{role:?} GET {path}: {}", answer.text);
        } else {
            // The cookies of a browser open no door that changes something.
            let answer = app.api(one.method, &path, None, &[("idempotency-key", "k")], "{\"fields\":{}}").await;
            assert_eq!(answer.status, 401, "{role:?} {} {path}: {}", one.method, answer.text);
        }
    }
    assert_eq!(length(app, house).await, before, "{role:?}: something was written");
}

/// The document that is checked in is what the tables and the rulebook say, and registers are as it says.
#[tokio::test(flavor = "multi_thread")]
async fn the_permissions_that_are_checked_in() {
    each_engine(async |mut app: App| {
        let house = house(&mut app).await;
        let made = app.installation.look(&house.organization, None, &[], document).await.expect("the document");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
        if std::env::var_os("KITEI_WRITE").is_some() {
            std::fs::write(&path, &made).expect("docs/permissions.md is written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == made,
            "docs/permissions.md is out of date: run this test with KITEI_WRITE=1 and look at what changed"
        );
        registers(&mut app, &house).await;
    })
    .await;
}

/// Each role asks for each register, and for an entry of a department that is not its own.
async fn registers(app: &mut App, house: &House) {
    let look = |kernel: &Kernel<'_>| {
        let registers = kernel.book.names.registers.values();
        let cells =
            |register: &RegisterRule| ROLES.map(|(role, _)| cell_of_register(kernel, register, role) != "×").to_vec();
        registers.map(|register| (register.id.clone(), cells(register))).collect::<Vec<_>>()
    };
    let expected = app.installation.look(&house.organization, None, &[], look).await.expect("registers");
    for (column, (role, cookies)) in house.cookies.clone().into_iter().enumerate() {
        app.come_back(cookies);
        let token =
            if role.is_empty() || role == "counter-keeper" { Some(app.make_token("write").await) } else { None };
        for (register, cells) in &expected {
            let answer = app.get(&format!("/api/v1/registers/{register}/records?per_page=1")).await;
            assert_eq!(answer.status == 200, cells[column], "{role} {register}: {}", answer.text);
        }
        let page = app.get("/registers/left-item").await.status;
        assert_eq!(page == 200, role == "counter-keeper", "{role}: {page}");
        // The head of another department sees neither the entry nor that there is one.
        let sees_all = ["privacy-manager", "top-management"].contains(&role);
        let total = app.get("/api/v1/registers/ledger/records").await.json()["total"].as_i64();
        let entry = app.get(&format!("/records/{}", house.entry)).await.status;
        if role.is_empty() || role == "department-head" {
            assert_eq!((total, entry), (Some(0), 404), "{role}");
        } else if sees_all {
            assert_eq!((total, entry), (Some(1), 200), "{role}");
        }
        // Who has no right to a register enters nothing there, by form or by token.
        let before = length(app, house).await;
        if role.is_empty() {
            let token = token.as_deref();
            let key = [("idempotency-key", "left-1"), ("content-type", "application/json")];
            let body = "{\"fields\":{\"what\":\"傘\"}}";
            let answer = app.api("POST", "/api/v1/registers/left-item/records", token, &key, body).await;
            assert!(answer.status == 403 || answer.status == 404, "{}", answer.text);
            let form = app.get("/registers/left-item/new").await;
            assert_eq!(form.status, 404, "{}", form.text);
            // The use of the token is the one thing that is noted.
            assert!(length(app, house).await <= before + 1);
        }
        app.leave();
    }
}
