//! Surveying: everything that lies in the picture folders, known or not, and whether a picture is what its name says.
//!
//! Invariant: every file below `incoming/`, `photos/` and `renditions/` is reported exactly once.
//! Refuses: to touch anything.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::sweep::shelf_month;
use super::{Photos, hash_of};
use crate::domain::{Sha256, ShelfMonth};

/// A file in one of the picture folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lying {
    /// A picture on a shelf, by its name.
    Picture(ShelfMonth, Sha256),
    /// A smaller copy, by its name.
    Rendition(Sha256),
    /// A picture that was half received, or a copy that was half made.
    Part(PathBuf),
    /// A resumable upload.
    Upload(PathBuf),
    /// Something that this program does not put there.
    Foreign(PathBuf),
}

impl Photos {
    /// Hands everything that lies in the picture folders to `see`.
    pub fn survey<E: From<io::Error>>(&self, mut see: impl FnMut(Lying) -> Result<(), E>) -> Result<(), E> {
        each(&self.incoming(), &mut |path| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            see(match ending {
                Some("part") if path.is_file() => Lying::Part(path),
                Some("tus") if path.is_file() => Lying::Upload(path),
                _ => Lying::Foreign(path),
            })
        })?;
        each(
            &self.root.join("photos"),
            &mut |folder| match name(&folder).and_then(shelf_month) {
                Some(month) if folder.is_dir() => each(&folder, &mut |path| {
                    let sha256 = name(&path).and_then(|name| name.parse().ok());
                    see(match sha256 {
                        Some(sha256) if path.is_file() => Lying::Picture(month, sha256),
                        _ => Lying::Foreign(path),
                    })
                }),
                _ => see(Lying::Foreign(folder)),
            },
        )?;
        each(&self.root.join("renditions"), &mut |folder| {
            if !folder.is_dir() {
                return see(Lying::Foreign(folder));
            }
            each(&folder, &mut |path| {
                let sha256 = name(&path).and_then(|name| name.parse().ok());
                see(match sha256 {
                    Some(sha256) if path.is_file() => Lying::Rendition(sha256),
                    _ => Lying::Foreign(path),
                })
            })
        })
    }

    /// The length of the picture on that shelf; `None` when it is not there.
    pub fn length(&self, month: ShelfMonth, sha256: Sha256) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(month, sha256)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The hash that the picture on that shelf really has.
    pub fn hash(&self, month: ShelfMonth, sha256: Sha256) -> io::Result<Sha256> {
        Ok(hash_of(File::open(self.path(month, sha256))?)?.0)
    }
}

fn name(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}

fn each<E: From<io::Error>>(folder: &Path, see: &mut dyn FnMut(PathBuf) -> Result<(), E>) -> Result<(), E> {
    for entry in fs::read_dir(folder)? {
        see(entry?.path())?;
    }
    Ok(())
}
