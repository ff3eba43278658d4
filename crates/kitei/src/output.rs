//! Writing to standard output and standard error.
//!
//! Invariant: a reader that has gone away (`kitei … | head`) ends the command quietly.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;

use crate::exit::Failure;

/// Writes a text and a line feed to standard output.
///
/// # Errors
/// `Closed` when nobody reads any more, an obstacle when writing fails.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::Closed,
        kind => Failure::obstacle(
            format!("標準出力に書けない（{kind}）。"),
            format!("cannot write to standard output: {kind}"),
        ),
    })
}

/// Writes a value as JSON to standard output.
///
/// # Errors
/// As `print`.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|_| Failure::internal("結果をJSONにできない。", "the result cannot be written as JSON"))?;
    print(&text)
}

/// Writes a line to standard error; where that fails there is nowhere left to say so.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
