//! Submissions: what a phone sends for one assignment, and the steps its state may take.
//!
//! Invariant: the state changes only through [`SubmissionState::after`]; a submission is `incomplete` exactly as long
//! as one of its picture slots is empty (or it was withdrawn before).
//! Refuses: to count; completion is derived in `completion`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AssignmentId, Cell, CommuneCode, DeviceId, Location, Moment, Sha256, SubmissionId, UserId, Verdict,
    Warned,
};

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// The record is here, a picture is still missing.
    Incomplete,
    /// Whole; waits for a person.
    Pending,
    /// A person said it counts.
    Verified,
    /// A person sent it back.
    Rejected,
    /// Its sender took it back.
    Withdrawn,
}

/// What may happen to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The last missing picture arrived.
    Complete,
    /// A verifier said yes.
    Verify,
    /// A verifier said no.
    Reject,
    /// A verifier took a decision back.
    Reopen,
    /// The sender took it back.
    Withdraw,
}

/// A step that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{step:?} is no legal step of a submission that is {state}")]
pub struct IllegalStep {
    /// The state it was tried in.
    pub state: SubmissionState,
    /// What was tried.
    pub step: Step,
}

impl SubmissionState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Incomplete,
        Self::Pending,
        Self::Verified,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// The state after `step`: the only door from one state to another.
    pub const fn after(self, step: Step) -> Result<Self, IllegalStep> {
        match (self, step) {
            (Self::Incomplete, Step::Complete) | (Self::Verified | Self::Rejected, Step::Reopen) => {
                Ok(Self::Pending)
            }
            (Self::Pending, Step::Verify) => Ok(Self::Verified),
            (Self::Pending, Step::Reject) => Ok(Self::Rejected),
            (Self::Incomplete | Self::Pending, Step::Withdraw) => Ok(Self::Withdrawn),
            (state, step) => Err(IllegalStep { state, step }),
        }
    }

    /// The number under which stored keys hold this state; never reused.
    pub const fn number(self) -> u8 {
        match self {
            Self::Incomplete => 1,
            Self::Pending => 2,
            Self::Verified => 3,
            Self::Rejected => 4,
            Self::Withdrawn => 5,
        }
    }

    /// The state stored under `number`.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for SubmissionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SubmissionState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(())
    }
}

/// The program on the phone that sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientApp {
    /// Name of the program.
    pub app: String,
    /// Its version.
    pub version: String,
}

/// What the sender reports; the content that makes a repeat exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The assignment it is for.
    pub assignment: AssignmentId,
    /// When the first picture was taken, by the phone's clock.
    pub captured_at: Moment,
    /// Where the phone was; absent when it could not tell.
    pub location: Option<Location>,
    /// The sender's words.
    pub note: Option<String>,
    /// Head count of a signed sheet.
    pub signed_count: Option<u32>,
}

/// One picture that belongs to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoSlot {
    /// SHA-256 of the original bytes.
    pub sha256: Sha256,
    /// Length of the original in bytes.
    pub bytes: u64,
    /// Upright width in pixels; `None` until the picture is here.
    pub width: Option<u32>,
    /// Upright height in pixels; `None` until the picture is here.
    pub height: Option<u32>,
}

impl PhotoSlot {
    /// Whether the picture is on disk here.
    pub const fn is_stored(&self) -> bool {
        self.width.is_some()
    }
}

/// Something out of the ordinary about how a submission came, shown to those who review it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The assignment had been cancelled when this arrived.
    AssignmentCancelled,
    /// The assignment had been given to somebody else when this arrived.
    AssignmentReassigned,
    /// The assignment is a proposal that no commune officer has accepted yet.
    AssignmentProposed,
}

/// The server's signature that everything arrived; the signed text is rebuilt from the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptSeal {
    /// Id of the signing key.
    pub key_id: String,
    /// Ed25519 signature over the compact JWS signing input, base64url.
    pub signature: String,
}

