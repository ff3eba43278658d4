use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Draft, Event, EventError, EventTime, locate};

const BYTES: &str = r#"{"actor":"account/7","at":"2026-11-24T01:02:03.000004Z","body":{"level":2,"place":"s1.12.AAAA"},"kind":"incident.opened","org":"acme","seq":41,"subject":"incident/1","v":1}"#;

fn body(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn draft() -> Draft<'static> {
    Draft {
        org: "acme",
        seq: 41,
        at: EventTime::parse("2026-11-24T01:02:03.000004Z").unwrap(),
        kind: "incident.opened",
        subject: "incident/1",
        actor: "account/7",
        body: body(json!({"place": "s1.12.AAAA", "level": 2})),
    }
}

#[test]
fn an_event_has_one_form() {
    let event = Event::new(draft()).unwrap();
    assert_eq!(String::from_utf8(event.leaf_bytes().unwrap()).unwrap(), BYTES);
    assert_eq!(Event::parse(BYTES.as_bytes()), Ok(event));
    assert_eq!(locate(BYTES.as_bytes()), Some((b"acme".as_slice(), 41)));
}

#[test]
fn drafts_with_errors_name_the_member() {
    let member = |result: Result<Event, EventError>| match result {
        Err(EventError::Member { member, .. }) => member,
        other => panic!("{other:?}"),
    };
    assert_eq!(member(Event::new(Draft { org: "", ..draft() })), "org");
    assert_eq!(member(Event::new(Draft { kind: "a\"b", ..draft() })), "kind");
    assert_eq!(member(Event::new(Draft { subject: "a\\b", ..draft() })), "subject");
    assert_eq!(member(Event::new(Draft { actor: "a\nb", ..draft() })), "actor");
    assert_eq!(member(Event::new(Draft { seq: 1 << 53, ..draft() })), "seq");
    let fraction = Event::new(Draft { body: body(json!({"rate": 0.5})), ..draft() }).unwrap_err();
    assert!(fraction.to_string().contains("/body/rate"), "{fraction}");
}

#[test]
fn other_bytes_are_refused() {
    let member = |member| move |error: &EventError| matches!(error, EventError::Member { member: found, .. } if *found == member);
    let not_canonical = |error: &EventError| matches!(error, EventError::NotCanonical { .. });
    type Check<'a> = &'a dyn Fn(&EventError) -> bool;
    let cases: [(&str, String, Check<'_>); 14] = [
        ("empty", String::new(), &|error| matches!(error, EventError::NotAnObject { .. })),
        ("a list", "[]".into(), &|error| matches!(error, EventError::NotAnObject { .. })),
        ("cut", BYTES[..80].into(), &|error| matches!(error, EventError::NotAnObject { .. })),
        ("space", BYTES.replace(",\"kind\"", ", \"kind\""), &not_canonical),
        ("line break after", format!("{BYTES}\n"), &not_canonical),
        ("escaped letter", BYTES.replace("acme", "\\u0061cme"), &not_canonical),
        ("number with sign", BYTES.replace(":41", ":41.0"), &member("seq")),
        ("twice the same member", BYTES.replace("{\"actor\"", "{\"actor\":\"x\",\"actor\""), &not_canonical),
        ("unknown member", BYTES.replace("\"actor\"", "\"aktor\""), &|error| *error == EventError::UnknownMember),
        ("missing member", BYTES.replace("\"seq\":41,", ""), &member("seq")),
        ("text for number", BYTES.replace(":41", ":\"41\""), &member("seq")),
        ("body no object", BYTES.replace(r#"{"level":2,"place":"s1.12.AAAA"}"#, "[]"), &member("body")),
        ("time", BYTES.replace("000004Z", "4Z"), &member("at")),
        ("version", BYTES.replace("\"v\":1", "\"v\":2"), &|error| *error == EventError::Version { found: 2 }),
    ];
    for (what, bytes, expected) in cases {
        let error = Event::parse(bytes.as_bytes()).unwrap_err();
        assert!(expected(&error), "{what}: {error:?}");
    }
    assert!(matches!(Event::parse(&vec![b' '; super::MAX_EVENT + 1]), Err(EventError::TooLong { .. })));
}

#[test]
fn rfc_3339_with_six_digits() {
    for right in ["2026-11-24T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z", "2000-02-29T00:00:00.000000Z"] {
        assert_eq!(EventTime::parse(right).unwrap().as_str(), right);
    }
    let wrong = [
        "2026-11-24T00:00:00Z",
        "2026-11-24T00:00:00.000Z",
        "2026-11-24 00:00:00.000000Z",
        "2026-11-24T00:00:00.000000z",
        "2026-11-24T09:00:00.000000+09:00",
        "2025-02-29T00:00:00.000000Z",
        "2100-02-29T00:00:00.000000Z",
        "2026-13-01T00:00:00.000000Z",
        "2026-00-01T00:00:00.000000Z",
        "2026-04-31T00:00:00.000000Z",
        "2026-04-00T00:00:00.000000Z",
        "2026-11-24T24:00:00.000000Z",
        "2026-11-24T23:60:00.000000Z",
        "2026-11-24T23:59:60.000000Z",
        "２026-11-24T00:00:00.00000Z",
        "",
    ];
    for text in wrong {
        assert!(EventTime::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_end_of_an_event_is_read_backwards() {
    type Located<'a> = Option<(&'a [u8], u64)>;
    let cases: [(&str, Located<'_>); 7] = [
        (r#"{"org":"x","org":"acme","seq":0,"subject":"s","v":1}"#, Some((b"acme", 0))),
        (r#"{"a":"\",\"subject\":\"","org":"acme","seq":7,"subject":"s","v":1}"#, Some((b"acme", 7))),
        (r#"{"kind":"k","org":"acme","seq":,"subject":"s","v":1}"#, None),
        (r#"{"kind":"k","org":"acme","seq":99999999999999999999,"subject":"s","v":1}"#, None),
        (r#"{"kind":"k","org":"acme","seq":-1,"subject":"s","v":1}"#, None),
        (r#","v":1}"#, None),
        ("", None),
    ];
    for (bytes, expected) in cases {
        assert_eq!(locate(bytes.as_bytes()), expected, "{bytes}");
    }
}

proptest! {
    #[test]
    fn every_event_reads_back(
        org in "[^\"\\\\\\p{Cc}]{1,20}", seq in 0..=(1_u64 << 53) - 1, subject in "[^\"\\\\\\p{Cc}]{1,20}",
        name in any::<String>(), text in any::<String>(),
    ) {
        let body = body(json!({name: [text, null, {"seq": 9, "subject": "x", "v": 1}]}));
        let event = Event::new(Draft { org: &org, seq, subject: &subject, body, ..draft() }).unwrap();
        let bytes = event.leaf_bytes().unwrap();
        prop_assert_eq!(locate(&bytes), Some((org.as_bytes(), seq)));
        prop_assert_eq!(Event::parse(&bytes).unwrap(), event);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Event::parse(&bytes).is_err());
        let _ = locate(&bytes);
    }
}
