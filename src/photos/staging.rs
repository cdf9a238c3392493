//! Receiving a picture: bytes go to a file of its own while they are hashed.
//!
//! Invariant: a file that was not handed on is removed by its guard, whatever made the receiving stop.
//! Refuses: to judge the bytes.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::Digest;

use super::hash_of;
use crate::crash::{self, Point};
use crate::domain::Sha256;

/// Removes the file when dropped while still armed.
#[derive(Debug)]
struct Guard {
    path: PathBuf,
    armed: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a half-received picture could not be removed; the next start does");
        }
    }
}

/// A picture that is being received.
#[derive(Debug)]
pub struct Staged {
    file: File,
    hasher: sha2::Sha256,
    bytes: u64,
    guard: Guard,
}

impl Staged {
    pub(super) fn begin(incoming: &Path) -> io::Result<Self> {
        let path = incoming.join(format!("{:032x}.part", rand::random::<u128>()));
        let file = File::options().create_new(true).write(true).open(&path)?;
        Ok(Self {
            file,
            hasher: sha2::Sha256::new(),
            bytes: 0,
            guard: Guard { path, armed: true },
        })
    }

    /// Takes the next piece.
    pub fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        crash::reached(Point::BeforePictureWrite);
        self.file.write_all(piece)?;
        crash::reached(Point::AfterPictureWrite);
        self.hasher.update(piece);
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// How much is here.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the bytes so far have this hash.
    pub fn has_hash(&self, expected: Sha256) -> bool {
        Sha256(self.hasher.clone().finalize().into()) == expected
    }

    /// Adds the bytes, from byte `skip` on, to the end of `target` instead of keeping them here.
    pub fn append_to(self, target: &mut File, skip: u64) -> io::Result<()> {
        let mut bytes = File::open(&self.guard.path)?;
        bytes.seek(SeekFrom::Start(skip))?;
        io::copy(&mut bytes, target)?;
        Ok(())
    }

    /// Ends the picture. Its bytes are not durable yet.
    pub fn finish(self) -> Received {
        Received {
            sha256: Sha256(self.hasher.finalize().into()),
            bytes: self.bytes,
            file: self.file,
            guard: self.guard,
        }
    }
}

/// A picture that is here to its end, but has no place on a shelf yet. Unless it is an upload, whose file is kept, it is
/// removed when it gets none.
#[derive(Debug)]
pub struct Received {
    sha256: Sha256,
    bytes: u64,
    file: File,
    guard: Guard,
}

impl Received {
    /// The file of a resumable upload at `path`, hashed.
    pub(super) fn of_upload(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let (sha256, bytes) = hash_of(&file)?;
        Ok(Self {
            sha256,
            bytes,
            file,
            guard: Guard {
                path: path.to_owned(),
                armed: false,
            },
        })
    }

    /// The hash of its bytes.
    pub const fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// Its length.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its bytes.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.guard.path)
    }

    /// Makes the bytes durable and gives them the name `name`. A guarded file moves there. An upload's file gets it as a second name, so that
    /// the upload is still whole if the row that speaks of the picture is not written in the end.
    pub(super) fn settle_at(mut self, name: &Path) -> io::Result<()> {
        crash::reached(Point::BeforePictureSync);
        if let Err(error) = self.file.sync_data() {
            // The system tells of a failed write once; the next sync of the same file would succeed without the bytes.
            // So an upload's file goes too, and its phone begins again.
            self.guard.armed = true;
            return Err(error);
        }
        crash::reached(Point::AfterPictureSync);
        crash::reached(Point::BeforeShelving);
        if !self.guard.armed {
            match fs::hard_link(&self.guard.path, name) {
                Ok(()) => {
                    crash::reached(Point::AfterShelving);
                    return Ok(());
                }
                // An earlier try came this far; names on a shelf are given to whole files only.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                // File systems without second names are left with moving it.
                Err(_unsupported) => {}
            }
        }
        fs::rename(&self.guard.path, name)?;
        self.guard.armed = false;
        crash::reached(Point::AfterShelving);
        Ok(())
    }
}
