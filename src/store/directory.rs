//! The data directory: one process at a time, one known format, a ballast for bad days.
//!
//! ```text
//! FORMAT   "minhchung 2"          the rows have format 2
//!          "minhchung 2 from 1"   they are being brought from 1 to 2; a program that knows only 1 keeps out
//! ```
//!
//! Invariant: whoever holds a [`DataDirectory`] is alone in it, also against another process.
//! Refuses: a directory of a newer format, and a directory that holds something else.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::compaction::settle_rows;
use crate::disk::{FreeSpace, sync_directory};
use crate::domain::Moment;

/// The format this program reads and writes.
pub const FORMAT: u32 = 3;

/// Files that lie in the data directory itself and belong into every backup, as they are: none holds rows or pictures.
/// Of a file here a backup keeps [`FILE_GENERATIONS`] generations at most, so that what was made unreadable by
/// overwriting a key becomes unreadable in the backups too.
pub const FILES_TO_KEEP: &[&str] = &[super::DEMO_MARK];

/// How many generations of [`FILES_TO_KEEP`] a backup holds at most; so it holds no more generations at all, because
/// one without its keys could not be restored.
pub const FILE_GENERATIONS: usize = 7;

/// The socket on which a running server answers commands of this machine.
pub const CONTROL: &str = "control";

/// When the last whole backup was made: written by the command that made it, read for the figures.
pub const LAST_BACKUP: &str = "last-backup";

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
    /// Root would leave files in it that its owner, the service's account, cannot open.
    #[error(
        "{directory} belongs to another account (uid {owner}); run this as that account: runuser -u ACCOUNT -- minhchung …"
    )]
    OfAnotherAccount {
        /// The directory.
        directory: PathBuf,
        /// Whose it is.
        owner: u32,
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

/// What the file `FORMAT` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    /// The format of the rows; below [`Self::needed`] while they are being moved.
    rows: u32,
    /// What a program has to know to work here.
    needed: u32,
}

impl Format {
    fn read(text: &str) -> Option<Self> {
        let numbers = text.trim().strip_prefix("minhchung ")?;
        let (needed, rows) = numbers.split_once(" from ").unwrap_or((numbers, numbers));
        Some(Self {
            rows: rows.parse().ok()?,
            needed: needed.parse().ok()?,
        })
    }
}

/// Held for as long as this process works in a directory; the lock goes with the process, also when it is killed.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Closing the file would do, but for a child that was forked a moment ago and holds a copy of it until it is
    /// another program.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the lock goes with its file");
        }
    }
}

/// A locked data directory.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// The format of what is in it; below [`FORMAT`] until the store was opened.
    format: AtomicU32,
    _lock: Lock,
}

