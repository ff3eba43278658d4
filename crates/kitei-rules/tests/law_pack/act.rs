//! Incidents under APPI article 26, as a person would answer the form (specification 14.3 and 14.5).

use serde_json::json;

use super::{AGREEMENT, CONTRACTOR, Case, at, both, check};

/// Specification 14.3, with the decision table 14.5 where it adds something.
#[test]
fn scenarios_of_the_act() {
    check(&[
        Case {
            name: "S01 mis-sent to 1,001 persons",
            told: json!({ "persons": 1001, "cause_kind": "mis-sent" }),
            facts: json!({ "known_on": "2026-11-22", "appi_reportable": true, "appi_items": ["4"], "appi_possible_items": [],
                "appi_preliminary_target": "2026-11-24", "appi_final_days": 30, "appi_final_limit": "2026-12-21",
                "number_reportable": false, "pmark_reportable": null }),
            tasks: both("2026-11-26", "2026-12-21"),
            ..Case::default()
        },
        Case {
            name: "S02 exactly 1,000 persons",
            told: json!({ "persons": 1000 }),
            facts: json!({ "appi_reportable": false, "appi_items": [], "appi_voluntary": "may", "appi_final_limit": null }),
            ..Case::default()
        },
        Case {
            name: "S04 stolen paper file: theft is an improper purpose",
            noticed: "2026-07-24",
            told: json!({ "persons": 3, "breach_types": null, "cause_kind": "theft", "improper_purpose": null }),
            facts: json!({ "appi_items": ["3"], "appi_final_days": 60, "appi_final_counted": "2026-09-21" }),
            tasks: both("2026-07-28", "2026-09-24"),
            ..Case::default()
        },
        Case {
            name: "S05 card data by a program error",
            noticed: "2026-12-06",
            told: json!({ "financial_damage": null, "data_items": ["name", "credit-card"], "cause_kind": "settings" }),
            facts: json!({ "appi_items": ["2"], "appi_final_days": 30 }),
            tasks: both("2026-12-10", "2027-01-04"),
            ..Case::default()
        },
    ]);
}

#[test]
fn scenarios_of_exemptions() {
    check(&[
        Case {
            name: "S06 ransomware, full copy, shown that nothing was taken",
            noticed: "2026-03-05",
            told: json!({ "persons": 2000, "special_care": true, "breach_types": ["damage"], "cause_kind": "ransomware",
                "improper_purpose": true, "copy_exists": true, "exfiltration": false }),
            facts: json!({ "appi_reportable": false, "law_acts": ["damage"] }),
            ..Case::default()
        },
        Case {
            name: "S06 ransomware, full copy, logs not examined: a leak is feared",
            noticed: "2026-03-05",
            told: json!({ "persons": 2000, "special_care": true, "breach_types": ["damage"], "cause_kind": "ransomware",
                "improper_purpose": null, "copy_exists": true }),
            facts: json!({ "appi_items": ["1", "3", "4"], "appi_final_days": 60 }),
            tasks: both("2026-03-09", "2026-05-07"),
            ..Case::default()
        },
        Case {
            name: "guideline 3-5-1-4: a copy does not undo falsification",
            told: json!({ "special_care": true, "breach_types": null, "accident_kinds": ["falsified"], "copy_exists": true }),
            facts: json!({ "law_acts": ["damage"], "appi_items": ["1"] }),
            tasks: both("2026-11-26", "2026-12-21"),
            ..Case::default()
        },
        Case {
            name: "guideline 3-5-1-3: a copy undoes a loss",
            told: json!({ "special_care": true, "breach_types": ["loss"], "copy_exists": true }),
            facts: json!({ "law_acts": ["loss"], "appi_reportable": false }),
            ..Case::default()
        },
        Case {
            name: "S07 USB with health data, all conditions of encryption shown",
            noticed: "2026-12-01",
            told: json!({ "special_care": true, "encryption": true, "encryption_strong": true, "encryption_applied": true,
                "encryption_key_safe": true }),
            facts: json!({ "appi_reportable": false }),
            ..Case::default()
        },
        Case {
            name: "S07 one condition of encryption is not known",
            noticed: "2026-12-01",
            told: json!({ "special_care": true, "encryption": true, "encryption_strong": true, "encryption_applied": true }),
            facts: json!({ "appi_reportable": true, "appi_items": ["1"], "appi_possible_items": ["1"] }),
            tasks: both("2026-12-05", "2027-01-04"),
            ..Case::default()
        },
        Case {
            name: "S08 the same USB without encryption, lost outside",
            noticed: "2026-12-01",
            told: json!({ "special_care": true, "breach_types": null, "accident_kinds": ["lost"], "outside_company": true }),
            facts: json!({ "law_acts": ["leak"], "appi_items": ["1"], "appi_preliminary_target": "2026-12-03" }),
            tasks: both("2026-12-05", "2027-01-04"),
            ..Case::default()
        },
    ]);
}

