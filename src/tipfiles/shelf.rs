//! The boxes' files: one a box, named by its random id.
//!
//! Invariant: a file has its name only when its bytes are durable, and bears the start of a day as its time, also
//! after it was read. The file system keeps two more times that nobody can set, of the file's birth and of its last
//! change; they are those of the night in which it was written anew ([`Shelf::renew`]).
//! Refuses: to look into a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::set_day;
use crate::crash::{self, Point};
use crate::disk::sync_directory;
use crate::domain::{Day, TipId};

/// Its name in the data directory.
pub const SHELF: &str = "tips";

/// The folder of boxes.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// The folder in `data_dir`, made if it is not there.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let folder = data_dir.join(SHELF);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        sync_directory(data_dir)?;
        Ok(Self { folder })
    }

    fn path(&self, id: TipId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// Writes a box under its name. It is durable when this returns.
    pub fn put(&self, id: TipId, bytes: &[u8], day: Day) -> io::Result<()> {
        let draft = self.draft(id, bytes, day, 0o600)?;
        crash::reached(Point::AfterTipFileSync);
        name(&draft, &self.path(id))?;
        crash::reached(Point::AfterTipNaming);
        self.settle(day)
    }

    /// Durable bytes without a name. None is left behind by a failure, and one that is there is nobody's: without the
    /// permission to write it could never be opened again.
    fn draft(&self, id: TipId, bytes: &[u8], day: Day, mode: u32) -> io::Result<PathBuf> {
        let draft = self.folder.join(format!("{id}.part"));
        remove(&draft)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&draft)?;
        let written = file
            .write_all(bytes)
            .and_then(|()| set_day(&file, day))
            .and_then(|()| file.sync_all());
        if let Err(error) = written {
            // The first failure is the one to tell.
            drop(remove(&draft));
            return Err(error);
        }
        Ok(draft)
    }

    /// Makes the names durable, and lets the folder say no more than the day.
    fn settle(&self, day: Day) -> io::Result<()> {
        set_day(&File::open(&self.folder)?, day)?;
        sync_directory(&self.folder)
    }

    /// The first `most` bytes of a box's file; `None` when there is none. No time of the file tells of it: setting one
    /// back would move the time of that change, which nobody can set.
    pub fn read(&self, id: TipId, most: u64) -> io::Result<Option<Vec<u8>>> {
        let flags = i32::try_from(rustix::fs::OFlags::NOATIME.bits()).map_err(io::Error::other)?;
        let file = match OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(self.path(id))
        {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Writes a box of an earlier day anew, once: as another file, so that nothing is left of the moment in which it came.
    /// Which ones that was done with is told by the permission to write, which they lose. Answers whether it was done now.
    pub fn renew(&self, id: TipId, day: Day) -> io::Result<bool> {
        let path = self.path(id);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.permissions().readonly() => return Ok(false),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
        let bytes = fs::read(&path)?;
        let draft = self.draft(id, &bytes, day, 0o400)?;
        name(&draft, &path)?;
        Ok(true)
    }

    /// Makes what was renamed durable.
    pub fn conclude(&self, today: Day) -> io::Result<()> {
        self.settle(today)
    }

    /// Removes boxes' files, those that are there.
    pub fn remove(&self, ids: &[TipId], today: Day) -> io::Result<()> {
        for id in ids {
            remove(&self.path(*id))?;
        }
        self.settle(today)
    }

    /// Removes every file that `is_known` does not know, drafts among them; answers how many there were.
    pub fn sweep(&self, is_known: impl Fn(TipId) -> bool, today: Day) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if !id.is_some_and(&is_known) {
                remove(&entry.path())?;
                removed += 1;
            }
        }
        if removed > 0 {
            self.settle(today)?;
        }
        Ok(removed)
    }
}

/// Gives a draft its name; one that does not get it is not left behind.
fn name(draft: &Path, path: &Path) -> io::Result<()> {
    fs::rename(draft, path).inspect_err(|_first| drop(remove(draft)))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