impl DataDirectory {
    /// Locks `path`, making it first if it is not there. `ballast_bytes` are set aside in a file that can be removed
    /// when the disk is full, so that the store can open again.
    pub fn open(path: &Path, ballast_bytes: u64) -> Result<Self, DirectoryError> {
        let io = |source| DirectoryError::Io {
            directory: path.to_owned(),
            source,
        };
        require_own(path)?;
        make_durable_folder(path).map_err(io)?;
        let format_file = path.join("FORMAT");
        let found = match fs::read_to_string(&format_file) {
            Ok(text) => Format::read(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                require_empty(path)?;
                None
            }
            Err(error) => return Err(io(error)),
        };
        let lock = lock(path)?;
        match found {
            Some(Format { needed, .. }) if needed > FORMAT => {
                return Err(DirectoryError::TooNew {
                    directory: path.to_owned(),
                    found: needed,
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
            format: AtomicU32::new(found.map_or(FORMAT, |found| found.rows)),
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

    /// Notes, before the first row is moved, that the rows are being brought to `format`; from then on a program that
    /// does not know it keeps out, also when this one is killed in the middle.
    pub(super) fn upgrading_to(&self, format: u32) -> io::Result<()> {
        let text = format!("minhchung {format} from {}\n", self.format());
        write_durably(&self.path, "FORMAT", text.as_bytes())
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

/// Leaves a note that a whole backup of `data_dir` was made at `moment`.
pub fn note_backup(data_dir: &Path, moment: Moment) -> io::Result<()> {
    write_durably(data_dir, LAST_BACKUP, format!("{moment}\n").as_bytes())
}

/// When the last whole backup of `data_dir` was made, as far as it is known.
pub fn last_backup(data_dir: &Path) -> Option<Moment> {
    let text = fs::read_to_string(data_dir.join(LAST_BACKUP)).ok()?;
    text.trim().parse().ok()
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
    // Keys and second factors lie in here: nobody else of this machine looks in.
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_directory(parent),
    }
}

/// Refuses a directory of another account to root, whom the system would let in; everybody else the system keeps out.
pub fn require_own(path: &Path) -> Result<(), DirectoryError> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(());
    };
    let owner = metadata.uid();
    if owner != 0 && rustix::process::geteuid().is_root() {
        return Err(DirectoryError::OfAnotherAccount {
            directory: path.to_owned(),
            owner,
        });
    }
    Ok(())
}

/// Says what would keep its owner's [`DataDirectory::open`] from `path`, without touching it; one that is not there yet is
/// fine. Root may look too: whoever installs and upgrades asks before the service does.
pub fn examine(path: &Path) -> Result<(), DirectoryError> {
    let io = |source| DirectoryError::Io {
        directory: path.to_owned(),
        source,
    };
    if !path.try_exists().map_err(io)? {
        return Ok(());
    }
    match fs::read_to_string(path.join("FORMAT")) {
        Ok(text) => match Format::read(&text) {
            Some(Format { needed, .. }) if needed > FORMAT => Err(DirectoryError::TooNew {
                directory: path.to_owned(),
                found: needed,
            }),
            Some(_) => Ok(()),
            None => Err(DirectoryError::NotOurs(path.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => require_empty(path),
        Err(error) => Err(io(error)),
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

fn lock(path: &Path) -> Result<Lock, DirectoryError> {
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
        Ok(()) => Ok(Lock(file)),
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
    fn a_child_that_is_not_another_program_yet_does_not_hold_on_to_the_lock() {
        let home = tempfile::tempdir().unwrap();
        let first = lock(home.path()).unwrap();
        // It has a copy of every open file.
        let copy = first.0.try_clone().unwrap();
        drop(first);
        lock(home.path()).unwrap();
        drop(copy);
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

    #[test]
    fn root_leaves_nothing_in_the_directory_of_the_services_account() {
        let home = tempfile::tempdir().unwrap();
        if !rustix::process::geteuid().is_root() {
            // Only root can give a directory away.
            return;
        }
        std::os::unix::fs::chown(home.path(), Some(65_534), None).unwrap();
        assert!(matches!(
            DataDirectory::open(home.path(), 0),
            Err(DirectoryError::OfAnotherAccount { owner: 65_534, .. })
        ));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_on_its_way_to_a_newer_format_is_refused_too() {
        let home = tempfile::tempdir().unwrap();
        fs::write(
            home.path().join("FORMAT"),
            format!("minhchung 99 from {FORMAT}\n"),
        )
        .unwrap();
        assert!(matches!(
            DataDirectory::open(home.path(), 0),
            Err(DirectoryError::TooNew { found: 99, .. })
        ));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "FORMAT and lock");
        for nonsense in ["minhchung", "minhchung 2 from", "minhchung 2 to 3", "other 2", ""] {
            assert_eq!(Format::read(nonsense), None, "{nonsense:?}");
        }
        let both = |needed, rows| Some(Format { rows, needed });
        assert_eq!(Format::read("minhchung 2\n"), both(2, 2));
        assert_eq!(Format::read("minhchung 2 from 1\n"), both(2, 1));
    }
}
