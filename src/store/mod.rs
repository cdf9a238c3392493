//! The store: typed rows over one ordered key space, written by one thread.
//!
//! # What is in it
//! Every row's key begins with one byte that names its table ([`records`] lists them all with their keys and values).
//! `docs/storage.md` holds the essay: each table's writer, and what a crash at each step leaves.
//!
//! # How a write becomes durable
//! 1. A caller hands [`Store::transact`] a closure. It waits in a bounded queue.
//! 2. The writer thread takes everything that waits (up to 256), and runs the closures one after the other; each sees
//!    the writes of those before it.
//! 3. What they depend on outside the rows (directories with new picture files) is synced.
//! 4. All their writes go to the engine as one atomic batch.
//! 5. One sync makes the batch survive power loss: sled's flush, then our own `fdatasync`.
//! 6. All callers are answered; open pages hear of the changes.
//!
//! A crash before 5 loses the whole group, of which nobody was told anything. After 5 all of it is there.
//!
//! # How a read stays honest
//! A reader sees a batch as a whole or not at all, and its answer waits until everything it has seen is on disk. So a
//! phone that asks "is it there?" is never told yes about something that a power cut would take back. Only the last
//! batch can be unsynced; whoever looked at none of its keys waits for nothing.
//!
//! Refuses: to be opened twice, to be written from anywhere but [`Store::transact`], and to hold pictures or any other
//! row longer than [`MAX_ROW_BYTES`].

mod census;
mod compaction;
mod directory;
mod engine;
mod figures;
mod keys;
mod purpose;
mod reads;
pub mod records;
mod rowfile;
mod sled;
mod snapshot;
mod transaction;
mod upgrade;
mod writer;

use std::cell::Cell;
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{broadcast, watch};

pub use census::Census;
pub use compaction::{Compacted, compact, fill, open_compacted};
pub use directory::{
    CONTROL, DataDirectory, DirectoryError, FILE_GENERATIONS, FILES_TO_KEEP, FORMAT, LAST_BACKUP, RESTORING,
    examine, last_backup, note_backup, require_own,
};
pub use engine::{Batch, Engine, Pair, Pairs, Span};
pub use figures::WriterFigures;
pub use keys::Key;
pub use purpose::{DEMO_MARK, Purpose, PurposeError};
pub use reads::{Range, ReadTables, Reads};
pub use records::{Table, read_row};
pub use rowfile::{RowReader, RowWriter};
pub use snapshot::Snapshot;
pub use transaction::{Dependency, Transaction};

use self::sled::Sled;
use self::writer::{Progress, Writer};
use crate::disk::{DiskFull, FreeSpace};
use crate::domain::Change;

/// The longest stored form of a row, key and value together, in bytes. Whatever is longer belongs in a file.
pub const MAX_ROW_BYTES: usize = 50 * 1024;

/// How many announced changes an open page may lag behind before it is told to start over.
const CHANGES_KEPT: usize = 1024;

