//! The pages in process, on SQLite and PostgreSQL: set-up, sign-in, adopt, enter, report, handle, and who may do what.

#![expect(clippy::expect_used, reason = "helpers of tests may fail the test")]

mod api;
mod app;
mod evidence;
mod import;
mod keep;
mod notices;
mod organizations;
mod papers;
mod permissions;
mod places;
mod sample;
mod sign_in;

use app::{App, each_engine};

/// The main job, page by page: from the set-up code to an incident with its countdowns.
#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_from_set_up_to_an_incident() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let today = app.get("/").await;
        assert_eq!(today.status, 200, "{}", today.text);
        assert!(today.text.contains("今日"), "{}", today.text);

        app.adopt(&["leak-procedure", "municipal-terms"]).await;
        let rulebook = app.get("/rulebook").await;
        assert!(rulebook.text.contains("情報漏えい等の事態等対応手続"), "{}", rulebook.text);
        let clause = app.get("/clauses/MR-02-02-01").await;
        assert!(clause.text.contains("60分以内"), "{}", clause.text);

        let card = app.report("2025-04-01", "10:00").await;
        assert_eq!(card.status, 200, "{}", card.text);
        assert!(card.text.contains("INC-2025-001"), "{}", card.text);
        let list = app.get("/registers/incident").await;
        assert!(list.text.contains("INC-2025-001"), "{}", list.text);
        let room = app.get(&list.link_to("INC-2025-001")).await;
        assert_eq!(room.status, 200, "{}", room.text);
        assert!(room.text.contains("手順"), "{}", room.text);
    })
    .await;
}

/// A report that is sent twice, because the connection dropped, is saved once.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_sent_twice_is_saved_once() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let form = app.get_without_cookies("/report").await;
        let key = form.field("key");
        let fields = [
            ("key", key.as_str()),
            ("report_kind", "lost"),
            ("noticed_at-date", "2025-04-01"),
            ("noticed_at-time", "09:00"),
        ];
        let first = app.post_without_cookies("/report", &fields).await;
        let second = app.post_without_cookies("/report", &fields).await;
        assert!(first.text.contains("INC-2025-001") && second.text.contains("INC-2025-001"), "{}", second.text);
        assert!(!app.get("/registers/incident").await.text.contains("INC-2025-002"));
    })
    .await;
}

/// Nothing but the addresses for anybody answers without sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn every_other_address_asks_to_sign_in() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        for route in kitei_app::web::ROUTES {
            let path = route
                .path
                .replace("{id}", "0192d5f0-0000-7000-8000-000000000000")
                .replace("{register}", "incident")
                .replace("{person}", "0192d5f0-0000-7000-8000-000000000000");
            let path = path
                .replace("{act}", "close")
                .replace("{list}", "principals")
                .replace("{line}", "0192d5f0-0000-7000-8000-000000000001");
            let path =
                path.replace("{paper}", "x").replace("{key}", "x").replace("{view}", "x").replace("{pack}", "office");
            let path = path.replace("{attachment}", "0192d5f0-0000-7000-8000-000000000001");
            if !route.methods.contains("GET") {
                continue;
            }
            let answer = app.get_without_cookies(&path).await;
            if route.who == kitei_app::web::Who::Anybody {
                // A link that is no link any more is gone.
                assert!(
                    answer.status < 400 || answer.status == 410 || answer.location.is_some(),
                    "{path} {}",
                    answer.status
                );
            } else {
                let sent = answer.location.as_deref().unwrap_or_default();
                assert!(sent.starts_with("/sign-in"), "{path} answers {} {sent}", answer.status);
            }
        }
    })
    .await;
}

/// A form without the token of its session changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_form_changes_nothing() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let forged = app.post("/registers/department/new", &[("name", "にせの部門"), ("token", "forged")]).await;
        assert_eq!(forged.status, 409, "{}", forged.text);
        assert!(!app.get("/registers/department").await.text.contains("にせの部門"));
    })
    .await;
}

/// What was typed stays when something is wrong, and the field says what would be right.
#[tokio::test(flavor = "multi_thread")]
async fn typed_text_stays_when_something_is_wrong() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let refused = app.send("/registers/ledger/new", &[("name", ""), ("purpose", "給与の支払い")]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(
            refused.text.contains("給与の支払い") && refused.text.contains("を入力してください"),
            "{}",
            refused.text
        );
    })
    .await;
}

/// Somebody is invited, joins by the link, which works once, and is refused what only administrators may do.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_joins_by_a_link() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let entered = app.send("/registers/person/new", &[("name", "見本 太郎")]).await;
        assert!(entered.location.is_some(), "{}", entered.text);
        let accounts = app.get("/settings/accounts").await;
        let invite = accounts.text.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|href| {
            href.starts_with("/settings/accounts/") && accounts.text.contains(&format!("{href}\">招待する"))
        });
        let invite = invite.expect("the new person can be invited").to_owned();
        let made = app.send(&invite, &[("login", "shain-07"), ("kind", "general")]).await;
        let link = made.text.split("/join?link=").nth(1).and_then(|rest| rest.split('<').next()).expect("a link");
        let join = format!("/join?link={link}");
        assert!(!app.get("/settings/accounts").await.text.contains(link), "the link is shown once");

        app.sign_out();
        let weak = app.post(&join, &[("new", "password1"), ("again", "password1")]).await;
        assert_eq!(weak.status, 422, "{}", weak.text);
        let joined = app.post(&join, &[("new", "vR4#tqo-Lm29xw"), ("again", "vR4#tqo-Lm29xw")]).await;
        assert_eq!(joined.location.as_deref(), Some("/"), "{}", joined.text);
        assert!(app.get("/me").await.text.contains("見本 太郎"));
        assert_eq!(app.get("/settings/accounts").await.status, 403);
        assert_eq!(app.get_without_cookies(&join).await.status, 410, "a link works once");
    })
    .await;
}
