//! Boxes on their way in: who may send one at this moment, and the memory that they take meanwhile.
//!
//! A solved puzzle pays for one message: a place in the bucket, and [`ON_THE_WAY`] of a sender's time. Whoever breaks off
//! and comes again with it has paid already; whoever crawls until that time is over needs another puzzle. When all
//! memory is taken, the slowest of those who had their time to get going makes way.
//!
//! Invariant: one sender at a time for each challenge, and that is the newest, because a browser sends again when a
//! connection is dead; and each payment makes others leave at most once.
//! Refuses: to know anything of a sender but a keyed hash of their challenge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::TipError;
use crate::domain::{Moment, TipSize};

/// How long a sender may be on the way with one puzzle, all tries together; half of the time for which it is good.
const ON_THE_WAY: Duration = Duration::from_mins(15);
/// How long whoever was told to leave may take.
const TO_LEAVE: Duration = Duration::from_secs(5);
/// Memory for boxes with pictures that are being received, KiB.
const PICTURES_KIB: usize = 32 * 1024;
/// The same for boxes of text alone. Apart, because large ones must not keep words out.
const TEXT_KIB: usize = 16 * 1024;

/// Everything that is on its way. Clones share it.
#[derive(Clone)]
pub(super) struct Arrivals {
    paid: Arc<Mutex<BTreeMap<[u8; 32], Paid>>>,
    pictures: Arc<Semaphore>,
    text: Arc<Semaphore>,
    /// How long nobody is sent away for being slow.
    undisturbed: Duration,
}

/// What is known of a challenge that was paid with.
struct Paid {
    /// When the challenge ends, and this with it.
    until: Moment,
    /// For how long its senders were on the way before the present one.
    took: Duration,
    /// Bytes that all of them brought.
    came: u64,
    /// Whether it has made somebody leave.
    has_pushed: bool,
    present: Option<Present>,
}

/// Who is sending at this moment.
struct Present {
    size: TipSize,
    since: Instant,
    leave: Arc<Notify>,
}

/// A sender's place; given back when dropped.
pub(super) struct Place {
    challenge: [u8; 32],
    leave: Arc<Notify>,
    arrivals: Arrivals,
    _memory: OwnedSemaphorePermit,
}

impl Paid {
    fn took_in_all(&self) -> Duration {
        let now = self.present.as_ref();
        self.took + now.map_or(Duration::ZERO, |present| present.since.elapsed())
    }

    /// Bytes in a thousand seconds.
    fn speed(&self) -> u128 {
        u128::from(self.came) * 1_000_000 / self.took_in_all().as_millis().max(1)
    }
}

impl Arrivals {
    pub(super) fn new(undisturbed: Duration) -> Self {
        Self {
            paid: Arc::default(),
            pictures: Arc::new(Semaphore::new(PICTURES_KIB)),
            text: Arc::new(Semaphore::new(TEXT_KIB)),
            undisturbed,
        }
    }

    /// Whether this challenge was paid with: what has become dearer since does not concern it.
    pub(super) fn has_paid(&self, challenge: &[u8; 32]) -> bool {
        self.paid().contains_key(challenge)
    }

