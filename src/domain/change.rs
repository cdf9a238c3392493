//! Changes that open pages want to hear of.
//!
//! Invariant: a change of a record is announced only after it is on disk; claims are never on disk.
//! Refuses: to carry the record itself; a page asks for what it may see.

use super::{AssignmentId, Cell, Claim, CommuneCode, SubmissionId, SubmissionState, UserId};

/// Something that a board or a queue shows has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The figures of a cell.
    Completion {
        /// The commune.
        commune: CommuneCode,
        /// The column.
        cell: Cell,
        /// The assignment that moved.
        assignment: AssignmentId,
        /// Who answers for it.
        assignee: Option<UserId>,
    },
    /// A submission entered, left or moved in the queue.
    Queue {
        /// The submission.
        submission: SubmissionId,
        /// Where it stands now.
        state: SubmissionState,
        /// Its commune.
        commune: CommuneCode,
        /// Its column.
        cell: Cell,
        /// Who sent it.
        submitter: UserId,
    },
    /// A verifier began or stopped working on a submission.
    Claim {
        /// The submission.
        submission: SubmissionId,
        /// Who works on it now.
        claim: Option<Claim>,
    },
}
