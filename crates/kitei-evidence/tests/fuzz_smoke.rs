//! The fuzz targets of this crate, run with the stable compiler over their seeds (`fuzz/`).

#![expect(clippy::expect_used, reason = "a test may panic")]

#[path = "../../../fuzz/targets/evidence.rs"]
mod targets;

#[path = "../../../fuzz/smoke.rs"]
mod smoke;

#[test]
fn event() {
    smoke::smoke("event", targets::event);
}

#[test]
fn checkpoint() {
    smoke::smoke("checkpoint", targets::checkpoint);
}

#[test]
fn manifest() {
    smoke::smoke("manifest", targets::manifest);
}
