//! The boxes of the tip line in a backup: one file for each generation, a tar of what lies on their shelf.
//!
//! A box is sealed for the desk and encrypted under its slot, so nothing of it is told here; its slot's key lies in a
//! file of which a backup holds a few generations only.
//!
//! Invariant: every box of the cut is in it, but those that were shredded since.
//! Refuses: to open a box, and to leave a trace of when it was read.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::contents::TipRow;
use super::manifest::{BOXES, Stored};
use super::place::create_file;
use super::take::{Request, finish};
use super::tally::Tally;
use super::{BackupError, at};
use crate::disk::sync_directory;
use crate::domain::TipId;
use crate::tipfiles::SHELF;

/// Writes the boxes of `tips`; nothing when there are none. Answers also with the tips that have no box.
pub(super) fn write(
    request: &Request<'_>,
    part: &Path,
    tips: &[TipRow],
) -> Result<(Option<Stored>, Vec<TipRow>), BackupError> {
    let mut boxless = Vec::new();
    if tips.is_empty() {
        return Ok((None, boxless));
    }
    let path = part.join(format!("file.{BOXES}{}", request.recipients.ending()));
    let shelf = request.data_dir.join(SHELF);
    let mut pack = || -> io::Result<Stored> {
        let file = Tally::new(BufWriter::with_capacity(128 * 1024, create_file(&path)?));
        let mut archive = tar::Builder::new(Tally::new(request.recipients.seal(file)?));
        for (id, row) in tips {
            if !append(&mut archive, &shelf, &id.to_string())? {
                boxless.push((*id, row.clone()));
            }
        }
        let (sealing, plain) = archive.into_inner()?.end();
        Ok(Stored::new(plain, finish(sealing.finish()?)?))
    };
    let stored = pack().map_err(at(&path))?;
    Ok((Some(stored), boxless))
}

/// Whether the box was there.
fn append(archive: &mut tar::Builder<impl io::Write>, shelf: &Path, name: &str) -> io::Result<bool> {
    // The times of these files are the day's start, and stay so.
    let flags = i32::try_from(rustix::fs::OFlags::NOATIME.bits()).unwrap_or(0);
    let file = match File::options()
        .read(true)
        .custom_flags(flags)
        .open(shelf.join(name))
    {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    let mut header = tar::Header::new_gnu();
    header.set_size(metadata.len());
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(metadata.mtime()).unwrap_or(0));
    header.set_cksum();
    archive.append_data(&mut header, name, file)?;
    Ok(true)
}

/// Puts the boxes on their shelf in the restored directory `work`, where the tar was copied to.
pub(super) fn unpack(work: &Path) -> Result<(), BackupError> {
    let path = work.join(BOXES);
    if !path.exists() {
        return Ok(());
    }
    let shelf = work.join(SHELF);
    let unpack = || -> io::Result<()> {
        fs::create_dir_all(&shelf)?;
        let mut archive = tar::Archive::new(File::open(&path)?);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let is_name = |name: &str| name.parse::<TipId>().is_ok_and(|id| id.to_string() == name);
            let is_box = path.to_str().is_some_and(is_name);
            if !is_box || !entry.header().entry_type().is_file() {
                let what = format!("{} in {BOXES} is no box of the tip line", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
            entry.unpack_in(&shelf)?;
        }
        for entry in fs::read_dir(&shelf)? {
            File::open(entry?.path())?.sync_all()?;
        }
        sync_directory(&shelf)?;
        fs::remove_file(&path)
    };
    unpack().map_err(at(&path))
}
