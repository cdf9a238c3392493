//! Assignments: one place where one thing must be shown, and how its state follows from its evidence.
//!
//! Invariant: the state is never set, it is derived from the tenure and the live submissions.
//! Refuses: to forget former assignees, whose phones may still hold unsent evidence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AssignmentId, Cell, CommuneCode, Day, Moment, Point, Submission, SubmissionState, UserId};

/// Whether an assignment counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tenure {
    /// A village head found the place; it counts once a commune officer accepts it.
    Proposed,
    /// Part of the plan.
    Planned,
    /// Taken out of the plan; its evidence is kept.
    Cancelled,
}

/// Where an assignment stands: the best of its live submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentState {
    /// Nothing has come.
    Open,
    /// A submission is half here.
    Arriving,
    /// A submission waits for a person.
    Pending,
    /// The evidence was sent back.
    Returned,
    /// Shown and accepted.
    Verified,
    /// Not in the plan yet.
    Proposed,
    /// No longer in the plan.
    Cancelled,
}

impl AssignmentState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Arriving,
        Self::Pending,
        Self::Returned,
        Self::Verified,
        Self::Proposed,
        Self::Cancelled,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Arriving => "arriving",
            Self::Pending => "pending",
            Self::Returned => "returned",
            Self::Verified => "verified",
            Self::Proposed => "proposed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for AssignmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AssignmentState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(())
    }
}

/// What counts about one submission when its assignment is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The submission's state.
    pub state: SubmissionState,
    /// The day of the picture, by the phone's clock.
    pub captured_on: Day,
    /// The day of the decision that stands.
    pub decided_on: Option<Day>,
    /// Head count of a signed sheet.
    pub signed_count: Option<u32>,
}

impl Standing {
    /// What counts about `submission`.
    pub fn of(submission: &Submission) -> Self {
        Self {
            state: submission.state,
            captured_on: submission.report.captured_at.day(),
            decided_on: submission.decision.as_ref().map(|(_, at, _)| at.day()),
            signed_count: submission.report.signed_count,
        }
    }
}

/// One assignment as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// The commune it lies in.
    pub commune: CommuneCode,
    /// The village inside the commune, free text.
    pub village: String,
    /// The place's name.
    pub place: String,
    /// What has to be shown there.
    pub cell: Cell,
    /// The last day.
    pub due: Day,
    /// Who answers for it.
    pub assignee: Option<UserId>,
    /// Who answered for it before; their unsent evidence is still accepted.
    pub former_assignees: Vec<UserId>,
    /// Where it is expected.
    pub location: Option<Point>,
    /// How many people are expected to sign (commitments).
    pub expected_signers: Option<u32>,
    /// The planner's words.
    pub note: Option<String>,
    /// Whether it counts.
    pub tenure: Tenure,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Moment,
    /// Derived from tenure and evidence; kept beside them so that lists need no second look.
    pub state: AssignmentState,
    /// Counts changes of the plan (not of the evidence); `If-Match` names it.
    pub version: u32,
}

impl Assignment {
    /// The state that follows from the tenure and `standings`, the standings of all its submissions.
    pub fn derive_state(tenure: Tenure, standings: &[Standing]) -> AssignmentState {
        match tenure {
            Tenure::Proposed => return AssignmentState::Proposed,
            Tenure::Cancelled => return AssignmentState::Cancelled,
            Tenure::Planned => {}
        }
        let any = |state| standings.iter().any(|standing| standing.state == state);
        if any(SubmissionState::Verified) {
            AssignmentState::Verified
        } else if any(SubmissionState::Pending) {
            AssignmentState::Pending
        } else if any(SubmissionState::Incomplete) {
            AssignmentState::Arriving
        } else if any(SubmissionState::Rejected) {
            // Withdrawn ones are not live, so whatever is left, and with it the latest, was rejected.
            AssignmentState::Returned
        } else {
            AssignmentState::Open
        }
    }
}
