//! The worked examples of the statutory specification (§14.1, §14.2) and the algebra of the limit.

use jiff::{ToSpan, civil::Date};
use proptest::prelude::*;

use super::{Days, FIRST_DAY, KnownOn, LAST_DAY, final_limit, pmark_limit, preliminary};
use crate::law::calendar::Calendar;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn known(text: &str) -> KnownOn {
    KnownOn::new(day(text)).expect("within the calendar")
}

/// Number of days, day 1, raw last day, limit, skipped days with reasons.
const FINAL: &[(u16, &str, &str, &str, &str)] = &[
    (
        30,
        "2025-04-04",
        "2025-05-03",
        "2025-05-07",
        "05-03 土・憲法記念日; 05-04 日・みどりの日; 05-05 こどもの日; 05-06 みどりの日 振替休日",
    ),
    (30, "2025-08-16", "2025-09-14", "2025-09-16", "09-14 日; 09-15 敬老の日"),
    (
        30,
        "2025-11-29",
        "2025-12-28",
        "2026-01-05",
        "12-28 日; 12-29 年末年始; 12-30 年末年始; 12-31 年末年始; 01-01 元日・年末年始; 01-02 年末年始; 01-03 土・年末年始; 01-04 日",
    ),
    (30, "2025-12-05", "2026-01-03", "2026-01-05", "01-03 土・年末年始; 01-04 日"),
    (30, "2026-03-06", "2026-04-04", "2026-04-06", "04-04 土; 04-05 日"),
    (30, "2026-04-06", "2026-05-05", "2026-05-07", "05-05 こどもの日; 05-06 憲法記念日 振替休日"),
    (30, "2026-08-24", "2026-09-22", "2026-09-24", "09-22 国民の休日; 09-23 秋分の日"),
    (30, "2026-11-22", "2026-12-21", "2026-12-21", ""),
    (
        30,
        "2026-11-30",
        "2026-12-29",
        "2027-01-04",
        "12-29 年末年始; 12-30 年末年始; 12-31 年末年始; 01-01 元日・年末年始; 01-02 土・年末年始; 01-03 日・年末年始",
    ),
    (30, "2026-12-06", "2027-01-04", "2027-01-04", ""),
    (30, "2027-01-13", "2027-02-11", "2027-02-12", "02-11 建国記念の日"),
    (
        30,
        "2027-04-02",
        "2027-05-01",
        "2027-05-06",
        "05-01 土; 05-02 日; 05-03 憲法記念日; 05-04 みどりの日; 05-05 こどもの日",
    ),
    (30, "2027-12-03", "2028-01-01", "2028-01-04", "01-01 土・元日・年末年始; 01-02 日・年末年始; 01-03 年末年始"),
    (60, "2025-11-05", "2026-01-03", "2026-01-05", "01-03 土・年末年始; 01-04 日"),
    (
        60,
        "2026-03-05",
        "2026-05-03",
        "2026-05-07",
        "05-03 日・憲法記念日; 05-04 みどりの日; 05-05 こどもの日; 05-06 憲法記念日 振替休日",
    ),
    (60, "2026-07-24", "2026-09-21", "2026-09-24", "09-21 敬老の日; 09-22 国民の休日; 09-23 秋分の日"),
    (
        60,
        "2026-11-02",
        "2026-12-31",
        "2027-01-04",
        "12-31 年末年始; 01-01 元日・年末年始; 01-02 土・年末年始; 01-03 日・年末年始",
    ),
    (60, "2026-11-24", "2027-01-22", "2027-01-22", ""),
    (60, "2027-01-21", "2027-03-21", "2027-03-23", "03-21 日・春分の日; 03-22 春分の日 振替休日"),
    (
        60,
        "2027-10-31",
        "2027-12-29",
        "2028-01-04",
        "12-29 年末年始; 12-30 年末年始; 12-31 年末年始; 01-01 土・元日・年末年始; 01-02 日・年末年始; 01-03 年末年始",
    ),
];

