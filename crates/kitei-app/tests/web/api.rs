//! The JSON API in process, on SQLite and PostgreSQL: reading, writing once, refusing by name, tokens.

use crate::app::{Answer, App, each_engine};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn ready(app: &mut App) -> String {
    app.set_up().await;
    app.adopt(&["leak-procedure", "stranger"]).await;
    app.make_token("write").await
}

async fn write(app: &mut App, token: &str, method: &str, path: &str, key: &str, body: &str) -> Answer {
    app.api(method, path, Some(token), &[("idempotency-key", key), JSON], body).await
}

async fn read(app: &mut App, token: &str, path: &str) -> Answer {
    app.api("GET", path, Some(token), &[], "").await
}

fn codes(answer: &Answer) -> Vec<(String, Option<String>)> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &serde_json::Value, key: &str| error[key].as_str().map(str::to_owned);
    errors.iter().map(|error| (text(error, "code").unwrap_or_default(), text(error, "field"))).collect()
}

/// Enter, read, change, list: and a change from an old version is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_entered_read_changed_and_found() {
    each_engine(async |mut app: App| {
        let token = ready(&mut app).await;
        let definition = read(&mut app, &token, "/api/v1/registers/ledger").await.json();
        let name = definition["fields"].as_array().and_then(|all| all.iter().find(|field| field["id"] == "name"));
        assert_eq!(name.map(|field| &field["required"][0]["stage"]), Some(&"save".into()), "{definition}");

        let body = r#"{"fields": {"name": "採血検査の結果", "purpose": "健康管理", "specific": false}}"#;
        let made = write(&mut app, &token, "POST", "/api/v1/registers/ledger/records", "k1", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.json()["id"].as_str().expect("an id").to_owned();
        assert_eq!(made.location.as_deref(), Some(format!("/api/v1/records/{id}").as_str()));
        let tag = made.etag.clone().expect("a tag");

        // Sent again, it is done once; another body under the same key is refused.
        let again = write(&mut app, &token, "POST", "/api/v1/registers/ledger/records", "k1", body).await;
        assert_eq!((again.status, again.json()["id"].as_str()), (201, Some(id.as_str())));
        let other = body.replace("健康", "給与");
        let other = write(&mut app, &token, "POST", "/api/v1/registers/ledger/records", "k1", &other).await;
        assert_eq!((other.status, codes(&other)), (409, vec![("key-used".to_owned(), None)]), "{}", other.text);

        let path = format!("/api/v1/records/{id}");
        let body = r#"{"fields": {"place": "三階書庫"}}"#;
        let blind = write(&mut app, &token, "PATCH", &path, "k2", body).await;
        assert_eq!(blind.status, 428, "{}", blind.text);
        let key = [("idempotency-key", "k3"), JSON, ("if-match", tag.as_str())];
        let changed = app.api("PATCH", &path, Some(&token), &key, body).await;
        assert_eq!((changed.status, changed.json()["fields"]["place"].as_str()), (200, Some("三階書庫")));
        let key = [("idempotency-key", "k4"), JSON, ("if-match", tag.as_str())];
        let late = app.api("PATCH", &path, Some(&token), &key, r#"{"fields": {"place": "倉庫"}}"#).await;
        assert_eq!((late.status, codes(&late)[0].0.as_str()), (412, "stale"), "{}", late.text);

        let found = read(&mut app, &token, "/api/v1/registers/ledger/records?q=%E6%8E%A1%E8%A1%80&sort=-updated").await;
        let found = found.json();
        assert_eq!((found["total"].as_i64(), found["records"][0]["id"].as_str()), (Some(1), Some(id.as_str())));
        let none = read(&mut app, &token, "/api/v1/registers/ledger/records?filter.specific=yes").await.json();
        assert_eq!(none["total"].as_i64(), Some(0));
        let history = read(&mut app, &token, &format!("{path}/history")).await.json();
        assert_eq!(history["events"].as_array().map(Vec::len), Some(3), "{history}");
    })
    .await;
}

/// Every mistake is named with its field and what would be right, in the language that is asked for; nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_named_and_nothing_is_written() {
    each_engine(async |mut app: App| {
        let token = ready(&mut app).await;
        let path = "/api/v1/registers/left-item/records";
        for (body, status, expected) in [
            (r#"{"fields": {"what": "傘", "shelf": "三"}}"#, 422, vec![("kind", Some("shelf"))]),
            (r#"{"fields": {"what": "傘", "colour": "赤"}}"#, 422, vec![("unknown-field", Some("colour"))]),
            (r#"{"fields": {}, "feilds": {}}"#, 422, vec![("unknown-field", Some("feilds"))]),
            (r#"{"fields": []}"#, 422, vec![("object", Some("fields"))]),
            ("[1]", 422, vec![("object", Some(""))]),
            ("{\"fields\": ", 400, vec![]),
        ] {
            let refused = write(&mut app, &token, "POST", path, "k", body).await;
            assert_eq!(refused.status, status, "{body}: {}", refused.text);
            let expected: Vec<_> = expected
                .iter()
                .map(|(code, at): &(&str, Option<&str>)| ((*code).to_owned(), at.map(str::to_owned)))
                .collect();
            assert_eq!(codes(&refused), expected, "{body}");
        }
        let missing = write(
            &mut app,
            &token,
            "POST",
            "/api/v1/registers/ledger/records",
            "k",
            r#"{"fields": {"purpose": "給与"}}"#,
        )
        .await;
        assert!(codes(&missing).contains(&("required".to_owned(), Some("name".to_owned()))), "{}", missing.text);
        assert!(missing.text.contains("を入力してください"), "{}", missing.text);
        let headers = [("idempotency-key", "k"), JSON, ("accept-language", "en-GB")];
        let english = app.api("POST", path, Some(&token), &headers, r#"{"fields": {"shelf": "x"}}"#).await;
        assert!(english.text.contains("Write a whole number"), "{}", english.text);
        let unnamed = app.api("POST", path, Some(&token), &[JSON], "{}").await;
        assert_eq!(unnamed.status, 400, "{}", unnamed.text);
        let long = format!("{{\"fields\": {{\"what\": \"{}\"}}}}", "あ".repeat(400_000));
        assert_eq!(write(&mut app, &token, "POST", path, "k", &long).await.status, 413);
        let kind = [("idempotency-key", "k"), ("content-type", "text/plain")];
        assert_eq!(app.api("POST", path, Some(&token), &kind, "{}").await.status, 415);
        for query in ["page=0", "per_page=9999", "sort=colour", "state=x", "colour=red", "filter.purpose.from=1&x=1"] {
            let refused = read(&mut app, &token, &format!("/api/v1/registers/ledger/records?{query}")).await;
            assert_eq!(refused.status, 422, "{query}: {}", refused.text);
        }
        assert_eq!(read(&mut app, &token, "/api/v1/records/nonsense").await.status, 404);
        assert_eq!(read(&mut app, &token, "/api/v1/nowhere").await.status, 404);
        assert_eq!(app.api("DELETE", "/api/v1/registers", Some(&token), &[], "").await.status, 405);
        let total = read(&mut app, &token, "/api/v1/registers/ledger/records").await.json();
        assert_eq!(total["total"].as_i64(), Some(0));
    })
    .await;
}

/// An incident is opened and worked on by program, with the steps and refusals of its page.
#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_worked_on_by_program() {
    each_engine(async |mut app: App| {
        let token = ready(&mut app).await;
        app.report("2025-04-01", "10:00").await;
        let list = read(&mut app, &token, "/api/v1/registers/incident/records?state=open").await.json();
        let id = list["records"][0]["id"].as_str().expect("an incident").to_owned();
        let room = read(&mut app, &token, &format!("/api/v1/records/{id}")).await.json();
        let steps = room["steps"].as_array().expect("steps");
        assert!(
            !steps.is_empty() && steps.iter().all(|step| step["clauses"].as_array().is_some_and(|all| !all.is_empty()))
        );
        let skippable =
            steps.iter().find(|step| step["status"] == "open" && step["skip"] == "reason" && step["mine"] == true);
        if let Some(step) = skippable {
            let act = step["act"].as_str().expect("an act");
            let path = format!("/api/v1/records/{id}/acts/{act}/skip");
            let bare = write(&mut app, &token, "POST", &path, "s1", "{}").await;
            assert_eq!(bare.status, 422, "{}", bare.text);
            let done = write(&mut app, &token, "POST", &path, "s2", r#"{"reason": "該当する書類がない"}"#).await;
            assert!([200, 403, 422].contains(&done.status), "{}", done.text);
        }
        let tasks = read(&mut app, &token, "/api/v1/tasks").await.json();
        assert!(
            tasks["tasks"].as_array().is_some_and(|all| all.iter().any(|task| task["record"] == id.as_str())),
            "{tasks}"
        );
        let close = write(&mut app, &token, "POST", &format!("/api/v1/records/{id}/close"), "c1", "{}").await;
        assert_eq!(close.status, 422, "an incident with open steps does not close: {}", close.text);
    })
    .await;
}

/// Tokens: shown once, read or write, ended by hand and by time, never by a cookie; their making and use are in the log.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_and_reach_no_further_than_they_say() {
    each_engine(async |mut app: App| {
        let token = ready(&mut app).await;
        assert!(!app.get("/me/tokens").await.text.contains(&token), "a token is shown once");
        let reading = app.make_token("read").await;
        assert_eq!(read(&mut app, &reading, "/api/v1/me").await.json()["token"]["reach"], "read");
        let body = r#"{"fields": {"name": "x", "purpose": "y"}}"#;
        let refused = write(&mut app, &reading, "POST", "/api/v1/registers/ledger/records", "k", body).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        let cookie =
            app.api("POST", "/api/v1/registers/ledger/records", None, &[("idempotency-key", "k"), JSON], body).await;
        assert_eq!(cookie.status, 401, "{}", cookie.text);
        assert_eq!(app.get("/api/v1/me").await.json()["token"], serde_json::Value::Null);

        let page = app.get("/me/tokens").await;
        let handle = page.text.split("name=\"end\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let handle = handle.expect("a button that ends it").to_owned();
        app.send("/me/tokens", &[("end", &handle)]).await;
        assert_eq!(read(&mut app, &reading, "/api/v1/me").await.status, 401, "the newest was ended");
        assert_eq!(read(&mut app, &token, "/api/v1/me").await.status, 200);
        for wrong in ["", "kitei_x.y", &format!("{token}x"), &token.replace('.', "")] {
            assert_eq!(read(&mut app, wrong, "/api/v1/me").await.status, 401, "{wrong}");
        }
        let day = jiff::SignedDuration::from_hours(24 * 31);
        app.clock.set(app.now() + day);
        assert_eq!(read(&mut app, &token, "/api/v1/me").await.status, 401, "its thirty days are over");

        let mut reader = app.installation.db.reader().await.expect("a reader");
        let org = app.installation.all().await.expect("organisations")[0].org;
        let events = kitei_store::log::range(&mut reader, org, 0, 1000).await.expect("events");
        let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        let counts = ["made", "used", "revoked"].map(|what| count(&format!("sign-in.token-{what}")));
        assert_eq!(counts, [2, 2, 1]);
        let secret = token.split('.').nth(1).expect("a secret");
        assert!(events.iter().all(|event| !String::from_utf8_lossy(&event.bytes).contains(secret)));
    })
    .await;
}

/// The law, the rulebook and the document for programs.
#[tokio::test(flavor = "multi_thread")]
async fn law_and_rulebook_answer() {
    each_engine(async |mut app: App| {
        let token = ready(&mut app).await;
        let limit = read(&mut app, &token, "/api/v1/law/final?days=30&known=2026-08-24").await.json();
        assert_eq!(limit["limit"], "2026-09-24", "{limit}");
        let wrong = read(&mut app, &token, "/api/v1/law/final?days=31&known=2026-08-24").await;
        assert_eq!((wrong.status, codes(&wrong)[0].1.as_deref()), (422, Some("days")), "{}", wrong.text);
        let check = app
            .api(
                "POST",
                "/api/v1/law/check",
                Some(&token),
                &[JSON],
                r#"{"kind": "my-number", "value": "123456789018"}"#,
            )
            .await;
        assert_eq!(check.status, 200, "{}", check.text);
        let clause = read(&mut app, &token, "/api/v1/clauses/ST-1").await.json();
        assert_eq!(clause["pack"], "stranger");
        assert_eq!(
            read(&mut app, &token, "/api/v1/explain/left-item.what").await.json()["explanations"][0]["kind"],
            "field"
        );
        let plain = app.get_without_cookies("/api/v1/openapi.json").await.json();
        assert_eq!(plain["openapi"], "3.1.0");
        assert!(plain["components"]["schemas"].get("register.left-item").is_none());
        let own = read(&mut app, &token, "/api/v1/openapi.json").await.json();
        let ledger = &own["components"]["schemas"]["register.ledger"];
        assert_eq!(ledger["additionalProperties"], false, "{ledger}");
        assert_eq!(read(&mut app, &token, "/api/v1/registers/ledger/schema").await.json(), *ledger);
    })
    .await;
}

/// The document that is checked in is the one that the table makes. `KITEI_WRITE=1` writes it anew.
#[test]
fn the_document_is_the_one_that_is_checked_in() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document = kitei_app::api::openapi::document();
    let made = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
    if std::env::var_os("KITEI_WRITE").is_some() {
        std::fs::write(&path, &made).expect("docs/openapi.json is written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/openapi.json is out of date: run this test with KITEI_WRITE=1 and look at what changed"
    );
    for named in made.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(&format!("/components/schemas/{named}")).is_some(), "{named}");
    }
    let names: std::collections::BTreeSet<&str> = kitei_app::api::OPERATIONS.iter().map(|one| one.name).collect();
    assert_eq!(names.len(), kitei_app::api::OPERATIONS.len(), "two operations have one name");
}
