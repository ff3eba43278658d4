//! Pages of what packs say beside registers: comparisons, views, handbook, glossary, the calendar's feed; and the rulebook
//! of any day with its previews and the organisation's own answers.

use crate::app::{App, each_engine};

/// From one entry both ledgers, as a page, an Excel file and CSV; a comparison and its end; handbook and glossary.
#[tokio::test(flavor = "multi_thread")]
async fn what_packs_say_beside_registers_has_its_pages() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        assert!(app.get("/views").await.text.contains("表はありません"));
        assert!(app.get("/compare").await.text.contains("照合はありません"));
        app.adopt(&["pms", "security-regulations"]).await;
        app.enter("ledger", &[("name", "顧客名簿"), ("confidentiality", "2")]).await;
        let views = app.get("/views").await;
        assert_eq!(views.status, 200, "{}", views.text);
        let path = "/views/ledger/confidentiality";
        assert!(views.text.contains(path), "{}", views.text);
        let page = app.get(path).await;
        assert!(page.text.contains("/records/") && page.text.contains("極秘"), "{}", page.text);
        let csv = app.get(&format!("{path}/file?format=csv")).await;
        assert!(csv.text.contains("番号,部門,評価値,表示") && csv.text.contains("極秘"), "{}", csv.text);
        let excel = app.get(&format!("{path}/file?format=xlsx")).await;
        assert!(excel.status == 200 && excel.text.starts_with("PK"), "{}", excel.status);
        assert_eq!(app.get("/views/ledger/nothing").await.status, 404);
        assert_eq!(app.get("/views/nothing/nothing").await.status, 404);

        let compared = app.get("/compare").await;
        assert!(compared.status == 200 && compared.text.contains("⇔"), "{}", compared.text);

        let handbook = app.get("/handbook").await;
        assert_eq!(handbook.status, 200, "{}", handbook.text);
        let all = app.get("/handbook?for=all").await;
        assert!(all.text.contains("/clauses/") && all.text.len() >= handbook.text.len());
        assert!(app.get("/handbook?for=checks").await.text.contains("/clauses/"));
        let glossary = app.get("/glossary").await;
        assert!(glossary.text.contains("情報資産") && glossary.text.contains("id=\"term-"), "{}", glossary.text);
    })
    .await;
}

/// A difference is listed with its record and goes when the registers agree.
#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_listed_until_the_registers_agree() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let people = app.get("/registers/person").await;
        let chief = people.text.split("/records/").nth(1).and_then(|rest| rest.split('"').next()).expect("the chief");
        let office = [("role", "system-administrator"), ("person", chief), ("starts_on", "2025-04-01")];
        app.enter("appointment", &office).await;
        app.adopt(&["security-regulations"]).await;
        let finding = [("folder", "/共有/一時"), ("file", "応募者.xlsx"), ("personal", "yes")];
        app.enter("file-finding", &finding).await;
        assert!(app.get("/compare").await.text.contains("/共有/一時"));
        let entry = [("name", "応募者の名簿"), ("confidentiality", "2"), ("server_folder", "/共有/一時")];
        app.enter("ledger", &entry).await;
        assert!(!app.get("/compare").await.text.contains("/共有/一時"));
    })
    .await;
}

/// The feed at its secret address: made, read by a parser, taken back; an unknown one is gone.
#[tokio::test(flavor = "multi_thread")]
async fn the_calendar_has_a_feed_at_a_secret_address() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["pms", "security-regulations"]).await;
        assert_eq!(app.get_without_cookies("/calendar/feed/nothing.ics").await.status, 410);
        let made = app.send("/calendar", &[("step", "make")]).await;
        let address = made.text.split("id=\"feed-address\"").nth(1).and_then(|rest| rest.split("</p>").next());
        let address: String = address.expect("an address").replace("<wbr>", "");
        let path = address.split("127.0.0.1:8080").nth(1).expect("a path").to_owned();
        assert!(path.starts_with("/calendar/feed/") && path.ends_with(".ics"), "{path}");
        assert!(!app.get("/calendar").await.text.contains(&path[20..60]), "shown once");
        let feed = app.get_without_cookies(&path).await;
        assert_eq!(feed.status, 200, "{}", feed.text);
        // What a feed must be is tested with parsers in `kitei-papers`; here, what it holds.
        let text = feed.text.replace("\r\n ", "");
        let events = text.matches("BEGIN:VEVENT\r\n").count();
        assert!(events > 0 && text.starts_with("BEGIN:VCALENDAR\r\n"), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("UID:") && line.ends_with("@kitei")).count(), events);
        assert!(!feed.text.contains("規程 花子"), "no name of a person leaves this way");
        let again = app.send("/calendar", &[("step", "make")]).await;
        assert_eq!(again.status, 200);
        assert_eq!(app.get_without_cookies(&path).await.status, 410, "the one before stops working");
        app.send("/calendar", &[("step", "end")]).await;
        assert!(app.get("/calendar").await.text.contains("アドレスを作る"));
        assert_eq!(app.get("/calendar?year=2026").await.status, 200);
    })
    .await;
}

