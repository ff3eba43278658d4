//! The Act on National Holidays and the closed days, against the official lists and an independent table.

use jiff::civil::{Date, date};

use super::{Calendar, FIRST_YEAR, Gazetted, HolidayKind, LAST_YEAR};
use crate::law::Wording;

fn days(year: i16) -> Vec<String> {
    Calendar::default().holidays(year).iter().map(|holiday| holiday.date.to_string()[5..].to_owned()).collect()
}

#[test]
fn article_3_official_lists_2025_to_2028() {
    let lists = [
        (
            2025,
            "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 11-24",
        ),
        (
            2026,
            "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
        ),
        (2027, "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23"),
        (2028, "01-01 01-10 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-22 10-09 11-03 11-23"),
        (
            2019,
            "01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-23 10-14 10-22 11-03 11-04 11-23",
        ),
        (
            2020,
            "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 11-03 11-23",
        ),
        (2021, "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 11-23"),
        (
            2007,
            "01-01 01-08 02-11 02-12 03-21 04-29 04-30 05-03 05-04 05-05 07-16 09-17 09-23 09-24 10-08 11-03 11-23 12-23 12-24",
        ),
    ];
    for (year, list) in lists {
        assert_eq!(days(year).join(" "), list, "{year}");
    }
}

/// How many days off each year has, by an independent implementation.
const COUNTS: &[usize] = &[
    19, 17, 17, 16, 15, 18, 17, 17, 17, 17, 17, 20, 22, 18, 17, 16, 17, 21, 19, 18, 17, 16, 19, 19, 19, 17, 17, 17, 19,
    18, 18, 16, 16, 18, 19, 19, 18, 17, 17, 19, 19, 18, 17, 17, 17, 21, 19, 18, 17, 16, 18, 19, 19, 17, 17, 17, 19, 18,
    17, 16, 17, 18, 20, 19, 18, 17, 17, 19, 19, 18, 17, 17, 17, 21, 19, 17, 16, 16, 18, 20, 19, 17, 17, 17, 19, 18, 17,
    17, 17, 18, 20, 19, 18,
];

#[test]
fn article_3_counts_2007_to_2099() {
    let counts: Vec<usize> = (FIRST_YEAR..=LAST_YEAR).map(|year| days(year).len()).collect();
    assert_eq!(counts, COUNTS);
}

#[test]
fn article_3_3_days_between_holidays() {
    let calendar = Calendar::default();
    let found: Vec<Date> = (FIRST_YEAR..=LAST_YEAR)
        .flat_map(|year| calendar.holidays(year))
        .filter(|holiday| holiday.kind == HolidayKind::Between)
        .map(|holiday| holiday.date)
        .collect();
    let expected: Vec<Date> = BETWEEN.iter().map(|day| day.parse().expect("a date")).collect();
    assert_eq!(found, expected);
}

const BETWEEN: &[&str] = &[
    "2009-09-22",
    "2015-09-22",
    "2019-04-30",
    "2019-05-02",
    "2026-09-22",
    "2032-09-21",
    "2037-09-22",
    "2043-09-22",
    "2049-09-21",
    "2054-09-22",
    "2060-09-21",
    "2071-09-22",
    "2077-09-21",
    "2088-09-21",
    "2094-09-21",
    "2099-09-22",
];

#[test]
fn closed_days_and_their_reasons() {
    let cases = [
        (date(2025, 5, 3), "土・憲法記念日"),
        (date(2025, 5, 4), "日・みどりの日"),
        (date(2025, 5, 5), "こどもの日"),
        (date(2025, 5, 6), "みどりの日 振替休日"),
        (date(2026, 5, 6), "憲法記念日 振替休日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2027, 3, 22), "春分の日 振替休日"),
        (date(2026, 1, 1), "元日・年末年始"),
        (date(2028, 1, 1), "土・元日・年末年始"),
        (date(2028, 1, 2), "日・年末年始"),
        (date(2023, 1, 1), "日・元日・年末年始"),
        (date(2023, 1, 2), "元日 振替休日・年末年始"),
        (date(2025, 12, 28), "日"),
        (date(2025, 12, 29), "年末年始"),
        (date(2026, 4, 4), "土"),
    ];
    let calendar = Calendar::default();
    for (day, reason) in cases {
        assert_eq!(calendar.closed(day).expect("closed").ja, reason, "{day}");
    }
    for open in [date(2025, 12, 26), date(2026, 1, 5), date(2026, 9, 24), date(2020, 10, 12), date(2021, 8, 11)] {
        assert!(!calendar.is_closed(open), "{open}");
    }
}

#[test]
fn gazette_adds_and_takes() {
    let named = Some(Wording::fixed("即位の日", "Accession Day"));
    let calendar = Calendar::default().with_gazette([
        Gazetted { date: date(2030, 6, 5), name: named },
        Gazetted { date: date(2030, 5, 3), name: None },
    ]);
    assert_eq!(calendar.closed(date(2030, 6, 5)).expect("closed").ja, "即位の日");
    assert!(!calendar.is_closed(date(2030, 5, 3)));
    // A named day on a Sunday has a substitute like any other.
    let sunday = Gazetted { date: date(2030, 6, 9), name: Some(Wording::fixed("祝賀の日", "Celebration Day")) };
    let calendar = calendar.with_gazette([sunday]);
    assert_eq!(calendar.closed(date(2030, 6, 10)).expect("closed").ja, "祝賀の日 振替休日");
}
