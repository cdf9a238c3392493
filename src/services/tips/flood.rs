//! Floods: how hard the puzzle is, and how many may come, for all together and for nobody in particular.
//!
//! Invariant: nothing here knows an address or is written down, but for the least level that the desk sets.
//! Refuses: to tell two senders apart.

use std::collections::VecDeque;

use super::{TipError, Tips};
use crate::auth::Actor;
use crate::config::Limits;
use crate::domain::{Flood, Moment, UserId};
use crate::services::audit::{self, Deed};
use crate::store::records::TipFlood;
use crate::store::{ReadTables, StoreError};
use crate::tipbox::puzzle::MAX_LEVEL;

/// The last hour is kept in steps of five minutes.
const STEP_MS: i64 = 5 * 60 * 1000;
const STEPS: i64 = 12;
/// Below this many an hour they are few.
const FEW: u32 = 10;

/// What came lately.
#[derive(Debug)]
pub(super) struct Tide {
    per_minute: u32,
    burst: u32,
    /// Thousandths of a message that may still come at once.
    tokens: u64,
    filled_at: Moment,
    /// Step and how many came in it.
    steps: VecDeque<(i64, u32)>,
    least_level: u8,
}

/// How many came, in words, so that one more or less does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Hardly any.
    Few,
    /// What one expects in a campaign.
    Some,
    /// More than people write.
    Many,
}

impl Rate {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Few => "few",
            Self::Some => "some",
            Self::Many => "many",
        }
    }
}

/// What the desk sees of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodFigures {
    /// The puzzle's present level.
    pub level: u8,
    /// What the desk set.
    pub least_level: u8,
    /// What came in the last hour.
    pub received_last_hour: Rate,
    /// How much of the room for boxes is taken.
    pub quota_used_percent: u64,
}

impl Tide {
    pub(super) fn new(limits: &Limits, flood: Flood, now: Moment) -> Self {
        Self {
            per_minute: limits.tips_per_minute,
            burst: limits.tips_burst,
            tokens: u64::from(limits.tips_burst) * 1000,
            filled_at: now,
            steps: VecDeque::new(),
            least_level: flood.least_level.min(MAX_LEVEL),
        }
    }

    fn in_last_hour(&self, now: Moment) -> u32 {
        let step = now.as_millis().div_euclid(STEP_MS);
        self.between(step - STEPS + 1, step + 1)
    }

    /// How many came in these steps, the last one excluded.
    fn between(&self, first: i64, end: i64) -> u32 {
        let steps = self.steps.iter().filter(|(step, _)| (first..end).contains(step));
        steps.map(|(_, count)| *count).sum()
    }

    /// Level 0 while less came in an hour than two minutes may bring in the long run; one more for each doubling. It
    /// changes only with the step: whoever watches it learns five minutes, not the moment in which a message came.
    pub(super) fn level(&self, now: Moment) -> u8 {
        let usual = self.per_minute.saturating_mul(2).max(1);
        let step = now.as_millis().div_euclid(STEP_MS);
        let times = self.between(step - STEPS, step) / usual;
        let by_rate = u32::BITS - times.leading_zeros();
        u8::try_from(by_rate)
            .unwrap_or(MAX_LEVEL)
            .clamp(self.least_level, MAX_LEVEL)
    }

    /// Takes one message's place and counts it, or says how long until there is one.
    pub(super) fn pay(&mut self, now: Moment) -> Result<(), TipError> {
        self.take(now)?;
        self.count(now);
        Ok(())
    }

    fn take(&mut self, now: Moment) -> Result<(), TipError> {
        let elapsed = now.as_millis().saturating_sub(self.filled_at.as_millis());
        let gained = u64::try_from(elapsed)
            .unwrap_or(0)
            .saturating_mul(u64::from(self.per_minute))
            / 60;
        // A clock that was set back begins anew.
        if gained > 0 || now < self.filled_at {
            self.filled_at = now;
            self.tokens = self
                .tokens
                .saturating_add(gained)
                .min(u64::from(self.burst) * 1000);
        }
        match self.tokens.checked_sub(1000) {
            Some(left) => {
                self.tokens = left;
                Ok(())
            }
            None => Err(TipError::TooMany { retry_after_s: 30 }),
        }
    }

