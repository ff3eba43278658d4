//! What people write, and what it means: one table per kind of column.

use jiff::civil::{date, datetime};

use super::*;
use crate::tables::ChoiceOption;
use ProblemKind::*;

fn read(text: &str, kind: &ColumnKind) -> Reading {
    read_value(&Cell::Text(text.into()), kind, false)
}

/// Checks a table of texts against values with a remark, or problems.
fn check(kind: &ColumnKind, cases: &[(&str, Result<Value, ProblemKind>, Option<ProblemKind>)]) {
    for (text, value, remark) in cases {
        let reading = read(text, kind);
        let expected = match value {
            Ok(value) => Reading { value: Some(value.clone()), remarks: remark.iter().cloned().collect() },
            Err(problem) => Reading { value: None, remarks: vec![problem.clone()] },
        };
        assert!(reading == expected, "{text}: {reading:?} {:?}", serde_json::to_string(&reading.value));
    }
}

#[test]
fn integers_with_units_and_approximations() {
    let number = |number, approximate| Ok(Value::Integer { number, approximate });
    check(
        &ColumnKind::Integer,
        &[
            ("1200", number(1200, false), None),
            ("約1,200件", number(1200, true), None),
            ("１，２００", number(1200, false), None),
            (" 約 300 名程度", number(300, true), None),
            ("千件", number(1000, true), None),
            ("1.2万人", number(12_000, true), None),
            ("3万", number(30_000, false), None),
            ("1億2,000万", number(120_000_000, false), None),
            ("二百五十名", number(250, false), None),
            ("-5", number(-5, false), None),
            ("200レコード", number(200, false), None),
            ("数百", Err(VagueNumber), None),
            ("多数", Err(VagueNumber), None),
            ("100〜200", Err(NotANumber), None),
            ("100以上", Err(RangeNotNumber), None),
            ("1.5", Err(NotWhole), None),
            ("たくさん", Err(NotANumber), None),
            ("12件3", Err(NotANumber), None),
            ("99999999999999999999999", Err(NumberOutOfRange), None),
            ("不明", Err(SaidUnknown), None),
        ],
    );
    assert_eq!(read_value(&Cell::Number(1.5), &ColumnKind::Integer, false).remarks, [NotWhole]);
    assert_eq!(read("－", &ColumnKind::Integer), Reading { value: None, remarks: vec![PlaceholderAsEmpty] });
}

#[test]
fn counts_are_numbers_or_ranges() {
    let count = |min, max, approximate| Ok(Value::Count { min, max, approximate });
    check(
        &ColumnKind::Count,
        &[
            ("1,200件", count(1200, Some(1200), false), None),
            ("約1,200件", count(1200, Some(1200), true), None),
            ("100〜200件", count(100, Some(200), false), None),
            ("100件～200件", count(100, Some(200), false), None),
            ("100-200", count(100, Some(200), false), None),
            ("1,000人以上", count(1000, None, false), None),
            ("500名以下", count(0, Some(500), false), None),
            ("500名未満", count(0, Some(499), false), None),
            ("1000人超", count(1001, None, false), None),
            ("200〜100", Err(NotANumber), None),
            ("数千件", Err(VagueNumber), None),
            ("-5", Err(NumberOutOfRange), None),
        ],
    );
}

#[test]
fn yen_in_the_forms_of_accounts() {
    let yen = |amount, approximate| Ok(Value::Yen { amount, approximate });
    check(
        &ColumnKind::Yen,
        &[
            ("¥1,200", yen(1200, false), None),
            ("￥1,200-", Err(NotANumber), None),
            ("1,200千円", yen(1_200_000, false), None),
            ("3百万円", yen(3_000_000, false), None),
            ("約10万円", yen(100_000, true), None),
            ("▲500", yen(-500, false), None),
            ("(500)", yen(-500, false), None),
        ],
    );
}

