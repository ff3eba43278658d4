//! The pure core of Kitei: regulations as data, composed into one rulebook, and what follows from it.
//!
//! `pack` reads and checks packs, `rulebook` composes what they say, `book` types and compiles it, `run` runs it on
//! records; `expr` is the condition language, `law` what Acts of the Diet compute.
//!
//! Invariant: no I/O, no `async`, no clock, no randomness, no SQL. `now`, the actor and ids arrive as arguments.
//! Invariant: no regulation is named here; `law` computes what Acts of the Diet define, packs say the rest.

pub mod book;
pub mod expr;
pub mod law;
pub mod mail;
pub mod pack;
pub mod password;
pub mod rulebook;
pub mod run;
pub mod value;
pub mod world;
