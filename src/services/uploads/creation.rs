//! Beginning an upload, or finding the one that was begun before its answer was lost.
//!
//! Invariant: a slot has at most one upload that has not expired.
//! Refuses: what the report did not announce, by hash and by length.

use super::progress::remove_rows;
use super::{Progress, UploadError, Uploads};
use crate::auth::Actor;
use crate::domain::{Sha256, SubmissionId, Upload, UploadId};
use crate::services::evidence::{EvidenceError, SlotState};
use crate::store::records::{Uploads as UploadRows, UploadsByExpiry, UploadsBySlot};
use crate::store::{ReadTables, StoreError};

/// What somebody wants to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewUpload {
    /// The submission it belongs to.
    pub submission: SubmissionId,
    /// SHA-256 of the whole picture.
    pub sha256: Sha256,
    /// Length of the whole picture in bytes.
    pub bytes: u64,
}

impl Uploads {
    /// Begins an upload, or finds the one that was begun for the same slot; it expires counted from now. One for a
    /// slot that is filled is complete from the start.
    pub async fn begin(&self, actor: &Actor, new: NewUpload) -> Result<(UploadId, Progress), UploadError> {
        if new.bytes > self.max_bytes() {
            let max_bytes = self.max_bytes();
            return Err(EvidenceError::PictureTooLarge { max_bytes }.into());
        }
        let announced = match self.evidence.slot(actor, new.submission, new.sha256).await? {
            SlotState::Filled(seen) => seen.submission.slot(new.sha256).map(|slot| slot.bytes),
            SlotState::Empty { bytes } => {
                // Asked for and given back: better told now than after the first piece is on its way.
                drop(self.evidence.reception_place(bytes)?);
                Some(bytes)
            }
        };
        if announced != Some(new.bytes) {
            return Err(EvidenceError::HashMismatch.into());
        }
        let id = self.put_row(actor, new).await?;
        let _turn = self.turn(id).await?;
        Ok((id, self.settle(actor, id).await?))
    }

    async fn put_row(&self, actor: &Actor, new: NewUpload) -> Result<UploadId, StoreError> {
        let now = self.clock.now();
        let fresh = UploadId(self.clock.new_id());
        let upload = Upload {
            submission: new.submission,
            sha256: new.sha256,
            bytes: new.bytes,
            owner: actor.user,
            created_at: now,
            expires_at: now.plus_millis(self.expires_ms),
        };
        self.store
            .transact(move |tx| {
                let slot = (new.submission, new.sha256);
                let (id, upload) = match tx.get::<UploadsBySlot>(&slot)? {
                    None => (fresh, upload),
                    Some(old) => {
                        let row = tx.get::<UploadRows>(&old)?;
                        remove_rows(tx, old)?;
                        match row.filter(|row| !row.is_expired(now)) {
                            Some(row) => (
                                old,
                                Upload {
                                    created_at: row.created_at,
                                    ..upload
                                },
                            ),
                            // Its file has no row now and goes with the next sweep.
                            None => (fresh, upload),
                        }
                    }
                };
                tx.put::<UploadRows>(&id, &upload)?;
                tx.put::<UploadsBySlot>(&slot, &id)?;
                tx.put::<UploadsByExpiry>(&(upload.expires_at, id), &())?;
                Ok(id)
            })
            .await
    }
}
