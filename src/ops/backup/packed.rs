//! A backup as one file: a directory of backups with one generation, packed as tar.
//!
//! What is in it is encrypted file by file as in a directory, so the `tar` program unpacks it into one.
//!
//! Invariant: the name is given to a whole, durable file only, and nothing stays of one that did not become whole.
//! Refuses: to be incremental; each file holds every picture, and for a while there must be room for it twice.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::place::{Place, create_file};
use super::stage::Stage;
use super::{BackupError, at};
use crate::disk::sync_directory;

/// Whether a path names a backup that is one file, rather than a directory of backups.
pub fn is_packed(path: &Path) -> bool {
    path.is_file() || (!path.is_dir() && path.extension().is_some_and(|ending| ending == "tar"))
}

/// Where `path` lies; the present directory when it is a bare name.
pub fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Packs the directory of backups in `stage` into `file` beside the stage. Answers with the file's length.
pub fn pack(stage: &Stage, file: &Path) -> Result<u64, BackupError> {
    let root = stage.path();
    // In the stage too, so that it goes when this is interrupted or the disk is full.
    let draft = root.join("packed.part");
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
        unpack(path, stage.path()).map_err(at(path))?;
        Ok(Self {
            place: Place::open_existing(stage.path())?,
            _stage: Some(stage),
        })
    }
}

/// Unpacks files and folders: a backup has nothing else, and a link could lead anywhere. Folders are made for the files in
/// them, whatever may be done there in the archive.
fn unpack(packed: &Path, into: &Path) -> io::Result<()> {
    for entry in tar::Archive::new(File::open(packed)?).entries()? {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        if !kind.is_file() {
            let what = format!("{} is neither file nor folder", entry.path()?.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        if !entry.unpack_in(into)? {
            let what = format!("{} lies outside of it", entry.path()?.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
    }
    Ok(())
}
