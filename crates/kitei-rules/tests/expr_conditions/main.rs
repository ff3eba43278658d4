//! Conditions: `docs/pack-language.md`, "Conditions", row by row; mistakes; Kleene's laws; time.

#![expect(clippy::expect_used, reason = "a table that cannot be read must fail the test")]

mod errors;
mod fixture;
mod laws;
mod limits;
mod values;
mod when;
