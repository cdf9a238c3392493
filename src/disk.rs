//! The disk under the data directory: how much is free, and making directories themselves durable.
//!
//! Invariant: whoever is about to write asks [`FreeSpace`] first, because the database below hangs, without an error,
//! on a full disk.
//! Refuses: to delete anything to make room.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Watches the free space of the file system that holds the data directory.
#[derive(Debug, Clone)]
pub struct FreeSpace {
    directory: PathBuf,
    min_free_bytes: u64,
}

/// Less is free than the operator reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{free_bytes} bytes are free, {min_free_bytes} are reserved")]
pub struct DiskFull {
    /// What is free for an ordinary user.
    pub free_bytes: u64,
    /// What has to stay free.
    pub min_free_bytes: u64,
}

impl FreeSpace {
    /// Watches the file system of `directory`, of which `min_free_bytes` stay free.
    pub fn new(directory: &Path, min_free_bytes: u64) -> Self {
        Self {
            directory: directory.to_owned(),
            min_free_bytes,
        }
    }

    /// The same watch with half the reserve: what small, essential writes (a log-in, a review) may still use when
    /// pictures are already refused, so that a full disk does not lock people out of what they can still read.
    pub fn half_reserve(&self) -> Self {
        Self {
            directory: self.directory.clone(),
            min_free_bytes: self.min_free_bytes / 2,
        }
    }

    /// Bytes that are free for an ordinary user.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(&self.directory)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Whether `wanted` more bytes fit beside the reserve. When the file system does not answer, the write itself
    /// will say so; this watch does not stop it.
    pub fn check(&self, wanted: u64) -> Result<(), DiskFull> {
        let Ok(free_bytes) = self.free_bytes() else {
            return Ok(());
        };
        if free_bytes >= self.min_free_bytes.saturating_add(wanted) {
            Ok(())
        } else {
            Err(DiskFull {
                free_bytes,
                min_free_bytes: self.min_free_bytes,
            })
        }
    }
}

/// Makes the entries of `directory` durable: a new or renamed file is not, until its directory is synced.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
