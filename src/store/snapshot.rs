//! A snapshot: all rows as they stood between two commits, read piece by piece while the writer goes on.
//!
//! It begins on the writer's thread, where everything committed before is on disk. From then on the writer puts the old
//! value of a row aside before a commit changes it, unless the snapshot has handed the row out already. Each piece is
//! what the engine holds now with the old values laid over it. Nobody waits: a piece is read in about a millisecond,
//! and what was put aside is let go of as soon as it was handed out.
//!
//! Invariant: the pieces together are exactly the rows of that one moment.
//! Refuses: a second snapshot at the same time, and to put aside more than [`MAX_ASIDE_BYTES`]: then the snapshot is
//! lost, never a write.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::engine::{Batch, Engine, Pair, Span};
use super::transaction::laid_over;
use super::writer::Progress;
use super::{Store, StoreError};

/// How much may be put aside for one snapshot.
const MAX_ASIDE_BYTES: usize = 256 << 20;
/// A piece ends with the row that reaches either of these.
const PIECE_ROWS: usize = 512;
const PIECE_BYTES: usize = 256 * 1024;
/// Before every key of the store, whose first byte names a table, comes this end.
const AFTER_ALL: &[u8] = &[0xff];

/// What the writer put aside.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Every row before this key was handed out.
    from: Vec<u8>,
    /// Values as they were; `None` for rows that were not there.
    kept: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
    lost: bool,
}

impl Aside {
    /// Puts aside what `batch` is about to change. Fails only the snapshot.
    pub(super) fn put(&mut self, engine: &dyn Engine, batch: &Batch) {
        if self.lost {
            return;
        }
        for key in batch.range(self.from.clone()..).map(|(key, _)| key) {
            if self.kept.contains_key(key) {
                continue;
            }
            match engine.get(key) {
                Ok(old) => {
                    self.bytes += key.len() + old.as_ref().map_or(0, Vec::len);
                    self.kept.insert(key.clone(), old);
                }
                Err(error) => {
                    tracing::error!(%error, "a row could not be put aside; the snapshot is lost");
                    self.lost = true;
                }
            }
        }
        if self.bytes > MAX_ASIDE_BYTES {
            tracing::error!("too much was written while a snapshot was read; it is lost");
            self.lost = true;
        }
        if self.lost {
            self.kept.clear();
        }
    }

    fn hand_out_up_to(&mut self, last: &[u8]) {
        let mut from = last.to_vec();
        from.push(0);
        let later = self.kept.split_off(&from);
        let gone = std::mem::replace(&mut self.kept, later);
        let sizes = gone
            .iter()
            .map(|(key, old)| key.len() + old.as_ref().map_or(0, Vec::len));
        self.bytes = self.bytes.saturating_sub(sizes.sum());
        self.from = from;
    }
}

/// While it lives the writer puts aside. It holds no store, because it is made on the writer's own thread and may end
/// there, when whoever asked has gone away.
#[derive(Debug)]
struct Hold(Arc<Progress>);

impl Hold {
    fn begin(progress: Arc<Progress>) -> Result<Self, StoreError> {
        let mut aside = progress.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if aside.is_some() {
            return Err(StoreError::SnapshotTaken);
        }
        *aside = Some(Aside::default());
        drop(aside);
        Ok(Self(progress))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let aside = self.0.aside.lock();
        *aside.unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// All rows of one moment.
#[derive(Debug)]
pub struct Snapshot {
    store: Store,
    _hold: Hold,
}

impl Store {
    /// Begins a snapshot of everything committed so far.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let progress = Arc::clone(&self.progress);
        let hold = self.transact(move |_| Hold::begin(progress)).await?;
        Ok(self.held(hold))
    }

    /// The same for callers that have a thread to themselves.
    pub fn snapshot_now(&self) -> Result<Snapshot, StoreError> {
        let progress = Arc::clone(&self.progress);
        let hold = self.transact_now(move |_| Hold::begin(progress))?;
        Ok(self.held(hold))
    }

    fn held(&self, hold: Hold) -> Snapshot {
        Snapshot {
            store: self.clone(),
            _hold: hold,
        }
    }
}

impl Snapshot {
    /// The next rows in key order; empty after the last.
    pub fn next_piece(&mut self) -> Result<Vec<Pair>, StoreError> {
        let progress = &self.store.progress;
        // No batch is applied meanwhile, so that what was put aside fits to what the engine holds.
        let _standing = progress.applied.read().unwrap_or_else(PoisonError::into_inner);
        let mut aside = progress.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(aside) = aside.as_mut().filter(|aside| !aside.lost) else {
            return Err(StoreError::SnapshotLost);
        };
        let span = Span {
            start: aside.from.clone(),
            end: AFTER_ALL.to_vec(),
            backwards: false,
        };
        let (mut piece, mut bytes) = (Vec::new(), 0);
        let kept = aside
            .kept
            .iter()
            .map(|(key, old)| (key.as_slice(), old.as_deref()));
        for pair in laid_over(self.store.engine.range(&span), kept.collect(), false) {
            let (key, value) = pair?;
            bytes += key.len() + value.len();
            piece.push((key, value));
            if piece.len() >= PIECE_ROWS || bytes >= PIECE_BYTES {
                break;
            }
        }
        if let Some((last, _)) = piece.last() {
            aside.hand_out_up_to(last);
        } else {
            aside.from = AFTER_ALL.to_vec();
        }
        Ok(piece)
    }
}
