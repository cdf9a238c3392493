//! Who works in a directory of backups: one who writes, or several who read.
//!
//! Invariant: what is held is let go of with the file, so also when its holder dies.
//! Refuses: to make anything where somebody only reads.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{BackupError, at};

/// So often a place that is in use is asked for again.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// How a command holds a directory of backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// It writes.
    Alone,
    /// It only reads, and so may others.
    WithOthers,
}

/// Holds `root`; whoever holds it otherwise is waited for as long as `patience`.
pub(super) fn lock(root: &Path, hold: Hold, patience: Duration) -> Result<File, BackupError> {
    let path = root.join("lock");
    let file = match hold {
        Hold::Alone => OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path),
        // It may lie where this process must not write: held all the same.
        Hold::WithOthers => File::open(&path),
    };
    let file = file.map_err(at(&path))?;
    let until = Instant::now() + patience;
    let mut is_told = false;
    loop {
        let tried = match hold {
            Hold::Alone => file.try_lock(),
            Hold::WithOthers => file.try_lock_shared(),
        };
        match tried {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                return Err(BackupError::Unable {
                    place: root.to_owned(),
                    why: "another minhchung command works here".to_owned(),
                });
            }
            Err(TryLockError::WouldBlock) => {
                if !is_told {
                    tracing::warn!(place = %root.display(), "another minhchung command works here; waiting for its end");
                    is_told = true;
                }
                #[allow(
                    clippy::disallowed_methods,
                    reason = "no event tells that another process lets go, and a wait for the lock itself has no end"
                )]
                std::thread::sleep(ASKED_EVERY);
            }
        }
    }
}
