//! Claims: a verifier says "I am at this one", so that no two work on the same record unknowingly.
//!
//! Invariant: a claim ends by itself.
//! Refuses: to stand in anybody's way; what decides between two decisions is the version they judged.

use super::{DeviceId, Moment, UserId};

/// Who is at work on a submission, and until when unless they say so again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub holder: UserId,
    /// Their name.
    pub name: String,
    /// In which session: one person with two windows is told as well.
    pub device: DeviceId,
    /// Until when.
    pub until: Moment,
}
