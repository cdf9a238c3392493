//! sled 0.34.7 behind the engine seam.
//!
//! Invariant: `sync` ends in our own `fdatasync` on sled's `db` file. sled's flush alone ends in `sync_file_range`,
//! which writes no metadata and does not empty the disk's cache: after a power cut acknowledged rows were gone.
//! No row is so long that sled would write it, or the page it shares with others, to a file of its own: sled never syncs
//! those files, and a power cut took whole pages of acknowledged rows with them.
//! Refuses: sled's trees, transactions and background flushing; one key space and one writer need none of them.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::StoreError;
use super::engine::{Batch, Engine, Pairs, Span};

/// sled's log is written in segments of this length, 8 times sled's default. What is longer than a quarter of one goes
/// to a file in `blobs/`. A leaf page holds up to 16 rows, some more for a moment, and an inner page 256 keys; so pages
/// of the longest rows, [`super::MAX_ROW_BYTES`], still fit: 20 × 50 KiB < 1 MiB.
const SEGMENT_BYTES: usize = 4 << 20;

/// How long an ended database may take to let go of its lock.
const LET_GO_WITHIN: Duration = Duration::from_secs(10);

/// The tree that [`Sled::tidy`] writes. It is there only while a database is being filled.
const TURNING: &[u8] = b"turning";

/// A sled database.
pub(super) struct Sled {
    db: ::sled::Db,
    /// sled's only data file, held open for `fdatasync`.
    data_file: File,
}

impl Sled {
    /// Opens or creates the database in `directory`, keeping at most about `cache_bytes` of pages in memory.
    pub(super) fn open(directory: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let config = ::sled::Config::new()
            .path(directory)
            .cache_capacity(cache_bytes)
            .segment_size(SEGMENT_BYTES)
            .mode(::sled::Mode::HighThroughput)
            .flush_every_ms(None);
        let db = open_once_let_go(&config)?;
        let data_file = File::open(directory.join("db"))?;
        data_file.sync_all()?;
        crate::disk::sync_directory(directory)?;
        Ok(Self { db, data_file })
    }
}

/// Opens the database. The data directory's own lock is held, so whoever still holds sled's is a thread of this process
/// that is just ending after an earlier [`Sled`] was dropped; sled tells nobody when it has.
fn open_once_let_go(config: &::sled::Config) -> ::sled::Result<::sled::Db> {
    let deadline = Instant::now() + LET_GO_WITHIN;
    loop {
        match config.open() {
            Err(::sled::Error::Io(error))
                if error.to_string().contains("acquire lock") && Instant::now() < deadline =>
            {
                #[allow(clippy::disallowed_methods, reason = "there is nothing to wait on")]
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

impl Sled {
    /// Has sled move what still lives out of segments that are mostly dead, so that a database filled from end to end
    /// stays small. sled moves one page for each page that it writes anew for other reasons, which a fill in key order
    /// hardly ever makes it do; a tree of one tiny row, written over and over, does. Without this a filled database was
    /// 3.1 times its rows (and sled's own flushing in the background left 2.1 to 3.1 times, as it came).
    pub(super) fn tidy(&self, turns: usize) -> Result<(), StoreError> {
        // Segments are looked through once what is in them is on disk.
        self.sync()?;
        let turning = self.db.open_tree(TURNING)?;
        for _ in 0..turns {
            turning.insert([0], &[])?;
        }
        Ok(())
    }

    /// Removes what [`Sled::tidy`] wrote.
    pub(super) fn end_tidying(&self) -> Result<(), StoreError> {
        self.db.drop_tree(TURNING)?;
        Ok(())
    }
}

impl From<::sled::Error> for StoreError {
    fn from(error: ::sled::Error) -> Self {
        match error {
            ::sled::Error::Io(error) => Self::Io(error),
            other => Self::Engine(other.to_string()),
        }
    }
}

impl Engine for Sled {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.db.get(key)?.map(|value| value.to_vec()))
    }

    fn range(&self, span: &Span) -> Pairs<'_> {
        let pairs = self.db.range(span.start.as_slice()..span.end.as_slice());
        let owned = |pair: ::sled::Result<(::sled::IVec, ::sled::IVec)>| {
            pair.map(|(key, value)| (key.to_vec(), value.to_vec()))
                .map_err(StoreError::from)
        };
        if span.backwards {
            Box::new(pairs.rev().map(owned))
        } else {
            Box::new(pairs.map(owned))
        }
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut changes = ::sled::Batch::default();
        for (key, value) in batch {
            match value {
                Some(value) => changes.insert(key.as_slice(), value.as_slice()),
                None => changes.remove(key.as_slice()),
            }
        }
        Ok(self.db.apply_batch(changes)?)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.db.flush()?;
        Ok(self.data_file.sync_data()?)
    }

    fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        Ok(self.db.size_on_disk()?)
    }
}
