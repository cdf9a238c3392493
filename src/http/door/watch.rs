//! What a gate knows of the last second: who was let in, who was turned away, who waited, and for how long it was full.
//!
//! Invariant: what is said of a rush is said no longer than it lasts. Short patience and few places turn many away by
//! themselves, so both judgements need that all places are taken for a part of the time, and that more ask at once than there
//! are usual places: otherwise it is the few places that turn them away.
//! Refuses: to decide anything; the gate does.

use std::time::Duration;

use tokio::time::Instant;

/// How long things are watched before they are judged.
pub(super) const WATCHED: Duration = Duration::from_secs(1);
/// A rush takes all places for at least this part of the time. Not for all of it: senders pause, and with few places a line of
/// impatient ones is empty at times.
const BUSY_PART: u32 = 8;
/// So few who are turned away, or wait for long, prove nothing.
pub(super) const FEW: u64 = 16;
/// Who waits for longer than short patience does so again and again when no longer than this lies between.
pub(super) const AGAIN: Duration = Duration::from_millis(100);

/// The last second at a gate, and what follows from it.
#[derive(Debug)]
pub(super) struct Watch {
    /// Many are turned away.
    is_strained: bool,
    /// The line stands.
    stands: bool,
    /// Since when this was counted: who was let in, who was turned away, and for how long there was no place for one more.
    pub(super) since: Instant,
    let_in: u64,
    pub(super) turned_away: u64,
    /// And who waited for longer than short patience.
    pub(super) waits: u64,
    pub(super) full: Duration,
    /// Since when there is none.
    pub(super) full_since: Option<Instant>,
    /// More asked at once than there are usual places for: at work, in line, or being told to come again.
    were_too_many: bool,
    /// When somebody last waited for longer than short patience, and since when that is so again and again.
    pub(super) waited: Option<Instant>,
    pub(super) waiting_since: Instant,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            is_strained: false,
            stands: false,
            since: Instant::now(),
            let_in: 0,
            turned_away: 0,
            waits: 0,
            full: Duration::ZERO,
            full_since: None,
            were_too_many: false,
            waited: None,
            waiting_since: Instant::now(),
        }
    }

    /// Whether all who ask at present would find a usual place.
    pub(super) const fn ask(&mut self, have_places: bool) {
        self.were_too_many |= !have_places;
    }

    /// Somebody was let in.
    pub(super) const fn let_in(&mut self) {
        self.let_in += 1;
    }

    /// Somebody was turned away.
    pub(super) const fn turned_away(&mut self) {
        self.turned_away += 1;
    }

    /// Somebody waited for longer than short patience.
    pub(super) fn has_waited(&mut self) {
        if self.waited.is_none_or(|waited| waited.elapsed() >= AGAIN) {
            self.waiting_since = Instant::now();
        }
        self.waited = Some(Instant::now());
        self.waits += 1;
    }

    /// Whether there is no place for one more, from now on.
    pub(super) fn note(&mut self, is_full: bool) {
        match self.full_since {
            None if is_full => self.full_since = Some(Instant::now()),
            Some(since) if !is_full => {
                self.full += since.max(self.since).elapsed();
                self.full_since = None;
            }
            _ => {}
        }
    }

    /// Whether there was none for a part of the time that is watched.
    fn is_busy(&self, watched: Duration) -> bool {
        let now = self.full_since.map(|since| since.max(self.since).elapsed());
        (self.full + now.unwrap_or_default()) * BUSY_PART >= watched
    }

    /// Whether the line stands: somebody waited again and again for as long as `patience`; until, in the time that is
    /// watched, few did or there were places most of the time. Not until nobody waits for a moment, for short patience
    /// empties the line: senders who pause would bring half a second of long waits with them each time they go on.
    pub(super) fn stands(&mut self, patience: Duration) -> bool {
        let again = self.waited.is_some_and(|waited| waited.elapsed() < AGAIN);
        self.stands |= again && self.waiting_since.elapsed() >= patience;
        self.stands
    }

    /// Whether many are turned away who would not all find one of the usual places: at once when it is one for two who are
    /// let in, and no more after as long as things are watched without that.
    pub(super) fn is_strained(&mut self) -> bool {
        let watched = self.since.elapsed();
        let is_busy = self.is_busy(watched);
        let is_rush = is_busy && self.were_too_many;
        let too_much = is_rush && self.turned_away > FEW && self.turned_away * 2 > self.let_in;
        // What was counted long ago says nothing of now.
        if watched >= WATCHED * 2 {
            (self.is_strained, self.stands) = (false, false);
        } else if too_much || watched >= WATCHED {
            self.is_strained = too_much;
        }
        if watched >= WATCHED {
            self.stands &= is_rush && self.waits > FEW;
            self.since = Instant::now();
            (self.let_in, self.turned_away, self.waits) = (0, 0, 0);
            (self.full, self.were_too_many) = (Duration::ZERO, false);
        }
        self.is_strained
    }
}
