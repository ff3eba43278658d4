//! The fuzz targets of this crate, run with the stable compiler over their seeds (`fuzz/`).

#![expect(clippy::expect_used, reason = "a test may panic")]

#[path = "../../../fuzz/targets/rules.rs"]
mod targets;

#[path = "../../../fuzz/smoke.rs"]
mod smoke;

#[test]
fn pack() {
    smoke::smoke("pack", targets::pack);
}

#[test]
fn expression() {
    smoke::smoke("expression", targets::expression);
}

#[test]
fn law() {
    smoke::smoke("law", targets::law);
}

#[test]
fn value() {
    smoke::smoke("value", targets::value);
}
