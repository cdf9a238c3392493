//! Who may send the rest of a message, judged by what stands before the box.
//!
//! A new message needs a puzzle that is solved, in time and hard enough, and then a place among what is on its way
//! ([`arrivals`](super::arrivals)). A repeat needs none of these and takes no memory: its bytes are only compared with
//! the mark of the first.
//!
//! Invariant: of a box whose puzzle is not solved no more is in memory than came in one piece with what stands before it;
//! a challenge that was used is good for its own message alone.
//! Refuses: to look at a box.

use std::sync::Arc;

use super::arrivals::{Place, Ticket};
use super::secrets::Marking;
use super::{TipError, Tips};
use crate::domain::{Day, Moment, Sha256, Spent, TipSize};
use crate::store::records::TipsSpent;
use crate::store::{ReadTables, StoreError};
use crate::tipbox::frame::Prelude;
use crate::tipbox::puzzle::{self, Challenge, GOOD_FOR_S, Unsolved};
use crate::tipbox::suite;

/// A challenge and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Fresh {
    /// The bytes that the browser solves.
    pub challenge: [u8; puzzle::CHALLENGE_BYTES],
    /// How hard it is.
    pub level: u8,
    /// For how many seconds it is good.
    pub expires_in: u32,
}

/// The right to send the rest of a message.
pub enum Admission {
    /// Nothing like it came before.
    New(Arrival),
    /// It bears the marks of one that is here.
    Repeat(Repeat),
}

/// A new message on its way. Its place is given back when this is dropped.
pub struct Arrival {
    pub(super) prelude: Prelude,
    /// Of its challenge and of its nonce.
    pub(super) marks: [Sha256; 2],
    place: Place,
}

/// What says that it is a repeat, to be compared byte for byte.
pub struct Repeat {
    read: Marking,
    first: Spent,
    /// What is said when it is another message.
    otherwise: TipError,
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Repeat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repeat").finish_non_exhaustive()
    }
}

impl Arrival {
    /// So many bytes of the box have come.
    pub fn came(&self, bytes: usize) {
        self.place.came(bytes);
    }

    /// Ends when the place is needed for others: by the same sender's next try, or by somebody faster.
    pub async fn told_to_leave(&self) {
        self.place.told_to_leave().await;
    }

    /// The message is kept.
    pub(super) fn arrived(self) {
        self.place.arrived();
    }
}

impl Repeat {
    /// The next bytes of the box.
    pub fn compare(&mut self, bytes: &[u8]) {
        self.read.update(bytes);
    }

    /// The day on which the first came, when all bytes are its bytes.
    pub fn day(self) -> Result<Day, TipError> {
        if self.read.finish() == self.first.mark {
            Ok(self.first.day)
        } else {
            Err(self.otherwise)
        }
    }
}

impl Tips {
    /// A puzzle, good for half an hour. Nothing of it is remembered.
    pub fn challenge(&self) -> Fresh {
        let now = self.inner.clock.now();
        let level = self.tide().level(now);
        let seconds = u32::try_from(now.as_millis().div_euclid(1000)).unwrap_or(u32::MAX);
        let said = Challenge {
            level,
            expires: seconds.saturating_add(GOOD_FOR_S),
        };
        Fresh {
            challenge: puzzle::challenge(&self.inner.secrets.puzzle, said, suite::random()),
            level,
            expires_in: GOOD_FOR_S,
        }
    }

    /// Looks at what comes before a box of `size`.
    pub async fn admit(&self, prelude: Prelude, size: TipSize) -> Result<Admission, TipError> {
        let secrets = &self.inner.secrets;
        let said = puzzle::read(&secrets.puzzle, &prelude.challenge).map_err(|_not_ours| TipError::Puzzle)?;
        let marks = [
            secrets.mark("challenge", &[&prelude.challenge]),
            secrets.mark("nonce", &[&prelude.nonce]),
        ];
        let spent = self.inner.store.read(move |view| -> Result<_, StoreError> {
            let [challenge, nonce] = marks.map(Sha256);
            Ok((view.get::<TipsSpent>(&challenge)?, view.get::<TipsSpent>(&nonce)?))
        });
        let spent = spent.await?;
        if spent != (None, None) {
            self.settled().await;
        }
        match spent {
            (None, None) => {}
            // Its message is here, and had another nonce.
            (Some(_), None) => return Err(TipError::Puzzle),
            (Some(first), Some(_)) => {
                let mut read = secrets.marking("message");
                read.update(&prelude.challenge);
                read.update(&prelude.solution);
                read.update(&prelude.nonce);
                let otherwise = TipError::Puzzle;
                return Ok(Admission::Repeat(Repeat {
                    read,
                    first,
                    otherwise,
                }));
            }
            (None, Some(first)) => {
                let read = secrets.marking("box");
                let otherwise = TipError::Refused;
                return Ok(Admission::Repeat(Repeat {
                    read,
                    first,
                    otherwise,
                }));
            }
        }
        let [of_challenge, _] = marks;
        let ticket = Ticket {
            challenge: of_challenge,
            solution: prelude.solution,
            until: Moment::from_millis(i64::from(said.expires).saturating_mul(1000)),
        };
        let arrivals = &self.inner.arrivals;
        let now = self.inner.clock.now();
        if now >= ticket.until || arrivals.is_spoiled(&of_challenge) {
            return Err(TipError::Puzzle);
        }
        if !arrivals.has_paid(&ticket) {
            // One level less is let pass: it rose while somebody was writing.
            if said.level.saturating_add(1) < self.tide().level(now) {
                return Err(TipError::Puzzle);
            }
            if let Err(Unsolved { right_parts }) = self.verify(prelude, said).await? {
                if right_parts > 0 {
                    arrivals.spoil(&ticket);
                }
                return Err(TipError::Puzzle);
            }
        }
        let place = arrivals.enter(ticket, size, now, || self.tide().pay(now)).await?;
        let marks = marks.map(Sha256);
        Ok(Admission::New(Arrival {
            prelude,
            marks,
            place,
        }))
    }

    /// How many boxes of `size` would find memory without anybody's leaving.
    pub fn room_for(&self, size: TipSize) -> usize {
        self.inner.arrivals.room_for(size)
    }

    async fn verify(&self, prelude: Prelude, said: Challenge) -> Result<Result<(), Unsolved>, TipError> {
        let permit = Arc::clone(&self.inner.puzzles).acquire_owned().await;
        let permit = permit.map_err(|_closed| TipError::Busy)?;
        let solved = tokio::task::spawn_blocking(move || {
            // The work goes on when the asker leaves, so the permit goes with the work.
            let _permit = permit;
            puzzle::verify(&prelude.challenge, &prelude.solution, said.level)
        });
        Ok(solved.await.map_err(|_panicked| StoreError::Panicked)?)
    }
}
