//! The clock, randomness and what surrounds the program: the only place where they are asked for.
//!
//! Invariant: everything below this crate gets time, ids and randomness as arguments or through [`Environment`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kitei_app::kernel::Environment;
use kitei_app::shell::sign_in::NoRandomness;

use crate::output;

/// The system's clock and random source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemEnvironment;

impl Environment for SystemEnvironment {
    fn now(&self) -> Timestamp {
        now()
    }

    fn random(&self, bytes: &mut [u8]) {
        if random(bytes).is_err() {
            // Keys and codes out of a buffer that was not filled would be known to everybody.
            output::complain("kitei: 乱数を得られないので止まる — the system gives no random bytes; stopping");
            std::process::exit(70);
        }
    }
}

/// Now, in whole microseconds: what is kept comes back the same from both databases and from the log.
#[expect(clippy::disallowed_methods, reason = "the program is where the clock is read")]
pub(crate) fn now() -> Timestamp {
    whole(Timestamp::now())
}

/// An instant without what lies below the microsecond.
fn whole(instant: Timestamp) -> Timestamp {
    // Microseconds of an instant are always in range; if they were not, the instant itself is right.
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// Fills a buffer with unpredictable bytes.
///
/// # Errors
/// The system gave none.
#[expect(clippy::disallowed_methods, reason = "the program is where randomness is asked for")]
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness)
}

/// The day (UTC) on which this program was built: no clock that shows an earlier one is right.
pub(crate) fn built_on() -> Option<Date> {
    let seconds = env!("PROGRAM_BUILT_AT").parse().ok()?;
    Timestamp::from_second(seconds).ok().map(|built| TimeZone::UTC.to_datetime(built).date())
}

/// Environment variables and working directory, read once at the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// Variables; a value that is no text is kept as it came.
    pub(crate) variables: BTreeMap<String, OsString>,
    /// Working directory.
    pub(crate) directory: PathBuf,
}

impl Surroundings {
    /// Reads them.
    pub(crate) fn read() -> Self {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
        Self { variables, directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")) }
    }

    /// A variable whose value is text.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)?.to_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_microseconds() {
        let fine: Timestamp = "2026-04-01T00:00:00.123456789Z".parse().unwrap();
        assert_eq!(whole(fine).to_string(), "2026-04-01T00:00:00.123456Z");
        assert_eq!(now().subsec_nanosecond() % 1000, 0);
    }
}
