//! Signed notes and checkpoints.

#![no_main]

#[expect(dead_code, reason = "each target runs its own body")]
#[path = "../targets/evidence.rs"]
mod evidence;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| evidence::checkpoint(bytes));
