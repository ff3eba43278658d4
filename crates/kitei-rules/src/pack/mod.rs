//! The pack language: what a pack may say ([`model`]), reading it with every mistake at once ([`read`]), and checking it
//! against the packs it refers to ([`check()`]).
//!
//! Invariant: no I/O; the caller gives the files. Reading and checking never fail, they report.

pub mod elements;
pub mod model;
pub mod schema;
pub mod shape;
pub mod who;

mod build;
mod cases;
mod check;
mod diagnostic;
mod duplicates;
mod node;
mod read;
mod source;
mod walk;

pub use check::{ConditionCheck, Finding, LAW, Moment, NoConditionCheck, OFFICE, Scope, Want, check, check_pack};
pub use diagnostic::{Diagnostic, Severity};
pub use read::read;
pub use source::{FILE_BYTES, ListingError, PACK_BYTES, PACK_FILES, PackFiles, canonical, from_canonical};
