//! The program as people and scripts call it: what it prints, what it refuses, and how it ends.
//!
//! Invariant: every test runs the built program in a directory of its own, with an environment of its own.

#![expect(clippy::unwrap_used, reason = "a test whose ground gives way must stop")]
#![expect(clippy::disallowed_methods, reason = "the clock of the program under test is the real one")]

mod coverage;
mod doctor;
mod evidence;
mod house;
mod import;
mod law;
mod pack;
mod program;
mod refusal;
mod serve;
mod user;
