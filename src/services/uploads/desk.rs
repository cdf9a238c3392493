//! The desk at which uploads are worked on: one request at a time for each, and the newest goes first.
//!
//! Invariant: whoever holds a [`Turn`] is alone with the upload's file until the turn is dropped; a thread that still
//! writes holds the turn too.
//! Refuses: to let a connection that hangs keep an upload. A newcomer tells the holder to stop, and waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, watch};

use crate::domain::UploadId;

type Seats = Arc<Mutex<HashMap<UploadId, Arc<Seat>>>>;

/// Where those stand who work on one upload or wait to.
#[derive(Debug, Default)]
struct Seat {
    gate: Arc<tokio::sync::Mutex<()>>,
    /// The number of the newest who came.
    newest: watch::Sender<u64>,
}

/// All uploads that are being worked on.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk {
    seats: Seats,
}

/// Keeps a seat in the map for as long as somebody is at it.
#[derive(Debug)]
struct Visit {
    id: UploadId,
    seat: Arc<Seat>,
    seats: Seats,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        // One is the map's, one this visit's; seats are only handed out under the same lock.
        if Arc::strong_count(&self.seat) <= 2 {
            seats.remove(&self.id);
        }
    }
}

/// The right to work on one upload.
#[derive(Debug)]
pub(super) struct Turn {
    number: u64,
    /// Declared before the visit, so that the gate is open before the seat may go.
    _gate: OwnedMutexGuard<()>,
    visit: Visit,
}

impl Desk {
    /// Tells whoever works on `id` to stop and waits up to `patience` for them to let go.
    pub(super) async fn take(&self, id: UploadId, patience: Duration) -> Option<Turn> {
        let visit = self.visit(id);
        let mut number = 0;
        visit.seat.newest.send_modify(|newest| {
            *newest = newest.wrapping_add(1);
            number = *newest;
        });
        let gate = Arc::clone(&visit.seat.gate).lock_owned();
        let gate = tokio::time::timeout(patience, gate).await.ok()?;
        Some(Turn {
            number,
            _gate: gate,
            visit,
        })
    }

    fn visit(&self, id: UploadId) -> Visit {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        Visit {
            id,
            seat: Arc::clone(seats.entry(id).or_default()),
            seats: Arc::clone(&self.seats),
        }
    }
}

impl Turn {
    /// Returns once somebody newer wants the upload.
    pub(super) async fn overtaken(&self) {
        let mut newest = self.visit.seat.newest.subscribe();
        // The sender lives in the seat, which this turn holds.
        drop(newest.wait_for(|newest| *newest != self.number).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn upload() -> UploadId {
        UploadId(uuid::Uuid::from_u128(7))
    }

    #[tokio::test]
    async fn a_newcomer_makes_the_holder_stop_and_gets_the_upload() {
        let desk = Desk::default();
        let first = desk.take(upload(), LONG).await.unwrap();
        let holder = async {
            first.overtaken().await;
            drop(first);
        };
        let (second, ()) = tokio::join!(desk.take(upload(), LONG), holder);
        assert!(second.is_some());
    }

    #[tokio::test]
    async fn a_holder_that_never_lets_go_costs_a_newcomer_its_patience_and_no_more() {
        let desk = Desk::default();
        let stuck = desk.take(upload(), LONG).await.unwrap();
        assert!(desk.take(upload(), Duration::from_millis(1)).await.is_none());
        // Other uploads do not wait for it.
        let other = UploadId(uuid::Uuid::from_u128(8));
        drop(desk.take(other, Duration::from_millis(1)).await.unwrap());
        drop(stuck);
        drop(desk.take(upload(), Duration::from_millis(1)).await.unwrap());
        assert!(
            desk.seats.lock().unwrap().is_empty(),
            "seats nobody is at are left"
        );
    }

    #[tokio::test]
    async fn a_waiter_that_was_overtaken_in_the_queue_learns_it_as_soon_as_it_is_its_turn() {
        let desk = Desk::default();
        let first = desk.take(upload(), LONG).await.unwrap();
        let second = desk.take(upload(), LONG);
        let third = desk.take(upload(), LONG);
        let release = async { drop(first) };
        let last = async {
            let turn = second.await.unwrap();
            turn.overtaken().await;
            drop(turn);
        };
        let ((), third, ()) = tokio::join!(biased; last, third, release);
        drop(third.unwrap());
    }
}
