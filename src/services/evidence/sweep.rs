//! Sweeping picture files that no row speaks of.
//!
//! Invariant: a file is removed on the writer's thread, right after it was seen there that no row speaks of it; an
//! upload that uses the same picture checks on the same thread that its file is still there.
//! Refuses: to hurry. It runs beside the service and looks at one file at a time.

use super::{Evidence, EvidenceError};
use crate::photos::Orphan;
use crate::store::records::Photos as PhotoRows;
use crate::store::{ReadTables, StoreError};

impl Evidence {
    /// Removes half-received pictures; before anything is received.
    pub fn sweep_incoming(&self) -> std::io::Result<usize> {
        self.photos.sweep_incoming()
    }

    /// Removes pictures older than a day that no row speaks of, and says how many. Blocks; for a thread of its own. Ends
    /// between two files when `stopped` says so.
    pub fn sweep_orphans(&self, stopped: &dyn Fn() -> bool) -> Result<usize, EvidenceError> {
        let mut removed = 0;
        for file in self.photos.old_files()? {
            if stopped() {
                break;
            }
            let row = self.store.read_now(|view| view.get::<PhotoRows>(&file.sha256))?;
            // A picture can lie on the shelves of two months when it was sent again before its row was there.
            let is_spoken_of = row.is_some_and(|photo| photo.shelf == file.shelf);
            if !is_spoken_of && self.remove_if_orphan(file)? {
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn remove_if_orphan(&self, file: Orphan) -> Result<bool, EvidenceError> {
        let photos = self.photos.clone();
        self.store.transact_now(move |tx| {
            let row = tx.get::<PhotoRows>(&file.sha256)?;
            if row.is_some_and(|photo| photo.shelf == file.shelf) {
                return Ok(false);
            }
            photos.remove_orphan(file).map_err(StoreError::Io)?;
            Ok(true)
        })
    }
}
