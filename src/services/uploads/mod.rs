//! Resumable uploads: a picture arrives in pieces and, when whole, fills its slot exactly as one sent at once does.
//!
//! How much is here is the length of `incoming/<id>.tus`; whether the upload has ended is told by the slot. So there
//! is nothing that a crash between two writes could leave contradicting itself:
//!
//! | stops after | what is there | what the next request does |
//! |---|---|---|
//! | the row | a row, no file | begins at 0 |
//! | some bytes | the bytes that reached the file | goes on from its length |
//! | the last byte | the whole file, an empty slot | hashes it and fills the slot, also when it only asks (HEAD) |
//! | the shelf | a second name for the same file | fills the slot |
//! | the slot | a filled slot, a file too many | says complete; the file is removed |
//!
//! A piece is answered before it is synced. That is safe because nobody is told that a picture is stored until all of
//! it was hashed and synced: a power cut may shorten the file, a client asks for the offset before it goes on, and a
//! file that was damaged otherwise does not have its hash and begins again at 0. Only a picture of which this very process
//! received every byte is refused for its hash.
//!
//! Invariant: one request at a time works on an upload ([`desk`]), and a newer one ends an older one.
//! Refuses: a second upload for the same slot; whoever begins again is given the one that is there.

mod creation;
mod desk;
mod piece;
mod progress;
mod sweep;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use creation::NewUpload;
pub use piece::{Begun, Claim, Piece, Position};
pub use progress::Progress;
pub use sweep::Swept;

use self::desk::Desk;
use super::evidence::{Evidence, EvidenceError};
use crate::clock::Clock;
use crate::config::Limits;
use crate::domain::UploadId;
use crate::photos::Photos;
use crate::store::{Store, StoreError};

/// How long a newer request waits for an older one to let go. An older one lets go at once unless the disk keeps it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why an upload did not go on.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// There is no such upload, or it is not theirs.
    #[error("no such upload")]
    NotFound,
    /// It has expired; begin a new one.
    #[error("the upload has expired")]
    Expired,
    /// The piece does not begin where the upload ends.
    #[error("the upload stands at {offset}")]
    OffsetDiffers {
        /// Where it stands.
        offset: u64,
    },
    /// More bytes than were announced; nothing of this piece was kept.
    #[error("more than the announced {bytes} bytes")]
    BeyondLength {
        /// The announced length.
        bytes: u64,
    },
    /// The piece does not have its checksum; nothing of it was kept.
    #[error("the piece does not have its checksum")]
    ChecksumDiffers,
    /// An older request does not let go of it, or a newer one took it over.
    #[error("another request works on the upload")]
    Locked,
    /// The evidence does not take it.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        Self::Evidence(error.into())
    }
}

/// The resumable uploads of one campaign.
#[derive(Debug, Clone)]
pub struct Uploads {
    evidence: Evidence,
    store: Store,
    photos: Photos,
    clock: Clock,
    desk: Desk,
    /// Uploads of which this process has received every byte. What an earlier one received may have suffered in a power
    /// cut, since the pieces of an upload are not synced one by one.
    begun_here: Arc<Mutex<HashSet<UploadId>>>,
    expires_ms: i64,
}

impl Uploads {
    /// The uploads in `store` and `photos` whose pictures go to `evidence`.
    pub fn new(evidence: Evidence, store: Store, photos: Photos, clock: Clock, limits: &Limits) -> Self {
        let expires_ms = limits.upload_expires_s.saturating_mul(1000);
        Self {
            evidence,
            store,
            photos,
            clock,
            desk: Desk::default(),
            begun_here: Arc::default(),
            expires_ms: i64::try_from(expires_ms).unwrap_or(i64::MAX),
        }
    }

    /// The longest upload, in bytes.
    pub const fn max_bytes(&self) -> u64 {
        self.evidence.max_picture_bytes()
    }

    fn begun_here(&self) -> MutexGuard<'_, HashSet<UploadId>> {
        self.begun_here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn turn(&self, id: UploadId) -> Result<Arc<desk::Turn>, UploadError> {
        let turn = self.desk.take(id, PATIENCE).await.ok_or(UploadError::Locked)?;
        Ok(Arc::new(turn))
    }
}
