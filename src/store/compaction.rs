//! Compaction: the rows written anew into a fresh database, which then takes the old one's place.
//!
//! ```text
//! rows.part   being filled                          removed by the next start
//! rows.new    whole, durable, read back and equal   takes the place of rows when there is none, is removed otherwise
//! rows        what is served
//! rows.old    served before                         removed by the next start
//! ```
//!
//! Where the file system can exchange two names at once (ext4, XFS, Btrfs), `rows` is never missing; elsewhere it is for
//! the moment between two renames, and the next start finishes them.
//!
//! Invariant: whenever the process dies, the next start opens either all of the old rows or all of the new ones, and
//! these are equal. Nobody writes meanwhile, because the data directory is locked.
//! Refuses: to swap before the new rows were closed, opened again and found equal, row for row.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest, Sha256 as Hasher};

use super::census::Census;
use super::directory::DataDirectory;
use super::engine::{Batch, Engine, Pair, Span};
use super::sled::Sled;
use super::{Store, StoreError};
use crate::config::CompactionRule;
use crate::crash::{self, Point};
use crate::disk::{FreeSpace, sync_directory};

/// Rows in one batch of a fill.
const BATCH_ROWS: usize = 1024;
/// Bytes in one batch of a fill.
const BATCH_BYTES: usize = 512 * 1024;
/// Bytes of rows between two tidyings: the least that is worth a sync. With more in between the file has grown meanwhile,
/// and sled gives nothing back from its middle (24 MB of rows: 2.1 times as much on disk; 2.3 times at 4 and at 16 MiB).
const TIDY_BYTES: usize = 512 * 1024;
/// Turns for each row: eight rows or so share a page, and ten turns move one.
const TURNS: usize = 1;
/// Page cache of databases that are read or written once from end to end.
const CACHE_BYTES: u64 = 16 << 20;
/// How many times the bytes of the rows have to be free for a second copy of them.
const ROOM: u64 = 2;
/// What a database takes at least, however little is in it: some segments of 4 MiB.
const FLOOR_BYTES: u64 = 32 << 20;

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// How many rows there are.
    pub rows: u64,
    /// Bytes of their keys and values.
    pub live_bytes: u64,
    /// Bytes on disk before.
    pub bytes_before: u64,
    /// Bytes on disk now.
    pub bytes_after: u64,
}

/// Opens the rows of `directory` as [`Store::open`] does, after a compaction when `rule` asks for one. One that cannot be
/// done, for want of room first of all, does not keep anybody from opening.
pub fn open_compacted(
    directory: &DataDirectory,
    cache_bytes: u64,
    space: &FreeSpace,
    rule: CompactionRule,
) -> Result<Store, StoreError> {
    let store = Store::open(directory, cache_bytes, space)?;
    let bytes_on_disk = store.bytes_on_disk()?;
    if rule.ratio == 0 || bytes_on_disk <= rule.floor_bytes {
        return Ok(store);
    }
    let live_bytes = store.census()?.bytes;
    if bytes_on_disk <= live_bytes.saturating_mul(rule.ratio) {
        return Ok(store);
    }
    drop(store);
    tracing::info!(
        bytes_on_disk,
        live_bytes,
        "compacting the rows before anything is served"
    );
    match compact(directory, space) {
        Ok(done) => tracing::info!(
            bytes_before = done.bytes_before,
            bytes_after = done.bytes_after,
            rows = done.rows,
            "the rows were compacted"
        ),
        // Whatever went wrong, the old rows are where they were.
        Err(error) => tracing::warn!(%error, "the rows are not compacted"),
    }
    Store::open(directory, cache_bytes, space)
}

impl Store {
    /// Counts all rows; reads every one.
    pub fn census(&self) -> Result<Census, StoreError> {
        census(self.engine.as_ref())
    }
}

fn census(engine: &dyn Engine) -> Result<Census, StoreError> {
    let mut census = Census::default();
    for row in engine.range(&everything()) {
        let (key, value) = row?;
        census.count(&key, &value);
    }
    Ok(census)
}

/// Fills the database at `path` with `rows`, in key order, and makes it durable.
pub fn fill<E: From<StoreError>>(
    path: &Path,
    rows: impl Iterator<Item = Result<Pair, E>>,
) -> Result<Census, E> {
    let engine = Sled::open(path, CACHE_BYTES)?;
    let mut census = Census::default();
    let (mut batch, mut bytes) = (Batch::new(), 0);
    // Rows and bytes since the last tidying.
    let mut untidy = (0, 0);
    for row in rows {
        let (key, value) = row?;
        census.count(&key, &value);
        bytes += key.len() + value.len();
        batch.insert(key, Some(value));
        if batch.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
            engine.commit(&batch)?;
            untidy = (untidy.0 + batch.len(), untidy.1 + bytes);
            if untidy.1 >= TIDY_BYTES {
                engine.tidy(TURNS * std::mem::take(&mut untidy).0)?;
            }
            (batch, bytes) = (Batch::new(), 0);
            crash::reached(Point::WhileRowsAreCopied);
        }
    }
    engine.commit(&batch)?;
    engine.tidy(TURNS * (untidy.0 + batch.len()))?;
    engine.end_tidying()?;
    engine.sync()?;
    Ok(census)
}

