//! A directory for a while, in which a backup lies open.
//!
//! Invariant: it goes with the command that made it: at its end, when somebody interrupts it, and when it was killed with
//! the next command that works in the same place.
//! Refuses: to remove one that a command still works in; such a one is locked.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::signal::unix::{SignalKind, signal};

use super::{BackupError, at};

const NAME: &str = "minhchung-";
/// Younger ones may belong to a command that has not locked its own yet.
const LEFT_FOR: Duration = Duration::from_mins(1);
/// What is written meanwhile makes removing fail; so it is tried again.
const TRIES: usize = 20;

/// Those of this process.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A directory for a while; goes whatever happens.
#[derive(Debug)]
pub struct Stage {
    path: PathBuf,
    /// Held on the directory itself.
    _lock: File,
}

impl Stage {
    /// Makes one in `parent` that only its owner reads. What killed commands left there is removed.
    pub fn make(parent: &Path, purpose: &str) -> Result<Self, BackupError> {
        remove_when_interrupted();
        remove_left_over(parent);
        let path = parent.join(format!("{NAME}{purpose}-{:032x}", rand::random::<u128>()));
        {
            // Held meanwhile: whoever is interrupted removes what is on the list, and lets nobody begin another one.
            let mut open = open();
            DirBuilder::new().mode(0o700).create(&path).map_err(at(&path))?;
            open.push(path.clone());
        }
        let hold = || -> io::Result<File> {
            let lock = File::open(&path)?;
            lock.try_lock()?;
            Ok(lock)
        };
        match hold() {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(error) => {
                fs::remove_dir_all(&path).map_err(at(&path))?;
                open().retain(|open| *open != path);
                Err(at(&path)(error))
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it, and says when that fails.
    pub(super) fn remove(self) -> Result<(), BackupError> {
        fs::remove_dir_all(&self.path).map_err(at(&self.path))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.path.exists()
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::error!(%error, directory = %self.path.display(), "a temporary directory could not be removed");
        }
        open().retain(|path| *path != self.path);
    }
}

fn open() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a name is one of ours: what it is for, and 128 bits.
fn is_stage(name: &str) -> bool {
    let rest = name.strip_prefix(NAME).and_then(|rest| rest.rsplit_once('-'));
    rest.is_some_and(|(purpose, bits)| {
        ["backup", "unpacked", "rehearsal"].contains(&purpose)
            && bits.len() == 32
            && bits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// Those in `parent` in which no command works any more. Others' are left: they cannot be opened.
fn remove_left_over(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let is_old = || -> io::Result<bool> {
            let changed = entry.metadata()?.modified()?;
            Ok(entry.file_type()?.is_dir() && changed.elapsed().is_ok_and(|age| age >= LEFT_FOR))
        };
        if !is_stage(&entry.file_name().to_string_lossy()) || !is_old().unwrap_or(false) {
            continue;
        }
        let path = entry.path();
        let Ok(lock) = File::open(&path) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        match fs::remove_dir_all(&path) {
            Ok(()) => tracing::warn!(directory = %path.display(), "what a killed command left was removed"),
            Err(error) => {
                tracing::warn!(%error, directory = %path.display(), "what a killed command left cannot be removed");
            }
        }
    }
}

/// What ends a process ends this one as ever (Ctrl-C, `kill`, a terminal that is closed), but not before its directories
/// are gone. Comes back when that is so.
fn remove_when_interrupted() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let (ready, is_ready) = channel();
        let watching = std::thread::Builder::new().name("interrupted".into());
        if let Err(error) = watching.spawn(move || {
            if let Err(error) = watch(ready) {
                tracing::warn!(%error, "an interruption would leave a temporary directory behind");
            }
        }) {
            tracing::warn!(%error, "an interruption would leave a temporary directory behind");
        }
        // Nothing is ever sent: the watcher lets go of its end when it is ready, or gone.
        for () in is_ready {}
    });
}

fn watch(ready: Sender<()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let number = runtime.block_on(async {
        let mut heard = FuturesUnordered::new();
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::quit(),
        ];
        // What was to be ignored still is: by `nohup`, and what a shell starts in the background.
        let ignored = ignored_signals();
        for kind in kinds.into_iter().filter(|kind| ignored & bit(*kind) == 0) {
            let mut signal = signal(kind)?;
            heard.push(async move {
                signal.recv().await;
                kind.as_raw_value()
            });
        }
        drop(ready);
        io::Result::Ok(heard.next().await)
    })?;
    let Some(number) = number else {
        return Ok(());
    };
    let open = open();
    for path in open.iter() {
        let tried = (0..TRIES).map(|_| fs::remove_dir_all(path));
        if tried.take_while(Result::is_err).count() == TRIES && path.exists() {
            tracing::error!(directory = %path.display(), "a temporary directory could not be removed");
        }
    }
    // Nobody makes another one: the list is held.
    #[expect(
        clippy::exit,
        reason = "the signal means just this, and the command works on another thread"
    )]
    std::process::exit(128 + number)
}

/// The signals that this process was started to ignore, one bit each.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

fn bit(kind: SignalKind) -> u64 {
    let number = u32::try_from(kind.as_raw_value()).unwrap_or(0);
    1u64.checked_shl(number.saturating_sub(1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_command_left_goes_and_what_one_works_in_stays() {
        let home = tempfile::tempdir().unwrap();
        let working = Stage::make(home.path(), "rehearsal").unwrap();
        let left = home.path().join(format!("{NAME}rehearsal-{:032x}", 7));
        let young = home.path().join(format!("{NAME}backup-{:032x}", 8));
        let others = home.path().join("minhchung-data");
        for folder in [&left, &young, &others] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(left.join("rows"), "secret").unwrap();
        let long_ago = std::time::UNIX_EPOCH;
        for folder in [working.path(), &left, &others] {
            File::open(folder).unwrap().set_modified(long_ago).unwrap();
        }
        remove_left_over(home.path());
        assert!(!left.exists());
        assert!(working.path().exists() && young.exists() && others.exists());
        let path = working.path().to_owned();
        drop(working);
        assert!(!path.exists() && !open().contains(&path));
    }
}
