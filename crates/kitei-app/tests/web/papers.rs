//! Papers: as PDF, as JSON, as text to paste, and the forms of registers.

use kitei_evidence::Digest;
use serde_json::Value as Json;

use crate::app::{App, each_engine};

/// The address of the record that an answer leads to.
fn led(location: Option<String>) -> String {
    location.expect("it leads to the record")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_the_same_as_pdf_json_and_text() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure"]).await;
        let made = app
            .send(
                "/registers/incident/new",
                &[
                    ("title", "顧客名簿の流出"),
                    ("what_happened", "公開フォルダに置かれていた。"),
                    ("noticed_at-date", "2025-04-01"),
                    ("noticed_at-time", "09:00"),
                    ("breach_types", "leak"),
                    ("information", "personal-data"),
                ],
            )
            .await;
        let record = led(made.location);
        let paper = format!("{record}/papers/ppc-report");
        // The newest checkpoint stands on every paper once there is one.
        let all = app.installation.all().await.expect("organisations");
        let id = all.first().expect("the first organisation").org;
        let organization = app.installation.organization(id).await.expect("open");
        app.installation.sign(&organization).await.expect("signed");

        let json: Json = serde_json::from_str(&app.get(&format!("{paper}.json")).await.text).expect("JSON");
        assert_eq!(json["paper"], "ppc-report");
        assert_eq!(json["sections"].as_array().map(Vec::len), Some(11), "the kind, who reports, and nine items");
        let said = json.to_string();
        assert!(said.contains("公開フォルダに置かれていた。"), "{said}");
        assert!(json["checkpoint"]["root"].as_str().is_some_and(|root| root.len() == 19), "{said}");

        let text = app.get(&format!("{paper}.txt")).await.text;
        for row in
            json["sections"].as_array().into_iter().flatten().flat_map(|section| section["rows"].as_array()).flatten()
        {
            let line =
                format!("{}: {}", row["label"].as_str().unwrap_or_default(), row["value"].as_str().unwrap_or_default());
            assert!(text.contains(&line), "{line} is not in {text}");
        }

        let pdf = app.get(&format!("{paper}.pdf")).await;
        assert!(pdf.status == 200 && pdf.text.starts_with("%PDF-"), "{}", pdf.status);
        let again = app.get(&paper).await;
        assert_eq!(Digest::of(pdf.text.as_bytes()), Digest::of(again.text.as_bytes()), "same paper, same bytes");
        assert_eq!(app.get(&format!("{record}/papers/nothing.json")).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_set_by_the_template_of_its_pack() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure"]).await;
        let made =
            app.send("/registers/incident/new", &[("title", "誤送信"), ("what_happened", "宛先を間違えた。")]).await;
        let letter = app.get(&format!("{}/papers/leak-principal-notice", led(made.location))).await;
        assert!(letter.status == 200 && letter.text.starts_with("%PDF-"), "{}", letter.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_register_prints_its_form_blank_and_filled() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure"]).await;
        for register in ["incident", "ledger", "person", "organization"] {
            let form = app.get(&format!("/registers/{register}/form.pdf")).await;
            assert!(form.status == 200 && form.text.starts_with("%PDF-"), "{register}: {}", form.status);
        }
        let made = app.send("/registers/incident/new", &[("title", "誤送信")]).await;
        let filled = app.get(&format!("{}/form.pdf", led(made.location))).await;
        assert!(filled.status == 200 && filled.text.starts_with("%PDF-"), "{}", filled.status);
        assert_eq!(app.get("/registers/nothing/form.pdf").await.status, 404);
    })
    .await;
}
