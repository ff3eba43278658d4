//! Facts of a breach as JSON.

#![no_main]

#[expect(dead_code, reason = "each target runs its own body")]
#[path = "../targets/rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rules::law(bytes));
