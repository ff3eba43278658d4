//! Signing in by the rules that adopted packs compose: passwords, names, lock-outs, second factor, break-glass code.

use crate::app::{Answer, App, each_engine};

const CHIEF: &str = "tq7#Wz-mub4Rk9x";
const CLERK: &str = "vR4#tqo-Lm29xw";

/// Adopts the regulations of a small company, and enters somebody with an invitation.
async fn with_clerk(app: &mut App) -> String {
    app.set_up().await;
    let fields = [
        ("name", "見本 太郎"),
        ("kana", "みほん たろう"),
        ("romaji", "Mihon Taro"),
        ("employee_number", "E00482"),
        ("phone", "090-1234-5678"),
        ("birthday", "1988-05-14"),
    ];
    let person = app.enter("person", &fields).await;
    app.adopt(&["security-regulations"]).await;
    person
}

async fn join(app: &mut App, person: &str) {
    let link = app.invite(person, "E00482", "general").await.expect("a link");
    app.sign_out();
    let joined = app.post(&link, &[("new", CLERK), ("again", CLERK)]).await;
    assert_eq!(joined.location.as_deref(), Some("/"), "{}", joined.text);
}

fn refused(answer: &Answer, says: &str) {
    assert_eq!(answer.status, 422, "{says}: {}", answer.text);
    assert!(answer.text.contains(says), "{says}: {}", answer.text);
}

/// IS-4-3-02, IS-4-9-3-02, IS-4-9-3-04 and IS-4-9-3-06 to -10 at the invitation and at `/join`.
#[tokio::test(flavor = "multi_thread")]
async fn composed_rules_refuse_names_and_passwords() {
    each_engine(async |mut app: App| {
        let person = with_clerk(&mut app).await;
        let id = person.rsplit('/').next().unwrap_or_default().to_owned();
        let form = app.get(&format!("/settings/accounts/{id}")).await;
        assert!(form.text.contains("value=\"E00482\""), "the number is proposed: {}", form.text);
        refused(&app.invite(&person, "taro", "general").await.expect_err("no number"), "従業員番号");
        refused(&app.invite(&person, "Root", "privileged").await.expect_err("forbidden"), "この名前は使えません");
        let link = app.invite(&person, "e00482", "general").await.expect("a link");
        app.sign_out();
        for (password, says) in [
            ("vR4#tqo-L", "10文字以上"),
            ("vr4#tqo-lm29xw", "英大文字"),
            ("VR4#TQO-LM29XW", "英小文字"),
            ("vRr#tqo-Lmaaxw", "数字"),
            ("vR4qtqozLm29xw", "記号"),
            ("zQ7#Mihon!xwt", "お名前"),
            ("zQ!m#12345678x", "電話番号"),
            ("zQ!m#19880514x", "誕生日"),
            ("Sunshine#2025", "辞書"),
        ] {
            refused(&app.post(&link, &[("new", password), ("again", password)]).await, says);
        }
        let joined = app.post(&link, &[("new", CLERK), ("again", CLERK)]).await;
        assert_eq!(joined.location.as_deref(), Some("/"), "{}", joined.text);
        assert!(app.get("/password").await.text.contains("10文字以上"));
    })
    .await;
}

/// IS-4-9-3-12: a password of the last year does not come back; one retired longer ago does.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_the_last_year_does_not_come_back() {
    each_engine(async |mut app: App| {
        let person = with_clerk(&mut app).await;
        join(&mut app, &person).await;
        let next = "Hn4&vT8*bR1c";
        let change = |present: &'static str, new: &'static str| [("present", present), ("new", new), ("again", new)];
        refused(&app.send("/password", &change("wrong", next)).await, "確認できませんでした");
        refused(&app.send("/password", &change(CLERK, CLERK)).await, "最近使った");
        assert_eq!(app.send("/password", &change(CLERK, next)).await.location.as_deref(), Some("/me"));
        refused(&app.send("/password", &change(next, CLERK)).await, "最近使った");
        app.wait(366 * 86_400);
        assert_eq!(app.sign_in("e00482", next).await.location.as_deref(), Some("/"));
        assert_eq!(app.send("/password", &change(next, CLERK)).await.location.as_deref(), Some("/me"));
    })
    .await;
}

