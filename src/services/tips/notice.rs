//! Notices to officers: whether something waits, told in fixed slots of 15 minutes.
//!
//! Invariant: what a slot says is what was true when it began; so no notice tells when something came.
//! Refuses: how many there are.

use std::sync::PoisonError;

use super::Tips;
use crate::domain::Moment;

const SLOT_MS: i64 = 15 * 60 * 1000;

/// What a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// When the slot began.
    pub slot: Moment,
    /// Whether a message waited then that nobody had looked at.
    pub news: bool,
}

/// The present notice.
#[derive(Debug)]
pub(super) struct Board {
    slot: i64,
    news: bool,
}

impl Board {
    pub(super) fn new(now: Moment, news: bool) -> Self {
        Self {
            slot: now.as_millis().div_euclid(SLOT_MS),
            news,
        }
    }
}

impl Tips {
    /// What the present slot says. Also called before every change, so that a slot begins with how things stood
    /// before it.
    pub fn notice(&self) -> Notice {
        let present = self.inner.clock.now().as_millis().div_euclid(SLOT_MS);
        let mut board = self.inner.board.lock().unwrap_or_else(PoisonError::into_inner);
        if present != board.slot {
            *board = Board {
                slot: present,
                news: self.index().has_news(),
            };
        }
        Notice {
            slot: Moment::from_millis(board.slot.saturating_mul(SLOT_MS)),
            news: board.news,
        }
    }
}
