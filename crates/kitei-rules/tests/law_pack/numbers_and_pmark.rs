//! Incidents with Individual Numbers (My Number Act article 29-4) and under the P-mark (PMK500 article 12).

use serde_json::{Value as Json, json};

use super::{AGREEMENT, Case, check, number};

#[test]
fn scenarios_of_the_my_number_act() {
    let numbers = |more: Json| {
        let mut told = json!({ "individual_number": true, "information": ["specific"], "number_system": "own" });
        if let (Some(told), Some(more)) = (told.as_object_mut(), more.as_object()) {
            told.extend(more.clone());
        }
        told
    };
    check(&[
        Case {
            name: "S15 100 employees mis-sent: no report, but to be striven for",
            noticed: "2026-11-24",
            told: numbers(json!({ "persons": 100 })),
            facts: json!({ "number_reportable": false, "number_voluntary": "endeavor" }),
            ..Case::default()
        },
        Case {
            name: "S16 101 employees mis-sent",
            noticed: "2026-11-24",
            told: numbers(json!({ "persons": 101 })),
            facts: json!({ "number_items": ["4"], "appi_reportable": false, "number_final_days": 30 }),
            tasks: number("2026-11-28", "2026-12-23"),
            ..Case::default()
        },
        Case {
            name: "S16 with disability deductions: both Acts",
            noticed: "2026-11-24",
            told: numbers(json!({ "persons": 101, "special_care": true })),
            facts: json!({ "number_items": ["4"], "appi_items": ["1"] }),
            tasks: json!({ "report-ppc-preliminary": "2026-11-28", "report-ppc-final": "2026-12-23",
                "report-number-preliminary": "2026-11-28", "report-number-final": "2026-12-23" }),
            ..Case::default()
        },
        Case {
            name: "S17 one employee on a public page",
            noticed: "2026-11-24",
            told: numbers(json!({ "open_to_public": true })),
            facts: json!({ "number_items": ["3"] }),
            tasks: number("2026-11-28", "2026-12-23"),
            ..Case::default()
        },
        Case {
            name: "S18 staff looked up colleagues' numbers",
            noticed: "2026-11-02",
            told: numbers(json!({ "persons": 2, "breach_types": null, "number_act": "use", "improper_purpose": true })),
            facts: json!({ "number_items": ["2"], "appi_reportable": false, "number_final_days": 60, "law_acts": ["use"] }),
            tasks: number("2026-11-06", "2027-01-04"),
            ..Case::default()
        },
        Case {
            name: "D20 in a system for affairs using numbers",
            noticed: "2026-11-24",
            told: numbers(json!({ "number_system": "use-office" })),
            facts: json!({ "number_items": ["1"], "appi_reportable": false }),
            tasks: number("2026-11-28", "2026-12-23"),
            ..Case::default()
        },
        Case {
            name: "D22 a city's contractor, by mistake",
            noticed: "2026-11-24",
            told: numbers(json!({ "number_system": "government-contractor" })),
            facts: json!({ "number_items": ["1"], "number_final_days": 30 }),
            tasks: number("2026-11-28", "2026-12-23"),
            ..Case::default()
        },
    ]);
}

#[test]
fn pmk500_article_12() {
    let pmark = json!({ "pmark": true });
    check(&[
        Case {
            name: "every accident, from one person, without a preliminary report",
            told: json!({}),
            organization: pmark.clone(),
            facts: json!({ "appi_reportable": false, "pmark_kinds": ["1"], "pmark_grounds": null, "pmark_final_days": 30 }),
            tasks: json!({ "report-pmark-final": "2026-12-21" }),
            ..Case::default()
        },
        Case {
            name: "S07 encryption frees from the PPC and not from the P-mark",
            noticed: "2026-12-01",
            told: json!({ "special_care": true, "encryption": true, "encryption_strong": true, "encryption_applied": true,
                "encryption_key_safe": true }),
            organization: pmark.clone(),
            facts: json!({ "pmark_grounds": ["special-care"] }),
            tasks: json!({ "report-pmark-preliminary": "2026-12-05", "report-pmark-final": "2026-12-30" }),
            ..Case::default()
        },
        Case {
            name: "a refused request is an accident, and no breach",
            told: json!({ "breach_types": null, "accident_kinds": ["refused"] }),
            organization: pmark.clone(),
            facts: json!({ "appi_reportable": false, "pmark_kinds": ["8"] }),
            tasks: json!({ "report-pmark-final": "2026-12-21" }),
            ..Case::default()
        },
        Case {
            name: "S12 telling the client does not relieve",
            noticed: "2026-11-05",
            told: json!({ "improper_purpose": true, "agreement": AGREEMENT.to_string() }),
            client_told: Some("2026-11-09"),
            organization: pmark,
            facts: json!({ "pmark_final_days": 60 }),
            tasks: json!({ "report-pmark-preliminary": "2026-11-09", "report-pmark-final": "2027-01-03" }),
            ..Case::default()
        },
    ]);
}
