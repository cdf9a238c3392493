//! A backup as one file: a directory of backups with one generation, packed as tar.
//!
//! What is in it is encrypted file by file as in a directory, so the `tar` program unpacks it into one.
//!
//! Invariant: a name without `.part` is given to a whole, durable file only.
//! Refuses: to be incremental; each file holds every picture, and for a while there must be room for it twice.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::place::{Place, create_file};
use super::{BackupError, at};
use crate::disk::sync_directory;

/// Whether a path names a backup that is one file, rather than a directory of backups.
pub fn is_packed(path: &Path) -> bool {
    path.is_file() || (!path.is_dir() && path.extension().is_some_and(|ending| ending == "tar"))
}

/// A directory for a while; goes whatever happens.
#[derive(Debug)]
pub struct Stage(PathBuf);

impl Stage {
    /// Makes one in `parent` that only its owner reads.
    pub fn make(parent: &Path, purpose: &str) -> Result<Self, BackupError> {
        let path = parent.join(format!("minhchung-{purpose}-{:032x}", rand::random::<u128>()));
        DirBuilder::new().mode(0o700).create(&path).map_err(at(&path))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it, and says when that fails.
    pub(super) fn remove(self) -> Result<(), BackupError> {
        fs::remove_dir_all(&self.0).map_err(at(&self.0))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.0.exists()
            && let Err(error) = fs::remove_dir_all(&self.0)
        {
            tracing::error!(%error, directory = %self.0.display(), "a temporary directory could not be removed");
        }
    }
}

/// Where `path` lies; the present directory when it is a bare name.
pub fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Packs the directory of backups `root` into `file`. Answers with the file's length.
pub fn pack(root: &Path, file: &Path) -> Result<u64, BackupError> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let write = || -> io::Result<u64> {
        let mut archive = tar::Builder::new(create_file(&draft)?);
        archive.mode(tar::HeaderMode::Deterministic);
        archive.append_path_with_name(root.join("BACKUP"), "BACKUP")?;
        for folder in ["generations", "pictures"] {
            archive.append_dir_all(folder, root.join(folder))?;
        }
        let packed = archive.into_inner()?;
        packed.sync_all()?;
        fs::rename(&draft, file)?;
        sync_directory(parent_of(file))?;
        Ok(packed.metadata()?.len())
    };
    write().map_err(at(file))
}

/// A backup that is opened for reading, unpacked if it has to be.
#[derive(Debug)]
pub struct Opened {
    /// The directory of backups.
    pub place: Place,
    _stage: Option<Stage>,
}

impl Opened {
    /// Opens the directory of backups at `path`, or unpacks the file there into a temporary directory below `room`.
    pub fn open(path: &Path, room: &Path) -> Result<Self, BackupError> {
        if !path.is_file() {
            return Ok(Self {
                place: Place::open_existing(path)?,
                _stage: None,
            });
        }
        let stage = Stage::make(room, "unpacked")?;
        let unpack = || tar::Archive::new(File::open(path)?).unpack(stage.path());
        unpack().map_err(at(path))?;
        Ok(Self {
            place: Place::open_existing(stage.path())?,
            _stage: Some(stage),
        })
    }
}