    fn count(&mut self, now: Moment) {
        let step = now.as_millis().div_euclid(STEP_MS);
        match self.steps.back_mut() {
            Some((last, count)) if *last == step => *count = count.saturating_add(1),
            _ => self.steps.push_back((step, 1)),
        }
        while self
            .steps
            .front()
            .is_some_and(|(oldest, _)| *oldest < step - STEPS)
        {
            self.steps.pop_front();
        }
    }
}

impl Tips {
    /// The puzzle's present level.
    pub fn level(&self) -> u8 {
        self.tide().level(self.inner.clock.now())
    }

    /// How it stands.
    pub fn flood(&self) -> FloodFigures {
        let now = self.inner.clock.now();
        let tide = self.tide();
        let came = tide.in_last_hour(now);
        let used = self.index().bytes().saturating_mul(100) / self.inner.max_bytes.max(1);
        FloodFigures {
            level: tide.level(now),
            least_level: tide.least_level,
            received_last_hour: match came {
                came if came < FEW => Rate::Few,
                came if came < tide.per_minute.saturating_mul(2) => Rate::Some,
                _ => Rate::Many,
            },
            quota_used_percent: used.min(100),
        }
    }

    /// Sets the level below which the puzzle does not fall.
    pub async fn set_least_level(&self, actor: &Actor, least_level: u8) -> Result<FloodFigures, TipError> {
        if least_level > MAX_LEVEL {
            return Err(TipError::Invalid("/least_level"));
        }
        let (at, by): (Moment, UserId) = (self.inner.clock.now(), actor.user);
        let tips = self.clone();
        Self::to_the_end(async move { tips.set_least_level_uncut(at, by, least_level).await }).await
    }

    async fn set_least_level_uncut(
        &self,
        at: Moment,
        by: UserId,
        least_level: u8,
    ) -> Result<FloodFigures, TipError> {
        self.inner
            .store
            .transact(move |tx| -> Result<(), StoreError> {
                if tx.get::<TipFlood>(&())?.unwrap_or_default().least_level == least_level {
                    return Ok(());
                }
                tx.put::<TipFlood>(&(), &Flood { least_level })?;
                let deed = Deed {
                    at,
                    by: Some(by),
                    action: "tips.flood_level_set",
                    subject: "tips".to_owned(),
                    detail: serde_json::json!({ "least_level": least_level }),
                };
                audit::record(tx, deed)
            })
            .await?;
        self.tide().least_level = least_level;
        Ok(self.flood())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_puzzle_grows_harder_with_what_comes_and_easier_an_hour_later() {
        let at = Moment::from_millis;
        let limits = Limits {
            tips_per_minute: 5,
            tips_burst: 3,
            ..Limits::default()
        };
        let mut tide = Tide::new(&limits, Flood::default(), at(0));
        let mut levels = Vec::new();
        for (count, step) in [(9, 1), (1, 2), (10, 3), (20, 4), (360, 5)] {
            for _ in 0..count {
                tide.count(at(step * STEP_MS - 1));
            }
            assert_eq!(
                tide.level(at(step * STEP_MS - 1)),
                levels.last().copied().unwrap_or(0)
            );
            levels.push(tide.level(at(step * STEP_MS)));
        }
        assert_eq!(levels, [0, 1, 2, 3, 6]);
        assert_eq!(tide.level(at(85 * 60 * 1000)), 0);
        tide.least_level = 4;
        assert_eq!(tide.level(at(85 * 60 * 1000)), 4);
        assert!((0..3).all(|_| tide.take(at(2_000)).is_ok()));
        assert!(matches!(tide.take(at(2_000)), Err(TipError::TooMany { .. })));
        assert!(tide.take(at(14_000)).is_ok());
        assert!(tide.take(at(14_000)).is_err());
    }
}
