//! Work that is done after the answer.
//!
//! Invariant: the row of a job is written in the batch that makes it necessary, and goes in the batch that did it.
//! Refuses: work that would do harm when it is done twice.

use serde::{Deserialize, Serialize};

use super::{Moment, Sha256, SubmissionId};

/// A submission that waits for its automatic checks; the key says which and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckJob {
    /// Since when.
    pub since: Moment,
    /// How often it was tried and failed.
    pub failures: u32,
}

/// The rules and the boundary layer under which whatever waits for a person was checked, or is being checked anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedRules {
    /// Differs when one of them does.
    pub fingerprint: Sha256,
    /// How far that has come.
    pub progress: RenewalProgress,
}

/// How far the checking anew has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RenewalProgress {
    /// Up to this place of the queue.
    UpTo(Moment, SubmissionId),
    /// All of it waits for its checks, or had them.
    Done,
}
