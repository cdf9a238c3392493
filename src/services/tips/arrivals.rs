//! Boxes on their way in: who may send one at this moment, and the memory that they take meanwhile.
//!
//! A solved puzzle pays for one message: a place in the bucket, and [`ON_THE_WAY`] of a sender's time. Whoever breaks off
//! and comes again with it has paid already; whoever crawls until that time is over needs another puzzle. When all
//! memory is taken, the slowest of late among those who had their time to get going makes way.
//!
//! Invariant: one sender at a time for each challenge, and that is the newest, because a browser sends again when a
//! connection is dead; and each payment makes others leave once, and once more for each time that it had to leave.
//! Refuses: to know anything of a sender but a keyed hash of the challenge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::TipError;
use crate::domain::{Moment, TipSize};
use crate::tipbox::puzzle::SOLUTION_BYTES;

/// How long a sender may be on the way with one puzzle, all tries together; half of the time for which it is good.
const ON_THE_WAY: Duration = Duration::from_mins(15);
/// How long whoever was told to leave may take.
const TO_LEAVE: Duration = Duration::from_secs(5);
/// A sender's speed is that of the last one or two of these.
const LATELY: Duration = Duration::from_secs(15);
/// Memory for boxes with pictures that are being received, KiB.
const PICTURES_KIB: usize = 32 * 1024;
/// The same for boxes of text alone. Apart, because large ones must not keep words out.
const TEXT_KIB: usize = 16 * 1024;
/// Spoiled challenges that are remembered. To push one out takes thousands of others, dearer together than a new puzzle.
const SPOILED_KEPT: usize = 1 << 12;

/// A keyed hash of a challenge.
pub(super) type Mark = [u8; 32];

/// Everything that is on its way. Clones share it.
#[derive(Clone)]
pub(super) struct Arrivals {
    known: Arc<Mutex<Known>>,
    pictures: Arc<Semaphore>,
    text: Arc<Semaphore>,
    /// How long nobody is sent away for being slow.
    undisturbed: Duration,
}

/// The challenges that are not over.
#[derive(Default)]
struct Known {
    paid: BTreeMap<Mark, Paid>,
    /// Those that came with a solution that begins well and is wrong, and when they end.
    spoiled: BTreeMap<Mark, Moment>,
}

/// What is known of a challenge that was paid with.
struct Paid {
    /// When the challenge ends, and this with it.
    until: Moment,
    /// What solves it: that need not be found out again.
    solution: [u8; SOLUTION_BYTES],
    /// For how long its senders were on the way before the present one.
    took: Duration,
    /// Whether it may make somebody leave.
    may_push: bool,
    present: Option<Present>,
}

/// Who is sending at this moment.
struct Present {
    size: TipSize,
    since: Instant,
    is_leaving: bool,
    leave: Arc<Notify>,
    /// When the present stretch of [`LATELY`] began, and the bytes of the one before and of this one.
    stretch: (Instant, u64, u64),
}

/// A sender's place; given back when dropped.
pub(super) struct Place {
    challenge: Mark,
    leave: Arc<Notify>,
    arrivals: Arrivals,
    _memory: OwnedSemaphorePermit,
}

/// A challenge and what came with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) challenge: Mark,
    pub(super) solution: [u8; SOLUTION_BYTES],
    /// When the challenge ends.
    pub(super) until: Moment,
}

impl Paid {
    fn on(ticket: &Ticket) -> Self {
        Self {
            until: ticket.until,
            solution: ticket.solution,
            took: Duration::ZERO,
            may_push: true,
            present: None,
        }
    }

    fn took_in_all(&self) -> Duration {
        let now = self.present.as_ref();
        self.took + now.map_or(Duration::ZERO, |present| present.since.elapsed())
    }
}

impl Present {
    fn new(size: TipSize, leave: &Arc<Notify>) -> Self {
        let now = Instant::now();
        Self {
            size,
            since: now,
            is_leaving: false,
            leave: Arc::clone(leave),
            stretch: (now, 0, 0),
        }
    }

    fn came(&mut self, bytes: u64) {
        let (began, _, now) = self.stretch;
        if began.elapsed() >= LATELY {
            // Whoever was silent for longer has brought nothing in the stretch before.
            let before = if began.elapsed() < LATELY * 2 { now } else { 0 };
            self.stretch = (Instant::now(), before, bytes);
        } else {
            self.stretch.2 = now.saturating_add(bytes);
        }
    }

