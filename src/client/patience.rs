//! How often a call is tried, and how long it waits in between: exponential, jittered, and never less than the server
//! asked for.
//!
//! Invariant: an error that cannot pass ends the call at once.
//! Refuses: to wait longer than its longest wait, whatever the server asks for; the caller may come back later.

use std::time::Duration;

use super::ClientError;

/// The measure of patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often at most, the first time included.
    pub tries: u32,
    /// The wait after the first failure, before jitter; doubles with each further one.
    pub first_wait: Duration,
    /// No single wait is longer.
    pub longest_wait: Duration,
}

impl Default for Patience {
    /// About two minutes in all: enough for a restart of the service.
    fn default() -> Self {
        Self {
            tries: 8,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_mins(1),
        }
    }
}

impl Patience {
    /// One try.
    pub const NONE: Self = Self {
        tries: 1,
        first_wait: Duration::ZERO,
        longest_wait: Duration::ZERO,
    };

    /// How long to wait before trying again after `error` ended attempt number `attempt` (from 0); `None` to give up.
    pub(super) fn wait_after(&self, attempt: u32, error: &ClientError) -> Option<Duration> {
        if !error.may_pass() || attempt.saturating_add(1) >= self.tries {
            return None;
        }
        let backed_off = self
            .first_wait
            .saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX))
            .min(self.longest_wait);
        // Half is kept and half is chance, so that a hundred phones after a restart do not come at once.
        let jittered = backed_off.mul_f64(0.5 + rand::random::<f64>() / 2.0);
        let asked = match error {
            ClientError::Problem(problem) => problem.retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        Some(jittered.max(asked).min(self.longest_wait.max(jittered)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Problem;

    fn busy(retry_after: Option<u64>) -> ClientError {
        let wait = retry_after.map(Duration::from_secs);
        ClientError::Problem(Box::new(Problem::read(503, wait, b"{}")))
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_tries() {
        let patience = Patience {
            tries: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(4),
        };
        for (attempt, most) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 4.0)] {
            let wait = patience.wait_after(attempt, &busy(None)).unwrap().as_secs_f64();
            assert!((most / 2.0..=most).contains(&wait), "attempt {attempt}: {wait}");
        }
        assert_eq!(patience.wait_after(4, &busy(None)), None);
    }

    #[test]
    fn the_servers_wish_is_honoured_up_to_the_longest_wait() {
        let patience = Patience::default();
        let wait = |seconds| patience.wait_after(0, &busy(Some(seconds))).unwrap();
        assert_eq!(wait(7), Duration::from_secs(7));
        assert_eq!(wait(300), patience.longest_wait);
    }

    #[test]
    fn what_cannot_pass_is_not_tried_again() {
        let refused = ClientError::Problem(Box::new(Problem::read(409, None, b"{}")));
        assert_eq!(Patience::default().wait_after(0, &refused), None);
        assert_eq!(Patience::NONE.wait_after(0, &busy(None)), None);
    }
}
