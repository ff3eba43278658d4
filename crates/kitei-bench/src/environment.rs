//! Clock and randomness: a benchmark is a program, so it asks the system as `kitei` does.

use jiff::Timestamp;
use kitei_app::{kernel::Environment, shell::sign_in::NoRandomness};

/// The system's clock and random source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemEnvironment;

impl Environment for SystemEnvironment {
    #[expect(clippy::disallowed_methods, reason = "a program is where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self, bytes: &mut [u8]) {
        if random(bytes).is_err() {
            // Without randomness there are no keys, and so nothing to measure.
            std::process::exit(70);
        }
    }
}

/// Fills a buffer with unpredictable bytes.
#[expect(clippy::disallowed_methods, reason = "a program is where randomness is asked for")]
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness)
}
