//! Notices: found by the people they are for and by nobody else, confirmed as an event, seen on the record; and the page
//! of mail.

use kitei_rules::run::command::Command;
use kitei_store::{notices, outbox};

use crate::app::{Answer, App, each_engine};

/// Roles of the office that somebody may hold; whoever holds them finds no notice to another.
const ROLES: [&str; 6] =
    ["education-officer", "system-administrator", "audit-manager", "general-affairs", "hr", "incident-officer"];

const PASSWORD: &str = "vR4#tqo-Lm29xw";

/// Enters somebody with an account and gives them roles; the administrator is signed in before and not after.
async fn join(app: &mut App, name: &str, login: &str, roles: &[&str]) {
    let entered = app.send("/registers/person/new", &[("name", name), ("email", &format!("{login}@example.jp"))]).await;
    let person = entered.location.unwrap_or_else(|| panic!("{}", entered.text));
    let id = person.rsplit('/').next().unwrap_or_default().to_owned();
    for role in roles {
        let fields = [("role", *role), ("person", &id), ("starts_on", "2025-04-01")];
        let appointed = app.send("/registers/appointment/new", &fields).await;
        assert!(appointed.location.is_some(), "{}", appointed.text);
    }
    let made = app.send(&format!("/settings/accounts/{id}"), &[("login", login), ("kind", "general")]).await;
    let link = made.text.split("/join?link=").nth(1).and_then(|rest| rest.split('<').next()).expect("a link");
    app.sign_out();
    let joined = app.post(&format!("/join?link={link}"), &[("new", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(joined.location.as_deref(), Some("/"), "{}", joined.text);
}

async fn sign_in(app: &mut App, login: &str, password: &str) {
    app.sign_out();
    let answer = app.post("/sign-in", &[("login", login), ("password", password)]).await;
    assert_eq!(answer.location.as_deref(), Some("/"), "{}", main_of(&answer));
}

fn main_of(answer: &Answer) -> &str {
    answer.text.split("<main").nth(1).unwrap_or_default()
}

/// The first notice that the page leads to.
fn first_notice(page: &Answer) -> String {
    let at = page.text.find("href=\"/notices/").expect("a notice");
    page.text[at + 6..].split('"').next().unwrap_or_default().to_owned()
}

/// A report tells the right people; each confirms for themselves; others, whatever their roles, find nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_for_those_it_is_for() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure", "municipal-terms"]).await;
        join(&mut app, "見本 太郎", "shain-07", &[]).await;
        sign_in(&mut app, "shomu-01", "tq7#Wz-mub4Rk9x").await;
        app.report("2025-04-01", "10:00").await;

        let today = app.get("/").await;
        assert!(today.text.contains("まだ確認していないお知らせが"), "{}", main_of(&today));
        let list = app.get("/notices").await;
        assert_eq!(list.status, 200, "{}", list.text);
        assert!(list.text.contains("INC-2025-001"), "{}", main_of(&list));
        let notice = first_notice(&list);
        let page = app.get(&notice).await;
        assert!(page.text.contains("確認しました") && page.text.contains("記録を開く"), "{}", main_of(&page));

        sign_in(&mut app, "shain-07", PASSWORD).await;
        assert!(!app.get("/").await.text.contains("まだ確認していないお知らせが"));
        assert!(!app.get("/notices").await.text.contains("INC-2025-001"));
        assert_eq!(app.get(&notice).await.status, 404, "a notice to another does not exist for them");
        let stolen = app.post(&notice, &[("token", "forged")]).await;
        assert_eq!(stolen.status, 404, "{}", stolen.text);
        for path in ["/settings/mail"] {
            assert_eq!(app.get(path).await.status, 403);
        }

        sign_in(&mut app, "shomu-01", "tq7#Wz-mub4Rk9x").await;
        let confirmed = app.send(&notice, &[]).await;
        assert_eq!(confirmed.location.as_deref(), Some(notice.as_str()), "{}", confirmed.text);
        let again = app.get(&notice).await;
        assert!(again.text.contains("確認しました: 2025年4月1日 10:05"), "{}", main_of(&again));
        let registers = app.get("/registers/incident").await;
        let room = app.get(&registers.link_to("INC-2025-001")).await;
        assert!(
            room.text.contains("知らせた相手") && room.text.contains("確認済み 2025年4月1日 10:05"),
            "{}",
            main_of(&room)
        );
        assert!(room.text.contains("お知らせを確認") && room.text.contains("人に知らせた"), "the timeline shows both");
        assert!(room.text.contains("メール（送信待ち）"), "{}", main_of(&room));
    })
    .await;
}

