//! The law engine: what the law in force on a day asks for, as pure functions.
//!
//! Serves the Act on the Protection of Personal Information (APPI) article 26 and its Enforcement
//! Rules articles 7 to 10, 43 and 44; the My Number Act article 29-4 with the Commission's Rules
//! No. 5 of 2015; the PrivacyMark rules PMK500 article 12; the retention periods of the Enforcement
//! Rules articles 21, 25, 29; and the check digits of the numbers that people carry.
//!
//! Invariant: nothing here reads a clock, a file or a setting; every date comes in as an argument.
//! Invariant: a figure that an amendment can change is a row of [`book::LawBook`], never a literal
//! in a decision. Pending law is listed by the book and is never computed.

pub mod book;
pub mod breach;
pub mod calendar;
pub mod command;
pub mod deadline;
pub mod ident;
pub mod retention;
mod wording;

pub use wording::Wording;