/// IS-4-9-3-13 and -14; counted by account and place, so that nobody locks out another.
#[tokio::test(flavor = "multi_thread")]
async fn failures_lock_out_the_place_they_came_from() {
    each_engine(async |mut app: App| {
        let (home, elsewhere) = ("192.0.2.7:5000".parse().ok(), "198.51.100.7:5000".parse().ok());
        app.peer = home;
        let person = with_clerk(&mut app).await;
        let chief = app.change_browser(std::collections::BTreeMap::new());
        app.change_browser(chief.clone());
        join(&mut app, &person).await;
        app.sign_out();
        app.peer = elsewhere;
        // The general account: the fifth wrong password locks for an hour.
        for _ in 0..4 {
            assert_eq!(app.sign_in("e00482", "wrong").await.status, 422);
        }
        assert_eq!(app.sign_in("e00482", CLERK).await.location.as_deref(), Some("/"), "four do not lock");
        app.sign_out();
        for _ in 0..5 {
            assert_eq!(app.sign_in("e00482", "wrong").await.status, 422);
        }
        assert_eq!(app.sign_in("e00482", CLERK).await.status, 422, "locked");
        app.peer = home;
        assert_eq!(app.sign_in("e00482", CLERK).await.location.as_deref(), Some("/"), "not from home");
        app.sign_out();
        app.peer = elsewhere;
        app.wait(3599);
        assert_eq!(app.sign_in("e00482", CLERK).await.status, 422, "still locked");
        app.wait(2);
        assert_eq!(app.sign_in("e00482", CLERK).await.location.as_deref(), Some("/"), "an hour has passed");
        app.sign_out();
        // The privileged account: the third locks for six hours.
        for _ in 0..3 {
            assert_eq!(app.sign_in("shomu-01", "wrong").await.status, 422);
        }
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.status, 422, "locked");
        app.wait(6 * 3600 - 1);
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.status, 422, "still locked");
        app.wait(2);
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.location.as_deref(), Some("/"), "six hours have passed");
        app.sign_out();
        // A colleague at the same address locks out the network, not the browser that the chief uses.
        app.peer = home;
        for _ in 0..3 {
            app.sign_in("shomu-01", "wrong").await;
        }
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.status, 422, "a browser that nobody knows");
        app.change_browser(chief);
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.location.as_deref(), Some("/"), "the chief's own browser");
        // An administrator lifts it for everybody.
        app.sign_out();
        app.wait(7 * 3600);
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.location.as_deref(), Some("/"));
        let id = person.rsplit('/').next().unwrap_or_default();
        let account = app.get(&format!("/settings/accounts/{id}")).await;
        assert!(account.text.contains("締め出しを解く"), "{}", account.text);
        let token = account.text.split(&format!("/settings/accounts/{id}/deeds")).nth(1).unwrap_or_default();
        let token = token.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let token = token.expect("a token").to_owned();
        let deeds = format!("/settings/accounts/{id}/deeds");
        let lifted = app.post(&deeds, &[("token", &token), ("deed", "suspend")]).await;
        assert_eq!(lifted.location, Some(format!("/settings/accounts/{id}")), "{}", lifted.text);
        assert!(app.get(&format!("/settings/accounts/{id}")).await.text.contains("停止中"));
    })
    .await;
}

/// The code that an authenticator shows for the secret on the page.
fn code_of(app: &App, page: &Answer) -> String {
    let text = page.text.split("id=\"totp-secret\"").nth(1).and_then(|rest| rest.split('>').nth(1));
    let text: String = text.and_then(|rest| rest.split('<').next()).expect("a secret").replace('-', "");
    let (mut bytes, mut waiting, mut bits) = (Vec::new(), 0_u64, 0);
    for letter in text.trim().bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).expect("base 32");
        waiting = (waiting << 5) | value as u64;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((waiting >> bits & 0xFF) as u8);
        }
    }
    let secret = totp_rs::Secret::new_stack(bytes.try_into().expect("twenty bytes"));
    let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a generator");
    let now = u64::try_from(kitei_app::kernel::Environment::now(&*app.clock).as_second()).expect("after 1970");
    totp.generate(now).to_string()
}

