//! Plain text of every kind of value, as forms and cases send it.

#![no_main]

#[expect(dead_code, reason = "each target runs its own body")]
#[path = "../targets/rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rules::value(bytes));