/// What adopting would bring is seen before; past and coming days keep their own rulebook; a pack is left from a day on.
#[tokio::test(flavor = "multi_thread")]
async fn the_rulebook_of_any_day_and_what_a_change_would_bring() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let preview = [("packs", "security-regulations"), ("from", "2025-04-01"), ("step", "preview")];
        let seen = app.send("/settings/packs", &preview).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        assert!(seen.text.contains("加わる規程") && seen.text.contains("パスワードの長さ"), "{}", seen.text);
        assert!(!app.get("/rulebook").await.text.contains("/rulebook/security-regulations"), "nothing has changed");
        app.adopt(&["security-regulations", "leak-procedure"]).await;
        // Leaving one from a coming day.
        let leave = [("packs", "leak-procedure"), ("from", "2025-06-01")];
        let seen = app.send("/settings/packs", &[leave[0], leave[1], ("step", "preview")]).await;
        assert!(seen.text.contains("外れる規程"), "{}", seen.text);
        assert_eq!(app.send("/settings/packs", &leave).await.location.as_deref(), Some("/rulebook"));
        let first = app.get("/rulebook/security-regulations").await.text;
        let second = app.get("/rulebook/security-regulations?page=2").await.text;
        assert!(first.contains("page=2"), "a hundred clauses a page");
        let clauses = |page: &str| -> std::collections::BTreeSet<String> {
            page.split("href=\"/clauses/").skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
        };
        assert!(clauses(&first).len() == 100 && clauses(&first).is_disjoint(&clauses(&second)));
        assert!(app.get("/rulebook").await.text.contains("/rulebook/security-regulations"), "it still holds today");
        let coming = app.get("/rulebook?on=2025-06-01").await;
        assert!(!coming.text.contains("/rulebook/security-regulations"), "{}", coming.text);
        assert!(coming.text.contains("適用される予定"), "{}", coming.text);
        let past = app.get("/rulebook?on=2025年3月1日").await;
        assert!(past.status == 200, "{}", past.status);
        let past = app.get("/rulebook?on=2025-03-01").await;
        assert!(
            past.text.contains("適用されていた") && !past.text.contains("/rulebook/leak-procedure"),
            "{}",
            past.text
        );
        assert!(app.get("/rulebook?on=someday").await.text.contains("日付を読めなかった"));
        assert_eq!(app.get("/clauses/IS-4-9-3-06?on=2025-06-01").await.status, 404);
        assert!(app.get("/clauses/IS-4-9-3-06").await.text.contains("password.length.privileged"));
        assert!(app.get("/rulebook").await.text.contains("公布済み・未施行"), "law that is coming is shown");
    })
    .await;
}

/// A looser answer is refused without reason and approver, a stricter one is taken; nonsense is refused at its field.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_looser_than_a_regulation_needs_reason_and_approver() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["security-regulations"]).await;
        let path = "/settings/parameters/password.length.general";
        let form = app.get(path).await;
        assert!(form.text.contains("IS-4-9-3-07"), "{}", form.text);
        let chief =
            form.text.split("<option").skip(1).find(|option| option.contains("規程 花子")).expect("an approver");
        let chief = chief.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
        let (value, reason, approver) =
            ("setting-password.length.general", "reason-password.length.general", "approver-password.length.general");
        let from = ("from", "2025-04-01");
        for (typed, says) in [("8", "理由と承認した人"), ("ten", "数字")] {
            let refused = app.send(path, &[(value, typed), from]).await;
            assert_eq!(refused.status, 422, "{typed}: {}", refused.text);
            assert!(refused.text.contains(says) && refused.text.contains(&format!("value=\"{typed}\"")), "{says}");
        }
        let day = app.send(path, &[(value, "14"), ("from", "soon")]).await;
        assert!(day.status == 422 && day.text.contains("2026-04-01"), "{}", day.text);
        assert_eq!(app.send(path, &[(value, "14"), from]).await.location.as_deref(), Some("/rulebook"));
        assert!(app.get("/settings/sign-in").await.text.contains("<strong>14</strong>"));
        let excused = [(value, "8"), (reason, "共有端末の入替えまで"), (approver, chief.as_str()), from];
        assert_eq!(app.send(path, &excused).await.location.as_deref(), Some("/rulebook"));
        let rulebook = app.get("/rulebook").await;
        assert!(rulebook.text.contains("共有端末の入替えまで"), "{}", rulebook.text);
        // Empty takes it back.
        assert_eq!(app.send(path, &[(value, ""), from]).await.location.as_deref(), Some("/rulebook"));
        assert!(app.get("/settings/sign-in").await.text.contains("<strong>10</strong>"));
        assert_eq!(app.get("/settings/parameters/nothing").await.status, 404);
    })
    .await;
}
