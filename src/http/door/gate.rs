//! A gate: so many at work at once, a short line before it, and nobody in the line longer than helps.
//!
//! A line that comes and goes is a burst, and a burst is worth waiting out. A line in which somebody waits for long again and
//! again stands, and is none: waiting helps nobody then, it only makes every answer late by as much as the line is long; so
//! patience becomes short and whoever does not get in soon is told to come back (the rule of controlled delay, `CoDel`).
//!
//! Many at work at once share what each of them needs, a sync above all. When many have to be turned away all the same,
//! each who is let in makes everybody's answer late, so fewer are at work at once. Both last as long as all places are taken
//! for a part of the time and more ask than there are usual places, and no longer: short patience and few places turn many
//! away by themselves, and a rush that is over must not be kept alive by them.
//! Meanwhile gates whose work takes a processor have fewer places too: there is one machine behind all of them.
//!
//! Invariant: at most as many are at work who entered here as there are places, and a place that is let go of goes to
//! the next in line. What has begun goes first, but never keeps out what is new: anybody can say that he has begun.
//! Refuses: to guess how dear a request is; kinds that differ have gates of their own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::watch::{WATCHED, Watch};

/// How long one of a burst waits at most.
const PATIENCE: Duration = Duration::from_millis(500);
/// How many wait, for each place.
const LINE_PER_PLACE: usize = 16;
/// After so many in a row who have begun the next is a new one, when one waits.
const BEGUN_IN_A_ROW: u32 = 3;

/// Whether somebody begins something or has begun it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// New work.
    New,
    /// The rest of work that the service has begun: it goes first, and some places are kept for it.
    Begun,
}

/// Nobody is let in at present. Whoever hears this is one of those who ask, for as long as it is held.
#[derive(Debug)]
pub(super) struct TurnedAway(Arc<Gate>);

impl Drop for TurnedAway {
    fn drop(&mut self) {
        self.0.hearing.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many may be at work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// As long as everybody gets in, here and at the other gates.
    pub(super) calm: usize,
    /// When many are turned away elsewhere: what is done here takes a processor from those who are let in there.
    pub(super) pressed: usize,
    /// When many are turned away.
    pub(super) strained: usize,
    /// How many of the latter are kept for what has begun, and the same share of the others.
    pub(super) kept: usize,
}

/// Until when gates that share it are under pressure, because many are turned away at one of them.
#[derive(Debug)]
pub(super) struct Pressure {
    began: Instant,
    /// Milliseconds after that.
    until: AtomicU64,
}

/// One gate; clones of its handle share it.
#[derive(Debug)]
pub(super) struct Gate {
    places: Places,
    pressure: Arc<Pressure>,
    patience: Duration,
    short_patience: Duration,
    state: Mutex<State>,
    turned_away: AtomicU64,
    /// Those who are being told so.
    hearing: AtomicUsize,
}

/// How things stand before a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Calm,
    /// Calm here, and many are turned away elsewhere.
    Pressed,
    Strained,
}

#[derive(Debug)]
struct State {
    at_work: usize,
    begun: VecDeque<Waiting>,
    new: VecDeque<Waiting>,
    begun_in_a_row: u32,
    watch: Watch,
}

/// Somebody in a line.
#[derive(Debug)]
struct Waiting {
    place: oneshot::Sender<Place>,
    since: Instant,
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
    /// A gate with `places`, one of those that share `pressure`; in a line that stands one waits for `short_patience`.
    pub(super) fn new(places: Places, pressure: &Arc<Pressure>, short_patience: Duration) -> Arc<Self> {
        Self::with(places, pressure, PATIENCE, short_patience)
    }

