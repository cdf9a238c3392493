//! What goes over the wire, as the asking side needs it.
//!
//! Invariant: members that a newer server adds are passed over, so an older client keeps working.
//! Refuses: nothing that the specification allows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{
    AssignmentId, AssignmentState, Cell, CommuneCode, CommuneKind, Day, Decision, Moment, RejectReason, Role,
    Sha256, SubmissionId, SubmissionState, UserId,
};

/// What whoever comes in is handed.
#[derive(Clone, Deserialize)]
pub struct SessionTokens {
    /// For the `Authorization` header.
    pub access_token: String,
    /// Life of the access token, seconds.
    pub expires_in: u64,
    /// Good once.
    pub refresh_token: String,
    /// Who came in.
    pub user: Me,
    /// This session is good for nothing but setting up one-time codes.
    #[serde(default)]
    pub totp_setup_required: bool,
}

// Tokens open doors, so they do not show themselves.
impl std::fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionTokens")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Who one is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Me {
    /// The account.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its commune, for roles of a commune.
    pub commune: Option<CommuneCode>,
}

/// An account to be made.
#[derive(Clone, Serialize)]
pub struct NewUser {
    /// Its id; makes a repeat harmless.
    pub id: Uuid,
    /// The name to log in with.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its commune, for roles of a commune.
    pub commune: Option<CommuneCode>,
    /// Its password; without one it opens by enrolment only.
    pub password: Option<String>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to log in with.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its commune, for roles of a commune.
    pub commune: Option<CommuneCode>,
}

/// A one-time code for a phone.
#[derive(Clone, Deserialize)]
pub struct Invitation {
    /// Twelve digits in fours.
    pub code: String,
    /// Until when it is good.
    pub expires_at: Moment,
    /// The same as a link.
    pub url: String,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A campaign, as far as this side needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct CampaignSummary {
    /// Its id.
    pub id: String,
    /// Whether the installation is a demo.
    #[serde(default)]
    pub demo: bool,
}

/// One page of a list.
#[derive(Debug, Clone, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins.
    #[serde(default = "Option::default")]
    pub next: Option<String>,
}

/// A place in WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Latitude.
    pub lat: f64,
    /// Longitude.
    pub lon: f64,
}

/// An assignment to be.
#[derive(Debug, Clone, Serialize)]
pub struct NewAssignment {
    /// Its id; makes a repeat harmless.
    pub id: AssignmentId,
    /// Its commune.
    pub commune: CommuneCode,
    /// Its village.
    pub village: String,
    /// The place's name.
    pub place: String,
    /// What has to be shown.
    pub cell: Cell,
    /// The last day.
    pub due: Day,
    /// Who answers for it.
    pub assignee: Option<UserId>,
    /// Where it is expected.
    pub location: Option<Place>,
    /// How many are expected to sign (commitments).
    pub expected_signers: Option<u32>,
}

/// An assignment.
#[derive(Debug, Clone, Deserialize)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Its commune.
    pub commune: CommuneCode,
    /// Its village.
    pub village: String,
    /// The place's name.
    pub place: String,
    /// What has to be shown.
    pub cell: Cell,
    /// The last day.
    pub due: Day,
    /// Who answers for it.
    pub assignee: Option<UserId>,
    /// Where it is expected.
    pub location: Option<Place>,
    /// How many are expected to sign (commitments).
    pub expected_signers: Option<u32>,
    /// Where it stands.
    pub state: AssignmentState,
}

/// What a table did to the plan.
#[derive(Debug, Clone, Deserialize)]
pub struct ImportReport {
    /// Lines that stand for an assignment.
    pub rows: usize,
    /// New assignments.
    pub created: usize,
    /// Changed ones.
    pub updated: usize,
    /// Those that are as the table says.
    pub unchanged: usize,
}

/// What a phone reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The assignment it is for.
    pub assignment_id: AssignmentId,
    /// When the first picture was taken.
    pub captured_at: Moment,
    /// Where; `None` when the phone could not tell.
    pub location: Option<ReportLocation>,
    /// The sender's words.
    pub note: Option<String>,
    /// Head count of a signed sheet.
    pub signed_count: Option<u32>,
    /// Its pictures, 1 to 5.
    pub photos: Vec<PhotoAnnouncement>,
    /// The sending program.
    pub client: crate::domain::ClientApp,
}

