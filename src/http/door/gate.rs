//! A gate: so many at work at once, a short line before it, and nobody in the line longer than helps.
//!
//! A line that comes and goes is a burst, and a burst is worth waiting out. A line in which somebody waits for long again and
//! again stands, and is none: waiting helps nobody then, it only makes every answer late by as much as the line is long; so
//! patience becomes short and whoever does not get in soon is told to come back (the rule of controlled delay, `CoDel`).
//!
//! Many at work at once share what each of them needs, a sync above all. When many have to be turned away all the same,
//! each who is let in makes everybody's answer late, so fewer are at work at once. Both last as long as all places are taken
//! for a part of the time, and no longer: short patience and few places turn many away by themselves, and a rush that is over
//! must not be kept alive by them.
//! Meanwhile gates whose work takes a processor have fewer places too: there is one machine behind all of them.
//!
//! Invariant: at most as many are at work who entered here as there are places, and a place that is let go of goes to
//! the next in line. What has begun goes first, but never keeps out what is new: anybody can say that he has begun.
//! Refuses: to guess how dear a request is; kinds that differ have gates of their own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// Nobody is let in at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TurnedAway;

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
        })
    }

    /// Waits for a place, as long as that makes sense.
    pub(super) async fn enter(self: &Arc<Self>, standing: Standing) -> Result<Place, TurnedAway> {
        let (place, patience) = {
            let mut state = self.state();
            state.forget_who_left();
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

    fn count_turned_away(&self) -> TurnedAway {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        TurnedAway
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

    /// Whether somebody new in a line finds a place among `places` at once.
    fn has_room(&self, places: usize, standing: Standing) -> bool {
        let before = match standing {
            Standing::New => self.begun.len() + self.new.len(),
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
mod tests {
    use std::task::Poll;

    use futures_util::poll;

    use super::super::watch::{AGAIN, FEW};
    use super::*;

    /// A gate before which everybody waits as long as it takes.
    fn patient(places: usize, kept: usize) -> Arc<Gate> {
        let places = Places {
            calm: places,
            pressed: places,
            strained: places,
            kept,
        };
        Gate::with(places, &Pressure::new(), LONG, LONG)
    }

    const LONG: Duration = Duration::from_mins(1);

    /// As if so many had been turned away so long ago.
    fn turn_away(gate: &Gate, count: u64, ago: Duration) {
        let watch = &mut gate.state().watch;
        watch.since = Instant::now().checked_sub(ago).unwrap();
        watch.turned_away = count;
    }

    #[tokio::test]
    async fn a_burst_is_waited_out_until_many_are_turned_away() {
        let places = Places {
            calm: 4,
            pressed: 4,
            strained: 2,
            kept: 1,
        };
        let gate = Gate::with(places, &Pressure::new(), LONG, Duration::ZERO);
        let enter = || gate.enter(Standing::New);
        let mut at_work = vec![enter().await.unwrap(), enter().await.unwrap()];
        let mut waiting = Box::pin(enter());
        assert!(poll!(&mut waiting).is_pending(), "half of the places are kept");
        turn_away(&gate, FEW, Duration::ZERO);
        let mut patient = Box::pin(enter());
        assert!(poll!(&mut patient).is_pending(), "a few are no rush");
        turn_away(&gate, FEW + 1, Duration::ZERO);
        at_work.pop();
        assert!(
            poll!(&mut waiting).is_pending(),
            "one at a time now, beside the kept place"
        );
        let begun = gate.enter(Standing::Begun).await.unwrap();
        at_work.pop();
        assert!(poll!(&mut waiting).is_pending(), "and that one has begun");
        drop(begun);
        let Poll::Ready(Ok(waited)) = poll!(&mut waiting) else {
            panic!("who waits since before comes in")
        };
        assert!(poll!(&mut patient).is_pending());
        turn_away(&gate, 0, WATCHED);
        drop(waited);
        let Poll::Ready(Ok(patient)) = poll!(&mut patient) else {
            panic!("calm again")
        };
        let mut more = vec![patient, enter().await.unwrap()];
        let (mut first, mut second) = (Box::pin(enter()), Box::pin(enter()));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
        more.clear();
        assert!(poll!(&mut first).is_ready() && poll!(&mut second).is_ready());
    }

    #[tokio::test]
    async fn nobody_waits_before_a_line_that_stands_but_what_has_begun() {
        let places = Places {
            calm: 1,
            pressed: 1,
            strained: 1,
            kept: 0,
        };
        let gate = Gate::with(places, &Pressure::new(), LONG, Duration::ZERO);
        let at_work = gate.enter(Standing::New).await.unwrap();
        // As if so many had waited, the last of them so long ago.
        let waited = |waits: u64, ago: Duration| {
            let watch = &mut gate.state().watch;
            watch.waits = waits;
            watch.waited = Instant::now().checked_sub(ago);
            watch.waiting_since = Instant::now().checked_sub(LONG).unwrap();
        };
        // As if things had been watched for so long, and there had been no place for so long of it.
        let watched = |ago: Duration, full: Duration| {
            let watch = &mut gate.state().watch;
            watch.since = Instant::now().checked_sub(ago).unwrap();
            (watch.full, watch.full_since) = (full, None);
        };
        let at_once = |entering| timeout(LONG / 10, entering);
        let mut first = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut first).is_pending(), "a line begins");
        waited(FEW, AGAIN);
        let mut second = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut second).is_pending(), "nobody waited of late");
        waited(FEW + 1, Duration::ZERO);
        let refused = at_once(Box::pin(gate.enter(Standing::New))).await;
        assert!(refused.expect("it stands").is_err());
        assert!(at_once(first).await.expect("also for who came before").is_err());
        assert!(at_once(second).await.expect("and before").is_err());
        waited(FEW + 1, AGAIN);
        watched(WATCHED, WATCHED / 4);
        let refused = at_once(Box::pin(gate.enter(Standing::New))).await;
        assert!(refused.expect("a pause is not its end").is_err());
        for (waits, full, what) in [
            (FEW, WATCHED / 4, "few who wait are"),
            (FEW + 1, WATCHED / 10, "places are"),
        ] {
            waited(waits, AGAIN);
            watched(WATCHED, full);
            let mut third = Box::pin(gate.enter(Standing::New));
            assert!(poll!(&mut third).is_pending(), "{what}");
            drop(third);
            // It stands again for the next.
            waited(FEW + 1, Duration::ZERO);
            let refused = at_once(Box::pin(gate.enter(Standing::New))).await;
            assert!(refused.expect("it stands").is_err());
        }
        let mut begun = Box::pin(gate.enter(Standing::Begun));
        assert!(poll!(&mut begun).is_pending());
        drop(at_work);
        assert!(poll!(&mut begun).is_ready());
    }

    #[tokio::test]
    async fn where_many_are_turned_away_the_others_let_fewer_in_but_go_on_waiting() {
        let places = Places {
            calm: 2,
            pressed: 1,
            strained: 1,
            kept: 0,
        };
        let pressure = Pressure::new();
        let [rushed, other] = [(); 2].map(|()| Gate::with(places, &pressure, LONG, Duration::ZERO));
        let at_work = [
            other.enter(Standing::New).await.unwrap(),
            other.enter(Standing::New).await.unwrap(),
        ];
        drop(at_work);
        let _rushing = [
            rushed.enter(Standing::New).await.unwrap(),
            rushed.enter(Standing::New).await.unwrap(),
        ];
        turn_away(&rushed, FEW + 1, Duration::ZERO);
        assert!(poll!(&mut Box::pin(rushed.enter(Standing::New))).is_pending());
        let first = other.enter(Standing::New).await.unwrap();
        let mut second = Box::pin(other.enter(Standing::New));
        assert!(
            poll!(&mut second).is_pending(),
            "one place, and patience as before"
        );
        pressure.until.store(0, Ordering::Relaxed);
        let mut third = Box::pin(other.enter(Standing::New));
        assert!(poll!(&mut third).is_pending(), "behind the second");
        drop(first);
        assert!(poll!(&mut second).is_ready() && poll!(&mut third).is_ready());
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
    async fn what_is_new_comes_in_however_many_say_that_they_have_begun() {
        let gate = patient(1, 0);
        let mut at_work = gate.enter(Standing::New).await.unwrap();
        let mut new = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut new).is_pending());
        let mut begun: Vec<_> = (0..5).map(|_| Box::pin(gate.enter(Standing::Begun))).collect();
        for waiting in &mut begun {
            assert!(poll!(waiting).is_pending());
        }
        for waiting in begun.iter_mut().take(3) {
            drop(at_work);
            let Poll::Ready(Ok(next)) = poll!(waiting) else {
                panic!("what has begun is first")
            };
            at_work = next;
        }
        drop(at_work);
        let Poll::Ready(Ok(next)) = poll!(&mut new) else {
            panic!("three in a row are enough")
        };
        drop(next);
        assert!(poll!(&mut begun[3]).is_ready());
    }

    /// So many at once, each of whom takes two milliseconds of a place; how many were served.
    async fn burst(gate: &Arc<Gate>, count: usize) -> usize {
        let asking = (0..count).map(|_| async {
            let place = gate.enter(Standing::New).await?;
            tokio::time::sleep(Duration::from_millis(2)).await;
            drop(place);
            Ok::<_, TurnedAway>(())
        });
        let answers = futures_util::future::join_all(asking).await;
        answers.iter().filter(|answer| answer.is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_rush_that_is_over_is_not_kept_alive_by_bursts_that_could_be_served() {
        let places = Places {
            calm: 32,
            pressed: 8,
            strained: 1,
            kept: 0,
        };
        let gate = Gate::new(places, &Pressure::new(), Duration::from_millis(5));
        let began = Instant::now();
        let (mut asked, mut served) = (0, 0);
        while began.elapsed() < WATCHED * 5 {
            served += burst(&gate, 1_000).await;
            asked += 1_000;
        }
        assert!(
            served * 2 < asked,
            "a rush, of which {served} of {asked} were served"
        );
        for _ in 0..3 {
            tokio::time::sleep(WATCHED * 9 / 10).await;
            served = burst(&gate, 60).await;
        }
        assert_eq!(served, 60);
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
