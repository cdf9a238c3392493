//! A gate: so many at work at once, a short line before it, and nobody in the line longer than helps.
//!
//! Whoever waits in a line that was empty a moment ago is part of a burst, and a burst is worth waiting out. A line that
//! has stood without a break is no burst: whatever waits there only makes everybody's answer late, so from then on
//! patience is short and the rest is told to come back (the rule of controlled delay, after `CoDel`). It stays short for
//! some time after the last one was turned away: short patience empties the line, which proves nothing.
//!
//! Invariant: at most `places` are at work who entered here, and a place that is let go of goes to the next in line.
//! Refuses: to guess how dear a request is; kinds that differ have gates of their own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// How long the line may stand before it is no burst any more.
const BURST: Duration = Duration::from_millis(200);
/// How long one of a burst waits at most.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long one waits in a line that does not end.
const SHORT_PATIENCE: Duration = Duration::from_millis(10);
/// How many wait, for each place.
const LINE_PER_PLACE: usize = 16;
/// How long after somebody was turned away there is no patience yet.
const CALM_AFTER: Duration = Duration::from_secs(5);

/// Whether somebody begins something or has begun it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// New work.
    New,
    /// The rest of work that the service has begun: it goes first, and some places are kept for it.
    Begun,
}

/// Nobody is let in at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TurnedAway;

/// One gate; clones of its handle share it.
#[derive(Debug)]
pub(super) struct Gate {
    places: usize,
    /// How many of them are kept for what has begun.
    kept: usize,
    patience: fn(Strain) -> Duration,
    state: Mutex<State>,
    turned_away: AtomicU64,
}

#[derive(Debug)]
struct State {
    at_work: usize,
    begun: VecDeque<oneshot::Sender<Place>>,
    new: VecDeque<oneshot::Sender<Place>>,
    /// When the line was last seen empty.
    empty_at: Instant,
    /// When somebody was last turned away.
    turned_away_at: Option<Instant>,
}

/// A place at work; given to the next in line when dropped.
#[derive(Debug)]
pub(super) struct Place(Option<Arc<Gate>>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.leave();
        }
    }
}

impl Gate {
    /// A gate with `places`, of which `kept` are for what has begun.
    pub(super) fn new(places: usize, kept: usize) -> Arc<Self> {
        Self::with(places, kept, patience)
    }

    fn with(places: usize, kept: usize, patience: fn(Strain) -> Duration) -> Arc<Self> {
        Arc::new(Self {
            places,
            kept,
            patience,
            state: Mutex::new(State {
                at_work: 0,
                begun: VecDeque::new(),
                new: VecDeque::new(),
                empty_at: Instant::now(),
                turned_away_at: None,
            }),
            turned_away: AtomicU64::new(0),
        })
    }

    /// Waits for a place, as long as that makes sense.
    pub(super) async fn enter(self: &Arc<Self>, standing: Standing) -> Result<Place, TurnedAway> {
        let (place, patience) = {
            let mut state = self.state();
            state.forget_who_left();
            if state.has_room(self.places_for(standing), standing) {
                state.at_work += 1;
                return Ok(Place(Some(Arc::clone(self))));
            }
            let line = match standing {
                Standing::New => &mut state.new,
                Standing::Begun => &mut state.begun,
            };
            if line.len() >= self.places * LINE_PER_PLACE {
                state.turned_away_at = Some(Instant::now());
                return Err(self.count_turned_away());
            }
            let (sender, place) = oneshot::channel();
            line.push_back(sender);
            (place, (self.patience)(state.strain()))
        };
        // A place that comes when nobody takes it any more is dropped with the channel, and so goes to the next.
        if let Ok(Ok(place)) = timeout(patience, place).await {
            Ok(place)
        } else {
            self.state().turned_away_at = Some(Instant::now());
            Err(self.count_turned_away())
        }
    }

    /// A place beside all others, for whoever had one and paused.
    pub(super) fn enter_again(self: &Arc<Self>) -> Place {
        self.state().at_work += 1;
        Place(Some(Arc::clone(self)))
    }

    /// How many were turned away since this was last asked.
    pub(super) fn take_turned_away(&self) -> u64 {
        self.turned_away.swap(0, Ordering::Relaxed)
    }

    fn count_turned_away(&self) -> TurnedAway {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        TurnedAway
    }

    fn places_for(&self, standing: Standing) -> usize {
        match standing {
            Standing::New => self.places - self.kept,
            Standing::Begun => self.places,
        }
    }