/// One submission as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The phone's id for it.
    pub id: SubmissionId,
    /// What the sender reports.
    pub report: Report,
    /// The assignment's commune (follows the assignment when the plan changes).
    pub commune: CommuneCode,
    /// The assignment's cell (follows the assignment when the plan changes).
    pub cell: Cell,
    /// Who sent it.
    pub submitter: UserId,
    /// From which phone.
    pub device: Option<DeviceId>,
    /// Where it stands.
    pub state: SubmissionState,
    /// When what is here arrived: the record while incomplete, the last picture once whole.
    pub received_at: Moment,
    /// One to five slots, in the sender's order.
    pub photos: Vec<PhotoSlot>,
    /// The sending program.
    pub client: Option<ClientApp>,
    /// What was out of the ordinary.
    pub marks: Vec<Mark>,
    /// The last decision that stands, with who and when.
    pub decision: Option<(UserId, Moment, Verdict)>,
    /// Present since the last picture arrived.
    pub receipt: Option<ReceiptSeal>,
    /// How far the phone's clock was ahead of the server's when it sent, seconds; none when it did not say.
    pub phone_ahead_s: Option<i64>,
    /// 0 to 100; the sum of weighted warnings.
    pub risk: u8,
    /// Which checks warn.
    pub warned: Warned,
    /// Counts changes; a review names the version it judged.
    pub version: u32,
}

impl Submission {
    /// The pictures that have not arrived.
    pub fn missing(&self) -> impl Iterator<Item = Sha256> + '_ {
        self.photos
            .iter()
            .filter(|slot| !slot.is_stored())
            .map(|slot| slot.sha256)
    }

    /// The slot of the picture with this hash.
    pub fn slot(&self, sha256: Sha256) -> Option<&PhotoSlot> {
        self.photos.iter().find(|slot| slot.sha256 == sha256)
    }
}

/// A list that is kept in more than one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueList {
    /// All submissions.
    All,
    /// Those of a cell.
    Cell(Cell),
    /// Those of a commune.
    Commune(CommuneCode),
}

impl QueueList {
    /// The lists that `submission` belongs to.
    pub const fn of(submission: &Submission) -> [Self; 3] {
        [
            Self::All,
            Self::Cell(submission.cell),
            Self::Commune(submission.commune),
        ]
    }
}

/// One change of a submission's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// When.
    pub at: Moment,
    /// Who; `None` is the server itself.
    pub by: Option<UserId>,
    /// The state before; `None` for the first.
    pub from: Option<SubmissionState>,
    /// The state after.
    pub to: SubmissionState,
    /// The verdict, where a person decided.
    pub verdict: Option<Verdict>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 5] = [
        Step::Complete,
        Step::Verify,
        Step::Reject,
        Step::Reopen,
        Step::Withdraw,
    ];

    #[test]
    fn only_the_seven_steps_of_the_contract_are_legal() {
        let legal = SubmissionState::ALL
            .iter()
            .flat_map(|state| STEPS.iter().map(move |step| state.after(*step)))
            .flatten()
            .count();
        assert_eq!(legal, 7);
        assert_eq!(
            SubmissionState::Incomplete.after(Step::Complete),
            Ok(SubmissionState::Pending)
        );
        assert!(SubmissionState::Incomplete.after(Step::Verify).is_err());
        assert!(SubmissionState::Verified.after(Step::Withdraw).is_err());
        assert!(
            STEPS
                .iter()
                .all(|step| SubmissionState::Withdrawn.after(*step).is_err())
        );
    }

    #[test]
    fn a_state_keeps_its_stored_number() {
        let numbers: Vec<u8> = SubmissionState::ALL.iter().map(|state| state.number()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert!(
            SubmissionState::ALL
                .iter()
                .all(|s| SubmissionState::from_number(s.number()) == Some(*s))
        );
    }
}
