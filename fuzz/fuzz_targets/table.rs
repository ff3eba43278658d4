//! Excel and CSV files.

#![no_main]

#[expect(dead_code, reason = "each target runs its own body")]
#[path = "../targets/papers.rs"]
mod papers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| papers::table(bytes));