/// Writes the rows of `directory` anew and lets them take the old ones' place. The store must not be open.
pub fn compact(directory: &DataDirectory, space: &FreeSpace) -> Result<Compacted, StoreError> {
    let home = directory.path();
    let (part, new) = (home.join("rows.part"), home.join("rows.new"));
    remove_if_there(&part)?;
    let old = Sled::open(&directory.rows(), CACHE_BYTES)?;
    let bytes_before = old.bytes_on_disk()?;
    let live_bytes = census(&old)?.bytes;
    space.check(live_bytes.saturating_mul(ROOM).saturating_add(FLOOR_BYTES))?;
    let census = fill::<StoreError>(&part, old.range(&everything()))?;
    crash::reached(Point::AfterRowsCopied);
    let copy = Sled::open(&part, CACHE_BYTES)?;
    if digest(&old)? != digest(&copy)? {
        return Err(StoreError::Engine(
            "the rows written anew are not the same".to_owned(),
        ));
    }
    let bytes_after = copy.bytes_on_disk()?;
    drop((old, copy));
    fs::rename(&part, &new)?;
    sync_directory(home)?;
    crash::reached(Point::BeforeRowsSwapped);
    swap(home, exchange)?;
    crash::reached(Point::AfterRowsSwapped);
    settle_rows(home)?;
    Ok(Compacted {
        rows: census.rows,
        live_bytes: census.bytes,
        bytes_before,
        bytes_after,
    })
}

/// Ends what a compaction left undone in the data directory `home`, to one side or the other.
pub(super) fn settle_rows(home: &Path) -> io::Result<()> {
    let (rows, new, old) = (home.join("rows"), home.join("rows.new"), home.join("rows.old"));
    if !rows.try_exists()? {
        // Only the swap takes `rows` away, and it does so when `rows.new` is whole.
        for whole in [&new, &old] {
            if whole.try_exists()? {
                fs::rename(whole, &rows)?;
                sync_directory(home)?;
                break;
            }
        }
    }
    for spent in [home.join("rows.part"), new, old] {
        remove_if_there(&spent)?;
    }
    sync_directory(home)
}

fn everything() -> Span {
    Span {
        start: Vec::new(),
        end: vec![0xff],
        backwards: false,
    }
}

/// One hash over all rows.
fn digest(engine: &Sled) -> Result<[u8; 32], StoreError> {
    let mut hasher = Hasher::new();
    for row in engine.range(&everything()) {
        let (key, value) = row?;
        for part in [key, value] {
            hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(part);
        }
    }
    Ok(hasher.finalize().into())
}

fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// `rows.new` becomes `rows`.
fn swap(home: &Path, exchange: impl Fn(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
    let (rows, new) = (home.join("rows"), home.join("rows.new"));
    if let Err(error) = exchange(&new, &rows) {
        tracing::debug!(%error, "names cannot be exchanged here; renamed one after the other");
        fs::rename(&rows, home.join("rows.old"))?;
        sync_directory(home)?;
        fs::rename(&new, &rows)?;
    }
    sync_directory(home)
}

fn remove_if_there(folder: &Path) -> io::Result<()> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    fs::remove_dir_all(&path)?;
                } else {
                    fs::remove_file(&path)?;
                }
                crash::reached(Point::WhileOldRowsGo);
            }
        }
    }
    fs::remove_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(home: &Path, name: &str, content: &str) {
        fs::create_dir_all(home.join(name)).unwrap();
        fs::write(home.join(name).join("db"), content).unwrap();
    }

    fn rows_of(home: &Path) -> String {
        fs::read_to_string(home.join("rows/db")).unwrap()
    }

    fn names(home: &Path) -> Vec<String> {
        let entries = fs::read_dir(home).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn whatever_a_compaction_leaves_behind_ends_in_one_whole_store() {
        // What lies there, and which of them is opened.
        let states: &[(&[&str], &str)] = &[
            (&["rows"], "rows"),
            (&["rows", "rows.part"], "rows"),
            (&["rows", "rows.new"], "rows"),
            (&["rows.old", "rows.new"], "rows.new"),
            (&["rows.old", "rows"], "rows"),
        ];
        for (lying, opened) in states {
            let home = tempfile::tempdir().unwrap();
            for name in *lying {
                folder(home.path(), name, name);
            }
            settle_rows(home.path()).unwrap();
            assert_eq!(rows_of(home.path()), *opened, "{lying:?}");
            assert_eq!(names(home.path()), ["rows"], "{lying:?}");
        }
    }

    #[test]
    fn the_swap_works_with_and_without_an_exchange_of_names() {
        type Exchange = fn(&Path, &Path) -> io::Result<()>;
        let cannot: Exchange = |_, _| Err(io::ErrorKind::Unsupported.into());
        let can: Exchange = exchange;
        for exchange in [can, cannot] {
            let home = tempfile::tempdir().unwrap();
            folder(home.path(), "rows", "old");
            folder(home.path(), "rows.new", "new");
            swap(home.path(), exchange).unwrap();
            assert_eq!(rows_of(home.path()), "new");
            settle_rows(home.path()).unwrap();
            assert_eq!(names(home.path()), ["rows"]);
        }
    }
}