    fn with(
        places: Places,
        pressure: &Arc<Pressure>,
        patience: Duration,
        short_patience: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            places,
            pressure: Arc::clone(pressure),
            patience,
            short_patience,
            state: Mutex::new(State {
                at_work: 0,
                begun: VecDeque::new(),
                new: VecDeque::new(),
                begun_in_a_row: 0,
                watch: Watch::new(),
            }),
            turned_away: AtomicU64::new(0),
            hearing: AtomicUsize::new(0),
        })
    }

    /// Waits for a place, as long as that makes sense.
    pub(super) async fn enter(self: &Arc<Self>, standing: Standing) -> Result<Place, TurnedAway> {
        let (place, patience) = {
            let mut state = self.state();
            state.forget_who_left();
            let others = state.at_work + state.line() + self.hearing.load(Ordering::Relaxed);
            state.watch.ask(others + 1);
            let mood = self.mood(&mut state);
            if state.has_room(self.places.of(mood, standing), standing) {
                state.let_in(self.places.of(mood, Standing::New));
                return Ok(Place(Some(Arc::clone(self))));
            }
            let line = match standing {
                Standing::New => &mut state.new,
                Standing::Begun => &mut state.begun,
            };
            if line.len() >= self.places.calm * LINE_PER_PLACE {
                state.watch.turned_away();
                return Err(self.count_turned_away());
            }
            let (sender, place) = oneshot::channel();
            line.push_back(Waiting {
                place: sender,
                since: Instant::now(),
            });
            (place, self.patience(&mut state, mood, standing))
        };
        // A place that comes when nobody takes it any more is dropped with the channel, and so goes to the next.
        if let Ok(Ok(place)) = timeout(patience, place).await {
            Ok(place)
        } else {
            let mut state = self.state();
            state.watch.turned_away();
            state.watch.has_waited();
            Err(self.count_turned_away())
        }
    }

    /// How long whoever joins a line now waits. In one that stands nobody waits for long, whoever is there since before either.
    fn patience(&self, state: &mut State, mood: Mood, standing: Standing) -> Duration {
        if !state.watch.stands(self.patience) {
            return self.patience;
        }
        let waited = |waiting: &Waiting| waiting.since.elapsed() > self.short_patience;
        while state.new.front().is_some_and(waited) {
            state.new.pop_front();
        }
        match (standing, mood) {
            // It goes first, so it hardly notices how long the line is.
            (Standing::Begun, Mood::Calm | Mood::Pressed) => self.patience,
            _ => self.short_patience,
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

    fn count_turned_away(self: &Arc<Self>) -> TurnedAway {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        self.hearing.fetch_add(1, Ordering::Relaxed);
        TurnedAway(Arc::clone(self))
    }

    fn leave(self: Arc<Self>) {
        self.state().at_work_less();
        // More than one may come in for one who leaves, when it has become calm.
        while let Some(next) = self.next() {
            if let Err(mut place) = next.place.send(Place(Some(Arc::clone(&self)))) {
                // Gone meanwhile; the place is taken back here and offered once more.
                place.0 = None;
                self.state().at_work_less();
            }
        }
    }

    /// The next in line for whom there is a place, which is counted as theirs.
    fn next(&self) -> Option<Waiting> {
        let mut state = self.state();
        state.forget_who_left();
        let mood = self.mood(&mut state);
        let places = self.places.of(mood, Standing::New);
        let is_new_in_turn = state.begun_in_a_row >= BEGUN_IN_A_ROW && !state.new.is_empty();
        let next = if state.at_work >= self.places.of(mood, Standing::Begun) {
            None
        } else if state.at_work < places && (is_new_in_turn || state.begun.is_empty()) {
            state.begun_in_a_row = 0;
            state.new.pop_front()
        } else {
            state.begun_in_a_row += u32::from(!state.begun.is_empty());
            state.begun.pop_front()
        };
        if let Some(next) = &next {
            state.let_in(places);
            if next.since.elapsed() > self.short_patience {
                state.watch.has_waited();
            }
        } else {
            let is_full = state.at_work >= places;
            state.watch.note(is_full);
        }
        next
    }

    fn mood(&self, state: &mut State) -> Mood {
        if state.watch.is_strained(self.places.of(Mood::Calm, Standing::New)) {
            self.pressure.rise();
            Mood::Strained
        } else if self.pressure.is_on() {
            Mood::Pressed
        } else {
            Mood::Calm
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pressure {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            until: AtomicU64::new(0),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// For as long as things are watched, unless it rises again.
    fn rise(&self) {
        let watched = u64::try_from(WATCHED.as_millis()).unwrap_or(u64::MAX);
        self.until
            .store(self.now().saturating_add(watched), Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.now() < self.until.load(Ordering::Relaxed)
    }
}

impl Places {
    fn of(self, mood: Mood, standing: Standing) -> usize {
        let places = match mood {
            Mood::Calm => self.calm,
            Mood::Pressed => self.pressed,
            Mood::Strained => self.strained,
        };
        let kept = self.kept * places / self.strained.max(1);
        match standing {
            Standing::New => places - kept.min(places),
            Standing::Begun => places,
        }
    }
}

impl State {
    fn at_work_less(&mut self) {
        self.at_work = self.at_work.saturating_sub(1);
    }

    /// How many wait.
    fn line(&self) -> usize {
        self.begun.len() + self.new.len()
    }

    /// Whether somebody new in a line finds a place among `places` at once.
    fn has_room(&self, places: usize, standing: Standing) -> bool {
        let before = match standing {
            Standing::New => self.line(),
            Standing::Begun => self.begun.len(),
        };
        before == 0 && self.at_work < places
    }

    /// One more is at work; there are `places` for what is new.
    fn let_in(&mut self, places: usize) {
        self.at_work += 1;
        self.watch.let_in();
        self.watch.note(self.at_work >= places);
    }

    /// Those at the head of the line whose patience is over.
    fn forget_who_left(&mut self) {
        for line in [&mut self.begun, &mut self.new] {
            while line.front().is_some_and(|waiting| waiting.place.is_closed()) {
                line.pop_front();
            }
        }
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
