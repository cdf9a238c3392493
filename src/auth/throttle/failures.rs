//! How often something failed of late, and how long that makes the next attempt wait.
//!
//! Invariant: the delay is fixed by the count at the last failure: none for the first few, then 1 s, 2 s, 4 s up to the
//! rule's longest, so that a wait once announced is not shortened. A count drains by the rule's free failures per hour, and is gone after an hour without a failure; so also an
//! address that thousands of subscribers share recovers while the odd one of them mistypes.
//! Refuses: to wait for a clock that was set back: a failure in the future delays nobody.

use crate::domain::Moment;

pub(super) const HOUR_MS: i64 = 60 * 60 * 1000;
/// Doublings of one second beyond which every rule's longest delay is reached.
const MAX_DOUBLINGS: u32 = 10;
/// Two threads' readings of the clock may be out of order by less than this.
const CLOCK_SLACK_MS: i64 = 60 * 1000;

/// How much fails free, and how long the longest delay is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) free: u32,
    pub(super) longest_ms: i64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Failures {
    count: u32,
    last: Option<Moment>,
    delay_ms: i64,
    drained_at: Option<Moment>,
}

impl Failures {
    /// Milliseconds that an attempt at `now` still has to wait; 0 lets it in.
    pub(super) fn wait_ms(&mut self, rule: Rule, now: Moment) -> i64 {
        self.drain(rule, now);
        let Some(last) = self.last else { return 0 };
        let since = now.as_millis().saturating_sub(last.as_millis());
        if since < -CLOCK_SLACK_MS {
            return 0;
        }
        self.delay_ms.saturating_sub(since).clamp(0, self.delay_ms)
    }

    /// Whether the free failures are used up.
    pub(super) fn is_over(&mut self, rule: Rule, now: Moment) -> bool {
        self.drain(rule, now);
        self.count >= rule.free
    }

    /// Counts one.
    pub(super) fn count_one(&mut self, rule: Rule, now: Moment) {
        self.drain(rule, now);
        if self.count == 0 {
            self.drained_at = Some(now);
        }
        // Counting further than the longest delay would only prolong the way back.
        let most = rule.free.saturating_add(MAX_DOUBLINGS).saturating_add(1);
        self.count = self.count.saturating_add(1).min(most);
        self.last = Some(now);
        self.delay_ms = delay_ms(rule, self.count);
    }

    /// Takes one back that turned out to be no failure.
    pub(super) fn take_one_back(&mut self, rule: Rule) {
        self.count = self.count.saturating_sub(1);
        self.delay_ms = self.delay_ms.min(delay_ms(rule, self.count));
    }

    fn drain(&mut self, rule: Rule, now: Moment) {
        let age = |since: Option<Moment>| {
            since.map_or(0, |since| now.as_millis().saturating_sub(since.as_millis()))
        };
        if age(self.last) >= HOUR_MS {
            *self = Self::default();
            return;
        }
        let interval = HOUR_MS.checked_div(i64::from(rule.free)).unwrap_or(HOUR_MS);
        let drained = age(self.drained_at).checked_div(interval).unwrap_or(0).max(0);
        self.count = self
            .count
            .saturating_sub(u32::try_from(drained).unwrap_or(u32::MAX));
        self.drained_at = self
            .drained_at
            .map(|since| since.plus_millis(drained.saturating_mul(interval)));
    }
}

fn delay_ms(rule: Rule, count: u32) -> i64 {
    match count.checked_sub(rule.free.saturating_add(1)) {
        None => 0,
        Some(doublings) => (1_000_i64 << doublings.min(MAX_DOUBLINGS)).min(rule.longest_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        free: 5,
        longest_ms: 900_000,
    };

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_800_000_000_000 + seconds * 1000)
    }

    #[test]
    fn five_failures_are_free_and_then_the_delay_doubles_from_one_second_to_a_quarter_of_an_hour() {
        let mut failures = Failures::default();
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..18 {
            failures.count_one(RULE, now);
            let wait = failures.wait_ms(RULE, now);
            waits.push(wait / 1000);
            now = now.plus_millis(wait);
            assert_eq!(failures.wait_ms(RULE, now), 0);
        }
        let rising = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
        assert_eq!(waits[..15], rising);
        // Here the draining of five an hour begins to show; the delay never grows further.
        assert!(
            waits[15..].iter().all(|wait| (256..=900).contains(wait)),
            "{waits:?}"
        );
    }

    #[test]
    fn an_hour_of_quiet_clears_everything_and_less_clears_a_part() {
        let mut failures = Failures::default();
        for _ in 0..100 {
            failures.count_one(RULE, at(0));
        }
        assert_eq!(failures.wait_ms(RULE, at(0)), 900_000);
        assert_eq!(failures.wait_ms(RULE, at(899)), 1_000);
        assert_eq!(failures.wait_ms(RULE, at(900)), 0);
        let mut part = failures;
        part.count_one(RULE, at(3_599));
        assert!(part.wait_ms(RULE, at(3_599)) >= 32_000);
        assert!(failures.is_over(RULE, at(3_599)));
        assert!(!failures.is_over(RULE, at(3_600)));
    }

    #[test]
    fn a_steady_trickle_of_honest_mistakes_never_adds_up() {
        let shared = Rule {
            free: 30,
            longest_ms: 900_000,
        };
        let mut failures = Failures::default();
        for hour_part in 0..2_000 {
            let now = at(hour_part * 150);
            assert_eq!(failures.wait_ms(shared, now), 0, "{hour_part}");
            failures.count_one(shared, now);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_delays_nobody() {
        let mut failures = Failures::default();
        for _ in 0..100 {
            failures.count_one(RULE, at(0));
        }
        assert_eq!(failures.wait_ms(RULE, at(-86_400)), 0);
        assert_eq!(failures.wait_ms(RULE, at(-1)), 900_000);
    }
}
