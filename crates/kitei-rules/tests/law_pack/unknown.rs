//! What nobody has answered counts as possible; what is said to be none of it does not.

use serde_json::{Map, Value as Json, json};

use super::{Case, answers, both, check};

#[test]
fn what_nobody_answered_counts_as_possible() {
    let nothing: Map<String, Json> = answers().keys().map(|field| (field.clone(), Json::Null)).collect();
    let only = |told: Json| {
        let mut all = nothing.clone();
        all.extend(told.as_object().cloned().unwrap_or_default());
        Json::Object(all)
    };
    let everything = json!({ "report-ppc-preliminary": "2026-11-26", "report-ppc-final": "2026-12-21",
        "report-number-preliminary": "2026-11-26", "report-number-final": "2026-12-21",
        "report-pmark-preliminary": "2026-11-26", "report-pmark-final": "2026-12-21" });
    let pmark = json!({ "pmark": true });
    check(&[
        Case {
            name: "nothing is known",
            told: only(json!({})),
            organization: pmark.clone(),
            facts: json!({ "appi_items": ["1", "2", "3", "4"], "appi_possible_items": ["1", "2", "3", "4"],
                "number_items": ["1", "2", "3", "4"], "pmark_kinds": ["9"], "appi_final_limit_if_established": "2027-01-20" }),
            tasks: everything.clone(),
            ..Case::default()
        },
        Case {
            name: "only that something was lost",
            told: only(json!({ "report_kind": "lost" })),
            organization: pmark.clone(),
            facts: json!({ "law_acts": ["leak", "loss"], "pmark_kinds": ["1", "2"] }),
            tasks: everything,
            ..Case::default()
        },
        Case {
            name: "no personal information was touched",
            told: only(json!({ "information": ["business"] })),
            organization: pmark.clone(),
            facts: json!({ "law_not_personal": true, "appi_reportable": false, "number_reportable": false, "pmark_reportable": false }),
            ..Case::default()
        },
        Case {
            name: "a near miss",
            told: only(json!({ "other_kinds": ["near-miss"] })),
            organization: pmark,
            facts: json!({ "law_not_personal": true, "appi_reportable": false, "pmark_reportable": false }),
            ..Case::default()
        },
        Case {
            name: "business information, but special care was answered yes: the doubt counts",
            told: json!({ "information": ["business"], "special_care": true }),
            facts: json!({ "law_not_personal": false, "appi_items": ["1"] }),
            tasks: both("2026-11-26", "2026-12-21"),
            ..Case::default()
        },
        Case {
            name: "the number of persons may reach past 1,000",
            told: json!({ "persons": { "least": 800, "most": 1200 } }),
            facts: json!({ "appi_items": ["4"], "appi_possible_items": ["4"] }),
            tasks: both("2026-11-26", "2026-12-21"),
            ..Case::default()
        },
    ]);
}
