//! Evidence: what makes the history of an organisation provable, and what makes erased values unreadable.
//!
//! Pure core. Time, randomness and bytes come in as arguments; nothing here reads a file, a clock or a random source.
//!
//! * [`event`] and [`canonical`]: the envelope of every fact, as bytes that have exactly one form.
//! * [`merkle`], [`note`], [`checkpoint`]: the log as an RFC 6962 tree and its signed heads (C2SP).
//! * [`verify`] and [`bundle`]: checking a log, and the part of it that an auditor takes away.
//! * [`keys`], [`seal`], [`tokens`]: sealing of personal values with keys that can be destroyed one by one.
//!
//! Invariant: no error, `Debug` text or report carries a sealed value, a key or a seed.

pub mod bundle;
pub mod canonical;
pub mod checkpoint;
pub mod digest;
pub mod event;
pub mod keys;
pub mod merkle;
pub mod note;
pub mod seal;
pub mod tokens;
pub mod verify;

mod prf;
mod secret;

pub use digest::Digest;
pub use secret::Secret;
