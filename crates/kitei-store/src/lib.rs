//! The store: everything that Kitei keeps, in one directory.
//!
//! - [`db`]: one façade over SQLite and PostgreSQL; [`migrate`]: the schema.
//! - The kernel's tables, one module a subject: [`log`], [`records`], [`lines`], [`deeds`], [`tasks`], [`outbox`],
//!   [`jobs`], [`search`], [`blind`] and those below.
//! - Beside the database, in one data [`directory`]: [`blobs`] (attachments, by the hash of their ciphertext) and
//!   [`keys`] (key state, never in the database or its backups, because erasing means destroying it).
//!
//! Invariants: every table, key and query carries the organization; nothing is written except by `Db::act`; no error
//! or log of this crate holds a stored value; neither the clock nor randomness is asked for here.

pub mod accounts;
pub mod attachments;
pub mod blind;
pub mod blobs;
pub mod counters;
pub mod db;
pub mod deeds;
pub mod directory;
pub mod idempotency;
pub mod imports;
pub mod jobs;
pub mod keys;
pub mod lines;
pub mod log;
pub mod migrate;
pub mod notices;
pub mod organizations;
pub mod outbox;
pub mod packs;
pub mod proposals;
pub mod records;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod tasks;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(test)]
mod tests;

use db::Statement;

/// Every named statement of this crate, for the test that prepares them all on both engines.
#[must_use]
pub fn statements() -> Vec<&'static Statement> {
    [
        db::STATEMENTS,
        migrate::STATEMENTS,
        accounts::STATEMENTS,
        attachments::STATEMENTS,
        blind::STATEMENTS,
        counters::STATEMENTS,
        deeds::STATEMENTS,
        idempotency::STATEMENTS,
        imports::STATEMENTS,
        jobs::STATEMENTS,
        lines::STATEMENTS,
        log::STATEMENTS,
        notices::STATEMENTS,
        organizations::STATEMENTS,
        outbox::STATEMENTS,
        packs::STATEMENTS,
        proposals::STATEMENTS,
        records::STATEMENTS,
        search::STATEMENTS,
        sessions::STATEMENTS,
        settings::STATEMENTS,
        tasks::STATEMENTS,
    ]
    .concat()
}