#[test]
fn dates_western_and_of_eras() {
    let day = |year, month, day| Ok(Value::Date { date: date(year, month, day) });
    check(
        &ColumnKind::Date,
        &[
            ("2026-04-01", day(2026, 4, 1), None),
            ("2026/4/1", day(2026, 4, 1), None),
            ("2026.4.1", day(2026, 4, 1), None),
            ("２０２６年４月１日", day(2026, 4, 1), None),
            ("2026年4月1日（水）", day(2026, 4, 1), None),
            ("2026/04/01 9:30", day(2026, 4, 1), None),
            ("2026-04-01T09:30:00", day(2026, 4, 1), None),
            ("20260401", day(2026, 4, 1), None),
            ("令和8年4月1日", day(2026, 4, 1), None),
            ("令和 8 年 4 月 1 日", day(2026, 4, 1), None),
            ("㋿8年4月1日", day(2026, 4, 1), None),
            ("R8.4.1", day(2026, 4, 1), None),
            ("r08/04/01", day(2026, 4, 1), None),
            ("H30.1.5", day(2018, 1, 5), None),
            ("S64.1.7", day(1989, 1, 7), None),
            ("令和元年5月1日", day(2019, 5, 1), None),
            ("平成元年1月8日", day(1989, 1, 8), None),
            ("平成35年3月31日", day(2023, 3, 31), Some(EraOverrun)),
            ("令和元年4月1日", day(2019, 4, 1), Some(EraOverrun)),
            ("平成元年", Err(DateIncomplete), None),
            ("2026年4月", Err(DateIncomplete), None),
            ("2026", Err(DateIncomplete), None),
            ("4月1日", Err(YearMissing), None),
            ("4/1", Err(YearMissing), None),
            ("26/4/1", Err(TwoDigitYear), None),
            ("2026/2/30", Err(NoSuchDay), None),
            ("令和8年13月1日", Err(NoSuchDay), None),
            ("01/04/2026", Err(NotADate), None),
            ("随時", Err(NotADate), None),
            ("2026/4/1〜2027/3/31", Err(NotADate), None),
            ("9:30", Err(NotADate), None),
        ],
    );
}

#[test]
fn dates_of_excel() {
    let day = Some(Value::Date { date: date(2026, 4, 1) });
    let of = |cell: &Cell, epoch| read_value(cell, &ColumnKind::Date, epoch);
    assert_eq!(of(&Cell::DateTime(datetime(2026, 4, 1, 13, 0, 0, 0)), false).value, day);
    assert_eq!(of(&Cell::Number(46_113.0), false), Reading { value: day.clone(), remarks: vec![SerialDate] });
    assert_eq!(of(&Cell::Number(44_651.0), true), Reading { value: day.clone(), remarks: vec![SerialDate] });
    assert_eq!(of(&Cell::Number(20_260_401.0), false).value, day);
    assert_eq!(of(&Cell::Number(2026.0), false).remarks, [DateIncomplete]);
    assert_eq!(of(&Cell::Number(3.0), false).remarks, [NotADate]);
}

#[test]
fn months_of_years() {
    let month = |year, month| Ok(Value::YearMonth { year, month });
    check(
        &ColumnKind::YearMonth,
        &[
            ("2026年4月", month(2026, 4), None),
            ("2026-04", month(2026, 4), None),
            ("令和8年4月", month(2026, 4), None),
            ("R8.4", month(2026, 4), None),
            ("2026/4/1", month(2026, 4), None),
            ("平成31年5月", month(2019, 5), Some(EraOverrun)),
            ("2026年", Err(NotAYearMonth), None),
            ("春", Err(NotAYearMonth), None),
        ],
    );
}

#[test]
fn periods_of_retention() {
    let length = |years, months, days| Span::Length { years, months, days };
    let period =
        |span, after: Option<&str>| Ok(Value::Period { period: Period { span, after: after.map(str::to_owned) } });
    check(
        &ColumnKind::Period,
        &[
            ("5年", period(length(5, 0, 0), None), None),
            ("５年間", period(length(5, 0, 0), None), None),
            ("3ヶ月", period(length(0, 3, 0), None), None),
            ("３カ月", period(length(0, 3, 0), None), None),
            ("1年6か月", period(length(1, 6, 0), None), None),
            ("2年半", period(length(2, 6, 0), None), None),
            ("90日", period(length(0, 0, 90), None), None),
            ("2週間", period(length(0, 0, 14), None), None),
            ("5年保存", period(length(5, 0, 0), None), None),
            ("永年", period(Span::Permanent, None), None),
            ("無期限", period(Span::Permanent, None), None),
            ("契約終了後5年", period(length(5, 0, 0), Some("契約終了")), None),
            ("退職日から3年", period(length(3, 0, 0), Some("退職日")), None),
            ("入社後から1年", period(length(1, 0, 0), Some("入社")), None),
            ("在職中", period(Span::While, Some("在職中")), None),
            ("5", Err(NotAPeriod), None),
            ("3月", Err(NotAPeriod), None),
            ("5年度", Err(NotAPeriod), None),
            ("適宜", Err(NotAPeriod), None),
            ("0年", Err(NotAPeriod), None),
        ],
    );
}

