//! The disk under the data directory: how much is free, and making directories themselves durable.
//!
//! Invariant: whoever is about to write asks [`FreeSpace`] first, because the database below hangs, without an error,
//! on a full disk, and is of no use any more after a write that failed.
//! What is being received was promised its space before, so that many uploads at once cannot eat the reserve together.
//! Refuses: to delete anything to make room.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::StatVfsMountFlags;

/// Watches the free space of the file system that holds the data directory.
#[derive(Debug, Clone)]
pub struct FreeSpace {
    directory: PathBuf,
    min_free_bytes: u64,
    min_free_files: u64,
    promised: Arc<AtomicU64>,
}

/// How many files have to stay possible: a picture takes three in the end.
const MIN_FREE_FILES: u64 = 256;

/// Space that is kept free for something that is being written. Given back when dropped: by then it is either used,
/// and so no longer free, or not needed.
#[derive(Debug)]
pub struct Promise {
    promised: Arc<AtomicU64>,
    bytes: u64,
}

impl Promise {
    /// How much was promised.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.promised.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

/// Why nothing more may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DiskFull {
    /// Less is free than the operator reserved.
    #[error("{free_bytes} bytes are free, {min_free_bytes} are reserved")]
    Bytes {
        /// What is free for an ordinary user.
        free_bytes: u64,
        /// What has to stay free.
        min_free_bytes: u64,
    },
    /// Too few more files can be made, whatever room there is.
    #[error("{free_files} more files can be made, {min_free_files} are reserved")]
    Files {
        /// How many can be made.
        free_files: u64,
        /// How many have to stay possible.
        min_free_files: u64,
    },
    /// It is mounted for reading only, or the system has made it so after a failure.
    #[error("the disk can only be read")]
    ReadOnly,
}

impl FreeSpace {
    /// Watches the file system of `directory`, of which `min_free_bytes` stay free.
    pub fn new(directory: &Path, min_free_bytes: u64) -> Self {
        Self {
            directory: directory.to_owned(),
            min_free_bytes,
            min_free_files: MIN_FREE_FILES,
            promised: Arc::default(),
        }
    }

    /// The same watch with half the reserve: what small writes (a review) may still use when pictures are already
    /// refused.
    pub fn half_reserve(&self) -> Self {
        self.part_of_reserve(2)
    }

    /// The same watch with an eighth of the reserve, for what people need to look at what is there: to sign in, and to
    /// stay so. A full disk must not lock them out.
    pub fn last_reserve(&self) -> Self {
        self.part_of_reserve(8)
    }

    fn part_of_reserve(&self, part: u64) -> Self {
        Self {
            directory: self.directory.clone(),
            min_free_bytes: self.min_free_bytes / part,
            min_free_files: self.min_free_files / part,
            promised: Arc::default(),
        }
    }

    /// Bytes that are free for an ordinary user.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(&self.directory)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Inodes that are free for an ordinary user; `None` on file systems without such a limit.
    pub fn free_inodes(&self) -> io::Result<Option<u64>> {
        let stat = rustix::fs::statvfs(&self.directory)?;
        Ok((stat.f_files > 0).then_some(stat.f_favail))
    }

    /// Promises `wanted` bytes beside the reserve and beside what was promised to others.
    pub fn promise(&self, wanted: u64) -> Result<Promise, DiskFull> {
        // Counted first and asked afterwards: of two that come at once at least one sees the other.
        let others = self.promised.fetch_add(wanted, Ordering::SeqCst);
        let promise = Promise {
            promised: Arc::clone(&self.promised),
            bytes: wanted,
        };
        self.check(others.saturating_add(wanted))?;
        Ok(promise)
    }

    /// Whether `wanted` more bytes fit beside the reserve, and a file for them. When the file system does not answer,
    /// the write itself will say so; this watch does not stop it.
    pub fn check(&self, wanted: u64) -> Result<(), DiskFull> {
        let Ok(stat) = rustix::fs::statvfs(&self.directory) else {
            return Ok(());
        };
        if stat.f_flag.contains(StatVfsMountFlags::RDONLY) {
            return Err(DiskFull::ReadOnly);
        }
        // File systems without a table of files say 0 of 0.
        if stat.f_files > 0 && stat.f_favail < self.min_free_files {
            return Err(DiskFull::Files {
                free_files: stat.f_favail,
                min_free_files: self.min_free_files,
            });
        }
        let free_bytes = stat.f_bavail.saturating_mul(stat.f_frsize);
        if free_bytes >= self.min_free_bytes.saturating_add(wanted) {
            Ok(())
        } else {
            Err(DiskFull::Bytes {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_at_once_cannot_be_promised_the_same_space() {
        let home = tempfile::tempdir().unwrap();
        let free = FreeSpace::new(home.path(), 0).free_bytes().unwrap();
        // About half of what is free stays; two promises of a third each do not fit.
        let space = FreeSpace::new(home.path(), free / 2);
        let first = space.promise(free / 3).unwrap();
        assert!(space.promise(free / 3).is_err());
        assert!(space.check(free / 3).is_ok(), "refused promises are given back");
        drop(first);
        space.promise(free / 3).unwrap();
    }
}
