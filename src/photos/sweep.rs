//! Sweeping: what a crash left lying about.
//!
//! Invariant: a file on a shelf is only removed by someone who has just seen, inside a transaction, that no row
//! speaks of it, and only when it is older than any upload can run.
//! Refuses: to guess. It lists; the evidence service decides.

use std::fs;
use std::io;
use std::time::Duration;

use super::Photos;
use crate::domain::{Sha256, ShelfMonth};

/// How old a file without a row must be before it is no upload that is just being finished.
const GRACE: Duration = Duration::from_hours(24);

/// A file on a shelf that is old enough to be swept if no row speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orphan {
    /// Its shelf.
    pub shelf: ShelfMonth,
    /// Its name.
    pub sha256: Sha256,
}

impl Photos {
    /// Removes half-received pictures and half-made copies; for the start, before anything is received.
    pub fn sweep_incoming(&self) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(self.incoming())? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "part") {
                fs::remove_file(path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// The ids of the resumable uploads that have a file.
    pub fn uploads(&self) -> io::Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(self.incoming())? {
            if let Some(id) = entry?
                .file_name()
                .to_str()
                .and_then(|name| name.strip_suffix(".tus"))
            {
                ids.push(id.to_owned());
            }
        }
        Ok(ids)
    }

    /// Files on shelves that are older than a day, one after the other, without holding a whole shelf in memory.
    pub fn old_files(&self) -> io::Result<impl Iterator<Item = Orphan>> {
        let shelves = fs::read_dir(self.root.join("photos"))?;
        Ok(shelves.flatten().flat_map(|shelf| {
            let month = shelf.file_name().to_str().and_then(shelf_month);
            let files = month.and_then(|month| fs::read_dir(shelf.path()).ok().map(|files| (month, files)));
            files.into_iter().flat_map(|(month, files)| {
                files.flatten().filter_map(move |file| {
                    let old = file.metadata().ok()?.modified().ok()?.elapsed().ok()? > GRACE;
                    let sha256 = file.file_name().to_str()?.parse().ok()?;
                    old.then_some(Orphan { shelf: month, sha256 })
                })
            })
        }))
    }

    /// Removes a file of which the caller has just seen that no row speaks of it.
    pub fn remove_orphan(&self, orphan: Orphan) -> io::Result<()> {
        match fs::remove_file(self.path(orphan.shelf, orphan.sha256)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

pub(super) fn shelf_month(name: &str) -> Option<ShelfMonth> {
    let (year, month) = name.split_once('-')?;
    Some(ShelfMonth(
        year.parse::<u32>()
            .ok()?
            .checked_mul(100)?
            .checked_add(month.parse().ok()?)?,
    ))
}
