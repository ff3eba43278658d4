//! Several organisations on one installation, strictly separate.

use std::collections::BTreeMap;

use kitei_app::{kernel::Environment, shell::sign_in::issue_code_for_another, web::ROUTES};

use crate::app::{Answer, App, each_engine};

/// Makes a second organisation with a set-up code and leaves its administrator signed in.
async fn another(app: &mut App) -> Answer {
    let random = |bytes: &mut [u8]| {
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(place * 37 % 251).unwrap_or_default();
        }
        Ok(())
    };
    assert_eq!(app.get("/set-up").await.location.as_deref(), Some("/"), "closed without a code");
    let now = app.clock.now().into();
    let code = issue_code_for_another(&app.installation.db, now, 3600, &random).await.expect("a code");
    let form = app.get("/set-up").await;
    assert!(form.text.contains("組織の短い名前"), "{}", form.text);
    let fields = |slug: &'static str| {
        vec![
            ("code", code.reveal().to_owned()),
            ("organization", "みなと商事".to_owned()),
            ("slug", slug.to_owned()),
            ("name", "港 一郎".to_owned()),
            ("kana", "みなと いちろう".to_owned()),
            ("latin", "Minato Ichiro".to_owned()),
            ("login", "keiri-09".to_owned()),
            ("new", "Yt6%gPz3^sKj".to_owned()),
            ("again", "Yt6%gPz3^sKj".to_owned()),
        ]
    };
    for (slug, says) in [("main", "ほかの組織が使っています"), ("../x", "半角の小文字"), ("", "入力してください")]
    {
        let fields = fields(slug);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = app.post("/set-up", &fields).await;
        assert_eq!(refused.status, 422, "{slug}");
        assert!(refused.text.contains(says) && refused.text.contains("みなと商事"), "{slug}: {}", refused.text);
    }
    let fields = fields("minato");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.post("/set-up", &fields).await
}

/// One more organisation is made with a code, and everybody comes to their own.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_organization_is_made_and_chosen() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let first = app.change_browser(BTreeMap::new());
        assert_eq!(app.get("/organizations").await.location.as_deref(), Some("/sign-in"), "there is only one");
        let made = another(&mut app).await;
        assert_eq!(made.location.as_deref(), Some("/settings"), "{}", made.text);
        assert!(app.get("/").await.text.contains("みなと商事"));
        assert!(app.get("/registers/person").await.text.contains("港 一郎"));
        assert!(!app.get("/registers/person").await.text.contains("規程 花子"));

        let second = app.change_browser(first);
        let people = app.get("/registers/person").await;
        assert!(people.text.contains("規程 花子") && !people.text.contains("港 一郎"), "{}", people.text);
        // Nothing in an address leads a session elsewhere.
        assert!(app.get("/?organization=minato").await.text.contains("見本株式会社"));

        app.change_browser(BTreeMap::new());
        for path in ["/", "/sign-in", "/report"] {
            assert_eq!(app.get(path).await.location.as_deref(), Some("/organizations"), "{path}");
        }
        let chooser = app.get("/organizations").await;
        assert!(!chooser.text.contains("みなと商事") && !chooser.text.contains("見本株式会社"), "nobody is listed");
        let wrong = app.post("/organizations", &[("name", "nowhere")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"nowhere\""), "{}", wrong.text);
        assert_eq!(app.get("/sign-in?organization=nowhere").await.status, 404);
        let chosen = app.post("/organizations", &[("name", "minato")]).await;
        assert_eq!(chosen.location.as_deref(), Some("/sign-in?organization=minato"));
        // Each password opens its own organisation alone.
        assert_eq!(app.sign_in("shomu-01", "tq7#Wz-mub4Rk9x").await.status, 422);
        assert_eq!(app.sign_in("keiri-09", "Yt6%gPz3^sKj").await.location.as_deref(), Some("/"));
        app.change_browser(BTreeMap::new());
        let form = app.get("/sign-in?organization=main").await;
        assert!(form.text.contains("organization=main"), "the form keeps it: {}", form.text);
        let fields = [("login", "shomu-01"), ("password", "tq7#Wz-mub4Rk9x")];
        let entered = app.post("/sign-in?organization=main", &fields).await;
        assert_eq!(entered.location.as_deref(), Some("/"), "{}", entered.text);

        // A report goes to the organisation whose QR code was read, whoever is signed in.
        app.change_browser(second);
        let form = app.get("/report?organization=main").await;
        assert!(form.text.contains("action=\"/report?organization=main\""), "{}", form.text);
        let key = form.field("key");
        let fields = [
            ("key", key.as_str()),
            ("report_kind", "lost"),
            ("noticed_at-date", "2025-04-01"),
            ("noticed_at-time", "09:00"),
        ];
        let sent = app.post("/report?organization=main", &fields).await;
        assert!(sent.text.contains("INC-2025-001"), "{}", sent.text);
        assert!(!app.get("/registers/incident").await.text.contains("INC-2025-001"));
    })
    .await;
}

/// Ids of another organisation open nothing and change nothing, on every address that takes one.
#[tokio::test(flavor = "multi_thread")]
async fn foreign_ids_open_nothing() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure", "municipal-terms"]).await;
        let person = app.enter("person", &[("name", "見本 太郎")]).await;
        let person = person.rsplit('/').next().unwrap_or_default().to_owned();
        app.report("2025-04-01", "10:00").await;
        let list = app.get("/registers/incident").await;
        let record = list.link_to("INC-2025-001");
        assert_eq!(app.get(&record).await.status, 200, "its own organisation sees it");
        let record = record.rsplit('/').next().unwrap_or_default().to_owned();
        app.change_browser(BTreeMap::new());
        another(&mut app).await;
        app.adopt(&["leak-procedure", "municipal-terms"]).await;

        let before = app.log_size("main").await;
        let mut walked = 0;
        for route in ROUTES.iter().filter(|route| route.path.contains("{id}") || route.path.contains("{person}")) {
            // Clauses and lists of the rulebook have ids too; they are no records.
            if !route.path.contains("{person}") && !route.path.starts_with("/records/") {
                continue;
            }
            let path = route
                .path
                .replace("{id}", &record)
                .replace("{person}", &person)
                .replace("{act}", "close")
                .replace("{list}", "principals")
                .replace("{line}", &record)
                .replace("{attachment}", &record)
                .replace("{paper}", "x");
            for method in route.methods.split(' ') {
                let answer = if method == "GET" {
                    app.get(&path).await
                } else {
                    app.post(&path, &[("token", "made-up"), ("deed", "suspend"), ("login", "x")]).await
                };
                walked += 1;
                assert!(matches!(answer.status, 404 | 409), "{method} {path} answers {}", answer.status);
                assert!(!answer.text.contains("INC-2025-001") && !answer.text.contains("見本 太郎"), "{path}");
            }
        }
        assert!(walked >= 18, "{walked} addresses");
        assert_eq!(app.log_size("main").await, before, "nothing was written there");
    })
    .await;
}

/// The QR code of the report form names the organisation and believes no header of a stranger about the scheme.
#[tokio::test(flavor = "multi_thread")]
async fn the_qr_code_believes_no_header() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let plain = app.get("/report/qr").await;
        let secure = app.get_with("/report/qr", "x-forwarded-proto", "https").await;
        let expected = kitei_papers::qr::Qr::encode("http://127.0.0.1:8080/report?organization=main").expect("a code");
        let drawn = expected.svg("なくした・間違えた・あやしい");
        assert!(plain.text == drawn && secure.text == drawn, "{}", secure.text);
    })
    .await;
}
