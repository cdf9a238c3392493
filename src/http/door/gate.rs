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
//! the next in line. What has begun goes first, but never keeps out what is new: anybody can say that they have begun.
//! Refuses: to guess how dear a request is; kinds that differ have gates of their own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::places::{Count, Mood, Places, Room, Standing};
use super::watch::{WATCHED, Watch};

/// How long one of a burst waits at most.
const PATIENCE: Duration = Duration::from_millis(500);
/// How many wait, for each place.
const LINE_PER_PLACE: usize = 16;
/// After so many in a row who have begun the next is a new one, when one waits.
const BEGUN_IN_A_ROW: u32 = 3;

/// Nobody is let in at present. Whoever hears this is one of those who ask, for as long as it is held.
#[derive(Debug)]
pub(super) struct TurnedAway(Arc<Gate>, Standing);

impl Drop for TurnedAway {
    fn drop(&mut self) {
        self.0.state().hearing.less(self.1);
    }
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
}

#[derive(Debug)]
struct State {
    at_work: Count,
    /// Those who are being told to come again.
    hearing: Count,
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
pub(super) struct Place {
    gate: Option<Arc<Gate>>,
    standing: Standing,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.leave(self.standing);
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
                at_work: Count::default(),
                hearing: Count::default(),
                begun: VecDeque::new(),
                new: VecDeque::new(),
                begun_in_a_row: 0,
                watch: Watch::new(),
            }),
            turned_away: AtomicU64::new(0),
        })
    }

    /// Waits for a place, as long as that makes sense.
    pub(super) async fn enter(self: &Arc<Self>, standing: Standing) -> Result<Place, TurnedAway> {
        let (place, patience) = {
            let mut state = self.state();
            state.forget_who_left();
            state.ask(standing, self.places.of(Mood::Calm));
            let mood = self.mood(&mut state);
            let room = self.places.of(mood);
            if state.is_first(standing) && room.takes(state.at_work, standing) {
                state.let_in(standing, room);
                return Ok(self.place(standing));
            }
            if state.line(standing).len() >= self.places.calm * LINE_PER_PLACE {
                return Err(self.turn_away(&mut state, standing));
            }
            let (sender, place) = oneshot::channel();
            state.line(standing).push_back(Waiting {
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
            state.watch.has_waited();
            Err(self.turn_away(&mut state, standing))
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

    /// A place beside all others, for whoever had one of that standing and paused.
    pub(super) fn enter_again(self: &Arc<Self>, standing: Standing) -> Place {
        self.state().at_work.more(standing);
        self.place(standing)
    }

    /// How many were turned away since this was last asked.
    pub(super) fn take_turned_away(&self) -> u64 {
        self.turned_away.swap(0, Ordering::Relaxed)
    }

    fn turn_away(self: &Arc<Self>, state: &mut State, standing: Standing) -> TurnedAway {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        state.watch.turned_away();
        state.hearing.more(standing);
        TurnedAway(Arc::clone(self), standing)
    }

    /// A place that has been counted.
    fn place(self: &Arc<Self>, standing: Standing) -> Place {
        let gate = Some(Arc::clone(self));
        Place { gate, standing }
    }

    fn leave(self: Arc<Self>, standing: Standing) {
        // Held to the end: whoever comes meanwhile must not find a place that is another's turn.
        let mut state = self.state();
        state.at_work.less(standing);
        // More than one may come in for one who leaves, when it has become calm.
        while let Some((next, standing)) = self.next(&mut state) {
            if let Err(mut place) = next.place.send(self.place(standing)) {
                // Gone meanwhile; the place is taken back here and offered once more.
                place.gate = None;
                state.at_work.less(standing);
            }
        }
    }

    /// The next in line for whom there is a place, which is counted as theirs.
    fn next(&self, state: &mut State) -> Option<(Waiting, Standing)> {
        state.forget_who_left();
        let mood = self.mood(state);
        let room = self.places.of(mood);
        let order = if state.begun_in_a_row >= BEGUN_IN_A_ROW {
            [Standing::New, Standing::Begun]
        } else {
            [Standing::Begun, Standing::New]
        };
        for standing in order {
            if !room.takes(state.at_work, standing) {
                continue;
            }
            if let Some(next) = state.line(standing).pop_front() {
                state.let_in(standing, room);
                state.begun_in_a_row = match standing {
                    Standing::New => 0,
                    Standing::Begun => state.begun_in_a_row.saturating_add(1),
                };
                if next.since.elapsed() > self.short_patience {
                    state.watch.has_waited();
                }
                return Some((next, standing));
            }
        }
        state.note(room);
        None
    }

    fn mood(&self, state: &mut State) -> Mood {
        if state.watch.is_strained() {
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

impl State {
    fn line(&mut self, standing: Standing) -> &mut VecDeque<Waiting> {
        match standing {
            Standing::New => &mut self.new,
            Standing::Begun => &mut self.begun,
        }
    }

    /// Whether nobody in a line goes before one of that standing who comes now.
    fn is_first(&self, standing: Standing) -> bool {
        self.begun.is_empty() && (standing == Standing::Begun || self.new.is_empty())
    }

    /// One more asks, and is not in a line yet; there are `usual` places.
    fn ask(&mut self, standing: Standing, usual: Room) {
        let mut asking = Count::of(self.new.len(), self.begun.len())
            .and(self.at_work)
            .and(self.hearing);
        asking.more(standing);
        self.watch.ask(usual.holds(asking));
    }

    /// One more is at work.
    fn let_in(&mut self, standing: Standing, room: Room) {
        self.at_work.more(standing);
        self.watch.let_in();
        self.note(room);
    }

    /// Whether there is a place for one more, from now on.
    fn note(&mut self, room: Room) {
        self.watch.note(!room.takes(self.at_work, Standing::New));
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
