//! What may be done on records and what it changes, on a small organisation without a database.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod appointments;
mod law;
mod office;
mod records;
mod steps;
