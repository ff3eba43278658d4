//! A sample organisation: its set-up code makes the account of its administrator, once, and every page says that it is a sample.

use std::sync::Arc;

use kitei_app::{
    demo::{Clock, Plan, mark, tell},
    kernel::Environment,
    shell::sign_in::issue_claim_code,
};

use super::app::{App, each_engine};

const PLAN: &str = r#"
[organization]
slug = "main"
name = "見本商店"
zone = "Asia/Tokyo"
first_day = -2
adopt_after = 1
packs = ["leak-procedure"]
adopted_by = "@head"
administrator = "@head"

[organization.settings]
"breach.first-day-counts" = true
"leak.answer-within" = "P1D"

[[step]]
day = -2
any_day = true
own = true
create = "person"
as = "head"
with = { name = "規程 花子", kana = "きてい はなこ", romaji = "Kitei Hanako", position = "representative" }

[[step]]
day = -2
any_day = true
own = true
create = "appointment"
columns = ["role", "person"]
rows = [["top-management", "@head"], ["privacy-manager", "@head"]]

[[step]]
day = -1
any_day = true
by = "privacy-manager"
create = "department"
with = { name = "営業部" }
"#;

const PASSWORD: &str = "tq7#Wz-mub4Rk9x";

async fn sample(app: &App) -> String {
    let plan = Plan::read([("plan.toml", PLAN)]).expect("a plan");
    let present: Arc<dyn Environment> = app.clock.clone();
    let clock = Arc::new(Clock::new(present));
    let told = tell(&app.installation, &clock, &plan, &mut |_| {}).await.expect("a sample");
    assert_eq!(told.records.get("person"), Some(&1));
    let random = |bytes: &mut [u8]| {
        bytes.fill(7);
        Ok(())
    };
    let (db, now) = (&app.installation.db, app.clock.now().into());
    let code = issue_claim_code(db, told.organization, told.administrator, now, 3600, &random).await;
    code.expect("a code").expect("a code").reveal().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_sample_makes_one_account_and_no_second() {
    each_engine(async |mut app: App| {
        let code = sample(&app).await;
        assert_eq!(app.get("/").await.location.as_deref(), Some("/sign-in?next=/"));
        assert_eq!(app.get("/sign-in").await.location.as_deref(), Some("/set-up"));
        let form = app.get("/set-up").await;
        assert!(form.text.contains("規程 花子") && !form.text.contains("name=\"organization\""), "{}", form.text);

        let fields = |code: &str, login: &str| {
            [("code", code), ("login", login), ("new", PASSWORD), ("again", PASSWORD)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        for (fields, says) in [
            (fields("AAAA-BBBB-CCCC-DDDD", "shomu-01"), "このコードは使えません"),
            (fields(&code, ""), "入力してください"),
            (fields(&code, "root"), "name=\"login\""),
        ] {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let refused = app.post("/set-up", &fields).await;
            assert_eq!(refused.status, 422, "{}", refused.text);
            assert!(refused.text.contains(says), "{}", refused.text);
        }
        let right = fields(&code, "shomu-01");
        let right: Vec<(&str, &str)> = right.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let entered = app.post("/set-up", &right).await;
        assert_eq!(entered.location.as_deref(), Some("/"), "{}", entered.text);
        let today = app.get("/").await;
        assert!(today.text.contains("この組織は見本です"), "{}", today.text);
        assert!(app.get("/settings").await.status == 200, "the administrator administers");

        app.sign_out();
        assert_eq!(app.get("/set-up").await.location.as_deref(), Some("/"), "nobody else gets in with a code");
        let again = app.post("/set-up", &right).await;
        assert_eq!(again.location.as_deref(), Some("/"), "{}", again.text);
        let mut reader = app.installation.db.reader().await.expect("a reader");
        let organization = app.installation.all().await.expect("organisations").remove(0).org;
        let accounts = kitei_store::accounts::list(&mut reader, organization).await.expect("accounts");
        assert_eq!(accounts.len(), 1);
        assert!(mark::of(&mut reader, organization).await.expect("a mark").is_some());
    })
    .await;
}

/// An organisation that was set up by hand is no sample and says nothing of the kind.
#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_of_ones_own_is_no_sample() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let today = app.get("/").await;
        assert!(!today.text.contains("この組織は見本です"), "{}", today.text);
    })
    .await;
}
