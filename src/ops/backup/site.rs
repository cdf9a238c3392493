//! The target of a restore, with the building site inside it.
//!
//! Invariant: whoever does not come to the end leaves the target as it was found, and what is served was moved up whole,
//! `FORMAT` last.
//! Refuses: a target that holds anything, and to remove what somebody else made there.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

use super::{BackupError, at};
use crate::disk::sync_directory;
use crate::store::{RESTORING, require_own};

/// Cleared away unless everything was moved up.
#[derive(Debug)]
pub struct Site {
    data_dir: PathBuf,
    /// What becomes the data directory: in the room, which is inside of the target.
    work: PathBuf,
    /// What was moved up.
    moved: Vec<PathBuf>,
    /// The target and what it lies in, as far as that was not there; and the room, the last.
    made: Made,
}

/// Folders that go with this, the last one first.
#[derive(Debug, Default)]
struct Made(Vec<PathBuf>);

impl Made {
    fn make(&mut self, folder: &Path) -> Result<(), BackupError> {
        DirBuilder::new().mode(0o700).create(folder).map_err(at(folder))?;
        self.0.push(folder.to_owned());
        Ok(())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            if let Err(error) = fs::remove_dir(folder) {
                tracing::error!(%error, directory = %folder.display(), "what was half restored could not be removed; it cannot be served");
            }
        }
    }
}

impl Site {
    /// Begins in `data_dir`, which must be new or empty.
    pub fn prepare(data_dir: &Path) -> Result<Self, BackupError> {
        // Without `.` in it or a slash at its end.
        let data_dir: PathBuf = data_dir.components().collect();
        require_own(&data_dir)?;
        let mut made = Made::default();
        for folder in missing_folders(&data_dir)? {
            made.make(folder)?;
        }
        require_empty(&data_dir)?;
        let room = data_dir.join(RESTORING);
        made.make(&room)?;
        let work = room.join("data");
        DirBuilder::new().mode(0o700).create(&work).map_err(at(&work))?;
        Ok(Self {
            data_dir,
            work,
            moved: Vec::new(),
            made,
        })
    }

    /// A directory in which something may lie until the end.
    pub fn room(&self) -> &Path {
        self.work.parent().unwrap_or(&self.data_dir)
    }

    /// Where the data directory is built.
    pub(super) fn work(&self) -> &Path {
        &self.work
    }

    /// What is said of a file in the building, as it will be called.
    pub(super) fn as_restored(&self, text: &str) -> String {
        text.replace(
            &self.work.display().to_string(),
            &self.data_dir.display().to_string(),
        )
    }

    /// Moves everything up; `FORMAT` comes last and makes it a data directory.
    pub(super) fn move_up(mut self) -> Result<(), BackupError> {
        let (data_dir, work) = (self.data_dir.clone(), self.work.clone());
        let own = ["FORMAT", "lock"];
        for entry in fs::read_dir(&work).map_err(at(&work))? {
            let from = entry.map_err(at(&work))?.path();
            let Some(name) = from.file_name().filter(|name| own.iter().all(|own| name != own)) else {
                continue;
            };
            let to = data_dir.join(name);
            fs::rename(&from, &to).map_err(at(&from))?;
            self.moved.push(to);
        }
        sync_directory(&data_dir).map_err(at(&data_dir))?;
        // What was unpacked here, before anybody could be told to start.
        clear(self.room(), Some(&work)).map_err(at(&data_dir))?;
        let mark = work.join("FORMAT");
        fs::rename(&mark, data_dir.join("FORMAT")).map_err(at(&mark))?;
        // From here on it is a data directory, and stays whatever happens.
        self.moved.clear();
        let room = self.made.0.pop();
        self.made.0 = room.into_iter().collect();
        sync_directory(&data_dir).map_err(at(&data_dir))?;
        drop(self);
        sync_directory(&data_dir).map_err(at(&data_dir))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let moved = self.moved.iter().try_for_each(|path| remove(path));
        if let Err(error) = moved.and_then(|()| clear(self.room(), None)) {
            tracing::error!(%error, directory = %self.data_dir.display(), "what was half restored could not be removed; it cannot be served");
        }
    }
}

/// Removes what lies in `folder`, all but one path.
fn clear(folder: &Path, all_but: Option<&Path>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if Some(path.as_path()) != all_but {
            remove(&path)?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

/// The target and what it lies in, as far as that is not there, the outermost first.
fn missing_folders(data_dir: &Path) -> Result<Vec<&Path>, BackupError> {
    let mut missing: Vec<&Path> = data_dir
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .collect();
    missing.reverse();
    let goes_up = |path: &&Path| path.components().next_back() == Some(Component::ParentDir);
    if missing.iter().skip(1).any(goes_up) {
        return Err(refused(data_dir, "goes up again from a folder that is not there"));
    }
    Ok(missing)
}

fn require_empty(data_dir: &Path) -> Result<(), BackupError> {
    let why = "holds a restore that did not come to its end; remove the directory first";
    if data_dir.join(RESTORING).exists() {
        return Err(refused(data_dir, why));
    }
    for entry in fs::read_dir(data_dir).map_err(at(data_dir))? {
        if entry.map_err(at(data_dir))?.file_name() != "lost+found" {
            return Err(refused(
                data_dir,
                "not empty; a restore goes into a new directory",
            ));
        }
    }
    Ok(())
}

fn refused(data_dir: &Path, why: &str) -> BackupError {
    BackupError::Place {
        place: data_dir.to_owned(),
        why: why.to_owned(),
    }
}
