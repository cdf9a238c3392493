//! How far an upload is, and what becomes of one whose last byte is here.
//!
//! Invariant: an upload is called complete only when its slot is filled, which is on disk. A phone is told that its bytes
//! are wrong only when no power cut can have changed them here.
//! Refuses: to leave a whole file lying: whoever asks how far it is finishes it.

use super::{UploadError, Uploads};
use crate::auth::Actor;
use crate::domain::{Moment, Upload, UploadId};
use crate::services::evidence::{EvidenceError, SlotState, blocking};
use crate::store::records::{Uploads as UploadRows, UploadsByExpiry, UploadsBySlot};
use crate::store::{ReadTables, StoreError, Transaction};

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The bytes that are here.
    pub offset: u64,
    /// The bytes of the whole picture.
    pub bytes: u64,
    /// When the upload expires.
    pub expires_at: Moment,
}

impl Progress {
    /// Whether the picture is stored.
    pub const fn is_complete(&self) -> bool {
        self.offset == self.bytes
    }
}

impl Uploads {
    /// How far the upload `id` is. A request that still writes to it is ended first.
    pub async fn progress(&self, actor: &Actor, id: UploadId) -> Result<Progress, UploadError> {
        self.own_upload(actor, id).await?;
        let _turn = self.turn(id).await?;
        self.settle(actor, id).await
    }

    /// Throws the upload `id` away. What it has stored stays stored.
    pub async fn terminate(&self, actor: &Actor, id: UploadId) -> Result<(), UploadError> {
        self.own_upload(actor, id).await?;
        let _turn = self.turn(id).await?;
        self.discard(id).await
    }

    /// The upload `id`, if it is theirs and has not expired.
    pub(super) async fn own_upload(&self, actor: &Actor, id: UploadId) -> Result<Upload, UploadError> {
        let row = self.store.read(move |view| view.get::<UploadRows>(&id));
        let upload = row
            .await
            .map_err(|error: StoreError| UploadError::from(error))?
            .filter(|upload| upload.owner == actor.user)
            .ok_or(UploadError::NotFound)?;
        if upload.is_expired(self.clock.now()) {
            return Err(UploadError::Expired);
        }
        Ok(upload)
    }

    /// How far the upload is, after finishing it if all of it is here. The caller has the turn.
    pub(super) async fn settle(&self, actor: &Actor, id: UploadId) -> Result<Progress, UploadError> {
        // Read again: it may have ended while the turn was waited for.
        let upload = self.own_upload(actor, id).await?;
        let filled = match self.evidence.slot(actor, upload.submission, upload.sha256).await {
            Ok(SlotState::Filled(_)) => true,
            Ok(SlotState::Empty { .. }) => false,
            Err(error) => return Err(self.give_up(id, error).await),
        };
        let (photos, name) = (self.photos.clone(), id.to_string());
        let here = blocking(move || {
            if filled {
                photos.remove_upload(&name).map(|()| None)
            } else {
                photos.upload_length(&name)
            }
        })
        .await?
        .unwrap_or(0);
        let offset = if filled {
            self.begun_here().remove(&id);
            upload.bytes
        } else if here >= upload.bytes {
            self.fill_slot(actor, id, &upload).await?
        } else {
            here
        };
        Ok(Progress {
            offset,
            bytes: upload.bytes,
            expires_at: upload.expires_at,
        })
    }

    /// Fills the slot with a file that is whole, and says how far the upload is then: complete, or, when what an earlier
    /// process had received turns out to be damaged, back at the start.
    async fn fill_slot(&self, actor: &Actor, id: UploadId, upload: &Upload) -> Result<u64, UploadError> {
        let offset = match self.receive(actor, id, upload).await {
            Ok(()) => upload.bytes,
            Err(EvidenceError::HashMismatch) if !self.begun_here().contains(&id) => {
                tracing::warn!(%id, "an upload did not survive a power cut; it begins again");
                0
            }
            Err(error) => return Err(self.give_up(id, error).await),
        };
        self.begun_here().remove(&id);
        let (photos, name) = (self.photos.clone(), id.to_string());
        blocking(move || photos.remove_upload(&name)).await?;
        Ok(offset)
    }

    async fn receive(&self, actor: &Actor, id: UploadId, upload: &Upload) -> Result<(), EvidenceError> {
        let (photos, name) = (self.photos.clone(), id.to_string());
        let received = blocking(move || photos.receive_upload(&name)).await?;
        if received.bytes() != upload.bytes {
            return Err(EvidenceError::HashMismatch);
        }
        let arrived = self.evidence.shelve(received, upload.sha256).await?;
        let recorded = self.evidence.receive_picture(actor, upload.submission, arrived);
        recorded.await.map(drop)
    }

    /// Throws the upload away when trying again cannot help; hands the error back.
    async fn give_up(&self, id: UploadId, error: EvidenceError) -> UploadError {
        let is_final = matches!(
            error,
            EvidenceError::HashMismatch
                | EvidenceError::Picture(_)
                | EvidenceError::PictureUnexpected
                | EvidenceError::Withdrawn
                | EvidenceError::NotFound
        );
        if is_final && let Err(failed) = self.discard(id).await {
            tracing::warn!(error = %failed, "a useless upload could not be removed; it expires");
        }
        error.into()
    }

    async fn discard(&self, id: UploadId) -> Result<(), UploadError> {
        self.begun_here().remove(&id);
        self.store.transact(move |tx| remove_rows(tx, id)).await?;
        let (photos, name) = (self.photos.clone(), id.to_string());
        Ok(blocking(move || photos.remove_upload(&name)).await?)
    }
}

/// Removes the row of the upload `id` and what points to it.
pub(super) fn remove_rows(tx: &mut Transaction<'_>, id: UploadId) -> Result<(), StoreError> {
    let Some(upload) = tx.get::<UploadRows>(&id)? else {
        return Ok(());
    };
    let slot = (upload.submission, upload.sha256);
    if tx.get::<UploadsBySlot>(&slot)? == Some(id) {
        tx.remove::<UploadsBySlot>(&slot);
    }
    tx.remove::<UploadsByExpiry>(&(upload.expires_at, id));
    tx.remove::<UploadRows>(&id);
    Ok(())
}
