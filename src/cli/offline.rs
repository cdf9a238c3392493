//! A data directory that nobody serves, for commands that work on it directly.
//!
//! Invariant: the directory stays locked for as long as the value lives, and everything written is on disk before it
//! is unlocked.
//! Refuses: a directory that is in use.

use std::path::Path;

use super::Failure;
use crate::config::Limits;
use crate::disk::FreeSpace;
use crate::store::{DataDirectory, DirectoryError, Store};

/// The opened rows. The store is dropped, and so closed, before the lock.
pub(super) struct Offline {
    pub(super) store: Store,
    pub(super) directory: DataDirectory,
}

/// What was named wrongly, and what cannot be used as things are.
pub(super) fn refused(error: DirectoryError) -> Failure {
    match error {
        DirectoryError::NotOurs(_) => Failure::wrong(error),
        other => Failure::failed(other),
    }
}

impl Offline {
    pub(super) fn open(data_dir: &Path) -> Result<Self, Failure> {
        let limits = Limits::default();
        let directory = DataDirectory::open(data_dir, 0).map_err(refused)?;
        let space = FreeSpace::new(data_dir, limits.min_free_bytes);
        let store = Store::open(&directory, limits.cache_bytes, &space).map_err(Failure::failed)?;
        Ok(Self { store, directory })
    }

    /// The rows of a directory that has to be there already.
    pub(super) fn open_existing(data_dir: &Path) -> Result<Self, Failure> {
        if data_dir.join("FORMAT").exists() {
            Self::open(data_dir)
        } else {
            Err(Failure::wrong(format!(
                "{} is no minhchung data directory",
                data_dir.display()
            )))
        }
    }
}
