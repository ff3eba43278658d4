//! Numbers, dates and periods as people type them.

#![no_main]

#[expect(dead_code, reason = "each target runs its own body")]
#[path = "../targets/papers.rs"]
mod papers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| papers::cell(bytes));
