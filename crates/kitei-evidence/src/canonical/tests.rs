use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{CanonicalError, MAX_DEPTH, bytes};

#[test]
fn rfc_8785_spelling() {
    let cases = [
        (json!({"b": 1, "a": [true, false, null, -7, "x"]}), r#"{"a":[true,false,null,-7,"x"],"b":1}"#),
        (json!({}), "{}"),
        (json!([]), "[]"),
        // Section 3.2.2.2: only these escapes, lower-case hexadecimal, nothing else escaped.
        (json!("\u{8}\t\n\u{c}\r\"\\/\u{1}\u{1f}\u{7f}é漢"), "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\\u001f\u{7f}é漢\""),
        (json!(9_007_199_254_740_991_u64), "9007199254740991"),
        (json!(-9_007_199_254_740_991_i64), "-9007199254740991"),
        // Section 3.2.3, the published sorting example.
        (
            json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7}),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(String::from_utf8(bytes(&value).unwrap()).unwrap(), expected);
    }
}

#[test]
fn composed_and_decomposed_text_stay_apart() {
    assert_ne!(bytes(&json!("が")).unwrap(), bytes(&json!("か\u{3099}")).unwrap());
}

#[test]
fn refusals_name_the_place_and_no_value() {
    let not_an_integer = |path: &str| CanonicalError::NotAnInteger { path: path.into() };
    let cases = [
        (json!({"rows": [0, {"rate/day": 1.5}]}), not_an_integer("/rows/1/rate~1day")),
        (serde_json::from_str("-0").unwrap(), not_an_integer("")),
        (serde_json::from_str("1e3").unwrap(), not_an_integer("")),
        (json!([9_007_199_254_740_992_u64]), CanonicalError::IntegerTooGreat { path: "/0".into() }),
        (json!([i64::MIN]), CanonicalError::IntegerTooGreat { path: "/0".into() }),
    ];
    for (value, expected) in cases {
        assert_eq!(bytes(&value), Err(expected));
    }
    let mut deep = json!(1);
    for _ in 0..=MAX_DEPTH {
        deep = json!([deep]);
    }
    assert!(matches!(bytes(&deep), Err(CanonicalError::TooDeep { .. })));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reversed).collect(),
        Value::Object(members) => Value::Object(
            members.iter().rev().map(|(name, item)| (name.clone(), reversed(item))).collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn parsing_gives_the_value_back(value in value()) {
        let written = bytes(&value).unwrap();
        let read: Value = serde_json::from_slice(&written).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(bytes(&read).unwrap(), written);
    }

    #[test]
    fn order_of_members_does_not_matter(value in value()) {
        prop_assert_eq!(bytes(&reversed(&value)).unwrap(), bytes(&value).unwrap());
    }
}
