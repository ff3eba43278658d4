//! Kitei, the program: commands, configuration, start and stop.
//!
//! Invariant: the environment, the clock and randomness are read in this crate and nowhere below it.
//! Invariant: exit codes are 0 (done), 1 (problems found, or something stands in the way), 2 (usage or input), 70 (ours).

mod cli;
mod commands;
mod config;
mod environment;
mod exit;
mod installation;
mod language;
mod logging;
mod mail;
mod output;
mod packs;
mod secret;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
