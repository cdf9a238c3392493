//! Reviews: a person's decision on a submission.
//!
//! Invariant: a rejection always carries a reason, and the reason `other` always carries words.
//! Refuses: to decide anything by itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::submission::Step;

/// What a verifier decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It counts.
    Verify,
    /// It goes back with a reason.
    Reject,
    /// An earlier decision is taken back.
    Reopen,
}

/// Why evidence goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// The picture shows another place.
    WrongPlace,
    /// The banner is not up.
    NotInstalled,
    /// It cannot be read.
    Unreadable,
    /// The text differs from the plan.
    WrongText,
    /// The size differs from the plan.
    WrongSize,
    /// The picture served elsewhere before.
    ReusedPhoto,
    /// The sheet has no signatures.
    Unsigned,
    /// Something else, said in the comment.
    Other,
}

/// A decision with what has to go with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It counts; the comment is free.
    Verify {
        /// Words for the sender or colleagues.
        comment: Option<String>,
    },
    /// It goes back.
    Reject {
        /// Why.
        reason: RejectReason,
        /// Words for the sender; present when the reason is `other`.
        comment: Option<String>,
    },
    /// Back to pending.
    Reopen {
        /// Why it was opened again.
        comment: Option<String>,
    },
}

/// A decision that lacks what has to go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReview {
    /// A rejection without a reason.
    #[error("a rejection needs a reason")]
    ReasonMissing,
    /// The reason `other` without words.
    #[error("the reason `other` needs a comment")]
    CommentMissing,
    /// A reason on a decision that takes none.
    #[error("only a rejection has a reason")]
    ReasonNotAllowed,
}

impl Verdict {
    /// The verdict made of the three fields of a review as they came.
    pub fn new(
        decision: Decision,
        reason: Option<RejectReason>,
        comment: Option<String>,
    ) -> Result<Self, InvalidReview> {
        let comment = comment.filter(|words| !words.trim().is_empty());
        match (decision, reason) {
            (Decision::Reject, None) => Err(InvalidReview::ReasonMissing),
            (Decision::Reject, Some(RejectReason::Other)) if comment.is_none() => {
                Err(InvalidReview::CommentMissing)
            }
            (Decision::Reject, Some(reason)) => Ok(Self::Reject { reason, comment }),
            (_, Some(_)) => Err(InvalidReview::ReasonNotAllowed),
            (Decision::Verify, None) => Ok(Self::Verify { comment }),
            (Decision::Reopen, None) => Ok(Self::Reopen { comment }),
        }
    }

    /// The decision alone.
    pub const fn decision(&self) -> Decision {
        match self {
            Self::Verify { .. } => Decision::Verify,
            Self::Reject { .. } => Decision::Reject,
            Self::Reopen { .. } => Decision::Reopen,
        }
    }

    /// The reason of a rejection.
    pub const fn reason(&self) -> Option<RejectReason> {
        match self {
            Self::Reject { reason, .. } => Some(*reason),
            Self::Verify { .. } | Self::Reopen { .. } => None,
        }
    }

    /// The words that go with it.
    pub fn comment(&self) -> Option<&str> {
        match self {
            Self::Verify { comment } | Self::Reject { comment, .. } | Self::Reopen { comment } => {
                comment.as_deref()
            }
        }
    }

    /// The step of the submission's state that this verdict asks for.
    pub const fn step(&self) -> Step {
        match self {
            Self::Verify { .. } => Step::Verify,
            Self::Reject { .. } => Step::Reject,
            Self::Reopen { .. } => Step::Reopen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_without_reason_or_an_other_without_words_is_no_verdict() {
        assert_eq!(
            Verdict::new(Decision::Reject, None, None),
            Err(InvalidReview::ReasonMissing)
        );
        let blank = Some("  ".to_owned());
        let other = Some(RejectReason::Other);
        assert_eq!(
            Verdict::new(Decision::Reject, other, blank),
            Err(InvalidReview::CommentMissing)
        );
        assert_eq!(
            Verdict::new(Decision::Verify, other, None),
            Err(InvalidReview::ReasonNotAllowed)
        );
        assert!(Verdict::new(Decision::Reject, Some(RejectReason::WrongPlace), None).is_ok());
    }
}