/// With every role there is, what is told to another stays with that other: on the page, by its address, and in the kernel.
#[tokio::test(flavor = "multi_thread")]
async fn no_role_opens_the_notices_of_others() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure"]).await;
        app.report("2025-04-01", "10:00").await;
        let notice = first_notice(&app.get("/notices").await);
        let logins: Vec<String> = (0..ROLES.len()).map(|number| format!("shain-{:02}", number + 11)).collect();
        for (role, login) in ROLES.iter().zip(&logins) {
            sign_in(&mut app, "shomu-01", "tq7#Wz-mub4Rk9x").await;
            join(&mut app, "見本 太郎", login, &[role]).await;
            assert_eq!(app.get(&notice).await.status, 404, "{role} opens the notice of another");
            let list = app.get("/notices").await;
            assert!(!list.text.contains(&notice), "{role} finds the notice of another");
            let organization = app.installation.all().await.expect("organisations")[0].org;
            let organization = app.installation.organization(organization).await.expect("an organisation");
            let mut reader = app.installation.db.reader().await.expect("a reader");
            let id = notice.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
            let told = notices::load(&mut reader, organization.id, id).await.expect("a row").expect("a notice");
            drop(reader);
            let stranger =
                kitei_rules::expr::Actor { person: uuid::Uuid::from_u128(5), roles: vec![(*role).to_owned()] };
            let request = kitei_app::kernel::perform::Request { actor: stranger, ..Default::default() };
            let command = Command::Acknowledge { record: told.record, notice: told.id };
            let refused = app.installation.perform(&organization, request, command).await.expect_err("refused");
            assert!(refused.to_string().contains("not-yours"), "{refused}");
        }
    })
    .await;
}

/// Witnesses are named, tests are queued, what failed is sent again; wrong addresses are refused and stay typed.
#[tokio::test(flavor = "multi_thread")]
async fn mail_is_looked_after_in_the_settings() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let wrong = app.send("/settings/mail", &[("do", "add"), ("name", "監査法人"), ("mail", "auditor")]).await;
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text.contains("auditor@example.com のように") && wrong.text.contains("value=\"監査法人\""),
            "{}",
            main_of(&wrong)
        );
        let good = [("do", "add"), ("name", "監査法人"), ("mail", "auditor@example.com")];
        assert_eq!(app.send("/settings/mail", &good).await.location.as_deref(), Some("/settings/mail"));
        assert_eq!(app.send("/settings/mail", &good).await.status, 422, "the same address twice");
        let page = app.get("/settings/mail").await;
        assert!(page.text.contains("監査法人") && page.text.contains("auditor@example.com"), "{}", main_of(&page));

        assert!(app.send("/settings/mail", &[("do", "test")]).await.location.is_some());
        assert!(app.get("/settings/mail").await.text.contains("テストメールの送信を待っています"));
        let org = app.installation.all().await.expect("organisations")[0].org;
        let organization = app.installation.organization(org).await.expect("an organisation");
        let site = kitei_app::mail::Site { url: "https://kitei.example.jp".to_owned() };
        // The administrator has no mail address: the test fails, is shown, and can be sent again.
        assert!(app.installation.letters(&organization, &site).await.expect("letters").is_empty());
        let page = app.get("/settings/mail").await;
        assert!(page.text.contains("メールアドレスが登録されていません"), "{}", main_of(&page));
        let mut reader = app.installation.db.reader().await.expect("a reader");
        let failed = outbox::failed(&mut reader, org, 10).await.expect("rows");
        drop(reader);
        let id = failed[0].message.id.to_string();
        app.send("/settings/mail", &[("do", "again"), ("id", &id)]).await;
        let mut reader = app.installation.db.reader().await.expect("a reader");
        assert!(outbox::failed(&mut reader, org, 10).await.expect("rows").is_empty());
        drop(reader);

        let at = page.text.find("name=\"do\" value=\"remove\"").expect("a button that removes");
        let witness = page.text[at..].split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let witness = witness.expect("an id").to_owned();
        app.send("/settings/mail", &[("do", "remove"), ("id", &witness)]).await;
        assert!(!app.get("/settings/mail").await.text.contains("auditor@example.com"));
    })
    .await;
}
