//! The clock of a story: set forward deed by deed until it reaches the present, then the present itself.
//!
//! Invariant: it never goes back and never passes the present; randomness always comes from the program, so that keys and ids
//! of a sample are as unpredictable as any.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::kernel::{Environment, lock};

/// A clock that a story sets.
#[derive(Debug)]
pub struct Clock {
    shown: Mutex<Option<Timestamp>>,
    present: Arc<dyn Environment>,
}

impl Clock {
    /// A clock that shows the present until a story sets it.
    #[must_use]
    pub fn new(present: Arc<dyn Environment>) -> Self {
        Self { shown: Mutex::new(None), present }
    }

    /// Sets it back to where a story begins.
    pub(super) fn begin(&self, at: Timestamp) {
        *lock(&self.shown) = Some(at);
    }

    /// Forward to an instant, if that lies ahead; no further than the present.
    pub(super) fn forward(&self, to: Timestamp) {
        let present = self.present.now();
        let mut shown = lock(&self.shown);
        if let Some(before) = *shown {
            *shown = Some(to.min(present).max(before));
        }
    }

    /// Forward by some time.
    pub(super) fn pass(&self, time: SignedDuration) {
        self.forward(self.now() + time);
    }

    /// From here on it shows the present.
    pub(super) fn end(&self) {
        *lock(&self.shown) = None;
    }
}

impl Environment for Clock {
    fn now(&self) -> Timestamp {
        (*lock(&self.shown)).unwrap_or_else(|| self.present.now())
    }

    fn random(&self, bytes: &mut [u8]) {
        self.present.random(bytes);
    }
}