/// Set by a code, used at sign-in, a recovery code once, removed with the password alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_from_setting_to_removing() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        assert!(app.get("/me").await.text.contains("設定されていません"));
        let begun = app.send("/me/second-factor", &[("step", "begin")]).await;
        assert!(begun.status == 200 && begun.text.contains("<svg width=\"220\""), "{}", begun.text);
        let code = code_of(&app, &begun);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let again = app.send("/me/second-factor", &[("code", wrong)]).await;
        refused(&again, "このコードは使えません");
        assert_eq!(code_of(&app, &again), code, "the same secret stands there again");
        let kept = app.send("/me/second-factor", &[("code", &code)]).await;
        assert!(kept.status == 200 && kept.text.contains("回復コード"), "{}", kept.text);
        let list = kept.text.split("id=\"recovery-codes\"").nth(1).unwrap_or_default();
        let codes: Vec<&str> = list.split("<li>").skip(1).filter_map(|item| item.split('<').next()).collect();
        assert_eq!(codes.len(), 10);
        assert!(!app.get("/me/second-factor").await.text.contains(codes[0]), "shown once");

        app.sign_out();
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.location.as_deref(), Some("/sign-in/code"));
        assert!(app.get("/").await.location.is_some_and(|to| to.starts_with("/sign-in")), "half way is not in");
        app.wait(60);
        refused(&app.post("/sign-in/code", &[("code", wrong)]).await, "このコードは使えません");
        assert_eq!(app.post("/sign-in/code", &[("code", codes[0])]).await.location.as_deref(), Some("/"));
        app.sign_out();
        app.sign_in("shomu-01", CHIEF).await;
        refused(&app.post("/sign-in/code", &[("code", codes[0])]).await, "このコードは使えません");
        app.post("/sign-in/code", &[("code", codes[1])]).await;
        assert!(app.get("/me/second-factor").await.text.contains("残り8個"));

        refused(&app.send("/me/second-factor", &[("step", "remove"), ("present", "wrong")]).await, "確認できません");
        let removed = app.send("/me/second-factor", &[("step", "remove"), ("present", CHIEF)]).await;
        assert_eq!(removed.location.as_deref(), Some("/me/second-factor"), "{}", removed.text);
        app.sign_out();
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.location.as_deref(), Some("/"));
    })
    .await;
}

/// PM-J9-2-c8-05 with the answer yes: no page opens until the second factor is set.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_rules_ask_for_a_second_factor_nothing_else_opens() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let fields = [("packs", "pms"), ("from", "2025-04-01"), ("setting-account.second-factor.privileged", "yes")];
        let adopted = app.send("/settings/packs", &fields).await;
        assert_eq!(adopted.location.as_deref(), Some("/rulebook"), "{}", adopted.text);
        for path in ["/", "/rulebook", "/settings"] {
            assert_eq!(app.get(path).await.location.as_deref(), Some("/me/second-factor"), "{path}");
        }
        let begun = app.send("/me/second-factor", &[("step", "begin")]).await;
        let code = code_of(&app, &begun);
        assert_eq!(app.send("/me/second-factor", &[("code", &code)]).await.status, 200);
        assert_eq!(app.get("/rulebook").await.status, 200);
    })
    .await;
}

/// The rules with their clauses, and the code in the envelope: made, shown once, used once, beating a lock-out.
#[tokio::test(flavor = "multi_thread")]
async fn the_break_glass_code_is_made_on_the_settings_and_opens_once() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["security-regulations", "pms"]).await;
        let page = app.get("/settings/sign-in").await;
        assert!(page.text.contains("IS-4-9-3-13") && page.text.contains("PM-J9-2-c8-03"), "{}", page.text);
        assert!(page.text.contains("6時間") && page.text.contains("まだ作られていません"), "{}", page.text);
        let me = page.text.split("<option").skip(1).find(|option| option.contains("規程 花子")).expect("the chief");
        let me = me.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
        refused(&app.send("/settings/sign-in", &[("person", "nobody")]).await, "特権アカウントを選んで");
        let envelope = app.send("/settings/sign-in", &[("person", &me)]).await;
        assert_eq!(envelope.status, 200, "{}", envelope.text);
        let code = envelope.text.split("<span class=\"code\">").nth(1).and_then(|rest| rest.split('<').next());
        let code = code.expect("a code").to_owned();
        assert!(!app.get("/settings/sign-in").await.text.contains(&code), "shown once");
        app.sign_out();
        for _ in 0..3 {
            app.sign_in("shomu-01", "wrong").await;
        }
        assert_eq!(app.sign_in("shomu-01", CHIEF).await.status, 422, "locked");
        refused(&app.post("/break-glass", &[("code", "AAAA-AAAA-AAAA-AAAA")]).await, "このコードは使えません");
        let opened = app.post("/break-glass", &[("code", &code)]).await;
        assert_eq!(opened.location.as_deref(), Some("/password"), "{}", opened.text);
        app.sign_out();
        assert_eq!(app.post("/break-glass", &[("code", &code)]).await.status, 422, "it works once");
        let id = app.installation.all().await.expect("organisations")[0].org;
        let mut reader = app.installation.db.reader().await.expect("a reader");
        for kind in ["sign-in.break-glass-sealed", "sign-in.break-glass-used"] {
            let events = kitei_store::log::of_kind(&mut reader, id, kind, None, 10).await.expect("events");
            assert_eq!(events.len(), 1, "{kind}");
        }
    })
    .await;
}
