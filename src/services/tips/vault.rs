//! Keys and files together: what is written before a row, and what is destroyed before and after it goes.
//!
//! Invariant: a box is on disk under a durable key when [`Vault::keep`] returns.
//! Refuses: rows.

use std::path::Path;

use super::TipError;
use super::sweep::OpenError;
use crate::crash::{self, Point};
use crate::domain::{Day, KeyGeneration, KeysAre, TipId, TipSize};
use crate::tipbox::frame::HEAD_BYTES;
use crate::tipbox::slot::{FILE_OVERHEAD_BYTES, SlotKey};
use crate::tipbox::suite;
use crate::tipfiles::{KeyFile, Shelf};

/// The open key file and the folder of boxes.
#[derive(Debug)]
pub(super) struct Vault {
    keys: KeyFile,
    shelf: Shelf,
    /// The day on which the times of both were last made those of a night.
    settled_on: Option<Day>,
}

impl Vault {
    pub(super) fn open(data_dir: &Path, today: Day) -> Result<Self, OpenError> {
        Ok(Self {
            shelf: Shelf::open(data_dir)?,
            keys: KeyFile::open(data_dir, suite::random(), today)?,
            settled_on: None,
        })
    }

    pub(super) const fn seed(&self) -> &[u8; 32] {
        self.keys.seed()
    }

    /// The key in a slot; none when it was overwritten.
    pub(super) fn key(&self, slot: u32) -> Option<SlotKey> {
        self.keys.key(slot).map(|key| SlotKey(*key))
    }

    /// Draws a key, makes it durable, and then the box under it.
    pub(super) fn keep(
        &mut self,
        id: TipId,
        sealed_box: &[u8],
        day: Day,
    ) -> Result<(u32, SlotKey, KeyGeneration), TipError> {
        let key = SlotKey::draw();
        let slot = self.keys.take(key.0, day)?;
        crash::reached(Point::AfterTipKey);
        let stored = key.seal_file(id.0.as_bytes(), sealed_box)?;
        if let Err(error) = self.shelf.put(id, &stored, day) {
            // The first failure is the one to tell; what stays behind is swept at the next start.
            drop(
                self.destroy(&[slot], day)
                    .and_then(|_| self.forget(&[id], &[slot], day)),
            );
            return Err(error.into());
        }
        crash::reached(Point::AfterTipShelving);
        Ok((slot, key, self.keys.generation()))
    }

    /// Overwrites keys. Whatever is sealed under them is dead when this returns.
    pub(super) fn destroy(&mut self, slots: &[u32], today: Day) -> Result<KeyGeneration, TipError> {
        self.keys.overwrite(slots, today)?;
        crash::reached(Point::AfterTipKeyShred);
        Ok(self.keys.generation())
    }

    /// Which state of the key file this is.
    pub(super) fn generation(&self) -> KeyGeneration {
        self.keys.generation()
    }

    /// How the key file stands to rows that `rows` was written in.
    pub(super) fn beside(&self, rows: KeyGeneration) -> KeysAre {
        self.keys.generation().beside(self.keys.previous(), rows)
    }

    /// Whether no start has used the key file yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.keys.is_untouched()
    }

    /// Sets the key file back to the generation of the rows.
    pub(super) fn resume(&mut self, rows: KeyGeneration, today: Day) -> Result<(), OpenError> {
        Ok(self.keys.resume(rows, today)?)
    }

    /// Begins another generation of the key file, after that of the rows.
    pub(super) fn begin(&mut self, rows: KeyGeneration, today: Day) -> Result<KeyGeneration, OpenError> {
        self.keys.begin(rows, today)?;
        Ok(self.keys.generation())
    }

    /// Removes the files of boxes whose keys are gone, while their rows still stand.
    pub(super) fn discard(&self, ids: &[TipId], today: Day) -> Result<(), TipError> {
        Ok(self.shelf.remove(ids, today)?)
    }

    /// Removes the files of boxes that no row speaks of any more, and lets their slots be taken again.
    pub(super) fn forget(&mut self, ids: &[TipId], slots: &[u32], today: Day) -> Result<(), TipError> {
        crash::reached(Point::AfterTipRowShred);
        self.shelf.remove(ids, today)?;
        self.keys.release(slots);
        Ok(())
    }

    /// Writes boxes of earlier days anew, each once.
    pub(super) fn renew(&self, boxes: &[(TipId, Day)], today: Day) -> Result<(), TipError> {
        let mut any = false;
        let renewed = boxes.iter().try_for_each(|(id, day)| {
            any |= self.shelf.renew(*id, *day)?;
            Ok(())
        });
        // Also what was done before a failure.
        let concluded = if any { self.shelf.conclude(today) } else { Ok(()) };
        Ok(renewed.and(concluded)?)
    }

    /// Touches the key file and the folder once a day: the time of a file's last change, which nobody can set, is then that
    /// of the night, and not that of the last message before it.
    pub(super) fn settle(&mut self, today: Day) -> Result<(), TipError> {
        if self.settled_on == Some(today) {
            return Ok(());
        }
        self.keys.touch(today)?;
        self.shelf.conclude(today)?;
        self.settled_on = Some(today);
        Ok(())
    }

    /// The whole box.
    pub(super) fn sealed_box(&self, id: TipId, slot: u32, size: TipSize) -> Result<Vec<u8>, TipError> {
        let key = self.key(slot).ok_or(TipError::NotFound)?;
        let most = size.box_bytes() + FILE_OVERHEAD_BYTES;
        let stored = self.shelf.read(id, u64::try_from(most).unwrap_or(u64::MAX))?;
        let opened = key.open_file(id.0.as_bytes(), &stored.ok_or(TipError::NotFound)?);
        opened.map_err(|_damaged| TipError::NotFound)
    }

    /// The front of a box, as far as its pin.
    pub(super) fn head(&self, id: TipId, slot: u32) -> Result<Vec<u8>, TipError> {
        let key = self.key(slot).ok_or(TipError::NotFound)?;
        let most = HEAD_BYTES + suite::TAG_BYTES;
        let stored = self.shelf.read(id, u64::try_from(most).unwrap_or(u64::MAX))?;
        let opened = key.open_head(id.0.as_bytes(), &stored.ok_or(TipError::NotFound)?);
        opened.map_err(|_damaged| TipError::NotFound)
    }

    /// The slots that hold keys.
    pub(super) fn used_slots(&self) -> Vec<u32> {
        self.keys.used().collect()
    }

    /// Removes every file that `is_known` does not know.
    pub(super) fn sweep_files(
        &self,
        is_known: impl Fn(TipId) -> bool,
        today: Day,
    ) -> Result<usize, OpenError> {
        Ok(self.shelf.sweep(is_known, today)?)
    }
}
