//! The data directory: one process at a time, one known format, a ballast for bad days.
//!
//! Invariant: whoever holds a [`DataDirectory`] is alone in it, also against another process.
//! Refuses: a directory of a newer format, and a directory that holds something else.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::compaction::settle_rows;
use crate::disk::{FreeSpace, sync_directory};

/// The format this program reads and writes.
pub const FORMAT: u32 = 3;

/// Files that lie in the data directory itself and belong into every backup, as they are: none holds rows or pictures.
/// Of a file here a backup keeps [`FILE_GENERATIONS`] generations at most, so that what was made unreadable by
/// overwriting a key becomes unreadable in the backups too.
pub const FILES_TO_KEEP: &[&str] = &[super::DEMO_MARK];

/// How many generations of [`FILES_TO_KEEP`] a backup holds at most.
pub const FILE_GENERATIONS: usize = 7;

/// The socket on which a running server answers commands of this machine.
pub const CONTROL: &str = "control";

/// Where a restore builds the directory. Only when everything is proved is it moved up, `FORMAT` last; so what a
/// restore leaves half done is no data directory.
pub const RESTORING: &str = "restoring";

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another process works in it.
    #[error("{0} is in use by another minhchung process; stop it first")]
    InUse(PathBuf),
    /// Made by a newer version.
    #[error(
        "{directory} has format {found}, and this program knows formats up to {FORMAT}; install a newer version"
    )]
    TooNew {
        /// The directory.
        directory: PathBuf,
        /// Its format.
        found: u32,
    },
    /// A restore that did not come to its end.
    #[error("{0} holds a restore that did not come to its end; remove the directory and restore again")]
    HalfRestored(PathBuf),
    /// Files that are not ours.
    #[error("{0} is not empty and is no minhchung data directory")]
    NotOurs(PathBuf),
    /// The disk does not do what it should.
    #[error("{directory}: {source}")]
    Io {
        /// The directory.
        directory: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// A locked data directory.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// The format of what is in it; below [`FORMAT`] until the store was opened.
    format: AtomicU32,
    /// Held for as long as this process works here; the lock goes with it, also when the process is killed.
    _lock: File,
}

impl DataDirectory {
    /// Locks `path`, making it first if it is not there. `ballast_bytes` are set aside in a file that can be removed
    /// when the disk is full, so that the store can open again.
    pub fn open(path: &Path, ballast_bytes: u64) -> Result<Self, DirectoryError> {
        let io = |source| DirectoryError::Io {
            directory: path.to_owned(),
            source,
        };
        make_durable_folder(path).map_err(io)?;
        let format_file = path.join("FORMAT");
        let found = match fs::read_to_string(&format_file) {
            Ok(text) => text
                .trim()
                .strip_prefix("minhchung ")
                .and_then(|number| number.parse::<u32>().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                require_empty(path)?;
                None
            }
            Err(error) => return Err(io(error)),
        };
        let lock = lock(path)?;
        match found {
            Some(found) if found > FORMAT => {
                return Err(DirectoryError::TooNew {
                    directory: path.to_owned(),
                    found,
                });
            }
            Some(_) => {}
            None if format_file.exists() => return Err(DirectoryError::NotOurs(path.to_owned())),
            None => write_durably(path, "FORMAT", format!("minhchung {FORMAT}\n").as_bytes()).map_err(io)?,
        }
        settle_rows(path).map_err(io)?;
        for part in ["rows", "photos", "incoming", "renditions"] {
            fs::create_dir_all(path.join(part)).map_err(io)?;
        }
        sync_directory(path).map_err(io)?;
        let directory = Self {
            path: path.to_owned(),
            format: AtomicU32::new(found.unwrap_or(FORMAT)),
            _lock: lock,
        };
        directory.keep_ballast(ballast_bytes).map_err(io)?;
        Ok(directory)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The format of its rows.
    pub(super) fn format(&self) -> u32 {
        self.format.load(Ordering::SeqCst)
    }

    /// Notes that the rows have `format` now.
    pub(super) fn upgraded_to(&self, format: u32) -> io::Result<()> {
        write_durably(&self.path, "FORMAT", format!("minhchung {format}\n").as_bytes())?;
        self.format.store(format, Ordering::SeqCst);
        Ok(())
    }

    /// Where the rows are.
    pub fn rows(&self) -> PathBuf {
        self.path.join("rows")
    }

    /// Drops the ballast when the disk is full, and lays it in again when there is room for it twice over.
    fn keep_ballast(&self, ballast_bytes: u64) -> io::Result<()> {
        let file = self.path.join("ballast");
        let free = FreeSpace::new(&self.path, 0).free_bytes()?;
        let held = fs::metadata(&file).map_or(0, |metadata| metadata.len());
        if free < ballast_bytes / 2 && held > 0 {
            tracing::warn!(
                free_bytes = free,
                "the disk is full: the ballast file was removed so that the store opens"
            );
            fs::remove_file(&file)?;
        } else if held < ballast_bytes && free > ballast_bytes.saturating_mul(2) {
            let ballast = File::create(&file)?;
            let laid = rustix::fs::fallocate(&ballast, rustix::fs::FallocateFlags::empty(), 0, ballast_bytes);
            if let Err(error) = laid {
                // Some file systems cannot set space aside; the watch over free space works there all the same.
                tracing::warn!(%error, "no ballast file could be made");
                fs::remove_file(&file)?;
            } else {
                ballast.sync_all()?;
            }
        }
        Ok(())
    }
}

/// Makes `path` with all its parents, each entry durable before anything is put below it.
fn make_durable_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    make_durable_folder(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_directory(parent),
    }
}

fn require_empty(path: &Path) -> Result<(), DirectoryError> {
    let io = |source| DirectoryError::Io {
        directory: path.to_owned(),
        source,
    };
    if path.join(RESTORING).exists() {
        return Err(DirectoryError::HalfRestored(path.to_owned()));
    }
    for entry in fs::read_dir(path).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        // A fresh file system brings its own folder; a start that was cut short leaves the lock.
        if name != "lost+found" && name != "lock" && name != "FORMAT.new" {
            return Err(DirectoryError::NotOurs(path.to_owned()));
        }
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, DirectoryError> {
    let io = |source| DirectoryError::Io {
        directory: path.to_owned(),
        source,
    };
    let options = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join("lock"));
    let file = options.map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

fn write_durably(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = directory.join(format!("{name}.new"));
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, directory.join(name))?;
    sync_directory(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_instance_on_the_same_directory_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let first = DataDirectory::open(home.path(), 0).unwrap();
        assert!(matches!(
            DataDirectory::open(home.path(), 0),
            Err(DirectoryError::InUse(_))
        ));
        drop(first);
        DataDirectory::open(home.path(), 0).unwrap();
    }

    #[test]
    fn a_directory_of_a_newer_format_or_of_somebody_else_is_refused_untouched() {
        let newer = tempfile::tempdir().unwrap();
        fs::write(newer.path().join("FORMAT"), "minhchung 99\n").unwrap();
        assert!(matches!(
            DataDirectory::open(newer.path(), 0),
            Err(DirectoryError::TooNew { found: 99, .. })
        ));
        let foreign = tempfile::tempdir().unwrap();
        fs::write(foreign.path().join("letter.txt"), "hello").unwrap();
        assert!(matches!(
            DataDirectory::open(foreign.path(), 0),
            Err(DirectoryError::NotOurs(_))
        ));
        assert_eq!(fs::read_dir(foreign.path()).unwrap().count(), 1);
    }
}
