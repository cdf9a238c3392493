//! Work that is done after the answer.
//!
//! Invariant: the row of a job is written in the batch that makes it necessary, and goes in the batch that did it.
//! Refuses: work that would do harm when it is done twice.

use serde::{Deserialize, Serialize};

use super::Moment;

/// A submission that waits for its automatic checks; the key says which and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckJob {
    /// Since when.
    pub since: Moment,
    /// How often it was tried and failed.
    pub failures: u32,
}