#[test]
fn enforcement_rules_article_8_2_worked_examples() {
    for (days, first, raw, limit, skipped) in FINAL {
        let days = Days::try_from(*days).expect("a period");
        let answer = final_limit(&Calendar::default(), known(first), days);
        assert_eq!((answer.raw, answer.limit), (day(raw), day(limit)), "{first}");
        let told: Vec<String> = answer
            .skipped
            .iter()
            .map(|skipped| format!("{} {}", &skipped.date.to_string()[5..], skipped.reason))
            .collect();
        assert_eq!(told.join("; "), *skipped, "{first}");
    }
}

fn days(count: u16) -> Days {
    Days::try_from(count).expect("a period")
}

#[test]
fn guideline_3_5_3_3_preliminary_window_never_moves() {
    let cases = [
        ("2025-12-27", "2025-12-29", "2025-12-31"),
        ("2026-09-18", "2026-09-20", "2026-09-22"),
        ("2026-11-22", "2026-11-24", "2026-11-26"),
        ("2027-04-30", "2027-05-02", "2027-05-04"),
        ("2028-02-27", "2028-02-29", "2028-03-02"),
    ];
    for (first, target, limit) in cases {
        let window = preliminary(known(first), days(3), days(5));
        assert_eq!((window.target, window.limit), (day(target), day(limit)));
        assert_eq!(window.label.ja, "目安");
    }
}

#[test]
fn pmk500_article_12_dates_never_move() {
    let answer = pmark_limit(known("2026-11-30"), Days::THIRTY);
    assert_eq!((answer.limit, answer.label.map(|label| label.ja)), (day("2026-12-29"), Some("目安".into())));
    assert_eq!(pmark_limit(known("2026-11-02"), Days::SIXTY).limit, day("2026-12-31"));
}

#[test]
fn days_and_dates_are_bounded() {
    assert!(Days::try_from(0).is_err() && Days::try_from(121).is_err() && Days::try_from(120).is_ok());
    assert!(KnownOn::new(day("2006-12-31")).is_err() && KnownOn::new(day("2099-07-01")).is_err());
    assert!(KnownOn::new(FIRST_DAY).is_ok() && KnownOn::new(LAST_DAY).is_ok());
}

fn any_known() -> impl Strategy<Value = KnownOn> {
    (0_i64..33_784).prop_map(|days| KnownOn::new(FIRST_DAY.saturating_add(days.days())).expect("within the calendar"))
}

proptest! {
    #[test]
    fn limit_is_open_not_before_raw_and_skips_closed_days_only(first in any_known(), days in 1_u16..=120) {
        let calendar = Calendar::default();
        let answer = final_limit(&calendar, first, Days::try_from(days).expect("a period"));
        prop_assert!(!calendar.is_closed(answer.limit));
        prop_assert!(answer.limit >= answer.raw);
        let mut passed = answer.raw;
        for skipped in &answer.skipped {
            prop_assert_eq!(skipped.date, passed);
            prop_assert!(calendar.is_closed(passed));
            passed = passed.saturating_add(1.day());
        }
        prop_assert_eq!(passed, answer.limit);
        prop_assert!(answer.skipped.len() <= 12);
    }

    #[test]
    fn limit_is_monotone_in_knowing_and_in_days(first in any_known(), later in 0_i64..400, days in 1_u16..=119) {
        let calendar = Calendar::default();
        let (shorter, longer) = (Days::try_from(days).expect("a period"), Days::try_from(days + 1).expect("a period"));
        let limit = final_limit(&calendar, first, shorter).limit;
        prop_assert!(limit <= final_limit(&calendar, first, longer).limit);
        if let Ok(second) = KnownOn::new(first.date().saturating_add(later.days())) {
            prop_assert!(limit <= final_limit(&calendar, second, shorter).limit);
        }
    }
}