#[test]
fn scenarios_of_the_wording_and_of_day_one() {
    check(&[
        Case {
            name: "S09 skimming of an input form since 1 April 2024",
            noticed: "2024-04-10",
            told: json!({ "persons": 20, "stage": "planned-personal-data", "improper_purpose": true, "occurred_at": at("2024-04-01").to_string() }),
            facts: json!({ "appi_items": ["3"] }),
            tasks: both("2024-04-14", "2024-06-10"),
            ..Case::default()
        },
        Case {
            name: "S10 the same before 1 April 2024",
            noticed: "2024-03-20",
            told: json!({ "persons": 20, "stage": "planned-personal-data", "improper_purpose": true, "occurred_at": at("2024-03-20").to_string() }),
            facts: json!({ "appi_reportable": false, "appi_voluntary": "may" }),
            ..Case::default()
        },
        Case {
            name: "S14 letter recovered unopened",
            told: json!({ "recovered": true, "viewed": false, "special_care": true }),
            facts: json!({ "appi_reportable": false }),
            ..Case::default()
        },
        Case {
            name: "D10 pseudonymously processed information",
            told: json!({ "pseudonymised": true, "persons": 9999 }),
            facts: json!({ "appi_reportable": false }),
            ..Case::default()
        },
        Case {
            name: "S20 a municipality mis-sends papers of 150",
            noticed: "2026-08-24",
            told: json!({ "persons": 150 }),
            organization: json!({ "pmark": false, "municipality": true }),
            facts: json!({ "appi_items": ["4"] }),
            tasks: both("2026-08-28", "2026-09-24"),
            ..Case::default()
        },
        Case {
            name: "E06 the year-end closes three weeks of counting",
            noticed: "2025-11-29",
            told: json!({ "special_care": true }),
            tasks: both("2025-12-03", "2026-01-05"),
            ..Case::default()
        },
        Case {
            name: "the first department to know counts, whoever notices later",
            noticed: "2026-11-24",
            told: json!({ "special_care": true }),
            knowings: &["2026-11-23", "2026-11-22"],
            facts: json!({ "known_on": "2026-11-22", "appi_day_one": "2026-11-22" }),
            tasks: both("2026-11-26", "2026-12-21"),
            ..Case::default()
        },
        Case {
            name: "a slip of the pen in the day of the event silences nothing",
            told: json!({ "special_care": true, "occurred_at": at("2026-11-30").to_string() }),
            facts: json!({ "appi_items": ["1"] }),
            tasks: both("2026-11-26", "2026-12-21"),
            ..Case::default()
        },
    ]);
}

#[test]
fn scenarios_that_grow_and_entrusted_data() {
    check(&[
        Case {
            name: "S11 a count that grows past 1,000",
            noticed: "2026-11-02",
            told: json!({ "persons": 1200 }),
            earlier: Some(("persons", "2026-11-20", json!(300))),
            facts: json!({ "known_on": "2026-11-02", "appi_items": ["4"], "appi_day_one": "2026-11-20" }),
            tasks: both("2026-11-24", "2026-12-21"),
            ..Case::default()
        },
        Case {
            name: "S12 a contractor tells its client on the fifth day",
            noticed: "2026-11-05",
            told: json!({ "improper_purpose": true, "agreement": AGREEMENT.to_string() }),
            client_told: Some("2026-11-09"),
            facts: json!({ "appi_relieved": true, "appi_reportable": false, "appi_items": ["3"] }),
            ..Case::default()
        },
        Case {
            name: "S12 the client itself, told by its contractor",
            noticed: "2026-11-09",
            told: json!({ "improper_purpose": true, "contractor": CONTRACTOR.to_string() }),
            facts: json!({ "appi_relieved": false, "appi_items": ["3"] }),
            tasks: both("2026-11-13", "2027-01-07"),
            ..Case::default()
        },
        Case {
            name: "S13 a contractor before telling: both owe",
            noticed: "2026-11-05",
            told: json!({ "improper_purpose": true, "agreement": AGREEMENT.to_string() }),
            facts: json!({ "appi_relieved": false, "appi_notify_client_target": "2026-11-07", "appi_notify_client_limit": "2026-11-09" }),
            tasks: both("2026-11-09", "2027-01-04"),
            ..Case::default()
        },
        Case {
            name: "what was unknown turns out not to be so: the report falls away",
            noticed: "2026-11-02",
            earlier: Some(("special_care", "2026-11-10", json!({ "unknown": true }))),
            facts: json!({ "appi_reportable": false, "appi_items": [], "law_data": ["plain"] }),
            ..Case::default()
        },
        Case {
            name: "what happened becomes known later: day 1 stays",
            noticed: "2026-11-02",
            told: json!({ "special_care": true }),
            earlier: Some(("breach_types", "2026-11-10", json!({ "unknown": true }))),
            organization: json!({ "pmark": true }),
            facts: json!({ "appi_items": ["1"], "appi_possible_items": [], "appi_day_one": "2026-11-02", "pmark_kinds": ["1"] }),
            tasks: json!({ "report-ppc-preliminary": "2026-11-06", "report-ppc-final": "2026-12-01",
                "report-pmark-preliminary": "2026-11-06", "report-pmark-final": "2026-12-01" }),
            ..Case::default()
        },
        Case {
            name: "malice found later: 60 days from the first knowing",
            noticed: "2026-11-02",
            told: json!({ "special_care": true, "improper_purpose": true }),
            earlier: Some(("improper_purpose", "2026-11-20", json!(false))),
            facts: json!({ "appi_items": ["1", "3"], "appi_final_days": 60, "appi_day_one": "2026-11-02" }),
            tasks: both("2026-11-06", "2027-01-04"),
            ..Case::default()
        },
    ]);
}
