//! The fuzz targets of this crate, run with the stable compiler over their seeds (`fuzz/`).

#![expect(clippy::expect_used, reason = "a test may panic")]

#[path = "../../../fuzz/targets/papers.rs"]
mod targets;

#[path = "../../../fuzz/smoke.rs"]
mod smoke;

#[test]
fn table() {
    smoke::smoke("table", targets::table);
}

#[test]
fn cell() {
    smoke::smoke("cell", targets::cell);
}