    fn leave(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.state();
                state.at_work = state.at_work.saturating_sub(1);
                state.forget_who_left();
                let next = if state.at_work >= self.places {
                    None
                } else if let Some(begun) = state.begun.pop_front() {
                    Some(begun)
                } else if state.at_work < self.places_for(Standing::New) {
                    state.new.pop_front()
                } else {
                    None
                };
                state.at_work += usize::from(next.is_some());
                next
            };
            let Some(next) = next else { return };
            let Err(mut place) = next.send(Place(Some(Arc::clone(&self)))) else {
                return;
            };
            // Gone meanwhile; the place is taken back here and offered once more.
            place.0 = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How things stand before a gate.
#[derive(Debug, Clone, Copy)]
struct Strain {
    /// How long the line has stood.
    stood: Duration,
    /// How long ago somebody was turned away.
    turned_away: Option<Duration>,
}

/// How long to wait in a line.
fn patience(strain: Strain) -> Duration {
    let calm = strain.turned_away.is_none_or(|ago| ago > CALM_AFTER);
    if calm && strain.stood <= BURST {
        PATIENCE
    } else {
        SHORT_PATIENCE
    }
}

impl State {
    fn has_room(&self, places: usize, standing: Standing) -> bool {
        let before = match standing {
            Standing::New => self.begun.len() + self.new.len(),
            Standing::Begun => self.begun.len(),
        };
        before == 0 && self.at_work < places
    }

    fn strain(&self) -> Strain {
        Strain {
            stood: self.empty_at.elapsed(),
            turned_away: self.turned_away_at.map(|at| at.elapsed()),
        }
    }

    /// Those at the head of the line whose patience is over.
    fn forget_who_left(&mut self) {
        for line in [&mut self.begun, &mut self.new] {
            while line.front().is_some_and(oneshot::Sender::is_closed) {
                line.pop_front();
            }
        }
        if self.begun.is_empty() && self.new.is_empty() {
            self.empty_at = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    /// A gate before which everybody waits as long as it takes.
    fn patient(places: usize, kept: usize) -> Arc<Gate> {
        Gate::with(places, kept, |_| Duration::from_hours(1))
    }
    use futures_util::poll;

    #[test]
    fn a_burst_is_waited_out_and_a_line_that_stands_is_not() {
        let strain = |stood, turned_away| patience(Strain { stood, turned_away });
        let a_moment = Duration::from_millis(1);
        assert_eq!(strain(Duration::ZERO, None), PATIENCE);
        assert_eq!(strain(BURST, Some(CALM_AFTER + a_moment)), PATIENCE);
        assert_eq!(strain(BURST + a_moment, None), SHORT_PATIENCE);
        assert_eq!(strain(Duration::ZERO, Some(CALM_AFTER)), SHORT_PATIENCE);
    }

    #[tokio::test]
    async fn what_has_begun_goes_before_what_is_new_and_has_places_of_its_own() {
        let gate = patient(3, 1);
        let first = gate.enter(Standing::New).await.unwrap();
        let second = gate.enter(Standing::New).await.unwrap();
        let mut new = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut new).is_pending(), "the last place is kept");
        let third = gate.enter(Standing::Begun).await.unwrap();
        let mut begun = Box::pin(gate.enter(Standing::Begun));
        assert!(poll!(&mut begun).is_pending());
        drop(first);
        let Poll::Ready(Ok(fourth)) = poll!(&mut begun) else {
            panic!("whoever has begun is first")
        };
        assert!(poll!(&mut new).is_pending());
        drop((second, third));
        assert!(poll!(&mut new).is_ready());
        drop(fourth);
    }

    #[tokio::test]
    async fn a_place_is_not_lost_with_somebody_who_left_the_line() {
        let gate = patient(1, 0);
        let at_work = gate.enter(Standing::New).await.unwrap();
        let mut gone = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut gone).is_pending());
        let mut offered = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut offered).is_pending());
        let mut patient = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut patient).is_pending());
        drop(gone);
        drop(at_work);
        // It has been offered the place and goes without taking it.
        drop(offered);
        assert!(poll!(&mut patient).is_ready());
        assert!(gate.enter(Standing::New).await.is_ok(), "and it was given back");
    }

    #[tokio::test]
    async fn the_line_is_bounded_and_a_pause_gives_the_place_to_others() {
        let gate = patient(1, 0);
        let at_work = gate.enter(Standing::New).await.unwrap();
        let mut line: Vec<_> = (0..LINE_PER_PLACE)
            .map(|_| Box::pin(gate.enter(Standing::New)))
            .collect();
        for waiting in &mut line {
            assert!(poll!(waiting).is_pending());
        }
        assert!(gate.enter(Standing::New).await.is_err(), "the line is full");
        drop(at_work);
        let Poll::Ready(Ok(first)) = poll!(&mut line[0]) else {
            panic!("the first in line is next")
        };
        let back = gate.enter_again();
        drop(first);
        assert!(poll!(&mut line[1]).is_pending(), "who comes back is counted");
        drop(back);
        assert!(poll!(&mut line[1]).is_ready());
    }
}
