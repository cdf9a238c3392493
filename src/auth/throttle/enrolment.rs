//! Enrolment: who may try a one-time code now.
//!
//! Invariant: an origin has 5 wrong codes free and is then slowed down to one in 15 minutes, and the whole server takes
//! at most 60 wrong codes in a minute, so that guessing among 10^11 codes leads nowhere however many machines guess.
//! With 2,000 codes open at once and the limit used up day and night, a guess hits within a week with a chance of 1.2%.
//! Refuses: to be asked about mistyped codes; the check digit finds those first, and they are no guesses.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bounded::Bounded;
use super::failures::{Failures, Rule};
use super::{CAPACITY, Origin, RetryAfter};
use crate::domain::Moment;

const ORIGIN: Rule = Rule {
    free: 5,
    longest_ms: 15 * 60 * 1000,
};
/// Wrong codes that the whole server takes in a minute.
const BUCKET: u32 = 60;
const REFILL_MS: i64 = 1000;

#[derive(Debug)]
struct State {
    origins: Bounded<Origin, Failures>,
    tokens: u32,
    filled_at: Option<Moment>,
}

/// Slows down enrolment attempts. One for the whole server.
#[derive(Debug)]
pub struct EnrolmentThrottle {
    state: Mutex<State>,
}

impl Default for EnrolmentThrottle {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                origins: Bounded::new(CAPACITY),
                tokens: BUCKET,
                filled_at: None,
            }),
        }
    }
}

impl EnrolmentThrottle {
    /// Lets an attempt from `address` in at `now` and counts it as failed, or says how long to wait. To be asked once
    /// the check digit is right and before the store is asked. An unknown code needs no further call.
    pub fn check(&self, address: IpAddr, now: Moment) -> Result<(), RetryAfter> {
        let origin = Origin::from(address);
        let mut state = self.lock();
        let wait = state
            .origins
            .peek(&origin)
            .map_or(0, |failures| failures.wait_ms(ORIGIN, now));
        if wait > 0 {
            return Err(RetryAfter::from_millis(wait));
        }
        state.take_token(now)?;
        state.origins.touch(origin, now).count_one(ORIGIN, now);
        Ok(())
    }

    /// The attempt was no guess: the code was one of ours (good, used up or expired), or the server failed. A room of
    /// people with last month's codes is not held against their address.
    pub fn succeeded(&self, address: IpAddr) {
        let mut state = self.lock();
        state.tokens = state.tokens.saturating_add(1).min(BUCKET);
        if let Some(failures) = state.origins.peek(&Origin::from(address)) {
            failures.take_one_back(ORIGIN);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Counts are valid after every statement, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_token(&mut self, now: Moment) -> Result<(), RetryAfter> {
        let since = self
            .filled_at
            .map_or(0, |filled| now.as_millis().saturating_sub(filled.as_millis()));
        // A clock that was set back starts the minute anew instead of waiting for the old time.
        let refilled = since.checked_div(REFILL_MS).unwrap_or(0).max(0);
        self.tokens = self
            .tokens
            .saturating_add(u32::try_from(refilled).unwrap_or(u32::MAX))
            .min(BUCKET);
        self.filled_at = match self.filled_at {
            Some(filled) if since >= 0 => Some(filled.plus_millis(refilled.saturating_mul(REFILL_MS))),
            _ => Some(now),
        };
        match self.tokens.checked_sub(1) {
            Some(left) => {
                self.tokens = left;
                Ok(())
            }
            None => Err(RetryAfter::from_millis(REFILL_MS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_800_000_000_000 + seconds * 1000)
    }

    fn address(number: u32) -> IpAddr {
        IpAddr::from((0x0a00_0000 + number).to_be_bytes())
    }

    #[test]
    fn one_machine_gets_few_guesses_and_its_neighbour_is_free() {
        let throttle = EnrolmentThrottle::default();
        let guesses = (0..3_600)
            .filter(|second| throttle.check(address(1), at(*second)).is_ok())
            .count();
        assert!((10..=20).contains(&guesses), "{guesses}");
        assert_eq!(throttle.check(address(2), at(3_600)), Ok(()));
    }

    #[test]
    fn all_machines_together_get_sixty_wrong_codes_a_minute() {
        let throttle = EnrolmentThrottle::default();
        let guesses = |second: i64| {
            (0..1_000)
                .filter(|number| throttle.check(address(*number), at(second)).is_ok())
                .count()
        };
        assert_eq!(guesses(0), 60);
        assert_eq!(
            throttle.check(address(5_000), at(0)),
            Err(RetryAfter { seconds: 1 })
        );
        assert_eq!((1..=60).map(guesses).sum::<usize>(), 60);
    }

    #[test]
    fn a_room_full_of_people_with_good_codes_is_not_slowed_down() {
        let throttle = EnrolmentThrottle::default();
        for _ in 0..500 {
            throttle.check(address(1), at(0)).unwrap();
            throttle.succeeded(address(1));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_enrolment() {
        let throttle = EnrolmentThrottle::default();
        for number in 0..60 {
            throttle.check(address(number), at(0)).unwrap();
        }
        assert!(throttle.check(address(70), at(-86_400)).is_err());
        assert_eq!(throttle.check(address(70), at(-86_399)), Ok(()));
    }
}