/// How long one commit may take before the disk counts as gone: far longer than any disk that still lives.
const HANGS_AFTER: Duration = Duration::from_mins(2);

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Too many transactions wait; try again soon.
    #[error("too many transactions are waiting")]
    Busy,
    /// Less disk space is left than is reserved.
    #[error(transparent)]
    DiskFull(#[from] DiskFull),
    /// The store is closing.
    #[error("the store is closing")]
    Stopped,
    /// An earlier commit or sync failed; only a restart tells what is on disk.
    #[error("an earlier commit failed; restart to see what is on disk")]
    Broken,
    /// A transaction's code panicked; nothing of it was kept.
    #[error("a transaction panicked")]
    Panicked,
    /// A row cannot be read.
    #[error("a row of {table} cannot be read: {why}")]
    Corrupt {
        /// Its table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A row is longer than [`MAX_ROW_BYTES`].
    #[error("a row of {table} would have {bytes} bytes")]
    RowTooLong {
        /// Its table.
        table: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// Somebody else reads a snapshot.
    #[error("a snapshot is being read already")]
    SnapshotTaken,
    /// The writer could not keep a snapshot together.
    #[error("too much was written meanwhile; the snapshot is lost")]
    SnapshotLost,
    /// The disk said no.
    #[error("disk: {0}")]
    Io(#[from] io::Error),
    /// The engine said no.
    #[error("engine: {0}")]
    Engine(String),
}

/// The open store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    progress: Arc<Progress>,
    writer: Arc<Writer>,
    changes: broadcast::Sender<Change>,
    figures: WriterFigures,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// A consistent look at the store.
pub struct View<'a> {
    engine: &'a dyn Engine,
    /// A commit or sync failed, so the engine's own failures are no news.
    is_broken: bool,
    /// What was written but may not be on disk yet.
    unsynced: Option<&'a Batch>,
    /// Whether anything of it was looked at.
    saw_unsynced: Cell<bool>,
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

/// What a reader is told of the engine's failure: after a failed commit everything that cannot be read is unavailable
/// until the restart, and not broken.
fn told(error: StoreError, is_broken: bool) -> StoreError {
    if is_broken {
        tracing::debug!(%error, "not readable after a failed commit");
        StoreError::Broken
    } else {
        error
    }
}

impl Reads for View<'_> {
    fn bytes(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if self.unsynced.is_some_and(|batch| batch.contains_key(key)) {
            self.saw_unsynced.set(true);
        }
        self.engine.get(key).map_err(|error| told(error, self.is_broken))
    }

    fn pairs(&self, span: &Span) -> Pairs<'_> {
        // A span that turns out empty holds nothing, and `range` refuses a start beyond its end.
        let touches = |batch: &Batch| {
            span.start < span.end
                && batch
                    .range::<[u8], _>((
                        Bound::Included(span.start.as_slice()),
                        Bound::Excluded(span.end.as_slice()),
                    ))
                    .next()
                    .is_some()
        };
        if self.unsynced.is_some_and(touches) {
            self.saw_unsynced.set(true);
        }
        let is_broken = self.is_broken;
        let pairs = self.engine.range(span);
        Box::new(pairs.map(move |pair| pair.map_err(|error| told(error, is_broken))))
    }
}

impl Store {
    /// Opens the rows of `directory` with a page cache of about `cache_bytes`, and brings those of an older format up to
    /// today's. Writes are refused when `space` is out.
    pub fn open(directory: &DataDirectory, cache_bytes: u64, space: &FreeSpace) -> Result<Self, StoreError> {
        let store = Self::over(Arc::new(Sled::open(&directory.rows(), cache_bytes)?), space)?;
        upgrade::bring_up(&store, directory)?;
        Ok(store)
    }

    /// A store over any engine.
    pub fn over(engine: Arc<dyn Engine>, space: &FreeSpace) -> Result<Self, StoreError> {
        let progress = Arc::new(Progress {
            applied: RwLock::default(),
            aside: Mutex::default(),
            synced: watch::Sender::new(0),
            announced: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            committing: Mutex::default(),
        });
        let changes = broadcast::Sender::new(CHANGES_KEPT);
        let figures = WriterFigures::default();
        let writer = Writer::start(
            Arc::clone(&engine),
            Arc::clone(&progress),
            space,
            changes.clone(),
            figures.clone(),
        )?;
        Ok(Self {
            engine,
            progress,
            writer: Arc::new(writer),
            changes,
            figures,
        })
    }

    /// Runs `read` on a consistent view, off the async threads, and answers once everything it has seen is on disk.
    pub async fn read<T, E>(
        &self,
        read: impl FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        let finished = tokio::task::spawn_blocking(move || store.look(read)).await;
        let (result, seen) = finished.map_err(|_panicked| StoreError::Panicked)?;
        if let Some(seen) = seen {
            self.settled(seen).await?;
        }
        result
    }

    /// The same for callers that have a thread to themselves, such as commands.
    pub fn read_now<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&View<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.look(read).0
    }

    /// Runs `run` as one transaction and answers once it is on disk. When it returns an error, nothing of it is kept.
    pub async fn transact<T, E>(
        &self,
        run: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.writer.submit(run)?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// The same for callers that have a thread to themselves.
    pub fn transact_now<T, E>(
        &self,
        run: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = self.writer.submit(run)?;
        answer
            .blocking_recv()
            .unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// Changes from now on, each announced after it is on disk.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Tells open pages of something that is on no disk, such as who is at work on what.
    pub fn tell(&self, change: Change) {
        // Nobody listening is no failure.
        drop(self.changes.send(change));
    }

    /// How many changes were announced so far: as long as it stands still, so does every board.
    pub fn announced(&self) -> u64 {
        self.progress.announced.load(Ordering::SeqCst)
    }

    /// How the writer is doing.
    pub const fn figures(&self) -> &WriterFigures {
        &self.figures
    }

    /// Bytes on disk under the rows.
    pub fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.engine.bytes_on_disk()
    }

    /// Whether a commit or sync has failed since the start.
    pub fn is_broken(&self) -> bool {
        self.progress.broken.load(Ordering::SeqCst)
    }

    /// Whether nothing more can be written until a restart: a commit failed, or one hangs.
    pub fn has_failed(&self) -> bool {
        self.is_broken() || self.committing_for().is_some_and(|time| time > HANGS_AFTER)
    }

    /// How long the commit that is under way has taken so far. The engine can hang on a disk that does not answer.
    fn committing_for(&self) -> Option<Duration> {
        let since = self.progress.committing.lock();
        since
            .unwrap_or_else(PoisonError::into_inner)
            .map(|since| since.elapsed())
    }

    /// Reads with no batch being applied meanwhile; also names the commit that has to be on disk before anybody is told
    /// of the result. There is none as long as nothing was read that the last commit wrote: a reader of other rows
    /// must not wait for somebody else's sync.
    fn look<T>(&self, read: impl FnOnce(&View<'_>) -> T) -> (T, Option<u64>) {
        let applied = self
            .progress
            .applied
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let on_disk = *self.progress.synced.borrow() >= applied.count;
        let view = View {
            engine: self.engine.as_ref(),
            is_broken: self.is_broken(),
            unsynced: (!on_disk).then_some(applied.last.as_ref()),
            saw_unsynced: Cell::new(false),
        };
        let result = read(&view);
        (result, view.saw_unsynced.get().then_some(applied.count))
    }

    async fn settled(&self, seen: u64) -> Result<(), StoreError> {
        let mut synced = self.progress.synced.subscribe();
        loop {
            if *synced.borrow_and_update() >= seen {
                return Ok(());
            }
            if self.is_broken() {
                return Err(StoreError::Broken);
            }
            synced.changed().await.map_err(|_closed| StoreError::Stopped)?;
        }
    }
}

#[cfg(test)]
mod tests;
