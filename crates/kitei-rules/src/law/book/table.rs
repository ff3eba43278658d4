//! The rows of law as known on 2026-11-22.
//!
//! Invariant: data only; the sources are the articles named in each row.

use std::borrow::Cow;

use jiff::civil::{Date, date};

use super::{Pending, Row, Rule, Value};
use crate::law::{Wording, deadline::Days};

/// The 2020 and 2021 amendments of the APPI and the reporting rules of the My Number Act and the P-mark.
const REFORM: Date = date(2022, 4, 1);
/// Chapter 5 of the APPI reaches local governments.
const LOCAL: Date = date(2023, 4, 1);
/// Commission Rules No. 5 of 2023: item 3 reaches data being acquired.
const PLANNED: Date = date(2024, 4, 1);
/// Records of third-party provision.
const RECORDS: Date = date(2017, 5, 30);
/// Individual Numbers in use.
const NUMBERS: Date = date(2016, 1, 1);

const fn days(days: u16) -> Value {
    Value::Days(Days::constant(days))
}

const ROWS: &[(Rule, &str, Date, Value)] = &[
    (Rule::AppiReport, "個人情報保護法26条1項", REFORM, Value::InForce),
    (Rule::AppiReportPublicBody, "個人情報保護法68条1項", LOCAL, Value::InForce),
    (Rule::AppiPlannedData, "個人情報保護法施行規則7条3号（令和5年規則5号）", PLANNED, Value::InForce),
    (Rule::AppiPersonsOver, "個人情報保護法施行規則7条4号", REFORM, Value::PersonsOver(1000)),
    (Rule::AppiPersonsOverPublicBody, "個人情報保護法施行規則43条4号", LOCAL, Value::PersonsOver(100)),
    (Rule::AppiFinal, "個人情報保護法施行規則8条2項・44条", REFORM, days(30)),
    (Rule::AppiFinalImproper, "個人情報保護法施行規則8条2項・44条", REFORM, days(60)),
    (Rule::MyNumberReport, "番号法29条の4第1項", REFORM, Value::InForce),
    (Rule::MyNumberPersonsOver, "平成27年特定個人情報保護委員会規則第5号2条4号", REFORM, Value::PersonsOver(100)),
    (Rule::MyNumberFinal, "平成27年特定個人情報保護委員会規則第5号3条2項", REFORM, days(30)),
    (Rule::MyNumberFinalImproper, "平成27年特定個人情報保護委員会規則第5号3条2項", REFORM, days(60)),
    (Rule::PmarkReport, "PMK500 12条", REFORM, Value::InForce),
    (Rule::PmarkPersonsOver, "PMK500 12条", REFORM, Value::PersonsOver(1000)),
    (Rule::PmarkNumbersOver, "PMK500 12条", REFORM, Value::PersonsOver(100)),
    (Rule::PmarkFinal, "PMK500 12条", REFORM, days(30)),
    (Rule::PmarkFinalImproper, "PMK500 12条", REFORM, days(60)),
    (Rule::PreliminaryTarget, "個人情報保護法施行規則8条1項・通則ガイドライン3-5-3-3", REFORM, days(3)),
    (Rule::PreliminaryLimit, "個人情報保護法施行規則8条1項・通則ガイドライン3-5-3-3", REFORM, days(5)),
    (Rule::RetentionContract, "個人情報保護法施行規則21条1号・25条1号・29条1号", RECORDS, Value::Years(1)),
    (Rule::RetentionBatch, "個人情報保護法施行規則21条2号・25条2号・29条2号", RECORDS, Value::Years(3)),
    (Rule::RetentionEach, "個人情報保護法施行規則21条3号・25条3号・29条3号", RECORDS, Value::Years(3)),
    (Rule::RetentionTaxForm, "所得税法施行規則76条の3", NUMBERS, Value::Years(7)),
    (Rule::RetentionEmploymentInsuranceInsured, "雇用保険法施行規則143条", NUMBERS, Value::Years(4)),
    (Rule::RetentionEmploymentInsuranceOther, "雇用保険法施行規則143条", NUMBERS, Value::Years(2)),
    (Rule::RetentionHealthAndPension, "健康保険法施行規則34条・厚生年金保険法施行規則28条", NUMBERS, Value::Years(2)),
    (Rule::RetentionWorkersAccident, "労働者災害補償保険法施行規則51条", NUMBERS, Value::Years(3)),
    (Rule::RetentionLaborInsuranceCollection, "労働保険徴収法施行規則72条", NUMBERS, Value::Years(3)),
    (Rule::RetentionPropertyFormation, "勤労者財産形成促進法令", NUMBERS, Value::Years(5)),
    (Rule::RetentionWageLedger, "労働基準法109条・附則143条", date(2020, 4, 1), Value::Years(3)),
];

pub(super) fn rows() -> Vec<Row> {
    let row = |(rule, article, effective_from, value): &(Rule, &'static str, Date, Value)| Row {
        rule: *rule,
        article: Cow::Borrowed(article),
        effective_from: *effective_from,
        effective_to: None,
        value: *value,
    };
    ROWS.iter().map(row).collect()
}

/// The main part of Act No. 56 of 2026 comes into force by order within two years of 2026-07-17.
const MAIN_PART_BY: Date = date(2028, 7, 16);
/// Its penalty part.
const PENALTIES: Date = date(2027, 1, 17);

/// Subjects of 令和8年法律56号: whether they touch reports, Japanese, English.
const SUBJECTS: &[(bool, &str, &str)] = &[
    (true, "本人通知の緩和（26条2項）", "relaxed notice to principals (article 26(2))"),
    (true, "委託先の義務", "duties of contractors"),
    (false, "統計作成等の特例", "special rule for making statistics"),
    (false, "同意の例外の拡大", "wider exceptions from consent"),
    (false, "16歳未満の本人", "principals under 16"),
    (false, "特定生体個人情報", "specific biometric personal information"),
    (false, "連絡可能個人関連情報", "personally referable information that allows contact"),
    (false, "オプトアウト提供先の確認", "confirmation of recipients under opt-out"),
    (false, "勧告・命令の見直し", "recommendations and orders"),
    (false, "補助者への要請", "requests to those who assist"),
    (false, "課徴金", "administrative fines"),
];

pub(super) fn pending() -> Vec<Pending> {
    let law = "令和8年法律第56号";
    let row = |(concerns_reports, ja, en): &(bool, &'static str, &'static str)| Pending {
        law: Cow::Borrowed(law),
        effective_from: None,
        effective_by: Some(MAIN_PART_BY),
        concerns_reports: *concerns_reports,
        subject: Wording::fixed(ja, en),
    };
    let penalties = Pending {
        law: Cow::Borrowed(law),
        effective_from: Some(PENALTIES),
        effective_by: Some(PENALTIES),
        concerns_reports: false,
        subject: Wording::fixed("罰則の強化", "heavier penalties"),
    };
    SUBJECTS.iter().map(row).chain(std::iter::once(penalties)).collect()
}
