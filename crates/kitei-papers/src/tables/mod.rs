//! Tables in and out: the ledgers people keep in Excel and CSV, read as they really are, and written so that
//! what Kitei exports it imports again unchanged.
//!
//! The way in is `bytes → read → shape → value → preview`: a workbook of cells, the place of the table in it, the typed
//! value of each cell, and a row-by-row preview with every problem at its cell. The way out is `write`.
//!
//! Invariant: this module knows tables only. Which columns a register has arrives as a list of [`ExpectedColumn`].
//!
//! Invariant: nothing here reads a clock, a file or the network; nothing a file contains can make it panic.
//!
//! Invariant: no cell's content appears in `Debug` output or in an error.

mod address;
mod column;
mod fold;
pub mod preview;
mod problem;
pub mod read;
pub mod shape;
pub mod value;
pub mod write;

pub use self::address::{CellAddress, column_letters};
pub use self::column::{ChoiceOption, ColumnId, ColumnKind, ExpectedColumn, Label};
pub use self::problem::{Message, Problem, ProblemKind, Severity};
