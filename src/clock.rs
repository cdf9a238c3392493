//! The clock, handed down as a value.
//!
//! Invariant: the only place that reads the machine's clock or draws time-ordered ids.
//! Refuses: to be global; rules that need the time are given it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use uuid::Uuid;

use crate::domain::Moment;

/// Tells the time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Present in tests that move the time by hand.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self { manual: None }
    }

    /// A clock that stands at `start` until [`Clock::set`] moves it.
    pub fn manual(start: Moment) -> Self {
        Self {
            manual: Some(Arc::new(AtomicI64::new(start.as_millis()))),
        }
    }

    /// Moves a manual clock; the machine's clock is left alone.
    pub fn set(&self, moment: Moment) {
        if let Some(manual) = &self.manual {
            manual.store(moment.as_millis(), Ordering::SeqCst);
        }
    }

    /// The present moment.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    pub fn now(&self) -> Moment {
        match &self.manual {
            Some(manual) => Moment::from_millis(manual.load(Ordering::SeqCst)),
            None => Moment::from_millis(jiff::Timestamp::now().as_millisecond()),
        }
    }

    /// A new time-ordered id.
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or(0);
        let random: [u8; 10] = rand::random();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