    /// Bytes in a thousand seconds, of late.
    fn speed(&self) -> u128 {
        let (began, before, now) = self.stretch;
        let (bytes, time) = match began.elapsed() {
            // Silent since: what came all at once before is no speed.
            silent if silent >= LATELY * 2 => (0, silent),
            one if one >= LATELY => (now, one),
            // At the beginning there is no stretch before.
            some => (
                before.saturating_add(now),
                self.since.elapsed().min(LATELY + some),
            ),
        };
        u128::from(bytes) * 1_000_000 / time.as_millis().max(1)
    }

    fn tell_to_leave(&mut self) {
        self.is_leaving = true;
        self.leave.notify_one();
    }
}

impl Arrivals {
    pub(super) fn new(undisturbed: Duration) -> Self {
        Self {
            known: Arc::default(),
            pictures: Arc::new(Semaphore::new(PICTURES_KIB)),
            text: Arc::new(Semaphore::new(TEXT_KIB)),
            undisturbed,
        }
    }

    /// Whether this was paid with: what has become dearer since does not concern it, and its solution is known to be one.
    pub(super) fn has_paid(&self, ticket: &Ticket) -> bool {
        let known = self.known();
        let paid = known.paid.get(&ticket.challenge);
        paid.is_some_and(|paid| paid.solution == ticket.solution)
    }

    /// Whether this challenge came before with a solution that begins well and is wrong.
    pub(super) fn is_spoiled(&self, challenge: &Mark) -> bool {
        self.known().spoiled.contains_key(challenge)
    }

    /// Lets a challenge be of no use any more: to look through most of a solution costs as much as through all of it, and
    /// nothing is paid for one that is wrong.
    pub(super) fn spoil(&self, ticket: &Ticket) {
        let mut known = self.known();
        while known.spoiled.len() >= SPOILED_KEPT {
            known.spoiled.pop_first();
        }
        known.spoiled.insert(ticket.challenge, ticket.until);
    }

    /// Forgets what is over.
    pub(super) fn forget(&self, now: Moment) {
        let mut known = self.known();
        known
            .paid
            .retain(|_, paid| paid.until > now || paid.present.is_some());
        known.spoiled.retain(|_, until| *until > now);
    }

    /// A place for a box of `size` behind `ticket`; `pay` is called unless it was before.
    pub(super) async fn enter(
        &self,
        ticket: Ticket,
        size: TipSize,
        now: Moment,
        pay: impl FnOnce() -> Result<(), TipError>,
    ) -> Result<Place, TipError> {
        self.forget(now);
        {
            let mut known = self.known();
            if let Some(paid) = known.paid.get_mut(&ticket.challenge) {
                if paid.took_in_all() >= ON_THE_WAY {
                    return Err(TipError::Puzzle);
                }
                paid.present.iter_mut().for_each(Present::tell_to_leave);
            } else {
                pay()?;
                known.paid.insert(ticket.challenge, Paid::on(&ticket));
            }
        }
        let memory = self.memory(ticket.challenge, size).await?;
        let leave = Arc::new(Notify::new());
        let mut known = self.known();
        // It may have ended while it waited for memory.
        let paid = known
            .paid
            .entry(ticket.challenge)
            .or_insert_with(|| Paid::on(&ticket));
        if let Some(mut before) = paid.present.replace(Present::new(size, &leave)) {
            paid.took += before.since.elapsed();
            before.tell_to_leave();
        }
        Ok(Place {
            challenge: ticket.challenge,
            leave,
            arrivals: self.clone(),
            _memory: memory,
        })
    }

    /// How many boxes of `size` would find memory without anybody's leaving.
    pub(super) fn room_for(&self, size: TipSize) -> usize {
        self.memory_for(size).available_permits() / kib(size)
    }

    fn memory_for(&self, size: TipSize) -> &Arc<Semaphore> {
        match size {
            TipSize::Text => &self.text,
            TipSize::OnePicture | TipSize::ThreePictures => &self.pictures,
        }
    }

