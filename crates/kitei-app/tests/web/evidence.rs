//! 証跡: the log by record and person, checkpoints to keep, and bundles that an outsider verifies, each by rights.

use kitei_app::evidence::verify::{Against, bundle};
use kitei_evidence::note::VerifierKey;

use crate::app::{App, each_engine};

/// A bundle as it came, verified as an outsider would.
fn verified(bytes: &[u8], key: &VerifierKey) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("bundle.zip");
    std::fs::write(&path, bytes).expect("a file");
    bundle(&path, Against { key: Some(key), ..Against::default() }).expect("a bundle").ok
}

async fn key(app: &App) -> VerifierKey {
    let all = app.installation.all().await.expect("organisations");
    app.installation.organization(all[0].org).await.expect("keys").signing().verifier_key()
}

/// The link to the first incident.
async fn incident(app: &mut App) -> String {
    let list = app.get("/registers/incident").await;
    list.link_to("INC-2025-001")
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_record_and_the_key_and_checkpoints_are_there_to_keep() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.report("2025-04-01", "10:00").await;
        let all = app.installation.all().await.expect("organisations");
        let organization = app.installation.organization(all[0].org).await.expect("keys");
        app.installation.sign(&organization).await.expect("signed");
        let page = app.get("/evidence").await;
        assert_eq!(page.status, 200, "{}", page.text);
        let key = key(&app).await.to_string();
        assert!(page.text.contains(&key.replace('&', "&amp;")) && page.text.contains("verify.py"), "{}", page.text);
        let found = app.get("/evidence?record=INC-2025-001").await;
        assert!(found.text.contains("登録") && !found.text.contains("sign-in."), "{}", found.text);
        let none = app.get("/evidence?record=INC-1999-001").await;
        assert!(none.text.contains("この番号の記録はない"), "{}", none.text);
        let at = page.text.find("/evidence/checkpoint?size=").expect("a checkpoint");
        let address = page.text[at..].split('"').next().expect("an address").to_owned();
        let kept = app.get(&address).await;
        assert!(kept.status == 200 && kept.text.starts_with(&format!("kitei/{}\n", organization.id)), "{}", kept.text);
        assert_eq!(app.get("/evidence/checkpoint?size=99999").await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_of_a_record_a_period_and_everything_are_downloaded_and_verify() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.report("2025-04-01", "10:00").await;
        let key = key(&app).await;
        let record = incident(&mut app).await;
        let form = format!("{record}/bundle");
        for (path, fields) in [
            (form.as_str(), vec![]),
            ("/evidence/bundle", vec![("scope", "period"), ("from", "令和7年4月1日"), ("to", "2025-04-30")]),
            ("/evidence/bundle", vec![("scope", "everything")]),
        ] {
            let bytes = app.download(path, &fields).await;
            assert!(verified(&bytes, &key), "{path}");
        }
        let page = app.get("/evidence").await;
        assert!(page.text.contains("束を渡した"), "{}", page.text);
        for (from, to, words) in
            [("soon", "2025-04-30", "2026-04-01"), ("2025-05-01", "2025-04-30", "末日が初日より前")]
        {
            let answer = app.send("/evidence/bundle", &[("scope", "period"), ("from", from), ("to", to)]).await;
            assert_eq!(answer.status, 422, "{}", answer.text);
            assert!(answer.text.contains(words) && answer.text.contains(from), "{}", answer.text);
        }
        // Without the token of the form nothing is handed out.
        assert_eq!(app.post(&form, &[]).await.status, 409);
        assert_eq!(app.post_without_cookies("/evidence/bundle", &[("scope", "everything")]).await.status, 303);
    })
    .await;
}
