//! Clearing away uploads that expired or ended, so that what phones gave up does not fill the disk.
//!
//! Invariant: a row is there before its file, so a file without a row is nobody's. A row may be left without its file;
//! it stands for an upload that has not begun, or has expired.
//! Refuses: to wait for anybody. A request that still writes to a swept file finds no upload at its end.

use super::progress::remove_rows;
use super::{UploadError, Uploads};
use crate::domain::{Moment, PhotoSlot, SubmissionState, UploadId};
use crate::services::evidence::blocking;
use crate::store::records::{Submissions, Uploads as UploadRows, UploadsByExpiry};
use crate::store::{Range, ReadTables, StoreError};

/// How many rows go in one transaction.
const ROWS_AT_ONCE: usize = 256;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Expired uploads.
    pub expired: usize,
    /// Files that belonged to no upload that can go on.
    pub files: usize,
}

impl Uploads {
    /// Removes what expired and what nobody can go on with.
    pub async fn sweep(&self) -> Result<Swept, UploadError> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        loop {
            let removed = match self.store.transact(move |tx| remove_expired(tx, now)).await {
                Ok(removed) => removed,
                // The files are what fills the disk; they go, and their rows when there is room for writing that down.
                Err(StoreError::DiskFull(_)) => break,
                Err(error) => return Err(error.into()),
            };
            swept.expired += removed;
            if removed < ROWS_AT_ONCE {
                break;
            }
        }
        let photos = self.photos.clone();
        for name in blocking(move || photos.uploads()).await? {
            if self.is_useless(&name, now).await? {
                if let Ok(id) = name.parse() {
                    self.begun_here().remove(&id);
                }
                let photos = self.photos.clone();
                blocking(move || photos.remove_upload(&name)).await?;
                swept.files += 1;
            }
        }
        if swept != Swept::default() {
            tracing::info!(swept.expired, swept.files, "unfinished uploads were cleared away");
        }
        Ok(swept)
    }

    /// Whether no upload can go on with the file `name`: it has no row, or expired, or its slot takes nothing any more.
    async fn is_useless(&self, name: &str, now: Moment) -> Result<bool, StoreError> {
        let Ok(id) = name.parse::<UploadId>() else {
            return Ok(true);
        };
        self.store
            .read(move |view| {
                let Some(upload) = view.get::<UploadRows>(&id)? else {
                    return Ok(true);
                };
                if upload.is_expired(now) {
                    return Ok(true);
                }
                let submission = view.get::<Submissions>(&upload.submission)?;
                Ok(submission.is_none_or(|submission| {
                    let slot = submission.slot(upload.sha256);
                    submission.state == SubmissionState::Withdrawn || slot.is_none_or(PhotoSlot::is_stored)
                }))
            })
            .await
    }
}

fn remove_expired(tx: &mut crate::store::Transaction<'_>, now: Moment) -> Result<usize, StoreError> {
    let until = now.plus_millis(1);
    let expired: Vec<(Moment, UploadId)> = tx
        .keys::<UploadsByExpiry>(Range::all().until(&until))
        .take(ROWS_AT_ONCE)
        .collect::<Result<_, _>>()?;
    for (at, id) in &expired {
        remove_rows(tx, *id)?;
        tx.remove::<UploadsByExpiry>(&(*at, *id));
    }
    Ok(expired.len())
}
