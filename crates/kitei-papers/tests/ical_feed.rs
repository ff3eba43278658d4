//! The calendar feed, read back by a parser.

#![expect(clippy::expect_used, reason = "helpers of tests may fail the test")]

use icalendar::parser::{read_calendar, unfold};
use icalendar::{Calendar, Component, EventLike};
use jiff::Timestamp;
use jiff::civil::date;
use kitei_papers::ical::{CalendarEntry, CalendarError, CalendarWhen, feed};

fn stamp() -> Timestamp {
    "2026-11-24T00:30:00.5Z".parse().expect("time")
}

fn entry(uid: &str, when: CalendarWhen) -> CalendarEntry {
    CalendarEntry {
        uid: uid.to_owned(),
        when,
        summary: "確報の期限; 事故 INC-2026-003, 60日".to_owned(),
        description: "個人情報保護委員会への確報\r\n様式: C:\\forms\\kakuho\n根拠：法第26条第1項、規則第8条第2項。"
            .to_owned()
            + &"長い説明が続きます。".repeat(12),
        url: Some("https://kitei.example.jp/tasks/1?year=2026&lang=ja".to_owned()),
        categories: vec!["事故".to_owned(), "期限, 法定".to_owned()],
        sequence: 3,
    }
}

fn day(uid: &str) -> CalendarEntry {
    entry(uid, CalendarWhen::Day(date(2026, 12, 31)))
}

#[test]
fn rfc_5545_a_feed_reads_back_as_it_was_written() {
    let timed = entry("b", CalendarWhen::Time { start: date(2026, 12, 31).at(23, 30, 0, 0), minutes: 60 });
    let text = feed("規程, 今年の義務", &[day("a"), timed.clone()], stamp()).expect("feed");
    // Left for checks with other libraries.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/feed.ics"), &text).expect("write the feed");
    let calendar: Calendar = text.parse().expect("the parser accepts it");
    assert_eq!(calendar.property_value("X-WR-CALNAME"), Some("規程, 今年の義務"));
    let events: Vec<_> = calendar.events().collect();
    assert_eq!(events.len(), 2);
    let first = events[0];
    assert_eq!(first.get_uid(), Some("a"));
    assert_eq!(first.property_value("DTSTAMP"), Some("20261124T003000Z"));
    assert_eq!(first.get_summary(), Some(timed.summary.as_str()));
    assert_eq!(first.get_description(), Some(timed.description.replace("\r\n", "\n").as_str()));
    assert_eq!(first.get_url(), timed.url.as_deref());
    assert_eq!(first.get_categories().as_deref(), Some(timed.categories.as_slice()));
    assert_eq!(first.get_sequence(), Some(3));
    assert_eq!((first.property_value("DTSTART"), first.property_value("DTEND")), (Some("20261231"), Some("20270101")));
    let second = events[1];
    assert_eq!(second.property_value("DTSTART"), Some("20261231T233000"));
    assert_eq!(second.property_value("DTEND"), Some("20270101T003000"));
    let raw = unfold(&text);
    assert!(raw.contains("DTSTART;VALUE=DATE:20261231") && raw.contains("DTSTART;TZID=Asia/Tokyo:20261231T233000"));
}

#[test]
fn rfc_5545_3_1_lines_are_folded_and_end_with_crlf() {
    let text = feed("規程", &[day("a")], stamp()).expect("feed");
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "only CRLF ends a line");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
    }
}

#[test]
fn rfc_5545_3_6_5_the_zone_is_defined_once_and_before_its_use() {
    let hostile = CalendarEntry { summary: "BEGIN:VEVENT".to_owned(), ..day("a") };
    let text = feed("BEGIN:VEVENT", &[hostile], stamp()).expect("feed");
    let parsed = unfold(&text);
    let parsed = read_calendar(&parsed).expect("parses");
    let names: Vec<String> = parsed.components.iter().map(|component| component.name.to_string()).collect();
    assert_eq!(names, ["VTIMEZONE", "VEVENT"]);
    assert_eq!(text.matches("TZID:Asia/Tokyo").count(), 1);
}

#[test]
fn no_text_adds_a_line() {
    let attack = "x\r\nATTACH:https://evil.example/\r\nEND:VEVENT\rBEGIN:VALARM\n\u{0}\u{8}";
    let hostile = CalendarEntry {
        uid: format!("uid{attack}"),
        summary: attack.to_owned(),
        description: attack.to_owned(),
        categories: vec![attack.to_owned()],
        ..day("a")
    };
    let text = feed(attack, &[hostile], stamp()).expect("feed");
    for line in text.split("\r\n") {
        assert!(!line.starts_with("ATTACH") && !line.starts_with("BEGIN:VALARM"), "{line}");
    }
    assert_eq!(text.split("\r\n").filter(|line| *line == "END:VEVENT").count(), 1);
    assert!(!text.contains(['\u{0}', '\u{8}']));
}

#[test]
fn rfc_5545_3_3_11_every_line_end_becomes_one() {
    for description in ["a\nb", "a\r\nb", "a\rb", "a\u{8}\nb"] {
        let written = CalendarEntry { description: description.to_owned(), ..day("a") };
        let calendar: Calendar = feed("規程", &[written], stamp()).expect("feed").parse().expect("parses");
        let event = calendar.events().next().expect("one event");
        assert_eq!(event.get_description(), Some("a\nb"), "{description:?}");
    }
}

#[test]
fn bad_entries_are_refused_by_uid() {
    let bad_url = |url: &str| CalendarEntry { url: Some(url.to_owned()), ..day("u") };
    let uid = || "u".to_owned();
    let cases = [
        (vec![day("u"), day("u")], CalendarError::Uid { uid: uid() }),
        (vec![day(" ")], CalendarError::Uid { uid: " ".to_owned() }),
        (vec![bad_url("javascript:alert(1)")], CalendarError::Url { uid: uid() }),
        (vec![bad_url("https://a.example/\r\nX:1")], CalendarError::Url { uid: uid() }),
        (vec![entry("u", CalendarWhen::Day(date(9999, 12, 31)))], CalendarError::Date { uid: uid() }),
        (vec![entry("u", CalendarWhen::Day(date(-1, 1, 1)))], CalendarError::Date { uid: uid() }),
    ];
    for (entries, expected) in cases {
        assert_eq!(feed("規程", &entries, stamp()), Err(expected));
    }
}

#[test]
fn an_empty_feed_is_a_calendar() {
    let text = feed("規程", &[], stamp()).expect("feed");
    assert!(text.parse::<Calendar>().is_ok());
    assert_eq!(text, feed("規程", &[], stamp()).expect("feed"), "no clock of its own");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    /// RFC 5545 sections 3.1 and 3.3.11: folding and escaping lose nothing, whatever the text.
    #[test]
    fn rfc_5545_any_text_survives(summary in "[\\PC \u{3000}個人情報,;:\\\\\"]{0,120}", description in "[\\PC\n漏えい,;\\\\ ]{1,200}") {
        let written = CalendarEntry { summary: summary.clone(), description: description.clone(), ..day("a") };
        let text = feed("規程", &[written], stamp()).expect("feed");
        for line in text.split("\r\n") {
            proptest::prop_assert!(line.len() <= 75, "{} octets", line.len());
        }
        let calendar: Calendar = text.parse().expect("the parser accepts it");
        let event = calendar.events().next().expect("one event");
        proptest::prop_assert_eq!(event.get_summary(), Some(summary.as_str()));
        proptest::prop_assert_eq!(event.get_description(), Some(description.as_str()));
    }
}
