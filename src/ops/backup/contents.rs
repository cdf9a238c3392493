//! What a stream of rows tells about itself: how many of each kind, which pictures they name, where the audit log ends.
//!
//! Invariant: every row is looked at once, in order, and none is kept but the short ones of tips; of a picture stay 48 bytes.
//! Refuses: to judge; it collects what is compared with a manifest.

use crate::domain::{AuditHead, Sha256, ShelfMonth, Slotted, TipId};
use crate::services::audit::{Verification, Walk};
use crate::store::records::{AuditEnd, AuditLog, Photos, Row, TipKeyFile, Tips};
use crate::store::{Census, StoreError, Table, read_row};

/// A picture that a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) sha256: Sha256,
    pub(super) bytes: u64,
    pub(super) shelf: ShelfMonth,
}

/// A row of the tip line.
pub(super) type TipRow = (TipId, Slotted);

/// What went by.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) census: Census,
    /// In the order of their hashes, as the rows are.
    pub(super) pictures: Vec<Named>,
    /// The tips whose boxes belong to the rows, with those rows.
    pub(super) tips: Vec<TipRow>,
    /// Whether there is a file with the keys of those boxes.
    pub(super) has_keys: bool,
    pub(super) unreadable: Vec<String>,
    end: Option<AuditHead>,
    walk: Walk,
}

impl Contents {
    /// The next row.
    pub(super) fn see(&mut self, key: &[u8], value: &[u8]) {
        self.census.count(key, value);
        match key.first() {
            Some(&Photos::PREFIX) => {
                if let Some((sha256, photo)) = self.read::<Photos>(key, value) {
                    self.pictures.push(Named {
                        sha256,
                        bytes: photo.bytes,
                        shelf: photo.shelf,
                    });
                }
            }
            Some(&Tips::PREFIX) => {
                if let Some(tip) = self.read::<Tips>(key, value) {
                    self.tips.push(tip);
                }
            }
            Some(&TipKeyFile::PREFIX) => self.has_keys = true,
            Some(&AuditEnd::PREFIX) => self.end = self.read::<AuditEnd>(key, value).map(|((), end)| end),
            Some(&AuditLog::PREFIX) => match self.read::<AuditLog>(key, value) {
                Some((number, entry)) => self.walk.see(number, &entry),
                None => self.walk.see_unreadable(),
            },
            _ => {}
        }
    }

    fn read<T: Table>(&mut self, key: &[u8], value: &[u8]) -> Option<Row<T>> {
        read_row::<T>(key, value).unwrap_or_else(|error: StoreError| {
            self.unreadable.push(error.to_string());
            None
        })
    }

    /// Bytes of all pictures named.
    pub(super) fn picture_bytes(&self) -> u64 {
        self.pictures.iter().map(|named| named.bytes).sum()
    }

    /// The audit log as it stands in the rows.
    pub(super) fn audit(&mut self) -> Verification {
        std::mem::take(&mut self.walk).end(self.end)
    }
}
