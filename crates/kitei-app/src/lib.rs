//! What people do with Kitei: the kernel that runs a rulebook on records, the capabilities, the pages.
//!
//! Invariant: [`kernel::perform`] is the only way in which anything changes.

pub mod api;
pub mod coverage;
pub mod demo;
pub mod evidence;
pub mod import;
pub mod kernel;
pub mod mail;
pub mod shell;
pub mod web;