    async fn memory(&self, challenge: Mark, size: TipSize) -> Result<OwnedSemaphorePermit, TipError> {
        let memory = Arc::clone(self.memory_for(size));
        let wanted = u32::try_from(kib(size)).unwrap_or(u32::MAX);
        if let Ok(permit) = Arc::clone(&memory).try_acquire_many_owned(wanted) {
            return Ok(permit);
        }
        self.push(challenge, size)?;
        if let Ok(Ok(permit)) = timeout(TO_LEAVE, memory.acquire_many_owned(wanted)).await {
            return Ok(permit);
        }
        if let Some(paid) = self.known().paid.get_mut(&challenge) {
            paid.may_push = true;
        }
        Err(TipError::Busy)
    }

    /// Tells the slowest to leave, as many as it takes; nobody when that would not be enough.
    fn push(&self, challenge: Mark, size: TipSize) -> Result<(), TipError> {
        let mut known = self.known();
        // Whoever sent before under the same challenge is leaving already.
        let own = known.paid.get(&challenge).and_then(|paid| paid.present.as_ref());
        let leaving = own.map_or(0, |before| kib(before.size));
        let mut found = self.memory_for(size).available_permits() + leaving;
        let slow = known.paid.iter().filter_map(|(other, paid)| {
            let present = paid.present.as_ref()?;
            let shares = Arc::ptr_eq(self.memory_for(present.size), self.memory_for(size));
            let had_its_time = paid.took_in_all() >= self.undisturbed;
            (shares && had_its_time && !present.is_leaving && *other != challenge)
                .then(|| (present.speed(), *other, kib(present.size)))
        });
        let mut slow: Vec<_> = slow.collect();
        slow.sort_unstable();
        let mut told = Vec::new();
        for (_, other, kib_of_it) in slow {
            if found >= kib(size) {
                break;
            }
            found += kib_of_it;
            told.push(other);
        }
        if found < kib(size) {
            return Err(TipError::Busy);
        }
        if told.is_empty() {
            return Ok(());
        }
        let pusher = known.paid.get_mut(&challenge).filter(|paid| paid.may_push);
        pusher.ok_or(TipError::Busy)?.may_push = false;
        for other in told {
            if let Some(paid) = known.paid.get_mut(&other) {
                paid.may_push = true;
                paid.present.iter_mut().for_each(Present::tell_to_leave);
            }
        }
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// So many bytes more have come.
    pub(super) fn came(&self, bytes: usize) {
        if let Some(paid) = self.arrivals.known().paid.get_mut(&self.challenge)
            && let Some(present) = paid.present.as_mut()
        {
            present.came(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    /// Ends when this place is wanted by others.
    pub(super) async fn told_to_leave(&self) {
        self.leave.notified().await;
    }

    /// The message is kept: from now on its rows know it again, and nothing more has to, unless somebody else sends it
    /// once more already.
    pub(super) fn arrived(self) {
        let mut known = self.arrivals.known();
        let present = known
            .paid
            .get(&self.challenge)
            .and_then(|paid| paid.present.as_ref());
        if present.is_some_and(|present| Arc::ptr_eq(&present.leave, &self.leave)) {
            known.paid.remove(&self.challenge);
        }
        drop(known);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(paid) = self.arrivals.known().paid.get_mut(&self.challenge)
            && let Some(present) = paid
                .present
                .take_if(|present| Arc::ptr_eq(&present.leave, &self.leave))
        {
            paid.took += present.since.elapsed();
        }
    }
}

fn kib(size: TipSize) -> usize {
    size.box_bytes() / 1024
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const UNDISTURBED: Duration = Duration::from_mins(5);
    /// As many boxes with three pictures as there is memory for.
    const LARGE_AT_ONCE: u8 = 20;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    fn ticket(challenge: u8) -> Ticket {
        Ticket {
            challenge: [challenge; 32],
            solution: [7; SOLUTION_BYTES],
            until: at(1_800),
        }
    }

    async fn large(arrivals: &Arrivals, challenge: u8) -> Result<Place, TipError> {
        let size = TipSize::ThreePictures;
        arrivals.enter(ticket(challenge), size, at(0), || Ok(())).await
    }

    /// As if everybody had been on the way for so much longer.
    fn pass(arrivals: &Arrivals, time: Duration) {
        let mut known = arrivals.known();
        known.paid.values_mut().for_each(|paid| paid.took += time);
    }

    fn must_leave(place: &Place) -> bool {
        place.told_to_leave().now_or_never().is_some()
    }

    #[tokio::test]
    async fn a_challenge_pays_once_until_it_ends() {
        let arrivals = Arrivals::new(UNDISTURBED);
        let mut payments = 0;
        for now in [0, 10, 1_799, 1_800] {
            let paid = arrivals.enter(ticket(1), TipSize::Text, at(now), || {
                payments += 1;
                Ok(())
            });
            drop(paid.await.unwrap());
        }
        assert_eq!(payments, 2);
        let refused = arrivals.enter(ticket(2), TipSize::Text, at(0), || {
            Err(TipError::TooMany { retry_after_s: 30 })
        });
        assert!(matches!(refused.await, Err(TipError::TooMany { .. })));
        assert!(!arrivals.has_paid(&ticket(2)), "it did not pay");
        assert!(arrivals.has_paid(&ticket(1)));
        let guessed = Ticket {
            solution: [8; SOLUTION_BYTES],
            ..ticket(1)
        };
        assert!(!arrivals.has_paid(&guessed), "another solution is looked at");
        arrivals.forget(at(1_801));
        assert!(!arrivals.has_paid(&ticket(1)), "it is over");
    }

    #[tokio::test]
    async fn who_comes_again_takes_the_place_of_the_first() {
        let arrivals = Arrivals::new(UNDISTURBED);
        let first = large(&arrivals, 1).await.unwrap();
        let second = large(&arrivals, 1).await.unwrap();
        assert!(must_leave(&first));
        drop(first);
        assert!(
            !must_leave(&second),
            "the leaving of the first is not the second's"
        );
        let third = large(&arrivals, 1).await.unwrap();
        assert!(must_leave(&second));
        assert!(!must_leave(&third));
        second.arrived();
        assert!(arrivals.has_paid(&ticket(1)), "somebody still sends");
        third.arrived();
        assert!(!arrivals.has_paid(&ticket(1)));
    }

    #[tokio::test]
    async fn a_puzzle_buys_a_quarter_of_an_hour_on_the_way_in_as_many_tries_as_it_takes() {
        let arrivals = Arrivals::new(UNDISTURBED);
        drop(large(&arrivals, 1).await.unwrap());
        pass(&arrivals, ON_THE_WAY / 2);
        let place = large(&arrivals, 1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
        drop(place);
        pass(
            &arrivals,
            (ON_THE_WAY / 2).saturating_sub(Duration::from_millis(1)),
        );
        assert!(matches!(large(&arrivals, 1).await, Err(TipError::Puzzle)));
    }

    #[tokio::test]
    async fn the_slowest_who_had_its_time_makes_way_and_a_payment_pushes_once() {
        let arrivals = Arrivals::new(UNDISTURBED);
        let mut places = Vec::new();
        for number in 0..LARGE_AT_ONCE {
            places.push(large(&arrivals, number).await.unwrap());
        }
        assert_eq!(arrivals.room_for(TipSize::ThreePictures), 0);
        assert!(
            arrivals.room_for(TipSize::Text) > 0,
            "words have memory of their own"
        );
        assert!(
            matches!(large(&arrivals, 100).await, Err(TipError::Busy)),
            "all are undisturbed"
        );
        for (place, pieces) in places.iter().zip((0..20).rev()) {
            place.came(pieces * 1_000);
        }
        // The first brought the most, but all at once and long ago.
        let long_ago = Instant::now().checked_sub(LATELY * 2).unwrap();
        if let Some(paid) = arrivals.known().paid.get_mut(&[0; 32]) {
            paid.present.as_mut().unwrap().stretch = (long_ago, 0, 1_000_000);
        }
        pass(&arrivals, UNDISTURBED);
        let mut coming = Box::pin(large(&arrivals, 100));
        assert!(coming.as_mut().now_or_never().is_none());
        let slowest = places.remove(0);
        assert!(must_leave(&slowest));
        assert!(!places.iter().any(must_leave), "one is enough");
        // Another one does not count on the memory of who is leaving already.
        let mut second = Box::pin(large(&arrivals, 101));
        assert!(second.as_mut().now_or_never().is_none());
        let next = places.pop().unwrap();
        assert!(must_leave(&next));
        drop((slowest, next));
        let come = coming.await.unwrap();
        drop(second.await.unwrap());
        drop(come);
        // Who had to leave may push in turn, once.
        places.push(large(&arrivals, 102).await.unwrap());
        places.push(large(&arrivals, 103).await.unwrap());
        assert!(
            matches!(large(&arrivals, 100).await, Err(TipError::Busy)),
            "it pushed before"
        );
        assert!(!places.iter().any(must_leave));
    }
}
