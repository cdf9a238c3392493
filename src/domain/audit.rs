//! The audit log's entries: who did what to what, chained by hashes.
//!
//! Invariant: an entry's hash covers every field and the hash before it.
//! Refuses: contents of tips, passwords, tokens and codes.

use serde::{Deserialize, Serialize};

use super::{Moment, UserId};

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Moment,
    /// Who; `None` is the server itself or the operator at the command line.
    pub by: Option<UserId>,
    /// What was done, such as `submission.verified`.
    pub action: String,
    /// To what, such as `submission/0197…`.
    pub subject: String,
    /// The figures of it, as JSON text.
    pub detail: String,
    /// Hash of the entry before; zeros for the first.
    pub previous: [u8; 32],
    /// SHA-256 over all of the above.
    pub hash: [u8; 32],
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// How many entries there are.
    pub length: u64,
    /// The hash of the last one.
    pub hash: [u8; 32],
}