    /// A place for a box of `size` behind `challenge`, which is good `until` then; `pay` is called unless it was before.
    pub(super) async fn enter(
        &self,
        challenge: [u8; 32],
        until: Moment,
        size: TipSize,
        now: Moment,
        pay: impl FnOnce() -> Result<(), TipError>,
    ) -> Result<Place, TipError> {
        {
            let mut paid = self.paid();
            paid.retain(|_, paid| paid.until > now || paid.present.is_some());
            match paid.get(&challenge) {
                Some(paid) if paid.took_in_all() >= ON_THE_WAY => return Err(TipError::Puzzle),
                Some(paid) => paid.present.iter().for_each(|before| before.leave.notify_one()),
                None => {
                    pay()?;
                    let first = Paid {
                        until,
                        took: Duration::ZERO,
                        came: 0,
                        has_pushed: false,
                        present: None,
                    };
                    paid.insert(challenge, first);
                }
            }
        }
        let memory = self.memory(challenge, size).await?;
        let leave = Arc::new(Notify::new());
        let present = Present {
            size,
            since: Instant::now(),
            leave: Arc::clone(&leave),
        };
        if let Some(paid) = self.paid().get_mut(&challenge)
            && let Some(before) = paid.present.replace(present)
        {
            paid.took += before.since.elapsed();
            before.leave.notify_one();
        }
        Ok(Place {
            challenge,
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

    async fn memory(&self, challenge: [u8; 32], size: TipSize) -> Result<OwnedSemaphorePermit, TipError> {
        let memory = Arc::clone(self.memory_for(size));
        let wanted = u32::try_from(kib(size)).unwrap_or(u32::MAX);
        if let Ok(permit) = Arc::clone(&memory).try_acquire_many_owned(wanted) {
            return Ok(permit);
        }
        self.push(challenge, size)?;
        match timeout(TO_LEAVE, memory.acquire_many_owned(wanted)).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(TipError::Busy),
        }
    }

    /// Tells the slowest to leave, as many as it takes; nobody when that would not be enough.
    fn push(&self, challenge: [u8; 32], size: TipSize) -> Result<(), TipError> {
        let mut paid = self.paid();
        // Whoever sent before under the same challenge is leaving already.
        let own = paid.get(&challenge).and_then(|paid| paid.present.as_ref());
        let leaving = own.map_or(0, |before| kib(before.size));
        let mut found = self.memory_for(size).available_permits() + leaving;
        let slow = paid.iter().filter(|(other, paid)| {
            let shares = |present: &Present| Arc::ptr_eq(self.memory_for(present.size), self.memory_for(size));
            **other != challenge
                && paid.present.as_ref().is_some_and(shares)
                && paid.took_in_all() >= self.undisturbed
        });
        let mut slow: Vec<_> = slow.map(|(other, paid)| (paid.speed(), *other)).collect();
        slow.sort_unstable();
        let mut told = Vec::new();
        for (_, other) in slow {
            if found >= kib(size) {
                break;
            }
            if let Some(present) = paid.get(&other).and_then(|paid| paid.present.as_ref()) {
                found += kib(present.size);
                told.push(Arc::clone(&present.leave));
            }
        }
        if found < kib(size) {
            return Err(TipError::Busy);
        }
        if told.is_empty() {
            return Ok(());
        }
        let pusher = paid.get_mut(&challenge).filter(|paid| !paid.has_pushed);
        pusher.ok_or(TipError::Busy)?.has_pushed = true;
        told.iter().for_each(|leave| leave.notify_one());
        Ok(())
    }

    fn paid(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Paid>> {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// So many bytes more have come.
    pub(super) fn came(&self, bytes: usize) {
        if let Some(paid) = self.arrivals.paid().get_mut(&self.challenge) {
            paid.came = paid.came.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    /// Ends when this place is wanted by others.
    pub(super) async fn told_to_leave(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(paid) = self.arrivals.paid().get_mut(&self.challenge)
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

    async fn large(arrivals: &Arrivals, challenge: u8) -> Result<Place, TipError> {
        let size = TipSize::ThreePictures;
        arrivals
            .enter([challenge; 32], at(1_800), size, at(0), || Ok(()))
            .await
    }

    /// As if everybody had been on the way for so much longer.
    fn pass(arrivals: &Arrivals, time: Duration) {
        arrivals.paid().values_mut().for_each(|paid| paid.took += time);
    }

    fn must_leave(place: &Place) -> bool {
        place.told_to_leave().now_or_never().is_some()
    }

    #[tokio::test]
    async fn a_challenge_pays_once_until_it_ends() {
        let arrivals = Arrivals::new(UNDISTURBED);
        let mut payments = 0;
        for now in [0, 10, 1_799, 1_800] {
            let paid = arrivals.enter([1; 32], at(1_800), TipSize::Text, at(now), || {
                payments += 1;
                Ok(())
            });
            drop(paid.await.unwrap());
        }
        assert_eq!(payments, 2);
        let refused = arrivals.enter([2; 32], at(1_800), TipSize::Text, at(0), || {
            Err(TipError::TooMany { retry_after_s: 30 })
        });
        assert!(matches!(refused.await, Err(TipError::TooMany { .. })));
        assert!(!arrivals.has_paid(&[2; 32]), "it did not pay");
    }

    #[tokio::test]
    async fn who_comes_again_takes_the_place_of_the_first() {
        let arrivals = Arrivals::new(UNDISTURBED);
        let first = large(&arrivals, 1).await.unwrap();
        let second = large(&arrivals, 1).await.unwrap();
        assert!(must_leave(&first));
        drop(first);
        assert!(!must_leave(&second), "the leaving of the first is not the second's");
        let third = large(&arrivals, 1).await.unwrap();
        assert!(must_leave(&second));
        assert!(!must_leave(&third));
    }

    #[tokio::test]
    async fn a_puzzle_buys_a_quarter_of_an_hour_on_the_way_in_as_many_tries_as_it_takes() {
        let arrivals = Arrivals::new(UNDISTURBED);
        drop(large(&arrivals, 1).await.unwrap());
        pass(&arrivals, ON_THE_WAY / 2);
        let place = large(&arrivals, 1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
        drop(place);
        pass(&arrivals, ON_THE_WAY / 2 - Duration::from_millis(1));
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
        assert!(arrivals.room_for(TipSize::Text) > 0, "words have memory of their own");
        assert!(matches!(large(&arrivals, 100).await, Err(TipError::Busy)), "all are undisturbed");
        for (place, pieces) in places.iter().zip((0..20).rev()) {
            place.came(pieces * 1_000);
        }
        pass(&arrivals, UNDISTURBED);
        let mut coming = Box::pin(large(&arrivals, 100));
        assert!(coming.as_mut().now_or_never().is_none());
        let slowest = places.pop().unwrap();
        assert!(must_leave(&slowest));
        assert!(!places.iter().any(must_leave), "one is enough");
        drop(slowest);
        let come = coming.await.unwrap();
        drop(come);
        places.push(large(&arrivals, 101).await.unwrap());
        assert!(matches!(large(&arrivals, 100).await, Err(TipError::Busy)), "it pushed before");
        assert!(!places.iter().any(must_leave));
    }
}
