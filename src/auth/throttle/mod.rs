//! Throttles: log-in and enrolment attempts slow down where they fail, in memory, within fixed bounds.
//!
//! An attempt counts as failed from the moment it is let in until [`LogInThrottle::succeeded`] or `excused` takes it
//! back. So a thousand requests at once are a thousand failures at once, a cancelled request stays counted, and a
//! forgotten call makes the throttle stricter, never looser.
//!
//! Invariant: nothing is locked out for good: every count drains with time and is gone after an hour without failures.
//! Refuses: to outlive a restart; a restart forgives everybody, which an attacker cannot bring about.

mod bounded;
mod enrolment;
mod failures;
mod log_in;
mod origin;

pub use enrolment::EnrolmentThrottle;
pub use log_in::LogInThrottle;
pub use origin::Origin;

/// Entries per table: a few MiB for each throttle at its fullest.
const CAPACITY: usize = 10_000;

/// The attempt is not let in; it was not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; the next one after {seconds} s")]
pub struct RetryAfter {
    /// Whole seconds to wait, at least 1.
    pub seconds: u32,
}

impl RetryAfter {
    fn from_millis(milliseconds: i64) -> Self {
        let seconds = milliseconds.saturating_add(999).div_euclid(1000).max(1);
        Self {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        }
    }
}