/// A report as it goes out: with the sender's clock at that moment, so that the server can hold it against its own. A
/// repeat says the same with another clock.
#[derive(Debug, Serialize)]
pub(super) struct SentReport<'a> {
    assignment_id: AssignmentId,
    captured_at: Moment,
    location: Option<ReportLocation>,
    note: Option<&'a str>,
    signed_count: Option<u32>,
    photos: &'a [PhotoAnnouncement],
    client: SendingClient<'a>,
}

#[derive(Debug, Serialize)]
struct SendingClient<'a> {
    app: &'a str,
    version: &'a str,
    clock: Moment,
}

impl Report {
    /// This report as it goes out when the clock shows `clock`.
    pub(super) fn as_sent(&self, clock: Moment) -> SentReport<'_> {
        SentReport {
            assignment_id: self.assignment_id,
            captured_at: self.captured_at,
            location: self.location,
            note: self.note.as_deref(),
            signed_count: self.signed_count,
            photos: &self.photos,
            client: SendingClient {
                app: &self.client.app,
                version: &self.client.version,
                clock,
            },
        }
    }
}

/// Where a phone says it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReportLocation {
    /// Latitude, WGS 84 degrees.
    pub lat: f64,
    /// Longitude, WGS 84 degrees.
    pub lon: f64,
    /// Radius of confidence, metres.
    pub accuracy_m: f64,
}

/// A picture that will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PhotoAnnouncement {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A submission as it stands.
#[derive(Debug, Clone, Deserialize)]
pub struct Submission {
    /// The sender's id for it.
    pub id: SubmissionId,
    /// The assignment it is for.
    pub assignment_id: AssignmentId,
    /// The commune.
    pub commune: CommuneCode,
    /// The cell.
    pub cell: Cell,
    /// Where it stands.
    pub state: SubmissionState,
    /// Its pictures.
    pub photos: Vec<Photo>,
    /// Pictures that have not arrived.
    pub missing: Vec<Sha256>,
    /// Counts changes; a review names the version it judged.
    pub version: u32,
    /// The server's signed word, once it is whole.
    #[serde(default)]
    pub receipt: Option<String>,
}

/// One picture of a submission.
#[derive(Debug, Clone, Deserialize)]
pub struct Photo {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub bytes: u64,
    /// Whether it has arrived.
    pub stored: bool,
}

/// A decision on one submission.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// The submission.
    pub submission: SubmissionId,
    /// The decision.
    pub decision: Decision,
    /// Needed to reject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectReason>,
    /// Words for the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The version that was judged.
    pub version: u32,
}

/// How one of many decisions ended.
#[derive(Debug, Clone, Deserialize)]
pub struct ReviewOutcome {
    /// The submission.
    pub submission_id: SubmissionId,
    /// The status that this decision alone would have had.
    pub status: u16,
}

/// The board.
#[derive(Debug, Clone, Deserialize)]
pub struct Completion {
    /// When it was true.
    pub as_of: Moment,
    /// The campaign's id.
    pub campaign: String,
    /// By cell key, and `all`.
    pub totals: BTreeMap<String, CellFigures>,
    /// One row for each commune.
    pub communes: Vec<CommuneCompletion>,
}

/// One row of the board.
#[derive(Debug, Clone, Deserialize)]
pub struct CommuneCompletion {
    /// The commune's code.
    pub code: CommuneCode,
    /// Its name without its kind.
    pub name: String,
    /// xã or phường.
    pub kind: CommuneKind,
    /// By cell key.
    pub cells: BTreeMap<String, CellFigures>,
    /// Over all cells.
    pub all: CellFigures,
}

/// The figures of a cell, a row or everything.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
pub struct CellFigures {
    /// All that is in the plan.
    pub planned: u64,
    /// Nothing has come.
    pub open: u64,
    /// Half of it has come.
    pub arriving: u64,
    /// Somebody has to decide.
    pub pending: u64,
    /// It was sent back.
    pub returned: u64,
    /// It counts.
    pub verified: u64,
    /// Due day over and not verified.
    pub overdue: u64,
    /// Verified, taken after the due day.
    pub late: u64,
    /// `verified / planned`, one decimal; `None` when nothing is planned.
    pub percent: Option<f64>,
}
