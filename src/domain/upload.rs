//! Resumable uploads: a picture that comes in pieces, over as many connections as it takes.
//!
//! Invariant: an upload belongs to one slot of its owner's submission. How much of it is here is the length of its
//! file, and whether it has ended is told by the slot; neither is written down twice.
//! Refuses: to outlive its expiry.

use serde::{Deserialize, Serialize};

use super::{Moment, Sha256, SubmissionId, UserId};

/// One resumable upload as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The submission whose slot it fills.
    pub submission: SubmissionId,
    /// The slot: SHA-256 of the whole picture.
    pub sha256: Sha256,
    /// Length of the whole picture in bytes.
    pub bytes: u64,
    /// Who may send it: the submission's sender.
    pub owner: UserId,
    /// When it was begun.
    pub created_at: Moment,
    /// From when on it is gone.
    pub expires_at: Moment,
}

impl Upload {
    /// Whether it is gone at `now`.
    pub fn is_expired(&self, now: Moment) -> bool {
        self.expires_at <= now
    }
}