#[test]
fn yes_and_no() {
    let yes = |yes| Ok(Value::YesNo { yes });
    check(
        &ColumnKind::YesNo,
        &[
            ("○", yes(true), None),
            ("〇", yes(true), None),
            ("有", yes(true), None),
            ("あり", yes(true), None),
            ("はい", yes(true), None),
            ("Ｙｅｓ", yes(true), None),
            ("✓", yes(true), None),
            ("要", yes(true), None),
            ("×", yes(false), None),
            ("無", yes(false), None),
            ("なし", yes(false), None),
            ("いいえ", yes(false), None),
            ("不要", yes(false), None),
            ("-", yes(false), Some(DashAsNo)),
            ("△", Err(NotYesNo), None),
            ("一部", Err(NotYesNo), None),
            ("不明", Err(SaidUnknown), None),
        ],
    );
}

#[test]
fn choices_by_name_number_or_inside_a_text() {
    let kind = ColumnKind::Choice(vec![
        ChoiceOption::new("2", &["極秘", "Top secret"]),
        ChoiceOption::new("1", &["社外秘", "秘"]),
        ChoiceOption::new("0", &["公開"]),
    ]);
    let choice = |id: &str| Ok(Value::Choice { id: Label::from(id) });
    let refused = || Err(NotAChoice { allowed: vec!["極秘".into(), "社外秘".into(), "公開".into()] });
    check(
        &kind,
        &[
            ("極秘", choice("2"), None),
            ("２：極秘", choice("2"), None),
            ("極秘（2）", choice("2"), None),
            ("TOP SECRET", choice("2"), None),
            ("１", choice("1"), None),
            ("秘", choice("1"), None),
            ("当社の社外秘とする", choice("1"), Some(ChoiceInText)),
            ("1：極秘", choice("2"), Some(ChoiceInText)),
            ("極秘、社外秘", refused(), None),
            ("高", refused(), None),
        ],
    );
    assert_eq!(read_value(&Cell::Number(0.0), &kind, false).value, choice("0").ok());
}

#[test]
fn people_are_separated_as_people_separate_them() {
    let people = |names: &[&str]| Ok(Value::People { names: names.iter().map(|name| (*name).to_owned()).collect() });
    check(
        &ColumnKind::People,
        &[
            ("架空 太郎、仮名 花子", people(&["架空 太郎", "仮名 花子"]), None),
            ("総務部・人事部", people(&["総務部", "人事部"]), None),
            ("ジョン・スミス", people(&["ジョン・スミス"]), None),
            ("ジョン・スミス／架空 太郎", people(&["ジョン・スミス", "架空 太郎"]), None),
            ("甲\n乙,丙", people(&["甲", "乙", "丙"]), None),
        ],
    );
}

#[test]
fn telephone_numbers_and_mail_addresses() {
    let phone = |number: &str| Ok(Value::Phone { number: number.to_owned() });
    check(
        &ColumnKind::Phone,
        &[
            ("03-1234-5678", phone("03-1234-5678"), None),
            ("ＴＥＬ：０３（１２３４）５６７８", phone("03-1234-5678"), None),
            ("09012345678", phone("09012345678"), None),
            ("03‐1234ー5678", phone("03-1234-5678"), None),
            ("+81-3-1234-5678", phone("+81-3-1234-5678"), None),
            ("1234-5678", Err(NotAPhone), None),
            ("内線12", Err(NotAPhone), None),
        ],
    );
    let restored = read_value(&Cell::Number(312_345_678.0), &ColumnKind::Phone, false);
    assert_eq!(restored, Reading { value: phone("0312345678").ok(), remarks: vec![LeadingZeroRestored] });
    let email = |address: &str| Ok(Value::Email { address: address.to_owned() });
    check(
        &ColumnKind::Email,
        &[
            ("madoguchi@example.jp", email("madoguchi@example.jp"), None),
            ("ｍａｄｏ＠example.co.jp", email("mado@example.co.jp"), None),
            ("mailto:a+b@example.jp", email("a+b@example.jp"), None),
            ("a@example", Err(NotAnEmail), None),
            ("a@example.jp, b@example.jp", Err(NotAnEmail), None),
            ("a b@example.jp", Err(NotAnEmail), None),
        ],
    );
}

#[test]
fn formulas_without_a_result_and_failed_ones_are_problems_of_any_kind() {
    for kind in [ColumnKind::Text, ColumnKind::Integer, ColumnKind::YesNo] {
        assert_eq!(read_value(&Cell::Uncached, &kind, false).remarks, [UncachedFormula]);
        assert_eq!(read_value(&Cell::Error("#REF!"), &kind, false).remarks, [FormulaError { code: "#REF!" }]);
    }
}

#[test]
fn a_private_character_is_kept_and_warned_about() {
    let reading = read("渡\u{E000}", &ColumnKind::Text);
    assert_eq!(reading.remarks, [PrivateCharacter]);
    assert!(reading.value.is_some());
}
