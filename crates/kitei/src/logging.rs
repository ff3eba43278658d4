//! Logs: to standard error, as text for people or JSON for machines. docs/LOGGING.md says what is never logged.
//!
//! Invariant: libraries may only warn. Their finer levels show addresses and bodies.

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// The crates whose finer levels may be shown.
const OURS: [&str; 6] = ["kitei", "kitei_app", "kitei_store", "kitei_papers", "kitei_rules", "kitei_evidence"];

/// Begins to log. A second call changes nothing.
pub(crate) fn start(log: &Log) {
    let ours = OURS.map(|name| format!("{name}={}", log.level.word()));
    let filter = EnvFilter::new(format!("warn,{}", ours.join(",")));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Only fails when somebody has begun already.
    let _ = match log.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
