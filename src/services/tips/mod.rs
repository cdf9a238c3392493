//! The tip line: sealed boxes in, sealed answers out, and nothing in between that could tell who wrote or what.
//!
//! What is kept of a box is a row and a file, both sealed under a random key in a slot of the key file, so that
//! overwriting 64 bytes ends all copies of them. Which box belongs to which thread stands only inside what is sealed;
//! the index over it lives in memory and is made anew at the start ([`index`]).
//!
//! Invariant: the order of writes is key, file, row on the way in, and key, row, file on the way out. A crash between
//! two of them leaves nothing or a whole tip, and the start clears away the rest ([`sweep`]).
//! Refuses: to open a box, to log, to announce, and to know the time of day of anything that came.

mod admitting;
mod arrivals;
mod counts;
mod desk;
mod flood;
mod index;
mod keys;
mod mailbox;
mod notice;
mod receiving;
mod secrets;
mod shredding;
mod sweep;
mod vault;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, Semaphore};

pub use admitting::{Admission, Arrival, Fresh, Repeat};
pub use counts::{Figure, MonthCounts};
pub use desk::{ListFilter, Listed, PurgeFilter};
pub use flood::{FloodFigures, Rate};
pub use keys::{KeyItem, NewKey, PublicKey, RecoveryKeyError, set_recovery_key};
pub use notice::Notice;
pub use sweep::{OpenError, accept_keys, living_tips};

use self::arrivals::Arrivals;
use self::flood::Tide;
use self::index::Index;
use self::notice::Board;
use self::secrets::Secrets;
use self::vault::Vault;
use crate::clock::Clock;
use crate::config::Limits;
use crate::disk::{DiskFull, FreeSpace};
use crate::store::{Store, StoreError};
use crate::tipbox::Refused;

/// Boxes that a thread may have; a person writes some, a flood would write thousands.
const MAX_BOXES_A_THREAD: usize = 200;
/// Puzzles being looked at at once. Each takes a megabyte and a core.
const PUZZLES_AT_ONCE: usize = 2;
/// Of the room for boxes on the disk, one part in so many is for text alone.
const TEXT_SHARE: u64 = 4;

/// Why something did not happen. What a caller outside learns of it is one of five sentences.
#[derive(Debug, thiserror::Error)]
pub enum TipError {
    /// The form is not the protocol's.
    #[error("the form is wrong")]
    Refused,
    /// A new puzzle mends it.
    #[error("the puzzle is not, or no longer, good")]
    Puzzle,
    /// Too many come at present.
    #[error("too many at present")]
    TooMany {
        /// When to try again, in seconds.
        retry_after_s: u64,
    },
    /// Too much is being done at once.
    #[error("busy")]
    Busy,
    /// The boxes take all the room that they may.
    #[error("no room for more")]
    Full,
    /// Another answer has this number already.
    #[error("somebody answered meanwhile")]
    Overtaken,
    /// There is none.
    #[error("there is no such tip or key")]
    NotFound,
    /// All places for officers' keys are taken.
    #[error("all places for keys are taken")]
    KeysFull,
    /// What is asked for is not one of the words.
    #[error("a value is none of those that are known")]
    Invalid(&'static str),
    /// The rows said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files said no.
    #[error("files of the tip line: {0}")]
    Io(#[from] std::io::Error),
}

impl From<Refused> for TipError {
    fn from(_: Refused) -> Self {
        Self::Refused
    }
}

impl From<DiskFull> for TipError {
    fn from(_: DiskFull) -> Self {
        Self::Full
    }
}

/// The tip line. Clones share everything.
#[derive(Clone)]
pub struct Tips {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Tips {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tips").finish_non_exhaustive()
    }
}

struct Inner {
    store: Store,
    clock: Clock,
    space: FreeSpace,
    secrets: Secrets,
    vault: Mutex<Vault>,
    index: RwLock<Index>,
    tide: Mutex<Tide>,
    board: Mutex<Board>,
    arrivals: Arrivals,
    puzzles: Arc<Semaphore>,
    /// Changes of what is there already come one after the other.
    turn: Turn<()>,
    /// Shared by those whose row is on its way to the disk and then to the index.
    keeping: tokio::sync::RwLock<()>,
    max_bytes: u64,
    /// What failed inside since somebody asked; told hourly, because a line in the log at the moment would tell when
    /// somebody wrote.
    failures: Mutex<Failures>,
}

#[derive(Default)]
struct Failures {
    count: u32,
    last: String,
}

impl Tips {
    /// Opens the tip line of `data_dir` and clears away what a crash left.
    pub async fn open(
        store: Store,
        clock: Clock,
        space: FreeSpace,
        data_dir: &Path,
        limits: &Limits,
    ) -> Result<Self, OpenError> {
        let now = clock.now();
        let (vault, index) = sweep::open(&store, &space, data_dir, now.day()).await?;
        let flood = sweep::flood(&store)?;
        Ok(Self {
            inner: Arc::new(Inner {
                secrets: Secrets::of(vault.seed()),
                board: Mutex::new(Board::new(now, index.has_news())),
                tide: Mutex::new(Tide::new(limits, flood, now)),
                vault: Mutex::new(vault),
                index: RwLock::new(index),
                arrivals: Arrivals::new(Duration::from_millis(limits.body_grace_ms)),
                puzzles: Arc::new(Semaphore::new(PUZZLES_AT_ONCE)),
                turn: Turn::new(()),
                keeping: tokio::sync::RwLock::default(),
                max_bytes: limits.tips_bytes,
                failures: Mutex::default(),
                store,
                clock,
                space,
            }),
        })
    }

    /// Remembers that something failed inside, for [`Tips::take_failures`].
    pub fn note_failure(&self, cause: &TipError) {
        let mut failures = self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.count = failures.count.saturating_add(1);
        failures.last = cause.to_string();
    }

    /// How many requests failed inside since this was asked last, and why the last one did.
    pub fn take_failures(&self) -> Option<(u32, String)> {
        let mut failures = self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = std::mem::take(&mut *failures);
        (taken.count > 0).then_some((taken.count, taken.last))
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.inner.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.inner.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tide(&self) -> MutexGuard<'_, Tide> {
        self.inner.tide.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` to its end, also when whoever asked has hung up meanwhile: a row that is committed is also in the index,
    /// and a file without a row is taken back.
    async fn to_the_end<T: Send + 'static>(
        work: impl Future<Output = Result<T, TipError>> + Send + 'static,
    ) -> Result<T, TipError> {
        tokio::spawn(work)
            .await
            .map_err(|_panicked| StoreError::Panicked)?
    }

    /// Waits until every row that can be read now is in the index too: whoever is told that a message is here finds it.
    async fn settled(&self) {
        drop(self.inner.keeping.write().await);
    }

    /// Works on keys and files, off the async threads.
    async fn in_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, TipError> + Send + 'static,
    ) -> Result<T, TipError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || {
            let mut vault = inner.vault.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut vault)
        });
        done.await.map_err(|_panicked| StoreError::Panicked)?
    }
}
